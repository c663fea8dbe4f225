"""The commands that mask: mask, fit-rules, reveal, rotate; those that look first: inspect, lint."""

from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from anonymizer.cli.engine import engine_options, is_spark, on_spark
from anonymizer.cli.options import csv_option, reading
from anonymizer.cli.piping import PIPE, piped, told
from anonymizer.cli.saying import say, tell_notes
from anonymizer.errors import KeyMaterialError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from anonymizer.keys import Key
    from anonymizer.masking.rules.rules import Rules
    from anonymizer.masking.run.manifest import Manifest
    from anonymizer.masking.run.preview import Preview


def _key_options(command: "Callable[..., None]") -> "Callable[..., None]":
    """Where the key of a command is read from."""
    env, file = "Environment variable that holds the key.", "File that holds the key."
    with_file = click.option("--key-file", metavar="FILE", help=file)(command)
    return click.option("--key-env", metavar="NAME", help=env)(with_file)


@click.command()
@click.argument("source", metavar="INPUT")
@click.argument("target", metavar="[OUTPUT]", required=False)
@click.option("--rules", help="A rule file, or the name of a pack.")
@_key_options
@click.option("--manifest", metavar="FILE", help="Where to record what was done, as JSON.")
@click.option(
    "--save-rules", metavar="FILE", help="Where to keep the rules with what they learned, as JSON."
)
@click.option(
    "--state",
    metavar="FOLDER",
    help="What is known of the nights before: `batches: held_back`, `incremental:`.",
)
@click.option(
    "--dry-run",
    is_flag=True,
    help="Read all, refuse what a run would, show what each column becomes; write nothing.",
)
@click.option("--overwrite", is_flag=True, help="Replace files that are there.")
@engine_options
@csv_option
def mask(  # noqa: PLR0917 (click calls it by keyword)
    source: str,
    target: str | None,
    rules: str | None,
    key_env: str | None,
    key_file: str | None,
    manifest: str | None,
    save_rules: str | None,
    state: str | None,
    dry_run: bool,
    overwrite: bool,
    engine: str,
    master: str | None,
    csv: str | None,
) -> None:
    """Mask INPUT into OUTPUT, column by column, as the rules say.

    INPUT is a file, a glob, a folder or an address such as s3://; Parquet, CSV (also .tsv, .csv.gz
    and .csv.zst), NDJSON or Arrow IPC by its ending. OUTPUT is a file, or a folder where INPUT is
    one. Either may be `-`, for CSV from standard input and to standard output. On Spark, INPUT is
    Parquet where Spark finds it or table:NAME, and OUTPUT a folder that Spark fills with Parquet.
    Without OUTPUT and --rules, INPUT is a dataset file: it names several tables that belong
    together, their rules, and where they are and go. The key comes from the environment variable
    ANONYMIZER_KEY unless an option names another place.
    """
    from anonymizer.console import working
    from anonymizer.masking.run.files import mask_file

    if is_spark(engine, master):
        from anonymizer.spark.files import mask_files

        if target is None or rules is None:
            raise UsageError("--engine spark masks one table: give OUTPUT and --rules")
        elsewhere = {"--csv": csv, "--state": state, "--dry-run": dry_run}
        elsewhere["-"] = PIPE in {source, target}
        beside = {"manifest": manifest, "fitted": save_rules}
        key_at = _key_of_executors(key_env, key_file)
        with on_spark("masking", master, elsewhere) as start:
            record = mask_files(
                start, source, target, rules, key=key_at, overwrite=overwrite, **beside
            )
        _tell_record(record, target)
        return
    if target is None or rules is None:
        others = {"OUTPUT": target, "--rules": rules, "--save-rules": save_rules}
        others |= {"--csv": csv}
        _refuse_beside_dataset(source, {name: given for name, given in others.items() if given})
        key = _key_at_hand(key_env, key_file) if dry_run else _named_key(key_env, key_file)
        _mask_dataset(source, key, manifest, state, dry_run=dry_run, overwrite=overwrite)
        return
    if dry_run:
        written_beside = [file for file in (manifest, save_rules) if file]
        key = _key_at_hand(key_env, key_file)
        said = _rules(rules, csv)
        with piped(source, target) as (read, written):
            _rehearse(read, written, said, key, written_beside, overwrite=overwrite, state=state)
        return
    with piped(source, target) as (read, written), working("masking"):
        record = mask_file(
            read,
            written,
            _rules(rules, csv),
            key=_named_key(key_env, key_file),
            manifest=manifest,
            fitted=save_rules,
            overwrite=overwrite,
            state=state,
        )
    _tell_record(record, target)


