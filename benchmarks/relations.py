"""Which relations of tables are found, missed and false, and what the check makes of broken rows.

    python benchmarks/relations.py DATA [TABLE ...]

`EXPECTED` was written down before anything was run on a table: what is true of it, as whoever knows
the field, or made the table, would say. `|` separates ways to say the same. What is found besides
was looked at one by one: `ALSO_TRUE` holds what is true as well, all the rest counts as false.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl

from anonymizer.checks.figures.thresholds import judged
from anonymizer.checks.sets.compared_sets import ComparedSets
from anonymizer.checks.utility.rules import find_rules, rule_figures
from anonymizer.relations.search.discover import discover
from benchmarks import relation_tables as made


class Events(NamedTuple):
    """A table and the columns that say whose and when."""

    rows: pl.DataFrame
    entity: str | None
    time: str | None


def foodmart(data: Path) -> Events:
    """Sales joined with customers."""
    sales = pl.read_parquet(data / "foodmart_sales.parquet")
    customers = pl.read_parquet(data / "foodmart_customers.parquet").with_columns(
        pl.col("customer_id", "total_children", "num_children_at_home").cast(pl.Int64),
        pl.col("birthdate", "acct_open_date").str.to_date("%m/%d/%Y"),
    )
    return Events(sales.join(customers, on="customer_id"), "customer_id", "the_date")


def sparkov(data: Path) -> Events:
    """Card transactions joined with customers."""
    cards = pl.read_parquet(data / "sparkov_customers.parquet")
    rows = pl.read_parquet(data / "sparkov_transactions.parquet")
    joined = rows.join(cards.with_columns(pl.col("dob").str.to_date()), on="cc_num")
    return Events(joined, "cc_num", "trans_date_trans_time")


def file(name: str, entity: str | None, when: str | None) -> Callable[[Path], Events]:
    """A file as it is."""
    return lambda data: Events(pl.read_parquet(data / f"{name}.parquet"), entity, when)


TABLES: dict[str, Callable[[Path], Events]] = {
    "foodmart": foodmart,
    "online_retail": file("online_retail", "CustomerID", "InvoiceDate"),
    "sparkov": sparkov,
    "handbook": file("fraud_handbook", "CUSTOMER_ID", "TX_DATETIME"),
    "cdnow": file("cdnow", "customer_id", "date"),
    "beauty": file("beauty_ratings", "user", None),
    "postcodes": file("postcode_region", None, None),
    "febrl": file("febrl2", None, None),
    "stays": lambda _: Events(made.stays(), "patient", "admitted"),
    "subscriptions": lambda _: Events(made.subscriptions(), "user", "billed"),
    "deliveries": lambda _: Events(made.deliveries(), "customer", "ordered"),
    "accounts": lambda _: Events(made.accounts(), "owner", "booked"),
    "rentals": lambda _: Events(made.rentals(), "driver", "fetched"),
    "meters": lambda _: Events(made.meters(), "meter", "read_at"),
    "invoices": lambda _: Events(made.invoices(), "customer", "day"),
    "claims": lambda _: Events(made.claims(), "person", "day"),
}
HELD = {  # once per entity
    "foodmart": (
        "customer_id",
        (
            "first_name last_name customer_address customer_city customer_postal_code birthdate "
            "marital_status yearly_income gender total_children num_children_at_home education "
            "acct_open_date member_card occupation homeowner"
        ),
    ),
    "sparkov": ("cc_num", "first last city zip lat long job dob profile"),
    "stays": ("patient", "birth sex insurance"),
    "subscriptions": ("user", "country signed_up"),
    "accounts": ("owner", "branch opened currency limit"),
    "rentals": ("driver", "birth licence"),
    "invoices": ("customer", "kind zip joined"),
    "claims": ("person", "policy born start tariff"),
}  # fmt: skip
SOME = ": only some combinations"
EXPECTED: dict[str, list[str]] = {
    "foodmart": [
        "product_id → product_name", "product_name → product_id",
        "product_id → product_category|product_name → product_category",
        "customer_city → customer_state_province", "customer_id, the_date → store_id",
        f"customer_city × store_id{SOME}|store_id × customer_city{SOME}",
        "store_sales = unit_sales × f(product_id)", "num_children_at_home ≤ total_children",
        "customer_acct_num names customer_id",
    ],
    "online_retail": [
        "StockCode → Description", "Description → StockCode", "CustomerID → Country",
        "InvoiceNo is of one CustomerID", "InvoiceNo names CustomerID, InvoiceDate",
        "first letters of InvoiceNo → sign of Quantity",
        "InvoiceDate never falls on some weekdays", "InvoiceDate is in whole minutes",
    ],
    "sparkov": [
        "merchant → category", "first → gender", "profile → gender",
        "city, state → city_pop", "city → state",
        *(f"{c} names cc_num" for c in ("ssn", "acct_num", "street")),
    ],
    "handbook": ["TX_FRAUD_SCENARIO → TX_FRAUD|sign of TX_FRAUD_SCENARIO → TX_FRAUD"],
    "cdnow": ["date is in whole days"],
    "beauty": ["pos counts the rows of user", "item is unique within user"],
    "postcodes": [
        "country_code, state_code → state", "state → state_code", "province → state",
        "state is null → state_code is null",
    ],
    "febrl": ["rec_id is unique"],
    "stays": [
        "stay_id is unique", "diagnosis → chapter", "ward → clinic", f"chapter × ward{SOME}",
        "status → discharged is null", "status → sent_to is null",
        *(f"discharged is null → {c} is null" for c in
          ("days", "ward_charge", "extras", "total", "copay")),
        "ward_charge = days × f(ward)", "total = ward_charge + extras",
        "copay = total × f(insurance)", "days = days from admitted to discharged",
        "age = years from birth to admitted", "stay_no counts the rows of patient",
        "admitted < discharged", "admitted ≤ first_procedure",
    ],
    "subscriptions": [
        "invoice is unique", "country → currency", "country → vat_rate", "plan → tier",
        "plan → list_price", f"country × method{SOME}", f"plan × seats{SOME}",
        "net = list_price × seats", "net = discount + taxable", "gross = taxable + tax",
        "tax = vat_rate × taxable, rounded half up", "state → paid_on is null",
        "sign of month_no → sign of discount", "billed ≤ paid_on", "signed_up < billed",
        "year of billed → year", "month of billed → month", "billed is the first day of a month",
        "period_end is the last day of a month", "billed → period_end",
        "month_no counts the rows of user", "billed moves on by one step within user",
        "paid_so_far = paid_so_far before + gross", "user has one row at a time",
    ],
    "deliveries": [
        "order_id names customer, ordered", "sku → group", "sku → price", "group → hazardous",
        "zip → city", "city → depot", "first letters of order_id → sign of quantity",
        "amount = price × quantity", "kilos = magnitude of quantity × f(sku), rounded down",
        "ordered < promised", "ordered < delivered", "late says whether promised < delivered",
        "line counts the rows of order_id", "lines = number of rows within order_id",
        "order_total = sum of amount within order_id", "line ≤ lines", "order_id → fee",
        "order_id → zip", "order_id → promised", "order_id → delivered", "customer → zip",
        "order_no counts the visits of customer", "ordered never falls on some weekdays",
        "sku is unique within customer, ordered|sku is unique within order_id",
    ],
    "accounts": [
        "movement is unique", "branch → region", f"kind × way{SOME}", f"way × purpose{SOME}",
        f"kind × purpose{SOME}|kind × way × purpose{SOME}", "kind → sign of amount",
        "balance = before + amount|balance = amount + before", "before = balance before",
        "partner → partner_bank", "way → partner is null",
        "partner is null → partner_bank is null",
        "limit = floor × a constant|floor = limit × a constant",
        "card_fee = magnitude of amount × f(way)", "in_euro = magnitude of amount × f(currency)",
        "days_open = days from opened to booked", "opened ≤ booked", "booked ≤ valued",
        "sign of balance → overdrawn", "month of booked → quarter",
        "movement never falls within owner",
    ],
    "meters": [
        "reading is unique", "meter → model", "meter → district", "meter → tariff",
        "model → phases", "district → city", f"phases × tariff{SOME}|model × tariff{SOME}",
        "tariff → unit_price", "read_at is in whole hours",
        "read_at moves on by one step within meter", "meter has one row at a time",
        "count_after = count_before + used", "count_before = count_after before",
        "kwh = used × a constant|used = kwh × a constant",
        "cost = unit_price × kwh|cost = unit_price × kwh, rounded half up",
        "weekday of read_at → weekend", "hour of read_at → night",
        "fault → error is null", "checked_at is null → checked_by is null",
        "read_at < checked_at", "fahrenheit = celsius × 9 ÷ 5 + 32", "checked_by → team",
        "low ≤ high", "meter → installed", "number counts the rows of meter",
    ],
    "rentals": [
        "rental is unique", "model → class", f"class × fuel{SOME}|model × fuel{SOME}",
        "class → daily", "birth < licence", "fetched < returned",
        "km_after = km_before + km", "miles = km × a constant|km = miles × a constant",
        "base = daily × days",
        "price = base × (1 − percent ÷ 100)|price = base × (1 − percent ÷ 100), rounded half up",
        "one_way → surcharge is null", "one_way says whether station = station_back",
        "age = years from birth to fetched", "weekday of fetched → weekday",
        "days = days from fetched to returned", "fetched is in whole minutes",
        "returned is in whole minutes", "km_before ≤ km_after",
    ],
    "invoices": [
        "invoice names customer, day", "zip → town", "article → category", "category → vat",
        "article → price", "type → sign of quantity|first letters of invoice → sign of quantity",
        "first letters of invoice → type|type → first letters of invoice",
        "net = price × quantity", "tax = vat × net|tax = vat × net, rounded half up",
        "gross = net + tax", "goods = sum of gross within invoice",
        "total = goods + freight − discount|freight = discount + total − goods",
        "hectograms = magnitude of quantity × f(article), rounded up",
        "points = magnitude of total × a constant, rounded down",
        "due = day + f(kind)", "paid_on ≤ due", "line counts the rows of invoice",
        "no counts the visits of customer",
        "no_in_year counts the visits of customer, year of day",
        "months = months from joined to day", "joined ≤ day",
        "invoice → due|due = day + f(kind)", "invoice → paid_on",
        "spent_in_year = sum of total so far within customer, year of day",
        "article is unique within customer, day|article is unique within invoice",
    ],
    "claims": [
        "number is unique", "claim is unique|claim names person, day", "tariff → own",
        "tariff → share", "doctor → field", "code → field",
        f"field × code{SOME}|doctor × code{SOME}|code → field",
        "claim_no counts the rows of person", "first ≤ last", "last ≤ day|last < day",
        "days = calendar days from first to last + 1", "asked = cut + allowed",
        "returned = share × allowed, rounded down", "kind → sign of flow",
        "balance = balance before + flow", "day ≤ decided", "paid_on = decided + a constant",
        "age = years from born to day", "policy_year = calendar years from start to day",
        "year of day → year", "month of day → quarter", "start < day",
        "person has one row at a time",
        "in_year = sum of returned so far within person, year",
        "returned = magnitude of flow × a constant",
        "policy, claim_no → claim|claim → claim_no",
    ],
}  # fmt: skip
_SIGNED = ("net", "tax", "gross", "goods", "discount", "freight", "total")
ALSO_TRUE: dict[str, list[str]] = {
    "foodmart": [
        f"education × occupation{SOME}", f"marital_status × num_children_at_home{SOME}",
        "product_id is unique within customer_id, the_date", f"store_id × unit_sales{SOME}",
        "store_id → customer_state_province", f"unit_sales × total_children{SOME}",
        f"yearly_income × occupation{SOME}",
    ],
    "sparkov": [
        "cc_num → state", "city_pop → city", "city_pop → state",
        "trans_date_trans_time is in whole seconds",
    ],
    "handbook": [
        "TX_DATETIME is in whole seconds", "TX_FRAUD → sign of TX_FRAUD_SCENARIO",
    ],
    "postcodes": [
        "province → country_code", "state → country_code", "state_code is null → state is null",
        "state_code, province → state",
    ],
    "stays": [
        "admitted is in whole minutes", "copay is null → discharged is null",
        "days is null → discharged is null", "discharged is in whole minutes",
        "discharged never falls within patient", "extras is null → discharged is null",
        "first_procedure is in whole minutes", "first_procedure never falls within patient",
        "first_procedure ≤ discharged", "stay_id never falls within patient",
        "total is null → discharged is null", "ward_charge is null → discharged is null",
    ],
    "subscriptions": [
        "billed < period_end", "paid_on < period_end",
        "month_no = calendar months from signed_up to billed − 1",
        "paid_on is null → state", "paid_on never falls within user", "paid_on → billed",
        "period_end → billed", "sign of discount → sign of month_no",
        "signed_up, month_no → billed", "taxable = net × f(month_no)", "year, month → billed",
    ],
    "deliveries": [
        "customer → depot", "delivered is in whole minutes",
        "delivered never falls within customer", "ordered is in whole minutes",
        "promised is in whole minutes", "promised never falls within customer",
        "sign of order_total → sign of quantity", "sign of quantity → sign of order_total",
    ],
    "accounts": [
        "overdrawn → sign of balance", "partner_bank is null → partner is null",
        "sign of amount → kind", "valued → quarter",
    ],
    "rentals": [
        "returned never falls within driver", "surcharge is null → one_way",
    ],
    "invoices": [
        *(f"sign of {c} → type" for c in ("quantity", *_SIGNED)),
        *(f"type → sign of {c}" for c in _SIGNED),
        "day ≤ paid_on", "day, due → kind", "day, paid_on → kind",
        "due never falls within customer",
        "invoice → discount", "invoice → freight", "invoice → no_in_year",
        "invoice → spent_in_year", "no_in_year ≤ no",
        "paid_on never falls within customer",
    ],
    "claims": [
        "balance = balance before ± returned", "cut < returned",
        "decided never falls within person",
        "number never falls within person", "paid_on never falls within person",
        "returned ≤ in_year", "sign of flow → kind", "start, policy_year → year",
        "start, year → policy_year",
    ],
    "meters": [
        "checked_at is in whole minutes", "checked_at is null → team is null",
        "checked_by is null → checked_at is null", "count_before never falls within meter",
        "error is null → fault", "reading never falls within meter",
        "sign of cost → sign of used", "sign of used → sign of cost",
        "team is null → checked_at is null",
    ],
}  # fmt: skip


def expected(name: str) -> Iterator[set[str]]:
    """Ways to say each relation that is expected of a table."""
    entity, columns = HELD.get(name, ("", ""))
    for column in columns.split():
        yield {f"{entity} → {column}", f"{column} names {entity}"}
    for line in EXPECTED[name]:
        yield set(line.split("|"))


def asked(name: str, events: Events) -> str:
    """A row of the table in the README, and below it what is missed and what is false."""
    start = time.process_time()
    found = discover(*events)
    took = time.process_time() - start
    told = {str(each.relation) for each in found.found}
    wanted = list(expected(name))
    missed = [min(ways) for ways in wanted if not ways & told]
    rest = told - set().union(*wanted) - set(ALSO_TRUE.get(name, []))
    right = f"{len(wanted) - len(missed)} of {len(wanted)}"
    row = (
        f"| {name} | {events.rows.height:,} × {events.rows.width} | {len(told)} | {right} | "
        f"{len(missed)} | {len(rest)} | {took:.1f} s |"
    )
    lines = [f"    missed: {m}" for m in missed] + [f"    false: {m}" for m in sorted(rest)]
    return "\n".join([row, *lines])


def checked(events: Events) -> str:
    """The check's figures of other real entities, and of shuffled columns."""
    if events.entity is None or events.time is None:
        return ""
    names = events.rows[events.entity].drop_nulls().unique().sort().to_numpy()
    part = np.random.default_rng(7).permutation(len(names)) % 3
    rows = events.rows.drop_nulls([events.entity, events.time])
    sets = ComparedSets(
        *(rows.filter(pl.col(events.entity).is_in(names[part == i].tolist())) for i in (0, 1, 2)),
        events.entity, events.time,
    )  # fmt: skip
    lines = []
    for what, synthetic in (("other people", sets.synthetic), ("shuffled", sets.shuffled(1))):
        asked = replace(sets, synthetic=synthetic)
        for key, figure in judged(rule_figures(asked, find_rules(asked, 0), 0)).items():
            value = f"{figure.estimate.value:.4f} {figure.colour}"
            lines.append(f"    {what}: {key} {value}: {figure.said}")
    return "\n".join(lines)


def main() -> None:
    """Print a row per table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("tables", nargs="*", default=list(TABLES))
    arguments = parser.parse_args()
    for name in arguments.tables:
        events = TABLES[name](arguments.data)
        print(asked(name, events))
        print(checked(events), flush=True)


if __name__ == "__main__":
    main()
