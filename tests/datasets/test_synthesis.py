"""Tables become histories and tables again; a model of them writes what hangs together."""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anonymizer.checks.reports.check_report import Report
from anonymizer.cli import main
from anonymizer.datasets.description.dataset import load_dataset
from anonymizer.datasets.masked.joins import counted
from anonymizer.datasets.opening.places import tables_at
from anonymizer.datasets.synthesis.check import check_dataset
from anonymizer.datasets.synthesis.flattening import flatten
from anonymizer.datasets.synthesis.layout import Layout
from anonymizer.datasets.synthesis.model import DatasetModel, fit_dataset
from anonymizer.datasets.synthesis.planning import layout_of
from anonymizer.datasets.synthesis.reading import Written, split
from anonymizer.datasets.synthesis.unflattening import unflatten
from anonymizer.errors import DataError, FileError, SchemaError
from anonymizer.frames import collect

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
TIMES = {"time": {"orders": "at", "calls": "on"}}
GOODS = {
    "articles": pl.DataFrame(
        {"code": list("TSR"), "label": ["tea", "salt", "rice"], "group": [1, 2, 2]}
    ),
    "groups": pl.DataFrame({"id": [1, 2], "name": ["drinks", "food"]}),
}
Placed = tuple[int, int, bool]  # the day of an order, its lines, and whether it is paid


def described(tables: Iterable[str], keys: Mapping[str, str], **fields: Any) -> dict[str, Any]:
    """The fields of a dataset file of some tables, all of whose columns are kept."""
    keep = {"unlisted": "keep", "missing": "ignore", "columns": {"no such": "keep"}}
    named = {"version": 1, "entity": "people.id", "foreign_keys": keys}
    return named | {"tables": dict.fromkeys(tables, keep)} | fields


def table(rows: Iterable[object], **schema: Any) -> pl.DataFrame:
    """Rows as a table, also where there are none."""
    return pl.DataFrame(list(rows), schema, orient="row")


def shop(orders_of: list[list[Placed]], calls_of: list[int]) -> Tables:
    """Per person orders, and how many calls; each lives alone."""
    draw, text, number = Random(3), pl.String, pl.Int64
    orders, lines, payments, calls = (list[Any]() for _ in range(4))
    for person, placed in enumerate(orders_of):
        for day, count, paid in placed:
            key = ("ab"[draw.randrange(2)], len(orders))
            at = datetime(2024, 3, 1) + timedelta(day)
            orders.append((*key, f"P{person}", at, draw.random()))
            lines += [(*key, draw.choice("TSR"), draw.randrange(1, 5)) for _ in range(count)]
            payments += [(*key, draw.choice(["card", "cash"]))] * paid
    for person, count in enumerate(calls_of[: len(orders_of)]):
        days = (date(2024, 3, draw.randrange(1, 9)) for _ in range(count))
        calls += [(f"P{person}", day, "lost") for day in days]
    everybody = range(len(orders_of))
    of_order: dict[str, Any] = {"shop": text, "order_no": number}
    return {
        "people": table(
            ((f"P{n}", n % 2, n) for n in everybody), id=text, city=number, home=number
        ),
        "homes": table(((n, f"s{n}") for n in everybody), id=number, street=text),
        "orders": table(orders, shop=text, no=number, buyer=text, at=pl.Datetime, fee=pl.Float64),
        "lines": table(lines, **of_order, article=text, n=pl.Int8),
        "payments": table(payments, **of_order, way=text),
        "calls": table(calls, person=text, on=pl.Date, about=text),
        **GOODS,
    }


