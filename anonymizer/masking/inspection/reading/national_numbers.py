"""Numbers by which states and banks know people: the finders of free text, asked of one value."""

from functools import lru_cache
from typing import Final

from anonymizer.masking.free_text.recognition import FINDERS
from anonymizer.masking.free_text.recognition.identifiers.banks import ibans

# Only what has a check tells by itself what a column holds.
NATIONAL_NUMBERS: Final = tuple(
    finder for finder in FINDERS if finder.kind in ("id", "ssn") and finder.check is not None
)


@lru_cache(maxsize=4096)
def is_iban(text: str) -> bool:
    """Whether the whole value is an IBAN with a right checksum."""
    value = text.strip()
    return any(span.start == 0 and span.end == len(value) for span in ibans(value, "US"))
