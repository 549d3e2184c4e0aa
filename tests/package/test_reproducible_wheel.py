"""The wheel has the same bytes wherever, whenever and by whomever it is built from the same files."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.snapshots import ROOT

pytestmark = pytest.mark.slow

_LIST_FILES = ("git", "ls-files", "--cached", "--others", "--exclude-standard", "-z")
BUILT_IN = "1767225600"  # The first of January 2026.


def copy_checkout(folder: Path, umask: int, modified: int) -> Path:
    """Copies the files of the checkout as another account would have them, last in alphabetical order first."""
    names = subprocess.run(_LIST_FILES, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    before = os.umask(umask)
    try:
        for name in sorted((name for name in names if (ROOT / name).is_file()), reverse=modified % 2 == 1):
            copy = folder / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, copy)
            os.utime(copy, (modified, modified))
    finally:
        os.umask(before)
    return folder


def build(checkout: Path, umask: int, moment: str | None) -> Path:
    """Builds the wheel as a release does, at a moment if one is given."""
    environment = {name: text for name, text in os.environ.items() if name != "SOURCE_DATE_EPOCH"}
    if moment is not None:
        environment["SOURCE_DATE_EPOCH"] = moment
    ran = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", "dist"],
        cwd=checkout, env=environment, umask=umask, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    [wheel] = (checkout / "dist").glob("*.whl")
    return wheel


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def checkouts(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The same files in two directories, with other permissions, times and order, one with caches of Python."""
    first = copy_checkout(tmp_path_factory.mktemp("first"), 0o022, modified=1_600_000_000)
    second = copy_checkout(tmp_path_factory.mktemp("second") / "deeper down", 0o077, modified=1_700_000_001)
    compiled = [sys.executable, "-m", "compileall", "-q", "flows/support"]
    subprocess.run(compiled, cwd=second, env=os.environ | {"PYTHONPYCACHEPREFIX": ""}, check=True)
    assert [*second.rglob("*.pyc")]
    assert (first / "flows/__init__.py").stat().st_mode != (second / "flows/__init__.py").stat().st_mode
    return first, second


@pytest.mark.parametrize("moment", [BUILT_IN, None], ids=["at a moment", "without SOURCE_DATE_EPOCH"])
def test_two_builds_have_the_same_bytes(checkouts: tuple[Path, Path], moment: str | None) -> None:
    first, second = build(checkouts[0], 0o022, moment), build(checkouts[1], 0o077, moment)
    assert first.name == second.name
    assert digest(first) == digest(second)


def test_the_comparison_sees_a_difference(checkouts: tuple[Path, Path]) -> None:
    earlier = digest(build(checkouts[0], 0o022, BUILT_IN))
    assert digest(build(checkouts[0], 0o022, str(int(BUILT_IN) + 2))) != earlier
