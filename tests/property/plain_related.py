"""The rules of one export that look at other records, stated row by row from their words.

Each statement is 'breached when' of the catalogue, in three-valued logic; `export` is asked for the other records.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, timedelta

from tests.property.plain_answers import Answer, all_of, any_of, every, less, no, same, some
from tests.property.plain_records import Record
from tests.property.plain_stages import PlainExport, PlainRule

EXTRACTED_ON = date(2023, 5, 3)
SUBSTITUTION = ("opioid_maintenance", "opioid_reduction", "opioid_substitution")
LONG = 91

OfAnother = Callable[[Record, Record], Answer]


def shared_reference(client: Record, export: PlainExport) -> Answer:
    if client.lacks("CLIENT"):
        return False
    others = [other for other in export.seen("client") if other is not client and other["CLIENT"] == client["CLIENT"]]
    return any_of(no(_is_same_person(client, other)) for other in others)


def same_person(client: Record, export: PlainExport) -> Answer:
    if not all(_person(client)) or client.code("SEX") is None:
        return False
    twins = [
        other
        for other in export.seen("client")
        if other is not client and _is_same_person(client, other) and other.code("SEX") is not None
    ]
    return any_of(no(same(client["CLIENTID"], twin["CLIENTID"])) for twin in twins)


def _person(client: Record) -> tuple[str | date | None, ...]:
    return client.letter("FINITIAL"), client.letter("SINITIAL"), client.day("DOB"), client.sent("SEX")


def _is_same_person(client: Record, other: Record) -> Answer:
    return all_of(same(mine, theirs) for mine, theirs in zip(_person(client), _person(other), strict=True))


def agency_missing(client: Record, _export: PlainExport) -> Answer:
    # Scope comes before consent: "episode records" are those in scope, withheld ones too.
    episodes = client.children
    supplied = None if client.lacks("CLIENTID") else bool(episodes) and all(one.has("AGNCY") for one in episodes)
    return every(client.lacks("AGNCY"), no(supplied))


def any_other(of_another: OfAnother, own: Callable[[Record], Answer] = lambda _record: True) -> PlainRule:
    """Whether this is so, and that of another record of the same client or episode; no answer for their blank id."""

    def holds(record: Record, export: PlainExport) -> Answer:
        if record.lacks("CLIENTID" if record.entity == "episode" else "EPISODID"):
            return every(own(record), None)
        return every(own(record), any_of(of_another(record, other) for other in export.others(record)))

    return holds


def overlapping(episode: Record, other: Record) -> Answer:
    return every(
        _comes_first(other, episode, "TRIAGED", "EPISODID"),
        some(other.lacks("DISD"), less(episode.day("TRIAGED"), other.day("DISD"))),
    )


def _comes_first(other: Record, record: Record, day: str, identifier: str) -> Answer:
    return some(
        less(other.day(day), record.day(day)),
        every(same(other.day(day), record.day(day)), less(other[identifier], record[identifier])),
    )


def left_open(episode: Record, other: Record) -> Answer:
    return every(
        no(less(episode.day("EXITD"), other.day("TRIAGED"))),
        some(other.lacks("DISD"), other.lacks("DISRSN")),
    )


def is_exited(episode: Record) -> bool:
    return episode.has("EXITD")


def received_again(episode: Record, other: Record) -> Answer:
    return every(
        less(episode.day("RECPDT"), other.day("RECPDT")),
        some(episode.lacks("EXITD"), less(other.day("RECPDT"), episode.day("EXITD"))),
    )


def left_otherwise(episode: Record, other: Record) -> Answer:
    return every(
        same(other.day("RECPDT"), episode.day("RECPDT")),
        no(less(other.day("EXITD"), episode.day("TRIAGED"))),
        some(episode.lacks("EXITD"), no(same(episode.day("EXITD"), other.day("EXITD")))),
    )


def received_in_earlier_stay(episode: Record, other: Record) -> Answer:
    return every(
        other.means("EXITRSN", "released", "absconded"),
        no(less(other.day("EXITD"), episode.day("RECPDT"))),
        less(other.day("EXITD"), episode.day("TRIAGED")),
    )


def triaged_dead(episode: Record, other: Record) -> Answer:
    died = other.day("EXITD") if other.has("EXITD") else other.day("DISD")
    return every(
        some(other.means("EXITRSN", "died"), other.is_code("DISRSN", "89")), less(died, episode.day("TRIAGED"))
    )


def overlapping_modality(intervention: Record, other: Record) -> Answer:
    return every(
        intervention.has("MODAL") and other.has("MODAL"),
        same(other.sent("MODAL"), intervention.sent("MODAL")),
        _comes_first(other, intervention, "MODST", "MODID"),
        _goes_on(other, intervention),
    )


def started_during(own: str, others: str) -> PlainRule:
    def holds(intervention: Record, other: Record) -> Answer:
        return every(
            other.means("MODAL", others),
            no(less(intervention.day("MODST"), other.day("MODST"))),
            _goes_on(other, intervention),
        )

    return any_other(holds, lambda intervention: intervention.means("MODAL", own))


def _goes_on(other: Record, intervention: Record) -> Answer:
    return some(other.lacks("MODEND"), less(intervention.day("MODST"), other.day("MODEND")))


def with_interventions(
    statement: Callable[[Record, list[Record]], Answer], own: Callable[[Record], Answer] = lambda _episode: True
) -> PlainRule:
    """What is so of the episode itself, and of it with its interventions; no answer for a blank id."""

    def holds(episode: Record, export: PlainExport) -> Answer:
        interventions = export.children_in_play(episode)
        return every(own(episode), None if interventions is None else statement(episode, interventions))

    return holds


def isolated(_episode: Record, interventions: list[Record]) -> Answer:
    return bool(interventions) and all_of(
        every(intervention.has("MODAL"), intervention.means("MODAL", "not_reported_alone"))
        for intervention in interventions
    )


def substitution_ran_long(episode: Record, interventions: list[Record]) -> Answer:
    """Whether the OST days are 91 or more: those of the union of the spells."""
    spells, unsure = [], False
    for intervention in interventions:
        is_substitution = intervention.means("MODAL", *SUBSTITUTION)
        start = intervention.day("MODST")
        end = intervention.day("MODEND") if intervention.has("MODEND") else episode.day("DISD")
        if is_substitution and start is not None and end is not None:
            spells.append((start, end))
        elif is_substitution is not False:
            unsure = True
    # A spell from one day to the next is one day long: the day of the end is not counted.
    covered = {start + timedelta(days=day) for start, end in spells for day in range((end - start).days)}
    return True if len(covered) >= LONG else None if unsure else False


def has_substitution(interventions: list[Record]) -> Answer:
    return any_of(intervention.means("MODAL", *SUBSTITUTION) for intervention in interventions)


def unreviewed(episode: Record) -> Answer:
    """What the episode alone must be, whatever its interventions are."""
    received, interrupted = episode.day("RECPDT"), episode.day("INTRCPTD")
    return every(
        episode.has("DISD"),
        episode.lacks("CLINREV"),
        None if received is None or interrupted is None else (received - interrupted).days < LONG,
    )


def reviewed_too_soon(episode: Record, interventions: list[Record]) -> Answer:
    return every(
        has_substitution(interventions),
        no(substitution_ran_long(episode, interventions)),
    )


def reviewed_without_substitution(_episode: Record, interventions: list[Record]) -> Answer:
    return no(has_substitution(interventions))


def all_ended(_episode: Record, interventions: list[Record]) -> Answer:
    ends = [intervention.day("MODEND") for intervention in interventions]
    known = [end for end in ends if end is not None]
    is_ended = bool(ends) and len(known) == len(ends)
    return is_ended and (EXTRACTED_ON - max(known)).days >= 28


def none_started(_episode: Record, interventions: list[Record]) -> Answer:
    return all(intervention.lacks("MODST") for intervention in interventions)


def is_past(day: date | None, days: int) -> Answer:
    return None if day is None else (EXTRACTED_ON - day).days >= days


def on_prescription(episode: Record, interventions: list[Record]) -> Answer:
    return any_of(
        every(
            intervention.means("MODAL", "opioid_maintenance"),
            some(intervention.lacks("MODEND"), no(less(intervention.day("MODEND"), episode.day("DISD")))),
        )
        for intervention in interventions
    )


def commenced(_episode: Record, interventions: list[Record]) -> Answer:
    return any_of(
        every(no(intervention.means("MODAL", "not_reported_alone")), intervention.has("MODST"))
        for intervention in interventions
    )


def prescribed_alone(_episode: Record, interventions: list[Record]) -> Answer:
    return every(
        any_of(intervention.means("MODAL", "alcohol_prescribing") for intervention in interventions),
        no(any_of(intervention.means("MODAL", "psychosocial") for intervention in interventions)),
    )


def with_parent(statement: Callable[[Record, Record], Answer]) -> PlainRule:
    """No answer where the parent is not known: it lends no values."""

    def holds(record: Record, export: PlainExport) -> Answer:
        parent = export.parent(record)
        return None if parent is None else statement(record, parent)

    return holds


def age_on_triage(episode: Record, client: Record) -> int | None:
    born, day = client.day("DOB"), episode.day("TRIAGED")
    if born is None or day is None:
        return None
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def ended_unstarted(intervention: Record, export: PlainExport) -> Answer:
    # An episode that is not there, or whose key is in conflict, lends no DISD: it is not populated.
    episode = export.parent(intervention)
    undischarged = intervention.has("EPISODID") and (episode is None or episode.lacks("DISD"))
    return every(intervention.has("MODEND"), intervention.lacks("MODST"), undischarged)


def open_at_discharge(intervention: Record, export: PlainExport) -> Answer:
    episode = export.parent(intervention)
    return every(episode.has("DISD") if episode else None, intervention.lacks("MODEND"))


def identifying(header: str) -> PlainRule:
    def holds_birthday(record: Record, export: PlainExport) -> Answer:
        client: Record | None = record
        while client is not None and client.entity != "client":
            client = export.parent(client)
        born = client.day("DOB") if client else None
        text = record[header]
        if text is None or born is None:
            return every(text is not None, None)
        bare = "".join(
            character for character in text if unicodedata.category(character)[0] == "L" or character.isdecimal()
        )
        year, month, day = f"{born.year:04}", f"{born.month:02}", f"{born.day:02}"
        runs = re.findall("[0-9]+", bare)
        return any(whole in bare for whole in (year + month + day, day + month + year)) or any(
            short in runs for short in (year[2:] + month + day, day + month + year[2:])
        )

    return holds_birthday


OF_CLIENTS: Mapping[str, PlainRule] = {
    "AGNCY.required": agency_missing,
    "CLIENT.shared": shared_reference,
    "CLIENTID.same_person": same_person,
    "CLIENTID.identifying": identifying("CLIENTID"),
    "CLIENT.identifying": identifying("CLIENT"),
}
OF_EPISODES: Mapping[str, PlainRule] = {
    "EPISODID.identifying": identifying("EPISODID"),
    "TRIAGED.overlap": any_other(overlapping),
    "EXITD.other_open": any_other(left_open, is_exited),
    "EXITD.before_next_reception": any_other(received_again),
    "EXITD.of_one_stay": any_other(left_otherwise),
    "RECPDT.of_an_earlier_stay": any_other(received_in_earlier_stay),
    "TRIAGED.after_death": any_other(triaged_dead),
    "MODAL.isolated": with_interventions(isolated),
    "MODAL.prescribed_alone": with_interventions(prescribed_alone, lambda episode: episode.has("DISD")),
    "CLINREV.at_discharge": with_interventions(substitution_ran_long, unreviewed),
    "CLINREV.too_soon": with_interventions(
        reviewed_too_soon, lambda episode: episode.has("DISD") and episode.has("CLINREV")
    ),
    "CLINREV.not_applicable": with_interventions(reviewed_without_substitution, lambda episode: episode.has("CLINREV")),
    "MODEND.all_ended": with_interventions(all_ended, lambda episode: episode.lacks("DISD")),
    "MODST.waiting": with_interventions(
        none_started, lambda episode: every(episode.lacks("DISD"), is_past(episode.day("TRIAGED"), 42))
    ),
    "DISRSN.on_prescription": with_interventions(
        on_prescription, lambda episode: episode.is_code("DISRSN", "80", "82")
    ),
    "DISRSN.commenced": with_interventions(commenced, lambda episode: episode.is_code("DISRSN", "88")),
    "DOB.adult": with_parent(lambda episode, client: less(age_on_triage(episode, client), 18)),
    "DOB.plausible": with_parent(lambda episode, client: less(110, age_on_triage(episode, client))),
    "INTRCPTD.before_birth": with_parent(lambda episode, client: no(less(client.day("DOB"), episode.day("INTRCPTD")))),
    "HEPCTSTD.before_birth": with_parent(lambda episode, client: less(episode.day("HEPCTSTD"), client.day("DOB"))),
    "HIVTESTDT.before_birth": with_parent(lambda episode, client: less(episode.day("HIVTESTDT"), client.day("DOB"))),
}
OF_INTERVENTIONS: Mapping[str, PlainRule] = {
    "MODID.identifying": identifying("MODID"),
    "MODAL.overlap": any_other(overlapping_modality),
    "MODAL.concurrent_substitution": started_during("opioid_reduction", "opioid_maintenance"),
    "MODAL.maintenance_over_reduction": started_during("opioid_maintenance", "opioid_reduction"),
    "MODST.order": with_parent(lambda one, episode: less(one.day("MODST"), episode.day("TRIAGED"))),
    "MODEND.after_discharge": with_parent(lambda one, episode: less(episode.day("DISD"), one.day("MODEND"))),
    "MODEND.without_start": ended_unstarted,
    "MODEND.open_at_discharge": open_at_discharge,
}
RELATED: Mapping[str, Mapping[str, PlainRule]] = {
    "client": OF_CLIENTS,
    "episode": OF_EPISODES,
    "intervention": OF_INTERVENTIONS,
}
