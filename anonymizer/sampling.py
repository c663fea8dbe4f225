"""Some persons with all of their rows, the same ones in every table and every engine."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from anonymizer.errors import DataError
from anonymizer.frames import Frame, quiet, to_lazy
from anonymizer.keys import KeySource, load_key
from anonymizer.masking.masks import Entity
from anonymizer.masking.plan.deferred import PlannedKey
from anonymizer.masking.primitives.digest import Slot

_DOMAIN: Final = "\x01sample"  # no rule can name one with such a sign: tokens tell nothing of it
_CHANCES: Final = 2**32  # values that a slot of the digest has


def sample_entities(
    df: Frame, share: float, *, entity: str | Sequence[str], key: KeySource | None = None
) -> Frame:
    """The rows of about a share of the entities; each row alone says whether it is among them.

    Who is drawn follows from the key and the entity, however it is spelt (1 and "1" are one): the
    same persons in each table with the same ids, in every order of rows, lazy or not, and on Spark
    by `anonymizer.spark.sample_entities`. A smaller share draws some of those of a larger one. The
    rows are raw; without the key nobody can tell who would be drawn.

    Args:
        df: Polars (eager or lazy), pandas or Arrow: the same kind comes back.
        share: above 0, up to 1. Of N entities N · share are drawn, give or take twice
            √(N · share · (1 − share)).
        entity: column that says whose row it is; several that only together tell.
        key: the secret, or a callable that gives it; else the environment variable.

    Returns:
        The rows of those who are drawn, with all columns; none without an entity.

    Raises:
        DataError: the share is none, or a column is absent.
        KeyMaterialError: there is no key that could serve.

    Example:
        >>> import polars as pl
        >>> orders = pl.DataFrame({"who": [1, 2, 3, 4] * 2, "item": list("abcdefgh")})
        >>> some = sample_entities(orders, 0.5, entity="who", key="the key of this example")
        >>> len(some) == 2 * some["who"].n_unique()
        True
    """
    lazy, back = to_lazy(df)
    draw = Draw.of(lazy.collect_schema(), share, entity, key)
    among = pl.struct(draw.entity.columns).map_batches(
        draw.rows, return_dtype=pl.Boolean(), is_elementwise=True
    )
    found: Frame = back(lazy.filter(among))
    return found


@dataclass(frozen=True)
class Draw:
    """Who is drawn, as every engine asks; the key is no part of what is written of it.

    Attributes:
        entity: whose rows they are.
        share: of the entities.
        key: from which it follows.
    """

    entity: Entity
    share: float
    key: PlannedKey = field(repr=False)

    @classmethod
    def of(
        cls,
        schema: pl.Schema,
        share: float,
        entity: str | Sequence[str],
        key: KeySource | None,
    ) -> "Draw":
        """What a call asks for.

        Raises:
            DataError: the share is none, or a column is absent.
            KeyMaterialError: there is no key that could serve.
        """
        if not 0 < share <= 1:
            raise DataError(f"share is {share}: it must lie above 0 and be 1 at most")
        columns = (entity,) if isinstance(entity, str) else tuple(entity)
        absent = [column for column in columns if column not in schema]
        if absent or not columns:
            told = (
                f"there is no column {', '.join(map(repr, absent))}" if absent else "none is named"
            )
            raise DataError(f"entity: {told}; there are: {', '.join(schema)}")
        secret = load_key(key)
        dtypes = tuple(schema[column] for column in columns)
        return cls(Entity(columns, _DOMAIN, dtypes), share, PlannedKey(secret, key, secret.id))

    def rows(self, values: pl.Series) -> pl.Series:
        """(N,) structs of the entity's columns → whether each is of somebody who is drawn."""
        below = round(self.share * _CHANCES)
        chance = self.entity.drawn(Slot.CHANCE, self.key())
        with quiet("sampling"):
            among = values.struct.unnest().select((chance < below).fill_null(value=False))
        return among.to_series().alias(values.name)
