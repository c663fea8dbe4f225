"""All finders that have forms or words, in one scan of a text.

A text is read as its *shape*: 9 for a digit, A for a letter, all else as it stands. One pattern
takes the places whose shape is a form of some finder, one the words that finders know; what a place
is then follows from its check and from the words around it, by the rule of `finder.py`.
"""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cached_property, lru_cache
from typing import Final

from anonymizer.masking.free_text.basis.announced.words import Hit, Words, fillers
from anonymizer.masking.free_text.basis.characters import Bools
from anonymizer.masking.free_text.basis.finder import (
    HINT,
    SURE,
    TEXT,
    Finder,
    Way,
    compact,
)
from anonymizer.masking.free_text.basis.folding import Span, plain, shape_of
from anonymizer.masking.free_text.basis.glances import Glances
from anonymizer.masking.free_text.basis.lists import listed

_TOKEN_END: Final = re.compile(rb"[A9]+(?![A9])")
_FAR: Final = re.compile(
    r"(?:[^\d\n.;!?]|\b(?:mrs?|ms|dr|prof|sra?|hr|fr|dhr|"
    r"mevr)\.){1,32}?(?<![a-z])(?=[a-z]{0,4}-?\d)"
)
_BREAK: Final = re.compile(r"\d|[.!?;]\s|\n")
_JOINING: Final = frozenset("-/_#")
_TOGETHER: Final = 6  # digits of a telling form that has no letter beside a digit
_FURTHEST: Final = 160  # characters to the first digit of a value
_NEAR: Final = 48  # characters between a word and its value
_WESTERN, _EASTERN = fillers()
# What may stand between a word and its value: `no. is`, `: `, `" : "`, `> `.
_REMARK: Final = r"(?: ?\([^()\d\n]{2,40}\))?"  # `(copied from the card)`
_GAP: Final = re.compile(
    rf"{_REMARK}(?:[^\w\n]{{0,4}}(?:{_WESTERN})(?=[^\w-]|$)|[^\w\n]{{0,3}}(?:{_EASTERN})){{0,8}}"
    r"[^\w\n+]{0,5}\n?[^\w\n+]{0,5}"
)
_CAPITALS: Final = re.compile(r"(?<![A-Za-z])(?!(?:NO|NR|N|ID|NUM)\b)[A-Z]{1,3}[ -]?$")
_SAYS: Final = re.compile(
    r"(?:[:=(]|\b(?:is|says|reads|shows|ist|lautet|est|es|e|jest|on|ar|er|be|ware|ser|essere|olla|byc|faut|"
    r"moet)) ?[\"']?$"
)
_BEHIND: Final = re.compile(
    r"[^\w\n]{0,3}(?:(?:is|as|=|ist|als|est|es|comme|como|come|my|the|his|her|mein\w*|mon|ma|mi|"
    r"il|la|le|el|own)[^\w\n]{1,2}){0,3}"
)
# What stands between a value and its word behind it.
_VERBS: Final = listed("is was are ist war lautet est était es era è é on oli to jest był była")
_OURS: Final = ("mein", "ihr", "sein", "unser")
_IS_HIS: Final = re.compile(
    rf"(?i)[\"')]?,?(?:(?: ?:)? (?:{'|'.join(sorted(_VERBS))}|to jest|c'est)| ?[是为])"
    r"(?: ?(?:the|my|his|her|their|our|your|a|new|old|correct|right|current|"
    r"die|der|das|mein\w{0,2}|ihr\w{0,2}|sein\w{0,2}|unser\w{0,2}|neue?|alte?|richtige?|aktuelle?|"
    r"le|la|l'|les|mon|ma|son|sa|votre|nouveau|nouvelle|bon|bonne|el|su|mi|tu|nuevo|nueva|correcto|il|lo|mio|mia|"
    r"suo|sua|nuovo|nuova|o|meu|minha|seu|novo|nova|het|de|mijn|zijn|haar|nieuwe?|juiste|asiakkaan|"
    r"minun|uusi|hänen|oikea|mój|moja|moje|jego|jej|nowy|nowa|nowe|客户的?|我的?|他的?|她的?|新的?|"
    r"正确的?)){0,3} ?$|"
    rf"(?i: (?:{'|'.join(_OURS)})\w{{0,2}} $)"
)
_GROUPS: Final = re.compile(
    r"(?<![^\W_])[0-9A-Za-z][0-9A-Za-z./-]*(?: [0-9A-Z./-]*\d[0-9A-Z./-]*)+$"
)
_GROUP: Final = re.compile(r"(?<![^\W_])[0-9A-Za-z][0-9A-Za-z./-]*$")
# A code of letters and digits after a word: groups of which each has a digit, a letter at the end.
CODE: Final = (
    r"(?:[A-Za-z]{1,6}[ ./-]?)?\d[0-9A-Za-z]*"
    r"(?:(?:[./-]|[ ](?=[A-Za-z]{0,2}\d\d|[A-Za-z][ .-]?\d|"
    r"\d(?!\w)))[A-Za-z]{0,3}[ ]?\d[0-9A-Za-z]*)*"
    r"(?:[ /-]?[A-Z](?![0-9A-Za-z]))?"
)


