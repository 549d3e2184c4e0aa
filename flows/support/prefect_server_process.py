"""Runs the Prefect server of one command in its own process.

python -m flows.support.prefect_server_process PARENT DESCRIPTOR
"""

import sys

import uvicorn

from flows.support.child_processes import end_with_parent


def main(parent: int, listener: int) -> None:
    """Serves Prefect's API on a socket that the parent opened, until the parent ends.

    Args:
        parent: the process id of the command.
        listener: the file descriptor of the socket.
    """
    end_with_parent(parent)
    uvicorn.run("prefect.server.api.server:create_app", factory=True, fd=listener, log_level="critical", lifespan="on")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
