"""`SequenceModel`: fit, sample, score, save and load."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple, TypeVar, cast

import numpy as np
import polars as pl
import torch
from torch import nn

from anonymizer.errors import DataError, ModelError
from anonymizer.frames import collect, eager, to_lazy
from anonymizer.sequences import artifact
from anonymizer.sequences.accountant import Promise
from anonymizer.sequences.batches import Encoded
from anonymizer.sequences.checkpoint import Checkpoint, fingerprint
from anonymizer.sequences.codec import HELD_OUT, HistoryCodec
from anonymizer.sequences.detection import Calibration, Detector, Judgement
from anonymizer.sequences.encoding import Categories
from anonymizer.sequences.events import (
    Histories,
    Roles,
    assign_roles,
    read_histories,
    require,
    require_number,
    split,
)
from anonymizer.sequences.fitting import Fitting, Split, event_config
from anonymizer.sequences.generation import Given, Sampler
from anonymizer.sequences.likelihood import history_losses
from anonymizer.sequences.network import (
    FIELDS,
    EventNetwork,
    MarkNetwork,
    NetworkConfig,
    basis,
)
from anonymizer.sequences.private_fit import describe, fit_privately
from anonymizer.sequences.protection import FloatArray
from anonymizer.sequences.quota_network import QuotaNetwork
from anonymizer.sequences.recommendation import rank
from anonymizer.sequences.training import Report
from anonymizer.sequences.tuning import tune

MIN_ENTITIES = 5  # entities that must hold a value before the model may know it
CALIBRATED = 256  # events of each held-out history that teach which scores are rare

ALERT_COLUMNS = {"alert": pl.Boolean(), "alert_column": pl.String(), "alert_usual": pl.String()}

Progress = Callable[[str], None]
Frame = TypeVar("Frame")  # Polars, pandas or Arrow


@dataclass(frozen=True)
class SequenceModel:
    """A generative LSTM over event histories.

    Attributes:
        codec: what was learned of columns, time and entities.
        config: shape of the event network.
        events, marks, quotas: the trained networks; no quotas where few entities have long
            histories.
        calibration: which scores are rare.
        card: counts and losses of the training.
    """

    codec: HistoryCodec
    config: NetworkConfig
    events: EventNetwork
    marks: MarkNetwork
    quotas: QuotaNetwork | None
    calibration: Calibration
    card: dict[str, Any]

    @classmethod
    def fit(
        cls,
        frame: Any,
        *,
        entity: str,
        time: str,
        fields: Sequence[str] | None = None,
        context: Sequence[str] | None = None,
        seed: int = 0,
        max_epochs: int | None = None,
        min_entities: int = MIN_ENTITIES,
        device: str = "auto",
        tune_minutes: float = 0,
        checkpoint: str | Path | None = None,
        resume: bool = False,
        epsilon: float | None = None,
        delta: float | None = None,
        progress: Progress = lambda _line: None,
    ) -> "SequenceModel":
        """Learn the histories in a frame.

        Args:
            frame: one row per event; Polars (eager or lazy), pandas or Arrow, here and elsewhere.
            entity: column that says whose event it is.
            time: column that says when, Date or Datetime. Ties keep the order of the rows.
            fields: columns to learn per event; all others by default.
            context: columns that hold once per entity; found by default.
            seed: fixes split, weights and order, so that the same data gives the same model.
            max_epochs: a bound on training; it stops earlier when held-out entities say so.
            min_entities: how many entities must hold a value before the model may know it.
            device: to train on, as torch names it; `auto` is the GPU where there is one.
            tune_minutes: time to look for better settings of the network first.
            checkpoint: a file to keep the training's state in after each epoch; it is removed
                when the training is over.
            resume: go on from the checkpoint, if there is one of the same data and settings. The
                model is the one that an uninterrupted training gives.
            epsilon: of differential privacy, given with `delta`: the model is then fitted in a
                simpler way whose outcome hardly depends on any one entity. There noise takes the
                place of `min_entities`, `max_epochs` is how many passes there are, context columns
                must be named, and two fits with one seed differ.
            delta: the chance that the promise of epsilon fails, far below 1 / entities.
            progress: told which columns are context, then a line after each epoch.

        Raises:
            DataError: a column is absent or cannot be modelled, or entities are too few.
            ModelError: the checkpoint is of other data or settings.
            MissingExtraError: tuning or differential privacy needs a package that is not there.
        """
        place, frame = _device(device), eager(frame)
        require_number("min_entities", min_entities, 1)
        require_number("max_epochs", max_epochs if max_epochs is not None else 1, 1)
        require_number("tune_minutes", tune_minutes, 0, whole=False)
        promise = Promise.of(epsilon, delta)
        if promise:
            if checkpoint or resume or tune_minutes or device not in ("auto", "cpu"):
                raise DataError(
                    "epsilon goes with neither tuning, checkpoints nor another device than cpu"
                )
            roles = assign_roles(frame.clear(), entity, time, fields, context)  # types alone
            progress(roles.told)
            return fit_privately(
                frame, roles, promise, cls.untrained,
                passes=max_epochs, seed=seed, progress=progress,
            )  # fmt: skip
        roles = assign_roles(frame, entity, time, fields, context)
        progress(roles.told)
        histories, parts, codec, data = _read(frame, roles, seed, min_entities)
        config = NetworkConfig(codec.assembly.features)
        lengths = histories.lengths[parts.inside]
        training = event_config(lengths, max_epochs, seed, wide=bool(codec.wide))

        def report(what: str, state: Report) -> None:
            progress(_line(what, state))

        fitting = Fitting(codec, data, parts, report)
        if tune_minutes:

            def build(shape: NetworkConfig) -> EventNetwork:
                return cls.untrained(codec, shape).events.to(place)

            config, training = tune(fitting, build, (config, training), tune_minutes, progress)
            torch.manual_seed(seed)
        store = checkpoint and Checkpoint(
            Path(checkpoint), fingerprint(data, config, training), resume
        )
        if store:
            store.load()  # what cannot be resumed is refused before anything is learned
        model = cls.untrained(codec, config)
        fitted = {"marks": fitting.marks(model.marks)}
        if model.quotas is not None:
            fitted["quotas"] = fitting.quotas(model.quotas)
        model.events.to(place)
        fitted["events"] = fitting.events(model.events, training, store or None)
        model.events.cpu()
        if store:
            store.remove()
        model = model.calibrated(histories.select(parts.held), min_entities)
        model.card.update(
            entities=len(parts.inside),
            held_out_entities=len(parts.held),
            events=int(lengths.sum()),
            rows_without_entity_or_time=histories.dropped,
            min_entities=min_entities,
            seed=seed,
            settings={"network": asdict(config), "training": asdict(training)},
            training={name: asdict(result) for name, result in fitted.items()},
        )
        return model

    @classmethod
    def untrained(cls, codec: HistoryCodec, config: NetworkConfig) -> "SequenceModel":
        """Networks of the right shape."""
        heads = len(codec.head_sizes)
        events, marks = codec.usual[:heads], codec.usual[heads:]
        of_events = [basis(u, o) for u, o in zip(events, codec.orders, strict=True)]
        of_marks = [basis(u, o) for u, o in zip(marks, codec.marks.orders, strict=True)]
        bases = [torch.from_numpy(each).float() for each in marks]
        usual = [torch.from_numpy(each).float() for each in events]
        return cls(
            codec,
            config,
            EventNetwork(config, of_events, of_marks, usual, codec.sticky),
            MarkNetwork(of_marks, bases),
            QuotaNetwork(codec.quotas.blocks) if codec.tells_quotas else None,
            Calibration(),
            {},
        )

    def calibrated(self, held_out: Histories, k: int) -> "SequenceModel":
        """The same model, with limits learned from entities that it has not learned from."""
        early = held_out.head(CALIBRATED)
        learned = Calibration.learn(
            Detector(self.events, self.codec),
            self.codec.encode(early, bounded=False),
            k,
        )
        return replace(self, calibration=learned)

    def sample(
        self,
        entities: int | None = None,
        *,
        seed: int = 0,
        conditions: Any = None,
        prefix: Any = None,
    ) -> pl.DataFrame:
        """Histories of entities that do not exist, with the columns and types of the input.

        The same seed gives the same histories; the first 100 of 1,000 are the 100.

        Args:
            entities: how many.
            seed: of every random choice.
            conditions: context columns with a row per entity to sample, in place of `entities`;
                context columns that are not there are sampled too.
            prefix: histories to be continued, in place of `entities`. Only the events that follow
                come back, at least one of each entity, under the entity's own id and not before
                its last event, within the time that the model was trained on. Entities whose
                past goes beyond that are left out.

        Raises:
            DataError: not exactly one of the three is given, or a condition cannot be met.
        """
        if sum(x is not None for x in (entities, conditions, prefix)) != 1:
            raise DataError("give one of: a number of entities, conditions, prefix")
        if conditions is not None:
            return pl.concat(self._conditioned(eager(conditions), seed))
        if prefix is not None:
            return pl.concat(self._continued(eager(prefix), seed))
        return pl.concat(list(self.sample_blocks(entities, seed=seed)))  # type: ignore[arg-type]  # (None is refused there)

    def sample_blocks(self, entities: int, *, seed: int = 0) -> Iterator[pl.DataFrame]:
        """The same in pieces of some thousand histories at most, so that memory stays bounded.

        Raises:
            DataError: the number is none, or less than one.
        """
        require_number("the number of entities", entities, 1)
        sampler = self._sampler
        for start in range(0, entities, sampler.rows):
            data, uniform = sampler.block(start, min(sampler.rows, entities - start), seed)
            yield self.codec.decode(data, uniform, start + 1)

    def _conditioned(self, conditions: pl.DataFrame, seed: int) -> Iterator[pl.DataFrame]:
        if conditions.is_empty():
            raise DataError("conditions has no rows: give one per entity to sample")
        marks = self.codec.marks_of(conditions)
        sampler = self._sampler
        for start in range(0, len(marks), sampler.rows):
            given = Given(marks[start : start + sampler.rows])
            data, uniform = sampler.block(start, len(given.marks), seed, given)
            frame = self.codec.decode(data, uniform, start + 1)
            owner = np.repeat(np.arange(len(data.marks)), np.diff(data.offsets))
            own = conditions[start : start + sampler.rows].select(
                pl.col(name).cast(frame.schema[name]) for name in conditions.columns
            )
            yield frame.with_columns(own[owner])

    def _continued(self, prefix: pl.DataFrame, seed: int) -> Iterator[pl.DataFrame]:
        roles = self.codec.roles
        self.codec.require(prefix)
        histories = read_histories(prefix, roles)
        inside = self.codec.timeline.inside(
            histories.frame[roles.time].gather(histories.offsets[1:] - 1)
        )
        if not inside.any():
            raise DataError(
                "no history of prefix ends within the time that the model was trained on: it "
                "cannot see beyond it"
            )
        histories = histories.select(np.flatnonzero(inside))
        data = self.codec.encode(histories)
        ids = histories.frame[roles.entity].gather(histories.offsets[:-1])
        sampler = self._sampler
        for start in range(0, len(data.marks), sampler.rows_given):
            who = np.arange(start, min(start + sampler.rows_given, len(data.marks)))
            past = data.select(who)
            known = self.codec.marks.before_the_end(past.marks)
            found, uniform = sampler.block(start, len(who), seed, Given(known, past))
            lengths = np.diff(found.offsets)
            position = np.arange(len(found.tokens)) - np.repeat(found.offsets[:-1], lengths)
            new = position >= np.repeat(past.span.length, lengths)
            own = ids.gather(np.repeat(who, lengths))
            frame = self.codec.decode(found, uniform, 1).with_columns(own.alias(roles.entity))
            yield frame.filter(pl.Series(new))

    @property
    def _sampler(self) -> Sampler:
        mean_length = self.card["events"] / self.card["entities"]
        return Sampler.of(self.codec, self.marks, self.quotas, self.events, mean_length)

    def score(
        self,
        frame: Frame,
        *,
        history: Any = None,
        alert_rate: float | None = None,
        trusting: bool = False,
    ) -> Frame:
        """How strange each event is, given the events before it.

        Args:
            frame: the events to score.
            history: earlier events of the same entities, which are not scored themselves.
            alert_rate: share of usual events that may raise an alert, such as 0.001.
            trusting: let strange events explain those after them too. Then a score tells what the
                model makes of the order of events, and finds fewer anomalies.

        Returns:
            the frame, of the kind that was given, with `anomaly_score` and its parts
            `anomaly_<column>`, which add up to it; null where entity or time is null. A part is
            −log P(as strange or stranger), in nats, by the model's likelihood given the events
            before that were not strange themselves; it is 1 on average at most. With an alert rate
            also `alert`, and for alerts `alert_column`, the column that is strangest, and
            `alert_usual`, what would have been usual there.

        Raises:
            DataError: a column that the model knows is absent, the rate is none, or `history`
                holds events that come after the first one to be scored.
        """
        lazy, back = to_lazy(frame)
        earlier = None if history is None else eager(history)
        scored = self._scored(collect(lazy), earlier, alert_rate, trusting=trusting)
        return cast("Frame", back(scored.lazy()))

    def _scored(
        self,
        frame: pl.DataFrame,
        history: pl.DataFrame | None,
        alert_rate: float | None,
        *,
        trusting: bool,
    ) -> pl.DataFrame:
        roles = self.codec.roles
        limit = None if alert_rate is None else self.calibration.threshold(alert_rate)
        for each in (frame, history):
            if each is not None:
                self.codec.require(each)
        taken = [c for c in (*self._added, *ALERT_COLUMNS) if c in frame.columns]
        if taken:
            raise DataError(f"column '{taken[0]}' is there already: rename or drop it")
        if history is not None and history.schema[roles.entity] != frame.schema[roles.entity]:
            raise DataError(
                f"column '{roles.entity}' is {history.schema[roles.entity]} in history and "
                f"{frame.schema[roles.entity]} in what is to be scored: cast one"
            )
        columns = [pl.col(c).cast(frame.schema[c]) for c in roles.columns]
        earlier = frame.clear() if history is None else history
        _require_earlier(earlier, frame, roles)
        if frame.drop_nulls([roles.entity, roles.time]).is_empty():
            return frame.with_columns(self._unscored(alerts=limit is not None))
        both = pl.concat([earlier.select(columns), frame.select(columns)])
        histories = read_histories(both, roles)
        data = self.codec.encode(histories, bounded=False)
        judged = Detector(self.events, self.codec).judge(
            data,
            self.codec.outside(histories),
            doubt=np.inf if trusting else self.calibration.doubt,
            alert=np.inf if limit is None else limit,
        )
        found = self._parts(judged)
        if limit is not None:
            found = found.with_columns(self._alerts(judged, limit))
        rows = pl.Series("\0row", histories.rows - len(earlier))
        numbered = frame.with_columns(pl.Series("\0row", np.arange(len(frame)), pl.Int64))
        joined = numbered.join(
            found.with_columns(rows), on="\0row", how="left", maintain_order="left"
        )
        return joined.drop("\0row")

    @property
    def _added(self) -> list[str]:
        """Names of the total and of its parts."""
        parts = [self.codec.roles.time, *self.codec.fields]
        return ["anomaly_score", *(_part(name) for name in parts)]

    def _parts(self, judged: Judgement) -> pl.DataFrame:
        """The total and a column per part."""
        parts = [judged.total, judged.time, *judged.parts[:, FIELDS:].T]
        return pl.DataFrame(dict(zip(self._added, parts, strict=True)))

    def _unscored(self, *, alerts: bool) -> list[pl.Expr]:
        """The columns that scoring adds, where there is nothing to score."""
        kinds = dict.fromkeys(self._added, pl.Float64()) | (ALERT_COLUMNS if alerts else {})
        return [pl.lit(None, kind).alias(name) for name, kind in kinds.items()]

    def _alerts(self, judged: Judgement, limit: float) -> list[pl.Series]:
        columns = [self.codec.roles.time] * FIELDS + list(self.codec.fields)
        events = range(len(judged.total))
        named = [columns[judged.heads[e]] if e in judged.heads else None for e in events]
        usual = [judged.usual.get(e) for e in events]
        values = ((judged.total >= limit).tolist(), named, usual)
        return [
            pl.Series(name, column, kind)
            for (name, kind), column in zip(ALERT_COLUMNS.items(), values, strict=True)
        ]

    def loss(self, frame: Any) -> pl.DataFrame:
        """How unlikely each history as a whole is to the model.

        Args:
            frame: the events of whole histories.

        Returns:
            one row per entity: the entity and `loss`, the negative log-likelihood per event in
            nats, its marks told and counted in.

        Raises:
            DataError: a column that the model knows is absent or of another kind, or there is no
                event.
        """
        entity, frame = self.codec.roles.entity, eager(frame)
        self.codec.require(frame)
        if entity == "loss":
            raise DataError("the entity's column is called loss: rename it")
        if frame.drop_nulls([entity, self.codec.roles.time]).is_empty():
            raise DataError("there is no event whose history could be likely")
        histories = read_histories(frame, self.codec.roles)
        data = self.codec.encode(histories)  # as in training
        losses = history_losses(self.codec, self.events, self.marks, data) / histories.lengths
        ids = histories.frame[entity].gather(histories.offsets[:-1])
        return pl.DataFrame({entity: ids, "loss": losses})

    def summarise(self, scored: Any, *, alert_rate: float = 0.001) -> pl.DataFrame:
        """One row per entity of what `score` gave, the strangest first.

        Args:
            scored: what `score` gave.
            alert_rate: share of usual events that score above the limit.

        Returns:
            the entity, `events`, `above_limit` (how many score above the limit), `expected` (how
            many would among as many usual events), `mean_score` and `highest_score`.

        Raises:
            DataError: it was not scored, or the rate is none.
        """
        table = eager(scored)
        require(table, self.codec.roles.entity, "anomaly_score")
        entity, limit = self.codec.roles.entity, self.calibration.threshold(alert_rate)
        score = pl.col("anomaly_score")
        return (
            table.drop_nulls("anomaly_score")
            .group_by(entity)
            .agg(
                events=pl.len(),
                above_limit=(score > limit).sum(),
                expected=pl.len() * alert_rate,
                mean_score=score.mean(),
                highest_score=score.max(),
            )
            .sort("above_limit", "mean_score", entity, descending=[True, True, False])
        )

    def recommend(
        self,
        frame: Any,
        *,
        field: str,
        top: int = 10,
        leave_out_seen: bool = False,
    ) -> pl.DataFrame:
        """The likeliest values of a field in the next event of each entity.

        Args:
            frame: the histories so far.
            field: a column of categories that the model knows per event.
            top: ranks per entity, fewer where the model knows fewer values.
            leave_out_seen: leave out what an entity has had.

        Returns:
            one row per entity and rank: the entity, `rank` from 1, the value, `probability`.
            Values that fewer than `min_entities` entities hold are never recommended; an entity
            that has had all there are, and whose seen values are left out, has no row.

        Raises:
            DataError: a column is absent, or the field is no column of categories.
        """
        roles, frame = self.codec.roles, eager(frame)
        require_number("top", top, 1)
        self.codec.require(frame)
        codec = self.codec.fields.get(field)
        if not isinstance(codec, Categories):
            able = [name for name, c in self.codec.fields.items() if isinstance(c, Categories)]
            raise DataError(
                f"cannot recommend '{field}': it must be one of {', '.join(able) or 'no column'}"
            )
        if {roles.entity, field} & {"rank", "probability"}:
            raise DataError("a column called rank or probability is in the way: rename it")
        if frame.drop_nulls([roles.entity, roles.time]).is_empty():
            kinds = (frame.schema[roles.entity], pl.Int64(), codec.dtype, pl.Float64())
            names = (roles.entity, "rank", field, "probability")
            return pl.DataFrame(schema=dict(zip(names, kinds, strict=True)))
        histories = read_histories(frame, roles)
        data = self.codec.encode(histories, bounded=False)
        head = FIELDS + list(self.codec.fields).index(field)
        found = rank(self.events, self.codec, data, head, top=top, leave_out_seen=leave_out_seen)
        count, ranks = found.tokens.shape
        ids = histories.frame[roles.entity].gather(histories.offsets[:-1])
        table = pl.DataFrame(
            {
                roles.entity: ids.gather(np.repeat(np.arange(count), ranks)),
                "rank": np.tile(np.arange(1, ranks + 1), count),
                field: codec.decode(found.tokens.ravel(), np.zeros(count * ranks)),
                "probability": found.probability.ravel(),
            }
        )
        return table.filter(pl.col("probability") > 0)

    @staticmethod
    def require_place(folder: str | Path) -> None:
        """Raise a FileError if `save` could not replace what is there: before a long training."""
        artifact.require_place(Path(folder))

    def save(self, folder: str | Path) -> None:
        """Write a model folder; an older model in its place is replaced.

        Raises:
            FileError: something else is in its place, or it cannot be written.
        """
        weights = {
            f"{name}.{key}": value
            for name, network in self.networks.items()
            for key, value in network.state_dict().items()
        }
        settings = {
            "config": asdict(self.config),
            "codec": self.codec.to_dict(),
            "calibration": self.calibration.to_dict(),
            "card": self.card,
        }
        artifact.write(Path(folder), type(self).__name__, weights, settings, self.describe())

    @property
    def networks(self) -> dict[str, nn.Module]:
        """The trained networks by name."""
        networks = {"events": self.events, "marks": self.marks, "quotas": self.quotas}
        return {name: network for name, network in networks.items() if network is not None}

    @classmethod
    def load(cls, folder: str | Path) -> "SequenceModel":
        """Read a model folder; nothing in it is executed.

        Raises:
            ModelError: it is no model folder, damaged, or of another version or kind.
        """
        weights, settings = artifact.read(Path(folder), cls.__name__)
        try:
            config = NetworkConfig(**settings["config"])
            model = cls.untrained(HistoryCodec.from_dict(settings["codec"]), config)
            for name, network in model.networks.items():
                network.load_state_dict(artifact.under(f"{name}.", weights))
            model.card.update(settings["card"])
            model = replace(model, calibration=Calibration.from_dict(settings["calibration"]))
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            raise ModelError(
                f"the model folder {folder} is damaged: fit the model again"
            ) from error
        return model

    @property
    def notes(self) -> list[str]:
        """What was merged or moved to protect people, and how often; small counts are not told."""
        few = f"of fewer than {self.card.get('min_entities')} entities"
        return [
            f"{what}: {few if count is None else f'{count:,}'}"
            for what, count in self.codec.protected.items()
            if count != 0
        ]

    def describe(self) -> str:
        """A model card in Markdown: counts, losses and limits."""
        if "privacy" in self.card:
            return describe(self.card)
        card, training = self.card, self.card["training"]["events"]
        lines = [
            "# Model of event histories",
            "",
            f"Learned from {card['events']:,} events of {card['entities']:,} entities.",
            f"{card['held_out_entities']:,} more entities decided when to stop.",
            "",
            f"Held-out loss: {training['held_out_loss']:.3f} nats per event.",
            f"Training: {training['epochs']} epochs, {training['seconds']:.0f} s.",
            "",
            f"No value that fewer than {card['min_entities']} entities hold is in this folder.",
            *(f"- {note}" for note in self.notes),
            "",
            "Samples resemble the data in distribution; run the checks before they are shared.",
            "Keep this folder where the data is kept: whoever has it can tell better than by",
            "chance who it was learned from (`anonymizer check --model` says how much better).",
        ]
        return "\n".join(lines) + "\n"


def learn_surprise(
    frame: pl.DataFrame, *, entity: str, time: str, seed: int = 0
) -> Callable[[pl.DataFrame], FloatArray]:
    """How strange events are to a model of others: (N,) scores of any frame with these columns.

    What `fit` and a trusting `score` give, sooner, as marks and quotas are not learned. Arguments
    and errors are those of `fit`.
    """
    roles = assign_roles(frame, entity, time, None, None)
    histories, parts, codec, data = _read(frame, roles, seed, MIN_ENTITIES)
    model = SequenceModel.untrained(codec, NetworkConfig(codec.assembly.features))
    lengths = histories.lengths[parts.inside]
    training = event_config(lengths, None, seed, wide=bool(codec.wide))
    Fitting(codec, data, parts, lambda _what, _report: None).events(model.events, training)

    def surprise(events: pl.DataFrame) -> FloatArray:
        found: FloatArray = model.score(events, trusting=True)["anomaly_score"].to_numpy()
        return found

    return surprise


class _Read(NamedTuple):
    """What a fit looks at: all histories, who is learned from, and how they are encoded."""

    histories: Histories
    parts: Split
    codec: HistoryCodec
    data: Encoded


def _read(frame: pl.DataFrame, roles: Roles, seed: int, k: int) -> _Read:
    """The split, and the codec of those who are learned from."""
    histories = read_histories(frame, roles)
    entities = _require_enough(histories, k)
    torch.manual_seed(seed)
    parts = Split(*split(entities, HELD_OUT, seed), seed)
    codec = HistoryCodec.learn(histories.select(parts.inside), roles, frame.columns, k)
    return _Read(histories, parts, codec, codec.encode(histories))


def _require_enough(histories: Histories, least: int) -> int:
    """How many entities there are; a DataError if they are too few for a model."""
    entities = len(histories.lengths)
    if entities < 2:
        raise DataError("there is only one entity: a model needs more")
    if entities < least:
        raise DataError(
            f"there are {entities} entities and min_entities is {least}: a model of so few would "
            "describe persons; give more, or lower min_entities"
        )
    return entities


def _device(name: str) -> torch.device:
    """The device of that name.

    Raises:
        DataError: torch does not have it here.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        return torch.zeros(1, device=name).device
    except (RuntimeError, AssertionError) as error:
        raise DataError(f"there is no device '{name}' here: use auto or cpu") from error


def _part(column: str) -> str:
    """The name of a column's part; a column called `score` must not take the total's."""
    return "anomaly_of_score" if column == "score" else f"anomaly_{column}"


def _line(what: str, state: Report) -> str:
    """One line of progress; the training may stop before the last epoch."""
    left = f", about {state.seconds_left:.0f} s left" if state.epoch < state.epochs else ""
    return (
        f"{what}: epoch {state.epoch} of at most {state.epochs}, "
        f"held-out loss {state.held_out_loss:.3f} nats{left}"
    )


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
