"""What each mechanism of the sequence model earns: it is switched off, and the rest is the same.

usage: ablation.py DATA OUT --judges FOLDER [--only DATASET/MECHANISM/SEED ...]

Mechanisms are switched off by putting something simpler in their place while a model is fitted and
sampled; the package stays as it is. DATA holds the files of `sequences.py` and the two of FoodMart,
of which the sales are joined with the customers' city and state. Halves as there. FOLDER holds the
neutral judges sequences.py and tstr.py. Each result is a line of JSON in OUT as soon as it is
there, and what is there is not run again; where a mechanism does nothing on a data set, the line
says so. Runs are named by patterns (`cdnow/*/0`) and come in the order of these. Seconds are the
processor's.
"""

import argparse
import importlib.util
import json
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, fields, replace
from fnmatch import fnmatch
from functools import cached_property, partial
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple
from unittest.mock import patch

import numpy as np
import polars as pl
import sequences
import torch
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import average_precision_score
from torch import Tensor

from anonymizer import SequenceModel
from anonymizer.arrays import FloatArray, IntArray
from anonymizer.sequences.histories.roles import Histories, assign_roles
from anonymizer.sequences.network import count_network, large_vocabulary, lstm
from anonymizer.sequences.network.pointer import REASONS, Recalled
from anonymizer.sequences.priors import arrivals, conditionals, counts, features, once
from anonymizer.sequences.priors.arrivals import Arrivals
from anonymizer.sequences.priors.conditionals import Conditionals
from anonymizer.sequences.priors.counts import Counts
from anonymizer.sequences.priors.once import Once
from anonymizer.sequences.priors.prior import Making, Seen
from anonymizer.sequences.priors.repeats import Repeat, Repeats
from anonymizer.sequences.tokens import bins, times
from anonymizer.sequences.tokens import heads as tokens
from anonymizer.sequences.tokens.encoded import Moment
from anonymizer.sequences.tokens.heads import FIELDS
from anonymizer.sequences.tokens.profile import Profile, Span
from anonymizer.sequences.tokens.times import Timeline
from anonymizer.sequences.training import config, fit, loop, run

SEEDS = (0, 1, 2)
ALL = "baseline"


class Set(NamedTuple):
    """A data set, which of its columns are categories, and which is an item to be ranked."""

    source: sequences.Source
    categories: list[str]
    item: str | None = None


FOODMART = sequences.Source(
    "foodmart_sales",
    "customer_id",
    "the_date",
    ["product_id", "product_name", "product_category", "unit_sales", "store_sales"],
)
PLACES = ["customer_city", "customer_state_province"]
SETS = {
    "cdnow": Set(sequences.SOURCES["cdnow"], []),
    "handbook": Set(sequences.SOURCES["handbook"], ["TX_FRAUD"]),
    "sparkov": Set(sequences.SOURCES["sparkov"], ["category", "is_fraud"]),
    "retail": Set(sequences.SOURCES["retail"], ["StockCode", "Country"], "StockCode"),
    "foodmart": Set(FOODMART, [*FOODMART.fields[:3], *PLACES], "product_id"),
}


