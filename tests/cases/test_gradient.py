"""Every row: first and second derivatives against numeric ones."""

from __future__ import annotations

import numpy as np

from cases.rows import every_sample
from cases.trial import (
    assert_slopes_agree,
    expected,
    gradients,
    leaf,
    numeric_gradient,
    parts,
    value,
    weighed,
    weights,
)
from gradatim.autograd.chain import pull_back
from gradatim.autograd.tensor import Tensor, constant


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


def slope_along(case, sample, directions):
    """Return f with f(*inputs) = gradient at the inputs, times the directions, as a Tensor."""

    def f(*inputs):
        here = sample.with_inputs(*inputs)
        outputs = parts(case.door(*here.inputs, **here.settings))
        total = constant(np.zeros(()))
        targets = [here.inputs[i] for i in directions]
        for y, w in zip(outputs, weights(outputs)):
            if w is not None and y.requires_grad:
                found = pull_back(y, constant(w), targets=targets, create_graph=True)
                for i, d in directions.items():
                    if here.inputs[i] in found:
                        total = total + (found[here.inputs[i]] * d).sum()
        return total

    return f


@every_sample(lambda case: case.wrt and case.second_order)
def test_second_derivative_is_that_of_the_gradient(case, sample):
    random = np.random.default_rng(11)
    chosen = case.positions(sample)
    directions = {i: random.uniform(0.5, 1.5, sample.inputs[i].shape) for i in chosen}
    slope = slope_along(case, sample, directions)

    def number(*inputs):
        lifted = [leaf(np.array(x)) if i in directions else x for i, x in enumerate(inputs)]
        return float(slope(*lifted))

    xs = [leaf(x) if i in directions else x for i, x in enumerate(sample.inputs)]
    total = slope(*xs)
    found = {}
    if total.requires_grad:
        found = pull_back(total, constant(np.ones(())), targets=[xs[i] for i in chosen])
    for i in chosen:
        numeric = numeric_gradient(number, sample.inputs, i)
        zeros = constant(np.zeros(xs[i].shape))
        assert_slopes_agree(found.get(xs[i], zeros).data, numeric, case.slope_tolerance)


@every_sample(lambda case: not case.wrt, kinks=True)
def test_nothing_flows_where_there_is_no_derivative(case, sample):
    inputs = [
        Tensor(x, requires_grad=True) if isinstance(x, np.ndarray) and x.dtype.kind == "f" else x
        for x in sample.inputs
    ]
    for y in parts(case.door(*inputs, **sample.settings)):
        assert not y.requires_grad
