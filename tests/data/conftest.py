"""MNIST unpacked once for all tests of this folder, away from the user's own cache."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradatim.data import Dataset, mnist


@pytest.fixture(scope="session")
def mnist_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="session")
def digits(mnist_cache: Path) -> tuple[Dataset, Dataset]:
    return mnist(mnist_cache)
