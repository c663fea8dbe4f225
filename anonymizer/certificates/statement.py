"""What a certificate says: which file, measured how, with what outcome. Plain values throughout.

The figures of a report are split in two, what was measured and the limits it was judged by, so that
a change of either has a name.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from anonymizer.checks.figures.figure import Limits
from anonymizer.checks.figures.thresholds import PURPOSES, usual_limits
from anonymizer.checks.reports.check_report import OF_MODEL
from anonymizer.errors import DataError
from anonymizer.masking.run.manifest import NATURE
from anonymizer.provenance import FileRecord, Provenance

SYNTHETIC: Final = (
    "synthetic: sampled from a model of personal data; whether it is personal data itself is for "
    "the controller to decide"
)
_OF_LIMITS: Final = ("limits", "limits_given")
_SPLIT: Final = frozenset({"figures", "limits", "manifest"})  # whose keys are signed one by one
_FROM_MANIFEST: Final = (
    *("rules", "rules_sha256", "fitted_sha256", "key_id", "entity", "columns", "anonymity"),
    *("held_back", "removed", "warnings", "remarks", "provenance"),
)
_FROM_REPORT: Final = ("assumptions", "share", "tables", "sets", "model_verdict", "notes")


def parts(statement: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """What is digested one by one, by its place."""
    for name, value in statement.items():
        if name in _SPLIT and isinstance(value, Mapping) and value:
            yield from ((f"{name}/{each}", one) for each, one in value.items())
        else:
            yield name, value


def is_audit(report: Mapping[str, Any]) -> bool:
    """Whether a report is of a masked table; else it is of synthetic histories."""
    return "tables" in report


def figures_of(report: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The figures of a report in JSON by name, those that leak before those that were kept."""
    if is_audit(report):
        return dict(report["figures"])
    return {**report["privacy"], **report["utility"]}


def measured(figure: Mapping[str, Any]) -> Mapping[str, Any]:
    """Value and ends of the interval of a figure, which an audit calls `after`."""
    found: Mapping[str, Any] = figure["after" if "after" in figure else "estimate"]
    return found


def made(
    report: Mapping[str, Any],
    output: FileRecord,
    beside: tuple[Mapping[str, Any] | None, Mapping[str, Any] | None],
    signer: Mapping[str, Any],
) -> dict[str, Any]:
    """The statement of one release.

    Args:
        report: of `audit` or `check`, as their JSON says it.
        output: what is released.
        beside: the manifest of the run that masked it, and what the output says of itself, as
            samples do; each or both None.
        signer: who signs, and why in spite of what is red.

    Raises:
        DataError: report, manifest and output do not belong together, or contradict themselves.
    """
    manifest, origin = beside
    _refuse_unlike(report, output, manifest, origin)
    figures, of_run = figures_of(report), Provenance.now("anonymizer.certify", "cryptography")
    return {
        "created": of_run.created,
        "versions": dict(of_run.versions),
        "nature": NATURE if is_audit(report) else SYNTHETIC,
        "purpose": report["purpose"],
        "verdict": report["verdict"],
        **signer,
        "output": output.to_dict(),
        **{name: report[name] for name in _FROM_REPORT if name in report},
        "provenance": report["provenance"],
        "figures": {
            name: {key: value for key, value in figure.items() if key not in _OF_LIMITS}
            for name, figure in figures.items()
        },
        "limits": {
            name: {key: figure[key] for key in _OF_LIMITS} for name, figure in figures.items()
        },
        "manifest": manifest and {name: manifest.get(name) for name in _FROM_MANIFEST},
        "origin": origin,
    }


def _refuse_unlike(
    report: Mapping[str, Any],
    output: FileRecord,
    manifest: Mapping[str, Any] | None,
    origin: Mapping[str, Any] | None,
) -> None:
    role = "masked" if is_audit(report) else "synthetic"
    judged = of_role(report["provenance"], "inputs", role)
    if judged is None:
        raise DataError(
            "the figures do not say which file they are of, as they are of frames: judge the file"
        )
    if judged != output.sha256:
        raise DataError(f"the figures are of another file than {output.name}: judge this one")
    if faults := [*contradictions(report), *_unusual(report)]:
        raise DataError(f"the figures contradict themselves: {'; '.join(faults)}")
    if manifest is not None:
        _refuse_manifest(report, output, manifest)
    if origin is not None:
        _refuse_model(report, origin)


def _refuse_manifest(
    report: Mapping[str, Any], output: FileRecord, manifest: Mapping[str, Any]
) -> None:
    if not isinstance(manifest.get("provenance"), Mapping) or "rules_sha256" not in manifest:
        raise DataError("the manifest is none: give what `mask --manifest` wrote")
    if of_role(manifest["provenance"], "outputs", "masked") != output.sha256:
        raise DataError(f"the manifest is of another file than {output.name}")
    was, is_ = (
        of_role(manifest["provenance"], "inputs", "raw"),
        of_role(report["provenance"], "inputs", "raw"),
    )
    if was and is_ and was != is_:
        raise DataError("figures and manifest are of different raw files: judge against that one")


def _refuse_model(report: Mapping[str, Any], origin: Mapping[str, Any]) -> None:
    was, is_ = (of_role(each, "inputs", "model") for each in (origin, report["provenance"]))
    if was and is_ and was != is_:
        raise DataError("the output was sampled from another model than the one that was attacked")


def of_role(provenance: Mapping[str, Any], side: str, role: str) -> str | None:
    """The digest of what has a role in a provenance; None where it has none."""
    found = Provenance.of(provenance)
    records = found.inputs if side == "inputs" else found.outputs
    return next((each.sha256 for each in records if each.role == role), None)


def contradictions(report: Mapping[str, Any]) -> list[str]:
    """Colours that are not those of their limits, and a verdict that is not that of its figures."""
    figures = figures_of(report)
    faults = [
        f"figures/{name}: is not {figure['colour'] or 'without a colour'} by its limits"
        for name, figure in figures.items()
        if figure["colour"] not in _possible(figure)
    ]
    of_model = () if is_audit(report) else OF_MODEL
    colours = [f["colour"] for name, f in figures.items() if not name.startswith(of_model)]
    worst = next((each for each in ("red", "amber", "green") if each in colours), None)
    if report["verdict"] != worst:
        faults.append(f"verdict: is not {report['verdict']} by its figures")
    return faults


def _possible(figure: Mapping[str, Any]) -> tuple[str | None, ...]:
    """The colours that a figure may have; one that is doubted is amber where it would be green."""
    if figure["limits"] is None:
        return (None,)
    value = figure["judged"]
    if value is None:
        value = measured(figure)["value"]
        if value is None or figure["reason"]:  # NaN or infinity, which JSON does not have
            return ("red", "amber", "green")
    colour = Limits(**figure["limits"]).colour(value)
    return (colour, "amber") if colour == "green" else (colour,)


def _unusual(report: Mapping[str, Any]) -> list[str]:
    """Limits that are said to be the project's own and are not."""
    purpose = report["purpose"] if report["purpose"] in PURPOSES else "partner"
    return [
        f"limits/{name}: are not the project's own for {report['purpose']}"
        for name, figure in figures_of(report).items()
        if figure["limits"] is not None and not figure["limits_given"]
        if Limits(**figure["limits"]) != usual_limits(name, purpose)
    ]
