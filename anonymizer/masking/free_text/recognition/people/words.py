"""Words around the names of people, by what they say, in some twenty languages."""

from collections.abc import Iterable
from typing import Final

from anonymizer.masking.free_text.basis.lists import Lists

WORDS: Final = Lists(__package__)


def either_dot(phrases: Iterable[str]) -> frozenset[str]:
    """Phrases, those with a dot at their end also without it."""
    return frozenset(form for each in phrases for form in (each, each.removesuffix(".")))
