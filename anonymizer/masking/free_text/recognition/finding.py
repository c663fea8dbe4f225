"""One pass over a text: each finder sees what the ones before it have left."""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import groupby
from typing import Final

from anonymizer.masking.free_text.recognition import dates
from anonymizer.masking.free_text.recognition.addresses import addresses, towns
from anonymizer.masking.free_text.recognition.basis.finder import KINDS, THRESHOLD, Finder, Searcher
from anonymizer.masking.free_text.recognition.basis.folding import Span, fold
from anonymizer.masking.free_text.recognition.contacts import online, phones
from anonymizer.masking.free_text.recognition.identifiers.banks import (
    BANKS,
    BIC,
    EXPIRY,
    cards,
    ibans,
)
from anonymizer.masking.free_text.recognition.identifiers.labels import LABELS
from anonymizer.masking.free_text.recognition.identifiers.online import ONLINE
from anonymizer.masking.free_text.recognition.identifiers.scan import Scan
from anonymizer.masking.free_text.recognition.identifiers.secrets import SECRETS
from anonymizer.masking.free_text.recognition.identifiers.states.europe import EUROPE
from anonymizer.masking.free_text.recognition.identifiers.states.world import FIRMS, WORLD
from anonymizer.masking.free_text.recognition.identifiers.things import THINGS
from anonymizer.masking.free_text.recognition.people import people

Step = tuple[int, tuple[str, ...], Searcher]
_TAKEN: Final = "\0"

# In order of certainty: what is found is blanked out for all that follow. Those without a function
# of their own stand together and are looked for in one scan.
FINDERS: Final[tuple[Finder, ...]] = (
    *SECRETS,
    Finder.coded("url", online.addresses_with_scheme),
    Finder.coded("email", online.emails),
    *ONLINE,
    Finder.coded("url", online.bare_domains, name="domain"),
    Finder.coded("ip", online.internet_addresses, digits=1),
    *THINGS,
    Finder.coded("iban", ibans, digits=8),
    FIRMS,
    *EUROPE,
    *WORLD,
    *LABELS,
    *BANKS,
    Finder.coded("date", dates.dates),
    Finder.coded("age", dates.ages),
    EXPIRY,
    BIC,
    Finder.coded("card", cards, digits=12),
    Finder.coded("phone", phones.phones, digits=6),
    Finder.coded("address", addresses),
    Finder.coded("name", people),
    Finder.coded("place", towns),
)
PII_TYPES: Final[tuple[str, ...]] = tuple(
    kind for kind in KINDS if any(finder.kind == kind for finder in FINDERS)
)


def find(
    raw: str,
    kinds: Collection[str] = PII_TYPES,
    region: str = "US",
    threshold: float = THRESHOLD,
) -> list[Span]:
    """What is recognised in a text, in its order; spans do not overlap.

    Args:
        raw: the text.
        kinds: which of PII_TYPES to look for.
        region: the country (ISO 3166) whose phone numbers need no country code.
        threshold: how sure it must be, from 0 to 1.
    """
    folded = fold(raw)
    text, spans, weak = _without_tags(folded.text), list[Span](), list[Span]()
    digits, small = sum(map(str.isdigit, text)), text.lower()
    for least, needs, search in _steps(tuple(kinds), min(threshold, THRESHOLD)):
        if digits < least or (needs and not any(map(small.__contains__, needs))):
            continue
        found = sorted(search(text, region), key=lambda span: span.start)
        sure = [span for span in found if span.score >= THRESHOLD]
        weak += [folded.raw(span) for span in found if threshold <= span.score < THRESHOLD]
        if sure:
            text = _without(text, sure)
        spans += [folded.raw(span) for span in sure if span.score >= threshold]
    return merged([*spans, *_repeated(raw, spans), *_apart(weak, spans)])


_TAG: Final = re.compile(r"<[A-Z]+(?:_[0-9a-f]{12})?>")


def _without_tags(text: str) -> str:
    """The text with blanks for tags, so that one that was scrubbed before stays as it is."""
    return _TAG.sub(lambda tag: " " * len(tag[0]), text) if "<" in text else text


@lru_cache(maxsize=64)
def _steps(kinds: tuple[str, ...], threshold: float) -> tuple[Step, ...]:
    """What is searched for, one after the other, each with the digits that a text must have."""
    steps = list[Step]()
    for coded, some in groupby(FINDERS, key=lambda finder: finder.search is not None):
        wanted = tuple(finder for finder in some if finder.kind in kinds)
        if coded:
            steps += [(each.digits, each.needs, each.search) for each in wanted if each.search]
        elif wanted:
            steps.append((2, (), Scan(wanted, threshold)))
    return tuple(steps)


def _apart(spans: list[Span], others: list[Span]) -> list[Span]:
    """Those spans that share no character with the others."""
    return [
        span
        for span in spans
        if all(span.end <= other.start or other.end <= span.start for other in others)
    ]


def _without(text: str, found: list[Span]) -> str:
    """The text with what was found blanked out; its length stays."""
    pieces, place = [], 0
    for span in found:
        start = max(place, span.start)
        pieces += [text[place:start], _TAKEN * (span.end - start)]
        place = max(place, span.end)
    return "".join([*pieces, text[place:]])


def _repeated(raw: str, spans: list[Span]) -> Iterator[Span]:
    """The same values where nothing around says what they are: found once is found everywhere."""
    for value, span in {raw[span.start : span.end]: span for span in spans}.items():
        if len(value) < 6 or raw.count(value) < 2:
            continue
        for match in re.finditer(rf"(?<![^\W_]){re.escape(value)}(?![^\W_])", raw):
            yield replace(span, start=match.start(), end=match.end())


def merged(spans: Iterable[Span]) -> list[Span]:
    """Spans in order; those that overlap become one of the kind of the longest."""
    result: list[Span] = []
    longest = 0
    for span in sorted(spans, key=lambda place: (place.start, -place.end)):
        if not result or span.start >= result[-1].end:
            result.append(span)
            longest = span.end - span.start
            continue
        last, length = result[-1], span.end - span.start
        leading = span if length > longest else last
        longest = max(longest, length)
        result[-1] = replace(
            leading,
            start=last.start,
            end=max(last.end, span.end),
            score=max(last.score, span.score),
        )
    return result
