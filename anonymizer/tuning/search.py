"""The search through levels: from the coarsest back to finer ones, what is worth most for its risk.

Risk hardly moves while several columns tell an event at once, so that looking for the change that
lowers it most goes by chance. From the other end every change counts: with all columns as coarse
as can be nobody is singled out, and each finer level adds to the worth and to the risk. What fills
a limit best is a knapsack's question, and is answered as there: once by worth alone, once by worth
for the risk, and the better of both ways counts, as each fails where the other does not. What is
worth nothing alone, as a sum by day without its days, is made finer together.
"""

from collections.abc import Callable, Iterator, Sequence
from math import log
from typing import Final, NamedTuple, TypeAlias

Levels: TypeAlias = tuple[int, ...]  # of each knob: 0 as the rules say, the last the coarsest
Knobs: TypeAlias = frozenset[int]  # by their places in levels
_LEAST_RISK: Final = 0.002  # less is an error of measurement
_LEAST_ADDED: Final = 0.01  # to the logarithm of the risk, as nothing is for free


class Point(NamedTuple):
    """What a set of levels comes to.

    Attributes:
        risk: between 0 and 1.
        worth: more is better; of any scale.
    """

    risk: float
    worth: float


Evaluate = Callable[[Levels], Point]
_Gain = Callable[[Point, Point], float]


def climbed(
    evaluate: Evaluate, coarsest: Levels, limit: float, together: Sequence[Knobs] = ()
) -> list[Levels]:
    """The way from the coarsest levels to finer ones, as far as risk stays within a limit.

    Each step gives one knob a finer level, or some together the next one each or half of theirs.
    Where a level is too much, neither it nor a finer one is tried again: with others finer it would
    be more still.

    Args:
        evaluate: what levels come to.
        coarsest: where the way begins.
        limit: of the risk.
        together: knobs that may be worth something together only.

    Returns:
        All levels on the better of two ways, the coarsest first.
    """
    ways = [_climbed(evaluate, coarsest, limit, together, by) for by in (_worth, _for_its_risk)]
    return max(ways, key=lambda way: evaluate(way[-1]).worth)


def _climbed(
    evaluate: Evaluate, coarsest: Levels, limit: float, together: Sequence[Knobs], gain: _Gain
) -> list[Levels]:
    """The way of which each step has the greatest gain."""
    way, finest = [coarsest], [0] * len(coarsest)
    while True:
        here, best, most = evaluate(way[-1]), None, 0.0
        for knob, now in enumerate(way[-1]):
            for level in range(now - 1, finest[knob] - 1, -1):
                there = evaluate(levels := _with(way[-1], knob, level))
                if there.risk > limit:
                    finest[knob] = level + 1
                    break
                if (gained := gain(here, there)) > most:
                    best, most = levels, gained
        for levels in _finer_together(way[-1], finest, together):
            there = evaluate(levels)
            if there.risk <= limit and (gained := gain(here, there)) > most:
                best, most = levels, gained
        if best is None:
            return way
        way.append(best)


def _finer_together(
    levels: Levels, finest: Sequence[int], together: Sequence[Knobs]
) -> Iterator[Levels]:
    """Levels of which several are finer, none finer than may be."""
    next_ones, halves = [now - 1 for now in levels], [now // 2 for now in levels]
    for knobs in together:
        for finer in (next_ones, halves):
            yield tuple(
                max(finer[knob], finest[knob]) if knob in knobs else now
                for knob, now in enumerate(levels)
            )


def onwards(evaluate: Evaluate, levels: Levels) -> Iterator[Levels]:
    """The way from some levels to the rules as they are, whatever the risk.

    Each step halves the level of one knob, as the way is for drawing.
    """
    while any(levels):
        here = evaluate(levels)
        finer = [_with(levels, knob, now // 2) for knob, now in enumerate(levels) if now]
        levels = max(finer, key=lambda each: _for_its_risk(here, evaluate(each)))
        yield levels


def trimmed(
    evaluate: Evaluate, levels: Levels, coarsest: Levels, is_useful: Callable[[Levels], bool]
) -> Levels:
    """The levels made coarser, one knob by one level, as long as they are useful and risk falls."""
    while True:
        coarser = [
            _with(levels, knob, now + 1)
            for knob, (now, last) in enumerate(zip(levels, coarsest, strict=True))
            if now < last
        ]
        useful = filter(is_useful, coarser)
        safest = min(useful, key=lambda each: evaluate(each).risk, default=levels)
        if evaluate(safest).risk >= evaluate(levels).risk:
            return levels
        levels = safest


def without_idle(evaluate: Evaluate, levels: Levels, knobs: Knobs) -> Levels:
    """The levels without changes that lower no risk, of the knobs that may go back to the rules.

    One goes after another, as of two that hide the same one must stay.
    """
    while True:
        here = evaluate(levels)
        back = [_with(levels, knob, 0) for knob in sorted(knobs) if levels[knob]]
        points = {each: evaluate(each) for each in back}
        idle = [e for e, p in points.items() if p.risk <= here.risk and p.worth >= here.worth]
        if not idle:
            return levels
        levels = max(idle, key=lambda each: points[each].worth)


def in_order(evaluate: Evaluate, levels: Levels) -> Iterator[Levels]:
    """The way from the rules as they are to some levels, knob by knob, what lowers risk most first.

    Where several lower it alike, that which costs least.
    """
    here = (0,) * len(levels)
    while here != levels:
        apart = [knob for knob, level in enumerate(levels) if here[knob] != level]
        nearer = [_with(here, knob, levels[knob]) for knob in apart]
        here = min(nearer, key=lambda each: (evaluate(each).risk, -evaluate(each).worth))
        yield here


def _with(levels: Levels, knob: int, level: int) -> Levels:
    """Levels of which one is another."""
    return (*levels[:knob], level, *levels[knob + 1 :])


def _worth(here: Point, there: Point) -> float:
    """The worth of a step."""
    return there.worth - here.worth


def _for_its_risk(here: Point, there: Point) -> float:
    """The worth of a step by what it adds to the logarithm of the risk."""
    added = log((there.risk + _LEAST_RISK) / (here.risk + _LEAST_RISK))
    return _worth(here, there) / (max(added, 0) + _LEAST_ADDED)
