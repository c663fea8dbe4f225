"""What the README promises is there."""

from pathlib import Path
from typing import Any

from anonymizer.masking.masks import MASKS
from anonymizer.masking.rules import load_rules

README = (Path(__file__).parents[1] / "README.md").read_text()


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
        own = [option for option in mask.model_fields if option != "when"]  # all have that one
        assert [option for option in own if f"`{option}`" not in rows[name]] == [], name


def test_the_example_rule_file_is_valid(tmp_path: Path) -> None:
    """The YAML on the page can be loaded as it stands."""
    example = README.split("```yaml\n")[1].split("```")[0]
    (tmp_path / "rules.yaml").write_text(example)
    assert load_rules(tmp_path / "rules.yaml").entity == "customer_id"


def test_linked_files_exist() -> None:
    """No link leads nowhere."""
    root = Path(__file__).parents[1]
    targets = [part.split(")")[0].split("#")[0] for part in README.split("](")[1:]]
    assert [t for t in targets if not t.startswith("http") and not (root / t).exists()] == []


def test_the_first_snippet_runs() -> None:
    """What a newcomer pastes first masks two spellings of one customer alike."""
    names: dict[str, Any] = {}
    exec(README.split("```python\n")[1].split("```")[0], names)
    masked = names["masked"]
    assert masked["name"][0] == masked["name"][1]
    assert not set(masked["name"]) & {"Ann Lee", "A. Lee", "Bo Ek"}
