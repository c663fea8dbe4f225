"""One pass over a text: each finder sees what the ones before it have left."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Final

from anonymizer.masking.free_text.recognition import contacts, dates, identity, phones
from anonymizer.masking.free_text.recognition.addresses import addresses, towns
from anonymizer.masking.free_text.recognition.folding import Span, fold
from anonymizer.masking.free_text.recognition.people import people

Finder = Callable[[str, str], Iterator[Span]]
_TAKEN: Final = "\0"

# In order of certainty, with the digits that it takes at least: what is found is blanked out for
# all that follow.
FINDERS: Final[tuple[tuple[str, int, Finder], ...]] = (
    ("url", 0, contacts.addresses_with_scheme),
    ("email", 0, contacts.emails),
    ("url", 0, contacts.bare_domains),
    ("ip", 1, contacts.internet_addresses),
    ("iban", 8, identity.ibans),
    ("id", 17, identity.chinese_ids),
    ("date", 1, dates.dates),
    ("ssn", 9, identity.social_security_numbers),
    ("licence", 4, identity.licences),
    ("card", 12, identity.cards),
    ("phone", 6, phones.phones),
    ("address", 0, addresses),
    ("name", 0, people),
    ("place", 0, towns),
)
PII_TYPES: Final[tuple[str, ...]] = tuple(dict.fromkeys(pii_type for pii_type, _, _ in FINDERS))


def find(
    raw: str,
    pii_types: Collection[str] = PII_TYPES,
    region: str = "US",
    threshold: float = 0.5,
) -> list[Span]:
    """What is recognised in a text, in its order; spans do not overlap.

    Args:
        raw: the text.
        pii_types: which of PII_TYPES to look for.
        region: the country (ISO 3166) whose phone numbers need no country code.
        threshold: the score from which something counts as found.
    """
    folded = fold(raw)
    text, spans = folded.text, list[Span]()
    digits = sum(map(str.isdigit, text))
    for pii_type, needed, finder in FINDERS:
        if pii_type not in pii_types or digits < needed:
            continue
        sure = (span for span in finder(text, region) if span.score >= threshold)
        found = sorted(sure, key=lambda span: span.start)
        text = _without(text, found)
        spans += map(folded.raw, found)
    return merged([*spans, *_repeated(raw, spans)])


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
            yield Span(*match.span(), span.pii_type, span.canonical)


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
        result[-1] = Span(last.start, max(last.end, span.end), leading.pii_type, leading.canonical)
    return result
