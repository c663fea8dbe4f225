"""Dates in a text, and the ages that tell a date of birth.

names.py      months and weekdays in many languages, by series of one inflection
numerals.py   Chinese numerals, eras, ordinals of English
days.py       a day, or as much of one as was written, and how it moves
patterns.py   how dates are written
reading.py    a match becomes a day, and where its parts stand
context.py    the language of a text, and the order of its days and months
words.py      words before a date
search.py     the dates of a text
moving.py     a date written in the same form, some days later
ages.py       ages over 89
"""

from anonymizer.masking.free_text.recognition.dates.ages import ages
from anonymizer.masking.free_text.recognition.dates.moving import canonical, moved
from anonymizer.masking.free_text.recognition.dates.search import NEEDS, dates

__all__ = ["NEEDS", "ages", "canonical", "dates", "moved"]
