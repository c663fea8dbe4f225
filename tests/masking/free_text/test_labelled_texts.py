"""The texts that the benchmark of free text judges by, and how it counts what is left of them."""

import re
from collections import Counter

import pytest

from benchmarks.labelled_texts import (
    HARMLESS,
    LANGUAGES,
    SETS,
    Text,
    date_forms,
    dated,
    further,
    identified,
    templates,
)
from benchmarks.scrubbed_texts import found, lost, touched
from benchmarks.structured_texts import stands, structured


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_kinds_and_forms(language: str) -> None:
    """Each language has twenty kinds of identifiers and forms of dates at least, in each set."""
    for name in SETS:
        assert len(templates(name, language)["words"]) >= 20
        assert len(set(date_forms(name, language))) >= 20


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_template_is_in_both_sets(language: str) -> None:
    """What patterns were mended by is not what they are judged by."""
    seen, kept = (templates(name, language) for name in SETS)
    for part in (*HARMLESS, "word", "bare", "together", "dates", "born", "ages", "notes", "known"):
        assert not set(seen[part]) & set(kept[part])


def test_labels_stand_in_their_texts() -> None:
    """A label is a piece of its text that neither begins nor ends with a blank."""
    for text in [*identified("seen", each=1), *dated("seen", each=1), *further(each=1)]:
        for start, end, kind in text.spans:
            value = text.text[start:end]
            assert kind
            assert value == value.strip() != ""


def test_a_text_is_the_same_in_every_run() -> None:
    """Texts are drawn from a seed."""
    assert list(identified("seen", each=1)) == list(identified("seen", each=1))


def test_what_a_tag_stands_for_is_lost() -> None:
    """Each sign under a tag is lost to it, and the rest is there."""
    tags = lost("Ann Lee called 555-0101.", "<NAME> called <PHONE_0123456789ab>.")
    assert Counter(tags) == {"NAME": 7, "": 9, "PHONE": 8}


def test_what_is_found_has_little_left() -> None:
    """A value is found where at most a fifth of its letters and digits is left."""
    text = "paid on 12.05.2021 in full"
    assert found(text, lost(text, "paid on <DATE> in full"), 8, 18)
    assert not found(text, lost(text, "paid on <DATE>2021 in full"), 8, 18)


def test_another_sign_that_goes_is_noticed() -> None:
    """A text is touched where a letter or digit outside of its labels is gone."""
    text = Text("at 10:30 rows 12", "en", "logs", [(3, 8, "date")])
    assert not touched(text, lost(text.text, "at <DATE> rows 12"))
    assert touched(text, lost(text.text, "at <DATE> rows <PHONE>"))


def test_harmless_texts_hold_no_address() -> None:
    """No harmless template has an at-sign, a link or an address of the internet."""
    for name in SETS:
        for language in LANGUAGES:
            for group in HARMLESS:
                for line in templates(name, language)[group]:
                    assert not re.search(r"@|://|\d+\.\d+\.\d+\.\d+", line)


def test_a_broken_structure_is_noticed() -> None:
    """A structured text stands as it is, and does not without its marks."""
    for form, _, text in structured("seen", each=1):
        assert stands(form, text, text)
        assert not stands(form, text, re.sub('["<|]', "", text))
