"""Names of nobody in the place of names: first for first, last for last, initials and case too.

What the row's own columns show as pseudonyms stands in its texts as well. Any other word of a name
becomes one of the shipped lists: of the language whose list has it, a first name of its sex. That
follows from the word and its role alone, so that somebody is the same wherever a text names them.
"""

import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from anonymizer.masking.free_text.known.mending import mended
from anonymizer.masking.free_text.recognition import Span
from anonymizer.masking.free_text.scrubbing.name_draws import Role, drawn
from anonymizer.masking.free_text.scrubbing.name_words import (
    ALL,
    BEFORE,
    Parts,
    Shown,
    Word,
    is_titled,
    nearest,
    parts_of,
    words_of,
)

_LOST: Final = re.compile(r"(?<=[^\W\d_])[?\ufffd](?=[^\W\d_])")


@dataclass(frozen=True)
class Surrogates:
    """Gives the names that stand in the place of others.

    Attributes:
        subkey: of the domain.
        locale: of a word that no list has.
    """

    subkey: str = field(repr=False)
    locale: str = "en_US"

    def of(
        self, text: str, spans: Iterable[Span], own: Iterable[Shown], who: str
    ) -> dict[Span, str]:
        """What stands for the names of a text; empty for what is none.

        Args:
            text: as it stands.
            spans: places of names in it.
            own: the names that the row holds.
            who: whose text it is; names in the texts of two persons are drawn apart.
        """
        parts = parts_of(tuple(own))
        places = {span: _whole(text, span) for span in spans}
        names = {span: words_of(*place, parts[ALL]) for span, place in places.items()}
        # What stands alone is what it is beside others, or behind a title.
        roles = {
            word.folded: word.role
            for span, words in names.items()
            for word in words
            if word.role and (len(words) > 1 or is_titled(*places[span]))
        }
        cast = _Cast(self, parts, roles, who)
        return {
            span: cast.name(_written(*places[span]), words, parts.get(span.canonical, {}))
            for span, words in names.items()
        }

    def drawn(self, word: str, role: Role, who: str) -> str:
        """The name that stands for a word in the texts of somebody."""
        key = hmac.digest(bytes.fromhex(self.subkey), f"{role}\0{who}".encode(), "sha256")
        return drawn(word, role, self.locale, key)


def _whole(text: str, span: Span) -> tuple[str, Span]:
    """A name with what stands before it, of whole words: not `M Ü L L E R`, not `M?ller`."""
    written = _written(text, span)
    mend = mended(written)
    whole = _LOST.sub("", mend.text if mend else written)
    if whole == written:
        return text, span
    before = text[max(0, span.start - BEFORE) : span.start]
    return before + whole, replace(span, start=len(before), end=len(before) + len(whole))


def _written(text: str, span: Span) -> str:
    return text[span.start : span.end]


class _Cast(NamedTuple):
    """Who is named in a text, and who plays them."""

    surrogates: Surrogates
    parts: Mapping[str, Parts]
    roles: Mapping[str, Role]
    who: str

    def name(self, written: str, words: Iterable[Word], own: Parts) -> str:
        """Another name; particles go, and what would stand there twice stands once.

        Args:
            written: the name.
            words: of it.
            own: the words of the name of the row that was found there.
        """
        text, place, last = "", 0, ""
        for word in words:
            if word.stays:
                continue
            if word.role is None:
                text += written[place : word.start]
                place = len(written) - len(written[word.end :].lstrip())
                continue
            new, raw = self._instead(word, word.role, own), written[word.start : word.end]
            if new != last or len(raw) == 1:
                text += written[place : word.start]
                text += " " * (text[-1:].isalpha() and new.isascii())  # no blank stood between them
                text += _spelt_as(raw, new)
            place, last = word.end, new
        return text + written[place:] if last else ""

    def _instead(self, word: Word, role: Role, own: Parts) -> str:
        part = own.get(word.folded) or self.parts[ALL].get(word.folded) or nearest(word.folded, own)
        if part and part.shown:
            return part.shown
        role = part.role if part else self.roles.get(word.folded, role)
        return self.surrogates.drawn(word.folded, role, self.who)


def _spelt_as(raw: str, new: str) -> str:
    """A word in the case of another, and an initial for an initial."""
    if raw.isupper():
        return new[:1].upper() if len(raw) == 1 else new.upper()
    return new.lower() if raw.islower() else new
