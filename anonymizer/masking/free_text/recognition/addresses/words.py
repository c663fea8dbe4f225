"""Words that addresses are made of, by what they say; small letters, as patterns compare them."""

from typing import Final

from anonymizer.masking.free_text.basis.lists import Lists

WORDS: Final = Lists(__package__)
