"""Masks as expressions: the values of `anonymize`, and no secret in a query."""

import io
import pickle
from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_series_equal

from anonymizer import anonymize
from anonymizer.errors import DataError, KeyMaterialError, RuleError
from anonymizer.expressions import Expressions
from anonymizer.keys import Key

SECRET = "0123456789abcdef-of-the-tests"
TEXTS = ["4111 1111 1111 1111", "Reno NV 89501", "ann@shop.example", "10.1.2.3", "2024-02-29", None]
NUMBERS = [4711, 42, -7, 10**9, 0, None]
CASES: list[tuple[str, dict[str, Any], list[Any]]] = [
    ("token", {}, TEXTS),
    ("token", {"domain": "customer", "prefix": "C"}, NUMBERS),
    ("token", {"as": "same"}, NUMBERS),
    ("pseudonym", {"kind": "name", "by": "value"}, TEXTS),
    ("encrypt", {}, TEXTS),
    ("fpe", {"last": 4}, ["4111 1111 1111 1111", None]),
    ("partial", {"last": 4}, TEXTS),
    ("redact", {"text": "x"}, TEXTS),
    ("redact", {}, NUMBERS),
    ("keep", {}, NUMBERS),
    ("region", {"country": "US"}, TEXTS),
    ("ip", {}, TEXTS),
    ("email_domain", {}, TEXTS),
    ("round", {"to": 10}, NUMBERS),
    ("round", {"to": 10}, [1.5, -0.0, float("nan"), 17.0]),
    ("bin", {"edges": [0, 100]}, NUMBERS),
    ("clip", {"low": 0, "high": 100}, NUMBERS),
    ("age", {"on": "2025-01-01"}, [date(1980, 2, 29), None]),
    ("date_truncate", {"to": "month"}, [date(1980, 2, 29), None]),
    ("scrub", {}, ["call Ann Lee at 202-555-0143", "", None]),
]


def masks(values: pl.Expr) -> Expressions:
    """The namespace, which type checkers do not know."""
    found: Expressions = values.anonymizer  # type: ignore[attr-defined]  # (registered)
    return found


def _lazy(values: list[Any], name: str = "card") -> pl.LazyFrame:
    return pl.LazyFrame({name: pl.Series(values)})


@pytest.mark.parametrize(("mask", "options", "values"), CASES)
@pytest.mark.parametrize("engine", ["in-memory", "streaming"])
def test_an_expression_gives_what_anonymize_gives(
    mask: str, options: dict[str, Any], values: list[Any], engine: Any
) -> None:
    """With the same domain, which is the column's name where it is left out."""
    lazy = _lazy(values * 9)
    rules = {"version": 1, "order": "kept", "columns": {"card": {"mask": mask, **options}}}
    expected = anonymize(lazy, rules, key=SECRET).collect()["card"]
    query = lazy.select(masks(pl.col("card")).mask(mask, key=SECRET, **options))
    assert query.collect_schema()["card"] == expected.dtype
    assert_series_equal(query.collect(engine=engine)["card"], expected)


@settings(max_examples=8)
@given(st.lists(st.none() | st.text(max_size=4), max_size=9))
def test_any_text_in_any_place(texts: list[str | None]) -> None:
    """In a filter, a group, a list and under another name."""
    frame = pl.DataFrame({"a": pl.Series(texts, dtype=pl.String)})
    token = masks(pl.col("a")).token(domain="d", key=SECRET)
    expected = anonymize(
        frame, {"version": 1, "order": "kept", "columns": {"a": {"mask": "token", "domain": "d"}}},
        key=SECRET,
    )["a"]  # fmt: skip
    shown = frame.lazy().with_columns(token.alias("b"), "a").filter(token.is_not_null())
    assert shown.collect()["b"].to_list() == expected.drop_nulls().to_list()
    inside = masks(pl.element()).token(domain="d", key=SECRET)
    lists = frame.lazy().select(pl.col("a").implode()).select(pl.col("a").list.eval(inside))
    assert lists.collect()["a"].explode(empty_as_null=False).to_list() == expected.to_list()


def test_masks_are_completed_and_slips_are_told() -> None:
    """Where one works interactively."""
    values = masks(pl.col("card"))
    assert {"token", "fpe", "mask"} <= set(dir(values))
    with pytest.raises(AttributeError, match=r"no mask 'tokn'; did you mean 'token'\?"):
        values.tokn()


def test_masks_are_methods() -> None:
    """By their names; another name is no mask."""
    values = masks(pl.col("card"))
    assert isinstance(values.token(key=SECRET), pl.Expr)
    with pytest.raises(AttributeError, match="no mask 'tokken'"):
        values.tokken()
    assert Expressions(pl.col("card")).partial(last=4).meta.root_names()


