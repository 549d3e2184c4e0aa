"""The program's own judgement of an export: `flows.pipeline.assess` over files, with some rules alone for speed."""

import csv
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import polars as pl

from flows.landing.submission_file import format_submission
from flows.pipeline.assess import Assessment, ReferenceInputs, assess, read_export
from flows.pipeline.settings import Settings
from flows.reference.in_force import Reference, reference_in_force
from flows.reference.postcode_directory import write_packed
from schemas.code_lists import Code, CodeList, CodeLists, Status
from schemas.dataset import ENTITIES, TABLE
from schemas.rules.catalogue import list_record_rules
from schemas.submission_file import load_file_format
from tests.property.exports import Tables
from tests.property.plain_records import ID_OF, Lists, PlainList
from tests.support.requests import submission_request
from transforms.inputs import Previous
from transforms.link.previous import LastSubmission

PERIOD, EXTRACTED_ON = "2023-04", "2023-05-03"
NO_POSTCODES = pl.DataFrame(schema={"sector": pl.String, "unit": pl.String, "authority": pl.String})
STATUSES: Mapping[str, Status] = {"published": "published", "provisional": "provisional", "partial": "partial"}


@dataclass(frozen=True)
class Judgement:
    """What the program found of an export, by entity, row and rule, and what it would land."""

    assessment: Assessment

    @property
    def findings(self) -> set[tuple[str, int, str]]:
        """The findings that have a record."""
        found = self.assessment.submission.findings.filter(pl.col("row").is_not_null())
        return set(found.select("entity", "row", "rule").iter_rows())

    @property
    def findings_without_record(self) -> set[tuple[str, str | None, str | None]]:
        """Rule, EPISODID and MODID of what was sent last and is not there now."""
        gone = self.assessment.submission.findings.filter(pl.col("row").is_null() & (pl.col("entity") != "file"))
        return set(gone.select("rule", "episode_id", "intervention_id").iter_rows())

    @property
    def outcomes(self) -> dict[tuple[str, int], str]:
        submission = self.assessment.submission
        reported = submission.outcomes.select("entity", "row", "outcome")
        sent = {(str(entity), row): "sent" for entity, of in submission.sent.items() for row in of["row"]}
        return sent | {(entity, row): outcome for entity, row, outcome in reported.iter_rows()}

    @property
    def without_answer(self) -> dict[str, int]:
        """How many records each rule had no answer for."""
        counts = self.assessment.submission.rules.select("rule", "errored").drop_nulls()
        return {rule: errored for rule, errored in counts.iter_rows() if errored}

    @property
    def submission(self) -> bytes:
        """The bytes of the submission file."""
        return b"".join(format_submission(self.assessment.submission.rows, load_file_format()))

    def as_last(self) -> LastSubmission:
        """This submission as the next month finds it in the audit."""
        sent = self.assessment.submission.sent
        clients = sent["client"].select("CLIENTID", parent_row="row")
        episodes = sent["episode"].join(clients, on="parent_row", maintain_order="left")
        parents = episodes.select("EPISODID", "CLIENTID", parent_row="row")
        interventions = sent["intervention"].join(parents, on="parent_row", maintain_order="left")
        return LastSubmission(
            "L0001-2023-03-1",
            date(2023, 3, 31),
            len(interventions),
            "",
            sent["client"].drop("row"),
            episodes.drop("row", "parent_row"),
            interventions.drop("row", "parent_row"),
        )


def judge_tables(
    tables: Tables,
    lists: Lists,
    agency: str | None,
    rules: Collection[str] | None,
    last: LastSubmission | None = None,
) -> Judgement:
    """Reads and judges an export with these rules; None is all of them."""
    asked = tuple(rule for rule in list_record_rules() if rules is None or rule.name in rules)
    with TemporaryDirectory() as name, patch("transforms.pipeline.list_record_rules", lambda: asked):
        folder = Path(name)
        write_tables(tables, folder)
        request = submission_request(
            str(folder), PERIOD, agency=agency, extracted_on=EXTRACTED_ON, home=folder / "home"
        )
        code_lists = lists_of(lists)
        reference = replace(_reference(), lists=code_lists, directory_path=folder / "postcodes.parquet")
        write_packed(NO_POSTCODES, reference.directory_path, "no release")
        inputs = ReferenceInputs(reference, Settings(), code_lists.on(request.period.last_day))
        return Judgement(assess(request, inputs, read_export(request, inputs), Previous(last)))


@cache
def _reference() -> Reference:
    return reference_in_force(Path("/nonexistent"))


def lists_of(lists: Lists) -> CodeLists:
    return CodeLists(
        {
            name: CodeList(name, STATUSES[code_list.status], codes=tuple(_code(code_list, *row) for row in code_list.rows))
            for name, code_list in lists.items()
        }
    )


def _code(code_list: PlainList, code: str, label: str, concept: str) -> Code:
    return Code(code, label, concept, aliases=code_list.aliases.get(code, ()))


def write_tables(tables: Tables, folder: Path) -> None:
    """The three files of a plain export."""
    for entity in ENTITIES:
        rows = tables[entity]
        with (folder / f"{TABLE[entity]}.csv").open("w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, list(rows[0]) if rows else [ID_OF[entity]])
            writer.writeheader()
            writer.writerows(rows)
