"""What holds is found, once and in its simplest terms; what chance gives is not."""

from datetime import datetime

import polars as pl
import pytest

from anonymizer.errors import DataError
from anonymizer.relations.base.relation import Relation
from anonymizer.relations.kinds.arithmetic import Formula
from anonymizer.relations.kinds.calendar import Whole
from anonymizer.relations.kinds.combinations import Together
from anonymizer.relations.kinds.dependencies import Determines
from anonymizer.relations.kinds.histories import Counter
from anonymizer.relations.kinds.orders import Order
from anonymizer.relations.kinds.rates import Rate
from anonymizer.relations.search.discover import Relations, discover
from tests.relations.conftest import SECRET, shop

RATE = pl.col("product").str.slice(1).cast(pl.Int64) * 0.37 + 1.11


@pytest.fixture(scope="module")
def found(sales: pl.DataFrame) -> Relations:
    """What is found in the shop."""
    return discover(sales, "customer", "day")


def told(frame: pl.DataFrame, **more: int) -> set[str]:
    """What is found, in words."""
    return {str(found.relation) for found in discover(frame, "customer", "day", **more).found}


def one(found: Relations, words: str) -> Relation:
    """The relation that is found under some words."""
    return next(each.relation for each in found.found if str(each.relation) == words)


def test_a_shop_is_told_in_its_simplest_terms(found: Relations) -> None:
    """All that holds, nothing twice, nothing that follows from the rest."""
    assert {str(each.relation) for each in found.found} == {
        "receipt names customer, day",
        "receipt → channel",
        "receipt → payment",
        "receipt → sent",
        "customer → born",
        "product → shelf",
        "product → price",
        "channel → sent is null",
        "channel × payment: only some combinations",
        "amount = price × units",
        "total = sum of amount within receipt",
        "owed = owed before + amount",
        "line counts the rows of receipt",
        "age = years from born to day",
        "day ≤ sent",
    }


def test_a_relation_is_told_with_what_bears_it(found: Relations) -> None:
    """Rows, share, and the values that it leads from; below it how much was read."""
    lines = str(found).splitlines()
    assert "product → shelf, 100 % of 735 rows, 60 values" in lines
    assert lines[-1] == "735 of 735 rows were read, of 180 entities"


def test_shuffled_columns_have_no_relations(sales: pl.DataFrame) -> None:
    """However many columns there are to try."""
    mixed = [
        sales[c] if c == "customer" else sales[c].shuffle(i) for i, c in enumerate(sales.columns)
    ]
    assert told(pl.DataFrame(mixed)) == set()


def test_rules_with_exceptions_keep_their_rate(sales: pl.DataFrame) -> None:
    """One shelf in fifty is wrong: nearly a rule; one in five: none."""
    row = pl.int_range(pl.len())
    for every, share in ((50, 0.98), (5, None)):
        some = sales.select(
            "customer",
            "day",
            "product",
            shelf=pl.when(row % every == 0).then(pl.lit("shelf 0")).otherwise("shelf"),
        )
        asked = discover(some, "customer", "day").found
        rates = [each.share for each in asked if str(each.relation) == "product → shelf"]
        assert rates == ([] if share is None else [pytest.approx(share, abs=0.01)])


def test_relations_of_few_people_are_not_believed(sales: pl.DataFrame) -> None:
    """What one customer's rows bear out, however many they are, and what nine do."""
    alone = pl.concat([sales.filter(pl.col("customer") == 7)] * 200)
    assert told(alone) == set()
    assert told(sales.filter(pl.col("customer") < 9)) == set()


def test_no_value_of_few_people_is_known(sales: pl.DataFrame) -> None:
    """What a relation remembers is held by five or more; one buyer's product is not."""
    own = pl.when(pl.col("customer") == 3).then(pl.lit(SECRET)).otherwise("product")
    few = sales.select("customer", "day", "shelf", product=own)
    relation = one(discover(few, "customer", "day"), "product → shelf")
    assert isinstance(relation, Determines)
    assert relation.known is not None
    assert SECRET not in relation.known["d0"].to_list()
    assert relation.known.height > 50


