"""The tests themselves: what they share is in modules of its own, and unit tests start no process."""

import ast
import multiprocessing
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
MODULES = sorted(TESTS.rglob("*.py"))


def imported_tests(source: str) -> set[str]:
    """Returns the test modules that a module imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module or '.'}.{alias.name}" for alias in node.names} | {node.module or "."}
    return {name for name in found if _is_test_module(name)}


def _is_test_module(name: str) -> bool:
    *folders, module = name.split(".")
    return module.startswith("test_") and (not folders or folders[0] in ("tests", ""))


def test_no_test_module_is_imported() -> None:
    found = {str(path.relative_to(TESTS)): imported_tests(path.read_text(encoding="utf-8")) for path in MODULES}
    assert len(found) > 100
    assert {name: modules for name, modules in found.items() if modules} == {}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("from tests.flows.test_landing import FILE", {"tests.flows.test_landing"}),
        ("import tests.flows.test_landing", {"tests.flows.test_landing"}),
        ("from tests.flows import test_landing", {"tests.flows.test_landing"}),
        ("def late():\n    from .test_landing import FILE", {"test_landing"}),
        ("from tests.support.exports import write_export", set()),
        ("from prefect.testing.utilities import prefect_test_harness", set()),
    ],
)
def test_an_import_of_a_test_module_is_found(source: str, expected: set[str]) -> None:
    assert imported_tests(source) == expected


def _nothing() -> None:
    pass


# The guard is in tests/conftest.py; this test is a unit test, as every test of this folder by default.
@pytest.mark.parametrize(
    "start",
    [
        lambda: subprocess.run([sys.executable, "-c", ""], check=False),
        lambda: os.fork() or os._exit(0),
        lambda: os.system("true"),
        lambda: multiprocessing.get_context("spawn").Process(target=_nothing).start(),
        lambda: multiprocessing.get_context("fork").Process(target=_nothing).start(),
    ],
    ids=["subprocess", "fork", "system", "spawn", "forked worker"],
)
def test_a_unit_test_that_starts_a_process_fails(start: Callable[[], object]) -> None:
    with pytest.raises(pytest.fail.Exception, match="a unit test starts a process"):
        start()
