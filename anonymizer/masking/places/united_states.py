"""The United States: states, territories and military codes at the end of an address, and ZIPs.

A ZIP at the end of the text, or a state's code or name just before it or at the end. A stated
state wins over the ZIP. Without a ZIP, what could be a street (`12 Washington`), a direction
(`5th Ave NE`), a floor (`25th FL`) or a court (`Cedar Crest Ct`) is not taken for a state. Where
nothing stands at the end, a state followed by one of its own ZIPs counts anywhere.
"""

import re
import string
from collections.abc import Iterable
from functools import cache
from typing import Final, NamedTuple

import polars as pl

from anonymizer.masking.places.table import Table, load_table
from anonymizer.masking.places.text import in_steps, in_turns, tidy
from anonymizer.masking.primitives.bulk.lookup import looked_up

_SEPARATOR: Final = r"""[\s,.;"')\]]"""
_COUNTRY_NAME: Final = r"(?:UNITED STATES(?: OF AMERICA)?|U\.?\s?S\.?\s?A|U\.?S)"
_TAIL: Final = rf"{_SEPARATOR}*(?:{_COUNTRY_NAME}{_SEPARATOR}*){{0,2}}$"
_ZIP: Final = r"(?<zip>\d{5})(?:[-–—\s]?\d{4})?"
_BROKEN_ZIP: Final = r"(?<short>\d{4})|\d[-\d\s]{2,11}"
_ZIP_AT_END: Final = rf"(?:^|(?<word>[^\s,.;]*){_SEPARATOR}+){_ZIP}{_TAIL}"
_ZIP_WITHOUT_ZEROS: Final = r"^\d{3,4}$"
# As most addresses end, in ASCII: what stands before does not change how that is read.
_LONGEST_END: Final = 56
_STATE_AND_ZIP: Final = r"((?:, ?|[ \n])[A-Za-z]+)[ ,.\n]+[0-9]{5}(?:-?[0-9]{4})?[ ,.\n]*$"
_COMMAS, _BLANKS = (",", ", "), (" ", "\n")  # before a state; after a comma CO is no company
_COUNTRY_AT_END: Final = r"[\s,.]+(?:USA|US|U\.S\.A|U\.S|UNITED STATES(?: OF AMERICA)?)[\s,.]*$"
_PLAIN_ZIP: Final = r"[\s,.]+([0-9]{5})(?:-?[0-9]{4})?[\s,.]*$"
_WORD_AND_ZIP: Final = rf"[\s,](?<word>[A-Z]+){_PLAIN_ZIP.replace('(', '(?<zip>', 1)}"
_ZIP_ALONE: Final = "^([0-9]{5})(?:-?[0-9]{4})?$"
_LETTER_AND_ZIP: Final = rf"[A-Za-z.]{_SEPARATOR}+\d{{5}}"
_END_OF_COUNTRY: Final = (  # also right after a word
    r"[Uu][.\s]*[Ss](?:[.\s]*[Aa])?|[Ss][Tt][Aa][Tt][Ee][Ss]|[Aa][Mm][Ee][Rr][Ii][Cc][Aa]"
)
_BARE_DIGITS: Final = r"^\s*[0-9]{3,4}\s*$"  # what has lost its zeros
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
    each = pl.col("text")
    rest = in_turns(each, _likely(each), _thoroughly(each))
    return in_turns(text, _plainly(each), in_turns(each, _none(each), rest))


def area(text: pl.Expr) -> pl.Expr:
    """The first three digits of the ZIP at the end; null without a ZIP."""
    each, table = pl.col("text"), load_table("US")
    end, zipcode = pl.field("end"), pl.field("parts").struct.field("zip")
    misplaced = pl.field("parts").struct.field("word").is_in(_NOT_BEFORE_ZIP)
    none = _in_ascii(pl.field("text")) & ~pl.field("text").str.contains(_words().zip_at_end)
    quick = in_steps(
        each,
        {"end": _ascii_end(pl.field("text"))},
        {"parts": end.str.extract_groups(_WORD_AND_ZIP)},
        {"zip": pl.coalesce(pl.when(~misplaced).then(zipcode), end.str.extract(_ZIP_ALONE))},
        result=pl.when(pl.field("zip").is_not_null())
        .then(table.area_of(pl.field("zip"), 3).fill_null(""))
        .when(none)
        .then(pl.lit("")),
    )
    return in_turns(text, quick, table.area_of(_zip_at_end(_with_zeros(each)), 3))


class _Words(NamedTuple):
    """The spellings of states, as far as they are letters only.

    Attributes:
        plain: what is a state where a ZIP follows, after what stands before it → code.
        known: what is a state, of one word or two → code.
        within: the last words of longer spellings that are spellings themselves.
        first: the first words of spellings of two words.
        ends: the last words of all spellings.
        pattern: what may be a state at the end, and the word before it.
        at_end: where a state or a ZIP may be at the end.
        zip_at_end: where a ZIP may be.
    """

    plain: dict[str, str]
    known: dict[str, str]
    within: list[str]
    first: list[str]
    ends: list[str]
    pattern: str
    at_end: str
    zip_at_end: str


