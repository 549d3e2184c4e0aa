"""Landing: file and audit, both or neither; runs are superseded, never deleted."""

import hashlib
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from filelock import FileLock

from flows.landing import home as home_module
from flows.landing.commit import land, record_failure
from flows.landing.home import locked_home, refuse_unwritable
from flows.pipeline.assess import assess, load_reference_inputs, read_export
from flows.reference.file_format import store_format
from flows.support.errors import InputRefused
from schemas.dataset import MASK, list_fields
from schemas.submission_file import load_file_format
from tests.rules.world import World
from tests.support.exports import ONE_WITHOUT_CONSENT, write_export
from tests.support.homes import SUBMISSION_FILE, list_waiting_runs, query_audit
from tests.support.runs import STARTED_AT, build_request, land_export
from tests.support.stops import STEPS, Killed, Step, killed_at, stopped_at
from transforms.results.outcomes import CountsDoNotMatch

pytestmark = pytest.mark.slow


@pytest.fixture
def withheld(tmp_path: Path) -> Path:
    return write_export(tmp_path / "withheld", *ONE_WITHOUT_CONSENT)


def test_file_and_audit_agree(export: Path, home: Path) -> None:
    done = land_export(export, home)
    assert (done.run_id, done.status, done.output_path) == ("L0001-2023-04-1", "landed", home / SUBMISSION_FILE)
    content = (home / SUBMISSION_FILE).read_bytes()
    assert content.count(b"\r\n") == content.count(b"\n") == 3
    rows = pl.read_csv(content, infer_schema=False)
    assert rows.columns == [field.header for field in list_fields()]
    assert rows["MODID"].to_list() == ["M0000", "N0000"]
    digest = hashlib.sha256(content).hexdigest()
    run = "select status, rows_sent, output_path, output_sha256, clients_in, interventions_in from runs"
    assert query_audit(home, run) == [("landed", 2, str(SUBMISSION_FILE), digest, 2, 3)]
    assert query_audit(home, "select MODID from sent_rows order by all") == [("M0000",), ("N0000",)]
    assert query_audit(home, "select digest from manifest where item = 'output'") == [(digest,)]
    assert list_waiting_runs(home) == []


def test_the_audit_has_an_outcome_for_every_record_read(export: Path, home: Path) -> None:
    land_export(export, home)
    assert query_audit(home, "select entity, outcome, count(*) from outcomes group by all order by all") == [
        ("client", "rejected", 1),
        ("client", "sent", 1),
        ("episode", "rejected", 1),
        ("episode", "sent", 1),
        ("intervention", "rejected", 1),
        ("intervention", "sent", 2),
    ]


def test_the_audit_shows_every_id_though_it_keeps_what_was_sent_once(export: Path, home: Path) -> None:
    land_export(export, home)
    ids = "entity, client_id, episode_id, intervention_id, source_file, source_line"
    assert query_audit(home, f"select {ids} from outcomes where outcome = 'sent' order by all") == [
        ("client", "C0000", None, None, "clients.csv", 2),
        ("episode", "C0000", "E0000", None, "episodes.csv", 2),
        ("intervention", "C0000", "E0000", "M0000", "interventions.csv", 2),
        ("intervention", "C0000", "E0000", "N0000", "interventions.csv", 3),
    ]
    assert query_audit(home, "select count(*) from internal.recorded_outcomes where outcome = 'sent'") == [(0,)]


_COMPLETE = "Complete it in the clinical system; if it is complete there, check the column in the source mapping."


def test_each_record_that_was_not_sent_has_a_reason(tmp_path: Path, home: Path) -> None:
    land_export(write_export(tmp_path / "export", World(), World(edit={"SEX": ""}), World(edit={"DRUG1": ""})), home)
    assert query_audit(home, "select entity, source_line, why from rejected_rows order by all") == [
        ("client", 3, f"Sex (SEX) is missing. {_COMPLETE}"),
        ("client", 4, "Nothing that belongs to it can be sent."),
        ("episode", 3, f"Its client on line 3: Sex (SEX) is missing. {_COMPLETE}"),
        ("episode", 4, f"Problem substance 1 (DRUG1) is missing. {_COMPLETE}"),
        ("intervention", 3, f"Its client on line 3: Sex (SEX) is missing. {_COMPLETE}"),
        ("intervention", 4, f"Its episode on line 4: Problem substance 1 (DRUG1) is missing. {_COMPLETE}"),
    ]


