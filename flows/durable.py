"""Files that appear whole or not at all, and last."""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


def write_whole(path: Path, content: bytes) -> None:
    """Writes a file beside its place, makes it last, and moves it there."""

    def write(beside: Path) -> None:
        beside.write_bytes(content)

    place_whole(path, write)


def place_whole(path: Path, write: Callable[[Path], None]) -> None:
    """Lets `write` make a file beside its place, makes it last, and moves it there.

    A kill at any instant leaves what stood there before, and at most a `.part` file that the next
    write replaces.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.part")
    try:
        write(beside)
        sync(beside)
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync(path: Path) -> None:
    """Makes a file's content last through a power cut."""
    with path.open("rb") as handle:
        os.fsync(handle.fileno())


def sync_folder(folder: Path) -> None:
    """Makes renames in a folder last, where the system lets a folder be synced."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
