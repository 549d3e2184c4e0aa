"""The key of a home with which ids that must not be stored are recognised again in another month.

An id that holds a date of birth is stored as `***`. Its keyed hash distinguishes it from other such ids, and nobody
without the key can find the id by trying all dates.
"""

import secrets
from pathlib import Path

from flows.support.atomic_files import write_atomically
from flows.support.errors import InputRefused
from flows.support.private_files import private_files

KEY_FILE = "fingerprint.key"
_BYTES = 32


def create_fingerprint_key(home: Path) -> None:
    """Creates the key of a home if it has none.  Only the process that holds the home's lock may call it.

    Raises:
        InputRefused: the key cannot be written.
    """
    path = home / KEY_FILE
    if path.exists():
        return
    try:
        with private_files():
            write_atomically(path, secrets.token_bytes(_BYTES))
    except OSError as error:
        raise InputRefused(f"{home}: the home cannot be written ({error.strerror}); choose another --home") from None


def read_fingerprint_key(home: Path) -> bytes:
    """Returns the key of a home; blank if it has none yet, and therefore no runs to compare with.

    Raises:
        InputRefused: the key cannot be read, or is not a key.
    """
    path = home / KEY_FILE
    try:
        key = path.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise InputRefused(f"{path}: the key cannot be read ({error.strerror}); run as its owner") from None
    if len(key) != _BYTES:
        raise InputRefused(
            f"{path}: this is not a key of {_BYTES} bytes; restore it from a backup, or delete it, so that the next run"
            " creates another"
        )
    return key
