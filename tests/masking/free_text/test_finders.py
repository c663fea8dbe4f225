"""The finders together: gates let through whatever would be found, and no text takes for ever."""

import json
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anonymizer.masking.free_text.basis.words import SMALL_WORDS
from anonymizer.masking.free_text.recognition import (
    FINDERS,
    PII_TYPES,
    find,
    find_all,
    finding,
    gates,
)
from anonymizer.masking.free_text.recognition.contacts.online import emails
from anonymizer.masking.free_text.recognition.contacts.phones import phones
from anonymizer.masking.free_text.recognition.dates.search import NAMES_OF_PARTS, dates

DATA = Path(__file__).parents[1] / "data"
FOUND: list[list[str]] = json.loads((DATA / "scrub_found.json").read_text("utf-8"))
HARMLESS = (DATA / "scrub_harmless.txt").read_text("utf-8").splitlines()
# What each finder that is a function finds; tests demand a text for every one.
TEXTS = {
    "token": ["key AKIAIOSFODNN7EXAMPLE", "ftp://a:bcd@h.example", "-----BEGIN RSA KEY-----\nx"],
    "setting": ['"clientSecret": "s3cr3t-value"', "Authorization: Bearer abcdefgh1234"],
    "password": [
        "Passwort: Gans!7weiss",
        "Das Kundenkennwort ist Apfel77baum",
        "mot de passe : Xk9!pq",
        "密码是abc12345",
    ],
    "code": [
        "your PIN is 4821",
        "kod do furtki 7741",
        "clé wifi B7K2-99PQ-18",
        "验证码：482913",
        "482913 is your code",
    ],
    "wallet": ["0x52908400098527886E0F7030069857D2E4169EE7"],
    "url": ["see https://shop.example/a?b=1", "www.shop.example"],
    "email": ["ADA@Example.org", "ada (at) example (dot) org"],
    "hidden_email": [
        "ada [at] example.com",
        "ada at example dot com",
        "ada arroba example punto es",
    ],
    "inside_email": ["mail ada@localhost"],
    "handle": ["thanks @ada_l9"],
    "profile": ["Instagram: ada.l_9", "用户名：ada_l9", "Käyttäjätunnus: ada_9", "see u/ada_l9"],
    "domain": ["Ask Shop.example.COM", "see müller.de"],
    "ip": ["from 10.0.0.7:80", "fe80::1ff:fe23:4567:890a"],
    "mac": ["00:1B:44:11:3A:B7", "001b.4411.3ab7"],
    "uuid": ["123E4567-e89b-12d3-a456-426614174000"],
    "vin": ["1HGCM82633A004352"],
    "coordinates": ["at 52.520008, 13.404954", "GPS 52.52, 13.40", "52°31'12\"N", "geo:52.5,13.4"],
    "degrees": ["Latitude: 52,52", "Länge 13.40"],
    "eastern_plate": ["京A·12345", "А123ВС77", "12가 3456", "品川 300 あ 12-34"],
    "iban": ["DE89 3704 0044 0532 0130 00", "iban gb82-west-1234-5698-7654-32"],
    "cn_firm": ["91110108551385082Q"],
    "nouns": [
        "Klient 88213",
        "Patient hat die Nr. 4471982",
        "患者:4471982",
        "carte Navigo 88213341",
    ],
    "expiry": ["card valid until 08/27"],
    "bic": ["BIC: DEUTDEFF500"],
    "card": ["4111 - 1111 - 1111 - 1111", "4111111111111111"],
    "phone": ["+1 (202) 555-0143 x 12", "０４９０ ７５ ４０ ８１", "call 555 0143"],
}
OTHERS = {"date", "age", "address", "name", "place"}  # have tests of their own
PIECES = [piece for texts in TEXTS.values() for text in texts for piece in text.split()]


def alone(text: str) -> list[tuple[int, int, str]]:
    """What is found in a text that meets all finders."""
    return [(span.start, span.end, span.pii_type) for span in find(text)]


def together(texts: list[str]) -> list[list[tuple[int, int, str]]]:
    """What is found in texts that are tried against gates."""
    found = find_all([*texts, *[""] * 8])
    return [[(span.start, span.end, span.pii_type) for span in spans] for spans in found][:-8]


def test_each_finder_has_a_text() -> None:
    """Names of finders and of texts are the same."""
    coded = {finder.name for finder in FINDERS if finder.search is not None}
    assert set(TEXTS) == coded - OTHERS


@pytest.mark.parametrize(
    ("name", "text"), [(n, text) for n, some in TEXTS.items() for text in some]
)
def test_a_finder_finds_behind_its_gate(name: str, text: str) -> None:
    """Its text, alone in its letters and among others, has a span of its kind."""
    kind = next(finder.kind for finder in FINDERS if finder.name == name)
    found = together([text, f"— {text} ñ"])
    assert any(each[2] == kind for each in found[0])
    assert any(each[2] == kind for each in found[1])


def test_gates_keep_nothing_back() -> None:
    """A batch gives each text what it has alone."""
    texts = [text for text, _ in FOUND] + HARMLESS
    assert together(texts) == [alone(text) for text in texts]


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=6).map(" ".join))
@settings(max_examples=60, deadline=None)
def test_gates_keep_nothing_back_of_any_text(text: str) -> None:
    """Whatever the characters are."""
    assert together([text]) == [alone(text)]


CELLS = ("1 ", "a@", "1", "a.a.a.", "(", "a", "@", "IBAN ", "no. id ", "pin ", "x=", "00:", "+1 ")


