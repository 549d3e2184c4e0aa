"""Forgetting deletes personal data from every file of a home; counts, digests and all other records stay."""

import shutil
from pathlib import Path

import pytest

from flows.audit import database
from flows.cli.app import run
from flows.landing.home import locked_home
from tests.retention.canaries import APRIL, MARCH, MAY, count_everything, find_in_files, land_months, name_client
from tests.retention.forgetting import choose, forget_in
from tests.support.homes import query_audit

_ROWS = "select * from sent_rows where CLIENTID <> '{client}' order by all"


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("landed")
    return land_months(folder, folder / "home")


@pytest.fixture
def home(landed: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(landed, tmp_path / "home"))


def test_before_a_month(home: Path) -> None:
    # The ids of March are also in April, as those of records that dropped out.
    canaries = ["CANARY202303S", "CANARY202303R", "UnknownHousingCanary2023-03"]
    assert all(find_in_files(home, canary) for canary in canaries)
    assert "audit-snapshot.duckdb" in find_in_files(home, canaries[0])
    before = count_everything(home)
    later = query_audit(home, "from sent_rows where period >= '2023-04' order by all")
    deleted = forget_in(home, choose(home, "before"))
    assert [find_in_files(home, canary) for canary in canaries] == [[], [], []]
    assert count_everything(home) == before
    assert query_audit(home, "from sent_rows order by all") == later
    assert deleted == ("submissions/L0001/L0001-20230301-20230331-TREAT-IN-R.csv", "reports/L0001/2023-03.html")
    assert not [file for file in deleted if (home / file).exists()]
    assert find_in_files(home, "CANARY202304")
    assert query_audit(home, "select what, before_period, reason, runs, clients, interventions from forgotten") == [
        ("before", APRIL, "schedule", 2, 8, 10)
    ]


def test_what_was_replaced(home: Path) -> None:
    before = count_everything(home)
    rows = query_audit(home, "from sent_rows where run_id <> 'L0001-2023-03-1' order by all")
    assert choose(home, "superseded").whole == ("L0001-2023-03-1",)
    assert forget_in(home, choose(home, "superseded")) == ()
    assert count_everything(home) == before
    assert query_audit(home, "from sent_rows order by all") == rows
    # Nothing is left to forget, and what is in force is not replaced.
    assert choose(home, "superseded").runs == []


@pytest.mark.parametrize(("period", "number"), [(MARCH, 0), (APRIL, 1), (APRIL, 2), (MAY, 3)])
def test_a_client(home: Path, period: str, number: int) -> None:
    client = name_client(period, number)
    # The ids of all records of a client end alike.
    canaries = [client, client.replace("C" + client.rpartition("C")[2], "E" + client.rpartition("C")[2])]
    assert find_in_files(home, client)
    before, others = count_everything(home), query_audit(home, _ROWS.format(client=client))
    forgotten = choose(home, "client", client)
    assert len(forgotten.runs) == (4 if number == 0 else 2 if period == MARCH else 1)
    forget_in(home, forgotten)
    assert [find_in_files(home, canary) for canary in canaries] == [[], []]
    assert query_audit(home, "from sent_rows order by all") == others
    after = count_everything(home)
    assert after == before
    assert query_audit(home, "select what, agency, clients, episodes from forgotten") == [
        ("client", "L0001", len(forgotten.runs), len(forgotten.runs))
    ]
    assert choose(home, "client", client).is_empty


def test_a_client_of_another_agency_stays(home: Path) -> None:
    assert choose(home, "client", name_client(MARCH, 0), "L0002").runs == []


def test_a_client_of_whom_only_a_later_month_tells_that_the_record_dropped_out(home: Path) -> None:
    client = name_client(MARCH, 1)
    forget_in(home, choose(home, "before"))
    assert find_in_files(home, client)
    forgotten = choose(home, "client", client)
    assert (forgotten.runs, forgotten.mentions, forgotten.is_empty) == ([], ("L0001-2023-04-1",), False)
    before = count_everything(home)
    assert forget_in(home, forgotten) == ()
    assert find_in_files(home, client) == []
    assert count_everything(home) == before
    assert choose(home, "client", client).is_empty


