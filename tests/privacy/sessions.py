"""What is run on the planted export: every command, on success and on failures, and what each leaves."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tests.privacy.planted import AGENCY, DAY, PERIOD, secrets
from tests.support.snapshots import ROOT


@dataclass(frozen=True)
class Command:
    """A command and the exit code that it must have.

    Attributes:
        name: what it is about; its output is in files of this name.
        words: its words, without the home; the name of a flow if it has parameters.
        code: its exit code; negative for the signal that kills it.
        fault: what is broken meanwhile, a key of `tests.privacy.failing.FAULTS`.
        home: the directory of its home below the root; None for a command or a flow without one.
        variables: additional variables of the environment.
        parameters: those of a flow of Prefect, without the home; None for a command.
    """

    name: str
    words: tuple[object, ...]
    code: int = 0
    fault: str = ""
    home: str | None = "home"
    variables: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, object] | None = None


def month(source: object, *more: object, agency: str = AGENCY) -> tuple[object, ...]:
    return ("--source", source, "--agency", agency, "--period", PERIOD, "--extracted-on", DAY, *more)


def run_session(root: Path, name: str, commands: Iterable[Command], *, is_served: bool = False) -> dict[str, int]:
    """Runs commands in one process.  Returns the exit code of each; that of the process where it was killed.

    Args:
        root: the directory below which everything is written.
        name: what the commands are about.
        commands: the commands.
        is_served: whether the process has a Prefect server.
    """
    output = root / "output"
    output.mkdir(exist_ok=True)
    listed = list(commands)
    plan = {
        "notifications": str(output / f"notifications {name}.json") if is_served else "",
        "commands": [_plan_command(root, command) for command in listed],
    }
    path = root / "given" / "plans" / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(plan), encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, "-m", "tests.privacy.commands", path], cwd=ROOT, env=build_environment(root),
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    for stream, text in (("out", ran.stdout), ("err", ran.stderr)):
        (output / f"process {name}.{stream}").write_text(text, encoding="utf-8")
    codes = {}
    for command in listed:
        code = output / f"{command.name}.code"
        codes[command.name] = int(code.read_text()) if code.exists() else ran.returncode
    return codes


def _plan_command(root: Path, command: Command) -> dict[str, object]:
    home = str(root / command.home) if command.home else ""
    words, parameters = [*map(str, command.words)], command.parameters
    if parameters is None:
        words += ["--home", home] if home else []
    elif home:
        parameters = parameters | {"home": home}
    return {
        "words": words, "output": str(root / "output" / command.name), "fault": command.fault,
        "variables": command.variables, "parameters": parameters,
    }  # fmt: skip


def build_environment(root: Path) -> dict[str, str]:
    """Returns the variables of a process that finds every directory it may write to below the root."""
    for name in ("user", "temporary", "prefect", "metrics"):
        (root / name).mkdir(exist_ok=True)
    kept = {name: text for name, text in os.environ.items() if not name.startswith(("NDTMS", "PREFECT", "XDG"))}
    return kept | secrets() | {
        "HOME": str(root / "user"), "TMPDIR": str(root / "temporary"), "PREFECT_HOME": str(root / "prefect"),
        "PREFECT_LOGGING_LEVEL": "DEBUG", "PREFECT_SERVER_ANALYTICS_ENABLED": "false", "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120", "NDTMS_LOG": str(root / "ndtms.log"),
        "NDTMS_METRICS": str(root / "metrics"), "NDTMS_SITE": str(root / "given" / "site"),
        "PYTHONDONTWRITEBYTECODE": "1", "RUST_BACKTRACE": "0",
    }  # fmt: skip
