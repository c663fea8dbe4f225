"""The state of a training in one file, so that an interrupted one goes on exactly where it was."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from anonymizer.errors import FileError, ModelError
from anonymizer.sequences.tokens.encoded import Encoded
from anonymizer.sequences.training.loop import Report, State
from anonymizer.staging import staged

KINDS = ("weights", "average", "best_weights", "moments")


@dataclass(frozen=True)
class Checkpoint:
    """A file of weights and running averages; no data, and nothing in it is executed.

    Attributes:
        path: of the file.
        fingerprint: of data and settings; a state of others is not taken up.
        resume: whether a state that is there is taken up; it is replaced otherwise.
    """

    path: Path
    fingerprint: str
    resume: bool

    def load(self) -> State | None:
        """The state that is there; None where there is none.

        Raises:
            ModelError: it is damaged, or of other data or settings.
        """
        if not self.resume or not self.path.exists():
            return None
        try:
            with safe_open(self.path, "pt") as file:
                about = json.loads(file.metadata()["training"])
                tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 (no mapping)
        except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
            raise ModelError(f"the checkpoint {self.path} is damaged: fit anew") from error
        if about["fingerprint"] != self.fingerprint:
            raise ModelError(
                f"the checkpoint {self.path} is of other data or settings: "
                "fit with those, or without resuming"
            )
        best = about["best"] and Report(**about["best"])
        parts = {kind: under(f"{kind}/", tensors) for kind in KINDS}
        return State(last=Report(**about["last"]), best=best, steps=about["steps"], **parts)

    def save(self, state: State) -> None:
        """Keep a state, whole or not at all.

        Raises:
            FileError: it cannot be written.
        """
        tensors = {
            f"{kind}/{name}": tensor.contiguous()
            for kind in KINDS
            for name, tensor in getattr(state, kind).items()
        }
        about = {
            "fingerprint": self.fingerprint,
            "last": asdict(state.last),
            "best": state.best and asdict(state.best),
            "steps": state.steps,
        }
        try:
            with staged(self.path) as temporary:
                temporary.write_bytes(save(tensors, {"training": json.dumps(about)}))
        except OSError as error:
            raise FileError(f"cannot write the checkpoint {self.path}: {error.strerror}") from error

    def remove(self) -> None:
        """Remove the file: training is over."""
        self.path.unlink(missing_ok=True)


def fingerprint(data: Encoded, *settings: object) -> str:
    """Digest encoded histories and settings, so that others are told apart."""
    digest = hashlib.sha256(repr(settings).encode())
    for array in (data.tokens, data.places.day, data.places.unit, data.offsets, data.profile):
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def under(prefix: str, weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """The weights whose names begin so, named by the rest."""
    return {k.removeprefix(prefix): v for k, v in weights.items() if k.startswith(prefix)}
