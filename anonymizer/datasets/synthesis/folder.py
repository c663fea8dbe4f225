"""What a model folder of a dataset holds; known without what learns models."""

from pathlib import Path
from typing import Final

from anonymizer.errors import FileError

LAYOUT: Final = "dataset.json"
EVENTS: Final = "events"  # the folder of the model of one table


def is_dataset_model(folder: str | Path) -> bool:
    """Whether a folder holds a model of a dataset, and not of one table."""
    return (Path(folder) / LAYOUT).is_file()


def require_place(folder: str | Path) -> None:
    """Raise a FileError if a model could not replace what is there: before a long training."""
    place = Path(folder)
    if not place.exists():
        return
    if not place.is_dir() or {each.name for each in place.iterdir()} != {LAYOUT, EVENTS}:
        what = "exists and is no model folder of a dataset"
        raise FileError(f"{folder} {what}: choose another name")
