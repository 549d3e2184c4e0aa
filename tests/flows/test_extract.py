"""Extract: three tables as records of text, with names and full postcodes gone."""

from pathlib import Path

import polars as pl
import pytest

from flows.files.locations import Location
from flows.intake.extract import extract
from flows.intake.tables import hash_rows
from flows.sources.mapping import SourceMapping, plain_export
from flows.support.errors import InputRefused
from schemas.dataset import ENTITIES, Entity, list_entity_fields
from schemas.record_columns import FILE_LINE
from tests.support.geography import SMALL_GEOGRAPHY
from transforms.inputs import Export
from transforms.parse.fields import ParseOptions

PLAIN = {
    "clients": "CLIENTID,FORENAME,SURNAME,DOB\nC1,Maximilian,Musterfrau,1980-04-03\n",
    "episodes": "EPISODID,CLIENTID,PC\nE1,C1,NR14 7UJ\n",
    "interventions": "MODID,EPISODID,MODAL\nM1,E1,X\n",
}


def write(folder: Path, **tables: str) -> Path:
    for name, text in (PLAIN | tables).items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def extracted(folder: Path, **tables: str) -> Export:
    return extract(plain_export(folder), Location(str(write(folder, **tables))), SMALL_GEOGRAPHY)


def refusal(folder: Path, mapping: SourceMapping | None = None) -> str:
    with pytest.raises(InputRefused) as caught:
        extract(mapping or plain_export(folder), Location(str(folder)), SMALL_GEOGRAPHY)
    return str(caught.value)


def texts(export: Export) -> set[str]:
    """Every text in the frames that go on."""
    frames = [export.records[entity] for entity in ENTITIES] + [export.unknown_postcodes]
    return {
        text for frame in frames for column in frame.select(pl.col(pl.String)) for text in column if text is not None
    }


def test_records_are_text_with_their_file_and_line(tmp_path: Path) -> None:
    found = extracted(tmp_path, clients='CLIENTID,SEX\n\n C1 ,"M"\nC2,\n')
    assert found.records.client.select("CLIENTID", "SEX", "source_file", "source_line").rows() == [
        ("C1", "M", "clients.csv", 3),
        ("C2", None, "clients.csv", 4),
    ]
    assert found.read == {"client": 2, "episode": 1, "intervention": 1}


def test_names_and_full_postcodes_are_gone(tmp_path: Path) -> None:
    found = extracted(
        tmp_path,
        clients="CLIENTID,FORENAME,SURNAME\nC1,Maximilian,Musterfrau\nC2,12,O'Brian\nC3,,?\n",
        episodes="EPISODID,CLIENTID,PC\nE1,C1,NR14 7UJ\nE2,C1,nr147ul\nE3,C1,NR14 7UJ or so\nE4,C1,\n",
    )
    client = found.records.client
    assert client["FINITIAL"].to_list() == ["M", "***", None]
    assert client["SINITIAL"].to_list() == ["M", "O", "***"]
    assert client["SINITIAL.value"].to_list() == ["M", "O", None]
    assert {"FORENAME", "SURNAME"}.isdisjoint(client.columns)
    assert found.records.episode["PC"].to_list() == ["NR14 7", "NR14 7", "***", None]
    assert found.records.episode["UTLA"].to_list() == ["E10000020", None, None, None]
    assert found.unknown_postcodes.rows() == [("NR14 7", 1)]
    private = {"Maximilian", "Musterfrau", "O'Brian", "7UJ", "7UL"}
    assert [text for text in texts(found) if any(secret.casefold() in text.casefold() for secret in private)] == []


def test_a_whole_name_in_the_place_of_an_initial_is_reduced_too(tmp_path: Path) -> None:
    found = extracted(tmp_path, clients="CLIENTID,FINITIAL,SINITIAL\nC1,Maximilian,musterfrau\n")
    assert found.records.client.select("FINITIAL", "SINITIAL").rows() == [("M", "M")]
    assert "Maximilian" not in texts(found)


def test_a_name_is_not_looked_at_where_the_initial_is_there(tmp_path: Path) -> None:
    clients = "CLIENTID,FINITIAL,FORENAME,SURNAME\nC1,,Ann,Bell\nC2,X,Ann,Bell\nC2,X,Beth,Bell\n"
    client = extracted(tmp_path, clients=clients).records.client
    assert client["FINITIAL"].to_list() == [None, "X", "X"]
    assert client["SINITIAL"].to_list() == ["B", "B", "B"]
    # Nor does it make two records of what is else the same.
    assert client["is_exact_repeat"].to_list() == [False, False, True]


def test_a_name_does_make_two_records_where_it_is_looked_at(tmp_path: Path) -> None:
    clients = "CLIENTID,FORENAME\nC1,Ann\nC1,Abby\nC1, Ann \n"
    assert extracted(tmp_path, clients=clients).records.client["is_exact_repeat"].to_list() == [False, False, True]


