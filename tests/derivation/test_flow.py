"""The flow of a graph: the parts of every gradient as backward adds them, and nothing touched."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from gradatim.autograd import modes
from gradatim.derivation import flow_of
from gradatim.errors import ShapeError


def leaf(data, name=None):
    return gd.Tensor(data, requires_grad=True, name=name)


def apples():
    apple, tax = leaf(100.0), leaf(1.1)
    return apple, tax, apple * 2 * tax


def network():
    rng = np.random.default_rng(0)
    model = gd.nn.MLP([4, 5, 3], rng=rng)
    loss = gd.cross_entropy(model(rng.normal(size=(6, 4))), np.arange(6) % 3)
    return model, loss


def test_the_tensors_stand_in_order_of_birth_with_each_leaf_before_its_first_reader():
    apple, tax, total = apples()
    amount, two = total.origin[1][0], total.origin[1][0].origin[1][1]

    flow = flow_of(total)

    assert flow.tensors == (apple, two, amount, tax, total)
    assert flow.results == (amount, total)
    assert flow.leaves == (apple, two, tax)


def test_each_rule_hands_out_its_part_in_the_order_of_backward():
    apple, tax, total = apples()

    flow = flow_of(total)

    told = [(p.primitive.name, p.position, float(p.gradient)) for p in flow.parts]
    assert told == [("multiply", 0, 1.1), ("multiply", 1, 200.0), ("multiply", 0, 2.2)]
    assert [p.into for p in flow.parts] == [total.origin[1][0], tax, apple]


def test_totals_are_bit_for_bit_those_of_backward():
    _model, loss = network()
    flow = flow_of(loss)

    loss.backward(retain_grads=True)

    assert set(flow.gradients) == {t for t in flow.tensors if t.wanted}
    for t, g in flow.gradients.items():
        assert np.array_equal(g, t.grad.raw), t
        assert g.dtype == t.dtype


def test_where_paths_meet_the_parts_are_told_one_by_one():
    x = leaf([1.0, 2.0])
    y = x * x + gd.exp(x)

    flow = flow_of(y.sum())

    assert [p.primitive.name for p in flow.parts_into(x)] == ["exp", "multiply", "multiply"]
    assert np.allclose(sum(p.gradient for p in flow.parts_into(x)), flow.gradients[x])
    assert [p.position for p in flow.parts_from(y.origin[1][0])] == [0, 1]


def test_nothing_is_touched_and_nobody_hears_of_it():
    model, loss = network()
    before = [p.data.copy() for p in model.parameters()]
    heard = []

    with gd.listen(lambda *call: heard.append(call)):
        flow_of(loss)

    assert not heard
    assert all(t.grad is None for t in flow_of(loss).tensors)
    assert all(np.array_equal(a, p.data) for a, p in zip(before, model.parameters()))
    assert modes.current().taping
    assert modes.current().phase == "forward"


def test_an_input_that_wants_no_gradient_gets_no_part():
    x, c = leaf(3.0), gd.Tensor(4.0)

    flow = flow_of(x * c)

    assert [p.into for p in flow.parts] == [x]
    assert c in flow.tensors
    assert c not in flow.gradients


@pytest.mark.parametrize("output", [gd.Tensor(2.0), gd.Tensor([1.0, 2.0]) * 3])
def test_without_anything_that_wants_a_gradient_there_are_values_alone(output):
    flow = flow_of(output)

    assert flow.tensors == (output,)
    assert flow.seed is None
    assert not flow.parts
    assert not flow.gradients


def test_several_numbers_have_no_gradient_until_one_arrives():
    x = leaf([1.0, 2.0])
    y = x * x

    assert flow_of(y).seed is None
    assert flow_of(y, [1.0, 10.0]).gradients[x].tolist() == [2.0, 40.0]


def test_after_backward_the_seed_is_the_one_it_was_called_with():
    x = leaf([1.0, 2.0])
    y = x * x
    assert not flow_of(y).has_gradients

    y.backward([1.0, 10.0])

    assert flow_of(y).has_gradients
    assert flow_of(y).gradients[x].tolist() == x.grad.tolist() == [2.0, 40.0]


def test_a_gradient_left_by_another_loss_is_not_of_this_one():
    x = leaf(3.0)
    (x * x).backward()

    assert not flow_of(x * 2).has_gradients


def test_a_seed_of_another_shape_is_refused():
    with pytest.raises(ShapeError, match=r"seed has shape \(3,\); it must have .* \(2,\)"):
        flow_of(leaf([1.0, 2.0]) * 2, np.ones(3))


@pytest.mark.parametrize("wanted", [True, False])
def test_a_stale_graph_says_so_instead_of_telling_wrong_gradients(wanted):
    x, c = leaf(2.0), gd.Tensor(3.0, requires_grad=wanted, name="c")
    y = x * c
    with gd.no_grad():
        c.assign(5.0)

    flow = flow_of(y)

    assert not flow.parts
    assert not flow.gradients
    assert flow.tensors == (x, c, y)
    assert "overwritten after multiply had used it" in str(flow.stale)
    assert "test_flow.py:" in str(flow.stale)


def test_all_that_no_longer_holds_what_was_computed_with_is_listed():
    w, x, b = leaf([[2.0, 3.0]], "w"), leaf(1.0, "x"), leaf([[1.0], [1.0]], "b")
    turned = w.T  # looks into the memory of w
    loss = ((turned * x) * b).sum()
    w.assign(0.0)
    b.assign(0.0)

    assert flow_of(loss).overwritten == (w, turned, b)
    assert flow_of(x * x).overwritten == ()


def test_a_long_chain_needs_no_recursion():
    x = y = leaf(1.0)
    for _ in range(3000):
        y = y + x

    flow = flow_of(y)

    assert flow.gradients[x] == 3001
    assert len(flow.parts_into(x)) == 3001


def test_what_is_written_later_changes_nothing_in_it():
    w, data = leaf([[2.0, 3.0]], "w"), np.array([[1.0], [1.0]])
    loss = (w.T * data).sum()  # the transpose looks into the memory of w
    loss.backward()
    flow = flow_of(loss)
    turned = flow.results[0]

    gd.optim.SGD([w], lr=1.0).step()
    data[:] = 7.0

    assert flow.values[w].tolist() == [[2.0, 3.0]]
    assert flow.values[turned].tolist() == [[2.0], [3.0]]
    assert [flow.values[x].tolist() for x in flow.leaves if x is not w] == [[[1.0], [1.0]]]


def test_a_result_is_not_copied():
    x = leaf([1.0, 2.0])
    y = x * 2

    assert flow_of(y.sum()).values[y] is y.raw


def test_the_gradient_that_arrived_stays_when_the_next_one_is_added():
    x = leaf([1.0, 2.0])
    y = x * 2
    y.backward(np.ones(2))
    flow = flow_of(y)

    y.grad.raw[...] = 5.0

    assert flow.seed.tolist() == [1.0, 1.0]
