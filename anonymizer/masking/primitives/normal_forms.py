"""Text in the one form in which it is compared, and as the number that stands in it."""

from typing import Final

import polars as pl


def not_ascii(text: pl.Expr) -> pl.Expr:
    """The text where it is not ASCII, else null: normalisation is slow and acts only there."""
    return pl.when(text.str.len_bytes() != text.str.len_chars()).then(text)


def nfkc(text: pl.Expr) -> pl.Expr:
    """Full-width digits and letters become plain ones."""
    return pl.coalesce(not_ascii(text).str.normalize("NFKC"), text)


# No digit of such a number is lost in a float.
_NUMBER: Final = r"^\s*[+-]?(\d{1,15}(\.\d*)?|\.\d+)([eE][+-]?\d{1,2})?\s*$"


def is_number(text: pl.Expr, decimal: str) -> pl.Expr:
    """Whether text is a number of at most 15 digits before the decimal mark."""
    return _with_point(text, decimal).str.contains(_NUMBER)


def number_in(text: pl.Expr, decimal: str) -> pl.Expr:
    """The number that stands in text, as Float64; null for blanks. It fails where there is none."""
    plain = _with_point(text, decimal).str.strip_chars()
    safe = pl.when(is_number(text, decimal)).then(plain).when(plain != "").then(pl.lit("none"))
    return safe.cast(pl.Float64)


def number_written(number: pl.Expr, decimal: str) -> pl.Expr:
    """A number as text, in as few characters as it takes: 20 and not 20.0."""
    return number.cast(pl.String).str.strip_suffix(".0").str.replace(".", decimal, literal=True)


def _with_point(text: pl.Expr, decimal: str) -> pl.Expr:
    plain = text.cast(pl.String)
    if decimal == ".":
        return plain
    alone = plain.str.replace_all(".", "?", literal=True)  # of thousands, and no decimal mark
    return alone.str.replace(decimal, ".", literal=True)
