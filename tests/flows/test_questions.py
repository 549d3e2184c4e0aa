"""Each question that `ndtms ask` knows is answered for the example, for one month and for all."""

from pathlib import Path

import pytest

from flows.audit.queries import Filters
from flows.audit.questions import ask, list_questions
from tests.rules.world import World
from tests.support.command import Command
from tests.support.exports import write_export
from tests.support.homes import make_small_home
from tests.support.runs import land_export

FAULTY = World(edit={"DOB": "31/02/1980", "RELIGION": "Jedi"}, interventions=({"MODID": "N@"},))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("questions")
    home = make_small_home(folder / "home")
    resolved = World(edit={"HOUSING": "99"})
    land_export(write_export(folder / "april", World(), FAULTY, World(), resolved), home, "2023-04")
    may = (World(), FAULTY, World(edit={"CONSENT": "N"}), World(edit={"HOUSING": ""}), World(edit={"SEX": ""}))
    land_export(write_export(folder / "may", *may), home, "2023-05")
    return home


@pytest.mark.parametrize("name", list_questions())
def test_a_question_is_answered(home: Path, name: str) -> None:
    everything, may = ask(home, name, Filters()), ask(home, name, Filters("L0001", "2023-05"))
    assert everything.is_empty() is (name == "changed-inputs")
    assert set(may["period"]) <= {"2023-05"}
    assert may.rows() == [row for row in everything.rows(named=False) if "2023-05" in row]
    assert ask(home, name, Filters("L0002")).is_empty()


def test_rows_lost_by_owner_adds_up(home: Path) -> None:
    [row] = ask(home, "rows-lost-by-owner", Filters("L0001", "2023-04")).rows(named=True)
    assert (row["owner"], row["interventions"]) == ("entry", 2)


def test_without_a_name_the_questions_are_listed(ndtms: Command) -> None:
    ran = ndtms("ask", "--format", "csv")
    assert (ran.code, ran.out.splitlines()[0]) == (0, "name,question")
    assert len(ran.out.splitlines()) == 1 + len(list_questions())
    assert all(question.endswith("?") for question in list_questions().values())
