"""What a certificate says: which file, measured how, with what outcome. Plain values throughout.

The figures of a report are split in two, what was measured and the limits it was judged by, so that
a change of either has a name.
"""

from collections.abc import Iterator, Mapping
from importlib.metadata import version
from typing import Any, Final

from anonymizer.checks.figures.figure import COLOURS, Limits
from anonymizer.checks.figures.thresholds import PARTNER, PURPOSES, usual_limits
from anonymizer.checks.reports.check_report import OF_MODEL
from anonymizer.errors import DataError
from anonymizer.masking.rules.rules import sha256_of_rules
from anonymizer.masking.run.manifest import NATURE
from anonymizer.provenance import USUAL, FileRecord, Provenance

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
    """What is digested one by one, by its place as a JSON Pointer (RFC 6901), which is unique."""
    for name, value in statement.items():
        if name in _SPLIT and isinstance(value, Mapping) and value:
            yield from ((_pointer(name, each), one) for each, one in value.items())
        else:
            yield _pointer(name), value


def _pointer(*names: str) -> str:
    """A slash in a name is no step to another place."""
    return "".join("/" + name.replace("~", "~0").replace("/", "~1") for name in names)


def is_audit(report: Mapping[str, Any]) -> bool:
    """Whether a report is of a masked table; else it is of synthetic histories."""
    return "tables" in report


def nature_of(said: Mapping[str, Any]) -> str:
    """What the output of a report or a statement is in law."""
    return NATURE if is_audit(said) else SYNTHETIC


def _judged(said: Mapping[str, Any]) -> str | None:
    """The digest of the output that figures are of."""
    return of_role(said["provenance"], "inputs", "masked" if is_audit(said) else "synthetic")


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
        "nature": nature_of(report),
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
    judged = _judged(report)
    if judged is None:
        raise DataError(
            "the figures do not say which file they are of, as they are of frames: judge the file"
        )
    if judged != output.sha256:
        raise DataError(f"the figures are of another file than {output.name}: judge this one")
    if report["version"] != version("seqanon"):
        raise DataError(
            f"the figures are of version {report['version']}, whose limits are not known here: "
            "judge the file with this one"
        )
    if faults := contradictions(report, figures_of(report)):
        raise DataError(f"the figures contradict themselves: {'; '.join(faults)}")
    if manifest is not None:
        _refuse_manifest(report, output, manifest)
    if origin is not None:
        _refuse_model(report, origin)


def _refuse_manifest(
    report: Mapping[str, Any], output: FileRecord, manifest: Mapping[str, Any]
) -> None:
    if of_role(manifest["provenance"], "outputs", "masked") != output.sha256:
        raise DataError(f"the manifest is of another file than {output.name}")
    was, is_ = (
        of_role(manifest["provenance"], "inputs", "raw"),
        of_role(report["provenance"], "inputs", "raw"),
    )
    if was and is_ and was != is_:
        raise DataError("figures and manifest are of different raw files: judge against that one")
    if sha256_of_rules(manifest["rules"]) != manifest["rules_sha256"]:
        raise DataError("the manifest contradicts itself: rules_sha256 is of other rules")
    stamped = {"rules_sha256": output.rules_sha256, "key_id": output.key_id}
    for name, said in stamped.items():
        if said is not None and said != manifest[name]:
            raise DataError(f"the manifest is of another run than {output.name}: {name} differs")


def _refuse_model(report: Mapping[str, Any], origin: Mapping[str, Any]) -> None:
    was, is_ = (of_role(each, "inputs", "model") for each in (origin, report["provenance"]))
    if was and is_ and was != is_:
        raise DataError("the output was sampled from another model than the one that was attacked")


def of_role(provenance: Mapping[str, Any], side: str, role: str) -> str | None:
    """The digest of what has a role in a provenance; None where it has none."""
    found = Provenance.of(provenance)
    records = found.inputs if side == "inputs" else found.outputs
    return next((each.sha256 for each in records if each.role == role), None)


def judged_figures(statement: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The figures of a statement with the limits that they were judged by.

    Raises:
        DataError: figures and limits are of different names.
    """
    if statement["figures"].keys() != statement["limits"].keys():
        raise DataError("statement: figures and limits have different names")
    return {
        name: {**figure, **statement["limits"][name]}
        for name, figure in statement["figures"].items()
    }


def unlike(statement: Mapping[str, Any]) -> list[str]:
    """Parts of a statement that do not belong together, each a line that begins with its place."""
    digest, faults = statement["output"].get("sha256"), list[str]()
    if _judged(statement) != digest:
        faults.append("provenance: is of another output")
    manifest = statement["manifest"]
    if manifest and of_role(manifest["provenance"], "outputs", "masked") != digest:
        faults.append("manifest/provenance: is of another output")
    if statement["verdict"] in {"red", None} and not statement["despite"]:
        faults.append("despite: does not say why it is released although it is not good")
    return faults


def contradictions(said: Mapping[str, Any], figures: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """What cannot be so, each a line that begins with its place.

    Colours that their limits do not give, a verdict that is not the worst of them, limits that are
    neither given nor those of the purpose, and purposes that nobody has.

    Args:
        said: `purpose`, `verdict` and `provenance`, of a report or a statement.
        figures: by name, with limits.
    """
    given = said["provenance"].get("thresholds", USUAL) != USUAL
    faults = [
        f"figures/{name}: is not {figure['colour'] or 'without a colour'} by its limits"
        for name, figure in figures.items()
        if figure["colour"] not in _possible(figure)
    ]
    if said["purpose"] not in PURPOSES and not given:
        faults.append("purpose: is none of the project's own, and no thresholds were given")
    of_model = () if is_audit(said) else OF_MODEL
    colours = [f["colour"] for name, f in figures.items() if not name.startswith(of_model)]
    worst = next((each for each in COLOURS if each in colours), None)
    if said["verdict"] != worst:
        faults.append(f"verdict: is not {said['verdict']} by its figures")
    return [*faults, *_unusual(said["purpose"], figures, given=given)]


def _possible(figure: Mapping[str, Any]) -> tuple[str | None, ...]:
    """The colours that a figure may have; one that is doubted is amber where it would be green."""
    if figure["limits"] is None:
        return (None,)
    limits = Limits(**figure["limits"])
    value = figure["judged"]
    if value is None:
        if figure["reason"]:  # it counts as nothing
            return ("red",)
        value = measured(figure)["value"]
    if value is None:  # NaN, or infinite as k is where no group is left
        return ("red", "green") if limits.more else ("red",)
    colour = limits.colour(value)
    return (colour, "amber") if colour == "green" else (colour,)


def _unusual(
    purpose: str, figures: Mapping[str, Mapping[str, Any]], *, given: bool
) -> Iterator[str]:
    """Limits that were not given and are not the project's own for the purpose."""
    for name, figure in figures.items():
        if figure["limits_given"]:
            if not given:
                yield f"limits/{name}: are said to be given, and no thresholds were"
        elif figure["limits"] is not None and Limits(**figure["limits"]) != _usual(name, purpose):
            yield f"limits/{name}: are not the project's own for {purpose}"


def _usual(name: str, purpose: str) -> Limits | None:
    try:
        return usual_limits(name, purpose if purpose in PURPOSES else PARTNER)
    except LookupError:  # no figure is called so
        return None
