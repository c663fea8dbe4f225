"""The program: its commands, how it ends, and how an error becomes one line."""

import os
import sys
import traceback
import warnings
from typing import Final

import click

from anonymizer import __version__
from anonymizer.cli import certificates, checks, demo, federated, masking, sequences, tuning
from anonymizer.cli.recording import command_line
from anonymizer.cli.saying import DEBUG, called, say, when_stopped
from anonymizer.errors import AnonymizerError, PrivacyWarning, RuleError, SchemaError, UsageError
from anonymizer.provenance import called_by
from anonymizer.stopping import stopping_cleanly

_SHOW_CURSOR: Final = "\x1b[?25h"


@click.group(
    context_settings={"help_option_names": ["-h", "--help"]},
    commands=(
        *(masking.mask, masking.fit_rules, masking.reveal, masking.rotate),
        *(masking.inspect, masking.lint),
        *(sequences.fit, federated.federate, sequences.sample, sequences.score),
        *(sequences.recommend,),
        *(checks.check, checks.audit, tuning.tune_rules),
        *(certificates.certify, certificates.verify, demo.demo),
    ),
)
@click.version_option(__version__)
def commands() -> None:
    """Mask, synthesise and check customer histories."""


def main(arguments: list[str] | None = None) -> int:
    """Run a command.

    Returns:
        0 when it is done, 2 when the call or a file of settings is wrong, 1 for anything else,
        as where `lint` warns, a figure is as bad as `--fail-on` says or a target is not reached.
        A signal that ends the process makes it 128 + signal.
    """
    when_stopped.clear()
    try:
        with warnings.catch_warnings(), stopping_cleanly(_stopped), called_by(command_line):
            warnings.simplefilter("ignore", PrivacyWarning)  # notes of results say the same
            status = commands.main(arguments, prog_name=called(), standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return 2
    except Exception as error:  # noqa: BLE001 (the last place: whatever happened becomes one line)
        if os.environ.get(DEBUG) == "1":
            traceback.print_exc()
        return _report(error)
    return status if isinstance(status, int) else 0


def _stopped() -> None:
    sys.stderr.write(_SHOW_CURSOR if sys.stderr.isatty() else "")  # a bar may have hidden it
    say("interrupted; no output was written")
    for tell in when_stopped:
        tell()


def _report(error: Exception) -> int:
    """Say what went wrong without any value of the data, and give the exit status."""
    if isinstance(error, click.ClickException):
        say(error.format_message())
        return 2
    if isinstance(error, click.Abort):
        say("interrupted; no output was written")
        return 1
    if isinstance(error, RuleError | SchemaError) and len(error.faults) > 1:
        what = str(error).removesuffix("; ".join(error.faults)).removesuffix(": ")
        for line in (what, *error.faults):
            say(line)
        return 2
    if isinstance(error, AnonymizerError):
        say(str(error))
        return 2 if isinstance(error, UsageError) else 1
    say(f"failed ({type(error).__name__}); set {DEBUG}=1 to see where")
    return 1
