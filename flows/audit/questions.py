"""Questions about the audit by name: each is a query in sql/questions/, with the question as its first line."""

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from flows.audit import database as audit
from flows.audit.comments import read_description
from flows.audit.definitions import SQL_DIRECTORY
from flows.audit.queries import Filters, query_current_view
from flows.support.errors import InputRefused

_FOLDER = SQL_DIRECTORY / "questions"


def list_questions() -> Mapping[str, str]:
    """Returns the questions by name."""
    return {path.stem: read_description(path.read_text(encoding="utf-8")) for path in sorted(_FOLDER.glob("*.sql"))}


def ask(home: Path, name: str, filters: Filters) -> pl.DataFrame:
    """Returns the answer to a question.

    Args:
        home: the directory of the audit.
        name: the name of the question.
        filters: the agency and the month; without them, every month of every agency.

    Raises:
        InputRefused: there is no such question, or no audit.
    """
    questions = list_questions()
    if name not in questions:
        raise InputRefused(f"{name!r} is not a question; `ndtms ask` lists them: {', '.join(questions)}")
    text = (_FOLDER / f"{name}.sql").read_text(encoding="utf-8")
    with audit.open_read_only(home) as connection:
        return query_current_view(connection, name, text, {"agency": filters.agency, "period": filters.period})
