"""Drafts of mappings, measured on the three examples: most fields rightly, none wrongly, and nobody shown."""

import re
import tomllib
import zipfile
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from flows.intake.draft.draft import MappingDraft, draft_mapping
from flows.intake.draft.judge_codes import judge_codes
from flows.intake.draft.keys import find_keys
from flows.intake.draft.phrases import find_matches, load_phrases
from flows.intake.draft.source_tables import read_export_tables
from flows.intake.draft.words import split_words
from flows.pipeline.assess import load_reference_inputs, read_export
from flows.reference.in_force import load_reference_in_force
from flows.sources.mapping_files import find_source, read_mapping
from flows.support.errors import InputRefused
from schemas.dataset import ENTITIES, Entity
from tests.support.homes import make_small_home
from tests.support.requests import submission_request

EXAMPLES = Path(__file__).parents[2] / "data" / "examples"
LISTS = load_reference_in_force(Path("nowhere")).lists.on(date(2023, 4, 30))

# Where harbour/*.sql takes each field from; fields of one table and column are together.
HARBOUR = {
    "patients": {
        "CLIENTID": "patient_id", "FORENAME": "first_name", "SURNAME": "last_name", "DOB": "born_on", "SEX": "sex",
        "ETHNIC": "ethnicity", "NATION": "birth_country", "CLIENT": "prison_number",
    },
    "sites": {"AGNCY": "name"},
    "referrals": {"EPISODID": "referral_id", "episode CLIENTID": "patient_id", "TRIAGED": "triaged_at"},
    "addresses": {"PC": "postcode", "NFA_UTLA": "benefits_area"},
    "movements": {
        "INTRCPTD": "moved_at[kind=Reception]", "RECPDT": "moved_at[direction=In]",
        "PRISON": "place[direction=In][kind=Transfer in]", "EXITD": "moved_at[direction=Out]",
        "EXITRSN": "kind[direction=Out]", "EXITDEST": "place[direction=Out]",
    },
    "answers": {
        header: f"value[question={question}]"
        for header, question in {
            "CONSENT": "consent", "SEXUALO": "sexuality", "PREGNANT": "pregnant", "RELIGION": "religion",
            "DISABLE1": "disabilities", "DISABLE2": "disabilities", "DISABLE3": "disabilities", "HOUSING": "housing",
            "DOMVIC": "abuse by others", "DOMPER": "abuse of others", "TSLPE": "last paid work",
            "VETERAN": "armed forces", "PARENT": "parental responsibility", "PRNTSTAT": "children at home",
            "CHILDWTH": "children in household", "EHCS": "family support", "EHCS2": "family support",
            "EHCS3": "family support", "ALCDDAYS": "drinking days", "ALCUNITS": "drinking units",
            "INJSTAT": "injecting", "LIVSCRN": "liver referral", "DUALDIAG": "mental health need",
            "MHTINT": "mental health care before", "SEXWORK": "paid for sex", "NPSUSE": "spice",
            "CLINREV": "13-week review", "REFHEPCTX": "hepatitis C referral",
            "REFHEPCTXDT": "hepatitis C referral date",
        }.items()
    },
    "substances": {"DRUG1": "substance[rank=1]", "DRUG2": "substance[rank=2]", "DRUG3": "substance[rank=3]"},
    "tests": {
        "AUDIT": "result[kind=AUDIT]", "HEPBSTAT": "result[kind=Hepatitis B]", "HEPCSTAT": "result[kind=Hepatitis C]",
        "HEPCTSTD": "taken_on[kind=Hepatitis C]", "HIVSTAT": "result[kind=HIV]", "HIVTESTDT": "taken_on[kind=HIV]",
    },
    "discharges": {
        "DISD": "discharged_at", "DISRSN": "reason", "RECONNECT": "through_the_gate", "MHTXEXIT": "mental_health_care",
        "SENTENCED": "sentence_status", "THNALOX": "naloxone", "HOMELESSEXIT": "homeless_on_release",
        "RTOAGNCY": "onward_referral",
    },
    "treatments": {
        "MODID": "treatment_id", "intervention EPISODID": "referral_id", "MODAL": "programme", "MODST": "started_on",
        "MODEND": "ended_on",
    },
}  # fmt: skip


@cache
def drafted(system: str) -> MappingDraft:
    return draft_mapping([EXAMPLES / system], LISTS, system, EXAMPLES)


def places(draft: MappingDraft) -> Iterator[tuple[str, str]]:
    """Yields each proposed field with the place that it is from."""
    for entity in draft.entities:
        yield entity.id_field, f"{entity.table.name}.{entity.id_column}"
        if entity.parent_column:
            yield f"{entity.entity} {entity.parent_field}", f"{entity.table.name}.{entity.parent_column}"
        yield from ((header, str(candidate.place)) for header, candidate in entity.chosen.items())


