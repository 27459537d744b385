"""The graph behind a result."""

from __future__ import annotations

import gradatim as gd
from gradatim.autograd.graph import ancestry, leading, leaves


def test_ancestry_is_the_latest_first() -> None:
    x = gd.Tensor(1.0, requires_grad=True)
    a = x * 2
    b = a + x
    c = a * b
    assert [t.item() for t in ancestry(c)] == [6.0, 3.0, 2.0]
    assert ancestry(c)[0] is c


def test_ancestry_stops_where_told() -> None:
    x = gd.Tensor(1.0, requires_grad=True)
    a = x * 2
    b = a * 3
    assert [y is b for y in ancestry(b, {a})] == [True]
    assert ancestry(x) == []


def test_leaves_are_those_that_require_a_gradient() -> None:
    x, c, y = (gd.Tensor(v, requires_grad=w) for v, w in ((1.0, True), (2.0, False), (3.0, True)))
    found = leaves(x * c + y)
    assert len(found) == 2
    assert found[0] is x
    assert found[1] is y
    assert leaves(x)[0] is x
    assert leaves(c) == []


def test_leading_keeps_what_lies_on_the_way() -> None:
    x, z = gd.Tensor(1.0, requires_grad=True), gd.Tensor(1.0, requires_grad=True)
    a, b = x * 2, z * 2
    c = a + b
    assert leading(ancestry(c), {x}) == {x, a, c}
