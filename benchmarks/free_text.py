"""What `scrub` finds in free text of ten languages, what it leaves alone and how fast it is.

    python -m benchmarks.free_text [DATA] [--only PARTS] [--sets SETS] [--rule JSON] [--details]
        [--messages FOLDER] [--presidio PYTHON] [--former FOLDER] [--show N] [--write FOLDER]

Only the public interface is asked: rule `scrub`, default options but those of `--rule`. Parts:

- identifiers, dates: the share of values of which at most a fifth of the letters and digits is
  left; the words between the ends of a range do not count, a weekday beside a date does.
- further: the same of kinds of identifiers that only the held-out texts have.
- harmless: the share of texts of which any letter or digit went; times of log lines may go.
- messages: the same of the sentences that Django shows in ten languages; FOLDER holds its wheel,
  unpacked.
- structure: the share of JSON, XML, HTML, CSV, Markdown and logs whose structure is still there,
  and of identifiers in them that are gone.
- notes: the share of name words (by letter in Chinese) of which at most a fifth is left, of other
  words that lost anything, and of letters and digits of addresses that are left.
- known: the same as of identifiers for a name in whatever form, where the row holds it; of other
  words touched; of harmless texts that are touched because their row knows somebody.
- labelled: letters and digits left of labelled spans, DATA/presidio_texts.parquet, and texts of
  DATA/online_retail.parquet touched, whose descriptions of products name nobody.
- persons: words of persons found and other words taken for one, with `names: true`, in sentences
  of DATA/ner_train.parquet that the tagger did not learn from.
- speed, cells: see free_text_speed.py.

`seen` templates may be looked at while patterns are mended, `held_out` ones are not: `--write`
writes the texts of seen ones only, and `--show` prints failures of seen ones only.
"""

import argparse
import gettext
import itertools
import json
import random
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import polars as pl

from benchmarks import identifiers
from benchmarks.free_text_speed import found_by_presidio, print_cells, print_speed
from benchmarks.labelled_texts import (
    HARMLESS,
    LANGUAGES,
    SETS,
    Text,
    class_of_date,
    dated,
    further,
    harmless,
    identified,
    known,
    notes,
    people,
)
from benchmarks.scrubbed_texts import (
    Figure,
    Options,
    Shares,
    found,
    judged,
    print_table,
    remaining,
    rows,
    scrubbed,
    touched,
)
from benchmarks.structured_texts import FORMS, stands, structured

WORD = re.compile(r"[\u3400-\u9fff]|[^\W\d_]+")
Sets = dict[str, Shares]
Drawn = Callable[[str], Iterable[Text]]


