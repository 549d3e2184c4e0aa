"""Refusals of homes, audits, queries and corrections, and of files that cannot be written."""

import io
import sys
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import polars as pl
from filelock import FileLock

from flows.audit import database
from flows.cli import backup as backup_command
from flows.landing import home as landing_home
from flows.months import submit
from flows.reports import workbook
from tests.printed.refusal import MONTH, RUN, Place, refused, refused_month
from tests.support.homes import SUBMISSION_FILE
from tests.support.runs import land_export
from tests.upgrade.kept_audits import NAMES, unpack_audit

Words = tuple[object, ...]
_LOCKED = duckdb.IOException('IO Error: Could not set lock on file "audit.duckdb": Conflicting lock is held')
_APRIL = (
    "--from", "2023-04", "--to", "2023-04", "--agency", "L0001", "--extracted-on", "2023-05-03", "--workers", 1,
)  # fmt: skip
_LOCKS: list[FileLock] = []


@refused
def home_below_a_file(at: Place) -> Words:
    return ("submit", "--source", at.write_export(), *MONTH, "--home", at.write("file", "") / "home")


@refused
def home_that_is_read_only(at: Place) -> Words:
    def refuse(*_arguments: object, **_named: object) -> None:
        raise OSError(30, "Read-only file system")

    at.monkeypatch.setattr(Path, "touch", refuse)
    return at.submit(at.write_export())


@refused
def home_that_is_a_file(at: Place) -> Words:
    at.write("home", "")
    return ("reference", "unload", "SEX", "--home", at.home)


@refused
def home_that_is_locked(at: Place) -> Words:
    at.make_audit()
    at.monkeypatch.setattr(landing_home, "_LOCK_SECONDS", 0.1)
    # A lock is released with its last reference, so the module keeps it until the next test.
    _LOCKS.append(FileLock(at.home / ".lock"))
    _LOCKS[-1].acquire()
    at.write("home/.held-by", "the submission of L0001 2023-04 (process 1, since 09:00)")
    return ("reference", "unload", "SEX", "--home", at.home)


@refused
def home_whose_holder_cannot_be_written(at: Place) -> Words:
    (at.home / ".held-by").mkdir(parents=True)
    return ("reference", "unload", "SEX", "--home", at.home)


@refused
def waiting_runs_that_are_a_file(at: Place) -> Words:
    at.make_home()
    at.write("home/.landing", "")
    return at.submit(at.write_export())


@refused
def file_among_the_waiting_runs(at: Place) -> Words:
    at.make_home()
    at.write("home/.landing/notes.txt", "")
    return at.submit(at.write_export())


@refused_month
def directory_in_place_of_a_submission(at: Place) -> Words:
    at.make_home()
    words = ("backfill", "--source", at.write_export(), *_APRIL, "--home", at.home)
    at.run(*words)
    (at.home / SUBMISSION_FILE).unlink()
    (at.home / SUBMISSION_FILE).mkdir()
    return words


@refused
def no_audit(at: Place) -> Words:
    return ("runs", "--home", at.home)


@refused
def no_audit_for_a_query(at: Place) -> Words:
    return ("sql", "select 1", "--home", at.home)


@refused
def audit_that_is_a_directory(at: Place) -> Words:
    (at.home / "audit.duckdb").mkdir(parents=True)
    return ("runs", "--home", at.home)


@refused
def audit_that_is_damaged(at: Place) -> Words:
    at.write("home/audit.duckdb", b"SQLite format 3\0" + bytes(4080))
    return ("runs", "--home", at.home)


@refused
def audit_of_another_program(at: Place) -> Words:
    at.home.mkdir()
    with duckdb.connect(str(at.home / "audit.duckdb")) as other:
        other.execute("create table runs (distance double)")
    return ("runs", "--home", at.home)


@refused
def audit_of_another_account(at: Place) -> Words:
    at.write("home/audit.duckdb", b"")
    at.patch_duckdb(duckdb.IOException('IO Error: Cannot open file "audit.duckdb": Permission denied'))
    return ("runs", "--home", at.home)


@refused
def audit_of_an_earlier_version(at: Place) -> Words:
    unpack_audit(NAMES[-1], at.home)
    return ("findings", "--home", at.home)


