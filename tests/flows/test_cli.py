"""The command: exit codes, standard output and error, and what `check` leaves alone."""

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from flows.cli import check
from tests.rules.world import World
from tests.support.command import Command
from tests.support.exports import ONE_WITHOUT_CONSENT, TWO_CLIENTS, write_export
from tests.support.homes import make_small_home
from tests.support.runs import land_export

PERIOD = ("--period", "2023-04", "--agency", "L0001", "--extracted-on", "2023-05-03")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cli")
    home = make_small_home(folder / "home")
    land_export(write_export(folder / "export", *TWO_CLIENTS), home)
    return home


@pytest.fixture
def export(tmp_path: Path) -> Path:
    return write_export(tmp_path / "export", *TWO_CLIENTS)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_check_reports_and_writes_nothing(ndtms: Command, export: Path, home: Path) -> None:
    before = contents(home)
    ran = ndtms("check", "--source", export, *PERIOD, "--home", home)
    assert (ran.code, ran.err) == (0, "")
    assert "L0001 2023-04 from plain-export: checked: would be landed" in ran.out
    assert "DOB.date" in ran.out
    assert contents(home) == before


def test_check_makes_no_home(ndtms: Command, export: Path, tmp_path: Path) -> None:
    assert ndtms("check", "--source", export, *PERIOD, "--home", tmp_path / "none").code == 0
    assert [path.name for path in tmp_path.iterdir()] == ["export"]


def test_check_of_a_file_that_would_be_blocked(ndtms: Command, tmp_path: Path, home: Path) -> None:
    export = write_export(tmp_path / "export", *ONE_WITHOUT_CONSENT)
    ran = ndtms("check", "--source", export, *PERIOD, "--home", home)
    assert ran.code == 3
    assert "checked: would be blocked" in ran.out
    assert "Blocked by FILE.empty" in ran.out


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (("--source", "no-such-source", *PERIOD), "no-such-source: no such source"),
        (
            ("--source", "{export}", "--period", "2023-4"),
            "--period: the period is '2023-4'; allowed: a month as YYYY-MM",
        ),
        (
            ("--source", "{export}", *PERIOD[:2], "--agency", "l1"),
            "--agency is 'l1'; allowed: one to three capital letters and three to five digits",
        ),
        (
            ("--source", "{export}", *PERIOD[:2], "--agency", ""),
            "--agency is ''; allowed: one to three capital letters and three to five digits",
        ),
        (("--source", "", *PERIOD), "--source is empty: no such source"),
        (
            ("--source", "{export}", *PERIOD[:4], "--extracted-on", "x"),
            "--extracted-on is 'x'; allowed: a day as YYYY-MM-DD",
        ),
        (
            ("--source", "orchard", *PERIOD, "--input", "no/where"),
            "no/where: there is no export of 2023-04; check the month, and --input",
        ),
    ],
)
@pytest.mark.parametrize("command", ["check", "submit"])
def test_a_command_that_is_wrong_is_one_sentence(
    ndtms: Command, export: Path, tmp_path: Path, command: str, arguments: tuple[str, ...], shown: str
) -> None:
    given = [argument.format(export=export) for argument in arguments]
    ran = ndtms(command, *given, "--home", tmp_path / "home")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("ndtms: ") and ran.err.count("\n") == 1
    assert shown in ran.err
    assert not (tmp_path / "home").exists()


def test_a_backfill_of_no_agency_is_refused(ndtms: Command, export: Path, tmp_path: Path) -> None:
    months = ("--from", "2023-04", "--to", "2023-04")
    for agency in ("", "X"):
        ran = ndtms("backfill", "--source", export, *months, "--agency", agency, "--home", tmp_path / "home")
        assert (ran.code, ran.out) == (2, "")
        assert f"--agency is {agency!r}; allowed: one to three capital letters and three to five digits" in ran.err