class Bench:
    """Parts that print their tables.

    Attributes:
        given: what was given at the command line.
        options: of the mask.
        sets: which templates are measured.
    """

    def __init__(self, given: argparse.Namespace) -> None:
        self.given = given
        self.options: Options = given.rule
        self.sets: list[str] = given.sets.split(",")

    def measured(self, texts: Drawn, judge: Callable[..., object], **more: object) -> Sets:
        """What a judge counts in the texts of each set."""
        options = {**self.options, **more}
        return {
            name: judged(list(texts(name)), options, judge, self.given.show * (name == "seen"))
            for name in self.sets
        }

    def tell(self, sets: Sets, figures: Iterable[Figure], languages: str = "") -> None:
        """The table of a part, with a row per language where a kind has them."""
        spoken = [
            Figure(f"in {each}", (f"{languages}@{each}",))
            for each in LANGUAGES
            if any(f"{languages}@{each}" in shares.counts for shares in sets.values())
        ]
        head = ["", "asked", *(name.replace("_", " ") for name in sets), "of"]
        print_table(head, rows([*figures, *(spoken if self.given.details else [])], sets))

    def worst(self, sets: Sets, kinds: Callable[[str], bool], *, highest: bool = False) -> None:
        """The worst kinds of each set, where details are asked for."""
        for name, shares in sets.items() if self.given.details else ():
            some = [kind for kind in shares.counts if kinds(kind)]
            title = "highest" if highest else "lowest"
            print(f"\n{title}, {name}: {shares.worst(some, 24, highest=highest)}")

    # --- numbers and dates ---------------------------------------------------------------------

    def identifiers(self) -> None:
        """Shares of national and other identifiers found, whole and without or with wrong signs."""
        sets = self.measured(identified, judge_values)
        kinds = {kind for each in sets.values() for kind in each.counts if kind[0] not in "@="}
        asked = {"national": "≥ 97 %", "other": "≥ 93 %"}
        figures = []
        for group, least in asked.items():
            own = [kind for kind in kinds if identifiers.group(kind.split(",")[0]) == group]
            bare, wrong = ([k for k in own if k.endswith(end)] for end in ("bare", "wrong"))
            word = [kind for kind in own if "," not in kind]
            figures += [
                Figure(f"{group} identifiers", tuple(own), least),
                Figure("after a word", tuple(word)),
                Figure("with no word", tuple(bare)),
                Figure("with wrong check digits", tuple(wrong)),
            ]
        self.tell(sets, figures)
        self.worst(sets, lambda kind: kind[0] not in "@=")

    def further(self) -> None:
        """Shares of identifiers found of kinds that nobody saw."""
        sets = {"held_out": judged(list(further()), self.options, judge_values)}
        self.tell(
            sets, [Figure(f"further kinds, {each}", (each,)) for each in ("national", "other")]
        )

    def dates(self) -> None:
        """Shares of dates, birth dates and ages found, by what they are written with."""
        sets = self.measured(dated, judge_values)
        kinds = ("date", "birth", "age")
        self.tell(
            sets,
            [
                Figure("dates and ages over 89", kinds, "≥ 97 %"),
                *(Figure({"birth": "of birth"}.get(kind, f"{kind}s"), (kind,)) for kind in kinds),
            ],
        )
        if self.given.details:
            classes = {kind for each in sets.values() for kind in each.counts if kind[0] == "="}
            self.tell(sets, [Figure(kind[1:], (kind,)) for kind in sorted(classes)])

    # --- texts that stay -----------------------------------------------------------------------

    def harmless(self) -> None:
        """Shares of texts touched in which nothing is personal."""
        sets = self.measured(harmless, judge_harmless)
        groups = (Figure(group, (group,), "≤ 1 %") for group in HARMLESS)
        self.tell(sets, [Figure("harmless texts touched", ("all",), "≤ 0.4 %"), *groups])
        self.worst(sets, lambda kind: " " in kind, highest=True)

    def messages(self) -> None:
        """Shares of messages of Django touched."""
        if self.given.messages:
            texts = list(django_messages(self.given.messages))
            shares = judged(texts, self.options, judge_harmless, self.given.show)
            figure = Figure("messages of Django touched", ("messages",), "≤ 0.4 %")
            self.tell({"seen by nobody": shares}, [figure])
            self.worst({"": shares}, lambda kind: " " in kind, highest=True)

    def structure(self) -> None:
        """Shares of structured texts that keep their structure, and of values in them found."""
        sets = {name: self._structured(name) for name in self.sets}
        forms = [Figure(f"{form} stands", (form,), "100 %") for form in FORMS]
        self.tell(sets, [*forms, Figure("identifiers in them found", ("values",))])

    def _structured(self, name: str) -> Shares:
        made, shares = list(structured(name)), Shares()
        texts = [Text(text, "en", form, []) for form, _, text in made]
        for (form, record, text), masked in zip(made, scrubbed(texts, self.options), strict=True):
            shares.add([form], stands(form, text, masked))
            for value in set(record.values):
                if value in text:
                    shares.add(["values"], value not in masked)
        return shares

    # --- persons -------------------------------------------------------------------------------

    def notes(self) -> None:
        """Shares of name words found, of places, of other words touched, and of addresses left."""
        sets = self.measured(lambda name: all_notes(name, 160), judge_note)
        kinds = {"person": "name words found", "other": "other words touched"}
        kinds |= {"place": "words of cities found", "address": "letters of addresses left"}
        for kind, title in kinds.items():
            self.tell(sets, [Figure(title, (kind,))], kind)

    def known(self) -> None:
        """Shares of known names found, by what was done to them, and what goes with them."""
        columns = ["name", "email"]
        sets = self.measured(known, judge_known, known=columns)
        for name, more in self.measured(strangers, judge_harmless, known=columns).items():
            sets[name].counts["stranger"] = more.counts["all"]
        kinds = sorted(
            {k for each in sets.values() for k in each.counts if k[0] not in "@="}
            - {"stranger", "other"}
        )
        self.tell(
            sets,
            [
                Figure("known names found", tuple(kinds)),
                *(Figure(kind, (kind,)) for kind in kinds),
                Figure("other words touched", ("other",)),
                Figure("harmless texts with a stranger's name", ("stranger",), "≤ 0.4 %"),
            ],
        )

    def persons(self) -> None:
        """Shares of words of persons found and of other words taken for one, by source."""
        if not self.given.data:
            return
        texts = list(labelled_sentences(self.given.data / "ner_train.parquet"))
        shares = judged(texts, {**self.options, "names": True}, judge_persons)
        lines = []
        for source in sorted({each.kind for each in texts}):
            own, rest = f"{source}: person", f"{source}: other"
            cells = [source, f"{shares.of(own):,.0f}", f"{shares.share(own):.3f}"]
            cells += [f"{shares.of(rest):,.0f}", f"{shares.share(rest):.2%}"]
            lines.append(f"| {' | '.join(cells)} |")
        print_table(["source", "words of persons", "found", "other words", "touched"], lines)

    def labelled(self) -> None:
        """Letters and digits left of labelled spans by type, and products touched."""
        if not self.given.data:
            return
        texts = list(presidio_texts(self.given.data / "presidio_texts.parquet"))
        ours = judged(texts, self.options, judge_labelled)
        sets = {"seen": "even", "held out": "odd", "all": "all"}
        cells = [f"{ours.share(name):.2%}" for name in sets.values()]
        print_table(["letters left", "asked", *sets], [f"| | ≤ 15 % | {' | '.join(cells)} |"])
        peer = Shares()
        if self.given.presidio:
            for text, tags in found_by_presidio(self.given.presidio, texts):
                judge_labelled(peer, text, tags)
        lines = []
        for kind in sorted(ours.counts, key=ours.of, reverse=True):
            left = f"{ours.share(kind):.2%} | {peer.share(kind):.2%}"
            lines += [f"| {kind[1:]} | {ours.of(kind):,.0f} | {left} |"] * (kind[0] == "=")
        print_table(["type", "letters", "left", "left by presidio's patterns"], lines)
        retail = pl.read_parquet(self.given.data / "online_retail.parquet")["Description"]
        plain = [Text(t, "en", "products", []) for t in retail.drop_nulls().unique().sort()]
        shares = judged(plain, self.options, judge_harmless, self.given.show)
        self.tell({"seen": shares}, [Figure("product descriptions touched", ("all",), "≤ 0.4 %")])

    # --- time ----------------------------------------------------------------------------------

    def speed(self) -> None:
        """Notes a second of this build, of a former one and of presidio, in turn."""
        texts = [each.text for each in distinct_notes(self.given.notes)]
        print_speed(texts, self.given.presidio, self.given.former, self.given.rounds)

    def cells(self) -> None:
        """Seconds for cells of a megabyte."""
        print_cells(self.options)


