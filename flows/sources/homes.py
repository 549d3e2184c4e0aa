"""Finds several homes, by their paths or by patterns of paths."""

from collections.abc import Sequence
from glob import escape, glob
from pathlib import Path

from flows.sources.request import find_home
from flows.support.errors import InputRefused


def find_homes(patterns: Sequence[str]) -> list[Path]:
    """Returns the directories that paths and patterns such as `/srv/ndtms/*` select.

    Returns:
        The directories in the order of the patterns, those of one pattern by name, and none of them twice.

    Raises:
        InputRefused: a pattern selects no directory, or the path of one contains a question mark.
    """
    found: dict[Path, Path] = {}
    for pattern in patterns:
        selected = [path for path in _match(pattern) if path.is_dir()]
        if not selected:
            raise InputRefused(
                f"--homes is {pattern!r}, which selects no directory; allowed: the path of a home, or a pattern in"
                " quotes such as '/srv/ndtms/*'"
            )
        for path in selected:
            home = find_home(path)
            found.setdefault(home.resolve(), home)
    return list(found.values())


def _match(pattern: str) -> list[Path]:
    # The name of a directory may itself contain wildcards.  `Path.glob` would also match hidden directories.
    paths = glob(escape(pattern)) or sorted(glob(pattern))  # noqa: PTH207
    return [Path(path) for path in paths]