@click.command("fit-rules")
@click.argument("source", metavar="INPUT")
@click.option("--rules", required=True, help="A rule file, or the name of a pack.")
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    required=True,
    help="Where to write the fitted rules, as JSON.",
)
@_key_options
@click.option("--overwrite", is_flag=True, help="Replace a file that is there.")
@engine_options
@csv_option
def fit_rules(  # noqa: PLR0917 (click calls it by keyword)
    source: str,
    rules: str,
    output: str,
    key_env: str | None,
    key_file: str | None,
    overwrite: bool,
    engine: str,
    master: str | None,
    csv: str | None,
) -> None:
    """Learn from INPUT what the rules need, so that they mask this table and the next alike.

    INPUT is as for `mask`. FILE takes the place of the rules there; it holds edges and digests, no
    value that few share, and no key. Nothing is masked.
    """
    from anonymizer.console import working
    from anonymizer.files.sources import sources
    from anonymizer.files.targets import check_target
    from anonymizer.masking.run.frames import fit_rules as learn

    on_cluster = is_spark(engine, master)
    piped_in = on_cluster or source == PIPE
    inputs: list[Path | str] = [rules, *([] if piped_in else sources(source))]
    check_target(output, overwrite=overwrite, inputs=inputs)
    if on_cluster:
        from anonymizer.spark.files import fit_files

        elsewhere = {"--csv": csv, "-": PIPE in {source, output}}
        with on_spark("learning", master, elsewhere) as start:
            fit_files(start, source, rules, output, key=_key_of_executors(key_env, key_file))
    else:
        with piped(source, output) as (read, written), working("learning"):
            key = _named_key(key_env, key_file)
            learn(read, _rules(rules, csv), key=key).write(written)
    say(f"rules with what they learned are in {told(output)}")


@click.command()
@click.argument("source", metavar="INPUT")
@click.argument("target", metavar="OUTPUT")
@click.option("--rules", help="The rules that INPUT was masked with.")
@_key_options
@click.option("--overwrite", is_flag=True, help="Replace files that are there.")
@csv_option
def reveal(  # noqa: PLR0917 (click calls it by keyword)
    source: str,
    target: str,
    rules: str | None,
    key_env: str | None,
    key_file: str | None,
    overwrite: bool,
    csv: str | None,
) -> None:
    """Undo the reversible masks (encrypt, fpe) of INPUT into OUTPUT, which holds raw data.

    Without --rules, INPUT is a dataset file: its masked tables are read, and OUTPUT is a folder or
    a store for all of them.
    """
    from anonymizer.console import working
    from anonymizer.datasets.masked.revealing import reveal_dataset
    from anonymizer.masking.run.files import reveal_file

    key = _named_key(key_env, key_file)
    if rules is None:
        _refuse_not_dataset(source, csv)
        with working("revealing"):
            tables = reveal_dataset(source, target, key=key, overwrite=overwrite)
        columns = [f"{table}.{each}" for table, found in tables.items() for each in found]
    else:
        with piped(source, target) as (read, written), working("revealing"):
            said = _rules(rules, csv)
            columns = reveal_file(read, written, said, key=key, overwrite=overwrite)
    say(f"revealed in {told(target)}: {', '.join(columns)}")


