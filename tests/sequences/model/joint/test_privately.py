"""Sites that promise privacy: what one entity moves, what is spent, what no server can have."""

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import torch

from anonymizer.errors import DataError, FileError
from anonymizer.federated.party import party_of
from anonymizer.federated.protocol import COMMON, NOBODY, PROFILE, STAGES, Turn, Weights
from anonymizer.federated.rehearsal.grid import Here, LocalGrid
from anonymizer.federated.server import Settings, run_over
from anonymizer.federated.site import client_app
from anonymizer.sequences.model.joint.agreement import Agreement
from anonymizer.sequences.model.joint.ledger import Ledger
from anonymizer.sequences.model.joint.privately import (
    SPARE,
    STEPS,
    PrivateLocal,
    PrivateTraining,
    agreement_of,
)
from anonymizer.sequences.model.joint.telling import Local
from anonymizer.sequences.model.sequence_model import SequenceModel
from anonymizer.sequences.private.accountant import Promise, spent
from tests.federated.toy import key_file
from tests.sequences.conftest import make_shop
from tests.sequences.model.joint.sites import told_by

BIG = Promise(30.0, 1e-4)  # so that a small shop is not all noise
SITES = ["north", "south", "west"]


class Listening(np.random.Generator):
    """Draws no noise, or as much as it is asked for, and keeps how much that was.

    Attributes:
        asked: standard deviations on statistics.
        normals: of standard normals, how many were drawn.
    """

    def __init__(self, *, loud: bool = False) -> None:
        super().__init__(np.random.PCG64(7))
        self.loud, self.normals = loud, 0
        self.asked: list[float] = []

    def normal(self, loc: Any = 0.0, scale: Any = 1.0, size: Any = None) -> Any:
        """Of statistics."""
        self.asked.append(float(scale))
        return super().normal(loc, scale if self.loud else 0.0, size)

    def standard_normal(self, size: Any = None, *_: Any, **__: Any) -> Any:
        """Of gradients."""
        found = super().standard_normal(size)
        self.normals += int(np.size(found))
        return found if self.loud else 0 * found


def local_of(
    site: str,
    folder: Path,
    frame: pl.DataFrame | None = None,
    promise: Promise = BIG,
    rng: Callable[[], np.random.Generator] = np.random.default_rng,
) -> PrivateLocal:
    """A private site."""
    shop = make_shop(300, seed=SITES.index(site)) if frame is None else frame
    ledger = Ledger(folder / f"{site}.spent")
    return PrivateLocal(site, shop, "customer", "time", 5, 3, promise, ("country",), ledger, rng)


def begun(local: PrivateLocal, agreed: Agreement) -> tuple[PrivateTraining, Weights]:
    """A training, and the weights that it starts from."""
    training = PrivateTraining(local, agreed)
    return training, training.update(Turn("start", 1, 1, 0), {}).weights


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[PrivateLocal], Agreement]:
    """Sites that have told all stages, and listen to the noise that they drew."""
    folder = tmp_path_factory.mktemp("three")
    heard = {site: Listening(loud=True) for site in SITES}
    locals_ = [local_of(site, folder, rng=partial(heard.__getitem__, site)) for site in SITES]
    return locals_, told_by(locals_)


# The budget.


def test_all_that_a_site_tells_is_paid_for(
    three: tuple[list[PrivateLocal], Agreement],
) -> None:
    """The noise on everything it tells and trains, composed, costs what was promised at most."""
    local = three[0][0]
    heard = local.rng()
    assert isinstance(heard, Listening)
    (scale,) = {min(heard.asked)}
    statistics = sum((scale / each) ** 2 for each in heard.asked)  # parts have √parts the noise
    assert scale == pytest.approx(local.budget.noise)
    assert statistics == pytest.approx(local.budget.statistics)
    assert local.budget.steps == 2 * (STEPS + SPARE)
    left = BIG.delta - local.budget.selections * local.budget.delta_per_selection
    bought = (local.budget.statistics, scale, 1.0)
    trained = (2 * (STEPS + SPARE), local.budget.training_noise, 0.05)
    assert 0.97 * BIG.epsilon < spent(bought, trained, delta=left, grid=0.01) <= BIG.epsilon


