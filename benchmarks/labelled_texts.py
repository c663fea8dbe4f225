"""Texts as banks, hospitals, shops and telephone companies of ten countries write them, labelled.

Templates stand in `free_text/seen` and `free_text/held_out`, a file per language. Patterns and
models may be mended by the first; of the second nothing but figures is looked at. All is drawn
from one seed, so that a text is the same in every run.
"""

import itertools
import random
import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from faker import Faker
from faker.providers.address.it_IT import Provider as Italian

from benchmarks import identifiers

FOLDER = Path(__file__).with_name("free_text")
SETS = ("seen", "held_out")
LOCALES = {
    "en": ("en_US", "en_GB"),
    "de": ("de_DE", "de_AT"),
    "fr": ("fr_FR",),
    "es": ("es_ES", "es_MX"),
    "it": ("it_IT",),
    "nl": ("nl_NL",),
    "pt": ("pt_BR", "pt_PT"),
    "fi": ("fi_FI",),
    "pl": ("pl_PL",),
    "zh": ("zh_CN",),
}
LANGUAGES = tuple(LOCALES)
HARMLESS = ("products", "orders", "logs", "json", "poems", "plots")
Spans = list[tuple[int, int, str]]
# They come out of a set, so that a seed gives other cities in each process.
Italian.cities = sorted(Italian.cities)


class Text(NamedTuple):
    """A text, what kind of text it is, where something personal stands, and what its row knows."""

    text: str
    language: str
    kind: str
    spans: Spans
    known: tuple[str, str] = ("", "")


@cache
def templates(name: str, language: str) -> dict[str, Any]:
    """What the file of a set holds for a language; `shared` is of all."""
    read: dict[str, Any] = yaml.safe_load((FOLDER / name / f"{language}.yaml").read_text())
    return read


@cache
def calendar() -> dict[str, dict[str, list[str]]]:
    """The names of months and weekdays by language."""
    read: dict[str, dict[str, list[str]]] = yaml.safe_load((FOLDER / "calendar.yaml").read_text())
    return read


def marked(text: str, kind: str) -> tuple[str, Spans]:
    """The text without its marks `<` and `>`, and what stood between them."""
    parts = re.split("[<>]", text)
    ends = list(itertools.accumulate(map(len, parts)))
    return "".join(parts), [
        (ends[i - 1], ends[i], kind) for i in range(1, len(parts), 2)
    ]  # fmt: skip


def filled(template: str, values: Callable[[str], tuple[str, str]]) -> tuple[str, Spans]:
    """The template with its fields filled, and the places of those that have a kind."""
    text, spans = "", []
    for i, part in enumerate(re.split(r"\{([a-z]\w*)\}", template)):
        value, kind = values(part) if i % 2 else (part, "")
        if kind:
            spans.append((len(text), len(text) + len(value), kind))
        text += value
    return text, spans


# --- identifiers -------------------------------------------------------------------------------

EVERYWHERE = (
    "email",
    "internal_mail",
    "hidden_mail",
    "ip",
    "ipv6",
)  # known by form, no word needed
SEPARATED = re.compile(r"[:=：] ?{v}")


