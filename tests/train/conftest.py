"""Small trainings, and MNIST unpacked once for all tests of this folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradatim import cross_entropy, nn, optim
from gradatim.data import Dataset, mnist, moons
from gradatim.train import Trainer


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory):
    """Machine code is kept away from the user's own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADATIM_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def digits(tmp_path_factory: pytest.TempPathFactory) -> tuple[Dataset, Dataset]:
    """MNIST, flattened, away from the user's own cache."""
    train, test = mnist(tmp_path_factory.mktemp("cache"))
    return train.flatten(), test.flatten()


@pytest.fixture
def data() -> Dataset:
    """60 points in two classes: 6 batches of 10 an epoch."""
    return moons(60)


@pytest.fixture
def make():
    """A trainer of a small network, the same at each call."""

    def build(
        *callbacks,
        loss=cross_entropy,
        lr=0.2,
        progress="none",
        kind=optim.SGD,
        hidden=8,
        **more,
    ):
        model = nn.MLP([2, hidden, 2], rng=0)
        optimizer = kind(model, lr=lr)
        made = [each(optimizer) if isinstance(each, type) else each for each in callbacks]
        return Trainer(model, loss, optimizer, callbacks=made, progress=progress, **more)

    return build


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "run"
