"""Rules of the submission as a whole: what is reported about it, and what blocks it from landing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from schemas.rule import CLIENT_DETAILS, RuleInfo


@dataclass(frozen=True)
class FileFinding:
    """What a rule of the file found, and the episode it is about where it is about one."""

    found: str
    episode_id: str | None = None


@dataclass(frozen=True)
class FileFacts:
    """What the rules of the file look at.

    `agency_asked` is None where none was; `last_rows_sent` where there is no earlier submission.
    `moved_episodes` were last landed under another agency: the EPISODID and that agency.
    """

    agency_asked: str | None
    agencies: Sequence[str]
    removed_columns: Sequence[str]
    rows_to_send: int
    last_rows_sent: int | None = None
    shrink_share: float = 0.5
    shrink_accepted: bool = False
    moved_episodes: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, kw_only=True)
class FileRule(RuleInfo):
    """A rule of the whole file and what it finds."""

    found: Callable[[FileFacts], Sequence[FileFinding]]


def _several_agencies(facts: FileFacts) -> Sequence[FileFinding]:
    if facts.agency_asked is None and len(facts.agencies) > 1:
        return [FileFinding(", ".join(facts.agencies))]
    return ()


def _nothing_to_send(facts: FileFacts) -> Sequence[FileFinding]:
    return [FileFinding("0 rows")] if facts.rows_to_send == 0 else ()


def _removed_columns(facts: FileFacts) -> Sequence[FileFinding]:
    return [FileFinding(column) for column in facts.removed_columns]


def _shrunk(facts: FileFacts) -> Sequence[FileFinding]:
    if facts.last_rows_sent is None or facts.shrink_accepted:
        return ()
    if facts.rows_to_send >= facts.last_rows_sent * facts.shrink_share:
        return ()
    return [FileFinding(f"{facts.rows_to_send} rows, {facts.last_rows_sent} in the last submission")]


def _moved_episodes(facts: FileFacts) -> Sequence[FileFinding]:
    return [FileFinding(f"last landed under {agency}", episode) for episode, agency in facts.moved_episodes]


FILE_RULES: tuple[FileRule, ...] = (
    FileRule(
        name="FILE.agencies",
        entity="file",
        field="AGNCY",
        severity="file",
        basis="stated",
        section=CLIENT_DETAILS,
        owner="conversion",
        truth="The client records carry one agency, or one was asked for.",
        found=_several_agencies,
    ),
    FileRule(
        name="FILE.empty",
        entity="file",
        field="",
        severity="file",
        basis="inferred",
        section="Introduction",
        owner="conversion",
        truth="Some row is left to send.",
        found=_nothing_to_send,
    ),
    FileRule(
        name="FILE.removed_fields",
        entity="file",
        field="",
        severity="warning",
        basis="stated",
        section="Appendix I",
        owner="conversion",
        truth="No source table brings a field that dataset R no longer has; such a column is left out.",
        found=_removed_columns,
    ),
    FileRule(
        name="FILE.shrunk",
        entity="file",
        field="",
        severity="file",
        basis="inferred",
        section="Introduction",
        owner="conversion",
        truth="At least half as many rows are left to send as the last submission sent.",
        found=_shrunk,
    ),
    FileRule(
        name="AGNCY.changed",
        entity="file",
        field="AGNCY",
        severity="file",
        basis="stated",
        section=CLIENT_DETAILS,
        owner="conversion",
        truth="An episode stays with the agency it was last landed under.",
        found=_moved_episodes,
    ),
)
