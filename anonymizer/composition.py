"""Where the checks meet the rest: `check` with our LSTM detectors, `audit` with files and frames.

The arms do not import each other. The checks take any detector as a function and any Polars frame,
and this module, beside the command line, is the place that hands them ours.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, Final, cast

import numpy as np
import numpy.typing as npt
import polars as pl

from anonymizer.checks.audit.audit import audit_tables
from anonymizer.checks.check.check import check_sets
from anonymizer.checks.figures.thresholds import (
    PURPOSES,
    Thresholds,
    ThresholdSource,
    load_thresholds,
)
from anonymizer.checks.privacy.membership import Calibration, Likelihood
from anonymizer.checks.privacy.shadows import require_shadows
from anonymizer.checks.reports.audit_report import AuditReport
from anonymizer.checks.reports.check_report import Report
from anonymizer.checks.utility.detector import DetectorFunction
from anonymizer.errors import DataError, MissingExtraError, UsageError
from anonymizer.files.reading import CsvSource, Reading, reading_of
from anonymizer.files.sources import Source, compared, open_table, recorded
from anonymizer.frames import collect
from anonymizer.provenance import USUAL, FileRecord, Provenance, model_read, sha256_of_plain

Progress = Callable[[str], None]

_SIDES: Final = ("raw", "masked")
_AUDIT_THRESHOLD: Final = 0.2  # of finders; masking asks for .5
_AUDIT_THRESHOLD_OF_NAMES: Final = 0.4  # of the tagger; masking asks for .6


def check(
    *,
    real: Source,
    synthetic: Source,
    holdout: Source,
    entity: str,
    time: str,
    label: str | None = None,
    model: str | Path | None = None,
    canaries: tuple[Source, Source] | None = None,
    shadows: int = 0,
    csv: CsvSource | None = None,
    share: float = 1,
    purpose: str | None = None,
    thresholds: ThresholdSource | None = None,
    seed: int = 0,
    progress: Progress = lambda _line: None,
) -> Report:
    """Judge synthetic histories: what they kept of the real ones and what they give away.

    Every table is a path (a file, a glob, a folder) or a frame of Polars (eager or lazy), pandas,
    Arrow or Spark, with one row per event.

    Args:
        real: the events that the synthetic ones were made from.
        synthetic: the events to judge, whoever made them, with the same columns.
        holdout: events of other real entities, which the generator never saw.
        entity: column that says whose event it is.
        time: column that says when, a Date or Datetime.
        label: column of true and false that a detector is to find. Without it, anomalies are
            injected into the holdout and the detector is the generative model's surprise.
        model: folder of the model that made the synthetic events; an attacker who holds it asks
            how likely it finds each person.
        canaries: the tables of the planted ones and of those kept aside, as
            `plant` gives them; the model must have been fitted with the planted ones.
        shadows: how many models to train like `model`, on halves of the entities of real and
            holdout: what it finds likelier than they do, it remembers. An even number, 8 do; each
            takes about as long as `model` took.
        csv: how CSV files are written, as `csv:` in a rule file says it; or `@FILE`, a rule file
            whose `csv:`, `types:` and `format` of masks count.
        purpose: who gets it: `internal`, `partner` or `public`, each with its limits; a partner
            where left out.
        thresholds: limits of green and amber by the figure's name, in place of the project's own:
            a YAML file or a mapping such as `{"told_apart": {"green": 0.6, "amber": 0.8}}`. It may
            name a `purpose` of its own.
        share: of all persons, that each of the three sets holds the events of, as `sample_entities`
            draws them. Each figure then says what that tells of all persons, and how surely. A
            model that was fitted on a share knows nobody else: check it with that share as `real`,
            and leave this out.
        seed: fixes every random choice.
        progress: told a line as the work goes on.

    Returns:
        A report: `verdict`, `utility` and `privacy` (figures by name), `write_html`, `write_json`.

    Raises:
        DataError: columns differ, a column is absent, entities are in both real and holdout or too
            few for shadows, or the model has learned other columns.
        FileError: a file cannot be read.
        ModelError: the model folder is damaged or of another version or kind.
        UsageError: there are canaries or shadows and no model, shadows do not come in pairs, or the
            share is none.
        MissingExtraError: torch is not installed.
        RuleError: thresholds or `csv` are malformed, or name what no figure is called; before any
            training.

    Example:
        >>> report = check(
        ...     real="train.parquet",
        ...     synthetic="synthetic.parquet",
        ...     holdout="holdout.parquet",
        ...     entity="customer_id",
        ...     time="order_time",
        ... )  # doctest: +SKIP
        >>> report.write_html("report.html")  # doctest: +SKIP
    """
    if shadows and model is None:
        raise UsageError("shadows are trained like a model: give its folder, --model")
    limits = load_thresholds(thresholds, purpose)
    reading = reading_of(csv)
    tables = [(each, reading) for each in (real, synthetic, holdout)]
    roles = {"real": real, "synthetic": synthetic, "holdout": holdout}
    files = [recorded(role, source) for role, source in roles.items()]
    sets = [collect(table) for table in compared(*tables)]
    files = [replace(f, rows=len(t), columns=t.width) for f, t in zip(files, sets, strict=True)]
    of_model, mixed_up = dict[str, Any](), list[str]()
    if model is not None:
        loaded = _load("model.sequence_model").SequenceModel.load(model)
        of_model = model_attack(loaded, model, sets[0], entity, time, seed=seed)
        if shadows:
            require_shadows(shadows)
            of_model["shadows"] = shadows_of(loaded, shadows, seed=seed, progress=progress)
        mixed_up = _mixed_up(loaded.provenance, model, real=files[0], holdout=files[2])
        files.append(model_read(model))
    detector = (
        likelihood_detector(entity, time, seed)
        if label is None
        else label_detector(entity, time, label, seed)
    )
    report = check_sets(
        *sets,
        entity=entity,
        time=time,
        label=label,
        detector=detector,
        thresholds=limits,
        share=share,
        seed=seed,
        progress=progress,
        canaries=canaries and (_table(canaries[0], reading), _table(canaries[1], reading)),
        **of_model,
    )
    origin = _provenance("check", files, limits, share, seed, "torch")
    return replace(report, provenance=origin, notes=[*report.notes, *mixed_up])


def audit(
    *,
    raw: Source,
    masked: Source,
    entity: str | Sequence[str],
    time: str | None = None,
    quasi_identifiers: Sequence[str] = (),
    sensitive: Sequence[str] = (),
    known: Sequence[str] | None = None,
    earlier: tuple[Source, Source] | None = None,
    csv: CsvSource | None = None,
    share: float = 1,
    purpose: str | None = None,
    thresholds: ThresholdSource | None = None,
    seed: int = 0,
    progress: Progress = lambda _line: None,
) -> AuditReport:
    """Say what somebody who may hold the raw table can still do with the masked one.

    Both tables are a path (a file, a glob, a folder) or a frame of Polars (eager or lazy), pandas,
    Arrow or Spark, with one row or many per entity.

    Args:
        raw: the table before masking.
        masked: the table after it, in the order in which it is handed out; with as many rows,
            linkage is measured too.
        entity: column of both that says whose row it is; several that only together tell, as a
            list or with a plus between them.
        time: column that says when, a Date or Datetime.
        quasi_identifiers: columns that an attacker may know of a person.
        sensitive: columns that must not be told.
        known: columns that an attacker may know of an event; found out where they are left out.
        earlier: raw and masked table of another release of the same people, under another key or
            of another window: who of this one is found again in it.
        csv: how CSV files are written, as `check` takes it; what a mask wrote in another form than
            the raw cells is of the type that its own cells decide.
        purpose: who gets it, as `check` takes it.
        thresholds: limits of green and amber by the figure's name, as `check` takes them.
        share: of all persons, that both tables hold the rows of: `sample_entities` draws them from
            the raw table, and what is masked of them is the other. Each figure then says what that
            tells of all persons, and how surely.
        seed: fixes every random choice.
        progress: told a line as the work goes on.

    Returns:
        A report: `verdict`, `figures` by name, `write_html`, `write_json`.

    Raises:
        DataError: a column is absent or of a type that does not fit.
        FileError: a file cannot be read.
        RuleError: thresholds or `csv` are malformed, or name what no figure is called.
        UsageError: the share is none.

    Example:
        >>> import polars as pl
        >>> raw = pl.DataFrame({"who": [1, 2, 3, 4], "age": [31, 36, 44, 48]})
        >>> masked = raw.with_columns(pl.col("who").replace_strict([1, 2, 3, 4], list("dacb")),
        ...                           pl.col("age") // 10 * 10)
        >>> report = audit(raw=raw, masked=masked, entity="who", quasi_identifiers=["age"])
        >>> report.figures["k"].estimate.value, report.figures["k"].colour
        (2.0, 'red')
    """
    limits, reading = load_thresholds(thresholds, purpose), reading_of(csv)
    tables = _before_and_after(raw, masked, reading)
    columns = _entity_columns(entity, tables)
    files = [recorded(role, source) for role, source in zip(_SIDES, (raw, masked), strict=True)]
    report = audit_tables(
        *_with_entities(tables, columns),
        entity="+".join(columns),
        time=time,
        quasi_identifiers=quasi_identifiers,
        sensitive=sensitive,
        known=known,
        earlier=earlier and _with_entities(_before_and_after(*earlier, reading), columns),
        finder=seen_in_texts,
        thresholds=limits,
        share=share,
        seed=seed,
        progress=progress,
    )
    rows = report.tables.raw_rows, report.tables.masked_rows
    widths = [len(table.collect_schema()) for table in tables]
    counted = zip(files, rows, widths, strict=True)
    files = [replace(file, rows=n, columns=width) for file, n, width in counted]
    if earlier:
        files += [recorded(f"earlier {role}", s) for role, s in zip(_SIDES, earlier, strict=True)]
    return replace(report, provenance=_provenance("audit", files, limits, share, seed))


def seen_in_texts(texts: Sequence[str]) -> list[list[tuple[str, str]]]:
    """What our finders see in texts, also where they are too unsure for a mask: kind and words."""
    recognition = import_module("anonymizer.masking.free_text.recognition")
    tagger = import_module("anonymizer.masking.free_text.tagger")
    by_form = recognition.find_all(texts, threshold=_AUDIT_THRESHOLD)
    by_tagger = tagger.names(texts, _AUDIT_THRESHOLD_OF_NAMES)
    return [
        [
            (span.pii_type, text[span.start : span.end])
            for span in recognition.merged([*formed, *named])
        ]
        for text, formed, named in zip(texts, by_form, by_tagger, strict=True)
    ]


def _before_and_after(raw: Source, masked: Source, reading: Reading) -> list[pl.LazyFrame]:
    """A table and what was made of it, whose cells may have another form than the raw ones."""
    return compared((raw, reading), (masked, replace(reading, must_fit=False)))


def _entity_columns(entity: str | Sequence[str], tables: Iterable[pl.LazyFrame]) -> list[str]:
    """The columns of an entity, which may be several with a plus between them."""
    if not isinstance(entity, str):
        return list(entity)
    parts = entity.split("+")
    names = [table.collect_schema().names() for table in tables]
    several = not any(entity in each for each in names)  # a plus may stand in a name, too
    known = all(part in each for each in names for part in parts)
    return parts if several and known else [entity]


def _with_entities(
    tables: Sequence[pl.LazyFrame], columns: list[str]
) -> tuple[pl.LazyFrame, pl.LazyFrame]:
    """Raw and masked table, each with one column for an entity of several."""
    raw, masked = tables
    return _with_entity(raw, columns), _with_entity(masked, columns)


def _with_entity(table: pl.LazyFrame, columns: list[str]) -> pl.LazyFrame:
    """The table with one column for an entity of several; null where one of them is null."""
    names = table.collect_schema().names()
    if len(columns) == 1 or not set(columns) <= set(names):  # the audit names what is missing
        return table
    parts = [pl.col(column).cast(pl.String) for column in columns]
    sized = [pl.concat_str(part.str.len_chars(), pl.lit(":"), part) for part in parts]
    return table.with_columns(pl.concat_str(sized).alias("+".join(columns)))


def _mixed_up(
    origin: Provenance | None, folder: str | Path, *, real: FileRecord, holdout: FileRecord
) -> list[str]:
    """A note where a model learned from another file than the one that is called real.

    Raises:
        DataError: it learned from the holdout.
    """
    inputs = origin.inputs if origin else ()
    learned = {each.sha256 for each in inputs if each.role == "training"} - {None}
    if holdout.sha256 in learned:
        raise DataError(f"the model in {folder} learned from the holdout: give that file as `real`")
    if not learned or real.sha256 is None or real.sha256 in learned:
        return []
    return [f"the model in {folder} learned from another file than `real`: its figures say nothing"]


def _provenance(
    call: str,
    files: Sequence[FileRecord],
    limits: Thresholds,
    share: float,
    seed: int,
    *packages: str,
) -> Provenance:
    """Which files a report is of and how it came about."""
    given: dict[str, Any] = {name: list(each) for name, each in limits.limits.items()}
    given |= {} if limits.purpose in PURPOSES else {"purpose": limits.purpose}
    return Provenance.now(
        f"anonymizer.{call}",
        *packages,
        seed=seed,
        share=None if share == 1 else share,
        thresholds=sha256_of_plain(given) if given else USUAL,
        inputs=tuple(files),
    )


def _table(source: Source, reading: Reading) -> pl.DataFrame:
    """A path or a frame of any kind, read."""
    return collect(open_table(source, reading))


def likelihood_detector(entity: str, time: str, seed: int) -> DetectorFunction:
    """Train the generative LSTM; an event is as strange as it is improbable to the model.

    It believes every event, since the question is what it has learned of their order.
    """

    def detect(train: pl.DataFrame, test: pl.DataFrame) -> npt.NDArray[np.float64]:
        learn = _load("scoring.learn").learn_scorer
        scores: npt.NDArray[np.float64] = learn(train, entity=entity, time=time, seed=seed)(test)
        return scores

    return detect


def label_detector(entity: str, time: str, label: str, seed: int) -> DetectorFunction:
    """Train the two-layer LSTM classifier on labelled events."""

    def detect(train: pl.DataFrame, test: pl.DataFrame) -> npt.NDArray[np.float64]:
        classifier = _load("model.classifier").SequenceClassifier.fit(
            train, entity=entity, time=time, label=label, seed=seed
        )
        scores: npt.NDArray[np.float64] = classifier.score(test).to_numpy()
        return scores

    return detect


def model_attack(
    model: Any, folder: str | Path, real: pl.DataFrame, entity: str, time: str, *, seed: int
) -> dict[str, Any]:
    """The likelihood of a model, and its calibration by one that learns the same from others.

    Raises:
        DataError: the model has learned other columns than there are.
    """
    roles = model.derivation.roles
    if (roles.entity, roles.time) != (entity, time):
        raise DataError(
            f"the model in {folder} has learned the entity '{roles.entity}' and the time "
            f"'{roles.time}', not '{entity}' and '{time}': give the model of these columns"
        )
    try:
        model.loss(real.drop_nulls([entity, time]).head(1))  # before anything long begins
    except (DataError, pl.exceptions.PolarsError) as error:
        why = error if isinstance(error, DataError) else type(error).__name__  # it may tell values
        raise DataError(f"the model in {folder} does not fit the real set: {why}") from error

    def calibration(frame: pl.DataFrame) -> Callable[[pl.DataFrame], pl.DataFrame]:
        names = {"fields": roles.fields, "context": roles.context}
        other = type(model).fit(frame, entity=entity, time=time, seed=seed, **names)
        return cast("Callable[[pl.DataFrame], pl.DataFrame]", other.loss)

    return {"likelihood": model.loss, "calibration": calibration}


def shadows_of(model: Any, count: int, *, seed: int, progress: Progress) -> list[Calibration]:
    """Models that are trained as a model was, each on the frame that it is given."""

    def trained(number: int, frame: pl.DataFrame) -> Likelihood:
        progress(f"shadow model {number} of {count} is trained")
        other = type(model).fit(frame, seed=seed + number, **model.settings)
        return cast("Likelihood", other.loss)

    return [partial(trained, number) for number in range(1, count + 1)]


def _load(name: str) -> Any:
    """A module of the sequences arm; torch is loaded only when a detector is trained."""
    try:
        return import_module(f"anonymizer.sequences.{name}")
    except ModuleNotFoundError as error:
        raise MissingExtraError("the LSTM detector", "sequences") from error
