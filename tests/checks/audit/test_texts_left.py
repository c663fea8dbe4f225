"""Free text in a masked table: what finders still see there, and the raw table has as well."""

import re
from collections.abc import Sequence

import polars as pl
import pytest

from anonymizer import audit
from anonymizer.checks.audit.case import Findings
from anonymizer.checks.audit.texts_left import look_into_texts
from anonymizer.checks.figures.figure import Risk
from anonymizer.checks.figures.thresholds import judged
from anonymizer.composition import seen_in_texts
from anonymizer.masking.free_text.recognition import find

SIZE = 400
NAMES = ("Ada", "Bo", "Cy", "Di", "王小明")
PERSON = pl.int_range(SIZE)
NAME = pl.lit(pl.Series(NAMES)).gather(PERSON % len(NAMES))
RAW = pl.select(
    who=PERSON,
    note=pl.format("call {} again, the parcel of {} was lost", NAME, NAME),
    state=pl.lit("open"),
)
SCRUBBED = RAW.with_columns(
    pl.lit("call <NAME> again, the parcel of <NAME> was lost").alias("note")
)


def names(texts: Sequence[str]) -> list[list[tuple[str, str]]]:
    """A finder of capitalised words, of Chinese names and, wrongly, of the word `lost`."""
    return [
        [("name", word) for word in re.findall(r"[A-Z]\w+|王小明|lost", each)] for each in texts
    ]


def figure(masked: pl.DataFrame | pl.LazyFrame, raw: pl.DataFrame = RAW) -> Risk:
    """What is seen in the notes; nothing else is free text."""
    found = Findings()
    look_into_texts(raw, masked, "who", found, finder=names, seed=0)
    assert list(found.figures) == ["texts_left_note"]
    return judged(found.figures)["texts_left_note"]


def replaced(*pairs: tuple[str, str]) -> pl.DataFrame:
    """The raw notes with some words replaced."""
    note = pl.col("note").str.replace("lost", "late")
    for old, new in pairs:
        note = note.str.replace_all(old, new)
    return RAW.with_columns(note)


def test_what_is_left_is_seen_with_an_interval() -> None:
    """A fifth of the notes kept a name: the share of entities, its interval and the kinds."""
    rest = [(name, "<NAME>") for name in NAMES if name != "Bo"]
    each = figure(replaced(*rest))
    assert each.estimate.value == pytest.approx(0.2)
    assert each.estimate.low < 0.2 < each.estimate.high
    assert each.colour == "red"
    assert "of 400 entities" in each.meaning
    assert "name 80" in each.meaning
    assert not any(name in each.meaning for name in NAMES)


def test_chinese_names_are_compared_inside_unbroken_text() -> None:
    """Where no blank stands around a name."""
    raw = RAW.with_columns(pl.lit("客户王小明来电催单").alias("note"))
    assert figure(raw, raw).estimate.value == 1
    other = raw.with_columns(pl.lit("客户王小红来电催单").alias("note"))
    assert figure(other, raw).estimate.value == 0


def test_pseudonyms_are_no_raw_names() -> None:
    """A name that no raw text holds is somebody who does not exist; tags are nobody."""
    pseudonyms = [(name, f"Zoe{place}") for place, name in enumerate(NAMES)]
    assert figure(replaced(*pseudonyms)).estimate.value == 0
    assert figure(replaced(*((name, "<NAME>") for name in NAMES))).colour == "green"


def test_before_masking_is_beside_it_and_lazy_tables_are_alike() -> None:
    """In any order of rows, whoever has more of them."""
    low = figure(SCRUBBED)
    again = figure(pl.concat([SCRUBBED, SCRUBBED[:50]]).sample(fraction=1, shuffle=True).lazy())
    assert low.before is not None
    assert low.before.value == 1
    assert again == low


def test_few_texts_are_not_green_by_luck() -> None:
    """Ten entities say little."""
    assert (
        figure(SCRUBBED.head(10).with_columns(note=pl.lit("call <NAME> again"))).colour == "amber"
    )


def test_finders_see_what_they_are_too_unsure_to_mask() -> None:
    """A number of the form of an id, with a right check digit and without a word for it."""
    text = "we noted 123456782 for it"
    assert find(text) == []
    assert seen_in_texts([text]) == [[("id", "123456782")]]


def test_audit_has_finders_of_ours() -> None:
    """An e-mail address that was left is red, by the project's own finders."""
    raw = RAW.with_columns(pl.format("write to ada{}@example.org today", PERSON).alias("note"))
    masked = raw.with_columns(pl.col("who").hash(1).cast(pl.String))
    report = audit(raw=raw, masked=masked, entity="who")
    assert report.figures["texts_left_note"].colour == "red"
    assert "email 400" in report.figures["texts_left_note"].meaning
