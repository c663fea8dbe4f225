"""Every error and warning a user of the library can meet. This module imports nothing of ours.

AnonymizerError
├── UsageError           the call is wrong: exit status 2 on the command line
│   ├── RuleError        the rule file is wrong; carries every fault found
│   ├── KeyMaterialError no key, an empty one or one too short
│   ├── DataError        the data does not fit the call: a column is absent, a type is wrong
│   │   └── SchemaError  rules and columns do not fit; carries every fault found
│   ├── FileError        a file is absent, unreadable, or would be overwritten
│   └── ModelError       a model folder is broken or of another version
├── FederationError      a run over several sites cannot go on: too few of them are left
└── MissingExtraError    an optional dependency is not installed

PrivacyWarning           a UserWarning: what to reconsider before masked data leaves the room

Messages name the place and the way out in one line. They never contain any part of a key or a value
of the data; one names values that a model folder holds, where a condition is not among them.
"""

import sys
from collections.abc import Callable
from typing import Final

# In messages of theirs.
_TELL_DATA: Final = ("polars", "pyo3_runtime", "pyarrow", "_csv", "psycopg", "adbc_driver_manager")


class AnonymizerError(Exception):
    """The root of all errors of this library.

    What is being handled when one is made stays its `__context__`, which some loggers write down.
    So what Polars, Arrow and decoders said of the data is taken out of it, and its kind is left.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        handled = sys.exception()
        while handled is not None:
            if isinstance(handled, UnicodeDecodeError):
                handled.object, handled.args = b"", ()
            elif isinstance(handled, UnicodeEncodeError):
                handled.object, handled.args = "", ()
            elif type(handled).__module__.partition(".")[0] in _TELL_DATA:
                handled.args = ()
            handled = handled.__context__

    def __reduce__(self) -> tuple[Callable[..., "AnonymizerError"], tuple[object, ...]]:
        """So that it comes out of another process as the error that it was."""
        return _come, (type(self), self.args, self.__dict__)


def _come(
    kind: type[AnonymizerError], args: tuple[object, ...], attributes: dict[str, object]
) -> AnonymizerError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(attributes)
    return error


class UsageError(AnonymizerError):
    """The call cannot be carried out as given."""


class RuleError(UsageError):
    """A rule file, or a file of thresholds, is wrong.

    Attributes:
        faults: one line each, with its path in the file (`columns.zip.digits: ...`).
    """

    def __init__(self, source: str, faults: list[str]) -> None:
        self.faults = faults
        super().__init__(f"{source}: {_counted(faults)}: " + "; ".join(faults))


class KeyMaterialError(UsageError):
    """The secret key is absent, empty or too short."""


class DataError(UsageError):
    """The data does not fit what was asked of it."""


class SchemaError(DataError):
    """Rules and columns do not fit each other.

    Attributes:
        faults: one line each, with the column.
    """

    def __init__(self, source: str, faults: list[str]) -> None:
        self.faults = faults
        what = f"{source} does not fit the data: {_counted(faults)}: "
        super().__init__(what + "; ".join(faults))


def _counted(faults: list[str]) -> str:
    return "1 fault" if len(faults) == 1 else f"{len(faults)} faults"


class FileError(UsageError):
    """A file cannot be read or must not be written."""


class ModelError(UsageError):
    """A model folder cannot be used."""


class FederationError(AnonymizerError):
    """A run over several sites ends without a model."""


class MissingExtraError(AnonymizerError):
    """An optional dependency is needed and not installed."""

    def __init__(self, what: str, extra: str) -> None:
        # The first adds to what is installed, wherever that came from: pip asks no index for it.
        # The second is for a checkout that runs without having been installed.
        super().__init__(
            f'{what} needs an extra: pip install "seqanon[{extra}]"; in a checkout ".[{extra}]"'
        )


class PrivacyWarning(UserWarning):
    """What to reconsider before masked data leaves the room, as true times beside shifted ones.

    Each line begins with its code, by which Python's filters choose it, names columns and what is
    known of their masks, and holds no value of the data. A job that must not go on makes an error
    of it, before anything is written. docs/masking.md lists the codes.

    Example:
        >>> import warnings
        >>> with warnings.catch_warnings():
        ...     warnings.simplefilter("error", PrivacyWarning)
        ...     warnings.filterwarnings("ignore", "own-domains: ", PrivacyWarning)
        ...     warnings.warn("own-domains: mail: a domain names its owner", PrivacyWarning)
        ...     warnings.warn("true-time: told: a true time beside shifted ones", PrivacyWarning)
        Traceback (most recent call last):
        ...
        anonymizer.errors.PrivacyWarning: true-time: told: a true time beside shifted ones
    """

    @property
    def code(self) -> str:
        """What it is about, in one word that stays the same, such as `order-kept`."""
        return str(self).partition(":")[0]
