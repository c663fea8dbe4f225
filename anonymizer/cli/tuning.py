"""The command that proposes changes of a rule file: tune-rules."""

from functools import partial

import click

from anonymizer.cli.options import listed
from anonymizer.cli.saying import say


@click.command("tune-rules")
@click.argument("source", metavar="INPUT")
@click.option("--rules", required=True, help="A rule file, or the name of a pack.")
@click.option("-o", "--output", metavar="FILE", help="Where to write the changed rule file.")
@click.option(
    "--target",
    type=click.FloatRange(0, 1),
    default=0.05,
    show_default=True,
    help="Share of people that known events may single out.",
)
@click.option(
    "--points",
    type=click.IntRange(1),
    default=4,
    show_default=True,
    help="How many events are known.",
)
@click.option("--known", help="Columns known of an event; found out by default.")
@click.option(
    "--queries",
    metavar="FILE",
    help="YAML of what the table is for: what is asked, and SQL of the table `events`.",
)
@click.option(
    "--least",
    type=click.FloatRange(0, 1),
    default=0.0,
    show_default=True,
    help="How much of each answer must be kept.",
)
@click.option("--report", metavar="HTML", help="Where to write the page.")
@click.option("--overwrite", is_flag=True, help="Replace files that are there.")
@click.option("--seed", default=0, show_default=True, help="Fixes every random choice.")
def tune_rules(  # noqa: PLR0917 (click calls it by keyword)
    source: str,
    rules: str,
    output: str | None,
    target: float,
    points: int,
    known: str | None,
    queries: str | None,
    least: float,
    report: str | None,
    overwrite: bool,
    seed: int,
) -> None:
    """Search the changes of RULES by which few people of INPUT are singled out.

    Of the changes that reach the target those are chosen that keep most of the answers to queries.
    Without --queries, totals by month, frequent values, who comes again and how large visits are.
    The patch is printed; where the target is not reached, the exit status is 1.
    """
    from anonymizer.console import working
    from anonymizer.files.sources import sources
    from anonymizer.files.targets import check_targets
    from anonymizer.staging import at_once, no_wider_than
    from anonymizer.tuning.tuning import tune_rules as tune

    inputs = [rules, *([queries] if queries else []), *sources(source)]
    check_targets([output, report], overwrite=overwrite, inputs=inputs)
    search = partial(tune, source, rules, target=target, points=points, known=listed(known))
    with working("tuning") as progress:
        found = search(queries=queries, least=least, seed=seed, progress=progress)
        with at_once(), no_wider_than(*sources(source)):
            if output:
                found.write(output)
            if report:
                found.write_html(report)
    click.echo(str(found))
    click.echo(found.patch, nl=False)
    written = ", ".join(filter(None, (output, report)))
    click.echo(f"{found.verdict}; written: {written}" if written else found.verdict)
    if not found.reached:
        say("the target is not reached: this is the nearest that was found")
        raise click.exceptions.Exit(1)
