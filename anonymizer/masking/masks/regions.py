"""The region mask: an address or postcode becomes a country or state. Unparsed gives null.

The United States: a ZIP at the end of the text, or a state's code or name just before it or at
the end, territories and military codes included. A stated state wins over the ZIP. Without a
ZIP, what could be a street (`12 Washington`), a direction (`5th Ave NE`), a floor (`25th FL`) or
a court (`Cedar Crest Ct`) is not taken for a state.

Great Britain and Northern Ireland: the outward part of a postcode, or a nation's name at the
end. Outward codes that lie in two nations give null.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, ClassVar, Final, Literal, NamedTuple

import polars as pl

from anonymizer.masking.masks.base import CODES, Column, Kind, Mask

Naming = Literal["name", "code"]


@dataclass(frozen=True)
class Table:
    """What one country's postcodes mean.

    Attributes:
        country: its name.
        regions: code → name.
        words: other ways to write a region, without blanks and dots → code.
        prefixes: beginning of a postcode → code.
        exceptions: whole postcode (GB: outward code) → code, or None where it is undetermined.
    """

    country: str
    regions: dict[str, str]
    words: dict[str, str]
    prefixes: dict[str, str]
    exceptions: dict[str, str | None]


@cache
def load_table(country: str) -> Table:
    """The table as it is shipped; see `regions/README.md` for its source."""
    resource = files("anonymizer.masking").joinpath("regions", f"{country}.json")
    content: dict[str, Any] = json.loads(resource.read_text("utf-8"))
    return Table(**content)


class Region(Mask):
    """The country or state of an address, postcode or ZIP. What cannot be parsed gives null.

    Attributes:
        country: US, or GB for the United Kingdom.
        level: `state` is a state or territory in the US, a nation in the United Kingdom.
        output: the region's name or its code.
    """

    name: ClassVar[str] = "region"
    accepts: ClassVar[frozenset[Kind]] = CODES

    country: Literal["US", "GB"]
    level: Literal["country", "state"] = "state"
    output: Naming = "name"

    def fault(self, dtype: pl.DataType) -> str | None:
        """Only ZIPs can be integers."""
        if dtype.is_integer() and self.country == "GB":
            return f"region takes text for GB, not {dtype}"
        return super().fault(dtype)

    def preparation(self, column: Column) -> pl.Expr | None:
        """What the parser of the country finds at the end of the text."""
        return _PARSERS[self.country].find(self._text(column), load_table(self.country))

    def expression(self, column: Column) -> pl.Expr:
        """The region as text."""
        table = load_table(self.country)
        shown = {code: self._shown(code, table) for code in table.regions}
        return _PARSERS[self.country].read(column.prepared, self._text(column), table, shown)

    def _shown(self, code: str, table: Table) -> str:
        if self.level == "country":
            return table.country if self.output == "name" else self.country
        return table.regions[code] if self.output == "name" else code

    def _text(self, column: Column) -> pl.Expr:
        text = column.values.cast(pl.String)
        if column.dtype.is_integer():
            return text.str.zfill(5)  # a ZIP read as a number has lost its leading zeros
        return text

    def examples(self, dtype: pl.DataType) -> list[object]:
        """Public buildings."""
        if dtype.is_integer():
            return [90012, 2201, 99501]
        if self.country == "GB":
            return ["10 Downing Street, London SW1A 2AA", "Edinburgh EH99 1SP", "somewhere"]
        return ["200 N Spring St, Los Angeles, CA 90012", "Boston MA", "somewhere"]


def _from_postcode(prefix: pl.Expr, whole: pl.Expr, table: Table) -> pl.Expr:
    exceptional = whole.is_in(list(table.exceptions))
    exception = _replaced(whole, table.exceptions)
    return pl.when(exceptional).then(exception).otherwise(_replaced(prefix, table.prefixes))


def _replaced(value: pl.Expr, mapping: dict[str, Any]) -> pl.Expr:
    return value.replace_strict(mapping, default=None, return_dtype=pl.String)


def _spelt_out(words: pl.Expr, table: Table) -> pl.Expr:
    """The code of a region's code or name, whatever its blanks and dots."""
    squeezed = {re.sub(r"[\s.]", "", word): code for word, code in table.words.items()}
    return _replaced(words.str.replace_all(r"[\s.]", ""), squeezed)


# --- United States ---------------------------------------------------------------------------

_SEPARATOR: Final = r"[\s,.;]"
_US_NAME: Final = r"(?:UNITED STATES(?: OF AMERICA)?|U\.?\s?S\.?\s?A|U\.?S)"
_US_TAIL: Final = rf"{_SEPARATOR}*(?:{_US_NAME}{_SEPARATOR}*){{0,2}}$"
_ZIP: Final = r"(?<zip>\d{5})(?:[-–—\s]?\d{4})?"
_BROKEN_ZIP: Final = r"\d[-\d\s]{2,11}"
_US_ZIP: Final = rf"(?:^|(?<word>[^\s,.;]*){_SEPARATOR}+){_ZIP}{_US_TAIL}"
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


def _us_find(text: pl.Expr, table: Table) -> pl.Expr:
    return text.str.to_uppercase().str.extract_groups(_us_state_pattern(table))


