"""A detector that learns and scores in one go: the event network alone, without a model to keep."""

from collections.abc import Callable

import polars as pl

from anonymizer.arrays import FloatArray
from anonymizer.sequences.histories.protection import capped_lengths
from anonymizer.sequences.histories.roles import assign_roles
from anonymizer.sequences.network.lstm import NetworkConfig
from anonymizer.sequences.scoring.frames import SCORE, Scorer
from anonymizer.sequences.scoring.judge import Calibration
from anonymizer.sequences.training.fit import (
    EVENTS,
    MIN_ENTITIES,
    Fitting,
    event_network,
    read,
)


def learn_scorer(
    frame: pl.DataFrame, *, entity: str, time: str, seed: int = 0
) -> Callable[[pl.DataFrame], FloatArray]:
    """How strange events are to a model of others: (N,) scores of any frame with these columns.

    As `SequenceModel.fit` and a trusting `score`, without what only sampling needs: no profiles and
    counts are learned, and training hides them too. What holds once per entity is a column of
    events like others, whose change is strange. Arguments and errors are those of `fit`.
    """
    everything = [c for c in frame.columns if c not in (entity, time)]
    roles = assign_roles(frame, entity, time, everything)
    histories, parts, priors, data = read(frame, roles, seed, MIN_ENTITIES)
    network = event_network(priors, NetworkConfig(priors.features))
    lengths = capped_lengths(histories.lengths[parts.inside], MIN_ENTITIES)
    training = EVENTS.config(lengths, None, seed, large=bool(priors.large))
    fitting = Fitting(priors, data, parts, lambda _what, _report: None, hidden=1.0)
    fitting.events(network, training)
    scorer = Scorer(priors, network, Calibration())

    def scores(events: pl.DataFrame) -> FloatArray:
        found: FloatArray = scorer.score(events, trusting=True)[SCORE].to_numpy()
        return found

    return scores
