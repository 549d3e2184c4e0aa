"""Typed tables as text: dates, numbers and truths as a plain export would have them."""

import polars as pl

_MOST_EXACT = 2**53


def as_text(table: pl.DataFrame) -> pl.DataFrame:
    """Every column as text, null where there is nothing.

    Dates are YYYY-MM-DD, timestamps YYYY-MM-DD HH:MM:SS, whole numbers digits (also where a spreadsheet
    holds them as fractions), truths true and false.

    Raises:
        ValueError: naming a column whose values are no texts, numbers, dates or truths, or whose
            numbers are larger than a spreadsheet can hold.
    """
    return table.select(_text(column) for column in table.get_columns())


def _text(column: pl.Series) -> pl.Series:
    dtype, name = column.dtype, column.name
    if dtype == pl.String:
        return column
    if dtype == pl.Null:
        return column.cast(pl.String)
    if dtype.is_float():
        return _number(column)
    if dtype.is_integer() or dtype.is_decimal() or dtype == pl.Date or dtype in (pl.Categorical, pl.Enum):
        return column.cast(pl.String)
    if isinstance(dtype, pl.Datetime):
        return column.dt.strftime("%Y-%m-%d %H:%M:%S")
    if dtype == pl.Boolean:
        return column.to_frame().select(
            pl.when(pl.col(name)).then(pl.lit("true")).when(~pl.col(name)).then(pl.lit("false")).alias(name)
        )[name]
    raise ValueError(f"the column {name!r} holds {dtype}; texts, numbers, dates and truths can be read")


def _number(column: pl.Series) -> pl.Series:
    if (column.abs() >= _MOST_EXACT).any():
        raise ValueError(f"the column {column.name!r} holds numbers of more digits than were kept; it must be text")
    name = pl.col(column.name)
    whole = name == name.round()
    return column.to_frame().select(
        pl.when(whole).then(name.cast(pl.Int64, strict=False).cast(pl.String)).otherwise(name.cast(pl.String))
        .alias(column.name)
    )[column.name]  # fmt: skip
