"""What a row knows, spelt in other ways in its text, and words that only look like it."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonymizer.masking.free_text.known import find_known
from anonymizer.masking.free_text.known.mending import mended
from anonymizer.masking.free_text.recognition import merged


def found(text: str, *values: str) -> list[str]:
    """What stands at the places that are found, in their order."""
    return [text[span.start : span.end] for span in merged(find_known(text, values))]


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
        ("Anna Müller", "call MÃ¼ller back", ["MÃ¼ller"]),
        ("José García", "JosÃ© GarcÃ\xada came", ["JosÃ© GarcÃ\xada"]),
        ("Łukasz Wójcik", "to Å\x81ukasz", ["Å\x81ukasz"]),
        ("Anna Müller", "twice MÃƒÂ¼ller", ["MÃƒÂ¼ller"]),
        ("Anna Müller", r"of M\u00fcller, json", [r"M\u00fcller"]),
        ("Anna Müller", "heute M?ller, M\ufffdller", ["M?ller", "M\ufffdller"]),
        ("Anna Müller", "Frau Mül-\nler rief", ["Mül-\nler"]),
        ("Jonathan Whitmore", "> Whit- \r\n>  more came", ["Whit- \r\n>  more"]),
        ("Anna Müller", "M Ü L L E R, A N N A", ["M Ü L L E R, A N N A"]),
        ("Anna Müller", "Frau M.Ü.L.L.E.R kam", ["M.Ü.L.L.E.R"]),
        ("Anna Müller", "Frau Mül<b>ler</b> rief", ["Mül<b>ler"]),
        ("Jonathan Whitmore", "**Whit**more", ["Whit**more"]),
        ("Anna Ivanova", "спросить Иванову", ["Иванову"]),
        ("Nikos Papadopoulos", "ο Νίκος Παπαδόπουλος", ["Νίκος Παπαδόπουλος"]),
        ("Ann Lee", "AnnLee" * 2000, ["AnnLee" * 2000]),
    ],
)
def test_a_known_name_is_found_however_it_is_spelt(
    name: str, text: str, expected: list[str]
) -> None:
    """In capitals among small letters, inflected, as a nickname, glued, mistyped, broken."""
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
        ("Ann Lee", "a-\nn b c d, x y z, A\\u0020B Ã© m?"),
        ("Jörg Älv", "is it so?lv and x?r"),
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


@given(st.text(st.sampled_from("aÃ¼Å\x81 -\n.<b>/*_\\u00fcMÜ"), max_size=40))
def test_a_mended_text_has_the_places_of_the_raw_one(raw: str) -> None:
    """In order, apart, and none of them empty."""
    whole = mended(raw)
    if whole is not None:
        assert len(whole.text) == len(whole.places)
        edges = [edge for place in whole.places for edge in place]
        assert edges == sorted(edges)
        assert all(start < end for start, end in whole.places)


@pytest.mark.parametrize("piece", ["Ã", "Ã¼", "a b ", "a.", "<b>a", "a-\n", "**a", "\\u00fc"])
def test_mending_grows_with_a_text_and_not_with_its_square(piece: str) -> None:
    """Whatever it is full of."""
    start = time.process_time()
    mended(piece * (60_000 // len(piece)))
    assert time.process_time() - start < 1


@pytest.mark.parametrize("piece", ["M ", "M. ", "the ", "Müller ", "Mü-\nl"])
def test_a_cell_of_parts_of_a_name_takes_time_as_it_is_long(piece: str) -> None:
    """Each of them may begin or end it."""
    start = time.process_time()
    find_known(piece * (60_000 // len(piece)), ["Müller"])
    assert time.process_time() - start < 0.9
