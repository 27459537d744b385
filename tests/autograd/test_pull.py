"""Broadcasting and promotion undone, and which rules may be handed arrays."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from gradatim.autograd.pull import fit, fit_tensor, plain_pulls
from gradatim.errors import ShapeError
from gradatim.primitives import TABLE

SHAPES = [
    ((2, 3), (2, 3)),
    ((2, 3), (3,)),
    ((2, 3), (1, 3)),
    ((2, 3), (2, 1)),
    ((2, 3), ()),
    ((4, 2, 3), (1, 3)),
    ((1, 1), (1,)),
    ((0, 3), (3,)),
    ((0, 3), (1, 3)),
]


@pytest.mark.parametrize(("wide", "narrow"), SHAPES)
def test_a_broadcast_input_gets_the_sum(wide: tuple[int, ...], narrow: tuple[int, ...]) -> None:
    g = np.random.default_rng(0).standard_normal(wide)
    like = np.zeros(narrow)
    spread = np.zeros(wide)
    for at in np.ndindex(*wide):  # the definition: every copy gives its share
        spread[at] = g[at]
    lead = len(wide) - len(narrow)
    want = spread.sum(axis=tuple(range(lead)))
    for axis, n in enumerate(narrow):
        if n == 1:
            want = want.sum(axis=axis, keepdims=True)
    np.testing.assert_allclose(fit(g, like), want.reshape(narrow))
    np.testing.assert_array_equal(fit_tensor(gd.Tensor(g), gd.Tensor(like)).numpy(), fit(g, like))


@pytest.mark.parametrize(("small", "large"), [((), (2, 3)), ((1, 3), (2, 3)), ((2, 1), (2, 3))])
def test_a_reduced_gradient_is_repeated(small: tuple[int, ...], large: tuple[int, ...]) -> None:
    g = np.random.default_rng(0).standard_normal(small)
    got = fit(np.asarray(g), np.zeros(large))
    np.testing.assert_array_equal(got, np.broadcast_to(g, large))
    assert got.flags.writeable


def test_promotion_is_undone() -> None:
    assert fit(np.ones(2), np.ones(2, np.float32)).dtype == np.float32
    got = fit_tensor(gd.Tensor(np.ones(2)), gd.Tensor(np.ones(2, np.float32)))
    assert got.dtype == np.float32


def test_rules_of_operators_alone_get_plain_arrays() -> None:
    multiply, sine = TABLE["multiply"], TABLE["sin"]
    assert plain_pulls(multiply, 2)[0] is multiply.rules[0]
    assert plain_pulls(sine, 1)[0] is not sine.rules[0]  # needs x.cos(), which arrays lack


def test_rules_that_need_more_get_tensors() -> None:
    pull = plain_pulls(TABLE["sin"], 1)[0]
    assert pull is not None
    got = pull(np.ones(2), np.sin(np.ones(2)), np.ones(2))
    assert isinstance(got, np.ndarray)
    np.testing.assert_array_equal(got, np.cos(np.ones(2)))


def test_a_rule_that_gives_an_impossible_shape_is_told() -> None:
    wrong = gd.primitive("wrong", "{x} * 2", x=lambda g, y, x: g[:2])
    for create_graph in (False, True):
        y = wrong(gd.Tensor([1.0, 2.0, 3.0], requires_grad=True)).sum()
        with pytest.raises(ShapeError, match=r"a gradient of shape \(2,\) for an input of shape"):
            y.backward(create_graph=create_graph)
