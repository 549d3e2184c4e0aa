"""Checks a mapping's own forms of dates (strftime), and parses texts in them.

polars reads the dates of the mapped columns, and DuckDB those in the SQL of a mapping. A form may have only what both
read and write alike.
"""

import re
from datetime import datetime
from functools import cache

import polars as pl

DIRECTIVES = (
    "%d", "%-d", "%m", "%-m", "%b", "%B", "%Y", "%j", "%a", "%A",
    "%H", "%-H", "%I", "%-I", "%p", "%M", "%S", "%F", "%R", "%T", "%%",
)  # fmt: skip
# DuckDB reads no date that has the day of the year (%j) and one of these.
_DAY_AND_MONTH = {"%d", "%-d", "%m", "%-m", "%b", "%B"}
# DuckDB does not know all the abbreviations.
_ABBREVIATIONS = {"%F": "%Y-%m-%d", "%R": "%H:%M", "%T": "%H:%M:%S"}
_DIRECTIVE = re.compile(r"%-?.?", re.DOTALL)
# The fraction of a second as Python writes it, and as polars does. The libraries disagree about the number of its
# digits, so it is removed from the form and from the text.
_FRACTION = re.compile(r"[.,]%f|%\.f")

# What a text has for the fraction of a second, and what follows it there.
FRACTION_TEXT = r"[.,]([0-9]{1,9})([^0-9]*)$"

# Neither day is a valid month, and the centuries differ, so a form that mixes them up does not round-trip.
_SAMPLE, _SAMPLE_LAST_CENTURY = datetime(2021, 3, 14, 15, 9, 26), datetime(1953, 11, 29, 8, 7, 6)
_SAMPLE_FRACTION = ".123"


def find_unknown_directive(form: str) -> str | None:
    """Returns the first directive of a form that is not allowed; None if there is none."""
    directives: list[str] = _DIRECTIVE.findall(_FRACTION.sub("", form))
    return next((directive for directive in directives if directive not in DIRECTIVES), None)


def reads_whole_dates(form: str) -> bool:
    """Returns whether a form parses what it writes: day, month and year, in any century."""
    if "%j" in form and set(_DIRECTIVE.findall(simplify_form(form))) & _DAY_AND_MONTH:
        return False
    samples = pl.Series("text", [_SAMPLE, _SAMPLE_LAST_CENTURY], dtype=pl.Datetime("us"))
    try:
        written = samples.dt.strftime(_FRACTION.sub(_SAMPLE_FRACTION, form))
        parsed = written.to_frame().select(parse_form(form).dt.date().alias("date"))["date"]
    except pl.exceptions.PolarsError:
        return False
    return parsed.to_list() == [_SAMPLE.date(), _SAMPLE_LAST_CENTURY.date()]


def has_fraction(form: str) -> bool:
    """Returns whether a form includes the fraction of a second (`.%f`), which its texts may have or not."""
    return bool(_FRACTION.search(form))


def simplify_form(form: str) -> str:
    """Returns a form without the fraction of a second and without abbreviations such as %F."""
    return _DIRECTIVE.sub(lambda found: _ABBREVIATIONS.get(found[0], found[0]), _FRACTION.sub("", form))


def parse_form(form: str) -> pl.Expr:
    """Returns an expression that parses the column `text`: a date and time (us), null for a text of another form.

    Args:
        form: one of the mapping's forms, for which `reads_whole_dates` is true.
    """
    simple, text = simplify_form(form), pl.col("text")
    if not has_fraction(form):
        return _parse_exactly(text, simple)
    fraction = pl.concat_str(pl.lit("0."), text.str.extract(FRACTION_TEXT, 1)).cast(pl.Float64)
    without = _parse_exactly(text.str.replace(FRACTION_TEXT, "$2"), simple)
    moment = without + pl.duration(microseconds=(fraction * 1_000_000).round().cast(pl.Int64))
    return pl.coalesce(_parse_exactly(text, simple), moment)


def _parse_exactly(text: pl.Expr, form: str) -> pl.Expr:
    """Parses a text; null unless formatting the date gives the text again.

    The round trip is needed because the parser alone reads 1/1/24 as the year 24.
    """
    parsed = text.str.to_datetime(form, strict=False, exact=True, time_unit="us")
    if not _has_clock(form):
        parsed = text.str.to_date(form, strict=False).cast(pl.Datetime("us"))
    same = parsed.dt.strftime(form).str.to_lowercase() == text.str.to_lowercase()
    return pl.when(same).then(parsed)


@cache
def _has_clock(form: str) -> bool:
    """Returns whether a form includes a time of day; the parser can produce a timestamp only then."""
    written = pl.Series([_SAMPLE]).dt.strftime(form)
    try:
        return written.str.to_datetime(form, strict=False, exact=True, time_unit="us").null_count() == 0
    except pl.exceptions.PolarsError:
        return False
