"""Dates and whole numbers from text, in the forms the definitions of the outside name (section 2)."""

from collections.abc import Sequence
from datetime import datetime

import polars as pl

from transforms.parse.unique_values import map_distinct

MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_MONTH_NUMBERS = {name[:3]: f"{number:02}" for number, name in enumerate(MONTHS, start=1)}
_MONTH_NAMES = {name: f"{number:02}" for number, name in enumerate(MONTHS, start=1)} | _MONTH_NUMBERS

# No day of theirs could be a month, and their centuries differ.
_SAMPLE, _SAMPLE_OF_LAST_CENTURY = datetime(2021, 3, 14, 15, 9, 26), datetime(1953, 11, 29, 8, 7, 6)

_TIME = r"(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?:Z|[+-][0-9]{2}(?::?[0-9]{2})?)?)?$"
_YEAR_FIRST = r"^([0-9]{4})-([0-9]{2})-([0-9]{2})" + _TIME
_DAY_FIRST = r"^([0-9]{2})/([0-9]{2})/([0-9]{4})" + _TIME
_DIGITS = r"^([0-9]{4})([0-9]{2})([0-9]{2})" + _TIME
_NAMED_MONTH = r"^([0-9]{2})-([A-Za-z]{3})-([0-9]{4})" + _TIME


def dates(texts: pl.Series, forms: Sequence[str] = ()) -> pl.Series:
    """Real calendar dates; null where a text is none.

    YYYY-MM-DD, DD/MM/YYYY, YYYYMMDD, DD-Mon-YYYY, or a timestamp of these, whose time is dropped;
    and the forms (strftime) that a source has of its own.
    """
    return map_distinct(texts, lambda distinct: _dates(distinct, [_iso_text()], forms), pl.Date)


def partial_dates(texts: pl.Series, forms: Sequence[str] = ()) -> pl.Series:
    """As `dates`, and a year (its 1 January) or a month and year (its first day)."""
    return map_distinct(texts, lambda distinct: _dates(distinct, [_iso_text(), _iso_first_day()], forms), pl.Date)


def whole_numbers(texts: pl.Series, first: int, last: int) -> pl.Series:
    """Whole numbers of digits alone (07 is 7) from first to last; null for anything else."""

    def understand(distinct: pl.Series) -> pl.Series:
        digits = pl.when(distinct.str.contains(r"^[0-9]+$")).then(distinct)
        number = pl.select(digits.cast(pl.Int64, strict=False).alias("number"))["number"]
        return number.to_frame().select(pl.when(pl.col("number").is_between(first, last)).then("number"))["number"]

    return map_distinct(texts, understand, pl.Int64)


def _dates(texts: pl.Series, iso_texts: list[pl.Expr], forms: Sequence[str]) -> pl.Series:
    own_forms = [_in_form(form) for form in forms]
    found = pl.coalesce(_calendar_date(pl.coalesce(iso_texts)), *own_forms)
    return texts.alias("text").to_frame().select(found.alias("date"))["date"]


def reads_whole_dates(form: str) -> bool:
    """Whether a strftime form reads back what it writes: day, month and year, of any century."""
    samples = pl.Series("text", [_SAMPLE, _SAMPLE_OF_LAST_CENTURY], dtype=pl.Datetime("us"))
    try:
        written = samples.dt.strftime(form)
        read = written.to_frame().select(_in_form(form).alias("date"))["date"]
    except pl.exceptions.PolarsError:
        return False
    return read.to_list() == [_SAMPLE.date(), _SAMPLE_OF_LAST_CENTURY.date()]


def _in_form(form: str) -> pl.Expr:
    """The date of a text in a source's own form, and in no other: written back it must be the same.

    The parser alone takes 1/1/24 for the year 24.
    """
    read = pl.col("text").str.to_datetime(form, strict=False, exact=True, time_unit="us")
    if not _has_clock(form):
        read = pl.col("text").str.to_date(form, strict=False).cast(pl.Datetime("us"))
    same = read.dt.strftime(form).str.to_lowercase() == pl.col("text").str.to_lowercase()
    return pl.when(same).then(read.dt.date())


def _has_clock(form: str) -> bool:
    """Whether a form reads a time of day: only then can the parser make a timestamp of it."""
    written = pl.Series([_SAMPLE]).dt.strftime(form)
    try:
        return written.str.to_datetime(form, strict=False, exact=True, time_unit="us").null_count() == 0
    except pl.exceptions.PolarsError:
        return False


def _iso_text() -> pl.Expr:
    """YYYY-MM-DD of a full date in any of its forms, real or not."""
    month = _part(_NAMED_MONTH, 2).str.to_lowercase().replace_strict(_MONTH_NUMBERS, default=None)
    return pl.coalesce(
        _joined(_part(_YEAR_FIRST, 1), _part(_YEAR_FIRST, 2), _part(_YEAR_FIRST, 3)),
        _joined(_part(_DAY_FIRST, 3), _part(_DAY_FIRST, 2), _part(_DAY_FIRST, 1)),
        _joined(_part(_DIGITS, 1), _part(_DIGITS, 2), _part(_DIGITS, 3)),
        _joined(_part(_NAMED_MONTH, 3), month, _part(_NAMED_MONTH, 1)),
    )


def _iso_first_day() -> pl.Expr:
    """YYYY-MM-01 of a year, or of a month and year."""
    year, first = r"^([0-9]{4})$", pl.lit("01")
    number_year, year_number, name_year = (
        r"^([0-9]{2})/([0-9]{4})$",
        r"^([0-9]{4})-([0-9]{2})$",
        r"^([A-Za-z]+) ([0-9]{4})$",
    )
    month = _part(name_year, 1).str.to_lowercase().replace_strict(_MONTH_NAMES, default=None)
    return pl.coalesce(
        _joined(_part(year, 1), first, first),
        _joined(_part(number_year, 2), _part(number_year, 1), first),
        _joined(_part(year_number, 1), _part(year_number, 2), first),
        _joined(_part(name_year, 2), month, first),
    )


def _calendar_date(iso: pl.Expr) -> pl.Expr:
    """A date of the calendar, which has no year 0."""
    real = pl.when(~iso.str.starts_with("0000")).then(iso)
    return real.str.to_date("%Y-%m-%d", strict=False)


def _part(pattern: str, number: int) -> pl.Expr:
    return pl.col("text").str.extract(pattern, number)


def _joined(year: pl.Expr, month: pl.Expr, day: pl.Expr) -> pl.Expr:
    return pl.concat_str([year, month, day], separator="-")
