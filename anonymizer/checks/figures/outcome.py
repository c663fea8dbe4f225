"""Reports as JSON without NaN, written whole or not at all."""

import os
import uuid
from pathlib import Path
from typing import Any

from anonymizer.errors import FileError


def without_nan(value: Any) -> Any:
    """The same with null for NaN and infinity, as JSON takes it."""
    if isinstance(value, dict):
        return {k: without_nan(v) for k, v in value.items()}
    if isinstance(value, list):
        return [without_nan(v) for v in value]
    return None if isinstance(value, float) and not abs(value) < float("inf") else value


def write(path: Path, text: str) -> None:
    """Write beside the target, then rename.

    Raises:
        FileError: the file cannot be written.
    """
    beside = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}")
    try:
        beside.write_text(text, encoding="utf-8")
        os.replace(beside, path)  # noqa: PTH105 (Path.replace is the same)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise FileError(f"cannot write {path}: {error.strerror}") from error
