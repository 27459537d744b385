"""Gradients left at the leaves."""

from __future__ import annotations

import gc
import sys
import threading
import weakref

import numpy as np
import pytest

import gradatim as gd
from gradatim.errors import GraphError, NoGradientError, ShapeError, StaleGraphError


def leaf(value: object) -> gd.Tensor:
    return gd.Tensor(value, requires_grad=True)


class TestTheBook:
    """Notebook `apples`, 4.1 to 4.5: the very digits."""

    def test_two_apples_and_the_tax(self) -> None:
        apple, number, tax = leaf(100.0), leaf(2.0), leaf(1.1)
        price = apple * number * tax
        assert price.item() == 220.00000000000003
        price.backward()
        got = [t.grad.item() for t in (apple, number, tax)]  # type: ignore[union-attr]
        assert got == [2.2, 110.00000000000001, 200.0]

    def test_apples_and_oranges(self) -> None:
        apple, apples, orange, oranges, tax = map(leaf, (100.0, 2.0, 150.0, 3.0, 1.1))
        total = apple * apples + orange * oranges
        price = total * tax
        assert (total.item(), price.item()) == (650.0, 715.0000000000001)
        price.backward(retain_grads=True)
        got = [t.grad.item() for t in (total, apple, apples, orange, oranges, tax)]  # type: ignore[union-attr]
        assert got == [1.1, 2.2, 110.00000000000001, 3.3000000000000003, 165.0, 650.0]


class TestOtherBooks:
    def test_micrograd_readme(self) -> None:
        a, b = leaf(-4.0), leaf(2.0)
        c = a + b
        d = a * b + b**3
        c = c + c + 1
        c = c + 1 + c + (-a)
        d = d + d * 2 + gd.relu(b + a)
        d = d + 3 * d + gd.relu(b - a)
        e = c - d
        f = e**2
        g = f / 2.0
        g = g + 10.0 / f
        g.backward()
        assert a.grad is not None
        assert b.grad is not None
        assert (round(g.item(), 4), round(a.grad.item(), 4), round(b.grad.item(), 4)) == (
            24.7041,
            138.8338,
            645.5773,
        )

    def test_rosenbrock(self) -> None:
        x, y = leaf(0.0), leaf(2.0)
        (100 * (y - x**2) ** 2 + (x - 1) ** 2).backward()
        assert x.grad is not None
        assert y.grad is not None
        assert (x.grad.item(), y.grad.item()) == (-2.0, 400.0)


class TestAdding:
    def test_paths_that_meet_add_up(self) -> None:
        x = leaf(3.0)
        y = x * x
        (y + y * x).backward()
        assert x.grad is not None
        assert x.grad.item() == 2 * 3 + 3 * 9

    def test_two_losses_add_up(self) -> None:
        x = leaf([1.0, 2.0])
        (x * 3).sum().backward()
        (x * 4).sum().backward()
        assert x.grad is not None
        assert x.grad.tolist() == [7.0, 7.0]

    def test_two_losses_may_share_a_trunk(self) -> None:
        x = leaf(2.0)
        trunk = x * x
        (trunk * 3).backward()
        (trunk * 4).backward()
        assert x.grad is not None
        assert x.grad.item() == 28.0

    def test_leaves_never_share_the_memory_of_their_gradients(self) -> None:
        a, b = leaf([1.0, 2.0]), leaf([3.0, 4.0])
        (a + b).sum().backward()
        assert a.grad is not None
        assert b.grad is not None
        a.grad.data[0] = 99.0
        assert b.grad.tolist() == [1.0, 1.0]

    def test_the_seed_is_not_kept(self) -> None:
        x, seed = leaf([1.0, 2.0]), np.array([1.0, 10.0])
        (x + 0.0).backward(seed)
        assert x.grad is not None
        x.grad.data[...] = 0.0
        assert seed.tolist() == [1.0, 10.0]

    def test_a_leaf_is_its_own_result(self) -> None:
        x = leaf(3.0)
        x.backward()
        x.backward()
        assert x.grad is not None
        assert x.grad.item() == 2.0

    def test_an_input_used_twice_by_one_primitive(self) -> None:
        x = leaf([1.0, 2.0])
        gd.concatenate([x, x]).sum().backward()
        assert x.grad is not None
        assert x.grad.tolist() == [2.0, 2.0]

    def test_broadcasting_is_undone(self) -> None:
        x, row, number = leaf(np.ones((2, 3))), leaf(np.ones(3)), leaf(2.0)
        column = leaf(np.ones((2, 1)))
        (x * row * number * column).sum().backward()
        for t in (x, row, number, column):
            assert t.grad is not None
            assert t.grad.shape == t.shape
        assert row.grad is not None
        assert row.grad.tolist() == [4.0, 4.0, 4.0]

    def test_only_what_is_wanted_gets_one(self) -> None:
        x, c = leaf(2.0), gd.Tensor(3.0)
        y = x * c
        y.backward()
        assert c.grad is None

    def test_results_keep_theirs_when_asked(self) -> None:
        x = leaf(2.0)
        inner = x * 3
        (inner * inner).backward(retain_grads=True)
        assert inner.grad is not None
        assert inner.grad.item() == 12.0


