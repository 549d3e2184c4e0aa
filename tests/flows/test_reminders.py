"""Which reminders are due on a day: of months before their deadline, on it and after it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from flows import reminder as flow_module
from flows.audit.expected_months import ExpectedMonths
from flows.audit.reminders import Reminder, describe_deadline, find_due_reminders, is_reminder_due
from flows.audit.status import build_status
from flows.support.errors import InputRefused
from flows.support.notifications import Notifier
from schemas.period import Period
from tests.support.exports import ONE_WITHOUT_CONSENT, TWO_CLIENTS, write_export
from tests.support.homes import make_small_home
from tests.support.runs import land_export

DEADLINE = date(2023, 6, 20)
BEFORE = 5
EXPECTED = ExpectedMonths({}, DEADLINE.day)
MAY = "2023-05"


def days(first: date, number: int) -> list[date]:
    return [first + timedelta(days=after) for after in range(number)]


def build_board(today: date, *runs: tuple[str, str, str, str], agencies: tuple[str, ...] = ()) -> pl.DataFrame:
    """The board of two months, from (agency, month, status, status of the last run)."""
    months = pl.DataFrame(
        [
            (*run, 10, 100.0, 0, date(2023, 6, 1) if run[2] == "landed" else None, f"{run[0]}-{run[1]}-1")
            for run in runs
        ],
        schema={
            "agency": pl.String, "period": pl.String, "status": pl.String, "last_run_status": pl.String,
            "rows_sent": pl.Int64, "percent_sent": pl.Float64, "provisional_lists": pl.Int64, "landed_on": pl.Date,
            "run_id": pl.String,
        },
        orient="row",
    )  # fmt: skip
    last = Period.before(today)
    expected = replace(EXPECTED, agencies=dict.fromkeys(agencies, ""))
    return build_status(months, expected, Period(2023, 3).until(last), today)


def find(
    board: pl.DataFrame, today: date, reminded: dict[tuple[str, str], date] | None = None
) -> list[tuple[str, str]]:
    return [
        (month.agency, month.period) for month in find_due_reminders(board, EXPECTED, BEFORE, today, reminded or {})
    ]


def test_one_reminder_before_the_deadline_one_on_it_and_one_on_each_day_after_it() -> None:
    reminded: date | None = None
    sent = []
    for today in days(date(2023, 6, 1), 30):
        # The flow may run several times a day.
        for _ in range(3):
            if is_reminder_due(DEADLINE, BEFORE, today, reminded):
                sent.append(today)
                reminded = today
    assert sent == [date(2023, 6, 15), *days(DEADLINE, 11)]


def test_a_flow_that_did_not_run_for_days_sends_one_reminder() -> None:
    assert is_reminder_due(DEADLINE, BEFORE, date(2023, 6, 18), None), "the first day was missed"
    assert is_reminder_due(DEADLINE, BEFORE, date(2023, 6, 24), date(2023, 6, 15)), "the deadline was missed"
    assert not is_reminder_due(DEADLINE, BEFORE, date(2023, 6, 24), date(2023, 6, 24))


@pytest.mark.parametrize(("days_before", "first"), [(0, DEADLINE), (1, date(2023, 6, 19)), (28, date(2023, 5, 23))])
def test_the_days_before_the_deadline_are_a_setting(days_before: int, first: date) -> None:
    assert not is_reminder_due(DEADLINE, days_before, first - timedelta(days=1), None)
    assert is_reminder_due(DEADLINE, days_before, first, None)


def test_a_clock_that_is_set_back_sends_nothing_again() -> None:
    assert not is_reminder_due(DEADLINE, BEFORE, DEADLINE, date(2023, 6, 21))


@pytest.mark.parametrize(
    ("today", "text"),
    [
        (date(2023, 6, 15), "not landed; the deadline is in 5 days (2023-06-20)"),
        (date(2023, 6, 19), "not landed; the deadline is in 1 day (2023-06-20)"),
        (date(2023, 6, 20), "not landed; the deadline is today (2023-06-20)"),
        (date(2023, 6, 21), "not landed; the deadline was 1 day ago (2023-06-20)"),
        (date(2023, 7, 2), "not landed; the deadline was 12 days ago (2023-06-20)"),
    ],
)
def test_a_reminder_names_the_deadline(today: date, text: str) -> None:
    assert describe_deadline(DEADLINE, today) == text


def test_blocked_and_failed_months_are_reported_and_landed_ones_are_not() -> None:
    today = date(2023, 6, 20)
    board = build_board(
        today,
        ("L0001", MAY, "landed", "landed"),
        ("L0002", MAY, "landed", "blocked"),
        ("L0003", MAY, "blocked", "blocked"),
        ("L0004", MAY, "failed", "failed"),
        agencies=("L0005",),
    )
    deadline = "not landed; the deadline is today (2023-06-20)"
    assert find_due_reminders(board, EXPECTED, BEFORE, today, {}) == [
        Reminder("L0003", MAY, f"{deadline}; the last run was blocked by a rule of the file"),
        Reminder("L0004", MAY, f"{deadline}; the last run failed"),
        Reminder("L0005", MAY, f"{deadline}; no run is in the audit"),
    ]


def test_a_month_that_landed_with_a_list_that_is_not_official_is_not_reported() -> None:
    today = date(2023, 6, 21)
    board = build_board(today, ("L0001", MAY, "landed", "landed")).with_columns(
        state=pl.when(pl.col("period") == MAY).then(pl.lit("not ready")).otherwise("state")
    )
    assert find(board, today) == []


def test_months_before_an_agency_began_are_not_expected() -> None:
    today = date(2023, 6, 21)
    board = build_board(
        today, ("L0001", "2023-03", "landed", "landed"), ("L0002", MAY, "landed", "landed"), agencies=("L0003",)
    )
    assert find(board, today) == [("L0001", "2023-04"), ("L0001", MAY), ("L0003", MAY)]


def test_a_month_is_reported_until_it_lands_also_when_the_next_month_is_due() -> None:
    today = date(2023, 7, 2)
    reminded = {("L0001", MAY): date(2023, 7, 1)}
    board = build_board(today, agencies=("L0001",))
    assert find(board, today, reminded) == [("L0001", MAY)], "June is not due yet"
    assert find(board, date(2023, 7, 20), reminded) == [("L0001", MAY), ("L0001", "2023-06")]
    assert find(build_board(today, ("L0001", MAY, "landed", "landed")), today, reminded) == []


def test_each_agency_has_its_own_reminders() -> None:
    today = date(2023, 6, 22)
    board = build_board(today, agencies=("L0001", "L0002"))
    assert find(board, today, {("L0001", MAY): today}) == [("L0002", MAY)]


@pytest.fixture
def texts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the flow sent."""
    sent: list[str] = []

    notifier = Notifier(lambda _, body: sent.append(body), datetime(2023, 1, 1, tzinfo=UTC))
    monkeypatch.setattr(flow_module, "load_notifier", lambda: notifier)
    return sent


