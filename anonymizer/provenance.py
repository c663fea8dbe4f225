"""Which files a result is of and how it came about: names, digests, versions, the command, when.

The same record stands in manifests, reports, model cards and samples, so that they
chain: what one wrote under a digest is what the next one read under it. It holds no value, no
secret, no host and no folder. `created` is the time of the run, or what SOURCE_DATE_EPOCH says, so
that a run can be repeated byte by byte (reproducible-builds.org).
"""

import hashlib
import json
import os
import platform
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import MISSING, dataclass, fields, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path, PurePath
from types import UnionType
from typing import Any, Final, Self, get_args, get_type_hints

from anonymizer.errors import DataError, UsageError
from anonymizer.storage import Address, address_of, files_at, is_folder

SAMPLE_KEY: Final = "anonymizer:provenance"  # of the metadata of a sample in Parquet
STAMP_KEY: Final = "anonymizer"  # of the metadata of masked Parquet
USUAL: Final = "the project's own"  # limits, where none are given
_EPOCH: Final = "SOURCE_DATE_EPOCH"
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_HEX: Final = r"[0-9a-f]{8,64}"
_PATTERN: Final = frozenset("*?[")

_command: ContextVar[Callable[[], str] | None] = ContextVar("command", default=None)


@contextmanager
def called_by(command: Callable[[], str]) -> Iterator[None]:
    """What is recorded inside came about by a command; that of the outermost block counts."""
    token = _command.set(_command.get() or command)
    try:
        yield
    finally:
        _command.reset(token)


def told_name(place: Address) -> str:
    """The last part of an address: without folders, host, credentials and query.

    Example:
        >>> told_name("postgresql://ann:secret@db.example.org/shop?sslmode=off")
        'shop'
        >>> told_name("raw/email=ann@example.org")
        'email=…'
    """
    text = str(place)
    if "://" in text:
        behind = text.partition("://")[2].partition("?")[0].partition("#")[0]
        text = behind.partition("/")[2]
    name = PurePath(text).name or "…"
    key, is_partition, _ = name.partition("=")
    return f"{key}=…" if is_partition else name  # the value of a Hive folder is data


def sha256_of(address: Address, files: Sequence[Path]) -> str:
    """The SHA-256 of a file, or of what `sha256sum` says of the files of a folder or a glob.

    There it is that of a line for each file, `DIGEST  NAME`, sorted by the bytes of the names,
    which are relative to the folder. Line feeds, carriage returns and backslashes in a name are
    escaped as `sha256sum` does, so that no name can pass for two files.
    """
    if list(files) == [address]:
        return _sha256(files[0])
    root = _root(Path(address))
    names = {os.fsencode(file.relative_to(root).as_posix()): file for file in files}
    lines = (_line(_sha256(names[name]).encode(), name) for name in sorted(names))
    return hashlib.sha256(b"".join(lines)).hexdigest()


def _line(digest: bytes, name: bytes) -> bytes:
    """What `sha256sum` says of a file."""
    escaped = name.replace(b"\\", b"\\\\").replace(b"\n", b"\\n").replace(b"\r", b"\\r")
    return (b"\\" if escaped != name else b"") + digest + b"  " + escaped + b"\n"


def sha256_of_bytes(content: bytes) -> str:
    """The SHA-256 of bytes, in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def sha256_of_plain(content: object) -> str:
    """The SHA-256 of plain values, whatever the order of their keys."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _sha256(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _root(address: Path) -> Path:
    """The folder that names are relative to: the address, or the part of a glob that is none."""
    if is_folder(address):
        return address
    while _PATTERN & set(str(address)):
        address = address.parent
    return address


