"""What `scrub` finds in free text of ten languages, what it leaves alone and how fast it is.

    python -m benchmarks.free_text [DATA] [--only PARTS] [--sets SETS] [--rule JSON]
        [--presidio PYTHON] [--write FOLDER] [--show N]

Only the public interface is asked: rule `scrub`, default options but those of `--rule`. Figures:

- identifiers, dates, ages: the share of values of which at most a fifth of the letters and digits
  is left; the words between the ends of a range do not count, a weekday beside a date does.
- harmless: the share of texts of which any letter or digit went; times of log lines may go.
- notes: the share of name words (by letter in Chinese) of which at most a fifth is left, of other
  words that lost anything, and of letters and digits of addresses that are left.
- known: the same as of identifiers for a name in whatever form, where the row holds it.
- labelled: letters and digits left of labelled spans, DATA/presidio_texts.parquet.

`seen` templates may be looked at while patterns are mended, `held_out` ones are not; `--write`
writes the texts of seen ones, and `--show` prints failures of seen ones only. DATA also holds
online_retail.parquet, whose descriptions of products name nobody. PYTHON is an interpreter with
presidio-analyzer 2.2.366 and a small English pipeline of spaCy 3.8, for the part `speed`.
"""

import argparse
import difflib
import itertools
import json
import re
import secrets
import subprocess
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl

import anonymizer
from anonymizer import AnonymizerError
from benchmarks import identifiers
from benchmarks.labelled_texts import (
    LANGUAGES,
    SETS,
    Text,
    dated,
    harmless,
    identified,
    known,
    notes,
)

TAG = re.compile(r"<[A-Z][A-Z0-9_]*(?:_[0-9a-f]{12})?>")
WORD = re.compile(r"[\u3400-\u9fff]|[^\W\d_]+")
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


def left(text: str, masked: str) -> list[bool]:
    """Whether each sign of the text is still there, where tags stand for what is not."""
    kept, place = [False] * len(text), 0
    pieces = TAG.split(masked)
    for i, piece in enumerate(pieces):
        # A tag stands for one sign at least; the last piece ends where the text does.
        start = text.find(piece, place + (i > 0)) if i < len(pieces) - 1 else len(text) - len(piece)
        if start < place or not text.startswith(piece, start):
            return _aligned(text, masked)
        kept[start : start + len(piece)] = [True] * len(piece)
        place = start + len(piece)
    return kept


def _aligned(text: str, masked: str) -> list[bool]:
    """The same where something else than tags was put in: what both have in common, in order."""
    kept = [False] * len(text)
    for block in difflib.SequenceMatcher(None, text, masked, autojunk=False).get_matching_blocks():
        kept[block.a : block.a + block.size] = [True] * block.size
    return kept


def remaining(text: str, kept: list[bool], start: int, end: int) -> float:
    """The share of letters and digits between two places that is left."""
    places = [place for place in range(start, end) if text[place].isalnum()]
    return sum(kept[place] for place in places) / len(places)


class Shares:
    """Shares by name: how many of how many."""

    def __init__(self) -> None:
        self.counts: dict[str, list[float]] = defaultdict(lambda: [0, 0])

    def add(self, name: str, hit: float, of: float = 1) -> None:
        """Count."""
        self.counts[name][0] += hit
        self.counts[name][1] += of

    def share(self, *names: str) -> float:
        """Of all these names together."""
        hits, of = (sum(self.counts[name][i] for name in names) for i in (0, 1))
        return hits / of if of else float("nan")

    def worst(self, names: Iterable[str], count: int = 8, *, highest: bool = False) -> str:
        """The lowest shares, or the highest, with the number of values."""
        below = [name for name in names if self.share(name) != (0 if highest else 1)]
        ranked = sorted(below, key=self.share, reverse=highest)[:count]
        told = (f"{n} {self.share(n):.3f} ({self.counts[n][1]:.0f})" for n in ranked)
        return ", ".join(told) or "none"


