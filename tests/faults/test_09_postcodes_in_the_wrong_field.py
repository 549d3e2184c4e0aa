"""A full postcode in a field that is not for it is sent as blank, and shown as (postcode) wherever it would show."""

import re
from pathlib import Path

import duckdb
import polars as pl
import pytest

from flows.pipeline.assess import assess, load_reference_inputs, read_export
from tests.rules.world import World
from tests.support.command import Command
from tests.support.exports import write_export
from tests.support.homes import SUBMISSION_FILE, make_small_home
from tests.support.runs import build_request, land_export
from transforms.parse.stray_postcodes import STRAY_POSTCODE, contains_postcode, hide_postcodes

CANARY = re.compile(rb"QX9 ?4[A-Z]{2}")
HOLDS = """select 1 from {table} where regexp_matches("{name}"::varchar, '(?i)QX9 ?4[A-Z]{{2}}')"""
WORLDS = (
    World(edit={"UTLA": "QX9 4UG Zqvstreet2"}),
    World(edit={"PC": "NFA", "NFA_UTLA": "qx94uh"}),
    World(edit={"HOUSING": "QX9 4UJ", "TSLPE": "at QX9 4UK", "NATION": "QX9 4UL", "PRISON": "QX94UM"}),
    World(edit={
        "CLIENTID": "QX9 4UN", "episode.CLIENTID": "QX9 4UN", "EPISODID": "E QX94UP",
        "intervention.EPISODID": "E QX94UP", "MODID": "QX94UQ", "CLIENT": "QX9 4UR",
    }),
    World(edit={"DISD": "QX9 4US", "ALCUNITS": "QX9 4UT", "DOB": "QX9 4UU"}),
)  # fmt: skip


@pytest.mark.parametrize(
    "text, expected",
    [
        ("NR14 7UG", True), ("nr147ug", True), ("at NR14 7UG, Norwich", True), ("(A1 1AA)", True), ("GIR 0AA", True),
        ("gir0aa", True), ("EC1A 1BB", True), ("M1\u00a01AE", True), ("W1A-1AA", False), ("NR14 7", False),
        ("xNR14 7UG", False), ("NR14 7UGs", False), ("NR14 7UG2", False), ("éA1 1AA", False), ("E06000001", False),
        ("A_A1 1AA", True), ("", False),
    ],
)  # fmt: skip
def test_what_a_full_postcode_is(text: str, expected: bool) -> None:
    assert pl.select(contains_postcode(pl.lit(text))).item() is expected
    assert hide_postcodes(pl.Series("x", [text, None])).to_list() == [STRAY_POSTCODE if expected else text, None]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("postcodes")
    home = make_small_home(folder / "home")
    land_export(write_export(folder / "export", *WORLDS), home)
    return home


def test_such_a_text_is_not_understood_and_sent_as_blank(home: Path) -> None:
    request = build_request(home.parent / "export", home)
    inputs = load_reference_inputs(request)
    assessment = assess(request, inputs, read_export(request, inputs))
    sent = assessment.submission.sent["episode"]
    for header in ("UTLA", "HOUSING", "TSLPE", "PRISON"):
        values = sent[header].to_list()
        assert not [value for value in values if value and CANARY.search(value.encode())], header
        assert STRAY_POSTCODE not in values
    assert inputs.lists["TSLPE"].status != "published"


def test_the_submission_holds_them_in_ids_alone(home: Path) -> None:
    rows = pl.read_csv((home / SUBMISSION_FILE).read_bytes(), infer_schema=False)
    holding = {name for name in rows.columns if rows[name].fill_null("").str.contains("(?i)qx9 ?4[a-z]{2}").any()}
    assert holding <= {"CLIENTID", "EPISODID", "MODID", "CLIENT"}


def test_every_value_message_and_view_shows_postcode_in_its_place(home: Path) -> None:
    with duckdb.connect(str(home / "audit.duckdb"), read_only=True) as audit:
        columns = audit.execute(
            "select table_schema || '.' || table_name, column_name from information_schema.columns"
        ).fetchall()
        held = {
            f"{table}.{name}"
            for table, name in columns
            if not table.startswith(("internal.sent_", "main.sent_"))
            and audit.execute(HOLDS.format(name=name, table=table)).fetchone()
        }
        values = audit.execute("select field, value from unmapped order by all").fetchall()
        masked = audit.execute("select columns('_id$') from outcomes where source_line = 5").fetchall()
    assert held == set()
    for header in ("HOUSING", "NATION", "PRISON", "TSLPE", "UTLA"):
        assert (header, STRAY_POSTCODE) in values
    assert {text for row in masked for text in row if text} == {"***", "L0001-2023-04-1"}


@pytest.mark.parametrize(
    "words",
    [
        ("findings", "--format", "json"),
        ("rejected", "--format", "csv"),
        ("unmapped", "--format", "markdown"),
        ("explain", "HOUSING.code", "--run", "L0001-2023-04-1", "--entity", "episode", "--line", "4"),
        ("explain", "DISD.date", "--run", "L0001-2023-04-1", "--entity", "episode", "--line", "6"),
    ],
)
def test_nothing_a_person_reads_has_one(ndtms: Command, home: Path, words: tuple[str, ...]) -> None:
    ran = ndtms(*words, "--home", home)
    assert ran.code == 0, ran.err
    assert not CANARY.search(ran.out.upper().encode())
    assert STRAY_POSTCODE in ran.out or words[0] in ("rejected", "explain")


def test_what_a_mapping_makes_of_such_a_text_is_kept_but_the_text_is_not_shown(tmp_path: Path, ndtms: Command) -> None:
    export = write_export(tmp_path / "export", World(edit={"HOUSING": "Flat, QX9 4UJ"}))
    tables = "".join(
        f'[{name}]\nby_header = true\nfile = "{name}.csv"\n' for name in ("clients", "episodes", "interventions")
    )
    mapping = export / "mapped.toml"
    mapping.write_text(f'name = "mapped"\n{tables}[episodes.codes.HOUSING]\n"Flat, QX9 4UJ" = "1"\n', encoding="utf-8")
    home = make_small_home(tmp_path / "home")
    words = ("--source", mapping, "--agency", "L0001", "--period", "2023-04", "--extracted-on", "2023-05-03")
    assert ndtms("submit", *words, "--home", home).code == 0
    assert pl.read_csv((home / SUBMISSION_FILE).read_bytes(), infer_schema=False)["HOUSING"].to_list() == ["1"]
    assert not CANARY.search((home / "audit.duckdb").read_bytes())
