"""A tag stands in the place of a value, and is found there again."""

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from anonymizer.masking.free_text.recognition import Span
from anonymizer.masking.free_text.recognition.basis.finder import KINDS
from anonymizer.masking.free_text.recognition.contacts.phones import canonical as canonical_phone

TAG_DIGITS: Final = 12  # 48 bits


@dataclass(frozen=True)
class Tags:
    """A tag for each span: `<EMAIL>`, or a keyed one, `<EMAIL_3f2a9c01d4e5>`.

    Attributes:
        subkey: of keyed tags; None where there are none.
        region: of phone numbers without a country code.
    """

    subkey: str | None = field(default=None, repr=False)
    region: str = "US"

    def plain(self, span: Span) -> str:
        """The tag that says what stood there."""
        return f"<{span.pii_type.upper()}>"

    def keyed(self, span: Span) -> str:
        """The tag that is equal for all spellings of a value."""
        message = f"{span.pii_type}\0{self.value(span.pii_type, span.canonical)}".encode()
        digest = hmac.new(bytes.fromhex(self.subkey or ""), message, hashlib.sha256).hexdigest()
        return f"<{span.pii_type.upper()}_{digest[:TAG_DIGITS]}>"

    def value(self, pii_type: str, canonical: str) -> str:
        """What is equal for all spellings of a value."""
        return canonical_phone(canonical, self.region) if pii_type == "phone" else canonical


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
