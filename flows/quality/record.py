"""Records what is unusual about the months that land, in the transaction that lands them."""

from collections.abc import Sequence
from pathlib import Path

import duckdb
import polars as pl

from flows.audit.database import query_frame
from flows.quality.compare import find_unusual
from flows.quality.count import COLUMNS
from flows.quality.elsewhere import record_people_elsewhere
from flows.quality.history import load_history
from flows.quality.settings import QualitySettings
from flows.support.arrow_stream import ArrowStream


def record_quality(
    connection: duckdb.DuckDBPyConnection, home: Path, run_ids: Sequence[str], settings: QualitySettings
) -> dict[str, tuple[str, ...]]:
    """Adds what is unusual about runs to the table `quality`.

    Args:
        connection: the audit; it already has the runs and their counts, in the transaction that lands them.
        home: its directory.
        run_ids: the runs.
        settings: the limits.

    Returns:
        The sentences by run, most unusual first.
    """
    # The counts of all runs come first, because the other agencies are read once.
    record_people_elsewhere(connection, home, run_ids)
    return {run_id: _record_run(connection, home, run_id, settings) for run_id in run_ids}


def _record_run(
    connection: duckdb.DuckDBPyConnection, home: Path, run_id: str, settings: QualitySettings
) -> tuple[str, ...]:
    agency, period = connection.execute("select agency, period from runs where run_id = ?", [run_id]).fetchall()[0]
    month = query_frame(connection, "select * exclude (run_id) from month_counts where run_id = ?", [run_id])
    unusual = find_unusual(
        month.select(*COLUMNS), load_history(connection, home, agency, period, settings), settings
    ).with_columns(run_id=pl.lit(run_id), agency=pl.lit(agency, dtype=pl.String), period=pl.lit(period))
    connection.register("unusual", ArrowStream(unusual))
    connection.execute("insert into quality by name select * from unusual")
    connection.unregister("unusual")
    return tuple(unusual["text"])
