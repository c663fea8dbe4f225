"""Frames and files end to end: same kind, whole or nothing, no secret and no raw value."""

import json
import pickle
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from polars.testing import assert_frame_equal

from anonymizer import anonymize
from anonymizer.delimited.cells import Types
from anonymizer.errors import AnonymizerError, DataError, FileError, KeyMaterialError
from anonymizer.files.table_files import sink
from anonymizer.keys import Key
from anonymizer.masking.rules.rules import load_rules
from anonymizer.masking.run.files import mask_file
from anonymizer.masking.run.preview import preview

PERSONAL = ["customer_id", "name", "email", "phone", "address", "order_id"]


def files_in(folder: Path) -> set[str]:
    """Names of all files, hidden ones included."""
    return {file.name for file in folder.iterdir()}


def test_the_same_kind_comes_back(shop: pl.DataFrame, secret: str) -> None:
    """Polars eager and lazy, pandas and Arrow give equal answers of their own kind."""
    expected = anonymize(shop, "ecommerce", key=secret)
    lazy = anonymize(shop.lazy(), "ecommerce", key=secret)
    arrow = anonymize(shop.to_arrow(), "ecommerce", key=secret)
    pandas = anonymize(shop.to_pandas(), "ecommerce", key=secret)
    assert isinstance(lazy, pl.LazyFrame)
    assert isinstance(arrow, pa.Table)
    assert isinstance(pandas, pd.DataFrame)
    for frame in (lazy.collect(), pl.from_arrow(arrow), pl.from_pandas(pandas)):
        assert isinstance(frame, pl.DataFrame)
        assert_frame_equal(frame, expected)


def test_pandas_integers_with_nulls_join_with_integers(secret: str) -> None:
    """17850.0, as pandas writes it, has the token of 17850."""
    rules = {"version": 1, "columns": {"x": "token"}}
    floats = anonymize(pd.DataFrame({"x": [17850.0, None]}), rules, key=secret)
    integers = anonymize(pl.DataFrame({"x": [17850]}), rules, key=secret)
    assert floats["x"][0] == integers["x"][0]


def test_a_lazy_frame_holds_no_subkey(shop: pl.DataFrame, secret: str) -> None:
    """The plan that a caller gets explains as opaque, and cannot be serialised."""
    lazy = anonymize(shop.lazy(), "ecommerce", key=secret)
    subkeys = [Key(secret).subkey(domain) for domain in ("customer", "order")]
    assert not any(subkey in lazy.explain() for subkey in [*subkeys, secret])
    with pytest.raises((pl.exceptions.ComputeError, KeyMaterialError)):
        lazy.serialize()
    with pytest.raises((pl.exceptions.ComputeError, KeyMaterialError)):
        pickle.dumps(lazy)


def test_joinability_order_and_intervals_are_kept(shop: pl.DataFrame, secret: str) -> None:
    """Same customer same token, same order of events, same intervals to the microsecond."""
    out = anonymize(shop, "ecommerce", key=secret)
    pairs = set(zip(shop["customer_id"], out["customer_id"], strict=True))
    assert len(pairs) == shop["customer_id"].n_unique() == out["customer_id"].n_unique()
    for raw, token in pairs:
        before = shop.filter(customer_id=raw)["order_time"]
        after = out.filter(customer_id=token)["order_time"]
        assert after.diff().to_list() == before.diff().to_list()
        assert (after != before).all()


def test_no_raw_value_is_anywhere(shop: pl.DataFrame, secret: str, tmp_path: Path) -> None:
    """Output, metadata and manifest contain no personal value and nothing of the key."""
    source, target, note = (tmp_path / name for name in ("in.parquet", "out.parquet", "m.json"))
    categories = pl.col("name").cast(pl.Categorical), pl.col("email").cast(pl.Categorical)
    shop.with_columns(*categories).write_parquet(source)
    record = mask_file(source, target, "ecommerce", key=secret, manifest=note)
    values = {str(value) for name in PERSONAL for value in shop[name].drop_nulls() if value != ""}
    values |= {str(moment) for moment in shop["order_time"]}
    values |= {secret, Key(secret).subkey("customer"), Key(secret).subkey("order")}
    plain = tmp_path / "out.csv"
    pl.read_parquet(target).write_csv(plain)
    uncompressed = tmp_path / "plain.parquet"
    pl.read_parquet(target).write_parquet(uncompressed, compression="uncompressed")
    texts = [file.read_bytes() for file in (target, note, plain, uncompressed)]
    texts.append(json.dumps(pl.read_parquet_metadata(target)).encode())
    texts.append(repr(record).encode())
    found = [value for value in values for text in texts if value.encode() in text]
    assert found == []


