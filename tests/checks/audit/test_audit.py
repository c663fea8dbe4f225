"""The audit: law 12 for masked tables, honest notes, and nobody's value on the page."""

import json
import sys
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from anonymizer import anonymize, audit
from anonymizer.checks.audit.attack_figures import found_by, name_parts
from anonymizer.checks.audit.audit import audit_tables
from anonymizer.checks.audit.case import Findings, first_notes, prepared, written_times
from anonymizer.checks.figures.figure import exact
from anonymizer.checks.figures.statistics import Estimate
from anonymizer.checks.figures.thresholds import judged
from anonymizer.checks.reports.audit_report import Assumptions, AuditReport
from anonymizer.errors import DataError, FileError, MissingExtraError
from tests.checks.conftest import draw
from tests.checks.pages.test_check_page import Tags

CUSTOMER = pl.col("customer")
RAW = draw(0, 1).with_columns(
    city=pl.format("Qzcity{}", CUSTOMER % 70), illness=pl.format("Qzill{}", CUSTOMER % 3)
)
TOKEN = CUSTOMER.hash(seed=3)
ROLES = {"quasi_identifiers": ["city"], "sensitive": ["illness"]}


def audited(masked: pl.DataFrame, raw: pl.DataFrame = RAW, **more: object) -> AuditReport:
    """The audit of customers' purchases."""
    options = {"entity": "customer", "time": "time", **ROLES, **more}
    return audit_tables(raw=raw, masked=masked, **options)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def copied() -> AuditReport:
    """Nothing masked but the name of the customer."""
    return audited(RAW.with_columns(TOKEN))


def test_an_unmasked_copy_is_red(copied: AuditReport) -> None:
    """By every attack, and before equals after in all but the name of the customer."""
    found = {name: figure.colour for name, figure in copied.figures.items()}
    red = ["unicity", "found", "intervals", "k", "linkage", "linkage_near"]
    assert dict.fromkeys(red, "red") == {name: found[name] for name in red}
    assert copied.verdict == "red"
    changed = [name for name, each in copied.figures.items() if each.before != each.estimate]
    assert changed == ["raw_values_customer"]


def test_a_table_with_everything_suppressed_is_green() -> None:
    """Tokens and nulls, and as many rows for everybody: nobody can be found."""
    raw = RAW.filter(pl.int_range(pl.len()).over("customer") < 4)
    nothing = [pl.lit(None, dtype).alias(name) for name, dtype in raw.schema.items()][1:]
    found = audited(raw.select(TOKEN, *nothing), raw)
    assert found.verdict == "green"
    assert {None, "green"} == {figure.colour for figure in found.figures.values()}
    assert (found.classes["masked"].suppressed, found.classes["masked"].classes) == (150, 0)


def test_entities_that_are_all_alike_are_green() -> None:
    """Every customer with the same history, city and illnesses."""
    first = RAW.filter(CUSTOMER == 0).head(5).drop("customer", "illness")
    people = pl.DataFrame({"customer": range(200)})
    ills = pl.DataFrame({"illness": ["a", "b", "c"]})
    masked = people.join(first, how="cross").join(ills, how="cross")
    found = audited(masked.with_columns(TOKEN), masked)
    assert found.verdict == "green"
    assert found.figures["k"].estimate.value == 200.0


def test_rows_in_another_order_are_told_by_what_is_left_of_them() -> None:
    """Sorted by the token, as masked files are: the truth is found, with the same figures."""
    moved = RAW.with_columns(TOKEN, pl.col("time") + pl.duration(days=1 + CUSTOMER % 60))
    there, here = audited(moved), audited(moved.sort("customer", maintain_order=True))
    names = ["unicity", "found", "linkage", "linkage_near"]
    assert [here.figures[n].estimate for n in names] == [there.figures[n].estimate for n in names]
    assert not any("order" in note for note in here.notes)


def test_who_cannot_be_told_is_left_out_and_said() -> None:
    """Two people whose rows hold the same, and a table of which nothing is left."""
    twins = RAW.filter(CUSTOMER == 0).with_columns(customer=pl.lit(999, RAW.schema["customer"]))
    raw = pl.concat([RAW, twins])
    found = audited(raw.with_columns(TOKEN).sort("customer", maintain_order=True), raw)
    assert "linkage" in found.figures
    assert any(f"shuffled, and whose {2 * len(twins)} of them are" in note for note in found.notes)
    nothing = [pl.lit(None, dtype).alias(name) for name, dtype in RAW.schema.items()][1:]
    found = audited(RAW.select(TOKEN, *nothing).sort("customer"))
    (note,) = [note for note in found.notes if "rows are shuffled" in note]
    assert note.startswith("linkage was not measured")