def test_every_weight_of_every_step_gets_noise(
    three: tuple[list[PrivateLocal], Agreement],
) -> None:
    """As many normal numbers as weights times steps, and no fewer."""
    local, agreed = three[0][0], three[1]
    heard = local.rng()
    assert isinstance(heard, Listening)
    training, weights = begun(local, agreed)
    before = heard.normals
    found = training.update(Turn("networks", 1, STEPS, 0), weights)
    assert heard.normals - before == sum(each.size for each in found.weights.values())
    assert set(found.weights) == {"profiles", "events"}
    assert all((found.weights[name] != weights[name]).any() for name in found.weights)


@pytest.mark.parametrize(
    "turn_of",
    [
        lambda n: Turn("networks", 1, 10, n),  # void again and again
        lambda n: Turn("networks", n, n + 1, 0),  # of more and more rounds
        lambda _: Turn("networks", 1, 7, 0),  # in other runs, or after restarts
        lambda n: Turn("networks", -n, -1, 0),  # as if it gave something back
    ],
)
def test_a_server_that_repeats_gets_no_more_than_was_planned(
    three: tuple[list[PrivateLocal], Agreement],
    turn_of: Callable[[int], Turn],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever it calls its turns, and in whichever run."""
    trained: list[int] = []
    monkeypatch.setattr(
        "anonymizer.sequences.model.joint.privately.train_networks",
        lambda *_, steps, **__: trained.append(steps["events"].count),
    )
    weights = begun(local_of("north", tmp_path), three[1])[1]

    def ask() -> None:
        for n in range(1, 100):
            training = PrivateTraining(local_of("north", tmp_path), three[1])
            training.update(turn_of(n), weights)

    with pytest.raises(DataError, match="budget of this site is spent"):
        ask()
    assert STEPS - SPARE <= sum(trained) <= STEPS + SPARE


def test_a_stage_is_told_once(tmp_path: Path) -> None:
    """In another run, or after the site has started anew, noise could be averaged out."""
    agreed = agreement_of([])
    local_of("north", tmp_path).tell(agreed)
    with pytest.raises(DataError, match="budget of this site is spent \\(of census\\)"):
        local_of("north", tmp_path).tell(agreed)


def test_what_is_said_wrongly_costs_nothing(tmp_path: Path) -> None:
    """A name that no column has is found before anything is looked at."""
    wrong = replace(local_of("north", tmp_path), context=("contry",))
    with pytest.raises(DataError, match="did you mean 'country'"):
        wrong.tell(agreement_of([]))
    assert not wrong.ledger.file.exists()


def test_nothing_is_given_back(tmp_path: Path) -> None:
    """Whatever a server makes of its numbers."""
    with pytest.raises(ValueError, match="not given back"):
        Ledger(tmp_path / "spent").spend("of steps", -1, 330)


def test_what_cannot_be_written_down_is_not_spent(tmp_path: Path) -> None:
    """A ledger that forgets would be none."""
    (tmp_path / "file").touch()
    with pytest.raises(FileError, match="cannot write"):
        local_of("north", tmp_path / "file").tell(agreement_of([]))


@pytest.mark.parametrize("rounds", [1, 7, 30, 200, 400])
def test_any_number_of_rounds_takes_the_same_steps(
    three: tuple[list[PrivateLocal], Agreement],
    rounds: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Few long rounds as many short ones; of ten or more, one that is void is paid for."""
    trained: list[int] = []
    monkeypatch.setattr(
        f"{PrivateTraining.__module__}.train_networks",
        lambda *_, steps, **__: trained.append(steps["events"].count),
    )
    training, weights = begun(local_of("north", tmp_path), three[1])
    for n in range(1, rounds + 1):
        training.update(Turn("networks", n, rounds, 0), weights)
    assert sum(trained) == STEPS
    if rounds >= 10:
        training.update(Turn("networks", rounds, rounds, 1), weights)


# What one entity may move.


def without_one(shop: pl.DataFrame, customer: int = 3) -> pl.DataFrame:
    """All but one."""
    return shop.filter(pl.col("customer") != customer)


def test_no_entity_moves_a_statistic_by_more_than_one(
    three: tuple[list[PrivateLocal], Agreement], tmp_path: Path
) -> None:
    """The count, and each histogram as a whole, told without noise."""
    whole, board = make_shop(300, seed=0), three[1].board
    both = []
    for name, frame in (("with", whole), ("without", without_one(whole))):
        folder = tmp_path / name
        folder.mkdir()
        quiet = local_of("north", folder, frame, rng=Listening)
        census = quiet.tell(agreement_of([]))
        counts = quiet.tell(agreement_of(board[: STAGES.index("priors")]))["counts"]
        both.append((census, counts))
    (census, counts), (other, fewer) = both
    assert census["entities"] - other["entities"] == 1
    assert census | {"entities": 0} == other | {"entities": 0}
    moved = [np.linalg.norm(np.subtract(*pair)) for pair in zip(counts, fewer, strict=True)]
    assert max(moved) <= 1 + 1e-9
    assert sum(each > 0 for each in moved) > len(moved) / 2


def test_what_looks_at_data_and_is_not_paid_for_is_not_told(
    three: tuple[list[PrivateLocal], Agreement], tmp_path: Path
) -> None:
    """No derivation, no verdict, no losses, no ends, no calibration."""
    locals_, agreed = three
    for stage in ("derivation", "verdict"):
        assert agreed.board[STAGES.index(stage)] == {site: {} for site in SITES}
    assert agreed.board[STAGES.index(COMMON)] == {NOBODY: {"items": []}}
    assert agreed.board[STAGES.index(PROFILE)] == {NOBODY: {"runs": []}}
    training, weights = begun(locals_[0], agreed)
    assert training.update(Turn("start", 1, 1, 0), {}).losses == {}
    for turn in (Turn("networks", 8, 7, 0), Turn("ends", 1, 10, 0), Turn("ends", 11, 10, 0)):
        found = training.update(turn, weights)
        assert found.losses == {}
        for name, each in found.weights.items():
            np.testing.assert_array_equal(each, weights[name])
    assert not agreed.units
    party = party_of(node("north", tmp_path, epsilon=BIG.epsilon, delta=BIG.delta))
    board = [{s: json.dumps(t).encode() for s, t in stage.items()} for stage in agreed.board]
    assert party.calibrate(board, weights) == b"{}"


def test_all_sites_start_from_the_same_weights(
    three: tuple[list[PrivateLocal], Agreement],
) -> None:
    """They follow from what was told and from the seed."""
    first, *others = (begun(local, three[1])[1] for local in three[0])
    for other in others:
        for name, weights in first.items():
            np.testing.assert_array_equal(weights, other[name])


# What sites agree on.


def test_what_one_site_knows_all_know(three: tuple[list[PrivateLocal], Agreement]) -> None:
    """The window holds all windows, words and edges are those of any site."""
    agreed, told = three[1], three[1].board[STAGES.index("codec")].values()
    common = {name: codec.to_dict() for name, codec in agreed.columns.items()}
    days = agreed.timeline.epoch // 86_400_000_000
    assert all(each["window"][0] >= days for each in told)
    assert all(each["window"][1] < days + agreed.timeline.days for each in told)
    for each in told:
        own = each["columns"]
        assert set(own["item"]["values"]) <= set(common["item"]["values"])
        assert set(own["score"]["grid"]["edges"]) <= set(common["score"]["grid"]["edges"])
    assert agreed.roles.context == ("country",)


def test_edges_in_other_digits_are_brought_together(tmp_path: Path) -> None:
    """The finest that a site tells."""
    whole = make_shop(300, seed=0).with_columns(pl.col("amount").round(0))
    seeded = partial(np.random.default_rng, 3)  # noise may tell of digits that are not there
    locals_ = [
        local_of("north", tmp_path, whole, rng=seeded),
        local_of("south", tmp_path, rng=seeded),
    ]
    agreed = told_by(locals_, 1 + STAGES.index("codec"))
    one, two = (agreed.board[-1][s]["columns"]["amount"] for s in ("north", "south"))
    assert (one["decimals"], two["decimals"]) == (0, 2)
    both = {100 * e for e in one["grid"]["edges"]} | set(two["grid"]["edges"])
    assert agreed.columns["amount"].to_dict()["grid"]["edges"] == sorted(both)


@pytest.mark.parametrize(
    ("other", "says"),
    [
        (Promise(3.0, 1e-4), r"differ in epsilon \(30.0 at north, 3.0 at south\)"),
        (Promise(30.0, 1e-5), "differ in delta"),
        (None, r"differ in epsilon \(30.0 at north, None at south\)"),
    ],
)
def test_sites_of_different_promises_do_not_learn_together(
    other: Promise | None, says: str, tmp_path: Path
) -> None:
    """One error, at all of them, before more is told than the census."""
    shop = make_shop(60)
    south: Local = Local("south", shop, "customer", "time", 5, 3)
    if other:
        south = local_of("south", tmp_path, shop, other)
    board = [
        {each.site: each.tell(agreement_of([])) for each in (local_of("north", tmp_path), south)}
    ]
    with pytest.raises(DataError, match=says) as caught:
        agreement_of(board)
    assert "\n" not in str(caught.value)


def test_types_that_cost_more_than_was_planned_are_refused(tmp_path: Path) -> None:
    """Whole numbers here and real ones there: the digits are one more statistic."""
    real = make_shop(60).with_columns(pl.col("score").cast(pl.Float64))
    north, south = local_of("north", tmp_path), local_of("south", tmp_path, real)
    agreed = told_by([north, south], STAGES.index("codec"))
    with pytest.raises(DataError, match="cast them to one type"):
        north.tell(agreed)


# A whole run.


def node(site: str, folder: Path, **more: Any) -> dict[str, Any]:
    """What `--node-config` says of a site."""
    data, model = folder / f"{site}.parquet", folder / f"{site} model"
    make_shop(300, seed=SITES.index(site)).write_parquet(data)
    roles = {"entity": "customer", "time": "time", "context": "country"}
    key = {"key-file": key_file(folder)}
    return roles | key | {"name": site, "data": str(data), "model": str(model)} | more


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, LocalGrid, dict[str, Any]]:
    """The folder of a run of three private sites, their grid, and the report."""
    folder = tmp_path_factory.mktemp("run")
    nodes = {n: node(site, folder, epsilon=30.0, delta=1e-4) for n, site in enumerate(SITES, 1)}
    grid = LocalGrid(Here(client_app(party_of), nodes, 1))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("anonymizer.sequences.model.joint.privately.STEPS", 4)
        return folder, grid, run_over(grid, Settings(rounds=2, ends_rounds=1, wait=1))


