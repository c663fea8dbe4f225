"""Names and addresses by form: what is found in many languages, what is left alone."""

import json
from collections.abc import Collection
from itertools import pairwise
from pathlib import Path

import pytest

from anonymizer.masking.free_text.recognition import find

DATA = Path(__file__).parents[1] / "data"
PEOPLE: list[tuple[str, list[str]]] = json.loads((DATA / "people_found.json").read_text("utf-8"))
ADDRESSES: list[str] = json.loads((DATA / "addresses_found.json").read_text("utf-8"))
NOBODY = (DATA / "nobody.txt").read_text("utf-8").splitlines()
KINDS = ("name", "address", "place")


def left(text: str, kinds: Collection[str]) -> str:
    """The text without what is found of some kinds."""
    spans = [span for span in find(text) if span.pii_type in kinds]
    edges = [0, *(edge for span in spans for edge in (span.start, span.end)), len(text)]
    return "".join(text[start:end] for start, end in list(pairwise(edges))[::2])


@pytest.mark.parametrize(("text", "names"), PEOPLE)
def test_people_are_found_by_what_stands_beside_them(text: str, names: list[str]) -> None:
    """Chats, headers, greetings, closings and cards of many languages."""
    rest = left(text, ("name", "email", "handle"))
    assert [name for name in names if name in rest] == []


@pytest.mark.parametrize("address", ADDRESSES)
def test_addresses_are_found_whole(address: str) -> None:
    """Of some 30 countries, behind words."""
    assert left(f"Please send it to {address}", ("address",)) == "Please send it to "


def test_addresses_in_small_letters_go_on_to_large_towns() -> None:
    """Without capitals only what is known continues a street."""
    text = "2407 main street apt 6, lyon, france, please"
    assert left(text, ("address",)) == ", please"


def test_an_address_of_the_net_is_no_place() -> None:
    """What follows the word is a place where it is written as one."""
    assert left("Adresse IPv6 du serveur", ("address",)) == "Adresse IPv6 du serveur"
    assert left("Adresse: Im Hof 7, bitte", ("address",)) == "Adresse: , bitte"


def test_nobody_is_found_where_nobody_is() -> None:
    """Products, poems, plots, logs, orders and JSON in eight languages."""
    assert [text for text in NOBODY if left(text, KINDS) != text] == []


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("customer moved from Tampere last month", "customer moved from  last month"),
        ("letzten Monat aus Eutin weggezogen", "letzten Monat aus  weggezogen"),
        ("elle a quitté Voisinnec hier", "elle a quitté  hier"),
        ("vanha kaupunki Korsnäs, uusi osoite", "vanha kaupunki , uusi osoite"),
        ("上月从阜新市搬走", "上月从搬走"),
        ("Eben\nAustria", ""),
        ("lives in fear", "lives in fear"),
        ("born in May", "born in May"),
    ],
)
def test_towns_of_lives_are_found(text: str, rest: str) -> None:
    """Where somebody lives, lived and moves; no moods and no months."""
    assert left(text, ("place",)) == rest


@pytest.mark.parametrize("label", ["Drucker", "Imprimante", "Worker", "Pompa", "Kassa"])
def test_what_a_log_calls_by_its_time_is_no_speaker(label: str) -> None:
    """One word that no list has; somebody who speaks beside it is."""
    assert find(f"10:12:03 {label}: done") == []
    assert len(find(f"10:12 {label}: hi\n10:13 Anna: hello")) == 2


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("Bitte an 10115 Berlin.", "Bitte an ."),
        ("Wohnt in 79098 Freiburg. Garantie abgelaufen.", "Wohnt in . Garantie abgelaufen."),
        ("Hauptstr. 5, 10115 Berlin. Der Drucker steht.", ". Der Drucker steht."),
        ("8 rue Hugo, 75002 Paris. Le client attend.", ". Le client attend."),
        ("Hauptstr. 5, 66386 St. Ingbert. Danke sehr.", ". Danke sehr."),
    ],
)
def test_an_address_ends_with_its_sentence(text: str, rest: str) -> None:
    """The dot is of the town where its word is short, and the next sentence is none of it."""
    assert left(text, ("address", "place")) == rest


def test_a_line_to_somebody_in_chinese_ends_with_the_name() -> None:
    """What follows are other fields."""
    rest = left("收件人：张伟，电话010-62345678，备注：请转交给客服", ("name",))
    assert rest == "收件人：，电话010-62345678，备注：请转交给客服"
