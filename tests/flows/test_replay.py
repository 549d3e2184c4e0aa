"""Replay: corrected records in the place of rejected ones, and nothing else moved."""

from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from flows.cli import build_app
from flows.months.replay import build_replay, read_corrected
from flows.pipeline.assess import load_reference_inputs
from flows.sources.request import SubmissionOptions
from flows.support.errors import InputRefused
from schemas.dataset import TABLE
from tests.rules.world import World
from tests.support.exports import TWO_CLIENTS, write_export
from tests.support.homes import SUBMISSION_FILE, query_audit
from tests.support.runs import land_export
from tests.support.sql_mappings import write_table_queries

pytestmark = pytest.mark.slow

run_command = CliRunner()


def corrections(folder: Path, entity: str, export: Path, **changed: str) -> Path:
    """The last record of a table, which the second world's is, with something changed."""
    folder.mkdir(exist_ok=True)
    table = pl.read_csv(export / f"{entity}.csv", infer_schema=False).tail(1)
    table.with_columns(pl.lit(text).alias(name) for name, text in changed.items()).write_csv(folder / f"{entity}.csv")
    return folder


def replayed(home: Path, fixed: Path, run: str = "L0001-2023-04-1") -> "tuple[int, str]":
    done = run_command.invoke(build_app(), ["replay", "--run", run, "--input", str(fixed), "--home", str(home)])
    return done.exit_code, done.output + str(done.exception or "")


def test_a_corrected_client_comes_in_with_its_episode(export: Path, home: Path, tmp_path: Path) -> None:
    land_export(export, home)
    assert b"C0001" not in (home / SUBMISSION_FILE).read_bytes()
    fixed = corrections(tmp_path / "fixed", "clients", export, DOB="1980-03-02")
    code, shown = replayed(home, fixed)
    assert code == 0, shown
    assert b"C0001" in (home / SUBMISSION_FILE).read_bytes()
    rows = query_audit(home, "select run_id, status, corrects, rows_sent from runs order by run_number")
    assert rows == [("L0001-2023-04-1", "landed", None, 2), ("L0001-2023-04-2", "landed", "L0001-2023-04-1", 3)]
    assert query_audit(home, "select source_file, source_line from outcomes where source_file like 'corr%'") == [
        ("corrections/clients.csv", 2)
    ]
    counts = "select clients_in, episodes_in, interventions_in from runs order by run_number"
    assert len(set(query_audit(home, counts))) == 1, "as many records as before"


def test_what_a_run_was_judged_by_and_accepted_for_holds_for_its_correction(
    export: Path, home: Path, tmp_path: Path
) -> None:
    words = ["submit", "--source", str(export), "--agency", "L0001", "--period", "2023-04", "--home", str(home)]
    words += ["--extracted-on", "2023-05-03", "--as-of", "2023-06-15", "--accept-stale", "why not"]
    done = run_command.invoke(build_app(), words)
    assert done.exit_code == 0, done.output
    fixed = corrections(tmp_path / "fixed", "clients", export, DOB="1980-03-02")
    options = SubmissionOptions(None, home=str(home), corrects="L0001-2023-04-1", corrections=str(fixed))
    request = build_replay(options)
    [accepted] = query_audit(home, "select shrink_accepted, stale_accepted, same_input_accepted from runs")
    assert (str(request.judged_on), request.shrink_accepted, request.stale_accepted) == ("2023-06-15", *accepted[:2])
    assert replayed(home, fixed)[0] == 0
    judged = query_audit(home, "select distinct name from manifest where item = 'judged by'")
    assert judged == [("what held on 2023-06-15",)]


def test_a_table_built_by_sql_is_corrected_under_the_headers_of_the_dataset(
    export: Path, home: Path, tmp_path: Path
) -> None:
    for table in TABLE.values():
        (export / f"{table}.csv").rename(export / f"raw_{table}.csv")
    mapping = write_table_queries(export, "select * from raw_{table}")
    land_export(mapping, home)
    raw = pl.read_csv(export / "raw_clients.csv", infer_schema=False).tail(1)
    fixed = tmp_path / "fixed"
    fixed.mkdir()
    raw.with_columns(DOB=pl.lit("1980-03-02")).write_csv(fixed / "clients.csv")
    words = ["replay", "--run", "L0001-2023-04-1", "--source", str(mapping), "--input", str(fixed)]
    done = run_command.invoke(build_app(), [*words, "--home", str(home)])
    assert done.exit_code == 0, done.output + str(done.exception or "")
    assert query_audit(home, "select status, rows_sent from runs order by run_number") == [("landed", 2), ("landed", 3)]
    assert b"C0001" in (home / SUBMISSION_FILE).read_bytes()


def test_what_is_the_same_as_before_moves_nothing(export: Path, home: Path, tmp_path: Path) -> None:
    land_export(export, home)
    code, shown = replayed(home, corrections(tmp_path / "fixed", "clients", export))
    assert (code, "nothing was landed" in shown) == (0, True)
    assert query_audit(home, "select count(*) from runs") == [(1,)]