def remind(home: Path, today: str, agencies: list[str] | None = None) -> list[str]:
    return flow_module.reminder.fn(agencies, None, str(home), today)


def test_the_flow_reports_a_month_until_it_lands(tmp_path: Path, texts: list[str]) -> None:
    home = make_small_home(tmp_path / "home")
    (home / "settings.toml").write_text("deadline_day = 10\nreminder_days = 2\n[agencies]\nL0001 = 'A'", "utf-8")
    sent = {day: remind(home, day) for day in ("2023-05-07", "2023-05-08", "2023-05-09", "2023-05-10")}
    assert [day for day, months in sent.items() if months == ["L0001 2023-04"]] == ["2023-05-08", "2023-05-10"]
    blocked = write_export(tmp_path / "blocked", *ONE_WITHOUT_CONSENT)
    land_export(blocked, home, "2023-04")
    assert remind(home, "2023-05-11") == ["L0001 2023-04"]
    assert remind(home, "2023-05-11") == []
    assert remind(home, "2023-06-02") == ["L0001 2023-04"], "the month has changed"
    land_export(write_export(tmp_path / "landed", *TWO_CLIENTS), home, "2023-04")
    assert remind(home, "2023-06-03") == []
    assert remind(home, "2023-06-08") == ["L0001 2023-05"]
    assert texts == [
        "L0001 2023-04: not landed; the deadline is in 2 days (2023-05-10); no run is in the audit",
        "L0001 2023-04: not landed; the deadline is today (2023-05-10); no run is in the audit",
        "L0001 2023-04: not landed; the deadline was 1 day ago (2023-05-10);"
        " the last run was blocked by a rule of the file",
        "L0001 2023-04: not landed; the deadline was 23 days ago (2023-05-10);"
        " the last run was blocked by a rule of the file",
        "L0001 2023-05: not landed; the deadline is in 2 days (2023-06-10); no run is in the audit",
    ]