@pytest.mark.parametrize(("by", "colour"), [("true", "red"), ("customer", "green")])
def test_the_order_of_rows_is_attacked(by: str, colour: str) -> None:
    """Rows in the order of the true times tell the shifts; by the token they tell nothing."""
    shift = pl.duration(days=7 * (CUSTOMER % 9 - 4) + 2)
    moved = RAW.with_columns(TOKEN, pl.col("time") + shift, true="time").sort(by).drop("true")
    figure = audited(moved).figures["shift_by_order"]
    assert figure.colour == colour
    assert figure.baseline is not None
    assert figure.title == "Shift recovered from the order of rows"
    assert "within two days" in figure.meaning


def test_times_that_do_not_move_have_no_shift_to_be_found(copied: AuditReport) -> None:
    """Of kept times there is nothing to guess."""
    assert "shift_by_order" not in copied.figures


def test_groups_are_counted_per_entity() -> None:
    """150 customers in 70 cities: two or three each, and two of three illnesses in the least."""
    found = audited(RAW.with_columns(TOKEN))
    assert found.classes["raw"].sizes == {"1": 0, "2-4": 150, "5-9": 0, "10+": 0}
    assert found.figures["k"].estimate == exact(2.0)
    assert found.figures["distinct_illness"].estimate == exact(2.0)
    assert found.figures["closeness_illness"].estimate.value == pytest.approx(1 / 3)


def test_intrinsic_and_true_events_are_both_shown() -> None:
    """A shift of dates leaves what the table gives away, and hides true dates."""
    days = pl.duration(days=7 * (1 + CUSTOMER % 9))
    found = audited(RAW.with_columns(TOKEN, pl.col("time") + days), known=["time", "item"])
    assert found.figures["unicity"].estimate.value > 0.9
    assert found.figures["found"].estimate.value < 0.2
    assert "item" in found.figures["found"].meaning
    assert [points for points, _ in found.curves["masked"]] == [1, 2, 3, 4, 5]


def test_what_describes_events_is_known_by_default() -> None:
    """Neither attributes, nor numbering, nor quasi-identifiers and sensitive columns."""
    raw = RAW.with_row_index("order").with_columns(shop=pl.lit("one"), age=CUSTOMER % 80)
    found = audited(raw.with_columns(TOKEN), raw, sensitive=["item"])
    assert found.assumptions.known == ["time", "amount"]


NOT_KNOWN = "is sensitive, and so not taken to be known of an event"


@pytest.mark.parametrize(
    ("sensitive", "known", "noted"),
    [
        (["item", "illness"], None, ["item"]),  # illness is one of the person
        (["illness"], None, []),
        (["item"], ["time", "item"], []),
    ],
)
def test_what_is_sensitive_and_of_an_event_is_named(
    sensitive: list[str], known: list[str] | None, noted: list[str]
) -> None:
    """Where nobody said what is known, as whoever knows it finds more than was measured."""
    found = audited(SOME.with_columns(TOKEN), SOME, sensitive=sensitive, known=known)
    notes = [note for note in found.notes if NOT_KNOWN in note]
    assert [note.split("'")[1] for note in notes] == noted


def test_red_figures_of_masked_times_are_explained_by_what_they_are() -> None:
    """Histories that single out, moved or not; and mere columns that join both tables."""
    cut = RAW.with_columns(TOKEN, pl.col("time").dt.truncate("1y"))
    joined = cut.with_columns(item=pl.lit("x"), city=pl.lit("y"))
    reports = [
        audited(RAW.with_columns(TOKEN, MOVED)),
        audited(cut),
        audited(joined, known=["time"]),
    ]
    notes = [[n for n in each.notes if "times were masked" in n] for each in reports]
    ((moved,), (coarse,), (kept,)) = notes
    assert "a date shift is for" in moved
    assert "tune-rules" in moved
    assert "a date shift is for" not in coarse
    assert "tune-rules" in coarse
    assert "still linkage, linkage_near are red: what both tables keep" in kept
    assert "tune-rules" not in kept


def test_tokens_that_rotate_are_linked_by_behaviour() -> None:
    """The windows have a figure, with what guessing reaches."""
    quarter = pl.struct("customer", pl.col("time").dt.truncate("1q")).hash()
    found = audited(RAW.with_columns(quarter.alias("customer")))
    windows = found.figures["windows"]
    assert windows.baseline is not None
    assert windows.estimate.low > windows.baseline


