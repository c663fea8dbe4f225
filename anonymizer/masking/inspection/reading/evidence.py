"""What the values of a column say of its content: a table of evidence, and the loop that reads it.

A row of the table says what is looked for (a condition over measures of the values), which kind of
column it speaks for, how many points that is worth, and the reason that is given. A measure is a
share of the values between 0 and 1, a count, or a yes or no (1 or 0). Reasons hold shares and
counts, never a value.
"""

import operator
from collections.abc import Callable
from functools import cache
from itertools import islice
from typing import Final, NamedTuple

from anonymizer.masking.inspection.reading.kinds import ColumnKind
from anonymizer.masking.inspection.reading.lists import answers
from anonymizer.masking.inspection.reading.measures import Measured
from anonymizer.masking.inspection.reading.names import HINT, LIKELY, SURE, Evidence
from anonymizer.masking.inspection.reading.national_numbers import national_numbers
from anonymizer.masking.inspection.reading.values import Values


class Row(NamedTuple):
    """One row of the table: a condition, and what it is evidence for.

    Attributes:
        kind: what the column then seems to hold.
        points: how much that counts; `LIKELY` is enough by itself.
        reason: what is said of it; `{measure:.0%}` stands for a measure.
        where: the condition, such as `vin > 0.9 and digits < 0.1`; `and` binds tighter than `or`.
    """

    kind: ColumnKind
    points: float
    reason: str
    where: str


class Section(NamedTuple):
    """Rows of the table that share a condition and are read together.

    Attributes:
        where: the condition for all of them.
        rows: in the order in which they are read.
        first_only: only the first row that holds counts; else all that hold do.
    """

    where: str
    rows: tuple[Row, ...]
    first_only: bool = False


# --- the table -----------------------------------------------------------------------------------

