"""One pass over a text: each finder sees what the ones before it have left."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from anonymizer.masking.free_text.asked import KINDS, OF_SOMEBODY
from anonymizer.masking.free_text.basis.finder import (
    THRESHOLD,
    Finder,
    Searcher,
    texts_for_gates,
)
from anonymizer.masking.free_text.basis.folding import (
    Folded,
    Span,
    blanked,
    fold,
    without_tags,
)
from anonymizer.masking.free_text.basis.glances import Glances, Sieve
from anonymizer.masking.free_text.recognition import dates
from anonymizer.masking.free_text.recognition.addresses import (
    addresses,
    may_hold_addresses,
    may_hold_towns,
    towns,
)
from anonymizer.masking.free_text.recognition.contacts import online, phones
from anonymizer.masking.free_text.recognition.identifiers.banks import (
    BANKS,
    BIC,
    EXPIRY,
    cards,
    ibans,
    may_hold_ibans,
)
from anonymizer.masking.free_text.recognition.identifiers.labels import LABELS
from anonymizer.masking.free_text.recognition.identifiers.nouns import NOUNS
from anonymizer.masking.free_text.recognition.identifiers.online import ONLINE
from anonymizer.masking.free_text.recognition.identifiers.scan import Scan
from anonymizer.masking.free_text.recognition.identifiers.secrets import SECRETS
from anonymizer.masking.free_text.recognition.identifiers.states.europe import EUROPE
from anonymizer.masking.free_text.recognition.identifiers.states.world import FIRMS, WORLD
from anonymizer.masking.free_text.recognition.identifiers.things import THINGS
from anonymizer.masking.free_text.recognition.people import may_hold_people, people


class Step(NamedTuple):
    """What is searched for, and what texts that may hold it are like: at a glance, and closely."""

    ways: tuple[tuple[Sieve | None, pl.Expr | None], ...]
    search: Searcher


_TAKEN: Final = "\0"
_IP_GATE: Final = r"[0-9]\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]|:[0-9a-f]{0,4}:"

# In order of certainty: what is found is blanked out for all that follow. Those without a function
# of their own stand together and are looked for in one scan.
FINDERS: Final[tuple[Finder, ...]] = (
    *SECRETS,
    Finder.coded(
        "url", online.addresses_with_scheme, sieve=lambda seen: seen.contains("://", "www")
    ),
    Finder.coded(
        "email", online.emails, gate=r"@|[(\[{] ?at ?[)\]}]", sieve=lambda seen: seen.has("@([{")
    ),
    *ONLINE,
    Finder.coded("url", online.bare_domains, name="domain", sieve=lambda seen: seen.dotted),
    Finder.coded(
        "ip",
        online.internet_addresses,
        gate=_IP_GATE,
        sieve=lambda seen: seen.counts(".", 3) | seen.counts(":", 2),
    ),
    *THINGS,
    Finder.coded("iban", ibans, sieve=may_hold_ibans),
    FIRMS,
    *EUROPE,
    *WORLD,
    *LABELS,
    *BANKS,
    NOUNS,
    EXPIRY,
    Finder.coded("date", dates.dates, gate=dates.MAY_HOLD_DATES, sieve=dates.may_hold_dates),
    Finder.coded("age", dates.ages, gate=dates.MAY_HOLD_AGES, sieve=dates.may_hold_ages),
    BIC,
    Finder.coded("card", cards, sieve=lambda seen: seen.near(12)),
    Finder.coded("phone", phones.phones, sieve=phones.may_hold_phones),
    Finder.coded("address", addresses, sieve=may_hold_addresses),
    Finder.coded("name", people, sieve=may_hold_people),
    Finder.coded("place", towns, sieve=may_hold_towns),
)
PII_TYPES: Final[tuple[str, ...]] = tuple(
    kind for kind in KINDS if any(finder.kind == kind for finder in FINDERS)
)


def find(
    raw: str,
    kinds: Collection[str] = PII_TYPES,
    region: str = "US",
    threshold: float = THRESHOLD,
    *,
    alone: bool = False,
) -> list[Span]:
    """What is recognised in a text, in its order; spans do not overlap.

    Args:
        raw: the text.
        kinds: which of PII_TYPES to look for.
        region: the country (ISO 3166) whose phone numbers need no country code.
        threshold: how sure it must be, from 0 to 1.
        alone: whether it does not matter what else a number could be, which costs the most.
    """
    return find_all([raw], kinds, region, threshold, alone=alone)[0]


def find_all(
    raws: Sequence[str],
    kinds: Collection[str] = PII_TYPES,
    region: str = "US",
    threshold: float = THRESHOLD,
    *,
    alone: bool = False,
) -> list[list[Span]]:
    """What is recognised in each of several texts, as in `find`.

    All of them are tried against the gates of the finders at once, so that a text meets only those
    that may find something in it.
    """
    folded = [_folded(raw) for raw in raws]
    steps = _steps(tuple(kinds), min(threshold, THRESHOLD), alone=alone)
    every = [step.search for step in steps]
    found: list[list[Span]] = [[] for _ in raws]
    for place, searches in _open([text for text, _ in folded], steps):
        text = Folded(*folded[place])
        spans = _found(raws[place], text, (searches, every), region, threshold)
        found[place] = [span for span in spans if span.pii_type in kinds]
    return found


def _found(
    raw: str,
    folded: Folded,
    searches: tuple[Sequence[Searcher], Sequence[Searcher]],
    region: str,
    threshold: float,
) -> list[Span]:
    """What some searches find in a text; of all of them those that another word is left for."""
    text, spans, weak = folded.text, list[Span](), list[Span]()
    some, every = searches
    left = iter(some)
    while (search := next(left, None)) is not None:
        found = list(search(text, region))
        if not found:
            continue
        if len(found) > 1:
            found.sort(key=attrgetter("start"))
        sure = [span for span in found if span.score >= THRESHOLD]
        weak += [folded.raw(span) for span in found if threshold <= span.score < THRESHOLD]
        if sure:
            if any(_cuts_word(text, span) for span in sure):
                left = iter(every[every.index(search) + 1 :])  # what is left is another word
            text = blanked(text, sure, _TAKEN)
        spans += [folded.raw(span) for span in sure if span.score >= threshold]
    if not (spans or weak):
        return []
    return merged([*spans, *_repeated(raw, spans), *_apart(weak, spans)])


def _cuts_word(text: str, span: Span) -> bool:
    """Whether a letter goes on before or behind a span."""
    pairs = text[max(0, span.start - 1) : span.start + 1], text[span.end - 1 : span.end + 1]
    return any(len(pair) > 1 and pair.isalpha() for pair in pairs)


def _open(texts: Sequence[str], steps: tuple[Step, ...]) -> Iterator[tuple[int, list[Searcher]]]:
    """The texts in which something may be found, and by which steps; all for a few short texts."""
    if len(texts) < _FEW and all(len(text) < _SHORT for text in texts):
        every = [step.search for step in steps]
        yield from ((place, every) for place in range(len(texts)))
        return
    for start, some in _chunks(texts):
        passing = _passing(some, steps)
        kinds, numbers = np.unique(np.packbits(passing, axis=1), axis=0, return_inverse=True)
        opened = [
            [
                step.search
                for step, is_open in zip(steps, np.unpackbits(kind), strict=False)
                if is_open
            ]
            for kind in kinds
        ]
        for place in np.flatnonzero(passing.any(axis=1)).tolist():
            yield start + place, opened[numbers[place]]


def _passing(texts: Sequence[str], steps: tuple[Step, ...]) -> npt.NDArray[np.bool_]:
    """For each text and step, whether it may find something there."""
    seen = Glances(texts)
    ways = [
        (
            place,
            gate,
            np.broadcast_to(True if sieve is None else sieve(seen) | seen.odd, len(texts)),
        )
        for place, step in enumerate(steps)
        for sieve, gate in step.ways
    ]
    passing = np.zeros((len(steps), len(texts)), np.bool_)
    close = np.flatnonzero(np.any([may for _, gate, may in ways if gate is not None], axis=0))
    frame = texts_for_gates(texts[place] for place in close.tolist())
    for place, gate, may in ways:
        if gate is None:
            passing[place] |= may
        elif len(near := np.flatnonzero(may[close])):
            near = near[frame[near].select(gate).to_series().to_numpy()]
            passing[place, close[near]] = True
    return passing.T


def _chunks(texts: Sequence[str]) -> Iterator[tuple[int, Sequence[str]]]:
    """Texts of so many characters together, or one, and the place of the first."""
    start, characters = 0, 0
    for place, text in enumerate(texts):
        if characters and characters + len(text) > _CHARACTERS:
            yield start, texts[start:place]
            start, characters = place, 0
        characters += len(text)
    yield start, texts[start:]


_HOLDING: Final = frozenset({"url", "handle", "secret"})  # what may hold something else
_FEW: Final = 16
_SHORT: Final = 1_000  # characters
_CHARACTERS: Final = 1_000_000  # of the texts that are looked at together


def _folded(raw: str) -> tuple[str, Sequence[int] | None]:
    """The text as patterns read it, without tags, and the places of its characters."""
    if raw.isascii():
        return without_tags(raw), None
    folded = fold(raw)
    return without_tags(folded.text), folded.origins


@lru_cache(maxsize=64)
def _steps(kinds: tuple[str, ...], threshold: float, *, alone: bool = False) -> tuple[Step, ...]:
    """What is searched for, one after the other, and the gates of each.

    Numbers before a kind that is asked for take what is their own, asked for or not, or half of a
    card would be a phone; names and places need none of that.
    """
    asked = [place for place, finder in enumerate(FINDERS) if finder.kind in kinds]
    numbers = () if alone else (place for place in asked if FINDERS[place].kind not in OF_SOMEBODY)
    last = max(numbers, default=-1)
    steps = list[Step]()
    for coded, some in groupby(enumerate(FINDERS), key=lambda each: each[1].search is not None):
        wanted = tuple(
            finder
            for place, finder in some
            if finder.kind in kinds or (place < last and finder.kind not in _HOLDING)
        )
        if coded:
            steps += [
                Step(((each.sieve, each.gate),), each.search) for each in wanted if each.search
            ]
        elif wanted:
            scan = Scan(wanted, threshold)
            steps.append(Step(scan.gates, scan))
    return tuple(steps)


def _apart(spans: list[Span], others: list[Span]) -> list[Span]:
    """Those spans that share no character with the others."""
    return [
        span
        for span in spans
        if all(span.end <= other.start or other.end <= span.start for other in others)
    ]


def _repeated(raw: str, spans: list[Span]) -> Iterator[Span]:
    """The same values where nothing around says what they are: found once is found everywhere."""
    found = dict[str, list[Span]]()
    for span in spans:
        found.setdefault(raw[span.start : span.end], []).append(span)
    for value, same in found.items():
        if len(value) < 6 or raw.count(value) <= len(same):
            continue
        span = same[-1]
        for match in re.finditer(rf"(?<![^\W_]){re.escape(value)}(?![^\W_])", raw):
            yield Span(*match.span(), span.pii_type, span.canonical, span.score, span.form)


def merged(spans: Iterable[Span]) -> list[Span]:
    """Spans in order; those that overlap become one of the kind of the longest."""
    places = list(spans)
    if len(places) < 2:
        return places
    result: list[Span] = []
    longest = 0
    for span in sorted(places, key=lambda place: (place.start, -place.end)):
        if not result or span.start >= result[-1].end:
            result.append(span)
            longest = span.end - span.start
            continue
        last, length = result[-1], span.end - span.start
        leading = span if length > longest else last
        if leading is last and span.end <= last.end and span.score <= last.score:
            continue
        longest = max(longest, length)
        result[-1] = replace(
            leading,
            start=last.start,
            end=max(last.end, span.end),
            score=max(last.score, span.score),
        )
    return result
