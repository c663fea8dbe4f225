r"""Texts as they were before programs and typesetters broke their words.

UTF-8 that was read as another code (`MÃ¼ller`), characters written as their code (`M\u00fcller`),
words that a line, a tag or stars part (`Mül-` and `ler`, `Mül<b>ler</b>`), letters set apart
(`M Ü L L E R`).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from anonymizer.masking.free_text.basis.folding import LETTER, Span

# What the bytes from 80 to BF are where UTF-8 is read as Windows-1252 or Latin-1.
_REST: Final = "[\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]"
_LINE: Final = r"-[ \t]{0,8}\r?\n"
_TAG: Final = r"</?(?:a|b|i|u|s|em|strong|span|font|mark|small|wbr)(?:\s[^<>]{0,200})?>"
_BROKEN: Final = re.compile(
    rf"(?P<bytes>[\u00c2-\u00df]{_REST}|[\u00e0-\u00ef]{_REST}{{2}}|[\u00f0-\u00f4]{_REST}{{3}})"
    r"|\\u(?P<code>[0-9a-fA-F]{4})"
    rf"|(?P<nothing>(?<={LETTER})(?:{_LINE}[ \t>]{{0,16}}|{_TAG}|\*\*|__|~~)(?={LETTER}))"
    rf"|(?<!\w)(?P<apart>{LETTER}(?:(?: {LETTER}){{2,40}}|(?:[._·-]{LETTER}){{3,40}}))(?!\w)"
)
# What each of these has, asked of every text.
_MAY_BE_BROKEN: Final = re.compile(
    rf"[\u00c2-\u00f4]{_REST}|\\u|{_LINE}|{_TAG}|\*\*|__|~~"
    rf"|(?:\A| ){LETTER} {LETTER}(?!\w)|[._·-]{LETTER}[._·-]{LETTER}[._·-]"
)
_TIMES: Final = 2  # that one text may have been read as another code

Place = tuple[int, int]


class Mended(NamedTuple):
    """A text whose words are whole, and where each of its characters stood."""

    text: str
    places: Sequence[Place]

    def raw(self, span: Span) -> Span:
        """The same span in the text as it stood."""
        return replace(span, start=self.places[span.start][0], end=self.places[span.end - 1][1])


def mended(raw: str) -> Mended | None:
    """The text with whole words; None where none is broken."""
    result: Mended | None = None
    for _ in range(_TIMES):
        text = result.text if result else raw
        if _MAY_BE_BROKEN.search(text) is None:
            break
        pieces = list(_pieces(text))
        places = [place for _, some in pieces for place in some]
        if result is not None:
            places = [(result.places[a][0], result.places[b - 1][1]) for a, b in places]
        result = Mended("".join(piece for piece, _ in pieces), places)
    return result if result and result.text != raw else None


def _pieces(text: str) -> Iterator[tuple[str, Sequence[Place]]]:
    """What a text says, and where each character of it stands."""
    place = 0
    for match in _BROKEN.finditer(text):
        yield text[place : match.start()], _each(place, match.start())
        place = match.end()
        said = _said(match)
        if match["apart"]:
            yield match[0][::2], _each(*match.span())[::2]
        elif said is None:
            yield match[0], _each(*match.span())
        elif said:
            yield said, [match.span()]
    yield text[place:], _each(place, len(text))


def _each(start: int, end: int) -> list[Place]:
    return [(at, at + 1) for at in range(start, end)]


def _said(match: re.Match[str]) -> str | None:
    """The character that stands there, or none; None where it is what it seems."""
    if match["code"]:
        character = chr(int(match["code"], 16))
        return character if character.isprintable() else None
    if not match["bytes"]:
        return ""
    try:
        return b"".join(map(_byte, match["bytes"])).decode()
    except UnicodeDecodeError:
        return None


def _byte(character: str) -> bytes:
    code = ord(character)
    return bytes([code]) if code < 256 else character.encode("cp1252")
