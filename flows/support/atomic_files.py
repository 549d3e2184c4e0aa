"""Files that appear whole or not at all, and survive a power cut."""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from flows.support.interrupts import removed_on_interrupt


def write_atomically(path: Path, content: bytes) -> None:
    """Writes a file next to its place, syncs it, and moves it there.

    Raises:
        OSError: it cannot be written; what was there before is still there.
    """
    replace_atomically(path, lambda part: part.write_bytes(content))


def replace_atomically(path: Path, write: Callable[[Path], object]) -> None:
    """Lets `write` make a file next to its place, syncs it, and moves it there.

    A kill at any instant leaves what was there before, and at most a `.part` file that the next
    write replaces.

    Args:
        path: the file that is replaced, or made.
        write: makes a file at the path it is given.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    with removed_on_interrupt(part):
        try:
            write(part)
            sync(part)
            part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
    sync_folder(path.parent)


def sync(path: Path) -> None:
    """Makes a file's content survive a power cut."""
    with path.open("rb") as handle:
        os.fsync(handle.fileno())


def sync_folder(folder: Path) -> None:
    """Makes renames in a folder survive a power cut, where the system lets a folder be synced."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
