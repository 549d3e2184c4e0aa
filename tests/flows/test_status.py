"""The state of each agency's months, and the faults to correct."""

import json
import shutil
from datetime import date
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from flows.audit.database import open_for_writing
from flows.audit.expected_months import ExpectedMonths
from flows.audit.queries import parse_filters, query_status, query_view
from flows.audit.status import build_status, choose_periods
from flows.audit.upgrade import create_or_upgrade
from flows.reports.worklist import COLUMNS, build_worklist
from schemas.period import Period
from tests.rules.world import World
from tests.support.command import Command
from tests.support.exports import ONE_WITHOUT_CONSENT, write_export
from tests.support.homes import make_small_home, query_audit
from tests.support.runs import land_export

APRIL, MAY, JUNE = "2023-04", "2023-05", "2023-06"
# No birthday, and a blank sex: the first costs a row, and in April the second is not there yet.
NO_BIRTHDAY = World(edit={"DOB": "31/02/1980"}, interventions=({"MODID": "N@"},))
BOTH = World(edit={"DOB": "31/02/1980", "SEX": ""}, interventions=({"MODID": "N@"},))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """April and May landed, with faults; June is blocked, because nothing of it can be sent."""
    folder = tmp_path_factory.mktemp("status")
    home = make_small_home(folder / "home")
    land_export(write_export(folder / "april", World(), NO_BIRTHDAY), home, APRIL)
    land_export(write_export(folder / "may", World(), BOTH), home, MAY)
    land_export(write_export(folder / "june", *ONE_WITHOUT_CONSENT), home, JUNE)
    return home


WHY_JUNE = (
    "ndtms: L0001 2023-06 is blocked by FILE.empty: No row is left to send. Found: 0 rows. Check the export and the"
    " rejected records."
)
SHRUNK = (
    "; FILE.shrunk: The submission has less than 50% of the rows of the previous submission. Found: 0 rows, 1 in the"
    " last submission. Check whether the export is complete; if it is, submit again with --accept-shrunk and the"
    " reason."
)


def find_states(home: Path, today: date, agencies: dict[str, str] | None = None) -> list[tuple[object, ...]]:
    months = query_status(home).with_columns(provisional_lists=pl.lit(0))
    expected = ExpectedMonths(agencies or {}, 20)
    board = build_status(months, expected, choose_periods(months, expected, today, 13), today)
    return board.select("agency", "period", "state", "rows_sent").rows()


def test_each_month_has_its_state(home: Path) -> None:
    assert find_states(home, date(2023, 7, 20)) == [
        ("L0001", APRIL, "landed", 1),
        ("L0001", MAY, "landed", 1),
        ("L0001", JUNE, "blocked", 0),
    ]


def test_a_month_that_has_not_landed_is_late_the_day_after_its_deadline(home: Path) -> None:
    assert ExpectedMonths({}, 20).find_deadline(Period(2023, 12)) == date(2024, 1, 20)
    states = find_states(home, date(2023, 7, 21), {"L0002": "IRC East"})
    assert states[2:] == [
        ("L0001", JUNE, "late", 0),
        ("L0002", APRIL, "late", 0),
        ("L0002", MAY, "late", 0),
        ("L0002", JUNE, "late", 0),
    ]
    assert find_states(home, date(2023, 7, 20), {"L0002": "IRC East"})[-1] == ("L0002", JUNE, "missing", 0)


@pytest.mark.parametrize(("period", "today", "code"), [(APRIL, "2023-06-01", 1), (JUNE, "2023-07-01", 3)])
def test_the_exit_code_reports_the_result(ndtms: Command, home: Path, period: str, today: str, code: int) -> None:
    ran = ndtms("status", "--home", home, "--period", period, "--today", today, "--format", "csv")
    # The lists that come with the program are not all official.
    assert (ran.code, ran.out.splitlines()[1].split(",")[3]) == (code, {1: "not ready", 3: "blocked"}[code])


