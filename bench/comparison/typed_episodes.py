"""Parses the episodes as an analyst does who uses polars: adds the dates and numbers to the columns of text."""

import polars as pl

from bench.comparison.rules import ComparedRule, list_dates, list_numbers


def name_parsed(field: str) -> str:
    """Returns the column of the parsed values of a field."""
    return f"{field}_parsed"


def add_parsed(texts: pl.DataFrame, rules: tuple[ComparedRule, ...]) -> pl.DataFrame:
    """Adds the parsed values of the fields that the rules read as dates or numbers (null: blank, or not one)."""
    dates = [
        pl.col(field).str.to_date("%Y-%m-%d", strict=False).alias(name_parsed(field)) for field in list_dates(rules)
    ]
    # The cast alone would accept a sign.
    digits = {field: pl.when(pl.col(field).str.contains("^[0-9]+$")).then(field) for field in list_numbers(rules)}
    numbers = [text.cast(pl.Int64, strict=False).alias(name_parsed(field)) for field, text in digits.items()]
    return texts.with_columns(*dates, *numbers)
