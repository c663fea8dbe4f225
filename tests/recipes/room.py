"""A made-up room with raw orders and a folder for masked ones; and what must not leave it."""

from datetime import date, timedelta
from pathlib import Path

KEY = "5d1f0b7a93c84e26a7b0c9d8e1f23456"
RECIPES = Path(__file__).parents[2] / "examples" / "recipes"
# In each raw line, and in no list of names; the last is in the line that cannot be read.
RAW = ("Quarkington", "zebulon", "KD4711", "Wumpelstein", KEY)


def furnish(room: Path, *, bad: bool = False) -> Path:
    """Raw orders of 40 customers in `room`; in bad ones a name stands where an amount should."""
    for folder in ("raw", "masked"):
        (room / folder).mkdir(parents=True, exist_ok=True)
    lines = [
        f"KD4711{n % 40:02},Zebulon Quarkington,zebulon{n % 40}@quarkington.example,"
        f"{date(2024, 1, 1) + timedelta(n * 37 % 365)} 10:{n % 60:02}:00,A{n % 9},{n % 50}.50"
        for n in range(400)
    ]
    if bad:
        lines[321] = "KD471101,Zebulon Quarkington,,2024-03-01 10:00:00,A1,Wumpelstein"
    header = "customer_id,name,email,ordered,article,amount"
    (room / "raw/orders.csv").write_text("\n".join([header, *lines, ""]))
    return room


def traces(*places: Path) -> set[str]:
    """Which raw value is in which file, in its content or its name."""
    files = [each for place in places for each in (place, *place.rglob("*"))]
    return {
        f"{value} in {file.name}"
        for file in files
        for content in [file.read_bytes().lower() if file.is_file() else b""]
        for value in RAW
        if value.lower().encode() in content or value in file.name
    }