@click.command()
@click.argument("source", metavar="INPUT")
@click.option("-o", "--output", metavar="FILE", help="Where to write the file to start from.")
@click.option("--overwrite", is_flag=True, help="Replace a file that is there.")
@csv_option
def inspect(source: str, output: str | None, overwrite: bool, csv: str | None) -> None:
    """Say what the columns of INPUT seem to hold, and propose a rule file to start from.

    Where INPUT is a folder of several tables, or a store (postgresql://user@host/name, duckdb:FILE,
    sqlite:FILE, delta:FOLDER, iceberg:CATALOGUE/NAMESPACE), say how they hang together as well, and
    propose a dataset file.
    """
    from anonymizer.console import working
    from anonymizer.datasets.inspection.inspect import inspect_dataset, is_dataset
    from anonymizer.datasets.opening.places import is_store, local_files
    from anonymizer.files.sources import sources
    from anonymizer.files.targets import check_target
    from anonymizer.masking.inspection.inspect import inspect as look
    from anonymizer.staging import no_wider_than, staged
    from anonymizer.storage import files_at

    several = is_dataset(source, csv)
    stored = is_store(source)
    inputs = local_files(source) if stored else files_at(source) if several else sources(source)
    target = output and check_target(output, overwrite=overwrite, inputs=inputs)
    with working("inspecting"):
        if several:
            dataset = inspect_dataset(source, csv=csv)
            lines, text = dataset.lines(), dataset.to_yaml(Path(output or ".").parent)
        else:
            table = look(source, csv=csv)
            lines, text = table.lines(), table.to_yaml()
    for line in lines:
        click.echo(line)
    if target:
        with no_wider_than(*inputs), staged(target) as temporary:
            temporary.write_text(text, "utf-8")
        kind = "dataset" if several else "rule"
        say(f"a {kind} file to start from is in {output}: read it before you use it")


@click.command()
@click.argument("rules", metavar="RULES")
@click.argument("source", metavar="[INPUT]", required=False)
@csv_option
def lint(rules: str, source: str | None, csv: str | None) -> None:
    """Say what is risky in RULES, and the way out; sharper with the INPUT they are for.

    RULES may be a dataset file, which names its tables itself.
    """
    from anonymizer.datasets.description.dataset import is_dataset_file
    from anonymizer.datasets.preview import lint_dataset
    from anonymizer.masking.run.preview import lint as find

    if source is None and is_dataset_file(rules):
        found = lint_dataset(rules)
    else:
        found = find(_rules(rules, csv), source)
    for each in found:
        click.echo(f"{each.level}: {each}")
    if any(each.level == "warning" for each in found):
        raise click.exceptions.Exit(1)


@click.command()
@click.argument("source", metavar="INPUT")
@click.argument("target", metavar="OUTPUT")
@click.option("--rules", help="The rules that the tables were masked with.")
@click.option("--old-key-env", metavar="NAME", help="Environment variable with the old key.")
@click.option("--old-key-file", metavar="FILE", help="File that holds the old key.")
@_key_options
@click.option("--overwrite", is_flag=True, help="Replace a file that is there.")
@csv_option
def rotate(  # noqa: PLR0917 (click calls it by keyword)
    source: str,
    target: str,
    rules: str | None,
    old_key_env: str | None,
    old_key_file: str | None,
    key_env: str | None,
    key_file: str | None,
    overwrite: bool,
    csv: str | None,
) -> None:
    """Write into OUTPUT the map from the tokens of an old key to those of a new one.

    INPUT is the raw table, with --rules. Without them it is a dataset file, and OUTPUT a folder or
    a store: its masked tables are written there with the tokens of the new key, and no map.
    """
    from anonymizer.console import working
    from anonymizer.datasets.masked.rotation import rotate_dataset
    from anonymizer.keys import load_key
    from anonymizer.masking.run.rotation import rotate_keys

    old = _named_key(old_key_env, old_key_file)
    if old is None:
        raise KeyMaterialError("say where the old key is: --old-key-env or --old-key-file")
    new = _named_key(key_env, key_file) or load_key(None)
    with working("rotating keys"):
        if rules is None:
            _refuse_not_dataset(source, csv)
            done = rotate_dataset(source, target, old_key=old, new_key=new, overwrite=overwrite)
        else:
            said = _rules(rules, csv)
            done = rotate_keys(source, target, said, old_key=old, new_key=new, overwrite=overwrite)
    for domain, count in done.pairs.items():
        say(f"{domain}: {count:,} tokens")
    tell_notes(done.notes)


def _rules(rules: str, csv: str | None) -> "str | Rules":
    """The rules, with the dialect that an option says."""
    from anonymizer.masking.rules.rules import load_rules

    if csv is None:
        return rules
    return replace(load_rules(rules), csv=reading(csv).csv)


def _named_key(variable: str | None, file: str | None) -> "Key | None":
    """The key that the options name; None leaves it to the default variable."""
    found = _key_at(variable, file)
    return found() if found else None