def values_found(texts: list[Text], options: Options, show: int = 0) -> Shares:
    """Values found: by kind, by group `:kind`, and by language `@language`."""
    shares = Shares()
    for text, masked in zip(texts, scrubbed(texts, options), strict=True):
        kept = left(text.text, masked)
        for start, end, kind in text.spans:
            found = remaining(text.text, kept, start, end) <= ENOUGH
            for name in (kind, f"={text.kind}", f"@{text.language}", f"{kind}@{text.language}"):
                shares.add(name, found)
            if not found and show > 0:
                show -= 1
                print(f"    {kind}: {text.text!r} -> {masked!r}")
    return shares


def print_identifiers(name: str, options: Options, show: int) -> None:
    """Shares of national and other identifiers found, whole and without or with wrong signs."""
    texts = list(identified(name))
    shares = values_found(texts, options, show)
    kinds = sorted({kind for each in texts for _, _, kind in each.spans})
    for group in ("national", "other"):
        own = [kind for kind in kinds if identifiers.group(kind.split(",")[0]) == group]
        parts = {ending: [k for k in own if k.endswith(ending)] for ending in ("bare", "wrong")}
        word = [kind for kind in own if "," not in kind]
        told = ", ".join(f"{e} {shares.share(*ks):.3f}" for e, ks in parts.items() if ks)
        count = sum(shares.counts[kind][1] for kind in own)
        print(f"  {group}: {shares.share(*own):.3f} of {count:,.0f}; ", end="")
        print(f"after a word {shares.share(*word):.3f}, {told}")
        print(f"    lowest: {shares.worst(own, 16)}")
    print(f"  by language: {by_language(shares)}")


def by_language(shares: Shares, kind: str = "") -> str:
    """The share in each language."""
    return ", ".join(f"{each} {shares.share(f'{kind}@{each}'):.3f}" for each in LANGUAGES)


def print_dates(name: str, options: Options, show: int) -> None:
    """Shares of dates, birth dates and ages found."""
    texts = list(dated(name))
    shares = values_found(texts, options, show)
    for kind in ("date", "birth", "age"):
        print(f"  {kind}: {shares.share(kind):.3f} of {shares.counts[kind][1]:,.0f};", end=" ")
        print(by_language(shares, kind))
    if name == "seen":
        forms = {f"={each.kind}" for each in texts}
        print(f"    lowest: {shares.worst(forms, 16)}")


def print_harmless(name: str, options: Options, show: int) -> None:
    """Shares of texts touched in which nothing is personal."""
    texts, shares = list(harmless(name)), Shares()
    for text, masked in zip(texts, scrubbed(texts, options), strict=True):
        touched = any_lost(text, left(text.text, masked))
        for key in ("all", text.kind, f"{text.kind} {text.language}"):
            shares.add(key, touched)
        if touched and show > 0:
            show -= 1
            print(f"    {text.kind}: {text.text!r} -> {masked!r}")
    groups = sorted({each.kind for each in texts})
    print(f"  {shares.share('all'):.2%} of {len(texts):,} touched;", end=" ")
    print(", ".join(f"{group} {shares.share(group):.2%}" for group in groups))
    cells = [key for key in shares.counts if " " in key]
    print(f"    highest: {shares.worst(cells, 12, highest=True)}")


def any_lost(text: Text, kept: list[bool]) -> bool:
    """Whether a letter or digit outside of labels went."""
    allowed = {place for start, end, _ in text.spans for place in range(start, end)}
    signs = enumerate(text.text)
    return any(s.isalnum() and not kept[place] and place not in allowed for place, s in signs)


def print_notes(name: str, options: Options, show: int) -> None:
    """Shares of name words found, of places, of other words touched, and of addresses left."""
    shares = Shares()
    for language in LANGUAGES:
        texts = list(notes(name, language, 160))
        for text, masked in zip(texts, scrubbed(texts, options), strict=True):
            missed = _judge_note(text, left(text.text, masked), shares)
            if missed and show > 0:
                show -= 1
                print(f"    {missed}: {text.text!r} -> {masked!r}")
    kinds = {"person": "name words found", "other": "other words touched"}
    kinds |= {"place": "words of cities found", "address": "characters of addresses left"}
    for kind, title in kinds.items():
        print(f"  {title}: {shares.share(kind):.3f}; {by_language(shares, kind)}")


