"""What the README and the pages print is what the commands write; `make snapshots` writes it into the pages."""

from pathlib import Path
from typing import Any

import pytest
import typer.main

from flows.cli import build_app
from flows.cli.terminal import NOT_ORCHESTRATED
from tests.printed.pages import Block, find_blocks, find_command_lines, print_again, replace_blocks, without_widths
from tests.support.command import Command
from tests.support.snapshots import ROOT

pytestmark = pytest.mark.slow

PAGES = {page.stem: page for page in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))}
BLOCKS = {name: list(find_blocks(page.read_text(encoding="utf-8"))) for name, page in PAGES.items()}
PRINTING = [name for name, blocks in BLOCKS.items() if any(block.has_output for block in blocks)]

# Blocks that no command of the test prints, by their page and how they begin.
LEFT_OUT = {
    ("README", "flows/ "): "the layout of the project; test_the_layout_names_every_folder compares it",
    ("getting-started", "workspace/"): "a list of files; test_listed_files compares it",
    ("reference-data", "workspace/"): "a list of files; test_listed_files compares it",
    ("operating", "0 6 3 * *"): "a line of a crontab",
    ("operating", "export PREFECT"): "starts a Prefect server; tests/served has one",
    ("operating", "ndtms: RuntimeError"): "a fault of the program, which has to be made first",
    ("operating", '{"time": '): "a line of the log; tests/flows/test_events.py has its parts",
    ("operating", "NDTMS_METRICS="): "a command that prints what submit prints",
    ("operating", "time() - "): "an expression of Prometheus",
    ("operating", ".venv/bin/python -c"): "needs a network",
    ("operating", "openssl "): "a command of the system that prints a random key",
    ("deployment", "useradd "): "a command of the system that needs root",
    ("deployment", "set -a"): "a command of the shell that prints nothing",
    ("deployment", "docker "): "needs containers and a network",
    ("audit-cookbook", "cp "): "a command of the system that prints nothing",
    ("mapping-your-system", "cp "): "a command of the system that prints nothing",
    ("mapping-your-system", "head "): "prints a file of the reader's own",
}

EXAMPLE = ("--source", "orchard", "--agency", "L0001", "--period", "2023-04", "--extracted-on", "2023-05-03")
_HEADER = "list,code,label,concept,status,source,valid_from,valid_to\n"
FILES = {
    "sex.csv": _HEADER
    + "".join(f"SEX,{row},,published,official,,\n" for row in ("1,Male", "2,Female", "9,Indeterminate")),
    "mistyped.csv": _HEADER + "SEX,1,Male,,offcial,official,,\n",
    "sheet.csv": "Data item,Code,Description\nSEX,1,Male\nSEX,2,Female\nDOB,,The day of birth\n",
    "ONSPD_NOV_2025.csv": "pcds,oscty,oslaua\nNR14 7UJ,E10000020,E07000149\n",
}


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory of a reader, with the files that the pages name and without a home."""
    for name, content in FILES.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    (tmp_path / "data").symlink_to(ROOT / "data")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_output_is_compared_or_left_out_for_a_reason() -> None:
    assert sum(block.has_output for block in BLOCKS["README"]) == 6
    assert PRINTING == ["README", "getting-started", "operating", "reference-data", "settings"]
    missed = [
        (name, block.lines[0])
        for name, blocks in BLOCKS.items()
        for block in blocks
        if block.is_plain and not block.has_output
    ]
    assert all(any(name == page and line.startswith(text) for page, text in LEFT_OUT) for name, line in missed), missed
    assert all(any(name == page and line.startswith(text) for name, line in missed) for page, text in LEFT_OUT)


def test_every_command_and_option_exists() -> None:
    commands = [words for blocks in BLOCKS.values() for block in blocks for words in find_command_lines(block)]
    assert len(commands) > 60
    assert [words for words in commands if list_unknown(words)] == []


def list_unknown(words: list[str]) -> list[str]:
    """Returns the words of a command that the program does not know: the command itself, and its options."""
    command: Any = typer.main.get_command(build_app())
    rest = [word for word in words if word != "..."]
    while hasattr(command, "commands"):
        if rest[0] not in command.commands:
            return rest[:1]
        command = command.commands[rest.pop(0)]
    options = {option for parameter in command.params for option in parameter.opts}
    return [word for word in rest if word.startswith("--") and word not in options]


@pytest.mark.parametrize("name", PRINTING)
def test_page(ndtms: Command, clone: Path, request: pytest.FixtureRequest, name: str) -> None:
    def run(words: list[str]) -> str:
        ran = ndtms(*words)
        text = (ran.out + ran.err).replace(f"ndtms: {NOT_ORCHESTRATED}\n", "")
        return text.replace(str(clone), "<your clone>")

    if name == "settings":
        (clone / "workspace").mkdir()
        (clone / "workspace" / "settings.toml").write_text("\n".join(BLOCKS[name][0].lines), encoding="utf-8")
    page = PAGES[name]
    printed = {block.start: (block, print_again(block, run)) for block in BLOCKS[name] if block.has_output}
    if request.config.getoption("update_snapshots"):
        page.write_text(replace_blocks(page.read_text(encoding="utf-8"), printed), encoding="utf-8")
    else:
        for block, lines in printed.values():
            assert without_widths(block.lines) == without_widths(lines)


def test_listed_files(ndtms: Command, clone: Path) -> None:
    assert ndtms("submit", *EXAMPLE).code == 0
    file_format = ROOT / "data" / "dataset_r" / "file-format.toml"
    for words in (("load", "sex.csv"), ("format", file_format), ("postcodes", "ONSPD_NOV_2025.csv")):
        assert ndtms("reference", *words).code == 0
    for name in ("getting-started", "reference-data"):
        [block] = [block for block in BLOCKS[name] if block.lines[0].startswith("workspace/")]
        assert list_files(block)
        assert [file for file in list_files(block) if not (clone / file).is_file()] == []


def list_files(block: Block) -> list[str]:
    """Returns the files of a list; indented ones are in the directory of the first line."""
    top = block.lines[0]
    return [top + line.strip() if line.startswith(" ") else line for line in block.lines if not line.endswith("/")]


def test_the_layout_names_every_folder() -> None:
    [block] = [block for block in BLOCKS["README"] if block.lines[0].startswith("flows/")]
    assert all((ROOT / line.split()[0]).is_dir() for line in block.lines)
