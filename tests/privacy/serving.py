"""One Prefect server for many flows and commands, and a webhook that receives their notifications."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.privacy.planted import plant
from tests.served.serving import receiver

# The notification blocks: the webhook takes the messages of the one, and refuses those of the other.
TAKEN, NOT_TAKEN = "custom-webhook/taken", "custom-webhook/not-taken"


@contextmanager
def serve(notifications: Path) -> Iterator[str]:
    """Yields the address of a server that has the blocks; writes what the webhook received to a file."""
    # Prefect writes to PREFECT_HOME when it is imported.
    from prefect.settings import PREFECT_API_URL

    from flows.support.prefect_server import prefect_server

    with prefect_server(), receiver() as received:
        _save_blocks(received.url)
        yield PREFECT_API_URL.value() or ""
    notifications.write_text(json.dumps(received.reported), encoding="utf-8")


def _save_blocks(url: str) -> None:
    from prefect.blocks.notifications import CustomWebhookNotificationBlock
    from prefect.types import SecretDict

    # Prefect puts the secret into the address, which the errors of HTTP quote.
    secrets = SecretDict({"token": plant("secret", "webhook")})
    # The receiver answers 501 to PUT.
    for block, method in ((TAKEN, "POST"), (NOT_TAKEN, "PUT")):
        name = block.partition("/")[2]
        CustomWebhookNotificationBlock.model_validate(
            {
                "name": name, "url": f"{url}{{{{token}}}}", "method": method, "secrets": secrets,
                "json_data": {"subject": "{{subject}}", "body": "{{body}}"},
            }
        ).save(name)  # fmt: skip
