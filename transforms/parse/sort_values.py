"""Puts the texts of a column in order: as days, as numbers or as text."""

from collections.abc import Sequence

import polars as pl

from transforms.parse.dates import MONTHS, parse_moments

# Decimals are exact, so that long ids keep their order. Longer numbers than these are texts.
_NUMBER = r"^[+-]?[0-9]{1,28}(?:\.[0-9]{1,9})?$"
_DECIMAL = pl.Decimal(38, 9)
_MONTH = rf"(?:{'|'.join(month[:3] for month in MONTHS)})[a-z]*"
# A day, a month or a time in a form that is not known, or a number with commas. As text, 10/02/2023 comes after
# 09/03/2023, and 9:30 after 10:15.
_WITHOUT_ORDER = (
    rf"(?i)^(?:[a-z]+,? )?[0-9]{{1,4}}[-/. ]+(?:[0-9]{{1,2}}|{_MONTH})[-/., ]+[0-9]{{1,4}}(?:[^0-9a-z]|t[0-9]|$)"
    rf"|^(?:[a-z]+,? )?{_MONTH}[-/., ]+[0-9]{{1,4}}\b"
    r"|^[0-9]{1,2}[-/.][0-9]{4}$"
    r"|^[0-9]{1,2}:[0-9]{2}"
    r"|^[£$€]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?$"
)


class ValueWithoutOrder(ValueError):
    """A value that has no order among the others of its column.

    `position` is where it is in the column, and `problem` what is wrong with it, without the value.
    """

    def __init__(self, position: int, problem: str) -> None:
        super().__init__(problem)
        self.position = position
        self.problem = problem


def rank_values(texts: pl.Series, forms: Sequence[str] = ()) -> pl.Series:
    """Returns the rank of each text in its column, from 1; equal values have the same rank.

    A column has numbers alone, days (perhaps with a time) alone, or text. Text is compared character by character.

    Args:
        texts: cleaned text; null where it is blank.
        forms: the source's own forms of dates (strftime).

    Returns:
        Ranks; null where the text is blank.

    Raises:
        ValueWithoutOrder: numbers, days and text are mixed, or a text looks like a day or a number but cannot be
            read as one.
    """
    moments = parse_moments(texts, forms)
    kinds = (
        pl.DataFrame({"text": texts, "moment": moments})
        .with_row_index("position")
        .drop_nulls("text")
        .with_columns(
            is_number=pl.col("text").str.contains(_NUMBER),
            is_day=pl.col("moment").is_not_null(),
        )
    )
    if kinds["is_number"].all():
        return texts.cast(_DECIMAL, strict=False).rank("dense")
    if kinds["is_day"].all():
        return moments.rank("dense")
    _refuse_values_without_order(kinds)
    return texts.rank("dense")


def _refuse_values_without_order(kinds: pl.DataFrame) -> None:
    numbers, days = int(kinds["is_number"].sum()), int(kinds["is_day"].sum())
    if numbers or days:
        kind, is_other = ("number", ~pl.col("is_number")) if numbers > days else ("day", ~pl.col("is_day"))
        others = kinds.filter(is_other)["position"]
        raise ValueWithoutOrder(int(others[0]), f"is not a {kind}, as others of this column are")
    strange = kinds.filter(pl.col("text").str.contains(_WITHOUT_ORDER))["position"]
    if len(strange):
        raise ValueWithoutOrder(int(strange[0]), "looks like a day or a number but cannot be read as one")
