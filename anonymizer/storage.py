"""Where files lie: local paths, and objects of S3, Google Cloud Storage and Azure.

An address is a `Path`, or text that begins with a scheme such as `s3://`. Credentials, region and
endpoint come from the environment, by the names that Polars and Delta read too: AWS_ACCESS_KEY_ID,
GOOGLE_APPLICATION_CREDENTIALS, AZURE_STORAGE_ACCOUNT_NAME and others.
"""

import glob
import io
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any, Final, TypeAlias, cast

from anonymizer.errors import FileError

Address: TypeAlias = Path | str

_SCHEMES: Final = ("s3://", "gs://", "az://", "abfs://", "abfss://")
_VARIABLES: Final = ("AWS_", "GOOGLE_", "AZURE_")  # that say how objects are reached
_EXPECTED: Final = "expected a path or an address such as s3://"
_CHUNK: Final = 2**20  # bytes of an object that are read at a time
_LONGEST: Final = 255  # bytes of a name, in any file system
_PATTERN: Final = frozenset("*?[")


def address_of(place: Address) -> Address:
    """A path, or the text of the address of an object.

    Raises:
        FileError: it is an address of another kind, or none.
    """
    if not isinstance(cast("object", place), str | Path):
        kind = f"{type(place).__module__}.{type(place).__qualname__}"
        raise FileError(f"{_EXPECTED}, got {kind}: `anonymize` takes frames")
    text = str(place)
    if re.search(r"[\n\0]", text) or max(len(part.encode()) for part in text.split("/")) > _LONGEST:
        raise FileError(f"{_EXPECTED}, got {len(text):,} characters of text")
    if text.startswith(_SCHEMES):
        return text
    if "://" in text:
        known = "local paths, s3://, gs://, az:// and abfss:// can"
        raise FileError(f"{text.partition('://')[0]}:// cannot be used: {known}")
    return Path(place)


def name_of(address: Address) -> str:
    """The last part of an address."""
    return PurePosixPath(str(address)).name


def ending_of(address: Address) -> str:
    """The ending of the last part in lower case, with its dot, or nothing."""
    return PurePosixPath(str(address)).suffix.lower()


def told(file: Address) -> str:
    """A path as messages tell it: the values in the names of Hive folders are data.

    Example:
        >>> told("raw/email=ann@example.org/0.parquet")
        'raw/email=…/0.parquet'
    """
    return re.sub(r"(?<=/)([^/=]+)=[^/]+(?=/)", r"\1=…", str(file))


def files_at(place: Address) -> list[Address]:
    """The files that a path, a glob, a folder or a prefix stands for, sorted.

    Links are followed. What begins with `.` or `_` inside a folder is left out, as Spark and Hive
    do.
    """
    address = address_of(place)
    if isinstance(address, str):
        return _objects_at(address)
    if address.is_file():
        return [address]
    if address.is_dir():
        inside = (file for file in everything_in(address) if file.is_file())
        return sorted(file for file in inside if _visible(str(file.relative_to(address))))
    matches = glob.glob(str(address), recursive=True)  # noqa: PTH207 (absolute patterns)
    return sorted(Path(match) for match in matches if Path(match).is_file())


def entries(place: Address) -> list[str]:
    """The names of what stands in a folder or directly below a prefix, hidden ones too, sorted."""
    address = address_of(place)
    if isinstance(address, Path):
        return sorted(each.name for each in address.iterdir()) if address.is_dir() else []
    import obstore  # noqa: PLC0415 (only where there are objects)

    with _plainly(address):
        found = obstore.list_with_delimiter(*_place_of(address))
    keys = [*found["common_prefixes"], *(each["path"] for each in found["objects"])]
    return sorted({name_of(key) for key in keys})


def is_matched_by_folders(glob_: Path) -> bool:
    """Whether a glob finds folders."""
    found = glob.iglob(str(glob_), recursive=True)  # noqa: PTH207 (absolute patterns)
    return any(Path(match).is_dir() for match in found)


