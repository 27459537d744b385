"""Names of Tensors in formulas: the user's own where there are any, each once."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from gradatim.derivation import flow_of
from gradatim.derivation.expression import parsed
from gradatim.derivation.label import Formula, Label, named, names_of, numbers, summed, written


def leaf(data, name=None):
    return gd.Tensor(data, requires_grad=True, name=name)


def called(output, **around):
    return list(names_of(flow_of(output), {id(x): name for name, x in around.items()}).values())


def test_a_tensors_own_name_comes_before_that_of_the_variable():
    apple = leaf(1.0, "fruit")

    assert called(apple * 2, apple=apple) == ["fruit", "L"]


def test_who_has_no_name_gets_a_letter_and_a_number():
    x, y = leaf(1.0), leaf(2.0)

    assert called(x * y + x) == ["x1", "x2", "h1", "L"]
    assert called(gd.exp(x) * 3) == ["x", "h1", "L"]


def test_a_number_that_nobody_named_goes_by_its_value():
    x, rate = leaf(1.0), gd.Tensor(3.0)

    assert called(x * 3) == ["x", "L"]
    assert called(x * rate, rate=rate) == ["x", "rate", "L"]


def test_an_array_of_the_users_is_called_as_they_call_it():
    x, weights = leaf([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 3.0])

    assert called((x * weights).sum(), weights=weights) == ["x", "weights", "h1", "L"]
    assert called((x * weights).sum()) == ["x", "c", "h1", "L"]


def test_two_of_one_name_are_told_apart():
    assert called(leaf(1.0, "x") * leaf(2.0, "x")) == ["x", "x_2", "L"]


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("apple price", "apple_price"),
        ("a+b", "a_b"),
        ("사과", "사과"),
        ("red\x1b[31m\u202e", "red_[31m"),
        ("half\ud800", "half"),
        ("a" * 300, f"{'a' * 20}…{'a' * 19}"),
    ],
)
def test_a_name_is_one_word_that_is_no_arithmetic(name, clean):
    assert called(leaf(1.0, name) * 2)[0] == clean


def test_nothing_is_called_like_the_gradient_of_another():
    x, dx, step = leaf(1.0, "x"), leaf(2.0, "dx"), gd.Tensor(3.0, name="dstep")

    assert called(dx * x * step) == ["dx_2", "x", "h1", "dstep", "L"]
    assert called(x * leaf(1.0, "step") * step) == ["x", "step", "h1", "dstep_2", "L"]


def test_what_gets_no_gradient_leaves_its_letter_free():
    x, dx = gd.Tensor(1.0, name="x"), leaf(2.0, "dx")

    assert called(x * dx) == ["x", "dx", "L"]


def test_labels_stand_for_names_negative_numbers_in_parentheses():
    labels = {"g": numbers(np.float64(-2.0)), "b": named("first.weight", wide=True)}

    assert written(parsed("g * b"), labels).text == "(-2) * first.weight"
    assert written(parsed("g"), labels).text == "-2"
    assert written(parsed("g * b"), labels).latex == r"(-2) \cdot \mathrm{first.weight}"


def test_a_large_array_goes_by_its_shape():
    mixed, ones = np.arange(5000.0).reshape(100, 50), np.ones(7)

    shape = Formula("shape (100, 50)", r"\text{shape }(100 \times 50)")
    assert numbers(mixed) == Label(shape, True)
    assert numbers(ones).formula == Formula("shape (7,), all 1", r"\text{shape }(7)\text{, all }1")
    assert numbers(np.float64(1e-7)).formula == Formula("1e-7", "10^{-7}")


def test_a_sum_takes_off_what_is_negative():
    parts = [numbers(np.float64(x)).formula for x in (3.0, -9.0, 1.0)]

    assert summed(parts).text == "3 - 9 + 1"
