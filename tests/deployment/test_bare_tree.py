"""What the image runs, in a bare tree with the packages of the runtime lock, by an account that has no other rights."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path

import pytest

from tests.support.homes import SUBMISSION_FILE
from tests.support.snapshots import ROOT

# An account that owns nothing, so that a search finds all that it wrote.
ACCOUNT = 61_413
WRITABLE_BY_ALL = ("/tmp", "/var/tmp", "/dev/shm", "/run")
EXAMPLE = ("--source", "orchard", "--agency", "L0001", "--period", "2023-04", "--extracted-on", "2023-05-03")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can run as another account"),
    pytest.mark.skipif(shutil.which("setpriv") is None, reason="setpriv is not installed"),
]


def list_locked() -> list[str]:
    """Returns the names of the packages of the runtime lock that are meant for this system and Python."""
    from packaging.requirements import Requirement

    lines = re.findall(r"(?m)^([\w.\[\],-]+==[^\\\n]+)", (ROOT / "requirements.txt").read_text(encoding="utf-8"))
    locked = [Requirement(line.strip()) for line in lines]
    return [package.name for package in locked if package.marker is None or package.marker.evaluate()]


def list_linked() -> list[str]:
    """Returns the packages that the image has links to in the directory that it runs in."""
    return re.findall(r'"\$PWD/(\w+)"', (ROOT / "deploy" / "Containerfile").read_text(encoding="utf-8"))


def link_packages(folder: Path) -> None:
    """Fills a directory with links to the packages of the runtime lock, and to no other."""
    folder.mkdir()
    for name in list_locked():
        try:
            files = distribution(name).files or []
        except ModuleNotFoundError:
            # An extra that the environment of the tests lacks.
            continue
        for top in {file.parts[0] for file in files if file.parts[0] not in ("..", "__pycache__")}:
            if not (folder / top).exists():
                (folder / top).symlink_to(Path(str(distribution(name).locate_file(top))))


def copy_python(folder: Path) -> None:
    """Copies this Python without its packages: the account may not be able to read it where it is."""
    base, name = Path(sys.base_prefix), f"python{sys.version_info.major}.{sys.version_info.minor}"
    (folder / "bin").mkdir(parents=True)
    shutil.copy(base / "bin" / name, folder / "bin" / "python")
    left_out = shutil.ignore_patterns("site-packages", "dist-packages", "test", "__pycache__", "config-*")
    shutil.copytree(base / "lib" / name, folder / "lib" / name, ignore=left_out)
    for library in (base / "lib").glob(f"lib{name}*.so*"):
        shutil.copy(library, folder / "lib" / library.name)


@pytest.fixture
def tree() -> Iterator[Path]:
    """The tree of the image: `python`, `packages`, `program`, `opt` and `volume`, the only place to write."""
    folder = Path(tempfile.mkdtemp(prefix="ndtms-tree-"))
    folder.chmod(0o755)
    copy_python(folder / "python")
    link_packages(folder / "packages")
    # The directory that the image runs in: links to the packages, through which flows are loaded.
    (folder / "opt").mkdir()
    for name in list_linked():
        (folder / "opt" / name).symlink_to(folder / "program" / name)
    for name in ("flows", "transforms", "schemas", "sql", "data"):
        shutil.copytree(ROOT / name, folder / "program" / name, ignore=shutil.ignore_patterns("__pycache__"))
    # The version is that of the installed package.
    for metadata in Path(sys.prefix).glob("lib/python*/site-packages/ndtms_submission-*.dist-info"):
        (folder / "program" / metadata.name).symlink_to(metadata)
    (folder / "volume").mkdir(mode=0o700)
    os.chown(folder / "volume", ACCOUNT, ACCOUNT)
    yield folder
    shutil.rmtree(folder)


def run(tree: Path, *words: object) -> "subprocess.CompletedProcess[str]":
    python = tree / "python" / "bin" / "python"
    account = ("setpriv", f"--reuid={ACCOUNT}", f"--regid={ACCOUNT}", "--clear-groups", "--no-new-privs")
    volume, paths = tree / "volume", (tree / "program", tree / "packages")
    environment = {
        "PATH": "/usr/bin:/bin", "PYTHONPATH": ":".join(map(str, paths)), "PYTHONDONTWRITEBYTECODE": "1",
        "LD_LIBRARY_PATH": str(tree / "python" / "lib"),
        "HOME": str(volume), "NDTMS_HOME": str(volume / "home"), "PREFECT_HOME": str(volume / "prefect"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false", "DO_NOT_TRACK": "1", "NDTMS_LOG": "json",
    }  # fmt: skip
    return subprocess.run(
        [*account, python, "-m", *map(str, words)],
        cwd=tree / "opt", env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


def list_written(tree: Path) -> set[Path]:
    """Returns what the account wrote outside of its volume, wherever any account may write."""
    search = ["find", *(place for place in WRITABLE_BY_ALL if Path(place).is_dir()), "-uid", str(ACCOUNT)]
    found = subprocess.run(search, capture_output=True, text=True, check=False).stdout.splitlines()
    return {path for path in map(Path, found) if not path.is_relative_to(tree / "volume")}


@pytest.fixture
def readable(tree: Path) -> Path:
    """The tree, if the account can read Python and the packages at all."""
    ran = run(tree, "polars")
    if "No module named polars.__main__" not in ran.stderr:
        pytest.skip(f"another account cannot read the packages of this environment: {ran.stderr[-200:]}")
    return tree


@pytest.mark.parametrize("more", [(), ("--orchestrate",)], ids=["alone", "with a Prefect server"])
def test_a_submission_writes_only_below_the_volume(readable: Path, more: tuple[str, ...]) -> None:
    ran = run(readable, "flows", "submit", *EXAMPLE, *more)
    assert ran.returncode == 0, ran.stderr
    home = readable / "volume" / "home"
    assert ran.stdout.startswith("L0001 2023-04 from orchard: landed\n")
    assert (home / SUBMISSION_FILE).stat().st_uid == ACCOUNT
    assert list_written(readable) == set()
    # The account can write nothing in the program, so that a run cannot depend on it.
    assert not [path for path in (readable / "program").rglob("*") if path.lstat().st_uid == ACCOUNT]


def test_a_file_outside_of_the_volume_is_found(readable: Path) -> None:
    script = "import sys, tempfile; sys.stdout.write(tempfile.mkstemp()[1])"
    (readable / "program" / "writes.py").write_text(script, encoding="utf-8")
    written = Path(run(readable, "writes").stdout)
    try:
        assert list_written(readable) == {written}
    finally:
        written.unlink()
