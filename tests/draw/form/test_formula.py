"""What is said of a primitive: its formula, the same in numbers, and sums where paths meet."""

from __future__ import annotations

import gradatim as gd
from gradatim.derivation.flow import flow_of
from gradatim.draw.form.formula import Formulas


def said(result):
    return Formulas(flow_of(result), lambda x: x.name or "")


def leaf(value, name):
    return gd.Tensor(value, requires_grad=True, name=name)


def test_names_come_first_and_then_numbers():
    apple, count, tax = leaf(100.0, "apple"), leaf(2.0, "count"), leaf(1.1, "tax")
    words = said(apple * count * tax)

    assert words.forward(0) == [("rule", "h1 = apple × count"), ("numbers", "= 100 × 2 = 200")]
    assert words.backward(0) == [
        ("rule", "dapple = dh1 × count"),
        ("numbers", "= 1.1 × 2 = 2.2"),
        ("rule", "dcount = dh1 × apple"),
        ("numbers", "= 1.1 × 100 = 110"),
    ]


def test_the_sum_is_told_with_its_last_part():
    x = leaf(3.0, "x")
    words = said(x * x + x)

    assert [line for line in words.backward(1) if line[0] == "sum"] == []
    assert words.backward(0)[-1] == ("sum", "dx = 1 + 3 + 3 = 7   added, where 3 paths meet")


def test_powers_keep_their_sign():
    x = leaf(3.0, "x")

    assert "**" in said(x**3.5 * x).forward(0)[0][1]


def test_what_is_not_wanted_is_not_told():
    x = leaf(3.0, "x")
    lines = said(x * gd.Tensor(2.0, name="c")).backward(0)

    assert not any("dc" in text for _, text in lines)
