"""Landing: file and audit, both or neither; runs are superseded, never deleted."""

import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import polars as pl
import pytest
from filelock import FileLock

from flows.audit.previous import load_previous
from flows.landing import commit as landing
from flows.landing import home as home_module
from flows.landing import staging
from flows.landing.commit import Landed, land, record_failure
from flows.landing.home import locked_home, refuse_unwritable
from flows.pipeline.assess import Assessment, assess, load_reference_inputs, read_export
from flows.reference.in_force import next_path
from flows.reference.postcode_directory import write_packed
from flows.sources.request import SubmissionRequest, submission_request
from flows.support.errors import InputRefused
from schemas.dataset import ENTITIES, MASK, TABLE, fields
from schemas.submission_file import file_format
from tests.rules.world import World, columns_of
from transforms.results.outcomes import CountsDoNotMatch

STARTED_AT = datetime(2023, 5, 3, 9, tzinfo=UTC)
FILE = Path("submissions/L0001/L0001-20230401-20230430-TREAT-IN-R.csv")
_DIRECTORY = pl.DataFrame({"sector": ["NR14 7"], "unit": ["UJ"], "authority": ["E10000020"]})


def write_export(folder: Path, *worlds: World) -> Path:
    """A plain export of these worlds."""
    folder.mkdir(exist_ok=True)
    for entity in ENTITIES:
        records = [record for number, world in enumerate(worlds) for record in world.records(entity, number)]
        table = pl.DataFrame(records, schema=dict.fromkeys(columns_of(entity), pl.String))
        table.write_csv(folder / f"{TABLE[entity]}.csv")
    return folder


def small_home(folder: Path) -> Path:
    """A home whose postcode directory is small, so that it is read at once."""
    write_packed(_DIRECTORY, next_path(folder, "postcodes", ".parquet"), "made up")
    return folder


def request_of(export: Path, home: Path, period: str = "2023-04") -> SubmissionRequest:
    return submission_request(str(export), period, agency="L0001", extracted_on="2023-05-03", home=home)


def assessed(request: SubmissionRequest) -> Assessment:
    inputs = load_reference_inputs(request)
    return assess(request, inputs, read_export(request, inputs), load_previous(request))


def landed(export: Path, home: Path, period: str = "2023-04") -> Landed:
    request = request_of(export, home, period)
    with locked_home(request.home):
        return land(assessed(request), STARTED_AT)


def asked(home: Path, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(home / "audit.duckdb"), read_only=True) as audit:
        return audit.execute(query).fetchall()


def left_behind(home: Path) -> list[str]:
    return sorted(path.name for path in (home / ".landing").glob("*"))


TWO = (World(interventions=({"MODID": "N@"},)), World(edit={"DOB": "31/02/1980"}))
WITHHELD = (World(edit={"CONSENT": "N"}),)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return small_home(tmp_path / "home")


@pytest.fixture
def export(tmp_path: Path) -> Path:
    return write_export(tmp_path / "export", *TWO)


@pytest.fixture
def withheld(tmp_path: Path) -> Path:
    return write_export(tmp_path / "withheld", *WITHHELD)


def test_file_and_audit_say_the_same(export: Path, home: Path) -> None:
    done = landed(export, home)
    assert (done.run_id, done.status, done.output_path) == ("L0001-2023-04-1", "landed", home / FILE)
    content = (home / FILE).read_bytes()
    assert content.count(b"\r\n") == content.count(b"\n") == 3
    rows = pl.read_csv(content, infer_schema=False)
    assert rows.columns == [each.header for each in fields()]
    assert rows["MODID"].to_list() == ["M0000", "N0000"]
    digest = hashlib.sha256(content).hexdigest()
    run = "select status, rows_sent, output_path, output_sha256, clients_in, interventions_in from runs"
    assert asked(home, run) == [("landed", 2, str(FILE), digest, 2, 3)]
    assert asked(home, "select MODID from sent_rows order by all") == [("M0000",), ("N0000",)]
    assert asked(home, "select digest from manifest where item = 'output'") == [(digest,)]
    assert left_behind(home) == []


def test_the_audit_has_an_outcome_for_every_record_read(export: Path, home: Path) -> None:
    landed(export, home)
    assert asked(home, "select entity, outcome, count(*) from outcomes group by all order by all") == [
        ("client", "rejected", 1),
        ("client", "sent", 1),
        ("episode", "rejected", 1),
        ("episode", "sent", 1),
        ("intervention", "rejected", 1),
        ("intervention", "sent", 2),
    ]


def test_the_audit_tells_every_id_though_it_keeps_what_was_sent_once(export: Path, home: Path) -> None:
    landed(export, home)
    ids = "entity, client_id, episode_id, intervention_id, source_file, source_line"
    assert asked(home, f"select {ids} from outcomes where outcome = 'sent' order by all") == [
        ("client", "C0000", None, None, "clients.csv", 2),
        ("episode", "C0000", "E0000", None, "episodes.csv", 2),
        ("intervention", "C0000", "E0000", "M0000", "interventions.csv", 2),
        ("intervention", "C0000", "E0000", "N0000", "interventions.csv", 3),
    ]
    assert asked(home, "select count(*) from recorded_outcomes where outcome = 'sent'") == [(0,)]


