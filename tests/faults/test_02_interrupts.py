"""Ctrl-C, SIGTERM and SIGKILL end every command soon, leave no process, and the next run recovers."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from flows.support import interrupts
from flows.support.errors import is_interrupt
from tests.support.exports import TWO_CLIENTS, write_export
from tests.support.homes import make_small_home
from tests.support.processes import processes_left
from tests.support.runs import land_export

ROOT = Path(__file__).parents[2]


def test_a_command_interrupted_while_it_lands_and_run_again() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.reliability.interrupted", "3", "submit again", "backfill"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    lines = done.stdout.splitlines()
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    assert len(lines) == 6
    assert all(re.search(r"3 moments, [1-3] after the commit, 3 agreed", line) for line in lines), done.stdout


ENDLESS = "select count(*) from range(100000) a, range(100000) b, range(1000) c where a.range + b.range = c.range"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_query_without_end_ends_at_once(tmp_path: Path, number: signal.Signals) -> None:
    home = make_small_home(tmp_path / "home")
    land_export(write_export(tmp_path / "export", *TWO_CLIENTS), home)
    running = subprocess.Popen(
        [sys.executable, "-m", "flows", "sql", ENDLESS, "--home", str(home)],
        env=os.environ | {"NDTMS_TEST_PROCESS": str(tmp_path)}, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    _until_it_computes(running)
    started = time.monotonic()
    running.send_signal(number)
    _, err = running.communicate(timeout=30)
    assert time.monotonic() - started < 5
    assert running.returncode == 128 + number
    assert err.startswith("ndtms: stopped by ") and err.count("\n") == 1
    assert processes_left(str(tmp_path), seconds=5) == ()


def _until_it_computes(running: "subprocess.Popen[str]") -> None:
    """Waits until the query has used a second of processor time: no clock decides, a slow machine waits longer."""
    import psutil

    process = psutil.Process(running.pid)
    while sum(process.cpu_times()[:2]) < 3:
        assert running.poll() is None, running.stderr.read() if running.stderr else ""


def test_an_interrupt_leaves_no_file_that_is_being_created(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, is_removed, codes = tmp_path / "file", threading.Event(), list[int]()
    monkeypatch.setattr(interrupts, "_creation", threading.Lock())
    monkeypatch.setattr(interrupts, "kill_children", is_removed.set)
    monkeypatch.setattr(os, "_exit", codes.append)
    ending = threading.Thread(target=interrupts._end_process, args=(signal.SIGTERM,))

    def create() -> None:
        ending.start()
        # The interrupt removes the files now, unless it waits for this one.
        is_removed.wait(timeout=0.5)
        file.touch()

    with interrupts.remove_on_interrupt(file, create):
        ending.join()
        assert not file.exists()
    assert codes == [128 + signal.SIGTERM]


def test_an_interrupted_query_is_no_failure() -> None:
    assert is_interrupt(RuntimeError("Query interrupted"))
    assert is_interrupt(KeyboardInterrupt())
    assert is_interrupt(SystemExit())
    assert not is_interrupt(RuntimeError("something else was interrupted"))
    assert not is_interrupt(ValueError("Query interrupted"))