def test_a_relation_can_be_asked_of_any_table(found: Relations) -> None:
    """Other customers keep it; another assignment that agrees with itself does not."""
    relation = one(found, "product → shelf")
    others = shop(100, seed=1)
    assert relation.agrees(shop(100)) == 1
    moved = shop(100).with_columns(
        shelf=pl.col("shelf").replace_strict(
            [f"shelf {i}" for i in range(7)], [f"shelf {(i + 1) % 7}" for i in range(7)]
        )
    )
    assert relation.agrees(moved) < 0.1
    assert one(found, "amount = price × units").agrees(others) == 1
    with pytest.raises(
        DataError, match="no column 'shelf' of plain values, which 'product → shelf' speaks of"
    ):
        relation.agrees(others.drop("shelf"))


def test_a_relation_can_be_asked_of_other_types() -> None:
    """Codes as text, moments as days, fewer bits: the same shares, no row twice."""
    noon = datetime(2024, 5, 1, 12)
    rates = pl.DataFrame({"c": [1, 2, 300], "r": [0.1, 0.2, 0.5]})
    lines = pl.DataFrame({"net": [10.0, 20.0], "tax": [1.0, 4.0], "code": [1, 2], "at": [noon] * 2})
    for dtype in (pl.String, pl.Int8, pl.Float64, pl.Categorical):
        asked = lines.with_columns(pl.col("code").cast(pl.String).cast(dtype))
        assert Rate("tax", "net", "code", 2, rates).agrees(asked) == 1
    moments = pl.DataFrame({"at": [noon, noon.replace(hour=13)], "code": [1, 1]})
    days = lines.with_columns(pl.col("at").cast(pl.Date))
    assert Together(("at", "code"), moments).kept(days).to_list() == [True, None]
    assert Whole("at", "days").agrees(lines) == 0
    assert Whole("at", "days").agrees(days) == 1


@pytest.mark.parametrize(
    ("relation", "types"),
    [
        (Order("net", "name", strict=False), "'net' is Float64, 'name' is String"),
        (Whole("name", "days"), "'name' is String"),
        (Formula("net", "{}", ("name",), 2, "half"), "'net' is Float64, 'name' is String"),
        (Counter("name", ("net",), 1), "'net' is Float64, 'name' is String"),
    ],
)
def test_types_that_a_relation_says_nothing_of_are_refused(relation: Relation, types: str) -> None:
    """One line with rule, columns and the way out, and no value."""
    rows = pl.DataFrame({"net": [1.0, 2.0], "name": [SECRET, "b"]})
    with pytest.raises(DataError) as caught:
        relation.agrees(rows)
    assert str(caught.value) == (
        f"the relation '{relation}' cannot be asked of these types: {types}; "
        "cast them to those of the table that it was found in"
    )


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (pl.col("amount") * 0.19, "t = amount × a constant"),
        (pl.col("amount") + pl.col("off").sqrt(), None),
        (pl.col("amount") * pl.col("off") / 100, "t = amount × off ÷ 100, rounded half"),
        (
            pl.col("amount") * (1 - pl.col("off") / 100),
            "t = amount × (1 − off ÷ 100), rounded half",
        ),
        (pl.col("amount") + pl.col("price") - pl.col("off"), "t = amount + price − off"),
        (pl.col("amount") * pl.col("shelf").str.slice(-1).cast(pl.Int8), "t = amount × f(shelf)"),
    ],
)
def test_arithmetic_is_found_with_its_rounding(
    sales: pl.DataFrame, target: pl.Expr, words: str | None
) -> None:
    """Sums, products, rates of all and of a code; to two digits, half up or half even."""
    off = (pl.int_range(pl.len()) * 7 % 23 + 1).alias("off")
    frame = sales.select("customer", "day", "amount", "price", "units", "shelf", off)
    found = discover(frame.with_columns(t=target.round(2)), "customer", "day").found
    kinds = [each for each in found if isinstance(each.relation, Formula | Rate)]
    sums = {str(f.relation).replace(" up", "").replace(" even", "") for f in kinds}
    assert sums - {"amount = price × units"} == ({words} if words else set())
    assert all(each.share > 0.999 for each in kinds)


