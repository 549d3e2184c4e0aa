"""Months of an agency are kept apart: one export for several, the files of another month, and later months."""

import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from flows.audit.landed_months import SameInput, find_same_input
from flows.landing.home import locked_home
from flows.months.options import BackfillOptions
from flows.months.plan import plan_backfill
from flows.months.result import list_messages
from flows.months.run import run_backfill
from flows.reports.summary import as_markdown, summarise
from flows.sources.mapping import SourceMapping
from flows.sources.months import distinguishes_months
from flows.sources.request import SubmissionOptions
from flows.support.errors import InputRefused
from schemas.dataset import ENTITIES, TABLE
from tests.backfill.backfilling import one_by_one
from tests.rules.world import World
from tests.support.command import Command, Ran
from tests.support.exports import ONE_WITHOUT_CONSENT, TWO_CLIENTS, write_export
from tests.support.homes import SUBMISSION_FILE, query_audit
from tests.support.runs import assess_request, build_request, land_export
from tests.support.sql_mappings import write_table_queries

CHANGED = (World(edit={"SEX": "F"}, interventions=({"MODID": "N@"},)), TWO_CLIENTS[1])
REASON = "nothing happened in May"
APRIL_AND_MAY = ("--from", "2023-04", "--to", "2023-05", "--agency", "L0001", "--extracted-on", "2023-06-03")
Submit = Callable[..., Ran]


@pytest.fixture
def submit(ndtms: Command, home: Path) -> Submit:
    """The command that submits a month of an export."""

    def run(export: Path, period: str, *more: object, command: str = "submit") -> Ran:
        options = ("--agency", "L0001", "--period", period, "--extracted-on", "2023-08-03", "--home", home)
        return ndtms(command, "--source", export, *options, *more)

    return run


def list_runs(home: Path) -> list[tuple[object, ...]]:
    return query_audit(home, "select run_id, status, same_input_accepted from runs order by run_number")


def write_sql_of_months(export: Path) -> Path:
    """Writes the mapping of a source whose SQL selects the rows of the month from one export."""
    return write_table_queries(export, "select * from {table} where $first_day is not null")


def write_mapping(folder: Path, location: str) -> Path:
    """Writes the mapping of a source whose tables are in a location."""
    tables = "".join(f'{TABLE[entity]} = {{ file = "{TABLE[entity]}.csv", by_header = true }}\n' for entity in ENTITIES)
    path = folder / "system.toml"
    path.write_text(f'name = "system"\nlocation = "{location}"\n{tables}', encoding="utf-8")
    return path


@pytest.mark.parametrize("source", ["plain", "mapping", "input"])
def test_a_backfill_of_one_export_for_two_months_is_refused(
    ndtms: Command, export: Path, home: Path, source: str
) -> None:
    mapping = write_mapping(export.parent, "export/{period}" if source == "input" else "export")
    words: tuple[object, ...] = ("--source", export if source == "plain" else mapping)
    if source == "input":
        words = (*words, "--input", export)
    ran = ndtms("backfill", *words, *APRIL_AND_MAY, "--home", home)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        f"ndtms: {export}: each month from 2023-04 to 2023-05 would read the same export, because no table is read"
        " from a place that depends on the month; put {period} in the location or in --input, as in exports/{period},"
        " or submit one month at a time with `ndtms submit`\n"
    )
    assert not (home / "audit.duckdb").exists() and not (home / "submissions").exists()


def test_a_backfill_of_one_month_needs_no_period_in_its_location(export: Path, home: Path) -> None:
    options = BackfillOptions(str(export), "2023-04", "2023-04", ("L0001",), home=str(home))
    with plan_backfill(options) as plan:
        assert [month.status for month in run_backfill(plan, one_by_one).months] == ["landed"]


