"""Numbers beside nouns that no list of labels has: `Klient 88213`, `the patient has no. 4711`.

Here the grammar decides and no label: a value, before it what joins words with values, and before
that somebody who has numbers, a word for a number, or both.

    a word for a number and somebody   `Patient hat die Nr. 4711`, `the number on her card is 4711`
    somebody or a contract alone       `Klient: 88213`: a code, or figures that count nothing
    what is somebody's by its end      `Jagdschein 88/2133`, `carte Navigo 0882133409`
    a number of what no list has       `Frau Lenz, Startnummer 447198`: a long one of somebody
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from anonymizer.masking.free_text.basis.characters import Bools
from anonymizer.masking.free_text.basis.finder import (
    Finder,
    compact,
)
from anonymizer.masking.free_text.basis.folding import EASTERN, Span, plain
from anonymizer.masking.free_text.basis.glances import Glances
from anonymizer.masking.free_text.basis.lists import Lists, alternation, listed
from anonymizer.masking.free_text.basis.phrases import words_of
from anonymizer.masking.free_text.basis.telling import Telling

_LISTS: Final = Lists(__package__)


def _phrases(name: str) -> frozenset[tuple[str, ...]]:
    """The phrases of a list as words."""
    return frozenset(tuple(re.findall("[a-z]+", phrase)) for phrase in _LISTS[name])


_PEOPLE: Final = _phrases("people")
_THINGS: Final = _phrases("things")
_SCHEMES: Final = _phrases("schemes")
_PAPERS: Final = _phrases("papers")
_HOLDERS: Final = _PEOPLE | _THINGS
# By which compounds begin: `versichertennummer`.
_STEMS: Final = tuple(word for (word, *rest) in _HOLDERS if not rest and len(word) > 4)
_ANY: Final = _HOLDERS | _PAPERS | _SCHEMES
_LONGEST: Final = max(map(len, _ANY))
_HEADS: Final = _LISTS.set("heads")
_ENDS_OF_HEADS: Final = tuple(head for head in _HEADS if len(head) > 3)
_NUMBERS: Final = _LISTS.set("numbers")
_DEVICES: Final = _LISTS["devices"]
_SERIES: Final = listed("serie serial seriennummer s serienummer sarjanumero seryjny sn")
_JOINS: Final = _LISTS.set("joins")
_KEYS: Final = _LISTS.set("keys")
_WHOSE: Final = _LISTS.set("whose")
_CUES: Final = _WHOSE | _LISTS.set("titles")
_KEPT: Final = _LISTS.set("kept")
_UNITS: Final = _LISTS.set("units")
_TRADE: Final = frozenset(word for word in _LISTS["trade"] if len(word) < 5)
_TRADE_STEMS: Final = tuple(set(_LISTS["trade"]) - _TRADE)
# A text has one of these words where it has such a number, or one that ends so.
_KNOWN: Final = (
    frozenset(phrase[-1] for phrase in _ANY) | _SERIES | _NUMBERS | _HEADS | _KEPT | {"n"}
)
_ANY_ENDS: Final = (*_LISTS["ends"], *_ENDS_OF_HEADS)
_COMPOUND: Final = re.compile(rf"([a-z]{{3,}}?)({'|'.join(_LISTS['ends'])})")
_SAYING: Final = frozenset(":=(").union(
    listed("is was reads says shows ist lautet war est etait es era e on oli jest to byl")
)
_OF: Final = listed("of de du des da do del della dell di van von der dem den d dla för af av")
_SIGNS: Final = frozenset(":=(#\"',.°–")
_REACH: Final = 80  # characters before a value
_SHORT: Final = 4  # letters of what a dot shortens
_MOST: Final = 7  # words between somebody and the number

_GROUP: Final = r"[./_-](?:[A-Za-z]{0,3}\d[0-9A-Za-z]*|[A-Z]{1,4}(?![0-9A-Za-z]))"
_VALUE: Final = re.compile(
    rf"(?<![^\W{EASTERN}])(?<![.,:/@%&+_=-])(?=\S*\d\S{{0,12}}\d|\S+ \d)"
    rf"(?:[A-Za-z]{{1,12}}[./-]?|[A-Z]{{1,4}} )?\d[0-9A-Za-z]*(?:{_GROUP}){{0,5}}"
    r"(?![0-9A-Za-z@=(]|[.,:/]\d|-[0-9a-z]| ?[€$£¥%°])"
)
_TOKEN: Final = re.compile(r"[^\W\d_]+|\d+|[^\w\s'-]|\n")
# Days, years, amounts, versions: what a number is rather.
_OTHER: Final = re.compile(
    r"(?:19|20)\d\d|(?:19|20)\d\d[./-]\d\d|\d{1,2}([./-])\d{1,2}\1(?:\d{4}|\d\d)"
    r"|\d{4}([./-])\d{1,2}\2\d{1,2}|\d{1,2}[./-](?:19|20)\d\d|(?:19|20)\d\d[01]\d(?:[0-3]\d)?"
    r"|\d+\.\d{1,2}|\d{1,3}-\d{1,2}|[a-z]?\d{1,2}(?:\.\d{1,3}){1,2}|\d{3}\.\d{1,3}|\d{1,2}(?:\.\d{1,4}){1,3}"
    r"|\d{1,3}[a-z]{1,3}"
)
_FOLLOWER: Final = re.compile(r"[ -]?([^\W\d_]+)|[ -](?=\d)")


# Three digits of a value, which is read from there: far faster than to try each word.
_RUN: Final = re.compile(r"[0-9](?:[^\s0-9]{0,3}[0-9]){2}")
_LEAD: Final = re.compile(r"(?:[A-Za-z]{1,12}[./-]?|[A-Z]{1,4} (?:[0-9]{1,2} )?)$")
_TELLING: Final = 56  # characters before a value in which such a word stands
_IS: Final = (
    r"[\"')]?(?: ?[:,])? ?(?:c'est|is|it's|that's|ist|das ist|est|es|e|jest|jest to|to|on) "
    rf"(?:{'|'.join(sorted(_WHOSE))}) "
)
_AS_SIGN: Final = re.compile(rf"[0-9](?: (?:{'|'.join(_LISTS['as'])}) | ?\([^\W\d_]+\)|{_IS})")
_LEADING: Final = 13  # characters of what stands before the digits


def numbered(text: str, _region: str) -> Iterator[Span]:
    """Numbers of somebody, or of what somebody has."""
    if _RUN.search(text) is None:
        return
    small = plain(text)
    words = words_of(text if text.isascii() else small)
    known = words & _KNOWN
    if any(map(_ends_known, words)):
        known |= set(filter(_ends_known, words))
    for start, end in _values(text, small, known) if known else ():
        score = _score(text, small, start, end)
        if score:
            more = None if text[start:end].isdigit() else _MORE.match(text, end)
            last = more.end() if more else end
            yield Span(start, last, "customer", compact(text[start:last]), score)
    if not text.isascii():
        yield from _eastern(text)


@lru_cache(maxsize=50_000)
def _ends_known(word: str) -> bool:
    return word.endswith(_ANY_ENDS)


def _spots(small: str, known: Iterable[str]) -> Iterator[int]:
    """Where known words begin; also within others."""
    for word in known:
        place = small.find(word)
        while place >= 0:
            yield place
            place = small.find(word, place + 1)


def _runs(text: str, spots: Iterable[int]) -> Iterator[re.Match[str]]:
    """Three digits close together, near behind some places."""
    done = 0
    for spot in spots:
        for run in _RUN.finditer(text, max(done, spot), spot + _TELLING):
            done = run.end()
            yield run


def _values(text: str, small: str, known: frozenset[str]) -> Iterator[tuple[int, int]]:
    """Where values stand that may be numbers of somebody: near a word that tells."""
    anywhere = range(0, len(text), _TELLING)
    spots = anywhere if _AS_SIGN.search(small) else sorted(_spots(small, known))
    done = 0
    for run in _runs(text, spots):
        place = run.start()
        if place < done:
            continue
        lead = _LEAD.search(text, max(done, place - _LEADING), place)
        match = (lead and _VALUE.match(text, lead.start())) or _VALUE.match(text, place)
        if match is None:
            continue
        start, done = match.span()
        if " " in match[0] and (groups := _GROUPS.match(text, done)):
            done = groups.end()
        head = match[0].partition(" ")[0].lower()
        joins = head in _JOINS and not match[0].partition(" ")[0].isupper()
        if " " in match[0] and (joins or head in _NUMBERS or (head,) in _ANY):
            start += len(head) + 1
        value = text[start:done]
        if sum(map(str.isdigit, value)) >= _LEAST and not _OTHER.fullmatch(value.lower()):
            yield start, done


def _is_share(value: str) -> bool:
    """`12/48`: so many of so many, rather than a number with a year or a part."""
    match = _SHARE.fullmatch(value)
    return match is not None and len(match[2]) - len(match[1]) in (0, 1)


_SHARE: Final = re.compile(r"(?!(?:19|20)\d\d/)([1-9]\d*)/([1-9]\d*)")
# Of `PX 40 118 773 2`, which begins with letters.
_GROUPS: Final = re.compile(r"(?: \d{1,8}){1,5}(?![0-9A-Za-z]|[.,:/-]\d| ?[€$£¥%°])")
_MORE: Final = re.compile(r"(?: \d{3,8}){1,3}(?![0-9A-Za-z]|[.,:/-]\d| ?[€$£¥%°])")
_LEAST: Final = 3  # digits
_NUMBERED: Final = 0.8
_ALONE: Final = 0.6


class _Before(NamedTuple):
    """What stands before a value in its sentence.

    Attributes:
        value: it.
        counts: whether it is rather a count or an amount.
        words: and marks, in small letters.
        last: the place of the word to which the value is joined; -1 where there is none.
        said: whether a colon or a verb joins them.
        written: whether people write so, and no program: no key before it, no small letters in it.
    """

    value: str
    counts: bool
    words: list[str]
    last: int
    said: bool
    written: bool

    @property
    def word(self) -> str:
        """To which the value is joined."""
        return self.words[self.last]

    def holder(self, place: int) -> tuple[str, ...]:
        """The longest phrase of a list that ends at a place."""
        for count in range(_LONGEST, 0, -1):
            phrase = tuple(self.words[max(0, place + 1 - count) : place + 1])
            if phrase in _ANY:
                return phrase
        return ()

    @property
    def is_of_device(self) -> bool:
        """Whether it is the number of what somebody wears, whose maker knows who does."""
        sentence = f" {' '.join(self.words)}"
        worn = any(f" {device}" in sentence for device in _DEVICES)
        return worn and (self.said or self.word in _NUMBERS or self.word in _SERIES)

    def has_number(self, place: int) -> bool:
        """Whether a word for a number stands a few words before a place, and nothing of trade."""
        for word in reversed(self.words[max(0, place + 1 - _MOST) : place + 1]):
            if _is_trade(word):
                return False
            if word in _NUMBERS and word != "no":  # there is no contract
                return True
        return False

    def is_of_somebody(self, place: int) -> bool:
        """Whether words before a place say whose something is, and that it is not of trade."""
        near = self.words[max(0, place - _NEAR) : place + 1]
        return not _CUES.isdisjoint(near) and not any(map(_is_trade, near))


def _before(text: str, small: str, start: int, end: int) -> _Before:
    words = _words_before(small, start)
    last, said = _joined(words)
    value = text[start:end]
    head = small.rfind(words[last], 0, start) if last >= 0 else start
    keyed = _KEY_BEFORE.search(small, max(0, head - 2), head)
    if keyed and keyed[0][0].isalpha():
        keyed = None if last >= 0 and words[last] in _NUMBERS - _KEYS else keyed
    written = value == value.upper() and "_" not in value and len(value) <= _LONG
    written = written and not keyed and small[start - 1] != '"'
    return _Before(value, _counts(small, value, end), words, last, said, written)


_KEY_BEFORE: Final = re.compile(r"[^\W\d_]?-$|[_:/.<@=]$")
_LONG: Final = 24  # signs
_NEAR: Final = 5  # words


def _score(text: str, small: str, start: int, end: int) -> float:
    """How sure the words around a value make that it is the number of somebody."""
    before = _before(text, small, start, end)
    if _is_said_behind(small, end):
        return _NUMBERED if _is_long(before.value, 4) else 0.0
    if before.last < 0:
        return 0.0
    if before.last < _FEW and before.word in _NUMBERS and _KEPT_BEHIND.match(small, end):
        return _ALONE if _is_long(before.value, 4) else 0.0
    if before.is_of_device:
        return _ALONE if _is_long(before.value, 5) else 0.0
    found = before.holder(before.last)
    if found in _SCHEMES and not _in_capitals(text, small, before.word, start):
        return 0.0
    return _joined_to(before, found)


def _joined_to(before: _Before, found: tuple[str, ...]) -> float:
    """By the word to which a value is joined."""
    word = before.word
    if word in _NUMBERS or (word == "n" and before.last + 1 < len(before.words)):  # `n°`
        return _of_number(before, before.last)
    if found:
        return _of_holder(before, found)
    if word in _KEPT:
        return _of_number(before, before.last - 1)
    if compound := _COMPOUND.fullmatch(word):
        return _of_compound(compound[1], before)
    return 0.0 if _is_trade(word) else _of_head(before) or _of_phrase(before)


def _of_phrase(before: _Before) -> float:
    """Behind what somebody has and whose it is: `the file of Mrs Lee, ZK/774-19`, `Akte Lenz: `."""
    words, last, value = before.words, before.last, before.value
    marks = words[last + 1 :]
    is_code = sum(map(str.isdigit, value)) >= 4 and len(compact(value)) >= 6
    if not (is_code and before.written and {",", ":"}.intersection(marks)):
        return 0.0
    if value.isdigit() and (":" not in marks or before.counts):
        return 0.0
    for place in range(last - 1, max(-1, last - 5), -1):
        if _is_trade(words[place]) or _is_trade(words[last]):
            return 0.0
        if before.holder(place):
            beside = place == last - 1 and ":" in marks
            return _ALONE if beside or words[place + 1] in _OF else 0.0
    return 0.0


def _of_holder(before: _Before, found: tuple[str, ...]) -> float:
    """Behind somebody, or what somebody has: with a word for a number, or a code."""
    if before.has_number(before.last - len(found)):
        return _NUMBERED if _is_long(before.value, 4) else 0.0
    if found in _PAPERS:
        return _of_head(before)
    if not before.written or before.counts:
        return 0.0
    return _ALONE if _is_code(before.value, found, said=before.said) else 0.0


def _of_head(before: _Before) -> float:
    """Behind what is somebody's by the end of its word, or before its name."""
    named = before.words[max(0, before.last - 2) : before.last + 1]
    headed = before.word.endswith(_ENDS_OF_HEADS) or not _HEADS.isdisjoint(named)
    if not headed or not before.written or before.counts:
        return 0.0
    digits = sum(map(str.isdigit, before.value))
    return _ALONE if digits >= 8 or (5 <= digits < len(compact(before.value))) else 0.0


