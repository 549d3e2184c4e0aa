"""Ends child processes with the process that started them, however that process ends."""

import multiprocessing
import os
import threading
import time
from contextlib import suppress

_POLL_SECONDS = 0.2


def end_with_parent(parent: int) -> None:
    """Ends this process soon after its parent ends, even if the parent was killed.

    A thread polls the parent's id, because no signal and no inherited pipe reaches a child whose parent died by
    SIGKILL.

    Args:
        parent: the process id of the parent.
    """

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_POLL_SECONDS)
        # sys.exit in a thread ends only the thread.
        os._exit(1)

    threading.Thread(target=watch, name="watch the parent process", daemon=True).start()


def end_worker_with_parent() -> None:
    """Does the same as `end_with_parent` in a worker process of a multiprocessing pool."""
    parent = multiprocessing.parent_process()
    if parent is not None and parent.pid is not None:
        end_with_parent(parent.pid)


def kill_children() -> None:
    """Kills every process that this one started, and every process that those started.

    It does not wait for them to end: a thread that waits for a child's answer must not see the child end before
    this process does.
    """
    # Loaded here, because most processes kill no children.
    import psutil  # noqa: PLC0415

    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            child.kill()
