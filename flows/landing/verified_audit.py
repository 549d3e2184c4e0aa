"""The checks of a home's audit: it can be read, is of this version, and has every record of every run.

Each check opens the audit for its own query only, so that none delays a run.
"""

from pathlib import Path

from flows.audit import database
from flows.audit.definitions import SQL_DIRECTORY, current_schema_number, read_schema_number
from flows.landing.check import Check, accept, fail
from flows.support.errors import InputRefused
from flows.support.text import format_count, join_texts

_SHOWN = 5


def check_audit(home: Path) -> list[Check]:
    """Returns the checks of the audit; the later ones are left out if an earlier one makes them impossible.

    Raises:
        AuditBusy: a run keeps the audit open, and there is no snapshot to read instead.
    """
    try:
        readable, number = _check_every_block(home), _read_number(home)
    except database.AuditBusy:
        raise
    except InputRefused as refusal:
        return [fail("audit", str(refusal))]
    if number != current_schema_number():
        older = f"an earlier version wrote the audit (schema {number}, not {current_schema_number()})"
        return [readable, fail("schema", f"{older}; `ndtms upgrade` upgrades it")]
    return [
        readable,
        accept("schema", f"{number}, that of this version"),
        _check_runs(home, "records", "uncounted_runs", "each record has one outcome"),
        _check_runs(home, "rows sent", "runs_without_rows", "the audit has each row that was sent and not forgotten"),
    ]


def _check_every_block(home: Path) -> Check:
    """Reads every value of every table: DuckDB compares each block with its checksum when it reads it."""
    with database.open_read_only(home, is_older_allowed=True) as audit:
        tables = audit.execute(
            "select schema_name, table_name from duckdb_tables() where not internal order by all"
        ).fetchall()
    for schema, table in tables:
        with database.open_read_only(home, is_older_allowed=True) as audit:
            audit.execute(f'select bit_xor(hash(stored)) from "{schema}"."{table}" as stored').fetchall()
    return accept("audit", f"opens, and each of its {len(tables)} tables can be read")


def _read_number(home: Path) -> int:
    with database.open_read_only(home, is_older_allowed=True) as audit:
        return read_schema_number(audit)


def _check_runs(home: Path, name: str, query: str, truth: str) -> Check:
    text = (SQL_DIRECTORY / "queries" / f"{query}.sql").read_text(encoding="utf-8")
    with database.open_read_only(home) as audit:
        total = audit.execute("select count(*) from runs where status <> 'failed'").fetchone() or (0,)
        wrong = [run for (run,) in audit.execute(text).fetchall()]
    if wrong:
        found = f"not true of {format_count(len(wrong), 'run')} ({join_texts(wrong, _SHOWN)}): {truth}"
        return fail(name, f"{found}; restore a backup")
    return accept(name, f"{truth}, in {format_count(total[0], 'run')}")
