"""Texts become texts without what names somebody.

search.py      what is looked for in a text, and what is found
structure/     JSON, markup, tables and codes stay what they are
tags.py        a tag for a value
name_words.py  which words of a name are first and last names, and which the row has
name_draws.py  the name that stands for another
surrogates.py  names of nobody in the place of names
shifting.py    dates that move, and what beside them would tell by how much
replacing.py   which of these stands in the place of a value, or a date that has moved
scrubber.py    a batch of rows: each distinct text once
"""

from anonymizer.masking.free_text.scrubbing.replacing import Replacing, Row
from anonymizer.masking.free_text.scrubbing.scrubber import Scrubber
from anonymizer.masking.free_text.scrubbing.search import Search
from anonymizer.masking.free_text.scrubbing.surrogates import Surrogates
from anonymizer.masking.free_text.scrubbing.tags import Tags

__all__ = ["Replacing", "Row", "Scrubber", "Search", "Surrogates", "Tags"]