@pytest.mark.parametrize(
    ("location", "episodes", "is_distinguished"),
    [
        ("exports/{agency}", {"file": "episodes.csv"}, False),
        ("exports/{period}", {"file": "episodes.csv"}, True),
        ("exports/{period}", {"file": "/exports/episodes.csv"}, False),
        ("exports/{period}", {"file": "s3://exports/episodes.csv"}, False),
        ("exports", {"file": "episodes-{period}.csv"}, True),
        ("exports/{period}", {"query": "select * from episodes"}, False),
        ("exports", {"query": "select * from episodes where month = $period"}, True),
    ],
)
def test_one_table_that_depends_on_the_month_is_enough(
    location: str, episodes: dict[str, str], is_distinguished: bool
) -> None:
    fixed = {"query": "select 1", "by_header": True}
    tables = {"clients": fixed, "episodes": {**episodes, "by_header": True}, "interventions": fixed}
    mapping = SourceMapping.model_validate({"name": "system", "database": "env:SYSTEM", **tables})
    assert distinguishes_months(mapping, location) is is_distinguished


@pytest.mark.parametrize(
    ("sql", "is_distinguished"),
    [("select 1 as CLIENTID", False), ("select 1 as CLIENTID where $last_day is not null", True)],
)
def test_sql_can_distinguish_the_months_of_one_export(sql: str, is_distinguished: bool) -> None:
    tables = {name: {"sql": f"{name}.sql"} for name in TABLE.values()}
    texts = dict.fromkeys((table["sql"] for table in tables.values()), "select 1 as ID") | {"clients.sql": sql}
    mapping = SourceMapping.model_validate({"name": "system", **tables}).with_sql(texts)
    assert distinguishes_months(mapping, "export") is is_distinguished
    assert distinguishes_months(mapping, "exports/{period}") is True


@pytest.mark.parametrize("command", ["submit", pytest.param("backfill", marks=pytest.mark.slow)])
def test_sql_that_selects_the_month_lands_several_months_of_one_export(
    ndtms: Command, submit: Submit, export: Path, home: Path, command: str
) -> None:
    mapping = write_sql_of_months(export)
    if command == "submit":
        assert [submit(mapping, period).code for period in ("2023-04", "2023-05")] == [0, 0]
    else:
        assert ndtms("backfill", "--source", mapping, *APRIL_AND_MAY, "--home", home).code == 0
    assert list_runs(home) == [("L0001-2023-04-1", "landed", None), ("L0001-2023-05-1", "landed", None)]


def test_the_files_of_another_month_land_only_with_a_reason(submit: Submit, export: Path, home: Path) -> None:
    assert submit(export, "2023-04").code == 0
    landed = (home / SUBMISSION_FILE).read_bytes()
    refused = submit(export, "2023-05")
    assert (refused.code, refused.out) == (2, "")
    assert refused.err == (
        f"ndtms: {export}: the files of 2023-05 are the same as those of 2023-04, which landed as L0001-2023-04-1;"
        " submit the export of 2023-05, or, if nothing changed between the two months, submit this one with"
        " --accept-same-input and the reason\n"
    )
    assert list_runs(home) == [("L0001-2023-04-1", "landed", None)]
    assert [path.read_bytes() for path in home.rglob("*.csv")] == [landed]
    assert submit(export, "2023-05", "--accept-same-input", REASON).code == 0
    assert list_runs(home) == [("L0001-2023-04-1", "landed", None), ("L0001-2023-05-1", "landed", REASON)]


def test_the_files_of_a_later_month_are_refused_too(submit: Submit, export: Path, home: Path) -> None:
    land_export(export, home, "2023-05")
    assert "those of 2023-05, which landed as L0001-2023-05-1" in submit(export, "2023-04").err
    assert list_runs(home) == [("L0001-2023-05-1", "landed", None)]


def test_a_blank_reason_is_refused(submit: Submit, export: Path) -> None:
    assert "--accept-same-input is empty; give a reason" in submit(export, "2023-05", "--accept-same-input", " ").err


def test_one_table_that_changed_is_enough(submit: Submit, export: Path, home: Path) -> None:
    land_export(export, home)
    write_export(export, *CHANGED)
    assert submit(export, "2023-05").code == 0


