"""A certificate as a page: what may go to whom, which file it is, who signed, what was found."""

import html
from collections.abc import Iterator, Mapping
from typing import Any, Final

from anonymizer.certificates.standards import STANDARDS, Question, answering
from anonymizer.certificates.statement import measured
from anonymizer.checks.figures.figure import COLOURS, WORDS, Limits
from anonymizer.checks.figures.thresholds import for_whom
from anonymizer.checks.pages import page
from anonymizer.checks.pages.origin import what_this_is_of
from anonymizer.provenance import FileRecord, Provenance

TITLE: Final = "Certificate of a release"
VERDICTS: Final[dict[str | None, str]] = {
    "green": "no attack that was tried succeeds",
    "amber": "no attack succeeds broadly, and some figures ask for a second look",
    "red": "released in spite of figures that are red, for the reason below",
    None: "released although nothing could be judged, for the reason below",
}
_HEADS: Final = ("Value", "95 % interval", "Green", "Amber")


def html_of(said: Mapping[str, Any], fingerprint: str) -> str:
    """The page of a certificate as HTML; the JSON file is what counts.

    Args:
        said: its statement.
        fingerprint: of the key that signed it.
    """
    output = FileRecord.of(said["output"])
    facts = [
        f"<b>{html.escape(output.name or '…')}</b>, {output.rows or 0:,} rows",
        f"{html.escape(str(said['created']))}",
    ]
    sections = (
        _block(said, output, fingerprint),
        page.Section("figures", "What was measured", _figures(said) + _notes(said)),
        _rules(said),
        _standards(said),
        _basis(said),
    )
    return page.document(TITLE, facts, [section for section in sections if section.body])


def _block(said: Mapping[str, Any], output: FileRecord, fingerprint: str) -> page.Section:
    """Who signed what: the block that a person looks for first."""
    manifest = said["manifest"] or {}
    lines = {
        "File": f"{output.name}, SHA-256 {output.sha256}",
        "It is": said["nature"],
        "Rules": manifest.get("rules_sha256"),
        "Id of the masking key": manifest.get("key_id"),
        "Signed by": said["by"],
        "With the key": fingerprint,
        "On": said["created"],
        "In spite of it, as": said["despite"],
    }
    check = (
        "<p>This page is a view. The JSON file is what is signed: <code>anonymizer verify "
        f"certificate.json {html.escape(output.name or 'FILE')} --signer KEY.pub</code> checks it, "
        "and with the raw data every figure anew.</p>"
    )
    title = f"{for_whom(said['purpose'])}: {VERDICTS[said['verdict']]}"
    return page.Section("verdict", title, page.facts(lines) + check)


def _figures(said: Mapping[str, Any]) -> str:
    """A row for each figure, the worst first."""
    names = sorted(said["figures"], key=lambda name: _rank(said["figures"][name]["colour"]))
    rows = [_row(name, said) for name in names]
    shown = page.table("Figures", ("Figure", *_HEADS, "Verdict"), rows[: page.MAX_UNFOLDED])
    rest = rows[page.MAX_UNFOLDED :]
    more = page.table("Figures, continued", ("Figure", *_HEADS, "Verdict"), rest)
    return shown + (page.folded(f"{len(rest)} more", more) if rest else "")


def _rank(colour: Any) -> int:
    return COLOURS.index(colour) if colour in COLOURS else len(COLOURS)


def _row(name: str, said: Mapping[str, Any]) -> str:
    figure, limits = said["figures"][name], said["limits"][name]["limits"]
    value = measured(figure)
    ends = f"{_text(value['low'])} to {_text(value['high'])}"
    cells = [_text(value["value"]), "–" if value["low"] == value["high"] else ends]
    sign = "≥" if limits and Limits(**limits).more else "≤"
    cells += [f"{sign} {limits[each]:g}" if limits else "–" for each in ("green", "amber")]
    return page.row(figure["title"], name, cells, figure["colour"], _HEADS)


def _notes(said: Mapping[str, Any]) -> str:
    warnings = (said["manifest"] or {}).get("warnings", [])
    items = "".join(f"<li>{html.escape(note)}</li>" for note in [*said["notes"], *warnings])
    return f'<h3>Notes</h3><ul class="notes">{items}</ul>' if items else ""


def _rules(said: Mapping[str, Any]) -> page.Section:
    """What became of each column, as the manifest says; empty without one."""
    columns = (said["manifest"] or {}).get("columns", ())
    heads = ("Mask",)
    rows = [page.row(each["column"], "", [each["mask"]], None, heads) for each in columns]
    table = page.table("Columns", ("Column", *heads, ""), rows) if rows else ""
    return page.Section("rules", "By which rules", table)


def _standards(said: Mapping[str, Any]) -> page.Section:
    """What each standard asks, what answers it here, and what is left to a person; folded."""
    views = "".join(
        page.folded(
            f"{each.name}: {each.title}",
            f'<ul class="notes">{"".join(_question(q, said) for q in each.questions)}</ul>',
        )
        for each in STANDARDS
    )
    careful = "In our words, and no legal advice: no figure is a conclusion of law."
    return page.Section("standards", "What standards ask", f"<p>{careful}</p>{views}")


def _question(question: Question, said: Mapping[str, Any]) -> str:
    lines = {
        question.where: question.asks,
        "Answered here by": _answer(question, said),
        "Left to a person": question.left,
    }
    return "<li>" + "<br>".join(f"<b>{w}</b>: {html.escape(t)}" for w, t in lines.items()) + "</li>"


def _answer(question: Question, said: Mapping[str, Any]) -> str:
    """Figures by their colours, and the other parts of the statement that bear on it."""
    names = answering(question, said["figures"])
    by_colour = "; ".join(_counted(names, said))
    parts = [part for part in question.parts if said.get(part) is not None]
    nothing = "nothing in this certificate"
    return "; ".join([*filter(None, [by_colour]), *parts]) or nothing


def _counted(names: list[str], said: Mapping[str, Any]) -> Iterator[str]:
    for colour in (*COLOURS, None):
        of_colour = [name for name in names if said["figures"][name]["colour"] == colour]
        if of_colour:
            yield f"{', '.join(of_colour)}: {WORDS[colour] if colour else 'for information'}"


def _basis(said: Mapping[str, Any]) -> page.Section:
    known = {what: _joined(value) for what, value in said["assumptions"].items() if value}
    record = what_this_is_of(Provenance.of(said["provenance"]))
    return page.Section("basis", "On what it rests", page.facts(known) + record)


def _joined(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)


def _text(value: float | None) -> str:
    return "–" if value is None else f"{value:.4g}"
