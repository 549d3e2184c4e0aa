"""Earlier submissions: the agency's previous one, and the agency that last sent an episode."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from operator import itemgetter
from pathlib import Path
from typing import cast

import duckdb
import polars as pl

from flows.audit import database as audit
from flows.audit.definitions import SQL_DIRECTORY
from flows.audit.parallel_queries import query_in_parallel
from flows.sources.request import SubmissionRequest
from flows.support.arrow_stream import ArrowStream
from schemas.dataset import ENTITIES, ID_FIELD, Entity
from schemas.period import Period
from transforms.inputs import Previous, PreviousRun
from transforms.link.previous import SUBMISSION_FRAMES, LastSubmission, store_as_categories
from transforms.results.changes import COMPARED

_SENT = {entity: f"internal.sent_{entity}s" for entity in ("client", "episode", "intervention")}
# Up to this many rows of an older run are fetched one by one; otherwise the whole run is read.
_FEW_ROWS = 500
_LATEST_EPISODES = """
    select c.CLIENTID, e.EPISODID, c.FINITIAL, c.SINITIAL, c.DOB, c.SEX, e.RECPDT, e.TRIAGED
    from internal.sent_episodes as e join internal.sent_clients as c on c.run_id = e.run_id and c.row = e.client_row
    where e.run_id = getvariable('run')
"""
_LATEST_INTERVENTIONS = """
    select c.CLIENTID, e.EPISODID, i.MODID
    from internal.sent_interventions as i
    join internal.sent_episodes as e on e.run_id = i.run_id and e.row = i.episode_row
    join internal.sent_clients as c on c.run_id = e.run_id and c.row = e.client_row
    where i.run_id = getvariable('run')
"""
_ROWS: dict[Entity, str] = {
    "client": "select x.* from internal.sent_clients as x where x.run_id = getvariable('run')",
    "episode": """
        select x.*, c.CLIENTID from internal.sent_episodes as x
        join internal.sent_clients as c on c.run_id = x.run_id and c.row = x.client_row
        where x.run_id = getvariable('run')
    """,
    "intervention": """
        select x.*, e.EPISODID from internal.sent_interventions as x
        join internal.sent_episodes as e on e.run_id = x.run_id and e.row = x.episode_row
        where x.run_id = getvariable('run')
    """,
}
_INTERVENTIONS_OF_EPISODES = """
    select e.row, e.EPISODID, x.MODID, x.MODEND from internal.sent_interventions as x
    join internal.sent_episodes as e on e.run_id = x.run_id and e.row = x.episode_row
    where x.run_id = getvariable('run')
"""
_NOT_COMPARED = ("run_id", "row", "client_row", "episode_row", "source_file", "source_line")


@dataclass(frozen=True)
class LandedRun:
    """A landed run: its id, its month (YYYY-MM) and the rows it sent.

    `history` is the SHA-256 of the files of this run and of the agency's landed runs of all months before it, because
    each record is compared with the latest of them that contains it.
    """

    run_id: str
    period: str
    rows_sent: int
    history: str


def load_previous(request: SubmissionRequest, agency: str | None, export_ids: Mapping[Entity, pl.Series]) -> Previous:
    """Loads the earlier submissions of an agency, as the request compares with them.

    Args:
        request: the submission.
        agency: its agency; None where there is no single one.
        export_ids: the ids of the export's records, by entity; only their earlier values are loaded.

    Raises:
        InputRefused: the audit is being written to.
    """
    if agency is None or not audit.audit_path(request.home).exists():
        return Previous()
    with audit.open_read_only(request.home) as connection:
        run = find_last_landed(connection, agency, str(request.period))
        return Previous(
            load_submission(connection, agency, run, export_ids) if run else None,
            _find_other_agencies(connection, agency, request),
            _load_earlier_run(connection, agency, "period = $period", request),
            _load_earlier_run(connection, agency, "period < $period", request),
        )


def find_last_landed(connection: duckdb.DuckDBPyConnection, agency: str, period: str) -> LandedRun | None:
    """Returns an agency's latest landed run of the latest period before this one."""
    runs = connection.execute(
        "select run_id, period, rows_sent, output_sha256 from runs where agency = ? and status = 'landed'"
        " and period < ? qualify row_number() over (partition by period order by run_number desc) = 1 order by period",
        [agency, period],
    ).fetchall()
    if not runs:
        return None
    run_id, month, rows_sent, _ = runs[-1]
    return LandedRun(run_id, month, rows_sent, hash_texts(f"{earlier} {digest}" for _, earlier, _, digest in runs))


