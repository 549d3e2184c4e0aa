"""Creates files and directories that only the account running the program can read.

Homes contain health records. The umask of the account must not decide who can read them, so all code that
writes to a home does so inside `private_files`.
"""

import os
from contextlib import ContextDecorator
from pathlib import Path
from types import TracebackType

# Directories 0700, files 0600.
_PRIVATE_UMASK = 0o077


class private_files(ContextDecorator):  # noqa: N801 since it is used like a function
    """Makes every file (0600) and directory (0700) private that the block or decorated function creates.

    The umask belongs to the process, so it also applies to files that DuckDB and polars create. This is a class
    and not a generator, so that a flow decorated with it can be sent to other processes.
    """

    def __init__(self) -> None:
        self._before: list[int] = []

    def __enter__(self) -> None:
        """Sets the umask."""
        self._before.append(os.umask(_PRIVATE_UMASK))

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Restores the umask."""
        os.umask(self._before.pop())


def make_directory(path: Path) -> Path:
    """Creates a directory, and its parents, that only this account can read; keeps an existing one as it is.

    Returns:
        The path, so that the call can be chained.

    Raises:
        OSError: the directory cannot be created.
    """
    with private_files():
        path.mkdir(parents=True, exist_ok=True)
    return path
