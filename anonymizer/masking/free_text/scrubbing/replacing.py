"""What stands in the place of what was found: a tag, or something of its sort."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from anonymizer.masking.free_text.asked import OWN_PLACE, Word
from anonymizer.masking.free_text.known.values import read as read_value
from anonymizer.masking.free_text.recognition import Span
from anonymizer.masking.free_text.scrubbing.name_words import Shown
from anonymizer.masking.free_text.scrubbing.shifting import Moving, whole_days
from anonymizer.masking.free_text.scrubbing.surrogates import Surrogates
from anonymizer.masking.free_text.scrubbing.tags import Tags
from anonymizer.masking.primitives.times.shared_days import tells_shift

_OF_NAMES: Final = ("name", "first_name", "last_name")  # kinds of pseudonym


class Row(NamedTuple):
    """What the row of a text knows.

    Attributes:
        known: values that the text must not hold; with tokens, a value and its token are last.
        shown: the pseudonyms that the columns of `known` show; None where they show none.
        days: by which its times move; None where nobody knows.
        who: whose it is; None where nobody knows.
    """

    known: Sequence[str | None] = ()
    shown: Sequence[str | None] = ()
    days: int | None = None
    who: str | None = None


@dataclass(frozen=True)
class Replacing:
    """Says what stands in the place of what was found.

    Attributes:
        words: kind → the word for what stands there; plain tags for others.
        tags: plain and keyed ones.
        surrogates: of names; None where there are none.
        columns: of each known column the kind and the locale of its pseudonyms.
        shared_days: that would tell shifts, as many entities have them.
    """

    words: Mapping[str, Word] = field(default_factory=dict)
    tags: Tags = field(default_factory=Tags)
    surrogates: Surrogates | None = None
    columns: tuple[tuple[str, str], ...] = ()
    shared_days: frozenset[tuple[str, int]] = frozenset()

    def put(self, text: str, spans: Sequence[Span], row: Row) -> list[str]:
        """What stands in the place of each span of a text."""
        shown = self._surrogates(text, spans, row)
        moving = None
        if row.days is not None and self.moves_dates:
            moving = Moving(spans, row.days)
        return [
            self._instead(text[span.start : span.end], span, shown, moving) or self.tags.plain(span)
            for span in spans
        ]

    @property
    def moves_dates(self) -> bool:
        """Whether dates move, of rows that know by how much."""
        return self.words.get("date") == "shift"

    def _instead(
        self, written: str, span: Span, shown: Mapping[Span, str], moving: Moving | None
    ) -> str | None:
        """What stands in the place of a span; None for a plain tag."""
        if span.pii_type == OWN_PLACE:
            return span.canonical
        match self.words.get(span.pii_type):
            case "pseudonym":
                return self.tags.keyed(span)
            case "shift" if moving is not None and not self._tells_shift(span):
                return moving.put(written, span)
            case "surrogate":
                return shown.get(span)
        return None

    def _tells_shift(self, span: Span) -> bool:
        """Whether many know a date that is written, or it stands for none."""
        return any(tells_shift(day, self.shared_days) for day in whole_days(span))

    def _surrogates(self, text: str, spans: Sequence[Span], row: Row) -> dict[Span, str]:
        """What stands for names, and for other values that columns show a pseudonym of."""
        if self.surrogates is None or row.who is None:
            return {}
        wanted = [span for span in spans if self.words.get(span.pii_type) == "surrogate"]
        names, others = list[Shown](), dict[str, str]()
        for value, pseudonym, (kind, locale) in zip(
            row.known, row.shown, self.columns, strict=False
        ):
            if not value or not value.strip():
                continue
            known = read_value(value, self.tags.region)
            if known.pii_type == "name" and kind in _OF_NAMES:
                names.append(Shown(value, pseudonym, kind, locale))
            elif pseudonym:
                others[self.tags.value(known.pii_type, known.canonical)] = pseudonym
        of_names = self.surrogates.of(
            text, [span for span in wanted if span.pii_type == "name"], names, row.who
        )
        return of_names | {
            span: others[value]
            for span in wanted
            if (value := self.tags.value(span.pii_type, span.canonical)) in others
        }
