"""Moments of a program at which a signal is sent to it: after some time, or at a call while it lands."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType
from typing import Any

_LANDING = "flows.landing.commit"


@dataclass(frozen=True)
class Moment:
    """When a signal is sent: after so many seconds, or at the call with this number since landing began.

    `delay` is how many seconds later still: in the middle of a query, say, that the call started.
    """

    number: signal.Signals
    seconds: float | None = None
    call: int = 0
    delay: float = 0.0


def send_at(moment: Moment, begins: str) -> Callable[[int], None]:
    """Prepares a process to send itself a signal; see `tests.support.processes.run_forked`.

    Args:
        moment: when.
        begins: the function of the module that lands, from whose call on calls are counted.
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


def count_calls(begins: str, commits: str, report: Callable[[dict[str, int]], None]) -> Callable[[int], None]:
    """Prepares a process to count calls while it lands, and to report, at each, how many there were so far.

    Args:
        begins: the function whose call begins the count.
        commits: the function that is called once the first transaction is committed.
        report: takes `commit`, the number at the commit, and `end`, the number at the end of the command.
    """

    def prepare(_descriptor: int) -> None:
        counts = {"commit": 0, "end": 0}

        def called(number: int, name: str) -> None:
            if name == commits and not counts["commit"]:
                counts["commit"] = number
            if name in ("_publish_snapshot", "release", "show"):
                counts["end"] = number
                report(counts)

        _count(begins, called)

    return prepare


def _later(seconds: float, send: Callable[[], None]) -> None:
    timer = threading.Timer(seconds, send)
    timer.daemon = True
    timer.start()


def _at_call(begins: str, call: int, send: Callable[[], None]) -> None:
    def called(number: int, _name: str) -> None:
        if number == call:
            send()

    _count(begins, called)


def _count(begins: str, called: Callable[[int, str], None]) -> None:
    """Calls a function with the number and the name of each call since landing began, in whatever thread."""
    number = 0

    def profile(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal number
        if event not in ("call", "c_call", "c_return"):
            return
        name = frame.f_code.co_name if event == "call" else getattr(argument, "__name__", "")
        if number == 0 and not (name == begins and frame.f_globals.get("__name__") == _LANDING):
            return
        number += 1
        called(number, name)

    threading.setprofile(profile)
    sys.setprofile(profile)