class TestSeed:
    def test_several_elements_need_one(self) -> None:
        with pytest.raises(ShapeError, match=r"loss\.sum\(\)\.backward\(\)"):
            (leaf([1.0, 2.0]) * 2).backward()

    def test_a_seed_is_the_gradient_that_arrives(self) -> None:
        x = leaf([1.0, 2.0])
        (x * x).backward([1.0, 10.0])
        assert x.grad is not None
        assert x.grad.tolist() == [2.0, 40.0]

    def test_a_seed_of_another_shape_is_refused(self) -> None:
        with pytest.raises(ShapeError, match=r"seed has shape \(3,\)"):
            (leaf([1.0, 2.0]) * 2).backward([1.0, 1.0, 1.0])

    def test_a_seed_of_another_dtype_is_cast(self) -> None:
        x = leaf(np.ones(2, np.float32))
        (x * 2).backward(np.ones(2))
        assert x.grad is not None
        assert x.grad.dtype == np.float32


class TestErrors:
    def test_nothing_requires_a_gradient(self) -> None:
        with pytest.raises(NoGradientError, match=r"requires_grad=True"):
            gd.Tensor(1.0).backward()

    def test_the_way_is_cut(self) -> None:
        x = leaf(1.0)
        for cut in (x.detach(), gd.stop_gradient(x), x > 0):
            with pytest.raises(NoGradientError):
                cut.backward()
        with gd.no_grad():
            y = x * 2
        with pytest.raises(NoGradientError):
            y.backward()

    def test_twice_on_the_same_result(self) -> None:
        y = leaf(1.0) * 2
        y.backward()
        with pytest.raises(GraphError, match="would count them twice"):
            y.backward()

    def test_an_overwritten_input_names_both_lines(self) -> None:
        w = leaf([1.0, 2.0])
        loss = (w * w).sum()  # used
        w.assign([3.0, 4.0])  # overwritten
        with pytest.raises(StaleGraphError) as caught:
            loss.backward()
        this = sys._getframe().f_code.co_firstlineno
        assert f"Used at test_backward.py:{this + 2}" in str(caught.value)
        assert f"overwritten at test_backward.py:{this + 3}" in str(caught.value)

    def test_an_overwritten_input_is_named(self) -> None:
        w = gd.Parameter([1.0], name="first.weight")
        loss = w.sum()
        with gd.no_grad():
            w -= 0.5
        with pytest.raises(StaleGraphError, match=r"an input 'first\.weight' of shape \(1,\)"):
            loss.backward()

    def test_an_overwritten_constant_that_a_rule_needs(self) -> None:
        w, x, more = leaf([1.0, 2.0]), gd.Tensor([3.0, 4.0], name="x"), gd.Tensor([1.0, 1.0])
        losses = w * x, w / x, gd.einsum("i,i->", w, x)
        x.assign([5.0, 6.0])
        for loss in losses:
            for create_graph in (False, True):
                with pytest.raises(StaleGraphError, match=r"an input 'x' of shape \(2,\)"):
                    gd.backward(loss, np.ones(loss.shape), create_graph=create_graph)
        assert w.grad is None
        loss = (w + more).sum()  # whose rules need neither
        more.assign([9.0, 9.0])
        loss.backward()
        assert w.grad is not None
        assert w.grad.tolist() == [1.0, 1.0]

    def test_writing_before_use_is_fine(self) -> None:
        w = leaf([1.0, 2.0])
        w.assign([3.0, 4.0])
        (w * w).sum().backward()
        assert w.grad is not None
        assert w.grad.tolist() == [6.0, 8.0]

    def test_after_an_error_the_tape_is_on_again(self) -> None:
        y = leaf(1.0) * 2
        y.backward()
        with pytest.raises(GraphError):
            y.backward()
        assert (leaf(1.0) * 2).requires_grad


