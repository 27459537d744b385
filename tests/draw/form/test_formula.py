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

    assert ("rule", "dx += dL") in words.backward(1)
    assert ("numbers", "= 1   part 1 of 3") in words.backward(1)
    assert words.backward(0) == [
        ("rule", "dx += dh1 × x"),
        ("numbers", "= 1 × 3 = 3   part 2 of 3"),
        ("sum", "dx = 1 + 3 = 4   so far"),
        ("rule", "dx += dh1 × x"),
        ("numbers", "= 1 × 3 = 3   part 3 of 3"),
        ("sum", "dx = 1 + 3 + 3 = 7   added, where 3 paths meet"),
    ]


def test_of_large_arrays_and_of_many_parts_only_the_whole_sum_is_told():
    wide, narrow = leaf([1.0] * 9, "w"), leaf(1.0, "x")
    total = (wide + wide + wide).sum()
    for _ in range(30):
        total = total + narrow
    words = said(total)

    told = [text for born in range(33) for kind, text in words.backward(born) if kind == "sum"]
    assert [text for text in told if text.startswith("dw")] == [
        "dw = part 1 + ... + part 3 = shape (9,), all 3   added, where 3 paths meet"
    ]
    assert sum(text.endswith("so far") for text in told) == 11


def test_what_a_box_learns_is_told_leaf_by_leaf():
    x, W, b = gd.Tensor([[1.0, 2.0]]), leaf([[1.0], [2.0]], "W"), leaf([3.0], "b")
    words = said((x @ W + b).sum())

    rules = [text for kind, text in words.learned((0, 1)) if kind == "rule"]
    assert rules == ["db = sum(dh2, axis=0)", "dW = c.T @ dh1"]
    assert words.gradients() == ["dW = [[1] [2]]", "db = [1]"]


def test_powers_keep_their_sign():
    x = leaf(3.0, "x")

    assert "**" in said(x**3.5 * x).forward(0)[0][1]


def test_what_is_not_wanted_is_not_told():
    x = leaf(3.0, "x")
    lines = said(x * gd.Tensor(2.0, name="c")).backward(0)

    assert not any("dc" in text for _, text in lines)


def test_what_was_overwritten_is_not_put_into_formulas():
    w = leaf([[2.0, 3.0]], "w")
    turned = w.T  # looks into the memory of w
    y = turned * 3
    w.assign(10.0)
    words = said((y + 1).sum())

    assert words.forward(0) == [("rule", "h1 = w.T")]
    assert words.forward(1) == [("rule", "h2 = h1 × 3"), ("numbers", "= [[6], [9]]")]
