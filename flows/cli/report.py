"""The command that writes the report of a run."""

import sys

from flows.cli.options import FilterRun, Home, Out, ReportForSharing
from flows.cli.terminal import note, show_activity
from flows.reports import html
from flows.reports.tables import write_out
from flows.sources.request import find_home


def report(run: FilterRun = None, for_sharing: ReportForSharing = False, out: Out = None, home: Home = None) -> None:
    """Write the HTML report of a run (by default the latest) to HOME/reports or --out, and print its path."""
    place = find_home(home)
    with show_activity("writing the report"):
        page, run_id = (html.report_for_sharing if for_sharing else html.report)(place, run)
    file = out or place / "reports" / (f"{run_id}-for-sharing.html" if for_sharing else f"{run_id}.html")
    write_out(page.encode(), file, makes_folder=out is None)
    sys.stdout.write(f"{file}\n")
    if for_sharing:
        note("share one report of a month only, because the difference of two shows what was corrected in between")
