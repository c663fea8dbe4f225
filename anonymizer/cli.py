"""The command line: the only place where the three arms meet. Arms load inside commands."""

import os
import sys
import traceback
import warnings
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from anonymizer import __version__
from anonymizer.errors import (
    AnonymizerError,
    FileError,
    KeyMaterialError,
    MissingExtraError,
    PrivacyWarning,
    RuleError,
    SchemaError,
    UsageError,
)
from anonymizer.stopping import stopping_cleanly

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import polars as pl

    from anonymizer.checks.figures.figure import Figure
    from anonymizer.checks.reports.audit_report import AuditReport
    from anonymizer.checks.reports.check_report import Report
    from anonymizer.keys import Key
    from anonymizer.masking.rules.rules import Rules
    from anonymizer.masking.run.preview import Preview
    from anonymizer.sequences.model.sequence_model import SequenceModel

_DEBUG: Final = "ANONYMIZER_DEBUG"
_SHOW_CURSOR: Final = "\x1b[?25h"

_key_env = click.option(
    "--key-env", metavar="NAME", help="Environment variable that holds the key."
)
_key_file = click.option("--key-file", metavar="FILE", help="File that holds the key.")
_csv_option = click.option(
    "--csv",
    metavar="OPTIONS",
    help="How CSV files are written, as `csv:` in a rule file says it: 'separator: ;'.",
)


_JUDGING_OPTIONS: Final = (
    click.option(
        "--thresholds",
        metavar="FILE",
        help="YAML with limits of green and amber by a figure's name.",
    ),
    click.option(
        "--fail-on",
        type=click.Choice(["red", "amber"]),
        help="Exit with 1 if a figure is red, or amber or red, once the reports are written; "
        "without it the exit status is 0 whatever the verdict.",
    ),
    click.option("--report", metavar="HTML", help="Where to write the page."),
    click.option("--json", "json_file", metavar="FILE", help="Where to write the figures."),
    click.option("--seed", default=0, show_default=True, help="Fixes every random choice."),
)


def _judging_options(command: "Callable[..., None]") -> "Callable[..., None]":
    """The options that `check` and `audit` have in common."""
    for option in reversed(_JUDGING_OPTIONS):
        command = option(command)
    return command


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def commands() -> None:
    """Mask, synthesise and check customer histories."""


@commands.command()
@click.argument("source", metavar="INPUT")
@click.argument("target", metavar="OUTPUT")
@click.option("--rules", required=True, help="A rule file, or the name of a pack.")
@_key_env
@_key_file
@click.option("--manifest", metavar="FILE", help="Where to record what was done, as JSON.")
@click.option(
    "--save-rules", metavar="FILE", help="Where to keep the rules with what they learned, as JSON."
)
@click.option(
    "--state", metavar="FOLDER", help="Where rows wait, for rules with `batches: held_back`."
)
@click.option("--dry-run", is_flag=True, help="Show what each column becomes; write nothing.")
@click.option("--overwrite", is_flag=True, help="Replace files that are there.")
@_csv_option
def mask(  # noqa: PLR0917 (click calls it by keyword)
    source: str,
    target: str,
    rules: str,
    key_env: str | None,
    key_file: str | None,
    manifest: str | None,
    save_rules: str | None,
    state: str | None,
    dry_run: bool,
    overwrite: bool,
    csv: str | None,
) -> None:
    """Mask INPUT into OUTPUT, column by column, as the rules say.

    INPUT is a file, a glob, a folder or an s3:// address; Parquet, CSV (also .tsv, .csv.gz and
    .csv.zst), NDJSON or Arrow IPC by its ending. OUTPUT is a file, or a folder where INPUT is one.
    The key comes from the environment variable ANONYMIZER_KEY unless an option names another
    place.
    """
    from anonymizer.console import working
    from anonymizer.masking.run.files import mask_file
    from anonymizer.masking.run.preview import preview

    if dry_run:
        found = preview(source, _rules(rules, csv))
        _print_preview(found)
        _tell_notes(found.notes)
        return
    with working("masking"):
        record = mask_file(
            source,
            target,
            _rules(rules, csv),
            key=_named_key(key_env, key_file),
            manifest=manifest,
            fitted=save_rules,
            overwrite=overwrite,
            state=state,
        )
    _tell_notes(record.notes)
    columns = sum(column.output_dtype is not None for column in record.columns)
    _say(f"{record.rows:,} rows, {columns} columns written to {target}")


