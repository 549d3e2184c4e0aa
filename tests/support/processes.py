"""The command in processes of its own that start in no time: forked from this one, which has everything loaded.

The process that forks must not have started a thread: it only waits, and looks at files through other processes.
"""

import json
import os
import signal
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

# Every process that a command starts inherits this variable, so that one left behind is found.
_MARK = "NDTMS_TEST_PROCESS"
_NEVER_LONGER = 120.0


@dataclass(frozen=True)
class Ended:
    """How a command ended: its exit code (negative: the signal), what it printed, and how long after the signal.

    `after_signal` is None where no signal was sent; `left` are processes that were still there five seconds later.
    """

    code: int
    output: str
    after_signal: float | None
    left: tuple[str, ...]


def run_forked(
    run: Callable[[], None],
    folder: Path,
    prepare: Callable[[int], None] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Ended:
    """Runs a function as the whole program of a forked process.

    Args:
        run: the program; it may call sys.exit.
        folder: where its output goes.
        prepare: called in the process before the program, with a descriptor to which the moment of a signal,
            `time.monotonic()` as text, is written right before it is sent.
        environment: additional variables.

    Raises:
        AssertionError: it was still running after two minutes.
    """
    mark, output = uuid.uuid4().hex, folder / "output.txt"
    moment, sent = os.pipe()
    # What is still buffered would be written by both.
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        _become(run, output, mark, sent, prepare, environment or {})
    os.close(sent)
    code = _wait(child)
    ended = time.monotonic()
    with os.fdopen(moment) as handle:
        text = handle.read()
    left = processes_left(mark, seconds=5)
    return Ended(code, output.read_text(encoding="utf-8"), ended - float(text) if text else None, left)


def _become(
    run: Callable[[], None],
    output: Path,
    mark: str,
    sent: int,
    prepare: Callable[[int], None] | None,
    environment: Mapping[str, str],
) -> None:
    """In the forked process: runs the program and never returns."""
    code = 70
    try:
        os.environ.update(environment)
        os.environ[_MARK] = mark
        handle = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(handle, 1)
        os.dup2(handle, 2)
        if prepare:
            prepare(sent)
        run()
        code = 0
    except SystemExit as left:
        code = int(left.code or 0) if not isinstance(left.code, str) else 1
    except BaseException as error:
        sys.stderr.write(f"Traceback: {error!r}\n")
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _wait(child: int) -> int:
    until = time.monotonic() + _NEVER_LONGER
    while time.monotonic() < until:
        found, status = os.waitpid(child, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.005)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    raise AssertionError(f"the process was still running after {_NEVER_LONGER:.0f} seconds")


def processes_left(mark: str, seconds: float, variable: str = _MARK) -> tuple[str, ...]:
    """The commands of processes that still run after some seconds and were started by a marked one."""
    until = time.monotonic() + seconds
    while True:
        left = tuple(_marked(mark, variable))
        if not left or time.monotonic() > until:
            return left
        time.sleep(0.05)


def _marked(mark: str, variable: str) -> Iterator[str]:
    for process in psutil.process_iter():
        try:
            if process.environ().get(variable) == mark and process.status() != psutil.STATUS_ZOMBIE:
                yield " ".join(process.cmdline())[:200]
        except psutil.Error:
            continue


def asked(folder: Path, question: Callable[[], Any]) -> Any:
    """The answer of a function that is called in a forked process; it must be JSON."""

    def run() -> None:
        (folder / "answer.json").write_text(json.dumps(question()), encoding="utf-8")

    ended = run_forked(run, folder)
    assert ended.code == 0, ended.output
    return json.loads((folder / "answer.json").read_text(encoding="utf-8"))
