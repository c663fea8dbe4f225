"""The environments of the recipes, which `make test` makes, as orchestrators' pins clash."""

import subprocess
import sys
from pathlib import Path

from tests.recipes.room import KEY
from tests.skipping import without

HERE = Path(__file__).parent


def environment(name: str) -> Path:
    """The folder with the programs of one of them."""
    programs = Path(sys.prefix) / "recipes" / name / "bin"
    if not (programs / "python").exists():
        without(f"the environment {name} that `make test` makes")
    return programs


def run(
    *command: str | Path, programs: Path | str, key: str = KEY
) -> subprocess.CompletedProcess[str]:
    """Run a command as a job would, with hardly any variables."""
    variables = {
        "PATH": f"{programs}:/usr/sbin:/usr/bin:/sbin:/bin",
        "PYTHONPATH": str(HERE),
        "ANONYMIZER_KEY": key,
        "OMP_NUM_THREADS": "1",
        "POLARS_MAX_THREADS": "1",
    }
    return subprocess.run(
        [str(part) for part in command], env=variables, capture_output=True, text=True, check=False
    )
