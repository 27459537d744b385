"""Gradients as values: grad and value_and_grad, to any order."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest

import gradatim as gd
from gradatim.errors import DtypeError, ShapeError


def cubic(x: gd.Tensor) -> gd.Tensor:
    return x**3


class TestArguments:
    def test_a_number(self) -> None:
        assert gd.grad(cubic)(2.0).item() == 12.0

    def test_an_array_and_a_list(self) -> None:
        for x in (np.array([1.0, 2.0]), [1.0, 2.0], gd.Tensor([1.0, 2.0])):
            assert gd.grad(lambda x: (x * x).sum())(x).tolist() == [2.0, 4.0]

    def test_several(self) -> None:
        f = gd.grad(lambda a, b: a * a * b, argnums=(0, 1))
        assert [g.item() for g in f(2.0, 5.0)] == [20.0, 4.0]
        assert gd.grad(lambda a, b: a * a * b, argnums=1)(2.0, 5.0).item() == 4.0

    def test_keywords_pass_through(self) -> None:
        assert gd.grad(lambda x, *, k: x * k)(1.0, k=3.0).item() == 3.0

    def test_containers_keep_their_form(self) -> None:
        class Pair(NamedTuple):
            w: object
            b: object

        def f(p: dict[str, object]) -> object:
            return (p["pair"].w * p["list"][0]).sum() + p["pair"].b * p["list"][1][0]  # type: ignore[attr-defined,index]

        given = {"pair": Pair([1.0, 2.0], 3.0), "list": [np.array([4.0, 5.0]), (6.0,)]}
        got = gd.grad(f)(given)
        assert isinstance(got["pair"], Pair)
        assert got["pair"].w.tolist() == [4.0, 5.0]
        assert got["pair"].b.item() == 6.0
        assert got["list"][0].tolist() == [1.0, 2.0]
        assert got["list"][1].tolist() == [3.0]

    def test_what_has_no_influence_gets_zeros(self) -> None:
        got = gd.grad(lambda p: p["used"] * 2)({"used": 1.0, "idle": [1.0, 2.0]})
        assert got["idle"].tolist() == [0.0, 0.0]
        assert gd.grad(lambda x: 3.0)(np.float32(2)).dtype == np.float32

    def test_a_module_by_path(self) -> None:
        model = gd.nn.Linear(2, 1, rng=0, dtype=np.float64)
        value, slope = gd.value_and_grad(lambda m, x: m(x).sum())(model, np.ones((3, 2)))
        assert list(slope) == ["weight", "bias"]
        assert slope["weight"].tolist() == [[3.0], [3.0]]
        assert value.size == 1
        assert model.weight.grad is None

    def test_a_frozen_parameter_is_left_out(self) -> None:
        model = gd.nn.Linear(2, 1, rng=0)
        model.weight.requires_grad = False
        _, slope = gd.value_and_grad(lambda m: m(np.ones((1, 2))).sum())(model)
        assert list(slope) == ["bias"]

    def test_nothing_of_the_callers_is_touched(self) -> None:
        x = gd.Tensor([1.0, 2.0], requires_grad=True)
        mine = np.array([1.0, 2.0])
        gd.grad(lambda a, b: (a * b).sum(), argnums=(0, 1))(x, mine)
        assert x.grad is None
        assert mine.tolist() == [1.0, 2.0]


class TestErrors:
    @pytest.mark.parametrize("x", [3, np.arange(3), gd.Tensor([1, 2]), True])
    def test_integers_are_never_silently_differentiated(self, x: object) -> None:
        with pytest.raises(DtypeError, match="only floats have a gradient"):
            gd.grad(lambda x: x * 2)(x)

    def test_a_vector_has_no_gradient(self) -> None:
        with pytest.raises(ShapeError, match=r"returned shape \(2,\).*\n.*gd\.jacobian"):
            gd.grad(lambda x: x * 2)([1.0, 2.0])

    def test_leaving_for_numpy_is_told(self) -> None:
        with pytest.raises(gd.errors.GraphError, match="which NumPy would lose"):
            gd.grad(lambda x: float(np.asarray(x).sum()))([1.0, 2.0])


class TestHigherOrder:
    @pytest.mark.parametrize(
        ("order", "want"), [(1, 32.0), (2, 48.0), (3, 48.0), (4, 24.0), (5, 0)]
    )
    def test_any_order(self, order: int, want: float) -> None:
        f = lambda x: x**4  # noqa: E731
        for _ in range(order):
            f = gd.grad(f)
        assert f(2.0).item() == want

    def test_sine_after_eight_derivatives(self) -> None:
        f = gd.sin
        for _ in range(8):
            f = gd.grad(f)
        assert f(0.7).item() == pytest.approx(np.sin(0.7), rel=1e-14)

    def test_inner_and_outer_variables_are_not_confused(self) -> None:
        # d/dx (x * d/dy (x + y)) = 1, not 2 and not 3
        assert gd.grad(lambda x: x * gd.grad(lambda y: x + y)(x))(3.0).item() == 1.0
        # d/dx (x * d/dy (x * y)) = 2x
        assert gd.grad(lambda x: x * gd.grad(lambda y: x * y)(1.0))(3.0).item() == 6.0

    def test_a_gradient_penalty_reaches_the_parameters(self) -> None:
        w = gd.Parameter([2.0, 3.0])
        slope = gd.grad(lambda x: (w * x * x).sum())([1.0, 1.0])
        (slope * slope).sum().backward()  # slope = 2 w x
        assert w.grad is not None
        assert w.grad.tolist() == [16.0, 24.0]

    def test_through_a_tensor_that_requires_a_gradient(self) -> None:
        x = gd.Tensor(2.0, requires_grad=True)
        gd.grad(cubic)(x).backward()
        assert x.grad is not None
        assert x.grad.item() == 12.0

    def test_works_with_the_tape_off(self) -> None:
        with gd.no_grad():
            assert gd.grad(cubic)(2.0).item() == 12.0
            assert gd.grad(gd.grad(cubic))(2.0).item() == 12.0


def test_the_value_comes_with_the_gradient() -> None:
    value, slope = gd.value_and_grad(cubic)(2.0)
    assert (value.item(), slope.item()) == (8.0, 12.0)
    assert not slope.requires_grad


def test_keeps_the_name_of_the_function() -> None:
    assert gd.grad(cubic).__name__ == "cubic"