def test_the_manifest_says_what_was_done(shop: pl.DataFrame, secret: str, tmp_path: Path) -> None:
    """Rules, digest, columns, null counts, rows, key id and versions; never `anonymous`."""
    shop.write_parquet(tmp_path / "in.parquet")
    note = tmp_path / "m.json"
    mask_file(
        tmp_path / "in.parquet", tmp_path / "o.parquet", "ecommerce", key=secret, manifest=note
    )
    content = json.loads(note.read_text())
    assert content["rows"] == 6
    assert content["key_id"] == Key(secret).id
    assert content["entity"] == "customer_id"
    assert content["rules"]["columns"]["order_time"]["days"] == 30
    assert content["rules"]["digest"] == "aes-cmac"
    assert len(content["rules_sha256"]) == 64
    assert set(content["versions"]) == {"seqanon", "polars", "polars-hash", "python"}
    assert content["columns"][4] == {
        "column": "address",
        "mask": "region",
        "input_dtype": "String",
        "output_dtype": "String",
        "input_nulls": 1,
        "output_nulls": 3,
    }
    assert "anonymous" not in note.read_text()
    stamp = json.loads(pl.read_parquet_metadata(tmp_path / "o.parquet")["anonymizer"])
    assert stamp["key_id"] == Key(secret).id
    assert stamp["rules_sha256"] == content["rules_sha256"]


@pytest.mark.parametrize("ending", ["parquet", "csv", "arrow"])
def test_files_and_frames_agree(
    shop: pl.DataFrame, secret: str, tmp_path: Path, ending: str
) -> None:
    """Every format that knows datetimes gives what the frame gives."""
    source, target = tmp_path / f"in.{ending}", tmp_path / "out.parquet"
    sink(shop.lazy(), source)
    types: Types = {"order_time": "datetime", "quantity": "integer", "unit_price": "float"}
    rules = replace(load_rules("ecommerce"), types=types, order="shuffled")
    mask_file(source, target, rules, key=secret)
    expected = anonymize(shop, rules, key=secret)
    assert_frame_equal(pl.read_parquet(target), expected)


def test_json_lines_are_masked(secret: str, tmp_path: Path) -> None:
    """Integers and text of NDJSON are masked into NDJSON."""
    (tmp_path / "in.ndjson").write_text('{"x": 1, "y": "a"}\n{"x": 2, "y": null}\n')
    rules = {"version": 1, "columns": {"x": {"mask": "round", "to": 2}, "y": "token"}}
    mask_file(tmp_path / "in.ndjson", tmp_path / "out.ndjson", rules, key=secret)
    assert pl.read_ndjson(tmp_path / "out.ndjson")["x"].to_list() == [2, 2]


def test_parquet_is_written_as_the_rules_say(secret: str, tmp_path: Path) -> None:
    """Codec and row groups are those that were asked for."""
    raw, out = tmp_path / "in.parquet", tmp_path / "out.parquet"
    pl.DataFrame({"x": range(2_500)}).write_parquet(raw)
    rules = {"version": 1, "columns": {"x": "token"}}
    mask_file(
        raw, out, rules | {"parquet": {"compression": "gzip", "row_group": 1_000}}, key=secret
    )
    written = pq.ParquetFile(out).metadata
    assert written.row_group(0).column(0).compression == "GZIP"
    assert [written.row_group(n).num_rows for n in range(written.num_row_groups)] == [
        1000,
        1000,
        500,
    ]
    mask_file(raw, out, rules, key=secret, overwrite=True)
    assert pq.ParquetFile(out).metadata.row_group(0).column(0).compression == "ZSTD"


