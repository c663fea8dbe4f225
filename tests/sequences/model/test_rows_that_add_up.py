"""Whatever holds in every real row holds in every synthetic one, whatever the network wants."""

import json
import math
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from anonymizer.errors import DataError
from anonymizer.relations.search.discover import discover
from anonymizer.sequences.derived.choose import derive
from anonymizer.sequences.derived.derivation import Derivation
from anonymizer.sequences.histories.roles import assign_roles
from anonymizer.sequences.model.sequence_model import SequenceModel
from anonymizer.sequences.scoring.frames import Scorer
from tests.sequences.stub import untrained


def derived(frame: pl.DataFrame) -> tuple[Derivation, list[str]]:
    """What is found in all rows of a table."""
    plain = Derivation.plain(frame.schema, assign_roles(frame, "who", "at"))
    return derive(plain, frame, k=5, seed=0, told={})


PRODUCTS = [f"P{n}" for n in range(8)]
PRICE = dict(zip(PRODUCTS, (1.95, 3.5, 4.25, 7.99, 12.0, 0.99, 2.49, 5.75), strict=True))
STATE = {"Lyon": "FR", "Nice": "FR", "Rome": "IT", "Milan": "IT", "Bonn": "DE"}


def shop(rng: np.random.Generator) -> pl.DataFrame:
    """Invoices of some lines, with a catalogue and totals; customers live in a city."""
    rows: list[tuple[object, ...]] = []
    for customer in range(60):
        at, city = datetime(2024, 1, 1, 9) + timedelta(days=int(rng.integers(60))), customer % 5
        for _ in range(1 + int(rng.geometric(0.4))):
            lines = rng.choice(8, 1 + int(rng.integers(3)))
            number, invoice = len(rows), []
            for line, product in enumerate(lines):
                name, units = PRODUCTS[product], int(rng.geometric(0.5))
                paid = round(units * PRICE[name], 2)
                invoice.append((
                    customer, at, f"I{40_000 + number}", line + 1, name, f"thing {name}",
                    f"kind {product % 3}", PRICE[name], units, paid,
                ))  # fmt: skip
            total, place = round(sum(each[-1] for each in invoice), 2), list(STATE)[city]
            rows += [(*each, total, place, STATE[place]) for each in invoice]
            at += timedelta(days=int(rng.integers(1, 30)), minutes=int(rng.integers(600)))
    names = "who at invoice line code name kind price units paid total city state"
    return pl.DataFrame(rows, names.split(), orient="row")


def bank(rng: np.random.Generator) -> pl.DataFrame:
    """Accounts with a balance, whose numbers count on."""
    rows: list[tuple[object, ...]] = []
    for owner in range(60):
        opened = date(2020, 1, 1) + timedelta(days=int(rng.integers(300)))
        day, balance = opened + timedelta(days=int(rng.integers(1, 9))), 100 * int(rng.integers(9))
        for number in range(4 + int(rng.integers(6))):
            amount = int(rng.integers(-200, 400))
            balance += amount
            rows.append((owner, day, number + 1, opened, (day - opened).days, amount, balance))
            day += timedelta(days=int(rng.integers(1, 20)))
    names = "who at number opened age amount balance"
    return pl.DataFrame(rows, names.split(), orient="row")


def meters(rng: np.random.Generator) -> pl.DataFrame:
    """A reading each hour; what was used is the difference of two counts."""
    rows: list[tuple[object, ...]] = []
    for meter in range(40):
        at, before = datetime(2024, 1, 1) + timedelta(hours=int(rng.integers(200))), 0
        for _ in range(6 + int(rng.integers(6))):
            used, low = int(rng.poisson(4)), int(rng.integers(210, 230))
            rows.append((f"M{meter}", at, before, before + used, used, used / 10, low,
                         low + int(rng.integers(9)), at.hour < 6))  # fmt: skip
            before, at = before + used, at + timedelta(hours=1)
    names = "who at before after used kwh low high night"
    return pl.DataFrame(rows, names.split(), orient="row")


