"""The commands that show a view of the audit."""

import inspect
from collections.abc import Callable

from flows.audit.queries import describe_forgotten_runs, describe_missing_runs, parse_filters, query_view
from flows.cli.options import (
    FilterAgency,
    FilterOutcome,
    FilterOwner,
    FilterPeriod,
    FilterRun,
    Form,
    Home,
    OnlyOwn,
    Out,
)
from flows.cli.terminal import note, show_activity
from flows.reports.tables import show
from flows.sources.request import find_home


def _build_command(view: str, purpose: str, filters: tuple[str, ...] = ()) -> Callable[..., None]:
    """Returns the command that shows a view, with the options that its columns allow."""

    # Typer reads the options of a command from the signature of its function.
    def show_view(
        agency: FilterAgency = None,
        period: FilterPeriod = None,
        run: FilterRun = None,
        outcome: FilterOutcome = None,
        owner: FilterOwner = None,
        own: OnlyOwn = False,
        form: Form = None,
        out: Out = None,
        home: Home = None,
    ) -> None:
        place = find_home(home)
        selected = parse_filters(agency, period, run, outcome=outcome, owner=owner, is_own=own)
        with show_activity("querying the audit"):
            rows = query_view(place, view, selected)
        if rows.is_empty():
            note(describe_missing_runs(place, view, selected))
        elif view == "runs":
            note(describe_forgotten_runs(place, rows["run_id"].to_list()))
        show(rows, form, out)

    signature = inspect.signature(show_view)
    left_out = {"outcome", "owner", "own"} - {*filters}
    kept = [option for name, option in signature.parameters.items() if name not in left_out]
    # A view without a column has no option for it.
    show_view.__signature__ = signature.replace(parameters=kept)  # type: ignore[attr-defined]
    show_view.__doc__ = purpose
    return show_view


rejected = _build_command(
    "rejected_rows",
    "Every record that was not sent, with the reason and its cause.",
    ("outcome", "owner", "own"),
)
runs = _build_command("runs", "Every run: its inputs, what was sent, and where the file is.")
findings = _build_command("findings", "Every finding, record by record.", ("owner", "own"))
mismatches = _build_command("mismatches", "What differs from the last submission.", ("owner",))
completeness = _build_command("completeness", "How often each field is filled in and parsed.")
unmapped = _build_command("unmapped", "Source values that match no code, and postcodes that are not in the directory.")
quality = _build_command("quality", "What is unusual about a month, compared with the agency's months before it.")
changes = _build_command(
    "changes", "Findings that are new, persist or are resolved since the previous run.", ("owner", "own")
)
