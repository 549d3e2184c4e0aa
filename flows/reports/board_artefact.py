"""Publishes the board as a table on Prefect's pages, under one key, so that its history is in one place."""

import logging
from datetime import date
from pathlib import Path

from prefect.artifacts import create_table_artifact

from flows.reports.board import build_table, describe_board, load_board
from flows.support.errors import describe_failure, is_interrupt

KEY = "ndtms-board"
_log = logging.getLogger("ndtms")


def publish_board(home: Path) -> None:
    """Publishes the board of a home as it is now.  A run never fails because of it: what prevents it is a warning.

    Must be called in a flow run.
    """
    try:
        board = load_board(home, date.today())
        create_table_artifact(key=KEY, table=build_table(board), description=describe_board(board))
    except BaseException as error:
        if is_interrupt(error):
            raise
        _log.warning("the board could not be published (%s); the next run publishes it", describe_failure(error))
