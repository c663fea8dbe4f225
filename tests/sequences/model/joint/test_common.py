"""What sites count together comes back as the values and rows that they were."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from anonymizer.errors import DataError
from anonymizer.sequences.derived.derivation import Derivation
from anonymizer.sequences.derived.values.catalogue import Catalogue
from anonymizer.sequences.histories.roles import Roles, split
from anonymizer.sequences.model.joint.common import Common, items
from anonymizer.sequences.tokens.values import Categories
from anonymizer.sequences.training.fit import HELD_OUT
from tests.sequences.model.joint.sites import NAMES, shops, told

KINDS: dict[str, tuple[list[Any], pl.DataType]] = {
    "text": (["tea", 'Zürich "x"', ""], pl.String()),
    "category": (["tea", "milk"], pl.Categorical()),
    "truth": ([True, False], pl.Boolean()),
    "fraction": ([0.1, 1e300, -0.25], pl.Float64()),
    "single": ([0.5, 3.25], pl.Float32()),
    "whole": ([2**63 - 1, -5], pl.Int64()),
    "decimal": ([Decimal("1.10"), Decimal("-99999999.99")], pl.Decimal(38, 2)),
    "day": ([date(1969, 12, 31), date(2024, 2, 29)], pl.Date()),
    "moment": ([datetime(2024, 3, 1, 12, 0, 0, 5)], pl.Datetime("us", "Europe/Berlin")),
    "clock": ([time(23, 59, 59)], pl.Time()),
    "while": ([timedelta(days=-1)], pl.Duration("ms")),
}  # fmt: skip


@pytest.mark.parametrize(("values", "dtype"), KINDS.values(), ids=KINDS)
def test_values_of_all_kinds_come_back(values: list[Any], dtype: pl.DataType) -> None:
    """As they were, with who holds them; nulls are none."""
    column = pl.Series("v", [*values, None], dtype=dtype)
    rows = pl.DataFrame({"e": range(len(column)), "t": range(len(column)), "v": column})
    derivation = Derivation.plain(rows.schema, Roles("e", "t", ("v",), ()))
    counted = items(derivation, rows, 5, 10)
    assert [item.held for item in counted] == [1] * len(values)
    found, held = Common([(i.text.decode(), i.held) for i in counted]).values("v", dtype)
    assert set(found) == set(column.drop_nulls())
    assert held.tolist() == [1] * len(values)


def test_what_a_site_tells_by_itself_is_not_counted() -> None:
    """Of the rest each who holds it counts once, and what most hold comes first."""
    rows = pl.DataFrame(
        {
            "e": [1, 1, 1, 2, 2, 3, 4, 4, 4, 4, 4],
            "t": range(11),
            "v": ["few", "few", "few", "few", "many", "many", *["many"] * 5],
            "c": ["x"] * 11,
        }
    )
    derivation = Derivation.plain(rows.schema, Roles("e", "t", ("v",), ("c",)))
    assert items(derivation, rows, 3, 10) == [(b'["v","few"]', 2)]
    every = {b'["c","x"]': 4, b'["v","many"]': 3, b'["v","few"]': 2}
    assert dict(items(derivation, rows, 5, 10)) == every
    assert items(derivation, rows, 5, 1) == [(b'["c","x"]', 4)]


def test_what_no_column_can_hold_is_named() -> None:
    """As where a site is of another version: without the value."""
    for text in ('["v","Mr Smith"]', '["v"]', '["v",[1]]'):
        with pytest.raises(DataError, match="counted what its column cannot hold") as raised:
            Common([(text, 5)]).values("v", pl.Int64())
        assert "Smith" not in str(raised.value)


def with_articles(holders: slice) -> dict[str, pl.DataFrame]:
    """Shops whose articles have titles, one of them known to few customers of each shop."""
    inside, held = split(30, HELD_OUT, 0)
    some = pl.col("customer").is_in([*inside, *held][holders])
    found = {}
    for name, frame in shops(30, 30, 30).items():
        item = pl.when(some).then(pl.lit("unicorn")).otherwise("item").alias("item")
        found[name] = frame.with_columns(item).with_columns(title=pl.format("the {}", "item"))
    return found


def test_a_row_of_a_catalogue_that_k_of_all_hold_is_known() -> None:
    """With all that follows from its code, and nobody says who holds it."""
    agreed = told(with_articles(slice(3)))
    catalogue = next(s for s in agreed.derivation.steps if isinstance(s, Catalogue))
    (code,) = catalogue.determinants
    both = pl.DataFrame({"item": ["unicorn"], "title": ["the unicorn"]})
    known = catalogue.keys.hstack(catalogue.values)
    assert len(known.join(catalogue.part(both), on=known.columns)) == 1
    column = agreed.codec.fields[code]
    assert isinstance(column, Categories)
    assert both[code][0] in column.values
    assert "unicorn" not in str(
        [{site: stage.get(site) for site in NAMES} for stage in agreed.board]
    )


def test_a_row_of_a_catalogue_that_fewer_hold_is_not() -> None:
    """It is rare at all sites."""
    assert "unicorn" not in str(told(with_articles(slice(1))).board)


def test_what_is_counted_is_of_those_who_are_learned_from() -> None:
    """Those who are held out tell nothing: nine of them would be enough."""
    assert "unicorn" not in str(told(with_articles(slice(-3, None))).board)
