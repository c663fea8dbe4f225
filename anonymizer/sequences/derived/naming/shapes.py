"""Patterns learned from the identifiers of at least k entities each."""

import re
import string
from collections.abc import Iterator
from dataclasses import replace
from math import prod
from typing import Final, NamedTuple

import numpy as np
import polars as pl

from anonymizer.arrays import Array, IntArray
from anonymizer.sequences.derived.naming.patterns import (
    IBAN,
    LUHN,
    Pattern,
    iban,
    is_date,
    luhn,
    place_width,
)
from anonymizer.sequences.histories.protection import protected_counts

HOPELESS: Final = 10**9  # numbers for each one seen: a real one is not met by chance
_COVERED: Final = 0.95  # of the identifiers that have a pattern
_NUMBERS: Final = 50  # identifiers without a zero at the start, where it is no chance
_LEAST: Final = 20  # identifiers, below which dates and check digits may be chance
_FEW: Final = 4  # characters at a place, such as the variant of a UUID
_MOST_FORMS: Final = 12  # of letters and digits; more are codes of both in any order
_CODE: Final = 4  # characters of a code that may become one longer
_ROOM: Final = 10  # identifiers for each one seen, at least
_COUNTABLE: Final = 18  # digits of a number
_ANY_WIDTH: Final = "\0"  # in a form: the number in those that differ in its width alone
_FULL: Final = "".join(chr(0xFF10 + digit) for digit in range(10))
_HEX: Final = string.digits + "abcdef"
_UPPER, _LOWER, _DIGITS = string.ascii_uppercase, string.ascii_lowercase, string.digits
_CLASSES: Final = (
    _DIGITS, _HEX, _HEX.upper(), _UPPER, _LOWER, _DIGITS + _UPPER, _DIGITS + _LOWER,
    _DIGITS + _UPPER + _LOWER,
)  # fmt: skip
_DATES: Final = ("%Y%m%d", "%y%m%d", "%Y%m", "%Y", "%m", "%d")
_FORMS: Final = {"0": _DIGITS, "\uff10": _FULL, "A": _UPPER, "a": _LOWER, "x": ""}
# Letters as they are; letters of one case alike; all that is neither mark nor blank alike.
_LEVELS: Final = (
    {"[0-9]": "0", "[０-９]": "\uff10"},
    {"[0-9]": "0", "[０-９]": "\uff10", "[A-Z]": "A", "[a-z]": "a"},
    {"[０-９]": "\uff10", "[0-9A-Za-z]": "x"},
)


class Seen(NamedTuple):
    """Identifiers that were seen, each once.

    Attributes:
        frame: columns x, the text; e, the number of the entity; t, the time of its first row.
        dtype: of the column.
        k: entities that must hold a pattern.
    """

    frame: pl.DataFrame
    dtype: pl.DataType
    k: int


def patterns(seen: Seen, *, lettered: bool) -> tuple[Pattern, ...]:
    """The patterns of identifiers; none where they have too few in common or there are too few.

    Args:
        seen: the identifiers.
        lettered: whether what they begin with must be told as it is.
    """
    for level in range(1 if lettered else len(_LEVELS)):
        shaped = seen.frame.with_columns(f=_form(level))
        shaped = shaped.with_columns(_key(level, seen.dtype))
        held = shaped.filter(pl.col("e").n_unique().over("g") >= seen.k)
        few = level != 1 or held["g"].n_unique() <= _MOST_FORMS
        if few and len(held) >= _COVERED * len(shaped):
            found = [_learned(g, shaped, seen) for g in held.partition_by("g", maintain_order=True)]
            known = [each for each in found if each]
            whole = sum(each.share for each in known)  # of all, it would tell how many few have
            shared = (replace(each, share=each.share / whole) for each in known)
            return tuple(shared) if all(found) else ()
    return ()


def _form(level: int) -> pl.Expr:
    form = pl.col("x")
    for what, by in _LEVELS[level].items():
        form = form.str.replace_all(what, by)
    return form


