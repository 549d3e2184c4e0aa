"""The order in which records are judged, and what becomes of each: a plain statement.

First what ties records together, over all of them; then consent; then all the rest, over the records
still in play.  (Definitions of the outside, section 4.)
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tests.property.plain_answers import Answer
from tests.property.plain_records import ENTITIES, ID_OF, Lists, Record, records_of

Table = Sequence[Mapping[str, str]]
PlainRule = Callable[[Record, "PlainExport"], Answer]
Finding = tuple[str, int, str]


@dataclass
class PlainExport:
    """One export, its records tied by their ids, and what was found of them."""

    records: Mapping[str, list[Record]]
    lists: Lists
    agency: str | None
    in_play: set[Record] = field(default_factory=set)
    findings: set[Finding] = field(default_factory=set)
    unanswered: set[Finding] = field(default_factory=set)
    outcomes: dict[tuple[str, int], str] = field(default_factory=dict)

    def standing(self, entity: str) -> list[Record]:
        """The records that repeat no earlier one."""
        return [record for record in self.records[entity] if not record.is_repeat]

    def seen(self, entity: str) -> list[Record]:
        return [record for record in self.records[entity] if record in self.in_play]

    def was_found(self, record: Record, *rules: str) -> bool:
        return any((record.entity, record.index, rule) in self.findings for rule in rules)

    def children_in_play(self, record: Record) -> list[Record] | None:
        """No answer for a blank id."""
        if record.lacks(ID_OF[record.entity]):
            return None
        return [child for child in record.children if child in self.in_play]

    def parent(self, record: Record) -> Record | None:
        """The parent that lends its values: one alone, whose key is in no conflict."""
        return record.parents[0] if len(record.parents) == 1 else None

    def others(self, record: Record) -> Iterator[Record]:
        """The other records in play of the same parent: another id, or one that nobody knows."""
        parent_id, own_id = {"episode": ("CLIENTID", "EPISODID"), "intervention": ("EPISODID", "MODID")}[record.entity]
        for other in self.seen(record.entity):
            is_same_thing = other is record or (other.has(own_id) and other[own_id] == record[own_id])
            if not is_same_thing and other.has(parent_id) and other[parent_id] == record[parent_id]:
                yield other


def judge_plainly(
    tables: Mapping[str, Table],
    lists: Lists,
    agency: str | None,
    rules: Mapping[str, tuple[str, PlainRule]],
    rejecting: Sequence[str],
) -> PlainExport:
    """Judges an export.

    Args:
        tables: of each entity, rows of text.
        lists: the code lists in force.
        agency: the one asked for; None is none.
        rules: entity and statement of the rules over records in play, by name.
        rejecting: the rules that hold a record back.
    """
    export = PlainExport({entity: records_of(entity, tables[entity], lists) for entity in ENTITIES}, lists, agency)
    agencies = {record.agency() for record in export.records["client"]} - {None}
    if agency is None and len(agencies) == 1:
        export.agency = agencies.pop()
    _tie(export)
    _tell_ties(export)
    withheld, out_of_scope = _placed(export)
    for name, (entity, statement) in rules.items():
        for record in export.seen(entity):
            _note(export, record, name, statement(record, export))
    _decide(export, withheld, out_of_scope, rejecting)
    return export


def _note(export: PlainExport, record: Record, rule: str, answer: Answer) -> None:
    if answer:
        export.findings.add((record.entity, record.index, rule))
    if answer is None:
        export.unanswered.add((record.entity, record.index, rule))


def _tie(export: PlainExport) -> None:
    for parent_entity, child_entity in (("client", "episode"), ("episode", "intervention")):
        identifier = ID_OF[parent_entity]
        for child in export.records[child_entity]:
            for parent in export.standing(parent_entity):
                if parent.has(identifier) and parent[identifier] == child[identifier]:
                    child.parents.append(parent)
                    parent.children.append(child)


def _tell_ties(export: PlainExport) -> None:
    for entity in ENTITIES:
        identifier = ID_OF[entity]
        for record in export.records[entity]:
            _note(export, record, f"{identifier}.repeated", record.is_repeat)
        standing = export.standing(entity)
        for record in standing:
            same_id = [
                other for other in standing if record.has(identifier) and other[identifier] == record[identifier]
            ]
            _note(export, record, f"{identifier}.required", record.lacks(identifier))
            _note(export, record, f"{identifier}.conflict", len(same_id) > 1)
    for record in export.standing("client"):
        _note(export, record, "CLIENTID.no_episode", record.has("CLIENTID") and not record.children)
        known = record.agency() is not None and export.agency is not None
        _note(export, record, "AGNCY.other", known and record.agency() != export.agency)
    for record in export.standing("episode"):
        _note(export, record, "EPISODID.orphan", not record.parents)
        _note(export, record, "MODID.absent", record.has("EPISODID") and not record.children)
        _note(export, record, "CONSENT.given", record.means("CONSENT", "yes") is not True)
        odd = record.has("CONSENT") and record.code("CONSENT") is None
        _note(export, record, "CONSENT.code", odd and record.list_of("CONSENT").checks)
    for record in export.standing("intervention"):
        _note(export, record, "MODID.orphan", not record.parents)


def _placed(export: PlainExport) -> tuple[set[Record], set[Record]]:
    """What is withheld and what is out of scope; all else goes into play.

    One record without consent withholds all that its id ties; children are out of scope where
    every record of their parent is.
    """
    clients, episodes, interventions = (export.standing(entity) for entity in ENTITIES)
    withheld = {episode for episode in episodes if export.was_found(episode, "CONSENT.given")}
    withheld |= {
        intervention for intervention in interventions if any(parent in withheld for parent in intervention.parents)
    }
    scoped = {client for client in clients if export.was_found(client, "AGNCY.other", "CLIENTID.no_episode")}
    for children in (episodes, interventions):
        scoped |= {child for child in children if child.parents and all(parent in scoped for parent in child.parents)}
    export.in_play = {*episodes, *interventions} - withheld - scoped
    export.in_play |= {
        client
        for client in clients
        if client not in scoped
        and (client.lacks("CLIENTID") or any(child in export.in_play for child in client.children))
    }
    return withheld, scoped


def _decide(export: PlainExport, withheld: set[Record], scoped: set[Record], rejecting: Sequence[str]) -> None:
    """The outcome of every record: the first that fits."""
    rejected = {
        other
        for entity in ENTITIES
        for other in export.standing(entity)
        if other not in scoped and export.was_found(other, *rejecting)
    }
    lost = {
        record for record in export.records["episode"] if any(parent in rejected for parent in record.parents)
    } | rejected

    def outcome_of(record: Record) -> str:
        fitting = {"client": _of_client, "episode": _of_episode, "intervention": _of_intervention}
        return fitting[record.entity](record)

    def _of_intervention(record: Record) -> str:
        if record.is_repeat:
            return "dropped"
        if record in withheld:
            return "withheld"
        if export.was_found(record, *rejecting) or any(parent in lost for parent in record.parents):
            return "rejected"
        return "out_of_scope" if record in scoped else "sent"

    def _of_episode(record: Record) -> str:
        for outcome, fits in (("dropped", record.is_repeat), ("withheld", record in withheld)):
            if fits:
                return outcome
        if record in scoped:
            return "out_of_scope"
        has_row = any(outcome_of(child) == "sent" for child in record.children)
        return "rejected" if record in lost or not has_row else "sent"

    def _of_client(record: Record) -> str:
        if record.is_repeat:
            return "dropped"
        if record in scoped:
            return "out_of_scope"
        episodes = set() if record in rejected else {outcome_of(child) for child in record.children}
        return next((outcome for outcome in ("sent", "withheld") if outcome in episodes), "rejected")

    for entity in ENTITIES:
        for record in export.records[entity]:
            export.outcomes[entity, record.index] = outcome_of(record)
