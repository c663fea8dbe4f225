"""What becomes of every column, as one ordered set of expressions; nothing is read unless fitted.

Most plans need nothing from the data. Masks that depend on the whole table (`learn`) are fitted
first, and what they learned travels in the plan.
"""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import polars as pl

from anonymizer.keys import Key
from anonymizer.masking.masks import Column, Entity, Mask
from anonymizer.masking.masks.pseudonyms import Unshown
from anonymizer.masking.plan.json_text import JsonText
from anonymizer.masking.plan.prepared import Assignment, Dictionary, with_prepared
from anonymizer.masking.plan.recoding import with_coarser_mask, with_rare_suppressed
from anonymizer.masking.plan.remembered import remembered
from anonymizer.masking.plan.schema_tree import Context, Elements, Fields, Leaf, TreeNode
from anonymizer.masking.rules.anonymity import Anonymity
from anonymizer.masking.rules.fitted import Recoding
from anonymizer.masking.rules.rules import Rules


@dataclass(frozen=True)
class Plan:
    """Which masks every column of one schema gets, and what these learned. Holds no key.

    Attributes:
        rules: the rules it was made of.
        tree: every column of the input, in its order; structs and lists hold inner nodes.
        input_schema: column → dtype of the input, fields of structs as `outer.inner` included.
        entity: the entity column and its domain, when a mask follows it.
        learned: prepared column → what its mask learned.
        null_free: columns without nulls; true of the same data only.
        dictionaries: what was computed once per distinct value; of use for the same data only.
        recoding: what keeps the promises for the table as a whole, once it was learned.
    """

    rules: Rules
    tree: tuple[TreeNode, ...]
    input_schema: Mapping[str, pl.DataType] = field(repr=False)  # categories are values
    entity: Entity | None
    learned: Mapping[str, pl.DataFrame] = field(default_factory=dict, repr=False)
    null_free: frozenset[str] = frozenset()
    dictionaries: tuple[Dictionary, ...] = field(default=(), repr=False)
    recoding: Recoding | None = None

    @property
    def leaves(self) -> list[Leaf]:
        """Every column and field of a struct with its masks, elements of lists included."""
        return list(leaves_of(self.tree))

    @property
    def given(self) -> pl.Schema:
        """Column → dtype of the input, in its order, structs whole."""
        return pl.Schema({node.column: node.dtype for node in self.tree})

    @property
    def lists(self) -> set[str]:
        """The lists whose elements have masks of their own; what is in them is left out."""
        return {node.column for node in _without_structs(self.tree) if isinstance(node, Elements)}

    @property
    def json(self) -> list[JsonText]:
        """The columns of JSON at whose paths masks are, outside of lists."""
        return [node for node in _inner_nodes(self.tree) if isinstance(node, JsonText)]

    @property
    def paths_in_json(self) -> set[str]:
        """The paths inside JSON that become columns while masks run."""
        return {each.column for node in self.json for each in node.columns}

    @property
    def masks(self) -> list[tuple[Leaf, Mask]]:
        """Every mask with the column that it masks."""
        return [(leaf, mask) for leaf in self.leaves for mask in leaf.masks]

    @property
    def keyed(self) -> bool:
        """Whether a mask of the plan needs a key."""
        return any(mask.keyed for _, mask in self.masks)

    @property
    def whole_table(self) -> bool:
        """Whether masking needs all rows at once."""
        return any(mask.whole_table for _, mask in self.masks)

    @property
    def removes_rows(self) -> bool:
        """Whether rows may be missing from the output."""
        return any(mask.removes_rows for _, mask in self.masks)

    @property
    def learns(self) -> bool:
        """Whether the table must be read first, for a mask or for `anonymity:`."""
        known = self.rules.fitted is not None
        must_recode = self.promised is not None and not known
        return must_recode or any(
            mask.learns(Column(leaf.column, leaf.dtype)) and not (known and mask.transferable)
            for leaf, mask in self.masks
        )

    @property
    def promised(self) -> Anonymity | None:
        """What `anonymity:` asks of the table, as far as its columns are there; or None."""
        promised = self.rules.anonymity
        if promised is None or self.rules.missing == "error":
            return promised
        return promised.among({node.column for node in self.tree})

    @property
    def kept(self) -> list[TreeNode]:
        """The columns of the output, in their order."""
        return [node for node in self.tree if node.keeps_column]

    @property
    def schema(self) -> pl.Schema:
        """Column → dtype of the output."""
        return pl.Schema({node.column: node.output_dtype for node in self.kept})

    def apply(
        self,
        frame: pl.LazyFrame,
        key: Key | None,
        *,
        preview: bool = False,
        columns: Container[str] | None = None,
        remember: bool = False,
    ) -> pl.LazyFrame:
        """The masked frame. The subkeys are inside it: write it, do not hand it on.

        Args:
            frame: of the schema the plan was made for.
            key: the secret; None only when the plan is not keyed.
            preview: of made-up rows, on which nothing needs to be learned.
            columns: of the output that are wanted; all where it is left out.
            remember: what was computed for values that come again, while rows come in batches.
        """
        if not preview and (missing := self._unlearned(key)):
            raise TypeError(f"the plan was not fitted: {', '.join(missing)}")
        context = self._context(key)
        some = columns if self.recoding is None else None  # it reads columns that it does not show
        wanted = [node for node in self.kept if some is None or node.column in some]
        expressions = [node.expression(context) for node in wanted]
        readers = None if some is None else expressions
        shown = self._ready(frame, key, readers, remember=remember).select(expressions)
        if self.recoding is None:
            return shown
        return with_rare_suppressed(shown, self.schema, self.recoding)

    def _unlearned(self, key: Key | None) -> list[str]:
        must_recode = self.promised is not None and self.recoding is None
        assignments = self.assignments(key)
        names = [
            column.name
            for mask, column in assignments
            if column.learned is None and mask.learns(column)
        ]
        return [*names, *(["anonymity"] if must_recode else [])]

    def _ready(
        self,
        frame: pl.LazyFrame,
        key: Key | None,
        readers: Iterable[pl.Expr] | None = None,
        *,
        remember: bool = False,
    ) -> pl.LazyFrame:
        """The rows that stay, with the prepared columns, or those that some expressions read."""
        assignments, flat = self.assignments(key), self.flattened(frame)
        if readers is not None:
            read = {name for expression in readers for name in expression.meta.root_names()}
            assignments = [
                each
                for each in assignments
                if each.mask.removes_rows or each.column.prepared_name in read
            ]
        known = remembered(assignments, self.input_schema) if remember else self.dictionaries
        ready = with_prepared(flat, assignments, self.input_schema, known)
        return remaining(ready, assignments)

    def masked(
        self, frame: pl.LazyFrame, key: Key | None, columns: Iterable[str], *others: pl.Expr
    ) -> pl.LazyFrame:
        """Some masked columns, and expressions over the raw ones; nothing is suppressed yet."""
        wanted, context = set(columns), self._context(key)
        shown = [node.expression(context) for node in self.kept if node.column in wanted]
        return self._ready(frame, key).select(*shown, *others)

    def shown_in_json(self, key: Key | None) -> dict[str, pl.Expr]:
        """Path inside JSON → what is shown there, where a cell has one value of it."""
        context = self._context(key)
        paths = {leaf.column: leaf for node in self.json for leaf in node.leaves()}
        return {name: leaf.expression(context) for name, leaf in paths.items() if leaf.keeps_column}

    def recoded(self, recoding: Recoding) -> "Plan":
        """The plan with the masks and the suppression of a recoding."""
        tree = tuple(with_coarser_mask(node, recoding) for node in self.tree)
        return replace(self, tree=tree, recoding=recoding)

    def _context(self, key: Key | None) -> Context:
        others = {
            columns: entity_of(self.rules, columns, self.input_schema)
            for columns in {mask.of_entity for _, mask in self.masks} - {()}
        }
        wanted = {name for _, mask in self.masks for name in mask.shows}
        outside = (leaf for node in self.tree for leaf in node.leaves())
        beside = {
            leaf.column: leaf
            for leaf in outside
            if leaf.column in wanted and not any(mask.shows for mask in leaf.masks)
        }
        function = self.rules.digest
        return Context(self.entity, key, self.learned, self.null_free, others, beside, function)

    def flattened(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """The frame with the fields of structs as columns `outer.inner`."""
        for node in self.tree:
            frame = node.flattened(frame)
        return frame

    def assignments(self, key: Key | None, *, in_lists: bool = False) -> list[Assignment]:
        """Every mask with the column it reads; in lists these are there only while they run."""
        context = self._context(key)
        outside = (leaf for node in self.tree for leaf in node.leaves())
        return [
            Assignment(mask, column)
            for leaf in (self.leaves if in_lists else outside)
            if leaf.dtype != pl.Null and (leaf.keeps_column or isinstance(leaf.masks[0], Unshown))
            for mask, column in zip(leaf.masks, leaf.columns_for_masks(context), strict=True)
        ]


def entity_of(rules: Rules, columns: tuple[str, ...], schema: Mapping[str, pl.DataType]) -> Entity:
    """The entities that columns of a schema tell apart, under the domain the rules give them."""
    dtypes = tuple(schema[column] for column in columns)
    return Entity(columns, rules.domain_of(columns), dtypes, rules.prefix_of(columns), rules.digest)


def unfolded(
    plan: Plan, frame: pl.LazyFrame, among: Iterable[TreeNode] | None = None
) -> Iterator[tuple[TreeNode, Plan, pl.LazyFrame]]:
    """Each list, whose elements are rows, with what stands beside it.

    Args:
        plan: whose lists they are.
        frame: the rows.
        among: nodes of the tree in which to look; all of it where it is left out.

    Yields:
        What an element is; the plan with that in the place of the list, and without structs; the
        rows, one for each element.
    """
    tree, flat = tuple(_without_structs(plan.tree)), plan.flattened(frame)
    for node in _without_structs(plan.tree if among is None else among):
        if isinstance(node, Elements):
            inside = {leaf.column: leaf.dtype for leaf in leaves_of([node.inner])}
            instead = tuple(node.inner if other is node else other for other in tree)
            rows = flat.explode(node.column)
            schema = {**plan.input_schema, **inside}
            beside = replace(plan, tree=instead, input_schema=schema)
            yield node.inner, beside, rows
            yield from unfolded(beside, rows, [node.inner])


def _inner_nodes(tree: Iterable[TreeNode]) -> Iterator[Fields]:
    """The nodes that hold others, lists left out."""
    for node in tree:
        if isinstance(node, Fields):
            yield node
            yield from _inner_nodes(node.fields)


def _without_structs(tree: Iterable[TreeNode]) -> Iterator[TreeNode]:
    for node in tree:
        if isinstance(node, Fields):
            yield from _without_structs(node.fields)
        else:
            yield node


def remaining(frame: pl.LazyFrame, assignments: list[Assignment]) -> pl.LazyFrame:
    """The frame with the rows that no mask removes."""
    for mask, column in assignments:
        stays = mask.keeps_row(column)
        if stays is not None:
            frame = frame.filter(stays if column.applies is None else ~column.applies | stays)
    return frame


def leaves_of(tree: Iterable[TreeNode]) -> Iterator[Leaf]:
    """Every column and field with masks, elements of lists included."""
    for node in tree:
        match node:
            case Leaf():
                yield node
            case Fields():
                yield from leaves_of(node.fields)
                yield from node.passed if isinstance(node, JsonText) else ()
            case Elements():
                yield from leaves_of([node.inner])
