"""Earlier submissions: the agency's previous one, and the agency that last sent an episode."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import polars as pl

from flows.audit import database as audit
from flows.sources.request import SubmissionRequest
from schemas.period import Period
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


@dataclass(frozen=True)
class RunBefore:
    """The agency's previous run: its id, and its findings (entity, the three ids and rule)."""

    run_id: str
    findings: pl.DataFrame


@dataclass(frozen=True)
class PreviousSubmissions:
    """The agency's previous submission and run, and the last agency of episodes that others sent (by EPISODID)."""

    last: LastSubmission | None = None
    agency_of: dict[str, str] = field(default_factory=dict)
    before: RunBefore | None = None

    def moved(self, episode_ids: pl.Series) -> Sequence[tuple[str, str]]:
        """Returns those of these episodes that another agency sent last, with that agency, in order."""
        return [
            (episode, self.agency_of[episode]) for episode in sorted(episode_ids.to_list()) if episode in self.agency_of
        ]


def load_previous(request: SubmissionRequest) -> Callable[[str | None], PreviousSubmissions]:
    """Returns a function that loads the previous submissions of an agency.

    The agency may be known only after the export is read.

    Raises:
        InputRefused: the audit is being written to; the returned function raises it.
    """

    def load_for_agency(agency: str | None) -> PreviousSubmissions:
        if agency is None or not audit.audit_path(request.home).exists():
            return PreviousSubmissions()
        with audit.open_read_only(request.home) as connection:
            return PreviousSubmissions(
                _load_last_submission(connection, agency, str(request.period)),
                _find_other_agencies(connection, agency, request),
                _load_run_before(connection, agency, str(request.period)),
            )

    return load_for_agency


def _load_last_submission(connection: duckdb.DuckDBPyConnection, agency: str, period: str) -> LastSubmission | None:
    """Returns what the latest landed run of the latest earlier period sent."""
    run = last_landed(connection, agency, period)
    return load_submission(connection, run) if run else None


def last_landed(connection: duckdb.DuckDBPyConnection, agency: str, period: str) -> LandedRun | None:
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


def submission_in(folder: Path, run: LandedRun) -> LastSubmission:
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


def _load_run_before(connection: duckdb.DuckDBPyConnection, agency: str, period: str) -> RunBefore | None:
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
    return RunBefore(run[0], findings)


def digest_of_moved(moved: Sequence[tuple[str, str]]) -> str:
    """Returns the SHA-256 of the episodes that another agency sent last, with those agencies."""
    return hashlib.sha256("\n".join(f"{episode} {agency}" for episode, agency in moved).encode()).hexdigest()


def _find_other_agencies(
    connection: duckdb.DuckDBPyConnection, agency: str, request: SubmissionRequest
) -> dict[str, str]:
    """Returns the episodes of the source's earlier months that another agency landed last, by EPISODID."""
    earlier = (
        "runs.status = 'landed' and runs.source = ? and runs.period < ?"
        " and runs.run_number = (select max(again.run_number) from runs as again where again.status = 'landed'"
        " and again.agency = runs.agency and again.period = runs.period)"
    )
    values = [request.source, str(request.period)]
    others = connection.execute(f"select 1 from runs where {earlier} and agency <> ? limit 1", [*values, agency])
    # With a single agency this skips a query over all episodes ever sent.
    if others.fetchone() is None:
        return {}
    rows = connection.execute(
        "select EPISODID, arg_max(agency, (period, run_number)) as last_agency from sent_episodes"
        f" join runs using (run_id) where {earlier} group by EPISODID having last_agency <> ?",
        [*values, agency],
    )
    return dict(rows.fetchall())
