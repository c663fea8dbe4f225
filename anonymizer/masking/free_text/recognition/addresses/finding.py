"""Addresses of a text: what streets, postcodes, boxes, corners and words for addresses lead to."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from anonymizer.masking.free_text.basis.characters import Bools
from anonymizer.masking.free_text.basis.folding import (
    IS_EAST_ASIAN,
    LETTER,
    Span,
    fold_letters,
    shape_of,
)
from anonymizer.masking.free_text.basis.glances import NEVER, Glances
from anonymizer.masking.free_text.basis.lists import any_of
from anonymizer.masking.free_text.basis.phrases import lowered, words_of
from anonymizer.masking.free_text.basis.telling import Telling
from anonymizer.masking.free_text.basis.words import TOWNS
from anonymizer.masking.free_text.recognition.addresses.east_asian import chinese, japanese, korean
from anonymizer.masking.free_text.recognition.addresses.growing import NUMBERED, TOWN, grown
from anonymizer.masking.free_text.recognition.addresses.streets import (
    CAPITALISED,
    Core,
    may_be_western,
    western,
)
from anonymizer.masking.free_text.recognition.addresses.words import WORDS
from anonymizer.masking.places.table import load_table

_DIGIT: Final = re.compile(r"\d")
_BRAZILIAN: Final = re.compile(r"(?<!\d)\d{5}-?\d{3} [^,/\n\d]{3,40}(?: -|/| /) ?[A-Z]{2}(?!\w)")
_STATE_ZIP: Final = re.compile(
    rf"(?<!\w)(?:(?P<state>{any_of(WORDS['states'])}),?\.? "
    rf"(?:(?P<zip>\d{{5}}(?:-\d{{4}})?|\d{{4}})|(?P<ca2>[ABCEGHJ-NPRSTVXY]\d[A-Z] ?\d[A-Z]\d))"
    rf"|(?P<gb>(?P<area>[A-Z]{{1,2}})\d[A-Z\d]? \d[ABD-HJLNP-UW-Z]{{2}})|"
    rf"(?P<ie>[AC-FHKNPRTV-Y]\d[\dW] [AC-FHKNPRTV-Y\d]{{4}})|"
    rf"(?P<ca>[ABCEGHJ-NPRSTVXY]\d[A-Z] \d[A-Z]\d))(?![\w]|[.,-]\d)"
)
_TOWN_BEFORE: Final = re.compile(
    rf"(?<!\w){CAPITALISED}(?:[ -]{CAPITALISED}){{0,3}}(?P<comma>,| "
    rf"-)?[ \n]+$"
)
_POST_TOWN: Final = re.compile(
    rf"(?=[A-Z\d])(?<![\w.,$€£#/:-])(?:(?P<sign>[A-Z]{{1,3}}) ?- ?)?"
    rf"(?P<code>\d{{4}} ?[A-Z]{{2}}(?!\w)|\d{{4,5}}|"
    rf"\d{{2}}-\d{{3}}|\d{{4}}-\d{{3}}|\d{{3}} \d{{2}})"
    rf"(?P<comma>,)?(?: |(?<=[A-Z])\n)(?P<town>{TOWN})"
)
_COUNT: Final = re.compile(r" \d{3}")
# Units behind a number, and no towns: 4096 MB, 2000 IU
_UNITS: Final = re.compile(r"(?:[KMGT]i?B|I\.?[UE]|UI|J\.?M|TBL|KAPS|TABS?|CAPS)(?!\w)")
_TOLD_POST: Final = re.compile(
    rf"(?i)(?<!\w)(?:{WORDS.pattern('postcode_label')})(?:\s?(?:is|ist|est|es|:|=|\.|-|#))*\s{{0,3}}"
    r"(?P<code>[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|[A-Z]\d[A-Z] ?\d[A-Z]\d|\d{5}-\d{3,4}|\d{4} "
    r"?[A-Z]{2}(?!\w)|\d{2}-\d{3}|\d{3} \d{2,3}|\d{4,8})(?![\w-]|[.,]\d)"
)
_BOX: Final = re.compile(
    rf"(?i)(?<![\w])(?P<box>{WORDS.pattern('box')})(?: ?(?:nr?|no|n°|nº|num)\.?)?[ "
    rf":]{{1,2}}(?P<number>\d[\d ]{{0,7}}\d|\d)(?!\w)"
)
_MILITARY: Final = re.compile(
    r"(?i)(?<!\w)(?:PSC|CMR|Unit|USNS|USS|USCGC|USNV) [\w "
    r"-]{1,20}?,?\s(?:Box \d+,?\s)?(?:APO|FPO|DPO),? (?:A[AEP]) \d{5}"
)
_PLAIN_BOX: Final = re.compile(r"(?<!\w)B(?:ox|OX) ?#? ?\d{1,6}(?!\w)")
_RURAL: Final = re.compile(
    r"(?i)(?<!\w)(?:rr|rural route|hcr?|rt|route|star route)\.? ?(?:#|no\.?)? ?\d{1,4},? (?:po "
    r")?box ?#? ?\w{1,6}"
)
_FLAT_WORDS: Final = "apt|apartment|suite|ste|unit|flat|wohnung|whg|appt|piso|puerta|daire|кв"
_FLAT: Final = re.compile(
    rf"(?<![\w$€£#])(?:{NUMBERED}|\d{{1,5}} (?:{LETTER}+[.,]? ){{1,5}}\d{{1,5}}{LETTER}?)"
    rf"[ ,\n>?]+(?i:{_FLAT_WORDS})\.? ?#? "
    rf"?[A-Za-z]?\d{{1,5}}[A-Za-z]?(?!\w)"
)
_SURE_BOX: Final = re.compile(
    r"(?i)box|fach|postal|postbus|boks|correos|скр|skr|а/я|ящик|lokero|"
    r"bag"
)
_CORNER: Final = re.compile(
    rf"(?i:(?:the )?(?:corner|intersection|junction) of |(?:an der |der )?ecke (?:von )?|(?:à "
    rf"l')?angle (?:de |des )?(?:la |rues? )?|"
    rf"(?:la )?esquina (?:de |con )?|(?:all')?angolo (?:tra |di |con )?|hoek van (?:de )?)"
    rf"(?P<one>(?:{CAPITALISED}|\d+(?:st|nd|rd|th)?|{LETTER}+\.)"
    rf"(?: (?:{CAPITALISED}|\d+\w?\.?|(?!and|und|et|con|en|e|y){LETTER}{{2,10}})){{0,4}}?)(?i: "
    rf"and | & | und | et | y | con | e | en |/| ?- ?)"
    rf"(?:{CAPITALISED}|\d+(?:st|nd|rd|th)?)(?: (?:{CAPITALISED}|\d+)){{0,4}}"
)
_LABEL, _LIVES = WORDS.pattern("label"), WORDS.pattern("lives")
# In small letters; then the place in its own, which is far faster than one pattern in any case.
_LABELLED: Final = re.compile(
    rf"(?<!\w)(?:(?:{_LABEL})(?: is| ist| est| es| è|:|=|-)?\s{{0,8}}(?:(?:is|ist|est|"
    rf"es|here they are|to|in|at|as|with)\s:?\s)?|(?:{_LIVES})[:\s]\s?)"
)
_PLACE: Final = re.compile(
    rf"(?!IP)(?P<place>(?:\d{{1,5}}[\w/-]{{0,4}},? )?(?:(?:\d{{1,5}}[\w/-]{{0,4}},? "
    rf")?(?:{CAPITALISED}[ -]?){{1,5}},? ?\d{{1,5}}(?!st|nd|rd|th)"
    rf"(?:[-/]?[A-Za-z\d]{{1,3}})?(?!\w)|"
    rf"\d{{1,5}}[\w/-]{{0,4}},? (?:{CAPITALISED}(?:[ -](?=[^\W\d_])|(?!\w))){{1,5}}))"
)
_TRIES: Final = 1_000  # streets of a text that are looked at closely
_WORDS: Final = re.compile(r"[^\W\d_]+")
# Parts of forms that texts with postcodes have, those with a town behind them and those of Brazil.
_POSTAL: Final = (b"9999", b"A9", b"999 99", b"99-999")
_BEFORE_TOWNS: Final = (b"9999", b"999 99", b"99-999")
# What `_STATE_ZIP` takes: a state before four figures, or a code of letters and figures.
_MAY_BE_STATE: Final = re.compile(rb"[^ 9] 9999|9[A9]? 9AA|A9[^ ] [A9]{4}|A9A ?9A9")
_BRAZILIAN_CODE: Final = (b"99999-999 ", b"99999999 ")
_LABELS_OF_CODES: Final = WORDS.set("postcode_words")
_BOX_WORDS: Final = frozenset(_WORDS.findall(WORDS.pattern("box").replace("\\", " "))) - {"n", "de"}
_LABEL_WORDS: Final = frozenset(
    re.findall(
        r"[^\W\d_]{4,}"
        r"",
        _LABEL + _LIVES,
    )
) | {"bor", "cím"}
# Patterns with the words that a text has where they match, and what they say.
_OTHERS: Final = (
    (frozenset({"psc", "cmr", "unit", "usns", "uss", "uscgc", "usnv"}), _MILITARY, 0.9),
    (frozenset({"rr", "rural", "hc", "hcr", "rt", "route", "star"}), _RURAL, 0.8),
    (frozenset({"box"}), _PLAIN_BOX, 0.25),
    (frozenset(_FLAT_WORDS.split("|")), _FLAT, 0.6),
    (
        frozenset(
            {"corner", "intersection", "junction", "ecke", "angle", "esquina", "angolo", "hoek"}
        ),
        _CORNER,
        0.6,
    ),
)
_NEEDED: Final = frozenset[str]().union(*(needed for needed, _, _ in _OTHERS))


_CORNERS: Final = _OTHERS[-1][0]
_BOXES: Final = Telling(_BOX_WORDS)
_LABELS: Final = Telling(_LABEL_WORDS)
_NUMBERED_LATER: Final = Telling((_NEEDED - _CORNERS - {"box"}) | _LABELS_OF_CODES)
_CORNER_WORDS: Final = Telling(_CORNERS, end=["orner"])


def may_hold_addresses(seen: Glances) -> Bools:
    """Whether texts have figures beside a word of addresses, or those of a postcode."""
    words = seen.words
    boxes = seen.beside_digits(_BOXES.among(words))
    counted = seen.figures_next(boxes) | seen.figures_next(words.following[boxes])
    boxes = boxes[counted & (seen.blanks_ahead(boxes) <= _CLOSE)]
    later = seen.beside_digits(_NUMBERED_LATER.among(words))
    later = later[seen.blanks_ahead(later) < NEVER]
    labels = seen.beside_digits(_LABELS.among(words))
    places = seen.beside_digits((seen.capital | seen.goes_on) & seen.at(labels)[words.owners])
    near = (seen.blanks_behind(places) <= _CLOSE) | (seen.blanks_ahead(places) <= _CLOSE)
    told = seen.at(boxes) | seen.at(later) | seen.in_order(labels, places[near])
    told |= may_be_western(seen) | (seen.digit & seen.postal)
    return told | seen.says(_CORNER_WORDS)


_CLOSE: Final = 3  # blanks between figures and a word


def addresses(text: str, _region: str) -> Iterator[Span]:
    """Addresses of streets, boxes and corners with their towns; postcodes with theirs.

    `score` is what all parts of one say together; without a street's word, a postcode or a word
    that says so, less than a half.
    """
    east_asian = not text.isascii() and IS_EAST_ASIAN.search(text)
    if not (east_asian or _DIGIT.search(text) or "orner" in text):
        return
    used = words_of(text)
    found = _grown(text, sorted(_cores(text, used)))
    if east_asian:
        found += [*chinese(text), *japanese(text), *korean(text)]
    for start, end, evidence, _ in _apart(text, found):
        written = text[start:end].rstrip(" .\n")
        canonical = " ".join(re.findall(r"\w+", fold_letters(written).text))
        score = round(min(1.0, evidence), 2)
        yield Span(start, start + len(written), "address", canonical, score)


def _grown(text: str, cores: list[Core]) -> list[Core]:
    """Whole addresses; a core inside of one that is before it is a part of that."""
    found: list[Core] = []
    for place, core in enumerate(cores):
        last = found[-1] if found else None
        if last is not None and core.end <= last.end:
            found[-1] = last._replace(evidence=max(last.evidence, core.evidence))
        else:
            found.append(grown(text, core) if place < _TRIES else core)
    return found


def _cores(text: str, used: frozenset[str]) -> Iterator[Core]:
    yield from western(text, used)
    looks = shape_of(text)
    if any(part in looks for part in _POSTAL):
        yield from _by_post(text, looks, used)
    told = used & _NEEDED
    for needed, pattern, evidence in _OTHERS if told else ():
        if not told.isdisjoint(needed):
            for match in pattern.finditer(text):
                yield Core(*match.span(), evidence)
    if not used.isdisjoint(_BOX_WORDS):
        for match in _BOX.finditer(text):
            yield Core(*match.span(), 0.7 if _SURE_BOX.search(match["box"]) else 0.3)
    if not used.isdisjoint(_LABEL_WORDS):
        for label in _LABELLED.finditer(lowered(text)):
            place = _PLACE.match(text, label.end())
            if place:
                yield Core(*place.span("place"), 0.5)


def _by_post(text: str, looks: bytes, used: frozenset[str]) -> Iterator[Core]:
    """Postcodes that say by themselves what they are, with the town beside them."""
    for match in _STATE_ZIP.finditer(text) if _MAY_BE_STATE.search(looks) else ():
        town = _TOWN_BEFORE.search(text, max(0, match.start() - 50), match.start())
        start = town.start() if town else match.start()
        yield Core(start, match.end(), _evidence_of(match, town), street=False)
    if any(part in looks for part in _BRAZILIAN_CODE):
        for match in _BRAZILIAN.finditer(text):
            yield Core(*match.span(), 0.7, street=False)
    if any(part in looks for part in _BEFORE_TOWNS):
        for match in _POST_TOWN.finditer(text):
            known = match["town"].lower() in TOWNS
            listed = match["comma"] and not known  # `RE-10482, Pos. 3`, `users 88213, cards 12045`
            counted = listed and (match["sign"] or _COUNT.match(text, match.end()))
            if counted or _UNITS.match(match["town"]):
                continue
            more = 0.3 * known + 0.3 * bool(match["sign"]) + 0.2 * (len(match["code"]) > 5)
            yield Core(*match.span(), 0.3 + more, street=False)
    if not used.isdisjoint(_LABELS_OF_CODES):
        for match in _TOLD_POST.finditer(text):
            yield Core(*match.span("code"), 0.7, street=False)


def _evidence_of(match: re.Match[str], town: re.Match[str] | None) -> float:
    """British and Canadian codes by their form, others with the state and the town before them."""
    if match["gb"]:
        return 0.7 if match["area"] in load_table("GB").prefixes else 0.2
    if match["ca"] or match["ca2"]:
        return 0.6
    if match["ie"]:
        return 0.6 if town else 0.2
    state, code = match["state"], match["zip"]
    if len(code) == 4:
        return 0.7 if state in load_table("AU").regions and town else 0.2
    prefixes = load_table("US").prefixes
    agrees = any(prefixes.get(code[:digits]) == state for digits in (3, 2, 4, 5))
    return 0.25 + 0.2 * agrees + (0.35 if town and town["comma"] else 0.1 if town else 0)


def _apart(text: str, found: Iterable[Core]) -> Iterator[Core]:
    """One address of those that touch, which is as long as all and as sure as the surest."""
    last: Core | None = None
    for core in sorted(found):
        if last is not None and not text[last.end : core.start].strip(" ,;/\n-"):
            evidence = max(last.evidence, core.evidence)
            if core.start >= last.end:
                evidence = last.evidence + core.evidence
            last = Core(last.start, max(last.end, core.end), evidence)
            continue
        if last is not None:
            yield last
        last = core
    if last is not None:
        yield last