@commands.command()
@click.argument("source", metavar="INPUT")
@click.argument("target", metavar="OUTPUT")
@click.option("--rules", required=True, help="The rules that INPUT was masked with.")
@_key_env
@_key_file
@click.option("--overwrite", is_flag=True, help="Replace files that are there.")
@_csv_option
def reveal(  # noqa: PLR0917 (click calls it by keyword)
    source: str,
    target: str,
    rules: str,
    key_env: str | None,
    key_file: str | None,
    overwrite: bool,
    csv: str | None,
) -> None:
    """Undo the reversible masks (encrypt, fpe) of INPUT into OUTPUT, which holds raw data."""
    from anonymizer.console import working
    from anonymizer.masking.run.files import reveal_file

    with working("revealing"):
        columns = reveal_file(
            source,
            target,
            _rules(rules, csv),
            key=_named_key(key_env, key_file),
            overwrite=overwrite,
        )
    _say(f"revealed in {target}: {', '.join(columns)}")


@commands.command()
@click.argument("source", metavar="INPUT")
@click.argument("model", metavar="MODEL")
@click.option("--entity", required=True, help="Column that says whose event a row is.")
@click.option("--time", required=True, help="Column that says when it happened.")
@click.option("--fields", help="Columns to learn, separated by commas; all by default.")
@click.option("--context", help="Columns that hold once per entity; found by default.")
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
@_csv_option
def fit(
    source: str,
    model: str,
    fields: str | None,
    context: str | None,
    csv: str | None,
    *,
    resume: bool,
    overwrite: bool,
    **settings: Any,
) -> None:
    """Learn the histories in INPUT and write the folder MODEL."""
    from anonymizer.console import working
    from anonymizer.datasets import sources
    from anonymizer.frames import collect
    from anonymizer.staging import no_wider_than

    checkpoint = Path(model).with_name(f"{Path(model).name}.checkpoint")
    _require_free(Path(model), checkpoint, resume=resume, overwrite=overwrite)
    frame = collect(_table(source, csv))
    settings |= {"fields": _listed(fields), "context": _listed(context), "resume": resume}
    if settings["epsilon"] is None:
        settings["checkpoint"] = checkpoint
        _when_stopped.append(partial(_tell_checkpoint, checkpoint))
    with no_wider_than(*sources(source)):
        with working("learning") as say:
            fitted = _sequence_model().fit(frame, progress=say, **settings)
        fitted.save(model)
    _say(fitted.codec.roles.told)
    card = fitted.card
    learned = f"{card['entities']:,} histories learned"
    if "privacy" in card:
        _say(f"about {learned}; the model is in {model}")
        return
    _say(f"{learned}, {card['held_out_entities']:,} held out; the model is in {model}")
    _tell_notes(fitted.notes)


def _tell_checkpoint(checkpoint: Path) -> None:
    if checkpoint.exists():
        _say(f"what was learned so far is in {checkpoint}: go on with --resume, or delete it")


def _require_free(model: Path, checkpoint: Path, *, resume: bool, overwrite: bool) -> None:
    """Raise a FileError if a model cannot be written there: before a long training."""
    if model.exists() and resume and not checkpoint.exists():
        raise FileError(f"{model}: is finished, there is nothing to resume")
    if model.exists() and not overwrite:
        raise FileError(f"{model}: exists already: choose another name, or ask with --overwrite")
    _sequence_model().require_place(model)


