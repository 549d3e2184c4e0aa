"""Replay of tables that SQL or a query of a database builds: which record a correction is for, and whole files."""

from pathlib import Path

import duckdb
import polars as pl
import pytest

from flows.months.replay import build_replay, describe_corrections, read_corrected
from flows.pipeline.assess import load_reference_inputs
from flows.sources.request import SubmissionOptions
from flows.support.errors import InputRefused
from schemas.dataset import TABLE
from tests.rules.world import World
from tests.support.exports import TWO_CLIENTS, write_export
from tests.support.homes import query_audit
from tests.support.runs import land_export
from tests.support.sql_mappings import write_table_queries
from transforms.inputs import Export

pytestmark = pytest.mark.slow

RUN = "L0001-2023-04-1"


@pytest.fixture
def source(export: Path) -> Path:
    """A mapping whose tables are those of two clients, from raw_clients.csv and so on; the second is rejected."""
    for table in TABLE.values():
        (export / f"{table}.csv").rename(export / f"raw_{table}.csv")
    return write_table_queries(export, "select * from raw_{table}")


def read_raw(source: Path, table: str) -> pl.DataFrame:
    return pl.read_csv(source.parent / "export" / f"raw_{table}.csv", infer_schema=False)


def write_correction(rows: pl.DataFrame, source: Path, name: str) -> None:
    path = source.parent / "fixed" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    rows.write_csv(path)


def write_sql(source: Path, table: str, query: str) -> None:
    (source.parent / f"{table}.sql").write_text(query, encoding="utf-8")


def read_with_corrections(source: Path, home: Path) -> Export:
    fixed = str(source.parent / "fixed")
    request = build_replay(SubmissionOptions(str(source), home=home, corrects=RUN, corrections=fixed))
    return read_corrected(request, load_reference_inputs(request))


def second_as(**changed: str) -> list[pl.Expr]:
    """The values of the second record changed, and no other."""
    is_second = pl.int_range(pl.len()) == 1
    return [pl.when(is_second).then(pl.lit(text)).otherwise(name).alias(name) for name, text in changed.items()]


def test_a_whole_file_is_read_in_place_of_that_of_the_export(source: Path, home: Path) -> None:
    land_export(source, home)
    # Whoever corrects the file may also sort it.
    raw = read_raw(source, "clients").with_columns(second_as(DOB="1980-03-02")).reverse()
    write_correction(raw, source, "export/raw_clients.csv")
    export = read_with_corrections(source, home)
    assert describe_corrections(export) == [
        "clients with export/raw_clients.csv: 2 records, 1 replaces a rejected record, 1 unchanged",
        "episodes with export/raw_clients.csv: 2 records, 0 replace rejected records, 2 unchanged",
        "interventions with export/raw_clients.csv: 3 records, 0 replace rejected records, 3 unchanged",
    ]
    assert export.records.client.select("CLIENTID", "DOB", "source_file", "source_line").rows() == [
        ("C0000", "1970-01-01", "raw_clients.csv", 2),
        ("C0001", "1980-03-02", "corrections/export/raw_clients.csv", 2),
    ]
    assert {"raw_clients.csv", "corrections/export/raw_clients.csv"} <= set(export.digests)


def test_a_whole_file_may_change_records_of_the_run_only_where_it_rejected_them(source: Path, home: Path) -> None:
    land_export(source, home)
    raw = read_raw(source, "clients").with_columns(second_as(DOB="1980-03-02"), CMSID=pl.lit("other"), SEX=pl.lit("2"))
    write_correction(raw, source, "export/raw_clients.csv")
    with pytest.raises(InputRefused) as caught:
        read_with_corrections(source, home)
    assert str(caught.value) == (
        f"{source.parent / 'fixed/export/raw_clients.csv'}, line 2: the run did not reject the client with this"
        " CLIENTID; only rejected records can be corrected"
    )


def test_a_whole_file_may_not_remove_a_record(source: Path, home: Path) -> None:
    land_export(source, home)
    write_correction(read_raw(source, "clients").head(1), source, "export/raw_clients.csv")
    with pytest.raises(InputRefused, match=r"1 client record of the export would be missing, the first from raw"):
        read_with_corrections(source, home)


