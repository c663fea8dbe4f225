"""Who speaks in a chat or a transcript, who wrote an e-mail to whom, whom it quotes."""

import re
from collections.abc import Iterator
from typing import Final

from anonymizer.masking.free_text.recognition.basis.glance import words_of
from anonymizer.masking.free_text.recognition.basis.lists import any_of
from anonymizer.masking.free_text.recognition.basis.words import TOWNS
from anonymizer.masking.free_text.recognition.people.names import (
    NAME,
    PART,
    WHOLE_NAME,
    Person,
    is_known,
    is_word,
    kept,
)
from anonymizer.masking.free_text.recognition.people.words import WORDS

# A time, or what is left of a date with one.
_TIME: Final = (
    r"(?:\0+[\0\d:, apmAPM.\u202f-]{0,14}|\d{1,2}[:.]\d\d(?:[:.]\d\d)?(?: "
    r"?[apAP]\.?[mM]\.?)?)"
)
_STAMP: Final = rf"(?P<before>[\[(<]?{_TIME}[\])>]?[ \t]*[-|,]?[ \t]*)"
_ROLE: Final = rf"(?:(?i:{any_of(WORDS['speakers'])})[ _-])"
_SPEAKER: Final = re.compile(
    rf"(?m)^[ \t>*]*{_STAMP}?(?P<angle><)?[@~]?{_ROLE}?(?P<name>{NAME}|"
    rf"(?:[a-zß-ÿ]{{3,20}})(?=[:>]))(?: ?\((?P<role>[^()\n]{{1,24}})\))?"
    rf"(?P<after>[ \t]*[\[(,]?[ \t]?{_TIME}[\])]?)?(?(angle)>|[ \t]?:)(?=\s|\*|$)"
)
# Anna Schmidt  10:02, over what she said.
_ABOVE: Final = re.compile(
    rf"(?m)^[ \t]*(?P<name>{NAME})(?:[ \t]{{1,4}}|, |[ \t]*[-·|(\[][ "
    rf"\t]*){_TIME}[)\]]?[ \t]*$"
)
_HEADER: Final = re.compile(
    r"(?mi)^[>\s*|]*(?P<key>from|to|cc|bcc|sender|reply-to|sent by|organizer|attendees?|von|an|"
    r"kopie|gesendet von|de|à|a|para|copie|da|"
    r"van|aan|lähettäjä|vastaanottaja|od|do|dw|från|till|fra|til|от|кому|копия|gönderen|kimden|"
    r"kime|发件人|收件人|抄送|寄件者|差出人|宛先|보낸 사람|받는 사람)"
    r"\*?[ \t]*[:：]\*?[ \t]*(?P<value>[^\n]{2,400})"
)
_OTHER_HEADER: Final = re.compile(
    r"(?mi)^[>\s*|]*(?:subject|date|sent|betreff|datum|gesendet|objet|envoyé|asunto|fecha|"
    r"enviado|oggetto|inviato|onderwerp|verzonden|assunto|"
    r"aihe|lähetetty|temat|wysłano|ämne|skickat|emne|sendt|тема|отправлено|konu|主题|主旨|日期|"
    r"时间|件名|제목)\*?[ \t]*[:：]"
)
_ADDRESSEE: Final = re.compile(rf"\"?(?P<name>{NAME}(?:, {NAME})?)\"?(?=[ \t]*(?:[<;(\[\0]|$|,))")
_CJK_ADDRESSEE: Final = re.compile(
    r"(?P<name>[\u4e00-\u9fff]{2,4}|[\uac00-\ud7af]{2,4})(?=[ "
    r"\t]*(?:[<;(\[\0,，]|$))"
)
_WROTE: Final = re.compile(
    rf"(?P<name>{NAME}|[\u4e00-\u9fff]{{2,4}})\"?[ \t]*(?:[<(\[][^\n<>]{{0,80}}[>)\]]|\0+)?[ "
    rf"\t]*\n?(?:wrote|schrieb|a écrit|escribió|ha scritto|schreef|"
    r"escreveu|kirjoitti|napisała?(?:\(a\))?|skrev|написала?|пишет|yazdı|写道)(?!\w) ?:?"
)
_WROTE_LATE: Final = re.compile(
    rf"(?:schrieb|schreef|skrev|kirjoitti|écrit|escribió|scritto|"
    rf"escreveu)[ \t]+(?P<name>{WHOLE_NAME})(?=[ \t]*(?:[<(\0:]))"
)
# The last line of what is quoted.
_SIGNED_QUOTE: Final = re.compile(rf"(?m)^>+[ \t]?(?P<name>{NAME})[ \t]*$(?!\n>)")
_LABELS: Final = WORDS.set("labels")
_SPEAKERS: Final = WORDS.set("speakers")
_ROLES: Final = WORDS.set("cjk_roles")


