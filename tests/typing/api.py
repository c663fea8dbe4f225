"""What mypy makes of calls from outside, in strict mode. Nothing here is run.

`assert_type` is an error where a type is another one; a `type: ignore` is one where mypy would have
refused nothing.
"""

from pathlib import Path
from typing import Any, assert_type

import pandas as pd
import polars as pl

from anonymizer import (
    ArrowReader,
    ArrowStream,
    AuditReport,
    ColumnPreview,
    Estimate,
    Figure,
    Finding,
    Findings,
    Inspection,
    IntoFrame,
    Manifest,
    Preview,
    Report,
    Risk,
    Rotation,
    Rules,
    SequenceClassifier,
    SequenceModel,
    Source,
    anonymize,
    audit,
    check,
    fit_rules,
    inspect,
    lint,
    load_rules,
    mask_file,
    preview,
    reveal_file,
    rotate_keys,
)

EAGER = pl.DataFrame()
LAZY = pl.LazyFrame()
PANDAS = pd.DataFrame()
RULES = load_rules("ecommerce")
PATH = Path("orders.parquet")


class Streamed:
    """A table of some library that streams Arrow, as DuckDB's."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return requested_schema


class Table(Streamed):
    """A table as pyarrow has them."""

    schema: Any = None
    num_rows: int = 0


def the_kind_of_a_frame_comes_back(model: SequenceModel) -> None:
    """Where frames come back."""
    assert_type(anonymize(EAGER, RULES), pl.DataFrame)
    assert_type(anonymize(LAZY, RULES), pl.LazyFrame)
    assert_type(anonymize(PANDAS, "ecommerce"), pd.DataFrame)
    assert_type(anonymize(Table(), {"version": 1}), Table)
    assert_type(anonymize(Streamed(), {"version": 1}), ArrowReader)
    assert_type(anonymize({"orders": EAGER}, "dataset.yaml"), dict[str, pl.DataFrame])
    assert_type(model.score(EAGER), pl.DataFrame)
    assert_type(model.score(PANDAS, history=LAZY), pd.DataFrame)


def other_kinds_are_refused(model: SequenceModel) -> None:
    """What is no frame, and what could not come back."""
    anonymize("orders.parquet", RULES)  # type: ignore[call-overload]
    anonymize([1, 2], RULES)  # type: ignore[call-overload]
    anonymize({"a": [1]}, RULES)  # type: ignore[call-overload]
    anonymize(EAGER, 7)  # type: ignore[call-overload]
    anonymize(EAGER, RULES, key=7)  # type: ignore[call-overload]
    model.score(["a"])  # type: ignore[type-var]
    model.sample(conditions="a.parquet")  # type: ignore[arg-type]
    inspect([1, 2])  # type: ignore[arg-type]
    inspect(None)  # type: ignore[arg-type]
    preview(RULES, EAGER)  # type: ignore[arg-type]
    lint(EAGER)  # type: ignore[arg-type]
    mask_file(EAGER, "masked.parquet", RULES)  # type: ignore[arg-type]
    SequenceModel.fit("a.parquet", entity="who", time="when")  # type: ignore[arg-type]
    check(real=1, synthetic=EAGER, holdout=EAGER, entity="who", time="when")  # type: ignore[arg-type]


def tables_are_read_from_anywhere() -> None:
    """From paths, frames, and what streams Arrow."""
    sources: list[Source] = ["orders.parquet", PATH, EAGER, LAZY, PANDAS, Table(), Streamed()]
    for source in sources:
        assert_type(inspect(source), Inspection)
        assert_type(preview(source, RULES), Preview)
        assert_type(lint("ecommerce", source), Findings)
        assert_type(fit_rules(source, PATH, key=b"a secret of some bytes"), Rules)
    frames: list[IntoFrame] = [EAGER, LAZY, PANDAS, Streamed()]
    streams: list[ArrowStream] = [EAGER, PANDAS, Streamed()]
    for frame in [*frames, *streams]:
        assert_type(SequenceModel.fit(frame, entity="who", time="when"), SequenceModel)


def results_have_types(model: SequenceModel, classifier: SequenceClassifier) -> None:
    """Down to the figure and the finding."""
    assert_type(model.sample(10), pl.DataFrame)
    assert_type(model.sample(conditions=PANDAS), pl.DataFrame)
    assert_type(model.recommend(LAZY, field="item"), pl.DataFrame)
    assert_type(model.notes, list[str])
    assert_type(classifier.score(PANDAS), pl.Series)
    assert_type(list(preview(EAGER, RULES)), list[ColumnPreview])
    assert_type(list(lint(RULES)), list[Finding])
    record = mask_file("raw.parquet", PATH, RULES)
    assert_type(record, Manifest)
    assert_type(record.notes, list[str])
    assert_type(reveal_file("masked.parquet", PATH, RULES), list[str])
    rotation = rotate_keys("raw.parquet", PATH, RULES, old_key="a", new_key=lambda: b"b")
    assert_type(rotation, Rotation)
    assert_type(rotation.notes, list[str])
    report = check(real=EAGER, synthetic=PATH, holdout=PANDAS, entity="who", time="when")
    assert_type(report, Report)
    assert_type(report.figures, dict[str, Figure])
    assert_type(report.figures["told_apart"].estimate, Estimate)
    found = audit(raw="raw.parquet", masked=LAZY, entity="who")
    assert_type(found, AuditReport)
    assert_type(found.figures, dict[str, Risk])
