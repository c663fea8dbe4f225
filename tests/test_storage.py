"""Folders and objects, against servers of S3, Google's and Azure's interfaces on this machine."""

import base64
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from socket import socket
from subprocess import DEVNULL, Popen
from threading import Thread
from typing import Any

import polars as pl
import pyarrow.fs
import pytest
from polars.testing import assert_frame_equal

from anonymizer import FileError, mask_dataset
from anonymizer.files.sources import scan
from anonymizer.files.table_files import sink
from anonymizer.masking.run.files import mask_file
from anonymizer.storage import files_at, options_for
from anonymizer.stores.delta import delta
from tests.skipping import without

ACCOUNT, ACCOUNT_KEY = "tests", base64.b64encode(b"made up for these tests").decode()
SECRET = "0123456789abcdef-of-the-tests"
RULES: dict[str, Any] = {
    "version": 1,
    "entity": "who",
    "columns": {"who": {"mask": "token", "domain": "customer"}, "*": "keep"},
}
TABLE: dict[str, Any] = {"columns": {"who": "token", "*": "keep"}}
FRAME = pl.DataFrame(
    {
        "who": ["secret-ann", "secret-bob", "secret-ann"],
        "year": [2023, 2024, 2024],
        "country": ["DE", "FR", "D/E"],
        "amount": [1.5, 2.5, None],
    }
)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A server of S3 on this machine, and of Google's XML interface, which is that of S3."""
    try:
        from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    except ImportError:
        without("moto")
    from werkzeug.serving import make_server

    app = DomainDispatcherApplication(create_backend_app)

    def signed(environ: dict[str, Any], start: Any) -> Any:
        """Whoever asks without a signature, as Google's clients do, is somebody all the same."""
        if "AWS4" not in environ.get("HTTP_AUTHORIZATION", ""):
            environ["HTTP_AUTHORIZATION"] = "AWS4 Credential=t/20260101/us-east-1/s3/aws4_request"
        return app(environ, start)

    with make_server("127.0.0.1", 0, signed, threaded=True) as made:
        Thread(target=made.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{made.server_port}"
        made.shutdown()


@pytest.fixture
def bucket(server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty bucket, and the environment that AWS tools read."""
    for name, value in {
        "AWS_ENDPOINT_URL": server,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    s3 = pyarrow.fs.S3FileSystem(endpoint_override=server, allow_bucket_creation=True)
    s3.create_dir("data")
    s3.delete_dir_contents("data", missing_dir_ok=True)
    return "s3://data"


@pytest.fixture(scope="module")
def azurite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of Azure's blobs on this machine, with an empty container `data`."""
    program = Path(sys.prefix, "azurite", "node_modules", ".bin", "azurite-blob")
    if not program.exists():
        without("azurite")
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{free.getsockname()[1]}"
    port = ["--blobPort", place.partition(":")[2]]
    options = ["--silent", "--disableTelemetry", "--skipApiVersionCheck", "--inMemoryPersistence"]
    environment = os.environ | {"AZURITE_ACCOUNTS": f"{ACCOUNT}:{ACCOUNT_KEY}"}
    where = tmp_path_factory.mktemp("azurite")
    with Popen([program, *options, *port], cwd=where, env=environment, stdout=DEVNULL) as process:
        pyarrow.fs.AzureFileSystem(
            account_name=ACCOUNT,
            account_key=ACCOUNT_KEY,
            blob_storage_authority=place,
            blob_storage_scheme="http",
        ).create_dir("data")  # as soon as it is there
        yield place
        process.terminate()


@pytest.fixture
def clouds(
    bucket: str, server: str, azurite: str, monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    """Scheme → a place in a bucket or container of that cloud, which the environment opens."""
    account: dict[str, Any] = {"client_email": "", "private_key": "", "private_key_id": ""}
    account |= {"gcs_base_url": server, "disable_oauth": True}
    for name, value in {
        "GOOGLE_SERVICE_ACCOUNT_KEY": json.dumps(account),
        "AZURE_STORAGE_ACCOUNT_NAME": ACCOUNT,
        "AZURE_STORAGE_ACCOUNT_KEY": ACCOUNT_KEY,
        "AZURE_STORAGE_ENDPOINT": f"http://{azurite}/{ACCOUNT}",
        "AZURE_ALLOW_HTTP": "true",
    }.items():
        monkeypatch.setenv(name, value)
    azure = f"abfss://data@{ACCOUNT}.dfs.core.windows.net"
    return {"s3": bucket, "gs": "gs://data", "az": "az://data", "abfss": azure}


def masked(source: str | Path, target: str | Path, **options: Any) -> Any:
    """Masks files under the rules."""
    return mask_file(source, target, RULES, key=SECRET, **options)


@pytest.mark.parametrize("ending", ["parquet", "csv", "ndjson", "arrow"])
def test_masking_from_bucket_to_bucket(bucket: str, ending: str, tmp_path: Path) -> None:
    """The same result as between local files, in every format."""
    local, there = tmp_path / f"in.{ending}", f"{bucket}/raw/in.{ending}"
    sink(FRAME.lazy(), local)
    sink(FRAME.lazy(), there)
    masked(local, tmp_path / f"out.{ending}")
    masked(there, f"{bucket}/out/out.{ending}", manifest=f"{bucket}/out/manifest.json")
    assert_frame_equal(
        scan(f"{bucket}/out/out.{ending}").collect(), scan(tmp_path / f"out.{ending}").collect()
    )


def test_globs_and_prefixes_of_a_bucket(bucket: str) -> None:
    """Objects come in the order of their names; hidden ones are left out."""
    for name in ("raw/b.parquet", "raw/a.parquet", "raw/_temporary/c.parquet"):
        sink(FRAME.with_columns(country=pl.lit(name)).lazy(), f"{bucket}/{name}")
    for place in (f"{bucket}/raw", f"{bucket}/raw/*.parquet"):
        found = scan(place).collect()["country"].unique(maintain_order=True).to_list()
        assert found == ["raw/a.parquet", "raw/b.parquet"]


def test_an_object_is_not_overwritten_unasked(bucket: str) -> None:
    """Nor is an input."""
    sink(FRAME.lazy(), f"{bucket}/a.parquet")
    with pytest.raises(FileError, match="exists already"):
        sink(FRAME.lazy(), f"{bucket}/a.parquet")
    with pytest.raises(FileError, match="the output is an input"):
        masked(f"{bucket}/a.parquet", f"{bucket}/a.parquet", overwrite=True)
    with pytest.raises(FileError, match="no such file"):
        masked(f"{bucket}/absent.parquet", f"{bucket}/b.parquet")


def test_a_bucket_that_is_not_there(bucket: str) -> None:
    """One line that names the bucket and what to check."""
    with pytest.raises(FileError, match="s3://nowhere: cannot be reached"):
        sink(FRAME.lazy(), f"{bucket.replace('data', 'nowhere')}/a.parquet")


def test_other_addresses_are_refused() -> None:
    """Said by name."""
    with pytest.raises(FileError, match="hdfs:// cannot be used"):
        scan("hdfs://bucket/a.parquet")


def hive(folder: Path) -> Path:
    """A folder of two partition columns."""
    FRAME.lazy().sink_parquet(pl.PartitionBy(folder, key=["year", "country"]), mkdir=True)
    return folder


def test_hive_partitions_are_kept(tmp_path: Path) -> None:
    """A folder becomes a folder with the same partitions, and nothing raw is in any name."""
    masked(hive(tmp_path / "raw"), tmp_path / "out", manifest=tmp_path / "m.json")
    names = sorted(str(file.relative_to(tmp_path / "out").parent) for file in files(tmp_path))
    assert names == ["year=2023/country=DE", "year=2024/country=D%2FE", "year=2024/country=FR"]
    columns = ["year", "country", "amount"]
    back = scan(tmp_path / "out").collect().sort("year", "country")
    assert_frame_equal(back.select(columns), FRAME.sort("year", "country").select(columns))
    assert back["who"].n_unique() == 2
    assert json.loads((tmp_path / "m.json").read_text())["rows"] == 3
    everything = b"".join(file.read_bytes() for file in files(tmp_path))
    assert b"secret-" not in everything


def files(folder: Path) -> list[Path]:
    """What is in the output."""
    return [file for file in (folder / "out").rglob("*") if file.is_file()]


def test_a_masked_partition_names_its_folders(tmp_path: Path) -> None:
    """Where a partition column is masked, folders bear the masked value; dropped ones are gone."""
    rules = RULES | {"columns": RULES["columns"] | {"country": "token", "year": "drop"}}
    rules["columns"] = {name: rules["columns"][name] for name in ("who", "country", "year", "*")}
    mask_file(hive(tmp_path / "raw"), tmp_path / "out", rules, key=SECRET)
    names = {file.parent.name.partition("=")[0] for file in files(tmp_path)}
    assert names == {"country"}
    assert not any("DE" in str(file.relative_to(tmp_path)) for file in files(tmp_path))


def test_a_folder_is_replaced_whole(tmp_path: Path) -> None:
    """Asked for, the new folder takes the place of the old; unasked, it does not."""
    raw = hive(tmp_path / "raw")
    masked(raw, tmp_path / "out")
    (tmp_path / "out" / "left.txt").write_text("x")
    with pytest.raises(FileError, match="exists already"):
        masked(raw, tmp_path / "out")
    with pytest.raises(FileError, match="holds other files"):
        masked(raw, tmp_path / "out", overwrite=True)
    (tmp_path / "out" / "left.txt").unlink()
    (tmp_path / "out" / "year=1999").mkdir()
    masked(raw, tmp_path / "out", overwrite=True)
    assert sorted(each.name for each in (tmp_path / "out").iterdir()) == ["year=2023", "year=2024"]
    assert sorted(each.name for each in tmp_path.iterdir()) == ["out", "raw"]


def test_a_failed_run_leaves_the_old_folder(tmp_path: Path) -> None:
    """And nothing beside it."""
    raw = hive(tmp_path / "raw")
    masked(raw, tmp_path / "out")
    before = sorted(str(file) for file in files(tmp_path))
    broken = next(raw.rglob("*.parquet"))
    broken.write_bytes(broken.read_bytes()[:-200] + bytes(100) + broken.read_bytes()[-100:])
    with pytest.raises(Exception, match=r".*"):
        masked(raw, tmp_path / "out", overwrite=True)
    assert sorted(str(file) for file in files(tmp_path)) == before
    assert sorted(each.name for each in tmp_path.iterdir()) == ["out", "raw"]


def test_a_folder_of_files_becomes_one_file_or_a_folder(tmp_path: Path) -> None:
    """As the target's ending says; a single file needs one."""
    (tmp_path / "raw").mkdir()
    FRAME.write_csv(tmp_path / "raw" / "a.csv")
    FRAME.write_csv(tmp_path / "raw" / "b.csv")
    masked(tmp_path / "raw", tmp_path / "one.parquet")
    masked(tmp_path / "raw", tmp_path / "out")
    assert scan(tmp_path / "one.parquet").collect().height == 6
    assert scan(tmp_path / "out").collect().height == 6
    with pytest.raises(FileError, match="give it an ending"):
        masked(tmp_path / "one.parquet", tmp_path / "two")


def test_a_folder_inside_the_source_is_refused(tmp_path: Path) -> None:
    """The next run would read its own output."""
    raw = hive(tmp_path / "raw")
    with pytest.raises(FileError, match="the output is an input"):
        masked(raw, raw, overwrite=True)
    for inside in (raw / "out", raw / "out.parquet"):
        with pytest.raises(FileError, match="where the next run would read it"):
            masked(raw, inside)


@pytest.mark.parametrize("kind", ["csv", "ndjson", "arrow"])
def test_partitions_of_every_format(tmp_path: Path, kind: str) -> None:
    """Folders `key=value` are columns, whatever the files are; leading zeros stay."""
    for zip_code in ("00501", "10115"):
        (tmp_path / "raw" / f"zip={zip_code}").mkdir(parents=True)
        part = FRAME.select("who").lazy()
        sink(part, tmp_path / "raw" / f"zip={zip_code}" / f"a.{kind}")
    masked(tmp_path / "raw", tmp_path / "out")
    back = scan(tmp_path / "out").collect()
    assert sorted(back["zip"].unique()) == ["00501", "10115"]
    assert sorted(each.name for each in (tmp_path / "out").iterdir()) == ["zip=00501", "zip=10115"]


def test_parents_are_no_partitions(tmp_path: Path) -> None:
    """Only folders below the one that is named count."""
    (tmp_path / "run=5").mkdir()
    FRAME.write_parquet(tmp_path / "run=5" / "a.parquet")
    assert scan(tmp_path / "run=5" / "a.parquet").collect().columns == FRAME.columns
    assert scan(tmp_path / "run=5").collect().columns == FRAME.columns


def test_a_manifest_has_a_place_of_its_own(tmp_path: Path) -> None:
    """Neither inside the output nor over the rules."""
    raw = hive(tmp_path / "raw")
    (tmp_path / "out").mkdir()
    with pytest.raises(FileError, match="lies in the output folder"):
        masked(raw, tmp_path / "out", overwrite=True, manifest=tmp_path / "out" / "m.json")
    rules = tmp_path / "rules.yaml"
    rules.write_text("version: 1\ncolumns: {'*': keep}")
    with pytest.raises(FileError, match="the output is an input"):
        mask_file(raw, tmp_path / "out", rules, overwrite=True, manifest=rules)


def test_an_s3_folder_is_replaced_whole(bucket: str, tmp_path: Path) -> None:
    """Nothing of an earlier run is left."""
    masked(hive(tmp_path / "raw"), f"{bucket}/out")
    FRAME[:1].lazy().sink_parquet(
        pl.PartitionBy(tmp_path / "less", key=["year", "country"]), mkdir=True
    )
    masked(tmp_path / "less", f"{bucket}/out", overwrite=True)
    assert scan(f"{bucket}/out").collect().height == 1


def dataset(source: str, target: str, *tables: str) -> dict[str, Any]:
    """The fields of a dataset file."""
    named = dict.fromkeys(tables, TABLE)
    places = {"source": source, "target": target}
    return {"version": 1, "entity": f"{tables[0]}.who", "tables": named, **places}


@pytest.mark.parametrize("scheme", ["gs", "az"])
def test_a_folder_of_tables_is_masked(clouds: dict[str, str], scheme: str) -> None:
    """By the same file as on a disk: packed CSV, Hive folders; hidden objects stay out."""
    raw, out = f"{clouds[scheme]}/raw", f"{clouds[scheme]}/out"
    sink(FRAME.lazy(), f"{raw}/people.csv.gz")
    sink(FRAME.lazy(), f"{raw}/parts/country=D%2FE/0.parquet")
    sink(FRAME.lazy(), f"{raw}/_temporary/x.parquet")
    fields = dataset(raw, out, "people", "parts")
    mask_dataset(fields, key=SECRET)
    assert files_at(out)[-1] == f"{out}/people.csv.gz"
    people, parts = scan(f"{out}/people.csv.gz").collect(), scan(f"{out}/parts").collect()
    assert parts["country"].unique().to_list() == ["D/E"]
    assert len(people) == len(parts) == len(FRAME)
    assert not {*people["who"], *parts["who"]} & set(FRAME["who"])
    with pytest.raises(FileError, match="exists already"):
        mask_dataset(fields, key=SECRET)


@pytest.mark.parametrize("scheme", ["s3", "gs", "abfss"])
def test_delta_tables_are_masked(clouds: dict[str, str], scheme: str) -> None:
    """Live rows alone, into new tables."""
    import deltalake

    raw, out = f"{clouds[scheme]}/{scheme}/raw", f"{clouds[scheme]}/{scheme}/out"
    options = options_for(raw)
    deltalake.write_deltalake(
        f"{raw}/people", FRAME, partition_by=["country"], storage_options=options
    )
    deltalake.DeltaTable(f"{raw}/people", storage_options=options).delete("year = 2023")
    fields = dataset(f"delta:{raw}", f"delta:{out}", "people")
    mask_dataset(fields, key=SECRET)
    with delta(out) as store:
        rows = store.scan("people").collect()
    assert sorted(rows["country"]) == ["D/E", "FR"]
    assert not set(rows["who"]) & set(FRAME["who"])
    with pytest.raises(FileError, match="'people' is there, and its history"):
        mask_dataset(fields, key=SECRET)


def test_a_failed_upload_leaves_nothing_new(
    clouds: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of all that a run wrote; the error quotes neither the library nor a credential."""
    import obstore

    raw, out = hive(tmp_path / "raw"), f"{clouds['az']}/failed"
    put, calls = obstore.put, iter([False, True])

    def failing(*arguments: Any) -> Any:
        if next(calls):
            raise obstore.exceptions.GenericError(ACCOUNT_KEY)
        return put(*arguments)

    monkeypatch.setattr(obstore, "put", failing)
    with pytest.raises(
        FileError, match=r"^az://data: cannot be reached \(GenericError\)"
    ) as caught:
        masked(raw, out)
    assert ACCOUNT_KEY not in str(caught.value)
    assert files_at(out) == []


def test_credentials_that_do_not_fit_are_told_in_one_line(
    clouds: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the key, and without what the server said."""
    wrong = base64.b64encode(b"another").decode()
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_KEY", wrong)
    with pytest.raises(FileError, match=r"^az://data: cannot be reached .*credentials") as caught:
        scan(f"{clouds['az']}/a.parquet")
    assert wrong not in str(caught.value)
    assert "\n" not in str(caught.value)
