"""The whole command: its subcommands, its exit codes, and the sentence that each error becomes."""

import logging
import os
import sys
from collections.abc import Callable

import typer

from flows.cli import alarms, audit, lists, months, reference, rules, source, status, submit, upgrade
from flows.cli.options import Version
from flows.cli.terminal import FAILED, INTERRUPTED, PIPE_CLOSED, REFUSED, note
from flows.support.errors import InputRefused, RunFailed, hide_values
from flows.support.interrupts import end_on_interrupt
from flows.support.native_output import hide_native_output
from flows.support.private_files import private_files

app = typer.Typer(
    help="From a clinical system's export to an NDTMS dataset R submission.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

# Commands are registered here, not in their modules, because `ndtms --help` lists them in the order of registration.
_BEFORE_VIEWS: tuple[Callable[..., None], ...] = (
    submit.submit, submit.check, months.backfill, months.replay, audit.compare, status.status,
    status.worklist,
)  # fmt: skip
_AFTER_VIEWS: tuple[Callable[..., None], ...] = (
    lists.due, lists.releases, lists.transfers, lists.figures,
    audit.report, rules.rules, rules.explain, reference.codes, audit.ask, audit.sql, alarms.alarms,
    upgrade.upgrade,
)  # fmt: skip
for command in _BEFORE_VIEWS:
    app.command()(command)
for view in audit.VIEWS:
    app.command(view.command, help=view.help)(audit.build_view_command(view))
for command in _AFTER_VIEWS:
    app.command()(command)
app.add_typer(reference.reference_app, name="reference")
app.add_typer(source.source_app, name="source")


def main() -> None:
    """Prepares this process for the command, and runs it."""
    hide_native_output()
    end_on_interrupt()
    run()


@private_files()
def run() -> None:
    """Runs the command; reports an error as one sentence and an exit code."""
    _report_warnings()
    try:
        app()
    except InputRefused as refusal:
        _leave(str(refusal), REFUSED)
    except RunFailed as failure:
        _leave(str(failure), FAILED)
    except BrokenPipeError:
        # The reader closed the output. Without this, Python reports an error for the text in its buffer.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(PIPE_CLOSED)
    except SystemExit:
        raise
    except KeyboardInterrupt:
        _leave("stopped; what has landed is complete: run the command again", INTERRUPTED)
    except BaseException as error:
        # A polars panic is not an Exception, so Exception would miss it.
        _leave(str(hide_values(error)), FAILED)


@app.callback()
def describe(_version: Version = False) -> None:
    """From a clinical system's export to an NDTMS dataset R submission."""


class _Warnings(logging.Handler):
    """Writes each warning of the program to standard error, as one sentence."""

    def emit(self, record: logging.LogRecord) -> None:
        note(record.getMessage())


def _report_warnings() -> None:
    log = logging.getLogger("ndtms")
    log.propagate = False
    log.handlers = [_Warnings()]


def _leave(message: str, code: int) -> None:
    note(message)
    sys.exit(code)
