"""Two runs beside each other: which counts moved, and what of what went in is not the same."""

from pathlib import Path

import polars as pl

from flows.audit import database as audit
from flows.audit.answers import frame_of_answer
from flows.support.errors import InputRefused


def compared(home: Path, before: str, after: str) -> pl.DataFrame:
    """What differs between two runs.

    Args:
        home: where the audit lies.
        before: the id of one run.
        after: the id of the other.

    Returns:
        `about` (went in, outcome, rule or field), `what`, `before`, `after`: what went in first, since it
        says why; a rule's line counts its findings, an outcome's its records, a field's the values understood.

    Raises:
        InputRefused: there is no such run.
    """
    query = (audit.SQL_DIRECTORY / "queries" / "comparison.sql").read_text(encoding="utf-8")
    with audit.read(home) as connection:
        for run_id in (before, after):
            if connection.execute("select 1 from runs where run_id = ?", [run_id]).fetchone() is None:
                raise InputRefused(f"{run_id}: there is no such run, `ndtms runs` lists them")
        return frame_of_answer(connection, query, [before, after])
