"""Histories that do not fit into memory: dealt into parts on disk, each entity into one of them."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from anonymizer.arrays import IntArray
from anonymizer.errors import FileError
from anonymizer.frames import IntoFrame, collect, eager, quiet
from anonymizer.sequences.histories.roles import assign_roles
from anonymizer.staging import hidden_folder

PART: Final = 2_000_000  # events of a part, about, and the most that are read at once
_OUT_OF: Final = "\x01part"
_MOST: Final = 1_000  # parts: as many files are open at once


@dataclass(frozen=True)
class Part:
    """All events of some entities, in a file that is read when its turn comes.

    Attributes:
        path: of the file.
        lengths: (E,) events of each entity, ascending.
    """

    path: Path
    lengths: IntArray

    def read(self) -> pl.DataFrame:
        """The events, in the order in which they came."""
        with quiet("reading a part of the frame"):
            return collect(_rows(self.path))

    def digest(self) -> int:
        """A number that other rows do not have, in any order."""
        with quiet("reading a part of the frame"):
            hashes = collect(_rows(self.path).select(pl.struct(pl.all()).hash())).to_series()
        return int(hashes.to_numpy().sum(dtype=np.uint64))  # which overflows, and takes each row


@dataclass(frozen=True)
class Dealt:
    """All events: some that are in memory, others that wait.

    Attributes:
        first: of some entities, drawn by a hash; of all, where there are few.
        others: of all others.
        dropped: rows without entity or time, where others wait: they are in no part.
    """

    first: pl.DataFrame
    others: tuple[Part, ...] = ()
    dropped: int = 0

    @property
    def told(self) -> list[str]:
        """Which events are looked at for what, in a line, where not all are at once."""
        if not self.others:
            return []
        events = len(self.first) + sum(int(part.lengths.sum()) for part in self.others)
        drawn = f"of {events:,} events, {len(self.first):,} of entities drawn at random"
        learned = (
            "values and formulas there are; the network learns from all, out of temporary files"
        )
        return [f"{drawn} tell which {learned}"]


@contextmanager
def dealt(
    frame: IntoFrame,
    entity: str,
    time: str,
    fields: Sequence[str] | None,
    context: Sequence[str] | None,
    *,
    seed: int,
) -> Iterator[Dealt]:
    """The events of a frame, in memory if they are few and else dealt into files.

    A LazyFrame is read twice, to count its rows and to deal them out, and never is in memory whole;
    streams of others come into memory first. The files lie among temporary ones, where only their
    owner may read them, until the block ends.

    Args:
        frame: one row per event.
        entity: column that says whose event it is.
        time: column that says when.
        fields: columns that are learned; all by default.
        context: those that hold once per entity.
        seed: of who comes into which part.

    Raises:
        DataError: a column is absent, or of a type that cannot be modelled.
        FileError: the files cannot be written.
    """
    known = frame if isinstance(frame, pl.LazyFrame) else eager(frame)
    with quiet("reading the frame"):
        rows = collect(known.lazy().select(pl.len())).item()
    if rows <= PART:
        yield Dealt(eager(known))
        return
    nothing = pl.DataFrame(schema=known.lazy().collect_schema())
    assign_roles(nothing, entity, time, fields, context, positions=True)  # refused before a row
    read = nothing.columns if fields is None else [entity, time, *fields, *(context or ())]
    named = known.lazy().select(read).drop_nulls([entity, time])
    with hidden_folder(Path(tempfile.gettempdir()) / "parts") as folder:
        parts = _written(named, folder, entity, min(-(-rows // PART), _MOST), seed)
        if not parts:
            yield Dealt(nothing)
            return
        # The first has the most entities: somebody with very many events fills a part alone.
        first, *others = sorted(parts, key=lambda part: -len(part.lengths))
        dropped = rows - sum(int(part.lengths.sum()) for part in parts)
        yield Dealt(first.read(), tuple(others), dropped)


def _written(named: pl.LazyFrame, folder: Path, entity: str, count: int, seed: int) -> list[Part]:
    """The parts, a file of a folder each."""
    whose = pl.col(entity)
    if isinstance(named.collect_schema()[entity], pl.Categorical | pl.Enum):
        whose = whose.cast(pl.String)  # codes differ between the batches of a stream
    key = _OUT_OF
    while key in named.collect_schema():
        key += _OUT_OF
    part = (whose.hash(seed % 2**32) % count).cast(pl.UInt16).alias(key)
    into = pl.PartitionBy(folder, key=key, include_key=False)
    try:
        with quiet("reading the frame"):
            named.with_columns(part).sink_ipc(
                into, compression="zstd", engine="streaming", maintain_order=True
            )
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise FileError(
            f"cannot write {count:,} parts of the table, all open at once ({why}): they need "
            "as much room as it has among temporary files, for which TMPDIR names another place"
        ) from error
    return [_part(path, entity) for path in sorted(folder.iterdir())]


def _part(path: Path, entity: str) -> Part:
    """What is known of the part in a file."""
    counts = collect(_rows(path).select(who=entity).group_by("who").len())["len"]
    return Part(path, np.sort(counts.to_numpy().astype(np.int64)))


def _rows(path: Path) -> pl.LazyFrame:
    return pl.scan_ipc(path, hive_partitioning=False)
