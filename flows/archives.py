"""Archives: the one table in a gzip file or a ZIP archive."""

import gzip
import io
import zipfile
import zlib

from flows.errors import InputRefused

# Far above any table of a year; an archive that holds more is none of ours.
_LARGEST = 16 * 2**30


def unpacked(content: bytes, name: str, member: str | None = None) -> tuple[bytes, str]:
    """The table in an archive and its name; anything else as it is.

    Args:
        content: the bytes of the file.
        name: what the file is called.
        member: which file of a ZIP archive; None where it holds one alone.

    Raises:
        InputRefused: the archive is damaged, encrypted, or does not hold just one table.
    """
    if name.lower().endswith(".gz"):
        try:
            return gzip.decompress(content), name[:-3]
        except (OSError, EOFError, zlib.error):
            raise InputRefused(f"{name}: the gzip file is damaged, or none") from None
    if name.lower().endswith(".zip"):
        return _from_zip(content, name, member)
    return content, name


def _from_zip(content: bytes, name: str, member: str | None) -> tuple[bytes, str]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            files = [each for each in archive.infolist() if not each.is_dir() and not _is_litter(each.filename)]
            chosen = [each for each in files if member is None or each.filename == member]
            if len(chosen) != 1:
                held = f"{len(files)} files" if member is None else f"no file {member!r}"
                raise InputRefused(f"{name}: the archive holds {held}; one is needed, or its name as `member`")
            if chosen[0].file_size > _LARGEST:
                raise InputRefused(f"{name}: {chosen[0].filename} is larger than 16 GiB")
            return archive.read(chosen[0]), chosen[0].filename
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError):
        raise InputRefused(f"{name}: the ZIP archive is damaged, or none") from None
    except RuntimeError:
        raise InputRefused(f"{name}: the ZIP archive is encrypted; a plain one is needed") from None


def _is_litter(name: str) -> bool:
    return name.startswith("__MACOSX/") or name.endswith(".DS_Store")
