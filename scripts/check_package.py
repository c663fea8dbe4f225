# ruff: noqa: INP001 (a script, no package)
"""Say whether what `python -m build` wrote can be handed out.

    python scripts/check_package.py dist

The wheel was made from the sdist. It holds all of the package and nothing else, and what is
installed from it, without extras, into an empty environment far from the checkout, masks a file.
"""

import csv
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
ELSEWHERE = {  # files of the checkout that travel inside the package
    "examples/data/online_retail.parquet": "data/online_retail.parquet",
    "docs/check.schema.json": "schemas/check.schema.json",
    "docs/audit.schema.json": "schemas/audit.schema.json",
}
NEEDED = (  # whatever else changes
    "py.typed", "rules/ecommerce.yaml", "rules/schema.json", "data/online_retail.parquet",
    "schemas/check.schema.json", "schemas/audit.schema.json", "checks/pages/report.css",
    "masking/primitives/lists/en_US.json", "masking/places/regions/US.json",
)  # fmt: skip
HEADER = (
    "customer_id", "name", "email", "phone", "address", "order_id", "order_time", "item",
    "description", "quantity", "unit_price", "country",
)  # fmt: skip
RAW = (
    "17850", "Zoltan Quix", "zoltan.quix@shop.test", "+44 7700 900001", "3 Quiet Rd, Leeds LS1 1UR",
    "A-5361", "2024-02-28 23:59:59", "85123A", "heart holder", "6", "2.55", "United Kingdom",
)  # fmt: skip
HIDDEN = RAW[:7]


def main(folder: Path) -> None:
    """Check the one sdist and the one wheel in a folder.

    Raises:
        SystemExit: something is wrong with them.
    """
    (sdist,), (wheel,) = folder.glob("*.tar.gz"), folder.glob("*.whl")
    _check_names(sdist, wheel)
    with tempfile.TemporaryDirectory() as place:
        _check_installed(wheel, Path(place))
    print(f"{sdist.name} and {wheel.name} are complete, and the wheel masks without extras")


def _check_names(sdist: Path, wheel: Path) -> None:
    wanted = _package()
    with zipfile.ZipFile(wheel) as opened:
        names = {name for name in opened.namelist() if ".dist-info/" not in name}
    _demand(not wanted - names, f"{wheel.name} lacks {sorted(wanted - names)}")
    _demand(not names - wanted, f"{wheel.name} has what is not the package's: {names - wanted}")
    absent = [name for name in NEEDED if f"anonymizer/{name}" not in names]
    _demand(not absent, f"{wheel.name} lacks {absent}")
    with tarfile.open(sdist) as packed:
        inside = {name.partition("/")[2] for name in packed.getnames()}
    needed = {"Makefile", "constraints.txt", "tests/conftest.py", "README.md", "LICENSE"}
    _demand(needed <= inside, f"{sdist.name} lacks {sorted(needed - inside)}")


def _package() -> set[str]:
    """What the checkout says should be in the wheel."""
    own = [*(ROOT / "anonymizer").rglob("*"), *(ROOT / "rules").rglob("*")]
    files = [path for path in own if path.is_file() and "__pycache__" not in path.parts]
    names = {path.relative_to(ROOT).as_posix() for path in files} | set(ELSEWHERE.values())
    return {name if name.startswith("anonymizer/") else f"anonymizer/{name}" for name in names}


def _check_installed(wheel: Path, place: Path) -> None:
    uv, tools = Path(sys.executable).with_name("uv"), place / "environment" / "bin"
    _run(place, uv, "venv", "--quiet", "--python", sys.executable, "environment")
    where = ("--python", tools / "python", "--constraint", ROOT / "constraints.txt")
    _run(place, uv, "pip", "install", "--quiet", *where, wheel.absolute())
    asked = (
        "import anonymizer, importlib.util as u; print(anonymizer.__file__, u.find_spec('torch'))"
    )
    said = _run(place, tools / "python", "-c", asked)
    _demand(said.startswith(str(place.resolve())) and said.endswith("None"), f"it runs {said}")
    _demand("Usage: anonymizer " in _run(place, tools / "anonymizer", "--help"), "no help")
    version = re.sub(r"^seqanon-([^-]+)-.*", r"\1", wheel.name)
    said = _run(place, tools / "seqanon", "--version")
    _demand(said == f"seqanon, version {version}", f"the version is {version}, not {said}")
    with (place / "in.csv").open("w", newline="") as file:
        csv.writer(file).writerows([HEADER, RAW])
    _run(place, tools / "anonymizer", "mask", "in.csv", "out.csv", "--rules", "ecommerce")
    out = (place / "out.csv").read_text("utf-8")
    _demand([value for value in HIDDEN if value in out] == [], "masked, a value is still there")
    (row,) = csv.DictReader(out.splitlines())
    _demand((row["address"], row["item"]) == ("England", "85123A"), f"masked wrongly: {out}")


def _run(place: Path, *command: str | Path) -> str:
    """What a command prints, run where the checkout is not at hand."""
    ours = ("PYTHON", "ANONYMIZER")
    environment = {name: v for name, v in os.environ.items() if not name.startswith(ours)}
    environment["ANONYMIZER_KEY"] = "a key for a person who never lived"
    done = subprocess.run(
        command, cwd=place, env=environment, capture_output=True, text=True, check=False
    )
    name = Path(command[0]).name
    _demand(done.returncode == 0, f"{name} {command[1]} failed: {done.stdout}{done.stderr}")
    return done.stdout.strip()


def _demand(holds: bool, otherwise: str) -> None:
    if not holds:
        raise SystemExit(f"check_package: {otherwise}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
