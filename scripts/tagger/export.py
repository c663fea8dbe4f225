"""A trained network as the file that the package reads."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.numpy import save_file

from anonymizer.masking.free_text.tagger.features import Lexicon
from anonymizer.masking.free_text.tagger.network import read
from scripts.tagger.network import Tagger

# Travels in the file; README.md of the room says more.
NOTE = {
    "licence": "CC-BY-SA-4.0",
    "learned from": "UNER English-EWT, Chinese-GSDSIMP and Portuguese-Bosque (CC BY-SA 4.0), Turku "
    "NER (CC BY-SA 4.0), GermEval 2014 (CC BY 4.0), WNUT17 (CC BY 4.0), WikiANN (CC BY-SA 3.0)",
    "lists": "Faker (MIT), GeoNames (CC BY 4.0), wordfreq (CC BY-SA 4.0), jieba (MIT)",
}


def save(model: Tagger, lexicon: Lexicon, path: Path) -> None:
    """Write the tensors and the note."""
    save_file(tensors_of(model, lexicon), path, NOTE)


def load(model: Tagger, paths: Sequence[Path]) -> None:
    """Give a network the mean of the tensors of files, which began with the same seed."""
    found = [read(path.read_bytes()) for path in paths]
    with torch.no_grad():
        for name, value in model.state_dict().items():
            whole = [
                tensors[name] * (tensors["bag.scale"] / model.LOUDER if name == "bag.weight" else 1)
                for tensors in found
            ]
            value.copy_(torch.from_numpy(np.mean(whole, axis=0, dtype=np.float32)))


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