def test_many_files_become_one(shop: pl.DataFrame, secret: str, tmp_path: Path) -> None:
    """A glob is one table."""
    (tmp_path / "in").mkdir()
    for part in range(3):
        shop[part * 2 : part * 2 + 2].write_parquet(tmp_path / "in" / f"{part}.parquet")
    rules = load_rules("ecommerce").to_dict() | {"order": "kept"}
    record = mask_file(tmp_path / "in" / "*.parquet", tmp_path / "o.parquet", rules, key=secret)
    assert record.rows == 6
    expected = anonymize(shop, rules, key=secret)
    assert_frame_equal(pl.read_parquet(tmp_path / "o.parquet"), expected)


def test_a_glob_of_one_file_becomes_a_folder_too(
    shop: pl.DataFrame, secret: str, tmp_path: Path
) -> None:
    """What a job writes does not depend on how many files came today."""
    (tmp_path / "in").mkdir()
    shop.write_parquet(tmp_path / "in" / "0.parquet")
    mask_file(tmp_path / "in" / "*.parquet", tmp_path / "out", "ecommerce", key=secret)
    assert len(pl.read_parquet(tmp_path / "out")) == len(shop)


def test_a_second_run_is_noticed(shop: pl.DataFrame, secret: str, tmp_path: Path) -> None:
    """A masked file is refused as input, under any key."""
    shop.write_parquet(tmp_path / "in.parquet")
    mask_file(tmp_path / "in.parquet", tmp_path / "o.parquet", "ecommerce", key=secret)
    with pytest.raises(DataError, match=f"o.parquet is masked already .key id {Key(secret).id}"):
        mask_file(tmp_path / "o.parquet", tmp_path / "p.parquet", "ecommerce", key=secret + "2")
    assert files_in(tmp_path) == {"in.parquet", "o.parquet"}


