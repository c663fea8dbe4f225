"""Text that holds JSON: rules name paths inside it, and what they do not name does not pass.

A text has no type that says what is in it, so the rules say it: `payload.customer.email` is a
field, `payload.items[].sku` one of each element of an array, `payload.scores.*` each value of an
object whose keys nobody names, and `payload.scores.*~` these keys. Each path with masks becomes a
column beside the others, a list where a cell may hold several of its values.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import polars as pl

from anonymizer.errors import DataError
from anonymizer.json_cells import ANY, ITEMS, KEYS, key_of, placed, steps_of, write
from anonymizer.masking.masks.identifiers import Redact
from anonymizer.masking.plan.json_holes import DROPPED, UNLISTED, Hole, Opener, Place, filled
from anonymizer.masking.plan.schema_tree import Context, Elements, Fields, Leaf, TreeNode
from anonymizer.masking.primitives.digest import RESERVED_PREFIX
from anonymizer.masking.rules.rules import Rules, Unlisted

_FRAME: Final = "frame"
_PLACE: Final = "place"
_CELL: Final = "cell"
_PLACES_SHOWN: Final = 4  # in one message
_OUTCOMES: Final = {
    "error": "add rules, or `unlisted: drop`, which leaves it out and makes null what is no JSON",
    "drop": "it is left out, and what is no JSON is null",
    "keep": "it stays, and what is no JSON is null",
}


def patterns_inside(rules: Rules, column: str, others: Iterable[str]) -> list[str]:
    """The patterns of rules that name paths inside a column, and no other column."""
    begins = (f"{column}.", f"{column}{ITEMS}")
    known = set(others)
    return [name for name in rules.columns if name.startswith(begins) and name not in known]


@dataclass(frozen=True)
class JsonText(Fields):
    """A column of text that is JSON, at whose paths masks are.

    Attributes:
        column: its name.
        dtype: of the raw values.
        fields: the nodes of the paths with masks, in the order of their numbers.
        root: the place of a whole cell.
        passed: the paths that are kept or dropped as they are.
        read: those of them that masks and conditions of others read.
        unlisted: what becomes of what no rule covers, and of cells that are no JSON.
    """

    root: Place = field(default_factory=lambda: Place(""), repr=False)
    passed: tuple[Leaf, ...] = ()
    read: tuple[Leaf, ...] = ()
    unlisted: Unlisted = "error"

    @property
    def keeps_column(self) -> bool:
        """True: at least empty objects are left."""
        return True

    @property
    def output_dtype(self) -> pl.DataType:
        """String."""
        return pl.String()

    def examples(self) -> pl.Series:
        """Three made-up cells, with a value at each path that has masks."""
        cells: list[Any] = [{}, {}, {}]
        for leaf in _leaves_at(self.fields):
            steps = steps_of(leaf.column.removeprefix(self.column)) or []
            if f".{ANY}{KEYS}" not in steps:
                made_up = leaf.examples().cast(pl.String)
                cells = [placed(c, steps, v) for c, v in zip(cells, made_up, strict=True)]
        return pl.Series(self.column, map(write, cells), dtype=pl.String)

    def leaves(self) -> Iterator[Leaf]:
        """The paths of which a cell holds one value, with masks or read by others."""
        yield from super().leaves()
        yield from self.read

    @property
    def columns(self) -> tuple[TreeNode, ...]:
        """What becomes a column beside the others, by its number."""
        return (*self.fields, *self.read)

    @property
    def _frame(self) -> str:
        return f"{RESERVED_PREFIX}json_of_{self.column}"

    @property
    def place(self) -> str:
        """The column that says where a cell holds what no rule covers, beside flattened ones."""
        return f"{RESERVED_PREFIX}unlisted_in_{self.column}"

    def flattened(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """The frame with the values of each path as a column, and the text around them."""
        fields: dict[str, pl.DataType] = {_FRAME: pl.String(), _PLACE: pl.String()}
        fields |= {each.column: _held(each) for each in self.columns}
        step = _Opening(self, pl.Struct(fields))
        cells = pl.col(self.column).cast(pl.String)
        opened = cells.map_batches(step, return_dtype=step.dtype, is_elementwise=True)
        struct = pl.col(self._frame).struct
        return frame.with_columns(opened.alias(self._frame)).with_columns(
            *(struct.field(each.column).cast(each.dtype) for each in self.columns),
            struct.field(_FRAME).alias(self._frame),
            struct.field(_PLACE).alias(self.place),
        )

    def told(self, counts: pl.DataFrame) -> str:
        """What is said of cells that are no JSON or hold what no rule covers, and what they become.

        Args:
            counts: place and cells, as `counted` gives them.
        """
        texts = [
            f"{cells:,} cells "
            + (f"hold what no rule covers in {place}" if place else "are no JSON")
            for place, cells in counts.head(_PLACES_SHOWN).iter_rows()
        ]
        return f"{', '.join(texts)}: {_OUTCOMES[self.unlisted]}"

    def expression(self, context: Context) -> pl.Expr:
        """The text with masked values; null where nothing of it stays."""
        masked = [
            node.expression(context).cast(_held(node)).alias(str(number))
            for number, node in enumerate(self.fields)
        ]
        together = pl.struct(pl.col(self._frame).alias(_FRAME), *masked)
        filling = together.map_batches(_filled, return_dtype=pl.String(), is_elementwise=True)
        return filling.alias(self.column)


def _held(node: TreeNode) -> pl.DataType:
    """What a path holds before it is masked: text, or a list of it."""
    return pl.List(pl.String()) if isinstance(node, Elements) else pl.String()


def _leaves_at(nodes: Iterable[TreeNode]) -> Iterator[Leaf]:
    """What has the masks of each path."""
    inner = (node.inner if isinstance(node, Elements) else node for node in nodes)
    return (leaf for leaf in inner if isinstance(leaf, Leaf))


def _hole(leaf: Leaf) -> Hole:
    """What stays a number or boolean at a path, as it would in a column of its own."""
    return Hole(
        all(mask.output_dtype(pl.Int64()).is_numeric() for mask in leaf.masks),
        all(mask.output_dtype(pl.Boolean()) == pl.Boolean for mask in leaf.masks),
        leaf.dtype == pl.Int64,
    )


@dataclass(frozen=True)
class _Opening:
    """Takes the cells of a batch apart, each distinct one once."""

    node: JsonText = field(repr=False)
    dtype: pl.Struct = field(repr=False)

    def __call__(self, cells: pl.Series) -> pl.Series:
        """A struct of the text with holes, what no rule covers, and the values of each path.

        Raises:
            DataError: the rules cover something of a cell not, or it is no JSON, and that is an
                error.
        """
        rows, distinct = cells.alias(_CELL).to_frame(), cells.unique(maintain_order=True)
        opened = self._opened(distinct)
        if len(distinct) < len(cells):
            opened = rows.join(
                opened, on=_CELL, how="left", nulls_equal=True, maintain_order="left"
            )
        if self.node.unlisted == "error" and opened[_PLACE].count():
            told = self.node.told(counted(opened.lazy(), _PLACE).collect())
            raise DataError(f"{self.node.column}: {told}")
        return opened.drop(_CELL).to_struct(cells.name)

    def _opened(self, distinct: pl.Series) -> pl.DataFrame:
        node = self.node
        opener = Opener(
            node.root,
            [_hole(each) for each in _leaves_at(node.fields)],
            read=len(node.read),
            keeps=node.unlisted == "keep",
        )
        cells = [None if cell is None else opener.open(cell) for cell in distinct]
        columns = {
            _CELL: distinct,
            _FRAME: [cell and cell.frame for cell in cells],
            _PLACE: [cell and cell.unlisted for cell in cells],
        }
        columns |= {
            each.column: [cell and _values(cell.values[number], each) for cell in cells]
            for number, each in enumerate(node.columns)
        }
        schema = {_CELL: pl.String()} | {each.name: each.dtype for each in self.dtype.fields}
        return pl.DataFrame(columns, schema=schema)


def _values(values: list[str], node: TreeNode) -> list[str] | str | None:
    return values if isinstance(node, Elements) else next(iter(values), None)


def _filled(rows: pl.Series) -> pl.Series:
    """The cells of a batch with their holes filled."""
    frame = rows.struct.unnest()
    columns = [each.to_list() for each in frame.drop(_FRAME)]
    cells = []
    for text, *values in zip(frame[_FRAME], *columns, strict=True):
        fillings = [iter(each if isinstance(each, list) else [each]) for each in values]
        cells.append(None if text is None else filled(text, fillings))
    return pl.Series(rows.name, cells, dtype=pl.String)


def counted(rows: pl.LazyFrame, place: str) -> pl.LazyFrame:
    """A query for the places in a column, and how many cells have each; the most first."""
    counts = rows.select(place=place).drop_nulls().group_by("place").len("cells")
    return counts.sort("cells", "place", descending=[True, False])


# --- which place gets which masks ----------------------------------------------------------------


@dataclass(frozen=True)
class Places:
    """Finds the places that rules name inside a column.

    Attributes:
        rules: whose patterns they are.
        column: in which they are.
        bound: path, and whether a cell may hold several of its values → what becomes of them.
        read: path → the column in which others read it, where it has no masks of its own.
    """

    rules: Rules
    column: str
    bound: Callable[[str, bool], int]
    read: Callable[[str], int | None]

    def at(self, path: str, below: list[list[str]], *, many: bool = False) -> Place:
        """What becomes of what stands at a path.

        Args:
            path: from the column.
            below: the steps from there to what rules name.
            many: whether a cell may hold several of its values.
        """
        place = self._bare(path, many=many)
        if self._is_taken_whole(place, below):
            return place
        for step in dict.fromkeys(steps[0] for steps in below if steps):
            if step == f".{ANY}{KEYS}":
                continue
            several = many or step in (ITEMS, f".{ANY}")
            rest = [steps[1:] for steps in below if steps[:1] == [step]]
            self._put(place, step, self.at(path + step, rest, many=several))
        return self._closed(place)

    def _bare(self, path: str, *, many: bool, deep: bool = False) -> Place:
        if (deep or path.endswith(ANY)) and self._is_doubtful(path, deep=deep):
            return Place(path)
        scalar = self.bound(path, many)
        taken = scalar == DROPPED or (scalar >= 0 and self._masks(path) <= {Redact})
        return Place(
            path, scalar, scalar if taken else UNLISTED, read=None if many else self.read(path)
        )

    def _is_doubtful(self, path: str, *, deep: bool) -> bool:
        """Whether an earlier pattern may be meant for some of the keys that a `*` stands for.

        Of `*mail*` nobody can say before the data is there; of `payload.*.mail`, only how deep.
        """
        earlier = list(self.rules.columns)[: self.rules.position(path) or 0]
        begins = path.partition(ANY)[0]
        return any(
            begins.startswith(own) or own.startswith(begins)
            for each in earlier
            if (own := _literal(each)) != each and (deep or not self._is_path(each))
            if not (self._is_path(each) and each.rstrip(f"{ANY}{KEYS}") == own)
        )

    def _is_path(self, pattern: str) -> bool:
        return pattern.startswith((f"{self.column}.", f"{self.column}{ITEMS}"))

    def _masks(self, path: str) -> set[type]:
        return {type(mask) for mask in self.rules.masks_for(path)[0]}

    def _is_taken_whole(self, place: Place, below: list[list[str]]) -> bool:
        """Whether a rule that drops or redacts all of it stands before those that reach inside."""
        own, order = self.rules.position(place.path), list(self.rules.columns)
        inside = [order.index(place.path + "".join(steps)) for steps in below if steps]
        return own is not None and place.whole != UNLISTED and all(own < each for each in inside)

    def _put(self, place: Place, step: str, inner: Place) -> None:
        if step == ITEMS:
            place.items = inner
        elif step == f".{ANY}":
            place.others = inner
        else:
            place.named[key_of(step)] = inner

    def _closed(self, place: Place) -> Place:
        """The place with what patterns such as `payload.*` say of all that is not named in it."""
        is_rest = place.path.endswith(f".{ANY}") and not place.named
        if is_rest and not self._is_doubtful(place.path, deep=True):
            place.others, place.items = place.others or place, place.items or place
        place.others = place.others or self._rest(f"{place.path}.{ANY}")
        place.items = place.items or self._rest(f"{place.path}{ITEMS}")
        if place.others is not None and place.others is not place:
            place.keys = self.bound(f"{place.path}.{ANY}{KEYS}", True)
        if place.others and place.others.others is place.others:
            place.others.keys = place.keys
        return place

    def _rest(self, path: str) -> Place | None:
        """The place of all that is below a path and that no rule names, at any depth."""
        if not self.rules.masks_for(path)[0]:
            return None
        rest = self._bare(path, many=True, deep=True)
        if rest.whole == UNLISTED:
            rest.others = rest.items = rest
            if path.endswith(ITEMS):
                rest.keys = self.bound(f"{path}.{ANY}{KEYS}", True)
        return rest


def _literal(pattern: str) -> str:
    """What names begin with that match a pattern; all of it where it has no `*` and no `?`."""
    return re.split(r"[*?]", pattern, maxsplit=1)[0]