def _us_read(stated: pl.Expr, raw: pl.Expr, table: Table, shown: dict[str, str]) -> pl.Expr:
    """The state of addresses, ZIPs or states."""
    text = raw.str.to_uppercase()
    word, comma = stated.struct.field("word"), stated.struct.field("comma")
    zip_after = stated.struct.field("zip")
    code = _spelt_out(stated.struct.field("state"), table)
    by_zip = _zip_state(text.str.extract_groups(_US_ZIP), table)
    with_comma, with_zip = comma.is_not_null(), zip_after.is_not_null()
    doubtful = code.is_in(_DIRECTION_OR_COURT) & ~with_comma
    stands_alone = word.is_null() | (with_comma & (code != "NE"))
    after_place = ~_suspect(word) & (code != "NE") & (~doubtful | text.str.contains(_AFTER_STREET))
    trusted = (
        pl.when(with_zip & doubtful)
        .then(pl.coalesce(by_zip, code))
        .when(with_zip | stands_alone | after_place)
        .then(code)
    )
    return _replaced(pl.coalesce(trusted, by_zip), shown)


def _us_state_pattern(table: Table) -> str:
    """State, what stands before it and the ZIP after it, at the end of the text."""
    spellings = sorted(table.words, key=len, reverse=True)
    return (
        rf"(?:^|(?<word>[^\s,.;]*)(?:(?<comma>[\s.;]*,{_SEPARATOR}*)|{_SEPARATOR}+))"
        rf"(?<state>{'|'.join(map(_spelt, spellings))}){_SEPARATOR}*"
        rf"(?:{_ZIP}|{_BROKEN_ZIP})?{_US_TAIL}"
    )


def _spelt(word: str) -> str:
    """A spelling as people write it: `NY` also as `N.Y.`, with any blanks between words."""
    if len(word) == 2:
        return rf"{word}|{word[0]}\.\s?{word[1]}\.?"
    return re.escape(word).replace(r"\ ", r"\s+") + r"\.?"


def _suspect(word: pl.Expr) -> pl.Expr:
    """Whether what stands before makes a state without a ZIP unlikely."""
    return word.is_in(_NOT_BEFORE_STATE) | word.str.contains(r"\d|#")


def _zip_state(parts: pl.Expr, table: Table) -> pl.Expr:
    word, digits = parts.struct.field("word"), parts.struct.field("zip")
    misplaced = word.is_in(_NOT_BEFORE_ZIP) | word.str.ends_with("#")
    code = _from_postcode(digits.str.head(3), digits, table)
    return pl.when(word.is_null() | ~misplaced).then(code)


# --- United Kingdom --------------------------------------------------------------------------

_GB_POSTCODE: Final = r"\b([A-Z]{1,2}[0-9]{1,2})[A-Z]?\s*[0-9][A-Z]{2}\b"
_GB_AT_END: Final = rf"(?i-u){_GB_POSTCODE}\s*$"
_GB_ANYWHERE: Final = f"(?i-u){_GB_POSTCODE}"
_GB_OUTWARD: Final = r"(?i-u)^\s*([A-Z]{1,2}[0-9]{1,2})[A-Z]?\s*$"
_GB_NATION: Final = (
    r"(?i-u)\b(ENGLAND|SCOTLAND|WALES|NORTHERN IRELAND)[\s,.]*"
    r"(?:(?:UK|U\.K|GB|UNITED KINGDOM|GREAT BRITAIN)[\s,.]*)?$"
)


def _gb_find(text: pl.Expr, table: Table) -> pl.Expr:  # noqa: ARG001 (like its sibling)
    # Nearly all addresses end in a postcode of at most eight characters; short texts are fast.
    return text.str.tail(10).str.extract(_GB_AT_END).str.to_uppercase()


def _gb_read(district: pl.Expr, text: pl.Expr, table: Table, shown: dict[str, str]) -> pl.Expr:
    """The nation of addresses or postcodes."""
    rest = pl.when(district.is_null()).then(text)  # the few without a postcode at the end
    other = pl.coalesce(rest.str.extract(_GB_ANYWHERE), rest.str.extract(_GB_OUTWARD))
    nation = _spelt_out(rest.str.extract(_GB_NATION).str.to_uppercase(), table)
    districts = {
        name: None if code is None else shown[code] for name, code in _districts(table).items()
    }
    by_postcode = _replaced(pl.coalesce(district, other.str.to_uppercase()), districts)
    return pl.coalesce(by_postcode, _replaced(nation, shown))


def _districts(table: Table) -> dict[str, str | None]:
    """Every district an area can have, `SW1` for `SW1A` as well → nation."""
    districts: dict[str, str | None] = {
        f"{area}{number}": nation
        for area, nation in table.prefixes.items()
        for number in [*range(100), *(f"0{digit}" for digit in range(10))]
    }
    return districts | table.exceptions


class _Parser(NamedTuple):
    """Reads one country's addresses in two steps, so that the first is done once.

    Attributes:
        find: text, table → what stands at the end.
        read: what was found, text, table, code → output; gives the output, or null.
    """

    find: Callable[[pl.Expr, Table], pl.Expr]
    read: Callable[[pl.Expr, pl.Expr, Table, dict[str, str]], pl.Expr]


_PARSERS: Final = {"US": _Parser(_us_find, _us_read), "GB": _Parser(_gb_find, _gb_read)}
