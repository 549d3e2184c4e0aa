"""Unpacks the single table in a gzip file or a ZIP archive."""

import gzip
import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from flows.support.errors import InputRefused
from flows.support.limits import Limits, size_in_bytes

_CHUNK = 2**20
# Small archives may have any ratio: a table that repeats one line is not an attack.
_RATIO_FROM = 64 * 2**20
_ENCRYPTED = 0x1


def unpack(content: bytes, name: str, member: str | None = None, limits: Limits | None = None) -> tuple[bytes, str]:
    """Returns the table in an archive and its name; returns any other file unchanged.

    Args:
        content: the bytes of the file.
        name: the name of the file.
        member: which file of a ZIP archive to read; None if the archive contains only one.
        limits: the maximum size of the table, in bytes and relative to the archive.

    Returns:
        The unpacked bytes and the name of the table.

    Raises:
        InputRefused: the archive is damaged, encrypted or too large, or does not contain exactly one table.
    """
    limits = limits or Limits()
    if name.lower().endswith(".gz"):
        with _convert_errors(name, "gzip file"), gzip.GzipFile(fileobj=io.BytesIO(content)) as stream:
            return _read_within(limits, stream, name, len(content)), name[:-3]
    if name.lower().endswith(".zip"):
        return _unpack_zip(content, name, member, limits)
    return content, name


def list_archive_members(content: bytes, name: str) -> list[str]:
    """Returns the names of the files in a ZIP archive, in its order.

    Raises:
        InputRefused: the archive is damaged.
    """
    with _convert_errors(name, "ZIP archive"), zipfile.ZipFile(io.BytesIO(content)) as archive:
        return [entry.filename for entry in archive.infolist() if not entry.is_dir()]


def _unpack_zip(content: bytes, name: str, member: str | None, limits: Limits) -> tuple[bytes, str]:
    with _convert_errors(name, "ZIP archive"), zipfile.ZipFile(io.BytesIO(content)) as archive:
        files = [file for file in archive.infolist() if not file.is_dir() and not _is_system_file(file.filename)]
        chosen = [file for file in files if member is None or file.filename == member]
        if len(chosen) != 1:
            contents = f"{len(files)} files" if member is None else f"no file {member!r}"
            raise InputRefused(
                f"{name}: the archive contains {contents}; it must contain one file, or `member` must name one"
            )
        if chosen[0].flag_bits & _ENCRYPTED:
            raise InputRefused(f"{name}: the ZIP archive is encrypted; decrypt it first")
        with archive.open(chosen[0]) as stream:
            return _read_within(limits, stream, name, len(content)), chosen[0].filename


def _read_within(limits: Limits, stream: IO[bytes] | gzip.GzipFile, name: str, packed: int) -> bytes:
    """Reads a whole stream within the limits; counts bytes, because the sizes an archive declares may be wrong."""
    largest = size_in_bytes(limits.unpacked_size)
    # Reads in chunks, so that an archive that unpacks to terabytes is stopped early.
    unpacked = bytearray()
    while chunk := stream.read(_CHUNK):
        unpacked += chunk
        if len(unpacked) > largest:
            raise InputRefused(
                f"{name}: the table in it is larger than {limits.unpacked_size}; raise unpacked_size in the"
                " settings to allow it"
            )
        if len(unpacked) > _RATIO_FROM and len(unpacked) > limits.unpacked_ratio * packed:
            raise InputRefused(
                f"{name}: the table in it is more than {limits.unpacked_ratio:.0f} times as large as the archive;"
                " raise unpacked_ratio in the settings to allow it"
            )
    return bytes(unpacked)


@contextmanager
def _convert_errors(name: str, what: str) -> Iterator[None]:
    """Converts any error from a damaged archive to one sentence: Python's modules raise a dozen types."""
    try:
        yield
    except (InputRefused, MemoryError):
        raise
    except Exception:
        raise InputRefused(f"{name}: the file is damaged, or is not a {what}; export it again") from None


def _is_system_file(name: str) -> bool:
    return name.startswith("__MACOSX/") or name.endswith(".DS_Store")