def post(rng: np.random.Generator) -> pl.DataFrame:
    """Parcels to postcodes that nearly nobody shares; one in thirty goes to a neighbouring town."""
    rows: list[tuple[object, ...]] = []
    for customer in range(90):
        at, home = datetime(2024, 1, 1, 9) + timedelta(days=int(rng.integers(60))), customer % 40
        for _ in range(6 + int(rng.integers(9))):
            place = (home + 7) % 40 if rng.random() < 1 / 30 else home
            city, article = list(STATE)[place % 5], int(rng.integers(50)) ** 2 // 50
            rows.append((customer, at, f"{10_000 + 7 * place}", city, STATE[city],
                         f"A{article}", f"shelf {article % 4}", f"hall {article % 2}"))  # fmt: skip
            at += timedelta(days=int(rng.integers(1, 30)), minutes=int(rng.integers(600)))
    names = "who at zip city state article shelf hall"
    return pl.DataFrame(rows, names.split(), orient="row")


class Made(NamedTuple):
    """A table, and a model that has counted it and whose network wants anything."""

    real: pl.DataFrame
    model: SequenceModel
    sample: pl.DataFrame


@pytest.fixture(scope="module", params=[shop, bank, meters, post], ids=lambda make: make.__name__)
def made(request: pytest.FixtureRequest) -> Made:
    """Each of the tables in turn."""
    return _made(request.param)


@pytest.fixture(scope="module")
def sold() -> Made:
    """The shop."""
    return _made(shop)


def _made(make: Callable[[np.random.Generator], pl.DataFrame]) -> Made:
    real = make(np.random.default_rng(0))
    model = untrained(real, entity="who", time="at", derived=True)
    return Made(real, model, model.sample(12, seed=1))


def _broken(real: pl.DataFrame, rows: pl.DataFrame) -> list[str]:
    """What holds in all real rows and not in others."""
    exact = [each.relation for each in discover(real, "who", "at").found if each.exact]
    assert len(exact) > 4
    shares = {str(each): each.agrees(rows.sort("who", maintain_order=True)) for each in exact}
    return [what for what, share in shares.items() if not (share == 1 or math.isnan(share))]


def test_what_holds_in_all_real_rows_holds_in_all_others(made: Made) -> None:
    """Catalogues, sums, balances, counts, orders, cadences, identifiers."""
    assert _broken(made.real, made.sample) == []


def test_rare_codes_are_told_apart_by_what_follows_from_them() -> None:
    """Each stands for one town, towns come as often as they do, and none is recommended."""
    real, model, sample = _made(post)
    cities = sample.filter(pl.col("zip").str.starts_with("OTHER")).group_by("zip")
    assert (cities.agg(pl.col("city").n_unique())["city"] == 1).all()
    assert set(sample["city"]) == set(STATE)
    ranked = model.recommend(real, field="article", top=100)
    assert set(ranked["article"]) <= set(real["article"])
    assert ranked["article"].n_unique() > 10


def test_columns_are_those_of_the_data(made: Made) -> None:
    """Names, order and types, and no null where real rows have none."""
    assert made.sample.schema == made.real.schema
    assert made.sample.null_count().sum_horizontal().item() == 0


def test_few_are_the_first_of_many(made: Made) -> None:
    """Whoever else is sampled, and in whichever block."""
    few = made.model.sample(5, seed=1)
    assert few.equals(made.sample[: len(few)])


def test_a_folder_holds_it_all(made: Made, tmp_path: Path) -> None:
    """What is loaded samples as before."""
    made.model.save(tmp_path / "model")
    assert SequenceModel.load(tmp_path / "model").sample(12, seed=1).equals(made.sample)


def test_parts_of_a_score_add_up(made: Made) -> None:
    """The parts of what follows among them."""
    scored = made.model.score(made.real)
    parts = scored.select(pl.exclude(*made.real.columns, "anomaly_score")).sum_horizontal()
    assert parts.to_numpy() == pytest.approx(scored["anomaly_score"].to_numpy())


def test_what_breaks_a_rule_is_strange_there(sold: Made) -> None:
    """A wrong total, a wrong name, an invoice that comes again."""
    usual = sold.model.score(sold.real)
    row = 40
    other = sold.real.filter(pl.col("name") != sold.real["name"][row])
    for column, wrong in (("total", 99.5), ("name", other["name"][0]), ("invoice", "I40000")):
        broken = sold.real.with_columns(sold.real[column].scatter(row, wrong))
        scored, part = sold.model.score(broken), f"anomaly_{column}"
        assert scored[part][row] > usual[part][row] + 3
        assert scored["anomaly_score"][row] > usual["anomaly_score"][row] + 3


