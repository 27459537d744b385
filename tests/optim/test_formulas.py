"""Each optimizer beside its formula in plain NumPy, 50 steps in float64."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from gradatim import optim

STEPS = 50


def sgd(p, g, state, lr, wd, t):
    return p - lr * (g + wd * p)


def momentum(p, g, state, lr, wd, t):
    state["v"] = 0.9 * state.get("v", 0) + g + wd * p
    return p - lr * state["v"]


def nesterov(p, g, state, lr, wd, t):
    g = g + wd * p
    state["v"] = 0.9 * state.get("v", 0) + g
    return p - lr * (g + 0.9 * state["v"])


def adagrad(p, g, state, lr, wd, t):
    g = g + wd * p
    state["h"] = state.get("h", 0) + g**2
    return p - lr * g / (np.sqrt(state["h"]) + 1e-10)


def rmsprop(p, g, state, lr, wd, t):
    g = g + wd * p
    state["h"] = 0.99 * state.get("h", 0) + 0.01 * g**2
    return p - lr * g / (np.sqrt(state["h"]) + 1e-8)


def adam(p, g, state, lr, wd, t):
    g = g + wd * p
    state["m"] = 0.9 * state.get("m", 0) + 0.1 * g
    state["h"] = 0.999 * state.get("h", 0) + 0.001 * g**2
    m, h = state["m"] / (1 - 0.9**t), state["h"] / (1 - 0.999**t)
    return p - lr * m / (np.sqrt(h) + 1e-8)


def adamw(p, g, state, lr, wd, t):
    return adam(p, g, state, lr, 0, t) - lr * wd * p


PAIRS = [
    (optim.SGD, sgd),
    (optim.Momentum, momentum),
    (optim.Nesterov, nesterov),
    (optim.AdaGrad, adagrad),
    (optim.RMSProp, rmsprop),
    (optim.Adam, adam),
    (optim.AdamW, adamw),
]


def slope(p, t):
    """Gradient of a narrow valley that moves a little in each step."""
    return np.array([1.0, 30.0, 0.1]) * (p - np.sin(t))


@pytest.mark.parametrize("weight_decay", [0.0, 0.1])
@pytest.mark.parametrize(("kind", "formula"), PAIRS, ids=lambda f: f.__name__)
def test_fifty_steps_are_those_of_the_formula(kind, formula, weight_decay):
    p = gd.Parameter([1.0, -2.0, 3.0])
    optimizer = kind([p], lr=0.03, weight_decay=weight_decay)
    expected, state = p.numpy(), {}

    for t in range(1, STEPS + 1):
        if t == 20:
            optimizer.lr = 0.01
        p.grad = gd.Tensor(slope(p.numpy(), t))
        optimizer.step()
        lr = 0.03 if t < 20 else 0.01
        expected = formula(expected, slope(expected, t), state, lr, weight_decay, t)
        np.testing.assert_allclose(p.numpy(), expected, rtol=0, atol=1e-12)


def test_float32_adam_corrects_its_start_in_double_precision():
    """In float32, 1 - 0.999 has four digits: the first step would be wrong in the fifth."""
    p = gd.Parameter(np.zeros(1, np.float32))
    p.grad = gd.Tensor(np.ones(1, np.float32))

    optim.Adam([p], lr=1.0).step()

    assert p.item() == pytest.approx(-1, abs=2e-7)
