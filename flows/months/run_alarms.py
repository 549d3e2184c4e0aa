"""Which alarm a run of a flow needs, from its state."""

from dataclasses import dataclass
from datetime import datetime, timedelta

UNENDED = ("PENDING", "RUNNING", "CANCELLING")
ENDED_BADLY = ("FAILED", "CRASHED")
MARKED = "Stuck"
INCOMPLETE = "Incomplete"
# Prefect and Python put these words before the sentence of an error.
_BEFORE_REASON = (
    "Flow run encountered an exception: ",
    *(f"{error}: " for error in ("InputRefused", "SourceUnreadable", "RunFailed", "FileNotMoved", "BackfillStopped")),
)


@dataclass(frozen=True)
class RunState:
    """A run as Prefect knows it.

    `type` and `state` are Prefect's type and name of the state that the run has been in since `since`; `attempts` is
    how often it was started.
    """

    flow: str
    name: str
    type: str
    state: str
    message: str
    since: datetime
    attempts: int = 1
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Alarm:
    """A notification, and the tag that a run gets once it has been sent."""

    subject: str
    body: str
    tag: str


def find_alarm(run: RunState, limit: timedelta, now: datetime) -> Alarm | None:
    """Returns the alarm that a run needs now; None if it needs none, or its tag shows that the alarm was sent.

    Args:
        run: the run.
        limit: how long it may take.
        now: the present time.
    """
    title = f"{run.flow}: {run.name}"
    if run.type in UNENDED and now - run.since > limit:
        reason = (
            f"it has been {run.state} for more than {limit.total_seconds() / 3600:g} hours; check that its export"
            " can be read, and cancel the run before you run the month again"
        )
        alarm = Alarm("NDTMS: stuck", f"{title}: {reason}", f"long {run.attempts}")
    elif run.type not in ENDED_BADLY or run.state == INCOMPLETE:
        # What makes `monthly` incomplete are its submissions, which have alarms of their own.
        return None
    elif run.state == "Blocked":
        alarm = Alarm("NDTMS: blocked", f"{title}: {_find_reason(run.message)}", f"reported {run.attempts}")
    else:
        subject = "NDTMS: stuck" if run.state == MARKED else "NDTMS: failed"
        alarm = Alarm(subject, f"{title}: {_find_reason(run.message)}", f"reported {run.attempts}")
    return None if alarm.tag in run.tags else alarm


def _find_reason(message: str) -> str:
    for words in _BEFORE_REASON:
        message = message.removeprefix(words)
    # The title of the alarm has the agency and the month already.
    _, _, blocked_by = message.partition(" is blocked by ")
    return blocked_by or message or "no reason is known"
