"""A backfill into an encrypted audit, by two processes, gives what one without a key gives."""

from pathlib import Path

import pytest

from flows.audit import database
from flows.months.plan import plan_backfill
from flows.months.processes import start_processes
from flows.months.run import run_backfill
from flows.support.errors import InputRefused
from tests.backfill.backfilling import asked, backfilled, files
from tests.backfill.generated import write_history
from tests.retention.canaries import find_in_files
from tests.support.encryption import use_key

AGENCIES, MONTHS, CLIENTS = 2, 2, 8
# The dates of birth of the made-up clients begin with it.
CANARY = "1970-01-0"
AUDIT = {"audit.duckdb", "audit-snapshot.duckdb"}
_ROWS = {
    "runs": "select agency, period, status, rows_sent, output_sha256 from runs order by all",
    "findings": "select agency, period, entity, row, rule, value from internal.found join runs using (run_id)"
    " order by all",
    "sent": "select columns('^[A-Z0-9]+$') from sent_rows order by all",
}


def read_rows(home: Path) -> dict[str, list[tuple[object, ...]]]:
    with database.open_read_only(home) as audit:
        return {name: audit.execute(query).fetchall() for name, query in _ROWS.items()}


@pytest.mark.slow
def test_two_processes_fill_an_encrypted_audit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    exports = write_history(tmp_path / "exports", AGENCIES, MONTHS, CLIENTS)
    home, plain = tmp_path / "home", tmp_path / "plain"
    with plan_backfill(asked(exports, home, MONTHS)) as plan, start_processes(2) as processes:
        result = run_backfill(plan, processes.judge, processes.compare)
    assert [month.status for month in result.months] == ["landed"] * AGENCIES * MONTHS
    found = read_rows(home)
    assert {name: bool(rows) for name, rows in found.items()} == dict.fromkeys(_ROWS, True)
    assert set(find_in_files(home, CANARY)) & AUDIT == set()
    assert not (home / ".backfill").exists()

    use_key(monkeypatch, None)
    with pytest.raises(InputRefused, match="is encrypted"), plan_backfill(asked(exports, home, MONTHS)):
        pass
    backfilled(exports, plain, MONTHS)
    assert read_rows(plain) == found
    assert files(plain) == files(home)
    assert set(find_in_files(plain, CANARY)) >= AUDIT