def test_an_export_without_a_file_leaves_nothing(ndtms: Command, export: Path, tmp_path: Path) -> None:
    (export / "clients.csv").unlink()
    ran = ndtms("check", "--source", export, *PERIOD, "--home", tmp_path / "home")
    assert (ran.code, ran.out, ran.err) == (
        2,
        "",
        f"ndtms: {export / 'clients.csv'}: the file is missing; check its path\n",
    )
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("arguments", [("check",), ("nothing",), ("rejected", "--format", "pdf"), ("sql",)])
def test_a_command_typed_wrong_is_exit_code_2(ndtms: Command, arguments: tuple[str, ...]) -> None:
    ran = ndtms(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err


def test_what_goes_wrong_in_the_program_reports_no_value(
    ndtms: Command, export: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object) -> None:
        raise ValueError("PRIVATE-VALUE")

    monkeypatch.setattr(check, "assess", fail)
    ran = ndtms("check", "--source", export, *PERIOD, "--home", tmp_path / "home")
    assert (ran.code, ran.out) == (1, "")
    assert "PRIVATE-VALUE" not in ran.err
    assert "ValueError in flows.cli.check, line " in ran.err


def test_rejected_in_each_format(ndtms: Command, home: Path, tmp_path: Path) -> None:
    ran = ndtms("rejected", "--home", home, "--format", "json")
    assert (ran.code, ran.err) == (0, "")
    rows = json.loads(ran.out)
    assert [(row["entity"], row["outcome"], row["cause_entity"], row["source_line"]) for row in rows] == [
        ("client", "rejected", "client", 3),
        ("episode", "rejected", "client", 3),
        ("intervention", "rejected", "client", 4),
    ]
    assert rows[0]["rules"] == ["DOB.date"]
    assert ndtms("rejected", "--home", home, "--format", "csv").out.count("\n") == 4
    assert "DOB.date" in ndtms("rejected", "--home", home).out
    assert ndtms("rejected", "--home", home, "--period", "2023-05", "--format", "csv").out.count("\n") == 1
    assert ndtms("rejected", "--home", home, "--format", "xlsx", "--out", tmp_path / "rejected.xlsx").out == ""
    assert (tmp_path / "rejected.xlsx").read_bytes().startswith(b"PK")


VIEWS = ["runs", "rejected", "findings", "mismatches", "completeness", "unmapped", "changes"]


@pytest.mark.parametrize("command", VIEWS)
@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (("--period", "2023-13"), "--period: the period is '2023-13'; allowed: a month as YYYY-MM"),
        (("--period", ""), "--period: the period is ''; allowed: a month as YYYY-MM"),
        (
            ("--agency", "X"),
            "--agency is 'X'; allowed: one to three capital letters and three to five digits",
        ),
        (
            ("--agency", ""),
            "--agency is ''; allowed: one to three capital letters and three to five digits",
        ),
    ],
)
def test_filters_that_can_fit_nothing_are_refused(
    ndtms: Command, home: Path, command: str, arguments: tuple[str, ...], shown: str
) -> None:
    ran = ndtms(command, "--home", home, *arguments)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert ran.err.startswith(f"ndtms: {shown}")


@pytest.mark.parametrize("command", VIEWS)
@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (("--agency", "L0002"), "of L0002"),
        (("--agency", "L0001", "--period", "2023-05"), "of L0001 in 2023-05"),
        (("--agency", "L0002", "--run", "L0001-2023-04-1"), "L0001-2023-04-1 of L0002"),
    ],
)
def test_filters_that_fit_no_run_are_reported(
    ndtms: Command, home: Path, command: str, arguments: tuple[str, ...], shown: str
) -> None:
    ran = ndtms(command, "--home", home, "--format", "csv", *arguments)
    assert (ran.code, ran.out.count("\n")) == (0, 1)
    assert ran.err == f"ndtms: the audit has no run {shown}; `ndtms runs` lists all runs\n"


def test_an_empty_answer_about_a_run_that_is_there_is_reported_by_itself(ndtms: Command, home: Path) -> None:
    assert ndtms("mismatches", "--home", home, "--agency", "L0001", "--format", "csv").err == ""


