"""Publishes the board as a table on Prefect's pages, under one key, so that its history is in one place."""

from datetime import date
from pathlib import Path

from prefect.artifacts import create_table_artifact

from flows.reports.board import build_table, describe_board, load_board

KEY = "ndtms-board"


def publish_board(home: Path) -> None:
    """Publishes the board of a home as it is now.  Must be called in a flow run."""
    board = load_board(home, date.today())
    create_table_artifact(key=KEY, table=build_table(board), description=describe_board(board))
