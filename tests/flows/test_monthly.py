"""The month of all agencies: which submissions there are, and where each of them reads its export."""

from pathlib import Path

import pytest

from flows.sources.request import SubmissionOptions, build_request
from flows.support.errors import InputRefused
from tests.rules.world import World
from tests.support.exports import write_export
from tests.support.homes import make_small_home


def list_of_april(source: Path, home: Path) -> list[SubmissionOptions]:
    """The submissions of April 2023."""
    from flows.monthly import list_submissions

    return list_submissions(SubmissionOptions(str(source), "2023-04", home=str(home)), [])


@pytest.mark.parametrize("folder", ["L0001/2023-04", "2023-04"])
def test_each_month_of_a_directory_of_exports_is_read_from_its_own(tmp_path: Path, folder: str) -> None:
    home = make_small_home(tmp_path / "home")
    export = tmp_path / "exports" / folder
    export.mkdir(parents=True)
    write_export(export, World())
    [april] = list_of_april(tmp_path / "exports", home)
    assert april.agency == "L0001"
    assert str(build_request(april).folder) == str(export)


def test_an_export_without_an_agency_has_a_submission_that_says_so(tmp_path: Path) -> None:
    home = make_small_home(tmp_path / "home")
    export = write_export(tmp_path / "export", World(edit={"AGNCY": "?"}))
    [april] = list_of_april(export, home)
    assert april.agency is None


@pytest.mark.parametrize("given", [{"corrects": "L0001-2023-04-1"}, {"corrections": "corrected"}])
def test_corrections_need_the_run_that_they_correct(tmp_path: Path, given: dict[str, str]) -> None:
    from flows.submission import submission

    with pytest.raises(InputRefused, match="corrects and corrections are used together"):
        submission.fn(str(write_export(tmp_path / "export", World())), "2023-04", home=str(tmp_path), **given)