def _key(level: int, dtype: pl.DataType) -> pl.Expr:
    """The form; of numbers that never begin with zeros, one for all widths."""
    key = pl.col("f").str.replace(r"0+([^0]*)$", f"{_ANY_WIDTH}$1")
    # What varies beside the number would count as well, and its range not cover the real ones.
    varies = "[0\uff10Aa]" if level else "[0\uff10]"
    number = (key != pl.col("f")) & ~pl.col("f").str.contains(_ANY_WIDTH)
    number &= ~key.str.contains(varies)
    zeros = pl.col("x").str.contains(r"(^|[^0-9])0[0-9]").any().over(key)
    many = (pl.len().over(key) >= _NUMBERS) | (pl.col("f").n_unique().over(key) > 1)
    merged = (
        number & ~zeros & (many | pl.lit(dtype.is_integer())) & pl.lit(level < len(_LEVELS) - 1)
    )
    return pl.when(merged).then(key).otherwise("f").alias("g")


def _learned(group: pl.DataFrame, shaped: pl.DataFrame, seen: Seen) -> Pattern | None:
    """The pattern of one group; None where there is no room for others like it."""
    owner = group["e"].to_numpy()
    weight = protected_counts(np.zeros_like(owner), owner, 1, seen.k)[0]
    forms = group["f"].sort()
    merged = group["g"][0] != forms[0]
    varies = forms[0] != forms[-1]
    places = _number_places(group, forms) if varies else _fixed_places(group, forms[0], seen)
    padded = not merged or _led(places)
    limit = 2**62
    if seen.dtype.is_integer():
        places, padded, limit = _within(places, padded, seen.dtype)
    low, high = (0, 0)
    if _capacity(places) < HOPELESS * len(group):
        numbers = _long(group, places) if varies else _joint(places, group)
        low, high = _covering(numbers, owner, seen.k)
    rest = low, high, float(weight), padded, limit
    return _roomy(places, rest, (1, 1) if merged else _wider(shaped, group, seen.k), len(group))


def _wider(shaped: pl.DataFrame, group: pl.DataFrame, k: int) -> tuple[int, int]:
    """How many places more are those of no other form, and how many more after each time.

    Forms that differ in widths alone grow by turns.
    """
    squeezed = pl.col("f").str.replace_all(r"(0)+|(A)+|(a)+|(x)+|(\uff10)+", "$1$2$3$4$5")
    alike = shaped.with_columns(s=squeezed).filter(pl.col("s") == group.select(squeezed)["f"][0])
    forms = alike.group_by("f").agg(pl.col("e").n_unique(), n=pl.col("f").first().str.len_chars())
    turns = forms.filter(pl.col("e") >= k).sort("n", "f")["f"].to_list()
    form = group["f"][0]
    return int(forms["n"].max()) - len(form) + 1 + turns.index(form), len(turns)  # type: ignore[arg-type]


def _led(places: tuple[str, ...]) -> bool:
    """Whether the first place that counts stands behind a digit."""
    first = next((at for at, each in enumerate(places) if _is_free(each)), 0)
    return first > 0 and (places[first - 1].isdigit() or is_date(places[first - 1]))


def _capacity(places: tuple[str, ...]) -> int:
    return prod(len(each) for each in places if _is_free(each))


