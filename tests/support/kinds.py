"""The kinds of tests, which decide what `make test-unit` runs, and what a unit test may not do."""

import multiprocessing.process
import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import Literal, NoReturn

import pytest

Kind = Literal["unit", "slow", "served"]
KINDS: tuple[Kind, ...] = ("unit", "slow", "served")
# The tests of these folders start processes, or run for longer than one waits while editing.
_OF_FOLDER: dict[str, Kind] = {
    "backfill": "slow", "examples": "slow", "faults": "slow", "intake": "slow", "privacy": "slow", "property": "slow",
    "reliability": "slow", "served": "served",
}  # fmt: skip
_TESTS = Path(__file__).parents[1]


def kind_of(item: pytest.Item) -> Kind:
    """Returns the kind that a test is marked as, otherwise that of its folder, otherwise `unit`."""
    marked = [kind for kind in KINDS if item.get_closest_marker(kind)]
    return marked[0] if marked else _OF_FOLDER.get(item.path.relative_to(_TESTS).parts[0], "unit")


def order_by_length(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """Returns the tests in the order to run them: the slow ones first, and those of a server spread among them.

    Two servers at once, on two cores, would not answer in time.
    """
    of_kind: dict[Kind, list[list[pytest.Item]]] = {kind: [] for kind in KINDS}
    for (kind, _), of_file in groupby(items, key=lambda item: (kind_of(item), item.path)):
        of_kind[kind].append(list(of_file))
    slow, served = of_kind["slow"], of_kind["served"]
    for number, of_server in enumerate(served):
        slow.insert(number * (len(slow) + 1) // len(served), of_server)
    unit = sorted(of_kind["unit"], key=len, reverse=True)
    return [item for tests in (*slow, *unit) for item in tests]


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
