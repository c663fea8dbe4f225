"""What a user is told of columns."""

import json

import polars as pl
import pytest

from anonymizer.sequences.derived.choose import derive
from anonymizer.sequences.derived.derivation import Derivation
from anonymizer.sequences.histories.roles import Roles, assign_roles
from anonymizer.sequences.model.told import taken_as, told

CUSTOMERS, VISITS, LINES = 40, 5, 4


def shop() -> pl.DataFrame:
    """Lines of invoices; an item has its name but in 1 of 50 rows, the amount is worked out."""
    number = pl.int_range(CUSTOMERS * VISITS * LINES)
    lines = pl.select(n=number).with_columns(
        visit=pl.col("n") // LINES, item=(pl.col("n") * 7 + pl.col("n") // 9) % 12
    )
    visits = pl.col("visit") % VISITS
    return lines.select(
        customer=pl.col("visit") // VISITS,
        day=pl.date(2024, 1, 1) + pl.duration(days=visits * 9 + pl.col("visit") // VISITS % 7),
        invoice=pl.format("R{}", 700_000 + pl.col("visit") * 37 % 1_999),
        code=pl.format("i{}", "item"),
        name=pl.when(pl.col("n") % 50 == 1).then(pl.lit("former")).otherwise(
            pl.format("article {}", "item")
        ),
        pieces=1 + (pl.col("n") * 5 + pl.col("n") // 7) % 9,
        price=0.25 * (1 + (pl.col("n") * 11 + pl.col("n") // 13) % 17),
        country=pl.format("land {}", pl.col("visit") // VISITS % 3),
    ).with_columns(total=(pl.col("pieces") * pl.col("price")).round(2))  # fmt: skip


@pytest.fixture(scope="module")
def learned() -> tuple[Derivation, Roles]:
    """How the columns of the shop follow from each other, and what is left to write."""
    rows = shop()
    plain = Derivation.plain(rows.schema, assign_roles(rows, "customer", "day"))
    derivation, _ = derive(plain, rows, k=5, seed=0, told={})
    return derivation, derivation.written(derivation.read(rows)[0])


def test_roles_say_what_each_column_is_taken_for(learned: tuple[Derivation, Roles]) -> None:
    """Every column stands under one word that says what becomes of it, in what JSON can hold."""
    roles = taken_as(*learned)
    assert roles["identifiers"] == {"invoice": ["customer", "day"]}
    assert roles["codes"] == ["code"]
    assert roles["dependents"] == {"name": ["code"]}
    assert roles["derived"] == {"total": ["pieces", "price"]}
    assert (roles["context"], sorted(roles["fields"])) == (["country"], ["code", "pieces", "price"])
    assert json.loads(json.dumps(roles)) == roles


def test_each_kind_has_a_line_with_the_share_of_rows(learned: tuple[Derivation, Roles]) -> None:
    """Names of columns, what becomes of them, how many rows agree; no name of a step's own."""
    lines = told(*learned, rows=len(shop()))
    assert lines == [
        "columns that hold once per entity: country; per event: code, pieces, price",
        "codes, which name things: code",
        "identifiers, made anew: invoice (one per customer, day)",
        "follows: name from code (98 % of rows)",
        "worked out: total = pieces × price",
        "corrected: code (from day); pieces (from day)",
    ]


def test_no_value_is_told(learned: tuple[Derivation, Roles]) -> None:
    """Neither of text nor of numbers, in lines or roles."""
    text = "\n".join(told(*learned, rows=len(shop()))) + str(taken_as(*learned))
    values = shop().select(pl.col(pl.String).cast(pl.String)).unpivot()["value"].unique()
    assert [value for value in values if value in text] == []