def test_files_are_the_same_under_other_names_and_for_one_agency_alone(home: Path) -> None:
    with locked_home(home), duckdb.connect(str(home / "audit.duckdb")) as audit:
        values = "'2023-04', 'R', 's', 'f', 'landed', now(), now(), '2023-05-03', 1, [], '1'"
        columns = "period, dataset, source, input_folder, status, started_at, finished_at, extracted_on, rows_sent"
        audit.execute(
            f"insert into runs (run_number, run_id, agency, {columns}, provisional_lists, software_version)"
            f" values (1, 'first', 'L0001', {values}), (2, 'latest', 'L0001', {values})"
        )
        audit.execute(
            "insert into manifest values ('first', 'input', 'a', '0'), ('latest', 'input', 'a', '1'),"
            " ('latest', 'input', 'b', '2'), ('latest', 'input', 'corrections/b', '3'), ('latest', 'rules', '', '4')"
        )
        assert find_same_input(audit, "L0001", "2023-05", ["2", "1"]) == SameInput("latest", "2023-04")
        # Not the whole export, a run that a later one replaced, the month itself, and another agency.
        for agency, period, digests in (
            ("L0001", "2023-05", ["1"]),
            ("L0001", "2023-05", ["1", "2", "3"]),
            ("L0001", "2023-05", ["0"]),
            ("L0001", "2023-04", ["1", "2"]),
            ("L0002", "2023-05", ["1", "2"]),
        ):
            assert find_same_input(audit, agency, period, digests) is None


def test_a_month_that_landed_from_the_wrong_files_can_be_corrected(
    submit: Submit, export: Path, tmp_path: Path
) -> None:
    may = write_export(tmp_path / "may", *CHANGED)
    assert submit(may, "2023-04").code == 0
    assert submit(may, "2023-05").code == 2
    assert submit(export, "2023-04").code == 0
    assert submit(may, "2023-05").code == 0


def test_a_month_with_an_accepted_reason_runs_again_without_one(submit: Submit, export: Path, home: Path) -> None:
    for period, more in (
        ("2023-04", ()),
        ("2023-05", ("--accept-same-input", REASON)),
        ("2023-04", ()),
        ("2023-05", ()),
    ):
        assert submit(export, period, *more).code == 0
    assert [reason for _, _, reason in list_runs(home)] == [None, REASON, None, None]


def test_corrections_are_not_compared_with_other_months(
    ndtms: Command, export: Path, home: Path, tmp_path: Path
) -> None:
    for month in ("2023-04", "2023-05"):
        land_export(export, home, month)
    # The run that is corrected is no longer the latest of May.
    land_export(write_export(tmp_path / "changed", *CHANGED), home, "2023-05")
    corrected = tmp_path / "corrected"
    shutil.copytree(export, corrected)
    lines = (corrected / "clients.csv").read_text(encoding="utf-8").replace("31/02/1980", "1980-03-02").splitlines()
    (corrected / "clients.csv").write_text(f"{lines[0]}\n{lines[2]}\n", encoding="utf-8")
    for table in ("episodes", "interventions"):
        (corrected / f"{table}.csv").unlink()
    ran = ndtms("replay", "--run", "L0001-2023-05-1", "--input", corrected, "--home", home)
    assert ran.code == 0, ran.err


def test_a_blocked_submission_stays_blocked(submit: Submit, export: Path, home: Path) -> None:
    land_export(export, home)
    land_export(write_export(home.parent / "many", *(World() for _ in range(9))), home, "2023-05")
    assert submit(export, "2023-06").code == 3
    assert submit(export, "2023-06", "--accept-shrunk", "a wing was closed").code == 2