@cache
def _words() -> _Words:
    spelt = load_table("US").words
    letters = {word: re.findall("[A-Z]+", word) for word in spelt}
    within = {word for word in spelt for longer in spelt if re.search(rf"[ .]{word}$", longer)}
    long = [word for word in spelt if len(letters[word]) > 2]
    known = {
        word: code
        for word, code in spelt.items()
        if re.fullmatch("[A-Z]+( [A-Z]+)?", word) and not any(w.endswith(f" {word}") for w in long)
    }
    plain = {
        before + word: code
        for word, code in known.items()
        if " " not in word and word not in within
        for before in (*_COMMAS, *([] if word in _DIRECTION_OR_COURT else _BLANKS))
    }
    first = sorted({word.split()[0] for word in known if " " in word})
    last = {words[-1] for words in letters.values()}
    ends = sorted(last - set(string.ascii_uppercase))  # of N.Y. both letters
    state = rf"(?:(?:{'|'.join(first)}) )?[A-Z]+"
    pattern = rf"[\s,.](?<word>[^\s,.;\"')\]]+)(?<gap>[\s,]+)(?<state>{state})[\s,.]*$"
    return _Words(
        plain, known, sorted(within), first, ends, pattern, _ending(ends), _ending(["USA"])
    )


def _ending(words: Iterable[str]) -> str:
    """A pattern of texts with one of the words, the country or a ZIP at the end."""
    cases = [[f"[{letter}{letter.lower()}]" for letter in word] for word in words]
    spelt = "|".join((r"[.\s]*" if len(case) == 2 else "").join(case) for case in cases)
    found = rf"[0-9]{{5}}|{_END_OF_COUNTRY}|(?:^|[^A-Za-z])(?:{spelt})"
    return rf"(?:{found})[^A-Za-z]*$|{_BARE_DIGITS}"


def _plainly(text: pl.Expr) -> pl.Expr:
    """The state that stands before a ZIP, where it can be nothing else."""
    return looked_up(text.str.extract(_STATE_AND_ZIP).str.to_uppercase(), _words().plain)


def _none(text: pl.Expr) -> pl.Expr:
    """Empty where no state and no ZIP is at the end, nor a ZIP after letters."""
    doubtful = text.str.contains(_words().at_end) | text.str.contains(_LETTER_AND_ZIP)
    return pl.when(_in_ascii(text) & ~doubtful).then(pl.lit(""))


def _in_ascii(text: pl.Expr) -> pl.Expr:
    return text.str.len_bytes() == text.str.len_chars()


def _ascii_end(text: pl.Expr) -> pl.Expr:
    """The last characters in upper case, where they are ASCII: what stands before changes none."""
    end = text.str.tail(_LONGEST_END)
    return pl.when(_in_ascii(end)).then(end).str.to_uppercase()


def _likely(text: pl.Expr) -> pl.Expr:
    """The state or the ZIP of a text that ends as many do."""
    words, table, end = _words(), load_table("US"), pl.field("end")
    word, gap, state = (pl.field("parts").struct.field(name) for name in ("word", "gap", "state"))
    code, by_zip, alone = pl.field("code"), pl.field("by_zip"), pl.field("alone")
    inner = state.is_in(words.within) & word.is_in(words.first)  # a longer spelling, perhaps
    comma = gap.str.contains(",", literal=True)
    doubtful = state.is_in(_DIRECTION_OR_COURT)
    no_state = ~state.str.extract("([A-Z]+)$").is_in([*words.ends, *_NOT_BEFORE_ZIP])
    asked = pl.when(no_state | (code.is_not_null() & doubtful & ~comma)).then(pl.field("zip"))
    return in_steps(
        text,
        {"end": _ascii_end(pl.field("text"))},
        {"end": end.str.replace(_COUNTRY_AT_END, ""), "alone": end.str.extract(_ZIP_ALONE)},
        {"zip": end.str.extract(_PLAIN_ZIP), "end": end.str.replace(_PLAIN_ZIP, "")},
        {"parts": end.str.extract_groups(words.pattern)},
        {"code": pl.when(~inner).then(looked_up(state, words.known))},
        {"by_zip": table.region_of(pl.coalesce(asked, alone))},
        result=pl.when(alone.is_not_null())
        .then(by_zip.fill_null(""))
        .when(pl.field("zip").is_not_null())
        .then(pl.coalesce(by_zip, code))
        .when((code != "NE") & ~doubtful & (comma | ~_suspect(word)))
        .then(code),
    )


def _thoroughly(text: pl.Expr) -> pl.Expr:
    table = load_table("US")
    # Searching in vain takes longest: only where the last letters may end a state or the country.
    stated = pl.when(pl.field("text").str.contains(_words().at_end)).then(pl.field("text"))
    maybe_inside = pl.field("state").is_null() & pl.field("text").str.contains(_LETTER_AND_ZIP)
    return in_steps(
        _with_zeros(text),
        {
            "end": stated.str.extract_groups(_state_pattern(table)),
            "by_zip": table.region_of(_zip_at_end(pl.field("text"))),
        },
        {
            "code": _spelt_out(pl.field("end").struct.field("state"), table),
            "by_short": table.region_of("0" + pl.field("end").struct.field("short")),
        },
        {"state": pl.coalesce(_trusted(), pl.field("by_zip"))},
        {"rest": pl.when(maybe_inside).then(pl.field("text"))},
        {"inside": pl.field("rest").str.extract_groups(_inside_pattern(table))},
        result=pl.coalesce(pl.field("state"), _confirmed(pl.field("inside"), table)),
    )


def _with_zeros(text: pl.Expr) -> pl.Expr:
    """A bare ZIP with the leading zeros that a column of numbers has dropped."""
    neat = pl.field("text")
    short = neat.str.contains(_ZIP_WITHOUT_ZEROS)
    return in_steps(tidy(text), result=pl.when(short).then(neat.str.zfill(5)).otherwise(neat))


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
    parts = pl.field("parts").struct
    word = parts.field("word")
    misplaced = word.is_in(_NOT_BEFORE_ZIP) | word.str.ends_with("#")
    return in_steps(
        text,
        {"parts": pl.field("text").str.extract_groups(_ZIP_AT_END)},
        result=pl.when(word.is_null() | ~misplaced).then(parts.field("zip")),
    )