def foodmart(folder: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Training and holdout events of FoodMart, with the place that each customer lives in."""
    train, rest = sequences.halves(folder, FOODMART)
    customers = pl.read_parquet(folder / "foodmart_customers.parquet").select(
        "customer_id", *PLACES
    )
    customers = customers.with_columns(pl.col("customer_id").cast(train.schema["customer_id"]))

    def joined(events: pl.DataFrame) -> pl.DataFrame:
        typed = pl.col("product_id").cast(pl.String), pl.col("the_date").cast(pl.Datetime("us"))
        whole = events.with_columns(*typed)
        return whole.join(customers, on="customer_id", how="left", maintain_order="left")

    return joined(train), joined(rest)


# What is put in the place of mechanisms.


class Patch(NamedTuple):
    """An attribute of a module or a class, and what to put there."""

    where: Any
    name: str
    value: Any


class Mechanism(NamedTuple):
    """What switches one off, and whether it does anything for the data that was read."""

    patches: list[Patch]
    is_active: Callable[[fit.Read], bool] = lambda _read: True


def _repeats(change: Callable[[Repeat], Repeat | None]) -> Patch:
    """Other repeats, or none, in place of those that are learned."""
    learned = Repeats.learn

    def found(seen: Seen, making: Making) -> Repeats:
        own = learned(seen, making)
        each = {j: change(repeat) for j, repeat in own.heads.items()}
        return Repeats(own.nothing, {j: e for j, e in each.items() if e is not None})

    return Patch(Repeats, "learn", found)


def _no_recall(previous: Tensor, _new: Tensor, _before: Any, usual: Tensor) -> Any:
    """In place of `recall`: no candidates, nothing to remember."""
    tokens = previous.new_zeros(*previous.shape, 0)
    return Recalled(tokens, usual.new_zeros(*tokens.shape, REASONS)), tokens.new_zeros(
        3, len(previous), 0
    )


def _no_trace(_self: Any, e: Tensor, _real: Tensor, _before: Any) -> tuple[Tensor, Tensor]:
    """In place of a trace."""
    return torch.zeros_like(e), e.new_zeros(1, len(e), e.shape[-1] + 1)


def _usual_gaps(self: Arrivals, base: Tensor, before: Any, _habits: Any) -> Tensor:
    """In place of the bridge: everyone's gaps, of those that are possible."""
    return tokens.close(base, self.bridge.open_gaps(before.moment, bounded=before.bounded))


def _usual_clocks(
    self: Arrivals, base: Tensor, m: Moment, gap: Tensor, _day: Tensor, _survival: Any
) -> Tensor:
    """The same of the time of day."""
    if self.timeline.clocks is None:
        return base
    return tokens.close(base, self.bridge.open_clocks(m, gap))


def _no_calendar(self: features.Features) -> Tensor:
    """A calendar that says nothing."""
    return torch.zeros(self.timeline.days, features.OF_DAY)


def _plain_cuts(
    v: IntArray, e: IntArray, weight: FloatArray, levels: FloatArray, k: int
) -> list[int]:
    """The cuts at all levels but those in the tails."""
    tails = np.array([0.0002, 0.0005, 0.001, 0.0025, 0.005, 0.0075])
    distance = np.abs(np.minimum(levels, 1 - levels)[:, None] - tails).min(1)
    return _CUTS(v, e, weight, levels[distance > 1e-9], k)


def _plain_insides(
    _pairs: pl.DataFrame, edges: IntArray, _k: int
) -> tuple[IntArray, IntArray, FloatArray]:
    """Values lie anywhere between a bin's edges."""
    return edges[:-1], edges[1:] - 1, np.zeros(max(len(edges) - 1, 0))


def _adamw(times_as_long: int) -> Patch:
    """AdamW for all weights, for as many epochs or more."""
    learned = config.EventTuning.config

    def found(self: config.EventTuning, *args: Any, **options: Any) -> loop.TrainingConfig:
        own = learned(self, *args, **options)
        return replace(own, muon=0.0, epochs=own.epochs * times_as_long)

    return Patch(config.EventTuning, "config", found)


def _latest(self: loop._Average) -> None:
    """In place of an average: the weights of now."""
    self.steps += 1
    for name, weight in self.module.named_parameters():
        self.weights[name].copy_(weight.detach())


class _AnyDay(Timeline):
    """A timeline that picks any day of a stretch, whatever the weekday."""

    def pick_day(
        self,
        low: IntArray,
        high: IntArray,
        weekday: IntArray,  # noqa: ARG002 (the timeline's)
        uniform: FloatArray,
    ) -> IntArray:
        return low + (uniform * (high - low + 1)).astype(np.int64)


def _profiles_without_weekdays(
    self: Profile, histories: Histories, span: Span, timeline: Timeline
) -> IntArray:
    found = _ENCODE(self, histories, span, timeline)
    found[:, [len(self.context) + 1, len(self.context) + 3]] = 0
    return found


def _span_of_any_day(
    self: Profile, profile: IntArray, uniform: FloatArray, timeline: Timeline
) -> Span:
    any_day = _AnyDay(**{each.name: getattr(timeline, each.name) for each in fields(Timeline)})
    return _DECODE(self, profile, uniform, any_day)


_CUTS, _ENCODE, _DECODE = bins._cuts, Profile.encode, Profile.decode  # noqa: SLF001


# When they do anything.


def _counted(read: fit.Read) -> bool:
    return read.priors.of(Counts).counted


def _large(read: fit.Read) -> bool:
    return bool(read.priors.large)


def _muon(read: fit.Read) -> bool:
    return not _large(read) and bool(read.histories.lengths.mean() >= fit.EVENTS.long)


def _follows(read: fit.Read) -> bool:
    follows, heads_ = read.priors.of(Conditionals).follows, len(read.priors.codec.head_sizes)
    return _counted(read) and any(follows(j) for j in range(FIELDS, heads_))


def _numbers_come_again(read: fit.Read) -> bool:
    return any(each.is_number for each in read.priors.of(Repeats).heads.values())


def _categories_stay(read: fit.Read) -> bool:
    return not all(each.is_number for each in read.priors.of(Repeats).heads.values())


def _nearly_large(read: fit.Read) -> bool:
    return any(read.priors.codec.head_sizes[j] < 512 for j in read.priors.large)


def _least(read: fit.Read) -> bool:
    return _counted(read) and bool(read.priors.of(Counts).repeating)


def _clocks(read: fit.Read) -> bool:
    return read.priors.codec.timeline.clocks is not None


def _no_conditionals(seen: Seen, making: Making) -> Conditionals:  # noqa: ARG001 (as it is called)
    return Conditionals.from_dict([], making)


FLAT_ACTIVITY = Patch(times, "_activity", lambda _h, _p, line, _k: np.ones(line.days))
FLAT_TURN = Patch(times, "_turn", lambda *_: np.ones(times.DAY_CELLS))


def _shape(**numbers: float) -> Patch:
    """Another shape of the event network."""
    return Patch(run, "NetworkConfig", partial(lstm.NetworkConfig, **numbers))


MECHANISMS: dict[str, Mechanism] = {
    ALL: Mechanism([]),
    "counts": Mechanism([Patch(counts, "ENTITIES", 10**12)], _counted),
    "kinds of counts": Mechanism([Patch(count_network, "KINDS", 1)], _counted),
    "counts of hours and weekdays": Mechanism(
        [Patch(counts, "HABITUAL", np.inf)],
        lambda read: _counted(read) and read.priors.of(Counts).habitual,
    ),
    "constant": Mechanism(
        [Patch(counts, "CONSTANT", 2.0)],
        lambda read: _counted(read) and bool(read.priors.of(Counts).constant),
    ),
    "once": Mechanism(
        [Patch(once, "_never_twice", lambda *_: False)],
        lambda read: bool(read.priors.of(Once).heads),
    ),
    "conditionals": Mechanism(
        [Patch(Conditionals, "learn", _no_conditionals)],
        lambda read: bool(read.priors.of(Conditionals).lifts),
    ),
    "follows": Mechanism([Patch(conditionals, "FOLLOWS", 10.0)], _follows),
    "repeats of numbers": Mechanism(
        [_repeats(lambda each: None if each.is_number else each)], _numbers_come_again
    ),
    "exact digits": Mechanism(
        [_repeats(lambda each: each._replace(exactly=(0.0,) * len(each.exactly)))],
        _numbers_come_again,
    ),
    "repeats of categories": Mechanism(
        [_repeats(lambda each: each if each.is_number else None)], _categories_stay
    ),
    "pointer": Mechanism([Patch(lstm, "recall", _no_recall)], _large),
    "trace": Mechanism([Patch(large_vocabulary.Trace, "forward", _no_trace)], _large),
    "sharpness": Mechanism([Patch(fit.Fitting, "sharpen", lambda *_: None)], _large),
    "sessions": Mechanism(
        [Patch(arrivals, "share_in_sessions", lambda *_, **__: 0.0)],
        lambda read: read.priors.of(Arrivals).sessions > 0,
    ),
    "bridge": Mechanism(
        [Patch(Arrivals, "_gaps", _usual_gaps), Patch(Arrivals, "_clocks", _usual_clocks)]
    ),
    "activity and turn": Mechanism([FLAT_ACTIVITY, FLAT_TURN]),
    "turn": Mechanism([FLAT_TURN], _clocks),
    "season": Mechanism(
        [Patch(times, "_smooth", lambda values, _kernel: np.full(len(values), values.sum()))]
    ),
    "calendar": Mechanism([Patch(features.Features, "calendar", property(_no_calendar))]),
    "smooth basis": Mechanism(
        [Patch(fit, "basis", lambda usual, _order: torch.zeros(len(usual), 0))]
    ),
    "muon": Mechanism([_adamw(1)], _muon),
    "muon, twice the epochs": Mechanism([_adamw(2)], _muon),
    "averaged weights": Mechanism([Patch(loop._Average, "step", _latest)]),  # noqa: SLF001
    "hidden profiles": Mechanism([Patch(run, "Fitting", partial(fit.Fitting, hidden=0.0))]),
    "dropout": Mechanism([_shape(dropout=0.0)]),
    "large dropout": Mechanism([_shape(large_dropout=0.0)], _large),
    "large from 512": Mechanism([Patch(tokens, "LARGE", 512)], _nearly_large),
    "tail levels": Mechanism([Patch(bins, "_cuts", _plain_cuts)]),
    "price points": Mechanism(
        [Patch(bins, "_stands_out", lambda support: pl.Series([False] * len(support)))]
    ),
    "atoms": Mechanism([Patch(bins, "ATOMS", 0)]),
    "insides of bins": Mechanism([Patch(bins, "_insides", _plain_insides)]),
    "decay of profiles": Mechanism(
        [Patch(fit, "PROFILES", replace(config.PROFILES, decay=loop.TrainingConfig.weight_decay))]
    ),
    "least": Mechanism([Patch(counts, "LEAST", 1e-6)], _least),
    "weekdays of profiles": Mechanism(
        [
            Patch(Profile, "encode", _profiles_without_weekdays),
            Patch(Profile, "decode", _span_of_any_day),
        ]
    ),
}


# What shows nothing alone might do so together.
SMALL = ("sessions", "season", "calendar", "decay of profiles", "weekdays of profiles")
BINS = ("tail levels", "insides of bins")
for title, group in (("small ones and bins", (*SMALL, *BINS)), ("small ones", SMALL)):
    MECHANISMS[title] = Mechanism([each for name in group for each in MECHANISMS[name].patches])


@contextmanager
def without(name: str) -> Iterator[None]:
    """One mechanism is off."""
    with ExitStack() as stack:
        for where, attribute, value in MECHANISMS[name].patches:
            stack.enter_context(patch.object(where, attribute, value))
        yield


# Figures.


def judge(folder: Path, name: str) -> ModuleType:
    """One of the neutral judges."""
    spec = importlib.util.spec_from_file_location(f"judge_{name}", folder / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@dataclass(frozen=True)
class Case:
    """A data set with what is worked out once for all its runs."""

    name: str
    folder: Path
    judges: Path
    work: Path

    @property
    def source(self) -> sequences.Source:
        """Its columns."""
        return SETS[self.name].source

    @cached_property
    def parts(self) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Training and holdout events, also written where the judges find them."""
        if self.name == "foodmart":
            found = foodmart(self.folder)
        else:
            found = sequences.halves(self.folder, self.source)
        for events, part in zip(found, ("train", "holdout"), strict=True):
            events.write_parquet(self.path(part))
        return found

    @cached_property
    def read(self) -> fit.Read:
        """What a fit makes of the training events."""
        train = self.parts[0]
        return fit.read(
            train, assign_roles(train, self.source.entity, self.source.time), 0, fit.MIN_ENTITIES
        )

    def path(self, part: str) -> Path:
        """Where a part lies."""
        return self.work / f"{self.name}.{part}.parquet"

    def run(self, mechanism: str, seed: int) -> dict[str, Any]:
        """Fit, sample and judge without a mechanism."""
        train, holdout = self.parts
        with without(mechanism):
            began = time.process_time()
            source = self.source
            model = SequenceModel.fit(train, entity=source.entity, time=source.time, seed=seed)
            fitted = time.process_time()
            synthetic = model.sample(train[source.entity].n_unique(), seed=seed)
            sampled = time.process_time()
            item = SETS[self.name].item
            recall = self.next_item(model, holdout, item) if item else None
        synthetic.write_parquet(self.path("synthetic"))
        training = model.card["training"]["events"]
        weights = sum(w.numel() for net in model.networks.named.values() for w in net.parameters())
        return {
            **self.judged(),
            "next_item": recall,
            "loss": round(training["held_out_loss"], 4),
            "epochs": f"{training['epoch']}/{training['epochs']}",
            "fit_s": round(fitted - began, 1),
            "sample_s": round(sampled - fitted, 1),
            "judge_s": round(time.process_time() - sampled, 1),
            "weights": weights,
        }

    def next_item(self, model: SequenceModel, holdout: pl.DataFrame, item: str) -> float:
        """How often the last item of a holdout entity is among ten that are recommended."""
        entity = self.source.entity
        ordered = holdout.sort(entity, self.source.time, maintain_order=True)
        several = ordered.filter(pl.len().over(entity) > 1)
        last = pl.int_range(pl.len()).over(entity) == pl.len().over(entity) - 1
        found = model.recommend(several.filter(~last), field=item, top=10)
        truth = several.filter(last).select(entity, item)
        return round(len(truth.join(found, on=[entity, item])) / len(truth), 4)

    def judged(self) -> dict[str, Any]:
        """The neutral judges' figures of the synthetic set."""
        (entity, moment, label), categories = self._columns, SETS[self.name].categories
        module = judge(self.judges, "sequences")
        holdout, synthetic = (
            module.prepare(self.path(part), entity, moment) for part in ("holdout", "synthetic")
        )
        args = holdout, synthetic.select(holdout.columns), entity, moment, categories, self._numbers
        similar = float(np.mean(list(module.figures(*args).values()))) / self._ceiling
        found = {"c2st": round(float(module.c2st(*args)), 4), "similarity": round(similar, 4)}
        return found | ({"detector": self.detector("synthetic")} if label else {})

    @property
    def _columns(self) -> tuple[str, str, str | None]:
        return self.source.entity, self.source.time, self.source.label

    @cached_property
    def _numbers(self) -> list[str]:
        train, columns = self.parts[0], self._columns
        other = [*SETS[self.name].categories, *columns]
        return [c for c, kind in train.schema.items() if kind.is_numeric() and c not in other]

    @cached_property
    def _ceiling(self) -> float:
        entity, moment, _ = self._columns
        module = judge(self.judges, "sequences")
        train, holdout = (
            module.prepare(self.path(p), entity, moment) for p in ("train", "holdout")
        )
        categories = SETS[self.name].categories
        found = module.figures(holdout, train, entity, moment, categories, self._numbers)
        return float(np.mean(list(found.values())))

    def detector(self, part: str) -> float:
        """The judge's detector, trained on a part: average precision on the holdout."""
        x, y = self._table(part)
        if y.sum() < 5:
            return 0.0
        test, truth = self._holdout_table
        trees = (
            HistGradientBoostingClassifier(random_state=s, max_iter=200, class_weight="balanced")
            for s in range(3)
        )
        chance = np.mean([each.fit(x, y).predict_proba(test)[:, 1] for each in trees], axis=0)
        return round(float(average_precision_score(truth, chance)), 4)

    @cached_property
    def _holdout_table(self) -> tuple[FloatArray, IntArray]:
        return self._table("holdout")

    def _table(self, part: str) -> tuple[FloatArray, IntArray]:
        entity, moment, label = self._columns
        categories = [c for c in SETS[self.name].categories if c != label]
        values = {c: sorted(map(str, self.parts[0][c].unique().to_list())) for c in categories}
        numbered = {c: {v: i for i, v in enumerate(own)} for c, own in values.items()}
        table: tuple[FloatArray, IntArray] = judge(self.judges, "tstr").table(
            self.path(part), entity, moment, label, categories, numbered, self._numbers
        )
        return table

    def facts(self) -> dict[str, Any]:
        """What was found in the training events, and what a detector learns from them."""
        codec, priors = self.read.priors.codec, self.read.priors
        names, counted = ["gap", "weekday", "clock", *codec.fields], priors.of(Counts)
        repeats, lifts = priors.of(Repeats).heads, priors.of(Conditionals)
        return {
            "entities": len(self.read.histories.lengths),
            "events": len(self.read.histories.rows),
            "counted": counted.counted,
            "sizes": dict(zip(names, codec.head_sizes, strict=True)),
            "large": [names[j] for j in priors.large],
            "repeats": {
                names[j]: "event" if e.key < 0 else names[e.key] for j, e in repeats.items()
            },
            "constant": {names[j]: share for j, share in counted.constant.items()},
            "once": [names[j] for j in priors.of(Once).heads],
            "conditionals": [f"{names[i]}→{names[j]}" for j, (i, _) in lifts.lifts.items()],
            "follows": [n for j, n in enumerate(names) if lifts.follows(j)],
            "sessions": priors.of(Arrivals).sessions,
            "context": list(codec.profile.context),
            "real_detector": self.detector("train") if self.source.label else None,
        }


def main(case: Case, mechanism: str, seed: int) -> dict[str, Any]:
    """A result, or why there is none."""
    row: dict[str, Any] = {"data": case.name, "mechanism": mechanism, "seed": seed}
    if mechanism == "facts":
        return row | case.facts()
    if not MECHANISMS[mechanism].is_active(case.read):
        return row | {"note": "not active"}
    try:
        return row | case.run(mechanism, seed)
    except Exception:  # noqa: BLE001 (a switch may break something: the other runs go on)
        return row | {"note": traceback.format_exc(limit=-3)}


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--judges", type=Path, required=True)
    parser.add_argument("--only", nargs="*", default=["*"])
    asked = parser.parse_args()
    asked.out.touch()
    lines = [json.loads(line) for line in asked.out.read_text().splitlines()]
    done = {(row["data"], row["mechanism"], row["seed"]) for row in lines}
    runs = [(d, m, s) for d in SETS for m in ["facts", *MECHANISMS] for s in SEEDS]
    with tempfile.TemporaryDirectory() as scratch:
        cases = {name: Case(name, asked.data, asked.judges, Path(scratch)) for name in SETS}
        for pattern in asked.only:
            for each in runs:
                if each in done or not fnmatch("/".join(map(str, each)), pattern):
                    continue
                done.add(each)
                result = main(cases[each[0]], *each[1:])
                with asked.out.open("a") as file:
                    file.write(json.dumps(result, ensure_ascii=False) + "\n")
