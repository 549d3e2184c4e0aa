"""The example of two made-up prisons: the files in the repository are what the script makes of its seed."""

import csv
import runpy
import tomllib
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "data" / "examples" / "make_orchard.py"
EXPORTS = ROOT / "data" / "examples" / "orchard"
MAPPING = ROOT / "data" / "sources" / "orchard.toml"
DATASET = ROOT / "data" / "dataset_r"
MONTHS = ("2023-04", "2023-05", "2023-06")
TABLES = ("ORPatient", "ORSubstanceEpisode", "ORTreatmentItem")
BESIDE_FIELDS = {
    "clients": {"FORENAME", "SURNAME"},
    "episodes": {"CLIENTID", "NFA_UTLA"},
    "interventions": {"EPISODID"},
}


@pytest.fixture(scope="module")
def script() -> dict[str, Any]:
    return runpy.run_path(str(SCRIPT))


@pytest.fixture(scope="module")
def mapping() -> dict[str, Any]:
    return tomllib.loads(MAPPING.read_text(encoding="utf-8"))


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="cp1252", newline="") as handle:
        return list(csv.DictReader(handle, delimiter="|", strict=True))


def header(month: str, table: str) -> list[str]:
    with (EXPORTS / month / f"{table}.csv").open(encoding="cp1252", newline="") as handle:
        return next(csv.reader(handle, delimiter="|"))


def dataset_fields() -> dict[str, dict[str, str]]:
    with (DATASET / "fields.csv").open(encoding="utf-8", newline="") as handle:
        return {row["header"]: row for row in csv.DictReader(handle)}


def bytes_below(directory: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(directory)): path.read_bytes() for path in sorted(directory.rglob("*")) if path.is_file()
    }


def test_the_same_seed_makes_the_files_of_the_repository(script: dict[str, Any], tmp_path: Path) -> None:
    write_months: Callable[[Path, int], None] = script["write_months"]
    write_months(tmp_path, script["SEED"])
    made = bytes_below(tmp_path)
    assert set(made) == {f"{month}/{table}.csv" for month in MONTHS for table in TABLES}
    different = [name for name, content in bytes_below(EXPORTS).items() if made.get(name) != content]
    assert different == []


def test_another_seed_makes_other_people(script: dict[str, Any], tmp_path: Path) -> None:
    script["write_months"](tmp_path, script["SEED"] + 1)
    assert all(content != bytes_below(EXPORTS)[name] for name, content in bytes_below(tmp_path).items())


@pytest.mark.parametrize("month", MONTHS)
@pytest.mark.parametrize("table", TABLES)
def test_files_are_written_as_on_windows(month: str, table: str) -> None:
    content = (EXPORTS / month / f"{table}.csv").read_bytes()
    content.decode("cp1252")
    assert content.endswith(b"\r\n")
    first_line = content.split(b"\n", maxsplit=1)[0]
    assert first_line.endswith(b"\r") and b"|" in first_line


def test_names_need_the_encoding_that_is_named() -> None:
    with pytest.raises(UnicodeDecodeError):
        (EXPORTS / MONTHS[0] / "ORPatient.csv").read_bytes().decode("utf-8")


@pytest.mark.parametrize("table", TABLES)
def test_the_header_is_the_same_each_month(table: str) -> None:
    first, *others = (header(month, table) for month in MONTHS)
    assert len(set(first)) == len(first)
    assert others == [first, first]


@pytest.mark.parametrize("table", TABLES)
def test_no_column_is_named_as_in_the_dataset(table: str) -> None:
    names = {name.casefold() for name in dataset_fields()}
    assert [column for column in header(MONTHS[0], table) if column.casefold() in names] == []


def test_there_are_as_many_records_as_two_prisons_would_have() -> None:
    counts = [[len(read(EXPORTS / month / f"{table}.csv")) for table in TABLES] for month in MONTHS]
    for clients, episodes, items in counts:
        assert 350 <= clients <= 480
        assert 1.15 <= episodes / clients <= 1.5
        assert 1.8 <= items / episodes <= 2.6
    assert counts == sorted(counts)