def columns_of_mapping(system: str) -> dict[str, str]:
    """Returns the column of each field in a shipped mapping; that of a joined table without the table's name."""
    mapping, _ = find_source(system)
    wanted: dict[str, str] = {}
    parents: dict[Entity, str] = {"client": "", "episode": "CLIENTID", "intervention": "EPISODID"}
    for entity in ENTITIES:
        for header, column in mapping.table(entity).columns.items():
            name = f"{entity} {header}" if header == parents[entity] else header
            wanted[name] = column.rpartition(".")[2]
    return wanted


def test_a_draft_is_right_about_most_fields_and_wrong_about_none(subtests: pytest.Subtests) -> None:
    for system in ("orchard", "meadow"):
        with subtests.test(system):
            wanted = columns_of_mapping(system)
            found = {header: place.partition(".")[2] for header, place in places(drafted(system))}
            assert {header: column for header, column in found.items() if wanted.get(header) != column} == {}
            assert len(found) >= 0.85 * len(wanted)


def test_a_draft_of_a_normalised_export_is_right_about_most_fields_and_wrong_about_none() -> None:
    wanted = {header: f"{table}.{place}" for table, fields in HARBOUR.items() for header, place in fields.items()}
    found = dict(places(drafted("harbour")))
    assert {header: place for header, place in found.items() if wanted.get(header) != place} == {}
    assert len(found) >= 0.85 * len(wanted)


@pytest.mark.parametrize("system", ["meadow", "harbour"])
def test_a_draft_reads_the_export(system: str, tmp_path: Path) -> None:
    path = tmp_path / f"{system}.toml"
    for name, text in draft_mapping([EXAMPLES / system], LISTS, system, tmp_path).files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert read_mapping(path).location.endswith(f"{system}/{{period}}")
    request = submission_request(
        str(path), "2023-04", agency="L0001", extracted_on="2023-05-03", home=make_small_home(tmp_path / "home")
    )
    records = read_export(request, load_reference_inputs(request)).records
    assert records["episode"]["DISD"].count() > 0
    assert records["intervention"]["MODAL"].count() > 0


def test_no_private_value_is_in_a_draft(subtests: pytest.Subtests) -> None:
    private = {"FORENAME", "SURNAME", "DOB", "PC", "CLIENT", "CLIENTID"}
    for system in ("orchard", "meadow", "harbour"):
        draft = drafted(system)
        text = "\n".join((*draft.files.values(), *draft.unused))
        words = set(re.findall(r"[^\s\"'=,]+", text))
        tables = {table.name: table.rows for table in read_export_tables([EXAMPLES / system]).tables}
        for entity in draft.entities:
            columns = [candidate.place for header, candidate in entity.chosen.items() if header in private]
            for place in columns:
                with subtests.test(system=system, place=str(place)):
                    values = {value for value in tables[place.table][place.column].drop_nulls() if len(value) > 3}
                    assert values & words == set()
                    assert not [value for value in values if " " in value and value in text]


