"""The program's own judgement of an export: `flows.pipeline.assess` over files, with some rules alone for speed."""

import csv
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import polars as pl

from flows.landing.submission_file import format_submission
from flows.pipeline.assess import Assessment, ReferenceInputs, assess, read_export
from flows.pipeline.settings import Settings
from flows.reference.in_force import Reference, load_reference_in_force
from flows.reference.packed_directory import write_packed
from schemas.code_lists import Code, CodeList, CodeLists, Status
from schemas.dataset import ENTITIES, TABLE
from schemas.period import Period
from schemas.rules.catalogue import list_record_rules
from schemas.submission_file import load_file_format
from tests.property.exports import Tables
from tests.property.plain_records import ID_OF, Lists, PlainList
from tests.support.requests import submission_request
from transforms.inputs import Previous
from transforms.link.previous import LastSubmission

PERSON = ("FINITIAL", "SINITIAL", "DOB", "SEX")
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

    def frames(self, month: str) -> dict[str, pl.DataFrame]:
        """What was sent of each entity, with the ids of the parents."""
        sent = self.assessment.submission.sent
        clients = sent["client"].select("CLIENTID", *PERSON, parent_row="row")
        episodes = sent["episode"].join(clients, on="parent_row", maintain_order="left")
        parents = episodes.select("EPISODID", "CLIENTID", parent_row="row")
        interventions = sent["intervention"].join(parents, on="parent_row", maintain_order="left")
        found = {"client": sent["client"], "episode": episodes, "intervention": interventions}
        return {
            entity: of.drop("row", "parent_row", strict=False).with_columns(period=pl.lit(month))
            for entity, of in found.items()
        }


def last_submission(judgements: Sequence[Judgement]) -> LastSubmission:
    """What these submissions of successive months, oldest first, are to the month after them: as the audit has it."""
    months = [f"2023-{4 - back:02}" for back in range(len(judgements), 0, -1)]
    frames = [judgement.frames(month) for judgement, month in zip(judgements, months, strict=True)]
    latest, period = frames[-1], Period.parse(months[-1])
    of_record = {
        entity: pl.concat([of[entity] for of in frames]).unique(ID_OF[entity], keep="last", maintain_order=True)
        for entity in ENTITIES
    }
    all_interventions = pl.concat([of["intervention"] for of in frames])
    last_period = of_record["episode"].select("EPISODID", "period")
    return LastSubmission(
        f"L0001-{period}-1",
        period.last_day,
        len(latest["intervention"]),
        "",
        of_record["client"],
        of_record["episode"].drop(PERSON),
        of_record["intervention"].drop("CLIENTID"),
        all_interventions.join(last_period, on=["EPISODID", "period"], maintain_order="left").select(
            "EPISODID", "MODID", "MODEND"
        ),
        all_interventions.select("MODID", "period"),
        latest["episode"].select("CLIENTID", "EPISODID", *PERSON, "RECPDT", "TRIAGED"),
        latest["intervention"].select("CLIENTID", "EPISODID", "MODID"),
    )


def judge_tables(
    tables: Tables,
    lists: Lists,
    agency: str | None,
    rules: Collection[str] | None,
    previous: Previous | None = None,
    settings: Settings | None = None,
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
        inputs = ReferenceInputs(reference, settings or Settings(), code_lists.on(request.period.last_day))
        return Judgement(assess(request, inputs, read_export(request, inputs), previous or Previous()))


@cache
def _reference() -> Reference:
    return load_reference_in_force(Path("/nonexistent"))


def lists_of(lists: Lists) -> CodeLists:
    return CodeLists(
        {
            name: CodeList(
                name, STATUSES[code_list.status], codes=tuple(_code(code_list, *row) for row in code_list.rows)
            )
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
