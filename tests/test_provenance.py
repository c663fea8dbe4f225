"""Which files a result is of and how it came about: names, digests, and nothing that is secret."""

import hashlib
import json
import subprocess
from pathlib import Path
from typing import Any

import click
import polars as pl
import pytest

import anonymizer
from anonymizer import DataError, FileRecord, Provenance, UsageError
from anonymizer.cli import main
from anonymizer.cli.program import commands
from anonymizer.cli.recording import command_line, told_value
from anonymizer.files.sources import recorded
from anonymizer.provenance import SAMPLE_KEY, called_by, told_name

SECRET = "the-secret-of-these-tests"
WHEN, TOLD = "1700000000", "2023-11-14T22:13:20+00:00"


@pytest.fixture(autouse=True)
def _at_one_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", WHEN)


def digest(file: Path) -> str:
    """What `sha256sum` says of a file."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def document(file: Path) -> Any:
    """The content of a file of JSON."""
    return json.loads(file.read_text("utf-8"))


def by_role(said: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The records of a provenance."""
    return {each["role"]: each for each in [*said.get("inputs", []), *said.get("outputs", [])]}


# --- the record ----------------------------------------------------------------------------------


def test_a_file_is_known_by_its_bytes(tmp_path: Path) -> None:
    """As `sha256sum` knows it."""
    file = tmp_path / "a.csv"
    file.write_text("x\n1\n")
    assert recorded("raw", file) == FileRecord(
        role="raw", name="a.csv", sha256=digest(file), bytes=4
    )


def test_a_folder_is_known_by_its_files_as_a_shell_says_it(tmp_path: Path) -> None:
    """Also by a glob; hidden files and marks of Spark are none of it, and names count."""
    folder = tmp_path / "t"
    (folder / "b").mkdir(parents=True)
    for name in ("b/0.csv", "a.csv", "_SUCCESS", ".a.csv.crc"):
        (folder / name).write_text("x\n1\n")
    shell = "sha256sum a.csv b/0.csv | sha256sum"
    said = subprocess.check_output(shell, shell=True, cwd=folder, text=True)
    found = recorded("raw", folder)
    assert (found.name, found.sha256, found.bytes) == ("t", said.split()[0], 8)
    assert recorded("raw", f"{folder}/**/*.csv").sha256 == found.sha256
    (folder / "a.csv").rename(folder / "c.csv")
    assert recorded("raw", folder).sha256 != found.sha256


def test_frames_have_neither_name_nor_digest() -> None:
    """Nothing is known but the role; rows and columns are added where they are counted."""
    assert recorded("raw", pl.DataFrame({"a": [1]})).to_dict() == {"role": "raw"}


def test_objects_are_not_downloaded_for_a_digest() -> None:
    """It is null, with the reason."""
    found = FileRecord.of_files("raw", "s3://bucket/a/x.parquet", ["s3://bucket/a/x.parquet"])
    assert found.to_dict() == {
        "role": "raw", "name": "x.parquet", "sha256": None, "undigested": "remote",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("place", "name"),
    [
        ("/home/ann/raw.parquet", "raw.parquet"),
        ("s3://bucket/ann/raw.parquet?sig=secret", "raw.parquet"),
        ("postgresql://ann:secret@db.example.org:5432/shop?password=x", "shop"),
        ("postgresql://ann:secret@db.example.org", "…"),
        ("sqlite:/home/ann/shop.db", "shop.db"),
        ("raw/email=ann@example.org", "email=…"),
        ("raw/*.parquet", "*.parquet"),
        (".", "…"),
    ],
)
def test_a_name_is_neither_host_nor_folder_nor_value(place: str, name: str) -> None:
    """Credentials and queries are left out as well."""
    assert told_name(place) == name


def example() -> Provenance:
    """A record with all there is."""
    return Provenance.now(
        "anonymizer.check", seed=3, share=0.5, thresholds="the project's own",
        inputs=(FileRecord(role="real", name="r.csv", sha256="0" * 64, bytes=1, rows=2, columns=3),
                FileRecord(role="model", name="m", undigested="remote")),
        outputs=(FileRecord(role="synthetic", undigested="self", entities=4),),
    )  # fmt: skip


