"""Child processes: none of them outlives the process that started it, however that one ends."""

import multiprocessing
import os
import threading
import time
from contextlib import suppress

import psutil

_POLL_SECONDS = 0.2


def end_with_parent(parent: int) -> None:
    """Ends this process soon after its parent has ended, also where the parent was killed.

    A thread watches: no signal and no inherited pipe reaches a child whose parent died by SIGKILL.

    Args:
        parent: the process id of the parent.
    """

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_POLL_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, name="watch the parent process", daemon=True).start()


def end_worker_with_parent() -> None:
    """As `end_with_parent`, in a worker process of a multiprocessing pool."""
    parent = multiprocessing.parent_process()
    if parent is not None and parent.pid is not None:
        end_with_parent(parent.pid)


def kill_children() -> None:
    """Kills every process that this one started, and those that they started.

    It does not wait for their end: whoever waits for their answers must not see it before this process ends.
    """
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            child.kill()
