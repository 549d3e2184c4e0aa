"""The process that reads one untrusted file.

python -m flows.files.reading_process PARENT MEMORY KIND NAME [SHEET]

The content comes on standard input.  The answer goes to standard output: an Arrow table, or JSON, with exit
code 0; a sentence with exit code 2 where the file is refused.  A library that aborts ends this process alone.
"""

import io
import json
import resource
import sys

from flows.files.excel import parse_workbook, workbook_sheets
from flows.files.parquet import parse_parquet
from flows.support.child_processes import end_with_parent
from flows.support.errors import InputRefused

REFUSED = 2


def main(parent: int, memory: int, kind: str, name: str, sheet: str | None) -> int:
    """Reads the file and writes the answer.

    Args:
        parent: the process id of the command.
        memory: how many bytes of memory this process may have.
        kind: workbook, sheets or parquet.
        name: what the file is called in messages.
        sheet: which sheet of a workbook; None is the first.

    Returns:
        The exit code.
    """
    end_with_parent(parent)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    content = sys.stdin.buffer.read()
    answer = io.BytesIO()
    try:
        if kind == "sheets":
            answer.write(json.dumps(workbook_sheets(content, name)).encode())
        else:
            table = parse_parquet(content, name) if kind == "parquet" else parse_workbook(content, name, sheet)
            table.write_ipc(answer, compression="uncompressed")
    except InputRefused as refusal:
        sys.stdout.buffer.write(str(refusal).encode())
        return REFUSED
    sys.stdout.buffer.write(answer.getbuffer())
    return 0


if __name__ == "__main__":
    arguments = sys.argv[1:]
    sheet = arguments[4] if len(arguments) > 4 else None
    sys.exit(main(int(arguments[0]), int(arguments[1]), arguments[2], arguments[3], sheet))
