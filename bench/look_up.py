"""Compares the look-up of a million postcodes with a plain join on the same keys: python -m bench.look_up."""

from collections.abc import Iterator
from datetime import date

import polars as pl

from bench.figures import Figure, print_figures
from bench.medians import measure_median
from flows.reference.in_force import RECODED, SHIPPED_LISTS, read_lists
from flows.reference.packed_directory import read_shipped
from transforms.derive.postcode_lookup import find_recodings, look_up_authorities

ROUNDS = 5


def measure() -> Iterator[Figure]:
    """Yields the ratio of the look-up to a join."""
    directory, day = read_shipped(), date(2025, 4, 30)
    recoded = pl.read_csv(RECODED, infer_schema=False).with_columns(pl.col("from").str.to_date("%Y-%m-%d"))
    utla = read_lists(SHIPPED_LISTS.read_bytes(), "code-lists.csv")["UTLA"].on(day)
    # A fixed seed makes the medians of two runs comparable.
    places = directory.sample(1_000_000, seed=1).select(
        "sector", "unit", outside_uk=pl.lit(value=False), country=pl.lit(None, dtype=pl.String)
    )
    recodings = find_recodings(day, recoded)
    look_up = measure_median(lambda: look_up_authorities(places, directory, recodings, utla), ROUNDS)
    join = measure_median(
        lambda: places.join(directory, on=["sector", "unit"], how="left", maintain_order="left"), ROUNDS
    )
    yield Figure("look-up of 1,000,000 postcodes", look_up / join, "x a plain join", note=f"{look_up:.2f} s")


if __name__ == "__main__":
    print_figures(measure())