@commands.command()
@click.argument("model", metavar="MODEL")
@click.argument("target", metavar="OUTPUT")
@click.option("--entities", type=click.IntRange(1), help="How many to sample.")
@click.option("--conditions", metavar="FILE", help="Context columns, a row per entity to sample.")
@click.option("--prefix", metavar="FILE", help="Histories to be continued.")
@click.option("--seed", default=0, show_default=True, help="The same seed, the same histories.")
@click.option("--overwrite", is_flag=True, help="Replace a file that is there.")
@_csv_option
def sample(  # noqa: PLR0917 (click calls it by keyword)
    model: str,
    target: str,
    entities: int | None,
    conditions: str | None,
    prefix: str | None,
    seed: int,
    overwrite: bool,
    csv: str | None,
) -> None:
    """Sample histories of entities that do not exist from MODEL into OUTPUT."""
    from anonymizer.console import working
    from anonymizer.datasets import check_target, sink, sources
    from anonymizer.frames import collect, from_blocks
    from anonymizer.staging import no_wider_than

    if sum(x is not None for x in (entities, conditions, prefix)) != 1:
        raise click.UsageError("give one of --entities, --conditions and --prefix")
    given = conditions or prefix
    inputs = sources(given) if given else []
    check_target(target, overwrite=overwrite, inputs=inputs)
    loaded = _sequence_model().load(model)
    with no_wider_than(*inputs), working("sampling"):
        if given is None:
            blocks = loaded.sample_blocks(entities or 0, seed=seed)
            events = from_blocks(blocks, loaded.codec.schema)
        else:
            events = loaded.sample(
                seed=seed,
                conditions=collect(_table(conditions, csv)) if conditions else None,
                prefix=collect(_table(prefix, csv)) if prefix else None,
            ).lazy()
        sink(events, target, overwrite=overwrite)
    who = f"{entities:,} histories" if entities else f"histories for {given}"
    _say(f"{who} written to {target}")


@commands.command()
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
@_csv_option
def score(  # noqa: PLR0917 (click calls it by keyword)
    model: str,
    source: str,
    target: str,
    history: str | None,
    alert_rate: float | None,
    entities: str | None,
    overwrite: bool,
    csv: str | None,
) -> None:
    """Add to each event of INPUT how strange it is."""
    from anonymizer.console import working
    from anonymizer.datasets import check_target, sink, sources
    from anonymizer.frames import collect
    from anonymizer.staging import at_once, no_wider_than

    inputs = [*sources(source), *(sources(history) if history else [])]
    for each in (target, *([entities] if entities else [])):
        check_target(each, overwrite=overwrite, inputs=inputs)
    if entities and Path(entities).absolute() == Path(target).absolute():
        raise click.UsageError("OUTPUT and --entities are the same file")
    loaded = _sequence_model().load(model)
    with at_once(), no_wider_than(*inputs), working("scoring"):
        scored = loaded.score(
            collect(_table(source, csv)),
            history=collect(_table(history, csv)) if history else None,
            alert_rate=alert_rate,
        )
        sink(scored.lazy(), target, overwrite=overwrite)
        if entities:
            summary = loaded.summarise(scored, alert_rate=alert_rate or 0.001)
            sink(summary.lazy(), entities, overwrite=overwrite)
    _say(f"{len(scored):,} events scored into {target}")
    if alert_rate:
        _say(f"{scored['alert'].sum():,} alerts")


@commands.command()
@click.argument("model", metavar="MODEL")
@click.argument("source", metavar="INPUT")
@click.argument("target", metavar="OUTPUT")
@click.option("--field", required=True, help="Column of categories to rank.")
@click.option("--top", type=click.IntRange(1), default=10, show_default=True, help="Ranks.")
@click.option("--leave-out-seen", is_flag=True, help="Leave out what an entity has had.")
@click.option("--overwrite", is_flag=True, help="Replace a file that is there.")
@_csv_option
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
    from anonymizer.datasets import check_target, sink, sources
    from anonymizer.frames import collect
    from anonymizer.staging import no_wider_than

    inputs = sources(source)
    check_target(target, overwrite=overwrite, inputs=inputs)
    loaded = _sequence_model().load(model)
    with no_wider_than(*inputs), working("ranking"):
        ranked = loaded.recommend(
            collect(_table(source, csv)), field=field, top=top, leave_out_seen=leave_out_seen
        )
        sink(ranked.lazy(), target, overwrite=overwrite)
    _say(f"{ranked[ranked.columns[0]].n_unique():,} entities ranked into {target}")