@pytest.mark.parametrize(
    ("mask", "options", "needs"),
    [
        ("rare", {"k": 2}, "all rows"),
        ("shuffle", {}, "all rows"),
        ("bin", {"quantiles": 4}, "all rows"),
        ("email_domain", {"floor": 3}, "all rows"),
        ("date_shift", {"days": 3}, "an entity"),
        ("noise", {"scale": 2}, "an entity"),
        ("pseudonym", {"kind": "name"}, "an entity"),
        ("token", {"window": "year", "time": "day"}, "other columns"),
        ("token", {"when": "x > 1"}, "other columns"),
        ("scrub", {"known": ["name"]}, "other columns"),
        ("drop", {}, "a column to leave out"),
    ],
)
def test_what_needs_more_than_values_is_refused(
    mask: str, options: dict[str, Any], needs: str
) -> None:
    """At once, with the way out."""
    told = f"{mask} needs {needs}, and an expression has nothing but its values: use `anonymize`"
    with pytest.raises(DataError, match=told):
        masks(pl.col("card")).mask(mask, key=SECRET, **options)


def test_types_and_options_that_do_not_fit_are_said() -> None:
    """Options at once, types when they are known; no message holds a value."""
    with pytest.raises(RuleError, match="no such option"):
        masks(pl.col("card")).token(domian="x", key=SECRET)
    with pytest.raises(DataError, match="card: partial takes integer, text, not Boolean"):
        _lazy([True]).select(masks(pl.col("card")).partial(last=4)).collect()
    with pytest.raises(DataError, match="a card: partial takes integer, text, not Boolean"):
        _lazy([True], "a card").select(masks(pl.col("a card")).partial(last=4)).collect()
    with pytest.raises(DataError, match="card: token takes no nested values"):
        _lazy([["a"]]).select(masks(pl.col("card")).token(key=SECRET)).collect()
    with pytest.raises(DataError, match="card: age must read all rows of String first"):
        _lazy(["1980-02-29"]).select(masks(pl.col("card")).age(on="2025-01-01")).collect()


@pytest.mark.parametrize("engine", ["in-memory", "streaming"])
@pytest.mark.parametrize(
    ("mask", "options", "values", "told"),
    [
        (
            "token",
            {"as": "same"},
            ["Ann"],
            "card: token must read all rows of String.*: use `anonymize`",
        ),
        ("token", {"as": "same"}, [1.5], "card: `as: same` takes integers .*: cast whole numbers"),
        ("token", {"as": "same"}, [["Ann"]], "card: token takes no nested values"),
        ("date_truncate", {"to": "month"}, [True], "card: date_truncate takes .*, not Boolean"),
        ("redact", {}, [["Ann"]], "card: redact takes no nested values"),
    ],
)
def test_what_a_mask_does_not_take_is_said_where_its_type_is_asked_for(
    mask: str, options: dict[str, Any], values: list[Any], told: str, engine: Any
) -> None:
    """Polars takes a failure there as a type that nobody knows, and says nothing of the column."""
    query = _lazy(values).select(masks(pl.col("card")).mask(mask, key=SECRET, **options))
    with pytest.raises(DataError, match=told) as caught:
        query.collect(engine=engine)
    assert "Ann" not in str(caught.value)


def test_no_key_is_asked_for_a_type(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is a missing one hidden by it."""
    monkeypatch.delenv("ANONYMIZER_KEY", raising=False)
    query = _lazy([4711]).select(masks(pl.col("card")).token(**{"as": "same"}))
    assert query.collect_schema() == {"card": pl.Int64}
    with pytest.raises(KeyMaterialError, match="no key: set the environment variable"):
        query.collect()


def _secret() -> str:
    return SECRET


def test_a_query_holds_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """By reference the key is fetched when the query runs; a text does not travel."""
    lazy = _lazy(["a", None])
    expected = lazy.select(masks(pl.col("card")).token(key=Key(SECRET)))
    subkey = Key(SECRET).subkey("card")
    assert subkey not in expected.explain() + repr(masks(pl.col("card")).token(key=SECRET))
    with pytest.raises(pl.exceptions.ComputeError, match="give `key` as a function"):
        expected.serialize()
    for key in (_secret, None):
        query = lazy.select(masks(pl.col("card")).token(key=key))
        data = query.serialize()
        assert SECRET.encode() not in data
        assert subkey.encode() not in data
        monkeypatch.setenv("ANONYMIZER_KEY", SECRET)
        copy = pl.LazyFrame.deserialize(io.BytesIO(data))
        assert copy.collect().equals(expected.collect())
        assert pickle.loads(pickle.dumps(query)).collect().equals(expected.collect())
        monkeypatch.delenv("ANONYMIZER_KEY")
    with pytest.raises(KeyMaterialError, match="no key: set the environment variable"):
        lazy.select(masks(pl.col("card")).token()).collect()
    with pytest.raises(KeyMaterialError, match="too short"):
        masks(pl.col("card")).token(key="short")
