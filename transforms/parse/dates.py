"""Parses dates and whole numbers in the forms that the definitions list (section 2)."""

from collections.abc import Sequence

import polars as pl

from schemas.dataset import WHOLE_NUMBER
from transforms.parse.date_forms import parse_form
from transforms.parse.unique_values import map_unique

MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_MONTH_NUMBERS = {name[:3]: f"{number:02}" for number, name in enumerate(MONTHS, start=1)}
_MONTH_NAMES = {name: f"{number:02}" for number, name in enumerate(MONTHS, start=1)} | _MONTH_NUMBERS

_CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]+)?)?"
_OFFSET = r"Z|[+-](?:[01][0-9]|2[0-3]):?[0-5][0-9]"
_TIME = rf"(?:[T ]{_CLOCK}(?:{_OFFSET})?)?$"
_SECOND = r"[T ][0-9]{2}:[0-9]{2}:([0-9]{2}(?:\.[0-9]+)?)(?:Z|[+-][0-9:]+)?$"
_HOUR_MINUTE = r"[T ]([0-9]{2}):([0-9]{2})(?::[0-9.]+)?(?:Z|[+-][0-9:]+)?$"
# The hour, minute and offset of a timestamp that has an offset.
_MOMENT = r"[T ]([0-9]{2}):([0-9]{2})(?::[0-9]{2}(?:\.[0-9]+)?)?(?:Z|([+-])([0-9]{2}):?([0-9]{2}))$"
_LONDON = "Europe/London"
_YEAR_FIRST = r"^([0-9]{4})-([0-9]{2})-([0-9]{2})" + _TIME
_DAY_FIRST = r"^([0-9]{2})/([0-9]{2})/([0-9]{4})" + _TIME
_DIGITS = r"^([0-9]{4})([0-9]{2})([0-9]{2})" + _TIME
_NAMED_MONTH = r"^([0-9]{2})-([A-Za-z]{3})-([0-9]{4})" + _TIME


def parse_dates(texts: pl.Series, forms: Sequence[str] = ()) -> pl.Series:
    """Parses calendar dates; null where a text is not a valid date.

    Accepts YYYY-MM-DD, DD/MM/YYYY, YYYYMMDD, DD-Mon-YYYY, a timestamp in one of these forms, and the source's own
    forms (`date_forms`). A timestamp with Z or an offset is the day in London at that moment, any other the day as
    written.
    """
    return map_unique(texts, lambda distinct: _parse_dates(distinct, [_build_iso_text()], forms), pl.Date)


def parse_partial_dates(texts: pl.Series, forms: Sequence[str] = ()) -> pl.Series:
    """As `parse_dates`, and accepts a year (its 1 January) or a month and year (its first day)."""
    return map_unique(
        texts, lambda distinct: _parse_dates(distinct, [_build_iso_text(), _build_iso_first_day()], forms), pl.Date
    )


def parse_moments(texts: pl.Series, forms: Sequence[str] = ()) -> pl.Series:
    """As `parse_dates`, but keeps the time of day: the moments in UTC.

    A text without an offset is the time in London, and a day without a time its midnight.
    """
    return map_unique(texts, lambda distinct: _parse_moments(distinct, forms), pl.Datetime("us", "UTC"))


def parse_whole_numbers(texts: pl.Series, first: int, last: int) -> pl.Series:
    """Parses whole numbers made of digits only (07 is 7) from first to last; null for any other text."""

    def parse(distinct: pl.Series) -> pl.Series:
        digits = pl.when(distinct.str.contains(WHOLE_NUMBER)).then(distinct)
        number = pl.select(digits.cast(pl.Int64, strict=False).alias("number"))["number"]
        return number.to_frame().select(pl.when(pl.col("number").is_between(first, last)).then("number"))["number"]

    return map_unique(texts, parse, pl.Int64)


def _parse_dates(texts: pl.Series, iso_texts: list[pl.Expr], forms: Sequence[str]) -> pl.Series:
    own_forms = [parse_form(form).dt.date() for form in forms]
    # A step of its own, so that it is computed once: the day in London reads it as well.
    written = texts.alias("text").to_frame().with_columns(written=_parse_calendar_date(pl.coalesce(iso_texts)))
    parsed = pl.coalesce(_find_day_in_london(pl.col("written")), "written", *own_forms)
    return written.select(parsed.alias("date"))["date"]


