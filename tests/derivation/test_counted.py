"""Equations in numbers are true as they are written, or say that they are not."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from gradatim.derivation import counted as counting
from gradatim.derivation.counted import LONGEST_NUMBERS, added, counted
from gradatim.derivation.expression import parsed


def said(text, value=None, **names):
    raws = {name: np.float64(x) for name, x in names.items()}
    value = eval(text, {}, raws) if value is None else np.float64(value)
    formula, exact = counted(parsed(text), raws, value)
    return formula.text, exact


def leaf(data, name):
    return gd.Tensor(data, requires_grad=True, name=name)


@pytest.mark.parametrize(
    ("text", "names", "expected"),
    [
        ("a * b", {"a": 100, "b": 1.1}, "100 * 1.1"),
        ("a * b", {"a": 1 / 3, "b": 2 / 3}, "0.33333 * 0.66667"),
        ("a - b", {"a": 2.0000001, "b": 2}, "2.0000001 - 2"),
        ("a - b", {"a": 0.1 + 0.2, "b": 0.3}, "0.30000000000000004 - 0.3"),
        ("a * 3 - 1", {"a": 1 / 3}, "0.33333 * 3 - 1"),
        ("a - b", {"a": float("nan"), "b": 1}, "NaN - 1"),
    ],
)
def test_numbers_have_the_digits_that_make_the_equation_true(text, names, expected):
    assert said(text, **names) == (expected, True)


def test_products_are_not_computed_again(monkeypatch):
    monkeypatch.setattr(counting, "_agrees", lambda *asked: pytest.fail("computed"))

    assert said("a * b / a", a=1 / 3, b=2 / 3)[0] == "0.33333 * 0.66667 / 0.33333"


def test_what_is_not_so_as_written_is_told():
    assert said("a + b", 3.1, a=1, b=2) == ("1 + 2", False)


def test_a_word_that_is_not_known_is_taken_as_it_is():
    assert said("strange(a)", 5.0, a=1) == ("strange(1)", True)


def test_a_number_that_stands_for_an_array_is_taken_as_it_is():
    assert said("1[:, None] * a + 1", 2.0, a=3)[1]


def test_functions_are_checked_too():
    assert said("log(a)", np.log(1.0000001), a=1.0000001) == ("log(1.0000001)", True)


def test_a_sum_of_parts_is_written_out_if_it_is_short():
    numbers = [np.float64(x) for x in (2.0000001, -2.0)]

    assert added(numbers, numbers[0] + numbers[1])[0].text == "2.0000001 - 2"
    assert added([np.ones(50)] * 3, np.full(50, 3.0))[0].text == "part 1 + ... + part 3"
    many, exact = added([np.float64(1.5)] * LONGEST_NUMBERS, np.float64(150.0))
    assert (many.text, exact) == ("part 1 + ... + part 100", True)


def test_the_lines_of_an_explanation_are_true():
    a, b = leaf(0.1 + 0.2, "a"), leaf(0.3, "b")

    text = str(gd.explain(a - b))

    assert "L = a - b = 0.30000000000000004 - 0.3 = 5.55e-17" in text


def test_where_digits_do_not_help_the_sign_says_so():
    x = leaf(np.array([1e8, 1.0, -1e8], np.float32), "x")

    found = gd.explain(x.sum())

    assert "L = sum(x) = sum([1e8, 1, -1e8]) ≈ 0\n" in found.text
    assert r"\approx 0" in found.latex


def test_large_arrays_go_by_their_names_and_the_result_by_its_shape():
    x = leaf(np.arange(150.0).reshape(3, 50), "x")

    text = str(gd.explain(gd.relu(x).sum()))

    assert "h1 = maximum(x, 0) = shape (3, 50)\n" in text
    assert "maximum((3, 50), 0)" not in text


def test_a_few_numbers_are_put_in():
    x, W = leaf([[1.0, 2.0]], "x"), leaf([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], "W")

    text = str(gd.explain((x @ W).sum()))

    assert "= [[1, 2]] @ [[1, 2, 3], [4, 5, 6]]" in text
