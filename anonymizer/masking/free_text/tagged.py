"""The tags that stand in texts, told again and counted."""

from collections.abc import Iterable

import polars as pl

from anonymizer.masking.free_text.asked import KINDS, TAG_DIGITS


def tags_in(rows: pl.LazyFrame, own: Iterable[str] = ()) -> pl.LazyFrame:
    """A query for the tags in texts: `kind`, at how many `places`, in how many `rows`.

    Args:
        rows: `value`, the text, and `index`, the row that it is of.
        own: kinds that rules added.
    """
    listed = list(dict.fromkeys((*KINDS, *own)))
    kinds = "|".join(map(str.upper, listed))
    # In XML and in addresses brackets are written otherwise, and in what is inside others again.
    tag = (
        rf"(?:<|&(?:amp;)*lt;|%(?:25)*3C)({kinds})(?:_[0-9a-f]{{{TAG_DIGITS}}})?"
        r"(?:>|&(?:amp;)*gt;|%(?:25)*3E)"
    )
    found = rows.select("index", tag=pl.col("value").str.extract_all(tag))
    tags = found.filter(pl.col("tag").list.len() > 0).explode("tag")
    kind = pl.col("tag").str.extract(tag).str.to_lowercase().alias("kind")
    counts = tags.group_by(kind).agg(places=pl.len(), rows=pl.col("index").n_unique())
    order = pl.col("kind").cast(pl.Enum(listed))
    return counts.sort(order)
