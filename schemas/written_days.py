"""Dates as text: a day is written once, however many records bear it."""

import polars as pl


def written(day: pl.Expr, form: str) -> pl.Expr:
    """The text of each date in a form (strftime); null stays null.

    For whole columns alone: of groups, polars would have it work group by group.
    """
    return day.map_batches(lambda days: _written(days, form), return_dtype=pl.String)


def _written(days: pl.Series, form: str) -> pl.Series:
    """Looked up among all days from the first to the last, unless those are more than the dates there are."""
    numbers = days.to_physical().alias("number").to_frame()
    first, last = numbers.select(first=pl.min("number"), last=pl.max("number")).row(0)
    if first is None or last - first > len(days):
        return days.dt.strftime(form)
    every_day = pl.int_range(first, last + 1, dtype=pl.Int32, eager=True).cast(pl.Date)
    return every_day.dt.strftime(form).gather(days.to_physical() - first).alias(days.name)