@commands.command()
@click.option("--real", required=True, help="Events that the synthetic ones were made from.")
@click.option("--synthetic", required=True, help="Events to judge.")
@click.option("--holdout", required=True, help="Events of real entities nobody trained on.")
@click.option("--entity", required=True, help="Column that says whose event a row is.")
@click.option("--time", required=True, help="Column that says when it happened.")
@click.option("--label", help="Column that a detector is to find; injected anomalies without.")
@click.option("--model", metavar="FOLDER", help="The model behind SYNTHETIC, to be attacked too.")
@_judging_options
@_csv_option
def check(  # noqa: PLR0917 (click calls it by keyword)
    real: str,
    synthetic: str,
    holdout: str,
    entity: str,
    time: str,
    label: str | None,
    model: str | None,
    thresholds: str | None,
    fail_on: str | None,
    report: str | None,
    json_file: str | None,
    seed: int,
    csv: str | None,
) -> None:
    """Judge synthetic histories: what they kept and what they give away."""
    from anonymizer.checks.pages.check_page import headlines
    from anonymizer.composition import check as judge
    from anonymizer.console import working

    with working("checking") as say:
        found = judge(
            real=_source(real, csv),
            synthetic=_source(synthetic, csv),
            holdout=_source(holdout, csv),
            entity=entity,
            time=time,
            label=label,
            model=model,
            thresholds=thresholds,
            seed=seed,
            progress=say,
        )
        _write(found, report, json_file, [real, synthetic, holdout])
    _tell(found, headlines(found.figures), [report, json_file], fail_on)


@commands.command()
@click.argument("raw", metavar="RAW")
@click.argument("masked", metavar="MASKED")
@click.option("--entity", required=True, help="Column of both that says whose row it is.")
@click.option("--time", help="Column that says when.")
@click.option("--quasi-identifiers", help="Columns known of a person, separated by commas.")
@click.option("--sensitive", help="Columns that must not be told, separated by commas.")
@click.option("--known", help="Columns known of an event; found out by default.")
@_judging_options
@_csv_option
def audit(  # noqa: PLR0917 (click calls it by keyword)
    raw: str,
    masked: str,
    entity: str,
    time: str | None,
    quasi_identifiers: str | None,
    sensitive: str | None,
    known: str | None,
    thresholds: str | None,
    fail_on: str | None,
    report: str | None,
    json_file: str | None,
    seed: int,
    csv: str | None,
) -> None:
    """Say what somebody who may hold RAW can still do with MASKED."""
    from anonymizer.checks.pages.audit_page import CARDS
    from anonymizer.composition import audit as attack
    from anonymizer.console import working

    with working("auditing") as say:
        found = attack(
            raw=_source(raw, csv),
            masked=_source(masked, csv),
            entity=entity,
            time=time,
            quasi_identifiers=_listed(quasi_identifiers) or (),
            sensitive=_listed(sensitive) or (),
            known=_listed(known),
            thresholds=thresholds,
            seed=seed,
            progress=say,
        )
        _write(found, report, json_file, [raw, masked])
    _tell(found, [name for name, *_ in CARDS], [report, json_file], fail_on)


@commands.command()
@click.argument("source", metavar="INPUT")
@click.option("--output", metavar="RULES", help="Where to write the rule file to start from.")
@click.option("--overwrite", is_flag=True, help="Replace a file that is there.")
@_csv_option
def inspect(source: str, output: str | None, overwrite: bool, csv: str | None) -> None:
    """Say what the columns of INPUT seem to hold, and propose a rule file to start from."""
    from anonymizer.console import working
    from anonymizer.datasets import check_target, sources
    from anonymizer.delimited.dialect import dialect_of
    from anonymizer.masking.inspection.inspect import inspect as look
    from anonymizer.staging import no_wider_than, staged

    inputs = sources(source)
    target = output and check_target(output, overwrite=overwrite, inputs=inputs)
    with working("inspecting"):
        found = look(source, csv=None if csv is None else dialect_of(csv, "--csv").model_dump())
    for line in found.lines():
        click.echo(line)
    if target:
        with no_wider_than(*inputs), staged(target) as temporary:
            temporary.write_text(found.to_yaml(), "utf-8")
        _say(f"a rule file to start from is in {output}: read it before you use it")


