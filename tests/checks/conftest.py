"""Three draws of customers from one source, and a detector that needs no network."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest
from sklearn import ensemble

from anonymizer.checks.check.check import check_sets
from anonymizer.checks.reports.check_report import Report
from anonymizer.checks.sets.compared_sets import ComparedSets

SECRET, EXTREME = "Zyxwvut & Söhne", 98_765.43


def draw(first: int, seed: int, customers: int = 150) -> pl.DataFrame:
    """Customers with a level, a favourite item and a weekly rhythm of their own."""
    rng = np.random.default_rng(seed)
    rows: list[tuple[int, datetime, str, float]] = []
    for customer in range(first, first + customers):
        level, favourite = float(np.exp(rng.normal(3, 1))), rng.integers(8)
        when = datetime(2024, 1, 1) + timedelta(days=int(rng.integers(40)))
        for _ in range(4 + int(rng.geometric(0.12))):
            when += timedelta(days=int(rng.integers(1, 15)), minutes=int(rng.integers(600)))
            item = favourite if rng.random() < 0.8 else rng.integers(8)
            rows.append(
                (customer, when, f"item {item}", round(level * float(rng.lognormal(0, 0.2)), 2))
            )
    return pl.DataFrame(rows, ["customer", "time", "item", "amount"], orient="row")


@pytest.fixture(scope="session")
def sets() -> ComparedSets:
    """Real customers, others as holdout, and an honest draw in place of synthetic ones."""
    return ComparedSets(draw(0, 1), draw(5_000, 2), draw(1_000, 3), "customer", "time")


def three(make: Callable[[int], pl.DataFrame]) -> ComparedSets:
    """Real, synthetic and holdout events, made by number."""
    return ComparedSets(make(0), make(1), make(2), "customer", "time")


def habit_detector(train: pl.DataFrame, test: pl.DataFrame) -> npt.NDArray[np.float64]:
    """Scores jumps of amount and changes of item, as far as they were rare in training."""

    def steps(frame: pl.DataFrame) -> pl.DataFrame:
        jump = pl.col("amount").log().diff().over("customer").abs()
        change = (pl.col("item") != pl.col("item").shift(1).over("customer")).cast(pl.Float64)
        soon = (pl.col("time").diff().over("customer").dt.total_minutes() < 10).cast(pl.Float64)
        return frame.select(
            jump=jump.fill_null(0), change=change.fill_null(0), soon=soon.fill_null(0)
        )

    known, asked = steps(train.sort("customer", "time")), steps(test)
    spread = float(known["jump"].mean())  # type: ignore[arg-type]
    rarity = -np.log(np.clip(float(known["change"].mean()), 0.01, 1))  # type: ignore[arg-type]
    haste = -np.log(np.clip(float(known["soon"].mean()), 0.001, 1))  # type: ignore[arg-type]
    score = asked["jump"] / spread + rarity * asked["change"] + haste * asked["soon"]
    scores: npt.NDArray[np.float64] = score.to_numpy()
    return scores


@contextmanager
def few_trees() -> Iterator[None]:
    """For those who ask what a report looks like, not what it finds."""
    few = partial(ensemble.HistGradientBoostingClassifier, max_iter=5)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ensemble, "HistGradientBoostingClassifier", few)
        yield


@pytest.fixture(scope="session")
def report(sets: ComparedSets) -> Report:
    """A report on data in which one customer has a name and an amount that nobody else has."""
    odd = sets.real.head(1).with_columns(item=pl.lit(SECRET), amount=pl.lit(EXTREME))
    real = pl.concat([sets.real, *[odd] * 20])
    with few_trees():
        return check_sets(
            real, sets.synthetic, sets.holdout,
            entity="customer", time="time", detector=habit_detector,
        )  # fmt: skip
