"""Known phrases where they stand, and people and towns by them in time that grows with a text."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anonymizer.masking.free_text.basis.phrases import Phrases, behind, lowered
from anonymizer.masking.free_text.recognition import find

PHRASES = {"greeting": ("hi", "good morning"), "by": ("spoke with", "c/o", "morning")}
MANY = ("an", "bo", "cy", "de", "ed", "fo", "gi", "hu", "io", "ja")  # more than are few


def test_phrases_stand_in_order_and_the_longest_is_first() -> None:
    """Capitals count as small letters; parts of longer words are none."""
    text = "Hi, Good morning c/o Hiro, hi_ GOOD MORNINGS spoke with2"
    places = Phrases(PHRASES | {"day": ("good", "good morning")}).places(text)
    told = {means: [text[slice(*place)] for place in some] for means, some in places.items()}
    assert told == {
        "greeting": ["Hi", "Good morning"],
        "by": ["morning", "c/o"],
        "day": ["Good morning", "Good", "GOOD"],
    }


def test_patterns_behind_phrases_do_not_overlap() -> None:
    """What one has taken is no phrase for the next."""
    text = "hi hi Ann, hi Bo"
    pattern = re.compile(r"(?: hi)? (?P<name>[A-Z]\w+)")
    matches = behind(pattern, text, Phrases(PHRASES).places(text)["greeting"])
    assert [match["name"] for _, match in matches] == ["Ann", "Bo"]


@given(st.lists(st.sampled_from([*MANY, "x", "İ", "3", "An", "b-o", "\n", ""]), max_size=20))
@settings(max_examples=100, deadline=None)
def test_few_words_and_many_are_found_alike(pieces: list[str]) -> None:
    """Whether a text is read once for all of them or once for each."""
    text = " ".join(pieces)
    at_once = {
        key: [*some] for key, some in Phrases({each: (each,) for each in MANY}).places(text).items()
    }
    one_by_one = {
        key: [*some] for each in MANY for key, some in Phrases({each: (each,)}).places(text).items()
    }
    assert at_once == one_by_one
    assert len(lowered(text)) == len(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Kontoinhaberin: Zwenka Ottlip", "Zwenka Ottlip"),
        ("Prénom : Zélinde", "Zélinde"),
        ("card holder's name: Zwenka Ottlip", "Zwenka Ottlip"),
        ("OP 3 MEI SCHREEF ZWENKA OTTLIP:\n> DAG", "ZWENKA OTTLIP"),
        ("Frau Ing. Ottlip rief an", "Ottlip"),
    ],
)
def test_names_are_found_behind_each_form_of_a_phrase(text: str, name: str) -> None:
    """Endings, one blank more or less, capitals, several titles."""
    assert name in [text[span.start : span.end] for span in find(text, ("name",))]


CELLS = (
    "Ann Lee ", "Mr. and mr. ", "Hi Ann, ", "Ann wrote: ", "Ann <a@b.io>\n", "\n", "Name: ann\n",
    "lives in Paris\nFrance\n", "aus Paris gezogen ", "Ann, ", "i a m ",
)  # fmt: skip


@pytest.mark.parametrize("unit", CELLS)
def test_time_grows_with_a_cell_of_names(unit: str) -> None:
    """Of a tenth of a megabyte, whose square would take minutes."""
    start = time.process_time()
    find(unit * (100_000 // len(unit)), ("name", "place"))
    assert time.process_time() - start < 10


def test_a_long_word_behind_a_key_is_read_once() -> None:
    """Whatever follows it, it is not cut in every way there is."""
    start = time.process_time()
    find("Name: " + "a" * 60 + "5", ("name",))
    assert time.process_time() - start < 5