def test_both_prisons_are_in_every_month(mapping: dict[str, Any]) -> None:
    sites = mapping["clients"]["codes"]["AGNCY"]
    for month in MONTHS:
        found = [row["SiteName"] for row in read(EXPORTS / month / "ORPatient.csv")]
        assert all(found.count(site) > 100 for site in sites)


def test_people_go_on_from_month_to_month() -> None:
    for table in TABLES:
        ids = [{row["RowIdentifier"] for row in read(EXPORTS / month / f"{table}.csv")} for month in MONTHS]
        for earlier, later in pairwise(ids):
            assert len(earlier & later) > 0.97 * len(earlier)


def test_faults_are_about_one_record_in_twenty(script: dict[str, Any]) -> None:
    dossiers = script["simulate"](script["SEED"])
    slips = script["allot"](dossiers, script["SEED"])
    faults = script["FAULTS"]
    assert len({slip.fault.kind for slip in slips.values()}) == len(faults)
    for month in MONTHS:
        records = sum(len(read(EXPORTS / month / f"{table}.csv")) for table in TABLES)
        spoiled = sum(month in slip.months for slip in slips.values())
        assert 0.03 < spoiled / records < 0.08


def test_without_faults_every_id_is_unique_and_every_parent_there(script: dict[str, Any]) -> None:
    dossiers = script["simulate"](script["SEED"])
    for month in MONTHS:
        rows = script["build_month_rows"](dossiers, {}, month)
        patients, episodes, items = (
            [row["RowIdentifier"] for row in rows[table]] for table in ("ORPatient", *TABLES[1:])
        )
        for ids in (patients, episodes, items):
            assert len(set(ids)) == len(ids)
        assert {row["IDPatient"] for row in rows["ORSubstanceEpisode"]} == set(patients)
        assert {row["IDSubstanceEpisode"] for row in rows["ORTreatmentItem"]} == set(episodes)


@pytest.mark.parametrize("entity", ["clients", "episodes", "interventions"])
def test_the_mapping_names_columns_and_fields_that_exist(mapping: dict[str, Any], entity: str) -> None:
    table = mapping[entity]
    columns = header(MONTHS[0], table["file"].removesuffix(".csv"))
    fields = {
        name for name, field in dataset_fields().items() if field["entity"] == entity.removesuffix("s")
    } | BESIDE_FIELDS[entity]
    assert set(table["columns"].values()) <= set(columns)
    assert set(table["columns"]) <= fields
    assert set(table.get("codes", {})) <= set(table["columns"])


def test_the_mapping_leads_to_every_field_but_those_that_are_made(mapping: dict[str, Any]) -> None:
    mapped = set(mapping["constants"]).union(*(mapping[entity]["columns"] for entity in BESIDE_FIELDS))
    assert set(dataset_fields()) - mapped == {"FINITIAL", "SINITIAL", "UTLA"}


def test_the_mapping_states_where_the_exports_are(mapping: dict[str, Any]) -> None:
    for month in MONTHS:
        assert (MAPPING.parent / mapping["location"].format(period=month, agency="L0001")).is_dir()


def test_what_words_mean_is_in_the_code_list(mapping: dict[str, Any]) -> None:
    known: dict[str, set[str]] = {}
    with (DATASET / "code-lists.csv").open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            known.setdefault(row["list"], set()).update((row["code"], row["label"]))
    fields = dataset_fields()
    # AGNCY has no list; that of prisons is not public, so EXITDEST and PRISON have made-up codes.
    unlisted = {"AGNCY", "PRISON", "EXITDEST"}
    wrong = [
        (field, value)
        for entity in BESIDE_FIELDS
        for field, codes in mapping[entity].get("codes", {}).items()
        for value in codes.values()
        if field not in unlisted and value not in known[fields[field]["code_list"]]
    ]
    assert wrong == []


def test_every_word_of_the_mapping_is_used(mapping: dict[str, Any]) -> None:
    unused = []
    for entity in BESIDE_FIELDS:
        rows = [row for month in MONTHS for row in read(EXPORTS / month / mapping[entity]["file"])]
        for field, codes in mapping[entity].get("codes", {}).items():
            column = mapping[entity]["columns"][field]
            values = {row[column] for row in rows}
            # Prisons are all there, whether or not anybody came from them.
            unused += [(field, word) for word in codes if word not in values and not word.startswith(("HM", "IRC"))]
    assert unused == []
