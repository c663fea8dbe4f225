"""What went wrong on Spark, in one line: what Spark and Java say of it may hold values."""

import re
from collections.abc import Callable
from typing import Final, TypeVar
from urllib.parse import unquote

from anonymizer import errors
from anonymizer.errors import AnonymizerError, FileError
from anonymizer.storage import told

T = TypeVar("T")

_LOG: Final = "of a command with ANONYMIZER_DEBUG=1"
_LIMIT: Final = "spark.driver.maxResultSize"
# As they stand in messages, at the beginning or below what else was said until there.
_OURS: Final = re.compile(r"^anonymizer\.errors\.(\w+): (.+)$", re.MULTILINE)
_DAMAGED: Final = re.compile(r"\[FAILED_READ_FILE[^]]*\] [^:]* file (.+?)\.(?:\s|$)")
# Where Spark says it, and nowhere else: words in brackets may be values.
_KIND: Final = re.compile(r"(?:\A|^: org\.apache\.spark[\w.$]*: )\[([A-Z_.]+)\]", re.MULTILINE)
_ABSENT: Final = {
    "PATH_NOT_FOUND": "no such file",
    "TABLE_OR_VIEW_NOT_FOUND": "the catalogue has no such table",
}


def plainly(work: Callable[[], T], doing: str, place: str = "") -> T:
    """What some work gives; its errors, of Spark, of Java and of executors, are errors of ours.

    Args:
        work: what is done.
        doing: how messages call it.
        place: what is read.

    Raises:
        AnonymizerError: one was raised. Where it was raised by us on an executor, it is of the same
            kind and says the same; a file that cannot be read is named.
    """
    try:
        return work()
    except AnonymizerError:
        raise
    except Exception as error:  # noqa: BLE001 (Py4J, Spark and Arrow raise kinds of their own)
        ours = _plain(error, doing, place)
    raise ours  # out here, so that it does not carry the other with it


def _plain(error: Exception, doing: str, place: str) -> AnonymizerError:
    text = str(error)
    if ours := _OURS.search(text):
        kind = getattr(errors, ours[1], AnonymizerError)
        # Those that carry every fault are made of more than a line.
        return (kind if kind.__init__ is AnonymizerError.__init__ else AnonymizerError)(ours[2])
    if damaged := _DAMAGED.search(text):
        return unreadable(short(unquote(damaged[1])))
    if _LIMIT in text:
        way = "raise it, or `k` and `floor` of the rules"
        return AnonymizerError(f"what is learned takes more than {_LIMIT}: {way}")
    kinds = _KIND.search(text)
    if kinds and kinds[1] in _ABSENT:
        return FileError(f"{place}: {_ABSENT[kinds[1]]}")
    what = kinds[1] if kinds else type(error).__name__
    return AnonymizerError(f"{doing} failed ({what}); the log of Spark says why ({_LOG})")


def unreadable(file: str) -> FileError:
    """The error that names a file."""
    return FileError(f"{told(file)}: cannot be read: it is empty, damaged, or of another format")


def short(address: str) -> str:
    """An address of Spark; one on this machine as a path."""
    return re.sub("^file:/+", "/", address)
