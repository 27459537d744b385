"""Shorter formulas: equal to the long ones, whatever the numbers and for these shapes."""

from __future__ import annotations

import ast

import pytest

from gradatim.derivation.expression import parsed
from gradatim.derivation.extent import extent
from gradatim.derivation.simplify import simplified, size

SHAPES = {"x": (2, 3), "b": (3,), "s": (), "w": (3, 4)}


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("1 * b", "b"),
        ("b * 1", "b"),
        ("-1 * y / b", "-y / b"),
        ("1 / b", "1 / b"),
        ("x / 1", "x"),
        ("-(-x)", "x"),
        ("x * (1 / 3)", "x / 3"),
        ("1 * x + 1", "x + 1"),
        ("x * True", "x * True"),
        ("broadcast_to(1 / s, (2, 3)) * x", "1 / s * x"),
        ("x / broadcast_to(s, (2, 3))", "x / s"),
        ("x * broadcast_to(s, (2,))[:, None]", "x * s"),
        ("-broadcast_to(s, (2, 3)) * x", "-s * x"),
        ("broadcast_to(s, (2, 3)) * b", "broadcast_to(s, (2, 3)) * b"),
        ("sum(broadcast_to(s, (2, 3)), axis=0)", "sum(broadcast_to(s, (2, 3)), axis=0)"),
        ("broadcast_to(b, (2, 3)) * x", "broadcast_to(b, (2, 3)) * x"),
        ("broadcast_to(s, (2, 3)) * unknown", "broadcast_to(s, (2, 3)) * unknown"),
    ],
)
def test_what_changes_nothing_is_left_out(text, short):
    assert ast.unparse(simplified(parsed(text), SHAPES)) == short


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("exp(x) * b", (2, 3)),
        ("x @ w", (2, 4)),
        ("w.T", (4, 3)),
        ("-b[None, :]", (1, 3)),
        ("x > 0", (2, 3)),
        ("softmax(x)", (2, 3)),
        ("one_hot(b, 5)", (3, 5)),
        ("broadcast_to(s, (7,))", (7,)),
        ("x[0]", None),
        ("somebody(x)", None),
        ("x @ b", None),
    ],
)
def test_shapes_are_told_where_they_are_certain(text, shape):
    assert extent(parsed(text), SHAPES) == shape


def test_the_size_of_a_formula_counts_its_parts():
    assert size(parsed("a * (b + 1)")) == 5
