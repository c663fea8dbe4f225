"""What a certificate binds, and whatever is changed of it."""

import base64
import copy
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import anonymizer
from anonymizer import DataError, FileError, KeyMaterialError, UsageError, certify, verify
from anonymizer.certificates.certificate import Certificate, _digests, _what_is_signed
from anonymizer.certificates.signing import ALGORITHM, fingerprint, signed
from anonymizer.cli import main
from anonymizer.provenance import Provenance

SECRET = "the-secret-of-these-tests"
PERSONS, EVENTS = 60, 4


def write_key(folder: Path, name: str) -> None:
    """A private key that its owner alone may read, and the public one."""
    key = Ed25519PrivateKey.generate()
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8)
    (folder / f"{name}.pem").write_bytes(key.private_bytes(*form, serialization.NoEncryption()))
    (folder / f"{name}.pem").chmod(0o600)
    (folder / f"{name}.pub").write_bytes(
        key.public_key().public_bytes(
            serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
        )
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a raw and a masked table, what was measured of it, and a certificate."""
    folder = tmp_path_factory.mktemp("release")
    random = np.random.default_rng(5)
    days = [date(2024, 1, 1) + timedelta(int(n)) for n in random.integers(0, 90, PERSONS * EVENTS)]
    raw = pl.DataFrame(
        {
            "who": [f"c{n // EVENTS}" for n in range(PERSONS * EVENTS)],
            "city": [("Bonn", "Kiel")[n // EVENTS % 2] for n in range(PERSONS * EVENTS)],
            "day": days,
            "sum": random.integers(1, 9, PERSONS * EVENTS),
        }
    )
    raw.write_parquet(folder / "raw.parquet")
    rules = {
        "version": 1,
        "entity": "who",
        "columns": {
            "who": "token",
            "city": "keep",
            "day": {"mask": "date_truncate", "to": "year"},
            "sum": {"mask": "round", "to": 100},
        },
    }
    manifest = anonymizer.mask_file(
        folder / "raw.parquet", folder / "masked.parquet", rules, key=SECRET
    )
    (folder / "manifest.json").write_text(json.dumps(manifest.to_dict()))
    report = anonymizer.audit(
        raw=folder / "raw.parquet",
        masked=folder / "masked.parquet",
        entity="who",
        time="day",
        quasi_identifiers=["city"],
        purpose="internal",
    )
    report.write_json(folder / "audit.json")
    for name in ("officer", "stranger"):
        write_key(folder, name)
    certificate(folder).write(folder / "certificate.json")
    return folder


def certificate(folder: Path, **other: Any) -> Certificate:
    """The one of that folder, or another."""
    given = {"signing_key": folder / "officer.pem", "manifest": folder / "manifest.json"}
    return certify(folder / "masked.parquet", folder / "audit.json", **given | other)


def looked_at(folder: Path, document: dict[str, Any], raw: Path | None = None) -> list[str]:
    """The faults that are found in a document in the place of the certificate."""
    changed = folder / "changed.json"
    changed.write_text(json.dumps(document))
    return list(
        verify(changed, folder / "masked.parquet", raw, signer=folder / "officer.pub").faults
    )


def document(folder: Path) -> dict[str, Any]:
    """The certificate as plain values."""
    found: dict[str, Any] = json.loads((folder / "certificate.json").read_text("utf-8"))
    return found


def signed_again(folder: Path, said: dict[str, Any], key: str = "officer") -> dict[str, Any]:
    """The document with the signature that somebody who holds a key would make."""
    digests = _digests(said["statement"])
    loaded = serialization.load_pem_private_key((folder / f"{key}.pem").read_bytes(), None)
    assert isinstance(loaded, Ed25519PrivateKey)
    return {**said, "digests": digests, "signature": signed(_what_is_signed(digests), loaded)}


# --- the honest one ------------------------------------------------------------------------------


def test_the_honest_one_is_accepted(made: Path) -> None:
    """With the raw data every figure is measured anew, and is the same."""
    found = verify(
        made / "certificate.json", made / "masked.parquet", made / "raw.parquet",
        signer=made / "officer.pub",
    )  # fmt: skip
    assert (found.accepted, list(found.faults), list(found.notes)) == (True, [], [])
    assert found.statement["purpose"] == "internal"
    assert found.signer.startswith("SHA256:")


def test_another_number_of_threads_gives_the_same(made: Path, tmp_path: Path) -> None:
    """In another process and another folder, where the file has another name."""
    for name in ("certificate.json", "raw.parquet", "officer.pub"):
        shutil.copy(made / name, tmp_path / name)
    shutil.copy(made / "masked.parquet", tmp_path / "received.parquet")
    call = [sys.executable, "-m", "anonymizer", "verify", "certificate.json", "received.parquet"]
    done = subprocess.run(
        [*call, "raw.parquet", "--signer", "officer.pub"],
        cwd=tmp_path, env=os.environ | {"POLARS_MAX_THREADS": "2", "OMP_NUM_THREADS": "2"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("accepted: for internal, ")


def test_without_the_raw_data_it_says_what_was_not_looked_at(made: Path) -> None:
    """The signature and the file are enough to know that nobody changed anything."""
    found = verify(made / "certificate.json", made / "masked.parquet", signer=made / "officer.pub")
    assert found.accepted
    assert found.notes == ["the figures were not measured anew: give the raw data for that"]


def test_how_json_is_laid_out_does_not_matter(made: Path) -> None:
    """Blanks, lines and the order of keys are no part of what is signed (RFC 8785)."""
    said = document(made)
    said["statement"] = dict(reversed(said["statement"].items()))
    assert looked_at(made, said) == []


# --- changes after it was signed -----------------------------------------------------------------


def at(*path: str) -> Callable[[Any], Callable[[dict[str, Any]], None]]:
    """Something that puts a value at a place of a document."""

    def to(value: Any) -> Callable[[dict[str, Any]], None]:
        def change(said: dict[str, Any]) -> None:
            place = said
            for name in path[:-1]:
                place = place[name]
            place[path[-1]] = value

        return change

    return to


def both(*changes: Callable[[dict[str, Any]], None]) -> Callable[[dict[str, Any]], None]:
    """Several changes in one."""

    def change(said: dict[str, Any]) -> None:
        for each in changes:
            each(said)

    return change


def without(*path: str) -> Callable[[dict[str, Any]], None]:
    """Something that takes a key out of a document."""

    def change(said: dict[str, Any]) -> None:
        place = said
        for name in path[:-1]:
            place = place[name]
        del place[path[-1]]

    return change


def malleated(said: dict[str, Any]) -> None:
    """Other letters for the same bytes: the last one has bits that base64 ignores."""
    value = said["signature"]["value"]
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    last = letters[letters.index(value[-3]) ^ 1]
    said["signature"]["value"] = f"{value[:-3]}{last}=="


SAID = "statement"
CHANGES: list[tuple[Callable[[dict[str, Any]], None], str]] = [
    (at(SAID, "created")("2020-01-01T00:00:00+00:00"), "statement/created: was changed"),
    (at(SAID, "purpose")("public"), "statement/purpose: was changed"),
    (at(SAID, "verdict")("amber"), "statement/verdict: was changed"),
    (at(SAID, "by")("Somebody Else"), "statement/by: was changed"),
    (at(SAID, "despite")("no reason"), "statement/despite: was changed"),
    (at(SAID, "nature")("anonymous"), "statement/nature: was changed"),
    (at(SAID, "versions", "polars")("0"), "statement/versions: was changed"),
    (at(SAID, "output", "sha256")("0" * 64), "statement/output: was changed"),
    (at(SAID, "output", "rows")(7), "statement/output: was changed"),
    (at(SAID, "share")(0.5), "statement/share: was changed"),
    (at(SAID, "tables", "raw_rows")(9), "statement/tables: was changed"),
    (at(SAID, "assumptions", "known")([]), "statement/assumptions: was changed"),
    (at(SAID, "notes")([]), "statement/notes: was changed"),
    (without(SAID, "notes"), "statement/notes: was taken out"),
    (at(SAID, "more")("words"), "statement/more: was added"),
    (at(SAID, "provenance", "seed")(7), "statement/provenance: was changed"),
    (at(SAID, "provenance", "inputs")([]), "statement/provenance: was changed"),
    (at(SAID, "figures", "unicity", "after", "value")(0.25), "statement/figures/unicity: was"),
    (at(SAID, "figures", "unicity", "after", "high")(1.0), "statement/figures/unicity: was"),
    (at(SAID, "figures", "unicity", "chance")(1.0), "statement/figures/unicity: was"),
    (at(SAID, "figures", "k", "colour")("red"), "statement/figures/k: was changed"),
    (at(SAID, "figures", "k", "judged")(99.0), "statement/figures/k: was changed"),
    (without(SAID, "figures", "unicity"), "statement/figures/unicity: was taken out"),
    (at(SAID, "figures", "charm")({}), "statement/figures/charm: was added"),
    (at(SAID, "figures")({}), "statement/figures/k: was taken out"),
    (at(SAID, "figures")(7), "statement/figures: was added"),
    (at(SAID, "limits", "k", "limits", "green")(1.0), "statement/limits/k: was changed"),
    (at(SAID, "limits", "k", "limits_given")(True), "statement/limits/k: was changed"),
    (at(SAID, "limits", "k", "limits")(None), "statement/limits/k: was changed"),
    (at(SAID, "manifest", "rules", "entity")("x"), "statement/manifest/rules: was changed"),
    (at(SAID, "manifest", "rules_sha256")("0" * 64), "statement/manifest/rules_sha256"),
    (at(SAID, "manifest", "key_id")("00000000"), "statement/manifest/key_id: was changed"),
    (at(SAID, "manifest", "columns")([]), "statement/manifest/columns: was changed"),
    (at(SAID, "manifest")(None), "statement/manifest: was added"),
    (without("digests", "/purpose"), "statement/purpose: was added"),
    (at("digests", "/purpose")("0" * 64), "statement/purpose: was changed"),
    (at("signature", "value")(base64.b64encode(bytes(64)).decode()), "signature/value: does not"),
    (malleated, "signature/value: does not"),
    (at("signature", "value")("é"), "signature/value: does not"),
    (at("signature", "value")("!"), "signature/value: does not"),
    (at("signature", "value")(None), "signature/value: does not"),
    (at("signature", "algorithm")("none"), "signature/algorithm: is not"),
    (at("signature", "public_key")("AAAA"), "signature/public_key: is not"),
    (at("signature", "fingerprint")("SHA256:x"), "signature/fingerprint: is not"),
    (at("signature", "more")("x"), "signature: expected algorithm"),
    (without("signature", "value"), "signature: expected algorithm"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "place"), CHANGES, ids=[str(n) for n in range(len(CHANGES))])
def test_a_change_is_found_and_named(
    made: Path, change: Callable[[dict[str, Any]], None], place: str
) -> None:
    """Whatever it is: a date, a figure, a limit, a rule, the key or the signature."""
    said = document(made)
    change(said)
    assert [fault for fault in looked_at(made, said) if fault.startswith(place)] != []


@pytest.mark.parametrize(("change", "_place"), CHANGES[:17], ids=[str(n) for n in range(17)])
def test_digests_that_were_made_to_fit_do_not_help(
    made: Path, change: Callable[[dict[str, Any]], None], _place: str
) -> None:
    """The signature is over them."""
    said = document(made)
    change(said)
    said["digests"] = _digests(said["statement"])
    assert [fault.partition(":")[0] for fault in looked_at(made, said)] == ["signature/value"]


def test_no_name_passes_for_a_part_of_another(made: Path) -> None:
    """A key at the top whose name looks like a place inside is a place of its own."""
    for section in ("figures", "limits", "manifest"):
        said = document(made)
        for name, value in list(said[SAID][section].items()):
            said[SAID][f"{section}/{name}"] = value
            said[SAID][section][name] = {"forged": True}
        faults = looked_at(made, said)
        assert f"statement/{section}~1{name}: was added after signing" in faults
        assert f"statement/{section}/{name}: was changed after signing" in faults


def test_whoever_signs_it_anew_is_somebody_else(made: Path) -> None:
    """Their key in the certificate proves nothing; it is compared with the signer's."""
    said = signed_again(made, document(made), "stranger")
    assert [fault.partition(":")[0] for fault in looked_at(made, said)] == [
        "signature/public_key",
        "signature/fingerprint",
    ]


# --- changes of the files ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda frame: frame.head(-1), "239 rows, 240 certified"),
        (lambda frame: frame.with_columns(city=pl.lit("Bonn")), " bytes, "),
        (lambda frame: frame.reverse(), "is not what was certified"),
    ],
)
def test_another_output_is_found(
    made: Path, tmp_path: Path, change: Callable[[pl.DataFrame], pl.DataFrame], said: str
) -> None:
    """A row less, other values, another order."""
    other = tmp_path / "masked.parquet"
    change(pl.read_parquet(made / "masked.parquet")).write_parquet(other)
    (fault,) = verify(made / "certificate.json", other, signer=made / "officer.pub").faults
    assert fault.startswith("output: masked.parquet ")
    assert said in fault