def test_a_run_that_fails_leaves_nothing(
    shop: pl.DataFrame, secret: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether reading, writing or recording fails, old files stay and new ones do not appear."""
    source, target, note = (tmp_path / name for name in ("in.arrow", "out.parquet", "m.json"))
    shop.write_ipc(source)
    target.write_text("old")

    def broken(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("anonymizer.masking.run.files.make_manifest", broken)
    with pytest.raises(OSError, match="disk full"):
        mask_file(source, target, "ecommerce", key=secret, manifest=note, overwrite=True)
    assert files_in(tmp_path) == {"in.arrow", "out.parquet"}
    assert target.read_text() == "old"


def test_an_error_of_polars_comes_without_values(secret: str, tmp_path: Path) -> None:
    """A file that is cut off in the middle fails in one line that repeats nothing."""
    source = tmp_path / "in.parquet"
    pl.DataFrame({"x": [f"secret-{n}" for n in range(100_000)]}).write_parquet(source)
    content = bytearray(source.read_bytes())
    middle = len(content) // 2
    content[100:middle] = b"\xff" * (middle - 100)
    source.write_bytes(content)
    rules = {"version": 1, "columns": {"x": "token"}}
    with pytest.raises(AnonymizerError, match=r"masking failed \(\w+\)") as caught:
        mask_file(source, tmp_path / "o.parquet", rules, key=secret)
    assert "secret" not in str(caught.value)
    assert files_in(tmp_path) == {"in.parquet"}


def test_nothing_is_written_over(shop: pl.DataFrame, secret: str, tmp_path: Path) -> None:
    """Neither an existing output or manifest, nor the input, nor both in one file."""
    source, target = tmp_path / "in.parquet", tmp_path / "o.parquet"
    shop.write_parquet(source)
    before = source.read_bytes()
    (tmp_path / "m.json").write_text("old")
    calls: list[dict[str, Any]] = [
        {"target": source, "overwrite": True},
        {"target": target, "manifest": tmp_path / "m.json"},
        {"target": target, "manifest": target},
        {"target": target, "manifest": source, "overwrite": True},
        {"target": tmp_path / "o.xlsx"},
        {"target": tmp_path / "absent" / "o.parquet"},
    ]
    for call in calls:
        with pytest.raises(FileError):
            mask_file(source, rules="ecommerce", key=secret, **call)
    assert files_in(tmp_path) == {"in.parquet", "m.json"}
    assert source.read_bytes() == before


def test_a_key_is_needed_only_by_keyed_masks(shop: pl.DataFrame) -> None:
    """Rules that only coarsen run without a key; a bad key is refused all the same."""
    rules = {"version": 1, "unlisted": "drop", "columns": {"quantity": {"mask": "round", "to": 5}}}
    assert anonymize(shop, rules)["quantity"].to_list() == [5, 5, 10, 5, 0, 5]
    with pytest.raises(KeyMaterialError, match="too short"):
        anonymize(shop, rules, key="short")
    with pytest.raises(KeyMaterialError, match="no key"):
        anonymize(shop, "ecommerce")


def test_an_empty_frame_stays_empty(shop: pl.DataFrame, secret: str, tmp_path: Path) -> None:
    """No rows is a table as well."""
    shop[:0].write_parquet(tmp_path / "in.parquet")
    record = mask_file(tmp_path / "in.parquet", tmp_path / "o.parquet", "ecommerce", key=secret)
    assert record.rows == 0
    assert (
        pl.read_parquet(tmp_path / "o.parquet").schema
        == anonymize(shop, "ecommerce", key=secret).schema
    )


def test_a_file_without_rows_stays_one_whatever_the_mask(secret: str, tmp_path: Path) -> None:
    """A delivery of nothing stops no job."""
    masks: dict[str, Any] = {
        "same": {"mask": "token", "as": "same"},
        "born": {"mask": "age", "width": 10, "on": "2026-01-01"},
    }
    frame = pl.DataFrame({"same": [1], "born": [date(2000, 1, 1)]})
    frame.clear().write_parquet(tmp_path / "in.parquet")
    rules = {"version": 1, "columns": masks}
    mask_file(tmp_path / "in.parquet", tmp_path / "out.parquet", rules, key=secret)
    expected = anonymize(frame, rules, key=secret).schema
    assert pl.read_parquet(tmp_path / "out.parquet").schema == expected


def test_numbers_of_128_bits_that_repeat_are_masked(secret: str) -> None:
    """Also those below what 64 bits hold."""
    numbers = [-(2**100), -(2**63) - 1, 2**100] * 20
    frame = pl.DataFrame({"a": pl.Series(numbers, dtype=pl.Int128)})
    rules = {"version": 1, "columns": {"a": "token"}}
    alone = anonymize(frame.lazy(), rules, key=secret).collect()
    assert_frame_equal(anonymize(frame, rules, key=secret), alone)


def test_the_preview_shows_no_real_row(shop: pl.DataFrame) -> None:
    """Each column has its mask, its dtypes and invented examples, without any key."""
    columns = {each.column: each for each in preview(shop, "ecommerce")}
    assert list(columns) == shop.columns
    assert (columns["customer_id"].mask, columns["customer_id"].output_dtype) == ("token", "String")
    assert columns["address"].examples[0] == ("10 Downing Street, London SW1A 2AA", "England")
    assert columns["quantity"].examples == [(17, 17), (42, 42), (101, 101)]
    shown = {str(before) for each in columns.values() for before, _ in each.examples}
    assert shown.isdisjoint({str(value) for name in PERSONAL for value in shop[name]} - {"None"})
    assert isinstance(columns["order_time"].examples[0][1], datetime)


def test_the_preview_takes_every_dtype() -> None:
    """Nested and odd columns have no examples, and dropped ones no output."""
    frame = pl.DataFrame({"l": [[1]], "s": [{"a": 1}], "b": [b"x"], "n": [None], "d": [1]})
    rules = {"version": 1, "unlisted": "keep", "columns": {"d": "drop"}}
    shown = preview(frame, rules)
    assert [each.output_dtype for each in shown] == [
        "List(Int64)",
        "Struct(a: Int64)",
        "Binary",
        "Null",
        None,
    ]
