"""What a command runs on: this process, or Spark."""

import os
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Final

import click

from anonymizer.cli.saying import DEBUG
from anonymizer.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from anonymizer.spark.files import Start

_LOCAL: Final = "local"
_SPARK: Final = "spark"


def engine_options(command: "Callable[..., None]") -> "Callable[..., None]":
    """What a command runs on."""
    engine = click.option(
        "--engine",
        type=click.Choice([_LOCAL, _SPARK]),
        default=_LOCAL,
        help="What does the work. Spark reads Parquet where it finds it, or table:NAME, and writes "
        "folders of Parquet.",
    )
    master = click.option(
        "--master",
        metavar="URL",
        help="Of Spark: spark://HOST:7077, local[4] or others; else what it is set to.",
    )
    return engine(master(command))


def is_spark(engine: str, master: str | None) -> bool:
    """Whether the options of a command ask for Spark.

    Raises:
        UsageError: they name a master for nothing.
    """
    if master is not None and engine != _SPARK:
        raise UsageError("--master is for --engine spark")
    return engine == _SPARK


@contextmanager
def on_spark(doing: str, master: str | None, others: Mapping[str, object]) -> Iterator["Start"]:
    """What starts Spark for a command, for as long as it works.

    Args:
        doing: what whoever waits is told.
        master: as the option says.
        others: what the command may be given besides and has no place on Spark, by its name.

    Raises:
        UsageError: one of them is given.
    """
    given = ", ".join(name for name, value in others.items() if value)
    if given:
        raise UsageError(f"--engine spark: does not go with {given}: leave one of both out")
    from anonymizer.console import working
    from anonymizer.spark.session import opened

    told = os.environ.get(DEBUG) == "1"
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="pyspark")  # of a pandas that is new to it
        with working(doing):
            yield partial(opened, master, told=told)
