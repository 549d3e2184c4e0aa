"""What a run is compared with: shrunk files that are accepted, changes since the run before, days to judge by."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows.audit.compare import compare_runs
from flows.cli import build_app
from flows.pipeline.assess import load_reference_inputs
from flows.support.errors import InputRefused
from tests.rules.world import World
from tests.support.exports import write_export
from tests.support.homes import query_audit
from tests.support.requests import submission_request
from tests.support.runs import assess_request, build_request, land_export

pytestmark = pytest.mark.slow

run_command = CliRunner()


def check(export: Path, home: Path, *more: str) -> "tuple[int, str]":
    options = ["--source", str(export), "--agency", "L0001", "--extracted-on", "2023-06-01", "--home", str(home)]
    done = run_command.invoke(build_app(), ["check", "--period", "2023-05", *options, *more])
    return done.exit_code, done.output


def test_a_shrunk_file_is_landed_with_a_reason_alone(export: Path, home: Path, tmp_path: Path) -> None:
    land_export(write_export(tmp_path / "many", *(World() for _ in range(9))), home)
    assert check(export, home)[0] == 3
    code, shown = check(export, home, "--accept-shrunk", "a wing was closed")
    assert (code, "would be landed" in shown) == (0, True)
    with pytest.raises(InputRefused, match="--accept-shrunk is empty; give a reason"):
        submission_request(str(export), "2023-05", home=home, accept_shrunk=" ")


def test_the_reason_is_kept(export: Path, home: Path) -> None:
    from datetime import UTC, datetime

    from flows.landing.commit import land
    from flows.landing.home import locked_home

    request = submission_request(
        str(export), "2023-04", agency="L0001", extracted_on="2023-05-03", home=home, accept_shrunk="a wing was closed"
    )
    with locked_home(home):
        land(assess_request(request), datetime(2023, 5, 3, tzinfo=UTC))
    assert query_audit(home, "select shrink_accepted from runs") == [("a wing was closed",)]


def test_the_summary_opens_with_what_changed(export: Path, home: Path, tmp_path: Path) -> None:
    assert "first run" in check(export, home)[1].splitlines()[1]
    land_export(export, home)
    repaired = write_export(tmp_path / "repaired", World(interventions=({"MODID": "N@"},)), World(edit={"SEX": "Q"}))
    assert check(repaired, home)[1].splitlines()[1] == "Nothing dropped out since the last submission, L0001-2023-04-1"
    line = check(repaired, home)[1].splitlines()[2]
    assert line.startswith("Findings since L0001-2023-04-1: ")
    [found] = assess_request(build_request(repaired, home, "2023-05")).submission.changes
    new, persisting, resolved = (sum(of.values()) for of in (found.new, found.persisting, found.resolved))
    assert (new > 0, resolved > 0) == (True, True)
    land_export(repaired, home, "2023-05")
    counted = "select state, count(*) from changes where run_id = 'L0001-2023-05-1' group by all order by all"
    states = {str(state): number for state, number in query_audit(home, counted)}
    assert (states["new"], states["resolved"], states.get("persisting", 0)) == (new, resolved, persisting)


def test_a_run_again_is_compared_with_the_run_it_replaces(export: Path, home: Path, tmp_path: Path) -> None:
    land_export(export, home)
    land_export(export, home, "2023-05")
    land_export(write_export(tmp_path / "repaired", World(), World()), home)
    states = "select distinct state from changes where run_id = 'L0001-2023-04-2'"
    assert ("resolved",) in query_audit(home, states)
    assert query_audit(home, "select count(*) from changes where run_id = 'L0001-2023-04-1' and state <> 'new'") == [
        (0,)
    ]


def test_a_month_is_judged_by_its_time_or_by_the_day_asked_for(export: Path, home: Path) -> None:
    def utla_of(as_of: str | None) -> str:
        request = submission_request(str(export), "2022-04", agency="L0001", home=home, as_of=as_of)
        return str(load_reference_inputs(request).build_geography(request).recodings)

    assert utla_of(None) == utla_of("2022-04-30") != utla_of("2023-04-30")
    with pytest.raises(InputRefused, match="--as-of is 'soon'"):
        submission_request(str(export), "2022-04", home=home, as_of="soon")


def test_comparing_two_runs_shows_what_moved_and_why(export: Path, home: Path, tmp_path: Path) -> None:
    land_export(export, home)
    land_export(write_export(export, World()), home)
    reported = compare_runs(home, "L0001-2023-04-1", "L0001-2023-04-2")
    assert reported["about"].unique(maintain_order=True).to_list() == ["input", "outcome", "rule", "field"]
    what = reported["what"].to_list()
    assert "input clients.csv" in what
    assert "rules" not in what
    assert reported.filter(reported["what"] == "client sent")["before"].to_list() == []
    with pytest.raises(InputRefused, match="there is no such run"):
        compare_runs(home, "L0001-2023-04-1", "L9")
