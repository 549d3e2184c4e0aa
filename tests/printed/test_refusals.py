"""Every refusal as a person sees it: the command, its exit code and one sentence."""

import ast
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

# Its first import starts a process, which the cases do not.
import prefect._vendor.croniter  # noqa: F401
import pytest
from syrupy.assertion import SnapshotAssertion

from flows.support.errors import InputRefused
from tests.printed import (
    refusals_of_encryption,
    refusals_of_files,
    refusals_of_homes,
    refusals_of_options,
    refusals_of_reference_data,
    refusals_of_sql,
)
from tests.printed.refusal import CASES, OF_A_MONTH, Place, read_in_this_process
from tests.support.command import Command
from tests.support.snapshots import ROOT, describe_run

pytestmark = pytest.mark.slow

# The cases are in these modules.
_MODULES = (
    refusals_of_encryption,
    refusals_of_files,
    refusals_of_homes,
    refusals_of_options,
    refusals_of_reference_data,
    refusals_of_sql,
)

# Where a refusal is raised, and why no case here provokes it.
_LEFT_OUT = {
    ("flows/alarms.py", "set_alarms"): "needs a Prefect server; tests/served has it",
    ("flows/backfill.py", "_open_runner"): "needs a Prefect server, and prefect_dask not to be installed",
    ("flows/deploy.py", "_connect"): "needs a Prefect server that refuses the login",
    ("flows/files/csv.py", "_convert_to_utf8"): "no encoding that is allowed decodes to half a surrogate pair",
    ("flows/reference/in_force.py", "build_lists"): "only the shipped lists can lack a column; a sheet is interpreted",
    ("flows/reports/explain.py", "_apply_rules_again"): "the entity is compared with that of the rule before",
    ("flows/submission.py", "_build_request"): "only the parameters of a deployment can be incomplete",
    ("flows/support/fingerprint_key.py", "create_fingerprint_key"): "the audit, which is written first, is refused",
    ("flows/support/prefect_secrets.py", "load_secret"): "needs a Prefect server",
}

_REFUSALS = ("InputRefused", "SourceUnreadable", "AuditBusy")
_raised: set[tuple[str, int]] = set()
_ran: set[str] = set()


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ndtms: Command) -> Place:
    """An empty working directory, in which workbooks are read without a process of their own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(subprocess, "run", read_in_this_process)
    return Place(tmp_path, monkeypatch, ndtms)


@pytest.fixture(autouse=True)
def _record_where_refusals_are_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    def record(refusal: InputRefused, *texts: object) -> None:
        Exception.__init__(refusal, *texts)
        frame = sys._getframe(1)
        _raised.add((os.path.relpath(frame.f_code.co_filename, ROOT), frame.f_lineno))

    monkeypatch.setattr(InputRefused, "__init__", record)


@pytest.fixture(autouse=True)
def _drop_the_log_of_prefect() -> Iterator[None]:
    """Removes the handler that Prefect adds when it connects, because it would print what other libraries log."""
    yield
    root = logging.getLogger()
    root.handlers = [handler for handler in root.handlers if not type(handler).__module__.startswith("prefect")]


@pytest.mark.parametrize("name", CASES)
def test_refusal(place: Place, snapshot: SnapshotAssertion, name: str) -> None:
    words = CASES[name](place)
    ran = place.ndtms(*words)
    _ran.add(name)
    assert (ran.code, bool(ran.out)) == ((1, True) if name in OF_A_MONTH else (2, False)), ran.err
    assert ran.err.splitlines()[-1].startswith("ndtms: ")
    assert describe_run(words, ran, place.names) == snapshot


def find_call_sites() -> Iterator[tuple[str, str, range]]:
    """Yields the module, the function and the lines of each place where a refusal is made."""
    for path in sorted(path for folder in ("flows", "transforms") for path in (ROOT / folder).rglob("*.py")):
        yield from _find_in(ast.parse(path.read_text(encoding="utf-8")), str(path.relative_to(ROOT)), "")


def _find_in(node: ast.AST, module: str, function: str) -> Iterator[tuple[str, str, range]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Call) and isinstance(child.func, ast.Name) and child.func.id in _REFUSALS:
            yield module, function, range(child.lineno, (child.end_lineno or child.lineno) + 1)
        yield from _find_in(child, module, child.name if isinstance(child, ast.FunctionDef) else function)


def test_every_place_that_refuses_is_reached_or_left_out_for_a_reason() -> None:
    if _ran != set(CASES):
        pytest.skip("only some of the cases ran in this process")
    sites = list(find_call_sites())
    missed = [(module, function) for module, function, lines in sites if not any((module, n) in _raised for n in lines)]
    assert sorted(set(missed)) == sorted(_LEFT_OUT)
    assert len(sites) - len(missed) > 0.9 * len(sites)
