"""What can go wrong, and which exit code it comes to."""


class InputRefused(Exception):
    """The command, the source or the reference data is wrong: exit code 2, nothing is left behind.

    The text is one sentence for the person at the terminal: where, what was found, what is allowed.
    It never holds a value of a record.
    """


class SourceUnreadable(InputRefused):
    """A file of the source is there but could not be read this time: a share may answer later."""


class RunFailed(Exception):
    """The run failed for a reason of the machine or the program: exit code 1.

    The text names the kind of error and the place in the program, never a value of a record.
    """


def without_values(error: BaseException) -> RunFailed:
    """The failure of a run, told without the error's own text, which may quote a record."""
    place = "the program"
    step = error.__traceback__
    while step is not None:
        module = str(step.tb_frame.f_globals.get("__name__", ""))
        if module.partition(".")[0] in ("flows", "transforms", "schemas"):
            place = f"{module}, line {step.tb_lineno}"
        step = step.tb_next
    return RunFailed(f"{type(error).__name__} in {place}; its text is held back since it may quote a record")
