"""Formulas as LaTeX, as a person would set them."""

from __future__ import annotations

import ast

import pytest

from gradatim.derivation.expression import input_names, parsed, value_expression
from gradatim.derivation.latex import latex, name_latex, number_latex
from gradatim.primitives import TABLE


def printed(text, arrays=()):
    expression = parsed(text)
    names = {n.id: n.id for n in ast.walk(expression) if isinstance(n, ast.Name)}
    kept = {name: name for name in names if len(name) == 1}
    return latex(expression, kept, set(arrays))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("g * b", r"g \cdot b"),
        ("-g * y / b", r"\frac{-g \cdot y}{b}"),
        ("g * (1 - y * y)", r"g \cdot (1 - y^{2})"),
        ("(a + b) * c", r"(a + b) \cdot c"),
        ("a - (b - c)", r"a - (b - c)"),
        ("a * (b / c)", r"a \cdot \frac{b}{c}"),
        ("(a / b) ** 2", r"\left(\frac{a}{b}\right)^{2}"),
        ("(-a) ** b", r"(-a)^{b}"),
        ("g @ b.T", r"g \, b^{\top}"),
        ("exp(-x)", r"e^{-x}"),
        ("log(x)", r"\ln(x)"),
        ("sqrt(1 - x * x)", r"\sqrt{1 - x^{2}}"),
        ("g * (y > 0)", r"g \cdot \mathbf{1}_{y > 0}"),
        ("where(a > b, g, 0)", r"\begin{cases}g & \text{if } a > b \\ 0 & \text{else}\end{cases}"),
        ("sum(g * y, axis=1)", r"\sum_{\mathrm{axis}\;1} (g \cdot y)"),
        ("g[:, None] * y", r"g \cdot y"),
        ("x[1][2]", r"{({x}_{\left[1\right]})}_{\left[2\right]}"),
        ("zeros((4,)).at[1:3].add(g)", r"\mathrm{put}_{\left[1:3\right]}(g)"),
        ("x.reshape((2, 3))", r"\mathrm{reshape}_{2 \times 3}(x)"),
        ("1e-07 * x", r"10^{-7} \cdot x"),
    ],
)
def test_a_formula_is_set_as_mathematics(text, expected):
    assert printed(text) == expected


def test_a_derivative_is_not_put_into_another_fraction():
    names = {"g": r"\frac{\partial L}{\partial y}", "b": "b"}

    assert latex(parsed("g / b"), names) == r"\frac{\partial L}{\partial y} \cdot \frac{1}{b}"
    assert latex(parsed("-g / b"), names) == r"-\frac{\partial L}{\partial y} \cdot \frac{1}{b}"


def test_the_product_of_two_arrays_element_by_element_is_no_product_of_matrices():
    assert printed("g * y", "gy") == r"g \odot y"
    assert printed("g * y", "g") == r"g \cdot y"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("x", "x"),
        ("W1", "W_{1}"),
        ("h_12", "h_{12}"),
        ("apple", r"\mathrm{apple}"),
        ("first.weight", r"\mathrm{first.weight}"),
        ("a_b%{}$", r"\mathrm{a\_b\%\{\}\$}"),
        (r"\input", r"\mathrm{ input}"),
        ("사과", r"\text{사과}"),
    ],
)
def test_a_name_of_the_users_is_letters_and_nothing_else(name, expected):
    assert name_latex(name) == expected


def test_numbers_are_written_with_powers_of_ten():
    assert number_latex("-6.02e23") == r"-6.02 \cdot 10^{23}"
    assert number_latex("1e-07") == "10^{-7}"
    assert number_latex("-∞") == r"-\infty"


def test_formulas_of_the_table_are_read_by_a_typesetter():
    mathtext = pytest.importorskip("matplotlib.mathtext")
    parser = mathtext.MathTextParser("path")
    for primitive in TABLE.values():
        if primitive.kind == "pointwise":
            expression = value_expression(primitive, len(primitive.inputs), {})
            names = dict.fromkeys(input_names(primitive, len(primitive.inputs)), "x")
            text = latex(expression, names)
            if "cases" not in text:
                parser.parse(f"${text}$")


def test_numbers_in_a_formula_are_read_by_a_typesetter():
    mathtext = pytest.importorskip("matplotlib.mathtext")
    text = latex(parsed("a @ b.T / c"), {"a": r"(100 \times 50)", "b": "W_{1}", "c": "-2"})

    mathtext.MathTextParser("path").parse(f"${text}$")