def _number_places(group: pl.DataFrame, forms: pl.Series) -> tuple[str, ...]:
    """Places of numbers of several widths, as many as half of them have at least.

    All else in them is the same, an `A` too.
    """
    form = forms.gather(forms.str.len_chars().arg_sort())[len(forms) // 2]
    places = [_DIGITS if c == "0" else c for c in form]
    parts = [_matrix(*part["x"]) for part in group.partition_by("f")]
    checked = all((luhn(part)[:, 0] == part[:, -1]).all() for part in parts)
    if checked and len(group) >= _LEAST and places.count(_DIGITS) > 1 and places[-1] == _DIGITS:
        places[-1] = LUHN
    return tuple(places)


def _matrix(*texts: str) -> Array:
    """(M, L) characters of texts of one length."""
    return np.array(texts, f"<U{len(texts[0])}").reshape(-1, 1).view("<U1").reshape(len(texts), -1)


def _fixed_places(group: pl.DataFrame, form: str, seen: Seen) -> tuple[str, ...]:
    """The characters at each place of texts of one form."""
    text = _matrix(*group["x"])
    owner = group["e"].cast(pl.Int64).to_numpy()
    places = [_FORMS.get(c) or c for c in form]
    same = (text == text[:1]).all(axis=0)
    pool = _pool(text[:, [c == "x" for c in form] & ~same], owner, seen.k)
    for at, c in enumerate(form):
        if c == "x":
            places[at] = _few(text[:, at], owner, seen.k) or pool
        if same[at] and c not in ("0", "\uff10"):
            places[at] = str(text[0, at])
    if len(group) >= _LEAST:
        places = _checked(places, text, form)
    for run in re.finditer("0+", form):
        if same[run.start() : run.end()].all() and run.group() != form:
            places[run.start() : run.end()] = [str(c) for c in text[0, run.start() : run.end()]]
    if len(group) >= _LEAST and group["t"].dtype.is_temporal():
        places = _dated(places, text, form, group["t"])
    return _filled(places, same, text, len(group))


def _filled(places: list[str], same: Array, text: Array, count: int) -> tuple[str, ...]:
    """Digits that are always the same stay where there is room for chance beside them."""
    free = [
        len(c) for c, s in zip(places, _starts(places), strict=True) if _is_free(c) and not same[s]
    ]
    if prod(free) < HOPELESS * count:
        return tuple(places)
    starts = _starts(places)
    return tuple(
        str(text[0, s]) if _is_free(c) and same[s] else c
        for c, s in zip(places, starts, strict=True)
    )


def _starts(places: list[str]) -> list[int]:
    widths = [place_width(each) for each in places]
    return [sum(widths[:at]) for at in range(len(widths))]


def _is_free(place: str) -> bool:
    return len(place) > 1 and not is_date(place) and place not in (LUHN, IBAN)


def _pool(text: Array, owner: IntArray, k: int) -> str:
    """The smallest class of characters that holds all that k entities have."""
    known = _held(text.ravel(), np.repeat(owner, text.shape[1]), k)
    return next((each for each in _CLASSES if known <= set(each)), _CLASSES[-1])


def _few(column: Array, owner: IntArray, k: int) -> str:
    """The characters at a place that has few, each of k entities; none where it has more."""
    known = _held(column, owner, k)
    few = len(known) <= _FEW and len(column) >= _LEAST and known == set(column.tolist())
    return "".join(sorted(known)) if few else ""


def _held(characters: Array, owner: IntArray, k: int) -> set[str]:
    pairs = pl.DataFrame({"c": characters.tolist(), "e": owner}, {"c": pl.String, "e": pl.Int64})
    counts = pairs.group_by("c").agg(pl.col("e").n_unique())
    return set(counts.filter(pl.col("e") >= k)["c"])


def _checked(places: list[str], text: Array, form: str) -> list[str]:
    """With check digits in place of those that are."""
    if form.count("0") > 1 and form[-1] == "0" and (luhn(text)[:, 0] == text[:, -1]).all():
        return [*places[:-1], LUHN]
    if (
        len(form) > 14
        and re.fullmatch("[A-Z]{2}00[0A-Z]+", form)
        and (iban(text) == text[:, 2:4]).all()
    ):
        return [*places[:2], IBAN, *places[4:]]
    return places


def _dated(places: list[str], text: Array, form: str, times: pl.Series) -> list[str]:
    """With parts of the date in place of what is always the same as the row's own."""
    if LUHN in places or IBAN in places:
        return places
    for run in reversed(list(re.finditer("0+", form))):
        at, width = run.start(), run.end() - run.start()
        for part in _DATES:
            size = place_width(part)
            if size > width or (size == 2 and width > 2):
                continue
            real = text[:, at : at + size]
            if (_matrix(*times.dt.strftime(part).fill_null("?" * size)) == real).all():
                places[at : at + size] = [part]
                break
    return places


def _within(
    places: tuple[str, ...], padded: bool, dtype: pl.DataType
) -> tuple[tuple[str, ...], bool, int]:
    """Places whose numbers a type of integers holds, and the largest of them."""
    most = int(pl.select(dtype.max()).item())  # type: ignore[attr-defined]
    sign, checked = places[:1] == ("-",), places[-1] == LUHN
    digits = sum(place_width(each) for each in places) - sign
    free = sum(_is_free(each) for each in places)
    room = min(len(str(most)) - 1, _COUNTABLE)
    end = (LUHN,) * checked
    if digits > _COUNTABLE:
        counted = _COUNTABLE - checked
        fixed = ("1", *"0" * (digits - _COUNTABLE - 1))
        return (*("-",) * sign, *fixed, *[_DIGITS] * counted, *end), True, 10**counted - 1
    if padded and digits <= room:
        return places, True, 10 ** (room - digits + free) - 1
    plain = (*("-",) * sign, *[_DIGITS] * (digits - checked), *end)
    return plain, False, min((most - 9) // 10 if checked else most, 2**62)


def _roomy(
    places: tuple[str, ...], rest: tuple[int, int, float, bool, int],
    wider: tuple[int, int], count: int,
) -> Pattern | None:  # fmt: skip
    """A pattern with room for many, which never grows into one of the other forms."""
    low, high, share, padded, limit = rest
    free = [at for at, each in enumerate(places) if _is_free(each)]
    digits = [at for at in free if places[at] in (_DIGITS, _FULL)]
    if not free:
        return None
    widened = min(_run(digits or free))
    over, stride = wider
    for extra in (0, over) if digits or len(free) >= _CODE else (0,):
        try:
            found = Pattern(places, low, high, share, widened, extra, over, stride, padded, limit)
        except ValueError:
            continue
        if found.rooms[0].size >= count and found.total >= _ROOM * count:
            return found
    return None


def _run(places: list[int]) -> Iterator[int]:
    """The places at the end of a list that follow each other."""
    at = places[-1]
    while at in places:
        yield at
        at -= 1


def _covering(numbers: pl.Series, owner: IntArray, k: int) -> tuple[int, int]:
    """A range around all numbers: of its ends as many digits as k entities share, two at most."""
    low, high = int(numbers.min()), int(numbers.max())  # type: ignore[arg-type]  # (numbers)
    units = [int(10 ** max(1, len(str(high)) - told)) for told in (2, 1, 0)]

    def first(end: int) -> int:
        """The finest unit in which k entities are where an end is."""
        for unit in units[:-1]:
            if len(np.unique(owner[(numbers // unit == end // unit).to_numpy()])) >= k:
                return unit
        return units[-1]

    bottom, top = first(low), first(high)
    return max(0, (low - 1) // bottom * bottom), (high // top + 1) * top


def _long(group: pl.DataFrame, places: tuple[str, ...]) -> pl.Series:
    """The numbers in texts that hold one."""
    numbers = group["x"].str.extract("([0-9]+)[^0-9]*$").cast(pl.Int128)
    return numbers // 10 if places[-1] == LUHN else numbers


def _joint(places: tuple[str, ...], group: pl.DataFrame) -> pl.Series:
    """The numbers of the places that count."""
    text = _matrix(*group["x"])
    number = np.zeros(len(text), np.int64)
    for place, start in zip(places, _starts(list(places)), strict=True):
        if _is_free(place):
            digit = np.searchsorted(np.array(list(place)), text[:, start])
            number = number * len(place) + np.minimum(digit, len(place) - 1)
    return pl.Series(number)
