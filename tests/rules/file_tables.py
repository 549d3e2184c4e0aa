"""The tables of the rules of the whole file: what is known of a submission, and what they find."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from schemas.rule_registry import FileFacts, FileRule
from tests.rules.case import SITUATIONS, Situation
from tests.rules.judging import AGENCY, context_of, tied_records
from tests.rules.world import World
from transforms.link.linkage import find_well_formed_agencies


@dataclass(frozen=True)
class FileCase:
    """What a rule must find, each as its text and the episode it is about."""

    rule: str
    situation: Situation
    name: str
    facts: FileFacts
    found: tuple[tuple[str, str | None], ...] = ()

    def is_met_by(self, rule: FileRule) -> bool:
        """Whether the rule finds just this."""
        return tuple((finding.found, finding.episode_id) for finding in rule.find(self.facts)) == self.found


def facts(
    agencies: tuple[str, ...] = (AGENCY,),
    asked: str | None = None,
    removed: tuple[str, ...] = (),
    rows: int = 100,
    last: int | None = None,
    share: float = 0.5,
    of_episodes: tuple[str, ...] = (),
    episodes: int = 100,
    has_day: bool = True,
    early: str = "",
) -> FileFacts:
    """What is known of a submission; the agencies are those of clients and episodes, read as an export's are."""
    worlds = [World({"AGNCY": agency}) for agency in agencies]
    worlds += [World({"AGNCY": AGENCY, "episode.AGNCY": agency}) for agency in of_episodes]
    records = tied_records(worlds, context_of("shipped"))
    return FileFacts(
        agency_asked=asked,
        agencies=find_well_formed_agencies(
            pl.concat([records.client["AGNCY.value"], records.episode["AGNCY.value"]]).to_frame()
        ),
        removed_columns=removed,
        rows_to_send=rows,
        last_rows_sent=last,
        shrink_share=share,
        episodes_in_play=episodes,
        has_day_in_period=has_day,
        extracted_early=early,
    )


_NO_CODE = "nothing that is read here can fail to be understood: "
NEVER: Final[dict[tuple[str, Situation], str]] = {
    ("FILE.empty", "not_understood"): _NO_CODE + "it is a number of rows",
    ("FILE.empty", "not_applicable"): "every submission has a number of rows",
    ("FILE.removed_fields", "not_understood"): _NO_CODE + "a column is removed, known or neither",
    ("FILE.shrunk", "not_understood"): _NO_CODE + "they are numbers of rows",
    ("FILE.stale", "not_understood"): "a date that is not understood is not in a period",
    ("FILE.early", "blank"): "every submission has a day of the extract",
    ("FILE.early", "not_understood"): "a day of the extract that is not a date is refused before",
    ("FILE.early", "not_applicable"): "every submission can be extracted early",
}


@dataclass
class _Table:
    cases: list[FileCase] = field(default_factory=list)

    def add(
        self, rule: str, situation: Situation, known: Callable[[], FileFacts], *found: tuple[str, str | None]
    ) -> None:
        number = sum(case.rule == rule and case.situation == situation for case in self.cases) + 1
        name = f"{rule}-{situation}" + (f"-{number}" if number > 1 else "")
        self.cases.append(FileCase(rule, situation, name, known(), found))


def file_cases() -> list[FileCase]:
    """Every situation of every rule of the file."""
    table = _Table()
    rule = "FILE.agencies"
    table.add(rule, "breached", lambda: facts(("L0002", AGENCY)), ("L0001, L0002", None))
    table.add(rule, "breached", lambda: facts((AGENCY, "X9999", AGENCY)), ("L0001, X9999", None))
    table.add(rule, "breached", lambda: facts(of_episodes=("L0002",)), ("L0001, L0002", None))
    table.add(rule, "near_miss", lambda: facts((AGENCY, AGENCY)))
    table.add(rule, "near_miss", lambda: facts(of_episodes=(AGENCY, "", "l0001")))
    table.add(rule, "blank", lambda: facts((AGENCY, "")))
    table.add(rule, "not_understood", lambda: facts((AGENCY, "L2")))
    table.add(rule, "not_applicable", lambda: facts((AGENCY, "L0002"), asked=AGENCY))
    rule = "FILE.empty"
    table.add(rule, "breached", lambda: facts(rows=0), ("0 rows", None))
    table.add(rule, "near_miss", lambda: facts(rows=1))
    table.add(rule, "blank", lambda: facts((), rows=0), ("0 rows", None))
    rule = "FILE.removed_fields"
    removed = ("clients.csv: ALCTREAT", "episodes.csv: GOAL")
    table.add(rule, "breached", lambda: facts(removed=removed[:1]), (removed[0], None))
    table.add(rule, "breached", lambda: facts(removed=removed), (removed[0], None), (removed[1], None))
    table.add(rule, "near_miss", lambda: facts(removed=()))
    table.add(rule, "blank", lambda: facts(()))
    table.add(rule, "not_applicable", lambda: facts(removed=()))
    rule = "FILE.shrunk"
    table.add(rule, "breached", lambda: facts(rows=49, last=100), ("49 rows, 100 in the last submission", None))
    table.add(rule, "breached", lambda: facts(rows=50, last=101), ("50 rows, 101 in the last submission", None))
    table.add(
        rule, "breached", lambda: facts(rows=89, last=100, share=0.9), ("89 rows, 100 in the last submission", None)
    )
    table.add(rule, "near_miss", lambda: facts(rows=50, last=100))
    table.add(rule, "near_miss", lambda: facts(rows=90, last=100, share=0.9))
    table.add(rule, "near_miss", lambda: facts(rows=20, last=100, share=0.2))
    table.add(rule, "blank", lambda: facts(rows=0, last=0))
    table.add(rule, "not_applicable", lambda: facts(rows=1, last=None))
    rule = "FILE.stale"
    table.add(rule, "breached", lambda: facts(episodes=30, has_day=False), ("30 episodes", None))
    table.add(rule, "breached", lambda: facts(episodes=31, has_day=False), ("31 episodes", None))
    table.add(rule, "near_miss", lambda: facts(episodes=29, has_day=False))
    table.add(rule, "near_miss", lambda: facts(episodes=30, has_day=True))
    table.add(rule, "blank", lambda: facts((), episodes=0, has_day=False))
    table.add(rule, "not_applicable", lambda: facts(episodes=29, has_day=False))
    rule = "FILE.early"
    table.add(rule, "breached", lambda: facts(early="2023-04-29"), ("2023-04-29", None))
    table.add(rule, "near_miss", lambda: facts(early=""))
    return table.cases


def situations_missing(cases: list[FileCase]) -> set[tuple[str, Situation]]:
    """Situations of a rule of the file with neither a case nor a reason."""
    rules = {case.rule for case in cases}
    there = {(case.rule, case.situation) for case in cases} | set(NEVER)
    return {(rule, situation) for rule in rules for situation in SITUATIONS} - there
