"""Four models whose programs are stored as text, to be read by people.

``python tests/compiler/models.py`` (with ``src`` and ``tests`` on the path) writes them anew.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

import gradatim as gd
from gradatim.compiler import Compiled, compile

GOLDEN = Path(__file__).parent.parent / "golden"
MODELS = {
    "mlp-relu-sgd": ("relu", gd.optim.SGD),
    "mlp-sigmoid-momentum": ("sigmoid", gd.optim.Momentum),
    "mlp-relu-adam": ("relu", gd.optim.Adam),
    "mlp-dropout-sgd": ("relu", gd.optim.SGD),
}


def recorded(name: str) -> tuple[Compiled, gd.nn.Module, np.ndarray, np.ndarray]:
    """The program of a model, the model, and a batch."""
    activation, kind = MODELS[name]
    model = gd.nn.MLP([784, 50, 10], activation=activation, rng=0)
    if "dropout" in name:
        model = gd.nn.Sequential(*model.layers[:2], gd.nn.Dropout(0.2, rng=0), *model.layers[2:])
    optimizer = kind(model, lr=0.1)

    def step(x, t):
        loss = gd.cross_entropy(model(x), t)
        loss.backward()
        optimizer.step()
        return loss

    program = compile(step, backend="numpy")
    x, t = np.random.default_rng(0).random((100, 784), np.float32), np.arange(100) % 10
    program(x, t)
    program(x, t)
    return program, model, x, t


if __name__ == "__main__":
    for name in MODELS:
        (GOLDEN / f"{name}.py.txt").write_text(recorded(name)[0].source)