@refused
def audit_of_an_earlier_version_with_a_table_of_its_own(at: Place) -> Words:
    unpack_audit(NAMES[-1], at.home)
    with duckdb.connect(str(at.home / "audit.duckdb")) as audit:
        audit.execute("create table forgotten (secret varchar)")
    return ("upgrade", "--home", at.home)


@refused
def audit_of_a_newer_version(at: Place) -> Words:
    at.make_audit()
    with duckdb.connect(str(at.home / "audit.duckdb")) as audit:
        audit.execute("update internal.definitions set schema_number = 9999")
    return ("runs", "--home", at.home)


@refused
def upgrade_without_an_audit(at: Place) -> Words:
    return ("upgrade", "--home", at.home)


@refused
def audit_that_is_being_written(at: Place) -> Words:
    at.write("home/audit.duckdb", b"")
    at.patch_duckdb(_LOCKED)
    return ("runs", "--home", at.home)


@refused
def audit_that_another_program_has_open(at: Place) -> Words:
    at.make_audit()
    at.monkeypatch.setattr(database, "_WAIT_SECONDS", 0)
    at.patch_duckdb(_LOCKED)
    return ("reference", "unload", "SEX", "--home", at.home)


@refused
def files_of_another_month(at: Place) -> Words:
    at.land()
    may = ("--agency", "L0001", "--period", "2023-05", "--extracted-on", "2023-06-03")
    return ("submit", "--source", at.export, *may, "--home", at.home)


@refused
def run_that_does_not_exist(at: Place) -> Words:
    return ("findings", "--run", "L0001-2023-04-9", "--home", at.make_audit())


@refused
def run_that_does_not_exist_for_a_comparison(at: Place) -> Words:
    return ("compare", "L0001-2023-04-8", "L0001-2023-04-9", "--home", at.make_audit())


@refused
def report_of_no_run(at: Place) -> Words:
    return ("report", "--home", at.make_audit())


@refused
def query_that_is_empty(at: Place) -> Words:
    return ("sql", " ", "--home", at.make_audit())


@refused
def query_without_text(at: Place) -> Words:
    return ("sql", "", "--home", at.make_audit())


@refused
def two_queries(at: Place) -> Words:
    return ("sql", "select 1; select 2", "--home", at.make_audit())


@refused
def query_with_a_mistake(at: Place) -> Words:
    return ("sql", "selec 1", "--home", at.make_audit())


@refused
def query_that_writes(at: Place) -> Words:
    return ("sql", "delete from runs", "--home", at.make_audit())


@refused
def query_that_reads_a_file(at: Place) -> Words:
    return ("sql", "select * from read_text('/etc/hostname')", "--home", at.make_audit())


@refused
def query_that_writes_a_file(at: Place) -> Words:
    return ("sql", "copy runs to 'runs.csv'", "--home", at.make_audit())


@refused
def query_that_quotes_a_value(at: Place) -> Words:
    return ("sql", "select 'PRIVATE'::int", "--home", at.make_audit())


@refused
def query_of_too_many_rows(at: Place) -> Words:
    at.make_audit()
    at.settings("[limits]\nquery_rows = 5")
    return ("sql", "select * from range(10)", "--home", at.home)


@refused
def homes_without_a_match(at: Place) -> Words:
    return ("sql", "from runs", "--homes", at.folder / "prison-*")


@refused
def homes_with_another_directory(at: Place) -> Words:
    at.make_audit()
    (at.folder / "lists").mkdir()
    return ("sql", "from runs", "--homes", at.folder / "*")


@refused
def homes_and_a_home(at: Place) -> Words:
    return ("sql", "from runs", "--homes", at.folder / "*", "--home", at.make_audit())


@refused
def homes_with_an_earlier_version(at: Place) -> Words:
    unpack_audit(NAMES[-1], at.folder / "earlier")
    return ("sql", "from runs", "--homes", at.make_audit(), "--homes", at.folder / "earlier")


@refused
def query_on_several_homes_that_writes(at: Place) -> Words:
    return ("sql", "create table copied as from runs", "--homes", at.make_audit())


@refused
def filter_that_is_not_a_month(at: Place) -> Words:
    return ("rejected", "--period", "2023-13", "--home", at.make_audit())


