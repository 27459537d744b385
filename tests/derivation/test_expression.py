"""Formulas as syntax: read off the row, or from the text beside it; settings put in."""

from __future__ import annotations

import ast

import numpy as np
import pytest

import gradatim as gd
from gradatim.derivation.expression import (
    called_expression,
    input_names,
    literal,
    value_expression,
)
from gradatim.primitives import TABLE
from gradatim.primitives.index import HOLE


@pytest.mark.parametrize(
    ("name", "count", "settings", "text"),
    [
        ("divide", 2, {}, "a / b"),
        ("exp", 1, {}, "exp(x)"),
        ("sigmoid", 1, {}, "1 / (1 + exp(-x))"),
        ("sum", 1, {"axis": None, "keepdims": False}, "sum(x)"),
        ("sum", 1, {"axis": (0, 1), "keepdims": True}, "sum(x, axis=(0, 1), keepdims=True)"),
        ("transpose", 1, {"axes": (1, 0)}, "x.T"),
        ("transpose", 1, {"axes": (0, 2, 1)}, "x.mT"),
        ("transpose", 1, {"axes": (2, 0, 1)}, "x.transpose((2, 0, 1))"),
        ("concatenate", 3, {"axis": 0}, "concatenate([xs0, xs1, xs2], axis=0)"),
        ("einsum", 2, {"subscripts": "ij,jk->ik", "optimize": False}, None),
        ("index", 2, {"key": (slice(1, None), HOLE, Ellipsis)}, "x[1:, positions0, ...]"),
        ("astype", 1, {"dtype": np.dtype("float32")}, "x.astype(float32)"),
    ],
)
def test_a_value_is_told_with_its_settings(name, count, settings, text):
    found = ast.unparse(value_expression(TABLE[name], count, settings))

    assert found == (text or "einsum('ij,jk->ik', xs0, xs1)")


def test_inside_another_formula_a_function_goes_by_its_name():
    assert ast.unparse(called_expression(TABLE["sigmoid"], 1, {})) == "sigmoid(x)"
    assert ast.unparse(called_expression(TABLE["softmax"], 1, {"axis": 1})) == "softmax(x, axis=1)"
    assert ast.unparse(called_expression(TABLE["square"], 1, {})) == "x * x"


def test_inputs_of_any_number_are_counted():
    assert input_names(TABLE["index"], 3) == ["x", "positions0", "positions1"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2.0, "2"),
        (-0.5, "-0.5"),
        (np.float32(0.1), "0.1"),
        (float("nan"), "nan"),
        (-np.inf, "-inf"),
        (1e300, "1e+300"),
        (True, "True"),
        (np.dtype("int64"), "int64"),
        ((1, slice(2, None)), "(1, 2:)"),
        ("ij->i", "'ij->i'"),
    ],
)
def test_a_literal_is_as_short_as_its_dtype_allows(value, text):
    assert ast.unparse(literal(value)) == text


def test_a_primitive_of_the_user_is_told_by_its_own_source():
    own = gd.primitive("softer", "np.logaddexp({x}, 0) / 2", x=lambda g, y, x: g)
    primitive = own(gd.Tensor(1.0, requires_grad=True)).origin[0]

    assert ast.unparse(value_expression(primitive, 1, {})) == "logaddexp(x, 0) / 2"
