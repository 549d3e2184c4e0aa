"""Defines what a submission is built from: the export, the reference data and settings, and earlier submissions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from schemas.code_lists import CodeLists
from schemas.conditions.condition import RuleContext
from schemas.dataset import ENTITIES, ID_FIELD, Entity
from schemas.period import Period
from schemas.rule import Severity
from transforms.link.linkage import Records
from transforms.link.previous import LastSubmission, find_same_areas, find_same_concepts
from transforms.parse.fields import ParseOptions


@dataclass(frozen=True)
class RowCount:
    """The rows of one file of an export, before they became records.

    `join` is the name of the join where it is a joined file. Of the `read` rows, the mapping's filter removed
    `removed`; None without a filter. `without_match` are the rows of the table that found no row of a joined file.
    """

    name: str
    read: int
    removed: int | None
    join: str = ""
    without_match: int = 0


@dataclass(frozen=True)
class CorrectedTable:
    """How many corrected records a file or table has, how many replace a record, and how many equal theirs."""

    name: str
    records: int
    replacing: int
    unchanged: int


@dataclass(frozen=True)
class Export:
    """One export: its records as cleaned text, and what was found while it was read.

    `records` have `source_file`, `source_line` and `is_exact_repeat`; `readings` are the parse options for each
    table's dates and codes; `read` is the number of records per entity; `agencies` are the well-formed agencies of the
    client and episode records; `digests` are the SHA-256 of the files that were read; `corrected` are the tables of
    corrected records; `row_counts` are the rows of its files, by entity.
    """

    records: Records
    readings: Mapping[Entity, ParseOptions]
    read: Mapping[Entity, int]
    agencies: tuple[str, ...]
    removed_columns: tuple[str, ...]
    unknown_columns: tuple[str, ...]
    unknown_postcodes: pl.DataFrame
    digests: Mapping[str, str]
    corrected: tuple[CorrectedTable, ...] = ()
    row_counts: Mapping[Entity, tuple[RowCount, ...]] = field(default_factory=dict)

    @property
    def ids(self) -> dict[Entity, pl.Series]:
        """The ids of the records, by entity."""
        return {entity: self.records[entity][ID_FIELD[entity]] for entity in ENTITIES}

    def choose_agency(self, asked: str | None) -> str | None:
        """Returns the agency asked for, otherwise the only one of the export; None if there is no single one."""
        # Records of other agencies are out of scope if an agency was requested.
        return asked or (self.agencies[0] if len(self.agencies) == 1 else None)


@dataclass(frozen=True)
class PreviousRun:
    """An earlier run of the agency: its id, and its findings with the columns that `compare_findings` compares."""

    run_id: str
    findings: pl.DataFrame


@dataclass(frozen=True)
class Previous:
    """The agency's previous submission and runs, and the last agency of episodes that others sent (by EPISODID).

    `run` is the previous run of this month, and `month` the latest run of the latest month before it.
    """

    last: LastSubmission | None = None
    agency_of: Mapping[str, str] = field(default_factory=dict)
    run: PreviousRun | None = None
    month: PreviousRun | None = None

    def find_moved(self, episode_ids: pl.Series) -> Sequence[tuple[str, str]]:
        """Returns those of these episodes that another agency sent last, with that agency, in order."""
        moved = pl.Series(list(self.agency_of), dtype=pl.String)
        # Sorted, so that the digest does not depend on the order of the records.
        episodes = episode_ids.filter(episode_ids.is_in(moved.implode())).unique().sort()
        return [(episode, self.agency_of[episode]) for episode in episodes]


@dataclass(frozen=True)
class Inputs:
    """The reference data and settings that a submission is built with.

    `judged_on` is the day whose rules and code lists apply; `lists` are the code lists as valid on that day and
    `all_lists` those with the codes of all days; `recoded` are the authorities whose code changed. `severities` are the
    rules whose severity a setting changes, `held_back` the severities that hold a record back, `accepted` the rules of
    the file that do not block this submission. `judged_as_of` is None if each month is judged by what was in force at
    its time. `fingerprint_key` is for the hashes of masked ids.
    """

    agency_asked: str | None
    period: Period
    extracted_on: date
    judged_on: date
    lists: CodeLists
    all_lists: CodeLists
    recoded: pl.DataFrame
    severities: Mapping[str, Severity] = field(default_factory=dict)
    held_back: frozenset[Severity] = frozenset({"reject"})
    shrink_share: float = 0.5
    accepted: frozenset[str] = frozenset()
    judged_as_of: date | None = None
    fingerprint_key: bytes = field(default=b"", repr=False)

    def build_context(self, last: LastSubmission | None) -> RuleContext:
        """Returns what rules need in addition to the records, given the agency's previous submission."""
        lists_then = self.all_lists.on(self.judged_as_of) if self.judged_as_of else self.all_lists
        return RuleContext(
            self.extracted_on,
            self.lists,
            find_same_areas(self.recoded, self.all_lists),
            find_same_concepts(self.recoded),
            # With --as-of, both submissions are read with the lists of that day.
            lists_then=lists_then if last else None,
            judged_as_of=self.judged_as_of,
        )
