"""What commands share at the terminal: exit codes, messages and progress."""

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flows.support.progress import Progress
from transforms.tables.printable import printable

FAILED, REFUSED, BLOCKED = 1, 2, 3
# The exit codes of a shell for a program that SIGPIPE or SIGINT ended.
PIPE_CLOSED, INTERRUPTED = 141, 130
NOT_ORCHESTRATED = (
    "no Prefect server is configured, so this run is not orchestrated; --orchestrate starts a server for it"
)
# The user and password of a URL.  A URL that was given as a path has lost a slash.
_USER = re.compile(r"(?<=:/)(/?)[^/\s:@]*:[^/\s@]*@")


def note(text: str) -> None:
    """Writes a sentence to standard error, without the passwords of URLs; writes nothing if it is empty."""
    if text:
        shown = printable(_USER.sub(r"\1...@", text))
        sys.stderr.write(f"ndtms: {shown}\n")


def _is_terminal() -> bool:
    return sys.stderr.isatty()


@contextmanager
def show_activity(what: str) -> Iterator[Callable[[str], None]]:
    """Shows on a terminal that work is in progress inside the block; yields a function that replaces the text."""
    if not _is_terminal():
        yield lambda _what: None
        return
    # Loaded here, because only a terminal needs it.
    from rich.console import Console  # noqa: PLC0415

    console = Console(stderr=True)
    if console.is_terminal:
        with console.status(what) as status:
            yield status.update
    else:
        yield lambda _what: None


@contextmanager
def show_progress(what: str) -> Iterator[Progress]:
    """Yields a function that shows on a terminal how much is done, the time that is left, and what comes next."""
    # Loaded here, because only the commands that take minutes need it.
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import Progress as ProgressBar  # noqa: PLC0415

    console = Console(stderr=True)
    with ProgressBar(console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total, now: bar.update(task, completed=done, total=total, description=f"{what} {now}")
