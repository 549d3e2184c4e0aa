"""A rule explained: in words, and clause by clause for one record of a run."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.reports import explain as explanation
from flows.reports.explain import RecordKey, explain_rule
from flows.support.errors import InputRefused
from schemas.dataset import ENTITIES
from schemas.rule import Rule, RuleInfo
from schemas.rules.catalogue import list_record_rules, list_rules
from tests.rules.world import World
from tests.support.exports import TWO_CLIENTS, write_export
from tests.support.homes import make_small_home
from tests.support.runs import land_export

APRIL, MAY = "L0001-2023-04-1", "L0001-2023-05-1"
NO_CONSENT = World(edit={"CONSENT": "N"})
WORLDS = (*TWO_CLIENTS, NO_CONSENT, World(edit={"DISD": "2023-03-01", "HOUSING": "palace"}))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("explanation")
    home = make_small_home(folder / "home")
    export = write_export(folder / "export", *WORLDS)
    land_export(export, home)
    land_export(export, home, "2023-05")
    return home


def reported(home: Path, rule: str, entity: str, line: int, run: str = APRIL) -> str:
    return explain_rule(rule, RecordKey(run, entity, line), home)


@pytest.mark.parametrize("rule", list_rules(), ids=lambda rule: rule.name)
def test_every_rule_is_explained_in_words(rule: RuleInfo, tmp_path: Path) -> None:
    title, _, requirement, _, *lines = explain_rule(rule.name, None, tmp_path).split("\n")
    sentences = rule.sentences.fill_in(shrink_share="50% (the setting shrink_share)")
    assert (title, requirement) == (rule.name, sentences.requirement)
    looks_at = "the whole file" if rule.entity == "file" else f"{rule.entity} records"
    parts = [f": {sentences.fault}", f": {sentences.fix}", f": {rule.severity} (", f": {looks_at}"]
    if isinstance(rule, Rule):
        parts += [f": {rule.statement.applies.words()}", f": {rule.statement.holds.words()}"]
    parts += [f": {rule.section} ({rule.basis})", "Fixed by: ", f": `{rule.source}`"]
    assert len(lines) == len(parts)
    for part, line in zip(parts, lines, strict=True):
        assert part in line


def test_who_corrects_a_finding_differs_by_owner(tmp_path: Path) -> None:
    owners = {rule.owner: explain_rule(rule.name, None, tmp_path).split("\n")[-1] for rule in list_rules()}
    assert len(owners) == len(set(owners.values())) == 3


def test_a_breach_shows_which_clause_failed_and_no_private_value(home: Path) -> None:
    text = reported(home, "DOB.date", "client", 3)
    assert "The client record on line 3:" in text
    assert "  applies: true" in text
    assert "  holds: false" in text
    assert "[DOB=***]" in text
    assert "31/02/1980" not in text


def test_a_value_that_is_not_private_is_shown(home: Path) -> None:
    text = reported(home, "HOUSING.code", "episode", 5)
    assert "'palace'" in text
    assert "holds: false" in text


def test_blank_and_no_answer_are_reported(home: Path) -> None:
    text = reported(home, "HOUSING.code", "episode", 2)
    assert "holds: true" in text
    assert "blank" in reported(home, "DISD.date", "episode", 2)


def test_a_record_out_of_play_is_reported(home: Path) -> None:
    assert "is not in play" in reported(home, "TRIAGED.required", "episode", 4)
    assert "holds: false" in reported(home, "CONSENT.given", "episode", 4)


def test_a_rule_against_the_last_submission(home: Path) -> None:
    name = next(rule.name for rule in list_record_rules() if rule.stage == "history" and rule.entity == "client")
    assert "was not in the previous submission" in reported(home, name, "client", 2)
    assert "holds: true" in reported(home, name, "client", 2, MAY)


EXPLAINED_ALONE = [rule for rule in list_record_rules() if rule.stage != "dropped"]


@pytest.mark.parametrize("entity", ENTITIES)
def test_every_rule_can_be_explained_for_a_record(home: Path, entity: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The export is judged once for all rules; it is what `explained` reads again each time."""
    examined = explanation._apply_rules_again(RecordKey(MAY, entity, 2), home)
    monkeypatch.setattr(explanation, "_apply_rules_again", lambda *_: examined)
    for rule in _of(entity):
        text = reported(home, rule.name, entity, 2, MAY)
        assert "record on line 2" in text, rule.name


def _of(entity: str) -> Iterator[Rule]:
    return (rule for rule in EXPLAINED_ALONE if entity in (rule.entity, rule.also))


@pytest.mark.parametrize(("rule", "entity"), [("EPISODID.dropped", "episode"), ("MODID.dropped", "intervention")])
def test_a_rule_of_what_is_not_there_is_refused_for_a_record(home: Path, rule: str, entity: str) -> None:
    with pytest.raises(InputRefused):
        reported(home, rule, entity, 2, MAY)


@pytest.mark.parametrize(
    ("rule", "asked", "shown"),
    [
        ("NO.rule", None, "NO.rule: no such rule; `ndtms rules` lists all rules"),
        (
            "HOUSING.nothing",
            None,
            "HOUSING.nothing: no such rule; the rules of this field are HOUSING.blank, HOUSING.changed, HOUSING.code",
        ),
        ("HOUSING.code", RecordKey(APRIL, "client", 2), "--entity is 'client', but HOUSING.code checks"),
        ("FILE.empty", RecordKey(APRIL, "client", 2), "--entity is 'client', but FILE.empty checks file records"),
        ("HOUSING.code", RecordKey("x", "episode", 2), "--run is 'x'; there is no such run"),
        ("HOUSING.code", RecordKey(APRIL, "episode", 1), "--line is 1, but no episode record starts on that line"),
        ("HOUSING.code", RecordKey(APRIL, "episode", 99), "--line is 99, but no episode record starts on that line"),
    ],
)  # fmt: skip
def test_what_is_refused(home: Path, rule: str, asked: RecordKey | None, shown: str) -> None:
    with pytest.raises(InputRefused) as caught:
        explain_rule(rule, asked, home)
    assert str(caught.value).startswith(shown)


def test_an_export_that_changed_cannot_be_explained(tmp_path: Path) -> None:
    home = make_small_home(tmp_path / "home")
    export = write_export(tmp_path / "export", World())
    land_export(export, home)
    write_export(export, World(edit={"HOUSING": "2"}))
    with pytest.raises(InputRefused, match=r"episodes\.csv changed since the run L0001-2023-04-1"):
        reported(home, "HOUSING.code", "episode", 2)
