"""Source mappings: every mistake is reported with file, table, key and what is allowed."""

import re
from pathlib import Path
from typing import Any

import pytest

from flows.sources.mapping import known_columns, plain_export
from flows.sources.mapping_files import find_source, read_mapping
from flows.sources.named_mappings import SOURCES_DIRECTORY
from flows.support.errors import InputRefused
from schemas.dataset import ENTITIES

GOOD = """
name = "made-up"
encoding = "cp1252"
delimiter = "|"
blanks = ["NULL"]
dates = ["%d %b %Y"]

[constants]
CMSID = "Orchard 7.2"

[clients]
file = "Patient.txt"
[clients.columns]
CLIENTID = "Id"
SEX = "LegalSex"
[clients.codes.SEX]
"Man" = "M"

[episodes]
file = "Case.txt"
[episodes.columns]
EPISODID = "Id"
CLIENTID = "Patient"

[interventions]
file = "Item.txt"
[interventions.columns]
MODID = "Id"
EPISODID = "Case"
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "made-up.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_mapping_is_read(tmp_path: Path) -> None:
    mapping = read_mapping(write(tmp_path, GOOD))
    assert (mapping.name, mapping.dataset, mapping.encoding, mapping.delimiter) == ("made-up", "R", "cp1252", "|")
    assert mapping.clients.codes == {"SEX": {"Man": "M"}}
    assert mapping.table("intervention").columns == {"MODID": "Id", "EPISODID": "Case"}
    assert not mapping.episodes.by_header


# What is replaced in the good one, by what, and what is reported.
MISTAKES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "an unknown key": (
        'name = "made-up"', 'name = "made-up"\nseparator = ","',
        ("separator is not a key of a source mapping; allowed: blanks, clients, constants, ", "extends"),
    ),
    "an unknown key of a table": (
        'file = "Case.txt"', 'file = "Case.txt"\npath = "x"',
        ("episodes.path is not a key of a source mapping; allowed: blanks, by_header, codes, ", "join"),
    ),
    "no name": ('name = "made-up"', "", ("name is missing",)),
    "a name with blanks": (
        'name = "made-up"', 'name = "Made Up"',
        ("name: must consist of lower-case letters, digits, - and _, and start with a letter or digit",),
    ),
    "another dataset": ('name = "made-up"', 'name = "made-up"\ndataset = "S"', ("dataset: must be Q or R",)),
    "no file": ('file = "Patient.txt"', "", ("clients: exactly one of file, query and sql is required",)),
    "codes of one field twice": (
        '[clients.codes.SEX]', '[clients.codes."SEX, ETHNIC"]\n"x" = "y"\n[clients.codes.SEX]',
        ("clients.codes: SEX is named twice; each field may have one table of codes",),
    ),
    "blanks of an unknown field": (
        'file = "Patient.txt"', 'file = "Patient.txt"\nfield_blanks = { BORN = ["x"] }',
        ("clients.field_blanks.BORN is not a field of this table; allowed: ",),
    ),
    "an unknown encoding": ('"cp1252"', '"klingon"', ("encoding: the encoding 'klingon' is unknown",)),
    "an unknown encoding of a table": (
        'file = "Item.txt"', 'file = "Item.txt"\nencoding = "klingon"',
        ("interventions.encoding: the encoding 'klingon'",),
    ),
    "a long delimiter": ('"|"', '"||"', ("delimiter: must be one character",)),
    "an empty delimiter": ('"|"', '""', ("delimiter: must be one character",)),
    "blanks as one text": ('["NULL"]', '"NULL"', ("blanks: must be a list of texts, such as [",)),
    "a date form that is a number": ('["%d %b %Y"]', "[1]", ("dates.0: must be a text in quotes",)),
    "a date form with a directive of one library": (
        '["%d %b %Y"]', '["%e %b %Y"]',
        ("dates: the date form '%e %b %Y' has '%e', which is not allowed; allowed: %d, %-d, ",),
    ),
    "an unknown field": (
        'SEX = "LegalSex"', 'GENDER = "LegalSex"',
        ("clients.columns.GENDER is not a field of this table", "CLIENTID, FINITIAL"),
    ),
    "a field of another table": (
        'SEX = "LegalSex"', 'MODAL = "LegalSex"', ("clients.columns.MODAL is not a field of this table; allowed:",),
    ),
    "no column for the id": (
        'EPISODID = "Id"', "", ("episodes.columns has no column for EPISODID, which is required",),
    ),
    "an unknown constant": ('CMSID = "Orchard 7.2"', 'CMS = "x"', ("constants.CMS is not a field of the dataset",)),
    "a constant and a column": (
        'CMSID = "Orchard 7.2"', 'SEX = "M"',
        ("clients.columns.SEX and constants.SEX both define SEX; only one is allowed",),
    ),
    "codes of a field without a list": (
        "[clients.codes.SEX]", "[clients.codes.DOB]", ("clients.codes.DOB is not for a field with a code list",),
    ),
    "codes of an unknown field": (
        "[clients.codes.SEX]", "[clients.codes.XYZ]", ("clients.codes.XYZ is not for a field with a code list",),
    ),
    "codes of a field of another table": (
        "[clients.codes.SEX]", "[clients.codes.MODAL]", ("clients.codes.MODAL is not for a field with a code list",),
    ),
    "a code that is a number": ('"Man" = "M"', '"Man" = 1', ("clients.codes.SEX.Man: must be a text in quotes",)),
    "a column that is a number": ('SEX = "LegalSex"', "SEX = 3", ("clients.columns.SEX: must be a text in quotes",)),
    "constants that are a text": (
        '[constants]\nCMSID = "Orchard 7.2"', 'constants = "x"', ("constants: must be a table of keys",),
    ),
    "a database that is written out": (
        'name = "made-up"', 'name = "made-up"\ndatabase = "postgres://me:SECRET@host"',
        ("database: must be env:NAME or block:NAME",),
    ),
    "a join without a name of letters": (
        'file = "Patient.txt"', 'file = "Patient.txt"\njoin = [{name = "a b", file = "x.csv", on = {}, to = "x"}]',
        ("clients.join.0.name: must consist of letters, digits, - and _",
         "clients.join.0.on: must have at least one column",
         "clients.join.0.to is not a key of a source mapping; allowed: database, delimiter"),
    ),
    "an unknown placeholder": (
        'name = "made-up"', 'name = "made-up"\nlocation = "x/{month}/{agency}"',
        ("location contains {month}; allowed: {period} and {agency}",),
    ),
    "no TOML": ("[constants]", "[constants", ("the source mapping cannot be read as TOML",)),
    "a key twice": ('SEX = "LegalSex"', 'SEX = "A"\nSEX = "B"', ("the source mapping cannot be read as TOML",)),
}  # fmt: skip


def refusal(path: Path) -> str:
    with pytest.raises(InputRefused) as caught:
        read_mapping(path)
    return str(caught.value)


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_is_reported_with_file_and_key(tmp_path: Path, case: str) -> None:
    good, bad, shown = MISTAKES[case]
    assert GOOD.count(good) == 1
    path = write(tmp_path, GOOD.replace(good, bad))
    message = refusal(path)
    assert message.startswith(f"{path}: ")
    for name in shown:
        assert name in message
    assert "\n" not in message and "SECRET" not in message
    assert not re.search("should|Input|valid|pattern|tuple", message)


def test_all_mistakes_are_reported_at_once(tmp_path: Path) -> None:
    text = GOOD.replace('SEX = "LegalSex"', 'GENDER = "x"').replace('MODID = "Id"', "").replace("CMSID", "CMS")
    message = refusal(write(tmp_path, text))
    for mistake in ("clients.columns.GENDER", "interventions.columns has no column for MODID", "constants.CMS"):
        assert mistake in message


def test_a_codec_that_is_no_encoding_of_text(tmp_path: Path) -> None:
    assert "encoding" in refusal(write(tmp_path, GOOD.replace('"cp1252"', '"hex"')))


@pytest.mark.parametrize("form", ["%Q", "%d %b %Y %H", "%d %b"])
def test_a_date_form_that_makes_no_date(tmp_path: Path, form: str) -> None:
    assert "dates" in refusal(write(tmp_path, GOOD.replace("%d %b %Y", form)))


def test_a_file_that_is_not_there_or_no_text(tmp_path: Path) -> None:
    assert (
        refusal(tmp_path / "x.toml")
        == f"{tmp_path / 'x.toml'}: there is no such source mapping; `ndtms source new` drafts one"
    )
    path = tmp_path / "made-up.toml"
    path.write_bytes(GOOD.encode().replace(b"Orchard", b"\xff"))
    assert "the source mapping cannot be read as TOML" in refusal(path)
    assert "this is a directory, but a file is needed" in refusal(tmp_path)


def test_a_source_is_a_directory_a_path_or_a_name(tmp_path: Path) -> None:
    plain, base = find_source(str(tmp_path))
    assert (plain.name, plain.clients.by_header, base) == ("plain-export", True, tmp_path)
    path = write(tmp_path, GOOD)
    mapping, base = find_source(str(path))
    assert (mapping.name, base) == ("made-up", tmp_path)
    named, base = find_source("orchard")
    assert (named.name, base) == ("orchard", SOURCES_DIRECTORY)


@pytest.mark.parametrize("source", ["no-such-source", "no/such/folder"])
def test_no_such_source(source: str) -> None:
    with pytest.raises(InputRefused, match=f"{source}: no such source; .* one of: harbour, meadow, orchard"):
        find_source(source)


def test_no_such_path_of_a_mapping(tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match="there is no such source mapping"):
        find_source(str(tmp_path / "x.toml"))


@pytest.mark.parametrize("path", sorted(SOURCES_DIRECTORY.glob("*.toml")), ids=lambda path: path.stem)
def test_shipped_mappings_are_named_as_their_file(path: Path) -> None:
    assert read_mapping(path).name == path.stem


def test_a_plain_export_has_the_names_of_the_dataset(tmp_path: Path) -> None:
    plain = plain_export(tmp_path)
    assert [plain.table(entity).file for entity in ENTITIES] == ["clients.csv", "episodes.csv", "interventions.csv"]
    assert (plain.encoding, plain.delimiter, plain.blanks, plain.dates) == ("utf-8", ",", (), ())


def test_what_a_table_may_bring() -> None:
    known: dict[Any, tuple[str, ...]] = {entity: known_columns(entity) for entity in ENTITIES}
    assert known["client"][-2:] == ("FORENAME", "SURNAME")
    assert known["episode"][-3:] == ("CLIENTID", "NFA_UTLA", "AGNCY")
    assert known["intervention"] == ("MODID", "MODAL", "MODST", "MODEND", "EPISODID")


def test_a_name_takes_precedence_over_a_directory_of_that_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "orchard").mkdir()
    monkeypatch.chdir(tmp_path)
    assert find_source("orchard")[1] == SOURCES_DIRECTORY
    for path in ("./orchard", "orchard/", str(tmp_path / "orchard")):
        assert find_source(path)[0] == plain_export(tmp_path / "orchard")


def test_an_empty_source_is_not_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputRefused, match="--source is empty: no such source; a source is the directory"):
        find_source("")


def test_a_folder_with_braces_is_a_plain_export(tmp_path: Path) -> None:
    (tmp_path / "{month}").mkdir()
    assert find_source(str(tmp_path / "{month}"))[0].clients.by_header
