"""The board: every cell is what the audit says, in words; links lead to reports that exist."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from pathlib import Path

import polars as pl
import pytest

from flows.audit.database import open_for_writing
from flows.audit.queries import query_status
from flows.audit.upgrade import create_or_upgrade
from flows.reports import board_artefact
from flows.reports.board import board_path, build_table, describe_board, load_board, write_board
from schemas.period import Period
from tests.support.homes import query_audit

TODAY = date(2023, 7, 21)
STATUSES = ("landed", "blocked", "failed")


class _Table(HTMLParser):
    """The texts and links of a page's table, cell by cell."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.links: list[str] = []
        self.headline = ""
        self._open: list[str] = []
        self._is_hidden = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag == "tr":
            self.rows.append([])
        if tag in ("th", "td"):
            self.rows[-1].append("")
        if tag == "a":
            self.links.append(str(named["href"]))
        if tag == "span":
            self._is_hidden = named.get("aria-hidden") == "true"
        if tag not in ("meta", "br"):
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self._is_hidden = False
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if "h1" in self._open:
            self.headline += data
        if {"th", "td"} & set(self._open) and not self._is_hidden and data.strip():
            self.rows[-1][-1] = f"{self.rows[-1][-1]} {data.strip()}".strip()


def read_page(home: Path) -> _Table:
    page = _Table()
    page.feed(board_path(home).read_text(encoding="utf-8"))
    return page


def make_audit(home: Path, seed: int) -> dict[tuple[str, str], list[tuple[str, int, int, bool]]]:
    """Writes random runs into an audit; returns status, rows sent, interventions and readiness of each, by month."""
    draw = random.Random(seed)
    create_or_upgrade(home)
    made: dict[tuple[str, str], list[tuple[str, int, int, bool]]] = {}
    months = [str(month) for month in Period(2023, 1).until(Period(2023, 6))]
    with open_for_writing(home) as audit:
        for number in range(draw.randrange(1, 25)):
            agency, period, status = f"L000{draw.randrange(1, 5)}", draw.choice(months), draw.choice(STATUSES)
            interventions = draw.randrange(1, 50)
            sent = draw.randrange(0, interventions + 1) if status == "landed" else 0
            is_ready = draw.random() < 0.7
            audit.execute(
                "insert into runs by name select ? as run_number, ? as run_id, ? as agency, ? as period,"
                " 'R' as dataset, 'x' as source, '' as input_folder, ? as status, ?::timestamptz as started_at,"
                " ?::timestamptz as finished_at, '2023-07-01' as extracted_on, ? as interventions_in, ? as rows_sent,"
                " ?::varchar[] as provisional_lists, 'x' as software_version",
                [
                    number, f"R{number}", agency, period, status, datetime(2023, 7, 1, tzinfo=UTC),
                    datetime(2023, 7, 1, tzinfo=UTC), interventions, sent, [] if is_ready else ["SEX"],
                ],
            )  # fmt: skip
            made.setdefault((agency, period), []).append((status, sent, interventions, is_ready))
    return made


def expect_cells(made: dict[tuple[str, str], list[tuple[str, int, int, bool]]], agency: str) -> Iterator[str]:
    """The cells of an agency, from the last month to the first, worked out run by run."""
    first = min(period for _, period in made)
    for month in reversed(Period.parse(first).until(Period(2023, 6))):
        runs = made.get((agency, str(month)), [])
        landed = [run for run in runs if run[0] == "landed"]
        is_over = month < Period(2023, 6) or date(2023, 7, 20) < TODAY
        if landed:
            _, sent, interventions, is_ready = landed[-1]
            yield f"{'landed' if is_ready else 'not ready'} {100 * sent / interventions:.1f}%"
        elif is_over:
            yield "late" + (f" last run {runs[-1][0]}" if runs else "")
        else:
            yield runs[-1][0] if runs else "missing"


@pytest.mark.parametrize("seed", range(50))
def test_every_cell_is_what_the_audit_says(tmp_path: Path, seed: int) -> None:
    made = make_audit(tmp_path, seed)
    write_board(tmp_path, TODAY)
    page = read_page(tmp_path)
    assert page.rows[0][0] == "Agency"
    assert {row[0]: row[1:] for row in page.rows[1:]} == {
        agency: list(expect_cells(made, agency)) for agency in sorted({agency for agency, _ in made})
    }
    states = [cell.split(" ")[0] for row in page.rows[1:] for cell in row[1:]]
    assert f"{states.count('late')} late" in page.headline or "late" not in states
    [(sent,)] = query_audit(tmp_path, "select count(*) from status where status = 'landed'")
    assert sent == sum(cell.startswith(("landed", "not ready")) for row in page.rows[1:] for cell in row[1:])


