"""Text in the one form in which it is compared: Unicode's NFKC and NFKD, as expressions."""

import polars as pl


def not_ascii(text: pl.Expr) -> pl.Expr:
    """The text where it is not ASCII, else null: normalisation is slow and acts only there."""
    return pl.when(text.str.len_bytes() != text.str.len_chars()).then(text)


def nfkc(text: pl.Expr) -> pl.Expr:
    """Full-width digits and letters become plain ones."""
    return pl.coalesce(not_ascii(text).str.normalize("NFKC"), text)