def test_a_private_run_ends_with_a_model(
    ran: tuple[Path, LocalGrid, dict[str, Any]],
) -> None:
    """The same at every site, that of the last round; its card states the promise."""
    folder, _, report = ran
    assert report["left"] == []
    assert report["best"] == {}
    models = [SequenceModel.load(folder / f"{site} model") for site in SITES]
    samples = [model.sample(20, seed=1) for model in models]
    assert samples[0]["customer"].n_unique() == 20
    assert samples[0].equals(samples[1])
    assert samples[0].schema == make_shop(2).schema
    card, text = models[0].card, models[0].describe()
    assert (card["privacy"]["epsilon"], card["privacy"]["delta"]) == (30.0, 1e-4)
    assert card["entities"] == pytest.approx(900, abs=60)
    assert "Epsilon 30, delta 0.0001" in text
    assert "3 sites learned it together" in text
    assert models[0].settings["epsilon"] == 30.0
    start = SequenceModel.untrained(models[0].derivation, models[0].priors, models[0].config)
    for network in ("events", "profiles"):
        ours, theirs = (getattr(m.networks, network).state_dict() for m in (models[0], start))
        assert any(not torch.equal(ours[name], theirs[name]) for name in ours)


def test_another_run_of_the_same_sites_is_refused(
    ran: tuple[Path, LocalGrid, dict[str, Any]],
) -> None:
    """Their ledgers outlive the run, as they would a process."""
    folder = ran[0]
    for site in SITES:
        party = party_of(node(site, folder, epsilon=30.0, delta=1e-4))
        with pytest.raises(DataError, match="budget of this site is spent"):
            party.tell("census", [])
