"""Synthetic tables judged by the real ones: every table, every join, and histories across all."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import polars as pl

from anonymizer.arrays import IntArray
from anonymizer.checks.figures.figure import Figure, exact
from anonymizer.checks.figures.statistics import ks_similarity
from anonymizer.checks.figures.thresholds import ThresholdSource, judged, load_thresholds
from anonymizer.checks.reports.check_report import Report
from anonymizer.checks.utility.similarity import LEAST_CEILING, similarity
from anonymizer.composition import check
from anonymizer.datasets.description.dataset import DatasetSource, load_dataset
from anonymizer.datasets.masked.joins import counted
from anonymizer.datasets.synthesis.flattening import Tables, flatten, joined
from anonymizer.datasets.synthesis.layout import TIME, Layout, Node, flat
from anonymizer.datasets.synthesis.planning import layout_of
from anonymizer.datasets.synthesis.reading import of_persons, opened, split
from anonymizer.datasets.synthesis.tree import Tree
from anonymizer.errors import DataError, UsageError
from anonymizer.frames import IntoFrame
from anonymizer.provenance import called_by
from anonymizer.storage import Address
from anonymizer.stores.table import ForeignKey, named

_MIN_ENTITIES: Final = 5  # who share a row of a catalogue


def check_dataset(
    dataset: DatasetSource,
    synthetic: Address | Mapping[str, IntoFrame],
    *,
    tables: Mapping[str, IntoFrame] | None = None,
    purpose: str | None = None,
    thresholds: ThresholdSource | None = None,
    seed: int = 0,
    progress: Callable[[str], None] = lambda _line: None,
) -> Report:
    """Judge synthetic tables by the real ones: what they kept and what they give away.

    The persons whom a fit of the dataset leaves out are the holdout, in all tables. All tables of
    a person are joined to one history, as for a fit, and `check` judges these; so rules across
    tables are asked as well. Each table is judged by its columns, and each foreign key by orphans
    and by how many children a parent has.

    Args:
        dataset: as `fit_dataset` takes it.
        synthetic: a folder or a store with the synthetic tables, or frames by name; whoever made
            them.
        tables: the real ones, in place of those at the source.
        purpose: who gets them, as `check` takes it.
        thresholds: limits of green and amber by the figure's name, as `check` takes them.
        seed: fixes every random choice.
        progress: told a line as the work goes on.

    Raises:
        UsageError: the file and the tables do not fit, or the file keeps no holdout.
        DataError: tables differ in columns, or a key is none.
        FileError: there is nothing at a place.
        MissingExtraError: torch is not installed.

    Example:
        >>> report = check_dataset("dataset.yaml", "shop_synthetic")  # doctest: +SKIP
        >>> report.figures["orphans_orders.customer_id"].estimate.value  # doctest: +SKIP
        0.0
    """
    loaded = load_dataset(dataset)
    limits = load_thresholds(thresholds, purpose)
    if not loaded.holdout:
        raise UsageError(
            f"{loaded.name}: `synthesis: {{holdout: 0}}` leaves nobody to compare with"
        )
    with called_by(lambda: "anonymizer.check_dataset"), opened(loaded, tables) as source:
        real, holdout = split(source.tables, loaded.person or ("", ""), loaded.holdout)
        layout = layout_of(source.dataset, real, _MIN_ENTITIES)
        frames = synthetic if isinstance(synthetic, Mapping) else None
        place = None if isinstance(synthetic, Mapping) else synthetic
        with opened(source.dataset, frames, place) as made:
            drawn = _like(made.tables, source.tables)
            files = (*source.recorded("real"), *made.recorded("synthetic"))
        sets = tuple(of_persons(each, layout) for each in (real, drawn, holdout))
        flat = [flatten(each, layout).drop(layout.identifiers) for each in sets]
        report = check(
            real=flat[0],
            synthetic=flat[1],
            holdout=flat[2],
            entity=layout.entity,
            time=TIME,
            thresholds=limits,
            seed=seed,
            progress=progress,
        )
        figures = dict(_orphans(Tree(source.dataset, source.tables).keys, source.tables, drawn))
        for node in layout.nodes:
            of_table = [each[node.table] for each in sets]
            if node.above:
                figures |= _children(node, sets, seed)
            figures |= _columns(node, layout, *of_table)
    return replace(
        report,
        utility={**judged(figures, limits), **report.utility},
        provenance=replace(report.provenance, inputs=files),
    )


def _like(synthetic: Tables, real: Tables) -> Tables:
    """Synthetic tables with the columns and types of the real ones.

    Raises:
        DataError: a column is absent.
    """
    for table, each in real.items():
        if absent := [c for c in each.columns if c not in synthetic[table].columns]:
            raise DataError(f"{table}: the synthetic table has no column {absent[0]!r}")
    return {
        table: synthetic[table].select(each.columns).cast(dict(each.schema), strict=False)  # type: ignore[arg-type]  # (types by name)
        for table, each in real.items()
    }


def _orphans(
    keys: Sequence[ForeignKey], real: Tables, synthetic: Tables
) -> Iterator[tuple[str, Figure]]:
    """Of each foreign key the rows whose key is nowhere."""
    for key in keys:
        joins = [counted(key, {t: r.lazy() for t, r in each.items()}) for each in (synthetic, real)]
        found, before = (each.with_key - each.joined for each in joins)
        yield (
            f"orphans_{key.of_child}",
            Figure(
                f"Orphans: rows of {key.child} without their row of {key.parent}",
                exact(found),
                None,
                before,
                f"Of {len(synthetic[key.child]):,} synthetic rows; none should be.",
                unit="count",
            ),
        )


def _children(node: Node, sets: Sequence[Tables], seed: int) -> dict[str, Figure]:
    """How many rows of a table hang below one of the table above, the holdout's beside each."""
    real, synthetic, holdout = (_counts(node, each) for each in sets)
    many, size = int(synthetic.sum()), len(synthetic)
    dealt = np.random.default_rng(seed).multinomial(many, np.full(size, 1 / size))
    value, floor, top = (ks_similarity(holdout, each) for each in (synthetic, dealt, real))
    means = f"{synthetic.mean():.2f} on average, in the holdout {holdout.mean():.2f}"
    figure = Figure(
        f"Children: rows of {node.table} for each of {node.above}",
        exact(value),
        floor,
        top,
        f"One minus the distance of Kolmogorov and Smirnov, rows without any counted: {means}.",
        value / max(top, 1e-9),
        judged_as="similarity over the one that real data reaches",
    )
    return {f"children_{named(node.table, node.columns)}": figure}


