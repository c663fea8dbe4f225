"""Steps that make names anew."""

from collections.abc import Iterator

from anonymizer.relations.base.features import Feature
from anonymizer.relations.base.relation import EXACT
from anonymizer.relations.kinds.arithmetic import Formula
from anonymizer.relations.kinds.dependencies import Determines
from anonymizer.relations.kinds.histories import Running, Total
from anonymizer.relations.kinds.identifiers import Names, Unique
from anonymizer.relations.kinds.rates import Rate
from anonymizer.sequences.derived.base.step import Step
from anonymizer.sequences.derived.makers.ground import Ground, computed
from anonymizer.sequences.derived.naming.identifiers import Identifier
from anonymizer.sequences.derived.naming.once import Once
from anonymizer.sequences.derived.values.agreement import OfVisit


def names(ground: Ground) -> Iterator[Step | None]:
    """Identifiers, with what decides their first letters; those of visits agree within a visit."""
    visit = (ground.roles.entity, ground.roles.time)
    named, unique = ground.relations(Names), ground.relations(Unique)
    keys = [each for each in unique if not each.within]
    # A key with an exception may be the number of a visit of hardly ever more than one row.
    visits = [Names(each.column, visit) for each in keys]
    naming: list[Names | Unique] = [*named, *keys, *visits]
    amounts = _amounts(ground)
    for each in (each for each in naming if each.column not in amounts):
        lettered = (
            d for d in ground.relations(Determines) if _letters(each.column) in _features(d)
        )
        turned = (_deciding(each.column, d, ground) for d in lettered)
        for decides in (*(d for d in turned if d), None):
            step = Identifier.learn(each, ground.table, decides)
            if step is not None:
                yield step
                if decides and step.stands == "owner":
                    led = decides.determinants[0]
                    yield OfVisit(led.column, led.of, visit)
                break


def once(ground: Ground) -> Iterator[Step | None]:
    """Values that come once within a visit, an order or an entity."""
    free = [r for r in ground.relations(Unique) if r.within and r.column not in ground.given]
    coded = ground.coded.frame if free else ground.table.frame
    for each in free:
        if each.column not in ground.roles.context:
            yield Once.learn(each, ground.table, coded[each.column])


def _amounts(ground: Ground) -> set[str]:
    """Numbers that are computed with, which name nothing though none comes twice."""
    parts = [*(c for each in ground.relations(Formula) for c in each.operands)]
    parts += [each.base for each in ground.relations(Rate)]
    parts += [each.step for each in ground.relations(Running)]
    parts += [each.part for each in ground.relations(Total) if each.part]
    return computed(ground) | {*parts}


def _letters(column: str) -> Feature:
    return Feature(column, "letters")


def _features(relation: Determines) -> tuple[Feature, ...]:
    return (*relation.determinants, relation.dependent)


def _deciding(column: str, relation: Determines, ground: Ground) -> Determines | None:
    """What decides the first letters of identifiers, told from the other side if need be."""
    others = [each for each in _features(relation) if each.column != column]
    if len(others) != 1 or others[0].of not in ("value", "sign"):
        return None
    turned = Determines((others[0],), _letters(column))
    return turned if turned.agrees(ground.table.frame) >= EXACT else None
