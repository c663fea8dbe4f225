"""What the README promises is there."""

import re
from pathlib import Path

from anonymizer.masking.masks import MASKS
from anonymizer.masking.rules.rules import load_rules

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def test_every_mask_has_a_row() -> None:
    """No mask without documentation, and no documentation without a mask."""
    first_cells = [
        line.split("|")[1].strip() for line in README.splitlines() if line.startswith("| `")
    ]
    masks = [cell.strip("`") for cell in first_cells if not cell.startswith("`anonymizer")]
    assert sorted(masks) == sorted(MASKS)


def test_every_option_is_in_its_row() -> None:
    """A mask's row names its options."""
    rows = {line.split("`")[1]: line for line in README.splitlines() if line.startswith("| `")}
    for name, mask in MASKS.items():
        own = [option for option in mask.options() if option != "when"]  # all have that one
        assert [option for option in own if f"`{option}`" not in rows[name]] == [], name


def test_the_example_rule_file_is_valid(tmp_path: Path) -> None:
    """The YAML on the page can be loaded as it stands."""
    example = README.split("```yaml\n")[1].split("```")[0]
    (tmp_path / "rules.yaml").write_text(example)
    assert load_rules(tmp_path / "rules.yaml").entity == "customer_id"


def test_figures_under_the_picture_are_those_that_were_measured() -> None:
    """Runs of the demo differ by machine: what is said of them stands among the benchmarks."""
    caption = README.partition("docs/report.png)")[2].partition("## ")[0]
    measured = (ROOT / "benchmarks/README.md").read_text().partition("## The demo\n")[2]
    figures = re.findall(r"(\d+)(?= to \d+ %| %)", caption)
    assert figures
    assert [each for each in figures if f"{each} %" not in measured.partition("\n## ")[0]] == []
