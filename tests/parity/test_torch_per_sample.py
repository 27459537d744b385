"""Per-sample gradients beside those of torch.func, float64."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from gradatim import nn

torch = pytest.importorskip("torch")


def test_per_sample_gradients_are_those_of_torch():
    model = nn.MLP([6, 5, 4], "tanh", dtype=np.float64, rng=0)
    rng = np.random.default_rng(0)
    x, t = rng.standard_normal((9, 6)), rng.integers(0, 4, 9)
    names = ("layers.0.weight", "layers.0.bias", "layers.2.weight", "layers.2.bias")
    theirs = {name: torch.tensor(model.state_dict()[name]) for name in names}

    def loss(p, sample, label):
        w1, b1, w2, b2 = (p[name] for name in names)
        logits = torch.tanh(sample @ w1 + b1) @ w2 + b2
        return torch.nn.functional.cross_entropy(logits[None], label[None])

    each = torch.func.vmap(torch.func.grad(loss), in_dims=(None, 0, 0))
    expected = each(theirs, torch.tensor(x), torch.tensor(t))

    gradients = nn.per_sample_gradients(model, gd.cross_entropy, x, t)

    for name in names:
        np.testing.assert_allclose(gradients[name], expected[name].numpy(), rtol=0, atol=1e-14)
