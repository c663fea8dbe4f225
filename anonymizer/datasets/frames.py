"""Masking frames: one by rules, or several that belong together by a dataset file."""

from collections.abc import Mapping
from functools import partial
from typing import Any, cast, overload

from anonymizer.datasets.description.dataset import Dataset, DatasetSource, load_dataset
from anonymizer.datasets.description.ruled import ruled
from anonymizer.datasets.opening.persons import Known, with_person
from anonymizer.errors import DataError
from anonymizer.frames import ArrowReader, ArrowStream, Frame, is_read_once, opened, to_lazy
from anonymizer.keys import KeySource
from anonymizer.masking.rules.rules import RuleSource, load_rules
from anonymizer.masking.run.frames import READ_ONCE, masked_frame


@overload
def anonymize(  # type: ignore[overload-overlap]  # (tables stream as well, and stay tables)
    df: Frame, rules: RuleSource, *, key: KeySource | None = None
) -> Frame: ...
@overload
def anonymize(
    df: ArrowStream, rules: RuleSource, *, key: KeySource | None = None
) -> ArrowReader: ...
@overload
def anonymize(  # type: ignore[overload-overlap]  # (likewise)
    df: Mapping[str, Frame], rules: DatasetSource, *, key: KeySource | None = None
) -> dict[str, Frame]: ...
@overload
def anonymize(
    df: Mapping[str, ArrowStream], rules: DatasetSource, *, key: KeySource | None = None
) -> dict[str, ArrowReader]: ...
def anonymize(
    df: Frame | ArrowStream | Mapping[str, Frame] | Mapping[str, ArrowStream],
    rules: RuleSource | DatasetSource,
    *,
    key: KeySource | None = None,
) -> Frame | ArrowReader | dict[str, Frame] | dict[str, ArrowReader]:
    """Mask every column of a frame, or of several that belong together, as the rules say.

    Args:
        df: a Polars DataFrame or LazyFrame, a pandas DataFrame, an Arrow table, or whatever else
            streams Arrow, such as a relation of DuckDB, a dataset or a `RecordBatchReader`; or
            several that belong together, by the names of their tables.
        rules: a rule file, the name of a pack, a dict or `Rules`; for several frames a dataset
            file, a dict with its fields or a `Dataset`.
        key: the secret, at least 16 bytes, or a callable that gives it; the
            environment variable ANONYMIZER_KEY where it is left out.

    Returns:
        The masked frame, of the kind that came in. It has the same rows in the same order, unless
        the rules say `order: shuffled` or a mask removes some (`date_shift` with `truncate`), and
        the columns that are not dropped.
        A LazyFrame stays lazy, and what streams comes back as a `RecordBatchReader`; of both, only
        what masks learn is computed at once, and the first rows, which tell by their order. A
        stream that can be read once serves rules that learn nothing. Of several, a dict of such
        frames, without those that are dropped.

    Warns:
        PrivacyWarning: what to reconsider before the frame is handed on, one for each thing.

    Raises:
        RuleError: the rules are wrong; carries every fault.
        DataError: rules and columns do not fit, or the frame is of an unknown kind.
        KeyMaterialError: there is no key that could serve.

    Example:
        >>> import polars as pl
        >>> orders = pl.DataFrame({"customer": ["Ann", "Bob", "Ann"], "amount": [12, 19, 31]})
        >>> columns = {"customer": "token", "amount": {"mask": "round", "to": 10}}
        >>> rules = {"version": 1, "columns": columns}
        >>> masked = anonymize(orders, rules, key="the key of this example")
        >>> masked["amount"].to_list()
        [10, 20, 30]
        >>> masked["customer"].n_unique(), masked["customer"].str.len_chars().to_list()
        (2, [24, 24, 24])
    """
    if isinstance(df, Mapping):
        return _masked_frames(df, load_dataset(cast("DatasetSource", rules)), key)
    return masked_frame(cast("Frame", df), load_rules(cast("RuleSource", rules)), key)


def _masked_frames(
    frames: Mapping[str, Any], dataset: Dataset, key: KeySource | None
) -> dict[str, Any]:
    """The frames of a dataset, masked so that they still hang together."""
    kept = {table: opened(each) for table, each in frames.items() if table not in dataset.drop}
    rows = {table: to_lazy(frame)[0] for table, frame in kept.items()}
    known: Known = {}
    rules = ruled(dataset, {table: each.collect_schema() for table, each in rows.items()})
    for parent in sorted({key.parent for each in rules.values() for key in each.way or ()}):
        if is_read_once(kept[parent]):
            told = "and other tables find their person through it: give a table"
            raise DataError(f"{parent}: {READ_ONCE}, {told}, such as its read_all()")
    return {
        table: masked_frame(
            frame,
            rules[table].rules,
            key,
            prepared=partial(with_person, ruled=rules[table], tables=rows, known=known),
            calls=3,
        )
        for table, frame in kept.items()
    }