def _of_number(before: _Before, last: int) -> float:
    """After a word for a number: of somebody who stands before it, or of what no list has."""
    words, beside, value = before.words, last, before.value
    while beside >= 0 and (
        words[beside] in _NUMBERS or words[beside] in _SIGNS or words[beside] == "n"
    ):
        beside -= 1
    for place in range(beside, max(-1, beside - _MOST), -1):
        if _is_trade(words[place]):
            return 0.0
        if before.holder(place) or words[place] in _HEADS or words[place].endswith(_ENDS_OF_HEADS):
            return _NUMBERED if _is_long(value, 4) else 0.0
    whose = words[beside] if beside >= 0 else ""
    if words[last] in _KEYS and before.last == last:
        return _ALONE if whose in _WHOSE and _is_long(value, 6) else 0.0
    somebody = before.written and whose.isalpha() and before.is_of_somebody(beside)
    return _ALONE if somebody and whose not in _WHOSE and _is_long(value, 6) else 0.0


def _of_compound(noun: str, before: _Before) -> float:
    """A number whose word is joined to that of somebody, or to what somebody has."""
    if (noun,) in _HOLDERS or noun.startswith(_STEMS) or noun.rstrip("sn").endswith(_ENDS_OF_HEADS):
        return _NUMBERED if _is_long(before.value, 4) and not _is_trade(noun) else 0.0
    somebody = before.written and before.is_of_somebody(before.last)
    return _ALONE if somebody and not _is_trade(noun) and _is_long(before.value, 6) else 0.0


