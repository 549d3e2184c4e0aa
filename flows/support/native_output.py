"""Hides what native libraries print, because it may quote a record."""

import io
import os
import sys


def hide_native_output() -> None:
    """Redirects file descriptor 2 to the null device, and keeps `sys.stderr` on its terminal or file.

    polars prints a stack trace, including values, when one of its threads panics; an allocator prints before it
    aborts. Child processes inherit the redirected descriptor. Call it once per process.
    """
    sys.stderr.flush()
    visible = os.dup(2)
    sys.stderr = io.TextIOWrapper(
        os.fdopen(visible, "wb", 0), encoding="utf-8", errors="backslashreplace", write_through=True
    )
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