def test_a_record_comes_back_from_json() -> None:
    """Equal, and of the same digest when it is written again."""
    said = example().to_dict()
    back = Provenance.of(json.loads(json.dumps(said)))
    assert back == example()
    assert back.to_dict() == said
    assert back.created == TOLD
    bare = Provenance.now("anonymizer.audit")
    assert set(bare.to_dict()) == {"command", "created", "versions"}
    assert Provenance.of(bare.to_dict()) == bare


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"surprise": 1}, "unknown key 'surprise'"),
        ({"seed": "3"}, "seed: cannot be str"),
        ({"seed": True}, "seed: cannot be bool"),
        ({"versions": {"polars": 2}}, "versions: expected text"),
        ({"inputs": [{"role": "raw", "path": "/home"}]}, "unknown key 'path'"),
        ({"inputs": [{"role": "raw", "sha256": "abc"}]}, "64 hexadecimal digits"),
        ({"inputs": [{"name": "x"}]}, "role is missing"),
        ({"inputs": ["x"]}, "expected a mapping, got str"),
        ({"outputs": "x"}, "outputs: cannot be str"),
    ],
)
def test_anything_else_is_refused(change: dict[str, Any], words: str) -> None:
    """By the key, and without the value."""
    with pytest.raises(DataError, match=words):
        Provenance.of(example().to_dict() | change)


def test_what_is_missing_is_named() -> None:
    """A record without a time is none."""
    said = example().to_dict()
    del said["created"]
    with pytest.raises(DataError, match="created is missing"):
        Provenance.of(said)


def test_the_time_can_be_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """By SOURCE_DATE_EPOCH, in whole seconds; else it is now."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")
    with pytest.raises(UsageError, match="SOURCE_DATE_EPOCH"):
        Provenance.now("x")
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    assert Provenance.now("x").created > "2026"


def test_the_outermost_caller_is_recorded() -> None:
    """A function that calls another one is what somebody called."""
    with called_by(lambda: "outer"), called_by(lambda: "inner"):
        assert Provenance.now("x").command == "outer"
    assert Provenance.now("x").command == "x"


# --- the command ---------------------------------------------------------------------------------


def words(name: str, *arguments: str) -> str:
    """What is recorded of a call that is not carried out."""
    command = commands.commands[name]
    with command.make_context(name, list(arguments)):
        return command_line().partition(" ")[2]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (
            ["mask", "/data/raw.csv", "out/m.csv", "--rules", "/etc/r.yaml", "--key-file=/k/s"],
            "mask raw.csv m.csv --rules r.yaml --key-file …",
        ),
        (
            ["mask", "a", "b", "--rules", "r", "--key-env", "HIDDEN", "--engine", "spark",
             "--master", "spark://host.example:7077", "--overwrite"],
            "mask a b --rules r --key-env … --overwrite --engine spark --master …",
        ),
        (
            ["rotate", "postgresql://u:pw@h/shop", "o", "--old-key-file", "/k/old"],
            "rotate shop o --old-key-file …",
        ),
        (
            ["fit-rules", "raw.csv", "--rules", "r.yaml", "-o", "/home/ann/f.json", "--csv",
             "separator: ;"],
            "fit-rules raw.csv --rules r.yaml --output f.json --csv 'separator: ;'",
        ),
        (
            ["fit-rules", "r.csv", "--rules", "r", "-o", "f", "--csv", "@/home/ann/r.yaml"],
            "fit-rules r.csv --rules r --output f --csv r.yaml",
        ),
        (
            ["sample", "m/odel", "/x/s.parquet", "--entities", "50", "--seed", "3"],
            "sample odel s.parquet --entities 50 --seed 3",
        ),
        (
            ["audit", "a.csv", "b.csv", "--entity", "km/h", "--fail-on", "red"],
            "audit a.csv b.csv --entity km/h --fail-on red",
        ),
    ],
)  # fmt: skip
def test_a_command_is_told_without_places_and_secrets(call: list[str], said: str) -> None:
    """Names stay, and columns as they are."""
    assert words(*call) == said


SAID = {
    *("entity", "time", "fields", "field", "context", "label"),
    *("quasi_identifiers", "sensitive", "known", "device", "csv"),
}
KEPT = {
    *("key_env", "key_file", "old_key_env", "old_key_file", "master"),
    *("signing_key", "passphrase_env"),
}


@pytest.mark.parametrize("name", sorted(commands.commands))
def test_an_option_that_nobody_thought_of_tells_a_name_at_most(name: str) -> None:
    """Of options and arguments of text, columns alone are told as they are."""
    texts = [
        each
        for each in commands.commands[name].params
        if isinstance(each.type, click.types.StringParamType)
    ]
    for each in texts:
        known = "…" if each.name in KEPT else "place"
        told = "/secret/place" if each.name in SAID else known
        assert told_value(each, "/secret/place") == told


def test_a_time_that_no_calendar_has_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """In one line."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "253402300800")
    with pytest.raises(UsageError, match="later than the year 9999"):
        Provenance.now("anonymizer.audit")


