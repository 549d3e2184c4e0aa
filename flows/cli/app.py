"""The whole command: its subcommands, its exit codes, and the sentence that each error becomes."""

import logging
import os
import sys

import typer

from flows.cli.commands import add_commands
from flows.cli.examples import show_example
from flows.cli.options import Version
from flows.cli.terminal import FAILED, INTERRUPTED, PIPE_CLOSED, REFUSED, note
from flows.support.command_process import collect_garbage_rarely, end_at_once
from flows.support.errors import InputRefused, RunFailed, hide_values
from flows.support.interrupts import end_on_interrupt
from flows.support.native_output import hide_native_output
from flows.support.private_files import private_files


def build_app(word: str = "") -> typer.Typer:
    """Returns the command with one of its subcommands, or with all of them (see `add_commands`)."""
    app = typer.Typer(
        help="From a clinical system's export to an NDTMS dataset R submission.",
        epilog=show_example(),
        pretty_exceptions_enable=False,
    )
    app.callback(invoke_without_command=True)(describe)
    add_commands(app, word)
    return app


def main() -> None:
    """Prepares this process for the command, and runs it."""
    collect_garbage_rarely()
    hide_native_output()
    end_on_interrupt()
    with end_at_once():
        run()


@private_files()
def run() -> None:
    """Runs the command; reports an error as one sentence and an exit code."""
    _report_warnings()
    try:
        build_app(*sys.argv[1:2])()
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


def describe(context: typer.Context, _version: Version = False) -> None:
    """From a clinical system's export to an NDTMS dataset R submission."""
    if context.invoked_subcommand is None:
        show_status_or_help(context)


def show_status_or_help(context: typer.Context) -> None:
    """Shows the board of `ndtms status` if the audit of the home has a run, otherwise the help."""
    # Loaded here, because the other commands do not need them.
    from flows.audit.queries import query_status  # noqa: PLC0415
    from flows.cli.status import status  # noqa: PLC0415
    from flows.sources.request import find_home  # noqa: PLC0415

    if query_status(find_home(None)).is_empty():
        sys.stdout.write(f"{context.get_help()}\n")
        return
    note("`ndtms --help` lists the commands; this is `ndtms status`")
    status()


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
