"""Defines where a field's values are in an export, and the proposals of such places."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import polars as pl

from flows.intake.draft.judge import judge_values
from flows.intake.draft.keys import Keys
from flows.intake.draft.phrases import Match, find_matches
from flows.intake.draft.source_tables import SourceTable
from flows.intake.draft.values import Judgement
from flows.intake.draft.words import Words, has_abbreviation
from schemas.code_lists import CodeLists
from schemas.dataset import Entity

# How a table relates to the table of an entity: it is the table itself, has one row for each of its rows, is a table
# that its rows refer to, or has several rows for each.
Relation = Literal["main", "one", "parent", "many"]


@dataclass(frozen=True)
class Place:
    """Holds where a field's values are: a column, perhaps of certain rows only, or a part of a list in one text.

    `only` names the columns and values of the rows, such as ("question", "consent"). `through` is the reference column
    of another table whose rows the place describes: `sites.name` through `patients.site_id`.
    """

    table: str
    column: str
    only: tuple[tuple[str, str], ...] = ()
    part: int | None = None
    separator: str = ""
    through: tuple[str, str] | None = None
    # What a code in `only` means in its list of questions.
    meaning: str = ""

    def __str__(self) -> str:
        """Returns the place as text for comments and tests."""
        rows = "".join(
            f"[{column}={(self.meaning if number == 0 else '') or value}]"
            for number, (column, value) in enumerate(self.only)
        )
        return f"{self.table}.{self.column}{rows}"


@dataclass(frozen=True)
class Candidate:
    """Holds a place that may feed a field, and the evidence."""

    header: str
    place: Place
    relation: Relation
    match: Match | None
    judgement: Judgement
    reason: str

    @property
    def rank(self) -> tuple[bool, bool, int, bool]:
        """Returns what orders the candidates of one field, the best last."""
        close = {"main": 3, "one": 3, "parent": 2, "many": 1}[self.relation]
        is_exact = self.match is not None and self.match.is_exact
        return (is_exact, self.match is not None and not self.match.is_weak, close, self.judgement.is_support)


@dataclass(frozen=True)
class Export:
    """Holds the tables of an export by name, their keys, and the code lists."""

    tables: Mapping[str, SourceTable]
    keys: Keys
    lists: CodeLists
    judged: dict[tuple[str, str, str], Judgement] = field(default_factory=dict)
    found: dict[tuple[str, str, str], list["Candidate"]] = field(default_factory=dict)

    def remember(self, key: tuple[str, str, str], find: Callable[[], Iterable["Candidate"]]) -> list["Candidate"]:
        """Returns the candidates of a table, which are found once."""
        if key not in self.found:
            self.found[key] = list(find())
        return self.found[key]

    def judge(self, place: Place, values: pl.Series, header: str) -> Judgement:
        """Judges the values of a place once for each field."""
        key = (f"{place}{place.through or ''}", str(place.part), header)
        if key not in self.judged:
            self.judged[key] = judge_values(values, header, self.lists)
        return self.judged[key]


def find_candidates(
    export: Export,
    entity: Entity,
    place: Place,
    values: pl.Series,
    own: Words,
    context: Words,
    relation: Relation,
    named: str = "its name",
) -> list[Candidate]:
    """Returns the candidates of a place: the fields that its words match best and its values do not contradict."""
    # A question is written out, and the column of its answers is called the same for all questions.
    needs_support = has_abbreviation(place.meaning or place.only[0][1] if place.only else place.column)
    possible = [
        (match, judgement)
        for match in find_matches(own, context, entity)
        if (judgement := export.judge(place, values, match.header)).is_possible
        and (judgement.is_support or (match.is_exact and not needs_support))
    ]
    return [
        Candidate(match.header, place, relation, match, judgement, f"{named}; {judgement.reason}")
        for match, judgement in possible
        if match.rank == possible[0][0].rank
    ]
