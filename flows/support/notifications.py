"""Sends notifications through the block that `ndtms alarms` was given, and fails if one could not be sent."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from prefect.blocks.abstract import NotificationBlock
from prefect.blocks.core import Block
from prefect.variables import Variable

# A variable of Prefect, with the name of the block and the time from which runs are reported.
_VARIABLE = "ndtms_alarms"


@dataclass(frozen=True)
class Notifier:
    """Sends a notification (subject, body); reports what happened after `since`."""

    send: Callable[[str, str], None]
    since: datetime


def keep_notifier(block: str, now: datetime) -> None:
    """Stores in Prefect which block sends the notifications, and since when the first time."""
    since = _read().get("since", now.isoformat())
    Variable.set(_VARIABLE, {"block": block, "since": since}, overwrite=True)


def load_notifier() -> Notifier | None:
    """Returns what sends the notifications; None if `ndtms alarms` was never run.

    Raises:
        ValueError: the block was deleted.
    """
    kept = _read()
    if not kept:
        return None
    block = cast("NotificationBlock", Block.load(kept["block"]))
    # Outside an event loop it returns when the message is sent, whatever its type says.
    notify: Callable[[str, str], Any] = block.notify

    def send(subject: str, body: str) -> None:
        with block.raise_on_failure():
            notify(body, subject)

    return Notifier(send, datetime.fromisoformat(kept["since"]).astimezone(UTC))


def _read() -> dict[str, Any]:
    return cast("dict[str, Any]", Variable.get(_VARIABLE)) or {}