def test_tokens_that_overlap_in_time_have_no_windows() -> None:
    """A token per item: the note says why there is no figure."""
    each = pl.struct("customer", "item").hash()
    found = audited(RAW.with_columns(each.alias("customer")))
    assert "windows" not in found.figures
    assert any("overlap" in note for note in found.notes)


def test_removed_rows_leave_only_what_needs_no_truth() -> None:
    """Records are not matched where nobody knows whose they are."""
    found = audited(RAW.with_columns(TOKEN).slice(1))
    assert not {"linkage", "linkage_near", "found", "windows"} & set(found.figures)
    assert any("another number of rows" in note for note in found.notes)
    assert "unicity" in found.figures


@pytest.mark.parametrize(
    "change", [pl.DataFrame.drop, lambda f, c: f.with_columns(pl.col(c).cast(pl.String))]
)
def test_a_time_that_was_masked_away_is_said(change: object) -> None:
    """Intervals of the masked table are skipped, with the reason."""
    found = audited(change(RAW.with_columns(TOKEN), "time"))  # type: ignore[operator]
    assert "intervals" not in found.figures
    assert "raw_intervals" in found.curves
    assert any("no longer a time" in note for note in found.notes)


def test_without_times_and_roles_the_notes_say_what_is_missing() -> None:
    """What was not asked for was not measured."""
    found = audited(RAW, time=None, quasi_identifiers=[], sensitive=[])
    said = " ".join(found.notes)
    assert "no column of times" in said
    assert "no quasi-identifiers" in said


def test_columns_of_one_table_count_there() -> None:
    """A city that became a region under another name is counted in its own table."""
    masked = RAW.with_columns(TOKEN, region=CUSTOMER % 2).drop("city", "illness")
    found = audited(masked, quasi_identifiers=["city", "region"])
    assert found.figures["k"].estimate == exact(75.0)
    assert any("not in the masked table: city, illness" in note for note in found.notes)
    assert any("not in the raw table: region" in note for note in found.notes)


def test_one_row_per_person_has_no_events() -> None:
    """A table of persons is judged by groups and records."""
    people = RAW.unique("customer", keep="first", maintain_order=True)
    found = audited(people.with_columns(TOKEN), people, time=None)
    assert "unicity" not in found.figures
    assert any("no column describes events" in note for note in found.notes)
    assert found.figures["linkage"].colour == "red"


@pytest.mark.parametrize(
    "raw",
    [RAW.clear(), RAW.with_columns(customer=pl.lit(None, pl.Int64)), RAW.filter(CUSTOMER == 1)],
    ids=["empty", "nobody", "one"],
)
def test_tables_with_hardly_anybody_do_not_crash(raw: pl.DataFrame) -> None:
    """There is a page and JSON, without records matched, and notes."""
    found = audited(raw, raw)
    assert "linkage" not in found.figures
    assert found.notes
    assert json.dumps(found.to_dict(), allow_nan=False)
    assert "<h1>" in found.html()


def test_null_entities_are_nobody() -> None:
    """They are counted in a note, and a token of null is noticed."""
    raw = pl.concat([RAW, RAW.with_columns(customer=pl.lit(None, pl.Int64))])
    found = audited(raw.with_columns(TOKEN), raw)
    assert (found.tables.raw_entities, found.tables.masked_entities) == (150, 151)
    assert any("a token of null" in note for note in found.notes)
    assert not any("shuffled" in note for note in found.notes)


@pytest.mark.parametrize(
    "values",
    [
        [date(2024, 1, 1), date(2024, 1, 2), None],
        [datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 1, 2, tzinfo=UTC), None],
        [Decimal("1.10"), Decimal("2.20"), None],
        [True, False, None],
        [1.5, float("nan"), None],
        [timedelta(1), timedelta(2), None],
        pl.Series(["深圳", "Łódź", None], dtype=pl.Categorical),
        pl.Series(["a", "b", None], dtype=pl.Enum(["a", "b"])),
        [[1], [2], None],
        [{"a": 1}, {"a": 2}, None],
        [None, None, None],
    ],
    ids=str,
)
@pytest.mark.parametrize("role", ["known", "quasi_identifiers", "sensitive"])
def test_columns_of_every_type_are_audited(values: list[object] | pl.Series, role: str) -> None:
    """In any role; only what is known of an event must not be nested."""
    column = pl.Series("x", values)
    raw = RAW.with_columns(column.gather([i % 3 for i in range(len(RAW))]))
    if role == "known" and (column.dtype.is_nested() or column.dtype == pl.Null):
        with pytest.raises(DataError, match="'x'"):
            audited(raw, raw, known=["time", "x"])
        return
    found = audited(raw.with_columns(TOKEN), raw, **{role: ["x"]})
    assert json.dumps(found.to_dict(), allow_nan=False)


