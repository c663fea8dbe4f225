"""The same persons with all their rows, in every table, order and kind of frame."""

import pickle
from typing import Any

import numpy as np
import polars as pl
import pytest

from anonymizer import Key, anonymize, fit_rules, sample_entities
from anonymizer.errors import DataError, KeyMaterialError

SECRET = "0123456789abcdef-of-the-tests"
ORDERS = pl.DataFrame({"who": [n % 1_000 for n in range(5_000)], "row": range(5_000)})


def secret() -> str:
    """By reference."""
    return SECRET


def test_a_share_of_the_persons_comes_with_all_rows() -> None:
    """About as many as were asked for; a smaller share is part of a larger one."""
    drawn = {}
    for share in (0.1, 0.5, 1.0):
        some = sample_entities(ORDERS, share, entity="who", key=SECRET)
        assert (some.group_by("who").len()["len"] == 5).all()
        drawn[share] = set(some["who"])
        assert abs(len(drawn[share]) - 1_000 * share) <= 4 * np.sqrt(1_000 * share * (1 - share))
        assert some["row"].is_sorted()
    assert drawn[0.1] < drawn[0.5] < drawn[1.0] == set(range(1_000))


def test_every_kind_of_frame_and_spelling_of_ids_draws_the_same() -> None:
    """Lazy and eager, pandas and Arrow, numbers and text, another table, rows in another order."""
    some = sample_entities(ORDERS, 0.3, entity="who", key=SECRET)
    expected = set(some["who"])
    assert sample_entities(ORDERS.lazy(), 0.3, entity="who", key=secret).collect().equals(some)
    pandas: Any = sample_entities(ORDERS.to_pandas(), 0.3, entity="who", key=SECRET)
    assert set(pandas["who"]) == expected
    arrow = sample_entities(ORDERS.to_arrow(), 0.3, entity="who", key=SECRET)
    assert set(arrow["who"].to_pylist()) == expected
    named = pl.DataFrame({"customer": [f" {n}" for n in range(999, -1, -1)]})
    texts = sample_entities(named, 0.3, entity="customer", key=SECRET)
    assert {int(text) for text in texts["customer"]} == expected
    assert set(sample_entities(ORDERS, 0.3, entity="who", key=SECRET + "!")["who"]) != expected


def test_several_columns_tell_who_and_nobody_is_never_drawn() -> None:
    """Rows without an entity are left out, whatever the share."""
    frame = pl.DataFrame({"shop": [1, 1, 2, None], "card": ["a", "b", "a", "a"]})
    found = sample_entities(frame, 1, entity=["shop", "card"], key=SECRET)
    assert found.rows() == [(1, "a"), (1, "b"), (2, "a")]


def test_a_query_travels_without_its_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """It fetches it where it runs, and needs the same one; a key as text does not travel."""
    monkeypatch.setenv("ANONYMIZER_KEY", SECRET)
    query = sample_entities(ORDERS.lazy(), 0.3, entity="who")
    written = pickle.dumps(query)
    key = Key(SECRET)
    assert SECRET.encode() not in written + query.explain().encode()
    assert key.subkey("\x01sample").encode() not in written + query.explain().encode()
    assert pickle.loads(written).collect().equals(query.collect())
    monkeypatch.setenv("ANONYMIZER_KEY", SECRET + "!")
    with pytest.raises(KeyMaterialError, match="here is the key"):
        pickle.loads(written).collect()
    with pytest.raises(pl.exceptions.ComputeError, match="must not be written"):
        pickle.dumps(sample_entities(ORDERS.lazy(), 0.3, entity="who", key=SECRET))


def test_who_is_drawn_does_not_show_in_tokens() -> None:
    """Among the tokens of those who are drawn, no digit is more frequent than it should be."""
    many = pl.DataFrame({"who": range(20_000)})
    some = sample_entities(many, 0.5, entity="who", key=SECRET)
    rules = {"version": 1, "columns": {"who": {"mask": "token", "domain": "who"}}}
    tokens = anonymize(some, rules, key=SECRET)["who"]
    for place in range(24):
        counts = tokens.str.slice(place, 1).value_counts()["count"]
        expected = len(tokens) / 16
        assert ((counts - expected) ** 2 / expected).sum() < 45  # 15 degrees, one in 10,000


@pytest.mark.parametrize("share", [0, -0.1, 1.1, float("nan")])
def test_a_share_that_is_none_is_refused(share: float) -> None:
    """Before a row is read."""
    with pytest.raises(DataError, match="it must lie above 0 and be 1 at most"):
        sample_entities(ORDERS.lazy(), share, entity="who", key=SECRET)


def test_a_column_that_is_absent_is_named() -> None:
    """With those that are there."""
    with pytest.raises(DataError, match="entity: there is no column 'whom'; there are: who, row"):
        sample_entities(ORDERS, 0.1, entity=["who", "whom"], key=SECRET)
    with pytest.raises(DataError, match="entity: none is named"):
        sample_entities(ORDERS, 0.1, entity=[], key=SECRET)


def test_rules_learned_from_a_share_hide_more_and_show_nothing_new() -> None:
    """What enough of some persons hold, enough of all hold: floors, rare values, classes."""
    rng = np.random.default_rng(3)
    who = np.repeat(np.arange(2_000), 3)
    persons = pl.DataFrame(
        {
            "who": who,
            "item": [f"i{n}" for n in rng.geometric(0.03, len(who))],
            "email": [f"x@d{n}.example" for n in rng.geometric(0.05, 2_000)[who]],
            "town": [f"t{n}" for n in (who % 211) % 7],
            "age": who % 3 * 30,
        }
    )
    rules: dict[str, Any] = {
        "version": 1,
        "entity": "who",
        "columns": {
            "who": "token",
            "item": {"mask": "rare", "k": 6},
            "email": {"mask": "email_domain", "floor": 6},
            "town": "keep",
            "age": "keep",
        },
        "anonymity": {"quasi_identifiers": ["town", "age"], "k": 6},
    }
    some = sample_entities(persons, 0.3, entity="who", key=SECRET)
    of_some = anonymize(persons, fit_rules(some, rules, key=SECRET), key=SECRET)
    of_all = anonymize(persons, rules, key=SECRET)
    for column in ("item", "email"):
        assert 1 < of_some[column].n_unique() < of_all[column].n_unique()
        assert set(of_some[column]) <= set(of_all[column])
    shown = of_some.drop_nulls(["town", "age"]).group_by("town", "age")
    held = shown.agg(pl.col("who").n_unique())["who"]
    assert len(held) > 1
    assert (held >= 6).all()