def write(folder: Path, **tables: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in tables.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


SMALL = {
    "people": "PatientID,DateOfBirth,Forename,is_test\nC1,1980-01-01,Ann,0\nC2,1981-01-01,Bob,0\nC3,1982-01-01,Cy,1\n",
    "stays": "EpisodeID,PatientID,Discharge Date,Date Discharge\nE1,C1,2023-01-01,\nE2,C2,,\n",
    "steps": "InterventionID,EpisodeID,Modality,Start\nM1,E1,NN,2023-01-02\nM2,E2,NN,2023-01-02\n",
}


def draft_small(folder: Path, **changed: str) -> MappingDraft:
    return draft_mapping([write(folder, **{**SMALL, **changed})], LISTS, "small", folder)


def test_what_contradicts_a_name_is_left_to_the_user(tmp_path: Path) -> None:
    people = SMALL["people"].replace("1980-01-01", "tall").replace("1981-01-01", "small")
    text = draft_small(tmp_path / "export", people=people).files["small.toml"]
    found = tomllib.loads(text)
    assert "DOB" not in found["clients"]["columns"]
    assert '# ... = "DateOfBirth"' in text
    assert "DISD" not in found["episodes"]["columns"], "two columns are called so"
    assert "DISD: stays.Discharge Date or stays.Date Discharge" in text


def test_rows_that_are_marked_as_tests_are_left_out(tmp_path: Path) -> None:
    found = tomllib.loads(draft_small(tmp_path / "export").files["small.toml"])
    assert found["clients"]["where"] == {"is_test": ["0"]}


def test_a_doubtful_condition_is_a_comment(tmp_path: Path) -> None:
    stays = "EpisodeID,PatientID,Status\nE1,C1,Open\nE2,C2,Open\nE3,C2,Waiting\n"
    text = draft_small(tmp_path / "export", stays=stays).files["small.toml"]
    assert '# where = { Status = ["Open"] }' in text
    assert "where" not in tomllib.loads(text)["episodes"]


def test_tables_that_are_not_used_are_named_with_the_reason(tmp_path: Path) -> None:
    draft = draft_small(
        tmp_path / "export",
        staff="StaffID,Forename,Surname\nS1,Nora,North\nS2,Wes,West\n",
        visits="VisitID,PatientID,Length\nV1,C1,20\nV2,C1,30\n",
        notes="one\ntwo,three\n",
    )
    assert list(draft.unused) == [
        "staff (2 rows): its name shows that it is about other people or about the system",
        "visits (2 rows): it refers to a table above, but no column or kind of row in it matches a field",
        "notes.csv: line 2: the row is longer than the header: 2 fields instead of 1;"
        " export the file again, with quotes around each text that contains the delimiter or a line end",
    ]


@pytest.mark.parametrize("header", ["partner_dob", "NextOfKinDOB", "gp_dob", "dob_entered_by", "place_of_birth"])
def test_a_fact_about_somebody_else_is_not_proposed(header: str) -> None:
    assert find_matches(split_words(header), frozenset(), "client") == ()


@pytest.mark.parametrize(
    ("text", "header"),
    [
        ("planned_discharge_date", None),
        ("accommodation_on_release", None),
        ("hep_c_treatment_start_date", None),
        ("release_address_postcode", None),
        ("Has naloxone been offered?", None),
        ("transfer_date", None),
        ("ReferralDate", None),
        ("received_at", None),
        ("Has a member of your family served in the armed forces?", None),
        ("DISCHARGE_DT", "DISD"),
        ("dischargereason", "DISRSN"),
        ("Main drug of choice", "DRUG1"),
        ("How many units of alcohol do you drink on a typical drinking day?", "ALCUNITS"),
        ("How many days in the last 28 did you drink alcohol?", "ALCDDAYS"),
        ("Are you a veteran of the British armed forces?", "VETERAN"),
    ],
)
def test_words_that_are_not_in_the_examples_are_understood(text: str, header: str | None) -> None:
    matches = find_matches(split_words(text), frozenset(), "episode")
    assert (matches[0].header if matches else None) == header


def test_the_words_of_headers_are_valid() -> None:
    assert all(load_phrases(entity) for entity in ENTITIES)
    assert split_words("Date_OfBirth") == split_words("birth date") == {"birth", "date"}


def test_a_reference_is_found_by_its_values(tmp_path: Path) -> None:
    people = "\n".join(["key,dob", *(f"person-{number},1980-01-01" for number in range(9))])
    visits = "\n".join(["visit,who,age", *(f"visit-{number},person-{number % 4},{number}" for number in range(9))])
    keys = find_keys(read_export_tables([write(tmp_path / "export", people=people, visits=visits)]).tables)
    assert [(one.table, one.column, one.to_table) for one in keys.references] == [("visits", "who", "people")]


def test_small_numbers_are_references_only_if_the_name_shows_it(tmp_path: Path) -> None:
    people = "\n".join(["PersonID,dob", *(f"{number},1980-01-01" for number in range(1, 9))])
    visits = "\n".join(["VisitID,PersonID,Rank", *(f"{number},{number % 4 + 1},1" for number in range(1, 9))])
    keys = find_keys(read_export_tables([write(tmp_path / "export", people=people, visits=visits)]).tables)
    assert [(one.table, one.column, one.to_table) for one in keys.references] == [("visits", "PersonID", "people")]


def test_an_archive_is_an_export(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        for name, text in SMALL.items():
            archive.writestr(f"month/{name}.csv", text)
    draft = draft_mapping([tmp_path / "export.zip"], LISTS, "packed", tmp_path)
    found = tomllib.loads(draft.files["packed.toml"])
    assert (found["clients"]["file"], found["clients"]["member"]) == ("export.zip", "month/people.csv")


@pytest.mark.parametrize(
    ("folder", "location"),
    [("2023-04", "export/{period}"), ("extract_2023-05", "export/extract_{period}"), ("L0001", "export/{agency}")],
)
def test_folders_of_months_and_agencies_become_placeholders(folder: str, location: str, tmp_path: Path) -> None:
    (tmp_path / "export").mkdir()
    write(tmp_path / "export" / folder, **SMALL)
    draft = draft_mapping([tmp_path / "export"], LISTS, "monthly", tmp_path)
    assert tomllib.loads(draft.files["monthly.toml"])["location"] == location


def test_tables_without_an_id_are_not_a_source(tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match="no table looks like that of the clients"):
        draft_mapping([write(tmp_path / "export", x="a,b\n1,2\n")], LISTS, "none", tmp_path)


def test_one_code_that_may_also_mean_no_is_a_code(tmp_path: Path) -> None:
    lists = load_reference_in_force(tmp_path).lists
    women, answers = pl.Series(["F"] * 9), pl.Series(["Y"] * 9)
    assert (judge_codes(women, "SEX", lists).is_possible, judge_codes(answers, "SEX", lists).is_possible) == (
        True,
        False,
    )
