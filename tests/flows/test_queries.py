"""Questions to the audit: which runs are meant, and that nothing but the audit can be read or written."""

from functools import partial
from pathlib import Path

import polars as pl
import pytest

from flows.audit import definitions
from flows.audit.database import snapshot_path
from flows.audit.queries import Filters, describe_missing_runs, query, query_view
from flows.audit.upgrade import create_or_upgrade
from flows.support.errors import InputRefused, RunFailed
from flows.support.limits import Limits
from tests.rules.world import World
from tests.support.exports import ONE_WITHOUT_CONSENT, TWO_CLIENTS, write_export
from tests.support.homes import make_small_home
from tests.support.runs import land_export

VIEWS = ("runs", "rejected_rows", "findings", "mismatches", "completeness", "changes", "unmapped")
FIRST, AGAIN, MAY = "L0001-2023-04-1", "L0001-2023-04-2", "L0001-2023-05-1"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """April twice, the second time blocked; then May, in which the first client has changed."""
    folder = tmp_path_factory.mktemp("queries")
    home = make_small_home(folder / "home")
    export = write_export(folder / "export", *TWO_CLIENTS)
    land_export(export, home)
    land_export(write_export(folder / "withheld", *ONE_WITHOUT_CONSENT), home)
    changed = World(interventions=({"MODID": "N@"},), edit={"SEX": "F", "HOUSING": "palace"})
    land_export(write_export(folder / "changed", changed, TWO_CLIENTS[1]), home, "2023-05")
    return home


def runs_of(table: pl.DataFrame) -> list[str]:
    return table["run_id"].unique().sort().to_list()


def test_runs_are_all_runs_in_order(home: Path) -> None:
    assert query_view(home, "runs", Filters())["run_id"].to_list() == [FIRST, AGAIN, MAY]


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        ("rejected_rows", [AGAIN, MAY]),
        ("findings", [AGAIN, MAY]),
        ("completeness", [AGAIN, MAY]),
        ("changes", [AGAIN, MAY]),
        # In April there was nothing to compare with, and no value that is in no list.
        ("mismatches", [MAY]),
        ("unmapped", [MAY]),
    ],
)
def test_views_speak_of_the_latest_run_of_each_month(home: Path, view: str, expected: list[str]) -> None:
    assert runs_of(query_view(home, view, Filters())) == expected


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(), [AGAIN, MAY]),
        (Filters(period="2023-04"), [AGAIN]),
        (Filters(period="2023-05"), [MAY]),
        (Filters(agency="L0001"), [AGAIN, MAY]),
        (Filters(agency="L0002"), []),
        (Filters(run_id=MAY), [MAY]),
        (Filters(agency="L0001", period="2023-04", run_id=MAY), []),
    ],
)
def test_filters(home: Path, filters: Filters, expected: list[str]) -> None:
    assert runs_of(query_view(home, "rejected_rows", filters)) == expected


def test_an_earlier_run_can_still_be_asked_for(home: Path) -> None:
    assert runs_of(query_view(home, "findings", Filters(run_id=FIRST))) == [FIRST]
    assert runs_of(query_view(home, "completeness", Filters(run_id=FIRST))) == [FIRST]


@pytest.mark.parametrize("view", ["rejected_rows", "worklist"])
def test_a_view_of_the_latest_runs_says_that_a_run_is_not_one(home: Path, view: str) -> None:
    assert query_view(home, view, Filters(run_id=FIRST)).is_empty()
    message = describe_missing_runs(home, view, Filters(run_id=FIRST))
    assert message.startswith(f"{FIRST} is not the latest run of its month, which is {AGAIN}, ")
    assert describe_missing_runs(home, view, Filters(run_id=AGAIN)) == ""
    assert describe_missing_runs(home, "findings", Filters(run_id=FIRST)) == ""


def test_a_run_that_is_not_there(home: Path) -> None:
    with pytest.raises(InputRefused, match="--run is 'x'; there is no such run"):
        query_view(home, "findings", Filters(run_id="x"))


