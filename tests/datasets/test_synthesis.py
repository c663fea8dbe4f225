"""Tables become histories and tables again; a model of them writes what hangs together."""

import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anonymizer.datasets.description.dataset import Dataset, load_dataset
from anonymizer.datasets.synthesis.flattening import flatten
from anonymizer.datasets.synthesis.layout import Layout
from anonymizer.datasets.synthesis.planning import layout_of
from anonymizer.datasets.synthesis.reading import split
from anonymizer.datasets.synthesis.unflattening import unflatten
from anonymizer.errors import DataError, SchemaError

Tables = dict[str, pl.DataFrame]
KEYS = {
    "people.home": "homes.id",
    "orders.buyer": "people.id",
    "lines.[shop, order_no]": "orders.[shop, no]",
    "lines.article": "articles.code",
    "articles.group": "groups.id",
    "payments.[shop, order_no]": "orders.[shop, no]",
    "calls.person": "people.id",
}
DAY = date(2024, 3, 1)


def described(tables: Mapping[str, object], keys: Mapping[str, str], **fields: Any) -> Dataset:
    """A dataset file for some tables."""
    rules = dict.fromkeys(
        tables, {"unlisted": "keep", "columns": {"nothing": "keep"}, "missing": "ignore"}
    )
    return load_dataset(
        {"version": 1, "entity": "people.id", "foreign_keys": keys, "tables": rules} | fields
    )


def shop(orders_of: list[list[tuple[int, int, bool]]], calls_of: list[int]) -> Tables:
    """Per person orders with day, lines and whether they are paid, and how many calls."""
    draw = Random(3)
    orders, lines, payments, calls = list[Any](), list[Any](), list[Any](), list[Any]()
    for person, placed in enumerate(orders_of):
        for day, count, paid in placed:
            key = ("ab"[draw.randrange(2)], len(orders))
            orders.append(
                (*key, f"P{person}", datetime(2024, 3, 1) + timedelta(day), draw.random())
            )
            lines += [(*key, draw.choice("TSR"), draw.randrange(1, 5)) for _ in range(count)]
            payments += [(*key, draw.choice(["card", "cash"]))] * paid
    for person, count in enumerate(calls_of[: len(orders_of)]):
        calls += [(f"P{person}", DAY + timedelta(draw.randrange(9)), "lost") for _ in range(count)]
    people = [(f"P{n}", f"city {n % 2}", n) for n in range(len(orders_of))]
    return {
        "people": pl.DataFrame(people, {"id": pl.String, "city": pl.String, "home": pl.Int64}, orient="row"),
        "homes": pl.DataFrame({"id": range(len(people)), "street": [f"s{n}" for n in range(len(people))]}),
        "orders": pl.DataFrame(orders, {"shop": pl.String, "no": pl.Int64, "buyer": pl.String, "at": pl.Datetime, "fee": pl.Float64}, orient="row"),
        "lines": pl.DataFrame(lines, {"shop": pl.String, "order_no": pl.Int64, "article": pl.String, "n": pl.Int8}, orient="row"),
        "payments": pl.DataFrame(payments, {"shop": pl.String, "order_no": pl.Int64, "way": pl.String}, orient="row"),
        "calls": pl.DataFrame(calls, {"person": pl.String, "on": pl.Date, "about": pl.String}, orient="row"),
        "articles": pl.DataFrame({"code": list("TSR"), "label": ["tea", "salt", "rice"], "group": [1, 2, 2]}),
        "groups": pl.DataFrame({"id": pl.Series([1, 2], dtype=pl.Int16), "name": ["drinks", "food"]}),
    }  # fmt: skip


def contents(tables: Tables, *names: str) -> pl.DataFrame:
    """The rows of a table beside those to which they refer, without the numbers of rows."""
    t = tables
    goods = t["articles"].join(t["groups"].rename({"id": "group"}), on="group", how="left")
    people = t["people"].join(t["homes"], left_on="home", right_on="id", how="left").drop("home")
    orders = t["orders"].join(people, left_on="buyer", right_on="id", how="left").drop("buyer")
    of_order = {"left_on": ["shop", "order_no"], "right_on": ["shop", "no"], "how": "left"}
    found = {
        "people": people.drop("id"),
        "orders": orders.drop("no"),
        "lines": t["lines"].join(orders, **of_order).join(goods, left_on="article", right_on="code", how="left"),
        "payments": t["payments"].join(orders, **of_order),
        "calls": t["calls"].join(people, left_on="person", right_on="id", how="left").drop("person"),
    }  # fmt: skip
    rows = found[names[0]].drop("order_no", "article", "group", strict=False)
    return rows.sort(pl.all())


ORDERS = st.lists(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3), st.booleans()), max_size=3),
    min_size=1,
    max_size=5,
)


@settings(max_examples=25)
@given(ORDERS, st.lists(st.integers(0, 2), min_size=5, max_size=5))
def test_tables_that_become_one_come_back(orders_of: Any, calls_of: list[int]) -> None:
    """Every row beside what it belongs to, the types, orders without lines, idle persons."""
    tables = shop(orders_of, calls_of)
    dataset = described(tables, KEYS, synthesis={"time": {"orders": "at", "calls": "on"}})
    if not len(tables["orders"]) + len(tables["calls"]):
        with pytest.raises(DataError, match="nothing ever happened"):
            flatten(tables, layout_of(dataset, tables, 2))
        return
    layout = layout_of(dataset, tables, 2)
    events = flatten(tables, layout)
    back = unflatten(
        events.sample(fraction=1.0), Layout.from_dict(json.loads(json.dumps(layout.to_dict())))
    )
    for name in ("people", "orders", "lines", "payments", "calls"):
        assert back[name].schema == tables[name].schema
        assert contents(back, name).equals(contents(tables, name)), name