def test_a_month_links_to_its_report_if_there_is_one(tmp_path: Path) -> None:
    make_audit(tmp_path, 1)
    report = tmp_path / "reports" / "L0001" / "2023-05.html"
    report.parent.mkdir(parents=True)
    report.write_text("report")
    write_board(tmp_path, TODAY)
    assert read_page(tmp_path).links == ["L0001/2023-05.html"]


def test_an_agency_that_must_submit_is_on_the_board_with_its_name(tmp_path: Path) -> None:
    make_audit(tmp_path, 2)
    (tmp_path / "settings.toml").write_text('[agencies]\nL0009 = "HMP <Elm> & Oak"\n')
    write_board(tmp_path, TODAY)
    assert read_page(tmp_path).rows[-1][0] == "L0009 HMP <Elm> & Oak"
    assert "<Elm>" not in board_path(tmp_path).read_text(encoding="utf-8")


def test_a_home_without_recent_runs_shows_the_months_of_its_runs(tmp_path: Path) -> None:
    made = make_audit(tmp_path, 3)
    board = load_board(tmp_path, date(2026, 1, 5))
    assert {str(period) for period in board.periods} >= {period for _, period in made}


@pytest.mark.parametrize("agencies", ["", '[agencies]\nL0001 = ""\n'])
def test_months_that_must_land_are_on_the_board_however_old_the_last_run_is(tmp_path: Path, agencies: str) -> None:
    make_audit(tmp_path, 3)
    (tmp_path / "settings.toml").write_text(f'first_period = "2023-01"\n{agencies}')
    day = date(2026, 1, 21)
    board, months = load_board(tmp_path, day), query_status(tmp_path)
    assert [str(period) for period in board.periods] == list(map(str, Period(2024, 12).until(Period(2025, 12))))
    codes = sorted({*months["agency"], "L0001"} if agencies else {*months["agency"]})
    landed = months.filter(pl.col("status") == "landed").height
    late = len(codes) * len(Period(2023, 1).until(Period(2025, 12))) - landed
    earlier = late - 13 * len(codes)
    assert describe_board(board) == (
        f"0 of {len(codes)} agencies have landed 2025-12. Of all months: {late} late, {earlier} before those shown;"
        " `ndtms status` lists them."
    )
    assert {cell for row in build_table(board) for name, cell in row.items() if name[0] == "2"} == {"▲ late"}


def test_an_agency_that_must_submit_has_no_old_month_instead_of_the_last_ones(tmp_path: Path) -> None:
    make_audit(tmp_path, 3)
    (tmp_path / "settings.toml").write_text('[agencies]\nL0001 = ""\n')
    assert str(load_board(tmp_path, date(2026, 1, 5)).periods[-1]) == "2025-12"


def test_a_month_before_the_first_one_of_an_agency_is_not_expected(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text(
        'first_period = "2023-05"\n[agencies]\nL0001 = ""\nL0002 = ""\n[first_periods]\nL0002 = "2023-06"\n'
    )
    write_board(tmp_path, TODAY)
    page = read_page(tmp_path)
    assert page.rows == [
        ["Agency", "2023-06", "2023-05"], ["L0001", "late", "late"], ["L0002", "late", "not expected"],
    ]  # fmt: skip
    assert page.headline == "0 of 2 agencies have landed 2023-06. Of all months shown: 3 late."
    board = load_board(tmp_path, TODAY)
    assert [list(row) for row in build_table(board)] == [["agency", "name", "2023-05", "2023-06"]] * 2
    assert build_table(board)[1]["2023-05"] == "not expected"


def test_an_empty_home_has_a_board_too(tmp_path: Path) -> None:
    write_board(tmp_path, TODAY)
    assert read_page(tmp_path).headline == "No agency has a run, and none is expected."


def test_the_page_requests_nothing(tmp_path: Path) -> None:
    make_audit(tmp_path, 4)
    write_board(tmp_path, TODAY)
    text = board_path(tmp_path).read_text(encoding="utf-8")
    assert "default-src 'none'" in text
    assert "http" not in text.replace("http-equiv", "")


def test_the_table_of_prefect_has_the_same_states(tmp_path: Path) -> None:
    made = make_audit(tmp_path, 5)
    board = load_board(tmp_path, TODAY)
    for row in build_table(board):
        cells = [str(value).split(" ", 1)[1] for name, value in reversed(row.items()) if name[0] == "2"]
        assert cells == [
            "not ready" if cell.startswith("not ready") else cell.split(" ")[0]
            for cell in expect_cells(made, str(row["agency"]))
        ]
    assert "agencies have landed 2023-06" in describe_board(board)


def test_a_board_that_cannot_be_published_is_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(**_named: object) -> None:
        raise TimeoutError

    make_audit(tmp_path, 6)
    monkeypatch.setattr(board_artefact, "create_table_artifact", refuse)
    board_artefact.publish_board(tmp_path)
    assert [record.getMessage() for record in caplog.records] == [
        "the board could not be published (TimeoutError); the next run publishes it"
    ]
