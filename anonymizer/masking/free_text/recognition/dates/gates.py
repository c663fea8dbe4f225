"""What texts with a date or an age are like, so that a batch of texts is told apart at once."""

from typing import Final

import polars as pl

from anonymizer.masking.free_text.recognition.basis.finder import SMALL_WORDS, TEXT, WORDS
from anonymizer.masking.free_text.recognition.basis.folding import plain
from anonymizer.masking.free_text.recognition.dates import patterns
from anonymizer.masking.free_text.recognition.dates.vocabulary.names import MONTHS

_NAMES: Final = frozenset(map(plain, (*MONTHS, *patterns.PART_WORDS)))
# 0305.., 8005.., of a day with a year of two figures
_SIX: Final = "[0-3][0-9][0-3][0-9]{3}|[0-9]{2}[01][0-9][0-3][0-9]"
_FIGURES: Final = (
    "[月年월년]|'[0-9]{2}|(?:^|[^0-9])(?:(?:[0-9]{1,2}|[12][0-9]{3}) ?[-./_] ?[0-9]|"
    f"(?:(?:1[89]|2[0145])[0-9]{{2}}|[0-9]{{8}}|{_SIX})(?:[^0-9]|$)|"
    "[0-9]{1,2} [0-9]{1,2} [0-9])"
)
_SMALL: Final = "|".join(sorted(_NAMES & SMALL_WORDS)) or "$^"  # which `WORDS` lacks

MAY_HOLD_DATES: Final[pl.Expr] = (
    WORDS.str.contains_any([f" {name} " for name in sorted(_NAMES)])
    | TEXT.str.contains(_FIGURES)
    | TEXT.str.contains(rf"(?:^|\PL)(?:{_SMALL})(?:\PL|$)")
)
MAY_HOLD_AGES: Final[pl.Expr] = TEXT.str.contains(
    "(?:^|[^0-9])(?:9[0-9]|1[0-2][0-9])(?:[^0-9]|$)|九十|百"
)
