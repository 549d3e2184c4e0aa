"""The version of this software."""

from functools import cache
from importlib.metadata import version

_DISTRIBUTION = "ndtms-submission"


@cache
def read_software_version() -> str:
    """Returns the version of this software."""
    return version(_DISTRIBUTION)
