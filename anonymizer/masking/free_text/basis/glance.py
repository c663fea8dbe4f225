"""Which words, signs and figures texts have, looked at once, so that patterns run where they may.

Of one text: `words_of`, `looks_of`. Of many texts: `Glances`, which reads all their characters as
one array and says of each text whether something can be in it at all. What it says may be too
much and never too little: a text of which it says no has none.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from anonymizer.masking.free_text.basis.folding import (
    CAPITALS,
    IS_EASTERN,
    LETTER,
    plain,
    shape_of,
)
from anonymizer.masking.free_text.basis.lists import listed

_WORD: Final = re.compile(rf"{LETTER}+")
_ASCII_WORD: Final = re.compile("[a-z]+")  # the same in half the time


# Finders that follow each other see the same text, unless one has found something in it.
@lru_cache(maxsize=4)
def words_of(text: str) -> frozenset[str]:
    """Its words, in small letters."""
    pattern = _ASCII_WORD if text.isascii() else _WORD
    return frozenset(pattern.findall(text.lower()))


@lru_cache(maxsize=4)
def looks_of(text: str) -> bytes:
    """Its `shape_of`, where parts of forms are looked up at once."""
    return shape_of(text)


# --- words of many texts as numbers ---------------------------------------------------------------

Bools = npt.NDArray[np.bool_]  # (texts,): whether each may hold something
Places = npt.NDArray[np.int64]  # where something is, or numbers of words
_Hashes = npt.NDArray[np.uint64]

# A word is the sum of its letters times powers of this odd number, modulo 2^64; such sums of all
# that stands before two places tell the word between them.
_BASE: Final = 0x9E3779B97F4A7C15
_INVERSE: Final = pow(_BASE, -1, 1 << 64)
_PAIRED: Final = 0xC2B2AE3D27D4EB4F
_FIRST: Final = 4  # letters of beginnings and ends that are looked up first


def _hash(word: str) -> int:
    return sum(ord(sign) * pow(_BASE, place, 1 << 64) for place, sign in enumerate(word)) % 2**64


@lru_cache(maxsize=8)
def _powers(base: int, size: int) -> _Hashes:
    """The powers of a number from 0 on, for so many characters in binary figures."""
    powers = np.full(1 << size, base, np.uint64)
    powers[0] = 1
    return np.multiply.accumulate(powers)


def _mixed(hashes: _Hashes) -> _Hashes:
    """The same, each with all of it in its first bits."""
    mixed: _Hashes = (hashes ^ (hashes >> np.uint64(32))) * np.uint64(_INVERSE)
    return mixed


class _Table:
    """A set of hashes; most others are told from them by a mark for each."""

    def __init__(self, some: Iterable[int]) -> None:
        hashes = np.array([each % 2**64 for each in some], np.uint64)
        self._hashes = np.unique(_mixed(hashes))
        bits = max(10, len(hashes).bit_length() + 4)  # one of 16 others at most meets a mark
        self._shift = np.uint64(64 - bits)
        self._marks = np.zeros(1 << bits, np.bool_)
        self._marks[self._hashes >> self._shift] = True

    def __bool__(self) -> bool:
        return len(self._hashes) > 0

    def holds(self, hashes: _Hashes) -> Bools:
        """Which are of the set."""
        hashes = _mixed(hashes)
        held: Bools = self._marks[hashes >> self._shift]
        few = np.flatnonzero(held)
        places = np.searchsorted(self._hashes, hashes[few])
        held[few] = self._hashes[np.minimum(places, len(self._hashes) - 1)] == hashes[few]
        return held


class Telling:
    """Words and phrases of which a text has one where it may hold something.

    Case and accents do not count; what is no letter ends a word. Of a phrase two words that follow
    each other count.
    """

    def __init__(
        self, phrases: Iterable[str] = (), *, begin: Iterable[str] = (), end: Iterable[str] = ()
    ) -> None:
        """Take words or phrases, and letters with which words begin or end."""
        words = [_WORD.findall(plain(phrase)) for phrase in phrases]
        self._whole = _Table(map(_hash, {some[0] for some in words if len(some) == 1}))
        pairs = {
            max(pairwise(some), key=lambda pair: len("".join(pair)))
            for some in words
            if len(some) > 1
        }
        self._pairs = _Table(_hash(one) * _PAIRED + _hash(other) for one, other in pairs)
        self._first_of_pairs = _Table(_hash(one) for one, _ in pairs)
        begin, end = set(map(plain, begin)), set(map(plain, end))
        self._first = _by_length(each[:_FIRST] for each in begin)
        self._begin = _by_length(each for each in begin if len(each) > _FIRST)
        self._short = _by_length(each for each in begin if len(each) <= _FIRST)
        self._end = _by_length(each[-_FIRST:] for each in end)

    def among(self, words: "Words") -> Bools:
        """Which words tell."""
        told = self._whole.holds(words.hashes())
        for length, table in (*self._short.items(), *((-n, t) for n, t in self._end.items())):
            told |= table.holds(words.hashes(length))
        for first, table in self._first.items() if self._begin else ():
            few = np.flatnonzero(table.holds(words.hashes(first)))
            for length, longer in self._begin.items():
                told[few] |= longer.holds(words.hashes(length)[few])
        among: Bools = told[words.kinds]
        if self._pairs:
            few = np.flatnonzero(self._first_of_pairs.holds(words.hashes())[words.kinds])
            for after in (words.following, words.after):
                among[few] |= self._pairs.holds(words.pairs(few, after[few]))
        return among


def _by_length(parts: Iterable[str]) -> dict[int, _Table]:
    some = set(parts)
    lengths = {len(part) for part in some}
    return {
        length: _Table(_hash(each) for each in some if len(each) == length) for length in lengths
    }


def _kinds(hashes: _Hashes) -> tuple[Places, Places]:
    """The number of each hash among the different ones, and where each of those stands.

    Hashes that meet others by chance count as different ones.
    """
    places, size = np.arange(len(hashes)), len(hashes).bit_length()
    slots = _mixed(hashes) >> np.uint64(64 - max(1, size))
    last = np.zeros(2 << size, np.int64)
    last[slots] = places
    same = last[slots]
    same = np.where(hashes[same] == hashes, same, places)
    firsts = np.flatnonzero(same == places)
    numbers = np.zeros(len(hashes), np.int64)
    numbers[firsts] = np.arange(len(firsts))
    return numbers[same], firsts


# What may stand between the words of a phrase: `numero del contratto`.
SMALL_WORDS: Final = listed("de la del dell della di da do du d des dei der the of van het")
_SMALL_TABLE: Final = _Table(map(_hash, SMALL_WORDS))


class Words:
    """The words of many texts, in order.

    Attributes:
        starts: where each begins, and one past where it ends.
        ends: one past where it ends.
        owners: of which text each is.
        kinds: the number of each among the different ones.
    """

    def __init__(self, letters: npt.NDArray[np.uint32], owners: Places) -> None:
        """Read the letters of texts, with 0 for each character that is none."""
        size = len(letters).bit_length()
        sums = np.zeros(len(letters) + 1, np.uint64)
        np.cumsum(letters * _powers(_BASE, size)[: len(letters)], out=sums[1:])
        self._sums, self._inverse = sums, _powers(_INVERSE, size)
        self.starts, self.ends = _runs(letters > 0)
        self.owners = owners[self.starts]
        self._hashes = self._between(self.starts, self.ends)
        self.kinds, firsts = _kinds(self._hashes)
        self._starts, self._ends = self.starts[firsts], self.ends[firsts]

    def hashes(self, letters: int = 0) -> _Hashes:
        """Of the different words, or of so many letters of their start, below 0 of their end."""
        starts, ends = self._starts, self._ends
        if letters > 0:
            ends = np.minimum(starts + letters, len(self._sums) - 1)
        elif letters < 0:
            starts = np.maximum(ends + letters, 0)
        return self._between(starts, ends)

    def _between(self, starts: Places, ends: Places) -> _Hashes:
        hashes: _Hashes = (self._sums[ends] - self._sums[starts]) * self._inverse[starts]
        return hashes

    def pairs(self, some: Places, others: Places) -> _Hashes:
        """Of words with another each; also where that is of another text, which tells too much."""
        hashes: _Hashes = self._hashes[some] * np.uint64(_PAIRED) + self._hashes[others]
        return hashes

    @cached_property
    def following(self) -> Places:
        """Behind each the next one; the last one itself."""
        return np.minimum(np.arange(1, len(self.starts) + 1), len(self.starts) - 1)

    @cached_property
    def preceding(self) -> Places:
        """Before each the one before it; the first one itself."""
        return np.maximum(np.arange(-1, len(self.starts) - 1), 0)

    @cached_property
    def after(self) -> Places:
        """Behind each the next one that is none of `SMALL_WORDS`; the last one itself."""
        places = np.arange(len(self.starts))
        small = _SMALL_TABLE.holds(self.hashes())[self.kinds]
        large = np.where(small, len(places) - 1, places)
        return np.minimum.accumulate(large[::-1])[::-1][self.following]


def _runs(flags: Bools) -> tuple[Places, Places]:
    """Where flags that are set begin, and one past where they end; the last one is never set."""
    edges = np.flatnonzero(np.diff(flags.astype(np.int8), prepend=np.int8(0)))
    return edges[::2], edges[1::2]


# --- characters -----------------------------------------------------------------------------------

_SIGNS: Final = "@.:-/<([{'=#\n_~!?,°|\t "
_DIGIT, _LETTER, _CAPITAL, _SMALL, _ALPHANUMERIC, _TOKEN, _OTHER, _ODD = (
    1 << place for place in range(8)
)
_BIT_OF: Final = {sign: 1 << (place + 8) for place, sign in enumerate(_SIGNS)}
_ANY_SIGN: Final = sum(bit for sign, bit in _BIT_OF.items() if sign != " ")
_OF_TOKENS: Final = frozenset("_+/=.:$~-")
_IS_CAPITAL: Final = re.compile(f"[{CAPITALS}]")


class _Characters:
    """What each character is, and the letter as which words are compared; fills itself."""

    def __init__(self) -> None:
        self.bits = np.zeros(0x110000, np.uint32)
        self.letters = np.zeros(0x110000, np.uint32)  # 0 for what is none
        self._known = np.zeros(0x110000, np.bool_)
        self._learn(range(128))

    def learn(self, codes: npt.NDArray[np.uint32]) -> None:
        """Know all of some characters."""
        beyond = codes[codes > 127]
        if not self._known[beyond].all():
            self._learn(np.unique(beyond[~self._known[beyond]]).tolist())

    def _learn(self, codes: Iterable[int]) -> None:
        for code in codes:
            character = chr(code)
            small = plain(character)
            is_letter = _WORD.match(character) is not None and character.isalpha()
            self.bits[code] = _bits_of(character, small, is_letter=is_letter)
            self.letters[code] = ord(small) if is_letter else 0
            self._known[code] = True


def _bits_of(character: str, small: str, *, is_letter: bool) -> int:
    bits = _BIT_OF.get(character, 0)
    bits |= _DIGIT * ("0" <= character <= "9") | _LETTER * is_letter
    bits |= _CAPITAL * (_IS_CAPITAL.match(character) is not None)
    bits |= _SMALL * character.islower()
    bits |= _ALPHANUMERIC * (character.isascii() and character.isalnum())
    bits |= _TOKEN * (character.isascii() and (character.isalnum() or character in _OF_TOKENS))
    bits |= _OTHER * (not character.isascii())
    # What patterns for words do not agree on, and scripts without blanks between words.
    odd = is_letter != small.isalpha() or is_letter != (_WORD.match(character) is not None)
    odd |= len(character.lower()) != 1 or IS_EASTERN.match(character) is not None
    return bits | _ODD * odd


_CHARACTERS: Final = _Characters()


# --- many texts -----------------------------------------------------------------------------------


class Glances:
    """What each of many texts has; all answers are arrays of one value per text.

    Attributes:
        odd: what has characters of which nothing else is said here, or is very long: it may hold
            anything.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        """Look at folded texts."""
        self._count = len(texts)
        lengths = np.fromiter(map(len, texts), np.int64, self._count)
        long = lengths > _LONG
        if long.any():
            texts = ["" if is_long else text for text, is_long in zip(texts, long, strict=True)]
            lengths[long] = 0
        # An end sign behind each text, which is nothing else, so that no text is empty.
        joined = "\x1f".join([*texts, ""])
        codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)
        _CHARACTERS.learn(codes)
        self._joined = joined
        self._codes, self._bits = codes, np.take(_CHARACTERS.bits, codes)
        self._ends = np.cumsum(lengths + 1) - 1  # places of the end signs
        self._starts = self._ends - lengths
        self._owners = np.repeat(np.arange(self._count), lengths + 1)
        self._has = (
            np.bitwise_or.reduceat(self._bits, self._starts)
            if self._count
            else np.zeros(0, np.uint32)
        )
        self.odd: Bools = ((self._has & _ODD) > 0) | long

    def _of(self, places: Places) -> Bools:
        """The texts that have some of these places."""
        texts = np.zeros(self._count, np.bool_)
        texts[self._owners[places]] = True
        return texts

    @property
    def mixed(self) -> Bools:
        """Whether it has a letter beside a digit."""
        kinds = self._bits & (_DIGIT | _LETTER)
        return self._of(np.flatnonzero((kinds[1:] | kinds[:-1]) == (_DIGIT | _LETTER)))

    @property
    def cased(self) -> Bools:
        """Whether it has capitals, and other letters."""
        return ((self._has & _CAPITAL) > 0) & ((self._has & _SMALL) > 0)

    @property
    def ends_capital(self) -> Bools:
        """Whether one of its last three words begins with a capital, as a name at its end does."""
        starts, owners = self.words.starts, self.words.owners
        texts = np.arange(self._count)
        last = np.searchsorted(owners, texts, side="right")
        ends = np.zeros(self._count, np.bool_)
        for back in range(1, 4) if len(starts) else ():
            word = np.maximum(last - back, 0)
            ends |= (owners[word] == texts) & ((self._bits[starts[word]] & _CAPITAL) > 0)
        return ends

    @property
    def begins_anew(self) -> Bools:
        """Whether a capital follows a sign that ends a sentence, in its last characters."""
        signs = self._at(".!?\n")
        blank = self._is(signs + 1, _BIT_OF[" "])
        begins = self._is(signs + 1, _CAPITAL) | (blank & self._is(signs + 2, _CAPITAL))
        signs = signs[begins]
        return self._of(signs[self._ends[self._owners[signs]] - signs <= _LAST])

    def has(self, signs: str) -> Bools:
        """Whether it has one of some signs."""
        return (self._has & sum(_BIT_OF[sign] for sign in signs)) > 0

    @cached_property
    def _signs(self) -> Places:
        return np.flatnonzero(self._bits & _ANY_SIGN)

    def counts(self, sign: str, least: int) -> Bools:
        """Whether it has so many of a sign."""
        places = self._at(sign)
        return np.bincount(self._owners[places], minlength=self._count) >= least

    @property
    def digit(self) -> Bools:
        """Whether it has a digit."""
        return (self._has & _DIGIT) > 0

    @property
    def other(self) -> Bools:
        """Whether it has a character that is not of ASCII."""
        return (self._has & _OTHER) > 0

    def contains(self, *literals: str) -> Bools:
        """Whether it has one of some literals, wherever in its words; small, of ASCII."""
        places, low = list[int](), self._low
        for literal in literals:
            place = low.find(literal)
            while place >= 0:
                places.append(place)
                place = low.find(literal, place + 1)
        return self._of(np.array(places, np.int64))

    @cached_property
    def _low(self) -> str:
        return self._joined.replace("İ", "i").lower()  # of which alone the length would change

    @cached_property
    def decimals(self) -> Bools:
        """Whether a dot or a comma stands between two digits."""
        signs = self._at(".,")
        return self._of(signs[self._is(signs - 1, _DIGIT) & self._is(signs + 1, _DIGIT)])

    @cached_property
    def joined(self) -> Bools:
        """Whether a sign joins figures as parts of a date are: dots only those that can be one."""
        signs = self._at("-./_")
        blank = self._is(signs - 1, _BIT_OF[" "]), self._is(signs + 1, _BIT_OF[" "])
        before = self._is(signs - 1, _DIGIT) | (blank[0] & self._is(signs - 2, _DIGIT))
        after = self._is(signs + 1, _DIGIT) | (blank[1] & self._is(signs + 2, _DIGIT))
        signs = signs[before & after & ~self._is_decimal(signs)]
        return self._of(signs)

    def _is_decimal(self, signs: Places) -> Bools:
        """Which dots part two figures that are no day and month, where no third one is joined."""
        starts, ends = self._figures
        if not len(starts):
            return np.zeros(len(signs), np.bool_)
        last = len(starts) - 1
        first = np.minimum(np.searchsorted(ends, signs), last)
        second = np.minimum(first + 1, last)
        size, end = ends - starts, ends[second]
        tens = 10 * (self._codes[starts] - ord("0")) + self._codes[starts + 1] - ord("0")
        values = np.where(size == 1, self._codes[starts] - ord("0"), tens)
        day = (values[first] > 0) & (values[first] <= 31) & (size[first] <= 2)
        month = (values[second] > 0) & (values[second] <= 12) & (size[second] <= 2)
        joined = self._is(end, sum(_BIT_OF[sign] for sign in "-./ ")) | (size[first] == 4)
        parts = (ends[first] == signs) & (starts[second] == signs + 1)
        dots = self._is(signs, _BIT_OF["."])
        alone = parts & dots & ~self._is(starts[first] - 1, sum(_BIT_OF[sign] for sign in "-./"))
        third = joined & (self._is(end + 1, _DIGIT | sum(_BIT_OF[sign] for sign in "-./ ")))
        decimal: Bools = alone & ~(day & month) & ~third & (size[first] != 4)
        return decimal

    @property
    def dotted(self) -> Bools:
        """Whether a dot joins what is no blank to two letters or more."""
        signs = self._at(".")
        signs = signs[self._is(signs + 1, _LETTER) & self._is(signs + 2, _LETTER)]
        return self._of(signs)

    def _at(self, signs: str) -> Places:
        bits = sum(_BIT_OF[sign] for sign in signs)
        return self._signs[(self._bits[self._signs] & bits) > 0]

    def _is(self, places: Places, bits: int) -> Bools:
        """Whether what stands at places is of such a kind; beyond all texts an end sign stands."""
        found: Bools = (self._bits[np.minimum(places, len(self._bits) - 1)] & bits) > 0
        return found

    @property
    def followed_apart(self) -> Bools:
        """Of each word, whether a digit follows it behind one blank."""
        ends = self.words.ends
        return self._is(ends, _BIT_OF[" "]) & self._is(ends + 1, _DIGIT)

    @property
    def followed(self) -> Bools:
        """Of each word, whether a digit follows it at once or behind a blank."""
        return self._is(self.words.ends, _DIGIT) | self.followed_apart

    @property
    def postal(self) -> Bools:
        """Whether figures stand as in postcodes: beside capitals, or as those of Brazil."""
        starts, ends = self._figures
        size, hyphen = ends - starts, self._is(starts - 1, _BIT_OF["-"])
        pair = self._is(starts - 1, _BIT_OF[" "]) & self._is(starts - 2, _DIGIT)
        code = ((size == 4) | (size == 5)) | ((size == 3) & hyphen) | ((size == 2) & pair)
        behind = ends + self._is(ends, _BIT_OF[","])
        small = np.isin(self._codes[np.minimum(behind + 1, len(self._codes) - 1)], _SMALL_BEFORE)
        town = self._is(behind, _BIT_OF[" "]) & (self._is(behind + 1, _CAPITAL | _OTHER) | small)
        state = self._is(starts - 1, _BIT_OF[" "]) & self._is(
            starts - 2, _CAPITAL | _BIT_OF["."] | _BIT_OF[","]
        )
        long = self._is(ends, _BIT_OF[" "]) & ((size == 8) | ((size == 3) & hyphen))
        kinds = self._bits & (_DIGIT | _CAPITAL)
        mixed = np.flatnonzero((kinds[1:] | kinds[:-1]) == (_DIGIT | _CAPITAL))
        return self._of(starts[(code & (town | state)) | long]) | self._of(mixed)

    @property
    def years(self) -> Bools:
        """Whether four digits begin as those of years do, from 1800 to 2199 and from 2400 on."""
        starts, ends = self._figures
        century = 10 * self._codes[starts] + self._codes[starts + 1] - 11 * ord("0")
        return self._of(starts[(ends - starts == 4) & np.isin(century, (18, 19, 20, 21, 24, 25))])

    @property
    def spaced(self) -> Bools:
        """Whether three figures stand behind each other, of one or two digits the first two."""
        starts, ends = self._figures
        few = (ends - starts <= 2) & self._is(ends, _BIT_OF[" "]) & self._is(ends + 1, _DIGIT)
        return self._of(starts[:-1][few[:-1] & few[1:]])

    @property
    def aged(self) -> Bools:
        """Whether it has a whole number from 90 to 129."""
        starts, ends = self._figures
        first, second = self._codes[starts], self._codes[starts + 1]
        two = (ends - starts == 2) & (first == ord("9"))
        three = (ends - starts == 3) & (first == ord("1")) & (second <= ord("2"))
        return self._of(starts[two | three])

    def in_order(self, before: Places, behind: Places) -> Bools:
        """Whether of two kinds of words one of the second stands behind one of the first."""
        starts = np.full(self._count, len(self._bits))
        starts[self.words.owners[before[::-1]]] = before[::-1]
        ends = np.zeros(self._count, np.int64)
        ends[self.words.owners[behind]] = behind
        return starts < ends

    def beside_digits(self, told: Bools) -> Places:
        """Which of the words that are marked are of texts with digits."""
        some = np.flatnonzero(told)
        return some[self.digit[self.words.owners[some]]]

    def says(self, words: Telling) -> Bools:
        """Whether it has one of some words or phrases."""
        return self.at(words.among(self.words))

    def at(self, words: Bools | Places) -> Bools:
        """Whether it has one of the words that are marked, or have these numbers."""
        texts = np.zeros(self._count, np.bool_)
        texts[self.words.owners[words]] = True
        return texts

    @cached_property
    def words(self) -> Words:
        """Its words."""
        return Words(np.take(_CHARACTERS.letters, self._codes), self._owners)

    @cached_property
    def capital(self) -> Bools:
        """Of each word, whether it begins with a capital."""
        return (self._bits[self.words.starts] & _CAPITAL) > 0

    @cached_property
    def goes_on(self) -> Bools:
        """Of each word, whether it goes on a name: behind a hyphen, an apostrophe or a dot."""
        before = self._bits[np.maximum(self.words.starts - 1, 0)]
        goes_on: Bools = (before & sum(_BIT_OF[sign] for sign in "-'.")) > 0
        return goes_on

    def blanks_behind(self, some: Places) -> Places:
        """Of some words, how many blanks stand between the digits before each and it."""
        starts, (_, ends) = self.words.starts[some], self._figures
        found = np.append(ends, -1)[np.searchsorted(ends, starts, side="right") - 1]
        missing = found <= self._starts[self.words.owners[some]]
        return self._blanks(found, starts, missing)

    def blanks_ahead(self, some: Places) -> Places:
        """Of some words, how many blanks stand between each and the digits behind it."""
        ends = self.words.ends[some]
        found = self._next_figures(ends)
        missing = found >= self._ends[self.words.owners[some]]
        return self._blanks(ends, found, missing)

    def figures_next(self, some: Places) -> Bools:
        """Of some words, whether digits stand between each and the next one, or the end."""
        words, last = self.words, len(self._bits)
        following = np.append(words.starts[1:], last)[some]
        ends = np.minimum(self._ends[words.owners[some]], following)
        figures: Bools = self._next_figures(words.ends[some]) < ends
        return figures

    def _next_figures(self, places: Places) -> Places:
        starts, _ = self._figures
        return np.append(starts, len(self._bits))[np.searchsorted(starts, places)]

    def _blanks(self, firsts: Places, lasts: Places, missing: Bools) -> Places:
        """How many blanks stand between places; very many where one is missing."""
        sums, size = self._blank_sums, len(self._bits) - 1
        between = sums[np.minimum(lasts, size)] - sums[np.minimum(firsts, size)]
        return np.where(missing, NEVER, between)

    @cached_property
    def _blank_sums(self) -> Places:
        blanks = (self._bits & (_BIT_OF[" "] | _BIT_OF["\n"])) > 0
        return np.concatenate(([0], np.cumsum(blanks)))

    @cached_property
    def _pieces(self) -> tuple[Places, Places]:
        return _runs((self._bits & _ALPHANUMERIC) > 0)

    def runs(self, least: int) -> Bools:
        """Whether it has so many letters and digits of ASCII in one piece."""
        starts, ends = self._pieces
        return self._of(starts[ends - starts >= least])

    def tokens(self, least: int) -> Bools:
        """The same, with the signs that stand in addresses and keys."""
        starts, ends = _runs((self._bits & _TOKEN) > 0)
        return self._of(starts[ends - starts >= least])

    @cached_property
    def _figures(self) -> tuple[Places, Places]:
        return _runs((self._bits & _DIGIT) > 0)

    def figures(self, least: int, most: int) -> Bools:
        """Whether it has so many digits in one piece."""
        starts, ends = self._figures
        return self._of(starts[(ends - starts >= least) & (ends - starts <= most)])

    @cached_property
    def _near(self) -> tuple[Places, Places, Bools]:
        """Digits that stand together: the first place, how many, whether something parts them."""
        starts, ends = self._figures
        if not len(starts):
            return starts, ends, np.zeros(0, np.bool_)
        letters = np.cumsum((self._bits & _LETTER) > 0)
        apart = (starts[1:] - ends[:-1] > _GAP) | (letters[starts[1:]] != letters[starts[:-1]])
        apart |= self._owners[starts[1:]] != self._owners[starts[:-1]]
        first = np.flatnonzero(np.concatenate(([True], apart)))
        digits = np.add.reduceat(ends - starts, first)
        parted = np.diff(np.append(first, len(starts))) > 1
        return starts[first], digits, parted

    def near(self, least: int, *, parted: bool = False) -> Bools:
        """Whether it has so many digits with four signs and no letter between any two of them.

        Args:
            least: digits.
            parted: whether something must stand between some.
        """
        starts, digits, gaps = self._near
        return self._of(starts[(digits >= least) & (gaps | (not parted))])


_SMALL_BEFORE: Final = [ord(sign) for sign in "gms'"]  # 's-Gravenhage, m. Vilnius
_LAST: Final = 64  # characters in which a name stands that ends a text
NEVER: Final = 1 << 30  # blanks
_LONG: Final = 100_000  # characters of a text that is not looked at
_GAP: Final = 4  # signs between digits that stand together
Sieve = Callable[[Glances], Bools]  # what texts that may hold something are like