def test_a_byte_of_the_output_is_found(made: Path, tmp_path: Path) -> None:
    """Wherever it is, also where the file can no longer be read."""
    content = (made / "masked.parquet").read_bytes()
    other = tmp_path / "masked.parquet"
    for place in range(0, len(content), len(content) // 20):
        other.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        (fault,) = verify(made / "certificate.json", other, signer=made / "officer.pub").faults
        assert fault.startswith("output: masked.parquet is not what was certified (")


def test_a_folder_holds_what_was_certified_and_nothing_else(made: Path, tmp_path: Path) -> None:
    """No name passes for two files, no listing for the folder, and nothing lies beside them."""
    whole, folder = pl.read_parquet(made / "masked.parquet"), tmp_path / "masked"
    folder.mkdir()
    for name, part in (("a", whole.head(120)), ("b", whole.tail(120))):
        part.write_parquet(folder / f"{name}.parquet")
    report = anonymizer.audit(
        raw=made / "raw.parquet", masked=folder, entity="who", time="day", purpose="internal"
    )
    certify(folder, report, signing_key=made / "officer.pem").write(tmp_path / "c.json")

    def faults(output: Path) -> list[str]:
        return list(verify(tmp_path / "c.json", output, signer=made / "officer.pub").faults)

    assert faults(folder) == []
    lines = subprocess.check_output("sha256sum a.parquet b.parquet", shell=True, cwd=folder)
    (tmp_path / "listing.csv").write_bytes(lines)
    assert len(faults(tmp_path / "listing.csv")) == 1
    other = tmp_path / "other"
    other.mkdir()
    shutil.copy(folder / "a.parquet", other / f"a.parquet\n{lines.decode().splitlines()[1]}")
    assert len(faults(other)) == 1
    for stranger in ("_raw.parquet", ".raw.parquet", "raw.json"):
        shutil.copy(made / "raw.parquet", folder / stranger)
        assert faults(folder) == [
            f"output: masked holds a file that was not certified: {stranger!r}"
        ]
        with pytest.raises(DataError, match="1 files are no part of the table, such as"):
            certify(folder, report, signing_key=made / "officer.pem")
        (folder / stranger).unlink()
    (tmp_path / "elsewhere").mkdir()
    (folder / "linked").symlink_to(tmp_path / "elsewhere")
    (folder / "broken.json").symlink_to("nowhere")
    (folder / "Ann Lee").mkdir()
    (folder / "empty.json").touch()
    assert len(faults(folder)) == 4
    for name in ("linked", "broken.json", "Ann Lee", "empty.json"):
        (folder / name).rename(tmp_path / name)
    (folder / "_SUCCESS").touch()
    assert faults(folder) == []


def test_a_glob_below_a_value_is_no_release(made: Path, tmp_path: Path) -> None:
    """The name of the folder is a value of every row, and no digest covers it."""
    folder = tmp_path / "sums" / "country=DE"
    folder.mkdir(parents=True)
    for name in ("a", "b"):
        shutil.copy(made / "masked.parquet", folder / f"{name}.parquet")
    with pytest.raises(FileError, match="name the folder of the table"):
        certify(f"{folder}/*.parquet", made / "audit.json", signing_key=made / "officer.pem")


def test_another_raw_table_is_found(made: Path, tmp_path: Path) -> None:
    """No figure is measured then."""
    other = tmp_path / "raw.parquet"
    pl.read_parquet(made / "raw.parquet").reverse().write_parquet(other)
    found = verify(
        made / "certificate.json", made / "masked.parquet", other, signer=made / "officer.pub"
    )
    assert found.faults == ["raw: is another than the one that was judged"]
    assert "not measured anew" in found.notes[-1]


# --- lies of the signer --------------------------------------------------------------------------


ALSO = {"statement/verdict"}  # which is another by such figures
LIES: list[tuple[dict[tuple[str, ...], Any], str]] = [
    ({("k", "after", "value"): 60.0, ("k", "after", "low"): 60.0, ("k", "after", "high"): 60.0},
     "statement/figures/k: is 30, certified is 60"),
    ({("unicity", "after", "value"): 0.9, ("unicity", "after", "high"): 1.0},
     "statement/figures/unicity: is 0, certified is 0.9"),
    ({("unicity", "judged"): 0.5}, "statement/figures/unicity: judged is"),
]  # fmt: skip


@pytest.mark.parametrize(("lie", "said"), LIES)
def test_a_figure_that_was_never_measured_is_found_with_the_raw_data(
    made: Path, lie: dict[tuple[str, ...], Any], said: str
) -> None:
    """The signature is good; each value has to lie in the interval of the other."""
    told = document(made)
    for (name, *path), value in lie.items():
        at(SAID, "figures", name, *path)(value)(told)
    faults = looked_at(made, signed_again(made, told), made / "raw.parquet")
    assert [fault for fault in faults if fault.startswith(said)] != []
    assert {fault.partition(":")[0] for fault in faults} <= {said.partition(":")[0], *ALSO}


def test_figures_that_were_left_out_or_invented_are_found_with_the_raw_data(made: Path) -> None:
    """Also where the signature is good."""
    told = document(made)
    for part in ("figures", "limits"):
        told[SAID][part]["charm"] = copy.deepcopy(told[SAID][part]["unicity"])
        del told[SAID][part]["unicity"]
    assert looked_at(made, signed_again(made, told), made / "raw.parquet") == [
        "statement/limits/charm: are not the project's own for internal",
        "statement/figures/charm: is not measured of these files",
        "statement/figures/unicity: is measured of these files, and not certified",
    ]


@pytest.mark.parametrize(
    ("lie", "place"),
    [
        (at(SAID, "limits", "k", "limits", "green")(1.0), "statement/limits/k: are not the"),
        (at(SAID, "purpose")("everybody"), "statement/purpose: is none"),
        (at(SAID, "nature")("anonymous"), "statement/nature: is not"),
        (at(SAID, "verdict")("amber"), "statement/verdict: is not amber"),
        (at(SAID, "limits", "k", "limits_given")(True), "statement/limits/k: are said"),
        (at(SAID, "figures", "k", "colour")("red"), "statement/figures/k: is not red"),
        (
            at(SAID, "figures", "unicity", "before", "value")(7.0),
            "statement/figures/unicity: was",
        ),
    ],
)
def test_what_cannot_be_so_is_found_although_it_is_signed(
    made: Path, lie: Callable[[dict[str, Any]], None], place: str
) -> None:
    """A certificate that contradicts itself, or says of the raw table what is not so."""
    told = document(made)
    lie(told)
    faults = looked_at(made, signed_again(made, told), made / "raw.parquet")
    assert [fault for fault in faults if fault.startswith(place)] != []


def test_a_red_figure_that_was_made_green_is_found(made: Path, tmp_path: Path) -> None:
    """By a widened interval, by another number that was judged, or as one that is not judged."""
    shutil.copy(made / "raw.parquet", tmp_path / "masked.parquet")
    files = {"raw": made / "raw.parquet", "masked": tmp_path / "masked.parquet"}
    report = anonymizer.audit(
        raw=files["raw"], masked=files["masked"], entity="who", time="day"
    ).to_dict()
    red = [name for name, figure in report["figures"].items() if figure["colour"] == "red"]
    report["verdict"] = "green"
    for name, figure in report["figures"].items():
        if figure["limits"] is None:
            continue
        figure |= {"judged": figure["limits"]["green"], "colour": "green", "reason": None}
        figure["after"] |= {"low": min(0.0, figure["after"]["value"]), "high": 1e6}
        if name == "unicity":
            figure |= {"judged": None, "limits": None, "colour": None}
    (tmp_path / "audit.json").write_text(json.dumps(report))
    key = made / "officer.pem"
    certify(files["masked"], tmp_path / "audit.json", signing_key=key).write(tmp_path / "c.json")
    found = verify(tmp_path / "c.json", files["masked"], files["raw"], signer=made / "officer.pub")
    places = {fault.partition(":")[0] for fault in found.faults}
    assert "unicity" in red
    assert {f"statement/figures/{name}" for name in red} <= places


@pytest.mark.parametrize("nulls", [True, False])
def test_what_has_no_number_is_certified_all_the_same(
    made: Path, tmp_path: Path, nulls: bool
) -> None:
    """As k, where nobody has quasi-identifiers left; and limits that were given are told."""
    masked = pl.read_parquet(made / "masked.parquet")
    city = pl.lit(None, pl.String) if nulls else pl.col("city")
    output, raw = tmp_path / "masked.parquet", made / "raw.parquet"
    masked.with_columns(city=city).write_parquet(output)
    limits = {"purpose": "my lab"} | ({} if nulls else {"k": {"green": 2, "amber": 1}})
    report = anonymizer.audit(
        raw=raw, masked=output, entity="who", time="day", quasi_identifiers=["city"],
        thresholds=limits,
    )  # fmt: skip
    found = certify(output, report, signing_key=made / "officer.pem", despite="a test")
    found.write(tmp_path / "c.json")
    seen = verify(tmp_path / "c.json", output, raw, signer=made / "officer.pub")
    assert seen.faults == []
    assert seen.notes == ([] if nulls else ["limits were given for: k"])


# --- what is not signed --------------------------------------------------------------------------


def refused(folder: Path, change: Callable[[dict[str, Any]], None], **other: Any) -> str:
    """Why figures with a change are not certified."""
    report = json.loads((folder / "audit.json").read_text("utf-8"))
    change(report)
    (folder / "other.json").write_text(json.dumps(report))
    given = {"signing_key": folder / "officer.pem"}
    with pytest.raises(UsageError) as error:
        certify(folder / "masked.parquet", folder / "other.json", **given | other)
    return str(error.value)


def test_figures_that_contradict_themselves_are_not_certified(made: Path) -> None:
    """A colour that is not that of the limits, a verdict, limits that are not the purpose's."""
    assert "figures/k: is not red by its limits" in refused(
        made, at("figures", "k", "colour")("red")
    )
    assert "verdict: is not None by its figures" in refused(made, at("verdict")(None))
    said = refused(made, at("figures", "k", "limits", "green")(6.0))
    assert "limits/k: are not the project's own for internal" in said
    assert "limits/k: are not the project's own for public" in refused(
        made, at("purpose")("public")
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (at("figures", "k", "judged")("x"), "figures.k.judged: "),
        (at("figures", "k", "limits")(True), "figures.k.limits: "),
        (at("figures", "k", "limits", "green")(None), "figures.k.limits.green: "),
        (without("figures", "k", "colour"), "figures.k.colour: this option is required"),
        (without("figures", "k", "after"), "figures: expected figures with `after`"),
        (at("figures", "k", "title")(None), "figures.k.title: "),
        (at("figures")({"a": 1}), "figures.a: "),
        (at("notes")([1]), "notes.0: "),
        (without("notes"), "notes: this option is required"),
        (at("assumptions")(None), "assumptions: "),
        (at("purpose")([]), "purpose: "),
        (at("purpose")("x\x1b[2J"), "purpose: expected one line"),
        (at("purpose")("everybody"), "purpose: is none of the project's own"),
        (at("provenance", "more")(1), "provenance: unknown key 'more'"),
        (at("version")("9.9"), "are of version 9.9"),
        (
            both(at("figures", "k", "judged")(None), at("figures", "k", "reason")("because")),
            "figures/k: is not green by its limits",
        ),
        (at("figures", "k", "limits_given")(True), "limits/k: are said to be given"),
    ],
)
def test_what_is_no_report_is_not_certified(
    made: Path, change: Callable[[dict[str, Any]], None], said: str
) -> None:
    """One line that names the place; nothing ends in a trace."""
    assert said in refused(made, change)


