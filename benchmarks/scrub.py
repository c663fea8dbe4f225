"""What `scrub` finds, what it leaves alone and how fast it is.

    python benchmarks/scrub.py DATA [--part structured,harmless,known,speed] [--presidio PYTHON]

DATA holds `presidio_texts.parquet` (texts with labelled spans) and `online_retail.parquet`
(descriptions of products, where nothing is personal). Texts of even templates were looked at while
the patterns were written, those of odd ones were not; the same holds for the first and the second
half of the templates of notes below. PYTHON is an interpreter with presidio-analyzer.
"""

import argparse
import itertools
import json
import random
import re
import subprocess
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import polars as pl
from faker import Faker

from anonymizer.keys import Key
from anonymizer.masking.free_text.known import find_known
from anonymizer.masking.free_text.recognition import find
from anonymizer.masking.free_text.recognition.basis.words import GENERIC
from anonymizer.masking.masks.base import Column
from anonymizer.masking.masks.scrub import Scrub, Scrubber

STRUCTURED = {
    "EMAIL_ADDRESS": "email",
    "PHONE_NUMBER": "phone",
    "CREDIT_CARD": "card",
    "IBAN_CODE": "iban",
    "IP_ADDRESS": "ip",
    "US_SSN": "ssn",
    "DOMAIN_NAME": "url",
    "US_DRIVER_LICENSE": "licence",
}
MEASURED = STRUCTURED | {"DATE_TIME": "date"}

Spans = list[tuple[int, int]]


class Labelled(NamedTuple):
    """A text, its template and where its personal data stands."""

    text: str
    template: int
    spans: list[tuple[str, int, int]]


def labelled(folder: Path) -> list[Labelled]:
    """The texts of presidio's research data."""
    rows = pl.read_parquet(folder / "presidio_texts.parquet").iter_rows(named=True)
    return [
        Labelled(
            row["text"],
            row["template_id"],
            [
                (each["entity_type"], each["start_position"], each["end_position"])
                for each in json.loads(row["spans"])
            ],
        )
        for row in rows
    ]


def ours(texts: list[str]) -> list[Spans]:
    """The places that `find` finds."""
    return [[(span.start, span.end) for span in find(text)] for text in texts]


PRESIDIO = """
import json, sys, time
from presidio_analyzer import AnalyzerEngine
from presidio_analyzer.nlp_engine import NlpArtifacts, NlpEngine
class Blank(NlpEngine):
    engine_name = "blank"; is_available = True
    def load(self): pass
    def is_loaded(self): return True
    def get_supported_entities(self): return []
    def get_supported_languages(self): return ["en"]
    def is_stopword(self, word, language): return False
    def is_punct(self, word, language): return False
    def process_text(self, text, language):
        return NlpArtifacts([], [], [0], [], self, language)
    def process_batch(self, texts, language, **kwargs):
        for text in texts: yield text, self.process_text(text, language)
analyzer = AnalyzerEngine(nlp_engine=Blank())
texts = json.load(sys.stdin)
start = time.perf_counter()
found = [[(r.start, r.end) for r in analyzer.analyze(t, "en")] for t in texts]
print(json.dumps([time.perf_counter() - start, found]))
"""


