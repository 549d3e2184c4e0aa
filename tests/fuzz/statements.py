"""Statements for the fuzz targets of SQL: pieces of good queries and of those that reach for more than tables."""

from pathlib import Path

from hypothesis import strategies as st

# A file that no query may read, and a place that none may write to.
OUTSIDE = "input/outside.csv"
WRITTEN = "input/written"
SECRET = "Marrowgate"
PIECES = (
    "select", " * ", " from ", "patients", "runs", " where ", "id", "born", "run_id", " as ", " group by all ",
    " order by all ",
    " limit 5 ", " union all ", " join ", " using (id) ", "(", ")", ",", ";", "'", '"', "--", "/*", "*/", "$period",
    "$1", "?", "$$",
    "null", "1", "1e308", "'x'", "'1990-01-01'::date", "::int", "::date", "::blob", "::json", "try_cast(id as int)",
    "[1, 2]",
    "{'a': 1}", "map {1: 2}", "interval 1 day", "count(*)", "max(id)", "list(id)", "struct_pack(a := id)",
    "unnest([1, 2])",
    "range(1000000000)", "repeat('x', 100000)", "row_number() over ()", "(select id from patients)", "lambda x: x",
    "x -> x",
    "random()", "now()", "current_date", "uuid()", "getenv('HOME')", "error(id)", "current_setting('memory_limit')",
    "columns('.*')", "columns(*)", "exclude (id)", "replace (1 as id)", "pivot runs on run_id", "unpivot",
    "summarize runs",
    "describe ", "explain ", "explain analyze ", "show tables", "pragma database_list", "call pragma_version()",
    f"read_csv('{OUTSIDE}')", f"read_text('{OUTSIDE}')", f"read_blob('{OUTSIDE}')", f"'{OUTSIDE}'", "glob('*')",
    "glob('/etc/*')",
    "read_csv('http://localhost:1/x.csv')", "read_parquet('s3://x/y')", "sniff_csv('input/outside.csv')",
    f"copy (select 1) to '{WRITTEN}.csv'", f"copy runs to '{WRITTEN}.parquet'", f"export database '{WRITTEN}'",
    f"attach '{WRITTEN}.duckdb' as w", "attach ':memory:' as m", "install httpfs", "load httpfs", "set threads = 2",
    "set enable_external_access = true", "reset enable_external_access", "set allowed_paths = ['/']",
    "set disabled_filesystems = ''", "set temp_directory = 'input/written'", "set lock_configuration = false",
    "pragma enable_profiling", "set profiling_output = 'input/written'", "set log_query_path = 'input/written'",
    "create temp table t as ", "create view v as ", "create secret (type s3)", "insert into ", "delete from ",
    "update ",
    "drop table ", "begin", "checkpoint", "prepare p as select 1", "execute p", "duckdb_secrets()", "duckdb_settings()",
    "duckdb_tables()", "which_secret('x', 's3')", "query('select 1')", "query_table('patients')",
    "pragma_storage_info('runs')",
    "with recursive r as (select 1 n union all select n + 1 from r) select max(n) from r", "source_file", "source_line",
    "\n", "\r", "\0", "\u2028", "é", "😀", " collate de ", " at time zone 'UTC' ", "'infinity'::timestamp", "json('[')",
)  # fmt: skip


def statements() -> st.SearchStrategy[bytes]:
    """Up to twelve pieces after one another, most of which begin as a query."""
    starts = st.sampled_from(
        ("select ", "select * from ", "from ", "with a as (select 1) select ", "explain analyze ", "")
    )
    return st.tuples(starts, st.lists(st.sampled_from(PIECES), min_size=1, max_size=12)).map(
        lambda parts: (parts[0] + " ".join(parts[1])).encode()
    )


def refuse_outside(folder: Path) -> str:
    """Writes the file that no query may read, and returns the text in it."""
    (folder / "input").mkdir()
    (folder / "input" / "outside.csv").write_text(f"a,b\n{SECRET},1\n", encoding="utf-8")
    return SECRET


def list_written(folder: Path) -> list[str]:
    """Returns the files next to the one that no query may read."""
    return [path.name for path in (folder / "input").iterdir() if path.name != "outside.csv"]
