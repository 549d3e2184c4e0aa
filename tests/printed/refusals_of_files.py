"""Refusals of the files of an export, and of drafts of mappings."""

import gzip
import io
import json
import os
import zipfile
from pathlib import Path
from typing import NoReturn

import adbc_driver_manager
import duckdb
import polars as pl
import xlsxwriter
from fsspec.implementations.memory import MemoryFileSystem

from flows.files import archives, locations
from tests.printed.refusal import Place, refused

Words = tuple[object, ...]


@refused
def file_that_is_missing(at: Place) -> Words:
    (at.write_export() / "clients.csv").unlink()
    return at.check(at.export)


@refused
def file_that_is_a_pipe(at: Place) -> Words:
    (at.write_export() / "clients.csv").unlink()
    os.mkfifo(at.export / "clients.csv")
    return at.check(at.export)


@refused
def file_that_is_a_directory(at: Place) -> Words:
    (at.write_export() / "clients.csv").unlink()
    (at.export / "clients.csv").mkdir()
    return at.check(at.export)


@refused
def file_that_is_still_being_written(at: Place) -> Words:
    sizes = iter(range(10))
    at.monkeypatch.setattr(locations, "_read_state", lambda *_: (next(sizes), ""))
    return at.check(at.write_export())


@refused
def csv_with_a_field_under_two_names(at: Place) -> Words:
    at.write_export()
    at.change("episodes.csv", "EHCS2", "EHCS1")
    return at.check(at.export)


@refused
def file_without_its_marker(at: Place) -> Words:
    return at.map_file("clients.csv", "CLIENTID\n", 'marker = ".done"')


@refused
def two_files_of_one_pattern(at: Place) -> Words:
    at.write("clients-1.csv", "")
    at.write("clients-2.csv", "")
    return at.map_clients('by_header = true\nfile = "clients-*.csv"')


@refused
def pattern_with_two_stars_in_a_part_of_a_name(at: Place) -> Words:
    return at.map_clients('by_header = true\nfile = "**clients.csv"\n')


@refused
def csv_that_is_empty(at: Place) -> Words:
    return at.map_file("clients.csv", "\n")


@refused
def csv_with_a_nul(at: Place) -> Words:
    return at.map_file("clients.csv", b"CLIENTID\nC1\0\n")


@refused
def csv_with_carriage_returns(at: Place) -> Words:
    return at.map_file("clients.csv", b"CLIENTID\rC1\r")


@refused
def csv_in_another_encoding(at: Place) -> Words:
    return at.map_file("clients.csv", "CLIENTID\nC\xe9\n".encode("cp1252"))


@refused
def csv_in_an_encoding_of_the_mapping(at: Place) -> Words:
    return at.map_file("clients.csv", b"CLIENTID\nC\x81\n", 'encoding = "cp1252"')


@refused
def csv_in_a_wider_encoding(at: Place) -> Words:
    return at.map_file("clients.csv", b"CLIENTID\n\xd8\x00", 'encoding = "utf-16"')


@refused
def csv_with_a_quote_that_is_left_open(at: Place) -> Words:
    return at.map_file("clients.csv", 'CLIENTID,AGNCY\n"C1,L0001\n')


@refused
def csv_with_a_column_twice(at: Place) -> Words:
    return at.map_file("clients.csv", "CLIENTID,AGNCY,CLIENTID\n")


@refused
def csv_with_a_long_row(at: Place) -> Words:
    return at.map_file("clients.csv", "CLIENTID,AGNCY\nC1,L0001,x\n")


@refused
def csv_with_a_short_row(at: Place) -> Words:
    return at.map_file("clients.csv", 'CLIENTID,AGNCY\n"C1"\n')


@refused
def csv_without_the_column_of_the_id(at: Place) -> Words:
    return at.map_file("clients.csv", "AGNCY\nL0001\n")


@refused
def csv_without_a_mapped_column(at: Place) -> Words:
    at.write("clients.csv", "id,born,site\n1,1980-01-01,L0001\n")
    return at.map_clients('file = "clients.csv"\ncolumns = { CLIENTID = "id", SEX = "sex", AGNCY = "site" }')


