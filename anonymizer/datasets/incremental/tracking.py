"""How rows of a table are found from night to night, and why some tables cannot do it."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import polars as pl

from anonymizer.datasets.description.dataset import Dataset, Tracked
from anonymizer.datasets.description.faults import breaks_joins, masks_of_key
from anonymizer.datasets.description.ruled import Ruled
from anonymizer.documents import nearest
from anonymizer.errors import DataError
from anonymizer.frames import collect
from anonymizer.masking.masks.base import dtype_name
from anonymizer.masking.masks.identifiers import Drop, Redact
from anonymizer.masking.plan.plan import Plan

_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_DAY: Final = timedelta(days=1)
_ISO_DAY: Final = r"^\d{4}-\d\d-\d\d"
# Texts that do not grow: days first, numbers and months without leading zeros, hours by twelve.
_NOT_GROWING: Final = (
    r"^\d{1,3}[ ./-]|^\d{1,7}$|^\d{4}[./-](\d|\d\d[./-]\d)([./ T-]|$)|\d ?[AaPp]\.?[Mm]\.?$"
)
_WHOLE: Final = "or leave the table out of `incremental:`, so that each night masks all of it"


@dataclass(frozen=True)
class Track:
    """How new and changed rows of a table are found.

    Attributes:
        table: its name.
        said: in the dataset file.
        key: the columns that tell rows apart; none where rows are only added.
        dtype: of the watermark; Null where the versions of the table take its place.
    """

    table: str
    said: Tracked
    key: tuple[str, ...]
    dtype: pl.DataType

    @property
    def mark(self) -> pl.Expr:
        """The watermark of a row, as finely as a state holds it, and in UTC where it has a zone."""
        mark = pl.col(str(self.said.watermark))
        if isinstance(self.dtype, pl.Datetime):
            mark = mark if self.dtype.time_unit == "us" else mark.dt.cast_time_unit("us")
            mark = mark.dt.convert_time_zone("UTC") if self.dtype.time_zone else mark
        return mark

    def literal(self, watermark: int | str) -> Any:
        """A watermark as the state holds it, as a value of Python."""
        if isinstance(watermark, str) and isinstance(self.dtype, pl.Datetime):
            return datetime.fromisoformat(watermark)
        if isinstance(watermark, str) and isinstance(self.dtype, pl.Date):
            return date.fromisoformat(watermark)
        return watermark

    def least(self, watermark: int | str) -> Any:
        """From where on rows are looked at: below the watermark by what may be late."""
        known, late = self.literal(watermark), self.said.late
        if isinstance(known, int) and isinstance(late, int):
            return known - late
        if isinstance(late, int):
            return known
        back = timedelta(**{_UNITS[late[-1]]: int(late[:-1])})
        return known - (back if isinstance(known, datetime) else -(-back // _DAY) * _DAY)

    def reached(self, rows: pl.LazyFrame, before: int | str | None) -> int | str | None:
        """The greatest watermark of some rows and of the nights before, as the state holds it.

        Times to come, as those that stand for never, are none: they would hide all that follows.

        Raises:
            DataError: it is text that does not grow.
        """
        mark, wrong = self.mark, pl.lit(value=False)
        if self.dtype == pl.String:
            wrong = mark.str.contains(_NOT_GROWING).any()
        greatest = mark.filter(self._past).max() if self.key else mark.max()
        found, unfit = collect(rows.select(greatest.alias("found"), wrong.alias("unfit"))).row(0)
        if unfit:
            where = f"incremental.{self.table}.watermark"
            told = f"text of {self.said.watermark!r} is in another order than what it stands for"
            way = 'in files type it, as `types: {…: "%d/%m/%Y"}`; else name another column'
            raise DataError(f"{where}: {told}: {way}, {_WHOLE}")
        known = [] if before is None else [self.literal(before)]
        last = max([*known, *([] if found is None else [found])], default=None)
        return last.isoformat() if isinstance(last, date) else last

    @property
    def _past(self) -> pl.Expr:
        """Whether a watermark is no time to come."""
        mark, now = self.mark, datetime.now(UTC)
        if self.dtype == pl.String:
            return ~mark.str.contains(_ISO_DAY) | (mark <= pl.lit(now.isoformat()))
        if isinstance(self.dtype, pl.Date | pl.Datetime):
            zoned = getattr(self.dtype, "time_zone", None)
            return mark <= pl.lit(now if zoned else now.replace(tzinfo=None))
        return pl.lit(value=True)

    def fresh(self, least: Any) -> pl.Expr:
        """Whether a row may be new or changed: its watermark is not below, or it has none."""
        return self.mark.is_null() | (self.mark >= pl.lit(least))


def tracked(
    dataset: Dataset, schemas: Mapping[str, pl.Schema], declared: Mapping[str, tuple[str, ...]]
) -> dict[str, Track]:
    """How the rows of each table of `incremental:` are found.

    Args:
        dataset: with its keys.
        schemas: of the raw tables.
        declared: the primary keys that the source knows.
    """
    referred = {key.parent: key.keys for key in dataset.foreign_keys}
    return {
        table: Track(
            table,
            said,
            said.key or declared.get(table, ()) or referred.get(table, ()),
            schemas[table].get(str(said.watermark), pl.Null()),
        )
        for table, said in dataset.incremental.items()
    }


def faults(
    tracks: Mapping[str, Track],
    ruled: Mapping[str, Ruled],
    schemas: Mapping[str, pl.Schema],
    plans: Mapping[str, Plan],
    versioned: Collection[str],
) -> Iterator[str]:
    """Why tables cannot be masked night by night; those that have versions need no watermark."""
    for table, track in tracks.items():
        where = f"incremental.{table}"
        named = [each for each in (track.said.watermark, *track.key) if each is not None]
        for column in named:
            if column not in schemas[table]:
                yield f"{where}: no column {column!r}{nearest(column, schemas[table])}"
        if all(column in schemas[table] for column in named):
            has_versions = table in versioned
            yield from (f"{where}.{fault}" for fault in _of_mark(track, has_versions=has_versions))
            yield from (f"{where}.{fault}" for fault in _of_key(track, ruled[table]))
            yield from (f"{where}: {fault}" for fault in _of_rules(plans[table]))
            for name, *_ in ruled[table].beside:
                told = f"`known: {name}` is of a table that changes while these rows do not"
                yield f"{where}: {told}: leave it out, {_WHOLE}"
            if ruled[table].way:
                yield from (f"{where}: {fault}" for fault in _of_way(track, ruled[table], tracks))


def _of_mark(track: Track, *, has_versions: bool) -> Iterator[str]:
    if track.said.watermark is not None:
        yield from _of_watermark(track)
    elif not has_versions:
        yield f"watermark: name a column: only Delta and Iceberg tables have versions, {_WHOLE}"
    elif not track.key:
        yield f"key: name the columns that tell rows apart, or a `watermark:`, {_WHOLE}"
    elif track.said.late:
        yield "late: goes with `watermark:`: leave it out"


def _of_watermark(track: Track) -> Iterator[str]:
    dtype, late = track.dtype, track.said.late
    timed, counted = isinstance(dtype, pl.Date | pl.Datetime), dtype.is_integer()
    if not (timed or counted or dtype == pl.String):
        found = f"is {dtype_name(dtype)}"
        yield f"watermark: {found}: name a column of times, dates, whole numbers or text, {_WHOLE}"
    elif late and not (isinstance(late, str) if timed else counted and isinstance(late, int)):
        forms = "a time such as `2h`" if timed else "a whole number" if counted else "left out"
        way = ": of a CSV `types:` can say that it is a time" if dtype == pl.String else ""
        yield f"late: must be {forms} where the watermark is {dtype_name(dtype)}{way}"


def _of_key(track: Track, ruled: Ruled) -> Iterator[str]:
    for column in track.key:
        masks = masks_of_key(ruled.rules, column)
        gone = not masks or any(isinstance(mask, Drop | Redact) for mask in masks)
        if gone or any(map(breaks_joins, masks)):
            way = f"mask it by token, encrypt, fpe or keep, {_WHOLE}"
            yield f"key: {column!r} does not tell masked rows apart: {way}"


def _of_rules(plan: Plan) -> Iterator[str]:
    """What needs the whole table, and what a night tells of those whose rows come in it."""
    if plan.rules.anonymity is not None:
        yield f"`anonymity:` promises something of all rows: leave it out, {_WHOLE}"
    if plan.rules.order == "kept":
        yield f"`order: kept` does not last where rows come night by night: leave it out, {_WHOLE}"
    for leaf, mask in plan.masks:
        if mask.whole_table or mask.removes_rows:
            yield f"{mask.name} of {leaf.column!r} needs all rows: take another mask, {_WHOLE}"
        elif mask.moves_times and plan.rules.batches != "accepted":
            told = f"rows that come together tell the shifts of {leaf.column!r} by their night"
            yield f"{told}: write `batches: accepted` into its rules if it may be known, {_WHOLE}"
            return


def _of_way(track: Track, ruled: Ruled, tracks: Mapping[str, Track]) -> Iterator[str]:
    """Rows that find their person through others are masked again where those change."""
    if not track.key:
        yield "its rows find their person through another table: name a `key:` by which they change"
    for key in ruled.way:
        if key.parent not in tracks:
            yield f"its rows find their person through {key.parent}: add that to `incremental:`"
