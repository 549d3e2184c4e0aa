"""Makes files and directories that only the account which runs the program can read.

Homes hold health records.  The umask of the account must not decide who reads them, so everything
that writes to a home does it inside `private_files`.
"""

import os
from contextlib import ContextDecorator
from pathlib import Path
from types import TracebackType

# Directories 0700, files 0600.
_PRIVATE_UMASK = 0o077


class private_files(ContextDecorator):  # noqa: N801 since it is used like a function
    """Creates everything private inside the block, or the decorated function: directories 0700, files 0600.

    The umask belongs to the process, so it also applies to files that DuckDB and polars create.  This is a class
    and no generator, so that a flow which it decorates can be sent to other processes.
    """

    def __init__(self) -> None:
        self._before: list[int] = []

    def __enter__(self) -> None:
        """Sets the umask."""
        self._before.append(os.umask(_PRIVATE_UMASK))

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Puts the umask back."""
        os.umask(self._before.pop())


def make_directory(path: Path) -> Path:
    """Makes a directory, and its parents, that only this account can read; an existing one stays as it is.

    Returns:
        The path, so that the call can be chained.

    Raises:
        OSError: it cannot be made.
    """
    with private_files():
        path.mkdir(parents=True, exist_ok=True)
    return path
