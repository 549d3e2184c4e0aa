"""Small audits for the lists: landed runs whose records a test writes, in a database in memory."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import polars as pl

from flows.audit import database
from flows.audit.answers import query_frame_exactly
from flows.audit.lists import ListOptions, prepare_list

Text = str | None
PERSON = {"SEX": "1", "FINITIAL": "A", "SINITIAL": "B", "DOB": "1980-01-02"}


@dataclass(frozen=True)
class Episode:
    """An episode: its id, its other fields, and its interventions by MODID."""

    id: str
    fields: Mapping[str, Text]
    interventions: Mapping[str, Mapping[str, Text]] = field(default_factory=dict)


@dataclass(frozen=True)
class Client:
    """A client of an agency: the CLIENTID, the episodes, and whatever differs from PERSON."""

    id: str
    episodes: tuple[Episode, ...]
    person: Mapping[str, Text] = field(default_factory=dict)


@dataclass(frozen=True)
class Run:
    """A run: its agency and month, its clients, and its status."""

    agency: str
    period: str
    clients: tuple[Client, ...] = ()
    status: str = "landed"


@contextmanager
def open_audit(*runs: Run) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yields an audit with these runs, in the order in which they were made."""
    with database.create_in_memory() as audit:
        for number, run in enumerate(runs):
            _insert_run(audit, f"run{number}", number, run)
        yield audit


def list_rows(audit: duckdb.DuckDBPyConnection, name: str, home: Path, options: ListOptions) -> list[dict[str, object]]:
    """Returns the rows of a list."""
    prepare_list(audit, home, name, options)
    rows: pl.DataFrame = query_frame_exactly(audit, f"from {name}")
    return rows.to_dicts()


def insert(audit: duckdb.DuckDBPyConnection, table: str, values: Mapping[str, object]) -> None:
    """Inserts one row."""
    names, marks = ", ".join(f'"{name}"' for name in values), ", ".join("?" * len(values))
    audit.execute(f"insert into {table} ({names}) values ({marks})", list(values.values()))


def record_outcome(audit: duckdb.DuckDBPyConnection, **values: object) -> None:
    """Inserts the outcome of a record of the first run."""
    insert(audit, "internal.recorded_outcomes", {"run_id": "run0", "source_file": "x.csv", "source_line": 4, **values})


def _insert_run(audit: duckdb.DuckDBPyConnection, run_id: str, number: int, run: Run) -> None:
    moment = "2023-07-01 09:00:00+00"
    insert(audit, "runs", {
        "run_number": number, "run_id": run_id, "agency": run.agency, "period": run.period, "dataset": "R",
        "source": "test", "input_folder": "test", "status": run.status, "started_at": moment, "finished_at": moment,
        "extracted_on": "2023-07-01", "rows_sent": 0, "provisional_lists": [], "software_version": "test",
    })  # fmt: skip
    line = 1
    for client_row, client in enumerate(run.clients):
        person = {**PERSON, **client.person}
        insert(audit, "internal.sent_clients", {
            "run_id": run_id, "row": client_row, "CLIENTID": client.id, "AGNCY": run.agency, "CLIENT": f"R{client.id}",
            **person,
        })  # fmt: skip
        for episode in client.episodes:
            line += 1
            insert(audit, "internal.sent_episodes", {
                "run_id": run_id, "row": line, "client_row": client_row, "source_line": line, "EPISODID": episode.id,
                **episode.fields,
            })  # fmt: skip
            for place, (modid, fields) in enumerate(episode.interventions.items()):
                insert(audit, "internal.sent_interventions", {
                    "run_id": run_id, "row": line * 100 + place, "episode_row": line, "MODID": modid, **fields,
                })  # fmt: skip