@refused
def csv_without_a_header(at: Place) -> Words:
    at.write("clients.csv", "1,1980-01-01,Ash\n")
    return at.map_clients('file = "clients.csv"\ncolumns = { CLIENTID = "id" }')


@refused
def csv_whose_header_looks_like_a_record(at: Place) -> Words:
    at.write("clients.csv", "id,1980-01-01,L0001\n")
    return at.map_clients('file = "clients.csv"\ncolumns = { CLIENTID = "id", SEX = "sex" }')


@refused
def csv_of_another_delimiter(at: Place) -> Words:
    at.write("clients.csv", "id;sex\n")
    return at.map_clients('file = "clients.csv"\ncolumns = { CLIENTID = "id" }')


@refused
def csv_with_rounded_ids(at: Place) -> Words:
    return at.map_file("clients.csv", "CLIENTID\n1.11E+08\n")


@refused
def csv_with_serial_days(at: Place) -> Words:
    return at.map_file("clients.csv", "CLIENTID,DOB\nC1,29221\n")


@refused
def joined_table_with_a_key_twice(at: Place) -> Words:
    at.write("sites.csv", "site,code\n1,L0001\n1,L0002\n")
    at.write("clients.csv", "CLIENTID,site\nC1,1\n")
    join = 'join = [{ name = "site", file = "sites.csv", on = { site = "site" } }]'
    return at.map_clients(f'file = "clients.csv"\ncolumns = {{ CLIENTID = "CLIENTID", AGNCY = "site.code" }}\n{join}')


@refused
def joined_table_without_its_key(at: Place) -> Words:
    at.write("sites.csv", "number,code\n1,L0001\n")
    at.write("clients.csv", "CLIENTID,site\nC1,1\n")
    join = 'join = [{ name = "site", file = "sites.csv", on = { site = "site" } }]'
    return at.map_clients(f'file = "clients.csv"\ncolumns = {{ CLIENTID = "CLIENTID", AGNCY = "site.code" }}\n{join}')


def _join_sites(at: Place, *rows: str) -> Words:
    """Joins the latest of the sites of a client."""
    at.write("sites.csv", "\n".join(["site,since,code", *rows]) + "\n")
    at.write("clients.csv", "CLIENTID,site\nC1,1\n")
    keys = 'name = "site", file = "sites.csv", on = { site = "site" }, order_by = "since desc", take = "first"'
    return at.map_clients(
        f'file = "clients.csv"\ncolumns = {{ CLIENTID = "CLIENTID", AGNCY = "site.code" }}\njoin = [{{ {keys} }}]'
    )


@refused
def joined_rows_with_a_tie(at: Place) -> Words:
    return _join_sites(at, "1,2023-01-01,L0001", "1,01/01/2023,L0002")


@refused
def joined_rows_with_an_unknown_form_of_dates(at: Place) -> Words:
    return _join_sites(at, "1,01.01.2023,L0001", "1,02.01.2023,L0002")


@refused
def join_that_takes_without_an_order(at: Place) -> Words:
    at.write("clients.csv", "CLIENTID,site\nC1,1\n")
    join = 'join = [{ name = "site", file = "sites.csv", on = { site = "site" }, take = "first" }]'
    return at.map_clients(f'file = "clients.csv"\ncolumns = {{ CLIENTID = "CLIENTID", AGNCY = "site.code" }}\n{join}')


