"""Key rotation: one map leads from the tokens of one key to those of another."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import polars as pl
import pytest

from anonymizer import anonymize
from anonymizer.errors import DataError, FileError, KeyMaterialError, RuleError, SchemaError
from anonymizer.files.footers import footer
from anonymizer.keys import Key
from anonymizer.masking.rules.rules import load_rules
from anonymizer.masking.run.files import mask_file
from anonymizer.masking.run.rotation import ROTATION_STAMP_KEY, Rotation, rotate_keys

OLD = "the-old-key-of-the-tests-0123456"
NEW = "the-new-key-of-the-tests-6543210"


def rules(columns: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A rule file."""
    return {"version": 1, "columns": columns} | fields


def rotated(
    folder: Path, frame: pl.DataFrame, columns: dict[str, Any], **fields: Any
) -> pl.DataFrame:
    """The map of a frame."""
    frame.write_parquet(folder / "raw.parquet")
    target = folder / "map.parquet"
    rotate_keys(
        folder / "raw.parquet",
        target,
        rules(columns, **fields),
        old_key=OLD,
        new_key=NEW,
        overwrite=True,
    )
    return pl.read_parquet(target)


def moved(masked: pl.DataFrame, pairs: pl.DataFrame, column: str, domain: str) -> pl.DataFrame:
    """A masked table with the tokens of the new key, as the docstring shows it."""
    pairs = pairs.filter(domain=domain).select("old", "new")
    joined = masked.join(
        pairs, left_on=column, right_on="old", how="left", maintain_order="left", validate="m:1"
    )
    return joined.with_columns(pl.col("new").alias(column)).drop("new")


def test_a_table_moves_to_the_new_key(tmp_path: Path, shop: pl.DataFrame) -> None:
    """Joined with the map, a table of the old key is the table of the new key."""
    columns = {
        "customer_id": {"mask": "token", "domain": "customer", "prefix": "C"},
        "order_id": {"mask": "encrypt", "domain": "order"},
        "phone": "fpe",
        "email": "token",
        "*": "keep",
    }
    pairs = rotated(tmp_path, shop, columns)
    table = anonymize(shop, rules(columns), key=OLD)
    for column, domain in [
        ("customer_id", "customer"),
        ("order_id", "order"),
        ("phone", "phone"),
        ("email", "email"),
    ]:
        table = moved(table, pairs, column, domain)
    assert table.equals(anonymize(shop, rules(columns), key=NEW))
    assert dict(pairs["domain"].value_counts().iter_rows()) == {
        "customer": 3,
        "order": 5,
        "phone": 6,
        "email": 6,
    }


def test_the_map_says_what_it_holds(tmp_path: Path, shop: pl.DataFrame) -> None:
    """Pairs per domain, both key ids, and the columns that stay as the old key made them."""
    shop.write_csv(tmp_path / "raw.csv")
    shop_rules = replace(load_rules("ecommerce"), types={"order_time": "datetime"})
    found = rotate_keys(
        tmp_path / "raw.csv", tmp_path / "map.parquet", shop_rules, old_key=OLD, new_key=NEW
    )
    assert found == Rotation(
        Key(OLD).id,
        Key(NEW).id,
        {"customer": 3, "order": 5},
        ["name", "email", "phone", "order_time"],
    )
    assert found.notes == [
        "still of the old key, as they are not unique: name, email, phone, order_time"
    ]
    assert Rotation("old", "new", {}, []).notes == []
    mark = footer(tmp_path / "map.parquet")[ROTATION_STAMP_KEY]
    assert Key(OLD).id in mark
    assert Key(NEW).id in mark


def test_columns_of_one_domain_share_pairs(tmp_path: Path) -> None:
    """A value in two columns of a domain, however it is stored, is one row."""
    frame = pl.DataFrame({"a": [1, 2, None], "b": ["2", " 3 ", None]})
    token = {"mask": "token", "domain": "d"}
    assert len(rotated(tmp_path, frame, {"a": token, "b": token})) == 3


def test_conditions_keep_raw_values_out(tmp_path: Path) -> None:
    """Only what was a token is in the map: not what another rule of the column kept."""
    frame = pl.DataFrame({"x": ["secret-a", "secret-b", "secret-c"], "y": [1, 2, None]})
    columns: dict[str, Any] = {"x": [{"mask": "token", "when": "y = 1"}, "keep"], "y": "keep"}
    pairs = rotated(tmp_path, frame, columns)
    expected = [anonymize(frame, rules(columns), key=key)["x"][0] for key in (OLD, NEW)]
    assert pairs.rows() == [("x", *expected)]


def test_unlisted_columns_stay_out(tmp_path: Path) -> None:
    """`unlisted: keep` lets rows without a token through, but not into the map."""
    frame = pl.DataFrame({"x": ["secret-a", "secret-b"], "y": [1, 2], "z": ["secret-c"] * 2})
    columns = {"x": {"mask": "token", "when": "y = 1"}}
    assert len(rotated(tmp_path, frame, columns, unlisted="keep")) == 1


