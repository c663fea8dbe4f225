"""A key and a small shop for the tests of masking."""

from datetime import datetime, timedelta

import polars as pl
import pytest

SECRET = "0123456789abcdef-of-the-tests"


@pytest.fixture(autouse=True)
def _no_key_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANONYMIZER_KEY", raising=False)


@pytest.fixture
def secret() -> str:
    """A key long enough."""
    return SECRET


@pytest.fixture
def shop() -> pl.DataFrame:
    """Six lines of orders by three customers, with the columns of the pack."""
    start = datetime(2024, 2, 28, 23, 59, 59, 999_999)
    moments = [start + timedelta(hours=31 * line, microseconds=line) for line in range(6)]
    return pl.DataFrame(
        {
            "customer_id": [17850, 13047, 17850, 12583, 13047, 17850],
            "name": ["Zoltan Quix", "Uma Vyrzyk", "QUIX, Zoltan", "Ivo Wexley", None, "Z. Quix"],
            "email": [f"raw-mail-{line}@shop.test" for line in range(6)],
            "phone": [f"+44 7700 90000{line}" for line in range(6)],
            "address": ["3 Quiet Rd, Leeds LS1 1UR", "CF10 3NP", "nowhere", None, "G1 1AA", ""],
            "order_id": ["A-5361", "A-5362", "A-5361", "A-5363", "A-5364", "A-5365"],
            "order_time": moments,
            "item": ["85123A", "71053", "84406B", "85123A", "22752", "21730"],
            "description": ["heart holder", "lantern", "hanger", "heart holder", "box", "star"],
            "quantity": [6, 6, 8, 6, 2, 6],
            "unit_price": [2.55, 3.39, 2.75, 2.55, 7.65, 4.25],
            "country": ["United Kingdom"] * 6,
        }
    )
