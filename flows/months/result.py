"""What came of a backfill, month by month, and as a table of agencies."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

import polars as pl

from flows.months.job import MonthDone

_STATUSES = ("landed", "blocked", "unchanged", "failed")


@dataclass
class Backfilled:
    """What came of a backfill: a line for each month of each agency, in the order they were done.

    `asked` are the months that were asked for (YYYY-MM), whether or not there are exports of them.
    """

    months: list[MonthDone] = field(default_factory=list)
    asked: tuple[str, ...] = ()

    def having(self, status: str) -> list[MonthDone]:
        """The months with a status: landed, blocked, unchanged or failed."""
        return [month for month in self.months if month.status == status]

    @property
    def blocked(self) -> list[MonthDone]:
        """The months that stand blocked: by this backfill, or unchanged since one that blocked them."""
        return [month for month in self.months if month.status == "blocked" or month.stands_blocked]


def told_of(done: Backfilled) -> Iterator[str]:
    """A sentence for each thing a person must look at: what failed, what is blocked, what has no export."""
    for month in done.having("failed"):
        yield f"{month.agency or 'no agency'} {month.period}: {month.failure}"
    for month in done.months:
        if month.restored:
            yield month.restored
    for month in done.blocked:
        why = month.failure or "it was blocked before, and nothing has changed since"
        yield f"{month.agency or 'no agency'} {month.period}: blocked; {why}"
    for agency in sorted({month.agency for month in done.months if month.agency}):
        missing = _without_export(done, agency)
        if missing:
            yield f"{agency}: there is no export of {', '.join(_spans(missing, done.asked))}"


def _without_export(done: Backfilled, agency: str) -> list[str]:
    """The months an agency has no export of; those after one it stopped at were not looked for."""
    of_agency = [month for month in done.months if month.agency == agency]
    stopped_at = next((month.period for month in of_agency if month.status == "failed"), None)
    there = {month.period for month in of_agency}
    return [month for month in done.asked if month not in there and (stopped_at is None or month < stopped_at)]


def _spans(months: Sequence[str], asked: Sequence[str]) -> Iterator[str]:
    """Months in words, those that follow each other as one span."""
    for _, following in groupby(enumerate(months), key=lambda pair: asked.index(pair[1]) - pair[0]):
        first, *others = (month for _, month in following)
        yield f"{first} to {others[-1]}" if others else first


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
