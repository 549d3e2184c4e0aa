"""Tables that the SQL of a mapping builds from the files of an export."""

import shutil
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.files.locations import Location
from flows.intake.export_files import find_tables
from flows.intake.sql.database import open_sql_tables
from flows.intake.sql.stability import refuse_unstable_results
from flows.pipeline.assess import Assessment, build_manifest, load_reference_inputs
from flows.sources.mapping import SourceMapping, TableFile
from flows.sources.mapping_files import find_source, read_mapping
from flows.sources.query_parameters import QueryParameters
from flows.support.errors import InputRefused
from flows.support.limits import Limits
from schemas.dataset import ENTITIES
from schemas.period import Period
from schemas.record_columns import FILE_LINE
from tests.support.homes import make_small_home
from tests.support.requests import submission_request
from tests.support.runs import assess_request
from tests.support.sql_mappings import write_sql_mapping
from transforms.parse.dates import parse_dates

ORCHARD = Path(__file__).parents[2] / "data" / "examples" / "orchard"
PARAMETERS = QueryParameters(Period.parse("2023-04"), date(2023, 5, 3), "L0001")
SMALL = Limits(mapping_seconds=0.5, mapping_memory="200MB")
PATIENTS = pl.DataFrame(
    {
        "id": ["P1", "P2", "P3"],
        "born": ["1990-01-01", "Canary Bird", None],
        "source_file": ["patients.csv"] * 3,
        "source_line": pl.Series([2, 3, 4], dtype=pl.UInt32),
    }
)


def mapping_of(sql: str, shared: str = "", dates: tuple[str, ...] = ()) -> SourceMapping:
    """A mapping whose clients are built by SQL."""
    others = {name: {"file": f"{name}.csv", "by_header": True} for name in ("episodes", "interventions")}
    content = {"name": "test", "dates": dates, "clients": {"sql": "clients.sql"}, **others}
    if shared:
        content["shared_sql"] = "shared.sql"
    return SourceMapping.model_validate(content).with_sql({"clients.sql": sql, "shared.sql": shared})


def build(
    sql: str,
    shared: str = "",
    tables: Mapping[str, pl.DataFrame] | None = None,
    dates: tuple[str, ...] = (),
    limits: Limits = SMALL,
) -> pl.DataFrame:
    """The clients that SQL builds from patients."""
    mapping = mapping_of(sql, shared, dates)
    with open_sql_tables(mapping, tables or {"patients": PATIENTS}, PARAMETERS, limits) as built:
        return built.build(mapping.get_sql_file("client"))