def everything_in(folder: Path) -> Iterator[Path]:
    """What is in a folder, at any depth but for folders themselves; each linked one once."""
    seen = set[Path]()
    for root, folders, names in os.walk(folder, followlinks=True):
        if (real := Path(root).resolve()) in seen:  # a link that leads back
            folders.clear()
            continue
        seen.add(real)
        yield from (Path(root, name) for name in names)


def is_matched(place: Address, pattern: Address) -> bool:
    """Whether a glob would find a place, or does."""
    if not _PATTERN & set(str(pattern)):
        return False
    if isinstance(place, str) or isinstance(pattern, str):
        return fnmatchcase(str(place), str(pattern))
    outer = list(pattern.resolve().parts)
    where_it_is = place.parent.resolve() / place.name  # a link, that the glob may find by its name
    return any(_parts_match(list(each.parts), outer) for each in (where_it_is, place.resolve()))


def _parts_match(parts: list[str], pattern: list[str]) -> bool:
    """Whether the parts of a path match those of a glob, in which `**` is any number of folders."""
    if not pattern or not parts:
        return not parts and all(part == "**" for part in pattern)
    if pattern[0] == "**":
        return _parts_match(parts, pattern[1:]) or _parts_match(parts[1:], pattern)
    return fnmatchcase(parts[0], pattern[0]) and _parts_match(parts[1:], pattern[1:])


def _visible(relative: str) -> bool:
    return not any(part.startswith((".", "_")) for part in PurePosixPath(relative).parts)


def is_folder(place: Address) -> bool:
    """Whether there is a folder, or anything below a prefix of objects."""
    address = address_of(place)
    if isinstance(address, Path):
        return address.is_dir()
    return bool(_below(address))


def exists(place: Address) -> bool:
    """Whether there is anything."""
    address = address_of(place)
    if isinstance(address, Path):
        return address.exists()
    return bool(_objects_at(address))


def is_inside(place: Address, folder: Address) -> bool:
    """Whether a place lies below a folder, or would."""
    inner, outer = address_of(place), address_of(folder)
    if isinstance(inner, Path) and isinstance(outer, Path):
        return outer.is_dir() and outer.resolve() in inner.resolve().parents
    return str(inner).startswith(f"{str(outer).rstrip('/')}/")


def opened(address: Address) -> Any:
    """The file for reading, as a context manager."""
    if isinstance(address, Path):
        return address.open("rb")
    return io.BufferedReader(_Object(address), _CHUNK)


# --- objects -----------------------------------------------------------------------------------


def options_for(address: Address) -> dict[str, str] | None:
    """What Polars and Delta must be told about an address, beyond the environment."""
    if isinstance(address, Path):
        return None
    plain = os.environ.get("AWS_ENDPOINT_URL", "").startswith("http://")
    return {"aws_allow_http": "true"} if plain and address.startswith("s3://") else {}


class _Object(io.RawIOBase):
    """An object, read as far as it is asked for."""

    def __init__(self, address: str) -> None:
        import obstore  # noqa: PLC0415 (only where there are objects)

        self._address = address
        with _plainly(address):
            self._content = obstore.open_reader(*_place_of(address), buffer_size=_CHUNK)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._content.seek(offset, whence)
        return int(self._content.tell())

    def readinto(self, into: Any) -> int:
        with _plainly(self._address):
            part = bytes(self._content.read(len(into)))
        into[: len(part)] = part
        return len(part)


def _place_of(address: str) -> tuple[Any, str]:
    """The bucket or container of an address, and the key in it."""
    scheme, _, path = address.partition("://")
    bucket, _, key = path.partition("/")
    environment = {name: os.environ[name] for name in os.environ if name.startswith(_VARIABLES)}
    return _bucket(f"{scheme}://{bucket}", *environment.items()), key.rstrip("/")


