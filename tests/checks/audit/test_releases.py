"""Two releases of the same people: who of one is found again in the other."""

from datetime import timedelta

import numpy as np
import polars as pl

from anonymizer.checks.audit.case import Findings, prepared
from anonymizer.checks.audit.releases import relink
from anonymizer.checks.figures.thresholds import judged
from anonymizer.checks.reports.audit_report import Assumptions
from anonymizer.composition import audit
from tests.checks.conftest import draw

KNOWN = Assumptions("customer", "time", [], [], [])


def masked(raw: pl.DataFrame, key: int) -> pl.DataFrame:
    """Other tokens, and times that are moved by up to a month, a shift of its own for each."""
    people = raw.select(pl.col("customer").unique().sort())
    rng = np.random.default_rng(key)
    drawn = people.with_columns(
        token=pl.Series(rng.permutation(len(people))) + 1_000 * key,
        shift=pl.Series(rng.integers(-30, 31, len(people))) * timedelta(days=1),
    )
    rows = raw.join(drawn, on="customer", maintain_order="left")
    return rows.select(
        pl.col("token").alias("customer"), pl.col("time") + pl.col("shift"), "item", "amount"
    )


def linked(one: pl.DataFrame, two: pl.DataFrame, keys: tuple[int, int] = (1, 2)) -> Findings:
    """Two raw tables, each released under a key."""
    earlier, case = (
        prepared(raw, masked(raw, key), KNOWN, choose=False, seed=0)
        for raw, key in zip((one, two), keys, strict=True)
    )
    found = Findings()
    relink(case, earlier, found)
    return found


def test_two_keys_do_not_part_the_same_rows() -> None:
    """Neither tokens nor shifts are common to both; intervals and amounts are."""
    raw = draw(0, 1)
    figure = judged(linked(raw, raw).figures)["relinked"]
    assert figure.estimate.value > 0.95
    assert figure.colour == "red"
    assert figure.baseline == 1 / 150
    assert "150 entities that are in both releases" in figure.meaning


def test_samples_that_overlap_are_joined_where_they_do() -> None:
    """Strangers of either release are nobody's right one, and no one is asked about them."""
    raw = draw(0, 1)
    one, two = raw.filter(pl.col("customer") < 100), raw.filter(pl.col("customer") >= 50)
    figure = linked(one, two).figures["relinked"]
    assert figure.estimate.value > 0.9
    assert "50 entities that are in both releases" in figure.meaning
    assert figure.baseline == 1 / 100


def test_one_key_joins_windows_by_its_tokens() -> None:
    """Whatever they did there."""
    one, two = draw(0, 1), draw(0, 2).with_columns(pl.col("time") + timedelta(days=900))
    figure = linked(one, two, (1, 1)).figures["relinked"]
    assert figure.estimate.value == 1
    assert "by their tokens" in figure.meaning


def test_rare_items_join_windows() -> None:
    """An item of one's own, which profiles of many items see less well than words do."""
    own = pl.format("item of {}", "customer").alias("item")
    one = draw(0, 1).with_columns(own)
    two = draw(0, 2).with_columns(own, pl.col("time") + timedelta(days=900))
    assert linked(one, two).figures["relinked"].estimate.value > 0.95


def test_people_who_have_nothing_in_common_are_rarely_flagged() -> None:
    """Of twenty pairs of releases that tell nothing of each other, one at most is not green."""
    colours = [
        judged(linked(draw(0, seed), draw(0, 100 + seed)).figures)["relinked"].colour
        for seed in range(20)
    ]
    assert colours.count("green") >= 19


def test_where_rows_are_nobodys_it_is_a_gap() -> None:
    """So that nobody calls the table good."""
    raw = draw(0, 1)
    cut = prepared(raw, masked(raw, 1).head(200), KNOWN, choose=False, seed=0)
    found = Findings()
    relink(prepared(raw, masked(raw, 2), KNOWN, choose=False, seed=0), cut, found)
    assert not found.figures
    assert "the earlier one" in found.gaps[0]


def test_a_few_people_are_not_looked_for() -> None:
    """A note says so."""
    raw = draw(0, 1)
    assert "10 entities are in both" in linked(raw.filter(pl.col("customer") < 10), raw).notes[0]


def test_an_audit_is_told_the_earlier_release() -> None:
    """The figure has a card on the page, and both tables stand in the record."""
    raw = draw(0, 1, 40)
    tables = {"raw": raw, "masked": masked(raw, 2), "earlier": (raw, masked(raw, 1))}
    report = audit(**tables, entity="customer", time="time")  # type: ignore[arg-type]
    assert report.figures["relinked"].colour == "red"
    assert '<h3>Found again</h3><p class="value">' in report.html()
    roles = [each.role for each in report.provenance.inputs]
    assert roles == ["raw", "masked", "earlier raw", "earlier masked"]
