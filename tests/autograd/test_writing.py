"""Writing into a leaf."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from gradatim.errors import DtypeError, GraphError, ShapeError


class TestAssign:
    def test_overwrites_and_returns_the_leaf(self) -> None:
        x = gd.Tensor([1.0, 2.0])
        memory = x.data
        assert x.assign([3.0, 4.0]) is x
        assert memory.tolist() == [3.0, 4.0]

    def test_broadcasts(self) -> None:
        assert gd.Tensor([1.0, 2.0]).assign(0.0).tolist() == [0.0, 0.0]

    def test_a_number(self) -> None:
        x = gd.Tensor(1.0)
        x.assign(5.0)
        assert (x * 2).item() == 10.0

    def test_keeps_the_dtype_of_the_leaf(self) -> None:
        x = gd.Tensor(np.ones(2, np.float32))
        assert x.assign(np.array([1.0, 2.0])).dtype == np.float32

    def test_a_result_cannot_be_written(self) -> None:
        y = gd.Parameter([1.0]) * 2
        with pytest.raises(GraphError, match="a result of multiply; only a leaf can be written"):
            y.assign([1.0])

    def test_floats_do_not_fit_into_integers(self) -> None:
        with pytest.raises(DtypeError, match="float64 does not fit into int64"):
            gd.Tensor([1, 2]).assign([1.5, 2.5])

    def test_a_wrong_shape_is_told_and_nothing_written(self) -> None:
        x = gd.Tensor([1.0, 2.0])
        with pytest.raises(ShapeError, match=r"assign: target is \(2,\), value is \(3,\)"):
            x.assign([1.0, 2.0, 3.0])
        assert x.tolist() == [1.0, 2.0]


class TestItems:
    def test_are_written_as_in_numpy(self) -> None:
        x, want = gd.Tensor(np.zeros((3, 4))), np.zeros((3, 4))
        for key, value in (
            ((0, 1), 5.0),
            (slice(1, 3), 2.0),
            ((slice(None), [0, 2]), 7.0),
            (np.array([True, False, False]), 9.0),
            ((..., None, 3), np.ones((3, 1))),
        ):
            x[key] = value
            want[key] = value
            np.testing.assert_array_equal(x.numpy(), want)

    def test_of_a_result_cannot(self) -> None:
        y = gd.Parameter([1.0, 2.0]) * 2
        with pytest.raises(GraphError, match="only a leaf can be written"):
            y[0] = 1.0


class TestUpdates:
    def test_a_parameter_changes_in_place_outside_the_tape(self) -> None:
        p = gd.Parameter([1.0, 2.0])
        same = p
        with gd.no_grad():
            p -= 0.5
            p += [0.0, 1.0]
        assert p is same
        assert p.tolist() == [0.5, 2.5]

    def test_every_in_place_operator_does(self) -> None:
        p = gd.Parameter([1.0, 2.0])
        same = p
        with gd.no_grad():
            p *= 4.0
            p /= 2.0
            p **= 2
        assert p is same
        assert p.tolist() == [4.0, 16.0]

    def test_a_leaf_that_learns_is_told_too(self) -> None:
        w = gd.Tensor([1.0], requires_grad=True)
        with pytest.raises(GraphError, match=r"a leaf that learns cannot be changed in place"):
            w -= 0.5
        with pytest.raises(GraphError, match=r"with gd\.no_grad\(\): p \*= step"):
            w *= 0.5

    def test_on_the_tape_it_would_train_nothing(self) -> None:
        p = gd.Parameter([1.0, 2.0])
        with pytest.raises(GraphError, match=r"with gd\.no_grad\(\): p -= step"):
            p -= 0.5

    def test_a_running_sum_stays_on_the_tape(self) -> None:
        x = gd.Tensor(2.0, requires_grad=True)
        total = gd.Tensor(0.0)
        start = total
        for _ in range(3):
            total += x * x
        total.backward()
        assert x.grad is not None
        assert x.grad.item() == 12.0
        assert start.item() == 0.0


class TestLosingGradients:
    """What would take a value out of the graph without a word is refused."""

    def test_writing_a_value_that_learns(self) -> None:
        w, buffer = gd.Tensor([2.0, 3.0], requires_grad=True), gd.Tensor(np.zeros(2))
        with pytest.raises(GraphError, match=r"would be lost by writing it(?s:.)*gd\.stack"):
            buffer[0] = w[0] ** 2
        with pytest.raises(GraphError, match=r"value\.detach\(\)"):
            buffer.assign(w)
        with gd.no_grad():
            buffer.assign(w)
        assert buffer.tolist() == [2.0, 3.0]

    def test_making_a_tensor_of_one_that_learns(self) -> None:
        w = gd.Tensor(2.0, requires_grad=True)
        with pytest.raises(GraphError, match="would be lost here"):
            gd.Tensor(w * w)
        assert gd.Tensor((w * w).detach()).item() == 4.0

    @pytest.mark.parametrize("read", [float, gd.Tensor.item, gd.Tensor.numpy, gd.Tensor.tolist])
    def test_reading_a_value_out_of_a_function_that_is_differentiated(self, read) -> None:  # type: ignore[no-untyped-def]
        with pytest.raises(gd.errors.NoGradientError, match=r"gd\.sin\(x\) for math\.sin"):
            gd.grad(lambda x: np.sin(read(x)))(1.0)

    def test_reading_for_another_purpose_is_fine(self) -> None:
        seen = []

        def f(x: gd.Tensor) -> gd.Tensor:
            seen.append(float(x))
            return x * x

        assert gd.grad(f)(3.0).item() == 6.0
        assert seen == [3.0]
        assert gd.grad(lambda x: 5.0)(1.0).item() == 0.0


def test_what_is_read_only_is_said_to_be() -> None:
    x = gd.Tensor([1.0, 2.0])
    x.raw.flags.writeable = False
    with pytest.raises(GraphError, match=r"read-only\.\n  Try t\.raw = t\.raw\.copy\(\)"):
        x.assign(3.0)
    assert x.tolist() == [1.0, 2.0]
