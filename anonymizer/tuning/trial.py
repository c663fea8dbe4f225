"""What rules come to on a table: who is singled out, and which queries are still answered."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import sha256

import polars as pl

from anonymizer.checks.attacks.alignment import value_kind
from anonymizer.checks.attacks.holdings import codes
from anonymizer.checks.attacks.knowledge import as_seen, event_columns
from anonymizer.checks.attacks.unicity import unicity
from anonymizer.checks.figures.statistics import Estimate
from anonymizer.errors import DataError, PrivacyWarning
from anonymizer.keys import Key
from anonymizer.masking.masks import Mask
from anonymizer.masking.masks.date_shift import DateShift
from anonymizer.masking.rules.rules import Rules
from anonymizer.masking.run.frames import masked_frame
from anonymizer.tuning.ladder import Knob
from anonymizer.tuning.queries import kept, reads
from anonymizer.tuning.search import Knobs, Levels, Point

_WHO, _EVENT = "\x1fwho", "\x1fevent"


@dataclass(frozen=True)
class Trial:
    """What rules come to.

    Attributes:
        changes: of the rules that were given, in words.
        risk: the share of people whom so many known events single out.
        utility: how much of the answers is kept, the mean over the queries.
        answers: by query, how much of its answer is kept, between 0 and 1.
    """

    changes: tuple[str, ...]
    risk: Estimate
    utility: float
    answers: Mapping[str, float]


@dataclass(frozen=True)
class Table:
    """The raw table, and what the rules as they are make of it.

    Attributes:
        raw: as it is.
        masked: in the same order, under a throwaway key; its entity is the raw one.
        entity: the columns that say whose event a row is.
        known: columns of both by which events are known.
        rules: as they are.
        key: by which columns are masked.
    """

    raw: pl.DataFrame
    masked: pl.DataFrame
    entity: tuple[str, ...]
    known: list[str]
    rules: Rules
    key: Key = field(repr=False)

    @property
    def people(self) -> int:
        """How many entities there are."""
        return self.raw.select(self.entity).drop_nulls().n_unique()

    def masked_by(self, column: str, mask: Mask) -> pl.Series | None:
        """A column by another mask; None where it is dropped."""
        if not mask.keeps_column:
            return None
        way = replace(self.rules, columns={column: (mask,)}, unlisted="drop")
        return _masked(self.raw, way, self.key)[column]


def table_of(raw: pl.DataFrame, rules: Rules, known: Sequence[str] | None, seed: int) -> Table:
    """Mask a table by rules as they are, and find out by what its events are known.

    Args:
        raw: the table.
        rules: with an entity.
        known: columns by which events are known; found out as `audit` does, if None.
        seed: of the key, which no output is made by.

    Raises:
        DataError: rules and columns do not fit; or no column tells events apart.
    """
    key = Key(sha256(f"tune-rules, {seed}".encode()).digest())
    alike = _row_by_row(rules)
    masked = _masked(raw, alike, key)
    entity = rules.entity_columns
    plain = [c for c in raw.columns if c in masked.columns and value_kind(raw.schema[c])]
    free = [c for c in plain if c not in entity]
    if known is None:
        whose = raw.select(_whose(raw, entity), *as_seen(raw, free))
        known = event_columns(whose, _WHO, free)
    absent = [c for c in known if c not in free]
    if absent or not known:
        told = f"no column {', '.join(absent)} of values" if absent else "no column"
        raise DataError(f"{told} describes events in the masked table: name them by `known`")
    masked = masked.with_columns(raw[column] for column in entity)
    return Table(raw, masked, entity, list(dict.fromkeys(known)), alike, key)


def _row_by_row(rules: Rules) -> Rules:
    """Rules that leave all rows in their order, so that columns can be masked one by one."""
    columns = {
        pattern: tuple(
            mask.model_copy(update={"truncate": False}) if isinstance(mask, DateShift) else mask
            for mask in masks
        )
        for pattern, masks in rules.columns.items()
    }
    same = replace(rules.row_by_row, fitted=None, columns=columns)
    return replace(same, order="kept", batches="accepted")


def _masked(raw: pl.DataFrame, rules: Rules, key: Key) -> pl.DataFrame:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PrivacyWarning)  # nothing leaves
        masked: pl.DataFrame = masked_frame(raw, rules, key)
    return masked


def _whose(raw: pl.DataFrame, entity: Sequence[str]) -> pl.Series:
    """(N,) whose row it is, as a number; null where an entity's column is."""
    nobody = raw.select(pl.any_horizontal(pl.col(entity).is_null())).to_series()
    numbers = pl.Series(_WHO, codes(raw, entity))
    return numbers.zip_with(~nobody, pl.Series([None], dtype=numbers.dtype))


