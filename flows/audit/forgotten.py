"""Chooses what to forget in an audit, and writes an audit without it.

What is forgotten is personal: the rows sent, and the ids and values of findings and outcomes.  Counts, digests, rules,
files and lines stay, so that every number of a report stays what it was.
"""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from flows.audit import database
from flows.audit.definitions import SQL_DIRECTORY, TABLES, define, split_name
from flows.support.audit_key import read_audit_key
from flows.support.encrypted_databases import attach
from schemas.dataset import ENTITIES
from schemas.period import Period
from transforms.results.audit_rows import hash_masked_id

_FOLDER = SQL_DIRECTORY / "forget"
_WHOLE = "select run_id from internal.forgotten_runs where is_whole"
# Of runs that still have personal data.
_BEFORE = f"""
    select run_id from runs
    where period < $period and ($agency is null or agency = $agency) and status <> 'failed' and run_id not in ({_WHOLE})
    order by run_number
"""
# The run that landed last is what later months are compared with, and the current run is what people correct.
_SUPERSEDED = f"""
    with in_force as (
        select run_id from runs where status = 'landed'
        qualify row_number() over (partition by agency, period order by run_number desc) = 1
    )
    select run_id from runs
    anti join latest_runs using (run_id)
    anti join in_force using (run_id)
    where ($agency is null or agency = $agency) and status <> 'failed' and run_id not in ({_WHOLE})
    order by run_number
"""
_MENTIONS = """
    select distinct run_id from internal.found join runs using (run_id)
    where client_id = $client and agency is not distinct from $agency order by run_id
"""


@dataclass(frozen=True)
class Forgotten:
    """What to forget: all personal data of the runs `whole`, and the `records` (run, entity, row) of the `client`.

    `mentions` are the runs whose findings have the client's id, also without a record: those of a record that dropped
    out.  `what` is before, superseded, client, or snapshot for a copy without personal data.
    """

    what: str
    agency: str | None
    period: str | None = None
    whole: tuple[str, ...] = ()
    records: tuple[tuple[str, str, int], ...] = ()
    client: str | None = None
    mentions: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether the audit has nothing of what is to be forgotten."""
        return not self.runs and not self.mentions

    @property
    def runs(self) -> list[str]:
        """The runs that lose personal data, in order."""
        return list(dict.fromkeys((*self.whole, *(run for run, _, _ in self.records))))


def choose_before(connection: duckdb.DuckDBPyConnection, period: Period, agency: str | None) -> Forgotten:
    """Returns all personal data of the runs of months before a month; of all agencies if `agency` is None."""
    runs = connection.execute(_BEFORE, {"period": str(period), "agency": agency}).fetchall()
    return Forgotten("before", agency, str(period), tuple(run for (run,) in runs))


def choose_superseded(connection: duckdb.DuckDBPyConnection, agency: str | None) -> Forgotten:
    """Returns all personal data of the runs that a later run of their month has replaced."""
    runs = connection.execute(_SUPERSEDED, {"agency": agency}).fetchall()
    return Forgotten("superseded", agency, None, tuple(run for (run,) in runs))


def choose_client(connection: duckdb.DuckDBPyConnection, client: str, agency: str | None, key: bytes) -> Forgotten:
    """Returns the records of a client of an agency in all runs, sent or not.

    Args:
        connection: the audit.
        client: the client's id (CLIENTID).
        agency: the agency; None is the agency of runs without one.
        key: the key of the home, by which an id that the audit does not store is recognised.
    """
    query = (_FOLDER / "records_of_client.sql").read_text(encoding="utf-8")
    named = {"client": client, "agency": agency, "hash": hash_masked_id(client, key)}
    records = tuple(connection.execute(query, named).fetchall())
    mentions = connection.execute(_MENTIONS, {"client": client, "agency": agency}).fetchall()
    return Forgotten("client", agency, None, (), records, client, tuple(run for (run,) in mentions))


def choose_for_snapshot(connection: duckdb.DuckDBPyConnection) -> Forgotten:
    """Returns all personal data of all runs, for a snapshot without any."""
    runs = connection.execute("select run_id from runs order by run_number").fetchall()
    return Forgotten("snapshot", None, None, tuple(run for (run,) in runs))


def list_agencies_of_client(connection: duckdb.DuckDBPyConnection, client: str, key: bytes) -> list[str]:
    """Returns the agencies that have records of a client's id."""
    agencies = connection.execute(
        "select distinct agency from runs where agency is not null order by agency"
    ).fetchall()
    return [agency for (agency,) in agencies if not choose_client(connection, client, agency, key).is_empty]