def _words_before(small: str, start: int) -> list[str]:
    """The words and marks of the sentence before a value."""
    words = _TOKEN.findall(small, max(0, start - _REACH), start)
    for place in range(len(words) - 3, -1, -1):
        if words[place] in "!?;\n" or words[place].isdigit() or _ends_sentence(words, place):
            return words[place + 1 :]
    return words


def _ends_sentence(words: list[str], place: int) -> bool:
    """Whether a dot is more than the end of what is shortened: `Kd.`, `Beitragsnr.`."""
    before = words[place - 1]
    return words[place] == "." and len(before) > _SHORT and not before.endswith(("nr", "nro"))


def _joined(words: list[str]) -> tuple[int, bool]:
    """Where before a value the word stands that it belongs to, and whether it is said of it."""
    last, said = len(words) - 1, False
    while last >= 0 and (words[last] in _SIGNS or words[last] in _JOINS or words[last] == "\n"):
        if last and _ends_sentence(words, last):
            return -1, said
        said |= words[last] in _SAYING
        last -= 1
    return last, said


def _in_capitals(text: str, small: str, word: str, start: int) -> bool:
    """Whether the last such word before a value is written large."""
    place = small.rfind(word, 0, start)
    return text[place : place + len(word)].isupper()


def _is_trade(word: str) -> bool:
    return word not in _JOINS and (word in _TRADE or word.startswith(_TRADE_STEMS))