_DATE: Final = re.compile(r"\d{1,2}([./-])\d{1,2}\1(?:\d{4}|\d\d)|\d{4}([./-])\d{1,2}\2\d{1,2}")
# Kinds that people use for each other: the word before a number is for one, its form another's.
_FAMILY: Final = {"id": "id", "ssn": "id", "passport": "id", "licence": "id"}
_LEAST_DIGITS: Final = 4
_SHARE: Final = re.compile(r"\d{1,6}/\d{1,6}")  # of something: so many of so many
_LONG: Final = 7  # figures: so many count nothing
_COUNTED: Final = re.compile(
    r" ?(?:(?i:pcs|pieces|stk|st[üu]ck|pi[èe]ces|piezas|pezzi|peças|stuks|szt|sztuk|kpl|units|"
    r"bytes?|octets|tavua|bajt\w+|ms|x|kg|ml|mm|cm|km|gb|mb|kb|euros?|eur)(?![^\W_])|[%€$£])"
    r"| (?:of|von|sur|de|di|van|z) \d"
)
_ZEROS: Final = str.maketrans(dict.fromkeys("123456789", "0"))
_TEMPLATES: Final = 1_000  # texts whose words are remembered
_SHORT: Final = 3  # letters of words such as `sin`, `run` and `pan`, which are others as well


