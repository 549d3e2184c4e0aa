"""The state of a run in words: landed, not ready, blocked or failed, with its reasons and the next step."""

from collections.abc import Iterator
from dataclasses import dataclass

from flows.reports.run_page.queries import Parts, Row
from flows.support.text import format_count, join_texts

_MOST_LISTS, _MOST_BLOCKING = 8, 10
_ACCEPTED = {
    "shrink_accepted": "A file that shrank by much was accepted",
    "stale_accepted": "A file without a date of the month was accepted",
    "same_input_accepted": "The files of another month were accepted",
}


@dataclass(frozen=True)
class State:
    """The state of a run: its `kind` for the style, its name and meaning, the reasons, and the next step."""

    kind: str
    name: str
    meaning: str
    reasons: tuple[str, ...]
    next_step: str


def describe_state(run: Row, parts: Parts) -> State:
    """Returns the state of a run.

    Args:
        run: the run's row of the table `runs`.
        parts: the rows of the queries.
    """
    reasons = (*_list_reasons(run, parts), *_list_notes(run, parts))
    if run["status"] == "failed":
        return State(
            "stop", "Failed", "Nothing was sent.", reasons, "Correct what the reason names, then submit again."
        )
    if run["status"] == "blocked":
        fixes = dict.fromkeys(rule["fix"] for rule in parts["blocking"])
        step = " ".join(fixes) or "Correct what the reason names, then submit again."
        return State("stop", "Blocked", "Nothing was sent, and no file was written.", reasons, step)
    if run["provisional_lists"]:
        return State(
            "wait",
            "Not ready to be sent",
            "The file has landed, but do not send it.",
            reasons,
            "Ask whoever looks after the reference data to load the official code lists"
            " (`ndtms reference load FILE`), then submit the month again.",
        )
    return State(
        "good",
        "Landed",
        f"The file has {format_count(run['rows_sent'], 'row')}.",
        reasons,
        f"Send the file {run['output_path']}.",
    )


def _list_reasons(run: Row, parts: Parts) -> Iterator[str]:
    """Yields why a run failed, is blocked or is not ready."""
    if run["failure"]:
        yield str(run["failure"])
    if run["status"] == "blocked":
        for rule in parts["blocking"][:_MOST_BLOCKING]:
            often = f" ({format_count(rule['findings'], 'finding')})" if rule["findings"] > 1 else ""
            yield f"Blocked by {rule['rule']}: {' '.join(filter(None, (rule['fault'], rule['found'])))}{often}"
        if len(parts["blocking"]) > _MOST_BLOCKING:
            yield f"{len(parts['blocking']) - _MOST_BLOCKING} more; `ndtms findings --run {run['run_id']}` lists them"
    lists = run["provisional_lists"]
    if lists:
        are = format_count(len(lists), "code list is not the official one", "code lists are not the official ones")
        yield f"{are} yet: {join_texts(lists, _MOST_LISTS)}. `ndtms codes` shows them."


def _list_notes(run: Row, parts: Parts) -> Iterator[str]:
    """Yields what else people have to know: reasons for landing, and other runs of the month."""
    for column, words in _ACCEPTED.items():
        if run[column]:
            yield f"{words}, for this reason: {run[column]}"
    other = next(iter(parts["other_runs"]), {"in_force": None, "later": None})
    if other["later"]:
        yield f"The month was run again later: {other['later']} is its current run."
    if run["status"] != "landed" and other["in_force"]:
        yield f"The file that {other['in_force']} landed is still in place."