def test_check_reports_the_files_of_another_month(submit: Submit, export: Path, home: Path) -> None:
    notice = f"Note: {export}: the files of 2023-05 are the same as those of 2023-04, which landed as L0001-2023-04-1;"
    assert notice not in submit(export, "2023-05", command="check").out
    land_export(export, home)
    ran = submit(export, "2023-05", command="check")
    assert ran.code == 0
    assert f"{notice} `ndtms submit` needs --accept-same-input and the reason." in ran.out
    assert notice not in submit(export, "2023-05", "--accept-same-input", REASON, command="check").out


def backfill(folder: Path, home: Path, reason: str | None = None) -> list[str]:
    """Backfills three months, and returns the status of each and the messages."""
    options = BackfillOptions(
        str(folder / "{period}"), "2023-04", "2023-06", ("L0001",), home=str(home), accept_same_input=reason
    )
    with plan_backfill(options) as plan:
        done = run_backfill(plan, one_by_one)
    return [*(f"{month.period} {month.status}" for month in done.months), *list_messages(done)]


def test_a_backfill_refuses_a_month_with_the_files_of_the_month_before(tmp_path: Path, home: Path) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    for month, worlds in (("2023-04", TWO_CLIENTS), ("2023-05", TWO_CLIENTS), ("2023-06", CHANGED)):
        write_export(folder / month, *worlds)
    *statuses, message = backfill(folder, home)
    assert statuses == ["2023-04 landed", "2023-05 failed"]
    assert message.startswith(
        f"L0001 2023-05: {folder / '2023-05'}: the files of 2023-05 are the same as those of 2023-04"
    )
    assert list_runs(home) == [("L0001-2023-04-1", "landed", None)]
    assert backfill(folder, home, REASON) == ["2023-04 unchanged", "2023-05 landed", "2023-06 landed"]
    assert [reason for _, _, reason in list_runs(home)] == [None, REASON, None], "June did not need the reason"
    assert backfill(folder, home) == ["2023-04 unchanged", "2023-05 unchanged", "2023-06 unchanged"]
    # Under other settings all months run again, without the reason.
    (home / "settings.toml").write_text("shrink_share = 0.4", encoding="utf-8")
    assert backfill(folder, home) == ["2023-04 landed", "2023-05 landed", "2023-06 landed"]


def test_the_monthly_flow_passes_the_reason_on(export: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from flows import monthly as module

    asked: list[str | None] = []

    def refuse(options: SubmissionOptions) -> None:
        asked.append(options.accept_same_input)
        raise InputRefused("refused")

    monkeypatch.setattr(module, "run_submission", refuse)
    ended = module.monthly.fn(str(export), "2023-05", ["L0001"], str(home), accept_same_input=REASON)
    assert (ended.type.value, ended.name, ended.message) == (
        "FAILED", "Incomplete", "1 not landed for 2023-05: L0001: refused"
    )  # fmt: skip
    assert asked == [REASON]


def test_the_summary_names_the_later_months_that_have_landed(submit: Submit, export: Path, home: Path) -> None:
    assert "that have already landed" not in submit(export, "2023-04").out
    for period, sex in (("2023-05", "F"), ("2023-06", "9")):
        land_export(write_export(home.parent / period, World(edit={"SEX": sex}), TWO_CLIENTS[1]), home, period)
    assert "that have already landed" not in submit(export, "2023-07", command="check").out
    line = (
        "Months after 2023-04 that have already landed: 2023-05, 2023-06;"
        " `ndtms backfill --from 2023-05 --to 2023-06` compares them with this submission"
    )
    assert line in submit(export, "2023-04").out.splitlines()
    blocked = write_export(home.parent / "blocked", *ONE_WITHOUT_CONSENT)
    ran = submit(blocked, "2023-04")
    assert (ran.code, "that have already landed" in ran.out) == (3, False)


def test_many_later_months_are_counted(export: Path, home: Path) -> None:
    assessment, later = assess_request(build_request(export, home)), [f"2024-{month:02}" for month in range(1, 13)]
    text = as_markdown(summarise(assessment, None, [*later, "2025-01"]))
    assert f"{', '.join(later)} and 1 more; `ndtms backfill --from 2024-01 --to 2025-01`" in text
