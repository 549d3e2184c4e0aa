"""Compares the look-up of a million postcodes with a plain join on the same keys: python -m bench.look_up."""

import statistics
import sys
import time
from collections.abc import Callable
from datetime import date

import polars as pl

from flows.reference.in_force import RECODED, SHIPPED_LISTS, read_lists
from flows.reference.postcode_directory import read_shipped
from transforms.derive.postcode_lookup import find_recodings, look_up_authorities

ROUNDS = 5


def main() -> None:
    """Prints the medians and their ratio."""
    directory, day = read_shipped(), date(2025, 4, 30)
    recoded = pl.read_csv(RECODED, infer_schema=False).with_columns(pl.col("from").str.to_date("%Y-%m-%d"))
    utla = read_lists(SHIPPED_LISTS.read_bytes(), "code-lists.csv")["UTLA"].on(day)
    # A fixed seed makes the medians of two runs comparable.
    places = directory.sample(1_000_000, seed=1).select("sector", "unit", outside_uk=pl.lit(value=False))
    look_up = _measure_median(lambda: look_up_authorities(places, directory, find_recodings(day, recoded), utla))
    join = _measure_median(lambda: places.join(directory, on=["sector", "unit"], how="left", maintain_order="left"))
    sys.stdout.write(f"look-up of 1,000,000 postcodes {look_up:.2f} s, {look_up / join:.2f} x a plain join\n")


def _measure_median(work: Callable[[], object]) -> float:
    # The median of several rounds ignores a round that another process slowed down.
    taken = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


if __name__ == "__main__":
    main()
