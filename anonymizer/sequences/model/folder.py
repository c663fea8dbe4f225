"""A model folder: `weights.safetensors`, `model.json` and a model card. Loading runs no code."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from safetensors.torch import load_file, save
from torch import Tensor, nn

from anonymizer.errors import FileError, ModelError
from anonymizer.staging import staged

FORMAT: Final = 11
WEIGHTS, SETTINGS, CARD = "weights.safetensors", "model.json", "README.md"


def require_place(folder: Path) -> None:
    """Raise a FileError if what is in the way is no model folder of ours, or holds more."""
    if not folder.exists():
        return
    if not _is_ours(folder / SETTINGS):
        raise FileError(f"{folder} exists and is not a model folder: choose another name")
    if {each.name for each in folder.iterdir()} - {WEIGHTS, SETTINGS, CARD}:
        raise FileError(f"{folder} holds other files, which would be lost: choose another name")


def _is_ours(settings: Path) -> bool:
    """Whether a file says what the settings of every format say; other tools have a model.json."""
    try:
        found = json.loads(settings.read_text("utf-8"))
    except (OSError, ValueError):
        return False
    number, kind = (found.get("format"), found.get("kind")) if isinstance(found, dict) else (0, 0)
    return (
        isinstance(number, int) and isinstance(kind, str) and settings.with_name(WEIGHTS).exists()
    )


def write(
    folder: Path, kind: str, weights: dict[str, Tensor], settings: dict[str, Any], card: str
) -> None:
    """Write a model folder, whole or not at all; `kind` as `read` asks for it.

    Raises:
        FileError: the folder exists and is not a model folder, or cannot be written.
    """
    require_place(folder)
    try:
        with staged(folder) as temporary:
            temporary.mkdir()
            (temporary / WEIGHTS).write_bytes(
                save({name: tensor.contiguous() for name, tensor in weights.items()})
            )
            (temporary / SETTINGS).write_text(
                json.dumps({"format": FORMAT, "kind": kind, **settings}, indent=1)
            )
            (temporary / CARD).write_text(card)
    except OSError as error:
        raise FileError(f"cannot write the model folder {folder}: {error.strerror}") from error


@contextmanager
def reading(folder: Path) -> Iterator[None]:
    """Whatever goes wrong inside is a ModelError: the folder does not hold what was written."""
    try:
        yield
    except Exception as error:  # a damaged file can break anything
        raise ModelError(f"the model folder {folder} is damaged: fit the model again") from error


def _refused(name: str) -> None:
    """NaN and infinity are numbers to Python's JSON, and nowhere in a model."""
    raise ValueError(name)


def require_shapes(network: nn.Module, weights: dict[str, Tensor]) -> None:
    """Raise a ValueError unless weights have the names and shapes of those of a network."""
    asked = {name: each.shape for name, each in network.state_dict().items()}
    if asked != {name: each.shape for name, each in weights.items()}:
        raise ValueError


def require_counts(card: dict[str, Any], *names: str) -> None:
    """Raise a ValueError unless these entries of a card are whole numbers above 0."""
    if not all(isinstance(card[name], int) and card[name] > 0 for name in names):
        raise ValueError


def read(folder: Path, kind: str) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Weights and settings of a model folder.

    Args:
        folder: where it is.
        kind: of model, as it was written.

    Raises:
        ModelError: the folder is absent, broken, of another version or of another kind of model.
    """
    if not (folder / SETTINGS).is_file():
        raise ModelError(f"{folder} is not a model folder: it has no {SETTINGS}")
    with reading(folder):
        text = (folder / SETTINGS).read_text()
        settings: dict[str, Any] = dict(json.loads(text, parse_constant=_refused))
        weights = load_file(folder / WEIGHTS)
        if not all(bool(each.isfinite().all()) for each in weights.values()):
            raise ValueError
    if settings.get("format") != FORMAT:
        raise ModelError(
            f"the model folder {folder} has format {settings.get('format')}, this version reads "
            f"{FORMAT}: fit the model again, or use the version that wrote it"
        )
    if settings.get("kind") != kind:
        raise ModelError(f"the model folder {folder} holds a {settings.get('kind')}, not a {kind}")
    return weights, settings
