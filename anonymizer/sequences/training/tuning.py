"""Looks for a better width, depth, learning rate and dropout than the defaults have."""

import time
from collections.abc import Callable
from dataclasses import replace

import torch

from anonymizer.errors import MissingExtraError
from anonymizer.sequences.network.lstm import EventNetwork, NetworkConfig
from anonymizer.sequences.training.fit import Fitting
from anonymizer.sequences.training.loop import Report, TrainingConfig

SHARE = 0.4  # of the epochs of a full training, in a trial

Choice = tuple[NetworkConfig, TrainingConfig]


def tune(
    fitting: Fitting,
    build: Callable[[NetworkConfig], EventNetwork],
    start: Choice,
    minutes: float,
    progress: Callable[[str], None],
) -> Choice:
    """The settings of the lowest held-out loss in a short training; those to start from are first.

    After so many minutes the best so far is taken; `progress` is told a line after each trial.

    Raises:
        MissingExtraError: optuna is not installed.
    """
    try:
        import optuna
    except ModuleNotFoundError as error:
        raise MissingExtraError("tuning", "tune") from error
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    deadline = time.monotonic() + 60 * minutes
    network, training = start
    epochs = max(2, round(SHARE * training.epochs))

    def chosen(trial: optuna.Trial | optuna.trial.FrozenTrial) -> Choice:
        p = trial.params
        return (
            replace(network, width=p["width"], layers=p["layers"], dropout=p["dropout"]),
            replace(training, learning_rate=p["learning_rate"]),
        )

    def objective(trial: optuna.Trial) -> float:
        trial.suggest_categorical("width", [64, 128, 192, 256])
        trial.suggest_int("layers", 1, 2)
        trial.suggest_float("learning_rate", 5e-4, 2e-2, log=True)
        trial.suggest_float("dropout", 0.0, 0.4)
        shape, how = chosen(trial)

        def report(_what: str, state: Report) -> None:
            trial.report(state.held_out_loss, state.epoch)
            first = trial.number == 0
            if not first and (trial.should_prune() or time.monotonic() > deadline):
                raise optuna.TrialPruned

        torch.manual_seed(training.seed)
        module = build(shape)
        best = replace(fitting, progress=report).events(module, replace(how, epochs=epochs))
        return best.held_out_loss

    def told(study: optuna.Study, trial: optuna.trial.FrozenTrial) -> None:
        progress(f"tuning: {trial.number + 1} trials, best loss {study.best_value:.3f} nats")

    study = optuna.create_study(
        sampler=optuna.samplers.TPESampler(seed=training.seed),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=2, n_warmup_steps=1),
    )
    study.enqueue_trial(
        {
            "width": network.width,
            "layers": network.layers,
            "learning_rate": training.learning_rate,
            "dropout": network.dropout,
        }
    )
    study.optimize(objective, timeout=60 * minutes, callbacks=[told])
    return chosen(study.best_trial)