def test_without_a_command_the_board_is_shown(ndtms: Command, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NDTMS_HOME", str(home))
    bare, asked = ndtms(), ndtms("status")
    assert (bare.code, bare.out) == (asked.code, asked.out)
    assert bare.err == f"ndtms: `ndtms --help` lists the commands; this is `ndtms status`\n{asked.err}"


@pytest.mark.parametrize(
    ("months", "today", "note"),
    [
        (
            "1",
            "2023-07-01",
            "ndtms: 2 earlier months have runs, the latest 2023-05; show them with --months or --period\n",
        ),
        (
            "2",
            "2023-07-01",
            "ndtms: 1 earlier month has runs, the latest 2023-04; show them with --months or --period\n",
        ),
        ("3", "2023-07-01", ""),
    ],
)
def test_months_that_are_not_shown_are_mentioned(
    ndtms: Command, home: Path, months: str, today: str, note: str
) -> None:
    err = ndtms("status", "--home", home, "--months", months, "--today", today).err
    assert err == f"{note}{WHY_JUNE}{SHRUNK}\n"


def test_a_rule_that_was_accepted_is_not_why_a_month_is_blocked(ndtms: Command, home: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(home, tmp_path / "home"))
    with open_for_writing(copy) as audit:
        audit.execute("update runs set shrink_accepted = 'a small month' where period = '2023-06'")
    assert ndtms("status", "--home", copy, "--today", "2023-07-01").err == f"{WHY_JUNE}\n"


def test_only_the_latest_blocked_months_are_explained(ndtms: Command, tmp_path: Path) -> None:
    create_or_upgrade(tmp_path)
    with open_for_writing(tmp_path) as audit:
        for number, month in enumerate(Period(2023, 1).until(Period(2023, 7))):
            audit.execute(
                "insert into runs by name select $number as run_number, $run as run_id, 'L0001' as agency,"
                " $month as period, 'R' as dataset, 'x' as source, '' as input_folder, 'blocked' as status,"
                " '2023-08-01'::timestamptz as started_at, '2023-08-01'::timestamptz as finished_at,"
                " '2023-08-01' as extracted_on, 1 as interventions_in, 0 as rows_sent, []::varchar[] as"
                " provisional_lists, 'x' as software_version",
                {"number": number, "run": f"R{number}", "month": str(month)},
            )
    notes = ndtms("status", "--home", tmp_path, "--today", "2023-08-02").err.splitlines()
    why = "is blocked by a rule of the file; `ndtms report --run"
    assert [line.partition(why)[0] for line in notes] == [
        *(f"ndtms: L0001 2023-0{month} " for month in (7, 6, 5, 4, 3)),
        "ndtms: and 2 more blocked; show one with --agency and --period",
    ]


def find_shown(ndtms: Command, home: Path, settings: str, today: str) -> tuple[int, list[tuple[str, str, str]], str]:
    """The exit code of `ndtms status`, the state of each agency and month, and what it notes."""
    (home / "settings.toml").write_text(settings, encoding="utf-8")
    ran = ndtms("status", "--home", home, "--today", today, "--format", "json")
    (home / "settings.toml").unlink()
    return ran.code, [(row["agency"], row["period"], row["state"]) for row in json.loads(ran.out)], ran.err


def test_no_month_before_the_first_one_that_must_land_is_late_or_missing(ndtms: Command, home: Path) -> None:
    settings = 'first_period = "2023-05"\n[agencies]\nL0001 = "A"\nL0002 = "B"\n[first_periods]\nL0002 = "2023-06"\n'
    code, states, _ = find_shown(ndtms, home, settings, "2023-08-21")
    assert states == [
        ("L0001", APRIL, "not ready"),
        ("L0001", MAY, "not ready"),
        ("L0001", JUNE, "late"),
        ("L0001", "2023-07", "late"),
        ("L0002", JUNE, "late"),
        ("L0002", "2023-07", "late"),
    ]
    assert code == 3


def test_a_blocked_month_before_the_first_one_is_shown_and_changes_no_exit_code(ndtms: Command, home: Path) -> None:
    code, states, _ = find_shown(ndtms, home, 'first_period = "2023-07"\n', "2023-08-01")
    assert states[2:] == [("L0001", JUNE, "blocked"), ("L0001", "2023-07", "missing")]
    assert code == 1
    assert find_shown(ndtms, home, 'first_period = "2023-07"\n', "2023-07-31")[0] == 0


def test_every_month_from_the_first_one_is_shown_before_any_has_a_run(ndtms: Command, tmp_path: Path) -> None:
    settings = 'first_period = "2023-05"\n[agencies]\nL0001 = "A"\n'
    code, states, _ = find_shown(ndtms, tmp_path, settings, "2023-08-01")
    assert states == [("L0001", MAY, "late"), ("L0001", JUNE, "late"), ("L0001", "2023-07", "missing")]
    assert code == 3


def test_a_month_without_a_run_has_a_next_step(ndtms: Command, home: Path, tmp_path: Path) -> None:
    _, _, err = find_shown(ndtms, home, "[agencies]\nL0001 = 'A'\nL0002 = 'B'", "2023-07-01")
    assert err == (
        "ndtms: 3 months have no run; the oldest is L0002 2023-04; its export was missing, or nothing started the run;"
        " when the export is there, run `ndtms submit --source NAME --agency L0002 --period 2023-04`\n"
        f"{WHY_JUNE}{SHRUNK}\n"
    )
    _, _, err = find_shown(ndtms, tmp_path, "[agencies]\nL0001 = 'A'\n", "2023-07-01")
    assert err.startswith("ndtms: 1 month has no run: L0001 2023-06; its export was missing, or ")


def test_a_month_that_must_land_is_shown_until_it_has(ndtms: Command, home: Path) -> None:
    settings = 'first_period = "2023-03"\n[agencies]\nL0001 = "A"\n'
    code, states, err = find_shown(ndtms, home, settings, "2025-01-01")
    assert (code, states[:3]) == (
        3,
        [("L0001", "2023-03", "late"), ("L0001", JUNE, "late"), ("L0001", "2023-07", "late")],
    )
    assert len(states) == len(Period(2023, 3).until(Period(2024, 12))) - 2
    assert "2 earlier months have runs, the latest 2023-05;" in err


def test_a_site_whose_first_month_has_not_ended_has_nothing_to_report(ndtms: Command, tmp_path: Path) -> None:
    settings = 'first_period = "2023-05"\n[agencies]\nL0001 = "A"\n'
    assert find_shown(ndtms, tmp_path, settings, "2023-05-31") == (
        0, [], "ndtms: no month must have landed; the first one that must is 2023-05\n",
    )  # fmt: skip


def test_a_blocked_month_has_sent_nothing(home: Path) -> None:
    rates = query_audit(
        home, "select period, own, sent, would_be_sent, rejected from month_rates where entity = 'client' order by all"
    )
    assert rates[:2] == [(APRIL, 2, 1, 0, 1), (MAY, 2, 1, 0, 1)]
    assert [row[2] for row in rates[2:]] == [0]


def test_what_a_fault_costs_alone_and_with_others(home: Path) -> None:
    costs = "select period, rule, only_this, this_and_others from rows_lost where owner = 'entry' order by all"
    assert query_audit(home, costs) == [(APRIL, "DOB.date", 2, 2), (MAY, "DOB.date", 0, 2), (MAY, "SEX.required", 0, 2)]


def test_the_worklist_starts_with_what_costs_most_and_says_since_when(home: Path) -> None:
    faults = query_view(home, "worklist", parse_filters(None, MAY, None, owner="entry"))
    of_rule = {row["rule"]: row for row in faults.iter_rows(named=True)}
    assert (of_rule["DOB.date"]["rows_lost"], of_rule["DOB.date"]["since"], of_rule["DOB.date"]["is_new"]) == (
        2,
        APRIL,
        False,
    )
    assert (of_rule["SEX.required"]["since"], of_rule["SEX.required"]["is_new"]) == (MAY, True)
    assert faults["rows_lost"].to_list() == sorted(faults["rows_lost"], reverse=True)
    assert not set(faults["severity"]) & {"scope", "withhold"}


def test_the_workbook_has_a_sheet_for_each_owner(home: Path, tmp_path: Path) -> None:
    faults = query_view(home, "worklist", parse_filters(None, MAY, None))
    file = tmp_path / "worklist.xlsx"
    file.write_bytes(build_worklist(faults))
    book = openpyxl.load_workbook(file)
    assert book.sheetnames == ["Data entry", "Mapping", "Reference data"]
    sheet = book["Data entry"]
    assert [cell.value for cell in sheet[1]] == [*COLUMNS.values(), "Done", "Note"]
    assert sheet["C1"].value == "What is wrong"
    assert sheet["C2"].alignment.wrap_text
    assert (sheet.freeze_panes, isinstance(sheet["E2"].value, int)) == ("A2", True)
    assert sum(book[name].max_row - 1 for name in book.sheetnames) == len(faults)