def _is_long(value: str, least: int) -> bool:
    """Whether a value has so many digits, or with letters so many signs."""
    digits = sum(map(str.isdigit, value))
    return digits >= least or (digits >= _LEAST and len(compact(value)) > least)


def _is_code(value: str, holder: tuple[str, ...], *, said: bool) -> bool:
    """Whether a value behind a noun is its number and counts nothing."""
    digits, signs = sum(map(str.isdigit, value)), len(compact(value))
    if holder in _SCHEMES:
        return digits >= 7 or (digits >= 4 and signs >= 8)
    if digits < signs:  # letters and digits count nothing
        return signs >= 5 and (digits >= 4 or holder in _PEOPLE)
    least = (4 if said else 5) if holder in _PEOPLE or value[0] == "0" else 6
    return digits >= least


def _counts(small: str, value: str, end: int) -> bool:
    """Whether figures are rather how many there are or how much: round, or with a unit."""
    if _is_share(value):
        return True
    if not value.isdigit():
        return False
    follower = _FOLLOWER.match(small, end)
    word = follower[1] if follower else ""
    round_ = value.endswith("000") or (value.endswith("00") and len(value) < 6)
    return round_ or word in _UNITS or (follower is not None and word is None)


_AS: Final = re.compile(
    rf"(?: (?:{'|'.join(_LISTS['as'])}) |{_IS})((?:[^\W\d_]+ ?){{1,5}})|[ ]?\(([^\W\d_]+)\)"
)
_KEPT_BEHIND: Final = re.compile(
    rf",? (?:[^\W\d_]+ ){{0,8}}(?:{'|'.join(map(re.escape, sorted(_KEPT)))})(?![^\W_])"
)
_FEW: Final = 4  # words of a phrase with which a sentence begins: `Unter der Nummer`


