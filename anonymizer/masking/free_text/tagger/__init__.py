"""Names of persons, places and organisations in free text, in any of several languages.

words.py      a text becomes words with their places
features.py   what the network reads of a word: n-grams, shape, lists
network.py    a bidirectional LSTM over words, in numpy
tagger.py     texts become the names in them
README.md     what the weights were learned from, what they find and what they do not
"""

from typing import Final

from anonymizer.masking.free_text.tagger.tagger import KINDS, THRESHOLD, names

# Languages (ISO 639) of which labelled sentences were learned and kept back to measure on, and
# those of which made-up sentences were learned, and nothing of them was measured.
MEASURED: Final = ("de", "en", "fi", "fr", "nl", "pt", "zh")
MADE_UP: Final = ("es", "it", "ja", "ko", "pl", "ru", "sv", "tr")

__all__ = ["KINDS", "MADE_UP", "MEASURED", "THRESHOLD", "names"]
