"""The result of a backfill: by month, and as a table of agencies."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

import polars as pl

from flows.months.job import MonthResult

_STATUSES = ("landed", "blocked", "unchanged", "failed")


@dataclass
class BackfillResult:
    """The result of a backfill, with one entry per month and agency, in the order they were run.

    `asked` are the requested months (YYYY-MM), whether or not they have exports.
    """

    months: list[MonthResult] = field(default_factory=list)
    asked: tuple[str, ...] = ()

    def with_status(self, status: str) -> list[MonthResult]:
        """Returns the months with a status: landed, blocked, unchanged or failed."""
        return [month for month in self.months if month.status == status]

    @property
    def blocked(self) -> list[MonthResult]:
        """Returns the blocked months: blocked by this backfill, or unchanged since an earlier run that was blocked."""
        return [month for month in self.months if month.status == "blocked" or month.is_still_blocked]


def list_messages(done: BackfillResult) -> Iterator[str]:
    """Yields a sentence for each result that needs attention: failed, restored, blocked, or without an export."""
    for month in done.with_status("failed"):
        yield f"{month.agency or 'no agency'} {month.period}: {month.failure}"
    for month in done.months:
        if month.restored:
            yield month.restored
    for month in done.blocked:
        why = month.failure or "it was blocked before, and its inputs have not changed"
        yield f"{month.agency or 'no agency'} {month.period}: blocked; {why}"
    for agency in sorted({month.agency for month in done.months if month.agency}):
        missing = _find_missing_months(done, agency)
        if missing:
            yield f"{agency}: there is no export for {', '.join(_format_spans(missing, done.asked))}"


def _find_missing_months(done: BackfillResult, agency: str) -> list[str]:
    """Returns the months without an export; months after a failed one are left out, as they were not searched."""
    of_agency = [month for month in done.months if month.agency == agency]
    stopped_at = next((month.period for month in of_agency if month.status == "failed"), None)
    there = {month.period for month in of_agency}
    return [month for month in done.asked if month not in there and (stopped_at is None or month < stopped_at)]


def _format_spans(months: Sequence[str], asked: Sequence[str]) -> Iterator[str]:
    """Yields months as text, consecutive ones as one span."""
    # Index minus position is constant within consecutive months.
    for _, following in groupby(enumerate(months), key=lambda pair: asked.index(pair[1]) - pair[0]):
        first, *others = (month for _, month in following)
        yield f"{first} to {others[-1]}" if others else first


def build_outcome_table(done: BackfillResult) -> pl.DataFrame:
    """Returns one row per agency: the count of months by status, the rows sent, and the month it stopped at."""
    lines: dict[str, dict[str, object]] = {}
    for month in sorted(done.months, key=lambda month: (str(month.agency), month.period)):
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
