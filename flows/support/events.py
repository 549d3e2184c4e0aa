"""Logs what a run does as events, one JSON object per line, if the variable NDTMS_LOG is set.

An event has counts, seconds and ids of runs.  It never has a value of a record, a path or the text of an error.
"""

import json
import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from flows.support.errors import InputRefused, is_interrupt

VARIABLE = "NDTMS_LOG"
# The value of the variable that means standard error; any other is the path of a file.
_STANDARD_ERROR = "json"
Counts = dict[str, object]
Level = Literal["info", "warning", "error"]
# One dictionary for the whole run, so that what a step adds is known to the steps after it, in whatever thread.
_ABOUT: ContextVar[Counts | None] = ContextVar("what the events are about", default=None)


@contextmanager
def log_about(**about: object) -> Iterator[None]:
    """Adds names such as agency, period and source to every event inside the block.

    Raises:
        InputRefused: NDTMS_LOG is neither `json` nor the path of a file that can be written.
    """
    _refuse_wrong_target()
    token = _ABOUT.set(dict(about))
    try:
        yield
    finally:
        _ABOUT.reset(token)


def add_about(**about: object) -> None:
    """Adds names to every further event of the run, such as its id once it is known."""
    names = _ABOUT.get()
    if names is not None:
        names.update(about)


@contextmanager
def log_step(event: str, **about: object) -> Iterator[Counts]:
    """Logs the block as one event with its seconds; yields the dictionary that its counts are added to.

    An error that ends the block is logged by its type alone: its text may quote a record.

    Args:
        event: the name of the step.
        about: names such as agency and period, in addition to those of `log_about`.
    """
    start, counts = time.perf_counter(), Counts(about)
    try:
        yield counts
    except BaseException as error:
        is_refusal = isinstance(error, InputRefused)
        level: Level = "warning" if is_refusal or is_interrupt(error) else "error"
        log_event(event, counts | {"seconds": measure_seconds(start), "error": type(error).__name__}, level)
        raise
    log_event(event, counts | {"seconds": measure_seconds(start)})


def log_event(event: str, details: Mapping[str, object], level: Level = "info") -> None:
    """Logs an event; `details` replace what `log_about` has under the same name.

    What prevents it, such as a full disk, is ignored: a run never fails because of its log.
    """
    target = os.environ.get(VARIABLE, "")
    if not target:
        return
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    line = json.dumps({"time": now, "level": level, "event": event, **(_ABOUT.get() or {}), **details}) + "\n"
    with suppress(OSError, ValueError):
        _append(target, line)


def measure_seconds(start: float) -> float:
    """Returns the seconds since a moment of `time.perf_counter`."""
    return round(time.perf_counter() - start, 3)


def _refuse_wrong_target() -> None:
    target = os.environ.get(VARIABLE, "")
    if target in ("", _STANDARD_ERROR):
        return
    if not Path(target).is_absolute():
        raise InputRefused(f"{VARIABLE} is {target!r}; allowed: json, or the absolute path of a file")
    try:
        _append(target, "")
    except OSError as error:
        raise InputRefused(
            f"{VARIABLE}: {target} cannot be written ({error.strerror}); let this account write there, or name another"
            " file"
        ) from None


def _append(target: str, line: str) -> None:
    if target == _STANDARD_ERROR:
        sys.stderr.write(line)
        sys.stderr.flush()
        return
    handle = os.open(target, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        # One call per line, so that lines of several processes do not mix.
        os.write(handle, line.encode())
    finally:
        os.close(handle)
