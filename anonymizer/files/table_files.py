"""The files at one address: read once, for what they are and their format.

What is written appears whole or not at all. Where files lie is known to `storage.py`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path, PurePath
from typing import Any, Final

import polars as pl

from anonymizer.buffers import settled_for_parquet, settled_in_batches
from anonymizer.delimited.cells import as_read, scan_text, types_in
from anonymizer.delimited.records import NO_HEADER, TextFile
from anonymizer.delimited.writing import write_text
from anonymizer.errors import FileError
from anonymizer.files.footers import Counts, counted, counts_in_footers, footer
from anonymizer.files.formats import (
    FORMATS,
    KNOWN,
    SEEKABLE,
    Format,
    format_of,
    kind_of,
    part_ending,
)
from anonymizer.files.hive import by_partition, is_of_one_table, partition_columns, partition_of
from anonymizer.files.ndjson import scan_ndjson
from anonymizer.files.parts import SEVERAL_TABLES, merged, refuse_logs, require_alike
from anonymizer.files.reading import NOTHING_SAID, Reading
from anonymizer.files.targets import check_target, everything_at
from anonymizer.frames import collect
from anonymizer.provenance import FileRecord
from anonymizer.staging import staged
from anonymizer.storage import (
    Address,
    address_of,
    ending_of,
    files_at,
    is_folder,
    is_inside,
    is_matched,
    is_matched_by_folders,
    opened,
    options_for,
    told,
)

_BESIDE: Final = {".md", ".json", ".yaml", ".yml", ".html", ".crc", ".sha256"}  # hold no rows
_PATH: Final = "__anonymizer_path"
_UNWRITTEN: Final = {  # format → the types for which it has no place
    "CSV": (pl.List, pl.Array, pl.Struct, pl.Map, pl.Binary, pl.Duration, pl.Object),
    "NDJSON": (pl.Binary, pl.Object),
}
_HINTS: Final = {"NDJSON": ": expected UTF-8 and one JSON object a line"}


@dataclass(frozen=True)
class TableFiles:
    """The files at one address, which are there or are to be written.

    Attributes:
        place: the address as somebody wrote it, for messages.
        address: a path, or the text of an S3 address: of a file, a glob or a folder.
        format: of all its files.
        files: that are there, sorted; none where they are to be written.
        is_folder: whether the address is one of a folder.
        partitions: the columns that a Hive layout keeps in the names of folders, outermost first.
        reading: what is said of the files that they do not say themselves.
        part: how the names of files in a folder end, where all end alike.
    """

    place: Address
    address: Address
    format: Format
    files: tuple[Address, ...] = ()
    is_folder: bool = False
    partitions: tuple[str, ...] = ()
    reading: Reading = field(default_factory=Reading)
    part: str = ""

    @classmethod
    def at(cls, place: Address, reading: Reading = NOTHING_SAID) -> "TableFiles":
        """What is at a path, a glob, in a folder or at an S3 address.

        Raises:
            FileError: nothing is there, an ending is unknown, the files are of different formats,
                or belong to a table format that keeps a log beside them.
        """
        address = address_of(place)
        folder, files = is_folder(address), files_at(address)
        refuse_logs(place, address, files)
        if len(files) > 1 or folder:
            files = [file for file in files if kind_of(file) in FORMATS or _may_be_data(file)]
        if not files:
            raise FileError(_why_nothing(address, place))
        formats = {format_of(file) for file in files}
        if len(formats) > 1:
            raise FileError(f"{place}: the files are of different formats{SEVERAL_TABLES}")
        files = _once(files, address)
        keys = dict.fromkeys(key for file in files for key in partition_of(address, file))
        kind = formats.pop()
        part = part_ending(files, kind)
        return cls(place, address, kind, tuple(files), folder, tuple(keys), reading, part)

    def target(
        self, place: Address, *, overwrite: bool, makes_folder: bool = False
    ) -> "TableFiles":
        """Where to write what becomes of these: a file, or a folder like this one.

        Args:
            place: with an ending a file; without one a folder of this format and partitions.
            overwrite: whether what is there may be replaced.
            makes_folder: whether the folder in which it stands may be absent, and appears with it.

        Raises:
            FileError: writing there would do harm, or the next run would read it as input.
        """
        to_folder = not ending_of(address_of(place))
        if to_folder and not self.is_folder and self.files == (self.address,):
            raise FileError(f"{place}: a file becomes a file: give it an ending")
        address = check_target(
            place, overwrite=overwrite, inputs=list(self.files), makes_folder=makes_folder
        )
        self.refuse_inside(address, place)
        if to_folder and isinstance(address, Path):
            levels = (f"{key}=0" for key in self.partitions)
            self.refuse_inside(address.joinpath(*levels, f"0{self.part}"), place)
        if not to_folder:
            return TableFiles(place, address, format_of(place), reading=self.reading)
        if not all(map(partial(self._is_like, address), everything_at(address))):
            raise FileError(f"{place}: holds other files, which would be lost: name another folder")
        return replace(self, place=place, address=address, files=(), is_folder=True)

    def _is_like(self, folder: Address, file: Address) -> bool:
        """Whether a file of a folder could be a part of a table like this one."""
        same = FORMATS.get(kind_of(file)) == self.format
        return same and is_of_one_table(str(folder), str(file))

    def refuse_inside(self, address: Address, place: Address) -> None:
        """Notice an output that the next run would read as input.

        Raises:
            FileError: the address lies in their folder, or its glob finds it.
        """
        if is_inside(address, self.address) or is_matched(address, self.address):
            where = f"{place}: lies in {self.place}"
            raise FileError(f"{where}, where the next run would read it as input")

    def scan(self) -> pl.LazyFrame:
        """A LazyFrame over all rows; Hive partitions become columns at the end.

        Cells of a CSV are the characters of the file, unless the reading says types.

        Raises:
            FileError: the content is of another format, or the files are no parts of one table.
        """
        try:
            lazy = self._with_partitions() if self.partitions else self.scan_files()
            schema = lazy.collect_schema()
        except (pl.exceptions.PolarsError, OSError) as error:
            self._refuse_unreadable()
            hint = _HINTS.get(self.format, "")
            raise FileError(
                f"{self.place}: cannot be read as {self.format} ({type(error).__name__}){hint}"
            ) from None
        for name, dtype in schema.items():
            if any(int(digits) > 38 for digits in re.findall(r"precision=(\d+)", str(dtype))):
                what = "has decimals of more than 38 digits, which cannot be read: cast it"
                raise FileError(f"{self.place}: column {name!r} {what}")
        return lazy

    @contextmanager
    def named(self, doing: str) -> Iterator[None]:
        """What fails inside because a file is damaged is an error that names the file.

        Args:
            doing: what is done inside.

        Raises:
            FileError: a file cannot be read by itself; with the reason, and without a value.
        """
        try:
            yield
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
            self._refuse_unreadable(f"{doing} failed ({type(error).__name__}): ")
            raise

    def _refuse_unreadable(self, failed: str = "") -> None:
        for file in self.files:
            if reason := self._why_unreadable(file):
                what = f"{told(file)}: cannot be read as {self.format}, {reason}"
                raise FileError(f"{failed}{what}{_HINTS.get(self.format, '')}") from None

    def _why_unreadable(self, file: Address) -> str | None:
        """Why a file cannot be read to its end, or None; looks at all of it."""
        try:
            if _is_empty(file):
                return "it is empty"
            collect(replace(self, files=(file,)).scan_files().select(pl.all().count()))
        except OSError as error:
            return (error.strerror or type(error).__name__).lower()
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
            return f"it is damaged, or of another format ({type(error).__name__})"
        return None

    def scan_files(self, paths: str | None = None) -> pl.LazyFrame:
        """A LazyFrame over what stands in the files, without Hive columns.

        Args:
            paths: the column that says which file a row is from; None for no such column.

        Raises:
            FileError: the columns of the files differ.
        """
        # A line of NDJSON leaves out what it has not, and so may the whole of a file.
        if len(self.files) > 1 and (self.reading.merge_schema or self.format == "NDJSON"):
            files = [file for file in self.files if self.format != "NDJSON" or not _is_empty(file)]
            return merged(
                files or self.files, self._schema_of, lambda file: self._scan([file], paths)
            )
        if len(self.files) > 1 and self.format in SEEKABLE:
            require_alike(self.files, self._schema_of)
        return self._scan(self.files, paths)

    def refuse_no_header(self, patterns: Iterable[str]) -> None:
        """Notice a CSV without a header before its first row is taken for names, and told.

        Nor are the names there where somebody means a partition, whose key stands above it.

        Args:
            patterns: the names that somebody expects, globs among them.

        Raises:
            FileError: none of the names is in the first line, though names are expected; or a name
                is the key of the one partition that this is.
        """
        named = {each for each in patterns if "*" not in each and "?" not in each}
        key, is_part, _ = PurePath(str(self.address)).name.partition("=")
        if self.is_folder and is_part and key in named and key not in self.partitions:
            inside = told(f"{self.place}/*".replace("//", "/"))
            raise FileError(
                f"{inside[:-2]}: is one partition: give `{inside}`, with the column '{key}'"
            )
        if self.format != "CSV" or self.reading.csv.header or self.reading.csv.names or not named:
            return
        for file in self.files:
            text = TextFile(file, self.reading.csv)
            if not named & {*text.names, *self.partitions}:
                raise text.error(1, f"has none of the columns that the rules name: {NO_HEADER}")

    def _schema_of(self, file: Address) -> pl.Schema:
        return self._scan([file], None).collect_schema()

    def _scan(self, files: Sequence[Address], paths: str | None) -> pl.LazyFrame:
        options: dict[str, Any] = {
            "storage_options": options_for(files[0]),
            "include_file_paths": paths,
        }
        names = [str(file) for file in files]
        match self.format:
            case "Parquet":
                return pl.scan_parquet(names, glob=False, hive_partitioning=False, **options)
            case "CSV":
                return self._scan_text(files, paths)
            case "NDJSON":
                return scan_ndjson(files, **options)
            case _:
                return pl.scan_ipc(names, hive_partitioning=False, **options)

    def _scan_text(self, files: Sequence[Address], paths: str | None) -> pl.LazyFrame:
        texts = {file: TextFile(file, self.reading.csv) for file in files}
        require_alike(files, lambda file: pl.Schema(dict.fromkeys(texts[file].names, pl.String())))
        together, names = list(texts.values()), texts[files[0]].names
        said = types = self.reading.types_of(names)
        if self.reading.types is None:
            found = types_in(together, names, said)
            must = {n: t for n, t in said.items() if self.reading.must_fit or t == "text"}
            types = found | must
            return scan_text(together, names, types, paths)
        kept = [name for name in names if self.reading.keeps and self.reading.keeps(name)]
        return scan_text(together, names, types, paths, kept)

    def _with_partitions(self) -> pl.LazyFrame:
        of_path = {str(file): partition_of(self.address, file) for file in self.files}
        columns = partition_columns(self.partitions, of_path, _PATH)
        lazy = self.scan_files(paths=_PATH)
        return lazy.drop(self.partitions, strict=False).with_columns(columns).drop(_PATH)

    def sampled(self, rows: int) -> None:
        """None: what is read of files is chosen while it is read."""

    def row_and_null_counts(self) -> Counts:
        """Rows, and nulls per column; from the footers of flat Parquet files, else counted."""
        if self.format == "NDJSON" and all(_is_empty(file) for file in self.files):
            return 0, dict.fromkeys(self.reading.names, 0)
        if self.format == "Parquet" and (found := counts_in_footers(self.files)) is not None:
            return found
        return counted(self.scan_files())

    def recorded(self, role: str, rows: int | None = None, undigested: str = "") -> FileRecord:
        """What a record says of the files; local ones are read for their digest."""
        record = FileRecord.of_files(role, self.address, self.files, undigested, rows=rows)
        with suppress(FileError, OSError, ValueError):  # damaged, as whoever reads its rows says
            return record if record.sha256 is None else record.stamped(footer(self.files[0]))
        return record

    def require_holds(self, schema: Mapping[str, pl.DataType]) -> None:
        """Notice columns for which the format has no place.

        Raises:
            FileError: there is one; names it.
        """
        for name, dtype in schema.items():
            if isinstance(dtype, _UNWRITTEN.get(self.format, pl.Object)):
                what = f"column {name!r} is {type(dtype).__name__}, which {self.format} cannot hold"
                raise FileError(f"{self.place}: {what}: drop it, or write .parquet")

    def among(self, columns: Iterable[str]) -> "TableFiles":
        """The files where a table has only some columns: others make no partitions."""
        there = set(columns)
        return replace(self, partitions=tuple(key for key in self.partitions if key in there))

    @contextmanager
    def staged(self) -> Iterator[Path]:
        """A hidden local path that becomes the files when the block ends well."""
        with staged(self.address) as temporary:
            yield temporary

    def write(self, lazy: pl.LazyFrame, path: Path, metadata: dict[str, str] | None = None) -> None:
        """Stream a frame into a local file or folder of their format and partitions.

        Args:
            lazy: what to write; never in memory as a whole.
            path: where to; `staged` gives one that takes their place afterwards.
            metadata: key-value pairs for a Parquet footer; other formats have no place for them.

        Raises:
            FileError: the format has no place for a type.
        """
        self.require_holds(lazy.collect_schema())
        target: Any = path
        if self.is_folder:
            path.mkdir()
            target = by_partition(path, self.partitions)
        options: dict[str, Any] = {"engine": "streaming", "mkdir": self.is_folder}
        match self.format:
            case "Parquet":
                written = self.reading.parquet
                settled_for_parquet(lazy).sink_parquet(
                    target,
                    metadata=metadata,
                    compression=written.compression,
                    compression_level=written.used_level,
                    row_group_size=written.row_group,
                    **options,
                )
            case "CSV":
                forms = self.reading.types_of(lazy.collect_schema().names())
                lazy = as_read(lazy, forms)
                write_text(lazy, target, path, self.reading.csv, self.part, **options)
            case "NDJSON":
                lazy.sink_ndjson(target, **options)
            case _:
                settled_in_batches(lazy).sink_ipc(target, **options)
                if self.is_folder:
                    _settle_parts(path)
        if self.is_folder and not any(path.iterdir()):  # no rows, no partitions
            alone = replace(self, is_folder=False)
            alone.write(
                pl.LazyFrame(schema=lazy.collect_schema()), path / f"0{self.part}", metadata
            )


def _may_be_data(file: Address) -> bool:
    """Whether a file of no known format may hold rows, and is none of what is put beside them."""
    return ending_of(file) not in _BESIDE


def _once(files: Iterable[Address], address: Address) -> list[Address]:
    """The files, each once: links give several names to one, whose rows would count again.

    In several partitions it stands for rows of each.
    """
    found = dict[object, Address]()
    for file in files:
        stat = file.stat() if isinstance(file, Path) else None
        known = (stat.st_dev, stat.st_ino) if stat and stat.st_ino else str(file)
        found.setdefault((known, *partition_of(address, file).items()), file)
    return list(found.values())


def _is_empty(file: Address) -> bool:
    with opened(file) as content:
        return not content.read(1)


def _why_nothing(address: Address, place: Address) -> str:
    if isinstance(address, Path) and address.is_symlink():
        return f"{place}: a link that leads to nothing"
    if isinstance(address, Path) and address.is_dir():
        return f"{place}: a folder without files that can be read; {KNOWN}"
    if isinstance(address, Path) and is_matched_by_folders(address):
        return f"{place}: matches folders alone: add `/*` to the end"
    return f"no such file: {place}"


def _settle_parts(folder: Path) -> None:
    """Write parts anew: they share the characters of strings with each other (Polars 2.1.0)."""
    for file in folder.rglob("*.ipc"):
        alone = file.with_suffix(".alone")
        settled_in_batches(pl.scan_ipc(file)).sink_ipc(alone, engine="streaming")
        alone.replace(file)


def sink(
    lazy: pl.LazyFrame,
    place: Address,
    *,
    overwrite: bool = False,
    metadata: dict[str, str] | None = None,
    inputs: list[Address] | None = None,
    reading: Reading = NOTHING_SAID,
) -> None:
    """Stream a frame into a file that appears whole or not at all.

    Args:
        lazy: what to write.
        place: a file with the ending of a known format.
        overwrite: whether a file that is there may be replaced.
        metadata: key-value pairs for a Parquet footer.
        inputs: files that must not be replaced.
        reading: how a CSV will be read, and so is written.

    Raises:
        FileError: the file cannot or must not be written.
    """
    target = replace(new_file(place, overwrite=overwrite, inputs=inputs), reading=reading)
    with target.staged() as temporary:
        target.write(lazy, temporary, metadata)


def new_file(
    place: Address, *, overwrite: bool = False, inputs: list[Address] | None = None
) -> TableFiles:
    """A file to write, whose ending gives the format.

    Raises:
        FileError: the ending is unknown, or writing there would do harm.
    """
    format_ = format_of(place)
    return TableFiles(place, check_target(place, overwrite=overwrite, inputs=inputs), format_)
