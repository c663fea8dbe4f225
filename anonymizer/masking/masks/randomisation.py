"""Masks that move values by chance, where chance is a keyed digest: date_shift."""

from typing import ClassVar, Final

import polars as pl
from pydantic import Field

from anonymizer.masking.masks.base import TIMES, Column, Entity, Kind, Mask, Slot, Source

_TICKS: Final = {"day": 1, "ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}


class DateShift(Mask):
    """All times of one entity moved by the same number of days, never by none.

    The shift is uniform on -days..-1 and 1..days. Datetimes move by whole 24 hours of physical
    time, so that intervals within an entity are exact to the unit, in every time zone; the wall
    clock moves by an hour where the shift crosses a change of clocks. Columns with the same `days`
    move together. A shift past the limit of the dtype gives null.

    Attributes:
        days: the largest shift.
    """

    name: ClassVar[str] = "date_shift"
    accepts: ClassVar[frozenset[Kind]] = TIMES

    days: int = Field(ge=1, le=36_500)

    @property
    def keyed(self) -> bool:
        """The shift is secret."""
        return True

    @property
    def needs_entity(self) -> bool:
        """One shift per entity."""
        return True

    def output_dtype(self, dtype: pl.DataType) -> pl.DataType:
        """The same."""
        return dtype

    def source(self, name: str, entity: Entity | None) -> Source | None:  # noqa: ARG002 (the entity's)
        """The entity."""
        return None if entity is None else entity.source

    def preparation(self, column: Column) -> pl.Expr:
        """The shift of the row's entity."""
        unit = getattr(column.dtype, "time_unit", "day")
        return self._shifts(_TICKS[unit]).gather(column.number(Slot.SHIFT) % (2 * self.days))

    def expression(self, column: Column) -> pl.Expr:
        """The shifted time; null where the time or the entity is null."""
        ticks = column.values.to_physical().cast(pl.Int128) + column.prepared
        storage = pl.Int32 if column.dtype == pl.Date else pl.Int64
        return ticks.cast(storage, strict=False).cast(column.dtype)

    def _shifts(self, ticks: int) -> pl.Expr:
        """All shifts in units of the dtype; zero is not among them."""
        days = [*range(-self.days, 0), *range(1, self.days + 1)]
        return pl.lit(pl.Series([day * ticks for day in days], dtype=pl.Int64))

    def warning(self) -> str | None:
        """Said in the manifest."""
        return "intervals are kept and can single out a history; not HIPAA Safe Harbor"
