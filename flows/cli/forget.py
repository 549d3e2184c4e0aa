"""The command that deletes personal data from a home."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from flows.audit import database
from flows.audit.forgotten import (
    Forgotten,
    choose_before,
    choose_client,
    choose_superseded,
    list_agencies_of_client,
)
from flows.cli.options import Before, Client, DryRun, FilterAgency, ForgetReason, Home, Superseded
from flows.cli.terminal import note, show_activity
from flows.landing.forget import Forgetting, plan_forgetting
from flows.landing.forget import forget as delete_forgotten
from flows.landing.home import locked_home
from flows.months.board import renew_board
from flows.sources.request import find_home
from flows.support.errors import InputRefused
from flows.support.fingerprint_key import read_fingerprint_key
from flows.support.text import format_count, join_texts
from schemas.period import Period

_MOST_FILES = 5
_ELSEWHERE = (
    "backups, exports, and files written with --out or copied from the home are not touched; delete them yourself"
)


def forget(
    reason: ForgetReason,
    before: Before = None,
    superseded: Superseded = False,
    client: Client = None,
    agency: FilterAgency = None,
    home: Home = None,
    dry_run: DryRun = False,
) -> None:
    """Delete personal data of old months, of replaced runs or of a client; counts and digests stay."""
    _refuse_options(reason, before, superseded, client)
    directory = find_home(home)
    if not database.audit_path(directory).exists():
        raise InputRefused(f"{database.audit_path(directory)}: there is no audit, so there is nothing to forget")
    period = Period.parse(before) if before else None
    client_id = sys.stdin.readline().strip() if client == "-" else client
    if client == "-" and not client_id:
        raise InputRefused("--client is -, but standard input has no ID on its first line; write the CLIENTID there")
    with show_activity("forgetting"), locked_home(directory, "the deletion of personal data"):
        with database.open_read_only(directory) as connection:
            forgotten = _choose(connection, directory, period, client_id, agency)
            forgetting = plan_forgetting(connection, directory, forgotten)
            others = _list_others(connection, directory, client_id, agency)
        if not forgotten.is_empty and not dry_run:
            delete_forgotten(directory, forgetting, reason, datetime.now(UTC))
    if not forgotten.is_empty and not dry_run:
        renew_board(directory)
    sys.stdout.write("\n".join(_describe(forgetting, dry_run=dry_run)) + "\n")
    note(_describe_others(others))
    if not forgotten.is_empty and not dry_run:
        note(_ELSEWHERE)


def _refuse_options(reason: str, before: str | None, superseded: bool, client: str | None) -> None:
    given = [
        name
        for name, is_given in (("--before", before), ("--superseded", superseded), ("--client", client))
        if is_given
    ]
    if len(given) != 1:
        found = join_texts(given) if given else "none of them"
        raise InputRefused(f"found {found}: give exactly one of --before, --superseded and --client")
    if not reason.strip():
        raise InputRefused(
            "--reason is blank; write why the data is deleted, as the audit keeps it for later questions"
        )


def _choose(
    connection: duckdb.DuckDBPyConnection, home: Path, period: Period | None, client: str | None, agency: str | None
) -> Forgotten:
    if period is not None:
        return choose_before(connection, period, agency)
    if client is None:
        return choose_superseded(connection, agency)
    key = read_fingerprint_key(home)
    if agency is None:
        agencies = list_agencies_of_client(connection, client, key)
        if len(agencies) > 1:
            raise InputRefused(
                f"{format_count(len(agencies), 'agency', 'agencies')} have a client with this ID"
                f" ({join_texts(agencies)}), who need not be the same person; name one with --agency"
            )
        agency = agencies[0] if agencies else None
    return choose_client(connection, client, agency, key)


def _list_others(
    connection: duckdb.DuckDBPyConnection, home: Path, client: str | None, agency: str | None
) -> list[str]:
    """Returns the agencies other than the one that was given that have records of the client's id, too."""
    if client is None or agency is None:
        return []
    return [code for code in list_agencies_of_client(connection, client, read_fingerprint_key(home)) if code != agency]


def _describe_others(agencies: Sequence[str]) -> str:
    """Returns what to do about the records of other agencies; blank if there is none."""
    if not agencies:
        return ""
    have = "has" if len(agencies) == 1 else "have"
    options = join_texts(f"--agency {agency}" for agency in agencies)
    again = "again with" if len(agencies) == 1 else "again with each of"
    return (
        f"{join_texts(agencies)} also {have} records with this ID; if it is the same person, run the command {again}"
        f" {options}"
    )


def _describe(forgetting: Forgetting, *, dry_run: bool) -> Sequence[str]:
    forgotten = forgetting.forgotten
    if forgotten.is_empty:
        return ["Nothing to forget: no run has personal data of what was asked for."]
    runs = forgotten.runs or forgotten.mentions
    records = ", ".join(format_count(count, f"{entity} record") for entity, count in forgetting.records)
    verb, deleted = ("Would forget", "would be deleted") if dry_run else ("Forgot", "deleted")
    files = [f"  {deleted}: {file}" for file in forgetting.files[:_MOST_FILES]]
    if len(forgetting.files) > _MOST_FILES:
        files.append(f"  {deleted}: {format_count(len(forgetting.files) - _MOST_FILES, 'more file', 'more files')}")
    return [
        f"{verb} the ids and values of {records} in {format_count(len(runs), 'run')}"
        f" ({join_texts(runs, _MOST_FILES)}).",
        *files,
        "Counts, digests, and what was wrong with how many records stay.",
    ]
