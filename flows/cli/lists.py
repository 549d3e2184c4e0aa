"""The commands that show lists of the latest landed runs: due, releases, transfers and figures."""

from dataclasses import dataclass
from pathlib import Path

from flows.audit.lists import (
    DUE,
    RELEASES,
    TRANSFERS,
    ListOptions,
    RecordList,
    describe_missing_landed_runs,
    list_figures,
    list_records,
    parse_list_day,
)
from flows.audit.queries import parse_filters
from flows.cli.options import FilterAgency, FilterPeriod, Form, ForSharing, Home, ListDay, Out
from flows.cli.terminal import note, show_activity
from flows.reports.tables import Format, show
from flows.sources.request import find_home

_OWN_COUNT = "each number is the provider's own count from its landed submissions, not a statistic of NDTMS"


@dataclass(frozen=True)
class _Request:
    """The options of a list, as typed."""

    agency: str | None
    period: str | None
    as_of: str | None
    for_sharing: bool
    form: Format | None
    out: Path | None
    home: Path | None


def due(
    agency: FilterAgency = None,
    period: FilterPeriod = None,
    as_of: ListDay = None,
    for_sharing: ForSharing = False,
    form: Form = None,
    out: Out = None,
    home: Home = None,
) -> None:
    """List what is due: 13-week reviews, blank exit questions, records to close, consent."""
    _show_list(DUE, _Request(agency, period, as_of, for_sharing, form, out, home))


def releases(
    agency: FilterAgency = None,
    period: FilterPeriod = None,
    as_of: ListDay = None,
    for_sharing: ForSharing = False,
    form: Form = None,
    out: Out = None,
    home: Home = None,
) -> None:
    """List who leaves or left with ongoing need, by receiving authority, and what is missing."""
    _show_list(RELEASES, _Request(agency, period, as_of, for_sharing, form, out, home))


def transfers(
    agency: FilterAgency = None,
    period: FilterPeriod = None,
    as_of: ListDay = None,
    for_sharing: ForSharing = False,
    form: Form = None,
    out: Out = None,
    home: Home = None,
) -> None:
    """List transfers in custody, with the structured treatment that followed within 21 days."""
    _show_list(TRANSFERS, _Request(agency, period, as_of, for_sharing, form, out, home))


def figures(
    agency: FilterAgency = None,
    period: FilterPeriod = None,
    as_of: ListDay = None,
    for_sharing: ForSharing = False,
    form: Form = None,
    out: Out = None,
    home: Home = None,
) -> None:
    """Show the provider's own figures: in treatment, new, discharges, transfers, exits, health at exit."""
    _show_list(None, _Request(agency, period, as_of, for_sharing, form, out, home))


def _show_list(wanted: RecordList | None, request: _Request) -> None:
    """Shows a list of records, or the figures where `wanted` is None."""
    filters = parse_filters(request.agency, request.period, None)
    options = ListOptions(filters, parse_list_day(request.as_of, filters.period), request.for_sharing)
    place = find_home(request.home)
    with show_activity("querying the audit"):
        rows = list_figures(place, options) if wanted is None else list_records(place, wanted, options)
    if rows.is_empty():
        note(describe_missing_landed_runs(place, options))
    show(rows, request.form, request.out)
    if wanted is None or request.for_sharing:
        note(_OWN_COUNT)