def test_lazy_frames_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eager and lazy, and the same seed twice."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    eager = audited(RAW.with_columns(TOKEN)).to_dict()
    lazy = audit_tables(
        raw=RAW.lazy(), masked=RAW.lazy().with_columns(TOKEN), entity="customer", time="time",
        quasi_identifiers=["city"], sensitive=["illness"],
    )  # fmt: skip
    assert eager == lazy.to_dict()


def test_the_json_has_these_keys(copied: AuditReport) -> None:
    """What a program may rely on."""
    found = copied.to_dict()
    assert list(found) == [
        "schema", "version", "verdict", "provenance", "purpose", "share", "tables", "assumptions",
        "figures", "curves", "classes", "notes",
    ]  # fmt: skip
    assert {"raw_rows", "raw_entities", "masked_rows", "masked_entities"} == set(found["tables"])
    keys = {"title", "unit", "before", "after", "chance", "meaning", "judged", "limits"}
    keys |= {"limits_given", "colour", "reason"}
    assert all(keys == set(figure) for figure in found["figures"].values())
    assert {"points", "value", "low", "high"} == set(found["curves"]["raw"][0])
    assert {"raw", "masked"} == set(found["classes"])


def test_no_raw_value_is_on_the_page(copied: AuditReport, tmp_path: Path) -> None:
    """No entity, city, illness, item, amount or time, in neither HTML nor JSON."""
    copied.write_html(tmp_path / "r.html")
    copied.write_json(tmp_path / "r.json")
    both = (tmp_path / "r.html").read_bytes() + (tmp_path / "r.json").read_bytes()
    values = {"Qzcity", "Qzill", "item 0", "item 7", *map(str, RAW["time"][:50].to_list())}
    values |= {str(amount) for amount in RAW["amount"] if amount > 100}
    values |= {str(token) for token in RAW.select(TOKEN).to_series().unique()}
    assert [value for value in values if value.encode() in both] == []


def test_the_page_is_well_formed_and_needs_nothing(copied: AuditReport) -> None:
    """Tags close, nothing is fetched and nothing runs; the data is not called anonymous."""
    page = copied.html()
    tags = Tags()
    tags.feed(page)
    assert tags.open == []
    page = page.replace("http://www.w3.org/", "")
    assert [word for word in ("http", "<script", "anonymous") if word in page.lower()] == []


def test_names_of_columns_are_text_on_the_page() -> None:
    """Braces and angle brackets in a name change neither sentences nor the page."""
    raw = RAW.rename({"item": "<b>{after}", "city": "{0}&"})
    found = audited(raw.with_columns(TOKEN), raw, quasi_identifiers=["{0}&"])
    assert "&lt;b&gt;{after}" in found.html()
    assert "<b>{after}" not in found.html()


def test_files_that_cannot_be_written_leave_nothing(copied: AuditReport, tmp_path: Path) -> None:
    """An absent folder is named."""
    for write in (copied.write_html, copied.write_json):
        with pytest.raises(FileError, match="absent"):
            write(tmp_path / "absent" / "file")
    assert list(tmp_path.iterdir()) == []


