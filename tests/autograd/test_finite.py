"""`gd.check.finite`: the first number that is not finite is named with the one who made it."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

import gradatim as gd
from gradatim.check import finite
from gradatim.errors import DivergenceError


@pytest.fixture(autouse=True)
def quiet():
    """NumPy warns of what these tests are about."""
    with np.errstate(all="ignore"):
        yield


@pytest.fixture
def x():
    return gd.Tensor([1.0, 0.0, 4.0], requires_grad=True)


def line():
    """This file and the line of the caller, as a message writes it."""
    return f"test_finite.py:{inspect.currentframe().f_back.f_lineno}"


def caught(run):
    with pytest.raises(DivergenceError) as error, finite():
        run()
    return str(error.value)


def test_the_primitive_its_input_and_the_line_are_named(x):
    def run():
        scaled = x * 2
        return gd.log(scaled).sum(), "never reached"

    text = caught(run)
    at = f"test_finite.py:{run.__code__.co_firstlineno + 2}"

    assert text.startswith(f"finite: log, in forward at {at}, gave -inf for 1 of 3 elements")
    assert "the first at [1]: x is float64(3,), there 0." in text
    assert "log is finite above 0 only" in text


def test_nan_is_named_before_an_infinity(x):
    text = caught(lambda: (x - 1) / (x * 0 + [0.0, 1.0, 0.0]))

    assert "divide, in forward" in text
    assert "gave nan for 1 of 3 elements, the first at [0]" in text


def test_in_backward_the_primitive_whose_rule_it_is_is_named_too(x):
    root, at = gd.sqrt(x).sum(), line()
    text = caught(root.backward)

    assert "divide, in backward, in the rule of sqrt at" in text
    assert f"sqrt at {at}" in text
    assert "gave inf for 1 of 3 elements, the first at [1]" in text
    assert "sqrt has no finite slope at 0" in text


def test_division_by_nothing_in_a_rule_of_your_own(x):
    own = gd.primitive("own", "{x} * 1", x=lambda g, y, x: g / (x - x))

    def run():
        own(x * 2).sum().backward()

    at = f"test_finite.py:{run.__code__.co_firstlineno + 1}"

    assert f"divide, in backward, in the rule of own at {at}" in caught(run)


def test_a_rule_in_plain_numpy_is_found_by_the_gradient_that_it_passes_on(x):
    blind = gd.primitive("blind", "{x} * 1", x=lambda g, y, x: gd.Tensor(np.full(3, np.nan)))
    text = caught(lambda: blind(x * 2).sum().backward())

    assert "was given nan already" in text
    assert "It is the gradient that came from the rule of blind at test_finite.py" in text


def test_nan_that_is_brought_in_is_not_blamed_on_a_primitive(x):
    text = caught(lambda: x * gd.Tensor([1.0, np.nan, np.nan], name="weights"))

    assert "multiply, in forward" in text
    assert "was given nan already: weights is float64(3,) and holds 2 of them" in text
    assert "the first at [1]" in text
    assert "No primitive made them" in text


def test_an_infinity_may_be_brought_in_until_it_becomes_nan(x):
    masked = gd.where(np.array([True, False, True]), x, -np.inf)
    with finite():
        shares = gd.softmax(gd.where(np.array([True, False, True]), x, -np.inf))
    assert shares.data[1] == 0
    text = caught(lambda: masked.sum() - masked.sum())

    assert "subtract" in text
    assert "Before that, sum" in text
    assert "was given x with infinities" in text


def test_an_overflow_says_what_may_help(x):
    weight = gd.Parameter(np.full((3, 2), 1e38, np.float32), name="first.weight")
    text = caught(lambda: np.full((4, 3), 1e3, np.float32) @ weight)

    assert "matmul" in text
    assert "gave inf for 8 of 8 elements" in text
    assert "first.weight is float32(3, 2)" in text
    assert "Numbers grow too large: try a smaller learning rate" in text


def test_inside_a_model_the_layer_is_named():
    model = gd.nn.MLP([2, 3, 1], rng=0)
    model.layers[2].weight.assign(np.nan)
    gd.optim.SGD(model)

    text = caught(lambda: model(np.ones((4, 2), np.float32)))

    assert "layers.2.weight is float32(3, 1)" in text
    assert "in layers.2 (Linear)" in text


def test_numbers_without_axes():
    assert "a is 1, b is 0" in caught(lambda: gd.Tensor(1.0) / gd.Tensor(0.0))


def test_what_is_written_into_a_leaf_is_looked_at(x):
    text = caught(lambda: x.assign([1.0, np.nan, 1.0]))

    assert "assign, in forward" in text
    assert "was given nan already: value" in text


def test_what_overflows_as_it_is_written_is_looked_at():
    narrow = gd.Tensor(np.ones(3, np.float32), requires_grad=True)
    text = caught(lambda: narrow.assign(np.array([1.0, 1e300, 1.0])))

    assert "assign, in forward" in text
    assert "gave inf for 1 of 3 elements, the first at [1]" in text


def test_nan_that_numpy_writes_into_a_result_is_not_blamed_on_a_primitive(x):
    def run():
        scaled = x * 2
        scaled.data[1] = np.nan
        return scaled + 1

    text = caught(run)

    assert "add, in forward" in text
    assert "was given nan already: a is float64(3,) and holds 1 of them, the first at [1]" in text
    assert "No primitive made them" in text


def test_it_is_silent_while_all_is_finite(x):
    with finite():
        loss = (gd.exp(-x) * x.sum() + gd.argmax(x)).mean()
        loss.backward()
        x.assign(x.grad)

    assert np.isfinite(x.data).all()


def test_it_ends_with_its_block(x):
    with finite():
        pass

    assert gd.log(x).data[1] == -np.inf


def test_gradients_are_the_same_bit_for_bit_while_it_looks():
    model = gd.nn.MLP([4, 8, 3], "tanh", rng=0)
    batch = np.random.default_rng(0).standard_normal((5, 4)).astype(np.float32), [0, 1, 2, 1, 0]

    def gradients():
        model.zero_grad()
        gd.cross_entropy(model(batch[0]), batch[1]).backward()
        return [p.grad.numpy() for p in model.parameters()]

    plain = gradients()
    with finite():
        seen = gradients()

    assert all(np.array_equal(a, b) for a, b in zip(plain, seen))


def test_nothing_of_the_graph_is_kept_after_backward(x):
    from gradatim.autograd import modes

    loss = gd.sqrt(x + 1).sum()
    with finite():
        loss.backward()

    assert modes.current().pulling is None
