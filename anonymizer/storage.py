"""Where files lie: local paths and S3 objects.

An address is a `Path`, or text that begins with `s3://`. Credentials, region and endpoint come
from the environment as AWS tools read it (AWS_ACCESS_KEY_ID, AWS_PROFILE, AWS_ENDPOINT_URL ...).
"""

import glob
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Any, Final, TypeAlias, cast

from anonymizer.errors import FileError

Address: TypeAlias = Path | str

_S3: Final = "s3://"
_LONGEST: Final = 255  # bytes of a name, in any file system
_PATTERN: Final = frozenset("*?[")


def address_of(place: Address) -> Address:
    """A path, or the text of an S3 address.

    Raises:
        FileError: it is an address of another kind, or none.
    """
    if not isinstance(cast("object", place), str | Path):
        kind = f"{type(place).__module__}.{type(place).__qualname__}"
        raise FileError(
            f"expected a path or an s3:// address, got {kind}: `anonymize` takes frames"
        )
    text = str(place)
    if re.search(r"[\n\0]", text) or max(len(part.encode()) for part in text.split("/")) > _LONGEST:
        raise FileError(
            f"expected a path or an s3:// address, got {len(text):,} characters of text"
        )
    if text.startswith(_S3):
        return text
    if "://" in text:
        raise FileError(f"{text.partition('://')[0]}:// cannot be used: local paths and s3:// can")
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
        return list(_s3_files(address))
    if address.is_file():
        return [address]
    if address.is_dir():
        inside = (file for file in everything_in(address) if file.is_file())
        return sorted(file for file in inside if _visible(str(file.relative_to(address))))
    matches = glob.glob(str(address), recursive=True)  # noqa: PTH207 (absolute patterns)
    return sorted(Path(match) for match in matches if Path(match).is_file())


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
    """Whether there is a folder, or for S3 anything below the prefix."""
    address = address_of(place)
    if isinstance(address, Path):
        return address.is_dir()
    with _s3_errors(address):
        return any(_s3().get_file_info(_selector(address.rstrip("/"))))


def exists(place: Address) -> bool:
    """Whether there is anything."""
    address = address_of(place)
    if isinstance(address, Path):
        return address.exists()
    return bool(_s3_files(address))


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
    with _s3_errors(address):
        return _s3().open_input_file(_key(address))


# --- S3 ----------------------------------------------------------------------------------------


def options_for(address: Address) -> dict[str, str] | None:
    """What Polars must be told about an S3 address, beyond the environment."""
    if isinstance(address, Path):
        return None
    plain = os.environ.get("AWS_ENDPOINT_URL", "").startswith("http://")
    return {"aws_allow_http": "true"} if plain else {}


def _s3() -> Any:
    from pyarrow.fs import S3FileSystem  # noqa: PLC0415 (slow to import)

    return S3FileSystem(endpoint_override=os.environ.get("AWS_ENDPOINT_URL"))


def _key(address: str) -> str:
    return address.removeprefix(_S3)


def _selector(address: str) -> Any:
    from pyarrow.fs import FileSelector  # noqa: PLC0415 (slow to import)

    return FileSelector(_key(address), recursive=True, allow_not_found=True)


def _s3_files(address: str) -> list[str]:
    """Objects at an address, below it, or matching it as a pattern."""
    fixed = []
    for part in _key(address).split("/"):
        if _PATTERN & set(part):
            break
        fixed.append(part)
    prefix = "/".join(fixed).rstrip("/")
    with _s3_errors(address):
        info = _s3().get_file_info(prefix)
        found = [prefix] if info.is_file else _below(prefix)
    if _PATTERN & set(address):
        found = [key for key in found if fnmatchcase(key, _key(address))]
    return sorted(f"{_S3}{key}" for key in found)


def _below(prefix: str) -> list[str]:
    found = (info.path for info in _s3().get_file_info(_selector(prefix)) if info.is_file)
    return [key for key in found if _visible(key.removeprefix(f"{prefix}/"))]


def upload(local: Path, address: str) -> None:
    """Copies a file, or every file of a folder, and removes what a folder held before.

    An object appears when it is complete; a folder appears object by object.
    """
    before = set(_s3_files(address))
    files = [local] if local.is_file() else [file for file in local.rglob("*") if file.is_file()]
    with _s3_errors(address):
        s3 = _s3()
        for file in files:
            inside = "" if file == local else f"/{file.relative_to(local).as_posix()}"
            key = f"{_key(address).rstrip('/')}{inside}"
            with file.open("rb") as source, s3.open_output_stream(key) as target:
                shutil.copyfileobj(source, target, 2**23)
            before.discard(f"{_S3}{key}")
        for left in before:
            s3.delete_file(_key(left))


@contextmanager
def _s3_errors(address: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        bucket = _key(address).partition("/")[0]
        raise FileError(
            f"s3://{bucket}: cannot be reached ({type(error).__name__}): check the name of the "
            "bucket, AWS credentials and region"
        ) from None
