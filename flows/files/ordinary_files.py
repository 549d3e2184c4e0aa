"""Reads ordinary files and refuses pipes, sockets and devices, which may never end."""

import stat
from pathlib import Path

from flows.support.errors import InputRefused, SourceUnreadable


def refuse_special_file(path: Path) -> None:
    """Refuses a path that is a pipe, a socket or a device; accepts a path that does not exist.

    Raises:
        InputRefused: the path is a pipe, a socket or a device.
    """
    try:
        mode = path.stat().st_mode
    except OSError:
        return
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise InputRefused(f"{path}: this is a pipe, a socket or a device, but a file is needed")


def read_file(path: Path) -> bytes:
    """Reads the bytes of a file.

    Raises:
        InputRefused: the path is missing, or is a pipe, a socket or a device.
        SourceUnreadable: the file cannot be read now.
    """
    refuse_special_file(path)
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise InputRefused(f"{path}: the file is missing; check its path") from None
    except OSError as error:
        raise SourceUnreadable(
            f"{path}: the file cannot be read ({error.strerror}); check the file and who may read it"
        ) from None
