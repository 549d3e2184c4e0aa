"""Messages about queries of databases, which show no value of a record and no credential."""

import re

from flows.support.errors import InputRefused, SourceUnreadable

# A driver has no other way to report that a connection was refused for good.
_REFUSED = re.compile(
    r"authentication failed|no password supplied|login failed|pg_hba\.conf|access denied|not permitted to log in"
    r"|permission denied|(role|database|user) \S+ does not exist",
    re.IGNORECASE,
)
# SQLSTATE: the classes of broken connections, missing resources and a server that starts or stops.
_CONNECTION_CLASSES = ("08", "53", "57")
_ACCESS_CLASS = "28"
_CONNECTION_ERRORS = ("OperationalError", "ConnectionError", "TimeoutError", "OSError")
# A message that is made before the query runs quotes the query only: PostgreSQL, then DuckDB.
_WRONG_QUERY = re.compile(
    r"(?:[A-Z_]+: )?(?:Failed to prepare query: ERROR:|(?:Parser|Catalog|Binder) Error:)\s*(?P<text>[^\n]+)"
)
_LOCKED = re.compile(r"could not set lock", re.IGNORECASE)


def convert_database_error(error: Exception, database: str, name: str) -> InputRefused:
    """Returns the refusal of a query.

    Args:
        error: what the driver raised.
        database: `env:VARIABLE` or `block:NAME`, where the URI is stored.
        name: the name of the table in messages.

    Returns:
        SourceUnreadable if the database may answer later, because only the connection failed. The text has the
        driver's message only where that quotes nothing but the query.
    """
    text, state = str(error), str(getattr(error, "sqlstate", None) or "")
    is_of_query = state.startswith("42") or not state
    if is_of_query and (wrong := _WRONG_QUERY.match(text)):
        return InputRefused(
            f"{name}: the query of {database} is wrong: {wrong['text'].rstrip('!')}; correct it in the mapping"
        )
    kind = type(error).__name__
    if state.startswith(_ACCESS_CLASS) or (not state and _REFUSED.search(text)):
        return InputRefused(
            f"{name}: {database} refused the connection; check the user, the password and the database in its URI"
        )
    if _is_connection_error(error, text, state):
        return SourceUnreadable(f"{name}: {database} does not answer ({kind}); check that the database is running")
    shown = f"{kind}, SQLSTATE {state}" if state else kind
    return InputRefused(
        f"{name}: the query of {database} failed ({shown}); the details are hidden, because they may quote a record;"
        " run the query in a client of the database"
    )


def _is_connection_error(error: Exception, text: str, state: str) -> bool:
    if state:
        return state.startswith(_CONNECTION_CLASSES)
    kinds = [kind.__name__ for kind in type(error).__mro__]
    return bool(_LOCKED.search(text)) or any(kind in _CONNECTION_ERRORS for kind in kinds)
