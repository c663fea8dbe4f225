"""How names speak for a key: the words of a column against those of tables and their keys."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Final, NamedTuple

from anonymizer.datasets.keys.reading.columns import Column
from anonymizer.datasets.keys.reading.words import (
    AGENTS,
    AGENTS_AFTER,
    BEFORE_TABLES,
    BESIDE_TABLES,
    ENDINGS_OF_IDS,
    IDS,
    INFLECTED,
    LABELS,
    NO_AGENTS,
    NO_NAMES,
    OWN,
    PREPOSITIONS,
    SEQUENCES,
    SURE_IDS,
    SYNONYMS,
)
from anonymizer.masking.inspection.reading.names import LIKELY, read_name

Words = tuple[str, ...]

_BREAK: Final = re.compile(
    r"(?<=[^\W\d_A-Z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[A-Za-z])(?=\d)"
)
_WORD: Final = re.compile(r"[^\W_]+")
_PERSONS: Final = frozenset({
    "customer", "user", "member", "patient", "employee", "student", "person", "other person",
    "doctor", "teacher", "manager",
})  # fmt: skip
_WHOSE: Final = frozenset({"customer", "user", "member", "patient", "student"})
_MEASURES: Final = frozenset({"amount", "quantity", "flag", "income"})
_ONCE_EACH: Final = frozenset({
    "person_name", "first_name", "last_name", "email", "phone", "address", "street_address",
    "free_text",
})  # fmt: skip


class Match(NamedTuple):
    """How strongly names speak for a key, from 0 to 1, and what they say."""

    score: float
    said: str


_ITS_OWN: Final = 0.86  # more than a table of details of something has
SILENT: Final = Match(0.0, "the names say nothing")


class Names:
    """The names of all tables and columns.

    Ranks say what a column is likely to be in a primary key: an id of the table, an id, one of
    something else, anything; then what is rather not: text, times, measures.
    """

    RANK_OF_IDS: Final = 2
    RANK_OF_TEXT: Final = 4
    RANK_OF_TIMES: Final = 5
    RANK_OF_MEASURES: Final = 6

    def __init__(self, columns: Mapping[str, Iterable[str]]) -> None:
        self._tables = {table: _core(table) for table in columns}
        every = (name for table, names in columns.items() for name in (table, *names))
        self._of_persons = _of_persons(self._tables)
        self._words: dict[str, tuple[Words, bool]] = {}
        self._borrowed: dict[tuple[str, str], bool] = {}
        parts = [split(name) for name in every]
        self._known = frozenset(word for words in parts for word in words)
        self._run_together = all(len(words) == 1 for words in parts)

    def words(self, column: str) -> tuple[Words, bool]:
        """The words of a column without those for an id, and whether there were any."""
        if column not in self._words:
            self._words[column] = self._without_id(column)
        return self._words[column]

    def _without_id(self, column: str) -> tuple[Words, bool]:
        found = split(column)
        if all(word.isdigit() or word in NO_NAMES for word in found):
            return (), False
        bare = [word for word in found if word not in IDS]
        if len(bare) == len(found) and found:
            cut = self._cut(found[-1])
            return (*found[:-1], *self._parted(cut or found[-1])), cut is not None
        return tuple(bare), True

    def _parted(self, word: str) -> Words:
        """`RELATEDPOST` in two, where no name of the database shows where words end."""
        tables = (table[-1] for table in self._tables.values()) if self._run_together else ()
        for table in tables:
            for end in (table, table.removesuffix("s"), table.removesuffix("es")):
                if len(end) >= 4 and word.endswith(end) and len(word) > len(end) + 1:
                    return (word.removesuffix(end), end)
        return (word,)

    def _cut(self, word: str) -> str | None:
        """`kunden` of `kundennummer`, where another name has such a word."""
        others = self._known - {word}
        for ending in ENDINGS_OF_IDS:
            rest = word.removesuffix(ending)
            if rest == word or len(rest) < 2:
                continue
            if any(similar(rest, other) > 0.8 for other in others) or self._parted(rest) != (rest,):
                return rest
        return None

    def rank(self, column: Column) -> int:
        """What a column is likely to be in a primary key, the likeliest first."""
        stem, is_id = self.words(column.name)
        if is_id and (not stem or self.own(column) > _ITS_OWN):
            return 0 if stem else 1
        if is_id or SEQUENCES.intersection(stem):
            return self.RANK_OF_IDS
        if column.form == "time":
            return self.RANK_OF_TIMES
        said = kinds(column.name)
        if said & _MEASURES or column.dtype.is_float() or column.dtype.is_decimal():
            return self.RANK_OF_MEASURES
        if said & {"time", "birth_date"}:
            return self.RANK_OF_TIMES
        text = said & _ONCE_EACH or LABELS.intersection(stem) or column.lengths > 24
        return self.RANK_OF_TEXT if text else self.RANK_OF_IDS + 1

    def weight(self, column: Column) -> float:
        """Its rank among the columns of a composite key, where times and tables count more."""
        rank = self.rank(column)
        if rank == self.RANK_OF_TIMES:
            return self.RANK_OF_IDS + 0.5
        stem = self.words(column.name)[0]
        named = rank < self.RANK_OF_TIMES and any(
            _against(stem, table) > 0.8 for table in self._tables.values()
        )
        return min(rank, self.RANK_OF_IDS) if named else rank

    def own(self, column: Column) -> float:
        """How well a column is named after its own table."""
        return _against(self.words(column.name)[0], self._tables[column.table])

    def is_id(self, column: Column) -> bool:
        """Whether the name says an id, and no number such as that of a seat or a house."""
        return bool(SURE_IDS.intersection(split(column.name)))

    def points(self, column: Column) -> bool:
        """Whether the name says an id or a person, though not of what, and no count of them."""
        return (self.is_id(column) or self.of_person(column)) and not _counts(column.name)

    def of_person(self, column: Column) -> bool:
        """Whether the name says a person, in whatever role, or their number, as `mrn` does."""
        stem = self.words(column.name)[0]
        return _is_person(stem) or "customer_id" in kinds(column.name)

    def table_named(self, word: str, tables: Iterable[str]) -> str | None:
        """The table that a word names, if one does."""
        stem = self.words(word)[0]
        fit = {table: _against(stem, self._tables[table]) for table in tables}
        best = max(fit, key=fit.__getitem__, default=None)
        return best if best is not None and fit[best] > 0.7 else None

    def persons(self, table: str) -> str | None:
        """`whose` for a table of customers, patients and the like, `serving` for other persons."""
        said = {concept for word in self._tables[table] for concept in _owners(word)}
        if len(_bare(self._tables[table])) != 1:
            return None
        return "whose" if said & _WHOSE else "serving" if said & _PERSONS else None

    def whose(self, column: str) -> bool:
        """Whether a column is named as the id of a customer, a patient or the like."""
        stem = self.words(column)[0]
        owned = any(_owners(word) & _WHOSE for word in stem)
        return owned and len(stem) == 1 and "customer_id" in kinds(column)

    def likeness(self, column: str, key: str) -> float:
        """How well a column of another table is named as a part of a composite key."""
        if split(column) == split(key):
            return 1.0
        (stem, is_id), (other, other_is_id) = self.words(column), self.words(key)
        return 0.95 * _against(stem, other, is_id=is_id) * (is_id == other_is_id or 0.8)

    def match(self, child: Column, parent: Column, *, primary: bool) -> Match:
        """What the names say of a column that may point to a unique column of a parent.

        Args:
            child: the column.
            parent: the unique one.
            primary: whether that is its table's primary key, which the table's name stands for.
        """
        ways = (self._by_table, self._by_key, self._by_role) if primary else (self._by_key,)
        return max((way(child, parent) for way in ways), key=lambda each: each.score)

    def strongest(self, child: Column, keys: Iterable[Column]) -> tuple[float, Column | None]:
        """How strongly a name speaks for a primary key, whatever the values, and for which."""
        found = [
            (max(self._by_table(child, key), self._by_key(child, key)).score, key)
            for key in keys
            if key is not child
        ]
        return max(found, key=lambda each: each[0], default=(0.0, None))

    def _by_table(self, child: Column, parent: Column) -> Match:
        stem, is_id = self.words(child.name)
        table, own = self._tables[parent.table], self._tables[child.table]
        score = _against(stem, table, is_id=is_id)
        if child.table == parent.table:  # there its name is before all sorts of columns
            score = score if len(stem) > len(table) and _against(stem[-1:], table[-1:]) else 0.0
        elif stem:
            score = max(score, 0.95 * (_against((*own, *stem), table) > 0.95))
            if len(stem) > len(own) and _against(stem[: len(own)], own) > 0.9:
                score = max(score, 0.95 * _against(stem[len(own) :], table, is_id=is_id))
        score *= 0.25 if _counts(child.name) else 1.0
        return Match(score, "named after the table") if score else SILENT

    def _by_key(self, child: Column, parent: Column) -> Match:
        key, _ = self.words(parent.name)
        if not key or LABELS.intersection(key) or child.table == parent.table:
            return SILENT
        stem, is_id = self.words(child.name)
        score = _against(stem, key, is_id=is_id) * (1.0 if is_id or len(key) == len(stem) else 0.95)
        score *= 0.5 if self._is_borrowed(parent) else 1.0
        score *= 0.25 if _counts(child.name) else 1.0
        return Match(score, "named after the key") if score else SILENT

    def _is_borrowed(self, key: Column) -> bool:
        """Whether a key is named after another table than its own, as that of a 1:1 table is."""
        where = (key.table, key.name)
        if where not in self._borrowed:
            stem = self.words(key.name)[0]
            others = (table for name, table in self._tables.items() if name != key.table)
            most = max((_against(stem, table) for table in others), default=0.0)
            self._borrowed[where] = most > _against(stem, self._tables[key.table])
        return self._borrowed[where]

    def _by_role(self, child: Column, parent: Column) -> Match:
        stem, is_id = self.words(child.name)
        same = child.table == parent.table
        if same and _is_own(stem, is_id=is_id):
            return Match(0.7, "named for a row of the same table")
        persons = self._of_persons
        named = self.of_person(child) and not same
        if parent.table not in persons or not (named or _is_agent(stem)):
            return SILENT
        sure = named and len(persons) == 1 and self.is_id(child) and _is_person(stem[-1:])
        score = (0.6 if sure else 0.45) * (0.25 if _counts(child.name) else 1.0)
        return Match(score, "named for a person")


def _of_persons(tables: Mapping[str, Words]) -> frozenset[str]:
    """Tables whose rows are persons, and not details of persons where there are both."""
    found = {table: words for table, words in tables.items() if _is_person(_bare(words)[-1:])}
    plain = frozenset(table for table, words in found.items() if _bare(words) == words)
    return plain or frozenset(found)


def _is_own(stem: Words, *, is_id: bool) -> bool:
    """`manager_id`, `reports_to`, `parent`, and not `head_count`."""
    if not OWN.intersection(stem):
        return False
    return is_id or stem[-1] in OWN or (len(stem) == 2 and stem[-1] in PREPOSITIONS)


def _is_agent(stem: Words) -> bool:
    """`inspector`, `负责人`, `recruited_by`: who does something, though no such table is there."""
    if not stem or stem[-1] in NO_AGENTS:
        return False
    return stem[-1].endswith(AGENTS) or (len(stem) > 1 and stem[-1] in AGENTS_AFTER)


@cache
def _counts(name: str) -> bool:
    """`customers`, `num_orders`: how many there are of them."""
    last = split(name)[-1:]
    return bool(last) and last[0].endswith("s") and not last[0].endswith(("ss", "us", "is", "as"))


@cache
def split(name: str) -> Words:
    """The words of a name in small letters, without accents."""
    plain = unicodedata.normalize("NFKD", _BREAK.sub(" ", name.replace("ß", "ss")))
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return tuple(_WORD.findall(unicodedata.normalize("NFKC", plain).lower()))


@cache
def _core(table: str) -> Words:
    """The words of a table's name without those for tables: `dim_customer`, `Kundenstamm`."""
    found = split(table.rpartition(".")[2])
    while len(found) > 1 and found[0] in BEFORE_TABLES:
        found = found[1:]
    return found