def test_the_value_of_a_client_that_matches_no_code_goes_with_the_client(home: Path) -> None:
    assert find_in_files(home, "UnknownHousingCanary2023-04")
    forget_in(home, choose(home, "client", name_client(APRIL, 1)))
    assert find_in_files(home, "UnknownHousingCanary2023-04") == []
    assert find_in_files(home, "UnknownHousingCanary2023-05")


def test_a_file_that_cannot_be_written_leaves_everything(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = {file: file.read_bytes() for file in home.rglob("*") if file.is_file()}

    def fail(*_arguments: object, **_named: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("flows.landing.forget.write_remaining", fail)
    with pytest.raises(OSError, match="No space"):
        forget_in(home, choose(home, "before"))
    monkeypatch.undo()
    with locked_home(home):
        pass
    assert {file: file.read_bytes() for file in home.rglob("*") if file.is_file()} == content


def test_an_old_snapshot_goes_even_if_no_new_one_can_be_written(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object, **_named: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("flows.landing.home.write_snapshot", fail)
    forget_in(home, choose(home, "before"))
    assert not database.snapshot_path(home).exists()


def use(home: Path, monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr("sys.argv", ["ndtms", "forget", *words, "--home", str(home)])
    with pytest.raises(SystemExit) as ended:
        run()
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_the_command_shows_what_it_would_do(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    content = {file: file.read_bytes() for file in home.rglob("*") if file.is_file()}
    assert use(home, monkeypatch, "--before", APRIL, "--reason", "schedule", "--dry-run") == 0
    assert {file: file.read_bytes() for file in home.rglob("*") if file.is_file()} == content
    assert capsys.readouterr().out.splitlines() == [
        "Would forget the ids and values of 8 client records, 8 episode records, 10 intervention records in"
        " 2 runs (L0001-2023-03-1, L0001-2023-03-2).",
        "  would be deleted: submissions/L0001/L0001-20230301-20230331-TREAT-IN-R.csv",
        "  would be deleted: reports/L0001/2023-03.html",
        "Counts, digests, and what was wrong with how many records stay.",
    ]


def test_the_command_forgets_and_names_no_client(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert use(home, monkeypatch, "--client", name_client(APRIL, 1), "--reason", "an order") == 0
    shown = capsys.readouterr()
    assert shown.out.startswith(
        "Forgot the ids and values of 1 client record, 1 episode record, 1 intervention record in 1 run"
        " (L0001-2023-04-1).\n"
    )
    assert "backups" in shown.err
    assert "CANARY202304C1" not in shown.out + shown.err
    assert use(home, monkeypatch, "--client", name_client(APRIL, 1), "--reason", "an order") == 0
    assert capsys.readouterr().out == "Nothing to forget: no run has personal data of what was asked for.\n"
    assert query_audit(home, "select count(*) from forgotten") == [(1,)]


@pytest.mark.parametrize("dry_run", [["--dry-run"], []])
def test_other_agencies_with_the_id_are_named(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], dry_run: list[str]
) -> None:
    with database.open_for_writing(home) as audit:
        audit.execute("update runs set agency = 'L0002' where period = '2023-05'")
    both, one = name_client(MARCH, 0), name_client(MARCH, 1)
    words = ["--agency", "L0001", "--reason", "an order", *dry_run]
    assert use(home, monkeypatch, "--client", both, *words) == 0
    assert capsys.readouterr().err.splitlines()[0] == (
        "ndtms: L0002 also has records with this ID; if it is the same person, run the command again with"
        " --agency L0002"
    )
    assert use(home, monkeypatch, "--client", one, *words) == 0
    assert "L0002" not in capsys.readouterr().err
    # An agency that has no record of the client.
    assert use(home, monkeypatch, "--client", one, "--agency", "L0002", *words[2:], "--dry-run") == 0
    assert ("L0001 also has records" in capsys.readouterr().err) == bool(dry_run)


def test_the_list_of_runs_names_those_without_their_data(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def list_runs() -> str:
        monkeypatch.setattr("sys.argv", ["ndtms", "runs", "--home", str(home)])
        with pytest.raises(SystemExit):
            run()
        return capsys.readouterr().err

    assert list_runs() == ""
    use(home, monkeypatch, "--before", MAY, "--reason", "schedule")
    capsys.readouterr()
    assert list_runs().startswith(f"ndtms: `ndtms forget` deleted personal data of L0001-{MARCH}-1, ")