# --- what is counted -----------------------------------------------------------------------------


def judge_values(shares: Shares, text: Text, tags: list[str]) -> bool:
    """Values found: by kind, class `=date`, and language `@en`; whether one was missed."""
    hits = [found(text.text, tags, start, end) for start, end, _ in text.spans]
    for (_, _, kind), hit in zip(text.spans, hits, strict=True):
        shares.add((kind, f"={class_of_date(text.kind)}", f"@{text.language}"), hit)
    return not all(hits)


def judge_harmless(shares: Shares, text: Text, tags: list[str]) -> bool:
    """Texts touched, of all, by group and by group and language."""
    hit = touched(text, tags)
    shares.add(("all", text.kind, f"{text.kind} {text.language}"), hit)
    return hit


def judge_note(shares: Shares, text: Text, tags: list[str]) -> bool:
    """Words found or touched by what they are, letters of addresses left; if a name was missed."""
    labels = {p: kind for start, end, kind in text.spans for p in range(start, end)}
    missed = False
    for word in WORD.finditer(text.text):
        kind = labels.get(word.start(), "other")
        share = remaining(text.text, tags, *word.span())
        hit = share < 1 if kind == "other" else found(text.text, tags, *word.span())
        if kind != "address" and (kind != "other" or len(word[0]) > 1 or word[0] > "\u3400"):
            shares.add((kind, f"{kind}@{text.language}"), hit)
        missed |= kind == "person" and not hit
    for start, end, kind in text.spans:
        if kind == "address":
            size = end - start
            left = size * remaining(text.text, tags, start, end)
            shares.add((kind, f"{kind}@{text.language}"), left, size)
    return missed


