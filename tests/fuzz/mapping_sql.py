"""Fuzz target: the SQL of a mapping, which sees the files of the export and nothing else."""

from datetime import date
from functools import cache
from pathlib import Path

import polars as pl
from hypothesis import strategies as st

from flows.intake.sql.database import open_sql_tables
from flows.sources.mapping import SourceMapping
from flows.sources.named_mappings import SOURCES_DIRECTORY
from flows.sources.query_parameters import QueryParameters
from flows.support.limits import Limits
from schemas.period import Period
from tests.fuzz.attempt import CANARY, FuzzInput, Target
from tests.fuzz.damage import SIGNS, damaged
from tests.fuzz.statements import OUTSIDE, PIECES, list_written, refuse_outside, statements

_LIMITS = Limits(mapping_seconds=0.5, mapping_memory="200MB")
_PARAMETERS = QueryParameters(Period.parse("2023-04"), date(2023, 5, 3), "L0001")
_QUERY = "select id as CLIENTID, source_file, source_line from patients"
_SHARED = "create view v as select id from patients;\ncreate macro m(a) as upper(a);\n"
_GOOD = (
    _QUERY, f"{_QUERY} where born <= $last_day", "select id as CLIENTID, as_day(born, '%d/%m/%Y') as DOB from patients",
    "with a as (select id, row_number() over (order by id) as n from patients) select id from a where n = 1",
    "select latest(born, id) as DOB, first_filled([id, born]) as CLIENTID from patients group by id",
    "select id, born::date as DOB from patients", "select error(born) from patients",
)  # fmt: skip
_GOOD_SHARED = (
    _SHARED, "create or replace temp view patients as select 'x' as id;", "create macro as_day(a, b) as a;",
    "create view ndtms_rows_0 as select 1 as id;", "create temp view patients as select * from main.patients;",
    "create view ndtms_again as select 1 as id;", "create macro t(a) as table select * from patients where id = a;",
    "create view f as select * from read_csv('" + OUTSIDE + "');",
)  # fmt: skip


@cache
def _build_patients() -> pl.DataFrame:
    return pl.DataFrame({
        "id": ["P1", CANARY, None], "born": ["1990-01-01", CANARY, "31/12/1980"], "source_file": ["patients.csv"] * 3,
        "source_line": pl.Series([2, 3, 4], dtype=pl.UInt32),
    })  # fmt: skip


@st.composite
def _inputs(draw: st.DrawFn) -> FuzzInput:
    signs = (*SIGNS, *(piece.encode() for piece in PIECES))
    if draw(st.integers(0, 3)) == 0:
        shared = [text.encode() for text in _GOOD_SHARED]
        shared.append((SOURCES_DIRECTORY / "harbour" / "shared.sql").read_bytes())
        return FuzzInput("shared.sql", draw(damaged(shared, signs)))
    return FuzzInput("sql", draw(st.one_of(statements(), damaged([text.encode() for text in _GOOD], signs))))


def read(tried: FuzzInput, folder: Path) -> None:
    """Runs the query of a table, or a valid query after the shared SQL."""
    secret = refuse_outside(folder)
    text = tried.content.decode("utf-8", "replace")
    is_shared = tried.kind == "shared.sql"
    others = {name: {"file": f"{name}.csv", "by_header": True} for name in ("episodes", "interventions")}
    content = {"name": "test", "clients": {"sql": "clients.sql"}, **others}
    content |= {"shared_sql": "shared.sql"} if is_shared else {}
    texts = {"clients.sql": _QUERY if is_shared else text, "shared.sql": text}
    mapping = SourceMapping.model_validate(content).with_sql(texts)
    try:
        with open_sql_tables(mapping, {"patients": _build_patients()}, _PARAMETERS, _LIMITS, threads=1) as built:
            found = built.build(mapping.get_sql_file("client"))
    finally:
        assert not list_written(folder), "the query writes a file"
    assert not any(secret in str(row) for row in found.head(1000).rows()), "the query reads a file outside"


TARGET = Target("mapping-sql", _inputs(), read, examples=150)
