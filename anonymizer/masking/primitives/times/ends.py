"""Where a table begins and ends, but for days of so few persons that they may be slips.

One year that somebody mistyped would move the end, and with it what is cut or waits there.
"""

from typing import Final

import polars as pl

_STRAY: Final = 0.005  # of the persons, and at least one, at each end, whose days may be slips


def is_inside(persons: pl.Expr, *, backwards: bool = False) -> pl.Expr:
    """Which days, sorted, are not among those of few persons at the beginning.

    Args:
        persons: of each day.
        backwards: at the end instead.
    """
    stray = pl.max_horizontal(persons.sum() * _STRAY, 1)
    return persons.cum_sum(reverse=backwards) > stray
