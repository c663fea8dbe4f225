"""The networks of IP addresses: text as most are written by arithmetic, the rest by `ipaddress`.

Addresses become numbers of 16 bits, two of IPv4 and eight of IPv6, and networks are put together
from tables of how such numbers are written.
"""

import ipaddress
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from anonymizer.arrays import BoolArray, IntArray
from anonymizer.masking.primitives.bulk.characters import characters
from anonymizer.masking.primitives.bulk.distinct import Function, OnDistinct, apart

Numbers = NDArray[np.int32]

_BYTE: Final = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_QUAD: Final = rf"^{_BYTE}(?:\.{_BYTE}){{3}}$"
_FULL: Final = "[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{1,4}){7}"
_SOME: Final = "(?:[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{1,4}){0,6})?"
_GROUPS: Final = rf"^(?:{_FULL}|{_SOME}::{_SOME})$"
_COLONS: Final = 7  # where there are more, `::` may stand for nothing
_NO_ADDRESS: Final = r"^(?:[^.:]*|[0-9.]*)$"  # as it is no quad
_MAPPED_QUAD: Final = r"^::[Ff]{4}:([0-9]+\.[0-9.]*)$"
_BLANKS: Final = "".join(filter(str.isspace, map(chr, range(0x3001))))  # all that there are
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")

_AT_ONCE: Final = 1 << 14  # texts whose numbers stay in a processor's cache
_WRITTEN: Final = 1 << 16  # how many numbers have 16 bits
_GAP, _NOTHING = 2 * _WRITTEN, 2 * _WRITTEN + 1  # where the table of groups has `::` and no text


@dataclass(frozen=True)
class Networks:
    """A function from IP addresses as text to their networks as text; null for what is none.

    Attributes:
        v4: bits of an IPv4 address that stay.
        v6: bits of an IPv6 address that stay.
    """

    v4: int
    v6: int

    def __call__(self, texts: pl.Series) -> pl.Series:
        """The network of each text, in the order of the texts."""
        slices = texts.rechunk().to_frame().iter_slices(_AT_ONCE)
        networks = [self._of(some.to_series(), self._of_odd) for some in slices]
        return pl.concat(networks or [texts]).alias(texts.name)

    def _of(self, texts: pl.Series, otherwise: Function) -> pl.Series:
        """The networks of addresses without anything around them; others are asked otherwise."""

        def of_no_quads(texts: pl.Series) -> pl.Series:
            return apart(texts, _are_groups(texts), self._of_groups, otherwise)

        return apart(texts, texts.str.contains(_QUAD), self._of_quads, of_no_quads)

    def _of_odd(self, texts: pl.Series) -> pl.Series:
        return self._of(pl.select(_bare(pl.lit(texts))).to_series(), self._of_rare)

    def _of_rare(self, texts: pl.Series) -> pl.Series:
        return apart(texts, texts.str.contains(_NO_ADDRESS), _nulls, OnDistinct(self._of_one))

    def _of_one(self, text: str) -> str | None:
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            return None
        if isinstance(address, ipaddress.IPv6Address):
            address = _inside(address) or address
        bits = self.v4 if address.version == 4 else self.v6
        return str(ipaddress.ip_network((address, bits), strict=False))

    def _of_quads(self, texts: pl.Series) -> pl.Series:
        """The networks of IPv4 addresses, four numbers with dots between them."""
        numbers, _ = _fields(texts, ".", base=10, digits=3)
        first, second, third, fourth = numbers.reshape(-1, 4).T
        return self._v4(first << 8 | second, third << 8 | fourth)

    def _of_groups(self, texts: pl.Series) -> pl.Series:
        """The networks of IPv6 addresses in hexadecimal digits, or of the IPv4 addresses inside."""
        groups = _groups(texts)
        inside, high, low = _carried(groups)
        return apart(
            pl.int_range(len(texts), eager=True),
            pl.Series(inside),
            lambda rows: self._v4(high[rows], low[rows]),
            lambda rows: self._v6(groups[rows]),
        )

    def _v4(self, high: Numbers, low: Numbers) -> pl.Series:
        first, second = _halves(self.v4)
        return first.gather(high) + second.gather(low)

    def _v6(self, groups: Numbers) -> pl.Series:
        kept = np.clip(self.v6 - 16 * np.arange(8), 0, 16)
        groups = groups & (0xFFFF << (16 - kept) & 0xFFFF).astype(np.int32)
        zeros = np.packbits(groups == 0, axis=1, bitorder="little")[:, 0]
        table, starts = _written_groups()
        places = (starts[zeros] + groups).T
        texts = [table.gather(place) for place in places if (place != _NOTHING).any()]
        return pl.select(pl.concat_str(*map(pl.lit, texts), pl.lit(f"/{self.v6}"))).to_series()