def contents(name: str, tables: Tables) -> pl.DataFrame:
    """The rows of a table beside those to which they refer, without the numbers of rows."""
    goods = tables["articles"].join(tables["groups"].rename({"id": "group"}), on="group")
    homes = tables["homes"].rename({"id": "home"})
    people = tables["people"].join(homes, on="home").rename({"id": "who"})
    orders = tables["orders"].rename({"buyer": "who", "no": "order_no"}).join(people, on="who")
    rows = {
        "people": people,
        "orders": orders,
        "calls": tables["calls"].rename({"person": "who"}).join(people, on="who"),
        "payments": tables["payments"].join(orders, on=["shop", "order_no"]),
        "lines": tables["lines"]
        .join(orders, on=["shop", "order_no"])
        .join(goods, left_on="article", right_on="code"),
    }[name]
    return rows.drop("who", "home", "order_no", "article", "group", strict=False).sort(pl.all())


@settings(max_examples=12)
@given(
    st.lists(
        st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3), st.booleans()), max_size=3),
        min_size=1,
        max_size=5,
    ),
    st.lists(st.integers(0, 2), min_size=5, max_size=5),
)
def test_tables_that_become_one_come_back(
    orders_of: list[list[Placed]], calls_of: list[int]
) -> None:
    """Every row beside what it belongs to, with its types: orders without lines, idle persons."""
    tables = shop(orders_of, calls_of)
    dataset = load_dataset(described(tables, KEYS, synthesis=TIMES))
    if not len(tables["orders"]) + len(tables["calls"]):
        with pytest.raises(DataError, match="nothing ever happened"):
            layout_of(dataset, tables, 2)
        return
    layout = layout_of(dataset, tables, 2)
    read = Layout.from_dict(json.loads(json.dumps(layout.to_dict())))
    back = unflatten(flatten(tables, layout).sample(fraction=1.0), read)
    assert read == layout
    for name in ("people", "orders", "lines", "payments", "calls"):
        assert back[name].schema == tables[name].schema
        assert contents(name, back).equals(contents(name, tables))


def test_accounts_gather_what_happens_at_many_times() -> None:
    """A row is told apart by a number where its rows below are of several moments."""
    draw = Random(5)
    owners = [f"P{draw.randrange(9)}" for _ in range(14)]
    booked = [(draw.randrange(14), datetime(2024, 3, 1) + timedelta(n)) for n in range(50)]
    tables = {
        "people": table((f"P{n}",) for n in range(9)) .rename({"column_0": "id"}),
        "accounts": table(
            ((n, owner, n % 3) for n, owner in enumerate(owners)),
            no=pl.Int64, owner=pl.String, kind=pl.Int64,
        ),
        "entries": table(
            ((n, owners[n], at) for n, at in booked),
            account=pl.Int64, person=pl.String, at=pl.Datetime,
        ),
    }  # fmt: skip
    keys = {
        "accounts.owner": "people.id",
        "entries.account": "accounts.no",
        "entries.person": "people.id",  # says again what the account says
    }
    layout = layout_of(load_dataset(described(tables, keys)), tables, 2)
    back = unflatten(flatten(tables, layout), layout)
    both = [
        t["entries"].join(t["accounts"], left_on="account", right_on="no").drop("account")
        for t in (tables, back)
    ]
    assert both[0].sort(pl.all()).equals(both[1].sort(pl.all()))
    assert len(back["accounts"]) == len(owners)  # those without entries as well
    wrong = {**tables, "entries": tables["entries"].with_columns(person=pl.lit("P0"))}
    with pytest.raises(DataError, match=r"entries.person: in \d+ rows it leads to another row"):
        layout_of(load_dataset(described(tables, keys)), wrong, 2)


