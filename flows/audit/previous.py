"""Earlier submissions: the agency's previous one, and the agency that last sent an episode."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from flows.audit import database as audit
from flows.sources.request import SubmissionRequest
from schemas.period import Period
from transforms.inputs import Previous, PreviousRun
from transforms.link.previous import LastSubmission

SENT_TABLES = ("sent_clients", "sent_episodes", "sent_interventions")
_SOURCE_COLUMNS = ("source_file", "source_line")


@dataclass(frozen=True)
class LandedRun:
    """A landed run: its id, its month (YYYY-MM), the rows it sent and the SHA-256 of its file."""

    run_id: str
    period: str
    rows_sent: int
    sha256: str


def load_previous(request: SubmissionRequest, agency: str | None) -> Previous:
    """Loads the earlier submissions of an agency, as the request compares with them.

    Raises:
        InputRefused: the audit is being written to.
    """
    if agency is None or not audit.audit_path(request.home).exists():
        return Previous()
    with audit.open_read_only(request.home) as connection:
        return Previous(
            _load_last_submission(connection, agency, str(request.period)),
            _find_other_agencies(connection, agency, request),
            _load_run_before(connection, agency, str(request.period)),
        )


def _load_last_submission(connection: duckdb.DuckDBPyConnection, agency: str, period: str) -> LastSubmission | None:
    """Returns what the latest landed run of the latest earlier period sent."""
    run = find_last_landed(connection, agency, period)
    return load_submission(connection, run) if run else None


def find_last_landed(connection: duckdb.DuckDBPyConnection, agency: str, period: str) -> LandedRun | None:
    """Returns an agency's latest landed run of the latest period before this one."""
    row = connection.execute(
        "select run_id, period, rows_sent, output_sha256 from runs"
        " where agency = ? and status = 'landed' and period < ? order by period desc, run_number desc limit 1",
        [agency, period],
    ).fetchone()
    return LandedRun(*row) if row else None


def load_submission(connection: duckdb.DuckDBPyConnection, run: LandedRun) -> LastSubmission:
    """Loads what a landed run sent."""
    # A variable instead of a parameter: with a parameter DuckDB materialises the whole result before it returns it.
    connection.execute("set variable run = ?", [run.run_id])
    of_run = "where run_id = getvariable('run')"
    sent = {
        table: audit.query_frame(connection, f"select * exclude (run_id) from {table} {of_run}")
        for table in SENT_TABLES
    }
    return _build_submission(sent, run)


def read_staged_submission(folder: Path, run: LandedRun) -> LastSubmission:
    """Reads what a landed run sent, from its staged tables."""
    return _build_submission(
        {table: pl.read_parquet(folder / f"{table}.parquet", glob=False) for table in SENT_TABLES}, run
    )


def _build_submission(sent: Mapping[str, pl.DataFrame], run: LandedRun) -> LastSubmission:
    clients, episodes, interventions = (sent[table] for table in SENT_TABLES)
    # The tables link by row number; the comparison needs the ids of the parents.
    ids = clients.select("CLIENTID", client_row="row")
    of_episodes = episodes.join(ids, on="client_row")
    ids_above = of_episodes.select("EPISODID", "CLIENTID", episode_row="row")
    return LastSubmission(
        run.run_id,
        Period.parse(run.period).last_day,
        run.rows_sent,
        run.sha256,
        clients.drop("row", *_SOURCE_COLUMNS),
        of_episodes.drop("row", "client_row", *_SOURCE_COLUMNS),
        interventions.join(ids_above, on="episode_row").drop("row", "episode_row", *_SOURCE_COLUMNS),
    )


def _load_run_before(connection: duckdb.DuckDBPyConnection, agency: str, period: str) -> PreviousRun | None:
    """Returns the agency's latest run of this period, or else of the latest earlier one."""
    # A blocked run counts here: its findings are what people have worked on since.
    run = connection.execute(
        "select run_id from runs where agency = ? and status <> 'failed' and period <= ?"
        " order by period desc, run_number desc limit 1",
        [agency, period],
    ).fetchone()
    if run is None:
        return None
    findings = audit.query_frame(
        connection,
        "select entity, client_id, episode_id, intervention_id, rule from found where run_id = ?",
        [run[0]],
    )
    return PreviousRun(run[0], findings)


def hash_moved_episodes(moved: Sequence[tuple[str, str]]) -> str:
    """Returns the SHA-256 of the episodes that another agency sent last, with those agencies."""
    return hashlib.sha256("\n".join(f"{episode} {agency}" for episode, agency in moved).encode()).hexdigest()


def _find_other_agencies(
    connection: duckdb.DuckDBPyConnection, agency: str, request: SubmissionRequest
) -> dict[str, str]:
    """Returns the episodes of the source's earlier months that another agency landed last, by EPISODID."""
    source, period = request.source, str(request.period)
    # With a single agency this skips a query over all episodes ever sent.
    if find_earlier_agencies(connection, source, period) <= {agency}:
        return {}
    found = connection.execute(
        f"from ({_read_last_agencies_query()}) where agency <> $agency",
        {"source": source, "period": period, "agency": agency},
    )
    return dict(found.fetchall())


def find_earlier_agencies(connection: duckdb.DuckDBPyConnection, source: str, period: str) -> set[str]:
    """Returns the agencies of a source that landed a month before this one."""
    found = connection.execute(
        "select distinct agency from runs where status = 'landed' and source = ? and period < ?", [source, period]
    )
    return {agency for (agency,) in found.fetchall()}


def find_last_agencies(connection: duckdb.DuckDBPyConnection, source: str, period: str) -> duckdb.DuckDBPyRelation:
    """Returns the `agency` of a source that sent each episode (EPISODID) last in a month before this one."""
    return connection.sql(_read_last_agencies_query(), params={"source": source, "period": period})


def _read_last_agencies_query() -> str:
    return (audit.SQL_DIRECTORY / "queries" / "last_agencies.sql").read_text(encoding="utf-8")