def test_a_warning_is_not_why_a_record_was_not_sent(tmp_path: Path, home: Path) -> None:
    land_export(write_export(tmp_path / "export", World(), World(edit={"CLIENT": "", "DRUG1": ""})), home)
    assert query_audit(home, "select rules, cause_rules, why from rejected_rows where entity = 'client'") == [
        (["CLIENT.blank"], [], "Nothing that belongs to it can be sent.")
    ]


def test_a_repeat_is_explained_by_the_rule_that_warns_of_it(tmp_path: Path, home: Path) -> None:
    folder = write_export(tmp_path / "export", World())
    clients = folder / "clients.csv"
    clients.write_text(clients.read_text("utf-8") + clients.read_text("utf-8").splitlines()[1] + "\n", "utf-8")
    land_export(folder, home)
    [(outcome, rules, why)] = query_audit(home, "select outcome, cause_rules, why from rejected_rows")
    assert (outcome, rules) == ("dropped", ["CLIENTID.repeated"])
    assert str(why).startswith("The client record repeats an earlier one exactly")


def test_a_masked_id_stays_masked_though_its_record_is_sent(tmp_path: Path, home: Path) -> None:
    (home / "settings.toml").write_text('[severities]\n"MODID.identifying" = "warning"\n', encoding="utf-8")
    land_export(write_export(tmp_path / "named", World(edit={"MODID": "M19700101"})), home)
    sent = "select outcome, intervention_id from outcomes where entity = 'intervention'"
    assert query_audit(home, sent) == [("sent", MASK)]


def test_a_second_run_gives_the_same_bytes_and_adds_one_run(export: Path, home: Path) -> None:
    land_export(export, home)
    first = (home / SUBMISSION_FILE).read_bytes()
    assert land_export(export, home).run_id == "L0001-2023-04-2"
    assert (home / SUBMISSION_FILE).read_bytes() == first
    assert query_audit(home, "select run_id from runs order by run_number") == [
        ("L0001-2023-04-1",),
        ("L0001-2023-04-2",),
    ]
    assert query_audit(home, "select run_id from latest_runs") == [("L0001-2023-04-2",)]
    assert query_audit(home, "select distinct run_id from rejected_rows") == [("L0001-2023-04-2",)]
    assert query_audit(home, "select count(distinct run_id) from outcomes") == [(2,)]


def test_a_second_run_finds_the_same(export: Path, home: Path) -> None:
    land_export(export, home)
    land_export(export, home)
    inside = ("internal.run_rules", "internal.found")
    for table in (*inside, "outcomes", "completeness", "manifest", "unmapped", "sent_rows"):
        of_run = f"select * exclude (run_id) from {table} where run_id = 'L0001-2023-04-{{}}' order by all"
        assert query_audit(home, of_run.format(1)) == query_audit(home, of_run.format(2)), table


def test_a_blocked_run_leaves_the_earlier_file(export: Path, withheld: Path, home: Path) -> None:
    land_export(export, home)
    first = (home / SUBMISSION_FILE).read_bytes()
    blocked = land_export(withheld, home)
    assert (blocked.status, blocked.output_path) == ("blocked", None)
    assert (home / SUBMISSION_FILE).read_bytes() == first
    assert sorted(path.name for path in home.rglob("*.csv")) == [SUBMISSION_FILE.name]
    assert query_audit(home, "select status, rows_sent, output_path, output_sha256 from latest_runs") == [
        ("blocked", 0, None, None)
    ]
    assert query_audit(home, "select entity, outcome from rejected_rows order by all") == [
        (entity, "withheld") for entity in ("client", "episode", "intervention")
    ]
    assert query_audit(home, "select count(*) from sent_rows where run_id = 'L0001-2023-04-2'") == [(0,)]


def test_counts_that_do_not_match_land_nothing(export: Path, home: Path) -> None:
    request = build_request(export, home)
    inputs = load_reference_inputs(request)
    whole = read_export(request, inputs)
    lost = replace(whole, read={**whole.read, "episode": whole.read["episode"] + 1})
    with locked_home(home), pytest.raises(CountsDoNotMatch, match="3 episode records were read but 2 have an outcome"):
        land(assess(request, inputs, lost), STARTED_AT)
    assert query_audit(home, "select count(*) from runs") == [(0,)]
    assert not (home / "submissions").exists()


