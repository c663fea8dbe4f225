"""Build the documentation site: `python -m scripts.site.build FOLDER`, or `make site`.

The site mirrors the checkout, so that every link that works on the repository's host works there.
Pages are taken as they stand; `reference.py` writes those that follow from the code.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from scripts.site.reference import pages

ROOT: Final = Path(__file__).parents[2]
CONFIG: Final = ROOT / "zensical.toml"
LONGEST: Final = 300  # seconds; it takes ten, and what hangs shall not hold up all tests
_STARTS: Final = ("*.md", "docs/**/*.md")  # what else is there, links lead to
_LINK: Final = re.compile(r"\]\((?!\w+:)([^)#\s]+)")
# Addresses of the repository's host, which no site can know: their words stay.
_HOST: Final = re.compile(
    r"\[([^]]+)\]\(\.\./\.\./[^)]*\)|^\[[^]]+\]: \.\./\.\./.*\n", re.MULTILINE
)


def main(folder: Path) -> None:
    """Build the site into a folder, which is replaced.

    Raises:
        SystemExit: the build found something to warn of, such as a link that leads nowhere.
    """
    with tempfile.TemporaryDirectory() as place:
        build = Path(place)
        for name, content in files().items():
            file = build / "pages" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        shutil.copy(CONFIG, build)
        config = f"{build}/{CONFIG.name}"
        call = [sys.executable, "-m", "zensical", "build", "--strict", "-f", config]
        # The modules that are described are found from the checkout.
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(call, cwd=ROOT, env=environment, check=False, timeout=LONGEST)
        if done.returncode:
            raise SystemExit("the site was not built: what is wrong is said above")
        shutil.rmtree(folder, ignore_errors=True)
        shutil.move(build / "site", folder)


def files() -> dict[str, bytes]:
    """What the site is built of, by its path in the checkout: pages and what they link to.

    Raises:
        SystemExit: a page links to a file that is not there.
    """
    found = {f"docs/reference/{name}.md": text.encode() for name, text in pages().items()}
    left = sorted(path for start in _STARTS for path in ROOT.glob(start))
    while left:
        path = left.pop()
        name = path.relative_to(ROOT).as_posix()
        if name in found:
            continue
        found[name] = path.read_bytes()
        if path.suffix == ".md":
            text = _HOST.sub(r"\1", path.read_text("utf-8"))
            found[name] = text.encode()
            links = [(path.parent / link).resolve() for link in _LINK.findall(text)]
            if lost := [link.name for link in links if not link.is_file()]:
                raise SystemExit(f"{name} links to {', '.join(lost)}: not there")
            left += links
    return found


if __name__ == "__main__":
    main(Path(sys.argv[1]))
