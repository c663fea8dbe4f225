"""What the name of a column says of its content.

A name is cut into words (`InsuredLName`, `geburtsdatum`, `收货地址`) and the words are looked up in
`words.json`, longest phrases first. The head decides: the last word in English, German and
Chinese, the first in Romance languages and Arabic. Whose an id or a name is decides what it is: a
customer's name is personal, a product's is not.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Final, NamedTuple, TypeVar

from anonymizer.masking.free_text.basis.folding import CJK, fold_letters
from anonymizer.masking.inspection.reading.kinds import COLUMN_KINDS, NAMES_OF_PERSONS, ColumnKind
from anonymizer.masking.inspection.reading.words import load_words

_Key = TypeVar("_Key", bound=str)

SURE: Final = 3.0  # what a word that leaves no doubt is worth
LIKELY: Final = 2.0  # enough by itself
HINT: Final = 1.5  # not enough without values that agree
ASIDE: Final = 1.2  # a word that is not the head
_OVERRULED_POINTS: Final = 0.5  # a word that the head turns into something else

_SMALL: Final = "a-zà-öø-ÿα-ωа-яёіїєґ"
_CAPITAL: Final = "A-ZÀ-ÖØ-ÞΑ-ΩА-ЯЁІЇЄҐ"
_CAMEL_CASE_BREAK: Final = re.compile(
    rf"(?<=[{_SMALL}0-9])(?=[{_CAPITAL}])|(?<=[{_CAPITAL}])(?=[{_CAPITAL}][{_SMALL}]{{2}})"
)
_WITHOUT_BLANKS: Final = re.compile(rf"{CJK.pattern}|[\u0e00-\u0e7f]")  # and Thai
_ARABIC_ARTICLE: Final = re.compile(r"\bال(?=\w{3})")
# Letters of one sound in Arabic, and characters in Taiwan and on the mainland.
_ONE_SPELLING: Final = str.maketrans(
    "ةى證號碼電話聯絡帳賬戶護銀會員單價數類別狀態險醫檢學級業職務領貨發郵遞區縣國產規訂購買賣齡歲車輛駕駛實際間時開關體編憑書診斷過處親緊歷績費總額給餘門點內來經將統網設備註冊錄項樓層頁紀參與訊飛龍鄉鎮",
    "هي证号码电话联络帐账户护银会员单价数类别状态险医检学级业职务领货发邮递区县国产规订购买卖龄岁车辆驾驶实际间时开关体编凭书诊断过处亲紧历绩费总额给余门点内来经将统网设备注册录项楼层页纪参与讯飞龙乡镇",
)
# Vowel signs of India's scripts and of Thai are no letters to Python.
_NO_LETTER: Final = re.compile(r"[^\w\u0900-\u0eff]|_")
_WORD_PIECE: Final = re.compile(r"[a-z]+|\d+|(?:[^\W\d_a-z]|[\u0900-\u0eff])+")
_COMPOUND_LINKS: Final = (
    "",
    "s",
    "n",
    "en",
    "es",
    "er",
    "e",
)  # between the parts of German compounds
_SHORTEST_ENDING: Final = 5  # of a compound that begins with an unknown word
_SHORT_ENDINGS: Final = frozenset(
    {"id", "nr", "no"}
)  # the ends of compounds may be as short as these
_COUNTING_WORDS: Final = frozenset({"num", "no", "nb", "number", "numero", "n"})
# Where one of these is the head (`phone_verified`, `tipo_documento`), the name is about that.
_KINDS_THAT_OVERRULE: Final[frozenset[ColumnKind]] = frozenset(
    {"flag", "category", "quantity", "time", "amount"}
)
# What says nothing of a field inside an object that is called so.
_SORTING: Final = frozenset({"category", "flag", "item", "merchant", "language"})
_STEPS: Final = re.compile(r"[.\[\]*~\"]+")
_HOLDER: Final = re.compile(r"(?<=\w)[.\[\]*~\"]+(?:value|text)$")  # `email[].value` is an e-mail
# What such a head leaves as it is: a flag for a disability, the day of a birth.
_KINDS_UNDER_HEADS: Final[dict[ColumnKind, frozenset[ColumnKind]]] = {
    "flag": frozenset({"health", "religion", "ethnicity", "marital_status", "household"}),
    "time": frozenset({"birth_date", "birth_year"}),
}
# Heads of names of ids, but of much else, too.
_WORDS_FOR_CODES: Final = frozenset(
    {"code", "cod", "cd", "num", "number", "numero", "no", "hash", "代码", "编码"}
)
_OWNERS_THAT_IDENTIFY: Final = frozenset({"account", "card", "vehicle", "device"})
_KIND_OF_OWNERS_ID: Final[dict[str, ColumnKind]] = {
    "person": "customer_id",
    "order": "transaction_id",
    "account": "customer_id",
    "card": "card_number",
    "vehicle": "vehicle_id",
    "device": "device_id",
    "product": "item",
}
_KIND_OF_OWNERS_NAME: Final[dict[str, ColumnKind]] = {
    "person": "person_name",
    "product": "item",
    "merchant": "merchant",
    "organisation": "organisation",
}


class Evidence(NamedTuple):
    """What speaks for a kind of column: how many points, and the reason in a few words."""

    kind: ColumnKind
    points: float
    reason: str


@dataclass(frozen=True)
class NameEvidence:
    """All that the name of a column says of its content.

    Attributes:
        kinds: the kinds that it speaks for, at most one line each.
        owner: whose or what's it is, in one word for all languages (`customer`, `order`), or None.
        of_other_person: it is about a person beside the entity, such as a doctor or a parent.
        bare_id: an id that does not say of what.
        bare_number: a number of nothing that the words know.
        bare_name: a name that does not say whose.
        is_whole: no other word stands beside the one that decides.
        thing: whose or what's id it is, also where the words know no such thing, or None.
        whose: the words that say of whom it is, so that `payee_id` and `payee_name` agree.
        part: the part of a date that it says, `day`, `month` or `year`, or None.
        stem: the other words of the name, from which it is clear what parts belong together.
    """

    kinds: tuple[Evidence, ...] = ()
    owner: str | None = None
    of_other_person: bool = False
    bare_id: bool = False
    bare_number: bool = False
    bare_name: bool = False
    is_whole: bool = False
    thing: str | None = None
    whose: str = ""
    part: str | None = None
    stem: str = ""


@dataclass(frozen=True)
class _Meaning:
    """Everything that one phrase in a name can mean."""

    text: str
    strong: tuple[ColumnKind, ...] = ()
    weak: tuple[ColumnKind, ...] = ()
    exact: tuple[ColumnKind, ...] = ()
    owner: str | None = None
    owner_class: str | None = None
    is_id: bool = False
    is_name: bool = False
    part: str | None = None

    @property
    def has_content(self) -> bool:
        return bool(self.strong or self.weak or self.exact or self.is_id or self.is_name)


@dataclass
class _Gathered:
    """The meanings of a phrase, as they are collected from the tables."""

    strong: list[ColumnKind] = field(default_factory=list)
    weak: list[ColumnKind] = field(default_factory=list)
    exact: list[ColumnKind] = field(default_factory=list)
    owner: tuple[str, str] | None = None
    is_id: bool = False
    is_name: bool = False
    part: str | None = None


def read_name(name: str) -> NameEvidence:
    """The kinds that a name speaks for."""
    name = _HOLDER.sub("", name)
    pieces = _pieces(name)
    hits = _below(name, _hits(pieces))
    if not hits:
        return NameEvidence()
    evidence = _read(pieces, hits)
    part = next((hit for hit in reversed(hits) if hit.part), None)
    whose = _whose(pieces, hits)
    evidence = replace(evidence, thing=_thing(evidence, whose), whose=whose)
    if part is None:
        return evidence
    stem = "".join(piece for piece in pieces if piece != _squashed(part.text))
    return replace(evidence, part=part.part, stem=stem)


def _below(name: str, hits: list[_Meaning]) -> list[_Meaning]:
    """What a path says, without what sorts things above its last step: a name in a profile.

    Whose profile it is stays with an id or a name in it.
    """
    last = next((step for step in reversed(_STEPS.split(name)) if step), "")
    pieces = {*_pieces(last)}
    own = [h for h in hits if pieces & {_squashed(w) for w in (h.text, *h.text.split())}]
    named = any(hit.is_id or hit.is_name for hit in own)
    sorting = [hit for hit in hits if hit not in own and _SORTING.intersection(hit.strong)]
    return [
        replace(hit, strong=(), weak=(), exact=()) if hit in sorting else hit
        for hit in hits
        if named or hit not in sorting
    ]


def _whose(pieces: list[str], hits: list[_Meaning]) -> str:
    """The words of a name that say no content, one word for all languages where it is known."""
    said = [hit.text for hit in hits if hit.has_content and hit.owner_class is None]
    known = {_squashed(word) for text in said for word in (text, *text.split())}
    return "_".join(_one_word(piece) for piece in pieces if piece not in known)


def _one_word(piece: str) -> str:
    """`customer` for its word in any language; of persons in general, the word itself."""
    meaning = _meanings().get(piece)
    owner = None if meaning is None else meaning.owner
    return piece if owner is None or owner.endswith("person") else owner


def _thing(evidence: NameEvidence, whose: str) -> str | None:
    """What an id is of, so that all columns of its name share a domain."""
    if evidence.owner is not None and not evidence.of_other_person:
        return evidence.owner
    return whose or None


def _read(pieces: list[str], hits: list[_Meaning]) -> NameEvidence:
    owner = next((hit for hit in reversed(hits) if hit.owner_class), None) or _within(hits)
    contents = [hit for hit in hits if hit.has_content]
    if not contents:
        return _about(owner, _only_an_owner(owner))
    head = _head(contents)
    by_owner = [] if any(hit.strong for hit in contents) else _only_an_owner(owner)
    if len(hits) == 1 and by_owner:  # `user` alone has weak meanings, too
        return _about(owner, by_owner)
    evidence = _ranked(
        _by_head(head, contents, hits), head, contents, whole=_is_whole(hits, contents, pieces)
    )
    bare = head.is_id and owner is None and not any(hit.strong for hit in contents)
    return replace(
        _about(owner, evidence),
        bare_id=bare and _squashed(head.text) not in _WORDS_FOR_CODES,
        bare_number=bare,
        bare_name=head.is_name and owner is None and len(contents) == 1,
        is_whole=len(hits) == len(pieces),
    )


def _within(hits: list[_Meaning]) -> _Meaning | None:
    """The owner that a phrase contains, such as the user in `user id`, or None."""
    words = [word for hit in hits if hit.has_content for word in hit.text.split(" ")[:-1]]
    meanings = (_meanings().get(_squashed(word)) for word in words)
    return next((each for each in meanings if each is not None and each.owner_class), None)


def _about(owner: _Meaning | None, found: list[Evidence]) -> NameEvidence:
    best: dict[ColumnKind, Evidence] = {}
    for piece in sorted(found, key=lambda evidence: -evidence.points):
        best.setdefault(piece.kind, piece)
    other = owner is not None and owner.owner == "other person"
    return NameEvidence(tuple(best.values()), None if owner is None else owner.owner, other)


def _only_an_owner(owner: _Meaning | None) -> list[Evidence]:
    """The evidence of a name such as `customer` alone: rather an id than anything else."""
    if owner is None or owner.owner_class is None:
        return []
    if _is_plural(owner):  # `customers` counts them
        return [_says("quantity", HINT, owner)]
    kind = _KIND_OF_OWNERS_ID.get(owner.owner_class, "other_id")
    evidence = [_says(kind, LIKELY, owner)]
    return (
        [*evidence, _says("person_name", HINT, owner)]
        if owner.owner_class == "person"
        else evidence
    )


def _is_plural(owner: _Meaning) -> bool:
    one = owner.text.removesuffix("s")
    return one != owner.text and _squashed(one) in _vocabulary()


def _head(contents: list[_Meaning]) -> _Meaning:
    """The word that says what the column is; the other words say of what."""
    first, last = contents[0], contents[-1]
    if len(contents) > 1 and _squashed(first.text) in _head_first() and not last.is_id:
        return first
    if last.owner_class in _OWNERS_THAT_IDENTIFY and last.strong:
        return last
    plain = [hit for hit in contents if hit.owner_class is None]
    loud = [hit for hit in plain if hit.strong or not hit.exact]  # `last` in `ssn_last4`
    return (loud or plain or [last])[-1]


def _is_whole(hits: list[_Meaning], contents: list[_Meaning], pieces: list[str]) -> bool:
    """Whether the name is a single phrase, apart from the owner."""
    known = len("".join(_squashed(hit.text) for hit in hits))
    letters = sum(len(piece) for piece in pieces if not piece.isdigit())
    plain = [hit for hit in contents if hit.owner_class != "person"] or contents
    persons = all(hit in plain or hit.owner_class == "person" for hit in hits)
    return len(plain) == 1 and persons and known >= letters


def _by_head(head: _Meaning, contents: list[_Meaning], hits: list[_Meaning]) -> list[Evidence]:
    """The evidence of a head that means something only together with other words."""
    others = [hit for hit in contents if hit is not head]
    owners = [hit for hit in hits if hit.owner_class and hit is not head]
    if head.is_id and owners:
        return [_owned_id(head, owners[-1])]
    if head.is_id and any(NAMES_OF_PERSONS.intersection(hit.strong) for hit in others):
        return [_says("customer_id", SURE, others[-1], head)]
    if (head.is_id or head.is_name) and any(hit.strong for hit in others):
        return [_says(kind, SURE, hit) for hit in others for kind in hit.strong]
    if head.is_name and owners:
        kind = _KIND_OF_OWNERS_NAME.get(owners[-1].owner_class or "", "category")
        if _squashed(head.text) == "nombre" and _is_plural(owners[-1]):  # a number in French
            return [_says("quantity", SURE, head, owners[-1]), _says(kind, LIKELY, owners[-1])]
        return [_says(kind, SURE, owners[-1], head)]
    return []


def _owned_id(head: _Meaning, owner: _Meaning) -> Evidence:
    counts = _squashed(head.text) in _COUNTING_WORDS and owner.text.endswith("s")
    if counts and owner.owner_class in _KIND_OF_OWNERS_ID:
        return _says("quantity", SURE, head, owner)
    return _says(_KIND_OF_OWNERS_ID.get(owner.owner_class or "", "other_id"), SURE, owner, head)


def _ranked(
    evidence: list[Evidence], head: _Meaning, contents: list[_Meaning], *, whole: bool
) -> list[Evidence]:
    """The evidence of all words; the head gives the most points."""
    decided = bool(evidence)
    turned = any(kind in _KINDS_THAT_OVERRULE for kind in head.strong)
    spared = _spared(head, contents)
    for hit in contents:
        if hit is head and spared:
            continue
        points = SURE if hit is head and not decided else _OVERRULED_POINTS if turned else ASIDE
        evidence += [_says(kind, points, hit) for kind in hit.strong]
        evidence += [_says(kind, SURE, hit) for kind in hit.exact if whole and not decided]
        evidence += [_says(kind, HINT, hit) for kind in hit.weak if hit is head and not decided]
    return evidence + spared


def _spared(head: _Meaning, contents: list[_Meaning]) -> list[Evidence]:
    """The evidence of words that the head only adds to: the day of a birth is about the birth."""
    turning = (*head.strong, "time") if head.part else head.strong
    left = {kind for each in turning for kind in _KINDS_UNDER_HEADS.get(each, ())}
    return [_says(kind, SURE, hit) for hit in contents for kind in hit.strong if kind in left]


def _says(kind: ColumnKind, points: float, *hits: _Meaning) -> Evidence:
    quoted = " + ".join(f'"{hit.text}"' for hit in hits)
    verb = "says" if points >= LIKELY else "hints at"
    return Evidence(kind, points, f"the name {verb} {COLUMN_KINDS[kind].words} ({quoted})")


# --- words of a name ---------------------------------------------------------------------------


def _squashed(text: str) -> str:
    """A text in small letters without accents and blanks, with one spelling of umlauts."""
    return re.sub(r"(?<=[aou])e", "", _NO_LETTER.sub("", _plain(text)))


def _plain(text: str) -> str:
    """A text in small letters, without accents and the article of Arabic."""
    folded = fold_letters(unicodedata.normalize("NFKC", text)).text
    return _ARABIC_ARTICLE.sub("", folded.translate(_ONE_SPELLING))


def _pieces(name: str) -> list[str]:
    """The words of a name, squashed; compounds and Chinese are taken apart."""
    spaced = _CAMEL_CASE_BREAK.sub(" ", unicodedata.normalize("NFKC", name)[:200])
    found = _WORD_PIECE.findall(_plain(spaced.replace("_", " ")))
    if len("".join(found)) <= 24 and _squashed(name) in _vocabulary():  # IPv4, eMail
        return [_squashed(name)]
    return [part for piece in found for part in _parts(_squashed(piece))]


def _parts(piece: str) -> list[str]:
    if piece in _vocabulary() or piece.isdigit():
        return [piece]
    if piece.isascii():
        return _compound(piece) or _ending(piece)
    return _unbroken(piece) if _WITHOUT_BLANKS.search(piece) else [piece]


@cache
def _compound(piece: str) -> list[str] | None:
    """The fewest known words that make up a word, or None."""
    best: dict[int, list[str]] = {0: []}
    for end in range(2, len(piece) + 1):
        options = [
            [*best[start], word]
            for start in best
            for link in _COMPOUND_LINKS
            if (word := piece[start:end].removesuffix(link) if link else piece[start:end])
            and piece[start:end] == word + link
            and (end < len(piece) or not link)
            and _may_be_part(word, last=end == len(piece), first=start == 0)
        ]
        if options:
            best[end] = min(options, key=len)
    words = best.get(len(piece))
    return words if words and len(words) > 1 else None


def _ending(piece: str) -> list[str]:
    """An unknown word and a known one behind it: the end of a compound says what it is."""
    ends = range(3, len(piece) - _SHORTEST_ENDING + 1)
    cut = next((start for start in ends if _may_be_ending(piece[start:])), None)
    return [piece] if cut is None else [piece[:cut], piece[cut:]]


def _may_be_ending(word: str) -> bool:
    """Whether a word is known, and for no place: `periodicidade` is no city."""
    found = _meanings().get(word)
    return found is not None and all(
        COLUMN_KINDS[kind].role != "quasi-identifier" for kind in (*found.strong, *found.exact)
    )


def _may_be_part(word: str, *, first: bool, last: bool) -> bool:
    long = len(word) > 3 or (len(word) == 3 and (first or last))
    return (long or (last and word in _SHORT_ENDINGS)) and word in _vocabulary()


def _unbroken(run: str) -> list[str]:
    """Chinese, Thai and so on without blanks: from the right, the longest known words."""
    words: list[str] = []
    end = len(run)
    while end:
        size = next(
            (n for n in range(min(end, 8), 0, -1) if run[end - n : end] in _vocabulary()), 0
        )
        if size:
            words.append(run[end - size : end])
        end -= size or 1
    return words[::-1]


def _hits(pieces: list[str]) -> list[_Meaning]:
    """The phrases of a name in their order, the longest first come, first served."""
    taken: dict[int, _Meaning] = {}
    free = set(range(len(pieces)))
    for size in range(min(5, len(pieces)), 0, -1):
        for start in range(len(pieces) - size + 1):
            span = range(start, start + size)
            meaning = _meanings().get("".join(pieces[start : start + size]))
            if meaning is not None and free.issuperset(span):
                taken[start] = meaning
                free -= set(span)
    return [taken[start] for start in sorted(taken)]


# --- tables ------------------------------------------------------------------------------------


@cache
def _head_first() -> frozenset[str]:
    return frozenset(map(_squashed, load_words().head_first))


@cache
def _vocabulary() -> frozenset[str]:
    return frozenset(_meanings())


@cache
def _meanings() -> dict[str, _Meaning]:
    """Phrase without blanks and accents → everything that it can mean."""
    gathered: dict[str, tuple[str, _Gathered]] = {}

    def entry(phrase: str) -> _Gathered:
        plain = phrase.removeprefix("=")
        return gathered.setdefault(_squashed(plain), (plain, _Gathered()))[1]

    words = load_words()
    for kind, phrase in _pairs(words.strong):
        (entry(phrase).exact if phrase.startswith("=") else entry(phrase).strong).append(kind)
    for kind, phrase in _pairs(words.weak):
        entry(phrase).weak.append(kind)
    for owner_class, owners in words.owners.items():
        for owner, phrase in _pairs(owners):
            entry(phrase).owner = entry(phrase).owner or (owner, owner_class)
    for phrase in words.ids:
        entry(phrase).is_id = True
    for phrase in words.names:
        entry(phrase).is_name = True
    for part, phrase in _pairs(words.parts):
        entry(phrase).part = part
    return {key: _meaning(text, found) for key, (text, found) in gathered.items() if key}


def _pairs(table: Mapping[_Key, list[str]]) -> Iterator[tuple[_Key, str]]:
    return ((key, phrase) for key, phrases in table.items() for phrase in phrases)


def _meaning(text: str, found: _Gathered) -> _Meaning:
    owner, owner_class = found.owner or (None, None)
    return _Meaning(
        text,
        tuple(dict.fromkeys(found.strong)),
        tuple(found.weak),
        tuple(found.exact),
        owner,
        owner_class,
        found.is_id,
        found.is_name,
        found.part,
    )
