"""What whoever uses masked data must know, in single lines, and how it is said."""

import warnings
from collections.abc import Iterable

from anonymizer.errors import PrivacyWarning
from anonymizer.masking.inspection.lints import side_channels
from anonymizer.masking.plan.plan import Plan


def warnings_of(plan: Plan, *, fitted: bool = True) -> list[str]:
    """The warnings of the masks, then the side channels; equal ones of several columns together.

    Args:
        plan: what is to be said of.
        fitted: whether the plan learned what it could; nothing is said of that where it did not.

    Returns:
        One line each, such as `birth, hired: true times beside shifted ones`.
    """
    columns: dict[str, list[str]] = {}
    for leaf, mask in plan.masks:
        if (warning := mask.warning()) is not None:
            columns.setdefault(warning, []).append(leaf.column)
    for mask, column in plan.assignments(None) if fitted else ():
        if (warning := mask.learned_warning(column.learned)) is not None:
            columns.setdefault(warning, []).append(column.name)
    lines = [f"{', '.join(dict.fromkeys(names))}: {warning}" for warning, names in columns.items()]
    return lines + [finding.short for finding in side_channels(plan)]


def warn(lines: Iterable[str]) -> None:
    """Issue each line as a `PrivacyWarning`, two calls up: where the user called."""
    for line in lines:
        warnings.warn(line, PrivacyWarning, stacklevel=3)
