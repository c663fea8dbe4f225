"""Rules meet a schema: everything that does not fit is said before a row is read."""

import polars as pl
import pytest

from anonymizer.errors import DataError
from anonymizer.keys import Key
from anonymizer.masking.plan.binding import make_plan
from anonymizer.masking.rules.rules import Rules, load_rules
from anonymizer.masking.run.notes import warnings_of

SCHEMA = pl.Schema({"who": pl.Int64(), "name": pl.String(), "when": pl.Datetime("us")})


def rules(columns: dict[str, object], **fields: object) -> Rules:
    """Rules around some columns."""
    return load_rules({"version": 1, "columns": columns} | fields)


def fault(columns: dict[str, object], **fields: object) -> str:
    """The one line that rules and schema give."""
    with pytest.raises(DataError) as caught:
        make_plan(rules(columns, **fields), SCHEMA)
    return str(caught.value)


def test_a_column_without_a_rule_is_a_fault() -> None:
    """Nothing passes unseen."""
    assert fault({"who": "drop", "name": "drop"}) == (
        "rules does not fit the data: 1 fault: when: no rule covers it: add one, "
        "or say `unlisted: drop`"
    )


def test_a_rule_without_a_column_is_a_fault() -> None:
    """A rule that misses its column would leave it unmasked; the nearest name helps."""
    assert fault({"nmae": "drop"}, unlisted="keep") == (
        "rules does not fit the data: 1 fault: columns.nmae: no column 'nmae' in the data; "
        "did you mean 'name'?"
    )


def test_a_glob_without_a_column_is_a_fault() -> None:
    """So is a glob that matches nothing, or nothing that is left for it."""
    assert "columns.nam_*: no column" in fault({"nam_*": "drop"}, unlisted="keep")
    assert "columns.name: no column" in fault({"n*": "drop", "name": "keep"}, unlisted="keep")


def test_an_absent_entity_is_a_fault() -> None:
    """The entity column must be there, and be able to identify."""
    assert "entity: no column 'whom' in the data; did you mean 'who'?" in fault(
        {"*": "drop"}, entity="whom"
    )
    with pytest.raises(DataError, match=r"entity: who is List\(Int64\)"):
        make_plan(
            load_rules({"version": 1, "entity": "who", "columns": {"*": "keep"}}),
            pl.Schema({"who": pl.List(pl.Int64)}),
        )


def test_all_faults_are_one_line() -> None:
    """Wrong dtype, absent column and uncovered column come together."""
    assert fault({"name": "keep", "who": "ip", "wen": "keep"}) == (
        "rules does not fit the data: 3 faults: "
        "columns.wen: no column 'wen' in the data; did you mean 'when'?; "
        "who: ip takes text, not Int64; when: no rule covers it: add one, or say "
        "`unlisted: drop`"
    )


def test_categories_stay_out_of_messages() -> None:
    """The dtype of an Enum is named without its values."""
    with pytest.raises(DataError) as caught:
        make_plan(
            load_rules({"version": 1, "columns": {"x": {"mask": "date_truncate", "to": "hour"}}}),
            pl.Schema({"x": pl.Array(pl.Enum(["secret"]), 1)}),
        )
    assert "not Array(Enum)" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_unlisted_columns_are_dropped_or_kept_on_demand() -> None:
    """The file may say what becomes of the rest."""
    for unlisted, columns in {"drop": ["name"], "keep": ["who", "name", "when"]}.items():
        plan = make_plan(rules({"name": "redact"}, unlisted=unlisted), SCHEMA)
        assert plan.schema.names() == columns


def test_dropping_everything_is_a_fault() -> None:
    """An output without columns is a mistake."""
    assert "every column is dropped" in fault({"*": "drop"})


def test_hidden_names_are_reserved() -> None:
    """A column cannot pose as the digest."""
    with pytest.raises(DataError, match="this name is reserved"):
        make_plan(
            load_rules({"version": 1, "columns": {"*": "keep"}}),
            pl.Schema({"__anonymizer_entity_digest": pl.String}),
        )


def test_the_digest_is_computed_once() -> None:
    """However many columns follow the entity, a row costs one digest; its key is not shown."""
    plan = make_plan(
        rules(
            {
                "who": {"mask": "token", "domain": "customer"},
                "name": {"mask": "pseudonym", "kind": "name"},
                "when": {"mask": "date_shift", "days": 3},
            },
            entity="who",
        ),
        SCHEMA,
    )
    explained = plan.apply(
        pl.LazyFrame(schema=SCHEMA), Key("0123456789abcdef-of-the-tests")
    ).explain()
    assert explained.count("python_udf") == 1
    assert Key("0123456789abcdef-of-the-tests").subkey("customer") not in explained


def test_side_channels_are_told() -> None:
    """A kept date beside a shifted one, different shifts and a kept entity give warnings."""
    schema = SCHEMA | {"then": pl.Date(), "later": pl.Date()}
    plan = make_plan(
        rules(
            {
                "who": "keep",
                "name": "redact",
                "when": {"mask": "date_shift", "days": 3},
                "later": {"mask": "date_shift", "days": 4},
                "then": "keep",
            },
            entity="who",
        ),
        pl.Schema(schema),
    )
    assert warnings_of(plan, fitted=False) == [
        (
            "different-shifts: date_shift with other options: intervals between these columns "
            "tell the shift"
        ),
        "entity-kept: who: the entity itself is kept",
        "true-time: then: a true time beside shifted ones, which it may give away",
    ]
