"""Made-up sentences: templates of our own, filled with names of many countries.

A line of `templates/LANGUAGE.txt` is an opening (o), a body that names somebody (b; n, of which an
eighth is kept back from training), a harmless one (h) or a close (c); those of `more.txt` begin
with their language. Slots: {n} a full name, {f}
first, {l} last, {c} city, {k} country, {a} street, {o} organisation, {p} product, {t} title,
{e} e-mail, {tel} phone, {d} date, {h} time, {y} year, {m} money, {#} number.
"""

import random
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final

from scripts.tagger import lists, own, persons
from scripts.tagger.sentences import Sentence, Spans, Tokens, entities, read

O, PER, LOC, ORG = range(4)  # noqa: E741
Text = tuple[str, Spans]

_TEMPLATES: Final = Path(__file__).parent / "templates"
_SLOT: Final = re.compile(r"\{([^{}]+)\}")
_UNSPACED: Final = ("zh", "ja", "ko")


@cache
def templates() -> Mapping[str, Mapping[str, list[str]]]:
    """The templates by language and part."""
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for path in sorted(_TEMPLATES.glob("*.txt")):
        for line in path.read_text("utf-8").splitlines():
            part, _, text = line.partition(": ")
            language, part = (part, "b") if path.stem == "more" else (path.stem, part)
            found[language][part].append(text.replace("\\n", "\n"))
    for language, of in found.items():
        for kind in ("prose", "order", "message"):
            of["h"] += [line for line in own.lines(language)[kind] if not _SLOT.search(line)]
        of["kept"] = [line for line in of["n"] if own.kept_back(line)]
        of["b"] += [line for line in of.pop("n", ()) if not own.kept_back(line)]
    return found


def made(count: int, draw: random.Random) -> list[Sentence]:
    """Made-up sentences of all kinds and languages."""
    result: list[Sentence] = []
    while len(result) < count:
        source, (text, spans) = _any(draw)
        sentence = read(_varied(text, draw), spans, f"{source} made")
        if 0 < len(sentence.keys) < 200:
            result.append(sentence)
    return result


def _any(draw: random.Random) -> tuple[str, Text]:
    luck = draw.random()
    weights = [1.2, 1, 1, 1.5, 1.5, 1, 1, 1, 1.5, 1.2]  # more where there is nothing else
    language = draw.choices(lists.LANGUAGES, weights)[0]
    if luck < 0.07:
        language = draw.choice(("sv", "tr", "ru", "ja", "ko"))
    if luck < 0.75:
        return language, message(language, draw)
    if luck < 0.82:
        return "record", record("en" if language == "zh" else language, draw)
    if luck < 0.87:
        return "log", (log_line(draw), [])
    return "headline", (headline(language, draw), [])


def message(language: str, draw: random.Random) -> Text:
    """One to three sentences, at times with a greeting and a signature, at times a chat."""
    parts = templates()[language]
    chosen = [draw.choice(parts["o"])] if parts["o"] and draw.random() < 0.3 else []
    more = draw.choice((1, 1, 1, 2, 2, 3)) - (bool(chosen) and draw.random() < 0.3)
    chosen += [
        draw.choice(parts["h" if parts["h"] and draw.random() < 0.45 else "b"]) for _ in range(more)
    ]
    if parts["c"] and draw.random() < 0.2:
        chosen.append(draw.choice(parts["c"]))
    texts = [filled(template, language, draw) for template in chosen]
    if draw.random() < 0.12 and language not in _UNSPACED:
        return _joined([_spoken(text, language, draw) for text in texts], "\n")
    glues = ("", "\n", "，") if language in {"zh", "ja"} else (" ", " ", "\n", ". ", " - ")
    return _joined(texts, draw.choice(glues))


def _spoken(text: Text, language: str, draw: random.Random) -> Text:
    """A line of a chat: when, who and what."""
    locale, luck = persons.locale_for(language, draw), draw.random()
    before = draw.choice(("", "", f"[{_time(draw)}] ", f"{_time(draw)} ", "<"))
    after = "> " if before == "<" else draw.choice((": ", ": ", " - ", "> "))
    if luck < 0.6:
        who = draw.choice(("Agent", "Customer", "Support", "Bot", "me")), O
    else:
        who = (persons.first if luck < 0.87 else persons.full)(locale, draw), PER
    return _joined([(before, []), _whole(*who), (after, []), text], "")