def judge_known(shares: Shares, text: Text, tags: list[str]) -> bool:
    """Names found, by what was done to them, and other words touched."""
    missed = judge_values(shares, text, tags)
    own = {place for start, end, _ in text.spans for place in range(start, end)}
    for word in WORD.finditer(text.text):
        if not own & set(range(*word.span())):
            shares.add(["other"], remaining(text.text, tags, *word.span()) < 1)
    return missed


def judge_persons(shares: Shares, text: Text, tags: list[str]) -> bool:
    """Words of persons found, and others taken for a name; words of places are neither."""
    for start, end, kind in text.spans:
        if not text.text[start].isalpha() or kind == "LOC":
            continue
        if kind == "PER":
            shares.add([f"{text.kind}: person"], found(text.text, tags, start, end))
        else:
            shares.add([f"{text.kind}: other"], "NAME" in tags[start:end])
    return False


def judge_labelled(shares: Shares, text: Text, tags: list[str]) -> bool:
    """Letters and digits left of labelled spans: of all, of half the templates and by type."""
    for start, end, kind in text.spans:
        size = sum(sign.isalnum() for sign in text.text[start:end])
        left = size * remaining(text.text, tags, start, end)
        shares.add(("all", text.kind, f"={kind}"), left, size)
    return False


# --- texts ---------------------------------------------------------------------------------------


def all_notes(name: str, count: int) -> Iterator[Text]:
    """Notes of all languages."""
    for language in LANGUAGES:
        yield from notes(name, language, count)


def distinct_notes(count: int) -> list[Text]:
    """Distinct English notes of both sets, a few of which would have been made twice."""
    some = itertools.chain.from_iterable(notes(name, "en", count) for name in SETS)
    distinct = list({each.text: each for each in some}.values())
    random.Random(count).shuffle(distinct)
    return distinct[:count]


def strangers(name: str) -> Iterator[Text]:
    """Harmless texts whose rows know somebody whom they do not name."""
    texts = list(harmless(name))
    owners = {each: people(each, f"{name}{each}strangers") for each in LANGUAGES}
    random.Random(name).shuffle(texts)
    for each in texts[:1000]:
        owner = next(owners[each.language])
        yield each._replace(known=(owner["name"], owner["email"]))


