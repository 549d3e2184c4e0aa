"""What was landed before: the agency's last submission, and who sent an episode last."""

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
_WHERE_IT_LAY = ("source_file", "source_line")


@dataclass(frozen=True)
class LandedRun:
    """A run that landed: its id, its month (YYYY-MM), the rows it sent and the SHA-256 of its file."""

    run_id: str
    period: str
    rows_sent: int
    sha256: str


@dataclass(frozen=True)
class RunBefore:
    """The agency's run before: its id, and its findings: entity, the three ids and rule."""

    run_id: str
    findings: pl.DataFrame


@dataclass(frozen=True)
class Past:
    """The agency's last submission, its run before, and the last agency of episodes that others sent (by EPISODID)."""

    last: LastSubmission | None = None
    agency_of: dict[str, str] = field(default_factory=dict)
    before: RunBefore | None = None

    def moved(self, episode_ids: pl.Series) -> Sequence[tuple[str, str]]:
        """Those of these episodes that another agency sent last, with that agency, in order."""
        return [(each, self.agency_of[each]) for each in sorted(episode_ids.to_list()) if each in self.agency_of]


def past_of(request: SubmissionRequest) -> Callable[[str | None], Past]:
    """The past of a request, once its agency is known.  Raises InputRefused where the audit is being written to."""

    def of_agency(agency: str | None) -> Past:
        if agency is None or not audit.audit_path(request.home).exists():
            return Past()
        with audit.read(request.home) as connection:
            return Past(
                _last_submission(connection, agency, str(request.period)),
                _other_agencies(connection, agency, request),
                _run_before(connection, agency, str(request.period)),
            )

    return of_agency


def _last_submission(connection: duckdb.DuckDBPyConnection, agency: str, period: str) -> LastSubmission | None:
    """The latest landed run of the latest earlier period."""
    run = last_landed(connection, agency, period)
    return submission_of(connection, run) if run else None


def last_landed(connection: duckdb.DuckDBPyConnection, agency: str, period: str) -> LandedRun | None:
    """An agency's latest landed run of the latest period before this one."""
    found = connection.execute(
        "select run_id, period, rows_sent, output_sha256 from runs"
        " where agency = ? and status = 'landed' and period < ? order by period desc, run_number desc limit 1",
        [agency, period],
    ).fetchone()
    return LandedRun(*found) if found else None


def submission_of(connection: duckdb.DuckDBPyConnection, run: LandedRun) -> LastSubmission:
    """What a landed run sent."""
    # A variable: with a parameter DuckDB would put the whole answer together before it hands it over.
    connection.execute("set variable run = ?", [run.run_id])
    of_run = "where run_id = getvariable('run')"
    sent = {
        table: audit.frame_of(connection, f"select * exclude (run_id) from {table} {of_run}") for table in SENT_TABLES
    }
    return _submission(sent, run)


def submission_in(folder: Path, run: LandedRun) -> LastSubmission:
    """What a landed run sent, from its staged tables."""
    return _submission({table: pl.read_parquet(folder / f"{table}.parquet", glob=False) for table in SENT_TABLES}, run)


def _submission(sent: Mapping[str, pl.DataFrame], run: LandedRun) -> LastSubmission:
    clients, episodes, interventions = (sent[table] for table in SENT_TABLES)
    ids = clients.select("CLIENTID", client_row="row")
    of_episodes = episodes.join(ids, on="client_row")
    ids_above = of_episodes.select("EPISODID", "CLIENTID", episode_row="row")
    return LastSubmission(
        run.run_id,
        Period.parse(run.period).last_day,
        run.rows_sent,
        run.sha256,
        clients.drop("row", *_WHERE_IT_LAY),
        of_episodes.drop("row", "client_row", *_WHERE_IT_LAY),
        interventions.join(ids_above, on="episode_row").drop("row", "episode_row", *_WHERE_IT_LAY),
    )


def _run_before(connection: duckdb.DuckDBPyConnection, agency: str, period: str) -> RunBefore | None:
    """The agency's latest run of this period, else of the latest earlier one."""
    run = connection.execute(
        "select run_id from runs where agency = ? and status <> 'failed' and period <= ?"
        " order by period desc, run_number desc limit 1",
        [agency, period],
    ).fetchone()
    if run is None:
        return None
    findings = audit.frame_of(
        connection,
        "select entity, client_id, episode_id, intervention_id, rule from found where run_id = ?",
        [run[0]],
    )
    return RunBefore(run[0], findings)


def digest_of_moved(moved: Sequence[tuple[str, str]]) -> str:
    """The digest of which episodes others sent last."""
    return hashlib.sha256("\n".join(f"{episode} {agency}" for episode, agency in moved).encode()).hexdigest()


def _other_agencies(connection: duckdb.DuckDBPyConnection, agency: str, request: SubmissionRequest) -> dict[str, str]:
    """Episodes that, of the source's earlier months, another agency landed last."""
    earlier = (
        "runs.status = 'landed' and runs.source = ? and runs.period < ?"
        " and runs.run_number = (select max(again.run_number) from runs as again where again.status = 'landed'"
        " and again.agency = runs.agency and again.period = runs.period)"
    )
    values = [request.source, str(request.period)]
    others = connection.execute(f"select 1 from runs where {earlier} and agency <> ? limit 1", [*values, agency])
    if others.fetchone() is None:
        return {}
    found = connection.execute(
        "select EPISODID, arg_max(agency, (period, run_number)) as last_agency from sent_episodes"
        f" join runs using (run_id) where {earlier} group by EPISODID having last_agency <> ?",
        [*values, agency],
    )
    return dict(found.fetchall())