@pytest.mark.parametrize("entity", ENTITIES)
def test_an_absent_column_is_blank_throughout(tmp_path: Path, entity: Entity) -> None:
    ids = {"clients": "CLIENTID\nC1\n", "episodes": "EPISODID\nE1\n", "interventions": "MODID\nM1\n"}
    frame = extracted(tmp_path, **ids).records[entity]
    for field in list_entity_fields(entity)[1:]:
        assert frame[field.header].to_list() == [None], field.header


def test_exact_repeats_are_those_of_known_columns_alone(tmp_path: Path) -> None:
    interventions = "MODID,EPISODID,MODAL,Note\nM1,E1,A,first\nM1,E1, A,second\nM1,E1,B,third\nM1,E1,A,\n"
    found = extracted(tmp_path, interventions=interventions)
    assert found.records.intervention["is_exact_repeat"].to_list() == [False, True, False, True]


def test_columns_that_are_not_known_or_removed_are_noticed(tmp_path: Path) -> None:
    found = extracted(
        tmp_path,
        clients="CLIENTID,Note,TOPID,sex\nC1,x,y,M\n",
        episodes="EPISODID,CLIENTID,FORENAME,DAT\nE1,C1,Ann,1\n",
    )
    assert found.unknown_columns == ("clients.csv: Note", "clients.csv: sex", "episodes.csv: FORENAME")
    assert found.removed_columns == ("clients.csv: TOPID, 1 values left out", "episodes.csv: DAT, 1 values left out")
    assert {"Note", "TOPID", "sex"}.isdisjoint(found.records.client.columns)
    assert found.records.client["SEX"].to_list() == [None]
    assert "Ann" not in texts(found)


@pytest.mark.parametrize(
    ("table", "header", "identifier"),
    [("clients", "SEX", "CLIENTID"), ("episodes", "CLIENTID", "EPISODID"), ("interventions", "EPISODID", "MODID")],
)
def test_a_table_needs_its_id(tmp_path: Path, table: str, header: str, identifier: str) -> None:
    write(tmp_path, **{table: f"{header},{identifier.lower()}\n1,2\n"})
    where = tmp_path / f"{table}.csv"
    assert f"{where}, line 1: the header has no column {identifier}, which is required; add it" in refusal(tmp_path)


@pytest.mark.parametrize("table", ["clients", "episodes", "interventions"])
def test_a_missing_file(tmp_path: Path, table: str) -> None:
    write(tmp_path)
    (tmp_path / f"{table}.csv").unlink()
    assert refusal(tmp_path) == f"{tmp_path / table}.csv: the file is missing; check its path"


def test_a_table_that_is_a_directory(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "clients.csv").unlink()
    (tmp_path / "clients.csv").mkdir()
    assert "clients.csv: this is a folder, but a file is needed" in refusal(tmp_path)


def test_digests_distinguish_one_file_from_another(tmp_path: Path) -> None:
    first = extracted(tmp_path).digests
    assert set(first) == {"clients.csv", "episodes.csv", "interventions.csv"}
    assert extracted(tmp_path).digests == first
    second = extracted(tmp_path, clients=PLAIN["clients"] + "\n").digests
    assert [name for name in first if first[name] != second[name]] == ["clients.csv"]


def mapping(**settings: object) -> SourceMapping:
    """A mapping of a system that calls its tables Patient, Case and Item."""
    tables: dict[str, object] = {
        "clients": {"file": "Patient.txt", "columns": {"CLIENTID": "Id", "FORENAME": "Given", "DOB": "Born"}},
        "episodes": {"file": "Case.txt", "columns": {"EPISODID": "Id", "CLIENTID": "Patient", "CONSENT": "Agrees"}},
        "interventions": {"file": "Item.txt", "columns": {"MODID": "Id", "EPISODID": "Case"}},
    }
    return SourceMapping.model_validate({"name": "made-up", "delimiter": "|", "encoding": "cp1252"} | tables | settings)


def write_mapped(folder: Path) -> Path:
    (folder / "Patient.txt").write_text(
        "Born|Id|Given|Family\n03 Apr 1980|C1|Édith|Musterfrau\nNULL|C2|-|x\n", "cp1252"
    )
    (folder / "Case.txt").write_text("Id|Patient|Agrees\nE1|C1|Agreed\n", "cp1252")
    (folder / "Item.txt").write_text("Id|Case\nM1|E1\n", "cp1252")
    return folder


def test_a_mapping_states_which_column_feeds_which_field(tmp_path: Path) -> None:
    found = extract(mapping(blanks=("NULL", "-")), Location(str(write_mapped(tmp_path))), SMALL_GEOGRAPHY)
    client = found.records.client
    assert client.select("CLIENTID", "DOB", "FINITIAL", "SINITIAL").rows() == [
        ("C1", "03 Apr 1980", "E", None),
        ("C2", None, None, None),
    ]
    assert set(client["source_file"]) == {"Patient.txt"}
    assert found.unknown_columns == found.removed_columns == ()
    assert "Musterfrau" not in texts(found)


