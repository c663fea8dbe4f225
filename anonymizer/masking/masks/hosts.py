"""Masks for what names machines and mailboxes: ip and email_domain."""

from typing import ClassVar, Final

import polars as pl
from pydantic import Field

from anonymizer.masking.masks.base import TEXT, Column, Mask, Remark, TypeFamily
from anonymizer.masking.masks.generalisation import frequent, held, kept_or, with_digest
from anonymizer.masking.primitives.bulk.networks import Networks
from anonymizer.masking.primitives.normal_forms import nfkc

_ADDRESS: Final = r"^[^@\s]+@[^@\s]+\.[^@\s.]+$"


class Ip(Mask):
    """An IP address cut to its network, as `203.0.113.0/24` or `2001:db8::/48`.

    IPv4 addresses inside IPv6 (mapped, 6to4, Teredo, NAT64) count as IPv4. A port or zone at the
    end is dropped. What is no address gives null.

    Attributes:
        v4: bits of an IPv4 address that stay.
        v6: bits of an IPv6 address that stay.
    """

    name: ClassVar[str] = "ip"
    accepts: ClassVar[frozenset[TypeFamily]] = TEXT

    v4: int = Field(default=24, ge=0, le=31)
    v6: int = Field(default=48, ge=0, le=127)

    def preparation(self, column: Column) -> pl.Expr:
        """The network of each address as text, such as `203.0.113.0/24`."""
        networks = Networks(self.v4, self.v6)
        text = column.values.cast(pl.String)
        return text.map_batches(networks, return_dtype=pl.String, is_elementwise=True)

    def coarser(self) -> Mask | None:
        """The mask with eight bits less of an IPv4 address, sixteen less of an IPv6 address."""
        if self.v4 <= 8 and self.v6 <= 16:
            return None
        return self.model_copy(update={"v4": max(self.v4 - 8, 0), "v6": max(self.v6 - 16, 0)})

    def examples(self, dtype: pl.DataType) -> list[object]:  # noqa: ARG002 (always text)
        """Addresses for documentation (RFC 5737, RFC 3849)."""
        return ["203.0.113.77", "2001:db8:1:2::3", "localhost"]


class EmailDomain(Mask):
    """The domain of an e-mail address in lower case; what is no address gives null.

    A domain that few people share names its family or company: `floor` hides it.

    Attributes:
        floor: domains of fewer entities become `other`; rows count where there is no entity.
        other: what stands for them.
    """

    name: ClassVar[str] = "email_domain"
    learned_apart: ClassVar[str | None] = "digest"
    accepts: ClassVar[frozenset[TypeFamily]] = TEXT

    floor: int | None = Field(default=None, ge=2)
    other: str = Field(default="OTHER", max_length=100)

    def preparation(self, column: Column) -> pl.Expr:
        """The part of each address after its only `@`, in lower case."""
        text = nfkc(column.values.cast(pl.String)).str.strip_chars()
        after = text.str.split_exact("@", 1).struct.field("field_1")  # an extract costs five times
        domain = pl.when(text.str.contains(_ADDRESS)).then(after).str.to_lowercase()
        return domain if self.floor is None else with_digest(domain)

    def summary(self, frame: pl.LazyFrame, column: Column) -> pl.LazyFrame | None:
        """The digest of each domain, and who has an address there."""
        return None if self.floor is None else held(frame, column)

    def learned_from(self, summary: pl.LazyFrame, column: Column) -> pl.LazyFrame:
        """The digests of the domains that enough entities share."""
        return frequent(summary, column, self.floor or 0)

    def expression(self, column: Column) -> pl.Expr:
        """The domain of each address, or `other` for a rare one."""
        if self.floor is None:
            return column.prepared
        return kept_or(column.prepared, column.learned, self.other)

    def remark(self) -> Remark | None:
        """Warns of personal domains, unless a floor hides them."""
        told = "a domain of one's own names its owner: consider `floor`"
        return None if self.floor else Remark(told, "own-domains")

    def examples(self, dtype: pl.DataType) -> list[object]:  # noqa: ARG002 (always text)
        """Invented e-mail addresses, and a text that is none."""
        return ["ada@example.org", "Grace@Example.COM", "no address"]
