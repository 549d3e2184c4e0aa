"""Loads secrets from Prefect blocks."""

from typing import cast

from prefect.blocks.system import Secret

from flows.support.errors import InputRefused


def load_secret(name: str) -> str:
    """Returns the text of a secret block.

    Raises:
        InputRefused: there is no secret block of this name.
    """
    try:
        # Outside a flow's event loop, `load` returns the block and not a coroutine.
        block = cast("Secret[str]", Secret.load(name))
    except ValueError:
        raise InputRefused(f"block:{name}: there is no Prefect secret of this name") from None
    return str(block.get())
