"""A trained network as the tensors that the package reads."""

from pathlib import Path

import numpy as np
from safetensors.numpy import save_file


def tensors_of(model, lexicon):
    """The tensors by name: n-grams in 8 bits with a scale per column, all else in 16."""
    found = {name: value.detach().numpy() for name, value in model.state_dict().items()}
    bag = found.pop("bag.weight")
    scale = np.abs(bag).max(0) / 127
    half = {name: value.astype(np.float16) for name, value in found.items()}
    return half | {
        "bag.weight": np.round(bag / scale).astype(np.int8),
        "bag.scale": scale.astype(np.float32) * model.LOUDER,
        "lexicon.hashes": lexicon.hashes,
        "lexicon.bits": lexicon.bits,
    }


def save(model, lexicon, path: Path, description: str):
    save_file(tensors_of(model, lexicon), path, {"description": description})
