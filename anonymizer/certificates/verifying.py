"""Whether a certificate is true: of this file, by this signer, and, with the raw data, at all."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import polars as pl

from anonymizer.certificates import statement as statements
from anonymizer.certificates.certificate import Certificate, recorded, shown, strangers
from anonymizer.certificates.recomputing import Given, differences, left_out, measured_again
from anonymizer.certificates.schema import StatementDocument, require
from anonymizer.certificates.signing import fingerprint, load_public_key
from anonymizer.composition import Progress
from anonymizer.errors import AnonymizerError
from anonymizer.files.reading import CsvSource, reading_of
from anonymizer.files.sources import recorded as record_of
from anonymizer.files.table_files import TableFiles
from anonymizer.provenance import FileRecord, model_read

_NOT_ANEW: Final = (
    "not measured anew, as that takes the folder of the model, other models, canaries or another "
    "release: {}"
)
_OTHER_FILES: Final = "the figures were not measured anew, as the files are others"
_ONLY_SIGNED: Final = "the figures were not measured anew: give the raw data for that"


@dataclass(frozen=True)
class Verification:
    """What was found out about a certificate.

    Attributes:
        faults: what is not as it says, each a line that begins with its place: `statement/…` and
            `signature/…` of the certificate, `output` and `raw` of the files.
        notes: what could not be looked at, and why.
        statement: what it says.
        signer: the fingerprint of the key that was asked for.
    """

    faults: Sequence[str]
    notes: Sequence[str]
    statement: Mapping[str, Any]
    signer: str

    @property
    def accepted(self) -> bool:
        """Whether nothing was found against it."""
        return not self.faults


def verify(
    certificate: str | Path,
    output: str | Path,
    raw: str | Path | None = None,
    *,
    signer: str | Path,
    holdout: str | Path | None = None,
    model: str | Path | None = None,
    csv: CsvSource | None = None,
    progress: Progress = lambda _line: None,
) -> Verification:
    """Check a certificate: its signature, the file that it is of and, with the raw data, figures.

    Args:
        certificate: file that `certify` wrote.
        output: what was released.
        raw: the data that it was made from: the raw table, or the real histories. With it every
            figure is measured anew and compared; each value has to lie in the other's interval.
        signer: file of the public key of whoever may sign: in PEM or as `ssh-ed25519 …`. The key in
            the certificate proves nothing, as everybody can put their own there.
        holdout: of synthetic histories, the one that they were judged with.
        model: of synthetic histories, the folder of the model, if that was attacked.
        csv: how CSV files are written, as `check` takes it.
        progress: told a line as the work goes on.

    Returns:
        What was found out; `accepted` is true where nothing speaks against it.

    Raises:
        DataError: the file is no certificate.
        KeyMaterialError: the public key cannot be read or is none.
        FileError: a file cannot be read.
        UsageError: files are missing or given that figures of this kind do not need.

    Example:
        >>> verify("certificate.json", "masked.parquet", "raw.parquet",
        ...        signer="officer.pub").accepted  # doctest: +SKIP
        True
    """
    found, key = Certificate.read(certificate), load_public_key(signer)
    faults, notes = found.faults(key), list[str]()
    if not faults:  # else nothing that it says can be relied on
        require(f"{certificate}: statement", StatementDocument, found.statement)
        given = Given(output, raw, holdout, model, csv)
        faults, notes = _of_files(found, given, progress)
    return Verification(faults, notes, found.statement, fingerprint(key))


def _of_files(found: Certificate, given: Given, progress: Progress) -> tuple[list[str], list[str]]:
    faults, about = _untrue(found.statement), _to_know(found.statement)
    of_files = _output_faults(found.output, TableFiles.at(given.output, reading_of(given.csv)))
    if given.raw is None:
        return of_files + faults, [*about, _ONLY_SIGNED]
    others, notes = _others(found.statement, given)
    if of_files := of_files + others:
        return of_files + faults, [*about, *notes, _OTHER_FILES]
    now, left = _measured(found.statement, given, progress)
    return faults + now, [*about, *notes, *left]


def _to_know(statement: Mapping[str, Any]) -> list[str]:
    """What whoever relies on a certificate must know of the limits in it."""
    given = [name for name, limits in statement["limits"].items() if limits["limits_given"]]
    made_by = statement["versions"].get("seqanon")
    notes = [f"limits were given for: {', '.join(given)}"] if given else []
    if made_by != version("seqanon"):
        notes.append(f"made by version {made_by}: whether limits are its own cannot be told here")
    return notes


def _measured(
    statement: Mapping[str, Any], given: Given, progress: Progress
) -> tuple[list[str], list[str]]:
    """Figures that are others now, and a note on those that could not be measured anew."""
    now = measured_again(statement, given, progress)
    certified = statements.judged_figures(statement)
    unmeasured = left_out(certified, model=given.model is not None)
    faults = list(differences(certified, now, unmeasured))
    left = [name for name in certified if name not in now and name.startswith(unmeasured)]
    return faults, [_NOT_ANEW.format(", ".join(left))] if left else []


def _output_faults(certified: FileRecord, files: TableFiles) -> list[str]:
    """That a file is another one, and how many rows and bytes it has, where that tells."""
    record = recorded(files)
    name = shown(record.name or "…")
    others = [
        f"output: {name} holds a file that was not certified: {each!r}" for each in strangers(files)
    ]
    rows = None
    with suppress(AnonymizerError, pl.exceptions.PolarsError, OSError, ValueError):  # damaged
        rows = files.row_and_null_counts()[0]
    same = (certified.sha256, certified.bytes) == (record.sha256, record.bytes)
    if same and certified.rows == rows:
        return others
    counts = (
        ("rows", certified.rows, rows),
        ("bytes", certified.bytes, record.bytes),
    )
    said = [f"{n or 0:,} {what}, {was:,} certified" for what, was, n in counts if n != was]
    what = "; ".join(said) or "other bytes"
    return [f"output: {name} is not what was certified ({what})", *others]


def _untrue(statement: Mapping[str, Any]) -> list[str]:
    """What a statement says and cannot be so, as its signer would have known."""
    faults = statements.contradictions(statement, statements.judged_figures(statement))
    faults += statements.unlike(statement)
    if statement["versions"].get("seqanon") != version("seqanon"):  # whose limits may be others
        return [f"statement/{each}" for each in faults if not each.startswith("limits/")]
    if statement["nature"] != statements.nature_of(statement):
        faults.append("nature: is not what this release of the library says of such data")
    return [f"statement/{each}" for each in faults]


def _others(statement: Mapping[str, Any], given: Given) -> tuple[list[str], list[str]]:
    """Files that are others than those that were judged, and those of which nobody can tell."""
    faults, notes = list[str](), list[str]()
    role_of_raw = "raw" if statements.is_audit(statement) else "real"
    places = {role_of_raw: given.raw, "holdout": given.holdout}
    records = [record_of(role, place) for role, place in places.items() if place is not None]
    records += [] if given.model is None else [model_read(given.model)]
    for record in records:
        was = statements.of_role(statement["provenance"], "inputs", record.role)
        if was is None or record.sha256 is None:
            notes.append(f"{record.role}: nothing tells whether it is the one that was judged")
        elif was != record.sha256:
            faults.append(f"{record.role}: is another than the one that was judged")
    return faults, notes
