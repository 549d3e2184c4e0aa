"""A backfill is what single submissions in order would have been, whoever judges and however often it is run."""

import shutil
from pathlib import Path

import pytest

from flows.months.options import BackfillOptions
from flows.months.plan import plan_backfill
from flows.months.result import build_outcome_table, list_messages
from flows.support.errors import InputRefused
from tests.backfill.backfilling import asked, backfilled, files, left_unchanged, reported, submitted_in_order
from tests.backfill.generated import agency, months, write_history, write_month
from tests.rules.world import World
from tests.support.exports import write_export
from tests.support.homes import make_small_home, query_audit

AGENCIES, MONTHS, CLIENTS = 3, 4, 16


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_history(tmp_path_factory.mktemp("exports"), AGENCIES, MONTHS, CLIENTS)


@pytest.fixture(scope="module")
def single(exports: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return submitted_in_order(exports, tmp_path_factory.mktemp("single") / "home", AGENCIES, MONTHS)


@pytest.fixture(scope="module")
def filled(exports: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("filled") / "home"
    backfilled(exports, home, MONTHS)
    return home


@pytest.fixture
def home(filled: Path, tmp_path: Path) -> Path:
    """A home of one's own that was backfilled."""
    return Path(shutil.copytree(filled, tmp_path / "home"))


def test_it_gives_what_single_submissions_in_order_give(single: Path, filled: Path) -> None:
    assert files(filled) == files(single)
    expected, found = reported(single), reported(filled)
    for part, rows in expected.items():
        assert found[part] == rows, part
    assert ("L0002", "2023-06", "blocked", 0, None) in [row[:5] for row in found["runs"]], "most is missing"
    rules = {str(rule) for _, _, _, _, rule, *_ in found["findings"]}
    assert any(rule.endswith(".mismatch") for rule in rules)
    # An episode moved to another agency, and records that were held back are compared with an older month.
    assert {"AGNCY.changed", "EPISODID.no_longer_sent", "RELIGION.changed"} <= rules


def test_records_that_were_held_back_are_compared_with_the_month_that_sent_them(tmp_path: Path) -> None:
    kept, may, june = World(), World(edit={"DOB": "31/02/1980"}), World(edit={"DOB": "30/02/1980"})
    for month, world in zip(
        months(4), (World(edit={"RELIGION": "C"}), may, june, World(edit={"RELIGION": "D"})), strict=True
    ):
        folder = tmp_path / "exports" / agency(0) / str(month)
        folder.parent.mkdir(parents=True, exist_ok=True)
        write_export(folder, kept, world)
    one = submitted_in_order(tmp_path / "exports", make_small_home(tmp_path / "one"), 1, 4)
    all_at_once = make_small_home(tmp_path / "all")
    backfilled(tmp_path / "exports", all_at_once, 4)
    assert files(all_at_once) == files(one)
    found = reported(all_at_once)
    for part, rows in reported(one).items():
        assert found[part] == rows, part
    changed = "select old_value, new_value from mismatches where rule = 'RELIGION.changed' and period = '2023-07'"
    assert query_audit(all_at_once, changed) == [("C", "D")]


def test_with_processes_it_gives_the_same(exports: Path, single: Path, tmp_path: Path) -> None:
    from flows.backfill import BackfillBlocked, backfill

    first, *_, last = months(MONTHS)
    source = str(exports / "{agency}/{period}")
    with pytest.raises(BackfillBlocked, match=r"blocked by a rule of the file: L0002 2023-06$"):
        backfill(
            source=source,
            first=str(first),
            last=str(last),
            extracted_on="2026-05-03",
            home=str(tmp_path / "home"),
            workers=2,
        )
    assert files(tmp_path / "home") == files(single)
    assert reported(tmp_path / "home") == reported(single)


def test_the_second_time_there_is_nothing_to_do(exports: Path, home: Path) -> None:
    before = reported(home), files(home)
    done = left_unchanged(asked(exports, home, MONTHS))
    assert done is not None
    assert {month.status for month in done.months} == {"unchanged"}
    assert [(month.agency, month.period) for month in done.blocked] == [("L0002", "2023-06")]
    [still_blocked] = list_messages(done)
    assert still_blocked == "L0002 2023-06: blocked; it was blocked before, and its inputs have not changed"
    assert (reported(home), files(home)) == before


def test_without_a_day_another_day_is_no_reason(exports: Path, home: Path) -> None:
    first, *_, last = months(MONTHS)
    source = str(exports / "{agency}/{period}")
    assert left_unchanged(BackfillOptions(source, str(first), str(last), home=str(home))) is not None
    assert (
        left_unchanged(BackfillOptions(source, str(first), str(last), home=str(home), extracted_on="2026-06-01"))
        is None
    )


def test_a_changed_month_and_the_later_ones_it_affects_are_done_again(
    exports: Path, home: Path, tmp_path: Path
) -> None:
    changed = Path(shutil.copytree(exports, tmp_path / "exports"))
    place, number = 0, 1
    write_month(changed / agency(place) / str(months(MONTHS)[number]), place, number, CLIENTS - 2, AGENCIES)
    # Other exports at another place are another source: put them where they were read from.
    moved = tmp_path / "aside"
    shutil.copytree(exports, moved)
    try:
        shutil.rmtree(exports)
        shutil.copytree(changed, exports)
        again = backfilled(exports, home, MONTHS)
        done = {(month.agency, month.period): month.status for month in again.months}
        assert done[agency(0), "2023-04"] == "unchanged"
        assert done[agency(0), "2023-05"] == done[agency(0), "2023-06"] == "landed"
        assert {status for (who, _), status in done.items() if who == agency(2)} == {"unchanged"}
        fresh = tmp_path / "fresh"
        backfilled(exports, fresh, MONTHS)
        assert files(home) == files(fresh)
        for part in ("findings", "outcomes", "sent"):
            assert reported(home)[part] == reported(fresh)[part], part
    finally:
        shutil.rmtree(exports)
        shutil.copytree(moved, exports)


def test_a_file_that_is_gone_is_made_again(exports: Path, home: Path) -> None:
    gone = home / "submissions/L0001/L0001-20230501-20230531-TREAT-IN-R.csv"
    content = gone.read_bytes()
    gone.unlink()
    done = left_unchanged(asked(exports, home, MONTHS))
    assert done is not None and [month.period for month in done.months if month.restored] == ["2023-05"]
    assert gone.read_bytes() == content


def test_one_agency_s_failure_stops_that_agency_alone(exports: Path, tmp_path: Path) -> None:
    broken = Path(shutil.copytree(exports, tmp_path / "exports"))
    (broken / "L0003" / "2023-05" / "clients.csv").write_text("CLIENTID,CLIENTID\n", encoding="utf-8")
    done = backfilled(broken, tmp_path / "home", MONTHS)
    [failure] = done.with_status("failed")
    assert (failure.agency, failure.period, failure.is_refused) == ("L0003", "2023-05", True)
    assert "have the same name" in failure.failure
    table = {line["agency"]: line for line in build_outcome_table(done).to_dicts()}
    assert (table["L0003"]["landed"], table["L0003"]["stopped_at"]) == (1, "2023-05")
    assert (table["L0001"]["landed"], table["L0001"]["stopped_at"]) == (4, None)


def test_what_blocks_a_month_and_months_without_an_export_are_reported(exports: Path, tmp_path: Path) -> None:
    holes = Path(shutil.copytree(exports, tmp_path / "exports"))
    for agency_of, period in (("L0001", "2023-07"), ("L0002", "2023-04"), ("L0003", "2023-05"), ("L0003", "2023-06")):
        shutil.rmtree(holes / agency_of / period)
    reported_first, *others = list_messages(backfilled(holes, tmp_path / "home", MONTHS))
    assert reported_first.startswith("L0002 2023-06: blocked; FILE.shrunk: The submission has less than 50%")
    assert others == [
        "L0001: there is no export for 2023-07",
        "L0002: there is no export for 2023-04",
        "L0003: there is no export for 2023-05 to 2023-06",
    ]


def test_a_source_without_such_months_is_refused(exports: Path, tmp_path: Path) -> None:
    nothing = BackfillOptions(str(exports / "{agency}/{period}"), "2030-01", "2030-12", home=str(tmp_path / "home"))
    with (
        pytest.raises(InputRefused, match="no export of 2030-01 or a later month up to 2030-12"),
        plan_backfill(nothing),
    ):
        pass
    assert not (tmp_path / "home").exists()


def test_a_backfill_that_fails_leaves_no_records_in_its_store(exports: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    options = BackfillOptions(
        str(exports), "2023-04", "2023-04", home=str(make_small_home(tmp_path / "home")), store=str(store)
    )
    with pytest.raises(RuntimeError, match="a worker fails"), plan_backfill(options) as plan:
        plan.store.put_content(b"records", "run/rows")
        assert [path.read_bytes() for path in store.rglob("rows")] == [b"records"]
        raise RuntimeError("a worker fails")
    assert not list(store.rglob("rows"))


def test_the_first_month_comes_before_the_last(exports: Path, tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match="--from must not be after --to"):
        BackfillOptions(str(exports), "2023-05", "2023-04", home=str(tmp_path / "home")).find_months()


def test_a_directory_of_exports_needs_no_pattern(exports: Path) -> None:
    found = BackfillOptions(str(exports), "2023-04", "2023-05", agencies=("L0002",)).find_months()
    assert {str(month): names for month, names in found.agencies_by_month.items()} == {
        "2023-04": ["L0002"],
        "2023-05": ["L0002"],
    }
    assert found.source.endswith(str(Path("{agency}") / "{period}"))