@commands.command()
@click.argument("rules", metavar="RULES")
@click.argument("source", metavar="[INPUT]", required=False)
@_csv_option
def lint(rules: str, source: str | None, csv: str | None) -> None:
    """Say what is risky in RULES, and the way out; sharper with the INPUT they are for."""
    from anonymizer.masking.run.preview import lint as find

    found = find(_rules(rules, csv), source)
    for each in found:
        click.echo(f"{each.level}: {each}")
    if any(each.level == "warning" for each in found):
        raise click.exceptions.Exit(1)


@commands.command()
@click.argument("source", metavar="INPUT")
@click.argument("target", metavar="MAP")
@click.option("--rules", required=True, help="The rules that the tables were masked with.")
@click.option("--old-key-env", metavar="NAME", help="Environment variable with the old key.")
@click.option("--old-key-file", metavar="FILE", help="File that holds the old key.")
@_key_env
@_key_file
@click.option("--overwrite", is_flag=True, help="Replace a file that is there.")
@_csv_option
def rotate(  # noqa: PLR0917 (click calls it by keyword)
    source: str,
    target: str,
    rules: str,
    old_key_env: str | None,
    old_key_file: str | None,
    key_env: str | None,
    key_file: str | None,
    overwrite: bool,
    csv: str | None,
) -> None:
    """Write the MAP from the tokens of an old key to those of the new one, from the raw INPUT."""
    from anonymizer.console import working
    from anonymizer.keys import load_key
    from anonymizer.masking.run.rotation import rotate_keys

    old = _named_key(old_key_env, old_key_file)
    if old is None:
        raise KeyMaterialError("say where the old key is: --old-key-env or --old-key-file")
    with working("rotating keys"):
        done = rotate_keys(
            source,
            target,
            _rules(rules, csv),
            old_key=old,
            new_key=_named_key(key_env, key_file) or load_key(None),
            overwrite=overwrite,
        )
    for domain, count in done.pairs.items():
        _say(f"{domain}: {count:,} tokens")
    _tell_notes(done.notes)


@commands.command()
@click.argument("folder", default="demo-output")
def demo(folder: str) -> None:
    """Run the whole road on real purchases with invented names."""
    try:
        from anonymizer import demo as road
    except ModuleNotFoundError as error:
        raise MissingExtraError("the demo", "sequences,report") from error
    from anonymizer.console import working

    outcome = road.run(Path(folder), partial(working, at_once=True))
    click.echo(road.summary(outcome))


def _sequence_model() -> "type[SequenceModel]":
    try:
        from anonymizer.sequences.model.sequence_model import SequenceModel
    except ModuleNotFoundError as error:
        raise MissingExtraError("a sequence model", "sequences") from error
    return SequenceModel


def _rules(rules: str, csv: str | None) -> "str | Rules":
    """The rules, with the dialect that an option says."""
    from anonymizer.delimited.dialect import dialect_of
    from anonymizer.masking.rules.rules import load_rules

    if csv is None:
        return rules
    return replace(load_rules(rules), csv=dialect_of(csv, "--csv"))


def _table(place: str, csv: str | None) -> "pl.LazyFrame":
    """The rows of files, whose CSV are of the dialect that an option says."""
    from anonymizer.datasets import Reading, scan
    from anonymizer.delimited.dialect import dialect_of

    return scan(place) if csv is None else scan(place, Reading(dialect_of(csv, "--csv")))


def _source(place: str, csv: str | None) -> "str | pl.LazyFrame":
    return place if csv is None else _table(place, csv)


def _listed(names: str | None) -> list[str] | None:
    return None if names is None else [name.strip() for name in names.split(",") if name.strip()]


def _write(
    found: "Report | AuditReport",
    page: str | None,
    json_file: str | None,
    inputs: "Sequence[str]",
) -> None:
    """Write a report on some inputs into the files that were asked for."""
    from anonymizer.datasets import sources
    from anonymizer.staging import at_once, no_wider_than

    files = [file for place in inputs for file in sources(place)]
    with at_once(), no_wider_than(*files):
        if page:
            found.write_html(page)
        if json_file:
            found.write_json(json_file)


