"""The version of this software, and which build of it runs."""

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

_DISTRIBUTION = "ndtms-submission"
_PROJECT = Path(__file__).parents[2]
# Everything that decides what the program does.
_PACKAGES = ("flows", "transforms", "schemas", "sql", "data/audit", "data/authorities", "data/dataset_r")
_LENGTH = 10


@cache
def read_software_version() -> str:
    """Returns the version of this software."""
    return version(_DISTRIBUTION)


@cache
def read_build() -> str:
    """Returns the version with a digest of the program's files, which differs between any two commits of a version.

    A wheel, an image and a clone of one commit have the same build.
    """
    return f"{read_software_version()}+{hash_program(_PROJECT)}"


def hash_program(project: Path) -> str:
    """Returns the first digits of a SHA-256 over the paths and contents of the program's files.

    Args:
        project: the directory with the packages of the program.
    """
    digest = hashlib.sha256()
    for package in _PACKAGES:
        for path in sorted((project / package).rglob("*")):
            # The compiler's cache is not a part of the program.
            if path.is_file() and path.parent.name != "__pycache__":
                content = path.read_bytes()
                digest.update(f"{path.relative_to(project).as_posix()}\0{len(content)}\0".encode())
                digest.update(content)
    return digest.hexdigest()[:_LENGTH]