def _is_said_behind(small: str, end: int) -> bool:
    """Whether words behind a value say of whom it is: `88213 als Kunde`, `88213 (client)`."""
    match = _AS.match(small, end)
    words = (match[1] or match[2]).split() if match else []
    return any((word,) in _ANY or word in _HEADS or word.startswith(_STEMS) for word in words)


_EASTERN_VALUE: Final = (
    r"[ :=是为為(「“]{0,3}(?P<value>[A-Za-z]{0,4}-?\d[0-9A-Za-z]*(?:[/-][0-9A-Za-z]+){0,3})"
    r"(?![0-9A-Za-z]|[.,:]\d| ?[%万元年岁个名人位条块家次份户张台辆件$€])"
)
_EASTERN_HOLDER: Final = re.compile(
    rf"(?P<who>{alternation(_LISTS['eastern_people'])})(?:的|名下)?(?:编号|号码|號碼|编码|代码|号|id)?"
    rf"{_EASTERN_VALUE}"
    rf"|(?:{alternation(_LISTS['eastern_things'])})(?:的|上)?(?:编号|号码|號碼|编码|序列号|号)?"
    rf"{_EASTERN_VALUE.replace('value', 'thing')}"
    rf"|(?P<noun>[\u4e00-\u9fff]{{0,3}}?[卡证户])(?:的|上)?(?:号码|编号|号)?"
    rf"{_EASTERN_VALUE.replace('value', 'number')}"
)
_EASTERN_TRADE: Final = re.compile(alternation(_LISTS["eastern_trade"]))
_LEAST_OF: Final = {"value": 4, "thing": 6, "number": 8}


def _eastern(text: str) -> Iterator[Span]:
    """The same where no blanks part words."""
    for match in _EASTERN_HOLDER.finditer(text):
        group = next(name for name in _LEAST_OF if match[name])
        value = match[group]
        if match["noun"] and _EASTERN_TRADE.search(text, match.start(), match.end("noun")):
            continue
        least = _LEAST_OF[group] if value.isdigit() or group == "number" else 4
        if _is_long(value, least) and not (_OTHER.fullmatch(value) or _is_share(value)):
            yield Span(*match.span(group), "customer", compact(value), _ALONE)


_TELLING_WORDS: Final = Telling(_KNOWN, end=_ANY_ENDS)


def _may_hold_numbers(seen: Glances) -> Bools:
    return seen.digit & seen.says(_TELLING_WORDS)


NOUNS: Final = Finder.coded("customer", numbered, name="nouns", sieve=_may_hold_numbers)
