"""Which steps of a search may find something in which texts, so that a text meets only those."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from anonymizer.masking.free_text.basis.finder import Searcher, Way, texts_for_gates
from anonymizer.masking.free_text.basis.glances import Glances


class Step(NamedTuple):
    """What is searched for.

    Attributes:
        search: finds it.
        ways: of which a text that may hold some of it has one.
        asked: the same for what of it is asked for; none where it only takes what would else be
            found as something else.
    """

    search: Searcher
    ways: tuple[Way, ...]
    asked: tuple[Way, ...]


def opened(
    texts: Sequence[str], firsts: Sequence[int], steps: Sequence[Step]
) -> Iterator[tuple[int, Sequence[int]]]:
    """The texts in which something that is asked for may be found, each with its steps.

    Args:
        texts: folded, and without what was found in them before.
        firsts: of each text the number of the first step that has not seen it.
        steps: all of the search.

    Yields:
        The place of a text, and the numbers of the steps that may find something in it: up to the
        last that may find what is asked for, as nobody needs what others take behind it.
    """
    for start, some in _chunks(texts):
        passing = _passing(some, np.array(firsts[start : start + len(some)]), steps)
        packed, numbers = np.packbits(passing, axis=1), dict[bytes, list[int]]()
        for place in np.flatnonzero(passing.any(axis=1)).tolist():
            same = packed[place].tobytes()
            if same not in numbers:
                numbers[same] = np.flatnonzero(passing[place]).tolist()
            yield start + place, numbers[same]


def _passing(
    texts: Sequence[str], firsts: npt.NDArray[np.int64], steps: Sequence[Step]
) -> npt.NDArray[np.bool_]:
    """(texts, steps): whether it may find something there that matters for what is asked for."""
    left = np.arange(len(steps)) >= firsts[:, None]
    passing = _may_find(texts, [step.asked for step in steps]) & left
    needed = np.logical_or.accumulate(passing[:, ::-1], axis=1)[:, ::-1] & left
    some = np.flatnonzero(needed.any(axis=1))
    others = [() if step.asked is step.ways else step.ways for step in steps]
    passing[some] |= _may_find([texts[place] for place in some.tolist()], others)
    return passing & needed


def _may_find(texts: Sequence[str], questions: Sequence[tuple[Way, ...]]) -> npt.NDArray[np.bool_]:
    """(texts, questions): whether it has one of some ways."""
    passing = np.zeros((len(questions), len(texts)), np.bool_)
    if not any(questions):
        return passing.T
    seen = Glances(texts)
    ways = [
        (
            place,
            gate,
            np.broadcast_to(True if sieve is None else sieve(seen) | seen.odd, len(texts)),
        )
        for place, some in enumerate(questions)
        for sieve, gate in some
    ]
    close = np.flatnonzero(np.any([may for _, gate, may in ways if gate is not None], axis=0))
    frame = texts_for_gates(texts[place] for place in close.tolist())
    for place, gate, may in ways:
        if gate is None:
            passing[place] |= may
        elif len(near := np.flatnonzero(may[close])):
            near = near[frame[near].select(gate).to_series().to_numpy()]
            passing[place, close[near]] = True
    return passing.T


def _chunks(texts: Sequence[str]) -> Iterator[tuple[int, Sequence[str]]]:
    """Texts of so many characters together, or one, and the place of the first."""
    start, characters = 0, 0
    for place, text in enumerate(texts):
        if characters and characters + len(text) > _CHARACTERS:
            yield start, texts[start:place]
            start, characters = place, 0
        characters += len(text)
    yield start, texts[start:]


_CHARACTERS: Final = 1_000_000  # of the texts that are looked at together
