"""`--engine spark`: the values of the local engine, in a folder that Spark writes."""

import json
import os
import subprocess
import sys
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

import anonymizer
from anonymizer.cli import main
from anonymizer.errors import FileError, KeyMaterialError
from anonymizer.files.formats import Parquet
from anonymizer.masking.table.tellings import SAMPLED_ROWS
from anonymizer.spark.folders import Folder
from anonymizer.spark.learning import _blocks_of
from anonymizer.spark.writing import write
from tests.skipping import without

pytestmark = pytest.mark.filterwarnings("ignore")  # of pyspark itself

SECRET = "0123456789abcdef-of-the-tests"
RULES: dict[str, Any] = {
    "version": 1,
    "entity": "who",
    "batches": "accepted",
    "parquet": {"compression": "gzip"},
    "columns": {
        "who": {"mask": "token", "domain": "customer"},
        "name": {"mask": "pseudonym", "kind": "name"},
        "at": {"mask": "date_shift", "days": 30},
        "item": {"mask": "rare", "k": 40},
        "amount": "keep",
    },
}
ON_SPARK = ("--engine", "spark")
RAW_TO_OUT = ("raw", "out", "--rules", "r.yaml", "--key-file", "key")


def visits(rows: int) -> pl.DataFrame:
    """In the order of their times."""
    start = datetime(2024, 1, 1)
    return pl.DataFrame(
        {
            "who": [None if row % 50 == 7 else row * 7 % 211 for row in range(rows)],
            "name": [f"Somebody {row * 7 % 211}" for row in range(rows)],
            "at": [start + timedelta(hours=row) for row in range(rows)],
            "item": [f"thing {row % (row % 97 + 1)}" for row in range(rows)],
            "amount": range(rows),
        }
    )


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Raw files, one in a folder inside, rules, and a file with the key."""
    (tmp_path / "raw" / "2024").mkdir(parents=True)
    rows = visits(3_000)
    rows[:1_000].write_parquet(tmp_path / "raw" / "0.parquet")
    rows[1_000:2_000].write_parquet(tmp_path / "raw" / "1.parquet")
    rows[2_000:].write_parquet(tmp_path / "raw" / "2024" / "2.parquet")
    (tmp_path / "r.yaml").write_text(yaml.safe_dump(RULES))
    (tmp_path / "key").write_text(SECRET)
    (tmp_path / "key").chmod(0o600)
    monkeypatch.delenv("ANONYMIZER_KEY", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(command: str, *arguments: str) -> int:
    """The exit status; Java is in the folder in which it started, and takes no short paths."""
    known = ("raw", "out", "kept", "nothing")
    places = [str(Path.cwd() / each) if each.startswith(known) else each for each in arguments]
    return main([command, *places])


def damage(file: Path) -> None:
    """Make a page of a Parquet file unreadable, and leave its footer."""
    content = file.read_bytes()
    file.write_bytes(content[:4] + bytes(200) + content[204:])


def test_the_command_masks_on_spark_as_it_does_here(
    spark: Any, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Files of folders inside too; rows leave shuffled, and the record counts what was written."""
    import pyarrow.parquet as pq

    assert spark
    assert (
        run("mask", *RAW_TO_OUT, *ON_SPARK, "--manifest", "m.json", "--save-rules", "spark.json")
        == 0
    )
    last = capsys.readouterr().err.splitlines()[-1]
    assert last == f"anonymizer: 3,000 rows, 5 columns written to {folder}/out"
    beside = ["--manifest", "here.json", "--save-rules", "here-rules.json"]
    assert run("mask", "raw", "here", *RAW_TO_OUT[2:], *beside) == 0
    masked, expected = (
        pl.read_parquet(list((folder / each).rglob("*.parquet"))) for each in ("out", "here")
    )
    assert masked.sort("amount").equals(expected.sort("amount"))
    assert masked["amount"].is_sorted() is False
    files = [pq.read_metadata(file) for file in (folder / "out").glob("*.parquet")]
    assert {each.row_group(0).column(0).compression for each in files} == {"GZIP"}
    record, other = (json.loads((folder / each).read_text()) for each in ("m.json", "here.json"))
    same = ("input_rows", "rows", "columns", "rules", "key_id", "remarks", "anonymity")
    assert {name: record[name] for name in same} == {name: other[name] for name in same}
    assert learned(folder / "spark.json") == learned(folder / "here-rules.json")
    (raw, _), (masked_there, fitted) = (record["provenance"][of] for of in ("inputs", "outputs"))
    assert [each["undigested"] for each in (raw, masked_there)] == ["spark", "spark"]
    assert fitted["sha256"] == sha256((folder / "spark.json").read_bytes()).hexdigest()


