"""The command that brings the audit of an earlier version up to date."""

import sys

from flows.audit.database import audit_path
from flows.audit.definitions import current_schema_number
from flows.cli.options import Home
from flows.cli.terminal import show_activity
from flows.landing.home import locked_home
from flows.sources.request import find_home
from flows.support.errors import InputRefused


def upgrade(home: Home = None) -> None:
    """Bring the audit of an earlier version up to date.  Commands that write to the audit do so by themselves."""
    place = find_home(home)
    path = audit_path(place)
    if not path.exists():
        raise InputRefused(f"{path}: there is no audit yet; `ndtms submit` creates it")
    with show_activity("upgrading the audit"), locked_home(place, "the upgrade of the audit"):
        pass
    sys.stdout.write(f"{path}: the audit is up to date (schema {current_schema_number()})\n")
