"""Values of a row read for the search: which words and digits of a text would give them away."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final

from anonymizer.masking.free_text.basis.folding import CJK, fold, fold_letters
from anonymizer.masking.free_text.basis.folding import plain as small
from anonymizer.masking.free_text.basis.words import COMMON, ORDINARY, PARTICLES
from anonymizer.masking.free_text.basis.words import WORDS as SHARED
from anonymizer.masking.free_text.known.scripts import romanised
from anonymizer.masking.free_text.known.words import GENERIC, NICKNAMES, WORDS
from anonymizer.masking.free_text.recognition.finding import find

APART: Final = re.compile(r"[\W_]+")  # what may stand between the parts of an id
TOKEN: Final = re.compile(r"[^\W\d_]+|\d+")
_FILLING: Final = r"\s·・,，、()（）\-"  # what may stand between the parts of a name or an address
FILLING: Final = re.compile(f"[{_FILLING}]+")
FILLED: Final = re.compile(f"[^{_FILLING}]")
_COMPOUND: Final = re.compile(SHARED.pattern("compound_surnames"))
_LITTLE: Final = WORDS.set("little")
_EXTENSION: Final = re.compile(r"(?i)\s*(?:,\s*)?(?:x|ext\.?|extension)\s*\d+\s*$")
_LETTER: Final = re.compile(r"[^\W\d_]")
_DIGIT: Final = re.compile(r"\d")
LOST: Final = "?\ufffd"  # what stands for letters that a program does not know
_BEYOND: Final = re.compile(r"[^\x00-\x7f]")
_IBAN: Final = re.compile(r"[a-z]{2}\d\d(?:[ -]?[a-z0-9]){11,30}")
_DAY: Final = re.compile(
    r"(?P<y>(?:1[89]|20)\d\d)(?P<gap>[-/.]?)(?P<m>\d\d?)(?P=gap)(?P<d>\d\d?)(?:[t ][\d:.+-]+)?"
    r"|(?P<a>\d\d?)([-/.])(?P<b>\d\d?)\6(?P<last>(?:1[89]|20)\d\d)"
)
# What many addresses have before the @ and what names nobody.
_ROLES: Final = WORDS.set("roles")
_UMLAUT: Final = re.compile("(?i)[äöüåø\u0308\u030a]")
_UMLAUTS: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})

STRONG_TOKEN: Final = 2
WEAK_TOKEN: Final = 1


@dataclass(frozen=True, slots=True, repr=False)
class Known:
    """A value of a row, read for the search. Has no repr that shows it.

    Attributes:
        pii_type: name (no digits), address, id (one word with digits), email, or what a number is.
        canonical: equal for all spellings of the value.
        tokens: its words and numbers in their order, folded.
        lines: the words of each line of an address that has a number.
        strengths: word → STRONG_TOKEN or WEAK_TOKEN, with joined and respelt forms.
        literals: what is searched as it stands, also inside words; blanks do not count.
        surnames: literals that need a title behind them.
        shingles: four characters in a row of a Chinese, Japanese or Korean address.
        names: parts of a name that are also looked for mistyped, inflected and glued.
        garbled: parts of a name with signs for letters that are lost; searched as they stand.
        digits: of a value of eight digits or more, without letters.
        signs: the letters and digits of an id or a short number, of which no part counts; without
            the zeros before a number of six digits or more.
        written: the same with what stands between them.
        tail: the last four digits of a card or an account.
        day: year, month and day, in any order, of a date.
        local: what an address has before the @, if that says who it is.
    """

    pii_type: str
    canonical: str
    tokens: tuple[str, ...] = ()
    lines: tuple[tuple[str, ...], ...] = ()
    strengths: Mapping[str, int] = field(default_factory=dict)
    literals: tuple[str, ...] = ()
    surnames: tuple[str, ...] = ()
    shingles: frozenset[str] = frozenset()
    names: tuple[str, ...] = ()
    garbled: tuple[str, ...] = ()
    digits: str = ""
    signs: str = ""
    written: str = ""
    tail: str = ""
    day: tuple[int, ...] = ()
    local: str = ""


@lru_cache(maxsize=20_000)
def read(value: str, region: str = "US") -> Known:
    """A value of another column, prepared for the search in texts."""
    folded = fold_letters(value).text.strip()
    if _DIGIT.search(folded):
        plain = folded.removesuffix(".0")  # a number read as a float
        if "x" in plain:
            plain = _EXTENSION.sub("", plain)
        if (day := _DAY.fullmatch(plain)) and (known := _date(day, plain)):
            return known
        if _LETTER.search(plain) is None:
            return _number(plain, region)
        if _IBAN.fullmatch(plain) and find(plain.upper(), ("iban",), region, alone=True):
            squeezed = re.sub("[ -]", "", plain)
            return Known("iban", squeezed.upper(), literals=(squeezed,), tail=squeezed[-4:])
    if "@" in folded and " " not in folded:
        return _address_with_at(folded)
    return _worded(value, folded)


@lru_cache(maxsize=20_000)
def read_id(value: str, region: str = "US") -> Known:
    """A value of a column of ids; names in full and phones with their sign stay what they are."""
    named = _DIGIT.search(value) is None and " " in value.strip()
    return read(value, region) if named or value.lstrip()[:1] in "+(" else _whole(value)


def _whole(value: str, pii_type: str = "id", canonical: str = "", tail: str = "") -> Known:
    """A value of which no part counts; a number of fewer than four digits does not, either."""
    written = small(fold(value).text.strip())
    if written.removesuffix(".0").isdecimal():  # a number read as a float
        written = written.removesuffix(".0")
    signs = APART.sub("", written)
    if signs.isdecimal():
        if len(signs) < 4:
            return Known("id", signs)
        signs = (len(signs) > 5 and signs.lstrip("0")) or signs
    return Known(pii_type, canonical or signs, signs=signs, written=written, tail=tail)


def _address_with_at(folded: str) -> Known:
    local = folded.partition("@")[0].partition("+")[0]
    tells = len(local) > 4 and local not in _ROLES and local not in COMMON and local not in ORDINARY
    return Known("email", folded, literals=(FILLING.sub("", folded),), local=local if tells else "")


def _date(day: re.Match[str], plain: str) -> Known | None:
    """A date, of which the canonical form is that of `dates`."""
    parts = [
        int(each) for each in (day["y"] or day["last"], day["m"] or day["a"], day["d"] or day["b"])
    ]
    _, *rest = parts
    if min(rest) < 1 or min(rest) > 12 or max(rest) > 31:
        return None
    found = find(plain, ("date",), alone=True)
    canonical = found[0].canonical if found else plain
    return Known("date", canonical, day=tuple(sorted(parts)))


def _worded(value: str, folded: str) -> Known:
    """A value made of words: a name or an address."""
    if _DIGIT.search(folded) and folded.isascii() and len(folded.split()) == 1:
        return _whole(value)
    words = TOKEN.findall(folded)
    tokens = tuple(words if folded.isascii() else TOKEN.findall(CJK.sub(" ", folded)))
    is_name = _DIGIT.search(folded) is None
    pii_type = "name" if is_name else "address"
    unbroken = {} if folded.isascii() else _unbroken(folded, pii_type)
    if _has_marks(folded):
        parts = (part for part in re.split(r"[\s,]+", folded) if len(part) > 2)
        unbroken, tokens = {"literals": tuple(parts)}, ()
    if is_name:
        strengths, unbroken["names"] = _strengths_of_name(tokens, _respelt(value))
        unbroken["garbled"] = tuple(_garbled(value))
    else:
        strengths = _strengths_of_address(tokens)
        for token, spelt in zip(tokens, _respelt(value), strict=False):
            strengths.setdefault(spelt, strengths[token])
        split = (tuple(TOKEN.findall(line)) for line in re.split(r"[\n,;]", folded))
        unbroken["lines"] = tuple(
            line for line in split if len(line) > 1 and any(map(str.isdigit, line))
        )
    canonical = " ".join(sorted(set(words) - PARTICLES))
    return Known(pii_type, canonical, tokens, strengths=strengths, **unbroken)


def _garbled(value: str) -> Iterator[str]:
    """The words of a name as programs write them that know no accents: `m?ller`."""
    for word in unicodedata.normalize("NFC", value).casefold().split():
        if not word.isascii() and len(_BEYOND.sub("", word)) > 2:
            yield from (_BEYOND.sub(sign, word) for sign in LOST)


def _has_marks(folded: str) -> bool:
    """Whether vowels are marks of letters, as in India."""
    if max(folded, default="") < "\u0900":
        return False
    return any(unicodedata.category(char)[0] == "M" for char in folded)


def _respelt(value: str) -> list[str]:
    """The words with umlauts written as two letters; none where there are none."""
    if _UMLAUT.search(value) is None:
        return []
    spelt = unicodedata.normalize("NFC", value).casefold().translate(_UMLAUTS)
    return TOKEN.findall(CJK.sub(" ", fold_letters(spelt).text))


def _number(plain: str, region: str) -> Known:
    digits = re.sub(r"\D", "", plain)
    if len(digits) < 4:
        return Known("id", digits)
    tail = digits[-4:] if len(digits) > 7 else ""
    kind, canonical = ("phone", plain) if 7 <= len(digits) <= 15 else ("id", digits)
    if len(digits) not in (10, 11) or plain.count(".") > 2:  # as many as phones mostly have
        found = find(plain, ("ip", "id", "date", "ssn", "card"), region, alone=True)
        if found and found[0].end - found[0].start > len(plain.strip()) - 2:
            kind, canonical = found[0].pii_type, found[0].canonical
    if len(digits.lstrip("0")) < 8:
        return _whole(plain, kind, canonical, tail)
    return Known(kind, canonical, digits=digits, tail=tail)


def _strengths_of_name(
    tokens: Sequence[str], respelt: Sequence[str]
) -> tuple[dict[str, int], tuple[str, ...]]:
    """What the words of a name weigh in a text, and those that may be misspelt there."""
    last = tokens[-1:]  # Leonardo Donà
    parts = [token for token in tokens if token not in PARTICLES or (token in last and token[3:])]
    parts += [first for first in tokens[:1] if first == "ben"]
    strengths = dict.fromkeys(tokens, WEAK_TOKEN)
    strengths.update({token[0]: WEAK_TOKEN for token in parts if len(token) > 1})
    spellings: dict[str, None] = {}
    for token in parts:
        road = len(tokens) > 2 and token in GENERIC
        if not road and (len(token) > 2 or (len(token) == 2 and token not in _LITTLE)):
            spellings[token] = None
            if not token.isascii():
                spellings |= dict.fromkeys(romanised(token))
    for token, spelt in zip(tokens, respelt, strict=False):
        if token in spellings:
            spellings[spelt] = None
    for token in list(spellings):
        if len(token) > 4 and ("ae" in token or "oe" in token or "ue" in token):
            spellings[re.sub(r"ae|oe|ue", lambda match: match[0][0], token)] = None
        for nickname in NICKNAMES.get(token, ()):
            everyday = nickname in ORDINARY or nickname in COMMON
            strengths.setdefault(nickname, WEAK_TOKEN if everyday else STRONG_TOKEN)
    strengths |= dict.fromkeys(spellings, STRONG_TOKEN)
    for joined in _joined(tokens):
        strengths.setdefault(joined, STRONG_TOKEN)
    short = (one + other for one, other in pairwise(tokens) if len(one) < 4)  # O'Brien
    return strengths, tuple(name for name in (*spellings, *short) if len(name) > 2)


def _joined(tokens: Sequence[str]) -> Iterator[str]:
    """First and last name written as one word: `johndoe`, `doejohn`, `jdoe`, `obrien`."""
    if not 2 <= len(tokens) <= 6:
        return
    whole, last = "".join(tokens), tokens[-1]
    pairs = [one + other for one, other in pairwise(tokens)]
    ends = [tokens[0] + last, last + tokens[0], tokens[0][0] + last, last + tokens[0][0]]
    yield from (word for word in (whole, *pairs, *ends) if len(word) > 4)


def _strengths_of_address(tokens: Sequence[str]) -> dict[str, int]:
    strengths: dict[str, int] = {}
    for token in tokens:
        plain = token in GENERIC or token in PARTICLES or token in ORDINARY
        long = len(token) > 3 or (token.isalpha() and len(token) == 3)
        strengths[token] = STRONG_TOKEN if long and not plain else WEAK_TOKEN
        if token.endswith("strasse"):
            strengths[token[:-4]] = strengths[token]
        elif token.endswith("str") and len(token) > 5:
            strengths[f"{token}asse"] = strengths[token]
    return strengths


def _unbroken(folded: str, pii_type: str) -> dict[str, Any]:
    """What is searched of a value in a script that sets no blanks."""
    if CJK.search(folded) is None:
        return {}
    squeezed = FILLING.sub("", folded)
    if pii_type == "address" or len(squeezed) > 6:
        places = range(len(squeezed) - 3)
        return {"shingles": frozenset(squeezed[place : place + 4] for place in places)}
    parts = [part for part in FILLING.split(folded) if CJK.search(part)]
    surname = parts[0] if len(parts) > 1 else _surname(squeezed)
    names = {squeezed, "".join(reversed(parts)), *parts, squeezed.removeprefix(surname)}
    if len(squeezed) > 3 and len(parts) == 1:  # where a Japanese surname ends, nothing says
        cuts = range(2, len(squeezed) - 1)
        names |= {part for cut in cuts for part in (squeezed[:cut], squeezed[cut:])}
    surnames = {surname, squeezed[: max(2, len(surname))]} - {"", squeezed}
    long = sorted((name for name in names if len(name) > 1), key=len, reverse=True)
    return {"literals": tuple(long), "surnames": tuple(sorted(surnames, key=len, reverse=True))}


def _surname(name: str) -> str:
    if len(name) > 2 and _COMPOUND.match(name):
        return name[:2]
    return name[:1] if len(name) < 5 else ""