def _key_at(variable: str | None, file: str | None) -> "Callable[[], Key] | None":
    """What fetches the key that the options name, here or wherever it is taken to."""
    from anonymizer.keys import load_key

    if variable and file:
        raise KeyMaterialError("give --key-env or --key-file, not both")
    return partial(load_key, variable=variable, file=file) if variable or file else None


def _key_of_executors(variable: str | None, file: str | None) -> "Callable[[], Key] | None":
    """What fetches the key on Spark, where commands have other current folders."""
    return _key_at(variable, file and str(Path(file).absolute()))


def _key_at_hand(variable: str | None, file: str | None) -> "Key | None":
    """The key of a dry run, which goes without one."""
    from anonymizer.keys import load_key

    with suppress(KeyMaterialError):
        return _named_key(variable, file) or load_key()
    return None


def _tell_record(record: "Manifest", target: str) -> None:
    tell_notes(record.notes, record.warnings)
    columns = sum(column.output_dtype is not None for column in record.columns)
    say(f"{record.rows:,} rows, {columns} columns written to {told(target)}")


def _refuse_beside_dataset(source: str, given: "dict[str, str]") -> None:
    """Notice options that a dataset file makes superfluous, or half of those that rules need.

    Raises:
        UsageError: there is one.
    """
    if "OUTPUT" in given or "--rules" in given:
        absent = "--rules" if "OUTPUT" in given else "OUTPUT"
        way = "give both, or a dataset file alone, which names its tables and rules"
        raise UsageError(f"{source}: {absent} is missing: {way}")
    if given:
        named = ", ".join(given)
        raise UsageError(f"{source}: {named} cannot stand beside a dataset file: say it there")


def _refuse_not_dataset(source: str, csv: str | None) -> None:
    """Notice a table whose rules are missing, and what a dataset file says itself.

    Raises:
        UsageError: there is one.
    """
    from anonymizer.datasets.description.dataset import is_dataset_file

    if not is_dataset_file(source):
        raise UsageError(f"{source}: is no dataset file: name its rules by --rules")
    _refuse_beside_dataset(source, {"--csv": csv} if csv else {})


def _mask_dataset(
    source: str,
    key: "Key | None",
    manifest: str | None,
    state: str | None,
    *,
    dry_run: bool,
    overwrite: bool,
) -> None:
    from anonymizer.console import working
    from anonymizer.datasets.masking import mask_dataset
    from anonymizer.datasets.preview import rehearse_dataset

    with working("rehearsing" if dry_run else "masking"):
        if dry_run:
            notes, warnings = rehearse_dataset(source, key=key, overwrite=overwrite, state=state)
        else:
            record = mask_dataset(
                source, key=key, manifest=manifest, overwrite=overwrite, state=state
            )
            notes, warnings = record.notes, record.warnings
    tell_notes(notes, warnings)
    if dry_run:
        say("dry run: nothing is written")
        return
    night = record.night["tables"] if record.night else {}
    for table, each in record.tables.items():
        of_night = "{masked:,} masked, {removed:,} removed, now {rows:,}".format_map
        say(f"{table}: {of_night(night[table]) if night else format(each.rows, ',')} rows")
    kept = sum(join.after is not None for join in record.joins)
    say(f"{len(record.tables)} tables written; {kept} foreign keys join what they did")


def _rehearse(
    source: str,
    target: str,
    rules: "str | Rules",
    key: "Key | None",
    beside: list[str],
    *,
    overwrite: bool,
    state: str | None,
) -> None:
    from anonymizer.console import working
    from anonymizer.masking.run.preview import preview
    from anonymizer.masking.run.rehearsal import rehearse

    found = preview(source, rules)
    with working("rehearsing"):
        remarks, warnings = rehearse(
            source, target, rules, key=key, beside=beside, overwrite=overwrite, state=state
        )
    _print_preview(found)
    tell_notes([*remarks, *warnings], warnings)


def _print_preview(columns: "Preview") -> None:
    """One block per column; the examples are invented and the key is thrown away."""
    from anonymizer.masking.run.preview import shown

    say("dry run: nothing is written; examples are made up, under a throwaway key")
    width = max(len(each.column) for each in columns)
    for each in columns:
        types = f"{each.input_dtype} → {each.output_dtype or 'not in the output'}"
        click.echo(f"{each.column:<{width}}  {each.mask:<13}  {types}")
        for before, after in each.examples:
            click.echo(f"{'':<{width}}    {shown(before)} → {shown(after)}")
