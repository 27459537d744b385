"""Machine code of the tests is kept in a folder of their own."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADATIM_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield
