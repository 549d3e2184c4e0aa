"""Pages and the outputs that they print: fenced blocks of commands, each with what it wrote.

A block prints its commands as `$ ndtms ...`, or is preceded by a comment with one: `<!-- $ ndtms ... | head -n 3 -->`.
After a bar there may be `head -n NUMBER` or `grep TEXT`.
"""

import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_FENCE = re.compile(r"^( *)```(\w*)$")
_COMMENT = re.compile(r"^ *<!-- \$ (.+) -->$")
_COMMAND = re.compile(r"(?:\.venv/bin/)?(?:ndtms|make|prefect|podman) ")
Run = Callable[[list[str]], str]


@dataclass(frozen=True)
class Block:
    """A fenced block of a page: the number of its first line, counted from 0, and its lines without indent."""

    start: int
    indent: str
    language: str
    lines: tuple[str, ...]
    comment: str

    @property
    def has_output(self) -> bool:
        """Whether the block prints what a command writes, or a part of it."""
        return bool(self.comment) or any(line.startswith("$ ") for line in self.lines)

    @property
    def is_plain(self) -> bool:
        """Whether the block has no language and does not begin with a command: it must be an output."""
        return not self.language and not _COMMAND.match(self.lines[0])


def find_blocks(text: str) -> Iterator[Block]:
    """Yields the fenced blocks of a page."""
    lines = text.splitlines()
    start = None
    for number, line in enumerate(lines):
        fence = _FENCE.match(line)
        if fence and start is None:
            start = number
        elif fence and start is not None:
            opening = _FENCE.match(lines[start])
            assert opening
            comment = _COMMENT.match(lines[start - 1]) if start else None
            content = tuple(line.removeprefix(opening[1]) for line in lines[start + 1 : number])
            yield Block(start + 1, opening[1], opening[2], content, comment[1] if comment else "")
            start = None


def print_again(block: Block, run: Run) -> tuple[str, ...]:
    """Returns the lines of a block with what its commands write now."""
    if block.comment:
        return tuple(_run_line(block.comment, run))
    printed: list[str] = []
    for command in _find_commands(block.lines):
        printed += [*command, *_run_line("\n".join(command).removeprefix("$ "), run)]
    return tuple(printed)


def _find_commands(lines: tuple[str, ...]) -> Iterator[list[str]]:
    """Yields the lines of each command; a text in quotes may go on in the next line."""
    command: list[str] = []
    for line in lines:
        if command or line.startswith("$ "):
            command.append(line)
            if "\n".join(command).count('"') % 2 == 0:
                yield command
                command = []


def _run_line(line: str, run: Run) -> list[str]:
    words = shlex.split(line)
    words, rest = (words[: words.index("|")], words[words.index("|") + 1 :]) if "|" in words else (words, [])
    lines = run(words[1:]).splitlines()
    match rest:
        case []:
            return lines
        case ["head", "-n", number]:
            return lines[: int(number)]
        case ["grep", text]:
            return [line for line in lines if text in line]
    raise ValueError(f"{line}: the part after the bar is not known")


def find_command_lines(block: Block) -> Iterator[list[str]]:
    """Yields the words after `ndtms` of each command of a block, without comments and redirections."""
    lines = tuple(f"$ {line}" if re.match(r"(?:\.venv/bin/)?ndtms ", line) else line for line in block.lines)
    for command in _find_commands((*lines, f"$ {block.comment}")):
        words = shlex.split("\n".join(command).removeprefix("$ "), comments=True)
        if words and words[0].endswith("ndtms"):
            yield words[1 : next((place for place, word in enumerate(words) if word in ("|", ">")), None)]


def replace_blocks(text: str, printed: dict[int, tuple[Block, tuple[str, ...]]]) -> str:
    """Returns a page with new lines in some of its blocks, which are found by their first line."""
    lines = text.splitlines()
    for start, (block, new) in sorted(printed.items(), reverse=True):
        lines[start : start + len(block.lines)] = [f"{block.indent}{line}".rstrip() for line in new]
    return "\n".join(lines) + "\n"


def without_widths(lines: tuple[str, ...]) -> list[str]:
    """Returns lines without trailing spaces, and with every rule below a header of one length."""
    return [re.sub("─+", "─", line.rstrip()) for line in lines]
