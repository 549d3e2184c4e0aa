"""One check of a home: its name, whether it is passed, and what was found."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Check:
    """A check and its result; `found` is a sentence that names no record."""

    name: str
    state: Literal["ok", "FAULT"]
    found: str

    @property
    def is_fault(self) -> bool:
        """Whether the check found a fault."""
        return self.state == "FAULT"


def accept(name: str, found: str) -> Check:
    """Returns a check that found no fault."""
    return Check(name, "ok", found)


def fail(name: str, found: str) -> Check:
    """Returns a check that found a fault."""
    return Check(name, "FAULT", found)