@refused
def workbook_for_a_terminal(at: Place) -> Words:
    at.monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    return ("sql", "select 1", "--format", "xlsx", "--home", at.make_audit())


@refused
def workbook_of_too_many_rows(at: Place) -> Words:
    at.monkeypatch.setattr(workbook, "MOST_ROWS", 5)
    return ("sql", "select * from range(10)", "--format", "xlsx", "--out", "a.xlsx", "--home", at.make_audit())


@refused
def workbook_of_too_many_columns(at: Place) -> Words:
    at.monkeypatch.setattr(workbook, "MOST_COLUMNS", 1)
    return ("sql", "select 1 as a, 2 as b", "--format", "xlsx", "--out", "a.xlsx", "--home", at.make_audit())


@refused
def workbook_of_a_long_text(at: Place) -> Words:
    return ("sql", "select repeat('x', 40000)", "--format", "xlsx", "--out", "a.xlsx", "--home", at.make_audit())


@refused
def out_in_a_missing_directory(at: Place) -> Words:
    return ("rules", "--out", at.folder / "missing" / "rules.csv", "--home", at.home)


@refused
def out_that_is_a_directory(at: Place) -> Words:
    return ("rules", "--out", at.folder, "--home", at.home)


def _correct(at: Place, **changed: str) -> Path:
    """Writes a correction of the rejected client, and returns its directory."""
    table = pl.read_csv(at.export / "clients.csv", infer_schema=False).tail(1)
    (at.folder / "corrected").mkdir()
    table.with_columns(pl.lit(text).alias(name) for name, text in changed.items()).write_csv(
        at.folder / "corrected" / "clients.csv"
    )
    return at.folder / "corrected"


def _replay(at: Place, folder: Path, run: str = RUN) -> Words:
    return ("replay", "--run", run, "--input", folder, "--home", at.home)


@refused
def corrections_of_a_run_that_failed(at: Place) -> Words:
    def fail(*_arguments: object) -> None:
        raise ValueError

    at.make_home()
    at.monkeypatch.setattr(submit, "assess", fail)
    assert at.ndtms(*at.submit(at.write_export())).code == 1
    return _replay(at, at.folder)


@refused
def corrections_of_a_correction(at: Place) -> Words:
    at.land()
    corrected = _correct(at, DOB="1980-03-02")
    at.run(*_replay(at, corrected))
    return _replay(at, corrected, "L0001-2023-04-2")


@refused
def corrections_in_a_missing_directory(at: Place) -> Words:
    at.land()
    return _replay(at, at.folder / "missing")


@refused
def corrections_of_an_export_that_changed(at: Place) -> Words:
    at.land()
    at.change("episodes.csv", "NR14 7UJ", "NR14 7UK")
    return _replay(at, _correct(at, DOB="1980-03-02"))


@refused_month
def corrections_that_are_gone(at: Place) -> Words:
    at.land()
    corrected = _correct(at, DOB="1980-03-02")
    at.run(*_replay(at, corrected))
    corrected.rename(at.folder / "elsewhere")
    # Under other settings the month has to run again.
    at.settings("shrink_share = 0.4")
    return ("backfill", "--source", at.export, *_APRIL, "--home", at.home)


@refused
def corrections_in_an_empty_directory(at: Place) -> Words:
    at.land()
    (at.folder / "corrected").mkdir()
    return _replay(at, at.folder / "corrected")


@refused
def corrections_under_an_unknown_name(at: Place) -> Words:
    at.land()
    folder = _correct(at, DOB="1980-03-02")
    (folder / "clients.csv").rename(folder / "client corrections.csv")
    return _replay(at, folder)


@refused
def corrections_under_a_name_in_another_case(at: Place) -> Words:
    at.land()
    folder = _correct(at, DOB="1980-03-02")
    (folder / "clients.csv").rename(folder / "Clients.CSV")
    return _replay(at, folder)


@refused
def corrections_as_records_and_as_whole_files(at: Place) -> Words:
    at.land()
    folder = _correct(at, DOB="1980-03-02")
    at.write("corrected/export/episodes.csv", (at.export / "episodes.csv").read_bytes())
    return _replay(at, folder)


