"""Finds candidates in a table of movements: a row for each arrival at, and each departure from, a prison."""

from collections.abc import Iterator

from flows.intake.draft.phrases import Match
from flows.intake.draft.places import Candidate, Export, Place
from flows.intake.draft.source_tables import SourceTable
from flows.intake.draft.values import Judgement, is_date_column
from flows.intake.draft.words import has_contrary, split_words

_IN = frozenset({"in", "arrival", "arrive", "admission", "inward", "incoming"})
_OUT = frozenset({"out", "departure", "depart", "outward", "outgoing"})
_PLACE_WORDS = frozenset({"place", "establishment", "prison", "location", "destination", "other", "counterpart"})
_KIND_WORDS = frozenset({"kind", "type", "reason", "movement"})


def find_movement_candidates(export: Export, table: SourceTable) -> list[Candidate]:
    """Returns the candidates for the reception, the arrival and the departure; none if it is another kind of table."""
    for column in table.columns:
        values = sorted(table.rows[column].drop_nulls().unique())
        arrivals = [value for value in values if set(value.casefold().split()) <= _IN]
        departures = [value for value in values if set(value.casefold().split()) <= _OUT]
        if len(arrivals) == 1 and len(departures) == 1 and len(values) <= 4:
            return list(_find_by_direction(export, table, column, arrivals[0], departures[0]))
    return []


def _find_by_direction(
    export: Export, table: SourceTable, direction: str, arrival: str, departure: str
) -> Iterator[Candidate]:
    moment = _find_moment(table)
    if moment is None:
        return
    entered, left = (direction, arrival), (direction, departure)
    yield _propose("RECPDT", Place(table.name, moment, (entered,)), f"{direction} is {arrival!r}")
    yield _propose("EXITD", Place(table.name, moment, (left,)), f"{direction} is {departure!r}")
    kind = _find_column(table, _KIND_WORDS, direction)
    kinds = sorted(table.rows[kind].drop_nulls().unique()) if kind else []
    if kind:
        yield _propose("EXITRSN", Place(table.name, kind, (left,)), f"{direction} is {departure!r}")
    reception = [value for value in kinds if split_words(value) == {"reception"}]
    if kind and len(reception) == 1:
        reason = f"{kind} is {reception[0]!r}"
        yield _propose("INTRCPTD", Place(table.name, moment, ((kind, reception[0]),)), reason)
    place = _find_column(table, _PLACE_WORDS, direction, kind)
    transfer = [value for value in kinds if "transfer" in split_words(value) and "out" not in split_words(value)]
    if place:
        yield _propose("EXITDEST", Place(table.name, place, (left,)), f"{direction} is {departure!r}")
    if place and kind and len(transfer) == 1:
        reason = f"{direction} is {arrival!r} and {kind} is {transfer[0]!r}"
        yield _propose("PRISON", Place(table.name, place, (entered, (kind, transfer[0]))), reason)


def _propose(header: str, place: Place, reason: str) -> Candidate:
    return Candidate(
        header, place, "many", Match(header, True, False, 1, 0), Judgement(True, True), f"movements: {reason}"
    )


def _find_moment(table: SourceTable) -> str | None:
    """Returns the only date of a movement that is not the day of its entry."""
    found = [
        column
        for column in table.columns
        if is_date_column(table.rows[column]) and not has_contrary(split_words(column))
    ]
    return found[0] if len(found) == 1 else None


def _find_column(table: SourceTable, words: frozenset[str], *others: str | None) -> str | None:
    found = [
        column
        for column in table.columns
        if split_words(column) & words and column not in others and table.rows[column].n_unique() > 1
        and not is_date_column(table.rows[column]) and not split_words(column) & {"id"}
    ]  # fmt: skip
    return found[0] if len(found) == 1 else None