def test_a_month_without_any_run_is_reported_after_the_next_month_began(tmp_path: Path, texts: list[str]) -> None:
    assert remind(tmp_path, "2023-05-31", ["L0001"]) == ["L0001 2023-04"]
    assert remind(tmp_path, "2023-06-01", ["L0001"]) == ["L0001 2023-04"]
    assert remind(tmp_path, "2023-06-20", ["L0001"]) == ["L0001 2023-04", "L0001 2023-05"]
    assert len(texts) == 3


def test_the_months_of_a_day_are_the_lines_of_one_message(tmp_path: Path, texts: list[str]) -> None:
    assert remind(tmp_path, "2023-06-20", ["L0002", "L0001"]) == ["L0001 2023-05", "L0002 2023-05"]
    due = "2023-05: not landed; the deadline is today (2023-06-20); no run is in the audit"
    assert texts == [f"L0001 {due}\nL0002 {due}"]
    assert remind(tmp_path, "2023-06-20", ["L0001", "L0002"]) == []
    assert len(texts) == 1


def test_every_month_from_the_first_one_that_must_land_is_reported_and_none_before_it(
    tmp_path: Path, texts: list[str]
) -> None:
    (tmp_path / "settings.toml").write_text(
        'first_period = "2023-04"\n[agencies]\nL0001 = "A"\nL0002 = "B"\n[first_periods]\nL0002 = "2023-06"\n', "utf-8"
    )
    assert remind(tmp_path, "2023-04-21") == [], "no month must have landed"
    assert remind(tmp_path, "2023-06-21") == ["L0001 2023-04", "L0001 2023-05"]
    assert remind(tmp_path, "2023-07-21") == ["L0001 2023-04", "L0001 2023-05", "L0001 2023-06", "L0002 2023-06"]
    assert [len(text.splitlines()) for text in texts] == [2, 4]


def test_a_reminder_that_could_not_be_sent_is_sent_by_the_next_run(
    tmp_path: Path, texts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ConnectionError

    with monkeypatch.context() as patched:
        patched.setattr(flow_module, "load_notifier", lambda: Notifier(fail, datetime(2023, 1, 1, tzinfo=UTC)))
        with pytest.raises(Exception, match=r"ConnectionError in flows\.reminder"):
            remind(tmp_path, "2023-06-20", ["L0001"])
    assert remind(tmp_path, "2023-06-20", ["L0001"]) == ["L0001 2023-05"]
    assert len(texts) == 1


def test_without_alarms_nothing_is_sent_and_nothing_counts_as_sent(
    tmp_path: Path, texts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(flow_module, "load_notifier", lambda: None)
        assert remind(tmp_path, "2023-06-19", ["L0001"]) == []
    assert remind(tmp_path, "2023-06-19", ["L0001"]) == ["L0001 2023-05"]
    assert len(texts) == 1


def test_the_file_of_an_earlier_version_is_a_reminder_before_the_deadline(tmp_path: Path, texts: list[str]) -> None:
    (tmp_path / "reminders").mkdir()
    (tmp_path / "reminders" / "L0001-2023-05").touch()
    (tmp_path / "reminders" / "notes.txt").touch()
    assert remind(tmp_path, "2023-06-19", ["L0001"]) == []
    assert remind(tmp_path, "2023-06-20", ["L0001"]) == ["L0001 2023-05"]
    assert len(texts) == 1


def test_a_home_in_which_nothing_is_expected_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match=r"no agency has a run and none is expected; name those that must submit"):
        remind(tmp_path, "2023-06-20")