class Trials:
    """Tries rules by the levels of their knobs. What was tried once is remembered.

    Attributes:
        table: raw and masked.
        knobs: what may be changed.
        queries: what is asked → SQL.
        least: how much of each answer must be kept.
    """

    def __init__(
        self,
        table: Table,
        knobs: Sequence[Knob],
        queries: Mapping[str, str],
        true: Mapping[str, pl.DataFrame],
        *,
        least: float,
        points: int,
        seed: int,
    ) -> None:
        self.table, self.knobs, self.queries, self.least = table, knobs, queries, least
        self._true, self._points, self._seed = true, points, seed
        self._who = _whose(table.raw, table.entity)
        self._columns: dict[tuple[int, int], list[pl.Series | None]] = {}
        self._kept: dict[tuple[object, ...], float] = {}
        self._tried: dict[Levels, Trial] = {}

    @cached_property
    def read(self) -> Sequence[Knobs]:
        """The knobs whose columns a query reads, of each query."""
        return [
            frozenset(n for n, knob in enumerate(self.knobs) if reads(query, knob.columns))
            for query in self.queries.values()
        ]

    @property
    def asked(self) -> Knobs:
        """The knobs whose columns any query reads."""
        return frozenset[int]().union(*self.read)

    @property
    def coarsest(self) -> Levels:
        """The last level of each knob."""
        return tuple(len(knob.rungs) - 1 for knob in self.knobs)

    def __call__(self, levels: Levels) -> Trial:
        """What rules come to by these levels."""
        if levels not in self._tried:
            events = self._events(levels)
            each = zip(self.queries, self.read, strict=True)
            answers = {name: self._answer(name, knobs, levels, events) for name, knobs in each}
            self._tried[levels] = Trial(
                tuple(self._told(knob, level) for knob, level in enumerate(levels) if level),
                self._risk(events),
                sum(answers.values()) / len(answers),
                answers,
            )
        return self._tried[levels]

    def _told(self, knob: int, level: int) -> str:
        """A change in words, and why a column goes that answers nothing."""
        told = self.knobs[knob].told(level)
        is_idle = level == self.coarsest[knob] and knob not in self.asked
        return f"{told} (no query asks for it)" if is_idle else told

    def point(self, levels: Levels) -> Point:
        """What the search asks for: the upper end of the risk, and the utility.

        An answer that is below what must be kept is worth more than all that are above it.
        """
        trial = self(levels)
        enough = [min(each, self.least) for each in trial.answers.values()]
        return Point(trial.risk.high, trial.utility + len(enough) * sum(enough))

    def is_useful(self, levels: Levels) -> bool:
        """Whether as much of each answer is kept as must be."""
        return min(self(levels).answers.values()) >= self.least

    def _events(self, levels: Levels) -> pl.DataFrame:
        """The masked table by these levels."""
        events, gone = self.table.masked, list[str]()
        for knob, level in enumerate(levels):
            if level:
                columns = self._masked(knob, level)
                names = self.knobs[knob].columns
                gone += [c for c, new in zip(names, columns, strict=True) if new is None]
                events = events.with_columns(new for new in columns if new is not None)
        return events.drop(gone, strict=False)

    def _masked(self, knob: int, level: int) -> list[pl.Series | None]:
        """The columns of a knob by one of its levels."""
        if (knob, level) not in self._columns:
            its = self.knobs[knob]
            self._columns[knob, level] = [
                self.table.masked_by(column, rung.mask)
                for column, rung in zip(its.columns, its.rungs[level], strict=True)
            ]
        return self._columns[knob, level]

    def _answer(self, name: str, knobs: Knobs, levels: Levels, events: pl.DataFrame) -> float:
        """How much of an answer is kept; asked once for all levels of the knobs that it reads."""
        read = [levels[knob] for knob in sorted(knobs)]
        if (name, *read) not in self._kept:
            self._kept[name, *read] = kept(self.queries[name], self._true[name], events)
        return self._kept[name, *read]

    def _risk(self, events: pl.DataFrame) -> Estimate:
        """Who is singled out; events are numbered by a digest of 64 bits, as ranks take long."""
        known = [c for c in self.table.known if c in events.columns]
        if not known:
            return Estimate(0.0, 0.0, 0.0)
        seen = as_seen(events, known)
        event = pl.when(~pl.all_horizontal(pl.all().is_null())).then(pl.struct(pl.all()).hash())
        coded = seen.select(event.alias(_EVENT)).with_columns(self._who)
        return unicity(coded, _WHO, [_EVENT], (self._points,), seed=self._seed)[0].share
