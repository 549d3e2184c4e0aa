"""Runs in the audit, found by their id."""

from typing import Any

import duckdb

from flows.support.errors import InputRefused


def find_run(connection: duckdb.DuckDBPyConnection, run_id: str | None, option: str = "--run") -> dict[str, Any]:
    """Returns a run's row of the table `runs`, by column.

    Args:
        connection: the audit.
        run_id: the run's id; None finds the latest run.
        option: the option that the id was typed for, for the message; blank if it was typed as an argument.

    Raises:
        InputRefused: the run is not in the audit.
    """
    wanted = "run_id = $run" if run_id is not None else "$run is null"
    found = connection.execute(
        f"select * from runs where {wanted} order by run_number desc limit 1", {"run": run_id}
    ).fetchone()
    if found is None and run_id is None:
        raise InputRefused("the audit has no runs yet; `ndtms submit` makes one")
    if found is None:
        typed = f"{option} is {run_id!r};" if option else f"{run_id}:"
        raise InputRefused(f"{typed} there is no such run, `ndtms runs` lists them")
    return dict(zip((column[0] for column in connection.description or ()), found, strict=True))