def load_submission(
    connection: duckdb.DuckDBPyConnection,
    agency: str,
    run: LandedRun,
    export_ids: Mapping[Entity, pl.Series] | None = None,
) -> LastSubmission:
    """Loads what an agency's earlier submissions sent: each record as the latest of them has it.

    Args:
        connection: the audit.
        agency: the agency.
        run: its latest landed run; later months are ignored.
        export_ids: the ids to load, by entity; None loads all.
    """
    runs = _find_runs(connection, agency, run)
    found = query_in_parallel(
        connection,
        [partial(_locate, entity=entity, runs=runs, export_ids=export_ids) for entity in ENTITIES],
    )
    located = dict(zip(ENTITIES, found, strict=True))
    of_run = {"run": run.run_id}
    frames = query_in_parallel(
        connection,
        [
            *(partial(_load_records, entity=entity, runs=runs, located=located[entity]) for entity in ENTITIES),
            partial(_load_interventions_of_episodes, runs=runs, located=located["episode"]),
            partial(_load_older_interventions, runs=runs, located=located["episode"], export_ids=export_ids),
            partial(audit.query_frame, query=_LATEST_EPISODES, variables=of_run),
            partial(audit.query_frame, query=_LATEST_INTERVENTIONS, variables=of_run),
        ],
    )
    return LastSubmission(run.run_id, Period.parse(run.period).last_day, run.rows_sent, run.history, *frames)


def _find_runs(connection: duckdb.DuckDBPyConnection, agency: str, run: LandedRun) -> list[tuple[str, str]]:
    """Returns run and month of an agency's landed runs up to a month, one per month, oldest first."""
    return connection.execute(
        "select run_id, period from runs where agency = ? and status = 'landed' and period <= ?"
        " qualify row_number() over (partition by period order by run_number desc) = 1 order by period",
        [agency, run.period],
    ).fetchall()


def _locate(
    connection: duckdb.DuckDBPyConnection,
    entity: Entity,
    runs: Sequence[tuple[str, str]],
    export_ids: Mapping[Entity, pl.Series] | None,
) -> pl.DataFrame:
    """Returns `place` and `row` of the latest submission of each record: its place among the runs, and its row."""
    # Numbers alone: the values are then read only for the records of the export.
    with _register_ids(connection, entity, export_ids) as wanted:
        return audit.query_frame(
            connection,
            f"""
            with earlier as (
                select unnest(getvariable('runs')::varchar[]) as run_id,
                    generate_subscripts(getvariable('runs')::varchar[], 1) - 1 as place
            )
            select max(place) as place, arg_max(row, place) as row
            from {_SENT[entity]} join earlier using (run_id)
            {f"where {ID_FIELD[entity]} in (select id from {wanted})" if wanted else ""}
            group by {ID_FIELD[entity]}
            """,
            {"runs": [run_id for run_id, _ in runs]},
        )


@contextmanager
def _register_ids(
    connection: duckdb.DuckDBPyConnection, entity: Entity, export_ids: Mapping[Entity, pl.Series] | None
) -> Iterator[str | None]:
    """Makes the ids of an entity a table, so that DuckDB groups these only, and yields its name; None without ids."""
    if export_ids is None:
        yield None
        return
    ids = export_ids[entity].drop_nulls().unique().cast(pl.String)
    connection.register("wanted", ArrowStream(pl.DataFrame({"id": ids})))
    try:
        yield "wanted"
    finally:
        connection.unregister("wanted")


def _load_records(
    connection: duckdb.DuckDBPyConnection, entity: Entity, runs: Sequence[tuple[str, str]], located: pl.DataFrame
) -> pl.DataFrame:
    """Returns the fields of the located records of an entity, with their `period`."""
    rows = _load_rows(connection, _ROWS[entity], runs, located, "x.row")
    return store_as_categories(rows.drop(_NOT_COMPARED, strict=False))