def count_records(connection: duckdb.DuckDBPyConnection, forgotten: Forgotten) -> Mapping[str, int]:
    """Returns how many records of each entity lose their ids and values."""
    if forgotten.client is not None:
        entities = [entity for _, entity, _ in forgotten.records]
        return {entity: entities.count(entity) for entity in ENTITIES}
    found = connection.execute(
        "select sum(clients_in), sum(episodes_in), sum(interventions_in) from runs where list_contains($runs, run_id)",
        {"runs": list(forgotten.whole)},
    ).fetchone()
    return {entity: int(number or 0) for entity, number in zip(ENTITIES, found or (0, 0, 0), strict=True)}


def write_remaining(
    path: Path,
    part: Path,
    forgotten: Forgotten,
    reason: str,
    forgotten_at: datetime,
    software_version: str,
    *,
    is_encrypted: bool = True,
) -> None:
    """Writes an audit without what is forgotten, as a new file in which no byte of it ever was.

    Args:
        path: the audit; nobody may write to it now.
        part: the new file; leftovers at the path are removed.
        forgotten: what to forget.
        reason: why, for the record.
        forgotten_at: when, for the record.
        software_version: the version of this program, for the record.
        is_encrypted: whether to encrypt the new file, if the audit is encrypted.
    """
    key = read_audit_key()
    for leftover in (part, database.log_path(part)):
        leftover.unlink(missing_ok=True)
    with closing(database.connect_for_writing(part, key, is_encrypted=is_encrypted)) as connection:
        define(connection)
        attach(connection, path, "kept", key)
        _mark(connection, forgotten)
        for table in TABLES:
            connection.execute(f"insert into {table} by name {_read_remaining(table)}")
        _record(connection, forgotten, reason, forgotten_at, software_version)
        connection.execute("detach kept")
        connection.execute("checkpoint")


def _mark(connection: duckdb.DuckDBPyConnection, forgotten: Forgotten) -> None:
    """Creates the temporary tables that the queries in sql/forget/ read."""
    connection.execute("create temp table forgotten_whole as select unnest($1::varchar[]) as run_id", [forgotten.whole])
    records = [dict(zip(("run_id", "entity", "row"), record, strict=True)) for record in forgotten.records]
    connection.execute(
        "create temp table forgotten_records as"
        " select unnest($1::struct(run_id varchar, entity varchar, row bigint)[], recursive := true)",
        [records],
    )
    connection.execute(
        "create temp table forgotten_clients as select run_id, $client::varchar as client_id from kept.runs"
        " where $client::varchar is not null and agency is not distinct from $agency",
        {"client": forgotten.client, "agency": forgotten.agency},
    )


def _read_remaining(table: str) -> str:
    schema, name = split_name(table)
    file = _FOLDER / f"{name}.sql"
    return file.read_text(encoding="utf-8") if file.exists() else f"from kept.{schema}.{name}"


def _record(
    connection: duckdb.DuckDBPyConnection,
    forgotten: Forgotten,
    reason: str,
    forgotten_at: datetime,
    software_version: str,
) -> None:
    number = read_last_number(connection) + 1
    counts = [count_records(connection, forgotten)[entity] for entity in ENTITIES]
    connection.execute(
        "insert into forgotten values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            number, forgotten_at, forgotten.what, forgotten.agency, forgotten.period, reason, len(forgotten.runs),
            *counts, software_version,
        ],
    )  # fmt: skip
    connection.execute(
        "insert into internal.forgotten_runs select $number, unnest($runs::varchar[]), $is_whole",
        {"number": number, "runs": forgotten.runs, "is_whole": forgotten.client is None},
    )


def read_last_number(connection: duckdb.DuckDBPyConnection) -> int:
    """Returns how often something has been forgotten in an audit."""
    row = connection.execute("select coalesce(max(forget_number), 0) from forgotten").fetchone()
    return int(row[0]) if row else 0
