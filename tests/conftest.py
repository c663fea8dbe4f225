"""Tests see no terminal, and nothing in them depends on time, order or load."""

import os

from hypothesis import HealthCheck, settings

os.environ.pop("COLUMNS", None)  # set in the workers of pytest-xdist

# A busy machine is no fault, and a drawn example that fails here fails everywhere. New examples are
# looked for by hand: `pytest --hypothesis-profile search`.
settings.register_profile(
    "fixed",
    derandomize=True,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("search", settings.get_profile("fixed"), derandomize=False)
settings.load_profile("fixed")