def test_a_whole_file_of_a_plain_export_is_read_as_well(home: Path, tmp_path: Path) -> None:
    export = write_export(tmp_path / "export", *TWO_CLIENTS)
    land_export(export, home)
    fixed = tmp_path / "fixed" / "export"
    write_export(tmp_path / "whole", TWO_CLIENTS[0], World())
    fixed.mkdir(parents=True)
    (tmp_path / "whole" / "clients.csv").rename(fixed / "clients.csv")
    options = SubmissionOptions(None, home=home, corrects=RUN, corrections=str(fixed.parent))
    request = build_replay(options)
    read = read_corrected(request, load_reference_inputs(request))
    assert [table.replacing for table in read.corrected] == [1, 0, 0]


def test_a_record_is_found_by_its_file_and_its_line(source: Path, home: Path) -> None:
    # Both files have a record in line 2; only that of the second file is rejected.
    raw = read_raw(source, "clients")
    for name, rows in (("one", raw.head(1)), ("two", raw.tail(1))):
        rows.write_csv(source.parent / "export" / f"{name}.csv")
    write_sql(source, "clients", "from one union all by name from two")
    land_export(source, home)
    assert query_audit(
        home, "select source_file, source_line, outcome from outcomes where entity = 'client' order by all"
    ) == [("one.csv", 2, "sent"), ("two.csv", 2, "rejected")]
    write_correction(raw.head(1).with_columns(SEX=pl.lit("2")), source, "clients.csv")
    with pytest.raises(InputRefused, match="line 2: the run did not reject the client with this CLIENTID"):
        read_with_corrections(source, home)
    write_correction(raw.tail(1).with_columns(DOB=pl.lit("1980-03-02")), source, "clients.csv")
    assert [table.replacing for table in read_with_corrections(source, home).corrected] == [1]


def test_a_record_from_the_same_row_as_another_is_found_by_its_id(source: Path, home: Path) -> None:
    # A row gives two interventions, and the second has an episode that does not exist.
    write_sql(
        source, "interventions",
        "select * from raw_interventions union all by name"
        " select * replace ('M99' as MODID, 'E9999' as EPISODID) from raw_interventions where EPISODID = 'E0000'"
        " and MODID not like 'N%'",
    )  # fmt: skip
    land_export(source, home)
    outcomes = "select intervention_id, outcome from outcomes where source_line = 2 and entity = 'intervention'"
    assert query_audit(home, f"{outcomes} order by all") == [("M0000", "sent"), ("M99", "rejected")]
    raw = read_raw(source, "interventions").head(1)
    write_correction(raw.with_columns(MODID=pl.lit("M99")), source, "interventions.csv")
    assert [table.replacing for table in read_with_corrections(source, home).corrected] == [1]
    write_correction(raw.with_columns(MODST=pl.lit("2023-01-10")), source, "interventions.csv")
    with pytest.raises(InputRefused, match="the run did not reject the intervention with this MODID"):
        read_with_corrections(source, home)


def test_lines_of_a_result_are_those_of_the_sql_that_the_run_used(source: Path, home: Path) -> None:
    write_sql(source, "clients", "select * exclude (source_file, source_line) from raw_clients")
    land_export(source, home)
    write_correction(read_raw(source, "clients").tail(1).with_columns(DOB=pl.lit("1980-03-02")), source, "clients.csv")
    assert [table.replacing for table in read_with_corrections(source, home).corrected] == [1]
    write_sql(source, "clients", "select * exclude (source_file, source_line) from raw_clients where true")
    with pytest.raises(
        InputRefused, match=r"the mapping system changed since .*, so rows of the result of clients.sql"
    ):
        read_with_corrections(source, home)


def test_a_table_from_a_database_is_corrected_under_the_headers_of_the_dataset(
    source: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with duckdb.connect(str(tmp_path / "ward.duckdb")) as ward:
        for table in TABLE.values():
            ward.execute(f"create table {table} as from read_csv(?, all_varchar = true)", [
                str(tmp_path / "export" / f"raw_{table}.csv")
            ])  # fmt: skip
    monkeypatch.setenv("WARD", f"duckdb:///{tmp_path / 'ward.duckdb'}")
    tables = "".join(f'[{table}]\nquery = "from {table}"\nby_header = true\n' for table in TABLE.values())
    source.write_text(f'name = "system"\ndatabase = "env:WARD"\n{tables}', encoding="utf-8")
    land_export(source, home)
    write_correction(read_raw(source, "clients").tail(1).with_columns(DOB=pl.lit("1980-03-02")), source, "clients.csv")
    assert [table.replacing for table in read_with_corrections(source, home).corrected] == [1]
