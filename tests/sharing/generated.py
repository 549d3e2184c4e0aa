"""Runs for a report to share: their parts, made of a few counts, with a canary wherever a text or a number may be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from schemas.dataset import ENTITIES, list_entity_fields

# A number that a page to share may not have, nor any of these words.
SECRET = 777_123
CANARY = "Xanthippe"


@dataclass(frozen=True)
class Counts:
    """The counts that a run is made of: the outcomes of each entity, the rows lost by rule, and what is understood.

    `lost` are numbers of rejected interventions; `understood` are percentages of the records, in turn for each field.
    """

    outcomes: Sequence[tuple[int, int, int]]
    lost: tuple[int, ...] = ()
    understood: tuple[int, ...] = (100,)
    status: str = "landed"


def build_run(counts: Counts) -> dict[str, Any]:
    """Returns the row of the run."""
    moment = datetime(2023, 5, 3, tzinfo=UTC)
    is_blocked = counts.status == "blocked"
    return {
        "run_id": f"{CANARY}-run", "run_number": SECRET, "agency": "L0001", "period": "2023-04",
        "status": counts.status, "source": CANARY,
        "input_folder": f"/{CANARY}", "finished_at": moment, "extracted_on": date(2023, 5, 3),
        "clients_in": sum(counts.outcomes[0]), "rows_sent": 0 if is_blocked else counts.outcomes[2][0],
        "provisional_lists": [CANARY], "settings_changed": CANARY, "shrink_accepted": CANARY, "stale_accepted": CANARY,
        "same_input_accepted": CANARY, "corrects": CANARY, "failure": CANARY, "output_path": f"{CANARY}.csv",
        "output_sha256": CANARY, "software_version": CANARY,
    }  # fmt: skip


def build_parts(counts: Counts) -> Mapping[str, list[dict[str, Any]]]:
    """Returns the rows of the queries in sql/report/, as far as a page to share may be tempted to read them."""
    outcomes = [_build_outcomes(entity, *row) for entity, row in zip(ENTITIES, counts.outcomes, strict=True)]
    sent, rejected, withheld = counts.outcomes[2]
    own = sent + rejected + withheld
    month = {
        "period": "2023-04", "run_id": CANARY, "status": counts.status, "provisional_lists": 1, "own": own,
        "could_be_sent": sent, "rejected": rejected, "withheld": withheld, "percent": 100 * sent / own if own else None,
    }  # fmt: skip
    before = month | {"period": "2023-03", "own": SECRET}
    secret = {"value": CANARY, "records": SECRET, "findings": SECRET, "found": f"Found: {SECRET} {CANARY}."}
    others = ("blocking", "changes", "differences", "do_first", "dropouts", "muted", "owners")
    return {name: [secret] for name in others} | {
        "outcomes": outcomes, "months": [before, month], "rules": [*_list_rules(counts)],
        "completeness": [*_list_completeness(counts)],
        "cascade": [{"cause_entity": entity, "interventions": SECRET} for entity in ENTITIES],
        "regained": [{"interventions": SECRET}], "rule_counts": [{"rules": SECRET, "without_answer": SECRET}],
        "compared_with": [{"run_id": CANARY, "period": "2023-03"}], "last_submission": [{"run_id": CANARY}],
        "manifest": [{"item": CANARY, "name": CANARY, "digest": CANARY}], "unmapped": [secret | {"field": "HOUSING"}],
        "other_runs": [{"in_force": CANARY, "later": CANARY}], "quality": [secret | {"text": f"{SECRET} {CANARY}"}],
    }  # fmt: skip


def _build_outcomes(entity: str, sent: int, rejected: int, withheld: int) -> dict[str, Any]:
    own = sent + rejected + withheld
    return {
        "entity": entity, "records": own + SECRET, "own": own, "could_be_sent": sent, "rejected": rejected,
        "withheld": withheld, "out_of_scope": SECRET, "dropped": SECRET,
    }  # fmt: skip


def _list_rules(counts: Counts) -> list[dict[str, Any]]:
    owners = ("entry", "conversion", "reference")
    return [
        {
            "rule": f"SEX.r{number}", "field": "SEX", "severity": "reject", "owner": owners[number % 3],
            "requirement": CANARY, "fault": f"Fault {'abcdefgh'[number]}.", "fix": CANARY, "allowed": CANARY,
            "findings": SECRET, "failed": SECRET, "checked": SECRET, "percent": 77.7, "percent_before": 77.6,
            "trend": [77.7, 77.6], "rows_lost": lost,
        }
        for number, lost in enumerate(counts.lost)
    ]  # fmt: skip


def _list_completeness(counts: Counts) -> list[dict[str, Any]]:
    rows = []
    for entity, (sent, rejected, _) in zip(ENTITIES, counts.outcomes, strict=True):
        records = sent + rejected
        for place, item in enumerate(list_entity_fields(entity)):
            understood = records * counts.understood[place % len(counts.understood)] // 100
            row = {"field": item.header, "records": records, "populated": records, "understood": understood}
            rows += [row | {"period": "2023-04"}, row | {"period": "2023-03", "understood": SECRET}]
    return rows
