"""Numbers of identifiers follow from histories, and no two have one."""

import numpy as np
import pytest

from anonymizer.arrays import IntArray
from anonymizer.sequences.derived.naming.numbering import ROOMY, numbered
from anonymizer.sequences.histories.draws import FURTHER


def of(history: int, things: int, usual: int) -> list[int]:
    """The numbers of what one history has."""
    return list(numbered(np.full(things, history), usual))


def histories(*things: int) -> IntArray:
    """The history of each thing."""
    return np.repeat(np.arange(len(things)), things)


@pytest.mark.parametrize("usual", [1, 2, 7, 40])
def test_no_number_comes_twice(usual: int) -> None:
    """However long histories are, and each gets its own whoever else is there."""
    rng = np.random.default_rng(usual)
    things = np.append(rng.geometric(0.05, 500), 5_000)
    numbers = numbered(histories(*things), usual)
    assert len(set(numbers.tolist())) == len(numbers)
    assert numbers.min() >= 0
    each = np.split(numbers, np.cumsum(things)[:-1])
    assert [own.tolist() for own in each] == [of(h, n, usual) for h, n in enumerate(things)]


def test_no_number_is_lost() -> None:
    """Of histories without end every number is somebody's: blocks of 2, 8, 32 and so on."""
    whole = set(numbered(histories(*[200] * 200), 2).tolist())
    assert set(range(500)) <= whole


def test_usual_histories_are_close_together() -> None:
    """Identifiers grow a digit as late as can be: a third of the numbers is left to the others."""
    assert numbered(histories(*[6] * 1_000), 6).max() < 6_000 * 4 / 3
    assert of(0, 4, 2) == [0, 1, 3, 7]


def test_further_tries_have_the_numbers_of_the_first() -> None:
    """One of them is kept."""
    assert of(5, 9, 2) == of(5 + 7 * FURTHER, 9, 2)


def test_there_is_room_for_any_sample() -> None:
    """A hundred million histories, one with a thousand times what is usual."""
    assert max(of(10**8, 50_000, 50)) < ROOMY


def test_nothing_has_no_number() -> None:
    """As where no history has an identifier."""
    assert numbered(np.array([], np.int64), 3).tolist() == []
