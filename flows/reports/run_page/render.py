"""Fills the templates of the report of a run."""

from collections.abc import Mapping
from datetime import UTC
from typing import Any

from flows.quality.settings import QualitySettings
from flows.reports.run_page.charts import draw_limits, draw_trend, stack_month, stack_outcomes
from flows.reports.run_page.headline import STATES, build_headline, list_details
from flows.reports.run_page.heat_map import build_heat_map
from flows.reports.run_page.least_understood import list_least_understood
from flows.reports.run_page.queries import MOST_CARDS, Parts, Row
from flows.reports.run_page.state import describe_state
from flows.reports.run_page.templates import hash_inline, load_template, read_inline
from flows.reports.run_page.unmatched import list_unmatched
from flows.reports.run_page.wording import OWNERS, SEVERITIES, build_title, describe_step, name_month
from flows.reports.run_page.words import WORDS
from schemas.code_lists import CodeLists
from schemas.rules.catalogue import list_rules

_MOST_ROWS, _MOST_CHANGES, _MONTHS_SHOWN = 200, 12, 13
_CONTENTS = {
    "dropouts": "Dropped out", "first": "Do this first", "outcomes": "Outcomes", "months": "Months",
    "changes": "New and resolved", "owners": "By owner", "rules": "Rules", "completeness": "Completeness",
    "unmatched": "Values that match no code", "differences": "Differences", "quality": "Unusual", "muted": "Severities",
    "manifest": "Manifest", "words": "Words",
}  # fmt: skip


def render(run: Row, parts: Parts, lists: CodeLists, agencies: Mapping[str, str]) -> str:
    """Returns the report of a run as HTML.

    Args:
        run: the run's row of the table `runs`.
        parts: the rows of the queries in sql/report/.
        lists: the code lists of the month, for the labels near to a value.
        agencies: the names of agencies, by code.
    """
    shipped = {rule.name: rule for rule in list_rules()}
    style, script = (read_inline(name) for name in ("page.css", "page.js"))
    is_failed = run["status"] == "failed"
    return load_template("report.html.j2").render(
        run=run,
        parts=parts,
        this=parts["months"][-1],
        title=build_title(run["agency"], run["period"], agencies),
        ended=run["finished_at"].astimezone(UTC).strftime("%d %B %Y %H:%M UTC"),
        state=describe_state(run, parts),
        headline=build_headline(run, parts),
        details=list_details(run, parts),
        contents=[] if is_failed else _list_contents(parts),
        cards=[card | {"since": _describe_since(card)} for card in parts["do_first"][:MOST_CARDS]],
        regained=parts["regained"][0]["interventions"],
        least_understood=list_least_understood(parts),
        segments=[] if is_failed else stack_outcomes(run, parts),
        sent_name="would be sent" if run["status"] == "blocked" else "can be sent",
        months=[_describe_month(month) for month in parts["months"]],
        compared_with=next((name_month(row["period"]) for row in parts["compared_with"] if row["run_id"]), None),
        changed={state: sum(row[state] for row in parts["changes"]) for state in STATES},
        **_list_changes(parts, {name: rule.sentences.fault for name, rule in shipped.items()}),
        rules=[_describe_rule(rule, shipped) for rule in parts["rules"]],
        shown_rules={rule["rule"] for rule in parts["rules"]},
        shown_severities=[name for name in SEVERITIES if any(rule["severity"] == name for rule in parts["rules"])],
        shown_owners=[name for name in OWNERS if any(rule["owner"] == name for rule in parts["rules"])],
        counts=parts["rule_counts"][0],
        heat_map=build_heat_map(parts),
        unmatched=list_unmatched(parts["unmapped"], lists, run["provisional_lists"] or ()),
        earlier_months=sum(bool(month["own"]) for month in parts["months"][:-1]),
        least_months=QualitySettings().least_months,
        limit_charts={row["place"]: draw_limits(row, parts["quality_months"]) for row in parts["quality"]},
        shipped={name: rule.severity for name, rule in shipped.items()},
        words=WORDS,
        owners=OWNERS,
        severities=SEVERITIES,
        most_rows=_MOST_ROWS,
        most_changes=_MOST_CHANGES,
        style=style,
        script=script,
        style_hash=hash_inline(style),
        script_hash=hash_inline(script),
    )


def _list_contents(parts: Parts) -> list[tuple[str, str]]:
    """Returns the anchor and the name of each section; a first submission has nothing that could have dropped out."""
    return [item for item in _CONTENTS.items() if item[0] != "dropouts" or parts["last_submission"]]


def _list_changes(parts: Parts, shipped: Mapping[str, str]) -> dict[str, Any]:
    """Returns what the section of changes shows: the rules that got worse and better, with what each reports.

    Args:
        parts: the rows of the queries in sql/report/.
        shipped: the fault of each rule, for those that have no finding any more.
    """
    faults = dict(shipped) | {rule["rule"]: rule["fault"] for rule in parts["rules"]}
    changed = [
        row | {"change": row["new"] - row["resolved"], "fault": faults.get(row["rule"], row["rule"])}
        for row in parts["changes"]
        if row["new"] or row["resolved"]
    ]
    effects = list(SEVERITIES)
    in_order = sorted(changed, key=lambda row: (effects.index(row["severity"]), -abs(row["change"]), row["rule"]))
    worse, better = ([row for row in in_order if sign * row["change"] > 0] for sign in (1, -1))
    return {
        "changed_rules": changed,
        "worse": worse,
        "better": better,
        "unchanged_count": len(changed) - len(worse) - len(better),
        "changed_hidden": sum(max(len(rows) - _MOST_CHANGES, 0) for rows in (worse, better)),
    }


def _describe_since(card: Row) -> str:
    """Returns the first month in a row that has the fault, as far as the report looks back."""
    if card["months"] == 1 and card["months_shown"] > 1:
        return f"{name_month(card['since'])}: new this month"
    if card["months"] == card["months_shown"]:
        earliest = " or earlier" if card["months_shown"] >= _MONTHS_SHOWN else ", the first month"
        return f"{name_month(card['since'])}{earliest}"
    return name_month(card["since"])


def _describe_month(month: Row) -> Row:
    state = month["status"] or "no run"
    if state == "landed" and month["provisional_lists"]:
        state = "not ready"
    segments = stack_month(month) if month["own"] else []
    return month | {"name": name_month(month["period"]), "state": state, "segments": segments}


def _describe_rule(rule: Row, shipped: Mapping[str, Any]) -> Row:
    percent, before = rule["percent"], rule["percent_before"]
    return rule | {
        "step": describe_step(percent, before),
        "step_value": 0 if percent is None or before is None else round(percent - before, 1),
        "points": draw_trend(rule["trend"] or ()),
        "section": shipped[rule["rule"]].section if rule["rule"] in shipped else "",
    }