WRONG = {
    "select id from patient": "line 1: Table with name patient does not exist; the tables of the export are patients",
    "select id from main.patient": "line 1: Table with name patient does not exist",
    "select\n idd from patients": 'line 2: Referenced column "idd" not found in FROM clause; Candidate bindings: "id"',
    "select p.idd\nfrom patients p": 'line 1: Table "p" does not have a column named "idd"',
    "select q.id from patients p": 'line 1: Referenced table "q" not found; Candidate tables: "p"',
    "select uper(id) from patients": "line 1: Scalar Function with name uper does not exist; Did you mean",
    "select getenv('HOME')": "line 1: Scalar Function with name getenv does not exist",
    "select cast(id as dat) from patients": 'Type with name dat does not exist; Did you mean "date"',
    "select sum(id) from patients": "No function matches the given name and argument types 'sum(VARCHAR)'",
    "select id from patients where count(*) > 1": "WHERE clause cannot contain aggregates",
    "select id, count(*) from patients": "must appear in the GROUP BY clause",
    "selct id": 'line 1: syntax error at or near "selct"',
    "select id from patients where": "syntax error at end of input",
    "select id from patients; select 1": "the file has 2 statements; exactly one SELECT is allowed",
    "": "the file has 0 statements",
    "-- select": "the file has 0 statements",
    "attach 'x.duckdb'": "the statement is ATTACH; only SELECT is allowed",
    "copy patients to 'x.csv'": "the statement is COPY; only SELECT is allowed",
    "export database 'x'": "the statement is EXPORT; only SELECT is allowed",
    "install httpfs": "the statement is LOAD; only SELECT is allowed",
    "load httpfs": "the statement is LOAD; only SELECT is allowed",
    "set threads = 1": "the statement is SET; only SELECT is allowed",
    "insert into patients values ('P4', null, 'x', 5)": "the statement is INSERT; only SELECT is allowed",
    "update patients set id = 'x'": "the statement is UPDATE; only SELECT is allowed",
    "delete from patients": "the statement is DELETE; only SELECT is allowed",
    "drop table patients": "the statement is DROP; only SELECT is allowed",
    "create table x (a int)": "the statement is CREATE; only SELECT is allowed",
    "call pragma_version()": "the statement is CALL; only SELECT is allowed",
    "begin": "the statement is TRANSACTION; only SELECT is allowed",
    "select * from read_csv('other.csv')": 'Cannot access file "other.csv"',
    "select * from read_text('/etc/hostname')": 'Cannot access file "/etc/hostname"',
    "select * from read_parquet('x.parquet')": 'Cannot access file "x.parquet"',
    "select * from glob('*')": 'Cannot access file "*"',
    "select * from '/etc/hostname'": "does not exist",
    "select * from sqlite_scan('x.db', 't')": "is not in the catalog",
    "select random() as CLIENTID from patients": "random does not return the same each time",
    "select now() as CLIENTID from patients": "now does not return the same each time",
    "select id from patients\nwhere born < current_date": "line 2: current_date does not return the same each time",
    "select\u00a0id as CLIENTID from patients where born <\u00a0current_date": "current_date does not return the same",
    "select uuid() as CLIENTID from patients": "uuid does not return the same each time",
    "select id from patients where born < $today": "$today is not a parameter; allowed: $period",
    "select '{period}' as CLIENTID": "contains {period}, which is for a location; write $period",
    "select [id] as CLIENTID from patients": "the column 'CLIENTID' is varchar[]; each column must be one value",
    "select id as A, born as a from patients": "the result has 'A' twice; each column is allowed once",
    "select id as CLIENTID, born::date as DOB from patients": "the query failed on a value (Conversion Error)",
    "select error(born) as CLIENTID from patients": "the query failed on a value (Invalid Input Error)",
    "select id as CLIENTID, source_file, 'x' as source_line from patients": "3 rows of the result without a source",
    "select count(*) as CLIENTID from range(1000000) a, range(1000000) b, range(1000) c": "more than 0.5 seconds",
    "with recursive r as (select 1 n union all select n + 1 from r) select max(n) CLIENTID from r": "more than",
    "select string_agg(repeat('x', 1000000), '') as CLIENTID from range(10000)": "more than 200MB of memory",
}  # fmt: skip


@pytest.mark.parametrize("sql", WRONG)
def test_a_wrong_query_is_refused_in_one_sentence_without_a_value(sql: str) -> None:
    with pytest.raises(InputRefused) as refused:
        build(sql)
    text = str(refused.value)
    assert text.startswith("clients.sql")
    assert WRONG[sql] in text
    assert "\n" not in text
    assert "Canary" not in text


def test_a_value_that_fails_while_rows_arrive_is_not_shown() -> None:
    """Rows arrive in parts, so that the error of a late row is raised by the reader of the rows."""
    number = 300_000
    patients = pl.DataFrame({"id": [str(n) for n in range(number)], "born": ["1990-01-01"] * (number - 1) + ["Canary"]})
    with pytest.raises(InputRefused) as refused:
        build(
            "select id as CLIENTID,\n    born::date as DOB\nfrom patients",
            tables={"patients": patients}, limits=Limits(mapping_seconds=600, mapping_memory="200MB"),
        )  # fmt: skip
    assert str(refused.value).startswith("clients.sql, line 2: the query failed on a value (Conversion Error)")
    assert "Canary" not in str(refused.value)


def test_shared_sql_may_have_a_byte_order_mark_and_other_spaces() -> None:
    shared = "\ufeffcreate\u00a0view v as select id from patients;\ncreate\u2003macro m(a) as upper(a);"
    assert build("select m(id) as CLIENTID from v", shared).height == 3


SHARED_WRONG = {
    "select 1": "line 1: only CREATE VIEW and CREATE MACRO are allowed",
    "create table x as select 1": "line 1: only CREATE VIEW and CREATE MACRO are allowed",
    "-- a view\ncreate view v as\n    select idd from patients": 'line 3: Referenced column "idd" not found',
    "create view v as select * from read_csv('x.csv')": 'Cannot access file "x.csv"',
    "create view v as select id from patients;\ncreate macro m(a) as now()": "line 2: now does not return the same",
    "create view v as select id from patients where born < $first_day": "$first_day cannot be used in a view or macro",
}