def test_a_missing_chart_library_says_what_to_install(
    copied: AuditReport, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The extra is named."""
    monkeypatch.setitem(sys.modules, "altair", None)
    with pytest.raises(MissingExtraError, match=r"seqanon\[report\]"):
        copied.html()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"masked": RAW.drop("customer")}, "the masked table has no column 'customer'"),
        ({"raw": RAW.drop("customer")}, "the raw table has no column 'customer'"),
        ({"raw": RAW.drop("time")}, "the raw table has no column 'time'"),
        ({"time": "item"}, "'item' of the raw table must be Date or Datetime"),
        ({"quasi_identifiers": ["town"]}, "neither table has a column 'town'"),
        ({"known": ["town"]}, "the raw table has no column 'town'"),
        ({"sensitive": ["customer"]}, "'customer' is the entity"),
    ],
)
def test_calls_that_do_not_fit_are_refused(change: dict[str, object], words: str) -> None:
    """One line that names the table, the column and the way out."""
    call: dict[str, object] = {"raw": RAW, "masked": RAW, "entity": "customer", "time": "time"}
    with pytest.raises(DataError, match=words):
        audit_tables(**{**call, **change})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("estimate", "colour"),
    [
        (Estimate(0.05, 0.0, 0.2), "green"),
        (Estimate(0.0, 0.0, 0.43), "amber"),
        (Estimate(0.06, 0.05, 0.07), "amber"),
        (Estimate(0.2, 0.2, 0.2), "amber"),
        (Estimate(0.21, 0.1, 0.3), "red"),
        (Estimate(float("nan"), 0.0, 1.0), None),
    ],
)
def test_colours_follow_the_documented_thresholds(estimate: Estimate, colour: str | None) -> None:
    """5 % and 20 %, and no green on too few entities."""
    found = judged({"found": found_by("found", (exact(1.0), estimate), None, "")})["found"]
    assert found.colour == colour


@pytest.mark.parametrize("entity", [["tenant", "number"], "tenant+number"])
def test_an_entity_of_several_columns_is_followed(entity: Any) -> None:
    """Number 1 of one tenant is not number 1 of another; the manifest's name for both is taken."""
    raw = pl.DataFrame({"tenant": ["a", "b"] * 20, "number": [n // 4 for n in range(40)]})
    raw = raw.with_columns(town=pl.lit("Ulm"))
    columns = {"tenant": "token", "number": "token", "town": "keep"}
    rules = {"version": 1, "entity": ["tenant", "number"], "columns": columns}
    masked = anonymize(raw, rules, key="0f1e2d3c4b5a69788796a5b4c3d2e1f0")
    report = audit(raw=raw, masked=masked, entity=entity, quasi_identifiers=["town"])
    assert report.figures["k"].estimate.value == 20
    assert not [note for note in report.notes if "no entity" in note]


def test_a_plus_may_stand_in_a_name() -> None:
    """A column of that name is the entity, whatever else there is."""
    raw = pl.DataFrame({"a": [1] * 40, "b": [1] * 40, "a+b": range(40), "town": ["Ulm"] * 40})
    report = audit(raw=raw, masked=raw, entity="a+b", quasi_identifiers=["town"])
    assert report.figures["k"].estimate.value == 40


SOME = RAW.filter(CUSTOMER < 30)
MOVED = pl.col("time") + pl.duration(days=1 + CUSTOMER % 60)
HIDDEN = [pl.lit(None, RAW.schema[name]).alias(name) for name in ("item", "amount")]


@pytest.mark.parametrize(("memo", "words"), [("keep", ", but memo has them"), ("", "nothing by")])
def test_a_note_on_true_events_is_of_the_columns_that_are_known(memo: str, words: str) -> None:
    """What else keeps raw values is named, as whoever knows it finds somebody."""
    noted = SOME.with_columns(memo=pl.format("paid {}", pl.int_range(pl.len())))
    masked = noted.with_columns(
        TOKEN, MOVED, *HIDDEN, *([] if memo else [pl.lit("").alias("memo")])
    )
    found = audited(masked, noted, quasi_identifiers=["city", "illness"], sensitive=[])
    assert "found" not in found.figures
    (note,) = [note for note in found.notes if "none has its raw values" in note]
    assert "(time, item, amount)" in note
    assert words in note


def test_times_that_nobody_named_are_taken_from_the_types() -> None:
    """Those of events, and no birthday; where they are text the verdict is not good."""
    raw = SOME.with_columns(born=pl.lit(datetime(1980, 1, 1)) + pl.duration(days=CUSTOMER))
    basis = Assumptions("customer", None, [], [], [])
    case = prepared(raw, raw.with_columns(TOKEN), basis, choose=True, seed=0)
    assert (case.basis.time, written_times(case)) == ("time", [])
    assert "no column of times was named: 'time' was taken" in first_notes(case, taken=True)
    for form in (
        "%d.%m.%Y %H:%M",
        "%Y/%m/%d",
        "%m/%d/%y",
        "%Y%m%d%H%M%S",
        "%Y-%m-%dT%H:%M:%S+01:00",
    ):
        text = raw.with_columns(pl.col("time").dt.strftime(form), pl.col("born").dt.strftime(form))
        case = prepared(text, text.with_columns(TOKEN), basis, choose=True, seed=0)
        assert (case.basis.time, written_times(case)) == (None, ["time"])


def test_a_part_of_the_true_time_beside_moved_ones_is_named() -> None:
    """The day of the week as it was; not one that was taken from the masked times."""
    weekday = pl.col("time").dt.weekday()
    raw = SOME.with_columns(weekday=weekday)
    masked = raw.with_columns(TOKEN, MOVED)
    basis = Assumptions("customer", "time", [], [], [])
    for table, notes in ((masked, 1), (masked.with_columns(weekday=weekday), 0), (raw, 0)):
        found = Findings()
        name_parts(prepared(raw, table, basis, choose=False, seed=0), found)
        assert len([note for note in found.notes if "'weekday' goes one to one" in note]) == notes
