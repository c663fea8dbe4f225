"""What many texts may hold, told at a glance: too much perhaps, and never too little."""

import json
import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anonymizer.masking.free_text.basis.folding import plain
from anonymizer.masking.free_text.basis.glances import NEVER, Glances
from anonymizer.masking.free_text.basis.telling import Telling
from anonymizer.masking.free_text.recognition import PII_TYPES, find_all, finding, gates
from tests.masking.free_text.test_finders import FOUND, HARMLESS, PIECES, SAID, TEXTS

DATA = Path(__file__).parents[1] / "data"
PEOPLE: list[tuple[str, list[str]]] = json.loads((DATA / "people_found.json").read_text("utf-8"))
ADDRESSES: list[str] = json.loads((DATA / "addresses_found.json").read_text("utf-8"))
# What the lists of texts above lack: days, ages, chats, signatures and lines with names.
OTHERS = (
    "am 24.12. um 9:30", "on 3.5. at noon", "born 030580", "Ende Mai", "mid-June", "le 23", "KW 12",
    "first quarter 2024", "im Mai '24", "24.12", "5.III.2024", "20240305T102233Z", "3 5 1980",
    "she is 93", "93-jährig", "Mrs Lee (93)", "turned 97", "aged 104", "ninety-three years old",
    "Thanks,\nAnna Schmidt", "… closed. Anna Schmidt", "Anna, Max, Eva and Tom", "Ann Lee wrote:",
    "- Jo", "[10:02] Ben Stone: hi", "Agent (Ben): hello", "mr o'neil said",
    "Dr. Müller-Lüdenscheidt", "12 High Street", "Hauptstraße 5", "ul. Długa 5/7", "PO Box 12",
    "1012 AB Amsterdam", "SW1A 1AA", "corner of Main and Elm", "lives in Rome", "from Berlin",
    "Via Roma 3, 20121 Milano", "D-10115 Berlin",
)  # fmt: skip
SAMPLES = list(
    dict.fromkeys(
        [*(text for text, _ in FOUND), *(text for text, _ in PEOPLE), *ADDRESSES]
        + [text for texts in TEXTS.values() for text in texts]
        + [*HARMLESS, *SAID, *OTHERS]
    )
)
STEPS = finding._steps(PII_TYPES, 0.5)
WORDS = [word for text in SAMPLES for word in text.split(" ")]


def seen_by(step: gates.Step, texts: list[str]) -> list[bool]:
    """Whether a step may find something in each of some texts, at a glance."""
    seen = Glances(texts)
    told = np.zeros(len(texts), np.bool_)
    for sieve, _ in step.ways:
        told |= True if sieve is None else sieve(seen) | seen.odd
    return list(map(bool, told))


def kept_back(texts: list[str]) -> list[tuple[str, str]]:
    """What steps find in texts of which a glance says that they cannot."""
    folded = [finding._folded(text)[0] for text in texts]
    return [
        (text, repr(step.search))
        for step in STEPS
        for text, may in zip(folded, seen_by(step, folded), strict=True)
        if not may and list(step.search(text, "US"))
    ]


def test_what_is_found_was_seen_at_a_glance() -> None:
    """Each step finds something in its samples, and each of them passes."""
    assert kept_back(SAMPLES) == []


@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=8), st.sampled_from((" ", ", ", "\n")))
@settings(max_examples=60, deadline=None)
def test_what_is_found_in_mixed_words_was_seen(words: list[str], gap: str) -> None:
    """Whatever stands beside what, in whatever case."""
    text = gap.join(words)
    assert kept_back([text, text.lower(), text.upper(), text.title()]) == []


@given(st.sampled_from(SAMPLES), st.text(max_size=2), st.data())
@settings(max_examples=60, deadline=None)
def test_what_is_found_in_damaged_samples_was_seen(
    sample: str, put: str, data: st.DataObject
) -> None:
    """A character or two, of any script, may stand anywhere."""
    place = data.draw(st.integers(0, len(sample)))
    texts = [sample[:place] + put + sample[place:], sample[:place] + put + sample[place + 1 :]]
    assert kept_back(texts) == []


