"""Comparison of two runs: changed counts and changed inputs."""

from pathlib import Path

import polars as pl

from flows.audit import database as audit
from flows.audit.answers import query_frame_exactly
from flows.audit.definitions import SQL_DIRECTORY
from flows.audit.runs import find_run


def compare_runs(home: Path, before: str, after: str) -> pl.DataFrame:
    """Returns the differences between two runs.

    Args:
        home: the directory of the audit.
        before: the id of the first run.
        after: the id of the second run.

    Returns:
        `about` (input, outcome, rule or field), `what`, `before`, `after`.  Inputs come first, because they explain
        the rest.  A rule's row counts findings, an outcome's row counts records, a field's row counts parsed values.

    Raises:
        InputRefused: a run does not exist.
    """
    query = (SQL_DIRECTORY / "queries" / "comparison.sql").read_text(encoding="utf-8")
    with audit.open_read_only(home) as connection:
        for run_id in (before, after):
            find_run(connection, run_id, option="")
        return query_frame_exactly(connection, query, [before, after])
