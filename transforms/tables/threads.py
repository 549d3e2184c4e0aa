"""Runs functions in parallel threads, because polars uses one core for much of the work on a single frame."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

_Given = TypeVar("_Given")
_Made = TypeVar("_Made")


def map_in_threads(make: Callable[[_Given], _Made], given: Iterable[_Given]) -> list[_Made]:
    """Returns the result for each argument, in order; raises the first error."""
    with ThreadPoolExecutor() as threads:
        return list(threads.map(make, given))
