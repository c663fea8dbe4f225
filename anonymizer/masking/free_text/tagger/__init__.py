"""Names of persons, places and organisations in free text, in any of several languages.

words.py      a text becomes words with their places
features.py   what the network reads of a word: n-grams, shape, lists
network.py    a bidirectional LSTM over words, in numpy
tagger.py     texts become the names in them
README.md     what the weights were learned from, what they find and what they do not
"""

from anonymizer.masking.free_text.tagger.tagger import KINDS, THRESHOLD, names

__all__ = ["KINDS", "THRESHOLD", "names"]
