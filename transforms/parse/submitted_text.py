"""Formats the text of a field for the submission."""

import polars as pl

from schemas.dataset import Field
from schemas.record_columns import has_value_column
from schemas.written_days import format_dates

ISO_DATE = "%Y-%m-%d"


def text_sent(each: Field) -> pl.Expr:
    """Returns the text to send for a field; null where it is sent as blank. Dates are YYYY-MM-DD."""
    if each.kind == "code":
        return pl.col(f"{each.header}.sent").alias(each.header)
    if each.kind in ("date", "partial_date"):
        return format_dates(pl.col(f"{each.header}.value"), ISO_DATE).alias(each.header)
    if has_value_column(each.header):
        return pl.col(f"{each.header}.value").cast(pl.String).alias(each.header)
    return pl.col(each.header)
