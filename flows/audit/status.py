"""The state of each agency's months: landed, not ready, blocked, failed, missing or late."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import polars as pl

from flows.audit.expected_months import ExpectedMonths
from flows.support.errors import InputRefused
from schemas.period import Period

# From the best to the worst.
STATES = ("landed", "not ready", "missing", "failed", "blocked", "late")
_BEFORE_DEADLINE = ("missing", "failed", "blocked")
NOT_LANDED = (*_BEFORE_DEADLINE, "late")


def build_status(
    months: pl.DataFrame, expected: ExpectedMonths, periods: Sequence[Period], today: date
) -> pl.DataFrame:
    """Returns the state of every agency in every month.

    Args:
        months: the rows of the view `status`, with `landed_on` (date).
        expected: the months that must land; an agency of `months` is added without a name.
        periods: the months to report.
        today: the day of the report.

    Returns:
        agency, name, period, is_expected, state, rows_sent, percent_sent, landed_on, days_ago, last_run and run_id;
        sorted by agency and month. A month that has not landed by its deadline is `late`. One that landed with a code
        list that is not the official one is `not ready`. A month before the first one of its agency that must land
        has a row only if it has a run, and is never late.
    """
    codes = sorted({*expected.agencies, *months["agency"].drop_nulls()})
    every_month = pl.DataFrame(
        [
            (
                code,
                expected.agencies.get(code),
                str(month),
                expected.find_deadline(month),
                str(month) >= expected.find_first(code),
            )
            for code in codes
            for month in periods
        ],
        schema={
            "agency": pl.String,
            "name": pl.String,
            "period": pl.String,
            "deadline": pl.Date,
            "is_expected": pl.Boolean,
        },
        orient="row",
    )
    state = (
        pl.when((pl.col("status") == "landed") & (pl.col("provisional_lists") > 0))
        .then(pl.lit("not ready"))
        .otherwise(pl.col("status").fill_null("missing"))
    )
    is_late = pl.col("is_expected") & state.is_in(_BEFORE_DEADLINE) & (pl.col("deadline") < today)
    return (
        every_month.join(months, on=["agency", "period"], how="left")
        .filter(pl.col("is_expected") | pl.col("status").is_not_null())
        .select(
            "agency",
            "name",
            "period",
            "is_expected",
            state=pl.when(is_late).then(pl.lit("late")).otherwise(state),
            rows_sent=pl.col("rows_sent").fill_null(0),
            percent_sent="percent_sent",
            landed_on="landed_on",
            days_ago=(pl.lit(today) - pl.col("landed_on")).dt.total_days(),
            last_run="last_run_status",
            run_id="run_id",
        )
        .sort("agency", "period")
    )


def is_overdue(expected: ExpectedMonths) -> pl.Expr:
    """Returns an expression: whether a month has not landed although the settings have the first month that must."""
    if expected.find_earliest() is None:
        return pl.lit(value=False)
    return pl.col("is_expected") & pl.col("state").is_in(NOT_LANDED)


def refuse_no_agencies(months: pl.DataFrame, expected: ExpectedMonths, home: Path) -> None:
    """Refuses a home in which no agency has a run and none must submit: nothing could ever be reported of it.

    Raises:
        InputRefused: the home has no run, and no agency must submit.
    """
    if months.is_empty() and not expected.agencies:
        raise InputRefused(
            f"{home}: no agency has a run and none is expected; name those that must submit under [agencies] in"
            f" {home / 'settings.toml'}"
        )


def choose_periods(
    months: pl.DataFrame, expected: ExpectedMonths, today: date, most: int | None = None
) -> tuple[Period, ...]:
    """Returns the months to report: up to the last complete one, from the first that must land or has a run.

    Args:
        months: the rows of the view `status`.
        expected: the months that must land.
        today: the day of the report.
        most: the largest number of months; None for all.
    """
    last = Period.before(today)
    earliest = expected.find_earliest() or last
    first = min([last, earliest, *map(Period.parse, months["period"])])
    return first.until(last)[-most:] if most else first.until(last)
