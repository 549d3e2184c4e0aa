"""Checks the SQL files of a mapping before anything is run."""

import re
from collections.abc import Collection, Iterator
from itertools import pairwise

import duckdb

from flows.intake.sql.errors import convert_sql_error
from flows.sources.query_parameters import describe_unknown, find_placeholder
from flows.support.errors import InputRefused

_CREATES = re.compile(r"create (or replace )?(temp |temporary )?(view|macro|function)\b")
# These words read the clock without parentheses.
_CLOCK_WORDS = frozenset({"current_date", "current_time", "current_timestamp", "localtime", "localtimestamp"})

# Characters that DuckDB's parser replaces by a plain space: spaces of other sizes, and a byte order mark.
_SPACES = dict.fromkeys([0xA0, *range(0x2000, 0x200E), 0x202F, 0x205F, 0x2060, 0x3000, 0xFEFF], " ")


def split_shared_statements(text: str, file: str) -> Iterator[tuple[str, int]]:
    """Yields each statement of the shared SQL file, and how many lines of the file precede it.

    Raises:
        InputRefused: a statement is not CREATE VIEW or CREATE MACRO, or is not valid SQL.
    """
    position, searched = 0, text.translate(_SPACES)
    for statement in _parse(text, file):
        # The query has a plain space for each other space, outside of quotes.
        position = searched.index(statement.query.translate(_SPACES), position)
        before = text.count("\n", 0, position)
        position += len(statement.query)
        if not _CREATES.match(" ".join(word for word, _ in _list_words(statement.query)[:5])):
            raise InputRefused(
                f"{file}, line {_first_line(statement.query, before)}: only CREATE VIEW and CREATE MACRO are allowed in"
                " the SQL that tables share"
            )
        if statement.named_parameters:
            name = min(statement.named_parameters)
            raise InputRefused(
                f"{file}, line {_first_line(statement.query, before)}: ${name} cannot be used in a view or macro; use"
                " it in the SQL of a table, or pass it to a macro"
            )
        yield statement.query, before


def parse_table_query(text: str, file: str, parameters: Collection[str]) -> tuple[str, frozenset[str]]:
    """Returns the query of a table without a final semicolon, and the parameters that it uses.

    Raises:
        InputRefused: the text is not one SELECT, or uses a parameter that does not exist.
    """
    if placeholder := find_placeholder(text):
        raise InputRefused(f"{file} contains {{{placeholder}}}, which is for a location; write ${placeholder}")
    statements = _parse(text, file)
    if len(statements) != 1:
        raise InputRefused(f"{file}: the file has {len(statements)} statements; exactly one SELECT is allowed")
    if statements[0].type != duckdb.StatementType.SELECT:
        kind = statements[0].type.name.replace("_", " ")
        raise InputRefused(f"{file}: the statement is {kind}; only SELECT is allowed")
    used = frozenset(statements[0].named_parameters)
    if unknown := sorted(used.difference(parameters)):
        raise InputRefused(f"{file}: {describe_unknown(unknown[0])}")
    return _without_semicolon(text), used


def refuse_changing_functions(text: str, file: str, functions: Collection[str]) -> None:
    """Refuses SQL whose result differs from run to run.

    Args:
        text: the SQL.
        file: the name of its file.
        functions: the functions of DuckDB that do not always return the same.
    """
    words = _list_words(text)
    for (word, place), (following, _) in pairwise([*words, ("", 0)]):
        if word in _CLOCK_WORDS or (word in functions and following == "("):
            line = text.count("\n", 0, place) + 1
            raise InputRefused(
                f"{file}, line {line}: {word} does not return the same each time, so the same export could give another"
                " submission; use $extracted_on, $first_day or $last_day for a day"
            )


def _parse(text: str, file: str) -> list[duckdb.Statement]:
    try:
        return duckdb.extract_statements(text)
    except duckdb.Error as error:
        raise convert_sql_error(error, file, before=0) from None
    except UnicodeDecodeError:
        # DuckDB cuts a long name in its message, perhaps within a character.
        raise InputRefused(
            f"{file}: this is not SQL, and DuckDB's message about it cannot be shown; check the longest name in it"
        ) from None


def _first_line(statement: str, before: int) -> int:
    """Returns the line of a statement's first word."""
    blank = len(statement) - len(statement.lstrip())
    return before + statement.count("\n", 0, blank) + 1


def _list_words(text: str) -> list[tuple[str, int]]:
    """Returns the words and signs of SQL in lower case, and the place of each; comments are left out."""
    # The tokenizer, unlike the parser, takes other spaces for letters.
    written = text.translate(_SPACES).encode()
    # It returns byte offsets. Comments are no tokens, and follow the word before them.
    offsets = [offset for offset, _ in duckdb.tokenize(written.decode())]
    words = []
    for start, end in pairwise([*offsets, len(written)]):
        word = re.match(rb'"[^"]*"|\w+|.', written[start:end], re.DOTALL)
        if word:
            words.append((word[0].decode(errors="replace").strip('"').lower(), len(written[:start].decode())))
    return words


def _without_semicolon(text: str) -> str:
    places = [place for word, place in _list_words(text) if word == ";"]
    return text[: places[0]] + text[places[0] + 1 :] if places else text
