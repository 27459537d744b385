"""The chain rule of a graph: its paths, and for each the formula that gives its numbers."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from gradatim.derivation import chapter, flow_of
from gradatim.derivation.derivative import MOST_PATHS, derivative
from gradatim.derivation.label import Formula, names_of
from gradatim.derivation.ledger import Ledger
from gradatim.derivation.path import count_paths, leading_to, walk_paths


def leaf(data, name):
    return gd.Tensor(data, requires_grad=True, name=name)


def ledger_of(output):
    flow = flow_of(output, np.ones(output.shape))
    return Ledger(flow, names_of(flow, {}))


def apples():
    apple, tax = leaf(100.0, "apple"), leaf(1.1, "tax")
    return apple, tax, apple * 2 * tax


def test_one_path_is_a_product_of_factors():
    apple, _, total = apples()

    found = derivative(ledger_of(total), apple)

    (way,) = found.ways
    assert found.count == 1
    assert way.stations == ("L", "h1", "apple")
    assert [f.left.text for f in way.factors] == ["dL/dh1", "dh1/dapple"]
    assert [f.formula.text for f in way.factors] == ["tax", "2"]
    assert [f.value.text for f in way.factors] == ["1.1", "2"]
    assert (found.symbol.text, found.value.text) == ("dL/dapple", "2.2")


def test_several_paths_add_up():
    x = leaf(3.0, "x")

    found = derivative(ledger_of(gd.exp(x) + x * x), x)

    assert found.count == 3
    assert [way.value.text for way in found.ways] == ["20.086", "3", "3"]
    assert found.value.text == "26.086"


def test_too_many_paths_are_counted_and_a_few_are_told():
    x = y = leaf(1.0, "x")
    for _ in range(40):
        y = y + y
    found = derivative(ledger_of(y), x)

    assert found.count == 2**40
    assert len(found.ways) == MOST_PATHS
    assert found.value.text == "1.1e12"


def test_paths_are_walked_without_going_astray():
    x, other = leaf(2.0, "x"), leaf(3.0, "other")
    flow = flow_of(x * other + other)

    assert count_paths(flow, other) == 2
    assert [[p.primitive.name for p in path] for path in walk_paths(flow, other)] == [
        ["add", "multiply"],
        ["add"],
    ]
    assert x not in leading_to(flow, (other,))


def network():
    rng = np.random.default_rng(3)
    x, t = rng.normal(size=(5, 4)), np.arange(5) % 3
    W, b = leaf(rng.normal(size=(4, 3)), "W"), leaf(rng.normal(size=3), "b")
    V = leaf(rng.normal(size=(3, 3)), "V")
    return (W, b, V), gd.cross_entropy(gd.relu(x @ W + b) @ V, t)


def plain():
    rng = np.random.default_rng(4)
    W, b = leaf(rng.normal(size=(4, 3)), "W"), leaf(np.zeros(3), "b")
    hidden = gd.sigmoid(gd.Tensor(rng.normal(size=(5, 4))) @ W + b)
    return (W, b), (hidden * 2 + b).sum() / 5


def averages():
    x, s = leaf([[1.0, -2.0], [3.0, 4.0]], "x"), leaf(2.0, "s")
    return (x, s), ((x * s).mean(axis=0) ** 2).mean() - s


def one_row():
    x = leaf([[2.0]], "x")
    return (x,), x * x


def evaluated(text, names):
    """The value of a formula's text, read as Python."""
    words = {name: getattr(np, name) for name in ("sum", "exp", "broadcast_to", "log")}
    words["softmax"] = lambda x: np.exp(x) / np.exp(x).sum(-1, keepdims=True)
    words["one_hot"] = lambda t, n: np.eye(n)[t]
    return eval(text, words, names)


@pytest.mark.parametrize("make", [network, plain, averages, one_row])
def test_the_formula_of_a_whole_path_gives_its_numbers(make):
    variables, loss = make()
    ledger = ledger_of(loss)
    names = {name: t.raw for t, name in ledger.names.items()}
    for x in variables:
        found = derivative(ledger, x)
        total = sum(evaluated(way.product.formula.text, names) for way in found.ways)

        assert found.count == len(found.ways)
        np.testing.assert_allclose(
            np.broadcast_to(total, x.shape), ledger.flow.gradients[x], rtol=1e-12
        )


@pytest.mark.parametrize("make", [network, plain, averages, one_row])
def test_the_formula_of_every_step_gives_its_part(make):
    _, loss = make()
    ledger = ledger_of(loss)
    names = {name: t.raw for t, name in ledger.names.items()}
    names |= {f"d{ledger.name(t)}": g for t, g in ledger.flow.gradients.items()}
    for part in ledger.flow.parts:
        text = ledger.part(part).formula.text
        np.testing.assert_allclose(evaluated(text, names), part.gradient, rtol=1e-12, err_msg=text)
        assert np.shape(evaluated(text, names)) == part.into.shape
    for y in ledger.flow.results:
        text = ledger.value(y).formula.text.replace("maximum(", "__import__('numpy').maximum(")
        np.testing.assert_allclose(evaluated(text, names), y.raw, rtol=1e-12, err_msg=text)


def test_the_classics_come_out_as_in_the_textbook():
    (W, _, V), loss = network()
    ledger = ledger_of(loss)

    (way,) = derivative(ledger, V).ways

    assert way.product.formula.text == "h3.T @ ((softmax(h4) - one_hot(c2, 3)) / 5)"
    (way,) = derivative(ledger, W).ways
    assert way.product.formula.text.startswith("c1.T @ ((softmax(h4) - one_hot(c2, 3)) / 5 @ V.T")


def test_a_path_too_long_for_a_formula_still_has_its_value():
    x = y = leaf(0.5, "x")
    for _ in range(12):
        y = gd.softmax(gd.concatenate([y.reshape(1), gd.Tensor([0.1])]))[0]

    (way,) = derivative(ledger_of(y), x).ways

    assert way.product is None
    assert way.value.text


def test_only_sums_and_negative_factors_stand_in_parentheses():
    products = [[Formula(text, text) for text in texts] for texts in (
        ["x", "1e-7"], ["x", "-2"], ["-2", "x"], ["a + b", "c"], ["f(a + b)", "c"],
    )]  # fmt: skip

    assert [chapter._product(factors).text for factors in products] == [
        "x * 1e-7", "x * (-2)", "-2 * x", "(a + b) * c", "f(a + b) * c",
    ]  # fmt: skip
