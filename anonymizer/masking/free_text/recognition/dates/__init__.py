"""Dates in a text, and the ages that tell a date of birth.

vocabulary/   names, numerals and words around dates in many languages
days.py       a day, or as much of one as was written, and how it moves
patterns.py   how dates are written
reading.py    a match becomes a day, and where its parts stand
context.py    the language of a text, the order of its days and months
judging.py    how sure it is that a match is a date
search.py     the dates of a text
moving.py     a date some days later
writing.py    in the form of the one that was written
ages.py       ages over 89
"""

from anonymizer.masking.free_text.recognition.dates.ages import MAY_HOLD_AGES, ages
from anonymizer.masking.free_text.recognition.dates.moving import canonical, moved
from anonymizer.masking.free_text.recognition.dates.search import (
    MAY_HOLD_DATES,
    WITHOUT_DIGITS,
    dates,
)

__all__ = [
    "MAY_HOLD_AGES",
    "MAY_HOLD_DATES",
    "WITHOUT_DIGITS",
    "ages",
    "canonical",
    "dates",
    "moved",
]