def test_truncation_is_told_from_rounding(sales: pl.DataFrame) -> None:
    """By the rows: cents that are cut off."""
    cut = (pl.col("price") * pl.col("units") * 10 + 1e-6).floor() / 10
    frame = sales.select("customer", "day", "price", "units", t=cut)
    assert "t = price × units, rounded down" in told(frame)


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ((RATE * pl.col("units")).floor(), "t = units × f(product), rounded down"),
        ((RATE * pl.col("units")).ceil(), "t = units × f(product), rounded up"),
        ((pl.col("amount") / 7).floor(), "t = amount × a constant, rounded down"),
        ((pl.col("amount") * 1.19).ceil(), "t = amount × a constant, rounded up"),
        ((RATE * pl.col("units")).round(2), "t = magnitude of units × f(product)"),
        (pl.col("units") - 1, None),
    ],
)
def test_rates_are_cut_to_one_side_and_take_magnitudes(
    sales: pl.DataFrame, target: pl.Expr, words: str | None
) -> None:
    """Weights of articles, points for money; what is one too few is no rate that is cut."""
    sign = 1 - pl.int_range(pl.len()) % 9 // 8 * (2 if words and "magnitude" in words else 0)
    asked = {*target.meta.root_names(), "product"} - {"units"}
    frame = sales.select("customer", "day", *asked, pl.col("units") * sign, t=target)
    rates = {each for each in told(frame) if each.startswith("t = ") and "×" in each}
    assert rates == ({words} if words else set())


def test_a_sum_is_found_whose_parts_are_mostly_zero(sales: pl.DataFrame) -> None:
    """No row has a fee and a tax; where one is zero the other two would be no formula of all."""
    kind = pl.int_range(pl.len()) % 4
    fee = pl.when(kind == 1).then(pl.col("units") * 0.35).otherwise(0.0).round(2)
    tax = pl.when(kind == 2).then((pl.col("amount") * 0.25).round(2)).otherwise(0.0)
    booked = sales.select("customer", "day", "amount", fee=fee, tax=tax)
    booked = booked.with_columns(booked=pl.sum_horizontal("amount", "fee", "tax").round(2))
    assert "booked = amount + fee + tax" in told(booked)


def test_what_is_read_is_said(sales: pl.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a large table some entities whole, of others the beginning, no visit cut in two."""
    monkeypatch.setattr("anonymizer.relations.search.discover._MAX_ROWS", 600)
    part = discover(sales, "customer", "day")
    assert 500 < part.rows < 700
    assert part.entities > 130
    assert "total = sum of amount within receipt" in {str(each.relation) for each in part.found}


def test_the_order_of_rows_makes_no_difference(sales: pl.DataFrame, found: Relations) -> None:
    """But within a moment, whose order is that of the input."""
    mixed = sales.sort("customer", descending=True, maintain_order=True)
    assert discover(mixed, "customer", "day") == found


@pytest.mark.parametrize("empty", [("receipt",), ("receipt", "line", "total")])
def test_rows_without_an_order_break_no_rule_of_orders(
    sales: pl.DataFrame, empty: tuple[str, ...]
) -> None:
    """One row in eleven is a refund without a receipt: what receipts keep is told as before."""
    refunds = sales.gather_every(10).with_columns(
        pl.col("day").dt.offset_by("500d"), line=pl.lit(1, pl.Int64), total="amount"
    )
    none = [pl.lit(None, sales.schema[c]).alias(c) for c in empty]
    columns = ["customer", "day", "receipt", "line", "amount", "total"]
    assert {
        "receipt names customer, day",
        "line counts the rows of receipt",
        "total = sum of amount within receipt",
    } <= told(pl.concat([sales, refunds.with_columns(none)]).select(columns))


def test_odd_columns_are_no_obstacle(sales: pl.DataFrame) -> None:
    """Nulls, constants, lists, zones, infinities, categories, names that we use ourselves."""
    odd = sales.with_columns(
        pl.col("channel").cast(pl.Categorical), pl.col("price").cast(pl.Float32),
        a=pl.lit(None), b=pl.lit(1), c=pl.lit([1]), x=pl.lit(float("inf")),
        size=pl.col("day").cast(pl.Datetime("ms")).dt.replace_time_zone("Asia/Shanghai"),
    )  # fmt: skip
    assert {"product → shelf", "receipt → channel", "amount = price × units"} <= told(odd)
    assert discover(sales.clear(), "customer", "day").found == ()


@pytest.mark.parametrize(
    ("entity", "time", "words"),
    [
        ("who", None, "no column 'who'; there are: customer, day"),
        ("customer", "units", "column 'units' is Int64: the time must be Date or Datetime; cast"),
        ("bag", "day", "column 'bag' is nested: entities must be named by text or numbers"),
    ],
)
def test_what_cannot_be_read_is_refused(
    sales: pl.DataFrame, entity: str, time: str | None, words: str
) -> None:
    """One line with the column and the way out."""
    with pytest.raises(DataError, match=words):
        discover(sales.with_columns(bag=pl.struct("customer")), entity, time)
