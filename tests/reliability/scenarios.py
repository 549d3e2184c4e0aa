"""Commands that write to a home, what they start from, and how to check that a home is as it should be."""

import hashlib
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from flows.landing.commit import commit_staged_runs, land
from tests.backfill.generated import SOURCE, write_history
from tests.support.exports import write_small_export
from tests.support.processes import asked

_DAY = ("--extracted-on", "2023-05-03")
_MONTHS = ("--from", "2023-04", "--to", "2023-06")
# What an audit records of its latest runs, except when and how often they were made.
_LATEST = "join latest_runs as l using (run_id)"
_QUERIES = (
    "select agency, period, status, rows_sent, output_sha256 from latest_runs",
    f"select l.agency, l.period, entity, row, rule, value from internal.found {_LATEST}",
    f"select l.agency, l.period, entity, row, client_id, outcome from outcomes {_LATEST}",
    f"select l.agency, l.period, rule, passed, failed from internal.run_rules {_LATEST}",
    f"select l.agency, l.period, CLIENTID, EPISODID, MODID, HOUSING from sent_rows {_LATEST}",
)


@dataclass(frozen=True)
class Scenario:
    """A command: its words but for the home, the home it starts from (None: there is none), and its exit code.

    `begins` is the function of the program whose call begins the landing.
    """

    name: str
    words: tuple[str, ...]
    before: Path | None
    begins: Callable[..., object]
    code: int = 0

    def run(self, home: Path) -> Callable[[], None]:
        """The program, on a home."""

        def run() -> None:
            sys.argv = ["ndtms", *self.words, "--home", str(home)]
            from flows.cli import main

            main()

        return run

    def prepared(self, home: Path) -> Path:
        """A home as the command finds it."""
        shutil.rmtree(home, ignore_errors=True)
        if self.before is not None:
            shutil.copytree(self.before, home)
        return home


def scenarios(folder: Path, run_to_end: Callable[[Scenario, Path], None]) -> dict[str, Scenario]:
    """The commands, by name, with exports and homes made in a folder.

    Args:
        folder: where to; it is there and empty.
        run_to_end: runs a scenario on a home undisturbed.
    """
    first, second = write_small_export(folder / "first", "1", faults=(3,)), write_small_export(folder / "second", "2")
    month = ("--agency", "L0001", "--period", "2023-04", *_DAY)
    submit = Scenario("submit", ("submit", "--source", str(first), *month), None, land)
    landed = folder / "landed"
    run_to_end(submit, landed)
    again = Scenario("submit again", ("submit", "--source", str(second), *month), landed, land)
    corrected = write_small_export(folder / "corrected", "1")
    for name in ("clients", "episodes", "interventions"):
        lines = (corrected / f"{name}.csv").read_text(encoding="utf-8").splitlines()
        (corrected / f"{name}.csv").write_text(f"{lines[0]}\n{lines[3]}\n", encoding="utf-8")
    replay_words = ("replay", "--run", "L0001-2023-04-1", "--input", str(corrected))
    replay = Scenario("replay", replay_words, landed, land)
    # In another process: polars starts threads, and a process with threads must not be forked.
    history = folder / "history"
    asked(folder, lambda: str(write_history(history, agencies=2, number_of_months=3, clients=8)))
    backfill_words = ("backfill", "--source", str(history / SOURCE), *_MONTHS, *_DAY, "--workers", "1")
    # The second agency's third month is blocked by an episode of the first.
    backfill = Scenario("backfill", backfill_words, None, commit_staged_runs)
    return {scenario.name: scenario for scenario in (submit, again, replay, backfill)}


def disagreements(home: Path) -> list[str]:
    """Files of landed runs that differ from the audit, and files that no landed run has."""
    with duckdb.connect(str(home / "audit.duckdb"), read_only=True) as audit:
        landed = audit.execute(
            "select output_path, arg_max(output_sha256, run_number) from runs where status = 'landed' group by all"
        ).fetchall()
    wrong = [path for path, digest in landed if _digest(home / path) != digest]
    files = {str(path.relative_to(home)) for path in (home / "submissions").rglob("*") if path.is_file()}
    return wrong + sorted(files - {path for path, _ in landed})


def shown(home: Path) -> dict[str, str]:
    """Everything that an undisturbed run would give too: what the audit records, and the digests of the files."""
    with duckdb.connect(str(home / "audit.duckdb"), read_only=True) as audit:
        answers = {query: repr(audit.execute(f"{query} order by all").fetchall()) for query in _QUERIES}
    return answers | {
        str(path.relative_to(home)): _digest(path) or ""
        for path in sorted((home / "submissions").rglob("*"))
        if path.is_file()
    }


def number_of_runs(home: Path) -> int:
    """How many runs of a home have landed or were blocked."""
    if not (home / "audit.duckdb").exists():
        return 0
    with duckdb.connect(str(home / "audit.duckdb"), read_only=True) as audit:
        (number,) = audit.execute("select count(*) from runs where status <> 'failed'").fetchone() or (0,)
    return int(number)


def _digest(path: Path) -> str | None:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None