@lru_cache(maxsize=8)
def _bucket(address: str, *environment: tuple[str, str]) -> Any:
    """With credentials of the environment; those of profiles in `~/.aws` come by boto3."""
    from obstore.store import from_url  # noqa: PLC0415 (only where there are objects)

    plainly: dict[str, Any] = {"client_options": {"allow_http": True}}
    options = plainly if options_for(address) else {}  # False would overrule the environment
    has_key = not {"AWS_ACCESS_KEY_ID", "AWS_WEB_IDENTITY_TOKEN_FILE"}.isdisjoint(dict(environment))
    if address.startswith("s3://") and not has_key and Path("~/.aws").expanduser().is_dir():
        with suppress(ImportError):
            from obstore.auth.boto3 import Boto3CredentialProvider  # noqa: PLC0415 (with boto3)

            options["credential_provider"] = Boto3CredentialProvider()
    return from_url(address, **options)


def _objects_at(address: str) -> list[Address]:
    """Objects at an address, below it, or matching it as a pattern."""
    if _PATTERN & set(address):
        root = re.split(r"[*?\[]", address)[0].rpartition("/")[0]
        return sorted(each for each in _visible_below(root) if fnmatchcase(each, address))
    return [address] if _is_object(address) else sorted(_visible_below(address))


def _is_object(address: str) -> bool:
    import obstore  # noqa: PLC0415 (only where there are objects)

    with _plainly(address), suppress(FileNotFoundError):
        bucket, key = _place_of(address)
        return bool(key and obstore.head(bucket, key))
    return False


def _visible_below(prefix: str) -> Iterator[str]:
    start = len(prefix.rstrip("/")) + 1
    return (each for each in _below(prefix) if _visible(each[start:]))


def _below(prefix: str) -> list[str]:
    """The objects below a prefix; empty ones that stand for folders are none."""
    import obstore  # noqa: PLC0415 (only where there are objects)

    with _plainly(prefix):
        bucket, key = _place_of(prefix)
        sizes = {each["path"]: each["size"] for part in obstore.list(bucket, key) for each in part}
    folders = {str(folder) for each in sizes for folder in PurePosixPath(each).parents}
    root = "/".join(prefix.split("/")[:3])
    return [
        f"{root}/{each}"
        for each, size in sizes.items()
        if size or (each not in folders and ending_of(each))
    ]


def upload(moves: Iterable[tuple[Path, str]]) -> None:
    """Copies files and folders to addresses, and removes what stood in such folders before.

    An object appears when it is complete, the log of a table after all others. After a failure
    nothing is left of what was not there before.
    """
    files, before = dict[str, Path](), set[str]()
    for local, address in moves:
        before |= {str(each) for each in _objects_at(address)}
        for file in [local] if local.is_file() else local.rglob("*"):
            inside = "" if file == local else f"/{file.relative_to(local).as_posix()}"
            files |= {f"{address.rstrip('/')}{inside}": file} if file.is_file() else {}
    begun = list[str]()
    try:
        for address in sorted(files, key=lambda each: ("/_delta_log/" in each, each)):
            begun.append(address)
            _put(files[address], address)
    except BaseException:
        with suppress(FileError):
            for address in set(begun) - before:
                _delete(address)
        raise
    for address in before - set(files):
        _delete(address)


def _put(file: Path, address: str) -> None:
    import obstore  # noqa: PLC0415 (only where there are objects)

    with _plainly(address):
        obstore.put(*_place_of(address), file)


def _delete(address: str) -> None:
    import obstore  # noqa: PLC0415 (only where there are objects)

    with _plainly(address), suppress(FileNotFoundError):
        obstore.delete(*_place_of(address))


@contextmanager
def _plainly(address: str) -> Iterator[None]:
    """Errors of the library as one line: its own quote what was sent."""
    from obstore.exceptions import BaseError  # noqa: PLC0415 (only where there are objects)

    try:
        yield
    except FileNotFoundError:
        raise
    except (BaseError, OSError, ValueError) as error:
        bucket = "/".join(address.split("/")[:3])
        way = "check its name, and credentials, region and endpoint in the environment"
        kind, error.args = type(error).__name__, ()
        raise FileError(f"{bucket}: cannot be reached ({kind}): {way}") from None
