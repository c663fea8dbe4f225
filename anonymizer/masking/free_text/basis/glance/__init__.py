"""Which words, signs and figures texts have, looked at once, so that patterns run where they may.

single.py      of one text
words.py       words as numbers, of which many texts may have some
characters.py  what each character is
many.py        `Glances` at many texts, which say of each whether it may hold something

What is said of many texts may be too much and never too little: where it says no, there is nothing.
"""

from anonymizer.masking.free_text.basis.glance.many import NEVER, Glances, Sieve
from anonymizer.masking.free_text.basis.glance.single import looks_of, words_of
from anonymizer.masking.free_text.basis.glance.words import (
    SMALL_WORDS,
    Bools,
    Places,
    Telling,
    Words,
)

__all__ = [
    "NEVER",
    "SMALL_WORDS",
    "Bools",
    "Glances",
    "Places",
    "Sieve",
    "Telling",
    "Words",
    "looks_of",
    "words_of",
]
