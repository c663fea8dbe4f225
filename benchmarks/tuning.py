"""What it costs to have few customers singled out: rules of `inspect`, of two packs, and tuned.

    python benchmarks/tuning.py FOLDER

FOLDER holds `online_retail.parquet` (UCI Online Retail, CC BY 4.0). All rules answer the same
queries: those that `tune_rules` asks of the rules that `inspect` proposes. The tuned rules are
masked and audited like any others.
"""

import argparse
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from anonymizer import RuleSource, Tuning, anonymize, audit, inspect, load_rules, tune_rules
from anonymizer.checks.attacks.knowledge import as_seen
from anonymizer.checks.attacks.unicity import unicity

KEY = "a key for benchmarks only: 7f3a91c5e2"
NAMES = {
    "CustomerID": "customer_id",
    "InvoiceNo": "order_id",
    "InvoiceDate": "order_time",
    "StockCode": "item",
    "Description": "description",
    "Quantity": "quantity",
    "UnitPrice": "unit_price",
    "Country": "country",
}
# What an analyst of the assortment asks, by quarter; nothing of amounts.
ITEMS = {
    "people by quarter": "SELECT CONCAT(DATE_PART('year', order_time), '-', "
    "DATE_PART('quarter', order_time)) AS quarter, COUNT(DISTINCT customer_id) AS people "
    "FROM events GROUP BY quarter",
    "best-sellers": "SELECT item FROM events GROUP BY item "
    "ORDER BY COUNT(DISTINCT customer_id) DESC, item LIMIT 50",
    "events by item": "SELECT item, COUNT(*) AS events FROM events GROUP BY item",
}


def audited(raw: pl.DataFrame, masked: pl.DataFrame) -> Iterator[float]:
    """Singled out by four events: by their day and item, by all of an event; by nearest record."""
    kept = [column for column in ("order_time", "item") if column in masked.columns]
    yield unicity(as_seen(masked, kept, "customer_id"), "customer_id", kept, [4])[0].share.value
    figures = audit(raw=raw, masked=masked, entity="customer_id").figures
    for name in ("unicity", "linkage"):
        yield figures[name].estimate.value


def measured(name: str, raw: pl.DataFrame, rules: RuleSource, **options: Any) -> Tuning:
    """Search, mask by what was found, audit that, and print a row and what stands behind it."""
    start = time.process_time()
    found = tune_rules(raw, rules, **options)
    seconds = time.process_time() - start
    after = found.after
    shares = [after.risk.value, *audited(raw, anonymize(raw, found.rules, key=KEY))]
    shown = " | ".join(f"{share:.1%}" for share in shares)
    print(f"| {name} | {shown} | {after.utility:.2f} | {seconds:.0f} s |")
    print("   ", "; ".join(after.changes) or "no change")
    print("   ", ", ".join(f"{asked} {kept:.2f}" for asked, kept in after.answers.items()))
    print(flush=True)
    return found


def main() -> None:
    """All rules, and the way between them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    raw = pl.read_parquet(folder / "online_retail.parquet").drop_nulls("CustomerID").rename(NAMES)
    proposed = inspect(raw).rules()
    print("| rules | search | day, item | all of an event | nearest record | answers kept | CPU |")
    tuned = measured("proposed by `inspect`, tuned to 5 %", raw, proposed)
    asked = dict(tuned.queries)
    measured("proposed by `inspect`", raw, proposed, target=1, queries=asked)
    for pack in ("ecommerce", "ecommerce_strict"):
        rules = replace(load_rules(pack), missing="ignore")
        measured(f"`{pack}`", raw, rules, target=1, queries=asked)
    measured("`ecommerce_strict`, items asked", raw, "ecommerce_strict", target=1, queries=ITEMS)
    measured("tuned, items asked", raw, proposed, queries=ITEMS)
    measured("tuned, items asked, 0.6 of each", raw, proposed, queries=ITEMS, least=0.6)
    print("trade-off of the first:")
    for trial in tuned.curve:
        print(f"  {trial.risk.value:6.1%}  {trial.utility:.2f}  {'; '.join(trial.changes)}")


if __name__ == "__main__":
    main()
