"""Files that can be read to an end: not pipes, sockets or devices, which may never end."""

import stat
from pathlib import Path

from flows.support.errors import InputRefused, SourceUnreadable


def refuse_special_file(path: Path) -> None:
    """Raises InputRefused where a path is a pipe, a socket or a device.  A path with nothing there passes."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise InputRefused(f"{path}: a file is needed, and this is a pipe, a socket or a device")


def read_file(path: Path) -> bytes:
    """The bytes of a file.

    Raises:
        InputRefused: it is not there, or is no file.
        SourceUnreadable: it cannot be read this time.
    """
    refuse_special_file(path)
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise InputRefused(f"{path}: the file is missing") from None
    except OSError as error:
        raise SourceUnreadable(f"{path}: the file cannot be read ({error.strerror})") from None