# The first line of a card: a first and a last name, with a number or an address further down.
_CARD: Final = re.compile(
    rf"(?:\A|\n[ \t]*\n|--[ ]?\n)[ \t>?]*(?P<name>{NAME})[ \t]*(?:[|,·•][^\n]{{0,80}})?"
    rf"(?=\n(?:[^\n\0]{{0,60}}\n){{0,8}}[^\n\0]{{0,60}}\0)"
)
# Anna Schmidt <anna@example.org>, of which the address is found before.
_MAILED: Final = re.compile(rf"(?P<name>{NAME})\"?[ \t]*[<(]\0")
# Agent (Ben): how can I help?
_IN_ROLE: Final = re.compile(
    rf"(?m)^[ \t>*]*(?i:{any_of(WORDS['speakers'])}) ?[(\[](?P<name>{NAME})[)\]][ \t]*:"
)
# Ben from Support joined the chat
_JOINED: Final = re.compile(
    rf"(?P<name>{NAME})(?: (?:from|von|de|van|di) {PART}| \([^()\n]{{1,30}}\))? "
    rf"(?i:{WORDS.pattern('joined')})(?!\w)"
)
_CHAT: Final = WORDS.set("chat")
# Several people: `Anna, Max, Eva and Tom`.
_ENUMERATED: Final = re.compile(
    rf"(?<![\w-]){PART}(?:, {PART}){{1,20}},? (?:[^\W\d_]{{1,3}}|&) {PART}"
)
# A line with a first and a last name over an address or the like.
_HEADING: Final = re.compile(rf"(?m)^[ \t>?]*(?P<name>{NAME})[ \t]*\n(?:[ \t>?]*\n)*[ \t>?]*\0")
_PART: Final = re.compile(PART)
_CLOCK: Final = re.compile(r"\0|\d[:.]\d\d")
_WRITES: Final = re.compile(
    "wrote|schrieb|écrit|escribió|scritto|schreef|escreveu|kirjoitti|"
    "napisa|skrev|написа|пишет|yazdı|写道"
)


def lines(text: str) -> Iterator[Person]:
    """Names that the form of a line tells."""
    if ":" in text or ">" in text:
        yield from _speakers(text)
        yield from _headers(text)
    if "\n" in text:
        yield from _alone(text)
    if comma := _COMMA.search(text):
        yield from _enumerated(text, comma.start())
    if "<\0" in text or "(\0" in text:
        yield from _mailed(text)
    for means, places in _PHRASES.places(text).items():
        yield from _FINDERS[means](text, places)
    if "写道" in text:
        yield from _wrote(text, [match.span() for match in re.finditer("写道", text)])


def _lines_of(text: str) -> Iterator[Place]:
    """Where each line begins and ends."""
    start = 0
    while (end := text.find("\n", start)) >= 0:
        yield start, end
        start = end + 1
    yield start, len(text)


def _told(text: str, matches: Iterable[re.Match[str]]) -> Iterator[Person]:
    for match in matches:
        if place := _kept(text, match):
            yield Person(*place, 0.8)


def _mailed(text: str) -> Iterator[Person]:
    """Names with an address behind them, in brackets."""
    for sign in _TAKEN.finditer(text):
        start, end = max(0, sign.start() - _NAME_LENGTH), sign.start()
        yield from _told(text, from_capitals(_MAILED, text, start, end))


def _joined(text: str, _: Sequence[Place]) -> Iterator[Person]:
    return _told(text, from_capitals(_JOINED, text, 0, len(text)))


def _alone(text: str) -> Iterator[Person]:
    """Names that fill a line: under what is quoted, over an address, beside a time."""
    taken, clock = "\0" in text, _CLOCK.search(text) is not None
    after_gap = True  # whether a card may begin
    for start, end in _lines_of(text):
        quoted = (start, "") if text[start:start+1] == ">" else None
        if taken or text.startswith(">", start):
            pass
        after_gap = not text[start:end].strip(" \t") or text[start:end].endswith(("--", "-- "))


def _enumerated(text: str, comma: int) -> Iterator[Person]:
    """All of several single names of which most are known."""
    for match in from_capitals(_ENUMERATED, text, comma - _NAME_LENGTH, len(text)):
        parts = [*_PART.finditer(text, *match.span())]
        towns = any(part[0].casefold() in TOWNS for part in parts)
        if not towns and 3 * sum(is_known(part[0]) for part in parts) >= 2 * len(parts):
            yield from (Person(*part.span(), 0.6) for part in parts)


def _kept(text: str, match: re.Match[str]) -> tuple[int, int] | None:
    return kept(text, *match.span("name"))


def _speakers(text: str) -> Iterator[Person]:
    """Labels with a time, those that are names, and those beside `Agent:` and the like."""
    found = list(_SPEAKER.finditer(text))
    if not found:
        return
    conversation = len(found) > 1 and any(match["name"].lower() in _SPEAKERS for match in found)
    for match in found:
        place = _kept(text, match)
        if place is None or match["name"].split()[0].lower() in _LABELS:
            continue
        timed = bool(match["before"] or match["after"] or match["angle"])
        known = is_known(text[slice(*place)])
        whole = place[1] == match.end("name")
        small = match["name"].islower()
        score = (
            0.85 if timed and whole else 0.75 if known and whole else 0.7 if conversation else 0.3
        )
        yield Person(*place, 0.3 if small and not (known or match["angle"]) else score)


def _headers(text: str) -> Iterator[Person]:
    """Names before addresses; without one, in a header of several lines."""
    several = len(_HEADER.findall(text)) + len(_OTHER_HEADER.findall(text)) > 1
    for header in _HEADER.finditer(text):
        value = header["value"]
        mailed = "\0" in value or "@" in value or "<" in value
        for pattern in (_ADDRESSEE, _CJK_ADDRESSEE):
            for match in pattern.finditer(value):
                start = header.start("value")
                place = kept(text, start + match.start("name"), start + match.end("name"))
                if match["name"] in _ROLES:
                    continue
                if pattern is _CJK_ADDRESSEE:
                    place = start + match.start("name"), start + match.end("name")
                if place is None:
                    continue
                known = is_known(text[slice(*place)])
                yield Person(*place, 0.9 if mailed else 0.75 if several else 0.6 if known else 0.3)


def _quoted(text: str) -> Iterator[Person]:
    for match in _WROTE.finditer(text):
        ended = match[0].endswith(":") or "<" in match[0] or "\0" in match[0]
        if place := _kept(text, match):
            yield Person(*place, 0.9 if ended else 0.6 if is_known(text[slice(*place)]) else 0.35)
    for match in _WROTE_LATE.finditer(text):
        if place := _kept(text, match):
            yield Person(*place, 0.9)
