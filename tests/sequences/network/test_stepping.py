"""The network, one event at a time, is the network of whole windows."""

import numpy as np
import pytest
import torch

from anonymizer.arrays import Array, FloatArray
from anonymizer.sequences.histories.roles import pick
from anonymizer.sequences.network.batches import windows
from anonymizer.sequences.network.lstm import EventNetwork, NetworkConfig
from anonymizer.sequences.network.pointer import RECALLED
from anonymizer.sequences.network.state import NetworkState
from anonymizer.sequences.network.stepping import Stepper
from anonymizer.sequences.priors.registry import Priors
from anonymizer.sequences.priors.repeats import Repeats
from anonymizer.sequences.tokens.encoded import Encoded
from anonymizer.sequences.training.fit import event_network
from tests.sequences.priors.test_scan_equals_step import learned, longest_first

NOTHING = np.zeros(1)  # to start from


def stirred(priors: Priors, layers: int) -> EventNetwork:
    """A network whose every weight says something."""
    torch.manual_seed(layers)
    network = event_network(priors, NetworkConfig(priors.features, 8, layers=layers))
    with torch.no_grad():
        for weight in network.parameters():
            weight.add_(torch.randn_like(weight) * 0.2)
        network.heads.sharpness.fill_(0.8)
    return network.double().eval()


@torch.no_grad()
def by_window(
    network: EventNetwork, priors: Priors, data: Encoded
) -> tuple[list[FloatArray], Array]:
    """Per head (N, V) logits, without a base; and (N, C) features."""
    found = [np.empty((len(data.tokens), size)) for size in priors.codec.head_sizes]
    features = np.empty((len(data.tokens), priors.features), np.float32)
    tables, order = [table() for table in network.tables], longest_first(data)
    state: NetworkState | None = None
    for window in windows(data, order, np.full(len(order), True), priors):
        live, real = len(window.event), torch.from_numpy(window.real)
        past, state = network.history(window.inputs, state and state.first(live), tables)
        events = window.event[window.real]
        features[events] = window.inputs.features[real].numpy()
        for j, query in enumerate(network.heads(past.x, window.targets, tables)):
            nothing = torch.zeros(found[j].shape[1])
            logits = network.logits(j, query[real], pick(past, real), tables[j], nothing)
            found[j][events] = logits.numpy()
    return found, features


@pytest.mark.parametrize(
    ("shape", "layers"),
    [("longer than a window", 1), ("one event or many", 2), ("short", 1), ("dated", 1)],
)
def test_a_step_is_the_forward_of_a_window(shape: str, layers: int) -> None:
    """Of every head at every event: large ones, ones that repeat, however long a history is."""
    priors, data = learned(shape)
    network = stirred(priors, layers)
    expected, features = by_window(network, priors, data)
    stepper, order = Stepper(network), longest_first(data)
    lengths, offsets = data.span.length[order], data.offsets[:-1][order]
    course, again = stepper.start(data.profile[order]), data.read[Repeats.name]
    for step in range(int(lengths[0])):
        event = offsets[: int((lengths > step).sum())] + step
        nothing = np.tile(priors.codec.nothing, (len(event), 1))
        stepper.history(course, features[event], data.tokens[event - 1] if step else nothing)
        earlier: FloatArray | None = None
        for j, logits in enumerate(expected):
            own = again[event][:, j] if j in stepper.repeating else None
            found = stepper.logits(j, course, slice(len(event)), earlier, again=own, base=NOTHING)
            np.testing.assert_allclose(found, logits[event], rtol=1e-9, atol=1e-9)
            some = np.arange(0, len(event), 2)  # or of some histories only
            if j not in stepper.large:
                others = None if own is None else own[some]
                before = None if earlier is None else earlier[some]
                part = stepper.logits(j, course, some, before, again=others, base=NOTHING)
                np.testing.assert_allclose(part, logits[event[some]], rtol=1e-9, atol=1e-9)
            earlier = stepper.after(j, data.tokens[event, j], earlier)


def test_the_shops_have_what_is_compared() -> None:
    """Large heads, ones that repeat, and histories that forget."""
    priors, data = learned("longer than a window")
    network = stirred(priors, 1)
    assert network.large
    assert network.repeating
    assert data.span.length.max() > 2 * RECALLED
