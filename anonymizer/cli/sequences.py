"""The commands of a sequence model: fit, sample, score, recommend."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from anonymizer.cli.engine import engine_options, is_spark, on_spark
from anonymizer.cli.options import csv_option, listed, reading, table
from anonymizer.cli.saying import say, tell_notes, when_stopped
from anonymizer.errors import FileError, MissingExtraError, RuleError, UsageError

_SAMPLE: Final = "anonymizer.SequenceModel.sample"
_OF_ONE_TABLE: Final = ("entity", "time", "epsilon", "delta")  # settings, and of no dataset

if TYPE_CHECKING:
    from anonymizer.sequences.model.sequence_model import SequenceModel


@click.command()
@click.argument("source", metavar="INPUT")
@click.argument("model", metavar="MODEL")
@click.option("--entity", help="Column that says whose event a row is.")
@click.option("--time", help="Column that says when it happened.")
@click.option("--fields", help="Columns to learn, separated by commas; all by default.")
@click.option("--context", help="Columns that hold once per entity; found by default.")
@click.option(
    "--roles", metavar="FILE", help="What columns are, in YAML: identifier, code, field, context."
)
@click.option(
    "--rules", metavar="FILE", help="What every row keeps: conditions in SQL, one in each line."
)
@click.option("--seed", default=0, show_default=True, help="Fixes every random choice.")
@click.option("--max-epochs", type=click.IntRange(1), help="A bound on training.")
@click.option(
    "--min-entities",
    type=click.IntRange(1),
    default=5,
    show_default=True,
    help="Entities that must hold a value before the model may know it.",
)
@click.option("--device", default="auto", show_default=True, help="cpu, cuda, or what is there.")
@click.option(
    "--tune",
    "tune_minutes",
    metavar="MINUTES",
    type=click.FloatRange(0),
    default=0,
    help="Look that long for better settings of the network first.",
)
@click.option("--epsilon", type=float, help="Fit with differential privacy; needs --delta.")
@click.option("--delta", type=float, help="Of differential privacy, far below 1 / entities.")
@click.option("--resume", is_flag=True, help="Go on where an interrupted fit of MODEL stopped.")
@click.option("--overwrite", is_flag=True, help="Replace a model that is there.")
@csv_option
def fit(
    source: str,
    model: str,
    fields: str | None,
    context: str | None,
    csv: str | None,
    *,
    roles: str | None,
    rules: str | None,
    resume: bool,
    overwrite: bool,
    **settings: Any,
) -> None:
    """Learn the histories in INPUT and write the folder MODEL.

    Without --entity and --time, INPUT is a dataset file: all its tables are learned together.
    """
    from anonymizer.console import working
    from anonymizer.files.sources import recorded, sources
    from anonymizer.staging import no_wider_than

    checkpoint = Path(model).with_name(f"{Path(model).name}.checkpoint")
    of_one = {name: settings[name] for name in _OF_ONE_TABLE}
    of_one |= {"fields": fields, "context": context, "roles": roles, "csv": csv}
    several = _is_dataset(source, of_one)
    if Path(model).exists() and resume and not checkpoint.exists():
        raise FileError(f"{model}: is finished, there is nothing to resume")
    require_free(Path(model), overwrite=overwrite, several=several)
    settings |= {"rules": _rules(rules), "resume": resume}
    if settings["epsilon"] is None:
        settings["checkpoint"] = checkpoint
        when_stopped.append(partial(_tell_checkpoint, checkpoint))
    if several:
        _fit_dataset(source, model, settings)
        return
    settings |= {"roles": _roles(roles), "fields": listed(fields), "context": listed(context)}
    frame = table(source, csv)
    private = "" if settings["epsilon"] is None else "private"
    with no_wider_than(*sources(source)):
        with working("learning") as progress:
            fitted = _sequence_model().fit(frame, progress=progress, **settings)
        if _leads():
            fitted = fitted.learned_from(recorded("training", source, private))
        fitted.save(model)
    if not _leads():
        return
    for line in fitted.told:
        say(line)
    card = fitted.card
    learned = f"{card['entities']:,} histories learned"
    if "privacy" in card:
        say(f"about {learned}; the model is in {model}")
        return
    say(f"{learned}, {card['held_out_entities']:,} held out; the model is in {model}")
    tell_notes(fitted.notes)


def _leads() -> bool:
    """Whether this process speaks for those that `torchrun` started, or is alone."""
    from anonymizer.sequences.training.peers import launched

    return launched().leads


def _is_dataset(source: str, of_one: dict[str, Any]) -> bool:
    """Whether a dataset is to be learned: no columns are named, and the file is one.

    Raises:
        UsageError: options are of one table, or lack.
    """
    from anonymizer.datasets.description.dataset import is_dataset_file

    several = is_dataset_file(source)
    if several and (given := [f"--{name}" for name, value in of_one.items() if value is not None]):
        raise UsageError(f"{source}: a dataset file says it itself: leave out {', '.join(given)}")
    if not several and None in (of_one["entity"], of_one["time"]):
        raise UsageError(f"{source}: is no dataset file: name --entity and --time")
    return several


def _fit_dataset(source: str, model: str, settings: dict[str, Any]) -> None:
    _sequence_model()  # says so where it cannot be loaded
    from anonymizer.console import working
    from anonymizer.datasets.synthesis.model import fit_dataset
    from anonymizer.staging import no_wider_than

    settings = {name: value for name, value in settings.items() if name not in _OF_ONE_TABLE}
    with working("learning") as progress:
        fitted = fit_dataset(source, progress=progress, **settings)
    with no_wider_than(mode=0o600):  # its tables may be of any place
        fitted.save(model)
    if not _leads():
        return
    for line in fitted.told:
        say(line)
    say(
        f"{len(fitted.layout.tables)} tables of {fitted.persons:,} persons; the model is in {model}"
    )
    tell_notes(fitted.notes)


def _roles(file: str | None) -> dict[str, str] | None:
    """The roles in a file of YAML.

    Raises:
        RuleError: it does not map columns to words.
    """
    from anonymizer.documents import read_document

    found = None if file is None else read_document(Path(file))
    if found is None or (
        isinstance(found, dict) and all(isinstance(each, str) for each in (*found, *found.values()))
    ):
        return found
    raise RuleError(Path(str(file)).name, ["each line must be as: invoice: identifier"])


def _rules(file: str | None) -> list[str]:
    """The rules in a file, one in each line; `--` begins a comment, as in SQL.

    Raises:
        FileError: it cannot be read.
        RuleError: it is a list of YAML.
    """
    if file is None:
        return []
    try:
        lines = Path(file).read_text("utf-8-sig").splitlines()
    except OSError as error:
        raise FileError(f"cannot read {file}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise FileError(f"cannot read {file}: --rules takes a file of text in UTF-8") from None
    rules = [line.strip() for line in lines if line.strip() and not line.strip().startswith("--")]
    if any(line.startswith("- ") for line in rules):  # SQL would read a minus
        raise RuleError(Path(file).name, ["a rule begins with '- ': one in each line, no list"])
    return rules


def _tell_checkpoint(checkpoint: Path) -> None:
    if checkpoint.exists():
        say(f"what was learned so far is in {checkpoint}: go on with --resume, or delete it")


def require_free(model: Path, *, overwrite: bool, several: bool = False) -> None:
    """Raise a FileError if a model cannot be written there: before a long training."""
    if model.exists() and not overwrite:
        raise FileError(f"{model}: exists already: choose another name, or ask with --overwrite")
    one_table = _sequence_model()
    if several:
        from anonymizer.datasets.synthesis.model import DatasetModel

        DatasetModel.require_place(model)
    else:
        one_table.require_place(model)


@click.command()
@click.argument("model", metavar="MODEL")
@click.argument("target", metavar="OUTPUT")
@click.option("--entities", type=click.IntRange(1), help="How many to sample.")
@click.option(
    "--first", type=click.IntRange(0), default=0, help="How many before them to leave out."
)
@click.option("--conditions", metavar="FILE", help="Context columns, a row per entity to sample.")
@click.option("--prefix", metavar="FILE", help="Histories to be continued.")
@click.option("--seed", default=0, show_default=True, help="The same seed, the same histories.")
@click.option("--overwrite", is_flag=True, help="Replace a file that is there.")
@engine_options
@csv_option
def sample(  # noqa: PLR0917 (click calls it by keyword)
    model: str,
    target: str,
    entities: int | None,
    first: int,
    conditions: str | None,
    prefix: str | None,
    seed: int,
    overwrite: bool,
    engine: str,
    master: str | None,
    csv: str | None,
) -> None:
    """Sample histories of entities that do not exist from MODEL into OUTPUT.

    The files of --entities 500, and of --entities 500 --first 500, are together that of
    --entities 1000: several machines can share the work.

    Where MODEL is of a dataset, OUTPUT is a folder or a store, and --entities may be left out:
    then there are as many persons as were learned from.
    """
    from anonymizer.console import working
    from anonymizer.datasets.synthesis.folder import is_dataset_model
    from anonymizer.files.sources import recorded, sources
    from anonymizer.files.table_files import sink
    from anonymizer.files.targets import check_target
    from anonymizer.frames import collect, from_blocks
    from anonymizer.provenance import FileRecord, stamp_of_sample, told_name
    from anonymizer.staging import no_wider_than

    if is_spark(engine, master):
        elsewhere = {"--first": first, "--conditions": conditions, "--prefix": prefix, "--csv": csv}
        _sample_on_spark(model, target, entities, seed, master, elsewhere, overwrite=overwrite)
        return
    if is_dataset_model(model) and not (conditions or prefix or csv):
        if first:
            raise click.UsageError("--first is of models of one table: sample a dataset at once")
        _sample_dataset(model, target, entities, seed, overwrite=overwrite)
        return
    if sum(x is not None for x in (entities, conditions, prefix)) != 1:
        raise click.UsageError("give one of --entities, --conditions and --prefix")
    if first and entities is None:
        raise click.UsageError("--first goes with --entities")
    given = conditions or prefix
    inputs = sources(given) if given else []
    check_target(target, overwrite=overwrite, inputs=inputs)
    how = reading(csv)  # before anything long begins
    loaded = _sequence_model().load(model)
    asked = [] if given is None else [recorded("conditions" if conditions else "prefix", given)]
    made = FileRecord(
        role="synthetic", name=told_name(target), undigested="self", entities=entities
    )
    stamp = stamp_of_sample(_SAMPLE, model, made, seed, asked)
    with no_wider_than(*inputs), working("sampling"):
        if given is None:
            blocks = loaded.sample_blocks(entities or 0, first=first, seed=seed)
            events = from_blocks(blocks, loaded.schema)
        else:
            events = loaded.sample(
                seed=seed,
                conditions=collect(table(conditions, csv)) if conditions else None,
                prefix=collect(table(prefix, csv)) if prefix else None,
            ).lazy()
        sink(events, target, overwrite=overwrite, reading=how, metadata=stamp)
    who = f"{entities:,} histories" if entities else f"histories for {given}"
    say(f"{who} written to {target}")


def _sample_on_spark(  # noqa: PLR0917 (as the command is called)
    model: str,
    target: str,
    entities: int | None,
    seed: int,
    master: str | None,
    elsewhere: dict[str, Any],
    *,
    overwrite: bool,
) -> None:
    from anonymizer.spark.files import sample_files

    if entities is None:
        raise UsageError("--engine spark samples new histories: give --entities")
    from anonymizer.provenance import FileRecord, stamp_of_sample, told_name

    loaded = _sequence_model().load(model)
    made = FileRecord(
        role="synthetic", name=told_name(target), undigested="self", entities=entities
    )
    stamp = stamp_of_sample(_SAMPLE, model, made, seed)
    with on_spark("sampling", master, elsewhere) as start:
        sample_files(start, loaded, target, entities, seed=seed, overwrite=overwrite, stamp=stamp)
    say(f"{entities:,} histories written to {target}")


def _sample_dataset(
    model: str, target: str, persons: int | None, seed: int, *, overwrite: bool
) -> None:
    _sequence_model()
    from anonymizer.console import working
    from anonymizer.datasets.synthesis.model import DatasetModel

    loaded = DatasetModel.load(model)
    with working("sampling"):
        rows = loaded.write(target, persons=persons, seed=seed, overwrite=overwrite)
    told = ", ".join(f"{table} {count:,}" for table, count in rows.items())
    say(f"rows written to {target}: {told}")


@click.command()
@click.argument("model", metavar="MODEL")
@click.argument("source", metavar="INPUT")
@click.argument("target", metavar="OUTPUT")
@click.option("--history", metavar="FILE", help="Earlier events of the same entities.")
@click.option(
    "--alert-rate",
    type=click.FloatRange(0, 0.5, min_open=True),
    help="Share of usual events that may raise an alert, such as 0.001.",
)
@click.option("--entities", metavar="FILE", help="Where to write a summary per entity.")
@click.option("--overwrite", is_flag=True, help="Replace files that are there.")
@engine_options
@csv_option
def score(  # noqa: PLR0917 (click calls it by keyword)
    model: str,
    source: str,
    target: str,
    history: str | None,
    alert_rate: float | None,
    entities: str | None,
    overwrite: bool,
    engine: str,
    master: str | None,
    csv: str | None,
) -> None:
    """Add to each event of INPUT how strange it is.

    On Spark each history is judged by itself, and rows leave entity by entity.
    """
    from anonymizer.console import working
    from anonymizer.files.sources import sources
    from anonymizer.files.table_files import sink
    from anonymizer.files.targets import check_target
    from anonymizer.frames import collect
    from anonymizer.staging import at_once, no_wider_than

    if is_spark(engine, master):
        from anonymizer.spark.files import score_files

        elsewhere = {"--history": history, "--entities": entities, "--csv": csv}
        scorer = _sequence_model().load(model)
        with on_spark("scoring", master, elsewhere) as start:
            score_files(start, scorer, source, target, alert_rate=alert_rate, overwrite=overwrite)
        say(f"events scored into {target}")
        return
    inputs = [*sources(source), *(sources(history) if history else [])]
    for each in (target, *([entities] if entities else [])):
        check_target(each, overwrite=overwrite, inputs=inputs)
    if entities and Path(entities).absolute() == Path(target).absolute():
        raise click.UsageError("OUTPUT and --entities are the same file")
    loaded = _sequence_model().load(model)
    with at_once(), no_wider_than(*inputs), working("scoring"):
        earlier = collect(table(history, csv)) if history else None
        scored = loaded.score(collect(table(source, csv)), history=earlier, alert_rate=alert_rate)
        sink(scored.lazy(), target, overwrite=overwrite, reading=reading(csv))
        if entities:
            summary = loaded.summarise(scored, history=earlier, alert_rate=alert_rate or 0.001)
            sink(summary.lazy(), entities, overwrite=overwrite, reading=reading(csv))
    say(f"{len(scored):,} events scored into {target}")
    if alert_rate:
        say(f"{scored['alert'].sum():,} alerts")


@click.command()
@click.argument("model", metavar="MODEL")
@click.argument("source", metavar="INPUT")
@click.argument("target", metavar="OUTPUT")
@click.option("--field", required=True, help="Column of categories to rank.")
@click.option("--top", type=click.IntRange(1), default=10, show_default=True, help="Ranks.")
@click.option("--leave-out-seen", is_flag=True, help="Leave out what an entity has had.")
@click.option("--overwrite", is_flag=True, help="Replace a file that is there.")
@csv_option
def recommend(  # noqa: PLR0917 (click calls it by keyword)
    model: str,
    source: str,
    target: str,
    field: str,
    top: int,
    leave_out_seen: bool,
    overwrite: bool,
    csv: str | None,
) -> None:
    """Rank what the next event of each entity of INPUT will hold."""
    from anonymizer.console import working
    from anonymizer.files.sources import sources
    from anonymizer.files.table_files import sink
    from anonymizer.files.targets import check_target
    from anonymizer.frames import collect
    from anonymizer.staging import no_wider_than

    inputs = sources(source)
    check_target(target, overwrite=overwrite, inputs=inputs)
    loaded = _sequence_model().load(model)
    with no_wider_than(*inputs), working("ranking"):
        ranked = loaded.recommend(
            collect(table(source, csv)), field=field, top=top, leave_out_seen=leave_out_seen
        )
        sink(ranked.lazy(), target, overwrite=overwrite, reading=reading(csv))
    say(f"{ranked[ranked.columns[0]].n_unique():,} entities ranked into {target}")


def _sequence_model() -> "type[SequenceModel]":
    try:
        from anonymizer.sequences.model.sequence_model import SequenceModel
    except ModuleNotFoundError as error:
        raise MissingExtraError("a sequence model", "sequences") from error
    return SequenceModel