@pytest.mark.parametrize("view", VIEWS)
def test_values_of_filters_are_no_part_of_the_query(home: Path, view: str) -> None:
    assert query_view(home, view, Filters(agency="' or 1=1 --", period="2023-04")).is_empty()


def test_why_a_record_was_not_sent(home: Path) -> None:
    rows = query_view(home, "rejected_rows", Filters(period="2023-05"))
    reported = rows.select(
        "entity", "outcome", "rules", "cause_entity", "cause_line", "source_file", "source_line"
    ).rows()
    assert reported == [
        ("client", "rejected", ["DOB.date"], "client", 3, "clients.csv", 3),
        ("episode", "rejected", [], "client", 3, "episodes.csv", 3),
        ("intervention", "rejected", [], "client", 3, "interventions.csv", 4),
    ]
    assert "31/02/1980" not in str(rows.to_dicts())


def test_without_an_audit(tmp_path: Path) -> None:
    for ask_it in (partial(query_view, tmp_path, "runs", Filters()), partial(query, tmp_path, "from runs")):
        with pytest.raises(InputRefused, match="there is no audit yet; `ndtms submit` creates it"):
            ask_it()
    assert list(tmp_path.iterdir()) == []


def test_a_query(home: Path) -> None:
    assert query(home, "from rejected_rows limit 2").height == 2
    assert query(home, "select run_id, rows_sent from runs order by run_number").rows() == [
        (FIRST, 2), (AGAIN, 0), (MAY, 2),
    ]  # fmt: skip


WRITING = (
    "delete from runs",
    "update runs set status = 'landed'",
    "insert into internal.definitions values ('x')",
    "drop table internal.found",
    "create table mine as select 1",
    "create or replace view findings as select 1",
    "alter table runs add column x int",
    "from runs; delete from runs",
    "begin; delete from runs; commit",
    "copy runs to '{other}'",
    "copy runs to '{audit}.wal'",
    "copy runs to '{snapshot}.wal'",
    "explain analyze copy runs to '{snapshot}.wal'",
    "export database '{other}'",
    "attach '{other}' as other",
)
READING = (
    "select * from '{secret}'",
    "select * from read_csv('{secret}')",
    "select * from read_text('{secret}')",
    "select * from read_blob('{secret}')",
    "select * from glob('{folder}/*')",
    "set enable_external_access = true",
    "set enable_external_access = true; select * from read_text('{secret}')",
    "reset enable_external_access; select * from read_text('{secret}')",
    "copy internal.definitions from '{secret}'",
    "attach '{secret}' as other",
    "install httpfs",
    "load '{secret}'",
)


@pytest.mark.parametrize("text", WRITING + READING)
def test_a_query_can_neither_write_nor_read_anything_else(home: Path, tmp_path: Path, text: str) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("x\nSECRET\n", encoding="utf-8")
    audit = home / "audit.duckdb"
    before, files = audit.read_bytes(), sorted(home.iterdir())
    with pytest.raises(InputRefused, match="the query cannot be answered: ") as caught:
        places = {"secret": secret, "other": tmp_path / "other", "folder": tmp_path}
        query(home, text.format(**places, audit=audit, snapshot=snapshot_path(home)))
    assert "SECRET" not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["secret.csv"]
    assert audit.read_bytes() == before
    assert sorted(home.iterdir()) == files


def test_an_answer_needs_no_more_memory_than_allowed(home: Path) -> None:
    limits = Limits(query_memory="100MB")
    with pytest.raises(InputRefused, match="more than 100MB of memory; raise query_memory"):
        query(home, "select repeat('x', 1000000) from range(300)", limits)
    assert query(home, "select repeat('x', 10) from range(300)", limits).height == 300


def test_a_list_of_tables_has_no_table_of_the_answer(home: Path) -> None:
    assert "ndtms_kept" not in query(home, "show tables")["name"].to_list()


@pytest.mark.parametrize("text", ["selec 1", "select nothing from runs", "from nowhere", "select 1 +"])
def test_a_query_that_is_wrong(home: Path, text: str) -> None:
    with pytest.raises(InputRefused, match="the query cannot be answered: "):
        query(home, text)


