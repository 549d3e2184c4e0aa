"""The state of each agency's months: landed, not ready, blocked, failed, missing or late."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from flows.support.errors import InputRefused
from schemas.period import Period

# From the best to the worst.
STATES = ("landed", "not ready", "missing", "failed", "blocked", "late")
_BEFORE_DEADLINE = ("missing", "failed", "blocked")
NOT_LANDED = (*_BEFORE_DEADLINE, "late")


def build_status(
    months: pl.DataFrame, agencies: Mapping[str, str], periods: Sequence[Period], deadline_day: int, today: date
) -> pl.DataFrame:
    """Returns the state of every agency in every month.

    Args:
        months: the rows of the view `status`, with `landed_on` (date).
        agencies: the names of the agencies that must submit, by code; an agency of `months` is added without a name.
        periods: the months to report.
        deadline_day: the day of the following month by which a month must have landed.
        today: the day of the report.

    Returns:
        agency, name, period, state, rows_sent, percent_sent, landed_on, days_ago, last_run and run_id; sorted by
        agency and month. A month that has not landed by its deadline is `late`. One that landed with a code list that
        is not the official one is `not ready`.
    """
    codes = sorted({*agencies, *months["agency"].drop_nulls()})
    expected = pl.DataFrame(
        [
            (code, agencies.get(code), str(month), find_deadline(month, deadline_day))
            for code in codes
            for month in periods
        ],
        schema={"agency": pl.String, "name": pl.String, "period": pl.String, "deadline": pl.Date},
        orient="row",
    )
    state = (
        pl.when((pl.col("status") == "landed") & (pl.col("provisional_lists") > 0))
        .then(pl.lit("not ready"))
        .otherwise(pl.col("status").fill_null("missing"))
    )
    is_late = state.is_in(_BEFORE_DEADLINE) & (pl.col("deadline") < today)
    return (
        expected.join(months, on=["agency", "period"], how="left")
        .select(
            "agency",
            "name",
            "period",
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


def refuse_empty(board: pl.DataFrame, home: Path) -> None:
    """Refuses a home in which no agency has a run and none must submit: nothing could ever be reported of it.

    Raises:
        InputRefused: the board has no rows.
    """
    if board.is_empty():
        raise InputRefused(
            f"{home}: no agency has a run and none is expected; name those that must submit under [agencies] in"
            f" {home / 'settings.toml'}"
        )


def find_deadline(period: Period, deadline_day: int) -> date:
    """Returns the last day on which a month can be submitted in time."""
    return (period.last_day + timedelta(days=1)).replace(day=deadline_day)


def choose_periods(months: pl.DataFrame, today: date, most: int) -> tuple[Period, ...]:
    """Returns the months to report: up to the last complete one, from the first with a run, `most` at the most.

    Args:
        months: the rows of the view `status`.
        today: the day of the report.
        most: the largest number of months.
    """
    last = Period.before(today)
    first = min([last, *map(Period.parse, months["period"])])
    return first.until(last)[-most:]