def test_a_condition_of_a_glob_leaves_later_rules(tmp_path: Path) -> None:
    """A conditional `*` in the middle hides no token that stands after it."""
    frame = pl.DataFrame({"x": ["a", "b"], "y": [1, 2]})
    columns = {"y": "keep", "*": {"mask": "redact", "when": "y = 1"}, "x": "token"}
    assert len(rotated(tmp_path, frame, columns)) == 1


def test_domains_of_one_column_are_told_apart(tmp_path: Path) -> None:
    """Where a condition chooses between two domains, each pair stands in its own."""
    frame = pl.DataFrame({"x": ["a", "b"], "y": [1, 2]})
    token = {"mask": "token", "domain": "one", "when": "y = 1"}
    pairs = rotated(tmp_path, frame, {"x": [token, {"mask": "token"}], "y": "keep"})
    assert pairs["domain"].to_list() == ["one", "x"]


def test_tokens_of_a_window_are_moved_one_by_one(tmp_path: Path) -> None:
    """One row per value and month; the table of the new key follows from them."""
    start = datetime(2024, 1, 20)
    times = [start + timedelta(days=5 * day) for day in range(8)]
    frame = pl.DataFrame({"who": [1, 2] * 4, "time": times})
    columns = {
        "who": {"mask": "token", "window": "month", "time": "time"},
        "time": {"mask": "date_truncate", "to": "month"},
    }
    pairs = rotated(tmp_path, frame, columns)
    assert len(pairs) == 4
    table = moved(anonymize(frame, rules(columns), key=OLD), pairs, "who", "who")
    assert table.equals(anonymize(frame, rules(columns), key=NEW))


def test_tokens_in_structs_and_lists_are_found(tmp_path: Path) -> None:
    """At any depth; empty and absent lists give nothing."""
    frame = pl.DataFrame(
        {
            "tags": [["a", "b"], [], None, ["b", None]],
            "card": [{"no": "1", "cvc": 7}, {"no": None, "cvc": 8}, None, {"no": "2", "cvc": 9}],
            "orders": [[{"mail": "a@x.test", "n": 1}], [], None, [{"mail": "b@x.test", "n": 2}]],
        }
    )
    columns = {
        "tags": "token",
        "card.no": "token",
        "card.cvc": "drop",
        "orders.mail": {"mask": "token", "domain": "mail"},
        "orders.n": "keep",
    }
    pairs = rotated(tmp_path, frame, columns)
    old, new = (anonymize(frame, rules(columns), key=key) for key in (OLD, NEW))
    assert dict(pairs["domain"].value_counts().iter_rows()) == {"tags": 2, "card.no": 2, "mail": 2}
    known = {old: new for _, old, new in pairs.iter_rows()}
    assert [known[each["no"]] for each in old["card"] if each and each["no"]] == [
        each["no"] for each in new["card"] if each and each["no"]
    ]
    assert [known[each] for each in old["tags"].explode().drop_nulls()] == list(
        new["tags"].explode().drop_nulls()
    )


@pytest.mark.parametrize(
    "values",
    [
        pl.Series([datetime(2024, 3, 31, 2, 30), None]).dt.replace_time_zone("UTC"),
        pl.Series([datetime(2024, 3, 31), None]).cast(pl.Date),
        pl.Series([datetime(2024, 3, 31), None]).cast(pl.Datetime("ns")),
        pl.Series(["1.50", None]).cast(pl.Decimal(9, 2)),
        pl.Series(["甲", None]).cast(pl.Categorical),
        pl.Series(["甲", None], dtype=pl.Enum(["甲", "乙"])),
        pl.Series([True, None]),
        pl.Series([2**63, None], dtype=pl.UInt64),
        pl.Series([1.5, float("nan")]),
    ],
    ids=lambda series: str(series.dtype),
)
def test_every_dtype_is_rotated(tmp_path: Path, values: pl.Series) -> None:
    """One value is one pair; null and NaN are none."""
    frame = values.alias("x").to_frame()
    pairs = rotated(tmp_path, frame, {"x": "token"})
    expected = [anonymize(frame, rules({"x": "token"}), key=key)["x"][0] for key in (OLD, NEW)]
    assert pairs.rows() == [("x", *expected)]


@pytest.mark.parametrize("values", [[], [None, None]])
def test_no_values_are_an_empty_map(tmp_path: Path, values: list[None]) -> None:
    """An empty frame, and one of nulls."""
    pairs = rotated(tmp_path, pl.DataFrame({"x": values}, {"x": pl.String}), {"x": "token"})
    assert pairs.schema == pl.Schema({"domain": pl.String, "old": pl.String, "new": pl.String})
    assert pairs.is_empty()


@pytest.mark.parametrize("ending", ["parquet", "csv", "ndjson", "arrow"])
def test_no_raw_value_and_no_key_is_in_the_map(
    tmp_path: Path, shop: pl.DataFrame, ending: str
) -> None:
    """Searched byte by byte, in every format."""
    shop.write_parquet(tmp_path / "raw.parquet")
    target = tmp_path / f"map.{ending}"
    rotate_keys(tmp_path / "raw.parquet", target, "ecommerce", old_key=OLD, new_key=NEW)
    content = target.read_bytes()
    raw = [str(value) for column in shop for value in column.cast(pl.String).drop_nulls().unique()]
    searched = [text.encode() for text in (*raw, OLD, NEW) if len(text) > 4]
    assert [text for text in searched if text in content] == []
    subkeys = [Key(key).subkey(domain) for key in (OLD, NEW) for domain in ("customer", "order")]
    assert [subkey for subkey in subkeys if subkey.encode() in content] == []


