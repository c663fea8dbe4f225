"""The demo: what it writes, and what must not be in it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import polars as pl
import pyarrow.parquet as pq
import pytest

from anonymizer import anonymize, demo, load_rules
from anonymizer.checks.pages.check_page import sentence

CUSTOMERS = 150  # of some thousands, so that the test is quick


@dataclass(frozen=True)
class Shown:
    """What the demo gave, and the titles of its steps."""

    outcome: demo.Outcome
    titles: list[str]


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory, _brief_training: None) -> Shown:
    """The demo on real purchases of the first customers, without a display."""
    whole, titles = demo.clean, list[str]()

    def some(lines: pl.DataFrame) -> pl.DataFrame:
        return first(whole(lines))

    @contextmanager
    def silent(title: str) -> Iterator[Callable[[str], None]]:
        titles.append(title)
        yield lambda _line: None

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(demo, "clean", some)
        patch.setattr(demo, "BESTSELLERS", 30)  # half of them are quicker
        return Shown(demo.run(tmp_path_factory.mktemp("demo"), silent), titles)


def first(lines: pl.DataFrame) -> pl.DataFrame:
    """Purchases of the first customers."""
    chosen = lines["customer_id"].unique().sort().head(CUSTOMERS)
    return lines.filter(pl.col("customer_id").is_in(chosen.implode()))


@pytest.fixture(scope="module")
def outcome(shown: Shown) -> demo.Outcome:
    """What the demo gave."""
    return shown.outcome


@pytest.fixture(scope="module")
def raw() -> pl.DataFrame:
    """What went in."""
    lines = first(demo.clean(pl.read_parquet(demo.data_file())))
    return lines.join(demo.persons(lines["customer_id"]), on="customer_id", maintain_order="left")


def test_it_writes_what_it_promises(outcome: demo.Outcome) -> None:
    """Masked and synthetic data, manifest, model and report."""
    data = {"masked.parquet", "synthetic.parquet", "manifest.json", "model"}
    names = {path.name for path in outcome.folder.iterdir()}
    assert names == data | {"report.html", "report.json"}


def test_its_steps_are_numbered(shown: Shown) -> None:
    """Each step is named once, and the total is how many there are."""
    numbers = [title.partition(" ")[0] for title in shown.titles]
    assert numbers == [f"{n}/{len(numbers)}" for n in range(1, len(numbers) + 1)]
    assert numbers


def test_no_identifier_of_the_input_is_anywhere_in_the_output(
    outcome: demo.Outcome, raw: pl.DataFrame
) -> None:
    """Every file, byte by byte and decoded: no name, e-mail, phone or address of the input."""
    content = "\n".join(
        path.read_bytes().decode("utf-8", "ignore")
        for path in outcome.folder.rglob("*")
        if path.is_file()
    )
    for file in outcome.folder.glob("*.parquet"):
        frame = pl.read_parquet(file)
        content += "\n".join(frame.select(pl.col(pl.String).unique().implode()).row(0).__repr__())
        content += "\n".join(
            "\n".join(frame[c].drop_nulls().unique().cast(pl.String)) for c in frame.columns
        )
        content += str(pq.read_metadata(file).metadata) + str(pq.read_schema(file).metadata)
    for column in ("name", "email", "phone", "address"):
        leaked = [v for v in raw[column].unique() if v in content]
        assert leaked == [], column
    tokens = pl.read_parquet(outcome.folder / "masked.parquet")["customer_id"]
    assert not set(raw["customer_id"].cast(pl.String)) & set(tokens)


def test_joins_order_and_intervals_survive_masking(
    outcome: demo.Outcome, raw: pl.DataFrame
) -> None:
    """Same customer same token, same order, every interval exact to the microsecond."""
    masked = pl.read_parquet(outcome.folder / "masked.parquet")
    assert len(masked) == len(raw)
    # Customers stand in another order, each with its rows in their own.
    token = {
        "version": 1,
        "columns": {"customer_id": load_rules("ecommerce").columns["customer_id"]},
    }
    tokens = anonymize(raw.select("customer_id"), token, key=demo.DEMO_KEY)["customer_id"]
    raw = raw.with_columns(token=tokens).sort("token", maintain_order=True)
    masked = masked.sort("customer_id", maintain_order=True)
    pairs = pl.DataFrame({"raw": raw["customer_id"], "masked": masked["customer_id"]}).unique()
    assert pairs["raw"].n_unique() == pairs["masked"].n_unique() == len(pairs)
    gap = pl.col("order_time").diff().over("customer_id").alias("gap")
    assert raw.select(gap).equals(masked.select(gap))
    assert raw.select("item", "quantity", "unit_price").equals(
        masked.select("item", "quantity", "unit_price")
    )
    assert (raw["order_time"] != masked["order_time"]).all()


def test_all_columns_of_purchases_are_learned(outcome: demo.Outcome) -> None:
    """None is left out but those that say who somebody is; invoices are none of the masked ones."""
    masked = pl.read_parquet(outcome.folder / "masked.parquet").rename({"address": "region"})
    kept = set(masked.columns) - {"name", "email", "phone"}
    assert set(outcome.synthetic.columns) == kept
    assert not set(outcome.synthetic["order_id"]) & set(masked["order_id"])


def test_the_summary_says_what_was_kept_and_what_leaked(outcome: demo.Outcome) -> None:
    """A newcomer learns what was written, kept and leaked, and what to do next."""
    text = demo.summary(outcome)
    assert all(
        word in text
        for word in ("Written", "Found", "Kept", "Leaked", "Next", "fictional", "CC BY")
    )
    assert "identifiers, made anew: order_id (one per customer_id, order_time" in text
    assert f"Verdict {sentence(outcome.report)}" in text
    bad = [f for f in outcome.report.figures.values() if f.colour == "red"]
    words = " ".join(text.split())
    assert all(f"{figure.title}: " in words for figure in bad[:4])
    assert "nan" not in text


def test_cleaning_drops_what_is_no_sale() -> None:
    """Unknown customers, cancellations, returns and free items are no purchases."""
    lines = pl.DataFrame(
        {
            "InvoiceNo": ["1", "C2", "3", "4", "5"], "StockCode": ["a"] * 5,
            "Description": ["x"] * 5, "Quantity": [1, -1, 1, 1, -5], "InvoiceDate": [None] * 5,
            "UnitPrice": [1.0, 1.0, 1.0, 0.0, 1.0], "CustomerID": [7, 7, None, 7, 7],
            "Country": ["UK"] * 5,
        }
    )  # fmt: skip
    assert demo.clean(lines)["order_id"].to_list() == ["1"]