def test_each_record_that_was_not_sent_says_why(tmp_path: Path, home: Path) -> None:
    landed(write_export(tmp_path / "export", World(), World(edit={"SEX": ""}), World(edit={"DRUG1": ""})), home)
    assert asked(home, "select entity, source_line, why from rejected_rows order by all") == [
        ("client", 3, "SEX is completed."),
        ("client", 4, "No record below it is left to send."),
        ("episode", 3, "Its client on line 3: SEX is completed."),
        ("episode", 4, "DRUG1 is completed."),
        ("intervention", 3, "Its client on line 3: SEX is completed."),
        ("intervention", 4, "Its episode on line 4: DRUG1 is completed."),
    ]


def test_a_masked_id_stays_masked_though_its_record_is_sent(tmp_path: Path, home: Path) -> None:
    (home / "settings.toml").write_text('[severities]\n"MODID.identifying" = "warning"\n', encoding="utf-8")
    landed(write_export(tmp_path / "named", World(edit={"MODID": "M19700101"})), home)
    sent = "select outcome, intervention_id from outcomes where entity = 'intervention'"
    assert asked(home, sent) == [("sent", MASK)]


def test_a_second_run_gives_the_same_bytes_and_adds_one_run(export: Path, home: Path) -> None:
    landed(export, home)
    first = (home / FILE).read_bytes()
    assert landed(export, home).run_id == "L0001-2023-04-2"
    assert (home / FILE).read_bytes() == first
    assert asked(home, "select run_id from runs order by run_number") == [("L0001-2023-04-1",), ("L0001-2023-04-2",)]
    assert asked(home, "select run_id from latest_runs") == [("L0001-2023-04-2",)]
    assert asked(home, "select distinct run_id from rejected_rows") == [("L0001-2023-04-2",)]
    assert asked(home, "select count(distinct run_id) from outcomes") == [(2,)]


def test_a_second_run_finds_the_same(export: Path, home: Path) -> None:
    landed(export, home)
    landed(export, home)
    for table in ("run_rules", "found", "outcomes", "completeness", "manifest", "unmapped", "sent_rows"):
        of_run = f"select * exclude (run_id) from {table} where run_id = 'L0001-2023-04-{{}}' order by all"
        assert asked(home, of_run.format(1)) == asked(home, of_run.format(2)), table


def test_a_blocked_run_leaves_the_earlier_file(export: Path, withheld: Path, home: Path) -> None:
    landed(export, home)
    first = (home / FILE).read_bytes()
    blocked = landed(withheld, home)
    assert (blocked.status, blocked.output_path) == ("blocked", None)
    assert (home / FILE).read_bytes() == first
    assert sorted(path.name for path in home.rglob("*.csv")) == [FILE.name]
    assert asked(home, "select status, rows_sent, output_path, output_sha256 from latest_runs") == [
        ("blocked", 0, None, None)
    ]
    assert asked(home, "select entity, outcome from rejected_rows order by all") == [
        (entity, "withheld") for entity in ("client", "episode", "intervention")
    ]
    assert asked(home, "select count(*) from sent_rows where run_id = 'L0001-2023-04-2'") == [(0,)]


def test_counts_that_do_not_match_land_nothing(export: Path, home: Path) -> None:
    request = request_of(export, home)
    inputs = load_reference_inputs(request)
    whole = read_export(request, inputs)
    lost = replace(whole, read={**whole.read, "episode": whole.read["episode"] + 1})
    with locked_home(home), pytest.raises(CountsDoNotMatch, match="3 episode records were read but 2 have an outcome"):
        land(assess(request, inputs, lost, load_previous(request)), STARTED_AT)
    assert asked(home, "select count(*) from runs") == [(0,)]
    assert not (home / "submissions").exists()


class Killed(BaseException):
    """Simulates SIGKILL: nothing is cleaned up afterwards."""


def killed(*_arguments: object, **_named: object) -> None:
    raise Killed


def kill_at(step: str, export: Path, home: Path) -> None:
    """Lands until a step and leaves everything as a kill would: nothing is cleared away."""
    with pytest.MonkeyPatch.context() as patched, pytest.raises(Killed):
        patched.setattr(shutil, "rmtree", lambda *_arguments, **_named: None)
        patched.setattr(staging if hasattr(staging, step) else landing, step, killed)
        landed(export, home)


@pytest.mark.parametrize("earlier", [False, True])
def test_a_file_that_was_committed_but_not_moved_is_moved_by_the_next_run(
    export: Path, withheld: Path, home: Path, earlier: bool
) -> None:
    if earlier:
        landed(write_export(export.parent / "earlier", World()), home)
    kill_at("move_into_place", export, home)
    assert (home / FILE).exists() is earlier
    [(expected,)] = asked(home, "select output_sha256 from latest_runs")
    landed(withheld, home)
    assert hashlib.sha256((home / FILE).read_bytes()).hexdigest() == expected
    assert left_behind(home) == []