@pytest.mark.parametrize("shared", SHARED_WRONG)
def test_shared_sql_is_views_and_macros(shared: str) -> None:
    with pytest.raises(InputRefused, match=r"^shared\.sql") as refused:
        build("select id as CLIENTID from patients", shared)
    assert SHARED_WRONG[shared] in str(refused.value)


def test_a_query_can_use_shared_views_parameters_and_comments() -> None:
    shared = "/* of both */ create view v as select * from patients; create macro low(t) as lower(t)"
    sql = "select low(id) as CLIENTID, $last_day as DOB, $agency as AGNCY, source_file, source_line from v; -- end"
    rows = build(sql, shared)
    assert rows.columns == ["CLIENTID", "DOB", "AGNCY", "source_file", FILE_LINE]
    assert rows.row(0) == ("p1", "2023-04-30", "L0001", "patients.csv", 2)


def test_without_lines_the_rows_of_the_sorted_result_are_counted() -> None:
    rows = build("select id as CLIENTID from patients order by id desc")
    assert rows["CLIENTID"].to_list() == ["P1", "P2", "P3"]
    assert rows["source_file"].unique().to_list() == ["result of clients.sql"]
    assert rows[FILE_LINE].to_list() == [2, 3, 4]


@pytest.mark.parametrize("parts", ["('a')", "('b'), ('a')"])
def test_the_result_is_sorted_by_line_and_then_by_its_values(parts: str) -> None:
    sql = f"""select id || part as CLIENTID, source_file, source_line
        from patients, (values {parts}) as parts(part) order by source_line desc, part desc"""
    rows = build(sql)
    expected = [(f"P{number}{part}", number + 1) for number in (1, 2, 3) for part in ("a", "b")[: parts.count("(")]]
    assert rows.select("CLIENTID", FILE_LINE).rows() == expected


def test_the_macros_choose_values() -> None:
    answers = pl.DataFrame(
        {
            "id": ["P1"] * 5,
            "question": ["home", "home", "work", "home", "home"],
            "value": ["no", "yes", "never", None, "maybe"],
            "answered": ["2023-01-01", "2023-02-01", "2023-03-01", "2023-04-01", "2023-02-01"],
            "rank": ["1", "2", "x", None, "3"],
            "source_file": ["answers.csv"] * 5,
            "source_line": pl.Series([2, 3, 4, 5, 6], dtype=pl.UInt32),
        }
    )
    sql = """select answer(question, value, answered, 'home', rank) as a, latest(value, answered) as b,
        nth(value, rank, 2) as c,
        first_filled([null, ' ', 'x', 'y']) as d, first_filled(['', null]) as e from answers group by id"""
    rows = build(sql, tables={"answers": answers})
    assert rows.select("a", "b", "c", "d", "e").row(0) == ("maybe", "never", "yes", "x", None)


@pytest.mark.parametrize(
    ("rows", "call", "expected"),
    [
        ([("Y", "2023-02-01", "1"), ("N", "2023-02-02", "2")], "latest(value, moment)", "N"),
        ([("Y", "2023-02-01", "1"), ("Y", "2023-02-01", "2")], "latest(value, moment)", "Y"),
        ([("Y", "2023-02-01", "9"), ("N", "2023-02-01", "10")], "latest(value, moment, cast(number as bigint))", "N"),
        ([("Y", "2023-02-01", "1"), ("N", "2023-02-01", "2")], "answer('c', value, moment, 'c', tie := number)", "N"),
        # A row without a time, or with one that cannot be read, is not the latest.
        ([("Y", None, "1"), ("N", "2023-02-01", "2")], "latest(value, moment)", "N"),
        ([("Y", None, "1"), (None, "2023-02-01", "2")], "latest(value, moment)", "Y"),
        ([("Y", "2023-02-01", "1"), ("N", "2023-02-01", "2")], "latest(value, moment)", None),
        ([("Y", "2023-02-01", "1"), ("N", "2023-02-01", "1")], "answer('c', value, moment, 'c', tie := number)", None),
        ([("Y", None, "1"), ("N", None, "2")], "latest(value, moment)", None),
        # The same row twice does not hide another one.
        ([("Y", "2023-02-01", "1"), ("Y", "2023-02-01", "1"), ("N", "2023-02-01", "1")], "latest(value, moment)", None),
    ],
)
def test_of_two_rows_at_the_same_time_none_is_the_latest(
    rows: list[tuple[str | None, str | None, str]], call: str, expected: str | None
) -> None:
    table = pl.DataFrame(rows, schema=["value", "moment", "number"], orient="row").with_columns(id=pl.lit("P1"))
    sql = f"select id, {call} as value from answers group by id"
    if expected is not None:
        assert build(sql, tables={"answers": table})["value"].to_list() == [expected]
        return
    with pytest.raises(InputRefused, match=r"^clients\.sql: two rows of a group differ and have the same time, so "):
        build(sql, tables={"answers": table})


