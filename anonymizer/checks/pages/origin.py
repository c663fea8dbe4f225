"""What a page is of and how it came about, for whoever finds it years later."""

import html

from anonymizer.checks.pages import page
from anonymizer.provenance import FileRecord, Provenance

_SHOWN = 12  # digits of a digest: more than enough to tell files apart


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
    items = "".join(
        f"<li>{what}: <code>{html.escape(str(said))}</code></li>"
        for what, said in facts.items()
        if said is not None
    )
    return f'<h3>What this is of</h3>{files}<ul class="notes">{items}</ul>'


def _cells(each: FileRecord) -> list[str]:
    digest = each.sha256[:_SHOWN] if each.sha256 else each.undigested or "–"
    return [digest, "–" if each.rows is None else f"{each.rows:,}"]
