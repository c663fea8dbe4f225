"""The command that learns over several sites: federate."""

from collections import Counter
from pathlib import Path
from typing import Any

import click

from anonymizer.cli.options import csv_option, listed, table
from anonymizer.cli.saying import say
from anonymizer.cli.sequences import require_free
from anonymizer.errors import MissingExtraError, UsageError


@click.command()
@click.argument("sites", metavar="SITE...", nargs=-1, required=True)
@click.option("--into", "model", metavar="MODEL", required=True, help="The folder to write.")
@click.option("--entity", required=True, help="Column that says whose event a row is.")
@click.option("--time", required=True, help="Column that says when it happened.")
@click.option(
    "--rounds",
    type=click.IntRange(1),
    default=15,
    show_default=True,
    help="Of training, at most; few are not enough.",
)
@click.option(
    "--aggregation",
    type=click.Choice(["masked", "median", "trimmed"]),
    default="masked",
    show_default=True,
    help="The mean under masks, or what bears sites that send garbage.",
)
@click.option(
    "--min-entities",
    type=click.IntRange(1),
    default=5,
    show_default=True,
    help="Entities that must hold a value before others hear of it.",
)
@click.option("--epsilon", type=float, help="Of differential privacy at each site; needs --delta.")
@click.option("--delta", type=float, help="Of differential privacy, far below 1 / entities.")
@click.option("--context", help="Columns that hold once per entity; named with --epsilon alone.")
@click.option("--seed", default=0, show_default=True, help="Fixes every random choice.")
@click.option("--report", metavar="JSON", help="Where to write how the run went.")
@click.option("--overwrite", is_flag=True, help="Replace a model or report that is there.")
@csv_option
def federate(
    sites: tuple[str, ...],
    model: str,
    *,
    report: str | None,
    overwrite: bool,
    csv: str | None,
    context: str | None,
    **settings: Any,
) -> None:
    """Learn one model of the tables SITE..., each of which stands for a site of its own.

    It is a rehearsal on one machine of what Flower does between sites that keep their tables: the
    same statistics, messages and means. Sites are called as their files are.
    """
    from anonymizer.console import working
    from anonymizer.files.sources import recorded, sources
    from anonymizer.files.targets import check_targets
    from anonymizer.staging import no_wider_than, write_json

    names = [Path(site.rstrip("/")).stem for site in sites]
    if twice := [name for name, count in Counter(names).items() if count > 1]:
        raise UsageError(f"two sites are called {twice[0]}: rename one of the files")
    learn = _federate()
    settings["context"] = listed(context) or []
    require_free(Path(model), overwrite=overwrite)
    inputs = [each for site in sites for each in sources(site)]
    check_targets([report], overwrite=overwrite, inputs=inputs)
    tables = {name: table(site, csv) for name, site in zip(names, sites, strict=True)}
    with no_wider_than(*inputs):
        with working("learning") as progress:
            found = learn(tables, progress=progress, **settings)
        private = "" if settings["epsilon"] is None else "private"
        learned_from = [recorded("training", site, private) for site in sites]
        found.model.learned_from(*learned_from).save(model)
        if report:
            write_json(Path(report), found.report)
    for line in found.model.told:
        say(line)
    for left in found.report["left"]:
        say(f"warning: {left['site']} left at {left['step']}: {left['why']}")
    card = found.model.card
    about = "about " * ("privacy" in card)
    gone = len(found.report["left"])
    left = f", of which {gone} left," * bool(gone)
    together = f"{about}{card['entities']:,} histories of {len(sites)} sites{left} learned"
    sent = max(sum(step["up"].values()) for step in found.report["steps"]) / len(sites)
    say(f"{together}, about {sent / 1e6:.1f} MB from each a round; the model is in {model}")


def _federate() -> Any:
    try:
        from anonymizer.federated.rehearsal.simulation import federate as learn
    except ModuleNotFoundError as error:
        extra = "federated" if (error.name or "").startswith("flwr") else "sequences"
        raise MissingExtraError("federate", extra) from error
    return learn
