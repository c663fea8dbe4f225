"""What many texts have, looked at once, so that patterns run only where they may.

`Glances` reads all characters of texts as one array and says of each text whether something can be
in it at all. What it says may be too much and never too little: a text that it denies has none.
"""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Final

import numpy as np

from anonymizer.masking.free_text.basis.characters import (
    ALPHANUMERIC,
    ANY_SIGN,
    BIT_OF,
    CAPITAL,
    CHARACTERS,
    DIGIT,
    LETTER,
    ODD,
    OTHER,
    SMALL,
    TOKEN,
    Bools,
    Places,
    runs,
)
from anonymizer.masking.free_text.basis.telling import Telling, Words


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
        CHARACTERS.learn(codes)
        self._joined = joined
        self._codes, self._bits = codes, np.take(CHARACTERS.bits, codes)
        self._ends = np.cumsum(lengths + 1) - 1  # places of the end signs
        self._starts = self._ends - lengths
        self._owners = np.repeat(np.arange(self._count), lengths + 1)
        self._has = (
            np.bitwise_or.reduceat(self._bits, self._starts)
            if self._count
            else np.zeros(0, np.uint32)
        )
        self.odd: Bools = ((self._has & ODD) > 0) | long

    def _of(self, places: Places) -> Bools:
        """The texts that have some of these places."""
        texts = np.zeros(self._count, np.bool_)
        texts[self._owners[places]] = True
        return texts

    @property
    def mixed(self) -> Bools:
        """Whether it has a letter beside a digit."""
        kinds = self._bits & (DIGIT | LETTER)
        return self._of(np.flatnonzero((kinds[1:] | kinds[:-1]) == (DIGIT | LETTER)))

    @property
    def cased(self) -> Bools:
        """Whether it has capitals, and other letters."""
        return ((self._has & CAPITAL) > 0) & ((self._has & SMALL) > 0)

    @property
    def ends_capital(self) -> Bools:
        """Whether one of its last three words begins with a capital, as a name at its end does."""
        starts, owners = self.words.starts, self.words.owners
        texts = np.arange(self._count)
        last = np.searchsorted(owners, texts, side="right")
        ends = np.zeros(self._count, np.bool_)
        for back in range(1, 4) if len(starts) else ():
            word = np.maximum(last - back, 0)
            ends |= (owners[word] == texts) & ((self._bits[starts[word]] & CAPITAL) > 0)
        return ends

    @property
    def begins_anew(self) -> Bools:
        """Whether a capital follows a sign that ends a sentence, in its last characters."""
        signs = self._at(".!?\n")
        blank = self._is(signs + 1, BIT_OF[" "])
        begins = self._is(signs + 1, CAPITAL) | (blank & self._is(signs + 2, CAPITAL))
        signs = signs[begins]
        return self._of(signs[self._ends[self._owners[signs]] - signs <= _LAST])

    def has(self, signs: str) -> Bools:
        """Whether it has one of some signs."""
        return (self._has & sum(BIT_OF[sign] for sign in signs)) > 0

    @cached_property
    def _signs(self) -> Places:
        return np.flatnonzero(self._bits & ANY_SIGN)

    def counts(self, sign: str, least: int) -> Bools:
        """Whether it has so many of a sign."""
        places = self._at(sign)
        return np.bincount(self._owners[places], minlength=self._count) >= least

    @property
    def digit(self) -> Bools:
        """Whether it has a digit."""
        return (self._has & DIGIT) > 0

    @property
    def other(self) -> Bools:
        """Whether it has a character that is not of ASCII."""
        return (self._has & OTHER) > 0

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
        return self._of(signs[self._is(signs - 1, DIGIT) & self._is(signs + 1, DIGIT)])

    @cached_property
    def joined(self) -> Bools:
        """Whether a sign joins figures as parts of a date are: dots only those that can be one."""
        signs = self._at("-./_")
        blank = self._is(signs - 1, BIT_OF[" "]), self._is(signs + 1, BIT_OF[" "])
        before = self._is(signs - 1, DIGIT) | (blank[0] & self._is(signs - 2, DIGIT))
        after = self._is(signs + 1, DIGIT) | (blank[1] & self._is(signs + 2, DIGIT))
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
        joined = self._is(end, sum(BIT_OF[sign] for sign in "-./ ")) | (size[first] == 4)
        parts = (ends[first] == signs) & (starts[second] == signs + 1)
        dots = self._is(signs, BIT_OF["."])
        alone = parts & dots & ~self._is(starts[first] - 1, sum(BIT_OF[sign] for sign in "-./"))
        third = joined & (self._is(end + 1, DIGIT | sum(BIT_OF[sign] for sign in "-./ ")))
        decimal: Bools = alone & ~(day & month) & ~third & (size[first] != 4)
        return decimal

    @property
    def dotted(self) -> Bools:
        """Whether a dot joins what is no blank to two letters or more."""
        signs = self._at(".")
        signs = signs[self._is(signs + 1, LETTER) & self._is(signs + 2, LETTER)]
        return self._of(signs)

    def _at(self, signs: str) -> Places:
        bits = sum(BIT_OF[sign] for sign in signs)
        return self._signs[(self._bits[self._signs] & bits) > 0]

    def _is(self, places: Places, bits: int) -> Bools:
        """Whether what stands at places is of such a kind; beyond all texts an end sign stands."""
        found: Bools = (self._bits[np.minimum(places, len(self._bits) - 1)] & bits) > 0
        return found

    @property
    def followed_apart(self) -> Bools:
        """Of each word, whether a digit follows it behind one blank."""
        ends = self.words.ends
        return self._is(ends, BIT_OF[" "]) & self._is(ends + 1, DIGIT)

    @property
    def followed(self) -> Bools:
        """Of each word, whether a digit follows it at once or behind a blank."""
        return self._is(self.words.ends, DIGIT) | self.followed_apart

    @property
    def postal(self) -> Bools:
        """Whether figures stand as in postcodes: beside capitals, or as those of Brazil."""
        starts, ends = self._figures
        size, hyphen = ends - starts, self._is(starts - 1, BIT_OF["-"])
        pair = self._is(starts - 1, BIT_OF[" "]) & self._is(starts - 2, DIGIT)
        code = ((size == 4) | (size == 5)) | ((size == 3) & hyphen) | ((size == 2) & pair)
        behind = ends + self._is(ends, BIT_OF[","])
        small = np.isin(self._codes[np.minimum(behind + 1, len(self._codes) - 1)], _SMALL_BEFORE)
        town = self._is(behind, BIT_OF[" "]) & (self._is(behind + 1, CAPITAL | OTHER) | small)
        state = self._is(starts - 1, BIT_OF[" "]) & self._is(
            starts - 2, CAPITAL | BIT_OF["."] | BIT_OF[","]
        )
        long = self._is(ends, BIT_OF[" "]) & ((size == 8) | ((size == 3) & hyphen))
        kinds = self._bits & (DIGIT | CAPITAL)
        mixed = np.flatnonzero((kinds[1:] | kinds[:-1]) == (DIGIT | CAPITAL))
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
        few = (ends - starts <= 2) & self._is(ends, BIT_OF[" "]) & self._is(ends + 1, DIGIT)
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
        return Words(np.take(CHARACTERS.letters, self._codes), self._owners)

    @cached_property
    def capital(self) -> Bools:
        """Of each word, whether it begins with a capital."""
        return (self._bits[self.words.starts] & CAPITAL) > 0

    @cached_property
    def goes_on(self) -> Bools:
        """Of each word, whether it goes on a name: behind a hyphen, an apostrophe or a dot."""
        before = self._bits[np.maximum(self.words.starts - 1, 0)]
        goes_on: Bools = (before & sum(BIT_OF[sign] for sign in "-'.")) > 0
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
        blanks = (self._bits & (BIT_OF[" "] | BIT_OF["\n"])) > 0
        return np.concatenate(([0], np.cumsum(blanks)))

    @cached_property
    def _pieces(self) -> tuple[Places, Places]:
        return runs((self._bits & ALPHANUMERIC) > 0)

    def runs(self, least: int) -> Bools:
        """Whether it has so many letters and digits of ASCII in one piece."""
        starts, ends = self._pieces
        return self._of(starts[ends - starts >= least])

    def tokens(self, least: int) -> Bools:
        """The same, with the signs that stand in addresses and keys."""
        starts, ends = runs((self._bits & TOKEN) > 0)
        return self._of(starts[ends - starts >= least])

    @cached_property
    def _figures(self) -> tuple[Places, Places]:
        return runs((self._bits & DIGIT) > 0)

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
        words = np.searchsorted(self.words.starts, starts)  # so many begin before
        apart = (starts[1:] - ends[:-1] > _GAP) | (words[1:] != words[:-1])
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
