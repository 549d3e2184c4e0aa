"""The rules against the last submission, stated row by row from their words."""

from collections.abc import Iterator
from datetime import date

from tests.property.plain_answers import Answer, any_of, every, no
from tests.property.plain_records import ENTITIES, ID_OF, Record, code_means, field_rows
from tests.property.plain_stages import Finding, PlainExport

# Codes that one area has on different days: North Yorkshire, Somerset, Barnsley, Sheffield.
SAME_AREAS = (
    {"E10000023", "E06000065"}, {"E10000027", "E06000066"}, {"E08000016", "E08000038"}, {"E08000019", "E08000039"},
)  # fmt: skip
RULE_OF = {"mismatch": "mismatch", "fixed": "changed", "once": "changed", "on_event": "changed"}
RULE_OF |= {"to_yes": "withdrawn", "disclosure": "withdrawn"}
HISTORY_RULES = frozenset(
    {
        f"{header}.{RULE_OF[row['updatability']]}"
        for header, row in field_rows().items()
        if row["updatability"] in RULE_OF
    }
    | {"DISD.reopened", "MODEND.unended", "MODST.unstarted", "EPISODID.dropped", "MODID.dropped"}
) - {"CLIENTID.changed", "EPISODID.changed", "MODID.changed"}


def hold_against(now: PlainExport, before: PlainExport) -> tuple[set[Finding], set[tuple[str, str | None, str | None]]]:
    """Findings of the records in play that were sent before, and (rule, EPISODID, MODID) of what is gone."""
    found = {
        (entity, record.index, rule)
        for entity in ENTITIES
        for record in now.seen(entity)
        for old in sent_in(before, entity)
        if record[ID_OF[entity]] == old[ID_OF[entity]]
        for rule, answer in _answers(record, old, now, before)
        if answer
    }
    return found, set(_gone(now, before))


def sent_in(export: PlainExport, entity: str) -> list[Record]:
    return [record for record in export.records[entity] if export.outcomes[entity, record.index] == "sent"]


def _answers(now: Record, old: Record, export: PlainExport, before: PlainExport) -> Iterator[tuple[str, Answer]]:
    reopened: Answer = False
    if now.entity == "episode":
        was_undone = _is_undone(now, old, "DISD") or _is_undone(now, old, "EXITD")
        allowed = _may_be_reopened(now, old, export, before)
        reopened = every(was_undone, allowed)
        yield "DISD.reopened", every(was_undone, no(allowed))
    if now.entity == "intervention":
        yield "MODEND.unended", _is_undone(now, old, "MODEND")
        yield "MODST.unstarted", _is_undone(now, old, "MODST")
    for header, row in field_rows().items():
        if row["entity"] == now.entity and row["updatability"] in RULE_OF and header != ID_OF[now.entity]:
            yield f"{header}.{RULE_OF[row['updatability']]}", _breached(row["updatability"], now, old, header, reopened)


def _breached(updatability: str, now: Record, old: Record, header: str, reopened: Answer) -> Answer:
    then, here = old.sent(header), now.sent(header)
    if updatability in ("to_yes", "disclosure"):
        code_list = now.list_of(header)
        return every(code_means(code_list, then, "yes"), no(code_means(code_list, here, "yes")))
    if then is None or then == here:
        return False
    if updatability in ("mismatch", "once"):
        return here is not None
    if updatability == "on_event":
        return no(reopened)
    return not (header == "UTLA" and {then, here} in SAME_AREAS)


def _is_undone(now: Record, old: Record, header: str) -> bool:
    return old.sent(header) is not None and now.sent(header) is None


def _may_be_reopened(now: Record, old: Record, export: PlainExport, before: PlainExport) -> Answer:
    """Not released then; a MODID new since then starts within 21 days; all that had ended is there and ended."""
    sent_before = sent_in(before, "intervention")
    known = {intervention["MODID"] for intervention in sent_before}
    new = [child for child in export.children_in_play(now) or [] if child.has("MODID") and child["MODID"] not in known]
    discharged = old.day("DISD")
    return every(
        no(code_means(now.list_of("EXITRSN"), old.sent("EXITRSN"), "released")),
        any_of(_starts_soon(intervention, discharged) for intervention in new),
        *(
            _is_still_ended(intervention, export)
            for intervention in sent_before
            if intervention["EPISODID"] == old["EPISODID"] and intervention.sent("MODEND") is not None
        ),
    )


def _starts_soon(intervention: Record, discharged: date | None) -> Answer:
    start = intervention.day("MODST")
    return None if start is None or discharged is None else 0 <= (start - discharged).days < 21


def _is_still_ended(old: Record, export: PlainExport) -> bool:
    there = [record for record in export.seen("intervention") if record["MODID"] == old["MODID"]]
    return bool(there) and all(record.sent("MODEND") is not None for record in there)


def _gone(now: PlainExport, before: PlainExport) -> Iterator[tuple[str, str | None, str | None]]:
    ids = {entity: {record[ID_OF[entity]] for record in now.records[entity]} for entity in ENTITIES}
    in_play = {record["EPISODID"] for record in now.seen("episode")}
    for episode in sent_in(before, "episode"):
        if episode["EPISODID"] not in ids["episode"]:
            yield "EPISODID.dropped", episode["EPISODID"], None
    for intervention in sent_in(before, "intervention"):
        if intervention["MODID"] not in ids["intervention"] and intervention["EPISODID"] in in_play:
            yield "MODID.dropped", intervention["EPISODID"], intervention["MODID"]
