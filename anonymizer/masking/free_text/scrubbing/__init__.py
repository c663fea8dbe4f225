"""Texts become texts without what names somebody.

search.py      what is looked for in a text, and what is found
structure.py   JSON stays JSON
tags.py        what stands in the place of a value
scrubber.py    a batch of rows: each distinct text once
"""

from anonymizer.masking.free_text.scrubbing.scrubber import Scrubber
from anonymizer.masking.free_text.scrubbing.search import Search
from anonymizer.masking.free_text.scrubbing.tags import Tags

__all__ = ["Scrubber", "Search", "Tags"]
