"""Words around the names of people, by what they say, in some twenty languages."""

from typing import Final

from anonymizer.masking.free_text.recognition.basis.lists import Lists

WORDS: Final = Lists(__package__)
