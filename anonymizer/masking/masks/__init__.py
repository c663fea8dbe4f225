"""The masks, one file per family, and the registry of their names."""

from typing import Final

from anonymizer.masking.masks.base import Column, Entity, Mask
from anonymizer.masking.masks.generalisation import Age, DateTruncate, Round
from anonymizer.masking.masks.identifiers import Drop, Keep, Partial, Redact, Token
from anonymizer.masking.masks.pseudonyms import Pseudonym
from anonymizer.masking.masks.randomisation import DateShift
from anonymizer.masking.masks.regions import Region

_ALL: Final[tuple[type[Mask], ...]] = (
    Token,
    Pseudonym,
    Partial,
    Redact,
    Drop,
    Keep,
    Region,
    Age,
    Round,
    DateTruncate,
    DateShift,
)

MASKS: Final[dict[str, type[Mask]]] = {mask.name: mask for mask in _ALL}

__all__ = ["MASKS", "Column", "Entity", "Mask"]
