"""Texts that are called plain are in their canonical form already."""

from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonymizer.masking.primitives.bulk import characters as module
from anonymizer.masking.primitives.bulk.characters import are_plain, characters
from anonymizer.masking.primitives.digest import canonical

TEXTS = st.lists(st.none() | st.text(max_size=5) | st.sampled_from(["a", "a b", " a", "a\x1f", ""]))


@given(TEXTS, st.integers(0, 3))
def test_plain_texts_are_canonical(texts: list[str | None], start: int) -> None:
    """Whatever stands before a slice; and what is not plain has a byte that says so."""
    column = pl.Series(texts, dtype=pl.String)[start:]
    if are_plain(column):
        assert (
            column.to_frame("x")
            .select(canonical(pl.col("x"), pl.String()))
            .to_series()
            .equals(column)
        )
    else:
        given_ = [text for text in column if text]
        assert any(not text.isascii() or min(text[0], text[-1]) <= " " for text in given_)
    content, places = characters(column)
    told = [content[a:b].tobytes().decode() for a, b in pairwise(places)]
    assert told == [text or "" for text in column]


@pytest.mark.parametrize(
    ("texts", "plain"), [(["a", "b c", None, ""], True), (["a", "b", "c "], False)]
)
def test_every_block_is_looked_at(
    texts: list[str | None], plain: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last text counts as the first does."""
    monkeypatch.setattr(module, "_AT_ONCE", 2)
    assert are_plain(pl.Series(texts)) is plain
