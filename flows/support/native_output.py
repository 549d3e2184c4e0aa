"""What libraries written in other languages print: it could quote a record, so nobody sees it."""

import io
import os
import sys


def hide_native_output() -> None:
    """Sends file descriptor 2 to nowhere, and keeps `sys.stderr` on the terminal or file it had.

    polars prints a stack, with the values at hand, when one of its threads panics; an allocator prints
    before it aborts.  Child processes inherit the hidden descriptor.  Call it once per process.
    """
    sys.stderr.flush()
    kept = os.dup(2)
    sys.stderr = io.TextIOWrapper(
        os.fdopen(kept, "wb", 0), encoding="utf-8", errors="backslashreplace", write_through=True
    )
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
