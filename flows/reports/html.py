"""Builds the HTML report of a run from the audit, and writes it: one page that names no record."""

from pathlib import Path

from flows.audit import database as audit
from flows.audit.runs import find_run
from flows.pipeline.settings import read_settings
from flows.reference.in_force import load_reference_in_force
from flows.reports.run_page.queries import Parts, Row, read_parts
from flows.reports.run_page.render import render
from flows.reports.run_page.render_shared import render_for_sharing
from flows.support.atomic_files import write_atomically
from schemas.period import Period


def report(home: Path, run_id: str | None) -> tuple[str, str]:
    """Returns the report of a run (the latest by default), and the run's id.

    Raises:
        InputRefused: there is no audit, or the run is not in it.
    """
    run, parts = _read_run(home, run_id)
    lists = load_reference_in_force(home).lists.on(Period.parse(run["period"]).last_day)
    return render(run, parts, lists, read_settings(home).agencies), str(run["run_id"])


def report_for_sharing(home: Path, run_id: str | None) -> tuple[str, str]:
    """Returns the report of a run that may be sent to others, without small counts, and the run's id.

    Raises:
        InputRefused: there is no audit, or the run is not in it.
    """
    run, parts = _read_run(home, run_id)
    return render_for_sharing(run, parts, read_settings(home).agencies), str(run["run_id"])


def write_report(home: Path, run_id: str, agency: str | None, period: str) -> Path:
    """Writes the report of a month's run to HOME/reports, in place of the report of an earlier run of the month.

    Returns:
        The path of the file.

    Raises:
        InputRefused, OSError, duckdb.Error: the report cannot be made or written; an earlier one is unchanged.
    """
    path = home / "reports" / (agency or "none") / f"{period}.html"
    page, _ = report(home, run_id)
    write_atomically(path, page.encode())
    return path


def _read_run(home: Path, run_id: str | None) -> tuple[Row, Parts]:
    with audit.open_read_only(home) as connection:
        run = find_run(connection, run_id)
        return run, read_parts(connection, run["run_id"])
