"""Formats dates as text, formatting each day only once."""

import polars as pl


def format_dates(day: pl.Expr, form: str) -> pl.Expr:
    """Formats each date with a strftime form; null stays null.

    Use it on whole columns only: in a group context, polars would call it once per group.
    """
    return day.map_batches(lambda days: _format_each_day(days, form), return_dtype=pl.String)


def _format_each_day(days: pl.Series, form: str) -> pl.Series:
    """Formats every day from the first to the last and looks the dates up, unless that is more days than dates."""
    numbers = days.to_physical().alias("number").to_frame()
    first, last = numbers.select(first=pl.min("number"), last=pl.max("number")).row(0)
    if first is None or last - first > len(days):
        return days.dt.strftime(form)
    # Formatting is slow and looking up is fast, and most dates fall in a few years.
    every_day = pl.int_range(first, last + 1, dtype=pl.Int32, eager=True).cast(pl.Date)
    return every_day.dt.strftime(form).gather(days.to_physical() - first).alias(days.name)
