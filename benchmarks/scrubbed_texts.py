"""Labelled texts through the public interface, and what of them is left."""

import difflib
import re
import secrets
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import polars as pl

import anonymizer
from benchmarks.labelled_texts import Text

TAG = re.compile(r"<([A-Z][A-Z0-9_]*?)(?:_[0-9a-f]{12})?>")
ENOUGH = 0.2  # of the letters and digits of a value may be left
Options = Mapping[str, Any]


def scrubbed(texts: list[Text], options: Options) -> list[str]:
    """The texts as the public interface gives them back."""
    frame = pl.DataFrame(
        {
            "text": [each.text for each in texts],
            "name": [each.known[0] for each in texts],
            "email": [each.known[1] for each in texts],
        }
    )
    columns = {"text": {"mask": "scrub", **options}, "name": "keep", "email": "keep"}
    rules = {"version": 1, "order": "kept", "columns": columns}
    return anonymizer.anonymize(frame, rules, key=secrets.token_hex(16))["text"].to_list()


def lost(text: str, masked: str) -> list[str]:
    """Of each sign of the text the tag that stands for it; empty where the sign is still there."""
    pieces = TAG.split(masked)  # kept, tag, kept, tag, … kept
    tags, place = [""] * len(text), 0
    for i, piece in enumerate(pieces[::2]):
        # A tag stands for one sign at least; the last piece ends where the text does.
        last = 2 * i == len(pieces) - 1
        start = len(text) - len(piece) if last else text.find(piece, place + (i > 0))
        if start < place or not text.startswith(piece, start):
            return _aligned(text, masked)
        if i:
            tags[place:start] = [pieces[2 * i - 1]] * (start - place)
        place = start + len(piece)
    return tags


def _aligned(text: str, masked: str) -> list[str]:
    """The same where not only tags were put in: what both have in common, in order."""
    tags = ["?"] * len(text)
    for block in difflib.SequenceMatcher(None, text, masked, autojunk=False).get_matching_blocks():
        tags[block.a : block.a + block.size] = [""] * block.size
    return tags


def remaining(text: str, tags: list[str], start: int, end: int) -> float:
    """The share of letters and digits between two places that is left."""
    places = [place for place in range(start, end) if text[place].isalnum()]
    return sum(not tags[place] for place in places) / max(1, len(places))


def found(text: str, tags: list[str], start: int, end: int) -> bool:
    """Whether enough of what stands between two places is gone."""
    return remaining(text, tags, start, end) <= ENOUGH


def touched(text: Text, tags: list[str]) -> bool:
    """Whether a letter or digit outside of the labels went."""
    allowed = {place for start, end, _ in text.spans for place in range(start, end)}
    signs = enumerate(text.text)
    return any(s.isalnum() and tags[place] and place not in allowed for place, s in signs)


class Shares:
    """Shares by name: how many of how many."""

    def __init__(self) -> None:
        self.counts: dict[str, list[float]] = defaultdict(lambda: [0, 0])

    def add(self, names: Iterable[str], hit: float, of: float = 1) -> None:
        """Count under each of the names."""
        for name in names:
            self.counts[name][0] += hit
            self.counts[name][1] += of

    def share(self, *names: str) -> float:
        """Of all these names together."""
        hits, of = (sum(self.counts[name][i] for name in names) for i in (0, 1))
        return hits / of if of else float("nan")

    def of(self, *names: str) -> float:
        """How many there are under these names."""
        return sum(self.counts[name][1] for name in names)

    def worst(self, names: Iterable[str], count: int = 16, *, highest: bool = False) -> str:
        """The lowest shares, or the highest, with the number of values."""
        below = [name for name in names if self.share(name) != (0 if highest else 1)]
        ranked = sorted(below, key=self.share, reverse=highest)[:count]
        return ", ".join(f"{n} {self.share(n):.3f} ({self.of(n):.0f})" for n in ranked) or "none"


class Figure(NamedTuple):
    """A row of the table: the share of these names, which shall be at most or at least so much."""

    title: str
    names: tuple[str, ...]
    asked: str = ""


def rows(figures: Iterable[Figure], sets: Mapping[str, Shares]) -> list[str]:
    """The rows of a Markdown table with a column per set, and how many there were."""
    lines = []
    for figure in figures:
        shares = [_percent(each.share(*figure.names)) for each in sets.values()]
        counts = [f"{each.of(*figure.names):,.0f}" for each in sets.values()]
        cells = [figure.title, figure.asked, *shares, ", ".join(dict.fromkeys(counts))]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def _percent(share: float) -> str:
    return "" if share != share else f"{share:.2%}"  # noqa: PLR0124 (not a number)


def print_table(head: Iterable[str], lines: Iterable[str]) -> None:
    """A Markdown table with its lines."""
    head = list(head)
    print(f"\n| {' | '.join(head)} |\n|{'---|' * len(head)}")
    print("\n".join(lines), flush=True)


Judge = Callable[[Shares, Text, list[str]], object]


def judged(texts: list[Text], options: Options, judge: Judge, show: int = 0) -> Shares:
    """What a judge counts of each text and its tags; the first texts of which it says so, shown."""
    shares = Shares()
    for text, masked in zip(texts, scrubbed(texts, options), strict=True):
        if judge(shares, text, lost(text.text, masked)) and show > 0:
            show -= 1
            print(f"    {text.language} {text.kind}: {text.text!r} -> {masked!r}")
    return shares
