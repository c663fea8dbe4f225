"""Records of Flower, written and read: the only shapes that travel between server and sites.

`ask` is what the server asks for, `told` what a site answers, `weights` are vectors by name, and
`news` is a stage that is done: what each site told, sealed, or what was counted together.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import cast

import numpy as np
from flwr.app import Array, ArrayRecord, ConfigRecord, RecordDict

from anonymizer.arrays import Array as AnyArray
from anonymizer.federated.protocol import Turn, Weights


@dataclass(frozen=True)
class News:
    """A stage that is done: what each site told, sealed; of `COMMON` keys and slots."""

    stage: str
    told: dict[str, bytes]

    def written(self) -> ConfigRecord:
        """As a record."""
        names = sorted(self.told)
        return ConfigRecord(
            {"stage": self.stage, "names": names, "told": [self.told[name] for name in names]}
        )

    @classmethod
    def read(cls, record: ConfigRecord) -> "News":
        """Out of a record."""
        names, told = cast("list[str]", record["names"]), cast("list[bytes]", record["told"])
        return cls(str(record["stage"]), dict(zip(names, told, strict=True)))


@dataclass(frozen=True)
class TrainAsk:
    """What the server asks of a site in a turn."""

    turn: Turn
    present: list[str]
    aggregation: str

    def written(self) -> ConfigRecord:
        """As a record."""
        rest = {"present": self.present, "aggregation": self.aggregation}
        return ConfigRecord(asdict(self.turn) | rest)

    @classmethod
    def read(cls, record: ConfigRecord) -> "TrainAsk":
        """Out of a record."""
        numbers = (int(cast("int", record[name])) for name in ("round", "rounds", "attempt"))
        turn = Turn(str(record["phase"]), *numbers)
        return cls(turn, list(cast("list[str]", record["present"])), str(record["aggregation"]))


def arrays(vectors: Mapping[str, AnyArray]) -> ArrayRecord:
    """Vectors by name as a record."""
    return ArrayRecord({name: Array(np.ascontiguousarray(v)) for name, v in vectors.items()})


def vector(record: ArrayRecord, name: str, kind: type[np.generic]) -> AnyArray:
    """One vector out of a record.

    Raises:
        ValueError: it is no vector, or of other numbers.
    """
    found = record[name].numpy()
    if found.ndim != 1 or found.dtype != kind:
        raise ValueError(f"{name} is not a vector of {kind.__name__}")
    return found


def weights(record: ArrayRecord) -> Weights:
    """All vectors of a record, which have to be of float32."""
    return {name: vector(record, name, np.float32) for name in record}


def bare(word: str, site: str) -> RecordDict:
    """The answer of a site that does not do what it was asked: its name and one of `WORDS`."""
    return RecordDict({"told": ConfigRecord({"word": word, "site": site})})
