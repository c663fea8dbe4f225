"""Values in scripts that set no blanks, and whatever is searched as it stands."""

import re
from collections.abc import Iterator
from typing import Final

from anonymizer.masking.free_text.basis.words import WORDS
from anonymizer.masking.free_text.known.text import Text, places_of
from anonymizer.masking.free_text.known.values import Known

_CJK_TITLES: Final = re.compile(
    "|".join(map(WORDS.pattern, ("cjk_titles", "japanese_titles", "korean_titles")))
)


def unbroken_places(whole: Text, value: Known) -> Iterator[tuple[int, int]]:
    """Where literals, surnames with titles and stretches of four characters stand."""
    if not value.literals and not value.shingles:
        return
    text, origins = whole.squeezed.text, whole.squeezed.origins
    places: list[tuple[int, int]] = []
    for literal in value.literals:
        places += [(place, place + len(literal)) for place in places_of(text, literal)]
    for surname in value.surnames:
        ends = ((place, place + len(surname)) for place in places_of(text, surname))
        places += [each for each in ends if _CJK_TITLES.match(text, each[1])]
    if value.shingles:
        fours = ((place, text[place : place + 4]) for place in range(len(text) - 3))
        places += [(place, place + 4) for place, four in fours if four in value.shingles]
    for start, end in places:
        yield (start, end) if origins is None else (origins[start], origins[end - 1] + 1)
