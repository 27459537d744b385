"""A small folder of samples, as the benchmarks make it of MNIST."""

from __future__ import annotations

import numpy as np
import pytest


@pytest.fixture
def folder(tmp_path):
    rng = np.random.default_rng(5)
    np.save(tmp_path / "images.npy", rng.integers(0, 256, (1200, 784), np.uint8))
    np.save(tmp_path / "labels.npy", rng.integers(0, 10, 1200))
    return tmp_path
