"""Draw the pictures of pictures.md: ``python pictures.py [FOLDER]``.

The same versions of NumPy and matplotlib give the same files.
"""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from typing import Any

import gradatim as gd

HERE = Path(__file__).parent / "images" / "pictures"


@cache
def digits() -> tuple[gd.data.Dataset, gd.data.Dataset]:
    """MNIST, a row a digit."""
    train, test = gd.data.mnist()
    return train.flatten(), test.flatten()


@cache
def trained(name: str) -> tuple[gd.nn.Module, gd.train.History]:
    """784-50-10 after two epochs with one of several optimizers."""
    model = gd.nn.MLP([784, 50, 10], rng=0)
    optimizer = {
        "SGD": lambda: gd.optim.SGD(model, lr=0.1),
        "Momentum": lambda: gd.optim.Momentum(model, lr=0.1),
        "Adam": lambda: gd.optim.Adam(model, lr=0.001),
    }[name]()
    trainer = gd.train.Trainer(model, gd.cross_entropy, optimizer, progress="none")
    train, test = digits()
    return model, trainer.fit(train, test, epochs=2, batch_size=100, evaluate_every=100)


@cache
def moons() -> tuple[gd.nn.Module, gd.data.Dataset, Any, Any]:
    """2-16-16-2 on two moons, with what was taken down on the way."""
    data = gd.data.moons(300, noise=0.2)
    model = gd.nn.MLP([2, 16, 16, 2], rng=0)
    norms, path = gd.train.GradientNorms(every=10), gd.train.WeightPath(every=10)
    optimizer = gd.optim.Momentum(model, lr=0.02)
    trainer = gd.train.Trainer(
        model, gd.cross_entropy, optimizer, callbacks=[norms, path], progress="none"
    )
    trainer.fit(data, steps=600, batch_size=50)
    return model, data, norms, path


def one() -> Any:
    """One training."""
    return gd.draw.curves(trained("SGD")[1], title="784-50-10 on MNIST")


def several() -> Any:
    """Three optimizers."""
    names = ["SGD", "Momentum", "Adam"]
    return gd.draw.curves(*(trained(name)[1] for name in names), names=names)


def landscape() -> Any:
    """The loss of the moons, and the path."""
    model, data, _, path = moons()
    return gd.draw.landscape(model, gd.cross_entropy, data, path=path)


PICTURES = {
    "curves.svg": one,
    "comparison.svg": several,
    "weights.png": lambda: gd.draw.weights(trained("Momentum")[0], units=range(20)),
    "predictions.png": lambda: gd.draw.predictions(trained("Momentum")[0], digits()[1], count=8),
    "confusion.svg": lambda: gd.draw.confusion(trained("Momentum")[0], digits()[1]),
    "flow.svg": lambda: gd.draw.gradient_flow(moons()[2]),
    "landscape.svg": landscape,
    "regions.svg": lambda: gd.draw.regions(*moons()[:2]),
    "architecture.svg": lambda: gd.draw.architecture(gd.nn.MLP([784, 50, 10])),
}


def main(folder: Path = HERE) -> None:
    """Draw all of them into a folder."""
    for name, draw in PICTURES.items():
        draw().save(folder / name)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
