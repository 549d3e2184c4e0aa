"""The order in which records are judged, and what becomes of each: a plain statement.

First exact repeats, over all records; then scope; then what ties records in scope together; then consent;
then all the rest, over the records still in play; and last the rules about the outcomes.
(Public interface, section 4.)
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tests.property.plain_answers import Answer, any_of, every, less
from tests.property.plain_records import ENTITIES, ID_OF, Lists, Record, records_of

Table = Sequence[Mapping[str, str]]
PlainRule = Callable[[Record, "PlainExport"], Answer]
Answered = tuple[Record, str, Answer]
Finding = tuple[str, int, str]
PARENT_OF = {"episode": "client", "intervention": "episode"}


@dataclass
class PlainExport:
    """One export, its records tied by their ids, and what was found of them."""

    records: Mapping[str, list[Record]]
    lists: Lists
    agency: str | None
    scoped: set[Record] = field(default_factory=set)
    withheld: set[Record] = field(default_factory=set)
    in_play: set[Record] = field(default_factory=set)
    findings: set[Finding] = field(default_factory=set)
    unanswered: set[Finding] = field(default_factory=set)
    outcomes: dict[tuple[str, int], str] = field(default_factory=dict)

    def standing(self, entity: str) -> list[Record]:
        """The records that repeat no earlier one."""
        return [record for record in self.records[entity] if not record.is_repeat]

    def in_scope(self, entity: str) -> list[Record]:
        return [record for record in self.standing(entity) if record not in self.scoped]

    def seen(self, entity: str) -> list[Record]:
        return [record for record in self.records[entity] if record in self.in_play]

    def outcome(self, record: Record) -> str:
        return self.outcomes[record.entity, record.index]

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

    def others(self, record: Record, among: Iterable[Record] | None = None) -> Iterator[Record]:
        """The other records in play of the same parent: another id, or one that nobody knows."""
        parent_id, own_id = ID_OF[PARENT_OF[record.entity]], ID_OF[record.entity]
        for other in self.seen(record.entity) if among is None else among:
            is_same_thing = other is record or (other.has(own_id) and other[own_id] == record[own_id])
            if not is_same_thing and other.has(parent_id) and other[parent_id] == record[parent_id]:
                yield other


def judge_plainly(
    tables: Mapping[str, Table],
    lists: Lists,
    agency: str | None,
    rules: Mapping[str, Mapping[str, PlainRule]],
    rejecting: Sequence[str],
    against_last: Callable[[PlainExport], Iterable[Answered]] = lambda _export: (),
) -> PlainExport:
    """Judges an export.

    Args:
        tables: of each entity, rows of text.
        lists: the code lists in force.
        agency: the one asked for; None is none.
        rules: statements of the rules over records in play, by entity and name.
        rejecting: the rules that hold a record back.
        against_last: the answers of the rules against earlier submissions.
    """
    export = PlainExport({entity: records_of(entity, tables[entity], lists) for entity in ENTITIES}, lists, agency)
    agencies = {record.agency() for entity in ("client", "episode") for record in export.records[entity]} - {None}
    if agency is None and len(agencies) == 1:
        export.agency = agencies.pop()
    _tell_repeats(export)
    _place_in_scope(export)
    _tell_ties(export)
    _withhold(export)
    for entity, statements in rules.items():
        for record in export.seen(entity):
            for name, statement in statements.items():
                _note(export, record, name, statement(record, export))
    for record, name, answer in against_last(export):
        _note(export, record, name, answer)
    _decide(export, rejecting)
    for episode in sent_in(export, "episode"):
        lost = any(export.outcome(child) == "rejected" for child in episode.children)
        _note(export, episode, "EPISODID.incomplete", lost)
    return export


def sent_in(export: PlainExport, entity: str) -> list[Record]:
    return [record for record in export.records[entity] if export.outcome(record) == "sent"]


def _note(export: PlainExport, record: Record, rule: str, answer: Answer) -> None:
    if answer:
        export.findings.add((record.entity, record.index, rule))
    if answer is None:
        export.unanswered.add((record.entity, record.index, rule))


def _tell_repeats(export: PlainExport) -> None:
    for entity in ENTITIES:
        identifier = ID_OF[entity]
        for record in export.records[entity]:
            _note(export, record, f"{identifier}.repeated", record.is_repeat)
        for record in export.standing(entity):
            _note(export, record, f"{identifier}.required", record.lacks(identifier))


def _of_id(records: Iterable[Record], identifier: str, text: str | None) -> list[Record]:
    return [record for record in records if text is not None and record[identifier] == text]


def _place_in_scope(export: PlainExport) -> None:
    """Finds what is out of scope, and ties the records that are in scope."""
    clients, episodes, interventions = (export.standing(entity) for entity in ENTITIES)

    def is_of_another(record: Record) -> bool:
        return export.agency is not None and record.agency() is not None and record.agency() != export.agency

    adopted = set()
    for client in clients:
        own = _of_id(episodes, "CLIENTID", client["CLIENTID"])
        if is_of_another(client):
            alone = len(_of_id(clients, "CLIENTID", client["CLIENTID"])) == 1
            if alone and any(episode["AGNCY"] == export.agency for episode in own):
                adopted.add(client)
            else:
                export.scoped.add(client)
                _note(export, client, "AGNCY.other", True)
        elif client.lacks("AGNCY") and own and all(map(is_of_another, own)):
            export.scoped.add(client)
    for episode in episodes:
        owners = _of_id(clients, "CLIENTID", episode["CLIENTID"])
        is_reported = is_of_another(episode) or (episode.lacks("AGNCY") and any(owner in adopted for owner in owners))
        _note(export, episode, "AGNCY.other", is_reported)
        if is_reported or (owners and all(owner in export.scoped for owner in owners)):
            export.scoped.add(episode)
    for intervention in interventions:
        owners = _of_id(episodes, "EPISODID", intervention["EPISODID"])
        if owners and all(owner in export.scoped for owner in owners):
            export.scoped.add(intervention)
    for child_entity, parent_entity in PARENT_OF.items():
        identifier = ID_OF[parent_entity]
        for child in export.in_scope(child_entity):
            for parent in _of_id(export.in_scope(parent_entity), identifier, child[identifier]):
                child.parents.append(parent)
                parent.children.append(child)


def _tell_ties(export: PlainExport) -> None:
    for entity in ENTITIES:
        identifier, standing = ID_OF[entity], export.in_scope(entity)
        for record in standing:
            same_id = _of_id(standing, identifier, record[identifier])
            _note(export, record, f"{identifier}.conflict", len(same_id) > 1)
    for record in export.in_scope("episode"):
        _note(export, record, "EPISODID.orphan", not record.parents)
        _note(export, record, "MODID.absent", record.has("EPISODID") and not record.children)
    for record in export.in_scope("intervention"):
        _note(export, record, "MODID.orphan", not record.parents)
    for record in export.in_scope("client"):
        _note(export, record, "CLIENTID.no_episode", record.has("CLIENTID") and not record.children)
        if record.has("CLIENTID") and not record.children:
            export.scoped.add(record)


def _withhold(export: PlainExport) -> None:
    """Withholds what has no consent; all else in scope goes into play.

    One record without consent withholds all that its id ties.
    """
    episodes = export.in_scope("episode")
    for record in episodes:
        consents = record.means("CONSENT", "yes")
        _note(export, record, "CONSENT.given", consents is not True)
        odd = record.has("CONSENT") and record.code("CONSENT") is None
        _note(export, record, "CONSENT.code", odd and record.list_of("CONSENT").checks)
        withdrawn = any_of(
            every(less(record.day("TRIAGED"), other.day("TRIAGED")), other.means("CONSENT", "no"))
            for other in export.others(record, episodes)
        )
        _note(export, record, "CONSENT.differs", every(consents, None if record.lacks("CLIENTID") else withdrawn))
    export.withheld = {episode for episode in episodes if export.was_found(episode, "CONSENT.given")}
    export.withheld |= {
        intervention
        for intervention in export.in_scope("intervention")
        if any(parent in export.withheld for parent in intervention.parents)
    }
    export.in_play = {*episodes, *export.in_scope("intervention")} - export.withheld
    export.in_play |= {
        client
        for client in export.in_scope("client")
        if client.lacks("CLIENTID") or any(child in export.in_play for child in client.children)
    }


def _decide(export: PlainExport, rejecting: Sequence[str]) -> None:
    """The outcome of every record: the first that fits."""
    rejected = {
        record for entity in ENTITIES for record in export.in_scope(entity) if export.was_found(record, *rejecting)
    }
    lost = rejected | {
        record for record in export.in_scope("episode") if any(parent in rejected for parent in record.parents)
    }

    def place(record: Record) -> str | None:
        reasons = (("dropped", record.is_repeat), ("out_of_scope", record in export.scoped))
        return next((outcome for outcome, fits in reasons if fits), None)

    def of_intervention(record: Record) -> str:
        if record in export.withheld:
            return "withheld"
        return "rejected" if record in rejected or any(parent in lost for parent in record.parents) else "sent"

    def of_episode(record: Record) -> str:
        if record in export.withheld:
            return "withheld"
        has_row = any(outcome_of(child) == "sent" for child in record.children)
        return "rejected" if record in lost or not has_row else "sent"

    def of_client(record: Record) -> str:
        episodes = set() if record in rejected else {outcome_of(child) for child in record.children}
        return next((outcome for outcome in ("sent", "withheld") if outcome in episodes), "rejected")

    fitting = {"client": of_client, "episode": of_episode, "intervention": of_intervention}

    def outcome_of(record: Record) -> str:
        return place(record) or fitting[record.entity](record)

    for entity in ENTITIES:
        for record in export.records[entity]:
            export.outcomes[entity, record.index] = outcome_of(record)
