"""The United States: states, territories and military codes at the end of an address, and ZIPs.

A ZIP at the end of the text, or a state's code or name just before it or at the end. A stated
state wins over the ZIP. Without a ZIP, what could be a street (`12 Washington`), a direction
(`5th Ave NE`), a floor (`25th FL`) or a court (`Cedar Crest Ct`) is not taken for a state. Where
nothing stands at the end, a state followed by one of its own ZIPs counts anywhere.
"""

import re
from typing import Final

import polars as pl

from anonymizer.masking.places.table import Table, load_table, looked_up
from anonymizer.masking.places.text import in_steps, tidy

_SEPARATOR: Final = r"""[\s,.;"')\]]"""
_COUNTRY_NAME: Final = r"(?:UNITED STATES(?: OF AMERICA)?|U\.?\s?S\.?\s?A|U\.?S)"
_TAIL: Final = rf"{_SEPARATOR}*(?:{_COUNTRY_NAME}{_SEPARATOR}*){{0,2}}$"
_ZIP: Final = r"(?<zip>\d{5})(?:[-–—\s]?\d{4})?"
_BROKEN_ZIP: Final = r"(?<short>\d{4})|\d[-\d\s]{2,11}"
_ZIP_AT_END: Final = rf"(?:^|(?<word>[^\s,.;]*){_SEPARATOR}+){_ZIP}{_TAIL}"
_ZIP_WITHOUT_ZEROS: Final = r"^\d{3,4}$"
_STREETS_TEXT: Final = (
    "ST STREET STR AVE AV AVENUE RD ROAD LN LANE DR DRIVE BLVD BOULEVARD WAY PL PLACE HWY HIGHWAY "
    "PKWY PARKWAY TER TERRACE CIR CIRCLE SQ SQUARE PIKE TPKE TURNPIKE TRAIL TRL BOX"
)
_NOT_BEFORE_STATE_TEXT: Final = (
    "N S E W NE NW SE SW NORTH SOUTH EAST WEST NORTHEAST NORTHWEST SOUTHEAST SOUTHWEST "
    "APT UNIT STE SUITE RM ROOM FL FLOOR BLDG BUILDING LOT BOX NO HWY HIGHWAY RTE ROUTE RT RR "
    "OLD US INTERSTATE FIRST SECOND THIRD FOURTH FIFTH SIXTH SEVENTH EIGHTH NINTH TENTH SO"
)
_NOT_BEFORE_ZIP_TEXT: Final = (
    "BOX APT UNIT STE SUITE RM ROOM BLDG BUILDING LOT NO NUM NUMBER HWY HIGHWAY RTE ROUTE RT RR "
    "DEPT MSC CODE EXT"
)
_STREETS: Final = _STREETS_TEXT.split()
_NOT_BEFORE_STATE: Final = [*_NOT_BEFORE_STATE_TEXT.split(), *_STREETS]
_NOT_BEFORE_ZIP: Final = _NOT_BEFORE_ZIP_TEXT.split()
_DIRECTION_OR_COURT: Final = ["NE", "CT", "CO"]  # and company
_AFTER_STREET: Final = rf"\b(?:{'|'.join(_STREETS)})\b.*\S\s+(?:CT|CO)\W*$"


def region(text: pl.Expr) -> pl.Expr:
    """The code of the state of addresses, ZIPs or names of states; null where none is read."""
    table = load_table("US")
    return in_steps(
        _with_zeros(text),
        {
            "end": pl.field("text").str.extract_groups(_state_pattern(table)),
            "by_zip": table.region_of(_zip_at_end(pl.field("text"))),
        },
        {
            "code": _spelt_out(pl.field("end").struct.field("state"), table),
            "by_short": table.region_of("0" + pl.field("end").struct.field("short")),
        },
        {"state": pl.coalesce(_trusted(), pl.field("by_zip"))},
        {"rest": pl.when(pl.field("state").is_null()).then(pl.field("text"))},
        {"inside": pl.field("rest").str.extract_groups(_inside_pattern(table))},
        result=pl.coalesce(pl.field("state"), _confirmed(pl.field("inside"), table)),
    )


