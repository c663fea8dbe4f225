"""Mask, synthesise and check customer histories. Heavy parts load on first use."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from anonymizer.certificates.certificate import Certificate as Certificate
    from anonymizer.certificates.certificate import certify as certify
    from anonymizer.certificates.verifying import Verification as Verification
    from anonymizer.certificates.verifying import verify as verify
    from anonymizer.checks.attacks.equivalence import Classes as Classes
    from anonymizer.checks.figures.figure import Figure as Figure
    from anonymizer.checks.figures.figure import Limits as Limits
    from anonymizer.checks.figures.figure import Risk as Risk
    from anonymizer.checks.figures.statistics import Estimate as Estimate
    from anonymizer.checks.figures.thresholds import Thresholds as Thresholds
    from anonymizer.checks.privacy.canaries import Canaries as Canaries
    from anonymizer.checks.privacy.canaries import plant as plant
    from anonymizer.checks.reports.audit_report import Assumptions as Assumptions
    from anonymizer.checks.reports.audit_report import AuditReport as AuditReport
    from anonymizer.checks.reports.audit_report import Tables as Tables
    from anonymizer.checks.reports.check_report import Report as Report
    from anonymizer.checks.utility.subgroups import Group as Group
    from anonymizer.checks.utility.subgroups import Likeness as Likeness
    from anonymizer.composition import audit as audit
    from anonymizer.composition import check as check
    from anonymizer.datasets.description.dataset import Dataset as Dataset
    from anonymizer.datasets.description.dataset import DatasetSource as DatasetSource
    from anonymizer.datasets.description.dataset import Tracked as Tracked
    from anonymizer.datasets.description.dataset import load_dataset as load_dataset
    from anonymizer.datasets.frames import anonymize as anonymize
    from anonymizer.datasets.inspection.inspect import DatasetInspection as DatasetInspection
    from anonymizer.datasets.inspection.inspect import inspect_dataset as inspect_dataset
    from anonymizer.datasets.masked.audit import audit_dataset as audit_dataset
    from anonymizer.datasets.masked.joins import Join as Join
    from anonymizer.datasets.masked.joins import JoinCounts as JoinCounts
    from anonymizer.datasets.masked.revealing import reveal_dataset as reveal_dataset
    from anonymizer.datasets.masked.rotation import rotate_dataset as rotate_dataset
    from anonymizer.datasets.masking import DatasetManifest as DatasetManifest
    from anonymizer.datasets.masking import mask_dataset as mask_dataset
    from anonymizer.datasets.preview import lint_dataset as lint_dataset
    from anonymizer.datasets.synthesis.check import check_dataset as check_dataset
    from anonymizer.datasets.synthesis.model import DatasetModel as DatasetModel
    from anonymizer.datasets.synthesis.model import fit_dataset as fit_dataset
    from anonymizer.errors import AnonymizerError as AnonymizerError
    from anonymizer.errors import DataError as DataError
    from anonymizer.errors import FederationError as FederationError
    from anonymizer.errors import FileError as FileError
    from anonymizer.errors import KeyMaterialError as KeyMaterialError
    from anonymizer.errors import MissingExtraError as MissingExtraError
    from anonymizer.errors import ModelError as ModelError
    from anonymizer.errors import PrivacyWarning as PrivacyWarning
    from anonymizer.errors import RuleError as RuleError
    from anonymizer.errors import SchemaError as SchemaError
    from anonymizer.errors import UsageError as UsageError
    from anonymizer.federated.rehearsal.simulation import Federated as Federated
    from anonymizer.federated.rehearsal.simulation import federate as federate
    from anonymizer.files.formats import Parquet as Parquet
    from anonymizer.files.sources import Source as Source
    from anonymizer.frames import ArrowReader as ArrowReader
    from anonymizer.frames import ArrowStream as ArrowStream
    from anonymizer.frames import ArrowTable as ArrowTable
    from anonymizer.frames import IntoFrame as IntoFrame
    from anonymizer.frames import PandasFrame as PandasFrame
    from anonymizer.keys import Key as Key
    from anonymizer.keys import KeySource as KeySource
    from anonymizer.masking.inspection.inspect import InspectedColumn as InspectedColumn
    from anonymizer.masking.inspection.inspect import Inspection as Inspection
    from anonymizer.masking.inspection.inspect import inspect as inspect
    from anonymizer.masking.inspection.lints import Finding as Finding
    from anonymizer.masking.rules.rules import Rules as Rules
    from anonymizer.masking.rules.rules import RuleSource as RuleSource
    from anonymizer.masking.rules.rules import load_rules as load_rules
    from anonymizer.masking.run.files import mask_file as mask_file
    from anonymizer.masking.run.files import reveal_file as reveal_file
    from anonymizer.masking.run.frames import fit_rules as fit_rules
    from anonymizer.masking.run.manifest import ColumnRecord as ColumnRecord
    from anonymizer.masking.run.manifest import Manifest as Manifest
    from anonymizer.masking.run.preview import ColumnPreview as ColumnPreview
    from anonymizer.masking.run.preview import Findings as Findings
    from anonymizer.masking.run.preview import Preview as Preview
    from anonymizer.masking.run.preview import lint as lint
    from anonymizer.masking.run.preview import preview as preview
    from anonymizer.masking.run.rotation import Rotation as Rotation
    from anonymizer.masking.run.rotation import rotate_keys as rotate_keys
    from anonymizer.provenance import FileRecord as FileRecord
    from anonymizer.provenance import Provenance as Provenance
    from anonymizer.sampling import sample_entities as sample_entities
    from anonymizer.sequences.model.classifier import SequenceClassifier as SequenceClassifier
    from anonymizer.sequences.model.sequence_model import SequenceModel as SequenceModel
    from anonymizer.tuning.result import Tuning as Tuning
    from anonymizer.tuning.trial import Trial as Trial
    from anonymizer.tuning.tuning import tune_rules as tune_rules

__version__ = "0.1.0"

_NAMES_OF = {
    "anonymizer.certificates.certificate": ("Certificate", "certify"),
    "anonymizer.certificates.verifying": ("Verification", "verify"),
    "anonymizer.checks.attacks.equivalence": ("Classes",),
    "anonymizer.checks.figures.figure": ("Figure", "Limits", "Risk"),
    "anonymizer.checks.figures.statistics": ("Estimate",),
    "anonymizer.checks.figures.thresholds": ("Thresholds",),
    "anonymizer.checks.privacy.canaries": ("Canaries", "plant"),
    "anonymizer.checks.reports.audit_report": ("Assumptions", "AuditReport", "Tables"),
    "anonymizer.checks.reports.check_report": ("Report",),
    "anonymizer.checks.utility.subgroups": ("Group", "Likeness"),
    "anonymizer.composition": ("audit", "check"),
    "anonymizer.federated.rehearsal.simulation": ("Federated", "federate"),
    "anonymizer.files.formats": ("Parquet",),
    "anonymizer.files.sources": ("Source",),
    "anonymizer.datasets.masked.audit": ("audit_dataset",),
    "anonymizer.datasets.description.dataset": (
        "Dataset",
        "DatasetSource",
        "Tracked",
        "load_dataset",
    ),
    "anonymizer.datasets.frames": ("anonymize",),
    "anonymizer.datasets.inspection.inspect": ("DatasetInspection", "inspect_dataset"),
    "anonymizer.datasets.masked.joins": ("Join", "JoinCounts"),
    "anonymizer.datasets.masking": ("DatasetManifest", "mask_dataset"),
    "anonymizer.datasets.preview": ("lint_dataset",),
    "anonymizer.datasets.masked.revealing": ("reveal_dataset",),
    "anonymizer.datasets.masked.rotation": ("rotate_dataset",),
    "anonymizer.datasets.synthesis.check": ("check_dataset",),
    "anonymizer.datasets.synthesis.model": ("DatasetModel", "fit_dataset"),
    "anonymizer.errors": (
        "AnonymizerError",
        "DataError",
        "FederationError",
        "FileError",
        "KeyMaterialError",
        "MissingExtraError",
        "ModelError",
        "PrivacyWarning",
        "RuleError",
        "SchemaError",
        "UsageError",
    ),
    "anonymizer.frames": ("ArrowReader", "ArrowStream", "ArrowTable", "IntoFrame", "PandasFrame"),
    "anonymizer.keys": ("Key", "KeySource"),
    "anonymizer.masking.inspection.inspect": ("InspectedColumn", "Inspection", "inspect"),
    "anonymizer.masking.inspection.lints": ("Finding",),
    "anonymizer.masking.rules.rules": ("RuleSource", "Rules", "load_rules"),
    "anonymizer.masking.run.files": ("mask_file", "reveal_file"),
    "anonymizer.masking.run.frames": ("fit_rules",),
    "anonymizer.masking.run.manifest": ("ColumnRecord", "Manifest"),
    "anonymizer.masking.run.preview": ("ColumnPreview", "Findings", "Preview", "lint", "preview"),
    "anonymizer.masking.run.rotation": ("Rotation", "rotate_keys"),
    "anonymizer.provenance": ("FileRecord", "Provenance"),
    "anonymizer.sampling": ("sample_entities",),
    "anonymizer.sequences.model.classifier": ("SequenceClassifier",),
    "anonymizer.sequences.model.sequence_model": ("SequenceModel",),
    "anonymizer.tuning.result": ("Tuning",),
    "anonymizer.tuning.trial": ("Trial",),
    "anonymizer.tuning.tuning": ("tune_rules",),
}
_HOMES = {name: module for module, names in _NAMES_OF.items() for name in names}
_OF_SEQUENCES = ("torch", "safetensors")  # what the extra of that name installs

__all__ = [
    "AnonymizerError",
    "ArrowReader",
    "ArrowStream",
    "ArrowTable",
    "Assumptions",
    "AuditReport",
    "Canaries",
    "Certificate",
    "Classes",
    "ColumnPreview",
    "ColumnRecord",
    "DataError",
    "Dataset",
    "DatasetInspection",
    "DatasetManifest",
    "DatasetModel",
    "DatasetSource",
    "Estimate",
    "Federated",
    "FederationError",
    "Figure",
    "FileError",
    "FileRecord",
    "Finding",
    "Findings",
    "Group",
    "InspectedColumn",
    "Inspection",
    "IntoFrame",
    "Join",
    "JoinCounts",
    "Key",
    "KeyMaterialError",
    "KeySource",
    "Likeness",
    "Limits",
    "Manifest",
    "MissingExtraError",
    "ModelError",
    "PandasFrame",
    "Parquet",
    "Preview",
    "PrivacyWarning",
    "Provenance",
    "Report",
    "Risk",
    "Rotation",
    "RuleError",
    "RuleSource",
    "Rules",
    "SchemaError",
    "SequenceClassifier",
    "SequenceModel",
    "Source",
    "Tables",
    "Thresholds",
    "Tracked",
    "Trial",
    "Tuning",
    "UsageError",
    "Verification",
    "anonymize",
    "audit",
    "audit_dataset",
    "certify",
    "check",
    "check_dataset",
    "federate",
    "fit_dataset",
    "fit_rules",
    "inspect",
    "inspect_dataset",
    "lint",
    "lint_dataset",
    "load_dataset",
    "load_rules",
    "mask_dataset",
    "mask_file",
    "plant",
    "preview",
    "reveal_dataset",
    "reveal_file",
    "rotate_dataset",
    "rotate_keys",
    "sample_entities",
    "tune_rules",
    "verify",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'anonymizer' has no attribute {name!r}")
    home = _HOMES[name]
    try:
        return getattr(import_module(home), name)
    except ModuleNotFoundError as error:
        if error.name not in _OF_SEQUENCES:
            raise
        from anonymizer.errors import MissingExtraError  # noqa: PLC0415 (only where it is needed)

        raise MissingExtraError(name, "sequences") from error


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
