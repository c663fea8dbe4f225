"""What a model folder of a dataset holds; known without what learns models."""

from pathlib import Path
from typing import Final

LAYOUT: Final = "dataset.json"
EVENTS: Final = "events"  # the folder of the model of one table


def is_dataset_model(folder: str | Path) -> bool:
    """Whether a folder holds a model of a dataset, and not of one table."""
    return (Path(folder) / LAYOUT).is_file()