def test_the_order_of_rows_tells_nothing(tmp_path: Path) -> None:
    """The map is the same, byte for byte, whatever the order of the data."""
    frame = pl.DataFrame({"x": range(500)})
    maps = []
    for seed in (1, 2):
        rotated(tmp_path, frame.sample(fraction=1, shuffle=True, seed=seed), {"x": "token"})
        maps.append((tmp_path / "map.parquet").read_bytes())
    assert maps[0] == maps[1]
    assert pl.read_parquet(tmp_path / "map.parquet")["old"].is_sorted()


def refused(tmp_path: Path, columns: dict[str, Any], error: type[Exception], match: str) -> None:
    """A call that fails and leaves nothing behind."""
    frame = pl.DataFrame({"x": ["4111111111111111"], "y": ["5500000000000004"]})
    frame.write_parquet(tmp_path / "raw.parquet")
    with pytest.raises(error, match=match):
        rotate_keys(
            tmp_path / "raw.parquet",
            tmp_path / "map.parquet",
            rules(columns),
            old_key=OLD,
            new_key=NEW,
        )
    assert [file.name for file in tmp_path.iterdir()] == ["raw.parquet"]


def test_rules_without_tokens_are_refused(tmp_path: Path) -> None:
    """There is nothing to rotate."""
    refused(tmp_path, {"*": "redact"}, RuleError, "no column has a token")


def test_rules_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    """A column that no rule covers is as wrong here as when masking."""
    refused(tmp_path, {"x": "token"}, SchemaError, "y: no rule covers it")


def test_ambiguous_digits_are_refused(tmp_path: Path) -> None:
    """Two ways of encrypting digits in one domain could give one result for two values."""
    columns = {
        "x": {"mask": "fpe", "domain": "card", "first": 6},
        "y": {"mask": "fpe", "domain": "card"},
    }
    refused(tmp_path, columns, RuleError, "y: fpe with other options in one domain")


def test_equal_keys_are_refused(tmp_path: Path, shop: pl.DataFrame) -> None:
    """Blanks at the ends make no new key."""
    shop.write_parquet(tmp_path / "raw.parquet")
    with pytest.raises(KeyMaterialError, match="the same"):
        rotate_keys(
            tmp_path / "raw.parquet",
            tmp_path / "map.parquet",
            "ecommerce",
            old_key=OLD,
            new_key=f"{OLD}\n",
        )


def test_masked_data_is_refused(tmp_path: Path, shop: pl.DataFrame) -> None:
    """The map is made of raw data; tokens of tokens would lead nowhere."""
    shop.write_parquet(tmp_path / "raw.parquet")
    mask_file(tmp_path / "raw.parquet", tmp_path / "masked.parquet", "ecommerce", key=OLD)
    with pytest.raises(DataError, match="masked already"):
        rotate_keys(
            tmp_path / "masked.parquet",
            tmp_path / "map.parquet",
            "ecommerce",
            old_key=OLD,
            new_key=NEW,
        )


def test_files_are_not_overwritten(tmp_path: Path, shop: pl.DataFrame) -> None:
    """Neither a file that is there, unless asked for, nor the raw data."""
    raw = tmp_path / "raw.parquet"
    shop.write_parquet(raw)
    (tmp_path / "map.parquet").write_bytes(b"mine")
    for target, overwrite in [(tmp_path / "map.parquet", False), (raw, True)]:
        with pytest.raises(FileError):
            rotate_keys(raw, target, "ecommerce", old_key=OLD, new_key=NEW, overwrite=overwrite)
    assert (tmp_path / "map.parquet").read_bytes() == b"mine"


def test_the_result_shows_no_key() -> None:
    """What is printed of a rotation are ids and counts."""
    assert OLD not in repr(Rotation(Key(OLD).id, Key(NEW).id, {"d": 1}, []))


def test_tokens_of_all_types_are_in_one_map(tmp_path: Path) -> None:
    """Integers, UUIDs as text and bytes, and digits: each as text, as the masked table shows it."""
    one = UUID(int=7, version=4)
    frame = pl.DataFrame({"who": [1, 2], "mail": ["a", "b"], "u": [str(one)] * 2, "b": one.bytes})
    same = {"mask": "token", "as": "same", "domain": "d"}
    columns = {"who": same, "mail": "token", "u": same, "b": same}
    pairs = rotated(tmp_path, frame, columns)
    masked = anonymize(frame, rules(columns), key=OLD)
    assert set(masked["who"].cast(pl.String)) <= set(pairs["old"])
    assert masked["u"][0] in pairs["old"].to_list()
    assert pairs.height == 2 + 2 + 1