def test_what_tells_moved_times_is_refused_as_it_is_here(
    spark: Any,  # noqa: ARG001 (commands find its session)
    folder: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Numbers in the order of time stand beside it; who accepts that is told."""
    strict = {name: said for name, said in RULES.items() if name != "batches"}
    (folder / "strict.yaml").write_text(yaml.safe_dump(strict))
    said = []
    for engine in ((), ON_SPARK):
        assert (
            run("mask", "raw", "out", "--rules", "strict.yaml", "--key-file", "key", *engine) == 2
        )
        said.append(capsys.readouterr().err.splitlines()[-1])
        assert not (folder / "out").exists()
    assert said[0] == said[1]
    assert "amount: tells the true day of 'at'" in said[1]
    assert run("mask", *RAW_TO_OUT, *ON_SPARK) == 0
    assert "time-told: amount: tells the true day of 'at'" in capsys.readouterr().err


def learned(file: Path) -> Any:
    """What a file of fitted rules says, but when and of which table."""
    document = json.loads(file.read_text("utf-8"))
    del document["fitted"]["provenance"]
    return document


def test_a_sample_is_made_of_blocks(spark: Any) -> None:
    """Rows that follow each other stay together, as those of one receipt do."""
    rows = spark.range(2_000_000, numPartitions=1)
    blocks = _blocks_of(rows, 2_000_000).groupBy((rows.id / 4096).cast("long")).count()
    sizes = [count for _, count in blocks.collect()]
    assert sum(sizes) == pytest.approx(SAMPLED_ROWS, rel=0.5)
    assert set(sizes) <= {4_096, 2_000_000 % 4_096}
    assert _blocks_of(rows, SAMPLED_ROWS) is rows


def test_rules_are_fitted_by_a_command(
    spark: Any, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Here and on Spark, from files and from a table of the catalogue: the same was learned."""
    spark.read.option("recursiveFileLookup", "true").parquet(
        f"{folder}/raw"
    ).createOrReplaceTempView("seen")
    for name, source, more in (
        ("here", "raw", ()),
        ("files", "raw", ON_SPARK),
        ("table", "table:seen", ON_SPARK),
    ):
        output = f"{name}.json"
        assert run("fit-rules", source, *RAW_TO_OUT[2:], "-o", output, *more) == 0
        assert capsys.readouterr().err == (
            f"anonymizer: rules with what they learned are in {output}\n"
        )
    fitted = [learned(folder / f"{name}.json") for name in ("here", "files", "table")]
    assert fitted[0] == fitted[1] == fitted[2]
    (source,) = json.loads((folder / "table.json").read_text())["fitted"]["provenance"]["inputs"]
    assert source == {
        "role": "training", "name": "table:seen", "sha256": None, "undigested": "spark"
    }  # fmt: skip
    assert run("fit-rules", "raw", "--rules", "r.yaml", "-o", "here.json") == 2
    assert "here.json: exists already" in capsys.readouterr().err
    (folder / "r.yaml").write_bytes((folder / "here.json").read_bytes())
    assert run("mask", *RAW_TO_OUT, *ON_SPARK) == 0
    assert len(pl.read_parquet("out/*.parquet")) == 3_000


def test_files_may_all_be_in_folders_inside(spark: Any, folder: Path) -> None:
    """Where the folder itself has none, Spark would find nothing in it."""
    assert spark
    for year, row in (("2023", 1), ("2024", 2)):
        (folder / "raw-years" / year).mkdir(parents=True)
        pl.DataFrame({"row": [row]}).write_parquet(folder / "raw-years" / year / "0.parquet")
    (folder / "r.yaml").write_text(yaml.safe_dump({"version": 1, "columns": {"row": "keep"}}))
    assert run("mask", "raw-years", *RAW_TO_OUT[1:], *ON_SPARK) == 0
    assert pl.read_parquet("out/*.parquet")["row"].sort().to_list() == [1, 2]


REFUSED: dict[str, tuple[tuple[str, ...], str]] = {
    "absent": (("nothing", "out", "--rules", "r.yaml"), "/nothing: no such file"),
    "empty": (("nothing-in", "out", "--rules", "r.yaml"), "/nothing-in: no file is in it"),
    "absent table": (("table:none", "out", "--rules", "r.yaml"), "has no such table"),
    "CSV": (("raw.csv", "out", "--rules", "r.yaml"), "/raw.csv: its types would be others"),
    "deep glob": (("raw/**/*", "out", "--rules", "r.yaml"), "name the folder above"),
    "input": (
        ("raw/2024", "raw", "--rules", "r.yaml", "--overwrite"),
        "output is an input",
    ),
    "inside": (("raw", "raw/out", "--rules", "r.yaml"), "the next run would read it"),
    "itself": (
        ("raw/0.parquet", "raw/0.parquet", "--rules", "r.yaml", "--overwrite"),
        "output is an input",
    ),
    "glob": (("raw", "o?", "--rules", "r.yaml"), "o?: is a glob to Spark"),
    "record over input": (
        (*RAW_TO_OUT, "--manifest", "raw/0.parquet", "--overwrite"),
        "output is an input",
    ),
    "record is output": (
        (*RAW_TO_OUT, "--manifest", "out"),
        "lies in the output folder",
    ),
    "inside a glob": (("raw/*", "raw/out", "--rules", "r.yaml"), "the next run would read it"),
    "over the rules": (
        (*RAW_TO_OUT, "--save-rules", "r.yaml", "--overwrite"),
        "r.yaml: the output is an input",
    ),
    "record inside": (
        ("raw", "kept", "--rules", "r.yaml", "--manifest", "kept/m.json"),
        "lies in the output folder",
    ),
    "present": (("raw", "kept", "--rules", "r.yaml"), "/kept: exists already"),
    "others": (("raw", "kept", "--rules", "r.yaml", "--overwrite"), "holds other files"),
    "other tables": (("raw", "kept-lake", "--rules", "r.yaml", "--overwrite"), "holds other files"),
    "state": ((*RAW_TO_OUT, "--state", "s"), "--engine spark: does not go with --state"),
    "pipe": (("-", "-", "--rules", "r.yaml"), "--engine spark: does not go with -"),
    "dataset": (("dataset.yaml",), "masks one table: give OUTPUT and --rules"),
    "place": (("raw", "ftp2://x/y", "--rules", "r.yaml"), "ftp2://x/y: finding it failed"),
    "rules": (("raw", "out", "--rules", "held.yaml"), "rows that wait are those of files"),
    "codec": (("raw", "out", "--rules", "brotli.yaml"), "Spark comes without brotli"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_spark_must_not_do_is_refused(
    spark: Any, folder: Path, capsys: pytest.CaptureFixture[str], case: str
) -> None:
    """One line, and nothing is written or lost."""
    assert spark
    (folder / "kept").mkdir()
    (folder / "kept" / "year=2024").mkdir()
    (folder / "kept" / "year=2024" / ".env").write_text("mine")
    (folder / "nothing-in").mkdir()
    (folder / "kept-lake" / "orders").mkdir(parents=True)
    (folder / "kept-lake" / "orders" / "0.parquet").write_text("mine")
    (folder / "held.yaml").write_text(yaml.safe_dump(RULES | {"batches": "held_back"}))
    brotli = RULES | {"parquet": {"compression": "brotli"}}
    (folder / "brotli.yaml").write_text(yaml.safe_dump(brotli))
    before = sorted(folder.rglob("*"))
    call, message = REFUSED[case]
    key = () if "--key-file" in call else ("--key-file", "key")
    assert run("mask", *call, *key, *ON_SPARK) in {1, 2}
    *waited, line = capsys.readouterr().err.splitlines()
    assert set(waited) <= {"anonymizer: masking"}  # which is said where it takes long
    assert line.startswith("anonymizer: ")
    assert message in line
    assert sorted(folder.rglob("*")) == before


def test_a_master_is_of_spark(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is not passed over."""
    assert folder.exists()
    assert run("mask", *RAW_TO_OUT, "--master", "local[2]") == 2
    assert capsys.readouterr().err == "anonymizer: --master is for --engine spark\n"


def test_a_folder_that_was_masked_is_replaced(spark: Any, folder: Path) -> None:
    """Where that is asked for; an empty one that somebody made is taken as it is."""
    assert spark
    (folder / "out").mkdir()
    assert run("mask", *RAW_TO_OUT, *ON_SPARK) == 0
    first = {file.name for file in (folder / "out").glob("*.parquet")}
    assert run("mask", *RAW_TO_OUT, *ON_SPARK) == 2
    assert run("mask", *RAW_TO_OUT, *ON_SPARK, "--overwrite") == 0
    assert first.isdisjoint(file.name for file in (folder / "out").glob("*.parquet"))
    assert len(pl.read_parquet("out/*.parquet")) == 3_000


def contents(folder: Path) -> dict[str, bytes]:
    """What each file holds, those inside and hidden ones too."""
    files = (file for file in folder.rglob("*") if file.is_file())
    return {str(file.relative_to(folder)): file.read_bytes() for file in files}


def test_a_job_that_fails_leaves_what_it_would_have_replaced(
    spark: Any, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every byte, and nothing beside it, though it fails while it writes."""
    assert run("mask", *RAW_TO_OUT, *ON_SPARK) == 0
    before = contents(folder / "out")
    fails = spark.range(3).selectExpr("raise_error('fails') as item")
    monkeypatch.setattr("anonymizer.spark.files._shuffled", lambda _: fails)
    assert run("mask", *RAW_TO_OUT, *ON_SPARK, "--overwrite") == 1
    assert "masking failed" in capsys.readouterr().err
    assert contents(folder / "out") == before
    assert {entry.name for entry in folder.iterdir()} == {"raw", "out", "r.yaml", "key"}


def test_rows_that_are_missing_replace_nothing(
    spark: Any, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """They are counted before they are trusted, and removed again; where nothing was, too."""
    assert spark
    (folder / "out").mkdir()
    visits(9).write_parquet(folder / "out" / "0.parquet")
    before = contents(folder / "out")
    monkeypatch.setattr("anonymizer.spark.files._shuffled", lambda each: each.masked().limit(5))
    for target, more in (("out", ["--overwrite"]), ("out2", [])):
        assert run("mask", "raw", target, *RAW_TO_OUT[2:], *ON_SPARK, *more) == 1
        assert f"{folder}/{target}: 5 of 3,000 rows arrived" in capsys.readouterr().err
    assert contents(folder / "out") == before
    assert {entry.name for entry in folder.iterdir()} == {"raw", "out", "r.yaml", "key"}


def test_a_folder_that_cannot_be_replaced_comes_back(
    spark: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was moved aside already; a folder of empty ones is replaced too, a root is not."""
    from anonymizer.spark import folders

    there = folders.Folder.at(spark, str(folder / "out"))
    (folder / "out").mkdir()
    (folder / "out" / "0.parquet").write_text("old")
    move, moved = folders._move, list[str]()

    def stuck(source: folders.Folder, target: folders.Folder) -> None:
        moved.append(target.place)
        if len(moved) == 2:
            raise FileError("stuck")
        move(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(folders, "_move", stuck)
        with pytest.raises(FileError, match=r"^stuck$"), there.written(overwrite=True) as new:
            spark.range(3).write.parquet(new.place)
    assert contents(folder / "out") == {"0.parquet": b"old"}
    assert {entry.name for entry in folder.iterdir()} == {"raw", "out", "r.yaml", "key"}
    (folder / "out" / "0.parquet").unlink()
    (folder / "out" / "_temporary").mkdir()  # as a driver that was killed leaves it
    with there.written(overwrite=True) as new:
        spark.range(3).write.parquet(new.place)
    assert len(pl.read_parquet("out/*.parquet")) == 3
    with pytest.raises(FileError, match="is the root of a file system"):
        folders.Folder.at(spark, "/")._beside("new")


def test_parquet_is_written_as_rules_say(spark: Any, folder: Path) -> None:
    """Codec, level and rows of a group; where they say nothing, as Spark is set."""
    visits(3_000).write_parquet(folder / "rows.parquet")
    rows = spark.read.parquet(str(folder / "rows.parquet"))
    usual = spark.conf.get("spark.sql.parquet.compression.codec").upper()
    size = {}
    for name, said, codec, groups in (
        ("unsaid", Parquet(), usual, 1),
        ("default", Parquet(compression="zstd"), "ZSTD", 1),
        ("zstd 1", Parquet(level=1), "ZSTD", 1),
        ("zstd 22", Parquet(level=22), "ZSTD", 1),
        ("gzip 0", Parquet(compression="gzip", level=0), "GZIP", 1),
        ("gzip 9", Parquet(compression="gzip", level=9), "GZIP", 1),
        ("lz4", Parquet(compression="lz4"), "LZ4", 1),
        ("groups", Parquet(compression="uncompressed", row_group=1_000), "UNCOMPRESSED", 3),
    ):
        target = Folder.at(spark, str(folder / f"out-{name}"))
        write(rows, target, "writing", parquet=said)
        size[name] = size_of_one(folder / f"out-{name}", codec, groups)
    assert size["zstd 22"] != size["zstd 1"] == size["default"]  # of so few rows none is smaller
    assert size["gzip 9"] < size["gzip 0"]


def size_of_one(folder: Path, codec: str, groups: int) -> int:
    """The bytes of the one file in a folder, which was written so."""
    import pyarrow.parquet as pq

    (file,) = folder.glob("*.parquet")
    footer = pq.read_metadata(file)
    assert footer.row_group(0).column(0).compression == codec
    assert footer.num_row_groups == groups
    return file.stat().st_size


def test_hive_keys_are_what_they_are_here(
    spark: Any, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Text that looks like a date, text with zeros, and integers: their tokens join."""
    assert spark
    keys = {"day": "2024-01-05", "shop": "07", "store": 7}
    place = folder / "raw-parts" / "/".join(f"{key}={value}" for key, value in keys.items())
    place.mkdir(parents=True)
    rows = pl.DataFrame({"row": range(6)})
    rows.write_parquet(place / "0.parquet")
    rules = {"version": 1, "columns": {"row": "keep"} | dict.fromkeys(keys, "token")}
    (folder / "r.yaml").write_text(yaml.safe_dump(rules))
    assert run("mask", "raw-parts", *RAW_TO_OUT[1:], *ON_SPARK) == 0
    raw = rows.with_columns(**{key: pl.lit(value) for key, value in keys.items()})
    expected = anonymizer.anonymize(raw.cast({"store": pl.Int64}), rules, key=SECRET)
    assert pl.read_parquet("out/*.parquet").sort("row").equals(expected)
    capsys.readouterr()
    assert run("mask", "raw-parts/day=*/shop=*", "out2", *RAW_TO_OUT[2:], *ON_SPARK) == 2
    assert "would lose 'day' in names of folders" in capsys.readouterr().err


def test_columns_that_some_files_lack_are_read(
    spark: Any, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """So that one without a rule stops the run, in whichever file it is."""
    assert spark
    visits(10).with_columns(note=pl.lit("x")).write_parquet(folder / "raw" / "9.parquet")
    assert run("mask", *RAW_TO_OUT, *ON_SPARK) == 2
    assert "note: no rule covers it" in capsys.readouterr().err


@pytest.mark.parametrize("content", [b"", b"no Parquet at all", None])
def test_a_file_that_cannot_be_read_is_named(
    spark: Any, folder: Path, capsys: pytest.CaptureFixture[str], content: bytes | None
) -> None:
    """Here and on Spark, whatever is wrong with it; nothing is left of the run."""
    assert spark
    file = folder / "raw" / "2024" / "2.parquet"
    if content is None:
        damage(file)
    else:
        file.write_bytes(content)
    for more in ((), ON_SPARK):
        assert run("mask", *RAW_TO_OUT, *more) == 2
        *_, line = capsys.readouterr().err.splitlines()
        assert "raw/2024/2.parquet: " in line
        assert "Traceback" not in line
        assert not (folder / "out").exists()


@pytest.mark.parametrize("command", ["mask", "fit-rules"])
@pytest.mark.parametrize("named", [[], ["--key-env", "NO_SUCH_KEY"], ["--key-file", "/no/such"]])
def test_a_key_that_is_not_there_is_told_before_spark_starts(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: str,
    named: list[str],
) -> None:
    """In the words of the local engine."""

    def started(*_: object, **__: object) -> None:
        raise AssertionError("Spark started")

    monkeypatch.setattr("anonymizer.spark.session.opened", started)
    target = ["-o", "fitted.json"] if command == "fit-rules" else ["out"]
    said = []
    for more in ((), ON_SPARK):
        assert run(command, "raw", *target, "--rules", "r.yaml", *named, *more) == 2
        said.append(capsys.readouterr().err.splitlines()[-1])
    assert said[0] == said[1]
    assert not (folder / "out").exists()


def test_rules_that_may_need_no_key_are_not_asked_for_one(spark: Any, folder: Path) -> None:
    """Where a mask with a key is for columns that this table has not."""
    assert spark
    rules = {"version": 1, "missing": "ignore", "columns": {"no such": "token", "*": "keep"}}
    (folder / "r.yaml").write_text(yaml.safe_dump(rules))
    assert run("mask", "raw", "out", "--rules", "r.yaml", *ON_SPARK) == 0


def test_executors_with_another_key_are_refused(spark: Any, folder: Path) -> None:
    """Their tokens would join nothing; the error of the executor is that of the command."""
    from contextlib import nullcontext

    from pyspark import TaskContext

    from anonymizer.spark.files import mask_files

    def secret() -> str:
        return SECRET if TaskContext.get() is None else "another key, 7f3a91c5e2"

    rules = RULES | {"columns": RULES["columns"] | {"item": "keep", "at": "drop"}}
    raw, out = str(folder / "raw"), str(folder / "out")
    with pytest.raises(KeyMaterialError, match=r"^the plan was made with the key \w+, and here"):
        mask_files(lambda: nullcontext(spark), raw, out, rules, key=secret)
    assert not (folder / "out").exists()


def test_executors_without_a_key_are_told_of(
    spark: Any,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The driver has one in its environment; that of executors is another."""
    assert spark
    (folder / "r.yaml").write_text(yaml.safe_dump({"version": 1, "columns": {"*": "token"}}))
    monkeypatch.setenv("A_KEY_OF_TESTS", SECRET)
    call = ("raw", "out", "--rules", "r.yaml", "--key-env", "A_KEY_OF_TESTS", *ON_SPARK)
    assert run("mask", *call) == 2
    line = capsys.readouterr().err.splitlines()[-1]
    assert line.startswith("anonymizer: no key: set the environment variable A_KEY_OF_TESTS")


def test_without_pyspark_the_extra_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line says what to install."""
    assert folder.exists()
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    assert run("mask", *RAW_TO_OUT, *ON_SPARK) == 1
    assert '--engine spark needs an extra: pip install "seqanon[spark]"' in capsys.readouterr().err


def test_spark_says_nothing_of_its_own(folder: Path) -> None:
    """Not as it starts, and not of a task that failed: its traces may hold values."""
    try:
        import pyspark  # noqa: F401
    except ImportError:
        without("pyspark")
    damage(folder / "raw" / "1.parquet")
    call = ["mask", *RAW_TO_OUT, *ON_SPARK, "--master", "local[2]"]
    done = subprocess.run(
        [sys.executable, "-m", "anonymizer", *call],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert not done.stdout
    lines = [line for line in done.stderr.splitlines() if not line.startswith("anonymizer:  ")]
    assert {*lines[:-1]} <= {"anonymizer: masking"}  # after two seconds
    told = "cannot be read: it is empty, damaged, or of another format"
    assert lines[-1] == f"anonymizer: {folder}/raw/1.parquet: {told}"