@pytest.fixture(scope="module")
def changed_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with April, and with May, in which the first client has changed."""
    folder = tmp_path_factory.mktemp("changed")
    home = make_small_home(folder / "home")
    land_export(write_export(folder / "april", *TWO_CLIENTS), home)
    changed = World(edit={"SEX": "F", "HOUSING": "palace"})
    land_export(write_export(folder / "may", changed, TWO_CLIENTS[1]), home, "2023-05")
    return home


@pytest.mark.parametrize("command", VIEWS)
def test_a_view_shows_the_rows_of_the_run_that_is_named(ndtms: Command, changed_home: Path, command: str) -> None:
    ran = ndtms(command, "--home", changed_home, "--run", "L0001-2023-05-1", "--format", "json")
    assert (ran.code, ran.err) == (0, "")
    assert {row["run_id"] for row in json.loads(ran.out)} == {"L0001-2023-05-1"}


def test_the_home_may_be_in_the_environment(ndtms: Command, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NDTMS_HOME", str(home))
    assert ndtms("runs", "--format", "csv").out.count("\n") == 2


def test_no_audit_and_no_such_run_are_exit_code_2(ndtms: Command, home: Path, tmp_path: Path) -> None:
    assert ndtms("rejected", "--home", tmp_path).code == 2
    ran = ndtms("findings", "--home", home, "--run", "x")
    assert (ran.code, ran.out) == (2, "")
    assert "there is no such run" in ran.err


def test_sql_reads_the_audit_and_nothing_else(ndtms: Command, home: Path) -> None:
    ran = ndtms("sql", "select rows_sent from runs", "--home", home, "--format", "csv")
    assert (ran.code, ran.out) == (0, "rows_sent\n2\n")
    for text in ("delete from runs", "create table x as select 1", f"select * from read_text('{__file__}')", "selec"):
        ran = ndtms("sql", text, "--home", home)
        assert (ran.code, ran.out) == (2, ""), text
        assert ran.err.startswith("ndtms: the query cannot be answered: ")
    assert ndtms("sql", "select count(*) as runs from runs", "--home", home, "--format", "csv").out == "runs\n1\n"


def test_a_report_is_in_the_home_and_its_path_is_printed(ndtms: Command, home: Path, tmp_path: Path) -> None:
    ran = ndtms("report", "--home", home)
    page = home / "reports" / "L0001-2023-04-1.html"
    assert (ran.code, ran.out, ran.err) == (0, f"{page}\n", "")
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    ran = ndtms("report", "--home", home, "--out", tmp_path)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == f"ndtms: {tmp_path}: the file cannot be written (it is a directory); choose another --out\n"


def test_a_report_of_a_home_that_cannot_be_written(ndtms: Command, tmp_path: Path) -> None:
    home = make_small_home(tmp_path / "home")
    land_export(write_export(tmp_path / "export", *TWO_CLIENTS), home)
    (home / "reports").write_text("no folder", encoding="utf-8")
    ran = ndtms("report", "--home", home)
    assert (ran.code, ran.out) == (2, "")
    assert "L0001-2023-04-1.html: the file cannot be written (" in ran.err


def test_rules_and_codes(ndtms: Command, tmp_path: Path) -> None:
    rules = json.loads(ndtms("rules", "--format", "json").out)
    assert {"rule": "DOB.date", "entity": "client", "severity": "reject"}.items() <= next(
        rule for rule in rules if rule["rule"] == "DOB.date"
    ).items()
    assert ndtms("rules", "--format", "markdown").out.startswith("# The rule catalogue\n")
    lists = json.loads(ndtms("codes", "--home", tmp_path, "--format", "json").out)
    assert next(code_list["status"] for code_list in lists if code_list["list"] == "DISRSN") == "published"
    codes = json.loads(ndtms("codes", "PRNTSTAT", "--home", tmp_path, "--format", "json").out)
    assert len(codes) == 4
    assert {"aliases"} <= codes[0].keys()
    ran = ndtms("codes", "CASTLE", "--home", tmp_path)
    assert (ran.code, ran.out) == (2, "")
    assert "CASTLE is not a code list of the dataset; allowed:" in ran.err
    assert list(tmp_path.iterdir()) == []


def test_rules_under_the_severities_of_a_site(ndtms: Command, tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('[severities]\n"SEX.required" = "warning"', encoding="utf-8")
    rules = {rule["rule"]: rule for rule in json.loads(ndtms("rules", "--home", tmp_path, "--format", "json").out)}
    assert (rules["SEX.required"]["severity"], rules["SEX.required"]["site_severity"]) == ("reject", "warning")
    assert (rules["DOB.date"]["severity"], rules["DOB.date"]["site_severity"]) == ("reject", "reject")


def test_names_of_lists_and_rules_in_any_case(ndtms: Command, tmp_path: Path) -> None:
    ran = ndtms("codes", "sex", "--home", tmp_path, "--format", "csv")
    assert (ran.code, ran.out) == (0, ndtms("codes", "SEX", "--home", tmp_path, "--format", "csv").out)
    assert ndtms("explain", "sex.REQUIRED").out == ndtms("explain", "SEX.required").out
    assert (
        "sex.nothing: no such rule; the rules of this field are SEX.code, SEX.mismatch, SEX.required"
        in ndtms("explain", "sex.nothing").err
    )


def test_a_list_without_a_code_is_reported(ndtms: Command, tmp_path: Path) -> None:
    ran = ndtms("codes", "prison", "--home", tmp_path, "--format", "csv")
    assert (ran.code, ran.out.count("\n")) == (0, 1)
    assert ran.err == "ndtms: the list PRISON has no codes\n"


def test_a_check_may_ask_for_official_lists(ndtms: Command, export: Path, tmp_path: Path) -> None:
    ran = ndtms("check", "--source", export, *PERIOD, "--home", tmp_path / "home", "--require-published")
    assert (ran.code, ran.out) == (2, "")
    assert "code lists are not the official ones yet" in ran.err


def test_a_plain_export_is_utf_8(ndtms: Command, export: Path, tmp_path: Path) -> None:
    clients = export / "clients.csv"
    clients.write_bytes(clients.read_bytes() + "é".encode("cp1252"))
    ran = ndtms("check", "--source", export, *PERIOD, "--home", tmp_path / "home")
    assert (ran.code, ran.out) == (2, "")
    assert "byte 0xe9 is not valid utf-8, the encoding of a plain export; export the file in this encoding\n" in ran.err


def test_a_postcode_directory_that_is_hardly_one_is_loaded_with_a_warning(ndtms: Command, tmp_path: Path) -> None:
    home, file = tmp_path / "home", tmp_path / "ONSPD_FEB_2023_UK.csv"
    file.write_text("pcds,oscty,oslaua\nNR14 7UJ,E10000020,E07000149\n", encoding="utf-8")
    ran = ndtms("reference", "postcodes", file, "--home", home)
    assert (ran.code, "1 postcode of 1 authority is in force" in ran.out) == (0, True)
    assert "ndtms: ONSPD Feb 2023 has 1 postcode, fewer than a tenth of the " in ran.err
    assert ndtms("reference", "postcodes", file, "--home", home).err == ""


def test_explain(ndtms: Command, home: Path) -> None:
    assert "Severity: reject" in ndtms("explain", "DOB.date").out
    ran = ndtms("explain", "DOB.date", "--entity", "client", "--home", home)
    assert (ran.code, ran.out) == (2, "")
    assert "--run, --entity and --line are used together" in ran.err


def test_reference_load_reports_what_it_replaced_or_leaves_nothing(ndtms: Command, tmp_path: Path) -> None:
    header = "list,code,label,concept,status,source,valid_from,valid_to\n"
    file, home = tmp_path / "lists.csv", tmp_path / "home"
    file.write_text(header + "CASTLE,X,x,,published,o,,\n", encoding="utf-8")
    ran = ndtms("reference", "load", file, "--home", home)
    assert (ran.code, ran.out) == (2, "")
    assert "CASTLE is not a code list of the dataset" in ran.err
    assert not home.exists()
    file.write_text(header + "PRISON,FWR,HMP Fairwater,,published,official,,\n", encoding="utf-8")
    ran = ndtms("reference", "load", file, "--home", home)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == "PRISON: 1 code, published, instead of 0, partial\n"
    codes = json.loads(ndtms("codes", "PRISON", "--home", home, "--format", "json").out)
    assert codes[0]["code"] == "FWR"


@pytest.mark.slow
def test_all_but_submit_run_without_prefect(export: Path, tmp_path: Path) -> None:
    script = f"""
        import sys
        from flows import cli
        sys.argv = ["ndtms", "check", "--source", {str(export)!r}, *{PERIOD!r}, "--home", {str(tmp_path / "home")!r}]
        try:
            cli.run()
        except SystemExit as left:
            assert not left.code, left.code
        assert "prefect" not in sys.modules
        assert "fastapi" not in sys.modules
    """
    subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        env=os.environ | {"PREFECT_HOME": str(tmp_path / "prefect")},
        capture_output=True,
        check=True,
    )
    assert [path.name for path in tmp_path.iterdir()] == ["export"]
