"""Fills the template of a report to share, which gets what `sharing` allows and nothing else of the run."""

from collections.abc import Mapping

from flows.reports.run_page.charts import Segment, stack_month
from flows.reports.run_page.queries import Parts, Row
from flows.reports.run_page.sharing import SharedOutcomes, build_shared_report
from flows.reports.run_page.state import State
from flows.reports.run_page.templates import hash_inline, load_template, read_inline
from flows.reports.run_page.wording import build_title

# Without reasons: they have counts, names of files or free text in them.
_STATES = {
    "landed": State("good", "Landed", "The file was written.", (), ""),
    "not ready": State("wait", "Not ready to be sent", "Some code lists in use are not the official ones yet.", (), ""),
    "blocked": State("stop", "Blocked", "Nothing was sent, and no file was written.", (), ""),
    "failed": State("stop", "Failed", "Nothing was sent.", (), ""),
    None: State("wait", "State not shown", "It is not shown because few interventions can be sent.", (), ""),
}


def render_for_sharing(run: Row, parts: Parts, agencies: Mapping[str, str]) -> str:
    """Returns the report of a run as HTML that may be sent to others.

    Args:
        run: the run's row of the table `runs`.
        parts: the rows of the queries in sql/report/.
        agencies: the names of agencies, by code.
    """
    shared = build_shared_report(run, parts)
    style = read_inline("page.css")
    return load_template("shared.html.j2").render(
        report=shared,
        state=_STATES[shared.status],
        segments=[segment for row in shared.outcomes if row.entity == "intervention" for segment in _stack(row)],
        title=build_title(run["agency"], run["period"], agencies),
        sent_name="would be sent" if shared.status == "blocked" else "can be sent",
        extracted_on=run["extracted_on"],
        style=style,
        style_hash=hash_inline(style),
    )


def _stack(row: SharedOutcomes) -> list[Segment]:
    """Returns the bar of the outcomes, if all of them are shown."""
    if not row.own:
        return []
    counts = {name: getattr(row, name) for name in ("could_be_sent", "rejected", "withheld", "own")}
    return stack_month(counts)
