"""Every row: first and second derivatives against numeric ones."""

from __future__ import annotations

import numpy as np

from cases.rows import every_sample
from cases.trial import (
    STEP,
    assert_slopes_agree,
    expected,
    gradients,
    numeric_gradient,
    parts,
    tracked,
    value,
    weighed,
    weights,
)
from gradatim.autograd.chain import pull_back
from gradatim.autograd.tensor import Tensor, constant
from gradatim.primitives import TABLE


def weighed_reference(case, sample):
    def f(*inputs):
        return float(weighed(expected(case, sample.with_inputs(*inputs))))

    return f


def assert_gradient_is_numeric(case, sample):
    found = gradients(case, sample)
    f = weighed_reference(case, sample)
    for i, gradient in zip(case.positions(sample), found):
        assert gradient.shape == sample.inputs[i].shape
        numeric = numeric_gradient(f, sample.inputs, i)
        assert_slopes_agree(gradient.data, numeric, case.slope_tolerance)


@every_sample(lambda case: case.wrt)
def test_gradient_is_the_numeric_one(case, sample):
    assert_gradient_is_numeric(case, sample)


def spread(sample):
    """Inputs of several shapes that broadcast: a column, a row, a single number and so on."""
    for shapes in ([(2, 1), (3,), (1, 1)], [(), (2, 3), (3,)], [(3,), (), (2, 1)]):
        supply = iter(shapes)
        yield sample.with_inputs(
            *(np.resize(x, next(supply)) if isinstance(x, np.ndarray) else x for x in sample.inputs)
        )


@every_sample(lambda case: case.pointwise and case.several)
def test_gradient_where_inputs_broadcast(case, sample):
    for wide in spread(sample):
        for y, reference in zip(value(case, wide), expected(case, wide)):
            np.testing.assert_allclose(y, reference, rtol=case.tolerance, atol=case.tolerance)
        assert_gradient_is_numeric(case, wide)


@every_sample(lambda case: case.wrt and case.float32)
def test_gradient_of_float32_is_float32(case, sample):
    single = sample.with_inputs(
        *(
            x.astype(np.float32) if isinstance(x, np.ndarray) and x.dtype.kind == "f" else x
            for x in sample.inputs
        )
    )
    for gradient, wide in zip(gradients(case, single), gradients(case, sample)):
        assert gradient.dtype == np.float32
        scale = max(1.0, float(np.abs(wide.data).max(initial=0.0)))
        np.testing.assert_allclose(gradient.data, wide.data, rtol=0, atol=1e-3 * scale)


def gradient_along(case, sample, directions):
    """The numeric derivative of the gradient in a direction, by central differences."""

    def at(step):
        moved = list(sample.inputs)
        for i, d in directions.items():
            moved[i] = np.asarray(moved[i] + step * d)
        return [g.data for g in gradients(case, sample.with_inputs(*moved))]

    near, far = (
        [after - before for after, before in zip(at(step), at(-step))] for step in (STEP, 2 * STEP)
    )
    return [(8 * n - f) / (12 * STEP) for n, f in zip(near, far)]


def curvature_along(case, sample, directions):
    """Gradient of the gradient times the direction: second derivatives times the direction."""
    xs, outputs = tracked(case, sample)
    slope = constant(np.zeros(()))
    for y, w in zip(outputs, weights(outputs)):
        if w is not None and y.requires_grad:
            found = pull_back(y, constant(w), targets=xs, create_graph=True)
            products = [found[x] * d for x, d in zip(xs, directions.values()) if x in found]
            slope = sum((product.sum() for product in products), slope)
    curves = {}
    if slope.requires_grad:
        curves = pull_back(slope, constant(np.ones(())), targets=xs)
    return [curves[x].data if x in curves else np.zeros(x.shape) for x in xs]


@every_sample(lambda case: case.wrt and case.second_order)
def test_second_derivative_is_that_of_the_gradient(case, sample):
    random = np.random.default_rng(11)
    directions = {i: random.uniform(-1, 1, sample.inputs[i].shape) for i in case.positions(sample)}
    found = curvature_along(case, sample, directions)

    for curve, numeric in zip(found, gradient_along(case, sample, directions)):
        assert_slopes_agree(curve, numeric, case.slope_tolerance)


def writes(case):
    """Effects refuse values that learn; tests/autograd/test_writing.py holds them to it."""
    return case.primitive in TABLE and TABLE[case.primitive].kind == "effect"


@every_sample(lambda case: not case.wrt and not writes(case), kinks=True)
def test_nothing_flows_where_there_is_no_derivative(case, sample):
    inputs = [
        Tensor(x, requires_grad=True) if isinstance(x, np.ndarray) and x.dtype.kind == "f" else x
        for x in sample.inputs
    ]
    for y in parts(case.door(*inputs, **sample.settings)):
        assert not y.requires_grad