@dataclass(frozen=True, kw_only=True)
class FileRecord:
    """One thing that was read or written. What is None does not apply, or is not known.

    Attributes:
        role: what it was: raw, masked, real, synthetic, holdout, training, model, rules, ...
        name: of the file, the folder or the table; frames have none.
        sha256: of the bytes of a file, or of a folder, as `sha256_of` says it.
        undigested: why there is no digest: `remote`, as it would be read twice over the network;
            `store`, as it is no file; `spark`, as it lies on the cluster; `part`, as only some rows
            were read; `self`, as it holds the record; `private`, as differential privacy promises
            that it does not tell.
        bytes: how many there are, in all files.
        rows: of the table.
        columns: of the table.
        entities: whose rows they are.
        rules_sha256: of the rules, where masked Parquet bears a stamp that says so.
        key_id: of the key, likewise.
        model_sha256: of the folder of the model that a sample in Parquet says it came from.
    """

    role: str
    name: str | None = None
    sha256: str | None = None
    undigested: str | None = None
    bytes: int | None = None
    rows: int | None = None
    columns: int | None = None
    entities: int | None = None
    rules_sha256: str | None = None
    key_id: str | None = None
    model_sha256: str | None = None

    @classmethod
    def of_files(
        cls,
        role: str,
        address: Address,
        files: Sequence[Address],
        undigested: str = "",
        rows: int | None = None,
    ) -> Self:
        """What stands at an address; the files are read once, and objects are not.

        Args:
            role: what it is.
            address: as `storage.address_of` gives it.
            files: that it stands for.
            undigested: why they are not read, where they are not.
            rows: of the table, where they are known.
        """
        name = told_name(address)
        local = [file for file in files if isinstance(file, Path)]
        if undigested or len(local) < len(files):
            return cls(role=role, name=name, undigested=undigested or "remote", rows=rows)
        size = sum(file.stat().st_size for file in local)
        return cls(role=role, name=name, sha256=sha256_of(address, local), bytes=size, rows=rows)

    def stamped(self, metadata: Mapping[str, str]) -> Self:
        """With what the metadata of Parquet says of rules and key, or of the model it came from."""
        try:
            mark = json.loads(metadata.get(STAMP_KEY, "{}"))
            said = {name: mark.get(name) for name in ("rules_sha256", "key_id")}
            sample = json.loads(metadata.get(SAMPLE_KEY, "{}"))
            models = [each for each in sample.get("inputs", ()) if each.get("role") == "model"]
            said["model_sha256"] = models[0].get("sha256") if models else None
        except (ValueError, AttributeError, TypeError, RecursionError):  # keys of somebody else
            return self
        told = {name: each for name, each in said.items() if re.fullmatch(_HEX, str(each))}
        return replace(self, **told)

    @property
    def text(self) -> str:
        """The record in one line."""
        digest = f"SHA-256 {self.sha256}" if self.sha256 else f"no digest ({self.undigested})"
        rows = [] if self.rows is None else [f"{self.rows:,} rows"]
        return ", ".join([f"{self.role}: {self.name or 'a frame'}", digest, *rows])

    def to_dict(self) -> dict[str, Any]:
        """The record as plain values, without what does not apply."""
        unknown = {"sha256": None} if self.undigested else {}
        return _applying(self) | unknown

    @classmethod
    def of(cls, document: object) -> Self:
        """Read what `to_dict` gave.

        Raises:
            DataError: it is something else; names the key.
        """
        found = cls(**_checked(cls, document))
        if found.sha256 is not None and not _DIGEST.fullmatch(found.sha256):
            raise DataError("provenance: sha256: expected 64 hexadecimal digits")
        return found