class Scan:
    """Finders compiled together; what none of them can be sure of is not looked at."""

    def __init__(self, finders: Iterable[Finder], threshold: float) -> None:
        self._finders = {finder.name: finder for finder in finders}
        self._values = {
            name: re.compile(f"(?:{each.value or CODE})(?![0-9A-Za-z])")
            for name, each in self._finders.items()
        }
        self._words = Words({name: each.words for name, each in self._finders.items()})
        self._of_form: dict[str, list[Finder]] = defaultdict(list)
        for finder in self._finders.values():
            for form in dict.fromkeys((*finder.forms, *finder.common)):
                self._of_form[form].append(finder)
        self._threshold = threshold

    @cached_property
    def _any_form(self) -> re.Pattern[bytes]:
        return _pattern_of(self._of_form)

    @cached_property
    def _telling_form(self) -> re.Pattern[bytes]:
        return _pattern_of(self._telling)

    @cached_property
    def gates(self) -> tuple[Way, ...]:
        """What texts in which something could be found are like, at a glance and closely.

        They have a form that tells what it is without a word, or a word and a digit.
        """
        form = _either(self._telling, {"9": "[0-9]", "A": "[a-z]"})
        alone = TEXT.str.contains(f"(?:^|[^0-9a-z])(?:{form})(?:[^0-9a-z]|$)")
        telling, composed = self._words.telling, self._words.composed

        def has_form(seen: Glances) -> Bools:
            return seen.digit & (seen.near(_TOGETHER) | seen.mixed)

        def has_word(seen: Glances) -> Bools:
            return seen.digit & (seen.says(telling) | composed.may_stand(seen))

        return ((has_word, None), *([(has_form, alone)] if form else []))

    def gates_for(self, kinds: Collection[str]) -> tuple[Way, ...]:
        """The same of texts in which something of some kinds could be found; none of others."""
        families = {_FAMILY.get(kind, kind) for kind in kinds}
        some = [each for each in self._finders.values() if _family(each) in families]
        if len(some) == len(self._finders):
            return self.gates
        return Scan(some, self._threshold).gates if some else ()

    @property
    def _telling(self) -> list[str]:
        """The forms that may tell what they are without a word."""
        return [
            form
            for form, finders in self._of_form.items()
            if any(_best(each, form) >= self._threshold for each in finders)
        ]

    def __call__(self, text: str, _region: str) -> Iterator[Span]:
        """What is found in a folded text; spans may overlap."""
        small = plain(text)
        shape = bytearray(shape_of(text))
        if b"9" not in shape:
            return
        hits = self._hits(small.translate(_ZEROS))
        for place, hit in enumerate(hits):
            taken = not shape[hit.start]  # as part of a value
            if hit.means and not taken and shape.find(b"9", hit.end, hit.end + _FURTHEST) >= 0:
                for span in self._after(text, small, shape, hit, hits[place + 1 : place + 3]):
                    shape[span.start : span.end] = bytes(span.end - span.start)
                    yield span
            first, last = _before(hit)
            may_be_said = (
                hit.means and not taken and shape.find(b"9", max(0, first - _NEAR), last) >= 0
            )
            if (
                may_be_said
                and _may_say(text[first:last])
                and (match := _IS_HIS.search(text, first, last))
            ):
                for span in self._said(text, shape, match.start(), hit):
                    shape[span.start : span.end] = bytes(span.end - span.start)
                    yield span
        yield from self._formed(text, small, shape, hits)

    @cached_property
    def _hits(self) -> Callable[[str], list[Hit]]:
        """The known words of a text, whatever its digits are: those of many texts are the same."""
        return lru_cache(maxsize=_TEMPLATES)(self._words.hits)

    def _after(
        self, text: str, small: str, shape: bytearray, hit: Hit, others: list[Hit]
    ) -> Iterator[Span]:
        """The value that a word announces, if one does before the next known word."""
        finder = self._finders[hit.means]
        exact = _is_exact(hit, finder)
        for start, is_far in _places_of_value(text, small, hit.end):
            end = self._end_of_value(text, shape, start, finder, exact=exact)
            after = hit.end if is_far else start  # before that stand but words that join
            if end is not None and not _is_cut(text, after, start, end, others):
                value = compact(text[start:end])
                if not is_far or (_is_code(value) and not _SHARE.fullmatch(text, start, end)):
                    yield Span(start, end, finder.kind, value, finder.scores.worded)
                return

    def _said(self, text: str, shape: bytearray, end: int, hit: Hit) -> Iterator[Span]:
        """The value of a word that is said of it: `4711 is my customer number`."""
        finder = self._finders[hit.means]
        start = max(0, end - _NEAR)
        for first in (_GROUPS.search(text, start, end), _GROUP.search(text, start, end)):
            if first is None or not shape.count(b"9", first.start(), end):
                continue
            whole = self._values[finder.name].fullmatch(text, first.start(), end)
            if whole and len(whole[0]) >= _SHORT and not _is_exact(hit, finder):
                value = compact(whole[0])
                yield Span(first.start(), end, finder.kind, value, finder.scores.worded)
                return

    def _end_of_value(
        self, text: str, shape: bytearray, start: int, finder: Finder, *, exact: bool
    ) -> int | None:
        """One past the value that begins at a place: in a known form, or whatever follows a word.

        Words of few letters are often other words as well: `exact` asks for their own forms.
        """
        form = self._any_form.match(shape, start)
        known = self._of_form[form[0].decode("latin-1")] if form else []
        value = None if exact else self._values[finder.name].match(text, start)
        if form and (
            finder in known or (not exact and any(_related(each, finder) for each in known))
        ):
            return max(form.end(), value.end() if value and finder.value else 0)
        if value is None or _DATE.fullmatch(value[0]):
            return None
        enough = finder.value or sum(map(str.isdigit, value[0])) >= _LEAST_DIGITS
        if len(compact(value[0])) < _SHORT or _is_count(text, *value.span()):
            return None
        return value.end() if enough else None

    def _formed(self, text: str, small: str, shape: bytearray, hits: list[Hit]) -> Iterator[Span]:
        """Values whose form some finder knows."""
        pattern = self._any_form if any(hit.means for hit in hits) else self._telling_form
        ends = [hit.end for hit in hits]
        place = 0
        while match := pattern.search(shape, place):
            span = self._judged(text, small, match, hits, ends)
            place = _next_token(shape, match.start()) if span is None else span.end
            if span is not None:
                yield span

    def _judged(
        self, text: str, small: str, match: re.Match[bytes], hits: list[Hit], ends: list[int]
    ) -> Span | None:
        """The likeliest reading of a place, if it is likely enough."""
        start, end, form = match.start(), match.end(), match[0].decode("latin-1")
        if not _stand_apart(text[start:end], form):
            return None
        word = nearest(small, hits, ends, start, end)
        value, best = compact(text[start:end]), (0.0, "")
        for finder in self._of_form[form]:
            score = self._score(finder, form, value, word, _is_part(text, start, end))
            best = max(best, (score, finder.kind), key=lambda pair: pair[0])
        score, kind = best
        return Span(start, end, kind, value, score) if score >= self._threshold else None

    def _score(self, finder: Finder, form: str, value: str, word: Hit | None, part: bool) -> float:
        """How sure the evidence makes of one finder, by the rule of `finder.py`."""
        named = self._finders.get(word.means) if word else None
        if named is not None and _related(named, finder):
            return finder.scores.worded
        limit = _best(finder, form)
        if limit < self._threshold or (finder.check is not None and not finder.check(value)):
            return 0.0
        return 0.0 if (word or part) and limit < SURE else limit


def _is_exact(hit: Hit, finder: Finder) -> bool:
    """Whether a word is short enough to be another, and its values have forms to go by."""
    return len(hit) <= _SHORT and bool(finder.forms or finder.common)


