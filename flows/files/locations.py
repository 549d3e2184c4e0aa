"""Accesses a source's files on this machine or, with fsspec, behind a URL (s3, abfs, sftp).

Credentials come from the environment only: NDTMS_<PROTOCOL>_OPTIONS contains the options of the file system as
JSON, or `block:NAME`, the name of a Prefect secret that contains them.
"""

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flows.files.local_files import LocalFiles
from flows.files.ordinary_files import refuse_special_file
from flows.support.errors import InputRefused, SourceUnreadable

_SECRETS = "block:"


@dataclass(frozen=True)
class Location:
    """Identifies a file or a folder by its path or URL."""

    url: str

    def __str__(self) -> str:
        """Returns the path or URL for messages and the audit, without the user and query, which may be secret."""
        return redact_url(self.url)

    def __truediv__(self, name: str) -> "Location":
        """Returns the location of a name in a folder; an absolute path or URL replaces the folder."""
        if "://" in name:
            return Location(name)
        return Location(f"{self.url.rstrip('/')}/{name}") if self.is_remote else Location(str(Path(self.url) / name))

    @property
    def is_remote(self) -> bool:
        """Returns whether it is a URL."""
        return "://" in self.url

    @property
    def name(self) -> str:
        """Returns the last part of the path."""
        return self.url.rstrip("/").rpartition("/")[2] if self.is_remote else Path(self.url).name

    def is_folder(self) -> bool:
        """Returns whether it is a folder. A folder of an object store exists once it contains a file."""
        return self._query("isdir")

    def exists(self) -> bool:
        """Returns whether the file or folder exists."""
        return self._query("exists")

    def matching(self, pattern: str) -> list["Location"]:
        """Returns the files and folders in a folder that match a pattern with wildcards, sorted.

        Raises:
            InputRefused: the pattern has `**` in a part of a name.
        """
        if any("**" in part and part != "**" for part in pattern.split("/")):
            raise InputRefused(
                f"{redact_url(pattern)}: ** means folders, as in **/clients.csv; for a part of a name write *"
            )
        if "://" in pattern:
            # For a pattern that is a URL, the folder is everything before the part with the first wildcard.
            folder = re.split(r"[*?[]", pattern, maxsplit=1)[0].rpartition("/")[0]
            return Location(folder).matching(pattern.removeprefix(f"{folder}/"))
        if not self.is_remote:
            # The folder is not part of the pattern: its name may contain characters that are wildcards there.
            full_pattern = Path(pattern)
            folder = full_pattern.anchor or self.url
            paths = Path(folder).glob(str(full_pattern.relative_to(full_pattern.anchor)))
            return [Location(str(path)) for path in sorted(paths)]
        system, path = self._open_system()
        try:
            matches = sorted(system.glob(f"{path.rstrip('/')}/{pattern}"))
        except (OSError, PermissionError) as error:
            raise self._read_error(error) from None
        return [self._locate(match) for match in matches]

    def read(self) -> bytes:
        """Reads the whole content.

        Raises:
            InputRefused: the file is missing.
            SourceUnreadable: the file cannot be read now, or another process is still writing it.
        """
        if not self.is_remote:
            refuse_special_file(Path(self.url))
        system, path = self._open_system()
        try:
            before = _read_state(system, path)
            with system.open(path, "rb") as handle:
                content: bytes = handle.read()
            after = _read_state(system, path)
        except FileNotFoundError:
            raise InputRefused(f"{self}: the file is missing; check its path") from None
        except IsADirectoryError:
            raise InputRefused(f"{self}: this is a folder, but a file is needed") from None
        except Exception as error:
            raise self._read_error(error) from None
        if before != after or (before[0] is not None and before[0] != len(content)):
            raise SourceUnreadable(f"{self}: the file is still being written; try again when it is complete")
        return content

    def write(self, content: bytes) -> None:
        """Writes the whole content.

        Raises:
            SourceUnreadable: the file cannot be written.
        """
        system, path = self._open_system()
        try:
            system.pipe_file(path, content)
        except Exception as error:
            raise self._read_error(error) from None

    def remove(self) -> None:
        """Removes a folder and its contents, if it exists.

        Raises:
            SourceUnreadable: the folder cannot be removed.
        """
        system, path = self._open_system()
        try:
            if system.exists(path):
                system.rm(path, recursive=True)
        except Exception as error:
            raise self._read_error(error) from None

    def _query(self, question: str) -> bool:
        system, path = self._open_system()
        try:
            return bool(getattr(system, question)(path))
        except Exception as error:
            raise self._read_error(error) from None

    def _locate(self, path: str) -> "Location":
        if not self.is_remote:
            return Location(str(path))
        parts = urlsplit(self.url)
        return Location(
            f"{parts.scheme}://{path.lstrip('/')}" if parts.scheme != "sftp" else f"sftp://{parts.netloc}{path}"
        )

    def _open_system(self) -> tuple[Any, str]:
        if not self.is_remote:
            return LocalFiles(), str(Path(self.url).expanduser())
        # Loaded here, because the files of most sources are on this machine.
        import fsspec  # noqa: PLC0415

        # sshfs checks the keys of hosts; fsspec's own implementation trusts any host.
        fsspec.register_implementation("sftp", "sshfs.SSHFileSystem", clobber=True)
        protocol = urlsplit(self.url).scheme
        options = _load_options(protocol)
        try:
            system, path = fsspec.core.url_to_fs(self.url, **options)
        except ImportError:
            raise InputRefused(
                f"{self}: {protocol}:// needs another package; install the extra for it (docs/places.md)"
            ) from None
        except ValueError:
            raise InputRefused(
                f"{self}: the protocol {protocol}:// is not supported; docs/places.md lists those that are"
            ) from None
        except Exception as error:
            raise self._read_error(error) from None
        return system, str(path)

    def _read_error(self, error: BaseException) -> SourceUnreadable:
        # The message omits the error's text, which may quote credentials.
        return SourceUnreadable(
            f"{self}: it cannot be accessed ({type(error).__name__}); check the address and the login (docs/places.md)"
        )


