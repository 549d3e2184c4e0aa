"""The site: a directory outside of the project with the settings, mappings and deployments of one organisation.

The variable NDTMS_SITE names it. An update of the project changes nothing in it.
"""

import os
from pathlib import Path

from flows.support.errors import InputRefused

VARIABLE = "NDTMS_SITE"


def find_site() -> Path | None:
    """Returns the directory of the site; None if NDTMS_SITE is not set.

    Raises:
        InputRefused: NDTMS_SITE is not an absolute path, or there is no such directory.
    """
    named = os.environ.get(VARIABLE)
    if not named:
        return None
    path = Path(named)
    if not path.is_absolute():
        raise InputRefused(f"{VARIABLE} is {named}; it must be the absolute path of a directory, such as /etc/ndtms")
    if not path.is_dir():
        raise InputRefused(f"{VARIABLE}: there is no directory {path}; create it, or unset the variable")
    return path
