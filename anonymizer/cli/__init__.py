"""The command line: the only place where the three arms meet. Arms load inside commands."""

from anonymizer.cli.program import commands as commands
from anonymizer.cli.program import main as main