def test_a_manifest_that_was_edited_is_not_certified(made: Path) -> None:
    """Rules have the digest that they say, which is that of the stamp, as the key is."""
    for name, value in (
        ("rules", {"everything": "dropped"}), ("rules_sha256", "0" * 64), ("key_id", "00000000"),
    ):  # fmt: skip
        manifest = json.loads((made / "manifest.json").read_text("utf-8"))
        manifest[name] = value
        (made / "edited.json").write_text(json.dumps(manifest))
        with pytest.raises(DataError, match="the manifest "):
            certificate(made, manifest=made / "edited.json")


def test_figures_of_another_file_are_not_certified(made: Path) -> None:
    """Nor those of frames, nor with the manifest of another file or another raw table."""
    other = [{"role": "masked", "name": "m", "sha256": "0" * 64}]
    assert "are of another file than masked.parquet" in refused(
        made, at("provenance", "inputs")(other)
    )
    assert "as they are of frames" in refused(made, at("provenance", "inputs")([]))
    manifest = json.loads((made / "manifest.json").read_text("utf-8"))
    manifest["provenance"]["outputs"] = other
    (made / "other-manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(DataError, match="the manifest is of another file"):
        certificate(made, manifest=made / "other-manifest.json")
    manifest = json.loads((made / "manifest.json").read_text("utf-8"))
    manifest["provenance"]["inputs"][0]["sha256"] = "0" * 64
    (made / "other-manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(DataError, match="are of different raw files"):
        certificate(made, manifest=made / "other-manifest.json")
    with pytest.raises(DataError, match="is no manifest of `mask`: rules: "):
        certificate(made, manifest=made / "audit.json")


def test_what_is_red_is_certified_with_a_reason_alone(made: Path, tmp_path: Path) -> None:
    """The reason is signed with it, and the page shows it."""
    shutil.copy(made / "raw.parquet", tmp_path / "masked.parquet")
    report = anonymizer.audit(
        raw=made / "raw.parquet", masked=tmp_path / "masked.parquet", entity="who", time="day"
    )
    given = (tmp_path / "masked.parquet", report)
    with pytest.raises(UsageError, match="a figure is red: nothing is certified"):
        certify(*given, signing_key=made / "officer.pem")
    found = certify(*given, signing_key=made / "officer.pem", despite="a test of <us>", by="Ann")
    assert found.statement["despite"] == "a test of <us>"
    found.write_html(tmp_path / "c.html")
    page = (tmp_path / "c.html").read_text("utf-8")
    assert "a test of &lt;us&gt;" in page
    assert "in spite of figures that are red" in page
    with pytest.raises(UsageError, match="by: expected one line"):
        certify(*given, signing_key=made / "officer.pem", despite="x", by="a\nb")


def test_what_is_no_certificate_is_refused(made: Path) -> None:
    """With the place and what was expected."""
    signer = made / "officer.pub"
    for content, said in (
        ("[]", "is no certificate"),
        ("{}", "is no certificate"),
        (json.dumps(document(made) | {"certificate": 2}), "is of another version"),
        (json.dumps(document(made) | {"digests": 7}), "is no certificate"),
        (json.dumps(document(made) | {"statement": {"a": float("nan")}}), "NaN"),
        ('{"certificate": 1, "certificate": 1}', "this key stands twice"),
        ("no", "this is not JSON"),
    ):
        (made / "no.json").write_text(content)
        with pytest.raises(UsageError, match=said):
            verify(made / "no.json", made / "masked.parquet", signer=signer)
    with pytest.raises(FileError):
        verify(made / "none.json", made / "masked.parquet", signer=signer)
    with pytest.raises(UsageError, match="leave out the rest"):
        verify(
            made / "certificate.json", made / "masked.parquet", made / "raw.parquet",
            holdout=made / "raw.parquet", signer=signer,
        )  # fmt: skip


# --- keys ----------------------------------------------------------------------------------------


def test_keys_of_ssh_are_taken_and_told_by_their_fingerprint(made: Path, tmp_path: Path) -> None:
    """As `ssh-keygen -l` says it; with a passphrase in a variable."""
    key = Ed25519PrivateKey.generate()
    file = tmp_path / "id_ed25519"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH,
            serialization.NoEncryption(),
        )
    )  # fmt: skip
    file.chmod(0o600)
    found = certificate(made, signing_key=file)
    assert found.signature["fingerprint"] == fingerprint(key.public_key())
    assert found.signature["algorithm"] == ALGORITHM


