"""Ctrl-C and SIGTERM: the command ends within seconds, whatever it is doing.

Every step that writes survives a kill at any moment, so an interrupt need not be unwound: it ends the
process as a kill would, after its children and its temporary files are gone.  Unwinding is not
safe: after an interrupted query DuckDB keeps the database open in this process for good, and the
next `duckdb.connect` to the same file waits for ever.
"""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flows.support.child_processes import kill_children

_NAMES = {signal.SIGINT: "Ctrl-C", signal.SIGTERM: "SIGTERM"}
_temporary: set[Path] = set()


@contextmanager
def removed_on_interrupt(path: Path) -> Iterator[None]:
    """Removes a temporary file when an interrupt ends the process inside the block."""
    _temporary.add(path)
    try:
        yield
    finally:
        _temporary.discard(path)


def end_on_interrupt() -> None:
    """Ends this process, with its children, on Ctrl-C and SIGTERM.  Call it once, in the main thread.

    The exit code is 128 plus the number of the signal, as shells report it.
    """
    received, sent = os.pipe()
    os.set_blocking(sent, False)
    # Python runs signal handlers between two instructions of the main thread, which may be inside a query for
    # minutes.  The number of the signal is written to this pipe at once, and a thread of its own reads it.
    signal.set_wakeup_fd(sent, warn_on_full_buffer=False)
    for number in _NAMES:
        signal.signal(number, _leave_to_thread)
    threading.Thread(target=_wait, args=(received,), name="wait for an interrupt", daemon=True).start()


def _leave_to_thread(_number: int, _frame: object) -> None:
    """Does nothing: without a handler of Python's, the pipe would not be written to."""


def _wait(received: int) -> None:
    while True:
        number = os.read(received, 1)[0]
        if number in _NAMES:
            _end(number)


def _end(number: int) -> None:
    """Ends the process.  Must not fail: nothing is left that could report it."""
    try:
        name = _NAMES[signal.Signals(number)]
        # Past the buffer of sys.stderr: the main thread may hold its lock.
        text = f"ndtms: stopped by {name}; what has landed stays, nothing is half done: run the command again\n"
        os.write(sys.stderr.fileno(), text.encode())
        for path in list(_temporary):
            path.unlink(missing_ok=True)
        kill_children()
    finally:
        os._exit(128 + number)
