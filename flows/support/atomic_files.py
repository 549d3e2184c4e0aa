"""Writes files that appear complete or not at all, and that survive a power cut."""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from flows.support.interrupts import remove_on_interrupt


def write_atomically(path: Path, content: bytes) -> None:
    """Writes a file next to its target, syncs it, and moves it to the target.

    Args:
        path: the target, which is replaced or created.
        content: the bytes to write.

    Raises:
        OSError: the file cannot be written; the previous file is unchanged.
    """
    replace_atomically(path, lambda part: part.write_bytes(content))


def replace_atomically(path: Path, write: Callable[[Path], object]) -> None:
    """Lets `write` create a file next to the target, syncs it, and moves it to the target.

    A kill at any instant leaves the previous file unchanged, and at most a `.part` file that the next write
    replaces.

    Args:
        path: the target, which is replaced or created.
        write: creates a file at the path it receives.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = part_path(path)
    with remove_on_interrupt(part):
        try:
            write(part)
            sync(part)
            part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
    sync_folder(path.parent)


def part_path(path: Path) -> Path:
    """Returns the path of the file that is written next to a target, before it is moved there."""
    return path.with_name(f".{path.name}.part")


def sync(path: Path) -> None:
    """Syncs a file to disk, so that its content survives a power cut."""
    with path.open("rb") as handle:
        os.fsync(handle.fileno())


def sync_folder(folder: Path) -> None:
    """Syncs a folder to disk, so that renames in it survive a power cut, if the system can sync folders."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
