"""The command line, a file per family of commands. Arms load inside commands."""

from anonymizer.cli.program import commands as commands
from anonymizer.cli.program import main as main
