"""A query of the audit ends within its limits, and no submission waits for it."""

from pathlib import Path

import duckdb
import pytest

from flows.audit.queries import query
from flows.pipeline.settings import read_settings
from flows.support.errors import InputRefused
from flows.support.limits import Limits, size_in_bytes
from tests.support.exports import TWO_CLIENTS, write_export
from tests.support.homes import make_small_home
from tests.support.runs import land_export

ENDLESS = "select count(*) from range(100000) a, range(100000) b, range(1000) c where a.range + b.range = c.range"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("limits")
    home = make_small_home(folder / "home")
    land_export(write_export(folder / "export", *TWO_CLIENTS), home)
    return home


def test_time(home: Path) -> None:
    with pytest.raises(InputRefused, match=r"takes more than 0\.2 seconds; raise query_seconds in the settings"):
        query(home, ENDLESS, Limits(query_seconds=0.2))


def test_memory(home: Path) -> None:
    with pytest.raises(InputRefused, match="takes more than 20MB of memory; raise query_memory in the settings"):
        query(home, "select list(range) from range(50000000)", Limits(query_memory="20MB"))
    assert not [path for path in home.rglob("*") if "tmp" in path.name]


def test_rows(home: Path) -> None:
    with pytest.raises(
        InputRefused, match="takes more than 10 rows; select fewer rows or a summary, or raise query_rows"
    ):
        query(home, "from range(11)", Limits(query_rows=10))
    assert len(query(home, "from range(10)", Limits(query_rows=10))) == 10


def test_a_site_may_set_them(home: Path, tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('[limits]\nquery_memory = "1.5GB"\nquery_seconds = 5\n', encoding="utf-8")
    settings = read_settings(tmp_path)
    assert (settings.limits.query_memory, settings.limits.query_seconds) == ("1.5GB", 5)
    assert size_in_bytes(settings.limits.query_memory) == 1_500_000_000
    # They change no result, so a run does not differ by them.
    assert (settings.changed, settings.digest) == ({}, read_settings(tmp_path / "none").digest)
    (tmp_path / "settings.toml").write_text('[limits]\nquery_memory = "much"\n', encoding="utf-8")
    with pytest.raises(
        InputRefused, match=r"limits\.query_memory: 'much' is not a size; write a number and KB, MB, GB or TB"
    ):
        read_settings(tmp_path)


def test_a_query_reads_the_snapshot_while_another_process_may_write(home: Path) -> None:
    with duckdb.connect(str(home / "audit.duckdb")) as writer:
        writer.execute("begin")
        assert query(home, "select count(*) as runs from runs").item() == 1


def test_what_a_query_names_is_never_a_variable_of_the_program(home: Path) -> None:
    for name in ("limits", "home", "text", "config", "connection"):
        with pytest.raises(InputRefused, match="the query cannot be answered"):
            query(home, f"select * from {name}")
