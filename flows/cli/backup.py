"""The commands that back up a home, and that verify a home or a backup."""

import sys
from dataclasses import asdict
from datetime import UTC, datetime

import polars as pl
import typer

from flows.cli.options import BackupPlace, Form, Home, Out, Wait
from flows.cli.terminal import BLOCKED, note, show_activity
from flows.landing.backup import back_up
from flows.landing.verify import verify_home
from flows.reports.tables import show
from flows.sources.request import find_home
from flows.support.text import format_count, join_texts

_SECONDS = 60


def backup(place: BackupPlace, wait: Wait = 60, home: Home = None) -> None:
    """Copy a home to a new directory in DIR, verify the copy, and print its path; a run in progress is waited for."""
    with show_activity("backing up"):
        made = back_up(find_home(home), find_home(place), find_now(), wait * _SECONDS)
    sys.stdout.write(f"{made.directory}\n")
    note(f"{format_count(made.files, 'file')} copied and verified")
    if made.faults:
        names = join_texts(check.name for check in made.faults)
        note(f"the home has faults, and so has its backup ({names}); `ndtms verify` describes them")


def find_now() -> datetime:
    """Returns the moment after which a backup is named."""
    return datetime.now(UTC)


def verify(form: Form = None, out: Out = None, home: Home = None) -> None:
    """Check that a home, or a backup of one, has everything its audit records.  Exit code: 0 if so, 3 if not."""
    with show_activity("verifying"):
        checks = verify_home(find_home(home))
    show(pl.DataFrame([asdict(check) for check in checks]).rename({"name": "check"}), form, out)
    if any(check.is_fault for check in checks):
        raise typer.Exit(BLOCKED)
