"""Made-up customers and their orders, which the examples share. Nobody of them lives."""

import polars as pl

FIRST = ("Ann", "Bo", "Cem", "Di", "Eva", "Finn", "Gia", "Hal", "Ida", "Jon", "Kai", "Lea")
LAST = ("Lee", "Ek", "Oz", "Wu", "Roth", "Moe", "Neri", "Poe", "Berg", "Diaz", "Kim", "Lund")


def customers(number: int = 144) -> pl.DataFrame:
    """A row per customer: id, name, email, birth_date, zip, joined."""
    n = pl.int_range(number, eager=True).alias("n").to_frame()
    first = pl.lit(pl.Series(FIRST)).gather(pl.col("n") % 12)
    last = pl.lit(pl.Series(LAST)).gather(pl.col("n") // 12 % 12)
    return n.select(
        id=pl.col("n") + 1001,
        name=first + " " + last,
        email=first.str.to_lowercase() + pl.format("{}@example.com", "n"),
        birth_date=pl.date(1950 + pl.col("n") % 50, pl.col("n") % 12 + 1, pl.col("n") % 28 + 1),
        zip=pl.format("9{}", (pl.col("n") % 6 * 700).cast(pl.String).str.zfill(4)),
        joined=pl.date(2015, 1, 1) + pl.duration(days=pl.col("n") * 23 % 3000),
    )


def orders(number: int = 1440, people: int = 144) -> pl.DataFrame:
    """A row per order, of a year: id, customer_id, ordered, article, amount."""
    n = pl.int_range(number, eager=True).alias("n").to_frame()
    minutes = pl.col("n") * 7919 % (365 * 24 * 60)
    return n.select(
        id=pl.col("n") + 50_001,
        customer_id=pl.col("n") * 89 % people + 1001,
        ordered=pl.datetime(2024, 1, 1) + pl.duration(minutes=minutes),
        article=pl.format("A{}", pl.col("n") * pl.col("n") % 13),
        amount=(pl.col("n") * 37 % 90 + 0.5),
    )