def _whole(value: str, kind: int) -> Text:
    return value, [(0, len(value), kind)]


def _joined(texts: Sequence[Text], glue: str) -> Text:
    whole, spans = "", Spans()
    for number, (text, within) in enumerate(texts):
        whole += glue if number else ""
        spans += [(start + len(whole), end + len(whole), kind) for start, end, kind in within]
        whole += text
    return whole, spans


def filled(template: str, language: str, draw: random.Random) -> Text:
    """A template with values, and where names, places and organisations stand."""
    texts: list[Text] = []
    at, locale = 0, persons.locale_for(language, draw)
    for match in _SLOT.finditer(template):
        if draw.random() < 0.15:
            locale = persons.locale_for(language, draw)
        texts.append((template[at : match.start()], []))
        texts.append(_whole(*_value(match[1], language, locale, draw)))
        at = match.end()
    return _joined([*texts, (template[at:], [])], "")


def _value(slot: str, language: str, locale: str, draw: random.Random) -> tuple[str, int]:
    """What stands in a slot, and its kind."""
    if slot in {"n", "f", "l"}:
        return _name(slot, language, locale, draw), PER
    if slot == "a":
        return _street(language, locale, draw), LOC
    if slot == "o":
        return _organisation(language, locale, draw), ORG
    if slot in {"c", "k"}:
        return (_city if slot == "c" else _country)(language, draw), LOC
    return (product(language, draw) if slot == "p" else _PLAIN[slot](draw)), O


def _name(slot: str, language: str, locale: str, draw: random.Random) -> str:
    if slot == "n" and language == "zh" and draw.random() < 0.12:
        return persons.chinese_familiar(draw)
    east = {"zh": persons.chinese, "ja": persons.japanese, "ko": persons.korean}.get(language)
    if slot in {"n", "l"} and east:
        return east(draw, only_last=slot == "l")
    return {"n": persons.full, "f": persons.first, "l": persons.last}[slot](locale, draw)


def _date(draw: random.Random) -> str:
    day, month, year = draw.randint(1, 28), draw.randint(1, 12), draw.randint(1950, 2026)
    return draw.choice(
        (
            f"{day}.{month}.{year}",
            f"{year}-{month:02}-{day:02}",
            f"{day:02}/{month:02}/{year}",
            f"{day}.{month}.",
            f"{day:02}.{month:02}.{year % 100:02}",
        )
    )


def _time(draw: random.Random) -> str:
    return f"{draw.randint(0, 23)}:{draw.randint(0, 59):02}"


def _email(draw: random.Random) -> str:
    word = "".join(draw.choices("abcdefghiklmnoprstuvw", k=draw.randint(4, 9)))
    return f"{word}@{draw.choice(('example', 'mail', 'post'))}.{draw.choice(('com', 'org', 'de'))}"


def _money(draw: random.Random) -> str:
    sign = draw.choice(("EUR", "€", "$", "USD", "zł", "GBP"))
    return f"{draw.randint(1, 999)}{draw.choice('.,')}{draw.randint(0, 99):02} {sign}"


_PLAIN: Final[Mapping[str, Callable[[random.Random], str]]] = {
    "#": lambda draw: str(draw.randint(1, 10 ** draw.randint(1, 8))),
    "tel": lambda draw: f"0{draw.randint(10, 999)} {draw.randint(10000, 9999999)}",
    "h": _time,
    "d": _date,
    "y": lambda draw: str(draw.randint(1900, 2026)),
    "m": _money,
    "e": _email,
    "t": lambda draw: draw.choice(persons.values()["titles"]),
}


@cache
def _cities(language: str) -> lists.Names:
    """The cities of a language's countries; large ones of the world where it has none."""
    codes = persons.values()["country_codes"].get(language, ())
    own = tuple(name for name, code, _ in lists.cities() if code in codes)
    return own or tuple(name for name, _, people in lists.cities() if people > 50_000)


def _city(language: str, draw: random.Random) -> str:
    if language in {"zh", "ja"}:
        return draw.choice(
            lists.chinese_places() if draw.random() < 0.6 else lists.chinese_cities()
        )
    return draw.choice(_cities(language if draw.random() < 0.75 else ""))


