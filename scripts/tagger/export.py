"""A trained network as the tensors that the package reads."""

from typing import Any

import numpy as np

from anonymizer.masking.free_text.tagger.features import Lexicon
from scripts.tagger.network import Tagger


def tensors_of(model: Tagger, lexicon: Lexicon) -> dict[str, Any]:
    """The tensors by name: n-grams in 8 bits with a scale per column, all else in 16."""
    found = {name: value.detach().numpy() for name, value in model.state_dict().items()}
    bag = found.pop("bag.weight")
    scale = np.abs(bag).max(0) / 127
    return {name: value.astype(np.float16) for name, value in found.items()} | {
        "bag.weight": np.round(bag / scale).astype(np.int8),
        "bag.scale": (scale * model.LOUDER).astype(np.float32),
        "lexicon.hashes": lexicon.hashes,
        "lexicon.bits": lexicon.bits,
    }
