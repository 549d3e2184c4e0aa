"""Audits that earlier versions wrote, kept to test upgrades: agency L0001, with April and May 2023 landed.

`gzip` of the file `audit.duckdb`.  A version that changes the tables adds the audit of the version before it.
"""

import gzip
from pathlib import Path

from flows.audit.database import audit_path
from tests.support.homes import query_audit

FOLDER = Path(__file__).with_name("audits")
NAMES = sorted(file.name.removesuffix(".duckdb.gz") for file in FOLDER.glob("*.duckdb.gz"))
# What every version has had, by its name before and now.
_ROWS = {
    "runs": "select run_number, run_id, status, rows_sent, output_sha256 from runs order by all",
    "findings": "select run_id, entity, client_id, rule, severity, value, source_line from findings order by all",
    "outcomes": "select run_id, entity, client_id, episode_id, outcome, source_line from outcomes order by all",
    "sent_rows": "select run_id, columns('^[A-Z0-9]+$') from sent_rows order by all",
    "rules": "select run_id, rule, passed, failed, not_applicable from rule_outcomes order by all",
    "manifest": "select * from manifest order by all",
    "completeness": "select * from completeness order by all",
}


def unpack_audit(name: str, home: Path) -> Path:
    """Puts a kept audit into a home, and returns the home."""
    home.mkdir(parents=True)
    audit_path(home).write_bytes(gzip.decompress((FOLDER / f"{name}.duckdb.gz").read_bytes()))
    return home


def read_rows(home: Path) -> dict[str, list[tuple[object, ...]]]:
    """Returns what the audit of a home has of the things that every version has had."""
    return {name: query_audit(home, text) for name, text in _ROWS.items()}
