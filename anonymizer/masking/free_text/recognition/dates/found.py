"""A match of a pattern in its text: what stands around it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from anonymizer.masking.free_text.recognition.dates.context import (
    EVENTS,
    Context,
)
from anonymizer.masking.free_text.recognition.dates.forms.reading import (
    Reading,
)
from anonymizer.masking.free_text.recognition.dates.vocabulary.words import (
    AFTER_COUNTED,
    BEFORE_DAYS,
    CODES,
    NO_PLURALS,
    VERSIONS,
)

SURE: Final = 1.0


LIKELY: Final = 0.8


WEAK: Final = 0.3


NO: Final = 0.0


_FOLLOWER: Final = re.compile(r"\s?([^\W\d_]+)")


SAID_BEHIND: Final = re.compile(r"[ :,-]{0,3}([^\W\d_]+)")


_CURRENCIES: Final = frozenset("$€£¥")
_MARKS: Final = frozenset(".:,;()[]=-'\"*")


@dataclass(frozen=True)
class Found:
    """A match in its text, and what it reads."""

    match: re.Match[str]
    reading: Reading
    context: Context

    def raw(self, code: str) -> str:
        """A part as it stands; empty where there is none."""
        return self.reading.written(self.context.text, code)

    @cached_property
    def before(self) -> list[str]:
        """The words and marks before it."""
        return self.context.before(self.reading.start)

    @property
    def words(self) -> list[str]:
        """The words before it, whatever marks stand between."""
        return [word for word in self.before if word not in _MARKS]

    @property
    def is_introduced(self) -> bool:
        """Whether a word that days follow, a weekday or a time of the day says that it is one."""
        beside = self.context.low[max(0, self.reading.start - 1) : self.reading.start]
        said = not BEFORE_DAYS.isdisjoint(self.words[-1:]) or (
            beside and beside in "于於至在到自从從"
        )
        return self.is_timed or bool(said)

    @property
    def is_timed(self) -> bool:
        """Whether a weekday or a time of the day belongs to it."""
        return self.reading.has_clock or "w" in self.reading.places

    @property
    def is_of_event(self) -> bool:
        """Whether words of an appointment or a delivery stand before it, and it counts nothing."""
        behind = SAID_BEHIND.match(self.context.low, self.reading.end)
        words = [*self.words, behind[1]] if behind else self.words
        return not EVENTS.isdisjoint(words) and not self.is_counted

    @property
    def is_code(self) -> bool:
        """Whether a word before says that it is a number of something else."""
        return not self.is_timed and self.context.is_one_of(CODES, self.reading.start)

    @property
    def is_price(self) -> bool:
        """Whether the sign of a currency stands before it."""
        start = self.reading.start
        return not _CURRENCIES.isdisjoint(self.context.low[max(0, start - 2) : start])

    @property
    def is_version(self) -> bool:
        """Whether a word before says that it is a version."""
        return self.context.is_one_of(VERSIONS, self.reading.start)

    @property
    def follower(self) -> str:
        """The word right behind it."""
        found = _FOLLOWER.match(self.context.low, self.reading.end)
        return found[1] if found else ""

    @property
    def has_unit(self) -> bool:
        """Whether a unit or a counted thing follows: `in 1950 g`."""
        polish = self.follower == "w" and self.context.vote(("en", "pl")) == "pl"  # `in`, no watt
        return self.follower in AFTER_COUNTED and not polish

    @property
    def is_counted(self) -> bool:
        """Whether what follows is counted, plurals too: `in 2000 shops`."""
        word = self.follower
        plural = word.endswith("s") and word.isascii() and len(word) > 3 and word not in NO_PLURALS
        return self.has_unit or plural


Judge = Callable[[Found], float]
