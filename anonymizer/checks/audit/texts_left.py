"""Free text that was masked: how often finders still see somebody in it.

One text of each entity, as texts of one person are not independent, is given to finders at a lower
threshold than masking asks for. What they see counts where the raw table has it as well: a
pseudonym that stands for a name is none of the raw names. Some of it is harmless, as so low a
threshold also sees what nobody is called; the kinds say what to look at.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import polars as pl

from anonymizer.checks.audit.attack_figures import found_by
from anonymizer.checks.audit.case import Findings, Frame
from anonymizer.checks.audit.leaves import Leaf, leaves
from anonymizer.checks.figures.figure import Risk
from anonymizer.checks.figures.statistics import share

# Texts → for each the kinds and the words of what is seen in it.
Seen = Sequence[Sequence[tuple[str, str]]]
TextFinder = Callable[[Sequence[str]], Seen]

TEXTS_LEFT: Final = "texts_left_"  # begins the names of these figures
_MOST_TEXTS: Final = 1_000  # of a column, each of another entity
_FEWEST_WORDS: Final = 3  # on average; a column of fewer is a value and no text
_TAG: Final = r"<[A-Z]+(?:_[0-9a-f]{12})?>"  # which `scrub` puts in place of a value
_BLANK: Final = " | "  # in place of a tag, so that the words around it stay apart
_UNBROKEN: Final = r"[\p{Han}\p{Hiragana}\p{Katakana}]"  # scripts that set no blanks


def look_into_texts(
    raw: Frame, masked: Frame, entity: str, found: Findings, *, finder: TextFinder, seed: int
) -> None:
    """Add, for each masked column of free text, the share of entities in whose text one is seen."""
    there = {leaf.name: leaf for leaf in _of_text(raw)}
    for leaf in _of_text(masked):
        texts = _sample(masked, leaf, entity, seed)
        if _is_free(texts):
            of_raw = there.get(leaf.name)
            before = [] if of_raw is None else finder(_sample(raw, of_raw, entity, seed).to_list())
            seen = _in_raw(finder(_without_tags(texts)), raw, there.values())
            figure = _figure(leaf.name, before, seen)
            found.figures[f"{TEXTS_LEFT}{leaf.name}"] = figure


def _of_text(frame: Frame) -> list[Leaf]:
    return [leaf for leaf in leaves(frame) if leaf.dtype == pl.String]


def _sample(frame: Frame, leaf: Leaf, entity: str, seed: int) -> pl.Series:
    """One text of each of some entities, whatever the order of the rows."""
    rows = leaf.rows(frame, who=pl.col(entity)).drop_nulls()
    drawn = pl.col("value").sort_by(pl.col("value").hash(seed)).first()
    each = rows.group_by("who").agg(drawn).collect(engine="streaming")
    return each.sort(pl.struct("who", "value").hash(seed)).head(_MOST_TEXTS)["value"]


def _is_free(texts: pl.Series) -> bool:
    """Whether texts are sentences and notes; in Chinese and Japanese each character is a word."""
    words = texts.str.replace_all(f"({_UNBROKEN})", " $1 ").str.count_matches(r"\S+")
    return len(texts) > 0 and float(words.to_numpy().mean()) >= _FEWEST_WORDS


def _without_tags(texts: pl.Series) -> list[str]:
    return texts.str.replace_all(_TAG, _BLANK).to_list()


def _in_raw(seen: Seen, raw: Frame, places: Iterable[Leaf]) -> Seen:
    """What is seen, without what no raw text holds."""
    words = sorted({_plain(value) for each in seen for _, value in each} - {""})
    if not words:
        return seen
    held: set[str] = set()
    for leaf in places:
        inside = _spaced(pl.col("value")).str.extract_many(words, overlapping=True)
        rows = leaf.rows(raw).drop_nulls().select(inside.explode().unique().alias("held"))
        held |= set(rows.collect(engine="streaming")["held"])
    return [[(kind, value) for kind, value in each if _plain(value) in held] for each in seen]


def _plain(value: str) -> str:
    """A value as it is looked for: by its words."""
    spaced: str = pl.select(_spaced(pl.lit(value))).item()
    return spaced


def _spaced(text: pl.Expr) -> pl.Expr:
    """A text in small letters with one blank around each word, and each unbroken character."""
    apart = text.str.to_lowercase().str.replace_all(f"({_UNBROKEN})", " $1 ")
    words = apart.str.replace_all(r"[^\p{L}\p{M}\p{N}]+", " ").str.strip_chars()
    return pl.when(words == "").then(words).otherwise(pl.format(" {} ", words))


def _figure(column: str, before: Seen, seen: Seen) -> Risk:
    kinds = Counter(kind for each in seen for kind in dict.fromkeys(kind for kind, _ in each))
    told = ", ".join(f"{kind} {count:,}" for kind, count in kinds.most_common())
    there, here = (share(sum(map(bool, side)), len(side)) for side in (before, seen))
    what = f": {told}; some of it may be harmless" if told else ""
    return found_by(
        f"Seen in masked {column}",
        (there, here),
        0.0,
        f"In the masked {column} of {{after}} of {len(seen):,} entities, finders at a low "
        f"threshold see what raw texts hold{what}; {{before}} before masking.",
    )
