"""What was done, for the auditor: rules, columns, counts, key id and versions; no values."""

import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from anonymizer.errors import DataError
from anonymizer.frames import footer, staged
from anonymizer.keys import Key
from anonymizer.masking.masks.base import dtype_name
from anonymizer.masking.plan import Plan

STAMP: Final = "anonymizer"
NATURE: Final = (
    "pseudonymised: personal data under Art. 4(5) GDPR, for as long as the key or other data "
    "allow attribution"
)


def _versions() -> dict[str, str]:
    return {name: version(name) for name in ("seqanon", "polars", "polars-hash")}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


@dataclass(frozen=True)
class ColumnRecord:
    """One column before and after. Counts are None where a column is not on that side."""

    column: str
    mask: str
    input_dtype: str
    output_dtype: str | None
    input_nulls: int | None
    output_nulls: int | None


@dataclass(frozen=True)
class Manifest:
    """A record of one run. Contains no value of the data and nothing of the key but its id."""

    rows: int
    columns: list[ColumnRecord]
    rules: dict[str, Any]
    rules_sha256: str
    entity: str | None
    key_id: str | None
    warnings: list[str]
    nature: str = NATURE
    created: str = field(default_factory=_now)
    versions: dict[str, str] = field(default_factory=_versions)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return asdict(self)

    def write(self, path: Path) -> None:
        """Write it as JSON; the file appears whole or not at all."""
        text = json.dumps(self.to_dict(), ensure_ascii=False, indent=2) + "\n"
        with staged(path) as temporary:
            temporary.write_text(text, encoding="utf-8")


def make_manifest(
    plan: Plan, key: Key | None, rows: int, nulls_in: dict[str, int], nulls_out: dict[str, int]
) -> Manifest:
    """The record of a plan that has run.

    Args:
        plan: what ran.
        key: the key it ran with.
        rows: rows of the output.
        nulls_in: nulls per column of the input.
        nulls_out: nulls per column of the output.
    """
    records = [
        ColumnRecord(
            column=each.column,
            mask=each.summary,
            input_dtype=dtype_name(each.dtype),
            output_dtype=dtype_name(each.output_dtype) if each.keeps_column else None,
            input_nulls=nulls_in.get(each.column),
            output_nulls=nulls_out.get(each.column),
        )
        for each in plan.leaves
    ]
    return Manifest(
        rows=rows,
        columns=records,
        rules=plan.rules.to_dict(),
        rules_sha256=plan.rules.sha256,
        entity=plan.rules.entity,
        key_id=key.id if key else None,
        warnings=plan.warnings,
    )


def stamp(plan: Plan, key: Key | None) -> dict[str, str]:
    """Key-value metadata that marks a masked file."""
    content = {
        "version": version("seqanon"),
        "key_id": key.id if key else None,
        "rules_sha256": plan.rules.sha256,
    }
    return {STAMP: json.dumps(content)}


def refuse_masked(files: list[Path]) -> None:
    """Notice a second run over masked output.

    Raises:
        DataError: a file bears the stamp.
    """
    for file in files:
        mark = footer(file).get(STAMP)
        if mark is not None:
            raise DataError(f"{file.name} is masked already ({_key_of(mark)}): mask the original")


def _key_of(mark: str) -> str:
    try:
        return f"key id {json.loads(mark)['key_id']}"
    except (ValueError, KeyError, TypeError):
        return "by another release"


__all__ = ["ColumnRecord", "Manifest", "make_manifest", "refuse_masked", "stamp"]
