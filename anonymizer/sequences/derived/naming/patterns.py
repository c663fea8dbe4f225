"""Patterns of identifiers: what stands at each place, and numbers that no real one has."""

import string
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Final, NamedTuple

import numpy as np
import polars as pl

from anonymizer.arrays import Array, IntArray
from anonymizer.sequences.histories.draws import mix
from anonymizer.sequences.tokens.plain import Plain

LUHN: Final = "=luhn"
IBAN: Final = "=iban"
MOST: Final = 2**62  # numbers that one pattern counts through
_WIDTHS: Final = {LUHN: 1, IBAN: 2, "%Y%m%d": 8, "%y%m%d": 6, "%Y%m": 6, "%Y": 4}
_WIDTH: Final = 2  # of the other parts of a date
_ROUNDS: Final = 6
_CHECKED: Final = string.digits + string.ascii_uppercase


class Room(NamedTuple):
    """Numbers start … low − 1 and high … stop − 1, of patterns with some places more."""

    extra: int
    start: int
    low: int
    high: int
    stop: int

    @property
    def size(self) -> int:
        """How many numbers there are."""
        return max(0, self.low - self.start) + max(0, self.stop - self.high)

    def number(self, index: IntArray) -> IntArray:
        """The numbers of 0 … size − 1."""
        below = max(0, self.low - self.start)
        return np.where(index < below, self.start + index, self.high + index - below)


@dataclass(frozen=True)
class Pattern(Plain):
    """What stands at each place of an identifier.

    The places with several characters are the digits of a number, the first the highest.

    Attributes:
        places: the characters that may stand at each; `%Y%m%d` and other parts of the row's date;
            `=luhn` and `=iban` for check digits.
        low, high: a rounded range that covers the numbers of all real ones; to `high` − 1.
        share: of the identifiers.
        widened: the place that comes several times where numbers run out.
        extra, over, stride: how many times more at first, after that, and from then on.
        padded: whether the number may begin with zeros.
        limit: the largest number.
    """

    places: tuple[str, ...]
    low: int
    high: int
    share: float
    widened: int
    extra: int
    over: int
    stride: int
    padded: bool
    limit: int

    def __post_init__(self) -> None:
        known = range(len(self.places))
        if not (
            self.widened in known
            and _counts(self.places[self.widened])
            and self.stride > 0
            and self.total
        ):
            raise ValueError("a pattern of identifiers is damaged; fit the model again")

    @property
    def letters(self) -> str:
        """The letters that it begins with."""
        first = [c if len(c) == 1 and c.isalpha() else "\0" for c in self.places]
        return "".join(first).split("\0")[0]

    @property
    def dated(self) -> bool:
        """Whether a part of it is the date of the row."""
        return any(is_date(each) for each in self.places)

    def widths(self, extra: int) -> list[int]:
        """How many characters may stand at each place that counts."""
        return [len(c) for c in self._wider(extra) if _counts(c)]

    @cached_property
    def rooms(self) -> list[Room]:
        """Where the numbers are taken from, one after another."""
        rooms: list[Room] = []
        for room in self._rooms():
            rooms.append(room)
            wider = prod(self.widths(room.extra)) * len(self.places[self.widened])
            if room.stop > self.limit or wider > MOST:
                return rooms
        return rooms

    def _rooms(self) -> Iterator[Room]:
        extra = self.extra
        while True:
            widths = self.widths(extra)
            stop = min(_countable(widths)[1], self.limit + 1)
            start = 0 if self.padded else prod(widths[1:])
            free = (self.padded and extra > 0) or self.low >= self.high
            low, high = (start, start) if free else (self.low, self.high)
            yield Room(extra, start, min(low, stop), max(high, start), stop)
            extra = max(self.over, extra + self.stride)

    @cached_property
    def total(self) -> int:
        """How many identifiers there are."""
        return sum(room.size for room in self.rooms)

    def numbers(self, counter: IntArray, key: int) -> tuple[IntArray, IntArray]:
        """Which room and which number in it (M,) identifiers have, by how many came before."""
        counter = counter % min(self.total, MOST)
        room, number = np.zeros_like(counter), np.zeros_like(counter)
        before = 0
        for index, each in enumerate(self.rooms):
            here = np.flatnonzero((counter >= before) & (counter - before < each.size))
            room[here] = index
            number[here] = each.number(permuted(counter[here] - before, each.size, key + index))
            before += each.size
        return room, number

    def texts(self, room: IntArray, number: IntArray, times: pl.Series, key: int) -> pl.Series:
        """(M,) identifiers of the numbers, at the times of their rows."""
        texts = pl.Series([None], dtype=pl.String).new_from_index(0, len(room))
        for index in range(int(room.max(initial=-1)) + 1):
            here = np.flatnonzero(room == index)
            extra = self.rooms[index].extra
            written = self._written(extra, number[here], times.gather(here), key)
            texts = texts.scatter(here, written)
        return texts

    def _written(self, extra: int, number: IntArray, times: pl.Series, key: int) -> pl.Series:
        places = self._wider(extra)
        digits = iter(_digits(number, self.widths(extra), key))
        parts = [_part(each, digits, times) for each in places]
        text = np.concatenate(parts, axis=1)
        for name, check in ((LUHN, luhn), (IBAN, iban)):
            if name in places:
                at = sum(place_width(each) for each in places[: places.index(name)])
                text[:, at : at + _WIDTHS[name]] = check(text)
        return pl.Series(np.ascontiguousarray(text).view(f"<U{text.shape[1]}")[:, 0].tolist())

    def _wider(self, extra: int) -> tuple[str, ...]:
        at = self.widened
        return self.places[:at] + (self.places[at],) * extra + self.places[at:]