def redact_url(text: str) -> str:
    """Returns a path unchanged, and of a URL only protocol, host and path: user, token and query may be secret."""
    if "://" not in text:
        return text
    try:
        parts = urlsplit(text)
        host = parts.netloc.rpartition("@")[2]
    except ValueError:
        return f"{text.partition('://')[0]}://..."
    return f"{parts.scheme}://{host}{parts.path}"


def parse_location(text: str) -> Location:
    """Parses a path or URL from the command line or a mapping.

    Raises:
        InputRefused: the URL contains a password.
    """
    if "://" in text and urlsplit(text).password:
        raise InputRefused(
            f"{urlsplit(text).scheme}://...: the URL contains a password; credentials come from the environment or a"
            " Prefect block (docs/places.md)"
        )
    return Location(text if "://" in text else str(Path(text)))


def _read_state(system: Any, path: str) -> tuple[int | None, str]:
    info = system.info(path)
    changed = info.get("mtime") or info.get("LastModified") or info.get("last_modified") or ""
    return info.get("size"), str(changed)


def _load_options(protocol: str) -> dict[str, Any]:
    """Loads the options of a file system. Listings are not cached, because files come and change."""
    name = f"NDTMS_{protocol.upper()}_OPTIONS"
    text = os.environ.get(name, "")
    if text.startswith(_SECRETS):
        # Prefect takes a second to import, so only sites that store secrets in it import it here.
        from flows.support.prefect_secrets import load_secret  # noqa: PLC0415

        text = load_secret(text.removeprefix(_SECRETS))
    try:
        options = json.loads(text) if text else {}
    except ValueError:
        raise InputRefused(
            f"{name}: the options of {protocol}:// are not valid JSON; allowed: an object (docs/places.md)"
        ) from None
    if not isinstance(options, dict):
        raise InputRefused(
            f"{name}: the options of {protocol}:// are not a JSON object; allowed: an object (docs/places.md)"
        )
    return options if protocol == "sftp" else {"use_listings_cache": False, **options}
