"""The end of a command's process: its exit handlers run, and nothing is freed one by one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
_ROOT = Path(__file__).parents[2]
_PROGRAM = """
import atexit, sys
from flows.support.command_process import end_at_once

class Freed:
    def __del__(self):
        print("freed", flush=True)

with end_at_once():
    kept = Freed()
    atexit.register(print, "exit handler")
    print("work")
    {end}
"""


def run_program(end: str, stdout: int = subprocess.PIPE) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", _PROGRAM.format(end=end)],
        cwd=_ROOT, stdout=stdout, stderr=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("code", [0, 3])
def test_exit_handlers_run_and_nothing_is_freed(code: int) -> None:
    done = run_program(f"sys.exit({code})")
    assert (done.returncode, done.stdout) == (code, "work\nexit handler\n")


@pytest.mark.parametrize(("end", "code"), [("sys.exit('a message')", 1), ("raise ValueError", 1), ("pass", 0)])
def test_another_end_is_left_to_python(end: str, code: int) -> None:
    done = run_program(end)
    assert (done.returncode, done.stdout) == (code, "work\nexit handler\nfreed\n")


def test_output_that_nobody_reads_any_more_is_left_to_python() -> None:
    received, sent = os.pipe()
    os.close(received)
    done = run_program("sys.exit(0)", sent)
    os.close(sent)
    assert done.returncode != 0
    assert "BrokenPipeError" in done.stderr
