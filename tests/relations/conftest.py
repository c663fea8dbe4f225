"""A made-up shop of which it is known what holds in its rows."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

SECRET = "Zyxwvut"


def shop(customers: int = 180, seed: int = 0) -> pl.DataFrame:
    """Lines of receipts: what was bought, for how much, with what is still owed."""
    rng, rows, receipt = np.random.default_rng(seed), [], 500
    price = np.round(np.random.default_rng(9).lognormal(2, 1, 60), 2)  # the same in any shop
    payments = {"home": ["card", "cash"], "web": ["card", "transfer"], "phone": ["transfer"]}
    for customer in range(customers):
        day, owed = date(2024, 1, 1) + timedelta(days=int(rng.integers(90))), 0.0
        born = date(1950, 1, 1) + timedelta(days=int(rng.integers(18_000)))
        for _ in range(1 + int(rng.integers(3))):
            channel = str(rng.choice(list(payments)))
            way = str(rng.choice(payments[channel]))
            items = rng.choice(60, 1 + int(rng.integers(3)), replace=False)
            units = rng.integers(1, 6, len(items))
            net = [round(float(price[i] * n), 2) for i, n in zip(items, units, strict=True)]
            sent = None if channel == "home" else day + timedelta(days=int(rng.integers(30)))
            for line, (item, n, amount) in enumerate(zip(items, units, net, strict=True)):
                owed = round(owed + amount, 2)
                rows.append((
                    customer, day, f"R{receipt}", line + 1, f"P{item:02d}", f"shelf {item % 7}",
                    float(price[item]), int(n), amount, round(sum(net), 2), channel, way, sent,
                    owed, day.year - born.year - ((day.month, day.day) < (born.month, born.day)),
                    born,
                ))  # fmt: skip
            receipt, day = receipt + 1, day + timedelta(days=int(rng.integers(1, 40)))
    names = (
        "customer day receipt line product shelf price units amount total channel payment sent "
        "owed age born"
    )
    return pl.DataFrame(rows, names.split(), orient="row", infer_schema_length=None)


@pytest.fixture(scope="session")
def sales() -> pl.DataFrame:
    """The shop."""
    return shop()
