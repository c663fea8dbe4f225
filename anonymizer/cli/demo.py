"""The command that shows the road from end to end."""

from functools import partial
from pathlib import Path

import click

from anonymizer.errors import MissingExtraError


@click.command()
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
