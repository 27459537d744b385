"""Lines of the user's program."""

from __future__ import annotations

import sys

import gradatim as gd
from gradatim.autograd.place import here, line


def test_names_the_line_of_the_caller() -> None:
    place = here(1)
    assert line(place) == f"test_place.py:{sys._getframe().f_lineno - 1}"


def test_skips_the_package() -> None:
    model = gd.nn.MLP((2, 3, 1), rng=0)
    y = model(gd.Tensor([[1.0, 2.0]]))
    assert line(y.place) == f"test_place.py:{sys._getframe().f_lineno - 1}"


def test_of_operators_and_functions() -> None:
    x = gd.Tensor([1.0], requires_grad=True)
    for y in (x * 2, gd.tanh(x), x.sum(), gd.concatenate([x * 2, x, x * 2]), x[0], x**2 * x):
        assert line(y.place).startswith("test_place.py:")


def test_of_a_result_of_results_is_not_kept() -> None:
    y = gd.Tensor([1.0], requires_grad=True) * 2
    assert (y * y).place is None


def test_what_is_not_known() -> None:
    assert line(None) == "an unknown line"