def _country(language: str, draw: random.Random) -> str:
    countries = persons.values()["countries"]
    return str(draw.choice(countries.get(language, countries["en"])))


def _street(language: str, locale: str, draw: random.Random) -> str:
    number = draw.randint(1, 250)
    if language == "zh":
        return f"{draw.choice(lists.chinese_places())}路{number}号"
    streets = persons.values()["streets"]
    street = draw.choice(streets.get(language, streets["en"])).format(
        l=persons.last(locale, draw),
        f=persons.first(locale, draw),
        w=draw.choice(lists.common(language if language in streets else "en")).title(),
    )
    return f"{number} {street}" if language in {"en", "fr"} else f"{street} {number}"


def _organisation(language: str, locale: str, draw: random.Random) -> str:
    if language == "zh":
        name = draw.choice(draw.choice((lists.chinese_places(), lists.common("zh"))))
        return name + draw.choice(persons.values()["company_suffixes"]["zh"])
    suffixes = persons.values()["company_suffixes"]
    suffix = draw.choice(suffixes.get(language, suffixes["en"]))
    words = lists.common(language if language in lists.LANGUAGES else "en")
    luck = draw.random()
    if luck < 0.35:
        return f"{persons.last(locale, draw)} {suffix}"
    if luck < 0.7:
        return f"{' '.join(draw.choices(words, k=draw.choice((1, 2)))).title()} {suffix}"
    if luck < 0.85:
        return (
            f"{draw.choice(('FC', 'SV', 'AC', 'SC', 'VfL', 'Real', 'Sporting'))} {_city('', draw)}"
        )
    return "".join(draw.choices("ABCDEFGHIKLMNOPRSTUVW", k=draw.choice((2, 3, 3, 4))))


def product(language: str, draw: random.Random) -> str:
    """One to three common words, in one of the cases of products."""
    words = lists.common(language if language in lists.LANGUAGES else "en")
    chosen = draw.choices(words, k=draw.choice((1, 2, 2, 3)))
    return "".join(chosen) if language == "zh" else _titled(" ".join(chosen), draw)


def headline(language: str, draw: random.Random) -> str:
    """Common words in the cases of products and headlines: nobody's name."""
    words = draw.choices(lists.common(language), k=draw.randint(2, 7))
    if language == "zh":
        return "".join(words)
    size = f", {draw.randint(1, 500)} {draw.choice(('ml', 'cm', 'kg', 'g', 'pcs', 'x', 'W'))}"
    return _titled(" ".join(words) + (size if draw.random() < 0.2 else ""), draw)


def _titled(text: str, draw: random.Random) -> str:
    luck = draw.random()
    if luck < 0.5:
        return text.title()
    return text.upper() if luck < 0.65 else text.capitalize() if luck < 0.8 else text


def record(language: str, draw: random.Random) -> Text:
    """A JSON object or the pairs of a log; some hold a name."""
    style, texts = draw.randrange(4), list[Text]()
    for number in range(draw.randint(2, 5)):
        key, value, kind = _pair(language, draw)
        before = (f'"{key}": "', f"{key}=", f"{key}: ", "")[style]
        glue = (", ", " ", "; ", " | ")[style] if number else ""
        texts += [(glue + before, []), _whole(value, kind), ('"' if style == 0 else "", [])]
    ends = [("{", []), ("}", [])] if style == 0 else [("", []), ("", [])]
    return _joined([ends[0], *texts, ends[1]], "")


def _pair(language: str, draw: random.Random) -> tuple[str, str, int]:
    luck, locale, keys = draw.random(), persons.locale_for(language, draw), persons.values()
    if luck < 0.2:
        key = draw.choice(keys["name_keys"])
        make = persons.first if "first" in key else persons.last if "last" in key else persons.full
        return key, make(locale, draw), PER
    if luck < 0.27:
        return draw.choice(("city", "town", "Ort", "ville")), _city(language, draw), LOC
    if luck < 0.75:
        return draw.choice(keys["other_keys"]), product(language, draw), O
    return draw.choice(("id", "qty", "price", "ref", "ts", "code")), _PLAIN["#"](draw), O


