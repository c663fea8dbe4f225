"""What columns were taken for, as a plain dict and in words: names of columns, no value of data."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from anonymizer.sequences.derived.base.step import Step
from anonymizer.sequences.derived.derivation import Derivation
from anonymizer.sequences.derived.naming.identifiers import Identifier
from anonymizer.sequences.derived.numbers.arithmetic import Rate
from anonymizer.sequences.derived.numbers.deviation import Following
from anonymizer.sequences.derived.times.above import Above
from anonymizer.sequences.derived.times.cadence import Cadence
from anonymizer.sequences.derived.times.since import Since
from anonymizer.sequences.derived.values.agreement import Agreeing, OfVisit
from anonymizer.sequences.derived.values.catalogue import Catalogue
from anonymizer.sequences.derived.values.lasting import Lasting
from anonymizer.sequences.histories.roles import Roles

# What begins a line, in the order of the lines.
_NAMED: Final = "identifiers, made anew"
_FOLLOWS: Final = "follows"
_WORKED_OUT: Final = "worked out"
_DIFFERENCES: Final = "learned as differences"
_CORRECTED: Final = "corrected"


def taken_as(derivation: Derivation, written: Roles) -> dict[str, Any]:
    """What each column is, as `SequenceModel.roles` says it."""
    makers = [step for step in derivation.steps if step.rank == 0]
    identifiers = {s.column: _owner(s) for s in makers if isinstance(s, Identifier)}
    catalogues = [step for step in makers if isinstance(step, Catalogue)]
    dependents = {c: list(s.needed) for s in catalogues for c in s.given}
    others = {c: list(needed) for c, needed in derivation.follows.items()}
    return {
        "entity": written.entity,
        "time": written.time,
        "context": list(written.context),
        "fields": list(written.fields),
        "identifiers": identifiers,
        "codes": _codes(derivation),
        "dependents": dependents,
        "derived": {c: n for c, n in others.items() if c not in identifiers | dependents},
    }


def _owner(step: Identifier) -> list[str]:
    """Whose identifiers they are; nobody's where each row has its own."""
    return [] if step.stands == "row" else list(dict.fromkeys([step.entity, *step.owner]))


def _codes(derivation: Derivation) -> list[str]:
    """Columns that name things: others follow from them, or they are whole numbers that do."""
    found = set(derivation.codes)
    for step in derivation.steps:
        if isinstance(step, Catalogue):
            found |= {c for c, p in zip(step.determinants, step.parts, strict=True) if p == "value"}
        elif isinstance(step, Rate) and step.code:
            found.add(step.code)
    return [column for column in derivation.columns if column in found]


def told(derivation: Derivation, written: Roles, rows: int) -> list[str]:
    """What columns were taken for, a line for each kind; the share of rows where not all agree.

    Args:
        derivation: how columns follow from others.
        written: the roles of the columns that the network writes.
        rows: of data, about as many as the derivation was learned from, as they are told.
    """
    lines = [_of_data(derivation, written).told]
    codes = _codes(derivation)
    if codes:
        lines.append(f"codes, which name things: {', '.join(codes)}")
    for head in (_NAMED, _FOLLOWS, _WORKED_OUT, _DIFFERENCES, _CORRECTED):
        said = [
            text
            for step, rate in zip(derivation.steps, derivation.breaks, strict=True)
            if _head(step) == head
            for text in _texts(step, _share(rate, rows))
        ]
        if said:
            lines.append(f"{head}: {'; '.join(said)}")
    if derivation.unkept:
        lines.append(f"found, not kept: {'; '.join(derivation.unkept)}")
    return lines


def _of_data(derivation: Derivation, written: Roles) -> Roles:
    """The roles without what steps have the network write under names of their own."""
    fields, context = (
        tuple(c for c in names if c in derivation.columns)
        for names in (written.fields, written.context)
    )
    return replace(written, fields=fields, context=context)


def _share(breaks: float, rows: int) -> str:
    """The share of rows that agree, by what `Derivation.breaks` says; empty where all do."""
    broken = round(breaks * (rows + 2)) - 1
    return f"{min(99.99, 100 * (1 - broken / rows)):.4g} % of rows" if broken > 0 else ""


def _head(step: Step) -> str:
    """The kind of a step."""
    if step.rank:
        return _CORRECTED
    if isinstance(step, Identifier):
        return _NAMED
    if isinstance(step, Catalogue):
        return _FOLLOWS
    # `Rising` is learned as differences as well: it needs no other column.
    counted = isinstance(step, (Since, Above)) or not step.needed
    return _DIFFERENCES if counted else _WORKED_OUT


def _texts(step: Step, share: str) -> Iterator[str]:
    """What a step says of each column that it gives, with the share of rows where not all agree."""
    for column in step.given:
        how = _how(step, [c for c in step.needed if c != column])
        aside = step.rank > 0 or isinstance(step, Identifier)
        text = str(step.relation()) if isinstance(step, Following) else f"{column} {how}"
        in_brackets = ", ".join(filter(None, [how * aside, share]))
        yield (column if aside else text) + (f" ({in_brackets})" if in_brackets else "")


def _how(step: Step, others: Sequence[str]) -> str:
    """How a column stands to the others that a step needs."""
    named = ", ".join(others)
    match step:
        case Identifier():
            count = "several" if step.stands == "which" else "one"
            how = f"{count} per {', '.join(_owner(step)) or 'row'}"
        case Agreeing():
            how = f"goes with {named}"
        case OfVisit():
            how = f"one per {', '.join(step.visit)}"
        case Lasting():
            how = f"hardly changes within {step.entity}"
        case Cadence():
            how = "where the calendar allows it"
        case _:
            how = f"from {named}" if others else "from row to row"
    return how
