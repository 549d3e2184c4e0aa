"""How many exports the property tests look at: NDTMS_EXAMPLES, else few enough for every run."""

import os

from hypothesis import HealthCheck, Phase, settings

EXPORTS_AT_ONCE = 20
EXAMPLES = int(os.environ.get("NDTMS_EXAMPLES", "60"))

settings.register_profile(
    "ndtms",
    max_examples=max(1, -(-EXAMPLES // EXPORTS_AT_ONCE)),
    derandomize=True,
    deadline=None,
    database=None,
    # A failure names the record and its relatives; to make a batch of exports smaller takes minutes.
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile("ndtms")