@pytest.mark.parametrize("step", ["committed", "move the file"])
@pytest.mark.parametrize("earlier", [False, True])
def test_a_file_that_was_committed_but_not_moved_is_moved_by_the_next_run(
    export: Path, withheld: Path, home: Path, step: Step, earlier: bool
) -> None:
    if earlier:
        land_export(write_export(export.parent / "earlier", World()), home)
    with killed_at(step):
        land_export(export, home)
    assert (home / SUBMISSION_FILE).exists() is earlier
    [(expected,)] = query_audit(home, "select output_sha256 from latest_runs")
    land_export(withheld, home)
    assert hashlib.sha256((home / SUBMISSION_FILE).read_bytes()).hexdigest() == expected
    assert list_waiting_runs(home) == []


@pytest.mark.parametrize("step", STEPS[: STEPS.index("committed")])
@pytest.mark.parametrize("earlier", [False, True])
def test_what_was_not_committed_is_cleared_and_nothing_of_it_is_landed(
    export: Path, home: Path, step: Step, earlier: bool
) -> None:
    if earlier:
        land_export(write_export(export.parent / "earlier", World()), home)
    before = (home / SUBMISSION_FILE).read_bytes() if earlier else None
    with killed_at(step):
        land_export(export, home)
    assert len(list_waiting_runs(home)) == 1
    with locked_home(home):
        assert list_waiting_runs(home) == []
    assert query_audit(home, "select count(*) from runs") == [(int(earlier),)]
    assert ((home / SUBMISSION_FILE).read_bytes() if (home / SUBMISSION_FILE).exists() else None) == before


@pytest.mark.parametrize("step", STEPS[: STEPS.index("committed")])
def test_a_failure_before_the_commit_leaves_no_trace(export: Path, home: Path, step: Step) -> None:
    with pytest.raises(RuntimeError), stopped_at(step, RuntimeError()):
        land_export(export, home)
    assert list_waiting_runs(home) == []
    assert query_audit(home, "select count(*) from runs") == [(0,)]
    assert not list((home / "submissions").rglob("*.csv"))


def test_a_move_that_fails_leaves_the_file_for_the_next_run(export: Path, withheld: Path, home: Path) -> None:
    with pytest.raises(Killed), stopped_at("move the file", Killed()):
        land_export(export, home)
    assert query_audit(home, "select status from runs") == [("landed",)]
    land_export(withheld, home)
    assert (home / SUBMISSION_FILE).exists()


def test_a_failed_run_is_marked_and_replaces_no_other_run(export: Path, home: Path) -> None:
    land_export(export, home)
    first = (home / SUBMISSION_FILE).read_bytes()
    run_id = record_failure(build_request(export, home), "it failed", STARTED_AT)
    assert query_audit(home, "select run_id, status, failure, rows_sent from runs where status = 'failed'") == [
        (run_id, "failed", "it failed", 0)
    ]
    assert query_audit(home, "select run_id from latest_runs") == [("L0001-2023-04-1",)]
    assert (home / SUBMISSION_FILE).read_bytes() == first


def test_another_month_is_another_file(export: Path, home: Path) -> None:
    land_export(export, home)
    later = land_export(export, home, "2023-05")
    assert later.output_path == home / "submissions/L0001/L0001-20230501-20230531-TREAT-IN-R.csv"
    assert (home / SUBMISSION_FILE).exists()


def test_the_format_of_the_file_is_a_setting(export: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    form = replace(load_file_format(), name="{agency}{last_day:%y%m}.csv", date_format="%d/%m/%Y", delimiter=";")
    form = replace(form, quoting="always", line_end="\n")
    store_format(home, form)
    path = land_export(export, home).output_path
    assert path == home / "submissions/L0001/L00012304.csv"
    content = path.read_text(encoding="utf-8")
    assert content.startswith('"CLIENTID";"FINITIAL"')
    assert '"10/01/2023"' in content and "2023-01-10" not in content
    assert "\r" not in content


def test_a_home_that_is_held_is_refused(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home_module, "_LOCK_SECONDS", 0)
    with FileLock(home / ".lock"), pytest.raises(InputRefused, match="has locked this home"), locked_home(home):
        raise AssertionError("it was held")


def test_who_waits_for_a_home_learns_who_holds_it(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
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
