"""The headline of a report: how many of the agency's interventions can be sent, compared with the month before."""

from flows.reports.run_page.queries import Parts, Row
from flows.reports.run_page.wording import count_words, describe_change, format_number, format_percent, name_month


def build_headline(run: Row, parts: Parts) -> str:
    """Returns one sentence: how many interventions can be sent, and the share in the month before.

    Records of other agencies and exact repeats do not count.  A blocked run has sent nothing, so the sentence states
    what would be sent; of a file that is not ready it states what has to happen before.
    """
    this = parts["months"][-1]
    if run["status"] == "failed":
        return "The run failed, so nothing was sent."
    if not this["own"]:
        return f"The export has no intervention of {run['agency'] or 'one agency'}, so there is nothing to send."
    counts = f"{format_number(this['could_be_sent'])} of {format_number(this['own'])} of your interventions"
    shares = f"({format_percent(this['percent'])}{_describe_month_before(parts)})"
    if run["status"] == "blocked":
        return f"Blocked: {counts} would be sent {shares}."
    if run["provisional_lists"]:
        return f"{counts} are ready to be sent once the code lists are official {shares}."
    return f"{counts} can be sent {shares}."


def _describe_month_before(parts: Parts) -> str:
    this, before = parts["months"][-1], _find_month_before(parts)
    if before is None:
        return ""
    blocked = ", when the run was blocked" if before["status"] == "blocked" else ""
    change = (this["percent"] > before["percent"]) - (this["percent"] < before["percent"])
    direction = {1: "up from", 0: "the same as", -1: "down from"}[change]
    month = name_month(before["period"], this["period"])
    return f", {direction} {format_percent(before['percent'])} in {month}{blocked}"


def _find_month_before(parts: Parts) -> Row | None:
    """Returns the latest earlier month with interventions of the agency; None without one."""
    *earlier, _ = parts["months"]
    return next((month for month in reversed(earlier) if month["percent"] is not None), None)


def list_details(run: Row, parts: Parts) -> list[str]:
    """Returns the sentences below the headline: what is not sent and why, and what has changed."""
    this = parts["months"][-1]
    if run["status"] == "failed" or not this["own"]:
        return []
    lost = {row["cause_entity"]: row["interventions"] for row in parts["cascade"]}
    causes = ", ".join(
        f"{format_number(lost[entity])} {words}"
        for entity, words in (
            ("client", "through their client"),
            ("episode", "through their episode"),
            ("intervention", "through their own findings"),
        )
        if lost.get(entity)
    )
    since = {outcome: _compare_count(parts, outcome) for outcome in ("rejected", "withheld")}
    rejected = count_words(this["rejected"], "intervention is", "interventions are")
    withheld = count_words(this["withheld"], "is", "are")
    return [
        f"{rejected} rejected{f' ({causes})' if causes else ''}{since['rejected']};"
        f" {withheld} withheld because there is no consent to send them{since['withheld']}.",
        _describe_changes(parts),
    ]


def _compare_count(parts: Parts, outcome: str) -> str:
    this, before = parts["months"][-1], _find_month_before(parts)
    if before is None:
        return ""
    return f", {describe_change(this[outcome], before[outcome], name_month(before['period'], this['period']))}"


def _describe_changes(parts: Parts) -> str:
    earlier = next((row for row in parts["compared_with"] if row["run_id"]), None)
    if earlier is None:
        return "This is the first run, so there is no earlier month to compare with."
    new, persisting, resolved = (sum(row[state] for row in parts["changes"]) for state in STATES)
    return (
        f"{count_words(new, 'finding is', 'findings are')} new since {name_month(earlier['period'])},"
        f" {format_number(persisting)} persist and {format_number(resolved)} are resolved."
    )


STATES = ("new", "persisting", "resolved")
