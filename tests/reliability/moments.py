"""Moments of a program at which a signal is sent to it: after some time, or at a call while it lands."""

import inspect
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType
from typing import Any


@dataclass(frozen=True)
class Moment:
    """When a signal is sent: after so many seconds, or at the call with this number since landing began.

    `delay` is how many seconds later still: for example in the middle of a query that the call started.
    """

    number: signal.Signals
    seconds: float | None = None
    call: int = 0
    delay: float = 0.0


def send_at(moment: Moment, begins: Callable[..., object]) -> Callable[[int], None]:
    """Prepares a process to send itself a signal; see `tests.support.processes.run_forked`.

    Args:
        moment: when.
        begins: the function that lands, from whose call on calls are counted.
    """

    def prepare(descriptor: int) -> None:
        def send() -> None:
            os.write(descriptor, str(time.monotonic()).encode())
            os.kill(os.getpid(), moment.number)

        if moment.seconds is not None:
            _later(moment.seconds, send)
        else:
            _at_call(begins, moment.call, lambda: _later(moment.delay, send) if moment.delay else send())

    return prepare


@dataclass
class Counts:
    """How many calls there were since landing began: until the first file was moved, and until now."""

    commit: int = 0
    end: int = 0


def count_calls(begins: Callable[..., object], counts: Counts) -> Callable[[int], None]:
    """Prepares a process to count its calls since landing began.

    Args:
        begins: the function whose call begins the count.
        counts: is kept up to date.  The first file that is moved after landing began is a submission file, which
            is moved right after the commit.
    """

    def prepare(_descriptor: int) -> None:
        def called(number: int, function: object) -> None:
            counts.end = number
            if function is os.replace and not counts.commit:
                counts.commit = number

        _count(begins, called)

    return prepare


def _later(seconds: float, send: Callable[[], None]) -> None:
    timer = threading.Timer(seconds, send)
    timer.daemon = True
    timer.start()


def _at_call(begins: Callable[..., object], call: int, send: Callable[[], None]) -> None:
    def called(number: int, _function: object) -> None:
        if number == call:
            send()

    _count(begins, called)


def _count(begins: Callable[..., object], called: Callable[[int, object], None]) -> None:
    """Calls a function with the number of each call since landing began, in whatever thread, and what C calls."""
    number, first = 0, inspect.unwrap(begins).__code__

    def profile(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal number
        if event not in ("call", "c_call", "c_return"):
            return
        if number == 0 and not (event == "call" and frame.f_code is first):
            return
        number += 1
        called(number, argument)

    threading.setprofile(profile)
    sys.setprofile(profile)