def presidio(python: str, texts: list[str]) -> list[Spans]:
    """What presidio's patterns find, without a model."""
    done = subprocess.run(
        [python, "-W", "ignore", "-c", PRESIDIO],
        input=json.dumps(texts),
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    seconds, found = json.loads(done.stdout.splitlines()[-1])
    print(f"  presidio: {len(texts) / seconds:,.0f} texts/s")
    return [[(start, end) for start, end in spans] for spans in found]


def structured(texts: list[Labelled], found: list[Spans], title: str) -> None:
    """Characters left of structured types, and whole values removed by type."""
    left: Counter[str] = Counter()
    characters: Counter[str] = Counter()
    whole: Counter[str] = Counter()
    values: Counter[str] = Counter()
    for each, spans in zip(texts, found, strict=True):
        covered = {place for start, end in spans for place in range(start, end)}
        for entity, start, end in each.spans:
            if entity not in MEASURED:
                continue
            places = [place for place in range(start, end) if each.text[place].isalnum()]
            missing = sum(place not in covered for place in places)
            left[entity] += missing
            characters[entity] += len(places)
            values[entity] += 1
            whole[entity] += missing == 0
    share = sum(left[k] for k in STRUCTURED) / max(1, sum(characters[k] for k in STRUCTURED))
    by_type = ", ".join(
        f"{MEASURED[k]} {whole[k] / values[k]:.2f} ({values[k]})" for k in MEASURED if values[k]
    )
    print(f"  {title}: {share:.1%} of structured characters left; recall {by_type}")


# {d8}: eight digits, {2-90}: a number between, {p}: a price.
ORDERS = (
    "Order {d9}: {1-500} x item {d5}A at {p} each",
    "{2-90} boxes of {2-144} pcs, {1-99}% off, total {p}",
    "Table {40-300}x{40-300}x{1-90} cm, weight {1-90}.{1-9} kg",
    "Tracking number {d12} left the depot at {10-23}:{10-59}",
    "Tracking {d18} handed over between {6-9}:{10-59} and {10-23}:{10-59}",
    "SKU {d4}-{d4}-{d2} was replaced by SKU {d3}.{d3}.{d2}",
    "Updated the app to version {1-20}.{0-30}.{0-99}, build {d6}",
    "Invoice no. {d8} over {1-9},{d3}.{d2} is open since {2-60} days",
    "Size {34-46} does not fit, please swap for {34-46} or {34-46}/{28-36}",
    "Open {6-11}am-{1-9}pm, stock {d5} units, shelf B-{d2}-{d3}",
    "EAN {d13} scanned {2-99} times between 10:30 and 12:45",
    "Price went from {p} to {p} (-{5-70} %)",
    '{1-9} 1/2 inch pipe, {1-7}/8", pack of {2-5000}',
    "Rows {1000-4000} to {4001-9999} of batch {d7} failed with code {d3}",
    "Quantity {1-9} {d3} {d3}, unit price {p}, ref {d9}",
    "Bestellung {d10}: {2-40} Stück zu je {p}, Rabatt {2-30} %",
    "订单{d12}共{2-90}件，合计{20-9999}.{d2}元",
    "Needs {10-90} mm screws, {100-900} W, {110-240} V, {1-64} GB and {d4} mAh",
    "Score {1-9}.{1-9}/10 from {1-9}.{d3} reviews, top {2-50}",
    "Model XR-{d4}-{d3}B, serial {d10}, firmware {1-9}.{0-9}.{0-9}.{0-9}",
    "They sent {1-12} of {13-2500} and charged {p} twice, delivery in {2-9}-{10-20} days",
)
PRICES = ("${}.{:02}", "£{}.{:02}", "{},{:02} €", "EUR {}.{:02}", "{}.{:02} USD")


def orders(number: int, seed: int = 0) -> list[str]:
    """Sentences about orders with numbers that identify nobody."""
    draw = random.Random(seed)

    def filled(match: re.Match[str]) -> str:
        if match["digits"]:
            count = int(match["digits"])
            return str(draw.randint(10 ** (count - 1), 10**count - 1))
        if match["low"]:
            return str(draw.randint(int(match["low"]), int(match["high"])))
        return draw.choice(PRICES).format(draw.randint(1, 2999), draw.randint(0, 99))

    field = re.compile(r"{(?:d(?P<digits>\d+)|(?P<low>\d+)-(?P<high>\d+)|p)}")
    some = itertools.islice(itertools.cycle(ORDERS), number)
    return [field.sub(filled, template) for template in some]


def harmless(folder: Path) -> dict[str, list[str]]:
    """Texts in which nothing is personal."""
    retail = pl.read_parquet(folder / "online_retail.parquet")
    return {
        "product descriptions": retail["Description"].drop_nulls().unique().sort().to_list(),
        "order sentences": orders(500),
    }


def all_structured(folder: Path, finder: Callable[[list[str]], list[Spans]]) -> None:
    """The figures of labelled texts, seen and held out."""
    texts = labelled(folder)
    even = [each for each in texts if each.template % 2 == 0]
    odd = [each for each in texts if each.template % 2]
    for title, some in (("even templates", even), ("odd, held out", odd), ("all", texts)):
        structured(some, finder([each.text for each in some]), title)


def all_harmless(
    folder: Path, finder: Callable[[list[str]], list[Spans]], *, verbose: bool
) -> None:
    """The share of harmless texts in which something was found."""
    for title, plain in harmless(folder).items():
        touched = [text for text, spans in zip(plain, finder(plain), strict=True) if spans]
        print(f"  {title}: {len(touched) / len(plain):.2%} of {len(plain):,} touched")
        if verbose:
            print("   ", touched[:40])


# --- known values ------------------------------------------------------------------------------

LATIN = (
    "en_US",
    "en_GB",
    "de_DE",
    "fr_FR",
    "es_ES",
    "it_IT",
    "pl_PL",
    "sv_SE",
    "nl_NL",
    "pt_BR",
    "cs_CZ",
)
EASTERN = ("zh_CN", "ja_JP", "ko_KR")
CYRILLIC = ("ru_RU", "el_GR")
TOGETHER = LATIN + EASTERN + CYRILLIC

# Half of these were looked at while `known.py` was written.
SEEN = (
    "{name} called about the parcel, ring back on {phone} before noon.",
    "Left at the neighbour of {name}, {address}.",
    "Customer {upper} is angry. Spoke to {first} twice; {last} wants a refund.",
    "{reversed} <- correct spelling. Moved to {address}",
    "re: {lower} / {phone} / wants to change the delivery to {street}",
    "Dear {first}, we could not reach you at {phone}.",
    "{initial}'s voucher expired; told {first} to write again",
)
UNSEEN = (
    "Note from the shop: {lower} came in person, asked us to dial {phone}",
    "Signed for by {initial}, not by {first} herself. Address on file: {address}",
    "FWD: {upper} ({phone}) - parcel lost near {street}",
    "Spoke with Ms {last} on the phone; {first}'s husband had paid already",
    "name on card: {reversed}; bill to: {address}",
    "ok, {bare} confirmed. {bare} lives in {city}",
    "Gave {first}/{last} a discount because {last}, as ever, was patient",
)
EASTERN_SEEN = (
    "{name}来电催单，电话{phone}。",
    "请联系{name}先生，地址：{address}",
    "收件人:{spaced}({phone})",
    "已告知{surname}女士明天送达",
    "{given}家人说快递放{address}门口",
    "转告{surname}总：{spaced}的订单已发，{phone}有误",
    "{name}家住{address}三楼",
)
EASTERN_UNSEEN = (
    "客户{name}要求退款，回电{phone}即可",
    "寄到{address}，{name}收",
    "{surname}先生说包装破损，{given}本人未签收",
    "VIP {spaced} - 手机 {phone}",
)


class Note(NamedTuple):
    """A note, the known values of its row and the forms that stand in it."""

    text: str
    template: str
    known: list[str]
    forms: list[str]


def bare(text: str) -> str:
    """Without accents."""
    parts = unicodedata.normalize("NFKD", text)
    return "".join(char for char in parts if not unicodedata.combining(char))


def person(fake: Faker, locale: str, draw: random.Random) -> tuple[list[str], dict[str, str]]:
    """A name, address and phone, and the forms in which notes spell them."""
    first, last = fake.first_name(), fake.last_name()
    eastern = locale in EASTERN
    name = last + first if eastern else f"{first} {last}"
    address, phone = fake.address(), fake.phone_number()
    if locale == "zh_CN":
        address = address.rsplit(" ", 1)[0]
    lines = [line for line in address.split("\n") if line.strip()]
    digits = re.sub(r"\D", "", re.sub(r"x.*", "", phone))
    step = draw.choice([2, 3, 4])
    grouped = draw.choice(" .-").join(digits[i : i + step] for i in range(0, len(digits), step))
    forms = {
        "name": name,
        "first": first,
        "last": last,
        "given": first if len(first) > 1 else name,
        "surname": last,
        "spaced": f"{last} {first}",
        "upper": name.upper(),
        "lower": name.lower(),
        "reversed": f"{last}, {first}",
        "initial": f"{first[0]}. {last}",
        "bare": bare(name),
        "phone": draw.choice([phone, digits, grouped]),
        "address": draw.choice([address, ", ".join(lines), " ".join(lines)]),
        "street": lines[0].upper() if draw.random() < 0.3 else lines[0],
        "city": lines[-1],
    }
    return [name, address, phone], forms


def notes(per_locale: int, *, seen: bool, seed: int) -> Iterator[tuple[str, Note]]:
    """Notes of a call centre in many languages' names."""
    for locale in TOGETHER:
        fake, draw = Faker(locale), random.Random(f"{seed}{locale}")
        fake.seed_instance(seed)
        # Two templates without initials and single given names, which these languages have not.
        eastern = (*EASTERN_SEEN, *SEEN[:2]) if seen else (*EASTERN_UNSEEN, UNSEEN[0], UNSEEN[4])
        templates = eastern if locale in EASTERN else SEEN if seen else UNSEEN
        for _, template in zip(range(per_locale), itertools.cycle(templates), strict=False):
            known, forms = person(fake, locale, draw)
            used = [forms[word] for word in re.findall(r"{(\w+)}", template)]
            yield locale, Note(template.format(**forms), template, known, used)


def survives(form: str, scrubbed: str, template: str) -> bool:
    """Whether a form, or a word (3 letters) or number (4 digits) of it, is still there."""
    if re.fullmatch(r"[\d\s().+/x-]+", form):
        digits, rest = (re.sub(r"\D", "", each) for each in (form.partition("x")[0], scrubbed))
        return digits[-7:] in rest
    if form.casefold() in scrubbed.casefold():
        return True
    words, rest, own = (
        set(re.findall(r"[^\W\d_]{3,}|\d{4,}", each.casefold()))
        for each in (form, scrubbed, template)
    )
    return bool((words & rest) - own - GENERIC)


def known_values(per_locale: int, *, verbose: bool) -> None:
    """Share of the known forms that are gone, and of the words around them that went with them."""
    scrubber = Scrubber()
    for title, seen, seed in (("templates seen", True, 1), ("held-out templates", False, 2)):
        total: Counter[str] = Counter()
        gone: Counter[str] = Counter()
        around = lost = 0
        for locale, note in notes(per_locale, seen=seen, seed=seed):
            scrubbed = scrubber.scrub(note.text, note.known)
            words = re.findall(r"[^\W\d_]{2,}", re.sub(r"{\w+}", " ", note.template))
            around += len(words)
            lost += sum(word not in scrubbed for word in words)
            for form in note.forms:
                left = survives(form, scrubbed, note.template)
                total[locale] += 1
                gone[locale] += not left
                if verbose and seen and left:
                    print("   ", locale, repr(form), note.known, "->", repr(scrubbed))
        share = sum(gone.values()) / sum(total.values())
        worst = ", ".join(f"{k} {gone[k] / total[k]:.3f}" for k in total if gone[k] < total[k])
        print(f"  {title}: {share:.2%} of {sum(total.values()):,} forms removed", end="")
        print(f" and {lost / around:.2%} of the words around; below one: {worst or 'none'}")


# --- names spelt otherwise ---------------------------------------------------------------------

OTHERWISE = (
    "Spoke to {} about the delivery.",
    "{} wants a refund for the blue chair",
    "The driver met {} at the door, all fine",
    "yesterday {} called twice",
    "sent to {} on Monday",
)
CALLED = {
    "Robert": "Bob", "William": "Bill", "Margaret": "Peggy", "Elizabeth": "Liz", "Joseph": "Joe",
    "Johannes": "Hans", "Wolfgang": "Wolfi", "Francisco": "Paco", "Giuseppe": "Beppe",
    "Katarzyna": "Kasia", "Krzysztof": "Krzysiek", "Александр": "Саша", "Екатерина": "Катя",
}  # fmt: skip
CASES = {
    "de_DE": ("s", "in"),
    "sv_SE": ("s",),
    "en_GB": ("s",),
    "pl_PL": ("owi", "em"),
    "ru_RU": ("у", "ым"),
    "fi_FI": ("in", "ille", "iltä"),
}


def mistyped(word: str, draw: random.Random) -> str:
    """A word with one edit: a letter more, less, doubled, or changed with the next."""
    place = draw.randrange(1, len(word))
    head, tail = word[:place], word[place:]
    some = draw.choice("aeinrst")
    swapped = head[:-1] + tail[0] + head[-1] + tail[1:]
    swapped = swapped.capitalize() if word[0].isupper() else swapped
    edits = (head + some + tail, head + tail[1:], head + tail[0] + tail, head + some + tail[1:])
    return draw.choice([each for each in (*edits, swapped) if each != word])


def otherwise(first: str, last: str, locale: str, draw: random.Random) -> dict[str, str]:
    """The forms in which people misspell, shorten and join a name."""
    ascii_first, ascii_last = (
        re.sub(r"[^a-z]", "", bare(each.replace("ł", "l").replace("ø", "o")).lower())
        for each in (first, last)
    )
    number = draw.randrange(10, 99)
    forms = {
        "typo, both names": draw.choice(
            [f"{mistyped(first, draw)} {last}", f"{first} {mistyped(last, draw)}"]
        ),
        "typo, small letters": f"{first} {mistyped(last, draw)}".lower(),
        "typo, one name": mistyped(draw.choice([first, last]), draw),
        "glued": draw.choice(
            [
                ascii_first + ascii_last,
                first + last,
                f"{ascii_last}_{ascii_first}",
                f"{ascii_first}.{ascii_last}{number}",
                first[0] + last,
                ascii_last + ascii_first[:1],
            ]
        ),
        "local part": draw.choice(
            [
                f"{ascii_first}.{ascii_last}@example.org",
                f"@{ascii_first}{ascii_last}{number}",
                f"{ascii_first[:1]}.{ascii_last}@mail.example.com",
            ]
        ),
        "initials": f"{first[0]}. {last[0]}.",
    }
    if locale in CASES and last[-1] not in "sxzaeiouyаяйоиеёнв":
        forms["inflected"] = last + draw.choice(CASES[locale])
    return forms


def spelt_otherwise(people: int) -> None:
    """Share of the forms of which no letter is left, and of the words around that went too."""
    total: Counter[str] = Counter()
    gone: Counter[str] = Counter()
    around = lost = 0
    for locale in (*LATIN, "fi_FI", "ru_RU"):
        fake, draw = Faker(locale), random.Random(f"otherwise{locale}")
        fake.seed_instance(11)
        for number in range(people):
            first, last = fake.first_name(), fake.last_name()
            forms = otherwise(first, last, locale, draw)
            if locale == "ru_RU":
                forms = {kind: form for kind, form in forms.items() if kind[:2] in ("ty", "in")}
            cases = [(kind, form, first) for kind, form in forms.items()]
            cases += [("nickname", f"{CALLED[name]}", name) for name in CALLED if number == 0]
            for kind, form, called in cases:
                known = [called, last] if number % 2 else [f"{called} {last}"]
                before, after = draw.choice(OTHERWISE).split("{}")
                spans = find_known(before + form + after, known)
                covered = {place for span in spans for place in range(span.start, span.end)}
                inside = range(len(before), len(before + form))
                total[kind] += 1
                gone[kind] += all(
                    at in covered for at in inside if form[at - len(before)].isalpha()
                )
                around += len((before + after).split())
                lost += len({at for at in covered if at not in inside})
    for kind in sorted(total):
        print(f"  {kind}: {gone[kind] / total[kind]:.1%} of {total[kind]:,} removed")
    print(f"  characters around them that went too: {lost} beside {around:,} words")


def strangers(folder: Path) -> None:
    """Texts that hold no name, searched for the names of some person."""
    for title, texts in harmless(folder).items():
        draw, touched = random.Random(5), 0
        fakes = [Faker(locale) for locale in LATIN]
        for fake in fakes:
            fake.seed_instance(5)
        for text in texts:
            fake = draw.choice(fakes)
            name = f"{fake.first_name()} {fake.last_name()}"
            words = set(re.findall(r"\w+", bare(name).lower()))
            spans = find_known(text, [name])
            found = (bare(text[span.start : span.end]).lower() for span in spans)
            touched += any(not words & set(re.findall(r"[^\W\d]+", each)) for each in found)
        print(f"  {title} with a stranger's name: {touched / len(texts):.2%} touched")


# --- speed -------------------------------------------------------------------------------------


def speed(folder: Path) -> None:
    """Distinct texts a second through the expression."""
    column = Column("text", pl.String(), None, Key(b"a key for benchmarks only"))
    plain = [
        f"{text} {n}"
        for n, text in itertools.product(range(5), harmless(folder)["product descriptions"])
    ]
    marked = [f"{each.text} {n}" for n in range(5) for each in labelled(folder) if find(each.text)]
    known = [note for _, note in notes(300, seen=True, seed=3)]
    cases = {
        "nothing found": (pl.DataFrame({"text": plain}), Scrub()),
        "something found": (pl.DataFrame({"text": marked}), Scrub()),
        "something found, pseudonyms": (pl.DataFrame({"text": marked}), Scrub(replace="pseudonym")),
        "known values": (
            pl.DataFrame(
                {"text": [note.text for note in known]}
                | {name: [note.known[i] for note in known] for i, name in enumerate("nap")}
            ),
            Scrub(known=("n", "a", "p")),
        ),
    }
    for title, (frame, mask) in cases.items():
        start = time.perf_counter()
        frame.select(mask.expression(column))
        seconds = time.perf_counter() - start
        print(f"  {title}: {frame.n_unique() / seconds:,.0f} distinct texts/s")


def main() -> None:
    """Print the figures of each part."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--part", default="structured,harmless,known,speed")
    parser.add_argument("--presidio", help="a Python with presidio-analyzer")
    parser.add_argument("--notes", type=int, default=280, help="per locale")
    parser.add_argument("--verbose", action="store_true", help="show what was missed or touched")
    given = parser.parse_args()
    parts = given.part.split(",")
    systems: dict[str, Callable[[list[str]], list[Spans]]] = {"scrub": ours}
    if given.presidio:
        systems["presidio"] = lambda texts: presidio(given.presidio, texts)
    for system, finder in systems.items():
        print(system)
        if "structured" in parts:
            all_structured(given.folder, finder)
        if "harmless" in parts:
            all_harmless(given.folder, finder, verbose=given.verbose)
    if "known" in parts:
        known_values(given.notes, verbose=given.verbose)
        spelt_otherwise(given.notes // 2)
        strangers(given.folder)
    if "speed" in parts:
        speed(given.folder)


if __name__ == "__main__":
    main()
