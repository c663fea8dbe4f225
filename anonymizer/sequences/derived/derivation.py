"""All steps of a model, in the order in which they are laid on."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from anonymizer.errors import DataError
from anonymizer.sequences.derived.base.step import Draws, Step, Table
from anonymizer.sequences.derived.naming.identifiers import Identifier
from anonymizer.sequences.derived.naming.once import Once
from anonymizer.sequences.derived.numbers.arithmetic import Elapsed, Flag, Formula, Rate
from anonymizer.sequences.derived.numbers.carried import Carried, Counter, Rising, Total
from anonymizer.sequences.derived.numbers.magnitude import Magnitude
from anonymizer.sequences.derived.numbers.part import Part
from anonymizer.sequences.derived.numbers.running import Running
from anonymizer.sequences.derived.own import Rule
from anonymizer.sequences.derived.times.above import Above
from anonymizer.sequences.derived.times.cadence import Cadence, Position
from anonymizer.sequences.derived.times.lag import Lag, Until
from anonymizer.sequences.derived.times.since import Since
from anonymizer.sequences.derived.times.turned import Turned
from anonymizer.sequences.derived.values.agreement import Agreeing, OfVisit
from anonymizer.sequences.derived.values.catalogue import Catalogue
from anonymizer.sequences.derived.values.lasting import Lasting
from anonymizer.sequences.derived.values.signed import Signed
from anonymizer.sequences.histories.roles import (
    Histories,
    Roles,
    constant_columns,
    in_order_of_kind,
    read_histories,
)
from anonymizer.sequences.tokens.codec import require_kinds
from anonymizer.sequences.tokens.plain import dtype_from_json, dtype_to_json, told_dtype

KINDS: dict[str, type[Step]] = {
    each.__name__.lower(): each
    for each in (
        Above, Agreeing, Cadence, Carried, Catalogue, Counter, Elapsed, Flag, Formula, Identifier,
        Lag, Lasting, Magnitude, OfVisit, Once, Part, Position, Rate, Rising, Running, Signed,
        Since, Total, Turned, Until,
    )
}  # fmt: skip

_COMPARING = (Counter, Identifier, OfVisit, Total)  # rows that have an identifier in common
_ROLES = ("entity", "time", "fields", "context")


@dataclass(frozen=True)
class Derivation:
    """What stands between the columns of the data and those that the network writes.

    Attributes:
        roles: of the columns of the data.
        columns: of the data, with their types, in order.
        steps: as they are laid on.
        codes: whole numbers that name things.
        breaks: per step, the share of rows of data that do not keep it.
        position: of a time that is counted, and has no clock: it is a day to all steps.
        rules: of the user's own.
        unkept: what holds in data and is left to chance in samples, in words.
    """

    roles: Roles
    columns: dict[str, pl.DataType]
    steps: tuple[Step, ...] = ()
    codes: tuple[str, ...] = ()
    breaks: tuple[float, ...] = ()
    position: Position | None = None
    rules: tuple[Rule, ...] = ()
    unkept: tuple[str, ...] = ()

    @classmethod
    def plain(cls, schema: pl.Schema, roles: Roles) -> "Derivation":
        """All columns are written as they are."""
        return cls(roles, {c: told_dtype(t) for c, t in schema.items() if c in roles.columns})

    def dated(self, frame: pl.DataFrame, k: int) -> "Derivation":
        """The same with days for a time of whole numbers.

        Raises:
            DataError: there are more positions than days.
        """
        if not self.columns[self.roles.time].is_integer():
            return self
        rows = frame.drop_nulls([self.roles.entity, self.roles.time]).sort(self.roles.entity)
        return replace(self, position=Position.learn(self.table(rows, k)))

    def table(self, rows: pl.DataFrame, k: int) -> Table:
        """What steps are learned from: rows sorted by entity and time."""
        entity = self.roles.entity
        return Table(as_text(rows, entity), entity, self.roles.time, k)

    @cached_property
    def given(self) -> set[str]:
        """Columns that steps lay on."""
        return {column for step in self.steps for column in step.given}

    def _written_by(self, step: Step) -> set[str]:
        """What the network writes for a step: nothing that another one makes."""
        made = {
            c for other in self.steps if other is not step and not other.rank for c in other.given
        }
        return set(step.written) - made

    @cached_property
    def core(self) -> set[str]:
        """Columns that the network writes."""
        written = set().union(*map(self._written_by, self.steps))
        return set(self.columns) - self.given | written

    def require(self, frame: pl.DataFrame) -> None:
        """Raise a DataError that names the first column which is absent or of another kind."""
        kinds = {c: t for c, t in self.columns.items() if c != self.roles.entity}
        require_kinds(frame, self.roles.entity, self.columns[self.roles.entity], kinds)

    def require_apart(self) -> None:
        """Raise a DataError unless histories can be laid on without those sampled before them."""
        for step in self.steps:
            if isinstance(step, Identifier) and step.counted:
                raise DataError(
                    f"identifiers '{step.column}' are numbered in order, as {step.dtype} holds "
                    "few: cast them to Int64 or text before the fit, or sample all at once"
                )

    def read(self, frame: pl.DataFrame) -> tuple[Histories, pl.DataFrame]:
        """The histories as the network writes them, and their rows as they are in the data."""
        if self.position is not None:
            frame = frame.with_columns(self.position.take_off(frame))
        histories = read_histories(frame, self.roles)
        return replace(histories, frame=self.take_off(histories.frame)), histories.frame

    def take_off(self, rows: pl.DataFrame) -> pl.DataFrame:
        """What the network writes, of N rows of data sorted by entity and time."""
        data = self._as_learned(rows)
        written: dict[str, pl.Series] = {}
        for step in reversed(self.steps):  # the last that is laid on comes off first
            named = self._written_by(step)
            found = [each for each in step.take_off(data) if each.name in named]
            data = data.with_columns(found)
            written |= {each.name: each for each in found}
        kept = [c for c in rows.columns if c not in self.given or c in written]
        return rows.select(written.pop(c, rows[c]) for c in kept).with_columns(written.values())

    def written(self, histories: Histories) -> Roles:
        """The roles of the columns that the network writes."""
        core, own = histories.frame, self.roles
        new = [c for c in core.columns if c not in own.columns or c in self.given]
        once = [*own.context, *constant_columns(core, own.entity, new)]
        context = tuple(c for c in core.columns if c in once)
        rest = [c for c in core.columns if c not in (own.entity, own.time, *context)]
        return Roles(
            own.entity,
            own.time,
            in_order_of_kind(core.schema, rest, self.codes),
            context,
            self.codes,
        )

    def lay_on(self, written: pl.DataFrame, draws: Draws) -> pl.DataFrame:
        """N rows with all columns of the data, of those that the network wrote."""
        rows = as_text(written, self.roles.entity)
        if draws.happened is not None:
            draws = replace(draws, happened=self._as_learned(draws.happened))
        for step in self.steps:
            laid = map(draws.kept, step.lay_on(rows, draws))
            rows = rows.with_columns(
                draws.lasting(each) if each.name in self.roles.context else each for each in laid
            )
        if self.position is not None:
            rows = rows.with_columns(self.position.lay_on(rows, draws))
        kept = {c: rows.schema[c] for c in (self.roles.entity,)}
        return rows.select(pl.col(c).cast(kept.get(c, t)) for c, t in self.columns.items())

    def broken(
        self, rows: pl.DataFrame, *, apart: bool = False
    ) -> Iterator[tuple[Step, float, pl.Series]]:
        """For each step how often data breaks it, and (N,) whether these rows of data do.

        Args:
            rows: of data, sorted by entity and time.
            apart: whether an identifier may be another entity's too.
        """
        data = self._as_learned(rows)
        own = data.with_columns(self._own_identifiers) if apart else data
        for step, rate in zip(self.steps, self.breaks, strict=True):
            judged = own if isinstance(step, _COMPARING) else data
            yield step, rate, ~step.kept(judged).fill_null(value=True)

    @property
    def _own_identifiers(self) -> list[pl.Expr]:
        """Identifiers as numbers that no two entities have in common."""
        names = [step.column for step in self.steps if isinstance(step, Identifier)]
        own = (pl.struct(self.roles.entity, name).rank("dense") for name in names)
        return [
            pl.when(pl.col(name).is_not_null()).then(number).alias(name)
            for name, number in zip(names, own, strict=True)
        ]

    def broken_rules(self, laid: pl.DataFrame) -> dict[Rule, pl.Series]:
        """Of each rule that no step keeps, (N,) which rows of a sample break it."""
        rows, entity = as_text(laid, self.roles.entity), self.roles.entity
        free = [rule for rule in self.rules if not rule.laid]
        return {rule: ~rule.kept(rows, entity).fill_null(value=True) for rule in free}

    def source(self, written: str) -> str:
        """The field of the data that a field of the network stands for."""
        if written in self.roles.fields:
            return written
        givers = (step.given for step in self.steps if written in step.written)
        named = [c for given in givers for c in given if c in self.roles.fields]
        return named[0] if named else self.roles.fields[0]

    @property
    def follows(self) -> dict[str, list[str]]:
        """Each column that is laid on and not written, with those that it follows from."""
        makers = [step for step in self.steps if step.rank == 0]
        return {c: [n for n in step.needed if n != c] for step in makers for c in step.given}

    def told_by(self, code: pl.Series) -> pl.DataFrame:
        """A column of values of a code, and what catalogues say of them; of rare ones nothing."""
        rows = as_text(code.to_frame(), "")
        nobody, rare = np.zeros(len(rows), np.int64), set[str]()
        for step in self.steps:
            if isinstance(step, Catalogue) and set(step.needed) <= set(rows.columns):
                rows = rows.with_columns(step.lay_on(rows, Draws(0, nobody, nobody)))
                rare |= set(step.rare_codes) if step.written == (code.name,) else set()
        told = ~pl.col(code.name).cast(pl.String).is_in(rare)
        return rows.select(pl.when(told).then(pl.all()))

    def _as_learned(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Rows as steps know them: their own types, categories as text."""
        used = {c for step in self.steps for c in (*step.given, *step.needed)}
        used -= {self.roles.entity} | ({self.roles.time} if self.position else set())
        cast = [pl.col(c).cast(t, strict=False) for c, t in self.columns.items() if c in used]
        return as_text(rows.with_columns(cast), self.roles.entity)

    def to_dict(self) -> dict[str, Any]:
        """Write it as plain values that JSON can hold."""
        return {
            "roles": {name: getattr(self.roles, name) for name in _ROLES},
            "columns": {name: dtype_to_json(dtype) for name, dtype in self.columns.items()},
            "steps": [step.to_dict() for step in self.steps],
            "codes": self.codes,
            "breaks": self.breaks,
            "position": None if self.position is None else self.position.to_dict(),
            "rules": [rule.to_dict() for rule in self.rules],
            "unkept": self.unkept,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Derivation":
        """Read what `to_dict` wrote.

        Raises:
            Exception: of any kind, where it is not what a derivation would write.
        """
        of = data["roles"]
        names = (tuple(map(str, of[name])) for name in ("fields", "context"))
        roles = Roles(str(of["entity"]), str(of["time"]), *names)
        steps = tuple(KINDS[each["kind"]].from_dict(each) for each in data["steps"])
        columns = {str(name): dtype_from_json(each) for name, each in data["columns"].items()}
        codes, breaks = (tuple(data[name]) for name in ("codes", "breaks"))
        counted = data["position"] and Position.from_dict(data["position"])
        rules = tuple(map(Rule.from_dict, data["rules"]))
        unkept = tuple(map(str, data["unkept"]))
        found = cls(roles, columns, steps, codes, breaks, counted, rules, unkept)
        sound = all({*s.given, *s.needed} <= set(columns) for s in steps)
        sound &= set(found.roles.columns) == set(columns) and set(codes) <= found.core
        sound &= len(breaks) == len(steps) and all(0 < rate <= 1 for rate in breaks)
        for rule in rules:
            rule.kept(as_text(pl.DataFrame(schema=columns), roles.entity), roles.entity)
        if not sound or list(steps) != in_order(steps):
            raise ValueError("a derivation that nothing was learned by")
        return found


def as_text(rows: pl.DataFrame, entity: str) -> pl.DataFrame:
    """The rows, categories as text but for what names entities."""
    kinds = (pl.Categorical, pl.Enum)
    words = [c for c, t in rows.schema.items() if t.base_type() in kinds and c != entity]
    return rows.with_columns(pl.col(words).cast(pl.String)) if words else rows


def in_order(steps: Iterable[Step]) -> list[Step]:
    """Steps as they can be laid on: each after those that give what it needs.

    Of those that give one column the one that makes it comes before those that correct it.

    Raises:
        ValueError: steps need each other.
    """
    listed = list(steps)
    left = {
        i: {j for j, other in enumerate(listed) if other is not step and _waits(step, other)}
        for i, step in enumerate(listed)
    }
    done: list[Step] = []
    while left:
        free = next((i for i, others in left.items() if not others & left.keys()), None)
        if free is None:
            raise ValueError("columns follow from each other in a circle")
        del left[free]
        done.append(listed[free])
    return done


def _waits(step: Step, other: Step) -> bool:
    """Whether a step must come after another."""
    if set(other.given) & set(step.given):
        return other.rank < step.rank
    return bool(set(other.given) & set(step.needed))