def _judge_note(text: Text, kept: list[bool], shares: Shares) -> list[str]:
    """Count the words of a note; return the name words that were missed."""
    labels = {p: kind for start, end, kind in text.spans for p in range(start, end)}
    missed = []
    for word in WORD.finditer(text.text):
        kind = labels.get(word.start(), "other")
        share = remaining(text.text, kept, *word.span())
        hit = share < 1 if kind == "other" else share <= ENOUGH
        if kind != "address" and (kind != "other" or len(word[0]) > 1 or word[0] > "\u3400"):
            for key in (kind, f"{kind}@{text.language}"):
                shares.add(key, hit)
        if kind == "person" and not hit:
            missed.append(word[0])
    for start, end, kind in text.spans:
        if kind == "address":
            for key in (kind, f"{kind}@{text.language}"):
                shares.add(key, (end - start) * remaining(text.text, kept, start, end), end - start)
    return missed


def print_known(name: str, options: Options, show: int) -> None:
    """Shares of known names found, by what was done to them."""
    texts = list(known(name))
    shares = values_found(texts, {"known": ["name", "email"], **options}, show)
    kinds = sorted({each.kind for each in texts})
    told = ", ".join(f"{k} {shares.share(k):.3f} ({shares.counts[k][1]:.0f})" for k in kinds)
    print(f"  {shares.share(*kinds):.3f} of {len(texts):,}: {told}")
    print(f"  by language: {by_language(shares)}")


def print_labelled(folder: Path, options: Options) -> None:
    """Letters and digits left of labelled spans, and product descriptions touched."""
    rows = list(pl.read_parquet(folder / "presidio_texts.parquet").iter_rows(named=True))
    texts = [Text(row["text"], "en", "", _presidio_spans(row["spans"])) for row in rows]
    shares = Shares()
    for row, text, masked in zip(rows, texts, scrubbed(texts, options), strict=True):
        kept = left(text.text, masked)
        for start, end, kind in text.spans:
            size = sum(sign.isalnum() for sign in text.text[start:end])
            part = "held out" if row["template_id"] % 2 else "even"
            for name in ("all", part, f"={kind}"):
                shares.add(name, size and size * remaining(text.text, kept, start, end), size)
    kinds = [name for name in shares.counts if name.startswith("=")]
    print(f"  left: even {shares.share('even'):.2%}, odd templates, held out,", end=" ")
    print(f"{shares.share('held out'):.2%}, all {shares.share('all'):.2%}")
    print(f"    most: {shares.worst(kinds, 12, highest=True)}")
    retail = pl.read_parquet(folder / "online_retail.parquet")["Description"]
    plain = [Text(each, "en", "", []) for each in retail.drop_nulls().unique().sort()]
    touched = sum(a.text != b for a, b in zip(plain, scrubbed(plain, options), strict=True))
    print(f"  product descriptions: {touched / len(plain):.2%} of {len(plain):,} touched")


def _presidio_spans(spans: str) -> list[tuple[int, int, str]]:
    """The labels as presidio's research data has them."""
    each = json.loads(spans)
    return [(s["start_position"], s["end_position"], s["entity_type"]) for s in each]


# --- speed -------------------------------------------------------------------------------------

PRESIDIO = """
import json, sys, time
from presidio_analyzer import AnalyzerEngine
from presidio_analyzer.nlp_engine import NlpEngineProvider
import spacy
names = [n for n in spacy.util.get_installed_models() if n.startswith("en_core_web_sm")]
model = {"lang_code": "en", "model_name": names[0]}
provider = NlpEngineProvider(nlp_configuration={"nlp_engine_name": "spacy", "models": [model]})
analyzer = AnalyzerEngine(nlp_engine=provider.create_engine(), supported_languages=["en"])
texts = json.load(sys.stdin)
analyzer.analyze(texts[0], "en")
start = time.perf_counter()
for text in texts:
    analyzer.analyze(text, "en")
print(json.dumps([names[0], len(texts) / (time.perf_counter() - start)]))
"""


