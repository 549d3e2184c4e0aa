"""Pages of reports for tests and measurements: of the example, and of a run with half a million findings."""

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

from flows.audit.runs import find_run
from flows.landing.commit import land
from flows.landing.home import locked_home
from flows.reports.html import report
from flows.reports.run_page.queries import read_parts
from flows.reports.run_page.render import render
from schemas.code_lists import CodeLists
from schemas.period import Period
from tests.lists.worlds import Run, open_audit
from tests.support.requests import submission_request
from tests.support.runs import STARTED_AT, assess_request
from tests.support.snapshots import ROOT

EXAMPLE = ROOT / "data" / "examples" / "orchard"
# The first month, the second, and the first again in place of the third, which is blocked.
_EXPORTS = {"2023-04": "2023-04", "2023-05": "2023-05", "2023-06": "2023-04"}
PAGES = {"first": "L0001-2023-04-1", "landed": "L0001-2023-05-1", "blocked": "L0001-2023-06-1"}


def land_example(home: Path, agency: str, months: Iterable[tuple[str, str]]) -> None:
    """Lands months of the example in a home, each extracted on the third of the following month.

    Args:
        home: the home.
        agency: the agency.
        months: each month with the month of the export that is submitted for it.
    """
    for month, export in months:
        extracted_on = Period.parse(month).last_day + timedelta(days=3)
        request = submission_request(
            "orchard", month, agency=agency, extracted_on=extracted_on.isoformat(), home=home,
            input_folder=str(EXAMPLE / export),
        )  # fmt: skip
        with locked_home(home):
            land(assess_request(request), STARTED_AT)


def write_example_pages(folder: Path) -> dict[str, Path]:
    """Writes the reports of a first run, of a second month and of a blocked run; returns their paths by name."""
    home = folder / "home"
    land_example(home, "L0001", _EXPORTS.items())
    return {name: _write_page(folder, name, report(home, run_id)[0]) for name, run_id in PAGES.items()}


def write_large_page(folder: Path) -> Path:
    """Writes the report of a run with 500,000 findings of 500 rules and 5,000 values that match no code."""
    with open_audit(Run("L0001", "2023-05"), Run("L0001", "2023-06")) as audit:
        audit.execute(
            "insert into internal.run_rules select 'run' || run, 'SEX.R' || rule, 'SEX', 'warning', 'entry',"
            " 'It must.', repeat('Wrong. ', 20), 'Correct it.', 'Keep it.', 'a, b', false, true, 10, 1000, 0, 0"
            " from range(2) as runs(run), range(500) as rules(rule)"
        )
        audit.execute(
            "insert into internal.found by name select 'run' || run as run_id, 'client' as entity, row,"
            " 'C' || row as client_id, 'SEX.R' || (row % 500) as rule, repeat('x', 50) as value"
            " from range(2) as runs(run), range(500000) as rows(row)"
        )
        audit.execute("insert into internal.lost_rows select 'run1', row, 'SEX.R' || (row % 500), 'client', row"
                      " from range(5000) as rows(row)")  # fmt: skip
        audit.execute("insert into internal.unmapped_values select 'run1', 'HOUSING', repeat('y', 3000) || row, 1"
                      " from range(5000) as rows(row)")  # fmt: skip
        run, parts = find_run(audit, "run1"), read_parts(audit, "run1")
    return _write_page(folder, "large", render(run, parts, CodeLists({}), {"L0001": "HMP Test"}))


def _write_page(folder: Path, name: str, page: str) -> Path:
    path = folder / f"{name}.html"
    path.write_text(page, encoding="utf-8")
    return path