# Of fewer than 5 distinct texts nothing is concluded but that they are few, and of fewer than 20
# nothing that chance could do. Forms (`email`, `vin` ...) are those of `values.py`.
_TYPE_SECTIONS: Final = (
    Section(
        "",
        (
            Row("flag", SURE, "true and false only", "is_boolean"),
            Row("flag", LIKELY, "0 and 1 only", "is_binary"),
        ),
        first_only=True,
    ),
    Section(
        "",
        (
            Row("time", LIKELY, "the type is a time", "is_time"),
            Row(
                "birth_date",
                LIKELY + 0.4,
                "the years span lifetimes and end before adulthood",
                "years >= 20 and whole_days and years_spanned >= 35 and first_year >= 1900 "
                "and last_year <= 2012",
            ),
            Row("time", LIKELY, "{dates:.0%} are dates", "date > 0.8 or packed_date > 0.9"),
            Row("time", LIKELY, "{clock:.0%} are times of the day", "clock > 0.9"),
            Row("time", LIKELY, "{month:.0%} are months", "is_text and month > 0.9"),
        ),
    ),
)
_FORM_SECTIONS: Final = (
    Section(
        "",
        (
            Row("email", SURE + 1, "{email:.0%} have the form of e-mail addresses", "email >= 0.6"),
            Row("ip_address", SURE + 1, "{ips:.0%} have the form of IP addresses", "ips >= 0.6"),
            Row("device_id", SURE + 1, "{mac:.0%} have the form of MAC addresses", "mac >= 0.6"),
            Row("url", SURE + 1, "{web:.0%} have the form of web addresses", "web >= 0.6"),
            Row("user_agent", SURE + 1, "{agent:.0%} have the form of user agents", "agent >= 0.6"),
            Row(
                "secret",
                SURE + 1,
                "{secret:.0%} have the form of keys or password hashes",
                "secret >= 0.6",
            ),
            Row("coordinates", SURE, "{pair:.0%} are pairs of coordinates", "pair > 0.8"),
            Row("other_id", HINT, "{digests:.0%} are UUIDs or digests", "digests > 0.8"),
            Row("health", SURE, "{blood:.0%} are blood groups", "blood > 0.8 and seen > 1"),
            Row(
                "health",
                LIKELY,
                "{icd:.0%} have the form of ICD codes",
                "icd > 0.8 and seen >= 10 and share_distinct < 0.8",
            ),
            Row(
                "vehicle_id",
                LIKELY,
                "{vin:.0%} have the form of vehicle numbers",
                "vin > 0.9 and digits < 0.1 and has_letter > 0.9",
            ),
        ),
    ),
)
_BANK_ROWS: Final = (
    Row(
        "bank_account",
        SURE + 1,
        "{ibans:.0%} are IBANs with right checksums",
        "has_letter > 0.6 and ibans > 0.6",
    ),
    Row(
        "card_number",
        SURE + 0.5,
        "{cards:.0%} pass the check of card numbers",
        "card_form > 0.6 and texts >= 20 and cards > 0.8",
    ),
)
_PHONE_SECTION: Final = Section(
    "phone_form >= 0.6 and texts >= 5 and date <= 0.5 and phone_written >= 0.5"
    " or phone_form >= 0.6 and texts >= 5 and date <= 0.5 and phone_sized >= 0.8 and distinct > 20",
    (
        Row(
            "phone",
            SURE,
            "{phone_like:.0%} have the form of phone numbers",
            "phone_plus > 0.5 or phone_valid > 0.6 and phone_gaps > 0.5",
        ),
        Row(
            "phone",
            LIKELY,
            "{chinese_mobile:.0%} are Chinese mobile numbers",
            "chinese_mobile > 0.9 and distinct > 20",
        ),
        Row(
            "phone",
            HINT,
            "{phone_valid:.0%} could be phone numbers of {phone_country}",
            "phone_valid > 0.8",
        ),
    ),
    first_only=True,
)
_LETTER_ROWS: Final = (
    Row("sex", LIKELY + 0.2, "the values are the letters for two sexes", "letters_of_sexes"),
    Row("flag", LIKELY, "two letters for yes and no", "letters_of_yes_and_no"),
)
_NAME_SECTIONS: Final = (
    Section(
        "is_text and texts >= 5 and has_digit <= 0.2 and not is_few",
        (
            Row(
                "person_name",
                LIKELY + 0.5,
                "{chinese_surname:.0%} begin with Chinese surnames",
                "cjk > 0.8 and short > 0.9 and chinese_surname > 0.8 and distinct > 30",
            ),
            Row(
                "person_name",
                SURE,
                "{titled:.0%} begin with a title",
                "cjk <= 0.8 and titled > 0.6",
            ),
        ),
    ),
    # Few names that repeat are those of persons beside the entity: doctors, teachers, clerks.
    Section(
        "is_text and seen > 1 and has_digit < 0.1 and is_few and cjk <= 0.8",
        (
            Row("person_name", LIKELY, "{titled:.0%} begin with a title", "titled > 0.8"),
            Row("person_name", LIKELY, "{initials:.0%} have initials", "initials > 0.8"),
            Row(
                "person_name",
                LIKELY,
                "{either_name:.0%} begin or end with known first names",
                "some_words > 0.9 and capitals > 0.9 and either_name > 0.6",
            ),
        ),
        first_only=True,
    ),
    Section(
        "is_text and texts >= 5 and has_digit <= 0.2 and not is_few and cjk <= 0.8",
        (
            Row(
                "first_name",
                LIKELY,
                "{first_name:.0%} are known first names",
                "one_word > 0.7 and first_name > 0.5 and first_name > last_name",
            ),
            Row(
                "last_name",
                LIKELY,
                "{last_name:.0%} are known last names",
                "one_word > 0.7 and last_name > 0.4",
            ),
            Row(
                "person_name",
                LIKELY + 0.5,
                "{either_name:.0%} begin or end with known first names",
                "some_words > 0.7 and either_name > 0.4 and last_name > 0.15"
                " or some_words > 0.7 and either_name > 0.6",
            ),
        ),
        first_only=True,
    ),
)
_PLACE_SECTIONS: Final = (
    Section(
        "is_text and texts >= 5",
        tuple(
            Row("postcode", SURE, f"{{{form}:.0%}} have the form of postcodes", f"{form} > 0.8")
            for form in ("gb_postcode", "ca_postcode", "nl_postcode", "br_postcode", "us_postcode")
        ),
    ),
    Section(
        "is_text and texts > 0",
        (
            Row(
                "country",
                LIKELY + 0.5,
                "{country:.0%} are names of countries",
                "has_digit < 0.2 and seen > 1 and mean_length > 3.5 and country > 0.7",
            ),
        ),
    ),
    Section(
        "is_text and texts > 0 and seen > 4 and has_digit < 0.2 and state > 0.7",
        (
            Row(
                "region",
                LIKELY + 0.5,
                "{state:.0%} are states or provinces of {state_country}",
                "mean_length > 3.5 or cjk > 0.8",
            ),
            Row("region", HINT, "{state:.0%} are states or provinces of {state_country}", ""),
        ),
        first_only=True,
    ),
    Section(
        "is_text and texts > 0",
        (Row("city", LIKELY + 0.5, "{city:.0%} are known cities", "seen > 4 and city > 0.5"),),
    ),
    Section(
        "is_text and texts > 0 and house > 0.6 and road > 0.3 and distinct > 20",
        (
            Row(
                "address",
                SURE,
                "{house:.0%} have the form of addresses",
                "words > 3 and full_address > 0.5 and read_region > 0.5",
            ),
            Row("street_address", SURE, "{house:.0%} have the form of addresses", ""),
        ),
        first_only=True,
    ),
)
_LENGTH_SECTION: Final = Section(
    "",
    (
        Row(
            "item", 0.8, "texts that repeat", "is_text and words >= 1.5 and repeats and date <= 0.5"
        ),
        Row(
            "free_text",
            HINT + 0.3,
            "{words:.0f} words per value",
            "is_text and words >= 4.5 and not repeats and date < 0.5",
        ),
        Row("amount", LIKELY, "{money:.0%} have a currency", "money > 0.8"),
    ),
)


