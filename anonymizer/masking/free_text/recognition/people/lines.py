"""Who speaks in a chat or a transcript, who wrote an e-mail to whom, whom it quotes."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Final

from anonymizer.masking.free_text.basis.folding import CAPITALS
from anonymizer.masking.free_text.basis.lists import any_of
from anonymizer.masking.free_text.basis.phrases import Phrases, Place, behind
from anonymizer.masking.free_text.basis.telling import Telling
from anonymizer.masking.free_text.basis.words import TOWNS
from anonymizer.masking.free_text.recognition.people.names import (
    NAME,
    PART,
    WHOLE_NAME,
    Person,
    from_capitals,
    is_known,
    is_word,
    kept,
)
from anonymizer.masking.free_text.recognition.people.words import WORDS

# A time, or what is left of a date with one.
_TIME: Final = (
    r"(?:\0++[\d:, apmAPM.\u202f-]{0,14}|\d{1,2}[:.]\d\d(?:[:.]\d\d)?(?: "
    r"?[apAP]\.?[mM]\.?)?)"
)
_STAMP: Final = rf"(?P<before>[\[(<]?{_TIME}[\])>]?[ \t]*[-|,]?[ \t]*)"
_ROLE: Final = rf"(?:(?i:{any_of(WORDS['speakers'])})[ _-])"
_SPEAKER: Final = re.compile(
    rf"(?m)[ \t>*]*{_STAMP}?(?P<angle><)?[@~]?{_ROLE}?(?P<name>{NAME}|"
    rf"(?:[a-zß-ÿ]{{3,20}})(?=[:>]))(?: ?\((?P<role>[^()\n]{{1,24}})\))?"
    rf"(?P<after>[ \t]*[\[(,]?[ \t]?{_TIME}[\])]?)?(?(angle)>|[ \t]?:)(?=\s|\*|$)"
)
# Anna Schmidt  10:02, over what she said.
_ABOVE: Final = re.compile(
    rf"(?m)[ \t]*(?P<name>{NAME})(?:[ \t]{{1,4}}|, |[ \t]*[-·|(\[][ \t]*){_TIME}[)\]]?[ \t]*$"
)
_HEADER: Final = re.compile(
    rf"(?i)[> \t*|]*(?:{any_of(WORDS['headers'])})\*?[ \t]*[:：]\*?[ \t]*(?P<value>[^\n]{{2,400}})"
)
_OTHER_HEADER: Final = re.compile(
    rf"(?i)[> \t*|]*(?:{any_of(WORDS['other_headers'])})\*?[ \t]*[:：]"
)
_ADDRESSEE: Final = re.compile(rf"(?P<name>{NAME}(?:, {NAME})?)\"?(?=[ \t]*(?:[<;(\[\0]|$|,))")
_CJK_ADDRESSEE: Final = re.compile(
    r"(?<![\u4e00-\u9fff\uac00-\ud7af])(?P<name>[\u4e00-\u9fff]{2,4}|[\uac00-\ud7af]{2,4})"
    r"(?=[ \t]*(?:[<;(\[,，]|$)|[ \t]\0)"
)
_WROTE: Final = re.compile(
    rf"(?P<name>{NAME}|[\u4e00-\u9fff]{{2,4}})\"?[ \t]*(?:[<(\[][^\n<>]{{0,80}}[>)\]]|\0+)?[ "
    rf"\t]*\n?(?:{any_of(WORDS['wrote'])}|写道)(?!\w) ?:?"
)
_WROTE_LATE: Final = re.compile(rf"[ \t]+(?P<name>{WHOLE_NAME})(?=[ \t]*(?:[<(\0:]))")
# The last line of what is quoted.
_SIGNED_QUOTE: Final = re.compile(rf"(?m)>+[ \t]?(?P<name>{NAME})[ \t]*$(?!\n>)")
# A line with a first and a last name over an address or the like.
_HEADING: Final = re.compile(rf"[ \t>?]*(?P<name>{NAME})[ \t]*\n(?:[ \t>?]*\n)*[ \t>?]*\0")
# The first line of a card: a first and a last name, with a number or an address further down.
_CARD: Final = re.compile(
    rf"[ \t>?]*(?P<name>{NAME})[ \t]*(?:[|,·•][^\n]{{0,80}})?"
    rf"(?=\n(?:[^\n\0]{{0,60}}\n){{0,8}}[^\n\0]{{0,60}}\0)"
)
_BEFORE_CARD: Final = ("", "--")
# Lines that begin with a name, and behind it what those have that fill or head it.
_OPENING: Final = re.compile(rf"[ \t>?]*{NAME}(?=[ \t]*(?:[\n|,·•(\[\d\0-]|\Z))")
_CLOCK: Final = re.compile(r"\d[:.]\d\d")
# Anna Schmidt <anna@example.org>, of which the address is found before.
_MAILED: Final = re.compile(rf"(?P<name>{NAME})\"?[ \t]*[<(]\0")
_ADDRESS: Final = re.compile(r"[<(]\0")
# Agent (Ben): how can I help?
_IN_ROLE: Final = re.compile(
    rf"[ \t>*]*(?i:{any_of(WORDS['speakers'])}) ?[(\[](?P<name>{NAME})[)\]][ \t]*:"
)
# Ben from Support joined the chat
_JOINED: Final = re.compile(
    rf"(?P<name>{NAME})(?: (?:from|von|de|van|di) {PART}| \([^()\n]{{1,30}}\))? "
    rf"(?i:{WORDS.pattern('joined')})(?!\w)"
)
# Several people: `Anna, Max, Eva and Tom`.
_ENUMERATED: Final = re.compile(
    rf"(?<![\w-]){PART}(?:, {PART}){{1,20}},? (?:[^\W\d_]{{1,3}}|&) {PART}"
)
_COMMA: Final = re.compile(f", [{CAPITALS}]")
_PART: Final = re.compile(PART)
_FAR: Final = 200  # characters from a name to what is said of it
_LABELS: Final = WORDS.set("labels")
_SPEAKERS: Final = WORDS.set("speakers")
_ROLES: Final = WORDS.set("cjk_roles")
_PHRASES: Final = Phrases({name: WORDS[name] for name in ("wrote", "wrote_late", "chat")})


TOLD_IN_LINES: Final = Telling(
    phrase for name in ("wrote", "wrote_late", "chat") for phrase in WORDS[name]
)


def lines(text: str) -> Iterator[Person]:
    """Names that the form of a line tells."""
    if ":" in text or "<" in text:
        starts = [
            start
            for start, end in _lines_of(text)
            if text.find(":", start, end) >= 0 or text.find("<", start, end) >= 0
        ]
        yield from _speakers(text, starts)
        yield from _headers(text, starts)
        if "):" in text or "]:" in text:
            yield from _told(text, (_IN_ROLE.match(text, start) for start in starts))
    if "\n" in text:
        yield from _alone(text)
    yield from _enumerated(text)
    if "\0" in text:
        signs = (sign.span() for sign in _ADDRESS.finditer(text))
        yield from _told(text, _before(_MAILED, text, signs))
    said = _PHRASES.places(text)
    if "wrote" in said:
        yield from _quoted(text, _before(_WROTE, text, said["wrote"]))
    if "wrote_late" in said:
        yield from _quoted(
            text, (match for _, match in behind(_WROTE_LATE, text, said["wrote_late"]))
        )
    if "chat" in said:
        yield from _told(text, from_capitals(_JOINED, text, 0, len(text)))
    if "写道" in text:
        yield from _quoted(text, _WROTE.finditer(text))


def _before(
    pattern: re.Pattern[str], text: str, places: Iterable[Place]
) -> Iterator[re.Match[str]]:
    """What a pattern takes of a name and of what stands at one of some places behind it."""
    done = 0
    for start, end in places:
        yield from from_capitals(pattern, text, max(done, start - _FAR), start)
        done = end


def _lines_of(text: str) -> Iterator[Place]:
    """Where each line begins and ends."""
    start = 0
    while (end := text.find("\n", start)) >= 0:
        yield start, end
        start = end + 1
    yield start, len(text)


def _told(text: str, matches: Iterable[re.Match[str] | None]) -> Iterator[Person]:
    for match in matches:
        if match and (place := _kept(text, match)):
            yield Person(*place, 0.8)


def _alone(text: str) -> Iterator[Person]:
    """Names that fill a line: under what is quoted, over an address, beside a time."""
    taken = "\0" in text
    clock = taken or _CLOCK.search(text) is not None
    opens = True  # whether what stands before lets a card begin
    for start, end in _lines_of(text):
        if _OPENING.match(text, start):
            yield from _filling(text, _SIGNED_QUOTE.match(text, start), 1)
            if taken:
                yield from _filling(text, _HEADING.match(text, start), 2)
                card = _CARD.match(text, start) if opens else None
                if card and not any(map(is_word, card["name"].split())):
                    yield from _filling(text, card, 2)
            above = _ABOVE.match(text, start) if clock else None
            if above and (place := _kept(text, above)):
                told = " " in above["name"] or is_known(text[slice(*place)])
                yield Person(*place, 0.6 if told else 0.4)
        opens = taken and text[start:end].strip(" \t") in _BEFORE_CARD


def _filling(text: str, match: re.Match[str] | None, least: int) -> Iterator[Person]:
    """The name of a match, if nothing has to be cut from it and it has so many words."""
    if match and match["name"].count(" ") + 1 >= least and _kept(text, match) == match.span("name"):
        yield Person(*match.span("name"), 0.6)


def _enumerated(text: str) -> Iterator[Person]:
    """All of several single names of which most are known."""
    starts = (
        (text.rfind(" ", 0, comma.start()) + 1, comma.start()) for comma in _COMMA.finditer(text)
    )
    done = 0
    for match in chain.from_iterable(from_capitals(_ENUMERATED, text, *each) for each in starts):
        if match.start() < done:
            continue
        done = match.end()
        parts = [*_PART.finditer(text, *match.span())]
        towns = any(part[0].casefold() in TOWNS for part in parts)
        if not towns and 3 * sum(is_known(part[0]) for part in parts) >= 2 * len(parts):
            yield from (Person(*part.span(), 0.6) for part in parts)


def _kept(text: str, match: re.Match[str]) -> tuple[int, int] | None:
    return kept(text, *match.span("name"))


def _speakers(text: str, starts: Iterable[int]) -> Iterator[Person]:
    """Labels with a time, those that are names, and those beside `Agent:` and the like.

    One word behind a time is a program of a log (`10:12:03 Printer: no paper`), unless lists have
    it or somebody speaks beside it.
    """
    found = [match for start in starts if (match := _SPEAKER.match(text, start))]
    conversation = len(found) > 1 and any(match["name"].lower() in _SPEAKERS for match in found)
    spoken = conversation or any(is_known(match["name"]) for match in found)
    for match in found:
        place = _kept(text, match)
        if place is None or match["name"].split()[0].lower() in _LABELS:
            continue
        known = is_known(text[slice(*place)])
        timed = bool(match["before"] or match["after"]) and (spoken or " " in match["name"])
        timed = timed or bool(match["angle"])
        whole = place[1] == match.end("name")
        small = match["name"].islower()
        score = (
            0.85 if timed and whole else 0.75 if known and whole else 0.7 if conversation else 0.3
        )
        yield Person(*place, 0.3 if small and not (known or match["angle"]) else score)


def _headers(text: str, starts: Sequence[int]) -> Iterator[Person]:
    """Names before addresses; without one, in a header of several lines."""
    headers = [match for start in starts if (match := _HEADER.match(text, start))]
    several = len(headers) > 1 or (
        headers and any(_OTHER_HEADER.match(text, start) for start in starts)
    )
    for header in headers:
        value, offset = header["value"], header.start("value")
        mailed = "\0" in value or "@" in value or "<" in value
        for match in chain(
            from_capitals(_ADDRESSEE, value, 0, len(value)),
            () if value.isascii() else _CJK_ADDRESSEE.finditer(value),
        ):
            start, end = offset + match.start("name"), offset + match.end("name")
            place = kept(text, start, end) if match.re is _ADDRESSEE else (start, end)
            if place is not None and match["name"] not in _ROLES:
                known = is_known(text[slice(*place)])
                yield Person(*place, 0.9 if mailed else 0.75 if several else 0.6 if known else 0.3)


def _quoted(text: str, matches: Iterable[re.Match[str]]) -> Iterator[Person]:
    for match in matches:
        ended = match.re is _WROTE_LATE or match[0].endswith(":") or "<" in match[0]
        if place := _kept(text, match):
            told = ended or "\0" in match[0]
            yield Person(*place, 0.9 if told else 0.6 if is_known(text[slice(*place)]) else 0.35)
