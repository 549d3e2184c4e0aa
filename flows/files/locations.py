"""Places: where a source's files lie, on this machine or behind a URL (s3, abfs, sftp), by fsspec.

Credentials come from the environment alone: NDTMS_<PROTOCOL>_OPTIONS holds the options of the file
system as JSON, or `block:NAME`, the name of a Prefect secret that holds them.
"""

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import fsspec

from flows.files.ordinary_files import refuse_special_file
from flows.support.errors import InputRefused, SourceUnreadable

_SECRETS = "block:"
# The one that knows hosts by their keys; fsspec's own takes any host for the right one.
fsspec.register_implementation("sftp", "sshfs.SSHFileSystem", clobber=True)


@dataclass(frozen=True)
class Place:
    """A file or a folder, by its path or URL."""

    url: str

    def __str__(self) -> str:
        """The path or URL as messages and the audit show it: without the user and the query, which may be secret."""
        return shown_url(self.url)

    def __truediv__(self, name: str) -> "Place":
        """What lies in a folder; a whole path or URL stands for itself."""
        if "://" in name:
            return Place(name)
        return Place(f"{self.url.rstrip('/')}/{name}") if self.is_remote else Place(str(Path(self.url) / name))

    @property
    def is_remote(self) -> bool:
        """Whether it is behind a URL."""
        return "://" in self.url

    @property
    def name(self) -> str:
        """The last part."""
        return self.url.rstrip("/").rpartition("/")[2] if self.is_remote else Path(self.url).name

    def is_folder(self) -> bool:
        """Whether it can hold files.  A folder of an object store is there once something lies in it."""
        return self._asked("isdir")

    def exists(self) -> bool:
        """Whether there is such a file or folder."""
        return self._asked("exists")

    def matching(self, pattern: str) -> list["Place"]:
        """The files and folders in a folder that a pattern with wildcards fits, in order."""
        if "://" in pattern:
            # A URL of its own: the folder is all before the part that holds the first wildcard.
            folder = re.split(r"[*?[]", pattern, maxsplit=1)[0].rpartition("/")[0]
            return Place(folder).matching(pattern.removeprefix(f"{folder}/"))
        if not self.is_remote:
            # Not the folder's own name: what is a wildcard in a pattern may be a letter there.
            whole = Path(pattern)
            folder = whole.anchor or self.url
            paths = Path(folder).glob(str(whole.relative_to(whole.anchor)))
            return [Place(str(path)) for path in sorted(paths)]
        system, path = self._system()
        try:
            found = sorted(system.glob(f"{path.rstrip('/')}/{pattern}"))
        except (OSError, PermissionError) as error:
            raise self._unreadable(error) from None
        return [self._beside(each) for each in found]

    def read(self) -> bytes:
        """The whole content.

        Raises:
            InputRefused: there is no such file.
            SourceUnreadable: it can't be read this time, or somebody is still writing it.
        """
        if not self.is_remote:
            refuse_special_file(Path(self.url))
        system, path = self._system()
        try:
            before = _state(system, path)
            with system.open(path, "rb") as handle:
                content: bytes = handle.read()
            after = _state(system, path)
        except FileNotFoundError:
            raise InputRefused(f"{self}: the file is missing") from None
        except IsADirectoryError:
            raise InputRefused(f"{self}: a file is needed, and this is a folder") from None
        except Exception as error:
            raise self._unreadable(error) from None
        if before != after or (before[0] is not None and before[0] != len(content)):
            raise SourceUnreadable(f"{self}: the file is still being written; try again when it is whole")
        return content

    def write(self, content: bytes) -> None:
        """Writes the whole content.  Raises SourceUnreadable where that can't be done."""
        system, path = self._system()
        try:
            system.pipe_file(path, content)
        except Exception as error:
            raise self._unreadable(error) from None

    def remove(self) -> None:
        """Removes a folder and what is in it; nothing where there is none."""
        system, path = self._system()
        try:
            if system.exists(path):
                system.rm(path, recursive=True)
        except Exception as error:
            raise self._unreadable(error) from None

    def _asked(self, question: str) -> bool:
        system, path = self._system()
        try:
            return bool(getattr(system, question)(path))
        except Exception as error:
            raise self._unreadable(error) from None

    def _beside(self, path: str) -> "Place":
        if not self.is_remote:
            return Place(str(path))
        parts = urlsplit(self.url)
        return Place(
            f"{parts.scheme}://{path.lstrip('/')}" if parts.scheme != "sftp" else f"sftp://{parts.netloc}{path}"
        )

    def _system(self) -> tuple[Any, str]:
        if not self.is_remote:
            return fsspec.filesystem("file"), self.url
        protocol = urlsplit(self.url).scheme
        try:
            system, path = fsspec.core.url_to_fs(self.url, **_options(protocol))
        except ImportError:
            raise InputRefused(
                f"{self}: places of {protocol}:// need a package more; install the extra for it (docs/places.md)"
            ) from None
        except ValueError:
            raise InputRefused(f"{self}: {protocol}:// is no kind of place that is known") from None
        except Exception as error:
            raise self._unreadable(error) from None
        return system, str(path)

    def _unreadable(self, error: BaseException) -> SourceUnreadable:
        # Not the error's own text: it may quote credentials.
        return SourceUnreadable(f"{self}: it cannot be read ({type(error).__name__})")


def shown_url(text: str) -> str:
    """A path as it is; of a URL its protocol, host and path alone: users, tokens and queries may be secret."""
    if "://" not in text:
        return text
    try:
        parts = urlsplit(text)
        host = parts.netloc.rpartition("@")[2]
    except ValueError:
        return f"{text.partition('://')[0]}://..."
    return f"{parts.scheme}://{host}{parts.path}"


def place_of(text: str) -> Place:
    """A place from what was typed, or stands in a mapping.

    Raises:
        InputRefused: it holds a password.
    """
    if "://" in text and urlsplit(text).password:
        raise InputRefused(
            f"{urlsplit(text).scheme}://...: a URL with a password; credentials come from the environment or a"
            " Prefect block (docs/places.md)"
        )
    return Place(text if "://" in text else str(Path(text)))


def _state(system: Any, path: str) -> tuple[int | None, str]:
    found = system.info(path)
    changed = found.get("mtime") or found.get("LastModified") or found.get("last_modified") or ""
    return found.get("size"), str(changed)


def _options(protocol: str) -> dict[str, Any]:
    """Options of a file system, from the environment.  A listing is never kept: files come and change."""
    name = f"NDTMS_{protocol.upper()}_OPTIONS"
    text = os.environ.get(name, "")
    if text.startswith(_SECRETS):
        # Prefect takes a second to load, and only those who keep secrets in it need it here.
        from flows.support.prefect_secrets import secret  # noqa: PLC0415

        text = secret(text.removeprefix(_SECRETS))
    try:
        options = json.loads(text) if text else {}
    except ValueError:
        raise InputRefused(f"{name}: the options of {protocol}:// are no JSON") from None
    if not isinstance(options, dict):
        raise InputRefused(f"{name}: the options of {protocol}:// are no JSON object")
    return options if protocol == "sftp" else {"use_listings_cache": False, **options}
