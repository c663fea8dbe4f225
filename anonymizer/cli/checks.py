"""The commands that judge: check and audit."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from anonymizer.cli.engine import engine_options, is_spark, on_spark
from anonymizer.cli.options import csv_option, listed
from anonymizer.cli.saying import say, tell_notes
from anonymizer.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from anonymizer.checks.figures.figure import Figure
    from anonymizer.checks.reports.audit_report import AuditReport
    from anonymizer.checks.reports.check_report import Report

_SETS: Final = ("real", "synthetic", "holdout", "entity", "time")
_JUDGING_OPTIONS: Final = (
    click.option(
        "--share",
        type=click.FloatRange(0, 1, min_open=True),
        default=1.0,
        help="Share of all persons that the tables hold, such as 0.1: figures say what that tells "
        "of all.",
    ),
    click.option(
        "--for",
        "purpose",
        type=click.Choice(["internal", "partner", "public"]),
        help="Who gets it, each with its limits; a partner where left out.",
    ),
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


@click.command()
@click.argument("dataset", metavar="[DATASET", required=False)
@click.argument("tables", metavar="TABLES]", required=False)
@click.option("--real", help="Events that the synthetic ones were made from.")
@click.option("--synthetic", help="Events to judge.")
@click.option("--holdout", help="Events of real entities nobody trained on.")
@click.option("--entity", help="Column that says whose event a row is.")
@click.option("--time", help="Column that says when it happened.")
@click.option("--label", help="Column that a detector is to find; injected anomalies without.")
@click.option("--model", metavar="FOLDER", help="The model behind SYNTHETIC, to be attacked too.")
@click.option(
    "--shadows",
    type=click.IntRange(min=0),
    default=0,
    help="How many models to train like MODEL, on halves of the people, to find out what it alone "
    "remembers; 8 do, each takes about as long as MODEL took.",
)
@_judging_options
@csv_option
def check(
    dataset: str | None,
    tables: str | None,
    *,
    fail_on: str | None,
    report: str | None,
    json_file: str | None,
    **options: Any,
) -> None:
    """Judge synthetic histories: what they kept and what they give away.

    With a DATASET file, TABLES are a folder or a store with synthetic tables, which are judged
    together; without, --real, --synthetic, --holdout, --entity and --time say what is judged.
    """
    from anonymizer.checks.pages.check_page import headlines
    from anonymizer.console import working

    with working("checking") as progress:
        judge, inputs = _judge_of(dataset, tables, options)
        _refuse_inputs([report, json_file], inputs)
        found = judge(progress=progress)
        _write(found, report, json_file, inputs)
    _tell(found, headlines(found.figures), [report, json_file], fail_on)


def _judge_of(
    dataset: str | None, tables: str | None, options: "Mapping[str, Any]"
) -> "tuple[Callable[..., Report], list[str]]":
    """What judges as was asked, and the files that it reads.

    Raises:
        UsageError: options lack, or are of one table alone.
    """
    from anonymizer.composition import check as of_table

    given = {name for name in (*_SETS, "label", "model", "csv") if options[name] is not None}
    given |= {name for name, usual in (("share", 1), ("shadows", 0)) if options[name] != usual}
    if dataset is None:
        if absent := [f"--{name}" for name in _SETS if name not in given]:
            raise UsageError(f"give a dataset file and TABLES, or {', '.join(absent)}")
        return partial(of_table, **options), [options[name] for name in _SETS[:3]]
    if tables is None or given:
        way = f"leave out {', '.join(f'--{name}' for name in sorted(given))}" if given else "TABLES"
        raise UsageError(f"{dataset}: a dataset file is followed by TABLES alone: {way}")
    from anonymizer.datasets.synthesis.check import check_dataset

    both = {name: options[name] for name in ("purpose", "thresholds", "seed")}
    return partial(check_dataset, dataset, tables, **both), []


@click.command()
@click.argument("raw", metavar="RAW")
@click.argument("masked", metavar="[MASKED]", required=False)
@click.option("--entity", help="Column of both that says whose row it is.")
@click.option("--time", help="Column that says when.")
@click.option("--quasi-identifiers", help="Columns known of a person, separated by commas.")
@click.option("--sensitive", help="Columns that must not be told, separated by commas.")
@click.option("--known", help="Columns known of an event; found out by default.")
@click.option(
    "--earlier",
    nargs=2,
    metavar="RAW MASKED",
    help="Another release of the same people and what it was made from: who is found again in it.",
)
@engine_options
@_judging_options
@csv_option
def audit(  # noqa: PLR0917 (click calls it by keyword)
    raw: str,
    masked: str | None,
    entity: str | None,
    time: str | None,
    quasi_identifiers: str | None,
    sensitive: str | None,
    known: str | None,
    earlier: tuple[str, str] | None,
    purpose: str | None,
    thresholds: str | None,
    fail_on: str | None,
    share: float,
    report: str | None,
    json_file: str | None,
    seed: int,
    engine: str,
    master: str | None,
    csv: str | None,
) -> None:
    """Say what somebody who may hold RAW can still do with MASKED.

    Without MASKED and --entity, RAW is a dataset file that was masked: each of its tables is
    attacked, and --report and --json name folders. With --engine spark, Spark reads both, Parquet
    or table:NAME, and their rows come here: of large tables let both hold some persons, and say so
    with --share.
    """
    from anonymizer.checks.pages.audit_page import CARDS
    from anonymizer.composition import audit as attack
    from anonymizer.console import working

    if masked is None or entity is None:
        if masked or entity:
            absent = "--entity" if masked else "MASKED"
            raise UsageError(f"{raw}: {absent} is missing: give both, or a dataset file alone")
        if share != 1 or earlier or is_spark(engine, master):
            way = "are of two tables: leave them out"
            raise UsageError(f"{raw}: --share, --earlier and --engine {way}")
        _audit_dataset(raw, report, json_file, fail_on, seed)
        return
    judge = partial(
        attack,
        entity=entity,
        time=time,
        quasi_identifiers=listed(quasi_identifiers) or (),
        sensitive=listed(sensitive) or (),
        known=listed(known),
        purpose=purpose,
        thresholds=thresholds,
        share=share,
        seed=seed,
    )
    inputs = [raw, masked, *(earlier or ())]
    if is_spark(engine, master):
        from anonymizer.spark.reading import read, refuse_inputs

        with on_spark("auditing", master, {"--csv": csv}) as start, start() as spark:
            tables = [read(spark, each) for each in inputs]
            refuse_inputs(tables, [report, json_file])
            found = judge(
                raw=tables[0], masked=tables[1], earlier=earlier and (tables[2], tables[3])
            )
        _write(found, report, json_file, [])
    else:
        with working("auditing") as progress:
            _refuse_inputs([report, json_file], inputs)
            found = judge(raw=raw, masked=masked, earlier=earlier, csv=csv, progress=progress)
            _write(found, report, json_file, inputs)
    _tell(found, [name for name, *_ in CARDS], [report, json_file], fail_on)


def _audit_dataset(
    dataset: str, report: str | None, json_file: str | None, fail_on: str | None, seed: int
) -> None:
    from anonymizer.checks.pages.audit_page import CARDS
    from anonymizer.checks.pages.terminal import print_figures
    from anonymizer.console import working
    from anonymizer.datasets.masked.audit import audit_dataset
    from anonymizer.staging import at_once, no_wider_than

    with working("auditing") as progress:
        found = audit_dataset(dataset, seed=seed, progress=progress)
        with at_once(), no_wider_than(mode=0o600):
            for folder in filter(None, (report, json_file)):
                Path(folder).mkdir(exist_ok=True)
            for table, each in found.items():
                if report:
                    each.write_html(Path(report) / f"{table}.html")
                if json_file:
                    each.write_json(Path(json_file) / f"{table}.json")
    for table, each in found.items():
        click.echo(f"{table}:")
        print_figures(each.figures, [name for name, *_ in CARDS], [report, json_file])
        tell_notes([f"{table}: {note}" for note in each.notes])
    if fail_on is not None:
        all_ = [(table, *item) for table, each in found.items() for item in each.figures.items()]
        _fail_on({f"{table}.{name}": figure for table, name, figure in all_}, fail_on)


def _refuse_inputs(files: "Sequence[str | None]", inputs: "Sequence[str]") -> None:
    """Notice reports that would replace what is judged, before it is."""
    from anonymizer.files.sources import sources
    from anonymizer.files.targets import check_targets

    read = [file for place in inputs for file in sources(place)]
    check_targets(files, overwrite=True, inputs=read)


def _write(
    found: "Report | AuditReport",
    page: str | None,
    json_file: str | None,
    inputs: "Sequence[str]",
) -> None:
    """Write a report on some inputs, or on a dataset, into the files that were asked for."""
    from anonymizer.files.sources import sources
    from anonymizer.staging import at_once, no_wider_than

    files = [file for place in inputs for file in sources(place)]
    with at_once(), no_wider_than(*files, mode=0o777 if inputs else 0o600):
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

    print_figures(found.figures, headlines, files, found.verdicts)
    tell_notes(found.notes)
    if fail_on is not None:
        _fail_on(found.figures, fail_on)


def _fail_on(figures: "Mapping[str, Figure]", fail_on: str) -> None:
    """Exit with 1 where a figure is red, or amber, or nothing could be judged."""
    bad = ("red",) if fail_on == "red" else ("red", "amber")
    failed = [name for name, figure in figures.items() if figure.colour in bad]
    if failed:
        say(f"--fail-on {fail_on}: {', '.join(failed)}")
    elif all(figure.colour is None for figure in figures.values()):
        say(f"--fail-on {fail_on}: nothing could be judged")
    else:
        return
    raise click.exceptions.Exit(1)
