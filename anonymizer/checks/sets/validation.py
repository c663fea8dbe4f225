"""Three frames become `ComparedSets`, or an error says what does not fit and the way out.

Whatever the measures cannot take is refused here, before anything is trained.
"""

from typing import Final

import polars as pl

from anonymizer.checks.sets.compared_sets import HISTORY_DISTRIBUTIONS, ComparedSets
from anonymizer.checks.sets.injection import ANOMALY_COLUMN, INJECTED_COLUMN
from anonymizer.errors import DataError
from anonymizer.frames import is_pattern

MIN_ENTITIES: Final = 5  # of a set: a detector that learned from fewer would describe persons
TEXT_TYPES: Final = (pl.String, pl.Categorical, pl.Enum)
Frames = dict[str, pl.DataFrame]  # by the name of the set, the real one first


def validated(frames: Frames, entity: str, time: str, label: str | None) -> ComparedSets:
    """The three sets with the real one's columns and types, without events of nobody or of no time.

    Args:
        frames: `real`, `synthetic` and `holdout`, one row per event.
        entity: column that says whose event it is.
        time: column that says when, a Date or Datetime.
        label: column of what is to be found, if any: true and false, or 1 and 0.

    Raises:
        DataError: names the set, the column and the way out.
    """
    _require_roles(entity, time, label)
    for name, frame in frames.items():
        _require_columns(name, frame, frames["real"], [entity, time, label])
        _require_names(frame)
        _require_types(name, frame, time)
    _require_one_kind_of_time(frames, time)
    known = {
        name: frame.select(frames["real"].columns).drop_nulls([entity, time])
        for name, frame in frames.items()
    }
    for name, frame in known.items():
        _require_enough(name, frame[entity].n_unique())
        if label is not None:
            _require_label(name, frame[label])
    known["real"], known["holdout"] = _named_alike(known["real"], known["holdout"], entity)
    _require_apart(known["real"], known["holdout"], entity)
    real, synthetic, holdout = (
        _aligned(name, frame, known["real"].schema, entity) for name, frame in known.items()
    )
    return ComparedSets(real, synthetic, holdout, entity, time)


def _require_roles(entity: str, time: str, label: str | None) -> None:
    """No column may be two of entity, time and label."""
    roles: dict[str, str] = {}
    for role, column in (("entity", entity), ("time", time), ("label", label)):
        if column in roles:
            raise DataError(
                f"column '{column}' is named as {roles[column]} and as {role}: name two columns"
            )
        if column is not None:
            roles[column] = role


def _require_columns(
    name: str, frame: pl.DataFrame, real: pl.DataFrame, roles: list[str | None]
) -> None:
    """A set has rows, the named columns, and all columns of the real set and no other."""
    absent = [column for column in roles if column is not None and column not in frame.columns]
    if absent:
        raise DataError(f"the {name} set has no column '{absent[0]}'")
    if frame.is_empty():
        raise DataError(f"the {name} set is empty")
    if missing := set(real.columns) ^ set(frame.columns):
        raise DataError(
            f"real and {name} sets differ in columns: {', '.join(sorted(missing))}; "
            "drop what is not to be compared"
        )


def _require_names(frame: pl.DataFrame) -> None:
    """No column may be nameless, a pattern of Polars, or called as one of ours."""
    for column in frame.columns:
        if not column:
            raise DataError("a column has no name: give it one")
        if is_pattern(column) or column in (
            INJECTED_COLUMN,
            ANOMALY_COLUMN,
            *HISTORY_DISTRIBUTIONS,
        ):
            raise DataError(f"column {column!r} has a name that the check itself uses: rename it")


def _require_types(name: str, frame: pl.DataFrame, time: str) -> None:
    """Values are numbers, times, text or truth values, and the time is a time."""
    for column, dtype in frame.schema.items():
        kind = dtype.base_type()
        category = kind in (*TEXT_TYPES, pl.Boolean, pl.Null)
        if not (category or dtype.is_numeric() or dtype.is_temporal()):
            raise DataError(
                f"column '{column}' of the {name} set is {kind}, which no figure can compare: "
                "cast it to text or numbers, or drop it from all sets"
            )
    if frame.schema[time].base_type() not in (pl.Date, pl.Datetime):
        way = "parse it first; of a CSV, say its form (`--csv @FILE`)"
        raise DataError(f"column '{time}' of the {name} set must be Date or Datetime: {way}")