class TestHigherOrder:
    def test_a_gradient_can_be_differentiated(self) -> None:
        x = leaf(2.0)
        (x**4 - 2 * x**2).backward(create_graph=True)
        first = x.grad
        assert first is not None
        x.grad = None
        first.backward()
        assert x.grad is not None
        assert (first.item(), x.grad.item()) == (24.0, 44.0)

    def test_both_ways_of_walking_give_the_same_bits(self) -> None:
        rng = np.random.default_rng(0)
        w, x = rng.standard_normal((4, 3)), rng.standard_normal((5, 4))

        def gradient(create_graph: bool) -> np.ndarray:
            p = leaf(w)
            h = gd.tanh(x @ p)
            loss = gd.logsumexp(h * h, axis=1).mean() + gd.relu(h).max()
            loss.backward(create_graph=create_graph)
            assert p.grad is not None
            return p.grad.numpy()

        np.testing.assert_array_equal(gradient(False), gradient(True))


class TestSize:
    def test_a_long_chain_neither_recurses_nor_leaks(self) -> None:
        x = leaf(1.0)
        y = x
        for _ in range(200_000):
            y = y * 1.0
        y.backward()
        assert x.grad is not None
        assert x.grad.item() == 1.0
        first = weakref.ref(y)
        del y
        assert first() is None

    @pytest.mark.slow
    def test_a_million_nodes(self) -> None:
        x = leaf(1.0)
        y = x
        for _ in range(1_000_000):
            y = y + 1.0
        y.backward()
        assert x.grad is not None
        assert x.grad.item() == 1.0

    def test_a_wide_fan_is_walked_once(self) -> None:
        x = leaf(1.0)
        y = x
        for _ in range(60):  # 2**60 paths
            y = y + y
        y.backward()
        assert x.grad is not None
        assert x.grad.item() == 2.0**60

    def test_a_graph_is_freed_by_counting_references(self) -> None:
        gc.disable()
        try:
            x = leaf(np.ones(3))
            inner = x * 2
            watch = weakref.ref(inner)
            loss = (inner * inner).sum()
            loss.backward()
            del inner, loss
            assert watch() is None
        finally:
            gc.enable()


def test_threads_do_not_meet() -> None:
    results: dict[int, float] = {}
    ready = threading.Barrier(4)

    def work(n: int) -> None:
        ready.wait()
        for _ in range(200):
            x = leaf(float(n))
            with gd.no_grad():
                assert not (x * 2).requires_grad
            y = x * x
            y.backward()
            assert x.grad is not None
            results[n] = x.grad.item()

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert results == {n: 2.0 * n for n in range(4)}