DAYS = st.one_of(
    st.text("0123456789-/T: +Z.JanFeb", max_size=26),
    st.builds(
        "{}{}".format,
        st.dates(date(1, 1, 1), date(2100, 12, 31)).flatmap(
            lambda day: st.sampled_from(
                [
                    day.isoformat(),
                    f"{day:%d/%m/}{day.year:04}",
                    f"{day:%d-%b-}{day.year:04}",
                    f"{day:%d %b }{day.year:04}",
                    f"{day:%d.%m.}{day.year:04} 14:07:26",
                    f"{day:%A, %-d %B }{day.year:04}",
                    f"{day:%-d/%-m/}{day.year:04}",
                    f"{day.year:04}{day:%j}",
                ]
            )
        ),
        st.sampled_from(
            [
                "",
                " 23:30",
                "T00:15:00Z",
                "T23:59:59.5+01:00",
                " 00:10-0530",
                "T25:00",
                " 14:07",
                "x",
                " ",
                ".123",
                ",5",
                ".",
                " 2:07 pm",
            ]
        ),
    ),
)
FORMS = ("%d %b %Y", "%d %b %Y %H:%M", "%d.%m.%Y %T.%f", "%A, %-d %B %Y", "%-d/%-m/%Y %-I:%M %p", "%Y%j")


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.lists(DAYS, min_size=40, max_size=40))
def test_as_day_reads_what_the_program_reads(texts: list[str]) -> None:
    table = pl.DataFrame({"number": [str(n) for n in range(len(texts))], "text": texts})
    built = build("select number, as_day(text) as day from texts", tables={"texts": table}, dates=FORMS)
    expected = parse_dates(pl.Series([text.strip() for text in texts]), FORMS).cast(pl.String).to_list()
    found = dict(zip(built["number"], built["day"], strict=True))
    assert {text: found[str(n)] for n, text in enumerate(texts)} == dict(zip(texts, expected, strict=True))


UNSTABLE = {
    "select first(id) as CLIENTID, min(born) as DOB from patients": "CLIENTID",
    "select id as CLIENTID, row_number() over () as CLIENT from patients": "CLIENT",
    "select min(id) as CLIENTID, string_agg(id, ',') as CLIENT from patients": "CLIENT",
}


@pytest.mark.parametrize("sql", UNSTABLE)
def test_a_result_that_depends_on_the_order_of_rows_is_refused(sql: str) -> None:
    ids = [f"P{number}" for number in range(50)]
    patients = pl.DataFrame({"id": ids, "born": ["2000-01-01"] * 50})
    with pytest.raises(
        InputRefused, match=rf"the values of {UNSTABLE[sql]} differ, depending on the order of the rows"
    ):
        refuse_unstable_results(mapping_of(sql), {"patients": patients}, PARAMETERS, Limits())


def test_a_result_that_is_only_ordered_otherwise_is_accepted() -> None:
    sql = "select id as CLIENTID, latest(born, born) as DOB from patients group by id"
    refuse_unstable_results(mapping_of(sql), {"patients": PATIENTS}, PARAMETERS, Limits())


@pytest.fixture(scope="module")
def orchard(tmp_path_factory: pytest.TempPathFactory) -> tuple[Assessment, Assessment]:
    """The first example's month, mapped by its columns and by SQL."""
    folder = tmp_path_factory.mktemp("orchard")
    mapping, _ = find_source("orchard")
    sql = write_sql_mapping(mapping, folder, ORCHARD / "2023-04")
    home = make_small_home(folder / "home")
    of_columns, of_sql = (
        assess_request(submission_request(str(source), "2023-04", agency="L0001", extracted_on="2023-05-03", home=home))
        for source in ("orchard", sql)
    )
    return of_columns, of_sql


def test_columns_and_sql_give_the_same_rows_and_the_same_findings(orchard: tuple[Assessment, Assessment]) -> None:
    of_columns, of_sql = orchard
    assert len(of_columns.submission.rows) > 100
    assert of_sql.submission.rows.order.equals(of_columns.submission.rows.order)
    for entity in ENTITIES:
        assert of_sql.submission.sent[entity].equals(of_columns.submission.sent[entity])
    assert of_sql.submission.findings.equals(of_columns.submission.findings)


