"""Ends the command within seconds on Ctrl-C and SIGTERM, whatever it is doing.

Every step that writes survives a kill at any moment, so an interrupt needs no unwinding: it removes the
temporary files, kills the children and ends the process as a kill would. Unwinding is not safe: after an
interrupted query DuckDB keeps the database open in this process, and the next `duckdb.connect` to the same
file never returns.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from flows.support.child_processes import kill_children

_NAMES = {signal.SIGINT: "Ctrl-C", signal.SIGTERM: "SIGTERM"}
_temporary: set[Path] = set()
# Held while a file is created, and from the removal of all of them until the process has ended.
_creation = threading.Lock()
_SECONDS_TO_CREATE = 1.0


@contextmanager
def remove_on_interrupt(path: Path, create: Callable[[], object] | None = None) -> Iterator[None]:
    """Removes a temporary file if an interrupt ends the process inside the block.

    Args:
        path: the file.
        create: creates it, at once.  Without that, the block creates it: an interrupt at that moment may leave it.
    """
    try:
        with _creation:
            _temporary.add(path)
            if create is not None:
                create()
        yield
    finally:
        _temporary.discard(path)


def end_on_interrupt() -> None:
    """Ends this process and its children on Ctrl-C and SIGTERM. Call it once, in the main thread.

    The exit code is 128 plus the number of the signal, as shells report it.
    """
    received, sent = os.pipe()
    os.set_blocking(sent, False)
    # Python runs signal handlers between two instructions of the main thread, which may be inside a query for minutes.
    # The C-level handler writes the signal's number to this pipe at once, and a separate thread reads it.
    signal.set_wakeup_fd(sent, warn_on_full_buffer=False)
    for number in _NAMES:
        signal.signal(number, _do_nothing)
    threading.Thread(target=_wait_for_signal, args=(received,), name="wait for an interrupt", daemon=True).start()


def _do_nothing(_number: int, _frame: object) -> None:
    """Does nothing: Python writes to the pipe only for a signal that has a Python handler."""


def _wait_for_signal(received: int) -> None:
    while True:
        number = os.read(received, 1)[0]
        if number in _NAMES:
            _end_process(number)


def _end_process(number: int) -> None:
    """Ends the process. It must not fail, because nothing is left that could report the failure."""
    try:
        name = _NAMES[signal.Signals(number)]
        # Bypasses the buffer of sys.stderr, because the main thread may hold its lock.
        text = f"ndtms: stopped by {name}; what has landed stays, nothing is left incomplete: run the command again\n"
        os.write(sys.stderr.fileno(), text.encode())
        # Never released, so that the main thread creates nothing afterwards; it may hang while it creates a file.
        _creation.acquire(timeout=_SECONDS_TO_CREATE)
        for path in list(_temporary):
            path.unlink(missing_ok=True)
        kill_children()
    finally:
        os._exit(128 + number)