def presidio_speed(python: str, texts: list[str]) -> float:
    """Texts a second of presidio with the small English pipeline of spaCy."""
    done = subprocess.run(
        [python, "-W", "ignore", "-c", PRESIDIO],
        input=json.dumps(texts),
        capture_output=True,
        text=True,
        check=True,
        timeout=580,
    )
    model, speed = json.loads(done.stdout.splitlines()[-1])
    print(f"  presidio with {model}: {speed:,.0f} notes/s ({len(texts):,} notes)")
    return float(speed)


def many_notes(count: int) -> list[Text]:
    """Distinct English notes."""
    found = itertools.chain.from_iterable(notes(name, "en", 1 + count // 2) for name in SETS)
    distinct = {f"{each.text} ({i})": each for i, each in enumerate(found)}
    return [each._replace(text=text) for text, each in distinct.items()][:count]


def print_speed(options: Options, python: str | None, count: int) -> None:
    """Notes a second with and without names, and seconds for a cell of a megabyte."""
    texts = many_notes(count)
    peer = presidio_speed(python, [each.text for each in texts[: count // 10]]) if python else None
    for title, names in (("with names", True), ("without names", False)):
        try:
            scrubbed(texts[:50], {**options, "names": names})
        except AnonymizerError as error:
            print(f"  {title}: {error}")
            continue
        seconds = timed(lambda n=names: scrubbed(texts, {**options, "names": n}))
        times = f", {count / seconds / peer:.1f} x presidio" if peer else ""
        print(f"  {title}: {count / seconds:,.0f} notes/s ({count:,} distinct){times}")
    for title, unit in (("1 1 1 …", "1 "), ("a@a@ …", "a@"), ("digits", "1234567890")):
        cell = [Text((unit * 1_000_000)[:1_000_000], "en", "", [])]
        print(f"  a cell of 1 MB, {title}: {timed(lambda c=cell: scrubbed(c, options)):.2f} s")


def timed(act: Callable[[], object]) -> float:
    """Seconds."""
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


# --- all ---------------------------------------------------------------------------------------

PARTS = {
    "identifiers": print_identifiers,
    "dates": print_dates,
    "harmless": print_harmless,
    "notes": print_notes,
    "known": print_known,
}


def seen_texts() -> Iterator[tuple[str, Iterator[Text]]]:
    """The texts of seen templates by part."""
    own = itertools.chain.from_iterable(notes("seen", language, 160) for language in LANGUAGES)
    yield from {"identifiers": identified("seen"), "dates": dated("seen")}.items()
    yield from {"harmless": harmless("seen"), "notes": own, "known": known("seen")}.items()


def write_seen(folder: Path) -> None:
    """Write the texts of seen templates as JSON lines, a file per part."""
    folder.mkdir(parents=True, exist_ok=True)
    for part, texts in seen_texts():
        lines = (json.dumps(each._asdict(), ensure_ascii=False) + "\n" for each in texts)
        (folder / f"{part}.jsonl").write_text("".join(lines))


def main() -> None:
    """Print the figures of each part."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, nargs="?", help="a folder, for the part `labelled`")
    parser.add_argument("--only", default=",".join([*PARTS, "labelled", "speed"]))
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--rule", type=json.loads, default={}, help="more options of scrub")
    parser.add_argument("--presidio", help="a Python with presidio-analyzer, for `speed`")
    parser.add_argument("--notes", type=int, default=20_000, help="for `speed`")
    parser.add_argument("--show", type=int, default=0, help="failures of seen templates to print")
    parser.add_argument("--write", type=Path, help="only write the seen texts into this folder")
    given = parser.parse_args()
    if given.write:
        write_seen(given.write)
        return
    only = given.only.split(",")
    for part, name in itertools.product(PARTS, given.sets.split(",")):
        if part in only:
            print(f"{part}, {name.replace('_', ' ')}")
            PARTS[part](name, given.rule, given.show if name == "seen" else 0)
    if "labelled" in only and given.data:
        print("labelled")
        print_labelled(given.data, given.rule)
    if "speed" in only:
        print("speed")
        print_speed(given.rule, given.presidio, given.notes)


if __name__ == "__main__":
    main()