@pytest.mark.parametrize(
    ("rows", "line", "reported"),
    [
        ([{}], 2, "the run did not reject the client with this CLIENTID; only rejected records can be corrected"),
        ([{"CLIENTID": "C9999"}], 2, "no client of the export has this CLIENTID; submit new records"),
        (
            [{"CLIENTID": "C0001"}, {"CLIENTID": "C0001"}],
            2,
            "the CLIENTID occurs more than once in this file; correct each client",
        ),
        (
            [{"CLIENTID": "C0001", "DOB": "1980-03-02"}, {"CLIENTID": ""}],
            3,
            "the CLIENTID is blank; it must be that of a rejected",
        ),
    ],
    ids=["sent", "unknown", "twice", "blank"],
)
def test_a_correction_of_no_rejected_record_is_reported(
    export: Path, home: Path, tmp_path: Path, rows: list[dict[str, str]], line: int, reported: str
) -> None:
    land_export(export, home)
    fixed = tmp_path / "fixed"
    fixed.mkdir()
    first = pl.read_csv(export / "clients.csv", infer_schema=False).head(1)
    made = [first.with_columns(pl.lit(text).alias(name) for name, text in row.items()) for row in rows]
    pl.concat(made).write_csv(fixed / "clients.csv")
    with pytest.raises(InputRefused) as caught:
        corrected(home, fixed)
    assert str(caught.value).startswith(f"{fixed / 'clients.csv'}, line {line}: {reported}")
    assert "C0001" not in str(caught.value) and "C9999" not in str(caught.value)


def test_the_same_corrections_twice_land_once(export: Path, home: Path, tmp_path: Path) -> None:
    land_export(export, home)
    fixed = corrections(tmp_path / "fixed", "clients", export, DOB="1980-03-02")
    assert replayed(home, fixed)[0] == 0
    code, shown = replayed(home, fixed)
    assert (code, shown) == (
        0,
        "clients.csv: 1 record, 1 replaces a rejected record, 0 unchanged\n"
        "L0001-2023-04-1: the same corrections have already landed, in L0001-2023-04-2; nothing was landed\n",
    )  # fmt: skip
    assert query_audit(home, "select count(*) from runs") == [(2,)]


def test_other_corrections_or_other_grounds_land_again(export: Path, home: Path, tmp_path: Path) -> None:
    land_export(export, home)
    fixed = corrections(tmp_path / "fixed", "clients", export, DOB="1980-03-02")
    assert replayed(home, fixed)[0] == 0
    assert replayed(home, corrections(fixed, "clients", export, DOB="1980-03-03"))[0] == 0
    (home / "settings.toml").write_text("shrink_share = 0.4", encoding="utf-8")
    assert replayed(home, fixed)[0] == 0
    assert query_audit(home, "select count(*) from runs") == [(4,)]


def test_an_export_that_changed_since_is_submitted_whole(export: Path, home: Path, tmp_path: Path) -> None:
    land_export(export, home)
    fixed = corrections(tmp_path / "fixed", "clients", export, DOB="1980-03-02")
    write_export(export, World(), *TWO_CLIENTS)
    with pytest.raises(InputRefused, match=r"clients\.csv.* changed since L0001-2023-04-1 read it"):
        corrected(home, fixed)


@pytest.mark.parametrize("run", ["L0001-2023-04-9", "L0001-2023-04-2"])
def test_a_run_that_is_not_there_or_is_a_correction_is_refused(
    export: Path, home: Path, tmp_path: Path, run: str
) -> None:
    land_export(export, home)
    fixed = corrections(tmp_path / "fixed", "clients", export, DOB="1980-03-02")
    assert replayed(home, fixed)[0] == 0
    with pytest.raises(InputRefused, match=r"there is no such run|itself a correction"):
        build_replay(SubmissionOptions(None, home=home, corrects=run, corrections=str(fixed)))


def test_each_file_that_was_read_is_reported_with_what_it_changes(export: Path, home: Path, tmp_path: Path) -> None:
    land_export(export, home)
    fixed = corrections(tmp_path / "fixed", "clients", export, DOB="1980-03-02")
    corrections(fixed, "episodes", export)
    code, shown = replayed(home, fixed)
    assert (code, shown.splitlines()[:3]) == (0, [
        "clients.csv: 1 record, 1 replaces a rejected record, 0 unchanged",
        "episodes.csv: 1 record, 0 replace rejected records, 1 unchanged",
        "L0001 2023-04 from plain-export: landed",
    ])  # fmt: skip


def test_what_programs_leave_in_a_folder_is_no_correction(export: Path, home: Path, tmp_path: Path) -> None:
    land_export(export, home)
    fixed = corrections(tmp_path / "fixed", "clients", export, DOB="1980-03-02")
    for name in (".DS_Store", "Thumbs.db", "~$clients.xlsx"):
        (fixed / name).touch()
    assert replayed(home, fixed)[0] == 0


def test_a_value_in_a_column_that_the_export_lacks_is_not_lost(export: Path, home: Path, tmp_path: Path) -> None:
    clients = pl.read_csv(export / "clients.csv", infer_schema=False)
    clients.drop("ETHNIC").write_csv(export / "clients.csv")
    land_export(export, home)
    fixed = corrections(tmp_path / "fixed", "clients", export, DOB="1980-03-02", ETHNIC="A")
    with pytest.raises(
        InputRefused, match=r"clients\.csv, line 1: the columns ETHNIC have values and are not in the ex"
    ):
        corrected(home, fixed)
    corrections(fixed, "clients", export, DOB="1980-03-02", ETHNIC="")
    corrected(home, fixed)


def test_columns_that_are_missing_are_reported(export: Path, home: Path, tmp_path: Path) -> None:
    land_export(export, home)
    fixed = corrections(tmp_path / "fixed", "clients", export, DOB="1980-03-02")
    pl.read_csv(fixed / "clients.csv", infer_schema=False).drop("SEX").write_csv(fixed / "clients.csv")
    with pytest.raises(InputRefused, match="the columns SEX are missing"):
        corrected(home, fixed)


def corrected(home: Path, fixed: Path) -> None:
    options = SubmissionOptions(None, home=home, corrects="L0001-2023-04-1", corrections=str(fixed))
    request = build_replay(options)
    read_corrected(request, load_reference_inputs(request))
