"""Masks inside text that is JSON."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anonymizer import anonymize, mask_file, reveal_file, rotate_keys
from anonymizer.errors import DataError, PrivacyWarning, RuleError
from anonymizer.json_cells import steps_of
from anonymizer.masking.plan.json_holes import Hole, Opener, Place, filled
from anonymizer.masking.rules.rules import load_rules
from anonymizer.masking.run.preview import lint, preview

SECRET = "0123456789abcdef-of-the-tests"
CUSTOMER = {"mask": "token", "domain": "customer"}
SHUT = {"payload*": "drop"}


def masked(cells: list[str | None], columns: dict[str, Any], **rules: Any) -> list[str | None]:
    """Cells of a column `payload` under rules."""
    frame = pl.DataFrame({"payload": cells}, schema={"payload": pl.String})
    given = {"version": 1, "columns": columns, **rules}
    return anonymize(frame, given, key=SECRET)["payload"].to_list()


def token(value: Any, domain: str = "customer") -> str:
    """What `token` gives outside of JSON."""
    rules = {"version": 1, "columns": {"id": {"mask": "token", "domain": domain}}}
    return str(anonymize(pl.DataFrame({"id": [value]}), rules, key=SECRET)["id"][0])


def test_masks_reach_inside_whatever_the_shape() -> None:
    """Fields, elements, values of maps and their keys have masks; what is kept is as written."""
    cells = [
        '{"customer": {"id": 7, "mail": "ann@x.org"}, "items": [{"sku": "A", "price": 0.10}]}',
        '{"items": [], "total": 1e400, "big": 9007199254740993, "vip": true, "note": null}',
        '{"scores": {"ann@x.org": 12, "bo@y.org": "18"}, "customer": null}',
        '{"customer": {"id": "8", "id": "7"}, "items": [{"sku": "B"}, {"price": -0}]}',
        "",
        None,
    ]
    columns = {
        "payload.customer.id": CUSTOMER,
        "payload.customer.mail": {"mask": "redact", "text": "-"},
        "payload.items[].sku": CUSTOMER,
        "payload.scores.*~": {"mask": "token", "domain": "mail"},
        "payload.scores.*": {"mask": "round", "to": 10},
        **dict.fromkeys(
            ["payload.items[].price", "payload.total", "payload.big", "payload.vip"], "keep"
        ),
        "payload.note": "redact",
    }
    seven, a, b = token(7), token("A"), token("B")
    ann, bo = token("ann@x.org", "mail"), token("bo@y.org", "mail")
    assert masked(cells, columns) == [
        f'{{"customer":{{"id":"{seven}","mail":"-"}},"items":[{{"sku":"{a}","price":0.10}}]}}',
        '{"items":[],"total":1e400,"big":9007199254740993,"vip":true,"note":null}',
        f'{{"scores":{{"{ann}":10,"{bo}":"20"}},"customer":null}}',
        f'{{"customer":{{"id":"{seven}"}},"items":[{{"sku":"{b}"}},{{"price":-0}}]}}',
        "",
        None,
    ]


@pytest.mark.parametrize(
    ("path", "cell", "out"),
    [
        ('."a.b"', '{"a.b": 1, "a": {"b": 2}}', '{"a.b":1}'),
        (".客户.邮箱", '{"客户": {"邮箱": "x", "电话": "y"}}', '{"客户":{"邮箱":"x"}}'),
        ('.""', '{"": "x"}', '{"":"x"}'),
        ("[].sku", '[{"sku": 1.0, "who": 2}, 3]', '[{"sku":1.0}]'),
        (".m[][]", '{"m": [[1, 2], [3]]}', '{"m":[[1,2],[3]]}'),
        (".a", r'{"a": "\u00e9\"\n\u0000"}', r'{"a":"é\"\n\u0000"}'),
        (".a.*", '{"a": {"x": {"y": [1, null]}}}', '{"a":{"x":{"y":[1,null]}}}'),
    ],
)
def test_paths_name_keys_of_any_kind(path: str, cell: str, out: str) -> None:
    """Dots, Chinese, empty keys, arrays at the top and in each other, whole trees."""
    assert masked([cell], {f"payload{path}": "keep", **SHUT}) == [out]


@pytest.mark.parametrize(
    "cell",
    [
        '{"id": 1, "ann@x.org": 2}',  # a key
        '{"id": {"ann@x.org": 1}}',  # an object in place of a scalar
        '{"id": ["ann@x.org"]}',  # an array
        '["ann@x.org"]',
        '"ann@x.org"',
        '{"deep": "ann@x.org"}',  # a scalar in place of an object
        '{"deep": {"x": 1, "{\\"y\\": 1}": null}}',
        '{"id": "ann@x.org"',  # no JSON
        '{"id": NaN}',
        '{"id": "\\ud800"}',
        "[" * 100_000,
        "ann@x.org",
    ],
)
def test_what_no_rule_covers_does_not_pass(cell: str) -> None:
    """It is an error without a value or key of the data; or left out, null where it is no JSON."""
    rules = {"payload.id": CUSTOMER, "payload.deep.x": "keep"}
    with pytest.raises(DataError) as error:
        masked([cell], rules)
    assert "@" not in str(error.value)
    assert "payload: 1 cells " in str(error.value)
    frame = pl.DataFrame({"payload": [cell]})
    given = {"version": 1, "unlisted": "drop", "columns": rules}
    with pytest.warns(PrivacyWarning, match="unlisted-in-json: payload: 1 cells ") as said:
        out = anonymize(frame, given, key=SECRET)["payload"][0]
    assert "@" not in f"{out}{[str(each.message) for each in said]}"
    assert out is None or json.loads(out) is not None


def test_a_later_batch_fails_closed(tmp_path: Path) -> None:
    """A path that comes with a later batch stops a lazy frame; a file of it leaves nothing."""
    rules = {"version": 1, "columns": {"payload.id": CUSTOMER}}
    known = pl.LazyFrame({"payload": ['{"id": 1}']})
    later = pl.LazyFrame({"payload": ['{"id": 1, "phone": "555"}']})
    assert "phone" not in anonymize(known, rules, key=SECRET).collect()["payload"][0]
    with pytest.raises(DataError, match="hold what no rule covers in payload"):
        anonymize(later, rules, key=SECRET).collect()
    later.sink_parquet(tmp_path / "raw.parquet")
    with pytest.raises(DataError, match="hold what no rule covers in payload: add rules, or"):
        mask_file(tmp_path / "raw.parquet", tmp_path / "out.parquet", rules, key=SECRET)
    assert [file.name for file in tmp_path.iterdir()] == ["raw.parquet"]


def test_the_entity_and_conditions_stand_inside() -> None:
    """Whose rows they are, and which rule is for a row, may be said by a path that is kept."""
    cells = [f'{{"who": {who}, "land": "{land}", "at": "2024-05-0{day}", "tags": ["a"]}}'
             for who, land, day in ((1, "DE", 1), (1, "FR", 3), (2, "FR", 1))]  # fmt: skip
    rules = {
        "version": 1,
        "entity": "payload.who",
        "columns": {
            "payload.who": CUSTOMER,
            "payload.land": "keep",
            "payload.at": {"mask": "date_shift", "days": 30},
            "payload.tags[]": [
                {"mask": "redact", "text": "-", "when": "\"payload.land\" = 'DE'"},
                "keep",
            ],
            "day": {"mask": "date_shift", "days": 30, "format": "%Y-%m-%d"},
        },
    }
    frame = pl.DataFrame({"payload": cells, "day": ["2024-05-01", "2024-05-03", "2024-05-01"]})
    rules["batches"] = "accepted"
    with pytest.warns(PrivacyWarning):
        out = anonymize(frame, rules, key=SECRET)
    inside = [json.loads(cell) for cell in out["payload"]]
    assert [each["who"] for each in inside] == [token(1), token(1), token(2)]
    assert [each["at"] for each in inside] == out["day"].to_list()
    assert [each["tags"] for each in inside] == [["-"], ["a"], ["a"]]


def test_rules_take_a_column_as_a_whole_as_before() -> None:
    """A rule for all of it that stands first takes it; a column whose name has dots is its own."""
    frame = pl.DataFrame({"p": ['{"x": 1}'], "p.q": ["raw"], "s": [{"j": '{"a": 1, "b": 2}'}]})
    columns = {"p": "keep", "p.q": "redact", "s.j.a": "keep", "s.j.b": "drop"}
    out = anonymize(frame, {"version": 1, "columns": columns}, key=SECRET)
    assert out.row(0) == ('{"x": 1}', None, {"j": '{"a":1}'})
    with pytest.raises(DataError, match=r"p\.x\*: inside JSON a path is keys after dots"):
        anonymize(frame.select("p"), {"version": 1, "columns": {"p.x*": "keep"}}, key=SECRET)


def test_paths_are_seen_by_lint_preview_and_the_record(tmp_path: Path) -> None:
    """What is risky in a column is risky at a path; a record lists each with its mask."""
    frame = pl.DataFrame({"payload": ['{"email": "ann@x.org", "id": 1, "x": 2}'] * 3})
    rules = {"version": 1, "columns": {"payload.email": "keep", "payload.id": CUSTOMER,
                                       "payload.x": "drop"}}  # fmt: skip
    assert ("identifier-kept", "columns.payload.email") in {
        (each.code, each.place) for each in lint(rules, frame)
    }
    listed = {each.column: each.mask for each in preview(frame, rules)}
    assert listed == {"payload.email": "keep", "payload.id": "token", "payload.x": "drop"}
    inside = {"payload[].when": {"mask": "date_truncate", "to": "year", "unmapped": "null"},
              "payload.*~": "token", "payload.*": {"mask": "round", "to": 10}}  # fmt: skip
    shown = {each.column: each.examples for each in preview(frame, rules | {"columns": inside})}
    assert shown["payload.*"] == [("17", "20"), ("42", "40"), ("101", "100")]
    frame.write_parquet(tmp_path / "raw.parquet")
    record = mask_file(tmp_path / "raw.parquet", tmp_path / "out.parquet", rules, key=SECRET)
    assert {each.column: each.mask for each in record.columns} == listed


def test_rules_that_are_saved_are_the_same() -> None:
    """Paths go through JSON and back."""
    columns = {'payload."a.b"[].*~': CUSTOMER, 'payload."a.b"[].*': "drop"}
    rules = load_rules({"version": 1, "columns": columns})
    assert load_rules(rules.to_dict()).columns == rules.columns
    assert steps_of('."a.b"[].*~') == ['."a.b"', "[]", ".*~"]


def test_integers_stay_integers_where_the_types_say_so() -> None:
    """They agree with a column of integers; what is none is not covered, and never stays."""
    same = {"mask": "token", "as": "same", "domain": "customer"}
    columns, types = {"payload.id[]": same}, {"payload.id[]": "integer"}
    frame = pl.DataFrame({"id": [7, 8]})
    outside = anonymize(frame, {"version": 1, "columns": {"id": same}}, key=SECRET)["id"]
    out = masked(['{"id": [7, "8"]}'], columns, types=types)
    assert out == [f'{{"id":[{outside[0]},"{outside[1]}"]}}']
    with pytest.warns(PrivacyWarning, match="what no rule covers in payload.id"):
        assert masked(['{"id": ["Ann"]}'], columns, types=types, unlisted="keep") == ['{"id":[]}']


@pytest.mark.parametrize("before", ["*mail*", "payload.*.mail", "?ayload.mail"])
def test_a_key_that_an_earlier_pattern_may_be_meant_for_is_not_kept(before: str) -> None:
    """Keys are matched by no pattern but `*`, so one that might be meant stops the run."""
    cell = '{"a": {"b": {"mail": "ann@x.org"}}, "mail": "ann@x.org"}'
    with pytest.raises(DataError, match="what no rule covers"):
        masked(
            [cell], {before: "redact", "payload.x": "keep", "payload*": "keep"}, missing="ignore"
        )


def test_numbers_that_are_none_are_counted_in_arrays_too() -> None:
    """By the path, without the value."""
    with pytest.raises(DataError, match=r"^payload\.x\[\]: 1 values are no number of 15 digits"):
        masked(['{"x": [1, "ann"]}'], {"payload.x[]": {"mask": "round", "to": 10}})


def test_what_is_kept_inside_and_tells_true_times_is_found() -> None:
    """A number with the day in it, beside a time that moves."""
    days = pl.select(day=pl.date(2024, 1, 1) + pl.duration(days=pl.int_range(900) % 90))["day"]
    load = pl.struct(at=days.cast(pl.String), load="B" + days.dt.strftime("%Y%m%d"))
    frame = pl.select(who=pl.int_range(900) * 7 % 250, payload=load.struct.json_encode())
    rules = {"version": 1, "entity": "who", "columns": {"who": "drop", "payload.load": "keep",
             "payload.at": {"mask": "date_shift", "days": 30}}}  # fmt: skip
    with pytest.warns(PrivacyWarning, match="time-told: payload.load: tells the true day"):
        anonymize(frame, rules, key=SECRET)


def test_what_can_be_undone_is_undone_inside_and_tokens_are_not_rotated(tmp_path: Path) -> None:
    """A map of tokens could not be joined to JSON, which is said."""
    raw, out, back = (tmp_path / f"{name}.parquet" for name in ("raw", "out", "back"))
    pl.DataFrame({"payload": ['{"card":"4111","id":1}']}).write_parquet(raw)
    rules = {"version": 1, "columns": {"payload.card": "encrypt", "payload.id": "keep"}}
    mask_file(raw, out, rules, key=SECRET)
    assert "4111" not in pl.read_parquet(out)["payload"][0]
    assert reveal_file(out, back, rules, key=SECRET) == ["payload.card"]
    assert pl.read_parquet(back)["payload"][0] == '{"card":"4111","id":1}'
    with pytest.raises(RuleError, match="payload: tokens inside JSON are in no map"):
        rotate_keys(raw, tmp_path / "map.parquet", rules, old_key=SECRET, new_key=SECRET[::-1])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
).map(json.dumps)


@settings(max_examples=60)
@given(cell=JSON)
def test_a_cell_comes_back_as_what_it_was(cell: str) -> None:
    """All kept, or taken out of a cell and put back, is the same JSON; all dropped is nothing."""
    for action in (-1, 0):
        place = Place("all", action, action)
        place.others = place.items = place
        place.keys = 1 if action == 0 else -1
        opened = Opener(place, [Hole(numbers=True, booleans=True), Hole()], keeps=False).open(cell)
        if opened.frame is None:  # half a pair of surrogates
            assert opened.unlisted == ""
            continue
        again = filled(opened.frame, [iter(values) for values in opened.values])
        assert json.loads(again) == json.loads(cell)
