"""What a row knows, spelt in other ways in its text, and words that only look like it."""

import pytest

from anonymizer.masking.free_text.known import find_known


def found(text: str, *values: str) -> list[str]:
    """What stands at the places that are found, in their order."""
    spans = sorted((span.start, span.end) for span in find_known(text, values))
    return [text[start:end] for start, end in spans]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("Rose Turner", "ticket closed, see mail by ROSE from the morning", ["ROSE"]),
        ("Mieszko Skutnik", "patrz mail od Mieszkogo z rana", ["Mieszkogo"]),
        ("Anna Kowalska", "rozmowa z Kowalską wczoraj", ["Kowalską"]),
        ("Jerzy Kurz", "patrz mail od Kurzowi z rana", ["Kurzowi"]),
        ("Mia Lahti", "katso viesti Mialle aamulta", ["Mialle"]),
        ("Matti Virtanen", "Virtasen lasku", ["Virtasen"]),
        ("Jana Kowalke", "Kowalkes Rechnung fehlt", ["Kowalkes"]),
        ("Robert Quill", "Bob called twice", ["Bob"]),
        ("Anna Schmidt", "annaschmidt92 wrote", ["annaschmidt92"]),
        ("Bernard Osterly", "Benrard came in person", ["Benrard"]),
        ("Ann Lee", "AnnLee" * 2000, ["AnnLee" * 2000]),
    ],
)
def test_a_known_name_is_found_however_it_is_spelt(
    name: str, text: str, expected: list[str]
) -> None:
    """In capitals among small letters, inflected, as a nickname, glued, mistyped."""
    assert found(text, name) == expected


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Will Rose", "I will buy a red rose"),
        ("Mark May", "mark the date: 14 May 2024"),
        ("Mark May", "On May 6 it may rain"),
        ("Bill Long", "the bill was too long"),
        ("An Li", "an order, li batteries"),
        ("Grace Hope", "we hope for grace"),
        ("Rose Black", "SET OF RED ROSE CANDLES"),
        ("Sara Mies", "mies tuli kotiin"),
    ],
)
def test_ordinary_words_are_no_known_names(name: str, text: str) -> None:
    """A customer called Will or May leaves the words of the language alone."""
    assert found(text, name) == []


def test_quotes_around_an_address_are_not_of_it() -> None:
    """They stay, and its pseudonym is the one that it has without them."""
    spans = find_known("to 'ann.lee@example.org' only", ["Ann Lee", "ann.lee@example.org"])
    assert {span.canonical for span in spans if span.pii_type == "email"} == {"ann.lee@example.org"}
    assert min(span.start for span in spans) == 4
