"""What a site has spent of a budget of differential privacy, written down before it is spent."""

import os
from dataclasses import dataclass
from pathlib import Path

from anonymizer.errors import DataError, FileError


@dataclass(frozen=True)
class Ledger:
    """A file of lines, an amount and what for, that outlives messages, processes and runs.

    A server could ask again, begin another run, or wait for a site to start anew: each time the
    site would add new noise to the same histories, and of several answers noise averages out.
    """

    file: Path

    def spend(self, what: str, amount: int, most: int) -> None:
        """Take down that something is spent; of two that come at once, each sees the other.

        Args:
            what: in one line.
            amount: of it, 0 or more.
            most: of it that there is.

        Raises:
            DataError: it is more than there is.
            FileError: it cannot be written down.
            ValueError: it would be given back.
        """
        if amount < 0:
            raise ValueError("what is spent is not given back")
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            with self.file.open("a", encoding="utf-8") as book:
                book.write(f"{amount} {what}\n")
                book.flush()
                os.fsync(book.fileno())
            text = self.file.read_text("utf-8")
        except OSError as error:
            raise FileError(f"cannot write {self.file}: {error.strerror}") from error
        lines = (line.split(" ", 1) for line in text.splitlines())
        if sum(int(own) for own, whose in lines if whose == what) > most:
            raise DataError(
                f"the privacy budget of this site is spent ({what}): remove {self.file} only to "
                "grant another, which adds to it"
            )
