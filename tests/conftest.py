"""What holds for all tests."""

from __future__ import annotations

import os

from hypothesis import settings

# Elsewhere hypothesis looks in new places each time; what lands must not depend on its luck.
settings.register_profile("ci", derandomize=True, deadline=None)
if os.environ.get("CI"):
    settings.load_profile("ci")
