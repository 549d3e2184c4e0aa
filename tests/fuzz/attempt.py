"""One attempt of a fuzz target: an input ends in a result or in one sentence, and leaves nothing behind."""

from collections.abc import Callable
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from hypothesis.strategies import SearchStrategy

from flows.support.errors import InputRefused

# Planted where a record or a credential is; no message may contain it.
CANARY = "Quillfeather"
CORPUS = Path(__file__).parent / "corpus"
Outcome = Literal["accepted", "refused"]


class Fault(AssertionError):
    """An input that ended in neither a result nor one sentence. `signature` is the same for the same fault."""

    def __init__(self, text: str, signature: str) -> None:
        super().__init__(text)
        self.signature = signature


@dataclass(frozen=True)
class FuzzInput:
    """The bytes of an input, and its kind: the ending of its file, which says how the target reads it."""

    kind: str
    content: bytes


@dataclass(frozen=True)
class Target:
    """A part of the program that reads what others write.

    `read` reads an input in an empty working directory, and raises InputRefused, or AssertionError for a wrong result.
    `hides` returns whether no message about this input may contain the canary. `examples` is how many generated inputs
    the ordinary tests try.
    """

    name: str
    inputs: SearchStrategy[FuzzInput]
    read: Callable[[FuzzInput, Path], None]
    examples: int
    hides: Callable[[FuzzInput], bool] = lambda _: True

    def list_kept(self) -> list[Path]:
        """Returns the files of the inputs that are kept as tests: `corpus/TARGET/what-it-is.KIND`."""
        return sorted((CORPUS / self.name).iterdir())


def load_kept(file: Path) -> FuzzInput:
    """Returns a kept input; its kind is what follows the first point of the file's name."""
    return FuzzInput(file.name.partition(".")[2], file.read_bytes())


def attempt(target: Target, tried: FuzzInput) -> Outcome:
    """Tries an input.

    Raises:
        Fault: the input ended in another error, the message is not one sentence or has the canary, or a file is left.
    """
    with TemporaryDirectory(prefix="ndtms-fuzz-") as folder, chdir(folder):
        outcome = _read(target, tried, Path(folder))
        # A target writes its input to `input`, next to the working directory of the program.
        left = sorted(str(path) for path in Path(folder).rglob("*") if "input" not in path.relative_to(folder).parts)
        if left:
            raise Fault(f"files are left: {left}", "files left")
    return outcome


def _read(target: Target, tried: FuzzInput, folder: Path) -> Outcome:
    try:
        target.read(tried, folder)
    except InputRefused as refusal:
        text = str(refusal)
        if len(text.splitlines()) != 1:
            raise Fault(f"not one line: {text!r}", f"not one line: {_locate(refusal)}") from None
        if target.hides(tried) and CANARY.casefold() in text.casefold():
            raise Fault(f"the canary is in the message: {text}", f"canary: {_locate(refusal)}") from None
        return "refused"
    except KeyboardInterrupt:
        raise
    # A panic of polars is not an Exception.
    except BaseException as error:
        raise Fault(f"{type(error).__name__}: {error}", f"{type(error).__name__}: {_locate(error)}") from error
    return "accepted"


def _locate(error: BaseException) -> str:
    """Returns the innermost line of the program, or of a target, that an error passed."""
    place, step = "", error.__traceback__
    while step is not None:
        module = str(step.tb_frame.f_globals.get("__name__", ""))
        if module.startswith(("flows.", "transforms.", "schemas.", "tests.fuzz.")):
            place = f"{module}, line {step.tb_lineno}"
        step = step.tb_next
    return place
