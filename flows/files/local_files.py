"""Accesses the files of this machine, with the methods of a file system of fsspec.

Most sources are on this machine, and loading fsspec takes longer than reading their files.
"""

import os
import shutil
from pathlib import Path
from typing import IO, Any


class LocalFiles:
    """The file system of this machine; its methods have the names and results of those of fsspec."""

    def isdir(self, path: str) -> bool:
        """Returns whether the path is a folder."""
        return os.path.isdir(path)  # noqa: PTH112 - false for every path that cannot be accessed

    def exists(self, path: str) -> bool:
        """Returns whether there is a file, a folder or a link."""
        return os.path.lexists(path)

    def info(self, path: str) -> dict[str, float]:
        """Returns the size of a file in bytes, and the time of its last change.

        Raises:
            OSError: the file is missing or cannot be accessed.
        """
        state = Path(path).stat()
        return {"size": state.st_size, "mtime": state.st_mtime}

    def open(self, path: str, mode: str) -> IO[Any]:
        """Opens a file for reading.

        Raises:
            OSError: the file cannot be opened.
        """
        return Path(path).open(mode)

    def pipe_file(self, path: str, content: bytes) -> None:
        """Writes the content of a file.

        Raises:
            OSError: the file cannot be written.
        """
        Path(path).write_bytes(content)

    def rm(self, path: str, *, recursive: bool) -> None:
        """Removes a file or a link, or a folder with its content.

        Raises:
            OSError: it cannot be removed.
        """
        if recursive and self.isdir(path) and not Path(path).is_symlink():
            shutil.rmtree(path)
        else:
            Path(path).unlink()