@given(st.lists(st.text("Aab1 .,\n-éß张", max_size=12), max_size=8), st.sampled_from(STEPS))
@settings(max_examples=80, deadline=None)
def test_glances_are_those_at_each_text(texts: list[str], step: gates.Step) -> None:
    """What may be found in a text alone may be found in it among others."""
    alone = [seen_by(step, [text])[0] for text in texts]
    assert all(map(bool.__ge__, seen_by(step, texts), alone))


LETTER = re.compile(r"[^\W\d_]+")


def words(text: str) -> list[str]:
    """The words of a text, small and without accents."""
    return [plain(word) for word in LETTER.findall(text)]


TELLS: dict[str, Callable[[list[str]], bool]] = {
    "whole": lambda some: "abc" in some,
    "begin": lambda some: any(word.startswith(("ab", "abcab")) for word in some),
    "end": lambda some: any(word.endswith(("bc", "cab")) for word in some),
    "pair": lambda some: ("ab", "c") in pairwise(some),
}
TOLD = {
    "whole": Telling(["abc"]),
    "begin": Telling(begin=["ab", "abcab"]),
    "end": Telling(end=["bc", "cab"]),
    "pair": Telling(["AB-c"]),
}


@pytest.mark.parametrize("kind", TELLS)
@given(texts=st.lists(st.text("ABCabcÀ -1é", max_size=14), min_size=1, max_size=6))
@settings(max_examples=100, deadline=None)
def test_words_tell_in_any_case_and_place(kind: str, texts: list[str]) -> None:
    """As a look at each word of each text says; pairs may be of two texts."""
    said = Glances(texts).says(TOLD[kind]).tolist()
    expected = [TELLS[kind](words(text)) for text in texts]
    assert all(one or not other for one, other in zip(said, expected, strict=True))
    if kind != "pair":
        assert said == expected


@given(st.lists(st.text("ab1 .\n", max_size=14), min_size=1, max_size=6))
@settings(max_examples=100, deadline=None)
def test_digits_and_blanks_around_words(texts: list[str]) -> None:
    """Counted in the text of each word alone."""
    seen = Glances(texts)
    every = np.arange(len(seen.words.starts))
    behind, ahead, beside = (
        seen.blanks_behind(every).tolist(),
        seen.blanks_ahead(every).tolist(),
        seen.figures_next(every).tolist(),
    )
    expected = list[tuple[int, int, bool]]()
    for text in texts:
        for word in re.finditer("[ab]+", text):
            before = re.search(r"\d(\D*)$", text[: word.start()])
            after = re.match(r"(\D*)\d", text[word.end() :])
            near = re.match(r"[^ab]*\d", text[word.end() :]) is not None
            counts = (
                NEVER if each is None else len(re.findall(r"[ \n]", each[1]))
                for each in (before, after)
            )
            expected.append((*counts, near))  # type: ignore[arg-type]  # two counts
    assert list(zip(behind, ahead, beside, strict=True)) == expected


@given(st.lists(st.text("12ab .-", max_size=16), min_size=1, max_size=6), st.integers(2, 8))
@settings(max_examples=100, deadline=None)
def test_digits_that_stand_together(texts: list[str], least: int) -> None:
    """With four signs and no letter between any two."""
    pattern = re.compile(rf"\d(?:[^\da-z]{{0,4}}\d){{{least - 1}}}")
    expected = [pattern.search(text) is not None for text in texts]
    assert Glances(texts).near(least).tolist() == expected


def test_long_texts_are_not_looked_at() -> None:
    """They may hold anything, and beside them the others are seen as they are."""
    seen = Glances(["a@b", "x" * 100_001, "c"])
    assert seen.odd.tolist() == [False, True, False]
    assert seen.has("@").tolist() == [True, False, False]


def test_what_ends_within_a_word_leaves_another_word() -> None:
    """What no glance at the text has seen is looked for nevertheless."""
    texts = ["@mayaé Mr. Ann Lee", *[""] * 20]
    assert find_all(texts)[0] == find_all(texts[:1])[0]


def test_all_pieces_are_of_texts() -> None:
    """Of finders that are functions."""
    assert set(PIECES) <= {piece for text in SAMPLES for piece in text.split()}