@cache
def evidence_table() -> tuple[Section, ...]:
    """All sections of the table, in the order in which they are read."""
    listed = tuple(
        Row(
            kind,
            LIKELY + 0.5,
            f"{{answers_{kind}:.0%}} of the values are words for it",
            f"seen > 1 and answers_{kind} > 0.7",
        )
        for kind in answers()
    )
    national = tuple(
        Row(
            "national_id",
            number.points,
            f"{{national_{place}:.0%}} are {number.title}",
            f"national_{place} > 0.8",
        )
        for place, number in enumerate(national_numbers())
    )
    answered = Section("is_text and distinct <= 40", (*listed, *_LETTER_ROWS))
    return (
        *_TYPE_SECTIONS,
        *_FORM_SECTIONS,
        Section("texts >= 5 and has_digit >= 0.6", _BANK_ROWS),
        # What passes one check passes others by chance: the surest counts, and not their sum.
        Section("texts >= 20 and has_digit >= 0.6", national, first_only=True),
        _PHONE_SECTION,
        answered,
        *_NAME_SECTIONS,
        *_PLACE_SECTIONS,
        _LENGTH_SECTION,
    )


# --- the loop ------------------------------------------------------------------------------------

_COMPARISONS: Final[dict[str, Callable[[float, float], bool]]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


def read_values(values: Values) -> list[Evidence]:
    """The kinds that the values of a column speak for by themselves."""
    if values.sample.is_empty():
        return []
    measured = Measured(values)
    return [says for section in evidence_table() for says in _read(section, measured)]


def _read(section: Section, measured: Measured) -> list[Evidence]:
    """The evidence of those rows of a section whose conditions hold."""
    if not _holds(section.where, measured):
        return []
    held = (row for row in section.rows if _holds(row.where, measured))
    counted = islice(held, 1) if section.first_only else held
    return [Evidence(row.kind, row.points, row.reason.format_map(measured)) for row in counted]


def _holds(where: str, measured: Measured) -> bool:
    """Whether a condition holds for the measures of a column; an empty one does."""
    return any(
        all(_is_true(part, measured) for part in way.split(" and ") if part)
        for way in where.split(" or ")
    )


def _is_true(part: str, measured: Measured) -> bool:
    """One comparison, `measure > limit` or `measure > measure`, or `measure`, or `not measure`."""
    match part.split():
        case [name, sign, limit]:
            bound = measured[limit] if limit.isidentifier() else float(limit)
            return _COMPARISONS[sign](measured[name], bound)
        case ["not", name]:
            return not measured[name]
        case _:
            return bool(measured[part.strip()])
