"""Records what is unusual about the months that land, in the transaction that lands them."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
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


@dataclass(frozen=True)
class MonthCounts:
    """A run with the counts of its month and of the agency's months before it."""

    run_id: str
    agency: str | None
    period: str
    counts: pl.DataFrame
    history: Mapping[str, pl.DataFrame]


# Applies a function to months, in their order and possibly in parallel.
Compare = Callable[[Callable[[MonthCounts], pl.DataFrame], Sequence[MonthCounts]], Iterable[pl.DataFrame]]


def compare_in_threads(
    find: Callable[[MonthCounts], pl.DataFrame], months: Sequence[MonthCounts]
) -> Iterable[pl.DataFrame]:
    """Compares months in threads of this process: DuckDB compares each without holding up the others."""
    with ThreadPoolExecutor(min(len(months), os.cpu_count() or 1) or 1) as pool:
        return list(pool.map(find, months))


def record_quality(
    connection: duckdb.DuckDBPyConnection,
    home: Path,
    run_ids: Sequence[str],
    settings: QualitySettings,
    compare: Compare = compare_in_threads,
) -> dict[str, tuple[str, ...]]:
    """Adds what is unusual about runs to the table `quality`.

    Args:
        connection: the audit; it already has the runs and their counts, in the transaction that lands them.
        home: its directory.
        run_ids: the runs.
        settings: the limits.
        compare: compares the months of the runs; a backfill lands many at once.

    Returns:
        The sentences by run, most unusual first.
    """
    # The counts of all runs come first, because the other agencies are read once.
    record_people_elsewhere(connection, home, run_ids)
    months = [_load_month(connection, home, run_id, settings) for run_id in run_ids]
    unusual = list(compare(partial(_find_unusual_of, settings), months))
    if unusual:
        connection.register("unusual", ArrowStream(pl.concat(unusual)))
        connection.execute("insert into quality by name select * from unusual")
        connection.unregister("unusual")
    return {run_id: tuple(found["text"]) for run_id, found in zip(run_ids, unusual, strict=True)}


def _load_month(
    connection: duckdb.DuckDBPyConnection, home: Path, run_id: str, settings: QualitySettings
) -> MonthCounts:
    agency, period = connection.execute("select agency, period from runs where run_id = ?", [run_id]).fetchall()[0]
    query = "select * exclude (run_id) from month_counts where run_id = getvariable('run')"
    counts = query_frame(connection, query, {"run": run_id})
    history = load_history(connection, home, agency, period, settings)
    return MonthCounts(run_id, agency, period, counts.select(*COLUMNS), history)


def _find_unusual_of(settings: QualitySettings, month: MonthCounts) -> pl.DataFrame:
    """Returns the rows of the table `quality` of a run."""
    return find_unusual(month.counts, month.history, settings).with_columns(
        run_id=pl.lit(month.run_id), agency=pl.lit(month.agency, dtype=pl.String), period=pl.lit(month.period)
    )
