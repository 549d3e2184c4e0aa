"""The metrics of a home for Prometheus, as a file of the node exporter's textfile collector.

Each query in sql/metrics/ is a metric of the same name: its comment is the help, its column `value` the value, and its
other columns the labels.  Only counts, times, agencies and months are in it.
"""

from collections.abc import Iterator
from pathlib import Path

from flows.audit.database import open_read_only
from flows.audit.definitions import SQL_DIRECTORY
from transforms.tables.printable import printable

_FOLDER = SQL_DIRECTORY / "metrics"
_LAST_RUNS = "last_runs.sql"


def build_metrics(home: Path) -> str:
    """Returns the metrics of the last run of each agency, in the text format of Prometheus.

    Args:
        home: the home; the label `home` is the name of its directory, to tell homes apart.

    Raises:
        InputRefused: the audit cannot be read.
    """
    lines: list[str] = []
    with open_read_only(home) as connection:
        connection.execute((_FOLDER / _LAST_RUNS).read_text(encoding="utf-8"))
        for path in sorted(_FOLDER.glob("ndtms_*.sql")):
            query = path.read_text(encoding="utf-8")
            rows = connection.execute(query).fetchall()
            labels = [column[0] for column in connection.description or ()][:-1]
            lines += [f"# HELP {path.stem} {_read_help(query)}", f"# TYPE {path.stem} gauge"]
            for *texts, value in rows:
                named = ",".join(_format_labels(["home", *labels], [home.name, *texts]))
                lines.append(f"{path.stem}{{{named}}} {float(value):.15g}")
    return "\n".join(lines) + "\n"


def _read_help(query: str) -> str:
    return query.splitlines()[0].removeprefix("-- ")


def _format_labels(names: list[str], texts: list[str]) -> Iterator[str]:
    for name, text in zip(names, texts, strict=True):
        escaped = printable(text).replace("\\", "\\\\").replace('"', '\\"')
        yield f'{name}="{escaped}"'
