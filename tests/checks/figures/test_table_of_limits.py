"""All limits stand in one table, and colours come about in one place."""

from pathlib import Path

import anonymizer.checks

ROOT = Path(anonymizer.checks.__file__).parent


def test_the_table_of_limits_knows_no_measure() -> None:
    """It stands on figures alone, so that whoever measures may import it and not the reverse."""
    lines = (ROOT / "figures" / "thresholds.py").read_text("utf-8").splitlines()
    ours = [line.split()[1] for line in lines if line.startswith("from anonymizer.checks")]
    assert ours
    assert all(name.startswith("anonymizer.checks.figures") for name in ours)


def test_measures_set_no_limits() -> None:
    """Only the table and the figure itself know how a colour comes about."""
    measuring = [f for room in ("utility", "privacy") for f in (ROOT / room).glob("*.py")]
    assert len(measuring) > 10
    assert [f for f in measuring if "Limits" in f.read_text("utf-8")] == []
