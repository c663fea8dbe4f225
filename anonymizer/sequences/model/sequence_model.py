"""`SequenceModel`: fit, sample, score, save and load."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final, cast

import numpy as np
import polars as pl
import torch

from anonymizer.errors import DataError
from anonymizer.frames import Frame, IntoFrame, collect, eager, to_lazy
from anonymizer.provenance import FileRecord, Provenance
from anonymizer.sequences.derived.choose import derive
from anonymizer.sequences.derived.derivation import Derivation
from anonymizer.sequences.derived.own import rules_of
from anonymizer.sequences.derived.values.catalogue import index_of
from anonymizer.sequences.generation.frames import FrameSampler
from anonymizer.sequences.generation.recommend import Asked, rank
from anonymizer.sequences.generation.sampler import Sampler
from anonymizer.sequences.histories.parts import Dealt, Part, dealt
from anonymizer.sequences.histories.protection import capped_lengths
from anonymizer.sequences.histories.roles import (
    Histories,
    assign_roles,
    require_number,
)
from anonymizer.sequences.model import folder as model_folder
from anonymizer.sequences.model.joint.turns import STAGES
from anonymizer.sequences.model.told import taken_as, told
from anonymizer.sequences.model.validation import (
    read_calibration,
    read_codec,
    read_config,
    read_derivation,
    read_priors,
)
from anonymizer.sequences.network.lstm import NetworkConfig
from anonymizer.sequences.priors.registry import Priors
from anonymizer.sequences.private.accountant import Promise
from anonymizer.sequences.private.fit import describe, fit_privately, settings_of
from anonymizer.sequences.scoring.frames import Scorer
from anonymizer.sequences.scoring.judge import Calibration, Judge
from anonymizer.sequences.scoring.likelihood import history_losses
from anonymizer.sequences.tokens.codec import HistoryCodec
from anonymizer.sequences.tokens.heads import FIELDS
from anonymizer.sequences.tokens.values import RARE, Categories
from anonymizer.sequences.training.checkpoint import under
from anonymizer.sequences.training.fit import (
    MIN_ENTITIES,
    Networks,
    Shard,
    event_network,
    parts_of,
)
from anonymizer.sequences.training.peers import launched
from anonymizer.sequences.training.run import Run, Settings

_FIT: Final = "anonymizer.SequenceModel.fit"

Progress = Callable[[str], None]


@dataclass(frozen=True, repr=False)
class SequenceModel:
    """A generative LSTM over event histories.

    Attributes:
        derivation: which columns follow from others, and how.
        priors: what was learned of columns, time and entities by counting.
        config: shape of the event network.
        networks: as they were trained.
        card: counts and losses of the training.
        calibration: which scores are rare.

    Example:
        >>> from datetime import date
        >>> orders = pl.DataFrame(
        ...     {
        ...         "customer": [n // 3 for n in range(120)],
        ...         "day": [date(2024, 1, 1 + n % 3 * 9) for n in range(120)],
        ...         "item": [("tea", "milk", "bread")[(n // 3 + n) % 3] for n in range(120)],
        ...     }
        ... )
        >>> model = SequenceModel.fit(orders, entity="customer", time="day", max_epochs=1)
        >>> synthetic = model.sample(10, seed=0)
        >>> synthetic.columns, synthetic["customer"].n_unique()
        (['customer', 'day', 'item'], 10)
        >>> set(synthetic["item"]) <= {"tea", "milk", "bread"}
        True
        >>> model.score(orders).columns
        ['customer', 'day', 'item', 'anomaly_score', 'anomaly_day', 'anomaly_item']
        >>> model.recommend(orders, field="item", top=1).columns
        ['customer', 'rank', 'item', 'probability']
    """

    derivation: Derivation
    priors: Priors
    config: NetworkConfig
    networks: Networks
    card: dict[str, Any]
    calibration: Calibration = field(default_factory=Calibration)

    def __repr__(self) -> str:
        """What it was learned from; its values would fill pages and are not for every log."""
        counts = (f"{self.card.get(name, 0):,} {name}" for name in ("events", "entities"))
        return f"<SequenceModel of {' of '.join(counts)}>"

    @property
    def codec(self) -> HistoryCodec:
        """What was learned of columns, time and entities."""
        return self.priors.codec

    @property
    def schema(self) -> pl.Schema:
        """The columns of samples and their types."""
        entity = self.derivation.roles.entity
        types = self.derivation.columns | {entity: self.codec.schema[entity]}
        return pl.Schema(types)

    @property
    def roles(self) -> dict[str, Any]:
        """What columns were taken for.

        Returns:
            `entity` and `time`; `context` and `fields`, which the network writes, under names of
            their own what steps between need; `identifiers`, made anew, each with whose it is, and
            none where each row has its own; `codes`, which name things; `dependents` and `derived`,
            which follow by a catalogue and by arithmetic, each with what it follows from; `rules`,
            what was found in the rows, a line each.
        """
        taken = taken_as(self.derivation, self.codec.roles)
        return taken | {"rules": list(self.card.get("rules", []))}

    @property
    def told(self) -> list[str]:
        """The same in words, a line for each kind, with the share of rows that agree."""
        return list(self.card.get("told", [self.codec.roles.told]))

    @classmethod
    def fit(
        cls,
        frame: IntoFrame,
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
        roles: Mapping[str, str] | None = None,
        rules: Sequence[str] = (),
        progress: Progress = lambda _line: None,
    ) -> "SequenceModel":
        """Learn the histories in a frame.

        Of more than two million events all but those of some entities wait on disk, as temporary
        files: those at hand tell which values, columns and formulas there are, and the network of
        events learns from all of them, part after part, once where they are more than seven
        million. So a LazyFrame takes the memory of two such parts, up to two thousand million
        events. Processes that `torchrun` starts train that network together: each
        takes some of the batches, and all of them get the same model, which the first one saves.

        Args:
            frame: one row per event; Polars (eager or lazy), pandas or Arrow, here and elsewhere.
            entity: column that says whose event it is.
            time: column that says when, Date or Datetime, or that counts the events of an entity
                where there is no clock. Ties keep the order of the rows.
            fields: columns to learn per event; all others by default.
            context: columns that hold once per entity; found by default.
            seed: fixes split, weights and order, so that the same data gives the same model.
            max_epochs: a bound on training, in passes over all events; it stops earlier when
                held-out entities say so.
            min_entities: how many entities must hold a value before the model may know it.
            device: to train on, as torch names it; `auto` is the GPU where there is one.
            tune_minutes: time to look for better settings of the network first.
            checkpoint: a file to keep the training's state in after each epoch, or each part of
                one; it is removed when the training is over.
            resume: go on from the checkpoint, if there is one of the same data and settings. The
                model is the one that an uninterrupted training gives.
            epsilon: of differential privacy, given with `delta`: the model is then fitted in a
                simpler way whose outcome hardly depends on any one entity. There noise takes the
                place of `min_entities`, `max_epochs` is how many passes there are, context columns
                must be named, and two fits with one seed differ.
            delta: the chance that the promise of epsilon fails, far below 1 / entities.
            roles: what columns are, where what is found would be wrong: an `identifier` is made
                anew, a `code` is a whole number or text that names things, a `field` follows from
                nothing, `context` holds once per entity, but for few.
            rules: conditions in SQL over the columns of a row, which every row keeps. `prev_C`
                is column C in the entity's row before, `first_C` in its first, `count_C` how many
                of its rows so far have C. Formulas and orders are kept by construction; histories
                that break another rule are drawn anew.
            progress: told what columns were taken for, then a line after each epoch.

        Raises:
            DataError: a column is absent or cannot be modelled, entities are too few, or data
                breaks a rule or refutes a role.
            ModelError: the checkpoint is of other data or settings.
            MissingExtraError: tuning or differential privacy needs a package that is not there.
        """
        progress = progress if launched().leads else lambda _line: None
        if tune_minutes and launched().count > 1:
            raise DataError("tune_minutes goes with one process: each would find other settings")
        settings = Settings(seed, max_epochs, min_entities, device, tune_minutes, progress)
        promise = Promise.of(epsilon, delta)
        if promise and (
            launched().count > 1
            or checkpoint
            or resume
            or tune_minutes
            or settings.place.type != "cpu"
        ):
            raise DataError(
                "epsilon goes with neither tuning, checkpoints, several processes nor another "
                "device than cpu"
            )
        if promise and (roles or rules):
            raise DataError(
                "epsilon goes with neither roles nor rules, which data would have to bear out: "
                "name context and fields, and filter samples by the rules"
            )
        if promise:
            frame = eager(frame)
            # Under differential privacy roles follow from the types alone.
            own = assign_roles(frame.clear(), entity, time, fields, context)
            progress(own.told)
            fitted = fit_privately(
                frame, own, promise, passes=max_epochs, seed=seed, progress=progress
            )
            model = cls(Derivation.plain(frame.schema, own), *fitted)
            said = Provenance.now(_FIT, "torch", seed=seed)
            model.card["provenance"] = said.to_dict()
            return model
        with dealt(frame, entity, time, fields, context, seed=seed) as events:
            own = assign_roles(events.first, entity, time, fields, context, positions=True)
            plain = Derivation.plain(events.first.schema, own).dated(events.first, min_entities)
            return cls._fitted(plain, events, settings, (roles or {}, rules), (checkpoint, resume))

    @classmethod
    def _fitted(
        cls,
        plain: Derivation,
        events: Dealt,
        settings: Settings,
        own: tuple[Mapping[str, str], Sequence[str]],
        kept: tuple[str | Path | None, bool],
    ) -> "SequenceModel":
        """Learn what follows by counting from some events, and the network from all of them.

        `own` are the user's roles and rules, `kept` are the checkpoint and whether to resume it.
        """
        k, progress = settings.min_entities, settings.progress
        derivation, histories, found = _derived(plain, events.first, settings, own)
        written = derivation.written(histories)
        lines = told(derivation, written, int(capped_lengths(histories.lengths, k).sum()))
        for line in [*lines, *events.told]:
            progress(line)
        histories = replace(histories, dropped=histories.dropped + events.dropped)
        run = Run.of(histories, written, settings, cls._shards(derivation, events.others))
        networks, card = run.train(*kept[:1], resume=kept[1])
        said = Provenance.now(_FIT, "torch", seed=settings.seed)
        card |= {"rules": found, "told": lines, "provenance": said.to_dict()}
        model = cls(derivation, run.data.priors, run.network, networks, card)
        return model.calibrated(run.held_out, k)

    @property
    def settings(self) -> dict[str, Any]:
        """Arguments of `fit` that make another model like this one of other rows.

        The seed is not among them, nor are roles and rules, which data bears out, and what tuning
        found.
        """
        roles, card = self.derivation.roles, self.card
        names = {name: getattr(roles, name) for name in ("entity", "time", "fields", "context")}
        if "privacy" in card:
            return names | settings_of(card)
        training = card["settings"]["training"]
        return names | {"min_entities": card["min_entities"], "max_epochs": training["epochs"]}

    @property
    def provenance(self) -> Provenance | None:
        """How it came about, and which files it was learned from; None of an older one."""
        return Provenance.of(self.card["provenance"]) if "provenance" in self.card else None

    def learned_from(self, *records: FileRecord) -> "SequenceModel":
        """The same model, whose card says which files it was learned from."""
        said = replace(self.provenance or Provenance.now(_FIT, "torch"), inputs=records)
        return replace(self, card=self.card | {"provenance": said.to_dict()})

    @staticmethod
    def _shards(derivation: Derivation, parts: Sequence[Part]) -> tuple[Shard, ...]:
        """Parts as the network is written to: histories with the columns that it writes."""
        return tuple(
            Shard(part.lengths, part.digest, partial(_written, derivation, part)) for part in parts
        )

    @classmethod
    def untrained(
        cls, derivation: Derivation, priors: Priors, config: NetworkConfig
    ) -> "SequenceModel":
        """Make a model whose networks have the right shapes and random weights."""
        return cls(derivation, priors, config, Networks.untrained(priors, config), {})

    def calibrated(self, held_out: Histories, k: int) -> "SequenceModel":
        """The same model, with limits learned from entities that it has not learned from."""
        judge = Judge(self.networks.events, self.priors)
        return replace(self, calibration=Calibration.of_held_out(judge, held_out, k))

    def sample(
        self,
        entities: int | None = None,
        *,
        first: int = 0,
        seed: int = 0,
        conditions: IntoFrame | None = None,
        prefix: IntoFrame | None = None,
    ) -> pl.DataFrame:
        """Histories of entities that do not exist, with the columns and types of the input.

        An Enum comes back as Categorical, as its categories may be rare values; ids of 8 and 16
        bits as Int64, which can number more people; ids that are neither numbers nor text as text.
        The same seed gives the same histories; the first 100 of 1,000 are the 100, and the others
        are those of `sample(900, first=100)`, on another machine too.

        Args:
            entities: how many.
            first: how many come before them and are left out; goes with `entities`.
            seed: of every random choice.
            conditions: context columns with a row per entity to sample, in place of `entities`;
                context columns that are not there are sampled too.
            prefix: histories to be continued, in place of `entities`. Only the events that follow
                come back, at least one of each entity, under the entity's own id and not before
                its last event, within the time that the model was trained on. Entities whose
                past goes beyond that are left out.

        Raises:
            DataError: not exactly one of the three is given, a condition cannot be met, or
                `first` leaves out histories that an identifier of few bits is counted by.
        """
        if sum(x is not None for x in (entities, conditions, prefix)) != 1:
            raise DataError("give one of: a number of entities, conditions, prefix")
        if first and entities is None:
            raise DataError("first goes with a number of entities: give that")
        if conditions is not None:
            return pl.concat(self._sampler.conditioned(eager(conditions), seed))
        if prefix is not None:
            return pl.concat(self._sampler.continued(eager(prefix), seed))
        return pl.concat(list(self.sample_blocks(entities, first=first, seed=seed)))  # type: ignore[arg-type]  # (None is refused there)

    def sample_blocks(
        self, entities: int, *, first: int = 0, seed: int = 0
    ) -> Iterator[pl.DataFrame]:
        """The same in pieces of some thousand histories at most, so that memory stays bounded.

        Raises:
            DataError: the number is none, or less than one; `first` as in `sample`.
        """
        require_number("the number of entities", entities, 1)
        require_number("first", first, 0)
        yield from self._sampler.free(entities, seed, first)

    @property
    def _sampler(self) -> FrameSampler:
        mean_length = self.card["events"] / self.card["entities"]
        sampler = Sampler.of(self.priors, self.networks, mean_length)
        return FrameSampler(self.derivation, self.priors, sampler)

    def score(
        self,
        frame: Frame,
        *,
        history: IntoFrame | None = None,
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
        scorer = Scorer(self.derivation, self.priors, self.networks.events, self.calibration)
        scored = scorer.score(collect(lazy), earlier, alert_rate, trusting=trusting)
        return cast("Frame", back(scored.lazy()))

    def loss(self, frame: IntoFrame) -> pl.DataFrame:
        """How unlikely each history as a whole is to the model.

        Args:
            frame: the events of whole histories.

        Returns:
            one row per entity: the entity and `loss`, the negative log-likelihood per event in
            nats, its profile told and counted in.

        Raises:
            DataError: a column that the model knows is absent or of another kind, or there is no
                event.
        """
        entity, frame = self.codec.roles.entity, eager(frame)
        self.derivation.require(frame)
        if entity == "loss":
            raise DataError("the entity's column is called loss: rename it")
        if frame.drop_nulls([entity, self.codec.roles.time]).is_empty():
            raise DataError("there is no event whose history could be likely")
        histories, _ = self.derivation.read(frame)
        data = self.priors.encode(histories)  # as in training
        losses = history_losses(self.priors, self.networks, data) / histories.lengths
        ids = histories.frame[entity].gather(histories.offsets[:-1])
        return pl.DataFrame({entity: ids, "loss": losses})

    def summarise(
        self,
        scored: IntoFrame,
        *,
        history: IntoFrame | None = None,
        until: date | datetime | None = None,
        alert_rate: float = 0.001,
    ) -> pl.DataFrame:
        """One row per entity of what `score` gave, the strangest first.

        Args:
            scored: all that `score` gave.
            history: the earlier events that `score` was given; entities of which nothing came
                since have a row too.
            until: when observation ended; at the last event of all by default.
            alert_rate: share of usual events that score above the limit.

        Returns:
            the entity, `events`, `above_limit` (how many score above the limit), `expected` (how
            many would among as many usual events), `mean_score`, `highest_score` and `silence`:
            how strange it is that nothing has followed the last event until observation ended.
            It is −log of the chance of that, or of the share of usual histories that have as small
            a chance, where that is more; 1 on average at most.

        Raises:
            DataError: it was not scored, a column that the model knows is absent, the rate is
                none, or events come after `until`.
        """
        scorer = Scorer(self.derivation, self.priors, self.networks.events, self.calibration)
        earlier = None if history is None else eager(history)
        return scorer.summary(self.networks.ends, eager(scored), earlier, until, alert_rate)

    def recommend(
        self,
        frame: IntoFrame,
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
        roles, frame = self.derivation.roles, eager(frame)
        require_number("top", top, 1)
        self.derivation.require(frame)
        if {roles.entity, field} & {"rank", "probability"}:
            raise DataError("a column called rank or probability is in the way: rename it")
        head, values = self._values(field)
        kinds = (frame.schema[roles.entity], pl.Int64(), self.schema[field], pl.Float64())
        names = (roles.entity, "rank", field, "probability")
        if frame.drop_nulls([roles.entity, roles.time]).is_empty():
            return pl.DataFrame(schema=dict(zip(names, kinds, strict=True)))
        histories, _ = self.derivation.read(frame)
        different = values[RARE + 1 :].unique(maintain_order=True).drop_nulls()
        found = rank(
            self.networks.events,
            self.priors,
            self.codec.encode(histories, bounded=False),
            Asked(head, index_of(values.to_frame(), different.to_frame())),
            top=top,
            leave_out_seen=leave_out_seen,
        )
        count, ranks = found.values.shape
        ids = histories.frame[roles.entity].gather(histories.offsets[:-1])
        table = pl.DataFrame(
            {
                roles.entity: ids.gather(np.repeat(np.arange(count), ranks)),
                "rank": np.tile(np.arange(1, ranks + 1), count),
                field: different.gather(found.values.ravel()),
                "probability": found.probability.ravel(),
            }
        )
        return table.filter(pl.col("probability") > 0)

    def _values(self, field: str) -> tuple[int, pl.Series]:
        """The head that tells a column, and what each of its tokens says of the column.

        Raises:
            DataError: the column is no category, and follows from none.
        """
        able: list[str] = []
        for head, (name, codec) in enumerate(self.codec.fields.items(), FIELDS):
            if isinstance(codec, Categories):
                tokens = np.arange(codec.size)
                told = self.derivation.told_by(
                    codec.decode(tokens, np.zeros(len(tokens))).alias(name)
                )
                if field in told.columns:
                    return head, told[field].cast(self.schema[field])
                able += told.columns
        raise DataError(
            f"cannot recommend '{field}': it must be one of {', '.join(able) or 'no column'}"
        )

    @staticmethod
    def require_place(folder: str | Path) -> None:
        """Raise a FileError if `save` could not replace what is there: before a long training."""
        model_folder.require_place(Path(folder))

    def save(self, folder: str | Path) -> None:
        """Write a model folder; an older model in its place is replaced.

        Of processes that train together, see `fit`, the first writes it.

        Raises:
            FileError: something else is in its place, or it cannot be written.
        """
        weights = {
            f"{name}.{key}": value
            for name, network in self.networks.named.items()
            for key, value in network.state_dict().items()
        }
        settings = {
            "config": asdict(self.config),
            "derivation": self.derivation.to_dict(),
            "codec": self.codec.to_dict(),
            "priors": self.priors.to_dict(),
            "calibration": self.calibration.to_dict(),
            "card": self.card,
        }
        if launched().leads:
            kind = type(self).__name__
            model_folder.write(Path(folder), kind, weights, settings, self.describe())

    @classmethod
    def load(cls, folder: str | Path) -> "SequenceModel":
        """Read a model folder; nothing in it is executed.

        Raises:
            ModelError: it is no model folder, damaged, or of another version or kind.
        """
        weights, settings = model_folder.read(Path(folder), cls.__name__)
        with model_folder.reading(Path(folder)):
            codec = read_codec(settings["codec"])
            derivation = read_derivation(settings["derivation"], codec)
            priors = read_priors(settings["priors"], codec)
            config = read_config(settings["config"], priors)
            calibration = read_calibration(settings["calibration"])
            with torch.device("meta"):  # a shape that the weights do not have takes no memory
                shape = event_network(priors, config)
            model_folder.require_shapes(shape, under("events.", weights))
            model = cls.untrained(derivation, priors, config)
            model = replace(model, calibration=calibration)
            for name, network in model.networks.named.items():
                network.load_state_dict(under(f"{name}.", weights))
            model.card.update(settings["card"])
            model_folder.require_counts(model.card, "entities", "events")
            model.describe()  # what it says of the card is there
            _ = model.provenance
            "".join([*model.told, *model.roles["rules"]])  # lines are text
        return model

    @property
    def _learned_by(self) -> list[str]:
        """Lines of the card: which sites learned together, and which left; none for one owner."""
        together = self.card.get("federated")
        if together is None:
            return []
        left = [f"{each['site']} ({each['step']}: {each['why']})" for each in together["left"]]
        # In the census, a site that leaves may call itself as one that stays.
        gone = {each["site"] for each in together["left"] if each["step"] != STAGES[0]}
        stayed = [site for site in together["sites"] if site not in gone]
        began = f", of {len(stayed) + len(left)} that began," * bool(left)
        by = f"{len(stayed)} sites{began} learned it together and kept their histories"
        return [
            f"{by}: {', '.join(stayed)}.",
            *[f"Sites that left before the end: {', '.join(left)}."] * bool(left),
        ]

    @property
    def _learned_how(self) -> list[str]:
        """Lines of the card: who learned together, and who decided when to stop."""
        if by := self._learned_by:
            return [*by, "A tenth of each site's entities decided when to stop."]
        return [f"{self.card['held_out_entities']:,} more entities decided when to stop."]

    @property
    def notes(self) -> list[str]:
        """What was left out, merged or moved, and how often; few values are not counted."""
        few = f"of fewer than {self.card.get('min_entities')} entities"
        dropped = self.card.get("rows_left_out", 0)
        left_out = [f"rows without entity or time, left out: {dropped:,}"] if dropped else []
        untold = [name for name, known in self.codec.columns_known.items() if not known]
        if untold:
            left_out.append(f"columns of which no value may be told: {', '.join(untold)}")
        return left_out + [
            f"{what}: {few if count is None else f'{count:,}'}"
            for what, count in self.codec.protected.items()
            if count != 0
        ]

    def describe(self) -> str:
        """A model card in Markdown: counts, losses, limits, and how it came about."""
        said = self.provenance
        return self._described() + ("" if said is None else f"\n{said.text}")

    def _described(self) -> str:
        if "privacy" in self.card:
            return describe(self.card, self._learned_by)
        card, training = self.card, self.card["training"]["events"]
        passes = f"{'round' if 'federated' in card else 'epoch'}{'s' * (training['epochs'] != 1)}"
        lines = [
            "# Model of event histories",
            "",
            f"Learned from {card['events']:,} events of {card['entities']:,} entities.",
            *self._learned_how,
            "",
            f"Held-out loss: {training['held_out_loss']:.3f} nats per event.",
            f"Training: {training['epochs']} {passes}, {training['seconds']:.0f} s.",
            "",
            *(f"- {line}" for line in self.told),
            "",
            *(f"Every row keeps: {rule.text}" for rule in self.derivation.rules),
            *[""] * bool(self.derivation.rules),
            f"No value that fewer than {card['min_entities']} entities hold is in this folder.",
            *(f"- {note}" for note in self.notes),
            "",
            "Samples resemble the data in distribution; run the checks before they are shared.",
            "Keep this folder where the data is kept: whoever has it can tell better than by",
            "chance who it was learned from (`anonymizer check --model` says how much better).",
        ]
        return "\n".join(lines) + "\n"


def _written(derivation: Derivation, part: Part) -> Histories:
    """The histories of a part as the network writes them."""
    return derivation.read(part.read())[0]


def _derived(
    plain: Derivation,
    frame: pl.DataFrame,
    settings: Settings,
    own: tuple[Mapping[str, str], Sequence[str]],
) -> tuple[Derivation, Histories, list[str]]:
    """Which columns follow from others by the rows that are learned from, and what was found.

    `own` are the user's roles and rules. The histories are those that the network writes.
    """
    (histories, _), (told, texts), k = plain.read(frame), own, settings.min_entities
    inside = parts_of(histories, settings.seed, k).inside
    # Rules are of the data as it is, where the time may be counted.
    raw = replace(histories, frame=frame.select(plain.roles.columns)[histories.rows])
    learned = plain.table(raw.select(inside).frame, k)
    rules = rules_of(texts, learned, plain.table(raw.frame, k).frame)
    learned_from = histories.select(inside).frame
    derivation, found = derive(plain, learned_from, k=k, seed=settings.seed, told=told, rules=rules)
    as_told = [f"{rule.text}, as told" for rule in derivation.rules]
    written = replace(histories, frame=derivation.take_off(histories.frame))
    return derivation, written, [*as_told, *found]
