"""Successive months judged by the plain statements and by the program."""

from collections.abc import Mapping, Sequence

from tests.property.edits import Months
from tests.property.exports import Batch
from tests.property.judged import Judgement, judge_tables, last_submission
from tests.property.plain_history import HISTORY_RULES, PlainHistory
from tests.property.plain_rules import HOLDING_BACK, ONLY_TIES, rejecting_rules
from tests.property.plain_stages import PlainExport, judge_plainly
from transforms.inputs import Previous


def judge_months_plainly(months: Months) -> tuple[PlainExport, PlainHistory]:
    landed: list[PlainExport] = []
    for batch in months.earlier:
        landed.append(_plainly(batch, PlainHistory(landed)))
    history = PlainHistory(landed, months.agency_of)
    return _plainly(months.now, history), history


def _plainly(batch: Batch, history: PlainHistory) -> PlainExport:
    return judge_plainly(
        batch.tables, batch.lists, batch.agency, HOLDING_BACK, rejecting_rules(batch.lists), history.answers
    )


def judge_months(months: Months) -> Judgement:
    landed = [judge_tables(batch.tables, batch.lists, batch.agency, ONLY_TIES) for batch in months.earlier]
    return judge_against(months.now, landed, months.agency_of)


def judge_against(now: Batch, landed: Sequence[Judgement], agency_of: Mapping[str, str] | None = None) -> Judgement:
    previous = Previous(last_submission(landed), agency_of or {})
    return judge_tables(now.tables, now.lists, now.agency, ONLY_TIES | HISTORY_RULES, previous)
