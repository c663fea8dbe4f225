"""How strange it is that nothing has followed: the silence after the last event of a history."""

from datetime import date, datetime

import numpy as np
import polars as pl
import torch

from anonymizer.arrays import FloatArray
from anonymizer.errors import DataError
from anonymizer.sequences.histories.roles import Histories
from anonymizer.sequences.network.ends import EndNetwork, PauseReader


@torch.inference_mode()
def silence(
    reader: PauseReader,
    ends: EndNetwork,
    histories: Histories,
    until: date | datetime | None = None,
) -> FloatArray:
    """(E,) how strange each silence is, in nats; see `SequenceModel.summarise`.

    Args:
        reader: of the model.
        ends: likewise.
        histories: E of them.
        until: when observation ended; at the last of all events by default.

    Raises:
        DataError: `until` is no time such as the events have, or some come after it.
    """
    codec = reader.priors.codec
    end = codec.timeline.places(_end(histories.frame[codec.roles.time], until), bounded=False)
    data = codec.encode(histories, bounded=False)
    found = np.zeros(len(histories.lengths))
    for pauses in reader.read(data, end, np.arange(len(found))):
        found[pauses.entity.numpy()] = ends.surprise(pauses).double().numpy()
    return ends.scores(found)


def _end(times: pl.Series, until: date | datetime | None) -> pl.Series:
    """(1,) when observation ended, of the type of the times."""
    if until is None:
        return times.sort().tail(1)
    given = pl.Series([until])
    zones = {getattr(each.dtype, "time_zone", None) is None for each in (times, given)}
    if given.dtype.base_type() not in (pl.Date, pl.Datetime) or len(zones) > 1:
        raise DataError(f"until must be a time such as column '{times.name}' has: {times.dtype}")
    late = int((times > given.cast(times.dtype)[0]).sum())
    if late:
        raise DataError(f"{late:,} events come after until: give a later time, or leave them out")
    return given.cast(times.dtype)
