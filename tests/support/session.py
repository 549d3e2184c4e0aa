"""Runs pytest, and then looks for what the tests left behind: python -m tests.support.session [PYTEST OPTIONS].

Processes are found by a variable that every process of a test inherits.  Files may be in the temporary folder of
the session, which is removed, and in the caches of the tools; nowhere else in the project, in the home of the
account or among temporary files.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

from tests.support.processes import processes_left

ROOT = Path(__file__).parents[2]
_MARK = "NDTMS_TEST_SESSION"
_SECONDS_TO_END = 10.0
_CACHES = {
    ".git", ".venv", "__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis",
    ".import_linter_cache",
}  # fmt: skip
# Of temporary files only those that a test of ours may have made: other programs make theirs meanwhile.
_OURS = ("ndtms", "pytest-of-", "prefect", "dask", "audit", "L0001")


def main(options: list[str]) -> int:
    """Runs the tests.  Returns pytest's exit code, or 1 where something was left behind."""
    # A short name: sockets of servers are below it, and their paths must not be long.
    mark, folder = uuid.uuid4().hex, Path(tempfile.mkdtemp(prefix="ndtms"))
    environment = os.environ | {_MARK: mark, "TMPDIR": str(folder), "PREFECT_HOME": str(folder / "prefect-home")}
    before = set(_files(folder))
    code = subprocess.run([sys.executable, "-m", "pytest", *options], env=environment, cwd=ROOT, check=False).returncode
    left = [*processes_left(mark, _SECONDS_TO_END, _MARK), *sorted(set(_files(folder)) - before)]
    shutil.rmtree(folder, ignore_errors=True)
    for text in left:
        sys.stdout.write(f"left behind: {text}\n")
    if not left:
        sys.stdout.write("no process and no file was left behind\n")
    return code or bool(left)


def _files(session: Path) -> Iterator[str]:
    """Everything that there is now, but for caches and the folder of the session."""
    for place, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in _CACHES]
        yield from (str(Path(place, name)) for name in names)
    account = Path.home()
    yield from (str(path) for path in account.iterdir() if path.name not in (".cache", ".local"))
    yield from (str(path) for path in (account / ".prefect").rglob("*"))
    temporary = session.parent
    yield from (str(path) for path in temporary.iterdir() if path.name.startswith(_OURS) and path != session)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