def _bare(table: Words) -> Words:
    """The words of a table without `details`, `list` and the like."""
    return tuple(word for word in table if word not in BESIDE_TABLES)


@cache
def _against(stem: Words, table: Words, *, is_id: bool = True) -> float:
    """How well words name a thing: as it is, after a role, before one, or in part."""
    if not stem or not table:
        return 0.0
    bare = _bare(table)
    if bare and bare != table:
        return max(_in_order(stem, table), 0.85 * _against(stem, bare, is_id=is_id))
    more, less = len(stem), len(table)
    if more == less:
        return _in_order(stem, table)
    if more > less:
        before = 0.5 if is_id else 0.4
        return max(0.9 * _in_order(stem[-less:], table), before * _in_order(stem[:less], table))
    return max(0.75 * _in_order(stem, table[-more:]), 0.35 * _in_order(stem, table[:more]))


def _in_order(ones: Words, others: Words) -> float:
    if len(ones) != len(others):
        return 0.0
    return min(similar(one, other) for one, other in zip(ones, others, strict=True))


@cache
def similar(one: str, other: str) -> float:
    """Whether two words are one: inflected, in another language, shortened."""
    if one == other or _inflected(one, other):
        return 1.0
    if _concepts(one) & _concepts(other):
        return 0.9
    short, long = sorted((one, other), key=len)
    return 0.75 if _shortened(short, long) else 0.0