def _bare(text: pl.Expr) -> pl.Expr:
    """Without blanks, brackets, port and zone; an IPv4 address that is mapped is bare as well."""
    neat = text.str.strip_chars(_BLANKS)
    inner = (
        pl.when(neat.str.starts_with("["))
        .then(neat.str.extract(r"^\[([^\]]*)"))
        .when(neat.str.count_matches(":", literal=True) == 1)
        .then(neat.str.extract("^([^:]*)"))
        .otherwise(neat)
    )
    return inner.str.extract("^([^%]*)").str.replace(_MAPPED_QUAD, "$1")


def _are_groups(texts: pl.Series) -> pl.Series:
    return texts.str.contains(_GROUPS) & (texts.str.count_matches(":", literal=True) <= _COLONS)


def _nulls(texts: pl.Series) -> pl.Series:
    return pl.repeat(None, len(texts), dtype=pl.String, eager=True)


def _inside(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 address carries."""
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None)


def _carried(groups: Numbers) -> tuple[BoolArray, Numbers, Numbers]:
    """Which addresses of eight groups carry one of IPv4, and its two halves; see `_inside`."""
    g = groups.T
    nat64 = (g[0] == 0x64) & (g[1] == 0xFF9B) & ~g[2:6].any(axis=0)
    mapped = ~g[:5].any(axis=0) & (g[5] == 0xFFFF)
    six_to_four = g[0] == 0x2002
    teredo = (g[0] == 0x2001) & (g[1] == 0)
    high, low = (
        np.where(teredo, ~g[6 + half] & 0xFFFF, np.where(six_to_four, g[1 + half], g[6 + half]))
        for half in (0, 1)
    )
    return nat64 | mapped | six_to_four | teredo, high, low


def _fields(texts: pl.Series, separator: str, base: int, digits: int) -> tuple[Numbers, IntArray]:
    """The numbers between separators, and how many digits each has; where there are none, 0.

    Args:
        texts: ASCII, without null.
        separator: one character.
        base: of the numbers.
        digits: how many a number has at most.
    """
    content, _ = characters(texts + separator)
    ends = np.flatnonzero(content == ord(separator))
    sizes = np.diff(ends, prepend=-1) - 1
    values = (content & 15) + 9 * (content >> 6)  # of what is a digit: 0-9, A-F, a-f
    numbers = np.zeros(len(ends), np.int32)
    for place in range(digits):
        # Before the first field there is nothing; what is taken instead is not counted.
        digit = values.take(ends - 1 - place, mode="clip") * (sizes > place)
        numbers += digit * np.int32(base**place)
    return numbers, sizes


def _groups(texts: pl.Series) -> Numbers:
    """IPv6 addresses as eight numbers each; `::` stands for as many zeros as are missing."""
    numbers, sizes = _fields(texts, ":", base=16, digits=4)
    fields = texts.str.count_matches(":", literal=True).to_numpy().astype(np.int64) + 1
    first = np.cumsum(fields) - fields  # field of each text
    empty = sizes == 0
    before = np.cumsum(empty) - empty
    behind_gap = before > np.repeat(before[first], fields)
    places = np.arange(len(numbers)) + np.repeat(8 * np.arange(len(texts)) - first, fields)
    places += behind_gap * np.repeat(8 - fields, fields)
    groups = np.zeros(8 * len(texts), np.int32)
    groups[places] = numbers  # empty fields are 0, and lie where `::` stands
    return groups.reshape(-1, 8)


@cache
def _halves(bits: int) -> tuple[pl.Series, pl.Series]:
    """How the two halves of IPv4 networks are written, the second with what comes after it."""
    numbers = np.arange(_WRITTEN)
    mask = 0xFFFFFFFF << (32 - bits) & 0xFFFFFFFF
    byte = pl.int_range(256, eager=True).cast(pl.String)

    def written(numbers: IntArray) -> pl.Series:
        return byte.gather(numbers >> 8) + "." + byte.gather(numbers & 0xFF)

    first, second = written(numbers & mask >> 16), written(numbers & mask & 0xFFFF)
    return first + ".", second + f"/{bits}"


@cache
def _written_groups() -> tuple[pl.Series, NDArray[np.int32]]:
    """How groups of IPv6 addresses are written, and where that is found.

    Returns:
        Each number, each number after a colon, `::` and nothing; for each combination of groups
        that are zero, the groups' beginnings in it.
    """
    numbers = pl.Series([f"{number:x}" for number in range(_WRITTEN)])
    table = pl.concat([numbers, ":" + numbers, pl.Series(["::", ""])])
    starts = np.full((256, 8), _WRITTEN, np.int32)
    starts[:, 0] = 0
    for zeros, places in enumerate(starts):
        begin, length = _longest_run([bool(zeros >> group & 1) for group in range(8)])
        if length > 1:
            places[begin : begin + length] = [_GAP, *[_NOTHING] * (length - 1)]
            places[begin + length : begin + length + 1] = 0
    return table, starts


def _longest_run(chosen: list[bool]) -> tuple[int, int]:
    """Where the first of the longest runs begins, and how long it is."""
    runs = [
        (begin, next((n for n, true in enumerate(chosen[begin:]) if not true), 8 - begin))
        for begin in range(8)
    ]
    return max(runs, key=lambda run: run[1])
