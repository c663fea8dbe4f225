"""Words of everyday, which are no names mistyped, inflected or glued to one another.

Those of ten languages together, folded, as a text does not say which one it is in;
`words.ORDINARY` holds those that are names as well.
"""

from importlib.resources import files
from typing import Final


def words_of(text: str) -> frozenset[str]:
    """Words that blanks part."""
    return frozenset(text.split())


COMMON: Final = words_of(files(__package__).joinpath("common.txt").read_text("ascii"))
