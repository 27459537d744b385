"""Primitives of one's own."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from gradatim.errors import GradatimError, ShapeError
from gradatim.primitives import TABLE


def test_value_gradient_and_second_order() -> None:
    cube = gd.primitive("cube", "{x} * {x} * {x}", x=lambda g, y, x: g * 3 * x * x)
    assert cube(2.0).item() == 8.0
    assert gd.grad(cube)(2.0).item() == 12.0
    assert gd.grad(gd.grad(cube))(2.0).item() == 12.0


def test_several_inputs_broadcast() -> None:
    blend = gd.primitive(
        "blend",
        "{t} * {a} + (1 - {t}) * {b}",
        t=lambda g, y, t, a, b: g * (a - b),
        a=lambda g, y, t, a, b: g * t,
        b=None,
    )
    t, a, b = (gd.Tensor(v, requires_grad=True) for v in (0.25, [1.0, 2.0], [3.0, 5.0]))
    blend(t, a, b).sum().backward()
    assert (t.grad.item(), a.grad.tolist(), b.grad) == (-5.0, [0.25, 0.25], None)  # type: ignore[union-attr]


def test_without_a_rule_a_difference_stands_in_and_says_so() -> None:
    with pytest.warns(
        UserWarning, match=r"no rule for x; a central difference(?s:.)*x=lambda g, y"
    ):
        wave = gd.primitive("wave", "np.sin({x})")
    x = np.linspace(-3, 3, 7)
    got = gd.grad(lambda x: wave(x).sum())(x)
    np.testing.assert_allclose(got.numpy(), np.cos(x), rtol=1e-8, atol=1e-9)


def test_stays_out_of_the_table_and_can_be_made_again() -> None:
    for _ in range(2):
        gd.primitive("exp", "np.exp({x})", x=lambda g, y, x: g * y)
    assert TABLE["exp"].source == "np.exp({x})"
    assert "cube" not in TABLE


def test_reads_like_its_expression() -> None:
    cube = gd.primitive("cube", "{x} ** 3", x=None)
    assert cube.__name__ == "cube"
    assert "{x} ** 3" in str(cube.__doc__)


@pytest.mark.parametrize(
    ("source", "rules", "message"),
    [
        ("np.pi", {}, "names no input; inputs stand in braces"),
        ("{x} +* 1", {"x": None}, "is not Python"),
        ("{x} + 1", {"z": None}, "rule for 'z', which its expression does not name"),
        ("{x} + 1", {"x": lambda x: x}, r"must take g \(the gradient arriving\) and y"),
    ],
)
def test_mistakes_are_told(source: str, rules: dict, message: str) -> None:  # type: ignore[type-arg]
    with pytest.raises(GradatimError, match=message):
        gd.primitive("mine", source, **rules)


def test_wrong_calls_are_told() -> None:
    total = gd.primitive("total", "{a} + {b}", a=None, b=None)
    with pytest.raises(GradatimError, match="total: 1 inputs arrived; it takes 2: a, b"):
        total(1.0)
    with pytest.raises(ShapeError, match="total: a is"):
        total([1.0, 2.0], [1.0, 2.0, 3.0])
