"""AES-CMAC of a column against published vectors and against the library's code of one text."""

import random

import polars as pl
import pytest
from cryptography.hazmat.primitives.ciphers import algorithms
from cryptography.hazmat.primitives.cmac import CMAC
from hypothesis import given
from hypothesis import strategies as st

from anonymizer.masking.primitives.ciphers import cmac
from anonymizer.masking.primitives.ciphers.cmac import ColumnCmac

KEY = bytes(range(32))
texts = st.lists(st.none() | st.text(max_size=80), max_size=40)


def one_by_one(values: list[str | None]) -> list[bytes]:
    """The code of each text, as the library makes it; of null, that of the empty text."""
    codes = []
    for value in values:
        whole = CMAC(algorithms.AES(KEY))
        whole.update((value or "").encode())
        codes.append(whole.finalize())
    return codes


def of_column(values: list[str | None] | pl.Series) -> list[bytes]:
    """The code of each text, computed at once."""
    return [code.tobytes() for code in ColumnCmac(KEY)(pl.Series(values, dtype=pl.String))]


def test_the_vector_of_rfc_4493() -> None:
    """That of the empty message; the others are no text."""
    key = bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c")
    (code,) = ColumnCmac(key)(pl.Series([""]))
    assert code.tobytes().hex() == "bb1d6929e95937287fa37d129b756746"


@given(texts)
def test_a_column_has_the_codes_of_its_texts(values: list[str | None]) -> None:
    """Whatever the lengths, and wherever a null stands."""
    assert of_column(values) == one_by_one(values)


@pytest.mark.parametrize("length", [0, 1, 15, 16, 17, 31, 32, 33, 1_023, 1_024, 1_025])
def test_every_length_of_a_block(length: int) -> None:
    """A last block that is full is no block that is padded."""
    values: list[str | None] = ["x" * length, "y" * length, "z"]
    assert of_column(values) == one_by_one(values)


def test_slices_and_many_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows are taken in blocks, and columns that are parts of others have codes of their own."""
    monkeypatch.setattr(cmac, "ROWS_AT_ONCE", 7)
    rng = random.Random(3)
    values: list[str | None] = ["é漢z "[rng.randrange(4)] * rng.randrange(40) for _ in range(50)]
    column = pl.Series(values)
    assert of_column(column) == one_by_one(values)
    assert of_column(column.slice(13, 21)) == one_by_one(values[13:34])
    assert of_column(pl.concat([column, column], rechunk=False)) == one_by_one(values * 2)
