"""Dates in a text, and the ages that tell a date of birth.

vocabulary/   names, numerals and words around dates in many languages
forms/        how dates are written, read and written anew
context.py    the language of a text, the order of its days and months
found.py      a match in its text, and what stands around it
judging.py    how sure it is that a match is a date
alone.py      the same of days, months and quarters that stand alone
search.py     the dates of a text
moving.py     a date some days later, in its own form
ages.py       ages over 89
"""

from anonymizer.masking.free_text.recognition.dates.ages import MAY_HOLD_AGES, ages, may_hold_ages
from anonymizer.masking.free_text.recognition.dates.moving import canonical, moved
from anonymizer.masking.free_text.recognition.dates.search import (
    MAY_HOLD_DATES,
    WITHOUT_DIGITS,
    dates,
    may_hold_dates,
)

__all__ = [
    "MAY_HOLD_AGES",
    "MAY_HOLD_DATES",
    "WITHOUT_DIGITS",
    "ages",
    "canonical",
    "dates",
    "may_hold_ages",
    "may_hold_dates",
    "moved",
]
