"""Names of other scripts in Latin letters, as passports and people write them."""

import re
from collections.abc import Iterator
from typing import Final

# Folded letters: `й` is `и`, `ё` is `е`. What stands behind a slash is the other habit.
_LETTERS: Final = (
    "а=a б=b в=v г=g д=d е=e ж=zh з=z и=i к=k л=l м=m н=n о=o п=p р=r с=s т=t у=u ф=f х=kh/h "
    "ц=ts/c ч=ch ш=sh щ=shch ъ= ы=y ь= э=e ю=yu/iu я=ya/ia і=i є=ye/ie ґ=g ђ=dj ј=j љ=lj њ=nj "
    "ћ=c џ=dz α=a β=v γ=g δ=d ε=e ζ=z η=i θ=th ι=i κ=k λ=l μ=m ν=n ξ=x ο=o π=p ρ=r σ=s ς=s τ=t "
    "υ=y φ=f χ=ch/h ψ=ps ω=o"
)
IS_ROMANISED: Final = re.compile("[\u0370-\u03ff\u0400-\u04ff]")
_PAIRS: Final = [pair.partition("=")[::2] for pair in _LETTERS.split()]
_HABITS: Final = tuple(
    str.maketrans(
        {letter: latin.split("/")[habit % len(latin.split("/"))] for letter, latin in _PAIRS}
    )
    for habit in (0, 1)
)


def romanised(word: str) -> Iterator[str]:
    """The spellings of a folded Cyrillic or Greek word in Latin letters."""
    for habit in _HABITS:
        latin = word.replace("ου", "ou").translate(habit)
        if latin.isascii():
            yield latin
            if latin.endswith(("ii", "iy")):  # Достоевский
                yield f"{latin[:-2]}y"
