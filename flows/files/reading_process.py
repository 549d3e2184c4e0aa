"""Reads one untrusted file in its own process.

python -m flows.files.reading_process PARENT MEMORY KIND NAME [SHEET]

Standard input is the content of the file. Standard output is an Arrow table or JSON, with exit code 0, or a
sentence that refuses the file, with exit code 2. A library that aborts ends only this process.
"""

import io
import json
import resource
import sys

from flows.files.excel import list_sheets, parse_workbook
from flows.files.isolated_reading import REFUSED
from flows.files.parquet import parse_parquet
from flows.files.pdf import parse_pdf
from flows.support.child_processes import end_with_parent
from flows.support.errors import InputRefused


def main(parent: int, memory: int, kind: str, name: str, sheet: str | None) -> int:
    """Reads the file and writes the result.

    Args:
        parent: the process id of the command.
        memory: the maximum memory of this process, in bytes.
        kind: workbook, sheets, parquet or pdf.
        name: the name of the file in messages.
        sheet: the sheet of a workbook; None is the first.

    Returns:
        The exit code.
    """
    end_with_parent(parent)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    # A core dump would write records to disk.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    content = sys.stdin.buffer.read()
    try:
        answer = parse(content, kind, name, sheet)
    except InputRefused as refusal:
        sys.stdout.buffer.write(str(refusal).encode())
        return REFUSED
    sys.stdout.buffer.write(answer)
    return 0


def parse(content: bytes, kind: str, name: str, sheet: str | None) -> bytes | memoryview:
    """Returns the table of a file in Arrow's IPC format, or the names of its sheets as JSON.

    Raises:
        InputRefused: the file is not of this kind, or cannot be read.
    """
    if kind == "sheets":
        return json.dumps(list_sheets(content, name)).encode()
    if kind == "pdf":
        table = parse_pdf(content, name)
    else:
        table = parse_parquet(content, name) if kind == "parquet" else parse_workbook(content, name, sheet)
    answer = io.BytesIO()
    table.write_ipc(answer, compression="uncompressed")
    return answer.getbuffer()


if __name__ == "__main__":
    arguments = sys.argv[1:]
    sheet = arguments[4] if len(arguments) > 4 else None
    sys.exit(main(int(arguments[0]), int(arguments[1]), arguments[2], arguments[3], sheet))
