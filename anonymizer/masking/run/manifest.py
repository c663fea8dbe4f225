"""What was done, for the auditor: rules, columns, counts, key id and versions; no values."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from importlib.metadata import version
from typing import Any, Final, TypeAlias

import polars as pl

from anonymizer.errors import DataError
from anonymizer.files.footers import Counts, footer
from anonymizer.keys import Key
from anonymizer.masking.free_text.tagged import tags_in
from anonymizer.masking.masks import Mask
from anonymizer.masking.masks.base import dtype_name
from anonymizer.masking.masks.reversible import Reversible
from anonymizer.masking.masks.scrub import Scrub
from anonymizer.masking.plan.json_text import JsonText
from anonymizer.masking.plan.plan import Plan, leaves_of
from anonymizer.masking.plan.schema_tree import Elements, Leaf, TreeNode
from anonymizer.masking.rules.fitted import Fitted
from anonymizer.provenance import STAMP_KEY, FileRecord, Provenance, told_name
from anonymizer.staging import write_json
from anonymizer.storage import Address, name_of

NATURE: Final = (
    "pseudonymised: personal data under Art. 4(5) GDPR, for as long as the key or other data "
    "allow attribution"
)

_LEARNED_ELSEWHERE: Final = (
    "edges, and values that enough entities share, are of the table that the rules were fitted on"
)


Removed: TypeAlias = dict[str, dict[str, dict[str, int]]]


@dataclass(frozen=True)
class ColumnRecord:
    """One column before and after masking; what it is not on one side is None there.

    Attributes:
        column: its name; fields of structs are `outer.inner`.
        mask: the names of its masks, as a person reads them.
        input_dtype: the name of its dtype in the input.
        output_dtype: the name of its dtype in the output; None where it is dropped.
        input_nulls: how many rows of the input are null; None for fields of structs.
        output_nulls: how many rows of the output are null.
    """

    column: str
    mask: str
    input_dtype: str
    output_dtype: str | None
    input_nulls: int | None
    output_nulls: int | None


@dataclass(frozen=True)
class Manifest:
    """The record of one run. Holds no value of the data and nothing of the key but its id.

    Attributes:
        input_rows: rows of the input.
        rows: rows of the output, counted after it was written.
        columns: every column before and after, in the order of the input.
        rules: the rules with every option spelt out, without what they learned.
        rules_sha256: a digest of these rules.
        entity: the column that says whose rows they are, several with a plus between them, or None.
        key_id: eight hexadecimal digits that tell keys apart; None where no key was needed.
        warnings: what to reconsider before the output leaves, a line each that begins with a code.
        remarks: what is so with the masks that were chosen, such as a local epsilon, one line each.
        anonymity: what was asked of the table as a whole, the masks that it took, the outcome and
            what is not kept, both counted on this table, also where rules were fitted on another;
            or None.
        fitted_sha256: a digest of what the rules had learned from another table; or None.
        held_back: where rows wait for their batch: rows `masked` of this input and `waiting` after
            it, the masked day `before` which all have left, and after how many days at least and at
            most a row leaves (`delay`); or None.
        removed: column of text → kind → the `places` at which a tag of it stands in the output, and
            the `rows` with one. That is counted there: tags of the raw text count too, surrogates
            and dates that have moved do not, as nothing tells them from the rest.
        nature: what the output is in law.
        provenance: which files were read and written, when, by which command and versions.
    """

    input_rows: int
    rows: int
    columns: list[ColumnRecord]
    rules: dict[str, Any]
    rules_sha256: str
    entity: str | None
    key_id: str | None
    warnings: list[str]
    remarks: list[str]
    anonymity: dict[str, Any] | None = None
    fitted_sha256: str | None = None
    held_back: dict[str, Any] | None = None
    removed: Removed = field(default_factory=dict)
    nature: str = NATURE
    provenance: Provenance = field(
        default_factory=partial(Provenance.now, "anonymizer.mask_file", "polars-hash")
    )

    @property
    def created(self) -> str:
        """When, in UTC, to the second (ISO 8601)."""
        return self.provenance.created

    @property
    def versions(self) -> dict[str, str]:
        """Package → its version, and that of Python."""
        return dict(self.provenance.versions)

    def with_output(self, role: str, place: Address, sha256: str) -> "Manifest":
        """The same, which names one more file that was written."""
        output = FileRecord(role=role, name=told_name(place), sha256=sha256)
        said = replace(self.provenance, outputs=(*self.provenance.outputs, output))
        return replace(self, provenance=said)

    def to_dict(self) -> dict[str, Any]:
        """The record as plain values, ready for JSON."""
        of_run = {"created": self.created, "versions": self.versions}
        return asdict(self) | of_run | {"provenance": self.provenance.to_dict()}

    @property
    def notes(self) -> list[str]:
        """What whoever ran it should read, one line for each thing."""
        masked = self.rows if self.held_back is None else self.held_back["masked"]
        lost = [
            f"{column.column}: {count:,} of {masked:,} values ({100 * count / masked:.1f} %) "
            f"became null ({_by_what(column, self.anonymity)})"
            for column in self.columns
            if (count := (column.output_nulls or 0) - (column.input_nulls or 0)) > 0
            and column.mask != "redact"
        ]
        promises = [] if self.anonymity is None else list(_said(self.anonymity))
        removed_rows = self.input_rows - masked
        removed = [f"{removed_rows:,} rows were removed by `truncate`"] if removed_rows else []
        elsewhere = [] if self.fitted_sha256 is None else [_LEARNED_ELSEWHERE]
        held = [] if self.held_back is None else [_waiting(self.rows, self.held_back)]
        notes = [*self.remarks, *self.warnings]
        texts = [f"{column}: {_tagged(kinds)}" for column, kinds in self.removed.items()]
        return [*lost, *texts, *promises, *notes, *elsewhere, *removed, *held]

    def write(self, path: Address) -> None:
        """Write the record as JSON; the file appears whole or not at all."""
        write_json(path, self.to_dict())


def make_manifest(
    plan: Plan,
    key: Key | None,
    counts: tuple[Counts, Counts],
    warnings: list[str],
    remarks: list[str],
) -> Manifest:
    """The record of a plan that has run.

    Args:
        plan: what ran.
        key: the key it ran with.
        counts: rows and nulls per column, of the input and of the output.
        warnings: what to reconsider before the output leaves, one line each.
        remarks: what is so with the masks that were chosen, one line each.
    """
    before, after = counts
    records = [
        ColumnRecord(
            column=leaf.column,
            mask=leaf.summary,
            input_dtype=dtype_name(leaf.dtype),
            output_dtype=dtype_name(leaf.output_dtype) if leaf.keeps_column else None,
            input_nulls=before[1].get(leaf.column),
            output_nulls=after[1].get(leaf.column),
        )
        for leaf in plan.leaves
    ]
    return Manifest(
        input_rows=before[0],
        rows=after[0],
        columns=records,
        rules=plan.rules.as_written(),
        rules_sha256=plan.rules.sha256,
        entity="+".join(plan.rules.entity_columns) or None,
        key_id=key.id if key else None,
        warnings=warnings,
        remarks=remarks,
        anonymity=_anonymity(plan),
        fitted_sha256=_sha256(plan.rules.fitted),
    )


def removed_from(plan: Plan, written: pl.LazyFrame) -> Removed:
    """What was removed from the texts of a table, counted by the tags in its output.

    Args:
        plan: that it was masked by.
        written: the output.
    """
    texts = {
        column: rows
        for node in plan.kept
        for column, rows in _texts(node, written.select(value=node.column).with_row_index())
    }
    scrubs = [
        mask for leaf in leaves_of(plan.kept) for mask in leaf.masks if isinstance(mask, Scrub)
    ]
    own = [kind for scrub in scrubs for kind in scrub.own_kinds]
    counts = pl.collect_all([tags_in(rows, own) for rows in texts.values()], engine="streaming")
    return {
        column: {kind: {"places": places, "rows": rows} for kind, places, rows in each.iter_rows()}
        for column, each in zip(texts, counts, strict=True)
    }


def _texts(node: TreeNode, rows: pl.LazyFrame) -> Iterator[tuple[str, pl.LazyFrame]]:
    """The scrubbed texts below a node: how they are called; `value`, and the `index` of a row."""
    if isinstance(node, Leaf | JsonText):
        masks = [mask for leaf in leaves_of([node]) for mask in leaf.masks]
        if any(isinstance(mask, Scrub) for mask in masks):
            yield node.column, rows
    elif isinstance(node, Elements):
        yield from _texts(node.inner, rows.explode("value"))
    else:
        for inner in (each for each in node.fields if each.keeps_column):
            field_ = pl.col("value").struct.field(inner.column.removeprefix(f"{node.column}."))
            yield from _texts(inner, rows.with_columns(value=field_))


def _tagged(kinds: dict[str, dict[str, int]]) -> str:
    """How often the tag of each kind stands in a column of text."""
    counts = ", ".join(f"{each['places']:,} {kind}" for kind, each in kinds.items())
    return f"tags in its texts: {counts or 'none'}"


def _anonymity(plan: Plan) -> dict[str, Any] | None:
    """What was asked of the table, which masks were for it, what it cost and what is not kept."""
    recoding = plan.recoding
    if plan.promised is None or recoding is None:
        return None
    masks = {column: mask and mask.to_dict() for column, mask in recoding.masks.items()}
    promised = plan.promised.model_dump(mode="json")
    return {
        "asked": promised,
        "masks": masks,
        "outcome": asdict(recoding.outcome),
        "not_kept": list(recoding.not_kept),
    }


def _by_what(column: ColumnRecord, anonymity: dict[str, Any] | None) -> str:
    """What made values of a column null: its masks, a promise for the table, or either."""
    if anonymity is None:
        return column.mask
    promised, hidden = anonymity["asked"], anonymity["outcome"]["hidden"] or {}
    counted = [name for name in promised["quasi_identifiers"] if hidden.get(name) != 0]
    counted += [promised["items"]["column"]] if promised["items"] else []
    if column.column not in counted:
        return column.mask
    return "`anonymity:`" if column.mask == "keep" else f"{column.mask}, or `anonymity:`"


def _said(anonymity: dict[str, Any]) -> Iterator[str]:
    """What became of the promises, in sentences."""
    promised, took = anonymity["asked"], anonymity["outcome"]
    if promised["quasi_identifiers"]:
        loss = "" if took["loss"] is None else f"; loss {took['loss']:.2f}"
        yield (
            f"k = {promised['k']}: {took['classes']:,} combinations are shown, the smallest of "
            f"{took['smallest'] or 0:,} entities; {took['suppressed']:,} of {took['entities']:,} "
            f"entities lost all their quasi-identifiers{loss}{_hidden(took['hidden'] or {})}"
        )
    if took["items"] is not None:
        items = promised["items"]
        hidden = f"{took['items_suppressed']:,} of {took['items']:,} items are hidden"
        aim = f", so that {items['k']} entities share every {items['m']}"
        yield f"{items['column']}: {hidden}{'' if anonymity['not_kept'] else aim}"


def _waiting(rows: int, held: dict[str, Any]) -> str:
    """How many rows left and wait, in one sentence."""
    least, most = held["delay"]
    return (
        f"held back: {rows:,} rows leave, of masked days before {held['before']}; "
        f"{held['waiting']:,} wait; a row leaves {least} to {most} days after its true day"
    )


def _hidden(shares: dict[str, float]) -> str:
    """The shares of the values that k made null, of columns that lost some."""
    lost = [f"{100 * share:.1f} % of {column}" for column, share in shares.items() if share]
    return f"; null for k: {', '.join(lost)}" if lost else ""


def _sha256(fitted: Fitted | None) -> str | None:
    return None if fitted is None else hashlib.sha256(fitted.text.encode()).hexdigest()


@dataclass(frozen=True)
class Stamp:
    """What a masked Parquet file says of itself.

    Attributes:
        version: of this library.
        key_id: of the key it was masked with, if any.
        rules_sha256: of the rules.
        reversible: column → its dtype before, and the options of the mask that can be undone.
    """

    version: str
    key_id: str | None
    rules_sha256: str
    reversible: dict[str, dict[str, Any]] = field(default_factory=dict)


def stamp(plan: Plan, key: Key | None) -> dict[str, str]:
    """Key-value metadata that marks a masked file."""
    reversible = {
        leaf.column: {"dtype": _plain(leaf.dtype), "options": options_of(mask)}
        for leaf, mask in plan.masks
        if isinstance(mask, Reversible)
    }
    mark = Stamp(version("seqanon"), key.id if key else None, plan.rules.sha256, reversible)
    return {STAMP_KEY: json.dumps(asdict(mark))}


def options_of(mask: Mask) -> dict[str, Any]:
    """The name of a mask and the options that say how it is undone, as they stand in JSON."""
    given = mask.to_dict()
    return {name: given[name] for name in given if name not in ("when", "unmapped")}


def _plain(dtype: pl.DataType) -> str:
    return str(dtype) if dtype.is_integer() else "String"


def read_stamp(file: Address) -> Stamp | None:
    """The stamp of a masked file; None where a file has none.

    Raises:
        DataError: the stamp is of another release.
    """
    text = footer(file).get(STAMP_KEY)
    if text is None:
        return None
    try:
        return Stamp(**json.loads(text))
    except (ValueError, TypeError):
        raise DataError(f"{name_of(file)} is masked already, by another release") from None


def refuse_masked(files: Iterable[Address]) -> None:
    """Refuse files that are masked already.

    Raises:
        DataError: a file bears the stamp.
    """
    for file in files:
        mark = read_stamp(file)
        if mark is not None:
            whose = f"key id {mark.key_id}" if mark.key_id else "without a key"
            raise DataError(f"{name_of(file)} is masked already ({whose}): mask the original")