def area(text: pl.Expr) -> pl.Expr:
    """The first three digits of the ZIP at the end; null without a ZIP."""
    return load_table("US").area_of(_zip_at_end(_with_zeros(text)), 3)


def _with_zeros(text: pl.Expr) -> pl.Expr:
    """A bare ZIP with the leading zeros that a column of numbers has dropped."""
    neat = tidy(text)
    return pl.when(neat.str.contains(_ZIP_WITHOUT_ZEROS)).then(neat.str.zfill(5)).otherwise(neat)


def _state_pattern(table: Table) -> str:
    """State, what stands before it and the ZIP after it, at the end of the text."""
    return (
        rf"(?:^|(?<word>[^\s,.;]*)(?:(?<comma>[\s.;]*,{_SEPARATOR}*)|{_SEPARATOR}+))"
        rf"(?<state>{_spellings(table)}){_SEPARATOR}*"
        rf"(?:{_ZIP}|{_BROKEN_ZIP})?{_TAIL}"
    )


def _inside_pattern(table: Table) -> str:
    """The pattern of a state with its ZIP anywhere in a text."""
    return rf"\b(?<state>{_spellings(table)}){_SEPARATOR}+(?<zip>\d{{5}})\b"


def _spellings(table: Table) -> str:
    return "|".join(map(_spelt, sorted(table.words, key=len, reverse=True)))


def _spelt(word: str) -> str:
    """A spelling as people write it: `NY` also as `N.Y.`, with any blanks between words."""
    if len(word) == 2:
        return rf"{word}|{word[0]}\.\s?{word[1]}\.?"
    return re.escape(word).replace(r"\ ", r"\s+") + r"\.?"


def _spelt_out(words: pl.Expr, table: Table) -> pl.Expr:
    """The code of a state's code or name, whatever its blanks and dots."""
    squeezed = {re.sub(r"[\s.]", "", word): code for word, code in table.words.items()}
    return looked_up(words.str.replace_all(r"[\s.]", ""), squeezed)


def _trusted() -> pl.Expr:
    """The stated state, unless it may be something else."""
    code, by_zip, end = pl.field("code"), pl.field("by_zip"), pl.field("end").struct
    word, with_comma = end.field("word"), end.field("comma").is_not_null()
    with_zip = end.field("zip").is_not_null()
    doubtful = end.field("state").is_in(_DIRECTION_OR_COURT) & ~with_comma
    stands_alone = word.is_null() | (with_comma & (code != "NE"))
    after_street = pl.field("text").str.contains(_AFTER_STREET)
    after_place = ~_suspect(word) & (code != "NE") & (~doubtful | after_street)
    return (
        pl.when(with_zip & doubtful)
        .then(pl.coalesce(by_zip, code))
        .when(with_zip | stands_alone | after_place | (pl.field("by_short") == code))
        .then(code)
    )


def _suspect(word: pl.Expr) -> pl.Expr:
    """Whether what stands before makes a state without a ZIP unlikely."""
    return word.is_in(_NOT_BEFORE_STATE) | word.str.contains(r"\d|#")


def _confirmed(parts: pl.Expr, table: Table) -> pl.Expr:
    """A state inside the text, if the ZIP after it is one of its own."""
    code = _spelt_out(parts.struct.field("state"), table)
    return pl.when(table.region_of(parts.struct.field("zip")) == code).then(code)


def _zip_at_end(text: pl.Expr) -> pl.Expr:
    parts = text.str.extract_groups(_ZIP_AT_END)
    word = parts.struct.field("word")
    misplaced = word.is_in(_NOT_BEFORE_ZIP) | word.str.ends_with("#")
    return pl.when(word.is_null() | ~misplaced).then(parts.struct.field("zip"))
