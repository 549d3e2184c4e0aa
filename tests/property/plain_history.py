"""The rules against earlier submissions, stated row by row from their words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from tests.property.plain_answers import Answer, any_of, every, less, no, some
from tests.property.plain_records import ENTITIES, ID_OF, Record, code_means, field_rows
from tests.property.plain_stages import PARENT_OF, Answered, PlainExport, sent_in

# Codes that one area has on different days: North Yorkshire, Somerset, Barnsley, Sheffield.
SAME_AREAS = (
    {"E10000023", "E06000065"}, {"E10000027", "E06000066"}, {"E08000016", "E08000038"}, {"E08000019", "E08000039"},
)  # fmt: skip
RULE_OF = {"mismatch": "mismatch", "fixed": "changed", "once": "changed", "on_event": "changed"}
RULE_OF |= {"to_yes": "withdrawn", "disclosure": "withdrawn"}
# What may become yes at any time is otherwise held to what it was when this day was there.
EVENT_OF = {"LIVSCRN": "EXITD", "NPSUSE": "DISD", "CLINREV": "DISD"}
AT_DISCHARGE = ("DISD", "DISRSN", "EXITD", "EXITRSN")
PERSON, STAY = ("FINITIAL", "SINITIAL", "DOB", "SEX"), ("RECPDT", "TRIAGED")
HISTORY_RULES = frozenset(
    {
        f"{header}.{RULE_OF[row['updatability']]}"
        for header, row in field_rows().items()
        if row["updatability"] in RULE_OF
    }
    | {f"{header}.changed" for header in EVENT_OF}
    | {"DISD.reopened", "DISD.late_return", "MODEND.unended", "MODST.unstarted", "EPISODID.dropped", "MODID.dropped"}
    | {"EPISODID.moved", "MODID.moved", "EPISODID.renumbered", "EPISODID.no_longer_sent", "MODID.no_longer_sent"}
    | {"AGNCY.changed"}
) - {"CLIENTID.changed", "EPISODID.changed", "MODID.changed"}

Gone = tuple[str, str | None, str | None]


@dataclass(frozen=True)
class PlainHistory:
    """What was landed in earlier months, oldest first, and the agency that landed an episode last, if another."""

    months: Sequence[PlainExport] = ()
    agency_of: Mapping[str, str] = field(default_factory=dict)

    def last(self, record: Record) -> tuple[Record, PlainExport] | None:
        """The record as the latest month that contains it has it, with that month."""
        identifier = ID_OF[record.entity]
        for month in reversed(self.months):
            for old in sent_in(month, record.entity):
                if record.has(identifier) and old[identifier] == record[identifier]:
                    return old, month
        return None

    def answers(self, now: PlainExport) -> Iterator[Answered]:
        """The answers of the rules that run before the outcomes."""
        for entity in ENTITIES:
            for record in now.seen(entity):
                found = self.last(record)
                if found:
                    yield from ((record, rule, answer) for rule, answer in _answers(record, *found, now))
                if entity == "episode":
                    yield record, "AGNCY.changed", (record["EPISODID"] or "") in self.agency_of
                    yield record, "EPISODID.renumbered", self._is_renumbered(record, now)

    def _is_renumbered(self, episode: Record, now: PlainExport) -> Answer:
        if not self.months or episode.lacks("EPISODID") or self.last(episode):
            return False
        there = {record["EPISODID"] for record in now.records["episode"]}
        who = _identity(episode, now)
        return all(who) and any(
            _identity(old, self.months[-1]) == who
            for old in sent_in(self.months[-1], "episode")
            if old["EPISODID"] not in there
        )

    def gone(self, now: PlainExport) -> set[Gone]:
        """(rule, EPISODID, MODID) of what was in the latest submission and is not in this export."""
        found: set[Gone] = set()
        if not self.months:
            return found
        latest = self.months[-1]
        ids = {entity: {record[ID_OF[entity]] for record in now.records[entity]} for entity in ENTITIES}
        in_play = {record["EPISODID"] for record in now.seen("episode")}
        for episode in sent_in(latest, "episode"):
            if episode["EPISODID"] not in ids["episode"]:
                found.add(("EPISODID.dropped", episode["EPISODID"], None))
        for intervention in sent_in(latest, "intervention"):
            if intervention["MODID"] not in ids["intervention"] and intervention["EPISODID"] in in_play:
                found.add(("MODID.dropped", intervention["EPISODID"], intervention["MODID"]))
        return found

    def no_longer_sent(self, now: PlainExport) -> set[tuple[str, int, str]]:
        """Answers about the outcomes: records in scope that were in the latest submission and are not sent now."""
        found: set[tuple[str, int, str]] = set()
        for entity in PARENT_OF if self.months else ():
            identifier = ID_OF[entity]
            before = {old[identifier] for old in sent_in(self.months[-1], entity)}
            for record in now.in_scope(entity):
                is_lost = record[identifier] in before and now.outcome(record) != "sent"
                if entity == "intervention":
                    is_lost = is_lost and any(now.outcome(parent) == "sent" for parent in record.parents)
                if is_lost:
                    found.add((entity, record.index, f"{identifier}.no_longer_sent"))
        return found


def _identity(episode: Record, export: PlainExport) -> list[str | None]:
    client = export.parent(episode)
    return [client.sent(header) if client else None for header in PERSON] + [episode.sent(day) for day in STAY]


@dataclass(frozen=True)
class Reopening:
    """How an episode compares with its last submission: taken back as allowed, or discharged anew."""

    was_undone: bool
    allowed: Answer
    late: Answer
    closed_again: Answer

    @property
    def excuses(self) -> Answer:
        return some(every(self.was_undone, self.allowed), self.closed_again)


def _answers(now: Record, old: Record, month: PlainExport, export: PlainExport) -> Iterator[tuple[str, Answer]]:
    reopening = Reopening(False, False, False, False)
    if now.entity == "episode":
        reopening = _reopening(now, old, month, export)
        yield "DISD.reopened", every(reopening.was_undone, no(reopening.allowed))
        yield "DISD.late_return", every(reopening.was_undone, reopening.allowed, reopening.late)
        yield "EPISODID.moved", now.has("CLIENTID") and now["CLIENTID"] != old["CLIENTID"]
    if now.entity == "intervention":
        yield "MODEND.unended", _is_undone(now, old, "MODEND")
        yield "MODST.unstarted", _is_undone(now, old, "MODST")
        yield "MODID.moved", now.has("EPISODID") and now["EPISODID"] != old["EPISODID"]
    for header, row in field_rows().items():
        kind = row["updatability"]
        if row["entity"] == now.entity and kind in RULE_OF and header != ID_OF[now.entity]:
            yield f"{header}.{RULE_OF[kind]}", _breached(kind, now, old, header, reopening)
        if row["entity"] == now.entity and header in EVENT_OF:
            yield f"{header}.changed", _changed_after(EVENT_OF[header], now, old, header, reopening)


def _breached(kind: str, now: Record, old: Record, header: str, reopening: Reopening) -> Answer:
    then, here = old.sent(header), now.sent(header)
    if kind in ("to_yes", "disclosure"):
        code_list = now.list_of(header)
        return every(code_means(code_list, then, "yes"), no(code_means(code_list, here, "yes")))
    if then is None or then == here:
        return False
    if kind == "mismatch":
        return here is not None
    if kind == "once":
        return every(here is not None, no(reopening.closed_again) if header in AT_DISCHARGE else True)
    if kind == "on_event":
        return every(old.sent("EXITD") is not None, no(reopening.excuses))
    return not (header == "UTLA" and {then, here} in SAME_AREAS)


def _changed_after(event: str, now: Record, old: Record, header: str, reopening: Reopening) -> Answer:
    then = old.sent(header)
    withdrawn = _breached("to_yes", now, old, header, reopening)
    return every(
        old.sent(event) is not None,
        then is not None and then != now.sent(header),
        withdrawn is not True,
        no(reopening.excuses),
    )


def _is_undone(now: Record, old: Record, header: str) -> bool:
    return old.sent(header) is not None and now.sent(header) is None


def _sent_day(record: Record, header: str) -> date | None:
    text = record.sent(header)
    return date.fromisoformat(text) if text else None


def _reopening(now: Record, old: Record, month: PlainExport, export: PlainExport) -> Reopening:
    """Whether the episode was re-opened as allowed, and whether it was re-opened and closed again."""
    sent_before = sent_in(month, "intervention")
    known = {intervention["MODID"] for intervention in sent_before}
    new = [child for child in export.children_in_play(now) or [] if child.has("MODID") and child["MODID"] not in known]
    discharged, starts = _sent_day(old, "DISD"), [child.day("MODST") for child in new]
    soon = any_of(_starts_soon(start, discharged) for start in starts)
    after = any_of(no(less(start, discharged)) for start in starts)
    transferred = every(
        code_means(now.list_of("EXITRSN"), old.sent("EXITRSN"), "transferred"),
        code_means(now.list_of("DISRSN"), old.sent("DISRSN"), "transferred_in_custody"),
    )
    allowed = every(
        some(
            every(old.sent("EXITD") is None, old.sent("EXITRSN") is None, soon),
            every(transferred, after),
        ),
        *(
            _is_still_ended(intervention, export)
            for intervention in sent_before
            if intervention["EPISODID"] == old["EPISODID"] and intervention.sent("MODEND") is not None
        ),
    )
    later = less(discharged, _sent_day(now, "DISD"))
    return Reopening(
        was_undone=_is_undone(now, old, "DISD") or _is_undone(now, old, "EXITD"),
        allowed=allowed,
        late=every(transferred, no(soon)),
        closed_again=every(discharged is not None, now.sent("DISD") is not None, later, after),
    )


def _starts_soon(start: date | None, discharged: date | None) -> Answer:
    return None if start is None or discharged is None else 0 <= (start - discharged).days < 21


def _is_still_ended(old: Record, export: PlainExport) -> bool:
    there = [record for record in export.seen("intervention") if record["MODID"] == old["MODID"]]
    return bool(there) and all(record.sent("MODEND") is not None for record in there)
