"""Formulas read off rules: what a rule does is what is told."""

from __future__ import annotations

import ast

import numpy as np
import pytest

import gradatim as gd
from gradatim.derivation.tracing import fitted_expression, rule_expression
from gradatim.primitives import TABLE

M = np.arange(6.0).reshape(2, 3)


def told(primitive, position, *inputs, **settings):
    primitive = TABLE[primitive] if isinstance(primitive, str) else primitive
    raws = [np.asarray(x)[()] for x in inputs]
    y = primitive.forward(*raws, **settings)
    found = rule_expression(primitive, position, np.ones_like(y), y, raws, settings)
    return None if found is None else ast.unparse(found)


def own(**rules):
    return gd.primitive("own", "{x} * 3", **rules)(gd.Tensor(1.0, requires_grad=True)).origin[0]


@pytest.mark.parametrize(
    ("name", "position", "inputs", "settings", "text"),
    [
        ("multiply", 0, (2.0, 3.0), {}, "g * b"),
        ("divide", 1, (2.0, 3.0), {}, "-g * y / b"),
        ("tanh", 0, (0.5,), {}, "g * (1 - y * y)"),
        ("softplus", 0, (0.5,), {}, "g * sigmoid(x)"),
        ("matmul", 0, (M, M.T), {}, "g @ b.T"),
        ("matmul", 1, (M, M.T), {}, "a.T @ g"),
        ("sum", 0, (M,), {"axis": None, "keepdims": False}, "g"),
        ("sum", 0, (M,), {"axis": 1, "keepdims": False}, "g[:, None]"),
        ("sum", 0, (M,), {"axis": 0, "keepdims": False}, "g[None, :]"),
        ("concatenate", 1, (M, M), {"axis": 1}, "g[:, 3:6]"),
        (
            "cross_entropy",
            0,
            (M, np.array([0, 2])),
            {},
            "(softmax(x, axis=1) - one_hot(t, 3)) * g[:, None]",
        ),
        ("power", 0, (2.0, 3.0), {}, "g * b * a ** (b - 1)"),
    ],
)
def test_a_rule_is_told_as_it_is_written(name, position, inputs, settings, text):
    assert told(name, position, *inputs, **settings) == text


@pytest.mark.parametrize(
    ("primitive", "inputs", "settings", "text"),
    [
        ("add", (M, M[0]), {}, "sum(g, axis=0)"),
        ("add", (M, M[:, :1]), {}, "sum(g, axis=1, keepdims=True)"),
        ("add", (M, 2.0), {}, "sum(g)"),
        ("add", (M, M), {}, "g"),
    ],
)
def test_undone_broadcasting_is_told(primitive, inputs, settings, text):
    raws = [np.asarray(x)[()] for x in inputs]
    y = TABLE[primitive].forward(*raws)
    found = fitted_expression(TABLE[primitive], 1, np.ones_like(y), y, raws, settings)
    assert ast.unparse(found) == text


def test_steps_that_change_no_number_are_not_told():
    assert told("reshape", 0, M, shape=(2, 3)) == "g"
    assert told("max", 0, M, axis=1, keepdims=True) == (
        "g * (x == y) / sum(x == y, axis=1, keepdims=True)"
    )


def test_an_input_without_a_rule_has_no_formula():
    assert told("floor", 0, 1.5) is None


def test_a_rule_of_the_user_is_told_as_well():
    assert told(own(x=lambda g, y, x: g * 3), 0, 2.0) == "g * 3"


def test_a_rule_that_leaves_the_primitives_has_no_formula():
    assert told(own(x=lambda g, y, x: gd.Tensor(np.asarray(x.raw) * g.raw)), 0, [1.0, 2.0]) is None
    assert told(own(x=lambda g, y, x: g.nothing_like_it()), 0, 2.0) is None


def test_where_a_difference_stands_in_for_a_rule_that_is_told():
    with pytest.warns(UserWarning, match="no rule for x"):
        primitive = own()

    assert told(primitive, 0, 2.0) == "g * (own(x + h) - own(x - h)) / (2 * h)"


def test_nobody_hears_of_it():
    heard = []
    with gd.listen(lambda *call: heard.append(call)):
        told("tanh", 0, 0.5)

    assert not heard
