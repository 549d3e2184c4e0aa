"""What was landed before: the agency's last submission, and who sent an episode last."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import duckdb
import polars as pl

from flows import audit
from flows.request import SubmissionRequest
from schemas.dataset import Entity, fields_of
from transforms.history import LastSubmission


@dataclass(frozen=True)
class Past:
    """The agency's last submission, and the last agency of episodes that others sent (by EPISODID)."""

    last: LastSubmission | None = None
    agency_of: dict[str, str] = field(default_factory=dict)

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
            )

    return of_agency


def _last_submission(connection: duckdb.DuckDBPyConnection, agency: str, period: str) -> LastSubmission | None:
    """The latest landed run of the latest earlier period."""
    run = connection.execute(
        "select run_id, rows_sent from runs where agency = ? and status = 'landed' and period < ?"
        " order by period desc, run_number desc limit 1",
        [agency, period],
    ).fetchone()
    if run is None:
        return None
    run_id, rows_sent = run
    return LastSubmission(
        run_id,
        rows_sent,
        audit.frame_of(connection, f"select {_headers('client')} from sent_clients where run_id = ?", [run_id]),
        audit.frame_of(
            connection,
            f"select {_headers('episode', 'sent_episodes')}, sent_clients.CLIENTID from sent_episodes"
            " join sent_clients on sent_clients.run_id = sent_episodes.run_id"
            " and sent_clients.row = sent_episodes.client_row where sent_episodes.run_id = ?",
            [run_id],
        ),
        audit.frame_of(
            connection,
            f"select {_headers('intervention')}, EPISODID, CLIENTID from sent_rows where run_id = ?",
            [run_id],
        ),
    )


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


def _headers(entity: Entity, table: str = "") -> str:
    prefix = f"{table}." if table else ""
    return ", ".join(f'{prefix}"{each.header}"' for each in fields_of(entity))
