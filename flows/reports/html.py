"""Builds the HTML report of a run from the audit: one page that can be shared, because it names no record."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from flows.audit import database as audit
from flows.audit.definitions import SQL_DIRECTORY
from flows.audit.runs import find_run
from flows.reports.summary import WOULD_BE_SENT
from transforms.tables.printable import printable

_PAGE = "report.html.j2"
_PARTS = (
    "last_submission",
    "dropouts",
    "blocking",
    "outcomes",
    "costs",
    "rules",
    "unmapped",
    "completeness",
    "manifest",
)


def report(home: Path, run_id: str | None) -> tuple[str, str]:
    """Returns the report of a run (the latest by default), and the run's id.

    Raises:
        InputRefused: there is no audit, or the run is not in it.
    """
    with audit.open_read_only(home) as connection:
        run = find_run(connection, run_id)
        parts: dict[str, list[dict[str, Any]]] = {}
        for part in _PARTS:
            # Each part is one query of the audit, so an analyst can run the same one.
            query = (SQL_DIRECTORY / "report" / f"{part}.sql").read_text(encoding="utf-8")
            rows = connection.execute(query, {"run": run["run_id"]}).fetchall()
            columns = [column[0] for column in connection.description or ()]
            parts[part] = [dict(zip(columns, row, strict=True)) for row in rows]
    if run["status"] == "blocked":
        parts["outcomes"] = [_rename_sent(row) for row in parts["outcomes"]]
    # The values come from an export, so Jinja escapes all of them and fails on a name that is not defined.
    page = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_escape_controls,
    ).get_template(_PAGE)
    return page.render(run=run, **parts), str(run["run_id"])


def _rename_sent(counts: dict[str, Any]) -> dict[str, Any]:
    """Renames the count of sent records, because a blocked run has sent none."""
    return {WOULD_BE_SENT if name == "sent" else name: value for name, value in counts.items()}


def _escape_controls(value: Any) -> Any:
    """Returns a text without control characters, and any other value unchanged."""
    return printable(value) if type(value) is str else value
