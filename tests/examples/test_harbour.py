"""The example of a normalised database: the files in the repository are what the script makes, with every quirk."""

import csv
import runpy
import tomllib
from collections import Counter
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from flows.intake.export_tables import open_checked_export
from flows.intake.tables import TableSource
from flows.sources.mapping import known_columns
from schemas.dataset import TABLE, Entity
from tests.support.requests import submission_request
from tests.support.runs import assess_request

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "data" / "examples" / "make_harbour.py"
EXPORTS = ROOT / "data" / "examples" / "harbour"
MAPPING = ROOT / "data" / "sources" / "harbour.toml"
MONTHS = ("2023-04", "2023-05")
TABLES = (
    "addresses", "answers", "discharges", "movements", "patients", "referrals", "sites", "substances", "tests",
    "treatments",
)  # fmt: skip
DERIVED = {"client": {"FINITIAL", "SINITIAL"}, "episode": {"CMSID", "UTLA", "AGNCY"}, "intervention": set[str]()}

Rows = list[dict[str, str]]


@pytest.fixture(scope="module")
def mapping() -> dict[str, Any]:
    return tomllib.loads(MAPPING.read_text(encoding="utf-8"))


def read(month: str, table: str) -> Rows:
    with (EXPORTS / month / f"{table}.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle, strict=True))


def read_query(name: str) -> str:
    return (MAPPING.parent / "harbour" / f"{name}.sql").read_text(encoding="utf-8")


def bytes_below(directory: Path) -> dict[str, bytes]:
    return {str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()}


def test_the_script_makes_the_files_of_the_repository(tmp_path: Path) -> None:
    runpy.run_path(str(SCRIPT))["write_months"](tmp_path)
    made, shipped = bytes_below(tmp_path), bytes_below(EXPORTS)
    assert set(made) == set(shipped) == {f"{month}/{table}.csv" for month in MONTHS for table in TABLES}
    assert [name for name, content in shipped.items() if made[name] != content] == []
    assert sum(map(len, shipped.values())) < 700_000


@pytest.mark.parametrize("month", MONTHS)
@pytest.mark.parametrize("table", sorted({*TABLES} - {"answers"}))
def test_an_id_is_in_its_table_once(month: str, table: str) -> None:
    ids = [next(iter(row.values())) for row in read(month, table)]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("table", TABLES)
def test_a_month_continues_the_month_before(table: str) -> None:
    key = 4 if table == "answers" else 1
    first, second = ({tuple(row.values())[:key] for row in read(month, table)} for month in MONTHS)
    assert len(first & second) > 0.98 * len(first)


@pytest.mark.parametrize("month", MONTHS)
def test_rows_that_do_not_count_are_in_the_tables(month: str) -> None:
    patients, referrals = read(month, "patients"), read(month, "referrals")
    assert [row for row in patients if row["is_test"] == "1"]
    merged = {row["patient_id"]: row["merged_into"] for row in patients if row["merged_into"]}
    assert set(merged) & {row["patient_id"] for row in referrals}, "episodes are stored under an old id"
    assert set(merged) & set(merged.values()), "an old id was merged twice"
    assert [row for row in referrals if row["status"] == "Waiting"]
    for table in set(TABLES) - {"sites", "discharges"}:
        assert [row for row in read(month, table) if row["is_deleted"] == "1"], table


@pytest.mark.parametrize("month", MONTHS)
def test_answers_are_repeated_and_blank(month: str) -> None:
    answers = read(month, "answers")
    assert {"", "Not asked", "Unknown"} < {row["value"] for row in answers}
    counts = Counter((row["referral_id"], row["question"]) for row in answers if row["is_deleted"] == "0")
    assert sum(count > 1 for count in counts.values()) > 50


@pytest.mark.parametrize("month", MONTHS)
def test_some_moments_are_on_another_day_in_london(month: str) -> None:
    for table, column in (("movements", "moved_at"), ("referrals", "triaged_at"), ("answers", "answered_at")):
        moments = [datetime.fromisoformat(row[column]) for row in read(month, table) if "T" in row[column]]
        assert [moment for moment in moments if moment.astimezone(ZoneInfo("Europe/London")).date() != moment.date()]


def test_movements_go_on_after_the_month() -> None:
    for month, following in pairwise((*MONTHS, "2023-06")):
        moments = [row["moved_at"] for row in read(month, "movements")]
        assert [moment for moment in moments if moment.startswith(following)]


def test_the_mapping_states_where_the_exports_are(mapping: dict[str, Any]) -> None:
    for month in MONTHS:
        assert (MAPPING.parent / mapping["location"].format(period=month, agency="L0001")).is_dir()


@pytest.mark.parametrize("entity", TABLE)
def test_a_query_has_every_field_but_those_that_are_derived(mapping: dict[str, Any], entity: Entity) -> None:
    assert mapping[TABLE[entity]]["sql"] == f"harbour/{TABLE[entity]}.sql"
    lines = [line.strip().removesuffix(",") for line in read_query(TABLE[entity]).splitlines()]
    named = [line.rpartition(" as ")[2] for line in lines if line.rpartition(" as ")[2].isupper()]
    assert len(set(named)) == len(named)
    assert set(known_columns(entity)) - set(named) == DERIVED[entity]
    assert set(named) <= set(known_columns(entity))


def test_questions_of_the_query_are_those_of_the_script() -> None:
    questions = {row["question"] for month in MONTHS for row in read(month, "answers")}
    query = read_query("episodes")
    assert [question for question in questions if f"'{question}')" not in query] == []
    assert query.count(" answer(") + query.count("(answer(") == len(questions)


def test_every_word_of_the_mapping_is_used(mapping: dict[str, Any]) -> None:
    words = {
        word
        for month in MONTHS
        for table in TABLES
        for row in read(month, table)
        for text in row.values()
        for word in text.split("; ")
    }
    unused = {
        word for entity in TABLE.values() for codes in mapping[entity]["codes"].values() for word in codes
    } - words
    assert unused == set()


# By month and agency: the interventions of the agency that are sent, rejected and withheld.
SENT = {
    ("2023-04", "L0001"): (159, 7, 20),
    ("2023-04", "L0002"): (144, 0, 6),
    ("2023-05", "L0001"): (176, 7, 29),
    ("2023-05", "L0002"): (167, 0, 8),
}


@pytest.mark.parametrize(("month", "agency"), SENT)
def test_the_queries_give_a_submission(month: str, agency: str, tmp_path: Path) -> None:
    request = submission_request("harbour", month, agency=agency, extracted_on="2023-06-03", home=tmp_path)
    submission = assess_request(request).submission
    assert not submission.is_blocked
    counts = dict(
        submission.outcome_counts.filter(pl.col("entity") == "intervention").select("outcome", "records").iter_rows()
    )
    assert tuple(counts.get(outcome, 0) for outcome in ("sent", "rejected", "withheld")) == SENT[month, agency]
    located = submission.findings.filter(pl.col("entity") != "file").select("entity", "source_file").unique()
    files = {"client": "patients.csv", "episode": "referrals.csv", "intervention": "treatments.csv"}
    assert len(located) > 1
    assert set(located.iter_rows()) <= set(files.items())


def test_no_result_depends_on_the_order_of_rows(tmp_path: Path) -> None:
    request = submission_request("harbour", "2023-05", agency="L0001", extracted_on="2023-06-03", home=tmp_path)
    with open_checked_export(TableSource(request.mapping, request.folder, request.query_parameters)) as (_, rows):
        assert sorted(rows) == sorted(TABLES)
        assert None not in rows.values()
