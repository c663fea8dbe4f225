"""The masks, one file per family, and the registry of their names."""

from typing import Final

from anonymizer.masking.masks.base import Column, Entity, Mask
from anonymizer.masking.masks.date_shift import DateShift
from anonymizer.masking.masks.generalisation import Bin, Clip, Rare, Round
from anonymizer.masking.masks.hosts import EmailDomain, Ip
from anonymizer.masking.masks.identifiers import Drop, Keep, Partial, Redact, Token
from anonymizer.masking.masks.locations import Geo, Postcode
from anonymizer.masking.masks.lookups import Hierarchy, Map
from anonymizer.masking.masks.pseudonyms import Pseudonym
from anonymizer.masking.masks.randomisation import Noise, RandomizedResponse, Shuffle
from anonymizer.masking.masks.regions import Region
from anonymizer.masking.masks.reversible import Encrypt, Fpe
from anonymizer.masking.masks.scrub import Scrub
from anonymizer.masking.masks.times import Age, DateTruncate

_ALL_MASKS: Final[tuple[type[Mask], ...]] = (
    # identifiers
    Token,
    Pseudonym,
    Encrypt,
    Fpe,
    Partial,
    Redact,
    Drop,
    Keep,
    Map,
    # generalisation
    Region,
    Postcode,
    Ip,
    EmailDomain,
    Geo,
    Round,
    Bin,
    Clip,
    Age,
    DateTruncate,
    Hierarchy,
    Rare,
    # randomisation
    DateShift,
    Noise,
    RandomizedResponse,
    Shuffle,
    # free text
    Scrub,
)

MASKS: Final[dict[str, type[Mask]]] = {mask.name: mask for mask in _ALL_MASKS}

__all__ = ["MASKS", "Column", "Entity", "Mask"]
