"""Prepares a process that runs one command and ends: what Python does for programs that run for long costs it time."""

import atexit
import gc
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_OBJECTS_BETWEEN_COLLECTIONS = 100_000


def collect_garbage_rarely() -> None:
    """Looks for cyclic garbage a hundred times less often than Python does.

    Loading libraries creates a million objects that stay, which Python would otherwise visit again and again.
    """
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS, *gc.get_threshold()[1:])


@contextmanager
def end_at_once() -> Iterator[None]:
    """Ends the process with the exit code of the block as soon as its threads and exit handlers have ended.

    Python would go on to free every object one by one, which takes longer than a short command's work: the system
    frees them at once.  Only for a block that ends with SystemExit; use it before libraries that register exit
    handlers are loaded, so that theirs run first.
    """
    codes: list[int] = []
    atexit.register(lambda: _end(*codes))
    try:
        yield
    except SystemExit as ended:
        if isinstance(ended.code, int):
            codes.append(ended.code)
        raise


def _end(code: int | None = None) -> None:
    if code is None:
        return
    logging.shutdown()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        # Python reports it when it flushes them itself.
        return
    os._exit(code)
