"""Mask, synthesise and check customer histories. Heavy parts load on first use."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from anonymizer.composition import audit as audit
    from anonymizer.composition import check as check
    from anonymizer.masking.inspection.inspect import inspect as inspect
    from anonymizer.masking.rules.rules import load_rules as load_rules
    from anonymizer.masking.run.frames import anonymize as anonymize
    from anonymizer.masking.run.frames import fit_rules as fit_rules
    from anonymizer.sequences.model.classifier import SequenceClassifier as SequenceClassifier
    from anonymizer.sequences.model.sequence_model import SequenceModel as SequenceModel

__version__ = "0.1.0"

_HOMES = {
    "SequenceClassifier": "anonymizer.sequences.model.classifier",
    "SequenceModel": "anonymizer.sequences.model.sequence_model",
    "anonymize": "anonymizer.masking.run.frames",
    "audit": "anonymizer.composition",
    "check": "anonymizer.composition",
    "fit_rules": "anonymizer.masking.run.frames",
    "inspect": "anonymizer.masking.inspection.inspect",
    "load_rules": "anonymizer.masking.rules.rules",
}

__all__ = [
    "SequenceClassifier",
    "SequenceModel",
    "anonymize",
    "audit",
    "check",
    "fit_rules",
    "inspect",
    "load_rules",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'anonymizer' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