def test_keys_that_will_not_do_are_refused(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Open to others, with a passphrase that is absent or wrong, no key, of another kind."""
    key = Ed25519PrivateKey.generate()
    file = tmp_path / "key.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"secret"),
        )
    )  # fmt: skip
    with pytest.raises(KeyMaterialError, match="is open to others"):
        certificate(made, signing_key=file)
    file.chmod(0o600)
    with pytest.raises(KeyMaterialError, match="give --passphrase-env"):
        certificate(made, signing_key=file)
    with pytest.raises(KeyMaterialError, match="holds no passphrase"):
        certificate(made, signing_key=file, passphrase_variable="NO_SUCH")
    monkeypatch.setenv("OFFICER", "wrong")
    with pytest.raises(KeyMaterialError, match="no private key could be read"):
        certificate(made, signing_key=file, passphrase_variable="OFFICER")
    monkeypatch.setenv("OFFICER", "secret")
    assert certificate(made, signing_key=file, passphrase_variable="OFFICER")
    with monkeypatch.context() as patch:  # as where OpenSSH's passphrases cannot be read
        way = "cryptography.hazmat.primitives.serialization.load_pem_private_key"
        patch.setattr(way, lambda *_: (_ for _ in ()).throw(UnsupportedAlgorithm("")))
        with pytest.raises(KeyMaterialError, match="pip install bcrypt"):
            certificate(made, signing_key=file)
    with pytest.raises(KeyMaterialError, match="is no public Ed25519 key"):
        verify(made / "certificate.json", made / "masked.parquet", signer=file)
    with pytest.raises(KeyMaterialError, match="cannot read the public key"):
        verify(made / "certificate.json", made / "masked.parquet", signer=tmp_path / "none")


# --- commands ------------------------------------------------------------------------------------


def test_the_commands_certify_and_verify(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The exit status is 1 where anything is not as it says; nothing is overwritten unasked."""
    target = tmp_path / "c.json"
    certifying = [
        *("certify", str(made / "masked.parquet"), str(made / "audit.json"), str(target)),
        *("--signing-key", str(made / "officer.pem"), "--manifest", str(made / "manifest.json")),
        *("--by", "Ann Lee, data protection officer", "--report", str(tmp_path / "c.html")),
    ]
    assert main(certifying) == 0
    assert f"written: {target}" in capsys.readouterr().out
    assert main(certifying) == 2
    assert "exists already" in capsys.readouterr().err
    checking = ["verify", str(target), str(made / "masked.parquet")]
    assert main([*checking, "--signer", str(made / "officer.pub")]) == 0
    assert "accepted: for internal" in capsys.readouterr().out
    assert main([*checking, "--signer", str(made / "stranger.pub")]) == 1
    assert "signature/public_key" in capsys.readouterr().err
    page = (tmp_path / "c.html").read_text("utf-8")
    assert "Ann Lee, data protection officer" in page
    for said in ("By which rules", "date_truncate", "city"):
        assert said in page
    for standard in ("ISO/IEC 27559", "GB/T 42460", "HIPAA", "GDPR", "800-188", "800-226"):
        assert standard in page
    assert "anonymous" not in page.replace("no figure makes data anonymous", "")


def test_synthetic_histories_are_certified_too(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are verified with the holdout, and what they came from stands in the certificate."""

    def guess(_train: pl.DataFrame, test: pl.DataFrame) -> Any:
        return test["day"].to_physical().to_numpy().astype(float)

    monkeypatch.setattr("anonymizer.composition.likelihood_detector", lambda *_: guess)
    raw = pl.read_parquet(made / "raw.parquet")
    origin = Provenance.now("anonymizer.sample", seed=3)
    synthetic, holdout = tmp_path / "synthetic.parquet", tmp_path / "holdout.parquet"
    for file in (synthetic, holdout):
        others = raw.with_columns(who=file.stem + pl.col("who"))
        others.write_parquet(file, metadata=origin.stamp)
    report = anonymizer.check(
        real=made / "raw.parquet", synthetic=synthetic, holdout=holdout, entity="who", time="day"
    )
    found = certify(synthetic, report, signing_key=made / "officer.pem", despite="a test")
    found.write(tmp_path / "c.json")
    assert found.statement["nature"].startswith("synthetic: ")
    assert found.statement["origin"] == origin.to_dict()
    signer = made / "officer.pub"
    checked = (tmp_path / "c.json", synthetic, made / "raw.parquet")
    assert verify(*checked, signer=signer, holdout=holdout).faults == []
    with pytest.raises(UsageError, match="judged with a holdout"):
        verify(*checked, signer=signer)
