"""Counts what happened in a month, from the values that are sent."""

from collections.abc import Mapping

import polars as pl

from flows.quality.events import select_events
from flows.quality.settings import QualitySettings
from flows.quality.workspace import open_workspace, read_query
from schemas.code_lists import CodeLists
from schemas.dataset import Entity, Field, list_fields
from schemas.period import Period
from transforms.parse.postcodes import NO_FIXED_ABODE_SECTOR

COUNTS = ("volumes", "codes", "defaults", "intervals", "days", "records")
COLUMNS = {"measure": pl.String, "field": pl.String, "subject": pl.String, "value": pl.Float64}
# Fields of the event that ends a stay; the others are recorded at the triage.
_AT_EXIT = frozenset({"on_event"})
# Codes of these fields are counted with their events; whoever is sent has given consent.
_NOT_AT_TRIAGE = frozenset({"DISRSN", "EXITRSN", "CONSENT"})


def count_month(
    sent: Mapping[Entity, pl.DataFrame], period: Period, lists: CodeLists, settings: QualitySettings
) -> pl.DataFrame:
    """Returns the counts of a month.

    Args:
        sent: the sent values by entity, with `row`; episodes and interventions have `parent_row`.
        period: the month.
        lists: the code lists, whose concepts give the codes a meaning.
        settings: the longest intervals.

    Returns:
        measure, field, subject, value: numbers of records, except for `median days`.
    """
    frames = select_events(sent, period) | {
        "concepts": list_concepts(lists),
        "words": pl.DataFrame({"word": ["no fixed abode"], "value": [NO_FIXED_ABODE_SECTOR]}),
        "interval_limits": list_interval_limits(settings),
    }
    with open_workspace(frames) as connection:
        connection.execute(f"create temp table coded_values as {_select_coded_values()}")
        parts = [pl.DataFrame(connection.sql(read_query(f"counts/{name}"))) for name in COUNTS]
    return pl.concat(part.select(pl.col(name).cast(kind) for name, kind in COLUMNS.items()) for part in parts).sort(
        "measure", "field", "subject"
    )


def list_concepts(lists: CodeLists) -> pl.DataFrame:
    """Returns field, concept and code of every code that has a concept."""
    rows = [
        (field.header, code.concept, code.code)
        for field in list_fields()
        for code in lists[field.code_list].codes
        if code.concept
    ]
    return pl.DataFrame(rows, schema=["field", "concept", "code"], orient="row", schema_overrides=_TEXTS)


def list_interval_limits(settings: QualitySettings) -> pl.DataFrame:
    """Returns subject and most_days of each interval."""
    limits = {
        "reception to triage": settings.reception_to_triage_days,
        "triage to start": settings.triage_to_start_days,
        "last end to discharge": settings.last_end_to_discharge_days,
        "discharge to exit": settings.discharge_to_exit_days,
    }
    return pl.DataFrame({"subject": list(limits), "most_days": list(limits.values())})


def _select_coded_values() -> str:
    """Returns a query of field, code and records: how many have the code; a blank is ''."""
    at_exit = [field for field in _list_coded_fields() if field.updatability in _AT_EXIT]
    at_triage = [field for field in _list_coded_fields() if field.updatability not in _AT_EXIT]
    values = f"{_unpivot('triaged', at_triage)} union all {_unpivot('exited', at_exit)}"
    return f"select field, code, count(*) as records from ({values}) group by all"


def _list_coded_fields() -> list[Field]:
    return [
        field
        for field in list_fields()
        if field.kind == "code" and field.entity != "intervention" and field.header not in _NOT_AT_TRIAGE
    ]


def _unpivot(table: str, fields: list[Field]) -> str:
    values = ", ".join(f"coalesce({field.header}, '') as {field.header}" for field in fields)
    names = ", ".join(field.header for field in fields)
    return f"select field, code from (select {values} from {table}) unpivot (code for field in ({names}))"


_TEXTS = dict.fromkeys(("field", "concept", "code"), pl.String)