def _counts(node: Node, tables: Tables) -> IntArray:
    """How many rows of a table refer to each row of the table above."""
    above = tables[node.above].select(node.keys).with_row_index("\0row")
    rows = joined(
        tables[node.table].select(node.columns), node.columns, above, node.keys, how="inner"
    )
    return np.bincount(rows["\0row"].to_numpy(), minlength=len(above))


def _columns(
    node: Node, layout: Layout, real: pl.DataFrame, synthetic: pl.DataFrame, holdout: pl.DataFrame
) -> dict[str, Figure]:
    """How alike the columns of a table are, row by row of this table and not of what is below."""
    keys = {
        *node.columns,
        *node.copies,
        *node.made,
        node.counted,
        "" if node.above else layout.person,
    }
    keys |= {
        name
        for link in layout.links
        if link.own and link.child == node.table
        for name in real.columns
        if flat(node.table, name) in link.columns
    }
    shares = dict[str, tuple[float, float]]()
    for column in (c for c in real.columns if c not in keys):
        value, top = (similarity(holdout[column], each[column]) for each in (synthetic, real))
        if top >= LEAST_CEILING and flat(node.table, column) not in layout.identifiers:
            shares[column] = (value, top)
    if not shares:
        return {}
    mean, ceiling = (float(np.mean(each)) for each in zip(*shares.values(), strict=True))
    least = min(shares, key=lambda column: shares[column][0] / shares[column][1])
    figure = Figure(
        f"Columns of {node.table}: mean similarity",
        exact(mean),
        None,
        ceiling,
        f"Of {len(shares)} columns, each row counted once; least alike: {least}, "
        f"{shares[least][0]:.3f}, where real rows reach {shares[least][1]:.3f}.",
        mean / ceiling,
        judged_as="similarity over the one that real data reaches",
    )
    return {f"columns_of_{node.table}": figure}