def _zip(*names: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in names:
            archive.writestr(name, "CLIENTID\nC1\n")
    return packed.getvalue()


@refused
def archive_of_two_files(at: Place) -> Words:
    return at.map_file("clients.zip", _zip("a.csv", "b.csv"))


@refused
def archive_without_its_member(at: Place) -> Words:
    return at.map_file("clients.zip", _zip("a.csv"), 'member = "clients.csv"')


@refused
def archive_that_is_encrypted(at: Place) -> Words:
    packed = bytearray(_zip("clients.csv"))
    # The flags of the entry in the directory at the end of the archive.
    packed[packed.index(b"PK\1\2") + 8] |= 1
    return at.map_file("clients.zip", bytes(packed))


@refused
def archive_that_is_damaged(at: Place) -> Words:
    return at.map_file("clients.csv.gz", b"none")


@refused
def archive_that_is_too_large(at: Place) -> Words:
    at.settings('[limits]\nunpacked_size = "1KB"')
    return at.map_file("clients.csv.gz", gzip.compress(b"CLIENTID\n" * 500))


@refused
def archive_that_grows_too_much(at: Place) -> Words:
    at.monkeypatch.setattr(archives, "_RATIO_FROM", 1000)
    at.settings("[limits]\nunpacked_ratio = 10")
    return at.map_file("clients.csv.gz", gzip.compress(b"CLIENTID\n" * 500))


def _workbook(*rows: tuple[str, ...]) -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        sheet = book.add_worksheet("Clients")
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return content.getvalue()


@refused
def workbook_that_is_not_one(at: Place) -> Words:
    return at.map_file("clients.xlsx", b"none")


@refused
def workbook_without_its_sheet(at: Place) -> Words:
    return at.map_file("clients.xlsx", _workbook(("CLIENTID",)), 'sheet = "People"')


@refused
def workbook_that_is_empty(at: Place) -> Words:
    return at.map_file("clients.xlsx", _workbook())


@refused
def workbook_with_a_column_without_a_header(at: Place) -> Words:
    return at.map_file("clients.xlsx", _workbook(("CLIENTID",), ("C1", "x")))


@refused
def workbook_with_a_column_twice(at: Place) -> Words:
    return at.map_file("clients.xlsx", _workbook(("CLIENTID", "CLIENTID")))


@refused
def workbook_whose_sheet_is_damaged(at: Place) -> Words:
    damaged = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(_workbook(("CLIENTID",)))) as whole, zipfile.ZipFile(damaged, "w") as archive:
        for name in whole.namelist():
            archive.writestr(name, "none" if name.endswith("sheet1.xml") else whole.read(name))
    return at.map_file("clients.xlsx", damaged.getvalue())


@refused
def workbook_for_a_draft_that_is_not_one(at: Place) -> Words:
    return ("source", "new", at.write("clients.xlsx", b"none"), "--home", at.home)


@refused
def draft_without_clients(at: Place) -> Words:
    return ("source", "new", at.write("colours.csv", "colour\nred\n"), "--home", at.home)


def _write_small_export(at: Place) -> Path:
    at.write("small/people.csv", "PatientID,DateOfBirth\nC1,1980-01-01\nC2,1981-01-01\n")
    at.write("small/stays.csv", "EpisodeID,PatientID,Discharge Date\nE1,C1,2023-01-01\nE2,C2,\n")
    return at.write("small/steps.csv", "InterventionID,EpisodeID,Modality\nM1,E1,NN\nM2,E2,NN\n").parent


@refused
def draft_over_a_mapping_that_exists(at: Place) -> Words:
    mapping = at.write("mine.toml", 'name = "mine"\n')
    return ("source", "new", _write_small_export(at), "--out", mapping, "--home", at.home)


@refused
def draft_of_a_folder_without_tables(at: Place) -> Words:
    return ("source", "new", at.write("letters/read.me", "none").parent, "--home", at.home)


@refused
def draft_of_an_archive_that_is_not_one(at: Place) -> Words:
    return ("source", "new", at.write("export.zip", b"none"), "--home", at.home)


@refused
def draft_of_an_archive_without_tables(at: Place) -> Words:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("read.me", "none")
    return ("source", "new", at.write("export.zip", content.getvalue()), "--home", at.home)


@refused
def parquet_that_is_not_one(at: Place) -> Words:
    return at.map_file("clients.parquet", b"none")


@refused
def parquet_with_a_nul_in_a_header(at: Place) -> Words:
    content = io.BytesIO()
    pl.DataFrame({"CLIENTID": ["C1"], "\0line": [1]}).write_parquet(content)
    return at.map_file("clients.parquet", content.getvalue())


