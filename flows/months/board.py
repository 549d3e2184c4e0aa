"""Renews the board of a home after a run, whether or not it landed."""

import logging
from datetime import date
from pathlib import Path

from flows.landing.home import locked_home
from flows.reports.board import write_board
from flows.support.errors import describe_failure, is_interrupt
from flows.support.events import log_step

_log = logging.getLogger("ndtms")


def renew_board(home: Path) -> None:
    """Writes the board anew.  A run never fails because of it: what prevents it is a warning.

    The home must not be locked by this process.
    """
    try:
        with log_step("board"), locked_home(home, "the board"):
            write_board(home, date.today())
    except BaseException as error:
        if is_interrupt(error):
            raise KeyboardInterrupt from None
        _log.warning("the board could not be renewed (%s); the next run renews it", describe_failure(error))