def test_a_table_may_have_blanks_of_its_own(tmp_path: Path) -> None:
    own = {"file": "Patient.txt", "columns": {"CLIENTID": "Id", "DOB": "Born"}, "blanks": []}
    found = extract(mapping(blanks=("NULL",), clients=own), Location(str(write_mapped(tmp_path))), SMALL_GEOGRAPHY)
    assert found.records.client["DOB"].to_list() == ["03 Apr 1980", "NULL"]


def test_a_field_may_have_blanks_of_its_own(tmp_path: Path) -> None:
    own = {
        "file": "Patient.txt",
        "columns": {"CLIENTID": "Id", "DOB": "Born", "CLIENT": "Given"},
        "field_blanks": {"DOB": ["NULL"], "CLIENT": ["null"]},
    }
    found = extract(mapping(clients=own), Location(str(write_mapped(tmp_path))), SMALL_GEOGRAPHY)
    assert found.records.client["DOB"].to_list() == ["03 Apr 1980", None]
    assert found.records.client["CLIENT"].to_list() == ["Édith", "-"]


def test_codes_may_be_of_several_fields_and_map_to_a_blank(tmp_path: Path) -> None:
    own = {
        "file": "Case.txt",
        "columns": {"EPISODID": "Id", "CONSENT": "Agrees", "DRUG1": "Agrees", "DRUG2": "Agrees"},
        "codes": {"DRUG1, DRUG2": {"AGREED": ""}, "CONSENT": {"Agreed": "Y"}},
    }
    found = extract(mapping(episodes=own), Location(str(write_mapped(tmp_path))), SMALL_GEOGRAPHY)
    assert found.records.episode.select("CONSENT", "DRUG1", "DRUG2").row(0) == ("Agreed", None, None)


def test_constants_are_in_every_record(tmp_path: Path) -> None:
    constants = {"CMSID": "Orchard 7.2", "AGNCY": "L0001"}
    found = extract(mapping(constants=constants), Location(str(write_mapped(tmp_path))), SMALL_GEOGRAPHY)
    assert found.records.client["AGNCY"].to_list() == ["L0001", "L0001"]
    assert found.records.episode["CMSID"].to_list() == ["Orchard 7.2"]


@pytest.mark.parametrize("text", ["", "  "])
def test_a_constant_without_text_is_blank(tmp_path: Path, text: str) -> None:
    found = extract(mapping(constants={"CMSID": text}), Location(str(write_mapped(tmp_path))), SMALL_GEOGRAPHY)
    assert found.records.episode["CMSID"].to_list() == [None]


def test_readings_are_of_the_table_or_of_the_source(tmp_path: Path) -> None:
    episodes = {
        "file": "Case.txt",
        "columns": {"EPISODID": "Id", "CONSENT": "Agrees"},
        "codes": {"CONSENT": {"Agreed": "Y"}},
        "dates": ["%d %b %Y"],
    }
    found = extract(
        mapping(dates=("%d.%m.%Y",), episodes=episodes), Location(str(write_mapped(tmp_path))), SMALL_GEOGRAPHY
    )
    assert found.readings["client"] == ParseOptions(("%d.%m.%Y",), {})
    assert found.readings["episode"] == ParseOptions(("%d %b %Y",), {"CONSENT": {"agreed": "Y"}})


def test_a_column_that_the_mapping_names_must_be_there(tmp_path: Path) -> None:
    write_mapped(tmp_path)
    (tmp_path / "Patient.txt").write_text("Id|Forename|Born|Site\nC1|Ann Bell|1980-02-03|x\n", "cp1252")
    assert refusal(tmp_path, mapping()) == (
        f"{tmp_path / 'Patient.txt'}, line 1: the column 'Given', which the mapping names in"
        " clients.columns.FORENAME, is missing; correct the mapping or the export; the"
        " columns are Id, Forename, Born, Site"
    )


@pytest.mark.parametrize(
    ("line", "found", "hint"),
    [
        ("C1|Ann Bell|1980-02-03", "so are all other columns that it names", "differs from the mapping"),
        ("C1|Ann Bell|Born|01/02/80", "the first line looks like a record", "differs from the mapping"),
        ("Id,Ann Bell,Given,Born", "so are all other columns that it names", "(the whole line is one column)"),
    ],
)
def test_a_first_line_that_may_be_a_person_is_not_shown(tmp_path: Path, line: str, found: str, hint: str) -> None:
    write_mapped(tmp_path)
    (tmp_path / "Patient.txt").write_text(f"{line}\n", "cp1252")
    message = refusal(tmp_path, mapping())
    assert f"is missing; {found}; the file may have no header, or a delimiter or" in message
    assert message.endswith(hint)
    assert "Ann Bell" not in message and "80" not in message


def test_the_digest_of_a_query_depends_on_its_values_and_not_on_their_order() -> None:
    rows = pl.DataFrame({"CLIENTID": ["C2", "C1", None], "SEX": ["M", "F", "M"], FILE_LINE: [2, 3, 4]})
    moved = rows.reverse().with_columns(pl.Series(FILE_LINE, [2, 3, 4]))
    assert hash_rows(rows) == hash_rows(moved)
    assert hash_rows(rows) != hash_rows(rows.with_columns(SEX=pl.lit("F")))