def _inflected(one: str, other: str) -> bool:
    same = 0
    while same < min(len(one), len(other)) and one[same] == other[same]:
        same += 1
    return same >= 3 and frozenset((one[same:], other[same:])) in INFLECTED


def _shortened(short: str, long: str) -> bool:
    """`cust`, `prod`, `dept`, `acct`: the beginning of a word, or four of its letters in order."""
    if not (short.isascii() and 3 <= len(short) <= len(long) - 2):
        return False
    if long.startswith(short):
        return True
    letters = iter(long)
    return len(short) == 4 and short[0] == long[0] and all(letter in letters for letter in short)


@cache
def _concepts(word: str) -> frozenset[str]:
    """What a word stands for, in one word for all languages."""
    fit = (w for w in SYNONYMS if any(other == word or _inflected(other, word) for other in w))
    return frozenset(words[0] for words in fit)


@cache
def _is_person(stem: Words) -> bool:
    return any(_PERSONS & _owners(word) for word in stem)


@cache
def _owners(word: str) -> frozenset[str]:
    owners = {read_name(form).owner for form in (word, word.removesuffix("s"))} - {None}
    return _concepts(word) | {str(owner) for owner in owners}


@cache
def kinds(name: str) -> frozenset[str]:
    """The kinds of columns that a name leaves little doubt of."""
    return frozenset(each.kind for each in read_name(name).kinds if each.points >= LIKELY)
