"""Every row that names its PyTorch form gives PyTorch's value, gradient and second order."""

from __future__ import annotations

import numpy as np
import pytest

from cases.rows import every_sample
from cases.trial import gradients, leaf, parts, value, weights
from gradatim.autograd.chain import pull_back
from gradatim.autograd.tensor import constant

torch = pytest.importorskip("torch")


def in_torch(case, sample):
    """Inputs and outputs of the PyTorch form."""
    wanted = case.positions(sample)
    inputs = [
        torch.tensor(x, requires_grad=i in wanted) if isinstance(x, np.ndarray) else x
        for i, x in enumerate(sample.inputs)
    ]
    outputs = case.torch(*inputs, **sample.settings)
    listed = list(outputs) if isinstance(outputs, (tuple, list)) else [outputs]
    return [inputs[i] for i in wanted], listed


def torch_slopes(xs, outputs):
    """Gradient of the weighed outputs; zeros where nothing arrives."""
    total = torch.zeros((), dtype=torch.float64)
    for y, w in zip(outputs, weights([y.detach().numpy() for y in outputs])):
        if w is not None:
            total = total + (y * torch.tensor(w)).sum()
    if not total.requires_grad:
        return [torch.zeros_like(x) for x in xs]
    found = torch.autograd.grad(total, xs, create_graph=True, allow_unused=True)
    return [torch.zeros_like(x) if g is None else g for g, x in zip(found, xs)]


def assert_close(found, wanted):
    wanted = wanted.numpy(force=True)
    scale = max(1.0, float(np.abs(wanted).max(initial=0.0)))
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-11 * scale)


@every_sample(lambda case: case.torch is not None)
def test_value_and_gradient_are_those_of_torch(case, sample):
    xs, outputs = in_torch(case, sample)

    for y, wanted in zip(value(case, sample), outputs):
        assert_close(y, wanted)
    for gradient, wanted in zip(gradients(case, sample), torch_slopes(xs, outputs)):
        assert_close(gradient.data, wanted)


@every_sample(lambda case: case.torch is not None and case.wrt and case.second_order)
def test_second_order_is_that_of_torch(case, sample):
    xs, outputs = in_torch(case, sample)
    slopes = torch_slopes(xs, outputs)
    curved = [s for s in slopes if s.requires_grad]
    wanted = [torch.zeros_like(x) for x in xs]
    if curved:
        total = sum((s.square()).sum() for s in curved)
        found = torch.autograd.grad(total, xs, allow_unused=True)
        wanted = [z if g is None else g for g, z in zip(found, wanted)]

    for gradient, expected in zip(own_second_order(case, sample), wanted):
        assert_close(gradient, expected)


def own_second_order(case, sample):
    """Gradient of the sum of squares of the gradient."""
    inputs = list(sample.inputs)
    for i in case.positions(sample):
        inputs[i] = leaf(inputs[i])
    xs = [inputs[i] for i in case.positions(sample)]
    outputs = parts(case.door(*inputs, **sample.settings))
    slopes = {}
    for y, w in zip(outputs, weights(outputs)):
        if w is not None and y.requires_grad:
            for x, g in pull_back(y, constant(w), targets=xs, create_graph=True).items():
                if any(x is other for other in xs):
                    slopes[x] = slopes[x] + g if x in slopes else g
    total = sum(((g * g).sum() for g in slopes.values()), constant(np.zeros(())))
    if not total.requires_grad:
        return [np.zeros(x.shape) for x in xs]
    found = pull_back(total, constant(np.ones(())), targets=xs)
    return [found[x].data if x in found else np.zeros(x.shape) for x in xs]