DDL = """
CREATE TABLE people (id text PRIMARY KEY, city bigint NOT NULL, home bigint NOT NULL UNIQUE);
CREATE TABLE articles (code text PRIMARY KEY, label text NOT NULL);
CREATE TABLE orders (no bigint PRIMARY KEY, buyer text NOT NULL REFERENCES people,
    at timestamp NOT NULL, fee double precision NOT NULL);
CREATE TABLE lines (order_no bigint REFERENCES orders, n smallint,
    article text NOT NULL REFERENCES articles,
    UNIQUE (order_no, article), PRIMARY KEY (order_no, n));
"""


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_constraints_hold_whatever_is_sampled(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """No key comes twice or is null, though the model repeats lines and leaves out numbers."""
    draw = Random(2)
    days = [datetime(2024, 3, 1) + timedelta(n % 90) for n in range(80)]
    bought = [(n, f"P{n % 40}", day, n / 4) for n, day in enumerate(days, 500)]
    lines = [
        (n, place, article)
        for n in range(500, 580)
        for place, article in enumerate(draw.sample("TSR", draw.randrange(1, 4)), 1)
    ]
    tables = {
        "people": table(
            ((f"P{n}", n % 2, n) for n in range(40)), id=pl.String, city=pl.Int64, home=pl.Int64
        ),
        "articles": GOODS["articles"].drop("group"),
        "orders": table(bought, no=pl.Int64, buyer=pl.String, at=pl.Datetime, fee=pl.Float64),
        "lines": table(lines, order_no=pl.Int64, n=pl.Int16, article=pl.String),
    }  # fmt: skip
    keys = {
        "orders.buyer": "people.id",
        "lines.order_no": "orders.no",
        "lines.article": "articles.code",
    }
    layout = layout_of(load_dataset(described(tables, keys)), tables, 2)
    events = flatten(tables, layout)
    hole = pl.int_range(pl.len()) % 7 == 0
    sampled = pl.concat([events, events]).with_columns(
        pl.when(~hole).then(column).alias(column) for column in ("orders.no", "lines.article")
    )
    if kind == "postgresql":
        url = request.getfixturevalue("server").database("constrained", DDL)
    else:
        url = f"sqlite:{tmp_path / 'constrained.db'}"
        with closing(sqlite3.connect(tmp_path / "constrained.db")) as connection:
            connection.executescript(DDL)
    written = {name: Written(f"{name}.parquet") for name in tables}
    model = DatasetModel(layout, Sampled(sampled), written)  # type: ignore[arg-type]  # (a stand-in)
    rows = model.write(url, persons=40)
    assert rows["people"] == 40
    assert 60 < rows["orders"] <= 80
    assert 100 < rows["lines"] <= len(lines)


def test_rare_numbers_of_a_catalogue_become_several() -> None:
    """A made-up text that stands for rare codes of one kind becomes a number of its own."""
    articles = [(n, f"thing {n}", n % 2) for n in range(10)]
    bought = [(p, date(2024, 3, 1 + p % 28), n) for p in range(30) for n in (p % 8, (p + 1) % 8)]
    bought += [(0, date(2024, 3, 1), 8), (1, date(2024, 3, 1), 9)]  # by one person each
    tables = {
        "people": table([(n,) for n in range(30)], id=pl.Int64),
        "lines": table(bought, who=pl.Int64, day=pl.Date, article=pl.Int64),
        "articles": table(articles, code=pl.Int64, label=pl.String, kind=pl.Int64),
    }
    keys = {"lines.who": "people.id", "lines.article": "articles.code"}
    layout = layout_of(load_dataset(described(tables, keys)), tables, 3)
    code = pl.col("lines.article")
    names = code.replace({"8": "OTHER", "9": "OTHER 2"})
    back = unflatten(flatten(tables, layout).with_columns(names), layout)
    assert set(back["lines"]["article"]) == set(range(10))  # those after 7 made anew
    assert back["articles"].sort("code").equals(tables["articles"])
    assert back["lines"].schema == tables["lines"].schema


@dataclass(frozen=True)
class Sampled:
    """What stands for a model of one table and gives the same rows each time."""

    rows: pl.DataFrame

    def sample(self, _count: int, *, seed: int) -> pl.DataFrame:  # noqa: ARG002 (nothing is drawn)
        """The rows."""
        return self.rows


@pytest.mark.parametrize(
    ("keys", "fields", "fault"),
    [
        ({}, {}, "calls: no foreign key ties it to persons: add one, or the table to `drop`"),
        (KEYS, {}, "lines: several columns say when (orders.at, orders.paid): say which by"),
        ({**KEYS, "people.city": "people.id"}, {}, "people.city: leads to rows of its own table"),
        ({**KEYS, "people.city": "calls.about"}, {}, "people.city: leads to other rows of persons"),
        (KEYS, {"synthesis": {"time": {"lines": "n"}}}, "synthesis.time.lines: no days or moments"),
        (KEYS, {"entity": None}, "entity: say whose data it all is"),
    ],
)
def test_tables_that_tell_no_histories_are_refused(
    keys: dict[str, str], fields: dict[str, Any], fault: str
) -> None:
    """Every fault names the place and the way out."""
    tables = shop([[(0, 1, True), (0, 2, True)]], [2])
    tables["orders"] = tables["orders"].with_columns(paid=pl.col("at"))
    with pytest.raises(SchemaError) as refused:
        layout_of(load_dataset(described(tables, keys, **fields)), tables, 2)
    assert any(fault in each for each in refused.value.faults)


@pytest.fixture(scope="module")
def trade(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Tables]:
    """A shop of eighty persons in a folder, as files of two kinds, and its dataset file."""
    draw = Random(11)
    placed = [
        [(draw.randrange(60), draw.randrange(1, 4), True) for _ in range(draw.randrange(3))]
        for _ in range(80)
    ]
    tables = {
        **shop(placed, []),
        "people": shop(placed, [])["people"].with_columns(secret=pl.lit("x")),
    }
    del tables["calls"], tables["payments"]
    raw = tmp_path_factory.mktemp("trade") / "raw"
    raw.mkdir()
    for name, each in tables.items():
        if name in GOODS:
            each.write_csv(raw / f"{name}.csv", separator=";")
        else:
            each.write_parquet(raw / f"{name}.parquet")
    keys = {key: parent for key, parent in KEYS.items() if key.partition(".")[0] in tables}
    fields = described(tables, keys, source=str(raw), synthesis={"holdout": 0.3})
    fields["tables"]["people"] = {"unlisted": "keep", "columns": {"secret": "drop"}}
    fields["tables"] |= {n: {**fields["tables"][n], "csv": {"separator": ";"}} for n in GOODS}
    return fields, tables


@pytest.fixture(scope="module")
def model(trade: tuple[dict[str, Any], Tables]) -> DatasetModel:
    """What one epoch teaches of it."""
    return fit_dataset(trade[0], max_epochs=1)


def test_sampled_tables_hang_together(
    model: DatasetModel, trade: tuple[dict[str, Any], Tables], tmp_path: Path
) -> None:
    """No key leads nowhere; columns, types, files and their dialects are those of the source."""
    fields, tables = trade
    model.save(tmp_path / "model")
    loaded = DatasetModel.load(tmp_path / "model")
    assert "s17" not in (tmp_path / "model" / "dataset.json").read_text()
    rows = loaded.write(tmp_path / "out", persons=50, seed=3)
    sampled = model.sample(50, seed=3)
    assert rows["people"] == 50
    assert {each.name for each in (tmp_path / "out").iterdir()} == {
        each.name for each in Path(fields["source"]).iterdir()
    }
    for name, each in tables.items():
        assert sampled[name].schema == each.drop("secret", strict=False).schema
        file = tmp_path / "out" / name
        written = (
            pl.read_csv(file.with_suffix(".csv"), separator=";")
            if name in GOODS
            else pl.read_parquet(file.with_suffix(".parquet"))
        )
        assert written.cast(sampled[name].schema).equals(sampled[name])
    for key in load_dataset(fields).foreign_keys:
        joins = counted(key, {name: each.lazy() for name, each in sampled.items()})
        assert joins.rows == joins.with_key == joins.joined


@pytest.mark.parametrize("stranger", ["notes.txt", "events/notes.txt", "events/model.json"])
def test_a_saved_model_replaces_its_like_alone(
    model: DatasetModel, tmp_path: Path, stranger: str
) -> None:
    """Not what somebody else put there."""
    place = tmp_path / "model"
    model.save(place)
    model.save(place)
    assert DatasetModel.load(place).sample(5, seed=1)["people"].height == 5
    assert {each.name for each in place.iterdir()} == {"dataset.json", "events"}
    (place / stranger).write_text("{}")
    with pytest.raises(FileError, match="choose another name"):
        model.save(place)
    assert (place / stranger).read_text() == "{}"


def test_commands_take_a_dataset(
    model: DatasetModel,
    trade: tuple[dict[str, Any], Tables],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """`sample` writes a store as well as a folder; what is asked of one table is refused."""
    (tmp_path / "dataset.yaml").write_text(json.dumps(trade[0]))
    model.save(tmp_path / "model")
    store = f"sqlite:{tmp_path / 'out.db'}"
    assert main(["sample", str(tmp_path / "model"), store, "--entities", "30"]) == 0
    with tables_at(store) as there:
        rows = collect(there.table("people").scan())
    assert rows.drop("home").equals(model.sample(30)["people"].drop("home"))
    file, there_already = str(tmp_path / "dataset.yaml"), str(tmp_path / "model" / "events")
    for arguments, fault in (
        (["fit", file, "m", "--entity", "id"], "a dataset file says it itself: leave out --entity"),
        (["fit", "shop.parquet", "m"], "is no dataset file: name --entity and --time"),
        (
            ["sample", str(tmp_path / "model"), store, "--entities", "3", "--first", "3"],
            "--first is of models of one table",
        ),
        (["fit", file, there_already, "--overwrite"], "exists and is no model folder of a dataset"),
        (["check", file], "a dataset file is followed by TABLES alone"),
        (["check", file, "out", "--time", "at"], "leave out --time"),
        (["check", "--real", "a"], "give a dataset file and TABLES, or --synthetic"),
    ):
        assert main(arguments) == 2
        assert fault in capsys.readouterr().err


def test_a_check_counts_joins(
    trade: tuple[dict[str, Any], Tables], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Real tables as synthetic ones are good; lost orders are orphans, moved lines other counts."""
    fields, tables = trade
    given = dict[str, Any]()

    def histories(**sets: Any) -> Report:
        given.update(sets)
        return Report({}, {}, None, None, None, draw=str)  # type: ignore[arg-type]  # (a stand-in)

    monkeypatch.setattr("anonymizer.datasets.synthesis.check.check", histories)
    good = check_dataset(fields, tables).figures
    assert {each.colour for each in good.values()} == {"green"}
    assert set(given["real"]["people.id"]).isdisjoint(given["holdout"]["people.id"])
    some = {**tables, "orders": tables["orders"].head(40)}
    some["lines"] = pl.concat([tables["lines"], tables["lines"].head(60)])
    bad = check_dataset(fields, some).figures
    lost = bad["orphans_lines.[shop, order_no]"]
    assert (lost.estimate.value, lost.colour) == (
        len(some["lines"].join(some["orders"], left_on="order_no", right_on="no", how="anti")),
        "red",
    )
    assert bad["children_orders.buyer"].colour == "red"
    with pytest.raises(DataError, match="lines: the synthetic table has no column 'n'"):
        check_dataset(fields, {**tables, "lines": tables["lines"].drop("n")})


def test_persons_are_held_out_by_their_id_alone() -> None:
    """The same in every run and in any order of rows, text or number."""
    people = pl.DataFrame({"id": range(1_000)})
    learned, held = split({"people": people}, ("people", "id"), 0.3)
    text = {"people": people.reverse().cast(pl.String)}
    _, again = split(text, ("people", "id"), 0.3)
    assert set(held["people"]["id"]) == set(again["people"]["id"].cast(pl.Int64))
    assert 250 < len(held["people"]) < 350
    assert len(learned["people"]) + len(held["people"]) == 1_000
