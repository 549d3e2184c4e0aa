"""Measures a piece of work in this process."""

import statistics
import time
from collections.abc import Callable


def measure_median(work: Callable[[], object], rounds: int) -> float:
    """Returns the median of the seconds that several rounds take, which ignores a round that something slowed down."""
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)