@pytest.mark.parametrize("step", ["_write_submission", "_write_table", "_insert_table", "_insert_run"])
@pytest.mark.parametrize("earlier", [False, True])
def test_what_was_not_committed_is_cleared_and_nothing_of_it_is_landed(
    export: Path, home: Path, step: str, earlier: bool
) -> None:
    if earlier:
        landed(write_export(export.parent / "earlier", World()), home)
    before = (home / FILE).read_bytes() if earlier else None
    kill_at(step, export, home)
    assert len(left_behind(home)) == 1
    with locked_home(home):
        assert left_behind(home) == []
    assert asked(home, "select count(*) from runs") == [(int(earlier),)]
    assert ((home / FILE).read_bytes() if (home / FILE).exists() else None) == before


def test_a_failure_before_the_commit_leaves_no_trace(export: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patched, pytest.raises(RuntimeError):
        patched.setattr(landing, "_commit_run", fail)
        landed(export, home)
    assert left_behind(home) == []
    assert asked(home, "select count(*) from runs") == [(0,)]
    assert not list((home / "submissions").rglob("*.csv"))


def test_a_move_that_fails_leaves_the_file_for_the_next_run(
    export: Path, withheld: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(landing, "move_into_place", killed)
        landed(export, home)
    assert asked(home, "select status from runs") == [("landed",)]
    landed(withheld, home)
    assert (home / FILE).exists()


def test_a_failed_run_is_marked_and_stands_in_nobody_s_place(export: Path, home: Path) -> None:
    landed(export, home)
    first = (home / FILE).read_bytes()
    run_id = record_failure(request_of(export, home), "it failed", STARTED_AT)
    assert asked(home, "select run_id, status, failure, rows_sent from runs where status = 'failed'") == [
        (run_id, "failed", "it failed", 0)
    ]
    assert asked(home, "select run_id from latest_runs") == [("L0001-2023-04-1",)]
    assert (home / FILE).read_bytes() == first


def test_another_month_is_another_file(export: Path, home: Path) -> None:
    landed(export, home)
    later = landed(export, home, "2023-05")
    assert later.output_path == home / "submissions/L0001/L0001-20230501-20230531-TREAT-IN-R.csv"
    assert (home / FILE).exists()


def test_the_format_of_the_file_is_a_setting(export: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    form = replace(file_format(), name="{agency}.csv", date_format="%d/%m/%Y", delimiter=";")
    form = replace(form, quoting="always", line_end="\n")
    monkeypatch.setattr(staging, "file_format", lambda: form)
    path = landed(export, home).output_path
    assert path == home / "submissions/L0001/L0001.csv"
    content = path.read_text(encoding="utf-8")
    assert content.startswith('"CLIENTID";"FINITIAL"')
    assert '"10/01/2023"' in content and "2023-01-10" not in content
    assert "\r" not in content


def test_a_home_that_is_held_is_refused(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home_module, "_LOCK_SECONDS", 0)
    with FileLock(home / ".lock"), pytest.raises(InputRefused, match="has locked this home"), locked_home(home):
        raise AssertionError("it was held")


def test_who_waits_for_a_home_is_told_who_holds_it(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home_module, "_LOCK_SECONDS", 0.2)
    reported = rf"the submission of L0001 \(process {os.getpid()}, since [0-9:]+\) has locked this home"
    with locked_home(home, "the submission of L0001"), pytest.raises(InputRefused, match=reported), locked_home(home):
        raise AssertionError("it was held twice")
    assert not (home / ".held-by").exists()


def test_a_run_that_is_over_holds_nothing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home_module, "_LOCK_SECONDS", 0.2)
    with pytest.raises(RuntimeError), locked_home(home, "a run that failed"):
        raise RuntimeError
    over = subprocess.Popen([sys.executable, "-c", ""])
    over.wait()
    for left in (None, f"a run that was killed (process {over.pid}, since 06:00)"):
        if left:
            (home / ".held-by").write_text(left, encoding="utf-8")
        with (
            FileLock(home / ".lock"),
            pytest.raises(
                InputRefused,
                match="home: another program has locked this home; run the command again when it has ended",
            ),
            locked_home(home),
        ):
            raise AssertionError("it was held")


def test_a_home_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.touch()
    with pytest.raises(InputRefused, match="is not a directory"):
        refuse_unwritable(in_the_way / "home")
    with pytest.raises(InputRefused, match="the home cannot be written"), locked_home(in_the_way / "home"):
        raise AssertionError("it was held")


def test_asking_whether_a_home_can_be_written_leaves_nothing(tmp_path: Path) -> None:
    refuse_unwritable(tmp_path / "not" / "yet")
    assert list(tmp_path.iterdir()) == []


def test_others_may_not_look_into_a_new_home(tmp_path: Path) -> None:
    with locked_home(tmp_path / "home") as home:
        assert home.stat().st_mode & 0o077 == 0
