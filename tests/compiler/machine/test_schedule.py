"""Lines are put together into few kernels, in an order in which nothing is read too early."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from compiler.machine.crew import recorded
from gradatim.compiler.machine.kernel import Columns, Draw, Host, Product, Rows, spread_of
from gradatim.compiler.machine.schedule import needed, schedule

X = np.ones((4, 6))


def kinds_of(step, *arrays):
    return [type(kernel) for kernel in schedule(recorded(step, *arrays)[0]).kernels]


def learning(model, kind):
    """A step in which a network learns classes."""
    optimizer = kind(model, lr=0.1)

    def step(x, t):
        loss = gd.cross_entropy(model(x), t)
        loss.backward()
        optimizer.step()
        return loss

    return step


@pytest.mark.parametrize(
    ("sizes", "space", "spread"),
    [
        ((4, 6), (4, 6), "full"),
        ((6,), (4, 6), "row"),
        ((1, 6), (4, 6), "row"),
        ((4, 1), (4, 6), "column"),
        ((), (4, 6), "one"),
        ((1, 1), (4, 6), "one"),
        ((), (), "full"),
        ((4,), (4, 6), None),
        ((3, 4, 6), (4, 6), None),
        ((2, 1, 6), (2, 4, 6), None),
        ((2, 4, 1), (2, 4, 6), "column"),
        ((1, 1, 6), (2, 4, 6), "row"),
    ],
)
def test_how_an_operand_lies_in_a_space(sizes, space, spread):
    assert spread_of(sizes, space) == spread


def test_pointwise_lines_are_one_loop():
    assert kinds_of(lambda x: gd.tanh(x * 2.0) + gd.exp(x), X) == [Rows]


def test_what_follows_a_product_joins_it():
    assert kinds_of(lambda x: gd.maximum(x @ x.T + 1.0, 0), X) == [Product]


def test_a_line_is_computed_where_it_is_wanted_even_if_others_wait_there_too():
    """Behind a Dropout, whether relu passed is asked beside the gradient, not stored before."""
    rng = np.random.default_rng(0)

    def step(x, w):
        y = gd.maximum(x @ w, 0)
        kept = (gd.uniform(size=y.shape, rng=rng) >= 0.5) * 2.0
        return ((y * kept) @ w.T) @ w * kept * (y > 0)

    program, _ = recorded(step, X, np.ones((6, 5)))
    kernels = schedule(program).kernels
    last = [line.primitive.name for line in kernels[-1].lines]
    assert type(kernels[-1]) is Product
    assert last == ["matmul", "multiply", "greater", "multiply"]


def test_random_numbers_are_a_kernel_if_machine_code_can_draw_them():
    one, other = np.random.default_rng(0), np.random.default_rng(0)
    assert kinds_of(lambda x: x * gd.uniform(size=x.shape, rng=one), X) == [Draw, Rows]
    assert kinds_of(lambda x: x * gd.normal(size=x.shape, rng=other), X) == [Host, Rows]


def test_sums_over_rows_are_kernels_of_their_own():
    assert kinds_of(lambda x: x.sum(axis=0) * 2.0, X) == [Columns]


def test_what_has_no_code_is_left_to_numpy():
    assert kinds_of(lambda x: gd.sort(x, axis=1) * 2.0, X)[0] is Host


def test_a_layer_is_few_kernels():
    step = learning(gd.nn.MLP([6, 5, 3], rng=0), gd.optim.SGD)
    found = kinds_of(step, X.astype("f4"), np.zeros(4, "i8"))
    assert Host not in found
    assert found.count(Product) == 5, "no gradient of the first layer's input"
    assert found.count(Columns) == 2
    assert len(found) <= 10


def test_every_line_has_its_place_and_nothing_is_read_too_early():
    step = learning(gd.nn.MLP([6, 5, 5, 3], "tanh", rng=0), gd.optim.Adam)
    program, _ = recorded(step, X.astype("f4"), np.zeros(4, "i8"))
    plan = schedule(program)
    there = {plan.root(value) for value in program.given()}
    turned = {line.output: line.inputs[0] for line in program.lines if line.output.home is None}
    for kernel in plan.kernels:
        for line in kernel.lines:
            for value in line.inputs:
                source = value
                while plan.root(source) not in there:
                    assert line.primitive.name == "matmul", f"{line.primitive.name} reads {value}"
                    source = turned[source]
            there.add(plan.root(line.output))
    assert all(plan.root(value) in there for value in program.results)


def test_what_waits_for_the_loss_is_updated_where_its_gradient_is_computed():
    step = learning(gd.nn.MLP([6, 5, 3], rng=0), gd.optim.Adam)
    program, _ = recorded(step, X.astype("f4"), np.zeros(4, "i8"))
    plan = schedule(program, watched=program.results[0])
    written = {
        line.inputs[0]: kernel for kernel in plan.kernels for line in kernel.lines if line.writes
    }
    matrices = [value for value in written if value.shape in ((6, 5), (5, 3))]
    assert len(matrices) == 6, "two matrices, and the two moments of each"
    assert all(isinstance(written[value], Product) for value in matrices)
    singles = [i for i, kernel in enumerate(plan.kernels) if kernel.space == ()]
    updates = [i for i, kernel in enumerate(plan.kernels) if written.get(matrices[0]) is kernel]
    assert singles[-1] < updates[0], "the count of steps is raised before it is used"


def test_labels_must_be_checked():
    program, _ = recorded(lambda x, t: gd.cross_entropy(x, t), X, np.zeros(4, "i8"))
    ((value, low, high),) = schedule(program).checks
    assert (value, low, high) == (program.arguments[1], 0, 5)


def test_only_what_others_read_lies_in_memory():
    program, _ = recorded(lambda x: gd.tanh(x * 2.0) + gd.exp(x), X)
    plan = schedule(program)
    found = needed(plan, program) - set(program.literals)
    assert found == {program.arguments[0], plan.root(program.results[0])}
