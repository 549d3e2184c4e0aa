"""Runs many commands in one process of their own: python -m tests.privacy.commands PLAN [SERVER].

PLAN is a JSON object with a list of commands, each with its words (`words`), the files its output is written to
(`output`) and `fault`, a function of tests.privacy.failing that breaks something while the command runs.  With
`parameters`, it is a flow of Prefect.  With `notifications`, a file, a Prefect server is started, and SERVER is its
address.  The process has a directory of its own for everything that programs write without being asked (HOME, TMPDIR,
PREFECT_HOME).
"""

import json
import os
import subprocess
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

_THIS: Final = [sys.executable, "-m", "tests.privacy.commands"]


def main(path: str, server: str = "") -> None:
    """Runs the commands and writes the exit code of each next to its output."""
    from tests.privacy.serving import serve

    plan = json.loads(Path(path).read_text(encoding="utf-8"))
    if not plan["notifications"] or server:
        _run_all(plan["commands"])
        return
    # In another process, all of which has the server: threads of Prefect have the settings with which it was imported.
    with serve(Path(plan["notifications"])) as url:
        subprocess.run([*_THIS, path, url], env=os.environ | {"PREFECT_API_URL": url}, check=True)


def _run_all(commands: list[dict[str, Any]]) -> None:
    from tests.privacy import failing

    saved = os.dup(1), os.dup(2)
    for command in commands:
        output = Path(command["output"])
        for descriptor, name in ((1, "out"), (2, "err")):
            file = os.open(f"{output}.{name}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            os.dup2(file, descriptor)
            os.close(file)
        code = None
        with failing.break_with(command["fault"], command["variables"]):
            try:
                _run(command["words"], command["parameters"])
            except SystemExit as left:
                code = left.code or 0
            except BaseException:
                traceback.print_exc()
        sys.stdout.flush()
        sys.stderr.flush()
        Path(f"{output}.code").write_text(str(code), encoding="utf-8")
        for descriptor, before in enumerate(saved, start=1):
            os.dup2(before, descriptor)


def _run(words: list[str], parameters: Mapping[str, Any] | None) -> None:
    """Runs a command, or a flow as a worker does, which logs the traceback of an error."""
    if parameters is None:
        from flows.cli import run

        sys.argv = ["ndtms", *words]
        run()
        return
    from flows.deploy import FLOWS

    try:
        FLOWS[words[0]](**parameters)
    except Exception:
        traceback.print_exc()
        sys.exit(1)
    sys.exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
