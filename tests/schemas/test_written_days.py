"""Days formatted together have the same text as days formatted one by one."""

from datetime import date

import polars as pl
import pytest

from schemas.written_days import format_dates

FEW = [date(1, 1, 1), None, date(9999, 12, 31)]
MANY = [date(1969, 12, 31), date(1970, 1, 1), None, date(1970, 1, 1), date(1972, 2, 29)] * 400


@pytest.mark.parametrize("days", [[], [None], FEW, MANY, [date(1958, 3, 2)]])
@pytest.mark.parametrize("form", ["%Y-%m-%d", "%d%m%y"])
def test_each_day_is_written_as_by_itself(days: list[date | None], form: str) -> None:
    frame = pl.DataFrame({"day": days}, schema={"day": pl.Date})
    assert frame.select(format_dates(pl.col("day"), form)).equals(frame.select(pl.col("day").dt.strftime(form)))