def is_date(place: str) -> bool:
    """Whether a place is a part of the row's date."""
    return len(place) > 1 and place[0] == "%"


def place_width(place: str) -> int:
    """How many characters a place takes."""
    return _WIDTHS.get(place, _WIDTH) if is_date(place) or place in _WIDTHS else 1


def _counts(place: str) -> bool:
    return len(place) > 1 and not is_date(place) and place not in _WIDTHS


def _countable(widths: list[int]) -> tuple[int, int]:
    """How many of the first places can be counted through, and the numbers that they make."""
    size = 1
    for index, each in enumerate(widths):
        if size * each > MOST:
            return index, size
        size *= each
    return len(widths), size


def _digits(number: IntArray, widths: list[int], key: int) -> list[IntArray]:
    """(M,) numbers → the digits at each place; behind those that count any at all."""
    count, _ = _countable(widths)
    digits: list[IntArray] = []
    rest = number
    for each in widths[:count][::-1]:
        rest, digit = np.divmod(rest, each)
        digits.insert(0, digit)
    for index, each in enumerate(widths[count:]):
        chance = mix(mix(number.astype(np.uint64) + _word(key)) + np.uint64(index))
        digits.append((chance % np.uint64(each)).astype(np.int64))
    return digits


def _part(place: str, digits: Iterator[IntArray], times: pl.Series) -> Array:
    """(M, width) the characters of a place."""
    size, width = len(times), place_width(place)
    if _counts(place):
        return np.array(list(place), "<U1")[next(digits)][:, None]
    if not is_date(place):
        return np.full((size, width), place if width == 1 and len(place) == 1 else "0", "<U1")
    text = times.dt.strftime(place).fill_null("0").str.zfill(width).str.tail(width)
    return np.array(text.to_list(), f"<U{width}").reshape(-1, 1).view("<U1").reshape(size, width)


def luhn(text: Array) -> Array:
    """(M, L) characters, the last any digit → (M, 1) the one that it must be."""
    values = _values(text[:, :-1])
    total = np.zeros(len(text), np.int64)
    double = np.ones(len(text), bool)
    for column in values.T[::-1]:
        twice = np.where(double, 2 * column, column)
        digit = (column >= 0) & (column < 10)
        total += np.where(digit, twice // 10 + twice % 10, 0)
        double ^= digit
    return np.array(list(string.digits))[-total % 10][:, None]


def iban(text: Array) -> Array:
    """(M, L) characters → (M, 2) the check digits at the third and fourth (ISO 7064 mod 97-10)."""
    values = _values(np.concatenate([text[:, 4:], text[:, :2]], axis=1))
    rest = np.zeros(len(text), np.int64)
    for value in values.T:
        shifted = np.where(value > 9, rest * 100, rest * 10) + value
        rest = np.where(value < 0, rest, shifted % 97)
    check = 98 - rest * 100 % 97
    return np.array(list(string.digits))[np.stack([check // 10, check % 10], axis=1)]


def _values(text: Array) -> IntArray:
    """Digits as 0 … 9, capitals as 10 … 35, all else −1."""
    codes = np.ascontiguousarray(text).view(np.uint32).reshape(text.shape).astype(np.int64)
    known = np.full(128, -1)
    known[[ord(c) for c in _CHECKED]] = np.arange(len(_CHECKED))
    return np.where(codes < 128, known[np.minimum(codes, 127)], -1)


def permuted(index: IntArray, size: int, key: int) -> IntArray:
    """(M,) numbers 0 … size − 1 → others of these, one for one: a Feistel network, walked.

    Walked in circles until inside: Black and Rogaway 2002.
    """
    half = np.uint64(max(1, -(-(size - 1).bit_length() // 2)))
    mask = (np.uint64(1) << half) - np.uint64(1)
    x = index.astype(np.uint64)
    outside = np.arange(len(x))
    while len(outside):
        left, right = x[outside] >> half, x[outside] & mask
        for turn in range(_ROUNDS):
            left, right = right, left ^ (mix(right + _word(key * _ROUNDS + turn)) & mask)
        x[outside] = left << half | right
        outside = outside[x[outside] >= np.uint64(size)]
    return x.astype(np.int64)


def _word(key: int) -> np.uint64:
    """An integer scattered over 64 bits."""
    return np.uint64(mix(np.array([key & (2**64 - 1)], np.uint64))[0])