def _tell(
    found: "Report | AuditReport",
    headlines: "Sequence[str]",
    files: "Sequence[str | None]",
    fail_on: str | None,
) -> None:
    """Print figures and notes, and exit with 1 where figures are as bad as must not be."""
    from anonymizer.checks.pages.terminal import print_figures

    print_figures(found.figures, headlines, files)
    _tell_notes(found.notes)
    if fail_on is not None:
        _fail_on(found.figures, fail_on)


def _fail_on(figures: "Mapping[str, Figure]", fail_on: str) -> None:
    """Exit with 1 where a figure is red, or amber, or nothing could be judged."""
    bad = ("red",) if fail_on == "red" else ("red", "amber")
    failed = [name for name, figure in figures.items() if figure.colour in bad]
    if failed:
        _say(f"--fail-on {fail_on}: {', '.join(failed)}")
    elif all(figure.colour is None for figure in figures.values()):
        _say(f"--fail-on {fail_on}: nothing could be judged")
    else:
        return
    raise click.exceptions.Exit(1)


def _named_key(variable: str | None, file: str | None) -> "Key | None":
    """The key that the options name; None leaves it to the default variable."""
    from anonymizer.keys import load_key

    if variable and file:
        raise KeyMaterialError("give --key-env or --key-file, not both")
    return load_key(variable=variable, file=file) if variable or file else None


def _print_preview(columns: "Preview") -> None:
    """One block per column; the examples are invented and the key is thrown away."""
    from anonymizer.masking.run.preview import shown

    _say("dry run: nothing is written; examples are made up, under a throwaway key")
    width = max(len(each.column) for each in columns)
    for each in columns:
        types = f"{each.input_dtype} → {each.output_dtype or 'not in the output'}"
        click.echo(f"{each.column:<{width}}  {each.mask:<13}  {types}")
        for before, after in each.examples:
            click.echo(f"{'':<{width}}    {shown(before)} → {shown(after)}")


def _tell_notes(notes: "Sequence[str]") -> None:
    """What a result says must be known of it."""
    for note in notes:
        _say(f"note: {note}")


def _say(message: str) -> None:
    """One line on standard error."""
    click.echo(f"{_called()}: {' '.join(message.split())}", err=True)


def main(arguments: list[str] | None = None) -> int:
    """Run a command.

    Returns:
        0 when it is done, 2 when the call or a file of settings is wrong, 1 for anything else,
        as where `lint` warns or a figure is as bad as `--fail-on` says. A signal that ends the
        process makes it 128 + signal.
    """
    _when_stopped.clear()
    try:
        with warnings.catch_warnings(), stopping_cleanly(_stopped):
            warnings.simplefilter("ignore", PrivacyWarning)  # notes of results say the same
            status = commands.main(arguments, prog_name=_called(), standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return 2
    except Exception as error:  # noqa: BLE001 (the last place: whatever happened becomes one line)
        if os.environ.get(_DEBUG) == "1":
            traceback.print_exc()
        return _report(error)
    return status if isinstance(status, int) else 0


_when_stopped: "list[Callable[[], None]]" = []  # what a command says of what it leaves on purpose


def _stopped() -> None:
    sys.stderr.write(_SHOW_CURSOR if sys.stderr.isatty() else "")  # a bar may have hidden it
    _say("interrupted; no output was written")
    for tell in _when_stopped:
        tell()


def _called() -> str:
    """The name that the command was called by; both are the same command."""
    name = Path(sys.argv[0]).stem
    return name if name == "seqanon" else "anonymizer"


def _report(error: Exception) -> int:
    """Say what went wrong without any value of the data, and give the exit status."""
    if isinstance(error, click.ClickException):
        _say(error.format_message())
        return 2
    if isinstance(error, click.Abort):
        _say("interrupted; no output was written")
        return 1
    if isinstance(error, RuleError | SchemaError) and len(error.faults) > 1:
        what = str(error).removesuffix("; ".join(error.faults)).removesuffix(": ")
        for line in (what, *error.faults):
            _say(line)
        return 2
    if isinstance(error, AnonymizerError):
        _say(str(error))
        return 2 if isinstance(error, UsageError) else 1
    _say(f"failed ({type(error).__name__}); set {_DEBUG}=1 to see where")
    return 1