def _parse_moments(texts: pl.Series, forms: Sequence[str]) -> pl.Series:
    written = _parse_calendar_date(_build_iso_text()).cast(pl.Datetime("us"))
    hour, minute = (_extract(_HOUR_MINUTE, part).cast(pl.Int32, strict=False).fill_null(0) for part in (1, 2))
    second = _extract(_SECOND, 1).cast(pl.Float64, strict=False).fill_null(0)
    at = written + pl.duration(hours=hour, minutes=minute, microseconds=(second * 1_000_000).cast(pl.Int64))
    local = pl.coalesce(at, *(parse_form(form) for form in forms))
    parsed = pl.coalesce(
        (at - pl.duration(minutes=_find_offset())).dt.replace_time_zone("UTC"),
        local.dt.replace_time_zone(_LONDON, ambiguous="earliest", non_existent="null").dt.convert_time_zone("UTC"),
        # The hour that the clocks skip does not exist in London.
        local.dt.replace_time_zone("UTC"),
    )
    return texts.alias("text").to_frame().select(parsed.alias("moment"))["moment"]


def _build_iso_text() -> pl.Expr:
    """Returns YYYY-MM-DD for a full date in any accepted form, whether or not the date exists."""
    # Regular expressions, because the date parser alone accepts other forms too, such as 1/1/24 as the year 24.
    month = _extract(_NAMED_MONTH, 2).str.to_lowercase().replace_strict(_MONTH_NUMBERS, default=None)
    return pl.coalesce(
        _join(_extract(_YEAR_FIRST, 1), _extract(_YEAR_FIRST, 2), _extract(_YEAR_FIRST, 3)),
        _join(_extract(_DAY_FIRST, 3), _extract(_DAY_FIRST, 2), _extract(_DAY_FIRST, 1)),
        _join(_extract(_DIGITS, 1), _extract(_DIGITS, 2), _extract(_DIGITS, 3)),
        _join(_extract(_NAMED_MONTH, 3), month, _extract(_NAMED_MONTH, 1)),
    )


def _build_iso_first_day() -> pl.Expr:
    """Returns YYYY-MM-01 for a year, or for a month and year."""
    year, first = r"^([0-9]{4})$", pl.lit("01")
    number_year, year_number, name_year = (
        r"^([0-9]{2})/([0-9]{4})$",
        r"^([0-9]{4})-([0-9]{2})$",
        r"^([A-Za-z]+) ([0-9]{4})$",
    )
    month = _extract(name_year, 1).str.to_lowercase().replace_strict(_MONTH_NAMES, default=None)
    return pl.coalesce(
        _join(_extract(year, 1), first, first),
        _join(_extract(number_year, 2), _extract(number_year, 1), first),
        _join(_extract(year_number, 1), _extract(year_number, 2), first),
        _join(_extract(name_year, 2), month, first),
    )


def _parse_calendar_date(iso: pl.Expr) -> pl.Expr:
    """Parses a date of the calendar, which has no year 0."""
    real = pl.when(~iso.str.starts_with("0000")).then(iso)
    return real.str.to_date("%Y-%m-%d", strict=False)


def _find_day_in_london(written: pl.Expr) -> pl.Expr:
    """Returns the day in London of a timestamp with an offset; null for a text without one."""
    hour, minute = (_extract(_MOMENT, part).cast(pl.Int32, strict=False) for part in (1, 2))
    moment = written.cast(pl.Datetime("us")) + pl.duration(minutes=hour * 60 + minute - _find_offset())
    return moment.dt.replace_time_zone("UTC").dt.convert_time_zone(_LONDON).dt.date()


def _find_offset() -> pl.Expr:
    """Returns the minutes that the clock of a timestamp is ahead of UTC; null for a text without an offset."""
    hours, minutes = (_extract(_MOMENT, part).cast(pl.Int32, strict=False).fill_null(0) for part in (4, 5))
    sign = pl.when(_extract(_MOMENT, 3) == "-").then(-1).otherwise(1)
    return pl.when(pl.col("text").str.contains(_MOMENT)).then(sign * (hours * 60 + minutes))


def _extract(pattern: str, number: int) -> pl.Expr:
    return pl.col("text").str.extract(pattern, number)


def _join(year: pl.Expr, month: pl.Expr, day: pl.Expr) -> pl.Expr:
    return pl.concat_str([year, month, day], separator="-")
