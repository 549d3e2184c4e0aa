"""Refusals of the SQL of a mapping."""

import io
import zipfile

from tests.printed.refusal import Place, refused

Words = tuple[object, ...]
PATIENTS = "id,born\nP1,1990-01-01\nP2,unknown\n"


def map_sql(at: Place, sql: str, shared: str = "", patients: str = PATIENTS) -> Words:
    """Writes a mapping whose clients are built by SQL from a file of patients."""
    at.write("export/patients.csv", patients)
    at.write("sql/clients.sql", sql)
    at.write("sql/shared.sql", shared)
    top = 'location = "export"' + ('\nshared_sql = "sql/shared.sql"' if shared else "")
    return at.map_clients('sql = "sql/clients.sql"', top)


@refused
def sql_file_that_is_missing(at: Place) -> Words:
    words = map_sql(at, "select 1")
    (at.folder / "sql" / "clients.sql").unlink()
    return words


@refused
def sql_file_that_is_no_text(at: Place) -> Words:
    words = map_sql(at, "select 1")
    at.write("sql/clients.sql", b"\xff")
    return words


@refused
def sql_with_columns_of_a_mapping(at: Place) -> Words:
    return at.map_clients('sql = "sql/clients.sql"\nwhere = { id = ["1"] }')


@refused
def sql_with_an_unknown_table(at: Place) -> Words:
    return map_sql(at, "select id as CLIENTID\nfrom patient")


@refused
def sql_with_an_unknown_column(at: Place) -> Words:
    return map_sql(at, "select\n    idd as CLIENTID\nfrom patients")


@refused
def sql_that_is_misspelt(at: Place) -> Words:
    return map_sql(at, "selct id as CLIENTID from patients")


@refused
def sql_of_two_statements(at: Place) -> Words:
    return map_sql(at, "select id as CLIENTID from patients; select 1")


@refused
def sql_that_attaches_a_database(at: Place) -> Words:
    return map_sql(at, "attach 'other.duckdb'")


@refused
def sql_that_reads_another_file(at: Place) -> Words:
    return map_sql(at, "select * from read_csv('other.csv')")


@refused
def sql_with_an_unknown_parameter(at: Place) -> Words:
    return map_sql(at, "select id as CLIENTID from patients where born < $today")


@refused
def sql_with_a_placeholder_of_a_location(at: Place) -> Words:
    return map_sql(at, "select id as CLIENTID from patients where born < '{period}'")


@refused
def sql_that_reads_the_clock(at: Place) -> Words:
    return map_sql(at, "select id as CLIENTID\nfrom patients\nwhere born < current_date")


@refused
def sql_with_a_word_that_is_cut_within_a_character(at: Place) -> Words:
    return map_sql(at, f"{chr(0x1F600) * 3000}select id as CLIENTID from patients")


@refused
def sql_that_fails_on_a_value(at: Place) -> Words:
    return map_sql(at, "select id as CLIENTID,\n    born::date as DOB\nfrom patients")


@refused
def sql_with_two_answers_at_the_same_time(at: Place) -> Words:
    patients = "id,consent,asked,row\nP1,Y,2023-04-03,1\nP1,N,2023-04-03,2\n"
    return map_sql(at, "select id as CLIENTID, latest(consent, asked) as SEX from patients group by id", "", patients)


@refused
def sql_without_end(at: Place) -> Words:
    at.make_home()
    at.settings("[limits]\nmapping_seconds = 0.2\n")
    return map_sql(at, "select id as CLIENTID from patients, range(1000000) a, range(1000000) b, range(1000000) c")


@refused
def sql_that_needs_too_much_memory(at: Place) -> Words:
    at.make_home()
    at.settings('[limits]\nmapping_memory = "100MB"\n')
    return map_sql(at, "select string_agg(repeat('x', 1000000), '') as CLIENTID from range(10000)")


@refused
def sql_with_a_list_as_a_value(at: Place) -> Words:
    return map_sql(at, "select [id] as CLIENTID from patients")


@refused
def sql_with_a_column_twice(at: Place) -> Words:
    return map_sql(at, "select id as CLIENTID, born as CLIENTID from patients")


@refused
def sql_without_the_line_of_a_row(at: Place) -> Words:
    return map_sql(at, "select id as CLIENTID, source_file, null as source_line from patients")


@refused
def sql_without_the_id(at: Place) -> Words:
    return map_sql(at, "select born as DOB from patients")


@refused
def shared_sql_that_is_a_query(at: Place) -> Words:
    return map_sql(at, "select id as CLIENTID from patients", "select 1")


@refused
def shared_sql_with_a_parameter(at: Place) -> Words:
    return map_sql(
        at, "select id as CLIENTID from v", "create view v as\n  select * from patients where born < $period"
    )


@refused
def shared_sql_with_an_unknown_column(at: Place) -> Words:
    return map_sql(at, "select id as CLIENTID from v", "create view v as\n  select nobody from patients")


@refused
def file_with_a_column_of_the_name_that_sql_gives_lines(at: Place) -> Words:
    return map_sql(at, "select id as CLIENTID from patients", patients="id,source_line\nP1,1\n")


@refused
def file_with_columns_that_sql_takes_for_one(at: Place) -> Words:
    return map_sql(at, "select id as CLIENTID from patients", patients="id,born,ID\nP1,x,y\n")


@refused
def two_files_of_one_table(at: Place) -> Words:
    at.write("export/patients.tsv", "id\tborn\n")
    return map_sql(at, "select id as CLIENTID from patients")


@refused
def damaged_archive_among_the_files(at: Place) -> Words:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("others.csv", "id\n1\n")
    at.write("export/others.zip", content.getvalue()[:30])
    return map_sql(at, "select id as CLIENTID from patients")


@refused
def sql_that_depends_on_the_order_of_rows(at: Place) -> Words:
    words = map_sql(
        at,
        "select first(id) as CLIENTID, min(born) as DOB from patients group by SEX order by all",
        patients="id,born,SEX\n" + "".join(f"P{number},2000-01-01,M\n" for number in range(40)),
    )
    return ("source", "check", words[2], *words[3:])
