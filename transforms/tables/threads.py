"""Working side by side: polars uses one core for much of what is done to one frame."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

_Given = TypeVar("_Given")
_Made = TypeVar("_Made")


def side_by_side(make: Callable[[_Given], _Made], given: Iterable[_Given]) -> list[_Made]:
    """What a function makes of each argument, in their order; the first that fails raises."""
    with ThreadPoolExecutor() as threads:
        return list(threads.map(make, given))