def test_apart_no_score_owes_anything_to_another_entity(sold: Made) -> None:
    """As on Spark: that two have one invoice is not seen, by its name or by its total."""
    model, invoice = sold.model, sold.real["invoice"]
    last = len(sold.real) - 1
    taken = sold.real.with_columns(invoice.scatter([10, last], [invoice[last - 40], invoice[0]]))
    parts = model.derivation, model.priors, model.networks.events, model.calibration
    whole = Scorer(*parts, apart=True).score(taken)
    early = pl.col("who") < 30
    halves = [Scorer(*parts).score(taken.filter(half)) for half in (early, ~early)]
    assert_frame_equal(whole, pl.concat(halves), abs_tol=1e-3)
    together = model.score(taken)["anomaly_score"]
    assert (together - whole["anomaly_score"]).max() > 3  # type: ignore[operator]


def test_a_continued_history_goes_on_as_it_was(made: Made) -> None:
    """Balances and counts go on from the last real row, and what holds once is the real one."""
    visit = pl.col("at").rank("dense").over("who")
    begun = made.real.filter(visit <= visit.max().over("who") / 2)
    after = made.model.sample(prefix=begun, seed=2)
    last = begun.group_by("who").agg(last=pl.col("at").max())
    # What an invoice came to was told before: new lines of one that has begun contradict it.
    apart = after.join(last, on="who").filter((pl.col("at") > pl.col("last")).all().over("who"))
    assert apart["who"].n_unique() > 5
    rows = pl.concat([begun, apart.select(begun.columns)])
    rows = rows.filter(pl.col("who").is_in(apart["who"].implode()))
    assert _broken(made.real, rows) == []


def test_new_invoices_are_none_of_the_real_ones(sold: Made) -> None:
    """But for one that has begun before the history is continued."""
    assert not set(sold.sample["invoice"]) & set(sold.real["invoice"])


def test_what_one_customer_alone_has_is_told_by_no_rule() -> None:
    """Neither a product and a city of one's own nor the number of an invoice far from others."""
    real, me = shop(np.random.default_rng(0)), pl.col("who") == 17
    own = {"code": "PX", "name": "private", "kind": "private", "city": "Ys", "state": "YS"}
    own["invoice"] = "I98765"
    real = real.filter(~me | (pl.col("at") == pl.col("at").min().over("who")))
    alone = real.with_columns(
        pl.when(me).then(pl.lit(v)).otherwise(c).alias(c) for c, v in own.items()
    )
    derivation, rules = derived(alone)
    told = json.dumps(derivation.to_dict()) + str(rules)
    assert not [value for value in (*own.values(), "99000", "98000") if f'"{value}"' in told]
    assert "99000" not in told
    for found in (rules, derived(alone.filter(~me))[1]):  # nor by how many codes there are
        assert "code → name, in 100 % of the rows" in found


def test_conditions_on_what_others_follow_from(sold: Made) -> None:
    """A city has its state; what follows from another column is refused in a line that says so."""
    asked = pl.DataFrame({"city": ["Rome", "Bonn"]})
    found = sold.model.sample(conditions=asked).select("city", "state").unique()
    assert set(found.iter_rows()) == {("Rome", "IT"), ("Bonn", "DE")}
    with pytest.raises(DataError, match="'state' follows from city: ask for context"):
        sold.model.sample(conditions=pl.DataFrame({"state": ["IT"]}))


@pytest.mark.parametrize("field", ["code", "name", "kind"])
def test_what_follows_is_recommended(sold: Made, field: str) -> None:
    """The probabilities of codes that lead to one value are summed."""
    found = sold.model.recommend(sold.real, field=field, top=8)
    whole = found.group_by("who").agg(pl.col("probability").sum())["probability"]
    assert whole.to_numpy() == pytest.approx(1, abs=0.05)
    assert set(found[field]) <= set(sold.real[field])
