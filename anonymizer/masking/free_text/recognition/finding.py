"""One pass over a text: each finder sees what the ones before it have left."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from typing import Final

import polars as pl

from anonymizer.masking.free_text.asked import KINDS, OF_SOMEBODY
from anonymizer.masking.free_text.basis.finder import (
    THRESHOLD,
    Finder,
    Searcher,
    texts_for_gates,
)
from anonymizer.masking.free_text.basis.folding import (
    EAST_ASIAN,
    Folded,
    Span,
    blanked,
    fold,
    without_tags,
)
from anonymizer.masking.free_text.recognition import dates
from anonymizer.masking.free_text.recognition.addresses import MAY_HOLD_TOWNS, addresses, towns
from anonymizer.masking.free_text.recognition.contacts import online, phones
from anonymizer.masking.free_text.recognition.identifiers.banks import (
    BANKS,
    BIC,
    EXPIRY,
    IBAN_GATE,
    cards,
    ibans,
)
from anonymizer.masking.free_text.recognition.identifiers.labels import LABELS
from anonymizer.masking.free_text.recognition.identifiers.nouns import NOUNS
from anonymizer.masking.free_text.recognition.identifiers.online import ONLINE
from anonymizer.masking.free_text.recognition.identifiers.scan import Scan
from anonymizer.masking.free_text.recognition.identifiers.secrets import SECRETS
from anonymizer.masking.free_text.recognition.identifiers.states.europe import EUROPE
from anonymizer.masking.free_text.recognition.identifiers.states.world import FIRMS, WORLD
from anonymizer.masking.free_text.recognition.identifiers.things import THINGS
from anonymizer.masking.free_text.recognition.people import people

Step = tuple[pl.Expr | None, Searcher]  # a gate, and what is searched for behind it
_TAKEN: Final = "\0"
_ADDRESS_GATE: Final = f"[0-9]|orner|[{EAST_ASIAN}]"
_IP_GATE: Final = r"[0-9]\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]|:[0-9a-f]{0,4}:"

# In order of certainty: what is found is blanked out for all that follow. Those without a function
# of their own stand together and are looked for in one scan.
FINDERS: Final[tuple[Finder, ...]] = (
    *SECRETS,
    Finder.coded("url", online.addresses_with_scheme, needs="://|www"),
    Finder.coded("email", online.emails, gate=r"@|[(\[{] ?at ?[)\]}]"),
    *ONLINE,
    Finder.coded("url", online.bare_domains, name="domain", gate=r"[^\s.]\.[a-z]{2}"),
    Finder.coded("ip", online.internet_addresses, gate=_IP_GATE),
    *THINGS,
    Finder.coded("iban", ibans, digits=8, gate=IBAN_GATE),
    FIRMS,
    *EUROPE,
    *WORLD,
    *LABELS,
    *BANKS,
    NOUNS,
    EXPIRY,
    Finder.coded("date", dates.dates, gate=dates.MAY_HOLD_DATES),
    Finder.coded("age", dates.ages, gate=dates.MAY_HOLD_AGES),
    BIC,
    Finder.coded("card", cards, gate=r"[0-9](?:[ .-]{0,3}[0-9]){11}"),
    Finder.coded("phone", phones.phones, gate="[0-9](?:[^0-9a-z]{0,4}[0-9]){5}"),
    Finder.coded("address", addresses, gate=_ADDRESS_GATE),
    Finder.coded("name", people),
    Finder.coded("place", towns, gate=MAY_HOLD_TOWNS),
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
    folded = [_untagged(fold(raw)) for raw in raws]
    steps = _steps(tuple(kinds), min(threshold, THRESHOLD), alone=alone)
    found = (
        _found(raw, text, open_, region, threshold)
        for raw, text, open_ in zip(raws, folded, _open(folded, steps), strict=True)
    )
    return [[span for span in spans if span.pii_type in kinds] for spans in found]


def _found(
    raw: str, folded: Folded, searches: list[Searcher], region: str, threshold: float
) -> list[Span]:
    if not searches:
        return []
    text, spans, weak = folded.text, list[Span](), list[Span]()
    for search in searches:
        found = list(search(text, region))
        if not found:
            continue
        if len(found) > 1:
            found.sort(key=attrgetter("start"))
        sure = [span for span in found if span.score >= THRESHOLD]
        weak += [folded.raw(span) for span in found if threshold <= span.score < THRESHOLD]
        if sure:
            text = blanked(text, sure, _TAKEN)
        spans += [folded.raw(span) for span in sure if span.score >= threshold]
    if not (spans or weak):
        return []
    return merged([*spans, *_repeated(raw, spans), *_apart(weak, spans)])


def _open(texts: list[Folded], steps: tuple[Step, ...]) -> list[list[Searcher]]:
    """The steps whose gates each text passes, in their order; a few short texts pass all."""
    if len(texts) < _FEW and all(len(text.text) < _SHORT for text in texts):
        return [[search for _, search in steps]] * len(texts)
    frame = texts_for_gates(text.text for text in texts)
    passing = frame.select(
        (pl.int_range(pl.len()) if gate is None else gate.arg_true()).implode().alias(str(place))
        for place, (gate, _) in enumerate(steps)
    ).row(0)
    open_: list[list[Searcher]] = [[] for _ in texts]
    for (_, search), some in zip(steps, passing, strict=True):
        for text in some:
            open_[text].append(search)
    return open_


_HOLDING: Final = frozenset({"url", "handle", "secret"})  # what may hold something else
_FEW: Final = 16
_SHORT: Final = 1_000  # characters


def _untagged(folded: Folded) -> Folded:
    return Folded(without_tags(folded.text), folded.origins)


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
            steps += [(each.gate, each.search) for each in wanted if each.search]
        elif wanted:
            scan = Scan(wanted, threshold)
            steps.append((scan.gate, scan))
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
