"""Scores as columns beside events: what `score` adds to a frame, and their summary by entity."""

import math
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import numpy as np
import polars as pl
import polars.selectors as cs

from anonymizer.arrays import FloatArray
from anonymizer.errors import DataError
from anonymizer.sequences.derived.derivation import Derivation
from anonymizer.sequences.histories.roles import Roles, require
from anonymizer.sequences.network.ends import EndNetwork, PauseReader
from anonymizer.sequences.network.lstm import EventNetwork
from anonymizer.sequences.priors.registry import Priors
from anonymizer.sequences.scoring.judge import Calibration, Judge, Judgement
from anonymizer.sequences.scoring.silence import silence
from anonymizer.sequences.tokens.codec import HistoryCodec
from anonymizer.sequences.tokens.heads import FIELDS

SCORE: Final = "anomaly_score"
SUMMARY: Final = (
    "events", "above_limit", "expected", "mean_score", "highest_score", "silence",
)  # fmt: skip
ALERTS: Final = {"alert": pl.Boolean(), "alert_column": pl.String(), "alert_usual": pl.String()}


@dataclass(frozen=True)
class Scorer:
    """Puts scores beside the events of a frame.

    Attributes:
        derivation: of the columns.
        priors, network: of the model.
        calibration: from which score on an event is not believed, or raises an alert.
        apart: whether an entity's scores owe nothing to who else is there: that two have one
            identifier is not seen.
    """

    derivation: Derivation
    priors: Priors
    network: EventNetwork
    calibration: Calibration
    apart: bool = False

    @property
    def codec(self) -> HistoryCodec:
        """The codec of the columns."""
        return self.priors.codec

    def score(
        self,
        frame: pl.DataFrame,
        history: pl.DataFrame | None = None,
        alert_rate: float | None = None,
        *,
        trusting: bool = False,
    ) -> pl.DataFrame:
        """The frame with the score, its parts and alerts; see `SequenceModel.score`."""
        limit = None if alert_rate is None else self.calibration.threshold(alert_rate)
        earlier = frame.clear() if history is None else history
        self._require(frame, earlier)
        self._require_room(frame)
        roles = self.derivation.roles
        if frame.drop_nulls([roles.entity, roles.time]).is_empty():
            kinds = dict.fromkeys(self._added, pl.Float64()) | (ALERTS if limit is not None else {})
            return frame.with_columns(pl.lit(None, kind).alias(c) for c, kind in kinds.items())
        histories, data = self.derivation.read(_joined(earlier, frame, roles))
        judged = Judge(self.network, self.priors).judge(
            self.codec.encode(histories, bounded=False),
            self.codec.outside(histories),
            doubt=math.inf if trusting else self.calibration.doubt,
            alert=math.inf if limit is None else limit,
        )
        found = self._parts(judged, data)
        if limit is not None:
            found = found.with_columns(self._alerts(judged, found, limit))
        # Rows in the order of the frame; those without entity or time have none.
        place = np.full(len(frame), len(found))
        asked = histories.rows >= len(earlier)
        place[histories.rows[asked] - len(earlier)] = np.flatnonzero(asked)
        index = pl.Series(place).replace(len(found), None)
        return frame.hstack(found.select(pl.all().gather(index)))

    def summary(
        self,
        ends: EndNetwork,
        scored: pl.DataFrame,
        history: pl.DataFrame | None,
        until: date | datetime | None,
        alert_rate: float,
    ) -> pl.DataFrame:
        """One row per entity, the strangest first; see `SequenceModel.summarise`."""
        limit, entity = self.calibration.threshold(alert_rate), self.derivation.roles.entity
        require(scored, entity, SCORE)
        if entity in SUMMARY:
            raise DataError(f"the entity's column is called {entity}: rename it")
        earlier = scored.clear() if history is None else history
        self._require(scored, earlier)
        found = self._silences(ends, _joined(earlier, scored, self.derivation.roles), until)
        found = found.cast({entity: scored.schema[entity]})
        found = found.join(_of_events(scored, entity, limit), on=entity, how="left")
        count = pl.col("events", "above_limit").fill_null(0)
        strange = pl.col("above_limit") + (pl.col("silence") > -math.log(alert_rate))
        return (
            found.with_columns(count, expected=pl.col("events").fill_null(0) * alert_rate)
            .select(entity, *SUMMARY)
            .sort(strange, "mean_score", entity, descending=[True, True, False], nulls_last=True)
        )

    def _silences(
        self, ends: EndNetwork, events: pl.DataFrame, until: date | datetime | None
    ) -> pl.DataFrame:
        """A row per entity: how strange it is that nothing has followed its last event."""
        roles = self.derivation.roles
        if events.drop_nulls([roles.entity, roles.time]).is_empty():
            return events.select(roles.entity, silence=pl.lit(0.0)).clear()
        histories, _ = self.derivation.read(events)
        ids = histories.frame[roles.entity].gather(histories.offsets[:-1])
        found = silence(PauseReader(self.network, self.priors), ends, histories, until)
        return pl.DataFrame({roles.entity: ids, "silence": found})

    def _require(self, frame: pl.DataFrame, history: pl.DataFrame) -> None:
        """Raise a DataError if a frame cannot be read after a history."""
        roles = self.derivation.roles
        self.derivation.require(frame)
        self.derivation.require(history)
        if history.schema[roles.entity] != frame.schema[roles.entity]:
            raise DataError(
                f"column '{roles.entity}' is {history.schema[roles.entity]} in history and "
                f"{frame.schema[roles.entity]} in what is to be scored: cast one"
            )
        _require_earlier(history, frame, roles)

    def _require_room(self, frame: pl.DataFrame) -> None:
        """Raise a DataError if columns of a frame are in the way of those that are added."""
        if len(set(self._added)) < len(self._added):
            raise DataError("the parts of 'score' and 'of_score' have one name: rename a column")
        taken = [c for c in (*self._added, *ALERTS) if c in frame.columns]
        if taken:
            raise DataError(f"column '{taken[0]}' is there already: rename or drop it")

    @property
    def _columns(self) -> list[str]:
        """Columns of the data that the total has parts for."""
        return [self.derivation.roles.time, *self.derivation.roles.fields]

    @property
    def _added(self) -> list[str]:
        """Names of the columns that are added: the total and its parts."""
        return [SCORE, *(_part(name) for name in self._columns)]

    def _parts(self, judged: Judgement, data: pl.DataFrame) -> pl.DataFrame:
        """Make a column of the total and one of each part."""
        parts = {c: np.zeros(len(judged.total)) for c in self._columns}
        parts[self.derivation.roles.time] += judged.time
        for column, part in zip(self._written, judged.parts[:, FIELDS:].T, strict=True):
            parts[column] += part
        total = judged.total + self._add_broken(parts, data)
        return pl.DataFrame(dict(zip(self._added, (total, *parts.values()), strict=True)))

    def _add_broken(self, parts: dict[str, FloatArray], data: pl.DataFrame) -> FloatArray:
        """Add −log of how often what follows does not, where it does not; (N,) of all together."""
        total = np.zeros(len(data))
        for step, rate, broken in self.derivation.broken(data, apart=self.apart):
            columns = [c for c in step.given if c in parts]
            if columns and step.rank == 0:  # what is only corrected is judged by the network
                strange = np.where(broken.to_numpy(), -math.log(rate), 0.0)
                parts[columns[0]] += strange
                total += strange
        return total

    @property
    def _written(self) -> list[str]:
        """The column of the data that each field of the network stands for."""
        return [self.derivation.source(name) for name in self.codec.fields]

    def _alerts(self, judged: Judgement, found: pl.DataFrame, limit: float) -> list[pl.Series]:
        columns = [self.derivation.roles.time] * FIELDS + self._written
        follow = self.derivation.given - set(self.codec.fields)
        over, parts = (found[SCORE] > limit).to_list(), found.drop(SCORE).to_numpy()
        named: list[str | None] = [None] * len(over)
        usual: list[str | None] = [None] * len(over)
        for e in np.flatnonzero(over).tolist():
            strangest = self._columns[int(parts[e].argmax())]
            by_network = e in judged.heads and strangest not in follow
            named[e] = columns[judged.heads[e]] if by_network else strangest
            usual[e] = None if named[e] in follow else judged.usual.get(e)
        return [
            pl.Series(name, column, kind)
            for (name, kind), column in zip(ALERTS.items(), (over, named, usual), strict=True)
        ]


