"""What a finder is: one sort of personal data, and how sure each piece of evidence makes of it.

Three pieces of evidence count, each worth a score from 0 to 1, and one rule combines them. Of the
known words around a value the nearest decides:

    one of its own words       `worded`, whatever the check says: people mistype their numbers
    a word that speaks of       0, unless the check makes it sure (`SURE` or more)
      something else
    none, and a right check    `checked`
    none, and no check          `alone`
    none, and a wrong check     0

From `THRESHOLD` on a value is masked; below it, it is reported only where a lower one is asked for.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import polars as pl

from anonymizer.masking.free_text.basis.folding import Span, plain, shape_of
from anonymizer.masking.free_text.basis.glances import Sieve
from anonymizer.masking.free_text.basis.words import SMALL_WORDS

THRESHOLD: Final = 0.5
HINT: Final = 0.3
SURE: Final = 0.9

Check = Callable[[str], bool]  # of a value without separators, in capitals
Searcher = Callable[[str, str], Iterator[Span]]  # of a folded text and a region
# What texts that may hold something are like: at a glance, and closely.
Way = tuple[Sieve | None, pl.Expr | None]

# What gates look at: a text in small letters without accents; its words alone but for the small
# ones, with a blank before and behind each.
TEXT: Final = pl.col("text")
WORDS: Final = pl.concat_str(
    pl.lit(" "), TEXT.str.replace_all(r"[^\p{L}]+", " "), pl.lit(" ")
).str.replace_all(f" (?:(?:{'|'.join(sorted(SMALL_WORDS))}) )+", " ")


def texts_for_gates(texts: Iterable[str]) -> pl.DataFrame:
    """Folded texts as the column `TEXT`."""
    return pl.DataFrame({"text": [plain(text) for text in texts]}, schema={"text": pl.String})


def _digits(count: int) -> str:
    """A pattern of texts with so many digits."""
    return "(?s:" + ".*?".join(["[0-9]"] * count) + ")" if count else ""


class Scores(NamedTuple):
    """How sure a form alone, a form with a right check, and a form after its word make."""

    alone: float = 0.0
    checked: float = 0.0
    worded: float = 0.9


BY_WORD: Final = Scores()  # a form that says nothing by itself
CHECKED: Final = Scores(checked=0.7)  # a check that one of thirty numbers or fewer pass
STRONG: Final = Scores(checked=0.95, worded=0.95)  # a check that next to no other number passes
WEAK: Final = Scores(checked=HINT)  # a check that one of ten passes: no evidence without a word


@dataclass(frozen=True, slots=True)
class Finder:
    """One sort of personal data: `numbers` finds it by its forms, or a function of its own.

    Attributes:
        name: of the finder, such as `es_dni`.
        kind: what a tag calls it, one of `KINDS`.
        title: what to call such values.
        country: whose it is, by ISO 3166; empty where it belongs to none.
        forms: how it is written, with 9 for a digit and A for a letter: `999.999.999-99`.
        common: forms that other numbers have as well; a right check is no more than `HINT` there.
        check: whether the value, without separators and in capitals, can be one.
        words: which raise it, before or right behind it; `*` for any ending, a blank for any gap.
        value: pattern of what follows its words; of letters and digits where it is left out.
        scores: of its evidence.
        sieve: what a text that may hold one is like at a glance; None stands for any.
        gate: the same of those, over `TEXT` and `WORDS`. A batch of texts is tried at once.
        search: finds it in a text that needs more than a form and its words.
    """

    name: str
    kind: str
    title: str = ""
    country: str = ""
    forms: tuple[str, ...] = ()
    common: tuple[str, ...] = ()
    check: Check | None = None
    words: tuple[str, ...] = ()
    value: str = ""
    scores: Scores = BY_WORD
    sieve: Sieve | None = field(default=None, repr=False, compare=False)
    gate: pl.Expr | None = field(default=None, repr=False, compare=False)
    search: Searcher | None = field(default=None, repr=False)

    @classmethod
    def coded(
        cls,
        kind: str,
        search: Searcher,
        *,
        name: str = "",
        digits: int = 0,
        needs: str = "",
        gate: str | pl.Expr = "",
        sieve: Sieve | None = None,
    ) -> "Finder":
        """A finder that is a function: it yields spans with scores of its own.

        Args:
            kind: what a tag calls it.
            search: the function.
            name: of the finder, if it is not its kind.
            digits: how many a text with one has at least.
            needs: small letters or signs between `|`, of which such a text has some.
            gate: pattern of something in such a text, over small letters without accents, or
                what such a text is like, over `TEXT` and `WORDS`.
            sieve: what it is like at a glance, which spares others the gate.
        """
        some = [plain(each) for each in needs.split("|") if each]
        patterns = (gate if isinstance(gate, str) else "", _digits(digits))
        gates = [TEXT.str.contains(pattern) for pattern in patterns if pattern]
        # Not one more pattern: Polars 2.1 keeps 32, and with more compiles all of them each time.
        gates += [TEXT.str.contains_any(some)] if some else []
        gates += [gate] if isinstance(gate, pl.Expr) else []
        open_ = pl.all_horizontal(gates) if gates else None
        return cls(name or kind, kind, sieve=sieve, gate=open_, search=search)

    def passes(self, text: str) -> bool:
        """Whether a whole text is such a number: of one of its forms, with a right check."""
        text = text.strip()
        if shape_of(text).decode("latin-1") not in (*self.forms, *self.common):
            return False
        return self.check is None or self.check(compact(text))


_SEPARATORS: Final = re.compile(r"[^0-9A-Za-z]")


def compact(text: str) -> str:
    """A value without separators, in capitals."""
    return _SEPARATORS.sub("", text).upper()