def django_messages(folder: Path) -> Iterator[Text]:
    """Sentences that Django shows, but of links and itself; English ones are keys."""
    for language in LANGUAGES:
        locale = {"en": "de", "pt": "pt_BR", "zh": "zh_Hans"}.get(language, language)
        files = sorted(folder.glob(f"**/locale/{locale}/LC_MESSAGES/django.mo"))
        pairs = itertools.chain.from_iterable(map(_catalogue, files))
        texts = dict.fromkeys(key if language == "en" else shown for key, shown in pairs)
        for text in texts:
            long = len(text.split()) >= 4 or (language == "zh" and len(text) >= 8)
            if long and "://" not in text and "Django" not in text:
                yield Text(text, language, "messages", [])


def _catalogue(file: Path) -> Iterator[tuple[str, str]]:
    """What is said in English and what is shown."""
    with file.open("rb") as opened:
        catalogue = vars(gettext.GNUTranslations(opened))["_catalog"]  # there is no other way
    for key, shown in catalogue.items():
        if key:  # that of the empty text is the head of the file
            yield (key if isinstance(key, str) else key[0]), shown


def presidio_texts(file: Path) -> Iterator[Text]:
    """Presidio's research data: half of the templates were looked at."""
    for row in pl.read_parquet(file).iter_rows(named=True):
        spans = [
            (each["start_position"], each["end_position"], each["entity_type"])
            for each in json.loads(row["spans"])
        ]
        yield Text(row["text"], "en", "odd" if row["template_id"] % 2 else "even", spans)


def labelled_sentences(file: Path) -> Iterator[Text]:
    """Sentences that the tagger was not trained on, each word labelled with what it is of."""
    from scripts.tagger.sentences import held_back  # noqa: PLC0415 (for this part only)

    for language, source, tokens, tags in pl.read_parquet(file).iter_rows():
        if not held_back(list(zip(tokens, tags, strict=True))):
            continue
        text, spans = "", []
        for token, tag in zip(tokens, tags, strict=True):
            gap = "" if language == "zh" or not text else " "
            start = len(text) + len(gap)
            spans.append((start, start + len(token), tag[2:] or "O"))
            text += gap + token
        yield Text(text, language, f"{source}, {language}", spans)


# --- all -----------------------------------------------------------------------------------------

PARTS = (
    *("identifiers", "further", "dates", "harmless", "messages", "structure", "notes", "known"),
    *("labelled", "persons", "speed", "cells"),
)


def write_seen(folder: Path) -> None:
    """Write the texts of seen templates as JSON lines, a file per part."""
    parts: dict[str, Iterable[Text]] = {"identifiers": identified("seen"), "dates": dated("seen")}
    parts |= {"harmless": harmless("seen"), "notes": all_notes("seen", 160), "known": known("seen")}
    folder.mkdir(parents=True, exist_ok=True)
    for part, texts in parts.items():
        lines = (json.dumps(each._asdict(), ensure_ascii=False) + "\n" for each in texts)
        (folder / f"{part}.jsonl").write_text("".join(lines))


def main() -> None:
    """Print the tables of each part."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, nargs="?", help="a folder, for `labelled`, `persons`")
    parser.add_argument("--only", default=",".join(PARTS))
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--rule", type=json.loads, default={}, help="more options of scrub")
    parser.add_argument("--messages", type=Path, help="a folder with the unpacked wheel of Django")
    parser.add_argument("--presidio", help="a Python with presidio-analyzer and spaCy")
    parser.add_argument("--former", type=Path, help="a checkout of an earlier build, for `speed`")
    parser.add_argument("--notes", type=int, default=20_000, help="for `speed`")
    parser.add_argument("--rounds", type=int, default=5, help="for `speed`")
    parser.add_argument("--details", action="store_true", help="also by language, and the worst")
    parser.add_argument("--show", type=int, default=0, help="failures of seen templates to print")
    parser.add_argument("--write", type=Path, help="only write the seen texts into this folder")
    given = parser.parse_args()
    if given.write:
        write_seen(given.write)
        return
    bench = Bench(given)
    for part in PARTS:
        if part in given.only.split(","):
            getattr(bench, part)()


if __name__ == "__main__":
    main()
