"""What a report to share shows of a run: nothing in it depends on a hidden count, so that none can be calculated."""

from collections.abc import Iterator
from dataclasses import dataclass

from flows.reports.run_page.queries import MOST_CARDS, Parts, Row
from flows.reports.run_page.wording import OWNERS, format_number, format_percent
from schemas.dataset import ENTITIES, TABLE, Entity, list_entity_fields
from transforms.results.shared_counts import ShareRange, add_shown, find_share_range, round_down, show_count
from transforms.results.small_counts import SMALLEST_SHOWN


@dataclass(frozen=True)
class SharedOutcomes:
    """The agency's own records of an entity by outcome; None is hidden.  `own` is shown if all of its parts are."""

    entity: Entity
    could_be_sent: int | None
    rejected: int | None
    withheld: int | None

    @property
    def own(self) -> int | None:
        """The sum of the outcomes."""
        return add_shown((self.could_be_sent, self.rejected, self.withheld))

    @property
    def with_consent(self) -> int | None:
        """The records whose completeness is counted."""
        return add_shown((self.could_be_sent, self.rejected))


@dataclass(frozen=True)
class SharedFault:
    """A rule, its fault and who can correct it, and the least number of interventions that it costs."""

    rule: str
    fault: str
    owner: str
    at_least: int


@dataclass(frozen=True)
class SharedField:
    """A field and the range of the share of records whose value was understood."""

    header: str
    title: str
    understood: ShareRange


@dataclass(frozen=True)
class SharedReport:
    """The parts of a report to share.

    `status` is landed, not ready, blocked or failed, or None if it is hidden; `completeness` has the fields by the name
    of their table.
    """

    status: str | None
    headline: str
    outcomes: tuple[SharedOutcomes, ...]
    faults: tuple[SharedFault, ...]
    completeness: dict[str, list[SharedField]]


def build_shared_report(run: Row, parts: Parts) -> SharedReport:
    """Returns what a report to share shows.

    Only three parts are read.  The others name values or files, are texts with counts in them, or compare months or
    groups that overlap, whose differences are small counts.

    Args:
        run: the run's row of the table `runs`.
        parts: the rows of the queries in sql/report/.
    """
    if run["status"] == "failed":
        return SharedReport("failed", "The run failed, so nothing was sent.", (), (), {})
    outcomes = {row["entity"]: _share_outcomes(row) for row in parts["outcomes"]}
    interventions = outcomes["intervention"]
    completeness = {
        TABLE[entity]: fields
        for entity in ENTITIES
        if entity in outcomes and (fields := list(_share_fields(outcomes[entity], run, parts)))
    }
    status = _share_status(run, interventions)
    return SharedReport(
        status,
        _build_headline(interventions, is_blocked=status == "blocked"),
        tuple(outcomes.values()),
        tuple(_share_faults(interventions, parts)),
        completeness,
    )


def _share_outcomes(row: Row) -> SharedOutcomes:
    return SharedOutcomes(row["entity"], *(show_count(row[name]) for name in ("could_be_sent", "rejected", "withheld")))


def _share_faults(interventions: SharedOutcomes, parts: Parts) -> Iterator[SharedFault]:
    """Yields the rules that cost the most interventions, if the number of rejected interventions is shown."""
    if interventions.rejected is None:
        return
    costly = sorted(
        (row for row in parts["rules"] if row["rows_lost"]), key=lambda row: (-row["rows_lost"], row["rule"])
    )
    steps = round_down([row["rows_lost"] for row in costly[:MOST_CARDS]], interventions.rejected)
    found = [(step, row) for step, row in zip(steps, costly, strict=False) if step is not None]
    # Rules of one step are in the order of their names, which says nothing about their counts.
    for step, row in sorted(found, key=lambda pair: (-pair[0], pair[1]["rule"])):
        yield SharedFault(row["rule"], row["fault"], OWNERS[row["owner"]], step)


def _share_fields(outcomes: SharedOutcomes, run: Row, parts: Parts) -> Iterator[SharedField]:
    """Yields the fields of an entity, if the number of its records with consent is shown."""
    counted = {row["field"]: row for row in parts["completeness"] if row["period"] == run["period"]}
    for field in list_entity_fields(outcomes.entity):
        row = counted.get(field.header)
        # A count of other records is not shown anywhere, so a share of it might show a small one.
        if row is None or row["records"] != outcomes.with_consent:
            continue
        understood = find_share_range(row["understood"], row["records"])
        if understood is not None:
            yield SharedField(field.header, field.title, understood)


def _share_status(run: Row, interventions: SharedOutcomes) -> str | None:
    # A file that landed has at least half the rows of the last one, so with that report the state shows a small count.
    if interventions.could_be_sent is None:
        return None
    return "not ready" if run["status"] == "landed" and run["provisional_lists"] else str(run["status"])


def _build_headline(interventions: SharedOutcomes, *, is_blocked: bool) -> str:
    sent, own = interventions.could_be_sent, interventions.own
    if sent is None:
        return f"Fewer than {SMALLEST_SHOWN} interventions can be sent."
    if own == 0:
        return "The export has no intervention of the agency, so there is nothing to send."
    blocked, verb = ("Blocked: ", "would") if is_blocked else ("", "can")
    if own is None:
        return f"{blocked}{format_number(sent)} interventions {verb} be sent."
    counts = f"{format_number(sent)} of {format_number(own)} interventions {verb} be sent"
    return f"{blocked}{counts}, {format_percent(100 * sent / own)}."
