"""Which relations become which steps; what no step can keep stays an ordinary column."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Final

import polars as pl

from anonymizer.relations.base.features import Feature
from anonymizer.relations.base.relation import Found
from anonymizer.relations.kinds.arithmetic import Rate
from anonymizer.relations.kinds.combinations import Together
from anonymizer.relations.kinds.dependencies import Determines
from anonymizer.relations.search.discover import Relations, discover
from anonymizer.sequences.derived.agreement import Agreeing, Lasting, OfVisit
from anonymizer.sequences.derived.catalogue import Catalogue
from anonymizer.sequences.derived.derivation import Derivation, as_text, in_order
from anonymizer.sequences.derived.step import Step, Table
from anonymizer.sequences.histories.protection import told_count
from anonymizer.sequences.histories.roles import Roles

ORDINARY: Final = "field"  # a role that a user may give a column: nothing is derived
_MOSTLY_TOLD: Final = 0.9  # of the rows hold a number that k entities do, where it is a code


def derive(
    plain: Derivation, rows: pl.DataFrame, *, k: int, seed: int, told: Mapping[str, str]
) -> tuple[Derivation, Relations]:
    """The steps that keep what was found in the rows of those who are learned from.

    Args:
        plain: of these columns, without steps.
        rows: sorted by entity and time.
        k: entities that must bear a relation, and hold what a step knows.
        seed: of the search.
        told: roles that the user gives columns.
    """
    roles = plain.roles
    free = [c for c in roles.columns if told.get(c) != ORDINARY]
    found = discover(rows.select(free), roles.entity, roles.time, min_entities=k, seed=seed)
    chosen = _Chosen(Table(as_text(rows, roles.entity), roles.entity, roles.time, k), roles)
    chosen.choose(found.found)
    return chosen.derivation(plain, found.found), found


@dataclass
class _Chosen:
    """Steps that were chosen so far."""

    table: Table
    roles: Roles
    steps: list[Step] = field(default_factory=list)

    @property
    def given(self) -> set[str]:
        return {c for step in self.steps if step.rank == 0 for c in step.given}

    def choose(self, found: Sequence[Found]) -> None:
        """Add a step for each relation that one can keep."""
        for make in (self._catalogues, self._agreements, self._visits, self._lasting):
            for step in make(found):
                self._add(step)

    def _add(self, step: Step | None) -> None:
        """Take a step, unless others give its columns already or it would go in a circle."""
        if step is None or (step.rank == 0 and self.given & set(step.given)):
            return
        try:
            self.steps = in_order([*self.steps, step])
        except ValueError:
            return

    def _catalogues(self, found: Sequence[Found]) -> Iterator[Step | None]:
        """What follows from codes, those of one code together."""
        leads = sorted((f for f in found if self._leads(f)), key=lambda f: (not f.exact, f.values))
        chosen: dict[str, Found] = {}
        for each in leads:
            name = _determines(each).dependent.column
            if name not in chosen and not _goes_in_a_circle(each, chosen.values()):
                chosen[name] = each
        ordered = sorted(chosen.values(), key=lambda f: _lead_of(f, exact_first=True))
        for (lead, _), group in groupby(ordered, lambda f: _lead_of(f, exact_first=False)):
            names = tuple(_determines(f).dependent.column for f in group)
            once = {f.column for f in lead} | set(names) <= set(self.roles.context)
            yield Catalogue.learn(lead, names, self.table, once=once)

    def _leads(self, found: Found) -> bool:
        """Whether a relation says what a column holds, by others that name things."""
        relation = found.relation
        if not isinstance(relation, Determines) or relation.dependent.of != "value":
            return False
        keys = {self.roles.entity, self.roles.time}
        names = {f.column for f in relation.determinants}
        if relation.dependent.column in keys | names:
            return False
        if relation.dependent.column in self.roles.context and not names <= set(self.roles.context):
            return False
        plain = {f.column for f in relation.determinants if f.of == "value"}
        schema = self.table.frame.schema
        return not plain & keys and not any(
            schema[c].is_float() or schema[c].is_decimal() or schema[c].is_temporal() for c in plain
        )

    def _agreements(self, found: Sequence[Found]) -> Iterator[Step | None]:
        """What goes together, corrected in the column that comes last."""
        wanted: dict[str, list[tuple[str, ...]]] = {}
        place = {c: i for i, c in enumerate((*self.roles.context, *self.roles.fields))}
        for each in found:
            columns = [c for c in _together(each.relation) if c in place]
            free = [c for c in columns if c not in self.given]
            if len(columns) < 2 or not free or len(columns) < len(_together(each.relation)):
                continue
            last = max(free, key=lambda c: place[c])
            wanted.setdefault(last, []).append(tuple(c for c in columns if c != last))
        for column in sorted(wanted, key=lambda c: place[c]):
            yield Agreeing.learn(column, wanted[column], self.table)

    def _visits(self, found: Sequence[Found]) -> Iterator[Step]:
        """What a visit has one of."""
        visit = {Feature(self.roles.entity), Feature(self.roles.time)}
        for each in found:
            if isinstance(each.relation, Determines) and set(each.relation.determinants) == visit:
                part = each.relation.dependent
                if part.of in ("value", "sign") and part.column not in self.given:
                    yield OfVisit(part.column, part.of, (self.roles.entity, self.roles.time))

    def _lasting(self, found: Sequence[Found]) -> Iterator[Step | None]:
        """What hardly any entity changes."""
        for each in found:
            relation = each.relation
            if not isinstance(relation, Determines) or relation.dependent.of != "value":
                continue
            column, alone = relation.dependent.column, (Feature(self.roles.entity),)
            ordinary = column in self.roles.fields and column not in self.given
            if relation.determinants == alone and ordinary:
                yield Lasting.learn(column, self.table)

    def codes(self, found: Sequence[Found]) -> Iterator[str]:
        """Whole numbers from which others follow: they name things, and mean no amount."""
        keys = {self.roles.entity, self.roles.time}
        leads = {c for each in found for c in _single_lead(each.relation)} - keys - self.given
        for column in sorted(leads):
            values = self.table.frame[column]
            if values.dtype.is_integer() and self._is_mostly_told(values):
                yield column

    def _is_mostly_told(self, values: pl.Series) -> bool:
        """Whether nearly all rows hold what k entities do: of numbers none can be called rare."""
        part = pl.DataFrame({"v": values, "e": pl.Series(self.table.owner)})
        told = part.select(x=pl.col("e").n_unique().over("v") >= self.table.k)["x"]
        return bool(told.to_numpy().mean() >= _MOSTLY_TOLD)

    def derivation(self, plain: Derivation, found: Sequence[Found]) -> Derivation:
        """The steps, with how often rows break them."""
        owner = self.table.owner
        unknown = (1.0,) * len(self.steps)
        whole = replace(plain, steps=tuple(self.steps), breaks=unknown)
        counts = [
            told_count(owner[broken.to_numpy()], self.table.k)
            for _, _, broken in whole.broken(self.table.frame)
        ]
        breaks = [float(f"{(count + 1) / (len(owner) + 2):.1e}") for count in counts]
        return replace(whole, codes=tuple(self.codes(found)), breaks=tuple(breaks))


def _single_lead(relation: object) -> tuple[str, ...]:
    """The column from which alone another follows."""
    if isinstance(relation, Determines) and len(relation.determinants) == 1:
        return (relation.determinants[0].column,) * (relation.determinants[0].of == "value")
    return (relation.code,) if isinstance(relation, Rate) and relation.code else ()


def _determines(found: Found) -> Determines:
    assert isinstance(found.relation, Determines)
    return found.relation


def _lead_of(found: Found, *, exact_first: bool) -> tuple[tuple[Feature, ...], bool]:
    return _determines(found).determinants, found.exact != exact_first


def _goes_in_a_circle(new: Found, chosen: Iterable[Found]) -> bool:
    """Whether a lead follows from its own dependent by the others."""
    leads = {
        _determines(f).dependent.column: {d.column for d in _determines(f).determinants}
        for f in (*chosen, new)
    }
    start = _determines(new).dependent.column
    seen: set[str] = set()
    open_ = set(leads[start])
    while open_:
        seen |= open_
        open_ = {c for each in open_ for c in leads.get(each, ())} - seen
    return start in seen


def _together(relation: object) -> tuple[str, ...]:
    """Columns whose values go together."""
    if isinstance(relation, Together):
        return relation.together
    if isinstance(relation, Determines):
        features = (*relation.determinants, relation.dependent)
        return tuple(f.column for f in features) if all(f.of == "value" for f in features) else ()
    return ()
