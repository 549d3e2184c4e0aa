"""Checks out another commit of this repository, to compare with."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]


@contextmanager
def checked_out(revision: str, folder: Path) -> Iterator[Path]:
    """Checks a commit out into a new folder, and removes it afterwards."""
    subprocess.run(["git", "worktree", "add", "--detach", "--quiet", folder, revision], check=True, cwd=ROOT)
    try:
        yield folder
    finally:
        subprocess.run(["git", "worktree", "remove", "--force", folder], check=True, cwd=ROOT)
