"""A detector that learns and scores in one go: the event network alone, without a model to keep."""

from collections.abc import Callable
from dataclasses import replace

import polars as pl

from anonymizer.arrays import FloatArray
from anonymizer.sequences.derived.derivation import Derivation
from anonymizer.sequences.histories.roles import assign_roles, read_histories
from anonymizer.sequences.scoring.frames import SCORE, Scorer
from anonymizer.sequences.scoring.judge import Calibration
from anonymizer.sequences.training.fit import MIN_ENTITIES, event_network
from anonymizer.sequences.training.run import Run, Settings


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
    settings = Settings(seed, None, MIN_ENTITIES, "cpu", 0, lambda _line: None)
    run = Run.of(read_histories(frame, roles), roles, settings)
    network = event_network(run.data.priors, run.network)
    replace(run.fitting, hidden=1.0).events(network, run.training)
    plain = Derivation.plain(frame.schema, roles)
    scorer = Scorer(plain, run.data.priors, network, Calibration())

    def scores(events: pl.DataFrame) -> FloatArray:
        found: FloatArray = scorer.score(events, trusting=True)[SCORE].to_numpy()
        return found

    return scores
