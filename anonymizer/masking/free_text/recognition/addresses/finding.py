"""Addresses of a text: what streets, postcodes, boxes, corners and words for addresses lead to."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from anonymizer.masking.free_text.recognition.addresses import words
from anonymizer.masking.free_text.recognition.addresses.east_asian import chinese, japanese, korean
from anonymizer.masking.free_text.recognition.addresses.growing import NUMBERED, TOWN, grown
from anonymizer.masking.free_text.recognition.addresses.streets import (
    CAPITALISED,
    Core,
    any_of,
    western,
)
from anonymizer.masking.free_text.recognition.folding import Span, fold_letters
from anonymizer.masking.places.table import load_table

_DIGIT: Final = re.compile(r"\d")
_EAST_ASIAN: Final = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]")
_TOWN_BEFORE: Final = rf"(?:{CAPITALISED}(?:[ -]{CAPITALISED}){{0,3}})"
_BRAZILIAN: Final = r",? [^,/\n\d]{3,30}(?: -|/| /) ?[A-Z]{2}(?!\w)"
_STATE_ZIP: Final = re.compile(
    rf"(?<![\w])(?:(?P<town>{_TOWN_BEFORE})(?P<comma>,| -)?[ \n]+)?(?:(?P<state>{any_of(words.STATES)}),?\.? "
    rf"(?:(?P<zip>\d{{5}}(?:-\d{{4}})?|\d{{4}})|(?P<ca2>[ABCEGHJ-NPRSTVXY]\d[A-Z] ?\d[A-Z]\d))"
    rf"|(?P<gb>(?P<area>[A-Z]{{1,2}})\d[A-Z\d]? \d[ABD-HJLNP-UW-Z]{{2}})|(?P<ca>[ABCEGHJ-NPRSTVXY]\d[A-Z] \d[A-Z]\d))(?![\w]|[.,-]\d)"
)
_POST_TOWN: Final = re.compile(
    rf"(?<![\w.,$€£#/:-])(?:(?P<sign>[A-Z]{{1,3}}) ?- ?)?(?P<code>\d{{4,5}}|\d{{4}} ?[A-Z]{{2}}|\d{{2}}-\d{{3}}|\d{{4}}-\d{{3}}|\d{{3}} \d{{2}}|\d{{5}}-?\d{{3}}(?={_BRAZILIAN}))"
    rf",?(?: |(?<=[A-Z])\n)(?P<town>{TOWN})"
)
_TOLD_POST: Final = re.compile(
    rf"(?i)(?<!\w)(?:{words.POSTCODE_LABEL})(?:\s?(?:is|ist|est|es|:|=|\.|-|#))*\s{{0,3}}"
    r"(?P<code>[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|[A-Z]\d[A-Z] ?\d[A-Z]\d|\d{5}-\d{3,4}|\d{4} ?[A-Z]{2}(?!\w)|\d{2}-\d{3}|\d{3} \d{2,3}|\d{4,8})(?![\w-]|[.,]\d)"
)
_BOX: Final = re.compile(rf"(?i)(?<![\w])(?P<box>{words.BOX})(?: ?(?:nr?|no|n°|nº|num)\.?)?[ :]{{1,2}}(?P<number>\d[\d ]{{0,7}}\d|\d)(?!\w)")
_MILITARY: Final = re.compile(r"(?<!\w)(?:PSC|CMR|Unit|USNS|USS|USCGC|USNV) [\w -]{1,20}?,?\s(?:Box \d+,?\s)?(?:APO|FPO|DPO),? (?:A[AEP]) \d{5}")
_PLAIN_BOX: Final = re.compile(r"(?<!\w)B(?:ox|OX) ?#? ?\d{1,6}(?!\w)")
_RURAL: Final = re.compile(
    r"(?i)(?<!\w)(?:rr|rural route|hcr?|rt|route|star route)\.? ?(?:#|no\.?)? ?\d{1,4},? (?:po )?box ?#? ?\w{1,6}"
)
_FLAT: Final = re.compile(
    rf"(?<![\w$€£#])(?:{NUMBERED})[ ,\n]+(?i:apt|apartment|suite|ste|unit|flat|wohnung|whg|appt|piso|puerta|daire|кв)\.? ?#? ?[A-Za-z]?\d{{1,5}}[A-Za-z]?(?!\w)"
)
_SURE_BOX: Final = re.compile(r"(?i)box|fach|postal|postbus|boks|correos|скр|skr|а/я|ящик|lokero|bag")
_CORNER: Final = re.compile(
    rf"(?i:(?:the )?(?:corner|intersection|junction) of |(?:an der |der )?ecke (?:von )?|(?:à l')?angle (?:de |des )?(?:la |rues? )?|"
    rf"(?:la )?esquina (?:de |con )?|(?:all')?angolo (?:tra |di |con )?|hoek van (?:de )?)"
    rf"(?P<one>(?:{CAPITALISED}|\d+(?:st|nd|rd|th)?)(?: (?:{CAPITALISED}|\d+\w?)){{0,4}})(?i: and | & | und | et | y | con | e | en |/| ?- ?)"
    rf"(?:{CAPITALISED}|\d+(?:st|nd|rd|th)?)(?: (?:{CAPITALISED}|\d+)){{0,4}}"
)
_LABELLED: Final = re.compile(
    rf"(?:(?<!\w)(?i:(?:{words.LABEL})(?: is| ist| est| es| è|:|=|-)?\s{{0,3}}(?:(?:is|ist|est|es|here they are|to|in|at|as|with)\s?:?\s)?|(?:{words.LIVES})[:\s]\s?))"
    rf"(?P<place>(?:\d{{1,5}}[\w/-]{{0,4}},? )?(?:(?:\d{{1,5}}[\w/-]{{0,4}},? )?(?:{CAPITALISED}[ -]?){{1,5}},? ?\d{{1,5}}(?:[-/]?[A-Za-z\d]{{1,3}})?(?!\w)|\d{{1,5}}[\w/-]{{0,4}},? (?:{CAPITALISED}(?:[ -](?=[^\W\d_])|(?!\w))){{1,5}}))"
)
_LABEL_WORDS: Final = re.compile(rf"(?i){words.LABEL}|liv(?:es?|ing) (?:at|in|on)|{words.LIVES}")


def addresses(text: str, _region: str) -> Iterator[Span]:
    """Addresses of streets, boxes and corners with their towns; postcodes with theirs.

    `score` is what all parts of one say together; without a street's word, a postcode or a word
    that says so, less than a half.
    """
    east_asian = not text.isascii() and _EAST_ASIAN.search(text)
    if not (east_asian or _DIGIT.search(text) or "orner" in text):
        return
    found = [grown(text, core) for core in _cores(text)]
    if east_asian:
        found += [*chinese(text), *japanese(text), *korean(text)]
    for start, end, evidence, _ in _apart(text, found):
        end -= text[end - 1] in " .\n"
        canonical = " ".join(re.findall(r"\w+", fold_letters(text[start:end]).text))
        yield Span(start, end, "address", canonical, round(min(1.0, evidence), 2))


def _cores(text: str) -> Iterator[Core]:
    yield from western(text)
    yield from _by_post(text)
    for match in _BOX.finditer(text):
        sure = _SURE_BOX.search(match["box"])
        yield Core(*match.span(), 0.7 if sure else 0.3)
    for pattern, evidence in ((_MILITARY, 0.9), (_RURAL, 0.8), (_FLAT, 0.6), (_PLAIN_BOX, 0.25)):
        for match in pattern.finditer(text):
            yield Core(*match.span(), evidence)
    for match in _CORNER.finditer(text):
        yield Core(*match.span(), 0.6)
    if _LABEL_WORDS.search(text):
        for match in _LABELLED.finditer(text):
            yield Core(*match.span("place"), 0.5)


def _by_post(text: str) -> Iterator[Core]:
    """Postcodes that say by themselves what they are, with the town beside them."""
    for match in _STATE_ZIP.finditer(text):
        yield Core(*match.span(), _evidence_of(match), street=False)
    for match in _POST_TOWN.finditer(text):
        known = match["town"].lower() in words.TOWNS
        evidence = 0.3 + 0.3 * known + 0.3 * bool(match["sign"]) + 0.2 * (len(match["code"]) > 5)
        yield Core(*match.span(), evidence, street=False)
    for match in _TOLD_POST.finditer(text):
        yield Core(*match.span("code"), 0.7, street=False)


def _evidence_of(match: re.Match[str]) -> float:
    """British and Canadian codes by their form, others with the state and the town before them."""
    if match["gb"]:
        return 0.7 if match["area"] in load_table("GB").prefixes else 0.2
    if match["ca"] or match["ca2"]:
        return 0.6
    state, code = match["state"], match["zip"]
    if len(code) == 4:
        return 0.7 if state in load_table("AU").regions and match["town"] else 0.2
    prefixes = load_table("US").prefixes
    agrees = any(prefixes.get(code[:digits]) == state for digits in (3, 2, 4, 5))
    return 0.25 + 0.2 * agrees + 0.1 * bool(match["town"]) + 0.25 * bool(match["comma"])


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