def test_the_manifest_has_the_files(orchard: tuple[Assessment, Assessment]) -> None:
    of_columns, of_sql = (
        [(name, digest) for item, name, digest in assessment.manifest if item == "input"] for assessment in orchard
    )
    assert sorted(set(of_sql)) == sorted(of_columns)


def test_another_sql_is_another_mapping_in_the_manifest(orchard: tuple[Assessment, Assessment]) -> None:
    _, of_sql = orchard
    request, texts = of_sql.request, {file.name: file.text for file in of_sql.request.mapping.sql_files}
    inputs = load_reference_inputs(request)

    def read_digest(**changed: str) -> str:
        given = replace(request, mapping=request.mapping.with_sql({**texts, **changed}))
        [digest] = [digest for item, _, digest in build_manifest(given, inputs, {}) if item == "source mapping"]
        return digest

    recorded = [digest for item, _, digest in of_sql.manifest if item == "source mapping"]
    assert [read_digest()] == recorded
    assert read_digest(**{"sql/clients.sql": texts["sql/clients.sql"] + "-- another"}) != recorded[0]


def test_a_mapping_that_extends_another_uses_its_sql(tmp_path: Path) -> None:
    mapping, _ = find_source("orchard")
    base = write_sql_mapping(mapping, tmp_path / "base", ORCHARD / "2023-04")
    (tmp_path / "own.toml").write_text(f'extends = "{base}"\nname = "own"\n', encoding="utf-8")
    assert [file.text for file in read_mapping(tmp_path / "own.toml").sql_files] == [
        file.text for file in read_mapping(base).sql_files
    ]


def test_every_kind_of_file_is_a_table(tmp_path: Path) -> None:
    export = tmp_path / "export"
    export.mkdir()
    frame = pl.DataFrame({"id": ["P1"], "born": ["2000-01-01"]})
    frame.write_csv(export / "one.csv")
    frame.write_csv(export / "two.tsv", separator="\t")
    frame.write_parquet(export / "three.parquet")
    frame.write_excel(export / "four.xlsx")
    frame.write_excel(export / "sheets.xlsx", worksheet="five")
    shutil.make_archive(str(export / "six"), "zip", export, "one.csv")
    (export / "read me.pdf").write_text("no table", encoding="utf-8")
    (tmp_path / "sql").mkdir()
    sql = " union all ".join(
        f"select '{name}' || id as CLIENTID, source_file, source_line from {name}"
        for name in ("one", "two", "three", "four", "sheets", "six")
    )
    (tmp_path / "sql" / "clients.sql").write_text(sql, encoding="utf-8")
    others = "".join(f'[{name}]\nfile = "{name}.csv"\nby_header = true\n' for name in ("episodes", "interventions"))
    for name, header in (("episodes", "EPISODID"), ("interventions", "MODID")):
        (export / f"{name}.csv").write_text(f"{header}\n", encoding="utf-8")
    text = f'name = "kinds"\nlocation = "export"\n[clients]\nsql = "sql/clients.sql"\n{others}'
    (tmp_path / "kinds.toml").write_text(text, encoding="utf-8")
    assessed = assess_request(
        submission_request(
            str(tmp_path / "kinds.toml"), "2023-04", agency="L0001", extracted_on="2023-05-03",
            home=make_small_home(tmp_path / "home"),
        )
    )  # fmt: skip
    assert assessed.submission.read == {"client": 6, "episode": 0, "intervention": 0}
    assert [name for item, name, _ in assessed.manifest if item == "input"] == [
        "four.xlsx", "one.csv", "sheets.xlsx", "six.zip", "three.parquet", "two.tsv", "episodes.csv",
        "interventions.csv",
    ]  # fmt: skip


def test_parameters_of_a_database_query_are_literals() -> None:
    nobody = replace(PARAMETERS, agency=None)
    assert PARAMETERS.fill_in("x < $last_day and y = $period") == "x < '2023-04-30' and y = '2023-04'"
    assert nobody.fill_in("$agency, $agencyx, $extracted_on") == "NULL, $agencyx, '2023-05-03'"


def test_a_table_of_the_mapping_precedes_a_file_of_its_name(tmp_path: Path) -> None:
    for name in ("patients.csv", "other.csv"):
        (tmp_path / name).write_text("id\n", encoding="utf-8")
    found = find_tables(Location(str(tmp_path)), {"Patients": TableFile(file="other.csv")}, Limits())
    assert {name: table.file for name, table in found.items()} == {"Patients": "other.csv"}