@refused
def corrections_that_remove_a_record(at: Place) -> Words:
    at.land()
    clients = (at.export / "clients.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    at.write("corrected/export/clients.csv", "".join(clients[:-1]))
    return _replay(at, at.folder / "corrected")


@refused
def corrections_with_a_column_that_the_export_lacks(at: Place) -> Words:
    clients = pl.read_csv(at.write_export() / "clients.csv", infer_schema=False)
    clients.drop("ETHNIC").write_csv(at.export / "clients.csv")
    land_export(at.export, at.make_home())
    return _replay(at, _correct(at, ETHNIC="A"))


@refused
def corrections_of_a_result_whose_sql_changed(at: Place) -> Words:
    at.write_export()
    mapping = at.folder / "mapping.toml"
    at.map_clients('sql = "clients.sql"', 'location = "export"')
    query = at.write("clients.sql", "select * exclude (source_file, source_line) from clients")
    land_export(mapping, at.make_home())
    query.write_text("select * exclude (source_file, source_line) from clients where true", encoding="utf-8")
    return (*_replay(at, _correct(at, DOB="1980-03-02")), "--source", mapping)


@refused
def correction_without_a_column(at: Place) -> Words:
    at.land()
    at.write("corrected/clients.csv", "CLIENTID\nC0001\n")
    return _replay(at, at.folder / "corrected")


@refused
def correction_without_an_id(at: Place) -> Words:
    at.land()
    return _replay(at, _correct(at, CLIENTID=""))


@refused
def correction_of_no_record(at: Place) -> Words:
    at.land()
    return _replay(at, _correct(at, CLIENTID="C9999"))


@refused
def correction_of_a_record_that_was_not_rejected(at: Place) -> Words:
    at.land()
    return _replay(at, _correct(at, CLIENTID="C0000"))


@refused
def correction_that_occurs_twice(at: Place) -> Words:
    at.land()
    file = _correct(at, DOB="1980-03-02") / "clients.csv"
    header, record = file.read_text(encoding="utf-8").splitlines()
    file.write_text("\n".join([header, record, record]) + "\n", encoding="utf-8")
    return _replay(at, file.parent)


@refused
def folder_in_place_of_the_submission_file(at: Place) -> Words:
    at.make_home()
    at.write_export()
    (at.home / SUBMISSION_FILE).mkdir(parents=True)
    # The run lands, but its file cannot be moved; the next run has to move it first.
    submit_april = ("submit", "--source", at.export, *MONTH, "--home", at.home)
    assert at.ndtms(*submit_april).code == 1
    return submit_april


@refused
def filter_by_what_is_not_an_outcome(at: Place) -> Words:
    return ("rejected", "--outcome", "lost", "--home", at.make_audit())


@refused
def filter_by_what_is_not_an_owner(at: Place) -> Words:
    return ("findings", "--owner", "ward", "--home", at.make_audit())


@refused
def question_that_is_unknown(at: Place) -> Words:
    return ("ask", "why", "--home", at.make_audit())


@refused
def no_query(at: Place) -> Words:
    return ("sql", "--home", at.make_audit())


@refused
def query_in_a_file_that_is_missing(at: Place) -> Words:
    return ("sql", "--file", at.folder / "query.sql", "--home", at.make_audit())


@refused
def status_without_agencies(at: Place) -> Words:
    return ("status", "--today", "2023-06-01", "--home", at.home)


@refused
def expected_agency_that_is_not_a_code(at: Place) -> Words:
    at.settings('[agencies]\nward = "The ward"')
    return ("status", "--today", "2023-06-01", "--home", at.home)


@refused
def deadline_that_some_months_lack(at: Place) -> Words:
    at.settings("deadline_day = 31")
    return ("status", "--today", "2023-06-01", "--home", at.home)


@refused
def key_that_is_damaged(at: Place) -> Words:
    at.make_audit()
    (at.home / "fingerprint.key").write_bytes(b"short")
    return at.check(at.write_export())


@refused
def key_that_is_a_directory(at: Place) -> Words:
    at.home.mkdir(parents=True)
    (at.home / "fingerprint.key").mkdir()
    return at.check(at.write_export())


@refused
def audit_without_a_current_view(at: Place) -> Words:
    at.make_audit()
    with duckdb.connect(str(at.home / "audit.duckdb")) as audit:
        audit.execute("drop view worklist")
    return ("worklist", "--home", at.home)


@refused
def question_about_an_audit_without_a_current_view(at: Place) -> Words:
    at.make_audit()
    with duckdb.connect(str(at.home / "audit.duckdb")) as audit:
        audit.execute("drop view rows_lost")
    return ("ask", "rows-lost", "--home", at.home)


@refused
def forgetting_without_a_choice(at: Place) -> Words:
    at.make_audit()
    return ("forget", "--reason", "schedule", "--home", at.home)


@refused
def forgetting_with_two_choices(at: Place) -> Words:
    at.make_audit()
    return ("forget", "--before", "2023-04", "--superseded", "--reason", "schedule", "--home", at.home)


@refused
def forgetting_without_a_reason(at: Place) -> Words:
    at.make_audit()
    return ("forget", "--superseded", "--reason", " ", "--home", at.home)


@refused
def forgetting_without_an_audit(at: Place) -> Words:
    return ("forget", "--superseded", "--reason", "schedule", "--home", at.home)


@refused
def forgetting_a_client_without_an_id(at: Place) -> Words:
    at.make_audit()
    at.monkeypatch.setattr(sys, "stdin", io.StringIO("\n"))
    return ("forget", "--client", "-", "--reason", "an order", "--home", at.home)


@refused
def forgetting_a_client_of_two_agencies(at: Place) -> Words:
    at.land()
    with duckdb.connect(str(database.audit_path(at.home))) as audit:
        # The same run once more, of another agency.
        audit.execute("create temp table copied as from runs limit 1")
        audit.execute("update copied set run_number = 99, run_id = 'L0002-2023-04-1', agency = 'L0002'")
        audit.execute("insert into runs from copied")
        audit.execute("insert into internal.sent_clients select * replace ('L0002-2023-04-1' as run_id) from"
                      " internal.sent_clients")  # fmt: skip
        client = audit.execute("select CLIENTID from internal.sent_clients limit 1").fetchone() or ("",)
    return ("forget", "--client", client[0], "--reason", "an order", "--home", at.home)


@refused
def snapshot_of_another_kind(at: Place) -> Words:
    at.monkeypatch.setenv("NDTMS_SNAPSHOT", "none")
    return at.submit(at.write_export())


@refused
def backup_without_an_audit(at: Place) -> Words:
    return ("backup", at.folder / "backups", "--home", at.home)


@refused
def backup_in_the_home(at: Place) -> Words:
    at.make_audit()
    return ("backup", at.home / "backups", "--home", at.home)


@refused
def backup_during_another(at: Place) -> Words:
    at.make_audit()
    (at.folder / "backups").mkdir()
    _LOCKS.append(FileLock(at.folder / "backups" / ".lock"))
    _LOCKS[-1].acquire()
    return ("backup", at.folder / "backups", "--home", at.home)


@refused
def backup_to_a_file(at: Place) -> Words:
    at.make_audit()
    return ("backup", at.write("backups", ""), "--home", at.home)


@refused
def backup_of_a_home_without_a_submission(at: Place) -> Words:
    (at.land() / SUBMISSION_FILE).unlink()
    return ("backup", at.folder / "backups", "--home", at.home)


@refused
def backup_that_exists(at: Place) -> Words:
    at.make_audit()
    at.monkeypatch.setattr(backup_command, "find_now", lambda: datetime(2023, 6, 3, 6, 0, 1, tzinfo=UTC))
    at.write("backups/2023-06-03T060001Z/audit.duckdb", "")
    return ("backup", at.folder / "backups", "--home", at.home)


@refused
def backup_while_a_run_is_in_progress(at: Place) -> Words:
    at.make_audit()
    _LOCKS.append(FileLock(at.home / ".lock"))
    _LOCKS[-1].acquire()
    at.write("home/.held-by", "the submission of L0001 2023-04 (process 1, since 09:00)")
    return ("backup", at.folder / "backups", "--wait", 0, "--home", at.home)


@refused
def verifying_without_an_audit(at: Place) -> Words:
    return ("verify", "--home", at.home)