@pytest.mark.parametrize(
    ("text", "reported"),
    [
        ("select DOB::int from sent_rows", "Conversion Error in line 1, character 11; the details are hidden"),
        ("select 1,\n  s.DOB::INT from sent_rows as s", "Conversion Error in line 2, character 8; the details are"),
        ("from sent_rows where cast(DOB as int) = 1", "Conversion Error in line 1, character 22; the details are"),
        ("select strptime(CLIENTID, '%Y') from sent_rows", "Invalid Input Error; the details are hidden"),
        ("select error(CLIENTID) from sent_rows", "Invalid Input Error; the details are hidden"),
        ("select (select CLIENTID from sent_rows limit 1)::date", "Conversion Error in line 1, character 48; the"),
        ("delete from runs", "it contains DELETE, but the audit can only be read"),
        ("selec", 'Parser Error: syntax error at or near "selec"'),
        ("from nowhere", "Catalog Error: Table with name nowhere does not exist!"),
        ("select nothing from runs", 'Binder Error: Referenced column "nothing" not found in FROM clause!'),
    ],
)
def test_what_is_wrong_with_a_query_is_reported_without_a_value(home: Path, text: str, reported: str) -> None:
    with pytest.raises(InputRefused) as caught:
        query(home, text)
    assert f"the query cannot be answered: {reported}" in str(caught.value)
    for value in ("C0000", "1980", "1985", "'"):
        assert value not in str(caught.value)


@pytest.mark.parametrize(
    ("words", "reported"),
    [
        ("INTERRUPT Error: Interrupted!", "it takes more than 300 seconds; raise query_seconds in the settings"),
        (
            "Out of Memory Error: failed to allocate",
            "it takes more than 2GB of memory; raise query_memory in the settings",
        ),
        ("Conversion Error: Could not convert string 'CANARY' to INT32", "Conversion Error; the details are hidden, "),
        ("CANARY: what is this", "ComputeError; the details are hidden, "),
    ],
)
def test_an_error_while_the_rows_arrive_is_that_of_the_query(
    home: Path, monkeypatch: pytest.MonkeyPatch, words: str, reported: str
) -> None:
    def fail(*_arguments: object, **_named: object) -> None:
        raise pl.exceptions.ComputeError(words)

    monkeypatch.setattr("flows.audit.limited_queries.query_frame_exactly", fail)
    with pytest.raises(InputRefused) as refused:
        query(home, "select 1")
    assert str(refused.value).startswith(f"the query cannot be answered: {reported}")
    assert "CANARY" not in str(refused.value)


@pytest.mark.parametrize("text", ["", "  ", ";", "-- nothing", "/* é */ ;;"])
def test_a_query_that_is_none(home: Path, text: str) -> None:
    with pytest.raises(InputRefused, match="the query cannot be answered: it is empty; exactly one is allowed"):
        query(home, text)


def test_queries_that_are_several(home: Path) -> None:
    with pytest.raises(InputRefused, match="it has 2 statements; exactly one is allowed"):
        query(home, "select 'é'; from runs;")


@pytest.mark.parametrize("text", ["select 1;", "select ';é' -- a; b", ";select $$;$$;; -- done"])
def test_a_query_may_end_and_hold_semicolons(home: Path, text: str) -> None:
    assert query(home, text).height == 1


@pytest.mark.parametrize("kind", ["tables", "views"])
def test_every_definition_is_created(kind: str) -> None:
    """A file that is not listed would do nothing, and nobody would notice."""
    folder, created = definitions.SQL_DIRECTORY, {"tables": definitions.TABLES, "views": definitions.VIEWS}[kind]
    inside = {f"internal.{path.stem}" for path in (folder / "internal" / kind).glob("*.sql")}
    assert {path.stem for path in (folder / kind).glob("*.sql")} | inside == set(created)


def test_a_definition_that_fails_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(definitions, "VIEWS", ("findings", "latest_runs"))
    monkeypatch.setattr(definitions, "TABLES", ("runs",))
    with pytest.raises(RunFailed, match=r"sql/views/findings\.sql cannot be created in the audit: Catalog Error"):
        create_or_upgrade(tmp_path)
