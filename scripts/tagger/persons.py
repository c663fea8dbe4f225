"""Names of persons as people write them, in the manner of a country."""

import json
import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

from scripts.tagger import lists

_LATIN: Final = frozenset(
    "cs da de en es et fi fr ga hr hu id it "
    "lt lv nl no pl pt ro sk sl sv sw tr tw uz yo zu az".split()
)
_PREFIXES: Final = ("O'", "Mc", "De ", "van ", "von ", "D'", "El ", "Al-", "di ")


@cache
def values() -> Mapping[str, Any]:
    """What fills templates beside names, by language."""
    path = Path(__file__).parent / "values.json"
    found: Mapping[str, Any] = json.loads(path.read_text("utf-8"))
    return found


@cache
def _latin() -> lists.Names:
    return tuple(name for name in lists.locales() if name.split("_")[0] in _LATIN)


def locale_for(language: str, draw: random.Random) -> str:
    """A locale of a language; three in ten times one of another language."""
    own = values()["locales"].get(language, ())
    if own and (language == "ru" or draw.random() < 0.7):
        return str(draw.choice(own))
    return draw.choice(_latin())


def first(locale: str, draw: random.Random) -> str:
    """A first name, at times a double one."""
    names = lists.names_of(locale)[0]
    double = f"-{draw.choice(names)}" if draw.random() < 0.04 else ""
    return _crossed(names, draw) + double


def last(locale: str, draw: random.Random) -> str:
    """A last name, at times double, with a prefix or from elsewhere."""
    luck = draw.random()
    names = lists.names_of(draw.choice(_latin()) if luck < 0.03 else locale)[1]
    name = _crossed(names, draw)
    if luck > 0.96:
        name += f"-{draw.choice(names)}"
    elif luck > 0.94:
        name = draw.choice(_PREFIXES) + name
    if locale.startswith("es") and draw.random() < 0.35:
        name += f" {draw.choice(names)}"
    if locale.startswith("pt") and draw.random() < 0.4:
        name = draw.choice(names) + draw.choice((" ", " ", " de ", " da ")) + name
    return name


def _crossed(names: Sequence[str], draw: random.Random) -> str:
    """A name of the list; one time in eight of two halves, so that it stands in none."""
    name, other = draw.choice(names), draw.choice(names)
    if draw.random() < 0.12 and min(len(name), len(other)) > 3 and (name + other).isalpha():
        return name[: len(name) // 2 + 1] + other[len(other) // 2 :]
    return name


# How often each order is written, of 100.
_ORDERS: Final = {
    "{f} {l}": 64, "{f} {g} {l}": 7, "{f} {i}. {l}": 6, "{j}. {l}": 5, "{j}. {i}. {l}": 2,
    "{j} {l}": 2, "{l}, {f}": 5, "{l} {f}": 3, "{f} {L}": 2, "{L} {f}": 2, "{f} {l[0]}.": 2,
}  # fmt: skip


def full(locale: str, draw: random.Random) -> str:
    """First and last name in one of the orders that people write."""
    if locale.startswith(("zh", "ja", "ko")):
        return {"zh": chinese, "ja": japanese, "ko": korean}[locale[:2]](draw)
    order = draw.choices(list(_ORDERS), list(_ORDERS.values()))[0]
    f, l = first(locale, draw), last(locale, draw)  # noqa: E741
    g, i = draw.choice(lists.names_of(locale)[0]), draw.choice("ABCDEFGHJKLMNPRSTW")
    return order.format(f=f, g=g, l=l, L=l.upper(), i=i, j=f[0])


def chinese(draw: random.Random, *, only_last: bool = False) -> str:
    """A Chinese name; one in eight a foreigner's in Chinese characters."""
    surnames = lists.names_of("zh_CN")[1]
    surname = draw.choice(surnames[:100] if draw.random() < 0.7 else surnames)
    if only_last:
        return surname
    return transliterated(draw) if draw.random() < 0.12 else surname + chinese_given(draw)


def chinese_given(draw: random.Random) -> str:
    """A Chinese given name of one or two characters."""
    luck = draw.random()
    if luck < 0.55:
        return draw.choice(lists.chinese_given())
    names = lists.names_of("zh_CN" if luck < 0.95 else "zh_TW")[0]
    if luck < 0.72:
        single = [name for name in names if len(name) == 1]
        return draw.choice(single) + draw.choice(single)
    return draw.choice(names)


def chinese_familiar(draw: random.Random) -> str:
    """A given name by itself, or the way colleagues and friends call somebody."""
    given = chinese_given(draw)
    surname = chinese(draw, only_last=True)
    calls = (given, given, given[-1] * 2, f"小{given[-1]}", f"阿{given[-1]}", f"老{surname}")
    return draw.choice((*calls, f"小{surname}"))


def japanese(draw: random.Random, *, only_last: bool = False) -> str:
    """A Japanese name in Chinese characters."""
    firsts, lasts = lists.names_of("ja_JP")
    given = "" if only_last else draw.choice(("", " ")) + draw.choice(firsts)
    return draw.choice(lasts) + given


def korean(draw: random.Random, *, only_last: bool = False) -> str:
    """A Korean name in Hangul."""
    firsts, lasts = lists.names_of("ko_KR")
    return draw.choice(lasts) + ("" if only_last else draw.choice(firsts))


def transliterated(draw: random.Random) -> str:
    """A foreign name in Chinese characters, of one to three words: of the list or like it."""
    words = []
    for _ in range(draw.choice((1, 1, 2, 2, 3))):
        known = draw.random() < 0.5
        words.append(draw.choice(lists.transliterated()) if known else _like_transliterated(draw))
    return "·".join(words)


def _like_transliterated(draw: random.Random) -> str:
    """A chain of characters, each of those that follow the one before it in names."""
    name, character = "", "^"
    while len(name) < 6:
        character = draw.choice(_followers()[character])
        if character == "$" and len(name) >= 2:
            break
        if character == "$":
            name, character = "", "^"
        else:
            name += character
    return name


@cache
def _followers() -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for name in lists.transliterated():
        for one, two in zip(f"^{name}", f"{name}$", strict=True):
            found[one].append(two)
    return found
