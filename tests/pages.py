"""Pages of the documentation as a reader follows them: code runs, and says what stands there."""

import contextlib
import io
import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from anonymizer.cli import main

DONE_BEFORE = {"make", "pip", "source"}  # whoever runs a test has installed what it tests


def blocks(text: str, *languages: str) -> list[tuple[str, str]]:
    """The code on a page from top to bottom, each piece with its language."""
    found = re.findall(r"^```(\w+)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    return [(language, code) for language, code in found if language in languages]


@dataclass
class Reader:
    """Somebody who follows pages in a folder that they have to themselves.

    Attributes:
        names: of Python, which go from block to block.
        said: what commands and Python printed so far.
    """

    names: dict[str, Any] = field(default_factory=dict)
    said: str = ""

    def follow(self, text: str) -> None:
        """Run all of a page, and hold what it shows against what is said.

        Python and commands run, YAML that begins with a file's name is written there, and each line
        of text must have been said before.
        """
        for language, code in blocks(text, "python", "sh", "text", "yaml"):
            if language == "text":
                assert [line for line in code.splitlines() if line not in self.said] == []
            elif language == "yaml":
                if named := re.match(r"# ([\w./]+\.yaml)\n", code):
                    Path(named[1]).write_text(code, "utf-8")
            else:
                self.said += self.printed(language, code)

    def printed(self, language: str, code: str) -> str:
        """What a block of code prints."""
        said = io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            if language == "python":
                exec(code, self.names)
            else:
                for command in commands(code):
                    said.write(_run(command))
        return said.getvalue()


def commands(script: str) -> Iterator[str]:
    """The commands of a script; one may go over several lines."""
    whole = ""
    for line in script.splitlines():
        whole += f"{line}\n"
        with contextlib.suppress(ValueError):  # a quote is open
            if not line.endswith("\\") and (shlex.split(whole, comments=True) or not whole.strip()):
                yield whole
                whole = ""
    assert not shlex.split(whole, comments=True), whole  # nothing is left open


def _run(command: str) -> str:
    """Run a command of a page, in this process where it is ours, and return what others print."""
    words = shlex.split(command, comments=True)
    if not words or words[0] in DONE_BEFORE:
        return ""
    if words[0] == "anonymizer":
        status = re.search(r"#.*exit status (\d)", command)
        assert main(words[1:]) == int(status[1] if status else 0), command
        return ""
    if command.startswith("export ANONYMIZER_KEY="):
        return ""  # the reader has one
    if words[0] == "export":
        names = [word.partition("=")[0] for word in words if "=" in word]
        given = _printed(command + "".join(f'echo "${name}"\n' for name in names))
        os.environ.update(zip(names, given.splitlines(), strict=True))
        return ""
    return _printed(command)


def _printed(script: str) -> str:
    return subprocess.run(["sh", "-c", script], check=True, capture_output=True, text=True).stdout
