"""A home that is restored from a backup goes on as one that nothing happened to."""

import shutil
from pathlib import Path

import pytest

from tests.backup.backing_up import copy_home, find_faults, make_backup, make_private
from tests.rules.world import World
from tests.support.exports import TWO_CLIENTS, write_export
from tests.support.homes import make_small_home, query_audit
from tests.support.runs import land_export

_MAY = "submissions/L0001/L0001-20230501-20230531-TREAT-IN-R.csv"
# The client's ID has the date of birth, so that only the key of the home recognises it in another month.
_MASKED = {"CLIENTID": "X1980-01-01", "episode.CLIENTID": "X1980-01-01", "DOB": "1980-01-01"}
_FINDINGS = (
    "from internal.found order by all",
    "from findings order by all",
    "from changes order by all",
    "from outcomes order by all",
    "from sent_rows order by all",
    "from mismatches order by all",
    "select run_id, status, rows_sent, output_path, output_sha256 from runs order by all",
    "from internal.recorded_outcomes order by all",
)


@pytest.mark.parametrize("damage", ["deleted", "damaged"])
def test_the_next_month_is_that_of_an_undisturbed_home(tmp_path: Path, damage: str) -> None:
    home = make_small_home(tmp_path / "home")
    (home / "settings.toml").write_text("shrink_share = 0.1\n", encoding="utf-8")
    april = write_export(tmp_path / "april", *TWO_CLIENTS, World(edit=_MASKED), World())
    may = write_export(tmp_path / "may", TWO_CLIENTS[0], World(edit={"SEX": ""}), World(edit=_MASKED))
    land_export(april, home)
    make_private(home)
    undisturbed = copy_home(home, tmp_path / "undisturbed")
    made = make_backup(home, tmp_path / "backups")

    if damage == "deleted":
        shutil.rmtree(home)
    else:
        (home / "audit.duckdb").write_bytes(bytes(8192))
        # As docs/operating.md describes: what is left of the home is moved away first.
        home.rename(tmp_path / "damaged")
    copy_home(made.directory, home)

    assert find_faults(home) == []
    land_export(may, home, "2023-05")
    land_export(may, undisturbed, "2023-05")
    assert (home / _MAY).read_bytes() == (undisturbed / _MAY).read_bytes()
    for query in _FINDINGS:
        assert query_audit(home, query) == query_audit(undisturbed, query), query
    assert query_audit(home, "select count(*) from findings where run_id = 'L0001-2023-05-1'") != [(0,)]
    assert query_audit(home, "select count(*) from internal.found where masked_ids is not null") != [(0,)]
    assert find_faults(home) == []