def _is_count(text: str, start: int, end: int) -> bool:
    """Whether few figures count something: `1000 pieces`, `80 of 120`."""
    return text[start:end].isdigit() and end - start < _LONG and bool(_COUNTED.match(text, end))


def _may_say(before: str) -> bool:
    """Whether words before a known one may say that what stands there is it."""
    words = before.lower().split()
    return (
        not before.isascii()
        or not _VERBS.isdisjoint(words)
        or (bool(words) and words[-1].startswith(_OURS))
    )


def _before(hit: Hit) -> tuple[int, int]:
    """Where it may be said of a value that it is what the word means."""
    return max(0, hit.start - _NEAR), hit.start


def _places_of_value(text: str, small: str, end: int) -> Iterator[tuple[int, bool]]:
    """Where the value of a word may begin: behind it, or after words like `of Mrs Lee is `."""
    gap = _GAP.match(small, end)
    place = gap.end() if gap else end
    around = text[max(0, end - _NEAR) : place + _NEAR]
    capitals = None if around.isupper() else _CAPITALS.search(text, end, place)
    yield (capitals.start() if capitals else place), False
    later = _FAR.match(small, place)
    if later:
        said = _SAYS.search(small, end, later.end())
        yield later.end(), said is None


def _is_code(value: str) -> bool:
    """Whether a value is no quantity: six characters or more, and most of them digits."""
    return len(value) >= 6 and sum(map(str.isdigit, value)) >= 3


def _is_cut(text: str, after: int, start: int, end: int, others: list[Hit]) -> bool:
    """Whether another known word stands in between; letters joined to digits are none."""
    return any(
        after <= hit.start < end
        and not (hit.start == start and text[hit.end : hit.end + 1].isdigit())
        and not (
            hit.start > start
            and _JOINING.issuperset((text[hit.start - 1], text[hit.end : hit.end + 1]))
        )
        for hit in others
    )


def _pattern_of(forms: Iterable[str]) -> re.Pattern[bytes]:
    """Any of some forms, longer ones first, that is no part of a longer number or word."""
    return re.compile(
        rb"(?<![A9x])(?=[A .-]{0,9}9)(?<!9[.,:/-])(?:"
        + _either(forms, {}).encode()
        + rb")(?![A9x]|[.,:/-]9)"
    )


def _either(forms: Iterable[str], signs: Mapping[str, str]) -> str:
    """A pattern of any of some forms that reads what they begin with alike but once.

    Args:
        forms: none of them empty.
        signs: sign of a form → pattern; others stand for themselves.
    """
    rests = dict[str, list[str]]()
    for form in forms:
        rests.setdefault(form[:1], []).append(form[1:])
    ways = [
        signs.get(first, re.escape(first)) + _either(some, signs)
        for first, some in rests.items()
        if first
    ]
    if not ways:
        return ""
    joined = ways[0] if len(ways) == 1 else f"(?:{'|'.join(ways)})"
    return f"(?:{joined})?" if "" in rests else joined


def _best(finder: Finder, form: str) -> float:
    """What a value of a form is worth without a word, if its check is right."""
    most = finder.scores.alone if finder.check is None else finder.scores.checked
    return min(most, HINT) if form in finder.common else most


def _family(finder: Finder) -> str:
    return _FAMILY.get(finder.kind, finder.kind)


def _related(one: Finder, other: Finder) -> bool:
    return _family(one) == _family(other)


def _is_part(text: str, start: int, end: int) -> bool:
    """Whether a place is joined to what stands around, is called `#`, or is one of many groups."""
    if text[max(0, start - 1) : start] in _JOINING:
        return True
    if text[end : end + 1] in "-/_" and text[end + 1 : end + 2].isalnum():
        return True
    return " " in text[start:end] and (
        text[max(0, start - 2) : start - 1].isdigit() or text[end + 1 : end + 2].isdigit()
    )


def _stand_apart(value: str, form: str) -> bool:
    """Whether letters that a blank sets apart are capitals, and so no words."""
    return " " not in form or value == value.upper()


def _next_token(shape: bytearray, start: int) -> int:
    match = _TOKEN_END.search(shape, start)
    return match.end() if match else len(shape)


def nearest(small: str, hits: list[Hit], ends: list[int], start: int, end: int) -> Hit | None:
    """The known word that decides on a place: the last one before it, else one right behind."""
    place = bisect_right(ends, start)
    if place:
        hit = hits[place - 1]
        if start - hit.end <= _NEAR and not _BREAK.search(small, hit.end, start):
            return hit
    if place < len(hits) and hits[place].start >= end:
        gap = _BEHIND.match(small, end)
        if gap and gap.end() >= hits[place].start:
            return hits[place]
    return None