@pytest.mark.parametrize("unit", CELLS)
def test_time_grows_with_a_cell_and_not_with_its_square(unit: str) -> None:
    """Of half a megabyte, whose square would take minutes at the least."""
    kinds = [kind for kind in PII_TYPES if kind not in OTHERS]
    start = time.process_time()
    find(unit * (500_000 // len(unit)), kinds)
    assert time.process_time() - start < 60


SAID = (
    "For the passport number I have {FP1234567} on file.",
    "Could you confirm that {V-2024-00871} is my contract number?",
    "The PIN on record was {4821} until May.",
    "Wrong staff ID in the system, should be {104827}",
    "{77120394} ist die Mitgliedsnummer des Kunden.",
    "Sie nannte die Vertragsnummer am Telefon: {V-2024-00871}",
    "Le mot de passe a été modifié en {Gx7plum9}.",
    "Pour le numéro de compte j'ai noté {40817810}.",
    "El PIN se ha cambiado a {4821}.",
    "Para el número de socio tengo {77120394} anotado.",
    "Il numero del contratto era {V-2024-00871} fino a maggio.",
    "{YA1234567} è il numero di passaporto del cliente.",
    "Verkeerd lidnummer in het systeem, moet {77120394} zijn",
    "Het wachtwoord is gewijzigd in {Gx7plum9}.",
    "O número da conta foi alterado para {40817810}.",
    "Informou o CVV por telefone: {482}",
    "{104827} on asiakkaan jäsennumero.",
    "Väärä PIN-koodi järjestelmässä, pitäisi olla {4821}",
    "Klientka podała numer umowy przez telefon: {V-2024-00871}",
    "Hasło zmieniono na {Gx7plum9}.",
    "请把我的PIN码改成{5518}",
    "{77120394}是客户的会员号。",
)
LEFT = (
    "This password is entirely numeric.",
    "La password è stata cambiata.",
    "Dieser Benutzername ist bereits vergeben.",
    "Invoice 48211937 is for the customer",
    "p.es. domani",
    "Der PIN wurde 3 mal falsch eingegeben",
    "worker-3 processed 77282 rows in 44.69 s",
    "the contract was signed in 3 parts",
)


@pytest.mark.parametrize("said", SAID)
def test_a_word_tells_its_value_in_any_sentence(said: str) -> None:
    """Before it or behind it, with auxiliaries, articles and the phone in between."""
    start, end = said.index("{"), said.index("}") - 1
    text = said.replace("{", "").replace("}", "")
    spans = find(text)
    assert all(
        any(span.start <= place < span.end for span in spans)
        for place in range(start, end)
        if text[place].isalnum()
    )


@pytest.mark.parametrize("text", LEFT)
def test_a_word_without_its_value_tells_nothing(text: str) -> None:
    """What follows is a word of the sentence, or of another thing."""
    assert find(text) == []


FEW_KINDS = (
    ("email", "phone", "ip", "iban", "card"),
    ("phone",),
    ("passport", "licence"),
    ("age",),
    ("customer", "card"),
    ("date", "name"),
)


@pytest.mark.parametrize("kinds", FEW_KINDS)
@pytest.mark.parametrize("many", [0, 1_000_000])
def test_what_nobody_needs_is_left_out_and_nothing_else(
    kinds: tuple[str, ...], many: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch, glanced at again or not, gives each text and pair what all finders give it alone."""
    monkeypatch.setattr(finding, "_MANY", many)
    texts = [text for text, _ in FOUND] + HARMLESS
    texts += [f"{one} {other}" for one, other in zip(texts, texts[7:], strict=False)]
    assert find_all(texts, kinds) == [find_all([text], kinds)[0] for text in texts]


def test_numbers_are_told_apart_only_where_one_may_be_asked_for() -> None:
    """Dates take what could be half of a phone, and nothing else."""
    texts = [
        "on 3 May 2024",
        "mail ana@example.org on 3 May 2024",
        "on 3 May 2024 at +1 202 555 0143",
        *["nothing"] * 20,
    ]
    steps = finding._steps(("email", "phone"), 0.5)
    opened = dict(gates.opened(texts, [0] * len(texts), steps))
    met = {place: {steps[each].search for each in some} for place, some in opened.items()}
    assert met.keys() == {1, 2}
    assert emails in met[1]
    assert dates not in met[1]
    assert {dates, phones} <= met[2]


def test_gates_are_so_few_patterns_that_polars_keeps_them() -> None:
    """Of 33 patterns Polars 2.1 compiles all for each batch; a text has two more for its words."""
    ways = [way for step in finding._steps(PII_TYPES, 0.5) for way in step.ways]
    told = "".join(gate.meta.serialize(format="json") for _, gate in ways if gate is not None)
    assert told.count('"Contains"') + 2 <= 32


def test_words_of_dates_are_none_that_gates_leave_out() -> None:
    """Of the smallest words of languages the gates see none."""
    assert not NAMES_OF_PARTS & SMALL_WORDS


@pytest.mark.parametrize(
    "text",
    [
        "Card 4111 1111 1111 1111.",
        "IBAN DE89 3704 0044 0532 0130 00",
        "geb. 14.02.1981",
        "host 192.168.10.12",
        "SSN 123-45-6789",
    ],
)
def test_what_was_not_asked_for_is_no_part_of_what_was(text: str) -> None:
    """Half of a card is no phone where only phones are looked for; what a URL holds is found."""
    assert find(text, kinds=("email", "phone")) == []
    assert len(find("https://x.example/?to=ada@example.org", kinds=("email",))) == 1


def test_a_key_behind_the_word_for_a_password_is_none() -> None:
    """Keys of JSON stay; so do units behind a number, which is no postcode of theirs."""
    assert find('{"reason":"bad_password","attempts":4}') == []
    assert find("Vitamin D3 2000 IU, 60 caps") == []
    assert [span.pii_type for span in find("Zij woont op 1012 AB Amsterdam.")] == ["address"]
