"""From what a name and its values say to one kind, and to a sentence that says why.

Points of the name and of the values are added up per kind. What the values rule out is struck off:
0 and 1 are no phone numbers. The most points win. Where these say nothing or something harmless, a
name that plainly says a direct identifier stands; see `_standing`. With fewer points than `LIKELY`,
the values alone decide between the kinds that need no recognition.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

import polars as pl

from anonymizer.masking.inspection.reading.evidence import read_values
from anonymizer.masking.inspection.reading.kinds import COLUMN_KINDS, NAMES_OF_PERSONS, ColumnKind
from anonymizer.masking.inspection.reading.lists import answers
from anonymizer.masking.inspection.reading.names import (
    ASIDE,
    LIKELY,
    SURE,
    Evidence,
    NameEvidence,
    read_name,
)
from anonymizer.masking.inspection.reading.values import Values

BY_DEFAULT: Final = "numbers that are not recognised as anything else"
_NO_COUNT: Final = 10  # digits, from which on whole numbers count nothing, however few there are
_FIRST_NAMES: Final = 1.8  # words per value, from which on last names are among them
_FEW_ROWS: Final = 20  # values from which on repetition means something


class Verdict(NamedTuple):
    """What a column holds, and why in one sentence without any of its values."""

    kind: ColumnKind
    reason: str
    points: float


def judge(values: Values) -> tuple[Verdict, NameEvidence]:
    """Decide on the kind of a column; gives also what its name said."""
    name = read_name(values.name)
    if values.sample.is_empty():
        return _empty(name), name
    overruled = _overruled(name, values)
    named = name.kinds if overruled is None else tuple(map(_raised, name.kinds))
    evidence = [*named, *read_values(values)]
    possible = [piece for piece in evidence if is_possible(piece.kind, values)]
    best = _best(possible)
    if best is None or COLUMN_KINDS[best.kind].role == "harmless":
        best = _standing(name, values) or best
    if best is None:
        best = _by_default(values)
    best = _reaching(best, values) or best._replace(kind=_refined(best.kind, values))
    return best._replace(reason=_sentence(best.reason, overruled, best.kind)), name


_SORTING: Final[frozenset[ColumnKind]] = frozenset({
    "category", "item", "merchant", "flag", "language", "other_id", "organisation", "occupation",
    "education", "household", "marital_status", "nationality", "city", "region", "country",
    "health",
})  # fmt: skip


def _reaching(best: Verdict, values: Values) -> Verdict | None:
    """That a few texts, which seem to sort things, reach or name somebody; or None."""
    if best.kind not in _SORTING or not values.is_text or not values.is_few or not values.reaching:
        return None
    told = (
        f"{values.reaching:,} of {len(values.text):,} texts hold a phone number, an e-mail address"
    )
    return Verdict("free_text", f"{told}, a card or an id", SURE)


def _refined(kind: ColumnKind, values: Values) -> ColumnKind:
    """A kind as the values narrow it."""
    if kind == "first_name" and values.words > _FIRST_NAMES:
        return "person_name"
    if kind == "address" and values.forms["full_address"] < 0.3:
        return "street_address"
    return "birth_year" if kind == "birth_date" and _year(values) else kind


def _empty(name: NameEvidence) -> Verdict:
    sure = [says for says in name.kinds if says.points >= LIKELY]
    if not sure:
        return Verdict("unknown", "no values to look at", 0.0)
    return Verdict(sure[0].kind, f"{sure[0].reason}; no values to look at", sure[0].points)


def _best(evidence: list[Evidence]) -> Verdict | None:
    """The kind with the most points, or None if these are too few."""
    totals: dict[ColumnKind, float] = {}
    for piece in evidence:
        totals[piece.kind] = totals.get(piece.kind, 0.0) + piece.points
    if not totals:
        return None
    kind = max(totals, key=lambda each: totals[each])
    if totals[kind] < LIKELY:
        return None
    reasons = dict.fromkeys(piece.reason for piece in evidence if piece.kind == kind)
    return Verdict(kind, "; ".join(reasons), totals[kind])


def _raised(says: Evidence) -> Evidence:
    """Evidence of the other words of a name, with more points, as the loudest is overruled."""
    return says._replace(points=max(says.points, LIKELY)) if says.points >= ASIDE else says


def _overruled(name: NameEvidence, values: Values) -> ColumnKind | None:
    """The kind that the name says and the values rule out, or None."""
    loud = [says for says in name.kinds if says.points >= LIKELY]
    return loud[0].kind if loud and not is_possible(loud[0].kind, values) else None


def _standing(name: NameEvidence, values: Values) -> Verdict | None:
    """The direct identifier that a name plainly says, although the values are unlike it, or None.

    Numbers of any length may be somebody's: an id, a card and a phone number without its area code
    have no form of their own; those under a name of a person are ids. Yes and no, times, fractions
    and a few words from a list name nobody.
    """
    if not name.kinds or _names_nobody(values):
        return None
    says = name.kinds[0]
    plain = says.points >= SURE and says.kind != "transaction_id"
    direct = COLUMN_KINDS[says.kind].role == "direct identifier"
    if not plain or not direct:
        return None
    if says.kind in NAMES_OF_PERSONS and values.is_whole:
        return Verdict("customer_id", "whole numbers, so rather ids of them", says.points)
    return Verdict(says.kind, says.reason, says.points)


def _names_nobody(values: Values) -> bool:
    numbers = not values.numbers.is_empty()
    if values.is_text and not numbers:
        few = values.is_few and values.filled > _FEW_ROWS and not values.has_digits
        return few or _are_written_times(values)
    fractions = numbers and not values.is_whole
    yes_or_no = values.is_binary and values.filled > values.distinct
    return yes_or_no or fractions or not (values.is_text or values.holds_integers)


def _are_written_times(values: Values) -> bool:
    """Whether texts are dates or times of the day; digits alone may be anything else as well."""
    return values.is_text and max(values.forms["date"], values.forms["clock"]) > 0.8


def _sentence(reason: str, overruled: ColumnKind | None, kind: ColumnKind) -> str:
    if overruled is None or overruled == kind:
        return reason
    return f"{reason}; the name says {COLUMN_KINDS[overruled].words}, but the values are none"


def _by_default(values: Values) -> Verdict:
    """Decide between kinds that need no evidence: numbers, few values, many words, unknown."""
    if not values.numbers.is_empty():
        return _number_by_default(values)
    if values.is_text and values.is_few and values.filled > _FEW_ROWS:
        return Verdict("category", f"{values.distinct:,} distinct values that repeat", 1.0)
    if values.is_text and values.words >= 4:
        return Verdict("free_text", f"{values.words:.0f} words per value", 1.0)
    if values.dtype == pl.Duration:
        return Verdict("quantity", "the type is a duration", 1.0)
    if values.is_text:
        reason = (
            f"text that is not recognised; {values.share_distinct:.0%} of the values are distinct"
        )
        return Verdict("unknown", reason, 0.0)
    return Verdict("unknown", "a type that is not looked into", 0.0)


def _number_by_default(values: Values) -> Verdict:
    long = float(values.lengths.median() or 0) >= _NO_COUNT  # type: ignore[arg-type]  # (a number)
    many = values.filled > _FEW_ROWS and values.distinct > 50
    if values.is_whole and (long or (many and _is_like_an_id(values))):
        reason = f"long whole numbers, {values.share_distinct:.0%} of them distinct: rather an id"
        return Verdict("unknown", reason, 0.0)
    return Verdict("quantity", BY_DEFAULT, 1.0)


def _is_like_an_id(values: Values) -> bool:
    """Whether numbers are all of one length, and too long to count anything."""
    size = int(values.lengths.median() or 0)  # type: ignore[arg-type]  # (a number)
    same = float((values.lengths == size).mean() or 0) > 0.95  # type: ignore[arg-type]  # (a share)
    return size >= 8 or (same and size >= 5)


# --- what values rule out ------------------------------------------------------------------------


def is_possible(kind: ColumnKind, values: Values) -> bool:
    """Whether the values do not rule a kind out."""
    return _IS_POSSIBLE[kind](values)


def _any(values: Values) -> bool:  # noqa: ARG001 (as good as any other)
    return True


def _repeats_too_much(values: Values) -> bool:
    """Whether there are fewer values than anything that names persons has."""
    return values.filled > 50 and values.distinct <= 3


def _name(values: Values) -> bool:
    return values.is_text and values.forms["has_digit"] < 0.35 and not _says_yes_or_no(values)


def _says_yes_or_no(values: Values) -> bool:
    return values.distinct <= 3 and values.listed(answers()["flag"]) == 1


def _place(values: Values) -> bool:
    return (values.is_text and values.numbers.is_empty()) or values.holds_integers


def _text(values: Values) -> bool:
    return values.is_text and not _repeats_too_much(values)


def _address(values: Values) -> bool:
    """Whether values may be addresses: text with numbers, or in Chinese."""
    written = values.forms["has_digit"] > 0.3 or values.forms["cjk"] > 0.5
    return _text(values) and written


def _words(values: Values) -> bool:
    return values.is_text and values.numbers.is_empty()


def _form(*names: str, least: float = 0.3) -> Callable[[Values], bool]:
    """A test: enough values have one of some forms."""
    return lambda values: values.is_text and sum(values.forms[name] for name in names) >= least


def _figures(low: int, high: int) -> Callable[[Values], bool]:
    """A test: most values have so many letters and digits, and some of these are digits."""

    def possible(values: Values) -> bool:
        if values.text.is_empty() or _repeats_too_much(values):
            return False
        sizes = values.text.str.count_matches(r"[\p{L}\d]")
        share = sizes.is_between(low, high).mean() or 0.0
        return float(share) >= 0.6 and values.forms["has_digit"] >= 0.6  # type: ignore[arg-type]  # (a share)

    return possible


def _phone(values: Values) -> bool:
    if values.text.is_empty() or _repeats_too_much(values) or values.forms["date"] > 0.5:
        return False
    return float(values.text.str.count_matches(r"\d").is_between(5, 20).mean() or 0) >= 0.6  # type: ignore[arg-type]


def _identifies(values: Values) -> bool:
    """Whether values may be ids: no times, fractions, yes and no, or handful of values."""
    no_fractions = values.is_whole or values.numbers.is_empty()
    typed = values.is_text or values.dtype.is_integer() or values.dtype.is_float()
    if _are_written_times(values):
        return False
    if values.is_text and (values.words > 4 or (values.words > 1.3 and not values.has_digits)):
        return False
    return typed and no_fractions and not _repeats_too_much(values) and not values.is_binary


def _coded(values: Values) -> bool:
    """Whether values may be codes: ids with digits, or many of them."""
    return _identifies(values) and (
        not values.is_text or values.forms["has_digit"] > 0.5 or values.distinct > 20
    )


def _numeric(values: Values) -> bool:
    return not values.numbers.is_empty() and values.dtype != pl.Boolean


def _range(low: float, high: float) -> Callable[[Values], bool]:
    return lambda values: values.within(low, high) >= 0.95 and not values.is_binary


def _age(values: Values) -> bool:
    banded = values.is_text and values.forms["has_digit"] > 0.5 and values.distinct <= 40
    return banded or (values.within(0, 120) >= 0.95 and not values.is_binary)


def _time(values: Values) -> bool:
    if values.is_time or values.dtype == pl.Time:
        return True
    written = sum(values.forms[form] for form in ("date", "packed_date", "clock", "period"))
    if values.is_text and (written >= 0.5 or values.forms["cjk"] > 0.9):
        return written >= 0.5
    return _calendar(values) or _epoch(values) or values.forms["packed_date"] > 0.95


def _calendar(values: Values) -> bool:
    """Whether numbers are years, months, days, or dates such as 20240131."""
    if not values.is_whole:
        return False
    return any(
        values.within(*each) > 0.95 for each in ((1800, 2200), (1, 53), (0, 31), (18e6, 22e6))
    )


def _epoch(values: Values) -> bool:
    """Whether numbers are times since 1970: seconds, or milli-, micro- or nanoseconds."""
    return any(values.within(0.3e9 * unit, 2.5e9 * unit) > 0.95 for unit in (1, 1e3, 1e6, 1e9))


def _birth(values: Values) -> bool:
    """Whether values may be dates of birth, or days, months and years of them."""
    return values.dtype != pl.Time and not values.is_binary and _time(values)


def _year(values: Values) -> bool:
    return values.within(1850, 2030) > 0.9 and values.is_whole


def _postcode(values: Values) -> bool:
    if values.text.is_empty():
        return False
    sized = values.lengths.is_between(3, 10).mean() or 0.0
    return float(sized) > 0.8 and values.forms["has_digit"] > 0.8  # type: ignore[arg-type]  # (a share)


def _answers(values: Values) -> bool:
    return (
        values.distinct <= 40
        and (values.holds_integers or not values.dtype.is_float())
        and not values.is_time
    )


def _yes_no(values: Values) -> bool:
    return values.distinct <= 3 and not values.is_time


def _sorts(values: Values) -> bool:
    """Whether the values may sort rows into categories: few values, or text that repeats."""
    if values.is_time or (values.dtype.is_float() and not values.is_whole):
        return False
    if values.forms["date"] > 0.8:  # Valuta is a currency, and in banks a day
        return False
    repeats = values.share_distinct < 0.5 or values.filled <= _FEW_ROWS
    return repeats and values.distinct <= max(1_000, values.filled // 50)


def _measure(values: Values) -> bool:
    return _numeric(values) or values.dtype == pl.Duration


def _money(values: Values) -> bool:
    return _numeric(values) or values.forms["money"] > 0.5


def _number_or_text(values: Values) -> bool:
    return not values.is_time and values.dtype != pl.Boolean


def _thing(values: Values) -> bool:
    """Whether values may be ids of things, which may be few, but are no fractions."""
    return (values.is_text and values.words < 4) or (values.is_whole and not values.is_binary)


def _product(values: Values) -> bool:
    return values.is_text or (values.is_whole and not values.is_binary)


def _prose(values: Values) -> bool:
    """Whether values are text that is more than a handful of words from a list."""
    return (
        values.is_text and values.numbers.is_empty() and (not values.is_few or values.words > 2.5)
    )


_IS_POSSIBLE: Final[dict[ColumnKind, Callable[[Values], bool]]] = {
    "person_name": _name, "first_name": _name, "last_name": _name,
    "username": lambda values: _identifies(values) and values.words < 3,
    "email": _form("email"), "phone": _phone,
    "address": _address,
    "street_address": lambda values: not values.is_time
    and not (values.dtype.is_float() and not values.is_whole) and not _repeats_too_much(values),
    "national_id": _figures(4, 25), "card_number": _figures(12, 19),
    "bank_account": _figures(5, 34), "ip_address": _form("ip", "ip6"), "device_id": _coded,
    "vehicle_id": _figures(3, 17),
    "secret": lambda values: values.is_text or (values.is_whole and not values.is_binary),
    "customer_id": _coded, "transaction_id": _coded,
    "postcode": _postcode, "city": _words, "region": _place, "country": _place,
    "latitude": _range(-90, 90), "longitude": _range(-180, 180),
    "coordinates": _form("pair", "has_digit", least=0.6),
    "birth_date": _birth, "birth_year": _year, "age": _age, "sex": _answers,
    "marital_status": _answers, "household": _answers,
    "occupation": _words, "organisation": _words,
    "education": lambda values: values.distinct <= 200 and not values.is_time,
    "nationality": _place, "url": _form("url", "path", "domain", least=0.5),
    "user_agent": lambda values: values.is_text
    and (values.forms["agent"] > 0.3 or values.words > 3),
    "income": _number_or_text, "ethnicity": _answers,
    "religion": _answers, "health": lambda values: not values.is_time,
    "free_text": _prose, "time": _time, "amount": _money, "quantity": _measure,
    "category": _sorts, "language": _sorts, "flag": _yes_no,
    "item": _product, "merchant": lambda values: values.is_text and values.numbers.is_empty(),
    "other_id": _thing, "unknown": _any,
}  # fmt: skip
