"""A stretch of a text that holds a value: what it says, and how another value is written there."""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

# What to put, between which places of the value → how the text has it.
Encode = Callable[[str, int, int], str]


def plainly(text: str, _start: int, _end: int) -> str:
    """As it is."""
    return text


class Leaf(NamedTuple):
    """A stretch of a text that holds a value.

    Attributes:
        start: its first character.
        end: one past its last.
        value: what it says.
        places: where each character of the value begins in the text, and where the last one ends;
            None where the value is written as it is.
        encode: writes what is put between two places of the value.
        whole: whether nothing less than all of it can be replaced, as of a number.
        key: what its place is called, as far as that is known; see `below`.
        of: where the object begins of which it is a key itself; -1 where it is none.
    """

    start: int
    end: int
    value: str
    places: Sequence[int] | None = None
    encode: Encode = plainly
    whole: bool = False
    key: str = ""
    of: int = -1

    def place(self, at: int) -> int:
        """The place in the text of a place in the value."""
        return self.start + at if self.places is None else self.places[at]

    def within(self, outer: "Leaf") -> "Leaf":
        """A leaf of the value of another one, as a leaf of that one's text."""

        def encode(text: str, start: int, end: int) -> str:
            inner = self.encode(text, start, end)
            return outer.encode(inner, self.place(start), self.place(end))

        places: Sequence[int] | None = None
        if self.places is not None or outer.places is not None:
            places = [outer.place(self.place(at)) for at in range(len(self.value) + 1)]
        first, last = outer.place(self.start), outer.place(self.end)
        key, of = self.key or outer.key, outer.place(self.of) if self.of >= 0 else outer.of
        return Leaf(first, last, self.value, places, encode, self.whole, key, of)


def below(above: str, key: str) -> str:
    """What a place is called in one that is called something: `customer.name`, of two names."""
    return f"{above.rpartition('.')[2]}.{key}" if above else key


class Code(NamedTuple):
    """How a value is written: what stands for a character, which one that is, and the way back."""

    escape: re.Pattern[str]
    meaning: Callable[[str], str]
    encode: Encode


def decoded(text: str, start: int, end: int, code: Code, key: str = "") -> Leaf:
    """The leaf between two places; escapes that stand for one character are that character."""
    pieces, places, place = list[str](), list[int](), start
    for match in code.escape.finditer(text, start, end):
        said = code.meaning(match[0])
        if len(said) == 1:
            pieces += [text[place : match.start()], said]
            places += range(place, match.start() + 1)
            place = match.end()
    if not pieces:
        return Leaf(start, end, text[start:end], None, code.encode, key=key)
    value = "".join([*pieces, text[place:end]])
    return Leaf(start, end, value, [*places, *range(place, end + 1)], code.encode, key=key)
