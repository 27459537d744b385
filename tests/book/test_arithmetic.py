from __future__ import annotations

import numpy as np
import pytest

from gradatim.book import AddLayer, MulLayer
from gradatim.errors import GraphError, ShapeError


def test_two_apples_and_their_tax():
    price, total = MulLayer(), MulLayer()
    assert total.forward(price.forward(100, 2), 1.1) == 220.00000000000003
    dprice, dtax = total.backward(1)
    assert (dprice, dtax) == (1.1, 200)
    assert type(dtax) is int
    assert price.backward(dprice) == (2.2, 110.00000000000001)


def test_apples_and_oranges():
    apples, oranges, both, total = MulLayer(), MulLayer(), AddLayer(), MulLayer()
    total_price = both.forward(apples.forward(100, 2), oranges.forward(150, 3))
    assert total_price == 650
    assert total.forward(total_price, 1.1) == 715.0000000000001
    dall, dtax = total.backward(1)
    dapples, doranges = both.backward(dall)
    assert (dall, dtax) == (1.1, 650)
    assert oranges.backward(doranges) == (3.3000000000000003, 165.0)
    assert apples.backward(dapples) == (2.2, 110.00000000000001)


@pytest.mark.parametrize("kind", [MulLayer, AddLayer])
def test_an_instance_in_two_places_raises_instead_of_answering_wrongly(kind):
    layer = kind()
    layer.forward(100, 2)
    layer.forward(150, 3)
    layer.backward(1.1)
    with pytest.raises(GraphError, match=f"{kind.__name__}.backward: a second.*\n.*two places"):
        layer.backward(1.1)
    layer.forward(100, 2)
    layer.backward(1.1)


def test_several_forwards_before_a_backward_and_several_backwards_after_it_are_fine():
    layer = MulLayer()
    for x in (1, 2):
        layer.forward(x, 5)
    assert layer.backward(1) == (5, 2)
    layer.forward(3, 5)
    assert layer.backward(1) == (5, 3)
    assert layer.backward(2) == (10, 6)


@pytest.mark.parametrize("kind", [MulLayer, AddLayer])
def test_backward_needs_a_forward(kind):
    with pytest.raises(GraphError, match=f"{kind.__name__}.backward: there was no forward"):
        kind().backward(1)


@pytest.mark.parametrize(("kind", "dy"), [(MulLayer, 3.0), (AddLayer, 3.0)])
def test_an_input_that_was_repeated_gets_the_sum(kind, dy):
    layer = kind()
    layer.forward(np.ones((3, 2)), np.ones(2))
    dx, gradient = layer.backward(1)
    assert dx.tolist() == [[1.0, 1.0]] * 3
    assert gradient.tolist() == [dy, dy]
    layer.forward(np.ones((3, 2)), 1.0)
    assert layer.backward(np.ones((3, 2)))[1] == 6


def test_dout_of_another_shape_is_refused():
    layer = MulLayer()
    layer.forward(np.ones(3), np.ones(3))
    with pytest.raises(ShapeError, match=r"dout has shape \(2,\), but forward returned \(3,\)"):
        layer.backward(np.ones(2))


def test_nothing_is_changed():
    x, y, dout = np.array([1.0, 2.0]), np.array([3.0, 4.0]), np.array([5.0, 6.0])
    for kind in (MulLayer, AddLayer):
        layer = kind()
        layer.forward(x, y)
        for gradient in layer.backward(dout):
            gradient += 100
    assert (x.tolist(), y.tolist(), dout.tolist()) == ([1, 2], [3, 4], [5, 6])


def test_what_the_caller_writes_into_its_arrays_changes_no_backward():
    layer, x, y = MulLayer(), np.array([1.0, 2.0]), np.array([3.0, 4.0])
    layer.forward(x, y)
    x[...] = y[...] = 0
    dx, dy = layer.backward(1)
    assert (dx.tolist(), dy.tolist()) == ([3, 4], [1, 2])
