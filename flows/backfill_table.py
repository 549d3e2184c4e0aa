"""What came of a backfill, month by month, and as a table of agencies."""

from dataclasses import dataclass, field

import polars as pl

from flows.backfill_month import MonthDone

_STATUSES = ("landed", "blocked", "unchanged", "failed")


@dataclass
class Backfilled:
    """What came of a backfill: a line for each month of each agency, in the order they were done."""

    months: list[MonthDone] = field(default_factory=list)

    def having(self, status: str) -> list[MonthDone]:
        """The months with a status: landed, blocked, unchanged or failed."""
        return [month for month in self.months if month.status == status]


def outcome_table(done: Backfilled) -> pl.DataFrame:
    """A line for each agency: how many of its months came to what, the rows sent, and which month it stopped at."""
    lines: dict[str, dict[str, object]] = {}
    for month in sorted(done.months, key=lambda each: (str(each.agency), each.period)):
        line = lines.setdefault(
            str(month.agency or "none"),
            {"agency": month.agency or "none", **dict.fromkeys(_STATUSES, 0), "rows_sent": 0, "stopped_at": None},
        )
        line[month.status] = int(str(line[month.status])) + 1
        line["rows_sent"] = int(str(line["rows_sent"])) + month.rows_sent
        if month.status == "failed":
            line["stopped_at"] = month.period
    counts = dict.fromkeys((*_STATUSES, "rows_sent"), pl.Int64)
    return pl.DataFrame(list(lines.values()), schema={"agency": pl.String, **counts, "stopped_at": pl.String})