def _require_label(name: str, label: pl.Series) -> None:
    """A label holds both values, and in the holdout no null."""
    of = f"the label '{label.name}' of the {name} set"
    numbers = label.dtype.is_numeric() or label.dtype == pl.Boolean
    if not numbers or not label.cast(pl.Float64).is_in([0.0, 1.0]).all():
        raise DataError(f"{of} must hold true and false, or 1 and 0: cast it")
    # Training histories may begin before anybody looked; what is tested must be known.
    if name == "holdout" and label.null_count():
        raise DataError(f"{of} has nulls: say of each event what it is, or drop the event")
    if label.drop_nulls().n_unique() < 2:
        raise DataError(
            f"{of} has only one value, so nothing can be learned from it: give events of both, or "
            "no label, and anomalies are injected"
        )


def _require_one_kind_of_time(frames: Frames, time: str) -> None:
    """All sets have dates, or moments with a zone, or without; units may differ."""
    kinds = {name: _kind_of_time(frame.schema[time]) for name, frame in frames.items()}
    for name, kind in kinds.items():
        if kind != kinds["real"]:
            raise DataError(
                f"column '{time}' holds {kinds['real']} in the real set and {kind} in the {name} "
                "set: cast it to one kind"
            )


def _kind_of_time(dtype: pl.DataType) -> str:
    """What a type of time says: the day alone, or the moment, with or without a zone."""
    if not isinstance(dtype, pl.Datetime):
        return "dates"
    return "times with a zone" if dtype.time_zone else "times without a zone"


def _require_enough(name: str, entities: int) -> None:
    """A set has the events of `MIN_ENTITIES` entities or more."""
    if entities < MIN_ENTITIES:
        raise DataError(
            f"the {name} set has too few entities with a time ({entities}): give the events of "
            f"{MIN_ENTITIES} or more"
        )


def _named_alike(
    real: pl.DataFrame, holdout: pl.DataFrame, entity: str
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Both sets with entities of one type, so that who is in both is seen."""
    types = real.schema[entity], holdout.schema[entity]
    if types[0] == types[1]:
        return real, holdout
    if all(each.is_integer() for each in types):
        common: type[pl.DataType] = pl.Int64
    elif all(each.base_type() in TEXT_TYPES for each in types):
        common = pl.String
    else:
        raise _not_comparable(entity, types)
    try:
        name = pl.col(entity).cast(common)
        return real.with_columns(name), holdout.with_columns(name)
    except pl.exceptions.PolarsError:  # its text lists values
        raise _not_comparable(entity, types) from None


def _not_comparable(entity: str, types: tuple[pl.DataType, pl.DataType]) -> DataError:
    """The error for entities of types that cannot be compared."""
    real, holdout = (each.base_type() for each in types)
    return DataError(
        f"column '{entity}' is {real} in the real set and {holdout} in the holdout set, so nobody "
        "can say who is in both: cast it to one type"
    )


def _require_apart(real: pl.DataFrame, holdout: pl.DataFrame, entity: str) -> None:
    """Nobody is in the training data and in the holdout: a holdout must be others."""
    shared = real.select(entity).unique().join(holdout.select(entity).unique(), on=entity)
    if len(shared):
        raise DataError(
            f"{len(shared)} entities are in real and in holdout: a holdout must be other persons"
        )


def _aligned(name: str, frame: pl.DataFrame, schema: pl.Schema, entity: str) -> pl.DataFrame:
    """A set's columns in the types of the real set; the entity keeps its own."""
    for column, dtype in schema.items():
        if column == entity or frame.schema[column] == dtype:
            continue
        own = frame[column]
        if dtype.is_integer() and own.dtype.is_float() and (own != own.round()).any():
            raise DataError(
                f"column '{column}' holds whole numbers in the real set and others in the {name} "
                "set: round it if that is what it means, or cast the real one to Float64"
            )
        try:
            frame = frame.with_columns(pl.col(column).cast(dtype))
        except pl.exceptions.PolarsError:  # its text lists values
            raise DataError(
                f"column '{column}' is {dtype.base_type()} in the real set and "
                f"{frame.schema[column].base_type()} in the {name} set, and does not fit: cast it"
            ) from None
    return frame
