"""MNIST unpacked away from the user's own cache, and random numbers that no test shares."""

from __future__ import annotations

import numpy as np
import pytest


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADATIM_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(autouse=True)
def legacy_seed():
    """The room draws from NumPy's global state, as the notebooks do; each test begins alike."""
    state = np.random.get_state()
    np.random.seed(0)
    yield
    np.random.set_state(state)
