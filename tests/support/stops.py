"""Stops a landing at one of its steps, at the seams between the program and polars, DuckDB and the system.

The program's own functions are not patched, so they can be renamed and moved without hiding a step: a step that a
block never reached is an error.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, get_args

import duckdb
import polars as pl
import pytest

Step = Literal[
    "begin", "write a table", "write the file", "sync the file", "insert a table", "insert the run", "commit",
    "committed", "checkpoint", "move the file",
]  # fmt: skip
STEPS: tuple[Step, ...] = get_args(Step)


class Killed(BaseException):
    """Simulates SIGKILL: no handler of the program catches it."""


@contextmanager
def stopped_at(step: Step, error: BaseException) -> Iterator[None]:
    """Raises an error when the program reaches a step of a landing.

    Args:
        step: "committed" is right after the commit; every other step is right before what it names happens.
        error: what is raised, in whatever thread the step is done.

    Raises:
        AssertionError: the block ended and the step was not reached.
    """
    reached = False

    def stop(at: Step) -> None:
        nonlocal reached
        if at == step:
            reached = True
            raise error

    with pytest.MonkeyPatch.context() as patched:
        _watch_database(patched, stop)
        _watch_files(patched, stop)
        yield
    assert reached, f"the landing never came to the step {step!r}"


@contextmanager
def killed_at(step: Step) -> Iterator[None]:
    """Ends the block at a step of a landing and leaves everything as SIGKILL would: nothing is removed."""
    with pytest.MonkeyPatch.context() as patched, pytest.raises(Killed), stopped_at(step, Killed()):
        patched.setattr(shutil, "rmtree", lambda *_arguments, **_named: None)
        yield


class _Connection:
    """A connection to DuckDB that reports statements before they are executed, and the commit after it."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, stop: Callable[[Step], None]) -> None:
        self._connection = connection
        self._stop = stop

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def execute(self, statement: str, *values: Any) -> duckdb.DuckDBPyConnection:
        step = _step_of(statement)
        if step:
            self._stop(step)
        done = self._connection.execute(statement, *values)
        if step == "commit":
            self._stop("committed")
        return done


def _step_of(statement: str) -> Step | None:
    if statement.startswith("insert into "):
        return "insert the run" if statement.split()[2] == "runs" else "insert a table"
    return next((step for step in STEPS if step == statement and step != "committed"), None)


def _watch_database(patched: pytest.MonkeyPatch, stop: Callable[[Step], None]) -> None:
    connect = duckdb.connect

    def connecting(*place: Any, **named: Any) -> Any:
        connection = connect(*place, **named)
        # What is done to an audit that is only being made is no step of a landing.
        is_part = bool(place) and Path(place[0]).suffix == ".part"
        return connection if is_part else _Connection(connection, stop)

    patched.setattr(duckdb, "connect", connecting)


def _watch_files(patched: pytest.MonkeyPatch, stop: Callable[[Step], None]) -> None:
    write_parquet, open_path, sync, move = pl.DataFrame.write_parquet, Path.open, os.fsync, os.replace

    written: list[Path] = []

    def writing_parquet(frame: pl.DataFrame, file: Path, **named: Any) -> None:
        if _is_waiting(file):
            stop("write a table")
        write_parquet(frame, file, **named)

    def opening(path: Path, mode: str = "r", *rest: Any, **named: Any) -> Any:
        if path.suffix == ".csv" and "w" in mode and _is_waiting(path):
            stop("write the file")
            written.append(path)
        return open_path(path, mode, *rest, **named)

    def syncing(handle: int) -> None:
        if any(path.exists() and os.path.samestat(os.fstat(handle), path.stat()) for path in written):
            stop("sync the file")
        sync(handle)

    def moving(source: Path, target: Path, **named: Any) -> None:
        if Path(source).suffix == ".csv" and _is_waiting(Path(source)):
            stop("move the file")
        move(source, target, **named)

    patched.setattr(pl.DataFrame, "write_parquet", writing_parquet)
    patched.setattr(Path, "open", opening)
    patched.setattr(os, "fsync", syncing)
    patched.setattr(os, "replace", moving)


def _is_waiting(path: Path) -> bool:
    """Returns whether a file is in the folder of a run that waits to be landed."""
    return path.parent.parent.name == ".landing"
