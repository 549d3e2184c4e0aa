"""One query on several homes has the rows of each of them, with the home in the first column."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from flows.audit.database import audit_path, snapshot_path
from flows.audit.definitions import INTERNAL, TABLES, VIEWS, split_name
from flows.audit.queries import query
from flows.audit.several_homes import query_homes
from flows.landing.commit import land
from flows.landing.home import locked_home
from flows.support.errors import InputRefused
from flows.support.limits import Limits
from tests.rules.world import World
from tests.support.command import Command
from tests.support.exports import TWO_CLIENTS, write_export
from tests.support.homes import make_small_home
from tests.support.requests import submission_request
from tests.support.runs import STARTED_AT, assess_request
from tests.upgrade.kept_audits import unpack_audit

pytestmark = pytest.mark.slow

QUERIED = [name for name in (*TABLES, *VIEWS) if split_name(name)[0] != INTERNAL]
# Views without rows in some of the homes below.
FEW = ("forgotten", "mismatches", "quality", "unmapped")
NO_SEX = World(edit={"SEX": "", "HOUSING": "Houseboat"})
OF_L0002 = {"AGNCY": "L0002"}
# By home: its agency, and the clients of April and May.  Two homes have runs with the same id.
MONTHS = {
    "fairwater": ("L0001", [TWO_CLIENTS, (World(), *TWO_CLIENTS)]),
    "thornwick": (
        "L0002",
        [(World(edit=OF_L0002), World(edit={**OF_L0002, "DOB": "31/02/1980"})), (World(edit=OF_L0002),)],
    ),
    "ashby's": ("L0001", [(NO_SEX, World(), NO_SEX), (World(), NO_SEX, World(), World())]),
}  # fmt: skip


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("several")
    for name, (agency, months) in MONTHS.items():
        home = make_small_home(folder / "homes" / name)
        for number, worlds in enumerate(months):
            export = write_export(folder / f"{name}-{number}", *worlds)
            request = submission_request(
                export, ("2023-04", "2023-05")[number], agency=agency, extracted_on="2023-06-03", home=home
            )
            with locked_home(home):
                land(assess_request(request), STARTED_AT)
    return [folder / "homes" / name for name in MONTHS]


@pytest.mark.parametrize("view", QUERIED)
def test_each_view_has_the_rows_of_every_home(homes: Sequence[Path], view: str) -> None:
    found = query_homes(homes, f"from {view}")
    assert found.columns[0] == "home"
    expected = [query(home, f"select $${home.name}$$ as home, * from {view}") for home in homes]
    assert len(found) == sum(len(rows) for rows in expected)
    assert_frame_equal(found, pl.concat(expected), check_row_order=False)
    assert view in FEW or set(found["home"]) == set(MONTHS)


def test_the_homes_have_rows_that_differ(homes: Sequence[Path]) -> None:
    for view in ("changes", "worklist", "rows_lost", "status"):
        assert len({query(home, f"from {view}").write_json() for home in homes}) == len(homes)


def test_a_pattern_selects_homes(homes: Sequence[Path], ndtms: Command) -> None:
    text = "select home, agency, count(*) as months from latest_runs group by all order by home"
    ran = ndtms("sql", text, "--homes", homes[0].parent / "*", "--format", "csv")
    assert ran.out.splitlines() == ["home,agency,months", "ashby's,L0001,2", "fairwater,L0001,2", "thornwick,L0002,2"]


def test_homes_are_added_and_none_is_queried_twice(homes: Sequence[Path], ndtms: Command) -> None:
    places = [word for home in (homes[1], homes[0].parent / "[ft]*") for word in ("--homes", home)]
    ran = ndtms("sql", "select distinct home from runs order by home", *places, "--format", "csv")
    assert ran.out.splitlines() == ["home", "fairwater", "thornwick"]


def test_homes_of_the_same_name_have_their_paths(homes: Sequence[Path], tmp_path: Path) -> None:
    copy = shutil.copytree(homes[0], tmp_path / "fairwater")
    found = query_homes([*homes[:2], copy], "select distinct home from runs order by home")["home"]
    assert sorted(found) == sorted([str(homes[0]), "thornwick", str(copy)])


@pytest.mark.parametrize("text", [
    "show tables", "describe findings", "explain from runs", "pivot runs on home using count(*)", "summarize runs",
    "call pragma_version()", "with a as (from runs) from a",
])  # fmt: skip
def test_every_statement_that_reads_is_answered(homes: Sequence[Path], text: str) -> None:
    assert len(query_homes(homes, text)) > 0


@pytest.mark.parametrize(("text", "kind"), [
    ("create table copied as from runs", "CREATE"),
    ("create table copied as pivot runs on home using count(*)", "CREATE"),
    ("create or replace view runs as select 1", "CREATE"), ("drop view runs", "DROP"), ("delete from runs", "DELETE"),
    ("insert into home_1_file.main.runs from home_1_file.main.runs", "INSERT"),
    ("update runs set period = ''", "UPDATE"),
    ("set memory_limit = '100GB'", "SET"), ("attach 'other.duckdb'", "ATTACH"), ("copy runs to 'runs.csv'", "COPY"),
])  # fmt: skip
def test_a_write_is_refused(homes: Sequence[Path], text: str, kind: str) -> None:
    content = [path.read_bytes() for home in homes for path in (audit_path(home), snapshot_path(home))]
    with pytest.raises(InputRefused, match=f"it contains {kind}, but the audit can only be read"):
        query_homes(homes, text)
    assert [path.read_bytes() for home in homes for path in (audit_path(home), snapshot_path(home))] == content


@pytest.mark.parametrize(("text", "reported"), [
    ("from read_text('/etc/hostname')", "it reads or writes a file"),
    ("explain analyze delete from home_1_file.main.runs", "it contains EXPLAIN, but the audit can only be read"),
    ("select DOB::int from sent_rows", "Conversion Error in line 1, character 11; the details are hidden"),
    ("selec", "Parser Error"), ("from homes", "Catalog Error"), ("", "it is empty"),
    ("select 1; select 2", "it has 2 statements"),
])  # fmt: skip
def test_a_wrong_query_is_refused_as_for_one_home(homes: Sequence[Path], text: str, reported: str) -> None:
    with pytest.raises(InputRefused) as caught:
        query_homes(homes, text)
    assert str(caught.value).startswith(f"the query cannot be answered: {reported}")
    assert "1980" not in str(caught.value)


@pytest.mark.parametrize(("text", "limits", "reported"), [
    ("from range(11)", Limits(query_rows=10), "10 rows"),
    ("select list(range) from range(50000000)", Limits(query_memory="80MB"), "80MB of memory"),
    ("select count(*) from range(100000) a, range(100000) b, range(1000) c where a.range + b.range = c.range",
     Limits(query_seconds=0.2), "0.2 seconds"),
])  # fmt: skip
def test_a_query_is_limited(homes: Sequence[Path], text: str, limits: Limits, reported: str) -> None:
    with pytest.raises(InputRefused, match=f"it takes more than {reported}"):
        query_homes(homes, text, limits)


def test_the_lowest_limit_of_the_homes_applies(homes: Sequence[Path], tmp_path: Path, ndtms: Command) -> None:
    for name, rows in (("a", 3), ("b", 9)):
        home = shutil.copytree(homes[0], tmp_path / name)
        (home / "settings.toml").write_text(f"[limits]\nquery_rows = {rows}\n", encoding="utf-8")
    assert "more than 3 rows" in ndtms("sql", "from range(4)", "--homes", tmp_path / "*").err


def test_an_audit_of_another_schema_is_refused(homes: Sequence[Path], tmp_path: Path) -> None:
    older = unpack_audit("schema-1-of-2026-11-27", tmp_path / "older")
    with pytest.raises(InputRefused, match=r"older/audit\.duckdb: an earlier version of ndtms .* \(schema 1; "):
        query_homes([*homes, older], "from runs")
    newer = shutil.copytree(homes[0], tmp_path / "newer")
    with duckdb.connect(str(snapshot_path(newer))) as audit:
        audit.execute("update internal.definitions set schema_number = 99")
    with pytest.raises(InputRefused, match=r"newer/audit-snapshot\.duckdb: a newer version of ndtms .* \(schema 99; "):
        query_homes([*homes, newer], "from runs")


def test_an_audit_with_earlier_views_has_those_of_this_version(homes: Sequence[Path], tmp_path: Path) -> None:
    home = shutil.copytree(homes[0], tmp_path / "copy")
    with duckdb.connect(str(snapshot_path(home))) as audit:
        audit.execute("drop view worklist")
    assert len(query_homes([home], "from worklist")) == len(query(homes[0], "from worklist"))


def test_a_home_without_an_audit_is_refused(homes: Sequence[Path], tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match="there is no audit in this directory") as caught:
        query_homes([*homes, tmp_path], "from runs")
    assert str(caught.value).startswith(f"{tmp_path}: ")


def test_a_damaged_audit_is_named(homes: Sequence[Path], tmp_path: Path) -> None:
    home = shutil.copytree(homes[1], tmp_path / "damaged")
    sound = snapshot_path(home).read_bytes()
    refused = set()
    # Block by block, because a damaged list of tables is noticed when the file is opened.
    for start in range(12_288, len(sound), 262_144):
        changed = bytearray(sound)
        for place in range(start + 1_000, min(start + 262_144, len(sound)), 1_000):
            changed[place] ^= 1
        snapshot_path(home).write_bytes(changed)
        try:
            query_homes([homes[0], home], "from sent_rows")
        except InputRefused as error:
            refused.add(str(error).partition(";")[0])
    assert refused == {f"{snapshot_path(home)}: the audit is damaged or is not a DuckDB file"}


def test_a_plain_snapshot_has_no_rows_sent(
    homes: Sequence[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = shutil.copytree(homes[0], tmp_path / "plain")
    monkeypatch.setenv("NDTMS_SNAPSHOT", "plain")
    with locked_home(home):
        pass
    found = query_homes([homes[0], home], "select distinct home from sent_rows")
    assert found["home"].to_list() == ["fairwater"]
    assert len(query_homes([homes[0], home], "select distinct home from runs")) == 2
