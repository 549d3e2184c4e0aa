"""The result of a landing."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Landed:
    """The run as recorded in the audit: its id, its status, and the path of its file (None if no file was landed).

    `unusual` is what is unusual about its month, as sentences, most unusual first.
    """

    run_id: str
    status: str
    output_path: Path | None
    unusual: tuple[str, ...] = ()
