"""What a piece of work costs, measured in a process of its own."""

import multiprocessing
import resource
import time
from collections.abc import Callable
from typing import Any


def measured(work: Callable[..., None], *arguments: Any) -> tuple[float, float]:
    """Seconds and gigabytes of a process of its own; Polars must not be forked."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_timed, (work, *arguments))


def _timed(work: Callable[..., None], *arguments: Any) -> tuple[float, float]:
    started = time.perf_counter()
    work(*arguments)
    seconds = time.perf_counter() - started
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