def identified(name: str, each: int = 6) -> Iterator[Text]:
    """Identifiers after a word, every fourth with wrong check digits; some without a word."""
    for language in LANGUAGES:
        own = templates(name, language)
        for kind, words in own["words"].items():
            draw = random.Random(f"{name}{language}{kind}")
            for i in range(each):
                wrong = i % 4 == 3 and identifiers.checked(kind)
                carrier = own["word"][i % len(own["word"])]
                value = identifiers.value(kind, language, draw, wrong=wrong)
                # A mere word after "password is" says more often what is wrong with it.
                while kind == "password" and value.isalpha() and not SEPARATED.search(carrier):
                    value = identifiers.value(kind, language, draw)
                label = f"{kind}, wrong" if wrong else kind
                yield _after(words[i % len(words)], carrier, value, label, language)
        yield from _bare(name, language, each // 2)
        yield from _together(name, language, each)


def _after(word: str, carrier: str, value: str, label: str, language: str) -> Text:
    """A value after its word, glued to it only where people glue them."""
    if (word[-1] + value[0]).isascii():
        carrier = carrier.replace("{word}{v}", "{word} {v}")
    fields = {"word": (word, ""), "v": (value, label)}
    text, spans = filled(carrier, fields.__getitem__)
    return Text(text[0].upper() + text[1:], language, label, spans)


def further(each: int = 6) -> Iterator[Text]:
    """Identifiers of kinds that only the held-out texts have, after a word."""
    for language in LANGUAGES:
        own = templates("held_out", language)
        for kind, entry in own["more"].items():
            draw, words = random.Random(f"further{language}{kind}"), entry["words"]
            made = identifiers.described(entry)
            for i in range(each):
                carrier = own["word"][i % len(own["word"])]
                value = made.value(draw)
                yield _after(words[i % len(words)], carrier, value, made.group, language)._replace(
                    kind=kind
                )


def _bare(name: str, language: str, each: int) -> Iterator[Text]:
    """Identifiers that their form alone gives away."""
    own = templates(name, language)
    for kind in sorted({*own["words"], *EVERYWHERE} & identifiers.BARE):
        draw = random.Random(f"{name}{language}{kind}bare")
        for carrier in itertools.islice(itertools.cycle(own["bare"]), each):
            value = (identifiers.value(kind, language, draw), f"{kind}, bare")
            text, spans = filled(carrier, {"v": value}.__getitem__)
            yield Text(text, language, f"{kind}, bare", spans)


def _together(name: str, language: str, each: int) -> Iterator[Text]:
    """Cards with expiry and security code."""
    draw = random.Random(f"{name}{language}together")
    for carrier in itertools.islice(itertools.cycle(templates(name, language)["together"]), each):
        text, spans = filled(carrier, lambda kind: (identifiers.value(kind, language, draw), kind))
        yield Text(text, language, "together", spans)


# --- dates -------------------------------------------------------------------------------------

NUMERALS = "〇一二三四五六七八九"
ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")


def chinese(number: int) -> str:
    """A number below 32 in Chinese numerals."""
    tens, ones = divmod(number, 10)
    return ("十" if tens == 1 else NUMERALS[tens] + "十" if tens else "") + (
        NUMERALS[ones] if ones else ""
    )


def ordinal(day: int) -> str:
    """The day as 1st, 2nd, 3rd, 4th."""
    ending = "th" if day // 10 == 1 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{ending}"


def date_fields(language: str, draw: random.Random, years: tuple[int, int]) -> dict[str, str]:
    """The fields of one date: d, dd, m, mm, y, yy; M, I, L, S months; W, w weekdays; the others."""
    names = calendar()[language]
    year, month, day = draw.randint(*years), draw.randint(1, 12), draw.randint(1, 23)
    later, weekday = day + draw.randint(2, 5), draw.randint(0, 6)
    return {
        "d": f"{day}",
        "dd": f"{day:02}",
        "d2": f"{later}",
        "dd2": f"{later:02}",
        "m": f"{month}",
        "mm": f"{month:02}",
        "y": f"{year}",
        "yy": f"{year % 100:02}",
        "M": names["months"][month - 1],
        "I": names.get("inside", names["months"])[month - 1],
        "L": names.get("within", names["months"])[month - 1],
        "S": names["short"][month - 1],
        "s": names["short"][month - 1].rstrip("."),
        "W": names["days"][weekday],
        "w": names["brief"][weekday],
        "o": ordinal(day),
        "q": f"{(month + 2) // 3}",
        "week": f"{draw.randint(1, 52):02}",
        "weekday": f"{weekday + 1}",
        "time": f"{draw.randint(8, 19):02}:{draw.randint(10, 59)}",
        "roman": ROMAN[month - 1],
        "cy": "".join(NUMERALS[int(digit)] for digit in f"{year}"),
        "cm": chinese(month),
        "cd": chinese(day),
    }


def date_forms(name: str, language: str) -> list[str]:
    """The written forms of a set; the held-out sentences carry those of both."""
    names = SETS[: SETS.index(name) + 1]
    shared = [form for each in names for form in templates(each, "shared")["dates"]]
    if language in {"fi", "zh"}:  # nobody there writes 03-May-2021
        shared = [form for form in shared if "{s}" not in form]
    return shared + [form for each in names for form in templates(each, language)["forms"]]


def class_of_date(kind: str) -> str:
    """What the form of a date is written with; another kind as it is."""
    form = kind.removeprefix("date ")
    for sign, told in {"{week}": "week", "{q}": "quarter", "{roman}": "Roman month"}.items():
        if sign in form:
            return told
    if form == kind or "{cm}" in form:
        return kind if form == kind else "Chinese numerals"
    if form.count("<") > 1 or re.search("{dd?2}", form):
        return "range, or two days"
    year = "year" if "{y}" in form else "short year" if "{yy}" in form else "no year"
    day = "" if re.search(r"{dd?}|{o}|<1", form) else "no day, "
    month = "month by name" if re.search("{[MILSs]}", form) else "numbers"
    return f"{day}{month}, {year}{', weekday' if re.search('{[Ww]}', form) else ''}"


def dated(name: str, each: int = 3) -> Iterator[Text]:
    """Every form of a date in some sentences, dates of birth, and ages over 89."""
    for language in LANGUAGES:
        own, draw = templates(name, language), random.Random(f"{name}{language}dates")
        carriers = itertools.cycle(own["dates"])
        for form in date_forms(name, language):
            for _, carrier in zip(range(each), carriers, strict=False):
                date = form.format(**date_fields(language, draw, (2012, 2026)))
                text, spans = marked(carrier.format(date=date), "date")
                yield Text(text, language, f"date {form}", spans)
        whole = re.compile(r"[^<]*<[^<]*{dd?}[^<2]*{y}>")
        births = [form for form in date_forms(name, language) if whole.fullmatch(form)]
        for form, carrier in zip(births, itertools.cycle(own["born"]), strict=False):
            date = form.format(**date_fields(language, draw, (1935, 2008)))
            text, spans = marked(carrier.format(date=date), "birth")
            yield Text(text, language, "birth", spans)
        for carrier in own["ages"] * each:
            text, spans = marked(carrier.format(age=draw.randint(90, 104)), "age")
            yield Text(text, language, "age", spans)


# --- texts in which nothing is personal --------------------------------------------------------

PRICES = ("${}.{:02}", "£{}.{:02}", "{},{:02} €", "EUR {}.{:02}", "{}.{:02} USD")
NUMBER = re.compile(r"{(?:d(?P<digits>\d+)|(?P<low>\d+)-(?P<high>\d+)|p|(?P<stamp>stamp))}")


def numbered(template: str, draw: random.Random) -> str:
    """{d8}: eight digits, {2-90}: a number between, {p}: a price, {stamp}: <the time of a log>."""

    def number(match: re.Match[str]) -> str:
        if match["digits"]:
            count = int(match["digits"])
            return str(draw.randint(10 ** (count - 1), 10**count - 1))
        if match["low"]:
            return str(draw.randint(int(match["low"]), int(match["high"])))
        if match["stamp"]:
            day = f"{draw.randint(2019, 2026)}-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}"
            return f"<{day}{draw.choice(' T')}{draw.randint(10, 23)}:{draw.randint(10, 59)}:07>"
        return draw.choice(PRICES).format(draw.randint(1, 2999), draw.randint(0, 99))

    return NUMBER.sub(number, template)


def harmless(name: str, each: int = 48) -> Iterator[Text]:
    """Products, orders, logs, JSON, poems and plots; only the times of logs are labelled."""
    for language, group in itertools.product(LANGUAGES, HARMLESS):
        draw, lines = random.Random(f"{name}{language}{group}"), templates(name, language)[group]
        single = [lines[i % len(lines)] for i in range(each)]
        pairs = itertools.permutations(lines, 2)
        if group in {"poems", "plots"}:
            joint = "\n" if group == "poems" else " "
            single = [joint.join(pair) for pair in itertools.islice(pairs, 0, 2 * each, 2)][:each]
        for template in single:
            text = numbered(template, draw)
            plain, spans = marked(text, "date") if group == "logs" else (text, [])
            yield Text(plain, language, group, spans)


# --- notes with persons ------------------------------------------------------------------------

KINDS_OF_FIELDS = {
    "name": "person",
    "first": "person",
    "last": "person",
    "lower": "person",
    "upper": "person",
    "initial": "person",
    "reversed": "person",
    "other": "person",
    "address": "address",
    "city": "place",
    "phone": "phone",
    "email": "email",
    "date": "date",
}


def bare(text: str) -> str:
    """Without accents."""
    parts = unicodedata.normalize("NFKD", text)
    return "".join(char for char in parts if not unicodedata.combining(char))


def person(fake: Faker, language: str, draw: random.Random) -> dict[str, str]:
    """The forms in which notes spell a person, and where the person is to be found."""
    first, last, more, most = (
        fake.first_name(),
        fake.last_name(),
        fake.first_name(),
        fake.last_name(),
    )
    eastern = language == "zh"
    name = last + first if eastern else f"{first} {last}"
    address = fake.address()
    if eastern:
        address = address.rsplit(" ", 1)[0]
    lines = [line for line in address.split("\n") if line.strip()]
    date_form = draw.choice(["{dd}.{mm}.{y}", "{y}-{mm}-{dd}", "{d}/{m}/{y}"])
    spoken = fake.last_romanized_name() + fake.first_romanized_name() if eastern else ""
    local = re.sub(r"\W", "", bare(spoken or f"{first[0]}{last}").lower())
    return {
        "name": name,
        "first": first,
        "last": last,
        "lower": name.lower(),
        "upper": name.upper(),
        "initial": last if eastern else f"{first[0]}. {last}",
        "reversed": name if eastern else f"{last}, {first}",
        "other": most + more if eastern else f"{more} {most}",
        "address": draw.choice([", ", " "] if eastern else [", ", ", ", "\n"]).join(lines),
        "city": fake.city(),
        "phone": identifiers.value("phone", language, draw),
        "date": date_form.format(**date_fields(language, draw, (2015, 2026))),
        "email": f"{local}{draw.randint(1, 99)}@example.org",
    }


def people(language: str, seed: str) -> Iterator[dict[str, str]]:
    """Persons without end, of the language's locales in turn."""
    draw, fakes = random.Random(seed), [Faker(locale) for locale in LOCALES[language]]
    for i, fake in enumerate(fakes):
        fake.seed_instance(f"{seed}{i}")
    for fake in itertools.cycle(fakes):
        yield person(fake, language, draw)


def notes(name: str, language: str, count: int) -> Iterator[Text]:
    """Notes, chats and mails with labelled persons, places and addresses."""
    carriers = itertools.cycle(templates(name, language)["notes"])
    persons = people(language, f"{name}{language}notes")
    for _, carrier, forms in zip(range(count), carriers, persons, strict=False):
        fields = {field: (form, KINDS_OF_FIELDS[field]) for field, form in forms.items()}
        text, spans = filled(carrier, fields.__getitem__)
        yield Text(text, language, "note", spans)


# --- names that the row holds ------------------------------------------------------------------


def misspelt(word: str, draw: random.Random) -> str:
    """The word with one letter changed, left out, doubled or swapped with the next."""
    place = draw.randint(1, len(word) - 2)
    before, sign, after = word[:place], word[place], word[place + 1 :]
    other = draw.choice("aeinrst".replace(sign, ""))
    swapped = after[0] + sign + after[1:] if after[0] != sign else after
    return before + draw.choice([other + after, after, sign + sign + after, swapped])


def _finnish(word: str, draw: random.Random) -> str:
    ending = draw.choice(["n", "lle", "lta", "lla"])
    if word.endswith("nen"):
        return word[:-3] + "se" + ending
    return word + ending if word[-1] in "aeiouyäö" else f"{word}i{ending}"


def _polish(word: str, draw: random.Random) -> str:
    if word.endswith(("ski", "cki", "dzki")):
        return word + draw.choice(["ego", "emu", "m"])
    if word.endswith(("ska", "cka")):
        return word[:-1] + draw.choice(["iej", "ą"])
    if word.endswith("a"):
        return word[:-1] + draw.choice(["ę", "ą", "y" if word[-2] not in "kg" else "i"])
    return word + draw.choice(["a", "owi", "em"]) if word[-1] not in "eioy" else f"{word}go"


def inflected(word: str, language: str, draw: random.Random) -> str | None:
    """The word as a sentence bends it, in languages that bend names."""
    if language in {"fi", "pl"}:
        return (_finnish if language == "fi" else _polish)(word, draw)
    ending = {"de": "s", "en": "'s", "nl": "'s"}.get(language)
    return word + ending if ending else None


def known_forms(person: dict[str, str], language: str, draw: random.Random) -> dict[str, str]:
    """The ways in which notes spell a known name, by what was done to it."""
    first, last, name = person["first"], person["last"], person["name"]
    if language == "zh":
        return {
            "exact": name,
            "order": f"{last} {first}",
            "local part": person["email"].split("@")[0],
        }
    glue = draw.choice([first + last, last + first]).replace(" ", "")
    forms = {
        "exact": draw.choice([name, last]),
        "order": person["reversed"],
        "case": draw.choice([name.upper(), name.lower(), last.upper(), first.lower()]),
        "accents": bare(name),
        "initials": draw.choice([person["initial"], f"{first} {last[0]}."]),
        "glued": draw.choice([glue, glue.lower(), bare(glue).lower()]),
        "local part": person["email"].split("@")[0],
    }
    long = [word for word in (first, last) if len(word) > 4 and word.isalpha()]
    if long:
        word = draw.choice(long)
        typo = misspelt(word, draw)
        forms["typo"] = draw.choice([typo, name.replace(word, typo)])
    if bent := inflected(draw.choice([first, last]), language, draw):
        forms["inflected"] = bent
    return forms


def known(name: str, each: int = 40) -> Iterator[Text]:
    """Notes in which a row's own name stands in all its forms; the row has name and e-mail."""
    for language in LANGUAGES:
        draw = random.Random(f"{name}{language}known")
        carriers = itertools.cycle(templates(name, language)["known"])
        for _, owner in zip(range(each), people(language, f"{name}{language}known"), strict=False):
            for kind, form in known_forms(owner, language, draw).items():
                text, spans = filled(next(carriers), {"form": (form, kind)}.__getitem__)
                yield Text(text, language, kind, spans, (owner["name"], owner["email"]))