def log_line(draw: random.Random) -> str:
    """A line of a log that names nobody: {w} a word, {W} a capitalised one, {n} a number."""
    stamp = f"{_date(draw)} {_time(draw)}:{draw.randint(10, 59)}"
    make = {
        "ts": lambda: stamp,
        "w": lambda: draw.choice(lists.common("en")),
        "W": lambda: draw.choice(lists.common("en")).title(),
        "n": lambda: str(draw.randint(1, 9999)),
    }
    return _SLOT.sub(lambda match: make[match[1]](), draw.choice(persons.values()["logs"]))


def _varied(text: str, draw: random.Random) -> str:
    """The same in small letters or capitals, without accents or signs, with a slip, at times."""
    luck = draw.random()
    change = str.lower if luck < 0.18 else str.upper if luck < 0.22 else str
    text = "".join(change(c) if len(change(c)) == 1 else c for c in text)
    if 0.22 <= luck < 0.24 and len(text.title()) == len(text):
        text = text.title()
    if draw.random() < 0.07:
        text = "".join(unicodedata.normalize("NFKD", c)[0] if "À" <= c <= "ſ" else c for c in text)
    if draw.random() < 0.1:
        text = re.sub(r"[.,!?:;](?= |\n|$)", " ", text)
    place = draw.randrange(max(1, len(text) - 1))
    if draw.random() < 0.05 and text[place : place + 2].isalpha():
        text = text[:place] + text[place : place + 2][::-1] + text[place + 2 :]
    return text


def replaced(tokens: Tokens, language: str, draw: random.Random) -> Tokens:
    """A sentence some of whose persons and places bear other names."""
    result, at = Tokens(), 0
    less = 0.4 if language == "fi" else 1  # whose cases a new name would lack
    for start, end, kind in entities(tokens):
        words = [token for token, _ in tokens[start:end]]
        rate = 0.45 if kind == "PER" else 0.25 if kind == "LOC" and len(words) == 1 else 0
        if draw.random() < rate * less:
            name = (_other_person if kind == "PER" else _other_place)(words, language, draw)
            result += tokens[at:start]
            result += [(w, f"{'I' if number else 'B'}-{kind}") for number, w in enumerate(name)]
            at = end
    return result + tokens[at:]


def relabelled(count: int, draw: random.Random) -> list[Sentence]:
    """Labelled texts of our own, each so many times, some of whose persons bear other names."""
    return [
        read(_varied(text, draw), spans, f"{language} own")
        for language in lists.LANGUAGES
        for labelled in own.labelled(language)
        for text, spans in [_renamed(*labelled, language, draw) for _ in range(count)]
    ]


def _renamed(text: str, spans: Spans, language: str, draw: random.Random) -> Text:
    texts, at = list[Text](), 0
    rate = 0.1 if language in {"fi", "pl"} else 0.3  # whose cases a new name would lack
    for start, end, kind in spans:
        name = text[start:end]
        if kind == PER and draw.random() < rate:
            name = " ".join(_other_person(name.split(), language, draw))
        texts += [(text[at:start], []), _whole(name, kind)]
        at = end
    return _joined([*texts, (text[at:], [])], "")


def _other_place(words: list[str], language: str, draw: random.Random) -> list[str]:
    place = _city(language, draw)
    return (place.lower() if words[0].islower() else place).split() or words


def _other_person(words: list[str], language: str, draw: random.Random) -> list[str]:
    if language == "zh":
        return [_other_in_chinese("".join(words), draw)]
    locale = persons.locale_for(language, draw)
    if len(words) == 1:
        name = (persons.last if draw.random() < 0.65 else persons.first)(locale, draw)
    else:
        name = persons.full(locale, draw)
    return (name.lower() if words[0].islower() else name).split() or words


def _other_in_chinese(name: str, draw: random.Random) -> str:
    """A name about as long, as what stands before and after tells short names from long ones."""
    luck = draw.random()
    if luck < 0.25 or "·" in name or len(name) > 3:
        return persons.transliterated(draw)
    if luck < 0.4:
        return persons.japanese(draw, only_last=len(name) < 3).replace(" ", "")
    familiar = len(name) < 3 and luck < 0.75
    return persons.chinese_familiar(draw) if familiar else persons.chinese(draw)
