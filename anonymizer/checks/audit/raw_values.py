"""Raw identifiers that are left: how many values of a column stand somewhere in the masked table.

An identifier is a column of text or whole numbers of which nearly every value belongs to one
entity: an e-mail address, the number of an account, a name; at a path of text that is JSON, too.
Values are compared as words in lower case, also inside longer text.

Some are there by chance: pseudonyms are names as well, amounts are numbers like those of customers,
and a rounded amount may be what it was. So names and short numbers count only where a masked column
has hardly any others, and of numbers those that there would be anyhow are taken off.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import sqrt
from typing import Final

import polars as pl

from anonymizer.checks.attacks.alignment import RAW_ENTITY
from anonymizer.checks.attacks.knowledge import MIN_SHARE_OF_ONE_HOLDER
from anonymizer.checks.audit.case import Case, Findings, Frame
from anonymizer.checks.audit.leaves import Leaf, in_json, leaves
from anonymizer.checks.figures.figure import Risk, exact
from anonymizer.checks.reports.audit_report import Assumptions

RAW_VALUES: Final = "raw_values_"  # begins the names of these figures
_MIN_VALUES: Final = 10  # of a column, below which hardly any is an identifier
_MIN_DIGITS: Final = 5  # smaller numbers stand in any table: counts, years, ages
_MOST_WORDS: Final = 8  # on average; what has more is free text and identifies by what it says
_WORDS_TOGETHER: Final = 3  # of a longer text, looked up as one value
_MIN_SHARE: Final = 0.5  # of a column that is one of dates, of names or of short numbers
_MIN_SHARE_KEPT: Final = 0.9  # of such values in a masked column, to be those of the raw one
_MOST_CHANCE: Final = 0.9  # beyond, the table has nearly all numbers that there are
_STANDARD_ERRORS: Final = 3
_NAME: Final = r"^[^\d@]+$"
_SHORT_NUMBER: Final = rf"^\d{{{_MIN_DIGITS},8}}$"  # longer ones hardly ever hit by chance
_WORD: Final = r"\w+(?:[@.+'-]+\w+)*"
_YEAR_FIRST: Final = r"(19|20)\d\d[-.]?[01]\d[-.]?[0-3]\d(\D.*)?"
_DAY_FIRST: Final = r"[0-3]?\d[ .-][0-3]?\d[ .-](19|20)?\d\d(\D.*)?"


@dataclass
class _Sought:
    """The values of one raw column, and what became of them.

    Attributes:
        values: (V,) words in lower case, each once.
        found: (V,) whether the masked table has it.
        missed: (V,) the chance that it would not have it.
        common: the pattern of what others have as well, if most values are like that.
        places: the columns that have some.
    """

    values: pl.Series
    found: pl.Series
    missed: pl.Series
    common: str | None
    places: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, values: pl.Series) -> "_Sought":
        """Values that nobody has looked for yet."""
        none = pl.repeat(False, len(values), dtype=pl.Boolean, eager=True)
        sure = pl.repeat(1.0, len(values), dtype=pl.Float64, eager=True)
        common = next((kind for kind in (_NAME, _SHORT_NUMBER) if _mostly(values, kind)), None)
        return cls(values, none, sure, common)

    @property
    def hits(self) -> tuple[int, int]:
        """How many were found, of how many."""
        return int(self.found.sum()), len(self.values)

    @property
    def chance(self) -> float:
        """The share that would be found anyhow."""
        return 1 - float(self.missed.to_numpy().mean())


def look_for_raw_values(raw: Frame, masked: Frame, basis: Assumptions, found: Findings) -> None:
    """Add, for each raw column that identifies, how many of its values are in the masked table.

    Columns whose part is named, as quasi-identifiers or known of an event, are judged by it.
    """
    known = [leaf for leaf in leaves(raw) if leaf.is_plain and leaf.column not in basis.columns]
    wanted = [*known, *(inside for leaf in known for inside in in_json(leaf, raw))]
    each_of = {leaf.name: _sought(raw, basis.entity, leaf) for leaf in wanted}
    sought = {name: each for name, each in each_of.items() if each is not None}
    for place in leaves(masked) if sought else ():
        if place.is_plain:
            _look_into(place.name, _texts(masked, place), sought.values())
    for name, each in sought.items():
        found.figures[f"{RAW_VALUES}{name}"] = _figure(name, each.hits, each.chance, each.places)


def _texts(frame: Frame, leaf: Leaf) -> pl.Series:
    """The words of each distinct value."""
    texts = leaf.rows(frame).select(leaf.words(_WORD)).drop_nulls().unique()
    return texts.collect(engine="streaming").to_series()


def _sought(raw: Frame, entity: str, leaf: Leaf) -> _Sought | None:
    """The values of a column; None where it is no identifier."""
    rows = leaf.rows(raw, who=pl.col(entity)).select(leaf.words(_WORD), "who")
    held = rows.drop_nulls().unique().group_by("words").len("holders").collect(engine="streaming")
    value = pl.col("words").list.join(" ").alias("value")
    held = held.select(value, "holders", count=pl.col("words").list.len()).sort("value")
    held = held.filter(~pl.col("value").str.contains(rf"^\d{{0,{_MIN_DIGITS - 1}}}$"))
    if len(held) < _MIN_VALUES:
        return None
    if int((held["holders"] == 1).sum()) < MIN_SHARE_OF_ONE_HOLDER * len(held):
        return None
    values = held["value"]
    date = f"^({_YEAR_FIRST}|{_DAY_FIRST})$"
    if _mostly(values, date) or float(held["count"].to_numpy().mean()) > _MOST_WORDS:
        return None
    return _Sought.of(values)


def _mostly(values: pl.Series, pattern: str) -> bool:
    """Whether a pattern fits so many of the values that it tells what they are."""
    return len(values) > 0 and int(values.str.contains(pattern).sum()) >= _MIN_SHARE * len(values)


def _look_into(place: str, texts: pl.Series, sought: Iterable[_Sought]) -> None:
    """Look for raw values in one masked column, given the words of its distinct texts."""
    whole = texts.list.join(" ").unique()
    inside = _parts(texts)
    density = _density(whole)
    for each in sought:
        alone = ~each.values.str.contains(r"[\d@ ]")  # a word that a text may have for itself
        here = _among(each, inside, _SHORT_NUMBER) & ~alone
        here |= _among(each, whole, _SHORT_NUMBER, _NAME)
        digits = each.values.str.extract(r"^(\d+)$").str.len_chars()
        each.missed *= 1 - digits.replace_strict(density, default=0.0, return_dtype=pl.Float64)
        each.found |= here
        if here.any():
            each.places.append(place)


def _among(sought: _Sought, values: pl.Series, *doubtful: str) -> pl.Series:
    """(V,) whether each raw value is among others; none of doubtful ones that have much company."""
    if sought.common in doubtful:
        alike = values.filter(values.str.contains(sought.common))
        raw = alike.is_in(sought.values.implode())
        if int(raw.sum()) < _MIN_SHARE_KEPT * len(alike):
            return pl.repeat(False, len(sought.values), dtype=pl.Boolean, eager=True)
    return sought.values.is_in(values.implode())


def _parts(texts: pl.Series) -> pl.Series:
    """The words of longer texts, alone and a few together."""
    frame = pl.DataFrame({"words": texts})
    parts = [pl.Series([], dtype=pl.String)]
    for count in range(1, _WORDS_TOGETHER + 1):
        longer = frame.filter(pl.col("words").list.len() > count).with_row_index("text")
        words = longer.explode("words")
        together = [pl.col("words").shift(-i).over("text") for i in range(count)]
        parts.append(words.select(pl.concat_str(together, separator=" ")).to_series())
    return pl.concat(parts).drop_nulls().unique()


def _density(whole: pl.Series) -> dict[int, float]:
    """Digits → the share of all numbers of so many that a column has."""
    counts = whole.str.extract(r"^(\d+)$").str.len_chars().drop_nulls().value_counts(name="n")
    return {digits: min(1.0, n / (9 * 10 ** (digits - 1))) for digits, n in counts.iter_rows()}


def look_for_raw_entities(case: Case, found: Findings) -> None:
    """Add how many entities are there under their raw value, small numbers as well.

    Where it is known whose each row is, in their own rows, as a token may be another's number;
    otherwise anywhere among the masked entities, beyond the numbers that would be there anyhow.
    """
    name, rows = f"{RAW_VALUES}{case.entity}", case.alignment.rows
    known = rows[RAW_ENTITY].n_unique() == case.raw[case.entity].drop_nulls().n_unique()
    figure = _in_own_rows(case) if known and len(rows) else _among_entities(case)
    if figure is None:
        return
    if not figure.judgeable:
        found.gaps.append(
            f"'{case.entity}' has nearly all numbers that there are in both tables, and no column "
            "tells whose rows they are: mask it with `token`"
        )
    elsewhere = found.figures.get(name)
    if elsewhere is None or (elsewhere.judged or 0) < (figure.judged or 0):
        found.figures[name] = figure


def _in_own_rows(case: Case) -> Risk:
    sides = (
        leaf.rows(frame[case.alignment.rows["row"]]).select(leaf.words(_WORD).list.join(" "))
        for frame, leaf in _of_entity(case)
    )
    there, here = (side.collect().to_series() for side in sides)
    pairs = pl.DataFrame({"there": there, "here": here}).drop_nulls("there")
    same = pairs.group_by("there").agg(pl.col("here").eq_missing(pl.col("there")).any())["here"]
    place = [case.entity] if same.any() else []
    return _figure(case.entity, (int(same.sum()), len(same)), 1 / max(1, len(same)), place)


def _among_entities(case: Case) -> Risk | None:
    there, here = (_texts(frame, leaf) for frame, leaf in _of_entity(case))
    if there.is_empty():
        return None
    each = _Sought.of(there.list.join(" ").unique().sort())
    _look_into(case.entity, here, [each])
    return _figure(case.entity, each.hits, each.chance, each.places)


def _of_entity(case: Case) -> list[tuple[pl.DataFrame, Leaf]]:
    """Both tables with the column of the entity."""
    return [
        (frame, Leaf(case.entity, case.entity, (), frame.schema[case.entity]))
        for frame in (case.raw, case.masked)
    ]


def _figure(column: str, hits: tuple[int, int], chance: float, places: list[str]) -> Risk:
    """How many raw values are there, beyond those that chance would give."""
    found, count = hits
    share = found / max(1, count)
    error = _STANDARD_ERRORS * sqrt(chance * (1 - chance) / max(1, count))
    beyond = max(0.0, share - chance - error) / max(1 - chance, 1 - _MOST_CHANCE)
    where = f", in {', '.join(places)}" if found else ""
    return Risk(
        title=f"Raw values of {column} in the output",
        estimate=exact(share),
        baseline=chance,
        ceiling=1.0,
        meaning=f"{column}: {found:,} of {count:,} raw values are in the output{where}.",
        judged=beyond,
        judged_as="what is there beyond chance",
        judgeable=chance <= _MOST_CHANCE,
        before=exact(1.0),
        unit="share",
    )
