"""What rules learned from one table, so that they mask the next one alike; plain JSON.

It holds edges of intervals, digests of values that enough entities share, and which steps the
quasi-identifiers take. No value, and nothing of a key but its id.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final

import polars as pl

from anonymizer.errors import DataError
from anonymizer.keys import Key
from anonymizer.masking.masks import MASKS, Mask
from anonymizer.provenance import Provenance

_DTYPE_OF_NAME: Final = {
    str(dtype): dtype for dtype in (pl.String(), pl.Float64(), pl.Int64(), pl.UInt32(), pl.Null())
}
_WRONG: Final = (  # what reading a document of another form ends in
    *(DataError, KeyError, TypeError, AttributeError, ValueError, pl.exceptions.PolarsError),
)
_WHOLE: Final = "anonymity."  # before the parts that the table as a whole is about


@dataclass(frozen=True)
class Outcome:
    """What the promises of `anonymity:` cost, for the manifest.

    Attributes:
        entities: how many the table has.
        suppressed: how many of them lost all their quasi-identifiers in some row.
        classes: how many combinations are shown.
        smallest: entities of the smallest one; None where none is shown.
        loss: of the quasi-identifiers, 0 to 1 (Iyengar 2002); None in another table than the one
            that was learned from.
        hidden: column → the share of its values that k made null, 0 to 1, per entity; None in
            another table than the one that was learned from.
        items: how many distinct items there were; None where nothing is asked of them.
        items_suppressed: how many of them are not shown.
    """

    entities: int = 0
    suppressed: int = 0
    classes: int = 0
    smallest: int | None = None
    loss: float | None = 0.0
    hidden: Mapping[str, float] | None = None
    items: int | None = None
    items_suppressed: int | None = None


@dataclass(frozen=True)
class Recoding:
    """How the promises of `anonymity:` are kept: learned from one table, good for the next.

    Attributes:
        masks: column → the coarser mask that it takes; None where all of it becomes null.
        quasi_identifiers: the columns of a combination.
        hidden: sets of them, as their places, in the order in which a row tries them: it loses the
            first set whose class is shown; the last set is all of them.
        classes: digests of the classes that are shown, each with the set that was lost for it.
        item: the column of items, if there is one.
        items: digests of the items that are shown.
        outcome: what it took, counted on the table that is masked.
        not_kept: what of the promises that table does not keep, a sentence each.
    """

    masks: Mapping[str, Mask | None]
    quasi_identifiers: tuple[str, ...] = ()
    hidden: tuple[tuple[int, ...], ...] = ()
    classes: pl.Series = field(default_factory=lambda: pl.Series([], dtype=pl.String), repr=False)
    item: str | None = None
    items: pl.Series = field(default_factory=lambda: pl.Series([], dtype=pl.String), repr=False)
    outcome: Outcome = Outcome()
    not_kept: tuple[str, ...] = ()

    @property
    def nulled(self) -> list[str]:
        """The columns of which nothing is shown in any table."""
        return [column for column, mask in self.masks.items() if mask is None]


@dataclass(frozen=True)
class Fitted:
    """What rules learned from one table, and a recoding if there is one.

    Attributes:
        asked: part of the rules → a digest of what it said when they were fitted.
        schema: column → kind of dtype of the table it was learned from.
        learned: prepared column → what its mask learned.
        recoding: what keeps the promises for the table as a whole, if any are asked for.
        key_id: of the key that made what it looked at, if there was one.
        provenance: of which table that was, and when; it is no part of what was learned.
    """

    asked: Mapping[str, str]
    schema: Mapping[str, str]
    learned: Mapping[str, pl.DataFrame] = field(default_factory=dict, repr=False)
    recoding: Recoding | None = None
    key_id: str | None = None
    provenance: Provenance | None = field(default=None, compare=False)

    def to_dict(self) -> dict[str, Any]:
        """What was learned as plain values, ready for JSON."""
        return {
            "asked": dict(self.asked),
            "schema": dict(self.schema),
            "learned": {name: _plain(frame) for name, frame in self.learned.items()},
            "recoding": None if self.recoding is None else _plain_recoding(self.recoding),
            "key_id": self.key_id,
        }

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Fitted":
        """Read what `to_dict` gave.

        Raises:
            ValueError: it is something else.
        """
        try:
            learned = {name: _frame(frame) for name, frame in document["learned"].items()}
            recoding = document["recoding"] and _recoding(document["recoding"])
            asked, schema = dict(document["asked"]), dict(document["schema"])
            said = document.get("provenance")
            origin = None if said is None else Provenance.of(said)
            return cls(asked, schema, learned, recoding, document["key_id"], origin)
        except _WRONG:
            raise ValueError("this is not what a release like this one writes: fit again") from None

    def edited(self, rules: Mapping[str, Any]) -> list[str]:
        """The parts of the rules that say something else than when they were fitted.

        Args:
            rules: as they are written, without what they learned.
        """
        now = asked_of(rules)
        parts = sorted(now.keys() | self.asked.keys())
        return [part for part in parts if now.get(part) != self.asked.get(part)]

    @property
    def row_by_row(self) -> "Fitted":
        """What was learned to rules without `anonymity:`."""
        asked = {part: said for part, said in self.asked.items() if not part.startswith(_WHOLE)}
        return replace(self, asked=asked, recoding=None)

    def refuse_other(self, key: Key | None) -> None:
        """Refuse a key other than the one that was learned with.

        Raises:
            DataError: what was learned is about pseudonyms of another key.
        """
        if key is not None and self.key_id is not None and key.id != self.key_id:
            raise DataError(
                f"what was learned before, by `fit_rules` or in the nights before, is of key id "
                f"{self.key_id}, and this is {key.id}: give the key of then"
            )

    @property
    def text(self) -> str:
        """What was learned in a fixed form, for a digest: one table always gives the same."""
        return json.dumps(self.to_dict(), ensure_ascii=False, separators=(",", ":"))


def asked_of(rules: Mapping[str, Any]) -> dict[str, str]:
    """A digest of each part of some rules that what is learned depends on."""
    columns = rules["columns"]
    parts = {name: rules[name] for name in ("entity", "digest")} | {"columns": list(columns)}
    parts |= {f"columns.{pattern}": masks for pattern, masks in columns.items()}
    parts |= {f"{_WHOLE}{name}": said for name, said in rules.get("anonymity", {}).items()}
    return {part: _digest(said) for part, said in parts.items()}


def _digest(said: Any) -> str:
    text = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _plain(frame: pl.DataFrame) -> dict[str, Any]:
    return {
        name: {"dtype": str(values.dtype), "values": values.to_list()}
        for name, values in frame.to_dict().items()
    }


def _frame(document: Mapping[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            name: pl.Series(column["values"], dtype=_DTYPE_OF_NAME[column["dtype"]])
            for name, column in document.items()
        }
    )


def _plain_recoding(recoding: Recoding) -> dict[str, Any]:
    masks = {column: mask and mask.to_dict() for column, mask in recoding.masks.items()}
    return {
        "masks": masks,
        "quasi_identifiers": list(recoding.quasi_identifiers),
        "hidden": [list(places) for places in recoding.hidden],
        "classes": recoding.classes.to_list(),
        "item": recoding.item,
        "items": recoding.items.to_list(),
        "outcome": asdict(recoding.outcome),
    }


def _recoding(document: Mapping[str, Any]) -> Recoding:
    return Recoding(
        masks={column: mask and _mask(mask) for column, mask in document["masks"].items()},
        quasi_identifiers=tuple(document["quasi_identifiers"]),
        hidden=tuple(tuple(places) for places in document["hidden"]),
        classes=pl.Series(document["classes"], dtype=pl.String),
        item=document["item"],
        items=pl.Series(document["items"], dtype=pl.String),
        outcome=Outcome(**document["outcome"]),
    )


def _mask(options: Mapping[str, Any]) -> Mask:
    return MASKS[options["mask"]](
        **{name: option for name, option in options.items() if name != "mask"}
    )
