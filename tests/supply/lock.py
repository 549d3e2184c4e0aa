"""Reads requirements.txt, which pins every package of an installation with its hashes."""

import re
from dataclasses import dataclass
from pathlib import Path

from packaging.utils import canonicalize_name
from packaging.version import Version

from flows.support.errors import InputRefused

LOCK = Path(__file__).parents[2] / "requirements.txt"
_PINNED = re.compile(
    r"(?P<name>[\w.-]+)(?:\[[^\]]*\])?==(?P<version>[^\s;*]+)(?:\s*;\s*(?P<marker>\S.*?))?"
    r"(?P<hashes>(?:\s+--hash=sha256:[0-9a-f]{64})+)"
)


@dataclass(frozen=True, order=True)
class Package:
    """A package of the lock.

    Attributes:
        name: its normalized name.
        version: its version, as the lock writes it.
        marker: the machines that install it, such as `sys_platform == 'win32'`; blank for all.
        hashes: the SHA-256 of each file of the version that may be installed, sorted.
    """

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]

    @property
    def parsed_version(self) -> Version:
        """The version, to compare with others."""
        return Version(self.version)


def read_lock(path: Path = LOCK) -> list[Package]:
    """Returns the packages of a lock, sorted.

    Raises:
        InputRefused: a line is not a requirement with one exact version and at least one hash.
    """
    packages = [
        _read_package(path, number, text)
        for number, text in _join_lines(path.read_text(encoding="utf-8"))
        if text and not text.startswith("#")
    ]
    if not packages:
        raise InputRefused(f"{path} pins no package; write it with `make lock`.")
    return sorted(packages)


def _join_lines(text: str) -> list[tuple[int, str]]:
    """Returns the lines with those that a backslash continues, each with the number of its first line."""
    lines: list[tuple[int, str]] = []
    continues = False
    for number, line in enumerate(text.splitlines(), start=1):
        part = line.rstrip().removesuffix("\\")
        if continues:
            first, before = lines.pop()
            lines.append((first, before + part))
        else:
            lines.append((number, part))
        continues = line.rstrip().endswith("\\")
    return [(number, line.strip()) for number, line in lines]


def _read_package(path: Path, number: int, text: str) -> Package:
    pinned = _PINNED.fullmatch(text)
    if pinned is None:
        raise InputRefused(
            f"{path}, line {number}: this is not a package with one version and its SHA-256 hashes; "
            "write the file with `make lock`."
        )
    hashes = sorted(word.removeprefix("--hash=sha256:") for word in pinned["hashes"].split())
    return Package(canonicalize_name(pinned["name"]), pinned["version"], pinned["marker"] or "", tuple(hashes))
