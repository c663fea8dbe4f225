"""One pass over a text: each finder sees what the ones before it have left."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from typing import Final

from anonymizer.masking.free_text.asked import KINDS, OF_SOMEBODY
from anonymizer.masking.free_text.basis.finder import (
    THRESHOLD,
    Finder,
)
from anonymizer.masking.free_text.basis.folding import (
    Folded,
    Span,
    blanked,
    fold,
    without_tags,
)
from anonymizer.masking.free_text.recognition import dates
from anonymizer.masking.free_text.recognition.addresses import (
    addresses,
    may_hold_addresses,
    may_hold_towns,
    towns,
)
from anonymizer.masking.free_text.recognition.contacts import online, phones
from anonymizer.masking.free_text.recognition.gates import Step, opened
from anonymizer.masking.free_text.recognition.identifiers.banks import (
    BANKS,
    BIC,
    CARD_GATE,
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
    Finder.coded("card", cards, gate=CARD_GATE, sieve=lambda seen: seen.near(12)),
    Finder.coded("phone", phones.phones, sieve=phones.may_hold_phones),
    Finder.coded("address", addresses, sieve=may_hold_addresses),
    Finder.coded("name", people, sieve=may_hold_people),
    Finder.coded("place", towns, sieve=may_hold_towns),
)
PII_TYPES: Final[tuple[str, ...]] = tuple(
    kind for kind in KINDS if any(finder.kind == kind for finder in FINDERS)
)
# Where a text stands among the others, what is left of it, and the numbers of the steps to come.
_Left = tuple[int, str, Sequence[int]]
_FEW: Final = 16  # texts for which a glance costs more than it spares
_SHORT: Final = 1_000  # characters of such texts
_MANY: Final = 2_000  # texts of which what is left is worth another glance


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
    return list(find_all([raw], kinds, region, threshold, alone=alone)[0])


def find_all(
    raws: Sequence[str],
    kinds: Collection[str] = PII_TYPES,
    region: str = "US",
    threshold: float = THRESHOLD,
    *,
    alone: bool = False,
) -> list[Sequence[Span]]:
    """What is recognised in each of several texts, as in `find`.

    All of them are tried against the gates of the finders at once, so that a text meets only those
    that may find something in it. What a finder has found is blanked out; what is left of many
    texts is tried again.
    """
    steps = _steps(tuple(kinds), min(threshold, THRESHOLD), alone=alone)
    every, folded = range(len(steps)), [_folded(raw) for raw in raws]
    found = defaultdict[int, list[Span]](list)
    left: list[_Left] = [(place, text, every) for place, (text, _) in enumerate(folded)]
    few = len(left) < _FEW and all(len(text) < _SHORT for _, text, _ in left)
    while left:
        again = list[_Left]()
        for (place, text, _), some in _with_steps(left, steps, few=few):
            spans, count = _searched(text, [steps[number] for number in some], region)
            if spans:
                found[place] += map(Folded(*folded[place]).raw, spans)
            if count:
                sure = [span for span in spans if span.score >= THRESHOLD]
                cut = any(_cuts_word(text, span) for span in sure)  # what is left is another word
                following = every[some[count - 1] + 1 :] if cut else some[count:]
                again.append((place, blanked(text, sure, _TAKEN), following))
        left, few = again, len(again) < _MANY
    settled = {
        place: [span for span in _settled(raws[place], spans, threshold) if span.pii_type in kinds]
        for place, spans in found.items()
    }
    return [settled.get(place) or () for place in range(len(raws))]


def _with_steps(
    left: Sequence[_Left], steps: Sequence[Step], *, few: bool
) -> Iterator[tuple[_Left, Sequence[int]]]:
    """What is left of texts, with the steps that search it: of a few all that come next."""
    if few:
        yield from ((each, each[2]) for each in left)
    else:
        firsts = [following[0] if following else len(steps) for _, _, following in left]
        for place, some in opened([text for _, text, _ in left], firsts, steps):
            yield left[place], some


def _searched(text: str, steps: Sequence[Step], region: str) -> tuple[list[Span], int]:
    """What steps find in a text up to the first that is sure, and how many that are; 0 for all."""
    spans = list[Span]()
    for count, step in enumerate(steps, 1):
        found = sorted(step.search(text, region), key=attrgetter("start"))
        spans += found
        if any(span.score >= THRESHOLD for span in found):
            return spans, count
    return spans, 0


def _cuts_word(text: str, span: Span) -> bool:
    """Whether a letter goes on before or behind a span."""
    pairs = text[max(0, span.start - 1) : span.start + 1], text[span.end - 1 : span.end + 1]
    return any(len(pair) > 1 and pair.isalpha() for pair in pairs)


def _settled(raw: str, found: list[Span], threshold: float) -> list[Span]:
    """What is found in a text, with the same values elsewhere, in order and apart."""
    spans = [span for span in found if span.score >= max(threshold, THRESHOLD)]
    weak = [span for span in found if threshold <= span.score < THRESHOLD]
    return merged([*spans, *_repeated(raw, spans), *_apart(weak, spans)])


_HOLDING: Final = frozenset({"url", "handle", "secret"})  # what may hold something else


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
                Step(
                    each.search,
                    ways := ((each.sieve, each.gate),),
                    ways if each.kind in kinds else (),
                )
                for each in wanted
                if each.search
            ]
        elif wanted:
            scan = Scan(wanted, threshold)
            steps.append(Step(scan, scan.gates, scan.gates_for(kinds)))
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
