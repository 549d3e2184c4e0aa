"""Converts typed tables to text: dates, numbers and Booleans as a plain export writes them."""

import polars as pl

# From here on, a double cannot represent every integer.
_MOST_EXACT = 2**53


def as_text(table: pl.DataFrame) -> pl.DataFrame:
    """Converts every column to text; null stays null.

    Dates become YYYY-MM-DD, timestamps YYYY-MM-DD HH:MM:SS, whole numbers digits (even where a spreadsheet stores them
    as floats), Booleans true and false.

    Raises:
        ValueError: a column has values that are not text, numbers, dates or Booleans, or numbers larger than a
            spreadsheet can store exactly. The message names the column.
    """
    return table.select(_convert_column(column) for column in table.get_columns())


def _convert_column(column: pl.Series) -> pl.Series:
    dtype, name = column.dtype, column.name
    if dtype == pl.String:
        return column
    if dtype == pl.Null:
        return column.cast(pl.String)
    if dtype.is_float():
        return _convert_floats(column)
    if dtype.is_integer() or dtype.is_decimal() or dtype == pl.Date or dtype in (pl.Categorical, pl.Enum):
        return column.cast(pl.String)
    if isinstance(dtype, pl.Datetime):
        return column.dt.strftime("%Y-%m-%d %H:%M:%S")
    if dtype == pl.Boolean:
        return column.to_frame().select(
            pl.when(pl.col(name)).then(pl.lit("true")).when(~pl.col(name)).then(pl.lit("false")).alias(name)
        )[name]
    raise ValueError(f"the column {name!r} has the type {dtype}; allowed: text, numbers, dates and Booleans")


def _convert_floats(column: pl.Series) -> pl.Series:
    if (column.abs() >= _MOST_EXACT).any():
        raise ValueError(
            f"the column {column.name!r} has numbers with more digits than are stored exactly; write it as text"
        )
    name = pl.col(column.name)
    # A spreadsheet stores 12 as 12.0, which must not become the text '12.0'.
    whole = name == name.round()
    return column.to_frame().select(
        pl.when(whole).then(name.cast(pl.Int64, strict=False).cast(pl.String)).otherwise(name.cast(pl.String))
        .alias(column.name)
    )[column.name]  # fmt: skip