def _load_interventions_of_episodes(
    connection: duckdb.DuckDBPyConnection, runs: Sequence[tuple[str, str]], located: pl.DataFrame
) -> pl.DataFrame:
    """Returns EPISODID, MODID and MODEND of the interventions of the located episodes."""
    return _load_rows(connection, _INTERVENTIONS_OF_EPISODES, runs, located, "e.row").drop("row", "period")


def _load_rows(
    connection: duckdb.DuckDBPyConnection,
    query: str,
    runs: Sequence[tuple[str, str]],
    located: pl.DataFrame,
    row: str,
) -> pl.DataFrame:
    """Returns the rows of a query at the places located, with their `period`; runs without such a row are skipped."""
    parts = []
    for (place,), of_run in sorted(located.group_by("place"), key=itemgetter(0)):
        rows, (run_id, period) = of_run["row"], runs[cast("int", place)]
        # Most records are in the latest run; of an older one, few rows are needed.
        some = f" and {row} in ({', '.join(map(str, rows))})" if len(rows) <= _FEW_ROWS else ""
        found = audit.query_frame(connection, query + some, {"run": run_id})
        parts.append(found.filter(pl.col("row").is_in(rows.implode())).with_columns(period=pl.lit(period)))
    if parts:
        return pl.concat(parts)
    return audit.query_frame(connection, query, {"run": ""}).with_columns(period=pl.lit(None, dtype=pl.String))


def _load_older_interventions(
    connection: duckdb.DuckDBPyConnection,
    runs: Sequence[tuple[str, str]],
    located: pl.DataFrame,
    export_ids: Mapping[Entity, pl.Series] | None,
) -> pl.DataFrame:
    """Returns MODID and `period` of the interventions of the runs, except the latest, that the episodes are in."""
    older = [runs[place][0] for place in located["place"].unique() if place < len(runs) - 1]
    found = audit.query_frame(
        connection,
        "select MODID, period from internal.sent_interventions join runs using (run_id)"
        " where list_contains(getvariable('runs')::varchar[], run_id)",
        {"runs": older},
    )
    if export_ids is None:
        return found
    return found.filter(pl.col("MODID").is_in(export_ids["intervention"].drop_nulls().unique().implode()))


def write_submission(frames: Mapping[str, pl.DataFrame], folder: Path) -> None:
    """Writes the frames of a `LastSubmission`, by name, into a folder, for `read_submission` in another process."""
    for name in SUBMISSION_FRAMES:
        frames[name].write_parquet(folder / f"{name}.parquet", compression="lz4", statistics=False)


def read_submission(folder: Path, run: LandedRun) -> LastSubmission:
    """Reads what `write_submission` wrote."""
    frames = [pl.read_parquet(folder / f"{name}.parquet", glob=False) for name in SUBMISSION_FRAMES]
    return LastSubmission(run.run_id, Period.parse(run.period).last_day, run.rows_sent, run.history, *frames)


def _load_earlier_run(
    connection: duckdb.DuckDBPyConnection, agency: str, condition: str, request: SubmissionRequest
) -> PreviousRun | None:
    """Returns the agency's latest run of the latest month that meets a condition."""
    # A blocked run counts here: its findings are what people have worked on since.
    run = connection.execute(
        f"select run_id from runs where agency = $agency and status <> 'failed' and {condition}"
        " order by period desc, run_number desc limit 1",
        {"agency": agency, "period": str(request.period)},
    ).fetchone()
    if run is None:
        return None
    findings = audit.query_frame(
        connection,
        f"select {', '.join(COMPARED)} from internal.found join internal.run_rules using (run_id, rule)"
        " where run_id = getvariable('run')",
        {"run": run[0]},
    )
    return PreviousRun(run[0], findings)


def hash_moved_episodes(moved: Sequence[tuple[str, str]]) -> str:
    """Returns the SHA-256 of the episodes that another agency sent last, with those agencies."""
    return hash_texts(f"{episode} {agency}" for episode, agency in moved)


def hash_texts(texts: Iterable[str]) -> str:
    """Returns the SHA-256 of texts, each on a line."""
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()


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
    return (SQL_DIRECTORY / "queries" / "last_agencies.sql").read_text(encoding="utf-8")
