"""Numbers by which states and banks know people: the finders of free text, asked of one value.

A share of the values that pass a check says as much as random numbers of the same form seldom do.
So the forms that no other number has count for sure, and those that others have as well count by
the check: one that next to none pass is enough by itself, one that one in ten passes needs a word
in the column's name, and one that many pass (a first digit, a range) says nothing.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache, lru_cache
from typing import Final, NamedTuple

from anonymizer.masking.free_text.basis.finder import THRESHOLD, Finder
from anonymizer.masking.free_text.recognition import FINDERS
from anonymizer.masking.free_text.recognition.identifiers.banks import ibans
from anonymizer.masking.inspection.reading.names import HINT, LIKELY, SURE


class NationalNumber(NamedTuple):
    """One sort of number by which a state knows people, in forms that count alike.

    Attributes:
        title: what to call it.
        passes: whether one value has a form of it and the check digits.
        points: what it counts if most values of a column pass.
    """

    title: str
    passes: Callable[[str], bool]
    points: float


@cache
def national_numbers() -> tuple[NationalNumber, ...]:
    """Those that have a check, which alone tells what a column holds; what counts most is first."""
    checked = [each for each in FINDERS if each.kind in ("id", "ssn") and each.check is not None]
    numbers = [number for finder in checked for number in _of(finder)]
    return tuple(sorted(numbers, key=lambda number: -number.points))


def _of(finder: Finder) -> Iterator[NationalNumber]:
    """A finder by the forms that are its own, and with those that other numbers share."""
    if finder.forms:
        points = SURE + 1 if finder.scores.checked >= THRESHOLD else LIKELY
        yield NationalNumber(finder.title, replace(finder, common=()).passes, points)
    chances = {form: _chance(finder, form) for form in finder.common}
    telling = tuple(form for form, chance in chances.items() if chance < _MANY)
    if telling:
        points = HINT if max(chances[form] for form in telling) > _FEW else LIKELY
        yield NationalNumber(finder.title, replace(finder, common=telling).passes, points)


_DRAWS: Final = 100
_FEW: Final = 0.06  # above what days of birth with a check digit let through, below one check digit
_MANY: Final = 0.25  # above what one check digit lets through


def _chance(finder: Finder, form: str) -> float:
    """The share of random values of a form that pass the check."""
    draw = random.Random(form)  # noqa: S311 (the same values in every run)
    texts = ("".join(_drawn(char, draw) for char in form) for _ in range(_DRAWS))
    return sum(map(finder.passes, texts)) / _DRAWS


def _drawn(char: str, draw: random.Random) -> str:
    if char == "9":
        return draw.choice("0123456789")
    return chr(draw.randrange(65, 91)) if char == "A" else char


@lru_cache(maxsize=4096)
def is_iban(text: str) -> bool:
    """Whether the whole value is an IBAN with a right checksum."""
    value = text.strip()
    return any(span.start == 0 and span.end == len(value) for span in ibans(value, "US"))
