"""Queries of databases: their parameters, and which errors are reported at once or tried again."""

from pathlib import Path

import adbc_driver_manager
import duckdb
import polars as pl
import pytest

from flows.files.databases import read_query
from flows.files.locations import Location
from flows.intake.tables import TableSource, read_file
from flows.sources.mapping import SourceMapping, TableFile
from flows.sources.query_parameters import QueryParameters, distinguishes_months, find_mistake
from flows.support.errors import InputRefused, SourceUnreadable
from schemas.dataset import TABLE
from schemas.period import Period

PARAMETERS = QueryParameters(Period.parse("2023-04"), Period.parse("2023-05").first_day, "L0001")


@pytest.mark.parametrize(
    ("query", "filled_in"),
    [
        ("select '$period', $period", "select '$period', '2023-04'"),
        ("select 'it''s $period' || $agency", "select 'it''s $period' || 'L0001'"),
        (r"select e'it\'s $period', $agency", r"select e'it\'s $period', 'L0001'"),
        ('select "$period", `$period`', 'select "$period", `$period`'),
        ("select 1 -- $period\n, $last_day", "select 1 -- $period\n, '2023-04-30'"),
        ("select 1 /* $period\n*/, $last_day", "select 1 /* $period\n*/, '2023-04-30'"),
        ("select $$ $period $$, $q$ $agency $q$, $agency", "select $$ $period $$, $q$ $agency $q$, 'L0001'"),
        ("select v$period, $1", "select v$period, $1"),
    ],
)
def test_only_parameters_outside_quotes_and_comments_are_replaced(query: str, filled_in: str) -> None:
    assert PARAMETERS.fill_in(query) == filled_in
    assert find_mistake(query) is None


def test_a_parameter_in_quotes_does_not_distinguish_months() -> None:
    assert not distinguishes_months("select '$period' -- $first_day")
    assert distinguishes_months("select '-- ', $first_day")


def _fail(monkeypatch: pytest.MonkeyPatch, kind: str, text: str, state: str | None) -> InputRefused:
    def refuse(*_arguments: object, **_named: object) -> None:
        raise getattr(adbc_driver_manager, kind)(
            text, status_code=adbc_driver_manager.AdbcStatusCode.UNKNOWN, sqlstate=state
        )

    monkeypatch.setenv("WARD", "postgresql://ward:secret@server/ward")
    monkeypatch.setattr(pl, "read_database_uri", refuse)
    with pytest.raises(InputRefused) as caught:
        read_query("select 1", "env:WARD", "query")
    return caught.value


@pytest.mark.parametrize(
    ("kind", "text", "state", "shown"),
    [
        ("OperationalError", "IO: [libpq] Failed to connect: Connection refused", None, None),
        ("OperationalError", "FATAL:  the database system is starting up", None, None),
        ("OperationalError", "IO: server closed the connection", "08006", None),
        ("OperationalError", "terminating connection", "57P01", None),
        ("InternalError", "INTERNAL: IO Error: Could not set lock on file", None, None),
        ("OperationalError", 'FATAL:  password authentication failed for user "w"', None, "refused the connection"),
        ("OperationalError", 'FATAL:  database "ward" does not exist', None, "refused the connection"),
        ("ProgrammingError", "whatever", "28P01", "refused the connection"),
        (
            "ProgrammingError",
            'NOT_FOUND: Failed to prepare query: ERROR:  column "borm" does not exist\nLINE 1: select borm',
            "42703",
            'is wrong: column "borm" does not exist',
        ),
        ("InternalError", "INTERNAL: Parser Error: syntax error at or near", None, "is wrong: syntax error at or near"),
        ("DataError", 'Failed to prepare query: ERROR:  invalid input: "Smith"', "22P02", "DataError, SQLSTATE 22P02"),
        ("DataError", 'could not begin COPY: ERROR:  invalid input: "Smith"', "42P02", "DataError, SQLSTATE 42P02"),
        ("OperationalError", 'ERROR: canceled on "Smith"', "40001", "OperationalError, SQLSTATE 40001"),
    ],
)
def test_only_an_error_of_the_connection_is_tried_again(
    monkeypatch: pytest.MonkeyPatch, kind: str, text: str, state: str | None, shown: str | None
) -> None:
    error = _fail(monkeypatch, kind, text, state)
    assert isinstance(error, SourceUnreadable) is (shown is None)
    assert (shown or "env:WARD does not answer (") in str(error)
    assert "Smith" not in str(error) and "secret" not in str(error)


def test_lines_do_not_depend_on_the_order_in_which_a_database_returns_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with duckdb.connect(str(tmp_path / "ward.duckdb")) as ward:
        ward.execute("create table patients as from (values ('C2', null), ('C1', 'x'), ('C2', 'a')) as t(id, v)")
    monkeypatch.setenv("WARD", f"duckdb:///{tmp_path / 'ward.duckdb'}")
    tables = {name: {"query": "select 1", "by_header": True} for name in TABLE.values()}
    mapping = SourceMapping.model_validate({"name": "ward", "database": "env:WARD", **tables})
    source = TableSource(mapping, Location(str(tmp_path)), PARAMETERS)
    read = read_file(source, TableFile(query="select * from patients where '$period' <> $period"))
    assert read.rows.rows() == [("C1", "x", 2), ("C2", "a", 3), ("C2", None, 4)]