@refused
def parquet_with_nested_values(at: Place) -> Words:
    content = io.BytesIO()
    pl.DataFrame({"CLIENTID": [["C1"]]}).write_parquet(content)
    return at.map_file("clients.parquet", content.getvalue())


@refused
def place_that_is_not_installed(at: Place) -> Words:
    return at.map_clients('by_header = true\nfile = "gs://bucket/clients.csv"')


@refused
def place_that_is_not_supported(at: Place) -> Words:
    return at.map_clients('by_header = true\nfile = "nowhere://bucket/clients.csv"')


@refused
def place_with_a_password(at: Place) -> Words:
    return at.check("orchard", "--input", "sftp://ann:secret@server/drop")


@refused
def place_with_options_that_are_not_json(at: Place) -> Words:
    at.monkeypatch.setenv("NDTMS_S3_OPTIONS", "{")
    return at.map_clients('by_header = true\nfile = "s3://bucket/clients.csv"')


@refused
def place_with_options_that_are_not_an_object(at: Place) -> Words:
    at.monkeypatch.setenv("NDTMS_S3_OPTIONS", "[]")
    return at.map_clients('by_header = true\nfile = "s3://bucket/clients.csv"')


@refused
def place_that_denies_access(at: Place) -> Words:
    def refuse(*_arguments: object, **_named: object) -> NoReturn:
        raise PermissionError

    at.monkeypatch.setattr(MemoryFileSystem, "info", refuse)
    return at.map_clients('by_header = true\nfile = "memory://bucket/clients.csv"')


@refused
def database_without_its_variable(at: Place) -> Words:
    at.monkeypatch.delenv("WARD_DATABASE", raising=False)
    return at.map_clients('by_header = true\nquery = "select 1"\ndatabase = "env:WARD_DATABASE"')


@refused
def database_without_a_driver(at: Place) -> Words:
    at.monkeypatch.setenv("WARD_DATABASE", "snowflake://server/ward")
    return at.map_clients('by_header = true\nquery = "select 1"\ndatabase = "env:WARD_DATABASE"')


def _map_query(at: Place, query: str) -> Words:
    """Maps the clients to a query of a DuckDB database with one table."""
    with duckdb.connect(str(at.folder / "ward.duckdb")) as ward:
        ward.execute("create table patients as select 'C1' as id, '1980-03-02' as born")
    at.monkeypatch.setenv("WARD_DATABASE", f"duckdb:///{at.folder / 'ward.duckdb'}")
    return at.map_clients(f"by_header = true\nquery = {json.dumps(query)}\ndatabase = 'env:WARD_DATABASE'")


@refused
def database_query_of_a_missing_table(at: Place) -> Words:
    return _map_query(at, "select id from patient")


@refused
def database_query_with_a_placeholder_of_a_location(at: Place) -> Words:
    return _map_query(at, "select id from patients where month = {period}")


@refused
def database_query_with_an_unknown_parameter(at: Place) -> Words:
    return _map_query(at, "select id from patients where month = $perod")


@refused
def database_query_that_fails_on_a_value(at: Place) -> Words:
    return _map_query(at, "select cast(id as integer) from patients")


@refused
def database_that_refuses_the_password(at: Place) -> Words:
    def refuse(*_arguments: object, **_named: object) -> None:
        text = 'IO: [libpq] Failed to connect: FATAL:  password authentication failed for user "ward"'
        raise adbc_driver_manager.OperationalError(text, status_code=adbc_driver_manager.AdbcStatusCode.IO)

    at.monkeypatch.setattr(pl, "read_database_uri", refuse)
    return _map_query(at, "select id from patients")


@refused
def database_that_does_not_answer(at: Place) -> Words:
    at.monkeypatch.setenv("WARD_DATABASE", "postgresql:///ward?host=/nowhere")
    return at.map_clients('by_header = true\nquery = "select 1"\ndatabase = "env:WARD_DATABASE"')
