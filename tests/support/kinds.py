"""The kinds of tests, which decide what `make test-unit` runs, and what a unit test may not do."""

import multiprocessing.process
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, NoReturn

import pytest

Kind = Literal["unit", "slow", "served"]
KINDS: tuple[Kind, ...] = ("unit", "slow", "served")
# The tests of these folders start processes, or run for longer than one waits while editing.
_OF_FOLDER: dict[str, Kind] = {
    "backfill": "slow", "examples": "slow", "faults": "slow", "fuzz": "slow", "intake": "slow", "privacy": "slow",
    "property": "slow", "reliability": "slow", "served": "served",
}  # fmt: skip
_TESTS = Path(__file__).parents[1]


def kind_of(item: pytest.Item) -> Kind:
    """Returns the kind that a test is marked as, otherwise that of its folder, otherwise `unit`."""
    marked = [kind for kind in KINDS if item.get_closest_marker(kind)]
    return marked[0] if marked else _OF_FOLDER.get(item.path.relative_to(_TESTS).parts[0], "unit")


@contextmanager
def no_processes() -> Iterator[None]:
    """Fails the test that starts a process inside the block.

    The failure is no `Exception`, so that code which handles a process that cannot be started does not hide it.
    """

    def refuse(*_arguments: object, **_named: object) -> NoReturn:
        pytest.fail("a unit test starts a process; mark it with @pytest.mark.slow", pytrace=True)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(subprocess.Popen, "__init__", refuse)
        patched.setattr(multiprocessing.process.BaseProcess, "start", refuse)
        for name in ("fork", "forkpty", "posix_spawn", "posix_spawnp", "system"):
            patched.setattr(os, name, refuse)
        yield
