"""How addresses are made comparable before they are read."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import polars as pl

from anonymizer.masking.primitives.bulk.distinct import on_some
from anonymizer.masking.primitives.normal_forms import nfkc, not_ascii


def tidy(text: pl.Expr) -> pl.Expr:
    """NFKC, so that full-width digits are digits, without blanks at the ends, in upper case."""
    return nfkc(text).str.strip_chars().str.to_uppercase()


def with_zeros(number: pl.Expr, dtype: pl.DataType, digits: int) -> pl.Expr:
    """A postcode that was read as a number, as text; null for what is below zero or not whole.

    pandas makes floats of whole numbers where one is missing, and writes `1067.0` into a CSV. Other
    text stays as it is.
    """
    if not dtype.is_numeric():
        text = number.cast(pl.String)
        return pl.coalesce(text.str.extract(r"^\s*(\d+)\.0+\s*$").str.zfill(digits), text)
    if dtype.is_float():
        number = pl.when(number == number.floor()).then(number).cast(pl.Int64, strict=False)
    return pl.when(number >= 0).then(number.cast(pl.String).str.zfill(digits))


def folded(text: pl.Expr) -> pl.Expr:
    """Upper case without accents; what is no letter or digit becomes one blank.

    `scripts/build_regions.py` does the same to the names in the tables.
    """
    plain = not_ascii(text).str.normalize("NFKD").str.replace_all(r"\p{M}+", "")
    upper = pl.coalesce(plain, text).str.to_uppercase()
    return upper.str.replace_all(r"[^\p{L}\p{N}]+", " ").str.strip_chars(" ")


def any_of(words: Iterable[str]) -> str:
    """A pattern for folded words; put an anchor behind it, or the shorter may win."""
    return f"(?:{'|'.join(sorted(words, key=lambda word: (-len(word), word)))})"


def in_steps(text: pl.Expr, *steps: dict[str, pl.Expr], result: pl.Expr) -> pl.Expr:
    """An expression of parts that are each computed once, however often they are read.

    Args:
        text: becomes the field `text`.
        steps: names and expressions; they read what came before with `pl.field`.
        result: reads them all.
    """
    parts = pl.struct(text=text)
    for step in (*steps, {"result": result}):
        parts = parts.struct.with_fields(**step)
    return parts.struct.field("result")


def in_turns(text: pl.Expr, quick: pl.Expr, thorough: pl.Expr) -> pl.Expr:
    """What a quick expression knows of the text; of what it does not know, a thorough one.

    Args:
        text: String.
        quick: of the column `text`; String, empty where it is known that the answer is null, and
            null where the answer is not known.
        thorough: the answer, of the column `text`.
    """
    turns = _Turns(quick, thorough)
    return text.map_batches(turns, return_dtype=pl.String, is_elementwise=True)


@dataclass(frozen=True)
class _Turns:
    quick: pl.Expr = field(repr=False)
    thorough: pl.Expr = field(repr=False)

    def __call__(self, texts: pl.Series) -> pl.Series:
        texts = texts.rechunk()  # expressions are set up anew for each chunk
        rows = texts.alias("text").to_frame()
        known = rows.select(answer=self.quick)["answer"]
        left = known.is_null() & texts.is_not_null()
        if left.any():
            found = on_some(texts, left, self._thoroughly)
            known = pl.select(pl.coalesce(known, found)).to_series()
        return known.set(known == "", None)

    def _thoroughly(self, texts: pl.Series) -> pl.Series:
        return texts.alias("text").to_frame().select(answer=self.thorough)["answer"]