# --- what is written ------------------------------------------------------------------------------


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Purchases of forty people, rules, and a key in a file."""
    folder = tmp_path / "ann-at-work"
    folder.mkdir()
    frame = pl.DataFrame(
        {
            "who": [number for number in range(40) for _ in range(5)],
            "day": pl.Series(range(19_000, 19_200), dtype=pl.Int32).cast(pl.Date),
            "item": [("tea", "milk", "bread")[row % 3] for row in range(200)],
        }
    )
    frame.write_parquet(folder / "raw.parquet")
    frame.with_columns(pl.col("who") + 100).write_parquet(folder / "holdout.parquet")
    rules = "version: 1\nentity: who\ncolumns: {who: token, day: keep, item: keep}\n"
    (folder / "r.yaml").write_text(rules)
    (folder / "cupboard.key").write_text(SECRET)
    (folder / "cupboard.key").chmod(0o600)
    monkeypatch.delenv("ANONYMIZER_KEY", raising=False)
    return folder


MASK = ["mask", "{}/raw.parquet", "{}/m.parquet", "--rules", "{}/r.yaml", "--key-file"]


def call(folder: Path, *arguments: str) -> None:
    """A command that must end well."""
    assert main([each.format(folder) for each in arguments]) == 0


def test_what_is_masked_is_what_is_audited(shop: Path) -> None:
    """Along the chain of two commands digests are equal, and no place or secret is told."""
    call(shop, *MASK, "{}/cupboard.key", "--manifest", "{}/m.json")
    reports = ["--json", "{}/a.json", "--report", "{}/a.html"]
    call(shop, "audit", "{}/raw.parquet", "{}/m.parquet", "--entity", "who", *reports)
    masking = document(shop / "m.json")["provenance"]
    audit = document(shop / "a.json")["provenance"]
    assert Provenance.of(masking).created == TOLD
    before, after = by_role(masking), by_role(audit)
    assert before["raw"]["sha256"] == after["raw"]["sha256"] == digest(shop / "raw.parquet")
    assert before["masked"]["sha256"] == after["masked"]["sha256"] == digest(shop / "m.parquet")
    assert before["rules"]["sha256"] == digest(shop / "r.yaml")
    assert [before[role]["rows"] for role in ("raw", "masked")] == [200, 200]
    assert (after["masked"]["rows"], after["masked"]["columns"]) == (200, 3)
    said = "mask raw.parquet m.parquet --rules r.yaml --key-file … --manifest m.json"
    assert masking["command"] == f"anonymizer {said}"
    page = (shop / "a.html").read_text("utf-8")
    assert digest(shop / "m.parquet")[:12] in page
    assert TOLD in page
    for name in ("m.json", "a.json", "a.html"):
        text = (shop / name).read_text("utf-8")
        assert not [each for each in ("ann-at-work", "cupboard", SECRET) if each in text]


def test_a_run_is_repeated_to_the_byte(shop: Path) -> None:
    """But for the time, which can be said, manifests and reports are the same."""
    texts = []
    for _ in range(2):
        call(shop, *MASK, "{}/cupboard.key", "--manifest", "{}/m.json", "--overwrite")
        call(shop, "audit", "{}/raw.parquet", "{}/m.parquet", "--entity", "who", "--json", "{}/a")
        texts.append([(shop / each).read_bytes() for each in ("m.json", "a", "m.parquet")])
    assert texts[0] == texts[1]


def test_a_folder_is_one_thing_along_the_chain(shop: Path) -> None:
    """Its parts are told together."""
    (shop / "parts").mkdir()
    rows = pl.read_parquet(shop / "raw.parquet")
    for part in range(2):
        rows[part * 100 : part * 100 + 100].write_parquet(shop / "parts" / f"{part}.parquet")
    record = anonymizer.mask_file(shop / "parts", shop / "out", shop / "r.yaml", key=SECRET)
    assert record.provenance.command == "anonymizer.mask_file"
    report = anonymizer.audit(raw=shop / "parts", masked=shop / "out", entity="who")
    written, read = record.provenance.outputs[0], report.provenance.inputs[1]
    assert (written.name, written.sha256) == ("out", read.sha256)
    assert record.provenance.inputs[0].sha256 == report.provenance.inputs[0].sha256


def test_rules_that_were_fitted_are_followed_to_the_next_table(shop: Path) -> None:
    """The file that one run wrote is the one that the next run read."""
    call(shop, *MASK, "{}/cupboard.key", "--manifest", "{}/m.json", "--save-rules", "{}/f.json")
    (_, fitted) = document(shop / "m.json")["provenance"]["outputs"]
    assert fitted == {"role": "fitted", "name": "f.json", "sha256": digest(shop / "f.json")}
    next_ = anonymizer.mask_file(
        shop / "holdout.parquet", shop / "h.parquet", shop / "f.json", key=SECRET
    )
    assert next_.provenance.inputs[1].sha256 == fitted["sha256"]


def test_fitted_rules_say_of_which_table_they_are(shop: Path) -> None:
    """And what they learned has the same digest whenever that was."""
    options = ["--rules", "{}/r.yaml", "--key-file", "{}/cupboard.key", "-o", "{}/f.json"]
    call(shop, "fit-rules", "{}/raw.parquet", *options)
    said = document(shop / "f.json")["fitted"]["provenance"]
    assert said["command"].startswith("anonymizer fit-rules raw.parquet --rules r.yaml ")
    assert "cupboard" not in said["command"]
    assert by_role(said)["training"]["sha256"] == digest(shop / "raw.parquet")
    loaded = anonymizer.load_rules(shop / "f.json")
    assert loaded.fitted is not None
    assert loaded.fitted.provenance == Provenance.of(said)
    assert "provenance" not in loaded.fitted.text
    broken = document(shop / "f.json")
    broken["fitted"]["provenance"]["more"] = 1
    (shop / "f.json").write_text(json.dumps(broken))
    with pytest.raises(UsageError, match="fit again"):
        anonymizer.load_rules(shop / "f.json")


def test_an_audit_says_by_which_rules_and_key_a_file_was_masked(shop: Path) -> None:
    """As the stamp of masked Parquet says; in the JSON and on the first screen of the page."""
    rules = {"version": 1, "columns": {"who": "token", "*": "keep"}}
    files = (shop / "raw.parquet", shop / "masked.parquet")
    manifest = anonymizer.mask_file(*files, rules, key=SECRET, overwrite=True)
    report = anonymizer.audit(raw=files[0], masked=files[1], entity="who")
    raw, masked = report.provenance.inputs
    assert (raw.rules_sha256, raw.key_id) == (None, None)
    assert (masked.rules_sha256, masked.key_id) == (manifest.rules_sha256, manifest.key_id)
    first = report.html().partition("<figure>")[0]
    for said in (
        manifest.rules_sha256[:12],
        f"id of the key {manifest.key_id}",
        digest(files[1])[:12],
    ):
        assert said in first
    assert "`anonymizer certify` binds these figures to the file" in first


def test_limits_that_were_given_are_told_by_a_digest(shop: Path) -> None:
    """The same for a file and a mapping."""
    frame = pl.read_parquet(shop / "raw.parquet")
    (shop / "t.yaml").write_text("k: {green: 3, amber: 2}\n")
    limits = (shop / "t.yaml", {"k": {"green": 3, "amber": 2}}, {"k": {"green": 4, "amber": 2}})
    said = [
        anonymizer.audit(raw=frame, masked=frame, entity="who", thresholds=each).provenance
        for each in limits
    ]
    assert said[0].thresholds == said[1].thresholds != said[2].thresholds
    assert said[0].inputs == (
        FileRecord(role="raw", rows=200, columns=3), FileRecord(role="masked", rows=200, columns=3),
    )  # fmt: skip


def test_tables_of_a_dataset_are_told_one_by_one(shop: Path) -> None:
    """What goes into a store has a name and no digest."""
    (shop / "raw").mkdir()
    (shop / "raw.parquet").rename(shop / "raw" / "orders.parquet")
    fields = {"version": 1, "entity": "orders.who", "source": f"{shop}/raw",
              "tables": {"orders": {"columns": {"who": "token", "*": "keep"}}}}  # fmt: skip
    files = anonymizer.mask_dataset(fields | {"target": f"{shop}/out"}, key=SECRET)
    orders = files.to_dict()["tables"]["orders"]["provenance"]
    assert orders["command"] == "anonymizer.mask_dataset"
    assert by_role(orders)["masked"]["sha256"] == digest(shop / "out" / "orders.parquet")
    report = anonymizer.audit_dataset(fields | {"target": f"{shop}/out"})["orders"].provenance
    assert report.command == "anonymizer.audit_dataset"
    assert report.inputs[1].sha256 == by_role(orders)["masked"]["sha256"]
    stored = anonymizer.mask_dataset(fields | {"target": f"sqlite:{shop}/o.db"}, key=SECRET)
    (output,) = stored.tables["orders"].provenance.outputs
    assert output == FileRecord(role="masked", name="orders", undigested="store", rows=200)


def test_a_sample_is_of_the_model_that_was_checked(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the data to the model, from the model to the sample, from both to the report."""
    columns = ["--entity", "who", "--time", "day"]
    call(shop, "fit", "{}/raw.parquet", "{}/model", *columns, "--max-epochs", "1")
    call(shop, "sample", "{}/model", "{}/s.parquet", "--entities", "40", "--seed", "3")
    card = document(shop / "model" / "model.json")["card"]["provenance"]
    sample = json.loads(pl.read_parquet_metadata(shop / "s.parquet")[SAMPLE_KEY])
    assert card["command"] == (
        "anonymizer fit raw.parquet model --entity who --time day --max-epochs 1"
    )
    assert by_role(card)["training"]["sha256"] == digest(shop / "raw.parquet")
    assert digest(shop / "raw.parquet") in (shop / "model" / "README.md").read_text("utf-8")
    assert (sample["seed"], by_role(sample)["synthetic"]["entities"]) == (3, 40)

    def guess(_train: pl.DataFrame, test: pl.DataFrame) -> Any:
        return test["day"].to_physical().to_numpy().astype(float)

    monkeypatch.setattr("anonymizer.composition.likelihood_detector", lambda *_: guess)
    sets = ["--real", "{}/raw.parquet", "--synthetic", "{}/s.parquet", "--holdout"]
    sets += [
        "{}/holdout.parquet",
        "--model",
        "{}/model",
        "--json",
        "{}/c.json",
        "--report",
        "{}/c.html",
    ]
    call(shop, "check", *sets, *columns)
    check = document(shop / "c.json")["provenance"]
    found = by_role(check)
    assert found["model"]["sha256"] == by_role(sample)["model"]["sha256"]
    assert found["real"]["sha256"] == by_role(card)["training"]["sha256"]
    assert found["synthetic"]["sha256"] == digest(shop / "s.parquet")
    assert found["synthetic"]["model_sha256"] == found["model"]["sha256"]
    assert "torch" in check["versions"]
    page = (shop / "c.html").read_text("utf-8")
    assert all(each["sha256"][:12] in page for each in found.values())
    assert all(Provenance.of(each).created == TOLD for each in (check, card, sample))
    assert not any("another file" in note for note in document(shop / "c.json")["notes"])
    swapped = [*sets, *columns]
    swapped[1], swapped[5] = swapped[5], swapped[1]
    assert main(["check", *(each.format(shop) for each in swapped)]) == 2


def test_a_private_model_tells_no_digest_of_what_it_learned(shop: Path) -> None:
    """One row more or less would show in it, whatever epsilon is."""
    private = ["--epsilon", "500", "--delta", "0.001", "--context", "", "--max-epochs", "1"]
    call(shop, "fit", "{}/raw.parquet", "{}/model", "--entity", "who", "--time", "day", *private)
    card = document(shop / "model" / "model.json")["card"]["provenance"]
    assert card["inputs"] == [
        {"role": "training", "name": "raw.parquet", "sha256": None, "undigested": "private"}
    ]
