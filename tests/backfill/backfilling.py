"""Backfills and single submissions in this process, and what an audit records of them."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from flows.landing.commit import land
from flows.landing.home import locked_home
from flows.months.job import MonthJob, MonthResult, judge_month
from flows.months.options import BackfillOptions
from flows.months.plan import plan_backfill
from flows.months.result import BackfillResult
from flows.months.run import run_backfill
from flows.pipeline.assess import assess, load_reference_inputs, read_export
from tests.backfill.generated import SOURCE, agency, months
from tests.support.requests import submission_request

DAY = "2026-05-03"


def one_by_one(waiting: Sequence[MonthJob]) -> Iterable[MonthResult]:
    """Judges months without another process, the last first, since their order must not matter."""
    return [judge_month(month) for month in reversed(waiting)]


def asked(exports: Path, home: Path, number_of_months: int) -> BackfillOptions:
    first, *_, last = months(number_of_months)
    return BackfillOptions(str(exports / SOURCE), str(first), str(last), home=str(home), extracted_on=DAY)


def backfilled(exports: Path, home: Path, number_of_months: int) -> BackfillResult:
    with plan_backfill(asked(exports, home, number_of_months)) as plan:
        return run_backfill(plan, one_by_one)


def left_unchanged(options: BackfillOptions) -> BackfillResult | None:
    """What a backfill that has nothing to do gives; None where it has something to do."""
    with plan_backfill(options) as plan:
        return plan.result if plan.is_empty else None


def submitted_in_order(exports: Path, home: Path, agencies: int, number_of_months: int) -> Path:
    """What single submissions in order give, month by month."""
    for month in months(number_of_months):
        for place in range(agencies):
            request = submission_request(
                str(exports / SOURCE), str(month), agency=agency(place), extracted_on=DAY, home=home
            )
            inputs = load_reference_inputs(request)
            with locked_home(home):
                land(assess(request, inputs, read_export(request, inputs)), datetime.now(UTC))
    return home


def files(home: Path) -> dict[str, bytes]:
    return {str(path.relative_to(home)): path.read_bytes() for path in (home / "submissions").rglob("*.csv")}


def reported(home: Path) -> dict[str, list[tuple[object, ...]]]:
    """Everything the audit records of the latest runs that does not depend on when and how often they were made."""
    latest = "join latest_runs as l using (run_id)"
    queries = {
        "runs": "select agency, period, status, rows_sent, output_sha256, clients_in from latest_runs",
        "findings": f"select l.agency, l.period, entity, row, rule, value, old_value, new_value"
        f" from internal.found {latest}",
        "outcomes": f"select l.agency, l.period, entity, row, client_id, outcome, cause_row from outcomes {latest}",
        "rules": f"select l.agency, l.period, rule, passed, failed, errored from internal.run_rules {latest}",
        "sent": f"select l.agency, l.period, CLIENTID, EPISODID, MODID, HOUSING from sent_rows {latest}",
        "changes": "select agency, period, state, rule, count(*) from changes group by all",
        "manifest": f"select l.agency, l.period, item, digest from manifest {latest}",
    }
    with duckdb.connect(str(home / "audit.duckdb"), read_only=True) as audit:
        return {name: audit.execute(f"{query} order by all").fetchall() for name, query in queries.items()}
