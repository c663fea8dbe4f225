"""A text with a structure becomes what it says and where, and keeps its structure in another one.

leaf.py        a stretch of a text that holds a value, and how another one is written there
json_text.py   JSON, also in lines, in other text and cut off
markup.py      XML and HTML
cells.py       lines of cells
keys.py        what the key of a value says of it
coded.py       percents in URLs and backslashes in quoted values
document.py    the structures of a text, one in the other; what replaces a value
"""

from anonymizer.masking.free_text.scrubbing.structure.document import Document, read, structured

__all__ = ["Document", "read", "structured"]
