"""Steps are those of torch.optim; matrices turn as Muon says."""

import pytest
import torch
from torch import Tensor, nn

from anonymizer.sequences.training.optimizer import Optimizer, Rates, orthogonal

RATE, DECAY, MUON, CLIP = 0.01, 0.1, 4.0, 1.0


class Model(nn.Module):
    """Two matrices, one of which consists of two, and an embedding with a decay of its own."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.first, self.second = nn.Linear(6, 8), nn.Linear(8, 4)
        self.table = nn.Embedding(5, 6)
        self.table.weight_decay = 0.4  # type: ignore[assignment]
        self.unused = nn.Parameter(torch.ones(3))

    @property
    def matrices(self) -> list[tuple[Tensor, int]]:
        """What Muon moves."""
        return [(self.first.weight, 1), (self.second.weight, 2)]

    def loss(self, seed: int) -> Tensor:
        """A number that depends on all weights but those unused."""
        torch.manual_seed(seed)
        tokens, wanted = torch.randint(5, (7,)), torch.randn(7, 4)
        made = self.second(torch.tanh(self.first(self.table(tokens))))
        found: Tensor = 20 * ((made - wanted) ** 2).mean()
        return found


def trained(rates: Rates, factors: list[float]) -> Model:
    """A model after some steps of ours."""
    model = Model()
    optimizer = Optimizer(model, rates)
    for number, factor in enumerate(factors, 1):
        model.loss(number).backward()  # type: ignore[no-untyped-call]
        optimizer.step(optimizer.gradient(), number, factor)
    return model


def with_torch(factors: list[float], *, muon: bool) -> Model:
    """The same by torch, whose Muon knows no matrix that consists of several."""
    model = Model()
    matrices = [model.first.weight, model.second.weight] if muon else []
    groups = [
        {
            "params": [
                p for name, p in model.named_parameters()
                if p is not model.table.weight and all(p is not m for m in matrices)
            ],
            "weight_decay": DECAY,
        },
        {"params": [model.table.weight], "weight_decay": 0.4},
    ]  # fmt: skip
    model.unused.grad = torch.zeros(3)
    found: list[torch.optim.Optimizer] = [torch.optim.AdamW(groups, lr=RATE)]
    if muon:
        found.append(
            torch.optim.Muon(
                matrices,
                lr=MUON * RATE,
                weight_decay=DECAY / MUON,
                adjust_lr_fn="match_rms_adamw",
            )
        )
    for number, factor in enumerate(factors, 1):
        for each in found:
            each.zero_grad(set_to_none=False)
        model.loss(number).backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(model.parameters(), CLIP)
        for each in found:
            for group in each.param_groups:
                group["lr"] = factor * (RATE if each is found[0] else MUON * RATE)
            each.step()
    return model


FACTORS = [0.1, 0.5, 1.0, 1.0, 0.7, 0.3]


def test_without_matrices_it_is_adamw() -> None:
    """Clipped gradients, decays by part, rates that rise and fall: the same weights."""
    ours, theirs = trained(Rates(RATE, DECAY, CLIP, 0), FACTORS), with_torch(FACTORS, muon=False)
    for name, weight in ours.named_parameters():
        torch.testing.assert_close(weight, theirs.state_dict()[name], atol=1e-6, rtol=1e-5)


def test_matrices_go_where_muon_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Torch does it in bfloat16, which moves small singular values elsewhere."""
    whole = property(lambda self: [(self.first.weight, 1), (self.second.weight, 1)])
    monkeypatch.setattr(Model, "matrices", whole)
    ours, theirs = trained(Rates(RATE, DECAY, CLIP, MUON), FACTORS), with_torch(FACTORS, muon=True)
    start = Model()
    for name, weight in ours.named_parameters():
        moved = theirs.state_dict()[name] - start.state_dict()[name]
        left = theirs.state_dict()[name] - weight
        assert float(left.detach().norm()) <= 0.1 * float(moved.norm()) + 1e-6, name


@pytest.mark.parametrize("shape", [(8, 3), (3, 8), (5, 5)])
def test_directions_stay_and_sizes_go(shape: tuple[int, int]) -> None:
    """Singular values lie around 1, the vectors that belong to them are as they were."""
    torch.manual_seed(1)
    matrices = torch.randn(4, *shape)
    u, s, v = torch.linalg.svd(matrices, full_matrices=False)
    inner = u.mT @ orthogonal(matrices) @ v.mT  # diagonal, if the vectors are the same
    sizes = inner.diagonal(dim1=1, dim2=2)
    assert (inner - torch.diag_embed(sizes)).abs().max() < 1e-3
    assert (sizes[s > 0.1 * s.amax(1, keepdim=True)] - 1).abs().max() < 0.35


def test_matrices_of_several_turn_each_for_itself() -> None:
    """One step moves the halves of a weight as it would move each alone."""
    model = Model()
    optimizer = Optimizer(model, Rates(RATE, 0, 1e9, MUON))
    before = model.second.weight.detach().clone()
    model.loss(1).backward()  # type: ignore[no-untyped-call]
    gradient = model.second.weight.grad
    assert gradient is not None
    optimizer.step(optimizer.gradient(), 1, 1.0)
    halves = orthogonal(gradient.view(2, 2, 8)).reshape(4, 8)
    moved = (before - model.second.weight.detach()) / (MUON * RATE * 0.2 * 8**0.5)
    torch.testing.assert_close(moved, halves, atol=1e-4, rtol=1e-3)


def test_what_it_knows_can_be_taken_up() -> None:
    """Half of the steps, then the others by another one that was told: as all in one go."""
    rates, model = Rates(RATE, DECAY, CLIP, MUON), Model()
    optimizer = Optimizer(model, rates)
    for number in (1, 2, 3):
        model.loss(number).backward()  # type: ignore[no-untyped-call]
        optimizer.step(optimizer.gradient(), number, 1.0)
    kept = {name: each.clone() for name, each in optimizer.moments.items()}
    again = Optimizer(model, rates)
    again.restore(kept)
    for number in (4, 5, 6):
        model.loss(number).backward()  # type: ignore[no-untyped-call]
        again.step(again.gradient(), number, 1.0)
    for name, weight in trained(rates, [1.0] * 6).named_parameters():
        torch.testing.assert_close(weight, model.state_dict()[name])
