"""A certificate: a statement on a release, the digests of its parts, and a signature over these.

As every part has a digest of its own, whoever checks it can say which part was changed.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from anonymizer.certificates import statement as statements
from anonymizer.certificates.page import html_of
from anonymizer.certificates.schema import ManifestDocument, ReportDocument, require
from anonymizer.certificates.signing import canonical, faults_of, load_signing_key, signed
from anonymizer.checks.reports.audit_report import AuditReport
from anonymizer.checks.reports.base import write_text
from anonymizer.checks.reports.check_report import Report
from anonymizer.documents import read_json
from anonymizer.errors import DataError, FileError, UsageError
from anonymizer.files.footers import footer
from anonymizer.files.reading import CsvSource, reading_of
from anonymizer.files.table_files import TableFiles
from anonymizer.provenance import SAMPLE_KEY, FileRecord, Provenance, sha256_of_bytes
from anonymizer.storage import is_folder

VERSION: Final = 1  # it changes when what is signed, or how, changes
_KEYS: Final = ("certificate", "statement", "digests", "signature")
_EMPTY_MARK: Final = "_SUCCESS"  # of Spark and Hadoop
LONGEST_LINE: Final = 500  # characters of a name or a reason


@dataclass(frozen=True)
class Certificate:
    """What was found out about a release, signed by whoever answers for it.

    Attributes:
        statement: plain values: `output`, `purpose`, `verdict`, `figures`, `limits`, `manifest`,
            `provenance`, ... as docs/certificates.md describes them.
        digests: the SHA-256 of each part in canonical JSON (RFC 8785), by its place.
        signature: Ed25519 over version and digests, with the public key.
    """

    statement: Mapping[str, Any]
    digests: Mapping[str, str]
    signature: Mapping[str, str]

    @classmethod
    def sign(cls, statement: Mapping[str, Any], file: str | Path, passphrase: str | None) -> Self:
        """Sign a statement with the private key in a file."""
        digests = _digests(statement)
        key = load_signing_key(file, passphrase)
        return cls(statement, digests, signed(_what_is_signed(digests), key))

    @classmethod
    def read(cls, path: str | Path) -> Self:
        """Read what `write` wrote; whether it is true is another question.

        Raises:
            FileError: it cannot be read.
            DataError: it is no certificate, or one of another version.
        """
        found = read_json(Path(path))
        if not isinstance(found, dict) or set(found) != set(_KEYS):
            raise DataError(f"{path}: is no certificate: expected the keys {', '.join(_KEYS)}")
        if found["certificate"] != VERSION or isinstance(found["certificate"], bool):
            raise DataError(f"{path}: is of another version than {VERSION}: take its `anonymizer`")
        if not all(isinstance(found[name], dict) for name in _KEYS[1:]):
            raise DataError(f"{path}: is no certificate: {', '.join(_KEYS[1:])} are objects")
        return cls(*(found[name] for name in _KEYS[1:]))

    def write(self, path: str | Path) -> None:
        """Write it as JSON; a file that is there is replaced.

        Raises:
            FileError: the file cannot be written.
        """
        parts = (VERSION, dict(self.statement), dict(self.digests), dict(self.signature))
        document = dict(zip(_KEYS, parts, strict=True))
        write_text(Path(path), json.dumps(document, ensure_ascii=False, indent=1) + "\n")

    def write_html(self, path: str | Path) -> None:
        """Write it as a page; a file that is there is replaced.

        Raises:
            FileError: the file cannot be written.
        """
        write_text(Path(path), html_of(self.statement, self.signature["fingerprint"]))

    def faults(self, signer: Ed25519PublicKey) -> list[str]:
        """What was changed after it was signed, each a line that begins with its place."""
        now = _digests(self.statement)
        faults = [
            f"statement{shown(name)}: was {_what_happened(now.get(name), digest)} after signing"
            for name, digest in (dict.fromkeys(now) | dict(self.digests)).items()
            if now.get(name) != digest
        ]
        return faults + faults_of(self.signature, _what_is_signed(self.digests), signer)

    @property
    def output(self) -> FileRecord:
        """What is released."""
        return FileRecord.of(self.statement["output"])


def _what_happened(now: str | None, signed_: str | None) -> str:
    """To a part of a statement, by its digest and the one that was signed."""
    if now is None:
        return "taken out"
    return "added" if signed_ is None else "changed"


def shown(name: str) -> str:
    """A name that came from elsewhere, in one line whatever somebody put there."""
    return name if name.isprintable() else repr(name)


def _digests(statement: Mapping[str, Any]) -> dict[str, str]:
    return {name: _digest(name, part) for name, part in statements.parts(statement)}


def _digest(name: str, part: object) -> str:
    try:
        return sha256_of_bytes(canonical(part))
    except DataError as error:
        raise DataError(f"statement{shown(name)}: {error}") from None


def _what_is_signed(digests: Mapping[str, str]) -> dict[str, Any]:
    return {"certificate": VERSION, "digests": dict(digests)}


def certify(
    output: str | Path,
    figures: AuditReport | Report | str | Path,
    *,
    signing_key: str | Path,
    passphrase_variable: str | None = None,
    manifest: str | Path | None = None,
    by: str | None = None,
    despite: str | None = None,
    csv: CsvSource | None = None,
) -> Certificate:
    """Certify a release: bind a file to what was measured of it, and sign that.

    Nothing is measured here. What is bound are the figures of `audit` or `check`, by the limits of
    the purpose they were judged for, and, of masked data, the rules.

    Args:
        output: what goes out: a file, a folder or a glob of one table.
        figures: what `audit` or `check` found out about it, or the JSON of that.
        signing_key: file of a private Ed25519 key in PEM or OpenSSH's format.
        passphrase_variable: environment variable with the passphrase of that key.
        manifest: what `mask` wrote of the run that made the output, as JSON.
        by: who signs, in words, such as a name and an office.
        despite: why it is released although a figure is red, or nothing could be judged.
        csv: how CSV files are written, as `check` takes it.

    Returns:
        The certificate; `write` writes it.

    Raises:
        DataError: figures or manifest are of other files, or contradict themselves.
        UsageError: a figure is red, or nothing was judged, and `despite` does not say why.
        KeyMaterialError: the key cannot be read, is open to others, or is none.
        FileError: a file cannot be read.

    Example:
        >>> certify("masked.parquet", "audit.json", signing_key="officer.pem",
        ...         manifest="manifest.json").write("certificate.json")  # doctest: +SKIP
    """
    report = (
        figures.to_dict() if isinstance(figures, AuditReport | Report) else _report(Path(figures))
    )
    files = TableFiles.at(output, reading_of(csv))
    if others := strangers(files):
        raise DataError(
            f"{output}: {len(others)} files are no part of the table, such as {others[0]!r}: "
            "take them out, as no digest would cover them"
        )
    record = recorded(files)
    with files.named("reading"):
        record = replace(record, rows=files.row_and_null_counts()[0])
    statement = statements.made(
        report,
        record,
        (_manifest(manifest), _origin(files)),
        {"by": _line("by", by), "despite": _line("despite", despite)},
    )
    if statement["verdict"] in {"red", None} and not despite:
        why = "nothing was judged" if statement["verdict"] is None else "a figure is red"
        raise UsageError(
            f"{why}: nothing is certified; say why it is released all the same (--despite)"
        )
    return Certificate.sign(statement, signing_key, passphrase_variable)


def _manifest(manifest: str | Path | None) -> dict[str, Any] | None:
    if manifest is None:
        return None
    what = f"{manifest}: is no manifest of `mask`"
    return require(what, ManifestDocument, read_json(Path(manifest)))


def _line(name: str, text: str | None) -> str | None:
    if text is not None and not (text.isprintable() and 0 < len(text.strip()) <= LONGEST_LINE):
        raise UsageError(f"{name}: expected one line of at most {LONGEST_LINE} characters")
    return text


def _report(path: Path) -> dict[str, Any]:
    """The JSON of a report.

    Raises:
        DataError: it is none.
    """
    found = require(f"{path}: is no JSON of `audit` or `check`", ReportDocument, read_json(path))
    kind = "after" if statements.is_audit(found) else "estimate"
    for section in ("figures",) if kind == "after" else ("privacy", "utility"):
        told = found.get(section)
        if told is None or any(figure.get(kind) is None for figure in told.values()):
            raise DataError(f"{path}: {section}: expected figures with `{kind}`")
    return found


def recorded(files: TableFiles) -> FileRecord:
    """The name, the size and the digest of a release.

    Raises:
        FileError: it lies where it would have to be downloaded.
    """
    if "=" in str(files.address) and not is_folder(files.address) and len(files.files) != 1:
        raise FileError(
            f"{files.address}: a glob below `column=value` is of a value that no digest covers: "
            "name the folder of the table"
        )
    with files.named("reading"):
        record = files.recorded("output")
    if record.sha256 is None:
        raise FileError(
            f"{record.name}: is remote: a certificate is of bytes that lie here, so copy it"
        )
    return record


def strangers(files: TableFiles) -> list[str]:
    """What lies in a folder beside the files of its table, links among it: no digest covers it."""
    if not is_folder(files.address):
        return []
    root = Path(str(files.address))
    covered = {Path(str(file)) for file in files.files}
    known = covered | {folder for file in covered for folder in file.parents} | {root / _EMPTY_MARK}
    return sorted(
        path.relative_to(root).as_posix()
        for path in root.rglob("*")
        if path not in known
        or (path.is_symlink() and path.is_dir())
        or (path.name == _EMPTY_MARK and path.stat().st_size)
    )


def _origin(files: TableFiles) -> dict[str, Any] | None:
    """What a sample in Parquet says of itself."""
    stamp = footer(files.files[0]).get(SAMPLE_KEY)
    if stamp is None:
        return None
    try:
        return Provenance.of(json.loads(stamp)).to_dict()
    except (ValueError, RecursionError):
        raise DataError("what the output says of its origin is damaged: sample it again") from None
