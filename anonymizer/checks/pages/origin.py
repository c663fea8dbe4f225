"""What a page is of and how it came about, for whoever finds it years later."""

import html
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from anonymizer.checks.pages import page
from anonymizer.provenance import FileRecord, Provenance

_NO: Final = "not yet: `anonymizer certify` binds these figures to the file"
_NEVER: Final = "no, and it cannot be: nothing says which file it is, so judge a file, not a frame"
_SHOWN: Final = 12  # digits of a digest: more than enough to tell files apart


def identity(record: Provenance, role: str, more: Mapping[str, str]) -> str:
    """Which file is judged, by which rules it came about, and whether that is signed.

    Args:
        record: of the report.
        role: of the file that is judged.
        more: what else belongs on the first screen, by what it is.
    """
    judged = next((each for each in record.inputs if each.role == role), FileRecord(role=role))
    facts = {"File": _told(judged), **more, "Judged": _when(record.created), "Signed": _NO}
    if judged.sha256 is None:
        facts["Signed"] = _NEVER
    rows = "".join(
        f"<dt>{html.escape(what)}</dt><dd>{html.escape(said)}</dd>" for what, said in facts.items()
    )
    return f'<dl class="identity">{rows}</dl>'


def _when(created: str) -> str:
    """A time of a record as people write it."""
    return f"{datetime.fromisoformat(created):%d %b %Y, %H:%M} UTC"


def _told(judged: FileRecord) -> str:
    """A file in a line; of masked ones by which rules and key, as their stamps say."""
    parts = [
        judged.name or "a frame",
        judged.sha256 and f"SHA-256 {judged.sha256[:_SHOWN]}…",
        judged.rows is not None and f"{judged.rows:,} rows",
        judged.rules_sha256 and f"rules {judged.rules_sha256[:_SHOWN]}…",
        judged.key_id and f"id of the key {judged.key_id}",
        judged.model_sha256 and f"model {judged.model_sha256[:_SHOWN]}…",
    ]
    return " · ".join(part for part in parts if part)


def what_this_is_of(record: Provenance) -> str:
    """Files, their digests and rows; seed, version, time and command."""
    heads = ("SHA-256", "Rows")
    rows = [
        page.row(each.name or "a frame", each.role, _cells(each), None, heads)
        for each in record.inputs
    ]
    files = page.table("What this is of", ("File", *heads, ""), rows) if rows else ""
    facts = {
        "Command": record.command,
        "Created": record.created,
        "Seed": record.seed,
        "Limits": record.thresholds,
        "Versions": ", ".join(f"{name} {number}" for name, number in record.versions.items()),
    }
    return f"<h3>What this is of</h3>{files}{page.facts(facts)}"


def _cells(each: FileRecord) -> list[str]:
    digest = each.sha256[:_SHOWN] if each.sha256 else each.undigested or "–"
    return [digest, "–" if each.rows is None else f"{each.rows:,}"]
