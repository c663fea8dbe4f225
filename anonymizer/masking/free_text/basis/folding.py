"""The text as patterns read it, character by character, so that places stay places.

NFKC where it gives one character for one (full-width digits and letters), ASCII for the digits of
every script, `-` for every dash, a blank for every space. Invisible characters, which hide a value
from a pattern and from nobody's eye, are left out; `Folded` remembers where each one came from.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

# What patterns call a letter, a word, and a capital letter.
LETTER: Final = r"[^\W\d_]"
WORD: Final = re.compile(f"{LETTER}+")
CAPITALS: Final = "A-ZÀ-ÖØ-ÞĀĂĄĆĈĊČĎĐĒĖĘĚĞĠĢĤĪĮİĶĹĻĽŁŃŅŇŌŐŒŔŘŚŞŠŢŤŪŮŰŲŴŶŹŻŽȘȚΑ-ΩΆΈΉΊΌΎΏЀ-Я"


@dataclass(frozen=True, slots=True)
class Span:
    """A place in a text where personal data stands.

    Attributes:
        start: its first character.
        end: one past its last.
        pii_type: what stands there.
        canonical: the value in the one spelling that all its spellings share, not in the repr;
            a phone number, of which that takes long, as it stands (`phones.canonical`).
        score: how sure that is, from 0 to 1.
        form: what a date's writing leaves open and the text around decides: see `dates.moved`.
    """

    start: int
    end: int
    pii_type: str
    canonical: str = field(repr=False)
    score: float = 1.0
    form: str = field(default="", compare=False)

    def moved(self, by: int) -> "Span":
        """The same span in a text that has so many characters more before it."""
        return replace(self, start=self.start + by, end=self.end + by)


def blanked(text: str, spans: Iterable[Span], sign: str = " ") -> str:
    """A text with a sign for each character of spans, which come in order; its length stays."""
    pieces, place = list[str](), 0
    for span in spans:
        start, end = max(place, span.start), max(place, span.end)
        pieces += [text[place:start], sign * (end - start)]
        place = end
    return "".join([*pieces, text[place:]])


_TAG: Final = re.compile(r"<[A-Z][A-Z0-9_]*(?:_[0-9a-f]{12})?>")


def without_tags(text: str) -> str:
    """The text with blanks for tags, so that one that was scrubbed before stays as it is."""
    return _TAG.sub(lambda tag: " " * len(tag[0]), text) if "<" in text else text


class _Characters(dict[int, str]):
    """A translation table that fills itself."""

    def __missing__(self, code: int) -> str:
        plain = self[code] = _plain(chr(code))
        return plain


def _plain(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.digit(character))
    if category == "No":  # m² is not m2
        return character
    if category == "Pd":
        return "-"
    if character in "‘’ʼ´`":
        return "'"
    plain = unicodedata.normalize("NFKC", character)
    return plain if len(plain) == 1 else character


_CHARACTERS: Final = _Characters()
_INVISIBLE: Final = re.compile(
    r"[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]"
)


@dataclass(frozen=True, slots=True)
class Folded:
    """A text in the form that patterns read, and the way back to the raw one.

    Attributes:
        text: what patterns search.
        origins: for each character its place in the raw text; None where nothing moved.
    """

    text: str
    origins: Sequence[int] | None

    def raw(self, span: Span) -> Span:
        """The same span in the raw text."""
        if self.origins is None or span.start == span.end:
            return span
        start, end = self.origins[span.start], self.origins[span.end - 1] + 1
        return replace(span, start=start, end=end)


def fold(raw: str) -> Folded:
    """The text for patterns; ASCII is itself."""
    if raw.isascii():
        return Folded(raw, None)
    if _INVISIBLE.search(raw) is None:
        return Folded(raw.translate(_CHARACTERS), None)
    origins = [place for place, char in enumerate(raw) if not _INVISIBLE.match(char)]
    return Folded("".join(raw[place] for place in origins).translate(_CHARACTERS), origins)


EASTERN: Final = (
    "\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"  # without blanks between words
)
IS_EASTERN: Final = re.compile(f"[{EASTERN}]")
# Of these, what Chinese, Japanese and Korean names and addresses are written in.
EAST_ASIAN: Final = "\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af"
IS_EAST_ASIAN: Final = re.compile(f"[{EAST_ASIAN}]")

# All that these languages do not part by blanks.
CJK: Final = re.compile(
    r"[\u3005\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]"
)

_UNDECOMPOSED: Final = {"ł": "l", "ø": "o", "đ": "d", "ı": "i", "İ": "i", "º": "°", "ª": "°"}


class _SmallLetters(dict[int, str]):
    """Character → one small letter without accent; what has none stays. Fills itself."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        small = character.lower()
        small = small if len(small) == 1 else character
        base = unicodedata.normalize("NFD", small)[0]
        plain = base if base.isalpha() and not IS_EASTERN.match(small) else small
        self[code] = plain = _UNDECOMPOSED.get(character, _UNDECOMPOSED.get(small, plain))
        return plain


_SMALL: Final = _SmallLetters()


def plain(text: str) -> str:
    """The text in small letters without accents, of the same length."""
    return text.lower() if text.isascii() else text.translate(_SMALL)


_SHAPES: Final = bytes(
    ord("9") if chr(code).isdigit() and code < 128
    else ord("A") if chr(code).isalpha() and code < 128
    else ord("x") if chr(code).isalpha() or code == ord("_")
    else code
    for code in range(256)
)  # fmt: skip


def shape_of(text: str) -> bytes:
    """A text with 9 for each digit, A for each letter and x for one that is not of ASCII."""
    return text.encode("latin-1", "replace").translate(_SHAPES)


_FOLDED_LETTERS: Final = {
    "ß": "ss",
    "ø": "o",
    "æ": "ae",
    "œ": "oe",
    "ł": "l",
    "đ": "d",
    "ð": "d",
    "þ": "th",
    "ı": "i",
}


class _Letters(dict[int, str]):
    """Characters without accents, small; several letters where one stands for two."""

    def __missing__(self, code: int) -> str:
        bare = self[code] = _bare(chr(code))
        if len(bare) != 1:
            _MOVING.add(chr(code))
        return bare


def _bare(character: str) -> str:
    if _INVISIBLE.match(character):
        return ""
    parts = unicodedata.normalize("NFKD", character.casefold())
    bare = "".join(char for char in parts if not unicodedata.combining(char))
    # Hangul falls apart into its jamo and must come together again.
    return unicodedata.normalize("NFC", "".join(_FOLDED_LETTERS.get(char, char) for char in bare))


_LETTERS: Final = _Letters()
_MOVING: Final[set[str]] = set()  # those seen so far that do not become one character


def fold_letters(raw: str) -> Folded:
    """The text in small letters without accents; accents that stand alone vanish."""
    if raw.isascii():
        return Folded(raw.lower(), None)
    text = raw.translate(_LETTERS)
    if _MOVING.isdisjoint(raw):
        return Folded(text, None)
    origins = [place for place, char in enumerate(raw) for _ in _LETTERS[ord(char)]]
    return Folded(text, origins)


_POSSESSIVE: Final = re.compile(r"['’]s?$")  # Ann's is Ann
_NAME_WORD: Final = re.compile(r"\w+")


def canonical_name(name: str) -> str:
    """The one spelling of a name in any case and order: its words without accents."""
    bare = fold_letters(_POSSESSIVE.sub("", name)).text
    return " ".join(sorted(_NAME_WORD.findall(bare)))