def model_read(folder: Address) -> FileRecord:
    """What a record says of the folder of a model."""
    address = address_of(folder)
    return FileRecord.of_files("model", address, files_at(address))


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """Which files a result is of, and how it came about.

    Attributes:
        command: the command line, with names for places and without what is secret; or the function
            of Python that was called.
        created: when, in UTC, to the second (ISO 8601).
        versions: package → its version, and that of Python.
        seed: of every random choice, where there are any.
        share: of all persons that the tables hold, where it is not all.
        thresholds: a digest of the limits that were given, or that they are the project's own.
        inputs: what was read.
        outputs: what was written.
    """

    command: str
    created: str
    versions: Mapping[str, str]
    seed: int | None = None
    share: float | None = None
    thresholds: str | None = None
    inputs: tuple[FileRecord, ...] = ()
    outputs: tuple[FileRecord, ...] = ()

    @classmethod
    def now(
        cls,
        call: str,
        *packages: str,
        seed: int | None = None,
        share: float | None = None,
        thresholds: str | None = None,
        inputs: Sequence[FileRecord] = (),
        outputs: Sequence[FileRecord] = (),
    ) -> Self:
        """The record of what is done now.

        Args:
            call: the function of Python that does it, where no command does.
            packages: whose versions count, beside that of this library, of Polars and of Python.
            seed: of every random choice.
            share: of all persons.
            thresholds: whose limits judged.
            inputs: what was read.
            outputs: what was written.
        """
        command = _command.get()
        versions = {name: version(name) for name in ("seqanon", "polars", *packages)}
        versions["python"] = platform.python_version()
        return cls(
            command=command() if command else call,
            created=_now(),
            versions=versions,
            seed=seed,
            share=share,
            thresholds=thresholds,
            inputs=tuple(inputs),
            outputs=tuple(outputs),
        )

    def to_dict(self) -> dict[str, Any]:
        """The record as plain values, without what does not apply."""
        files = {
            name: [each.to_dict() for each in records]
            for name, records in (("inputs", self.inputs), ("outputs", self.outputs))
            if records
        }
        plain = _applying(self)
        del plain["inputs"], plain["outputs"]
        return plain | files

    @property
    def stamp(self) -> dict[str, str]:
        """The record as key-value metadata of a Parquet file."""
        return {SAMPLE_KEY: json.dumps(self.to_dict(), ensure_ascii=False)}

    @property
    def text(self) -> str:
        """The record in Markdown, a line for each thing."""
        versions = ", ".join(f"{name} {number}" for name, number in self.versions.items())
        seed = [] if self.seed is None else [f"seed {self.seed}"]
        head = f"- {self.created}: `{self.command}` ({', '.join([*seed, versions])})"
        return "\n".join([head, *(f"- {each.text}" for each in self.inputs)]) + "\n"

    @classmethod
    def of(cls, document: object) -> Self:
        """Read what `to_dict` gave.

        Raises:
            DataError: it is something else, or holds more; names the key.
        """
        found = _checked(cls, document)
        if not all(isinstance(each, str) for pair in found["versions"].items() for each in pair):
            raise DataError("provenance: versions: expected text")
        for name in ("inputs", "outputs"):
            found[name] = tuple(FileRecord.of(each) for each in found.get(name, ()))
        return cls(**found)


def stamp_of_sample(
    call: str,
    model: Address | None,
    output: FileRecord,
    seed: int,
    read: Sequence[FileRecord] = (),
) -> dict[str, str]:
    """What a sample in Parquet says of itself, as key-value metadata.

    Args:
        call: the function of Python that sampled, where no command did.
        model: the folder of the model; None where it is not on disk.
        output: the sample, whose digest it cannot hold itself.
        seed: of every random choice.
        read: what else was read.
    """
    files = [] if model is None else [model_read(model)]
    return Provenance.now(call, "torch", seed=seed, inputs=(*files, *read), outputs=(output,)).stamp


def _applying(record: Any) -> dict[str, Any]:
    """The fields of a record that are not None."""
    every = ((each.name, getattr(record, each.name)) for each in fields(record))
    return {
        name: dict(value) if isinstance(value, Mapping) else value
        for name, value in every
        if value is not None
    }


def _checked(kind: Any, document: object) -> dict[str, Any]:
    """The keys of a document, all of which a record has, in types that it takes.

    Raises:
        DataError: they are others; names the first.
    """
    if not isinstance(document, Mapping):
        raise DataError(f"provenance: expected a mapping, got {type(document).__name__}")
    known = {each.name: each for each in fields(kind)}
    types = get_type_hints(kind)
    for name, value in document.items():
        if name not in known:
            raise DataError(f"provenance: unknown key {name!r}")
        if not isinstance(value, _taken(types[name])) or isinstance(value, bool):
            raise DataError(f"provenance: {name}: cannot be {type(value).__name__}")
    for name, each in known.items():
        if each.default is MISSING and name not in document:
            raise DataError(f"provenance: {name} is missing")
    return dict(document)


def _taken(hint: Any) -> tuple[type, ...]:
    """The types of JSON that an attribute takes."""
    if isinstance(hint, UnionType):
        kinds = get_args(hint)
        return (*kinds, int) if float in kinds else kinds
    return {str: (str,), tuple[FileRecord, ...]: (list,)}.get(hint, (Mapping,))


def _now() -> str:
    """This second, or the one that SOURCE_DATE_EPOCH says."""
    told = os.environ.get(_EPOCH)
    if not told:
        return datetime.now(UTC).isoformat(timespec="seconds")
    if not told.isdecimal():
        raise UsageError(f"{_EPOCH}: expected seconds since 1970 as a whole number")
    try:
        return datetime.fromtimestamp(int(told), UTC).isoformat(timespec="seconds")
    except (ValueError, OverflowError, OSError):
        raise UsageError(f"{_EPOCH}: is later than the year 9999") from None
