"""The command that shows what is in force, and where it comes from."""

import os

from flows.cli.options import Form, Home, Out
from flows.cli.terminal import show_activity
from flows.reports.settings_in_force import list_in_force
from flows.reports.tables import show
from flows.sources.request import find_home


def settings(form: Form = None, out: Out = None, home: Home = None) -> None:
    """Show every setting in force, its value and where it comes from; secrets are shown as `set`."""
    origin = "--home" if home else "NDTMS_HOME" if os.environ.get("NDTMS_HOME") else "default"
    with show_activity("reading the settings"):
        rows = list_in_force(find_home(home), origin)
    show(rows, form, out)