def _of_events(scored: pl.DataFrame, entity: str, limit: float) -> pl.DataFrame:
    """A row per entity that has events: how strange they are."""
    score = pl.col(SCORE)
    return (
        scored.drop_nulls(SCORE)
        .group_by(entity)
        .agg(
            events=pl.len(),
            above_limit=(score > limit).sum(),
            mean_score=score.mean(),
            highest_score=score.max(),
        )
    )


def _joined(history: pl.DataFrame, frame: pl.DataFrame, roles: Roles) -> pl.DataFrame:
    """History and frame as one, where their types may differ within a kind."""
    times = [
        pl.col(c).cast(kind)
        for c, kind in frame.schema.items()
        if c in roles.columns and kind.is_temporal()
    ]
    both = (history.with_columns(times).select(roles.columns), frame.select(roles.columns))
    plain = [each.with_columns((cs.categorical() | cs.enum()).cast(pl.String)) for each in both]
    return pl.concat(plain, how="vertical_relaxed")


def _part(column: str) -> str:
    """The name of a column's part; a column called `score` must not take the total's."""
    return "anomaly_of_score" if column == "score" else f"anomaly_{column}"


def _require_earlier(history: pl.DataFrame, frame: pl.DataFrame, roles: Roles) -> None:
    """Raise a DataError if an entity's history goes on after its first event in the frame."""
    time = pl.col(roles.time).cast(frame.schema[roles.time])
    ends = history.group_by(roles.entity).agg(time.max().alias("\0end"))
    begins = frame.group_by(roles.entity).agg(pl.col(roles.time).min().alias("\0begin"))
    late = ends.join(begins, on=roles.entity).filter(pl.col("\0end") > pl.col("\0begin"))
    if len(late):
        raise DataError(
            f"history holds events of {len(late)} entities after the first one to be scored: "
            "give it earlier events only"
        )
