"""Secrets that are kept in Prefect's blocks."""

from typing import cast

from prefect.blocks.system import Secret

from flows.support.errors import InputRefused


def secret(name: str) -> str:
    """The text of a secret block.  Raises InputRefused where there is none of this name."""
    try:
        # Outside of a flow's own loop it answers at once.
        held = cast("Secret[str]", Secret.load(name))
    except ValueError:
        raise InputRefused(f"block:{name}: there is no Prefect secret of this name") from None
    return str(held.get())
