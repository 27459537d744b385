"""Explanations: in the terminal, as LaTeX, as Markdown and as data, all from the graph alone."""

from __future__ import annotations

import re

import numpy as np
import pytest

import gradatim as gd
from gradatim.derivation import derivative
from gradatim.errors import (
    DataError,
    DtypeError,
    GraphError,
    NoGradientError,
    ShapeError,
    StaleGraphError,
)

APPLES = """\
Forward
  amount = apple * 2    = 100 * 2   = 200
  price  = amount * tax = 200 * 1.1 = 220

Backward
  dprice  = 1
  damount = dprice * tax = 1 * 1.1 = 1.1
  dapple  = damount * 2  = 1.1 * 2 = 2.2

Chain rule for apple: one path
  price <- amount <- apple
  dprice/dapple = dprice/damount * damount/dapple
                = tax * 2
                = 1.1 * 2
                = 2.2"""


def leaf(data, name=None):
    return gd.Tensor(data, requires_grad=True, name=name)


def apples():
    apple, tax = leaf(100.0, "apple"), leaf(1.1, "tax")
    amount = apple * 2
    amount.name = "amount"
    price = amount * tax
    price.name = "price"
    return apple, tax, price


def test_the_apples_are_told_as_in_the_book():
    apple, _, price = apples()

    assert str(gd.explain(price, wrt=apple)) == APPLES
    assert gd.explain(price, wrt=apple).text == repr(gd.explain(price, wrt=[apple])) == APPLES


def test_the_users_variables_give_the_names():
    pear = leaf(3.0)
    double = pear * 2
    cost = double * double

    text = str(gd.explain(cost))

    assert "double = pear * 2        = 3 * 2 = 6" in text
    assert "ddouble  = dcost * double = 1 * 6  = 6    (part 1 of 2)" in text
    assert "ddouble += dcost * double = 1 * 6  = 6    (part 2 of 2)" in text
    assert "ddouble  = 6 + 6          = 12    (the 2 parts added)" in text
    assert "Chain rule for pear: 2 paths, added" in text


def test_names_may_be_given():
    a, b = leaf(3.0), leaf(4.0)

    assert "dwidth  = dL * height = 1 * 4 = 4" in str(
        gd.explain(a * b, names={"width": a, "height": b})
    )


def test_parameters_go_by_their_paths():
    model = gd.nn.MLP([2, 3, 2], rng=np.random.default_rng(0))
    loss = gd.cross_entropy(model(np.ones((4, 2))), np.array([0, 1, 1, 0]))

    text = str(gd.explain(loss))

    assert "Chain rule for layers.0.weight: one path" in text
    assert "dlayers.2.weight = " in text


def test_without_wrt_everything_with_a_name_is_explained():
    _, _, price = apples()

    assert [d.name for d in gd.explain(price).derivatives] == ["apple", "tax"]


def test_backward_need_not_have_been_called_and_nothing_changes():
    apple, tax, price = apples()
    before = str(gd.explain(price))
    assert price.grad is apple.grad is tax.grad is None

    price.backward()

    assert apple.grad.item() == 2.2
    assert str(gd.explain(price)) == before


def test_the_steps_are_data():
    apple, tax, price = apples()

    found = gd.explain(price)

    told = [(s.part.primitive.name, s.equation.left.text, s.number, s.count) for s in found.steps]
    assert told == [
        ("multiply", "damount", 1, 1),
        ("multiply", "dtax", 1, 1),
        ("multiply", "dapple", 1, 1),
    ]
    last = found.steps[-1]
    assert last.part.into is apple
    assert [side.text for side in last.equation.sides] == [
        "dapple",
        "damount * 2",
        "1.1 * 2",
        "2.2",
    ]
    assert last.equation.left.latex == r"\frac{\partial \mathrm{price}}{\partial \mathrm{apple}}"
    assert [y for y, _ in found.forward] == list(found.flow.results)
    assert found.wrt == (apple, tax)


def test_latex_and_markdown_hold_the_same_equations():
    apple, _, price = apples()

    found = gd.explain(price, wrt=apple)

    line = (
        r"\frac{\partial \mathrm{price}}{\partial \mathrm{apple}} &= "
        r"\frac{\partial \mathrm{price}}{\partial \mathrm{amount}} \cdot 2 = 1.1 \cdot 2 = 2.2"
    )
    assert line in found.latex
    assert line in found.markdown
    assert "### Chain rule for apple: one path" in found.markdown
    assert "price ← amount ← apple" in found.markdown
    assert found._repr_markdown_() == found.markdown


def test_what_a_notebook_gets_as_latex_is_mathematics_alone():
    shown = gd.explain(apples()[2])._repr_latex_()

    assert r"$$\textbf{Chain rule for apple: one path}$$" in shown
    assert not re.sub(r"\$\$.*?\$\$", "", shown, flags=re.DOTALL).strip()


def lines_of(latex):
    """Every side of every aligned equation."""
    for block in re.findall(r"\\begin\{aligned\}\n(.*?)\n\\end\{aligned\}", latex, re.DOTALL):
        for line in block.split(" \\\\\n"):
            left, _, right = line.partition("&")
            yield left
            yield from right.partition("&&")[0].removeprefix(r"\mathrel{+}").split("=")


@pytest.mark.parametrize("build", ["apples", "network"])
def test_the_equations_are_read_by_a_typesetter(build):
    mathtext = pytest.importorskip("matplotlib.mathtext")
    if build == "apples":
        latex = gd.explain(apples()[2]).latex
    else:
        W = leaf(np.ones((2, 3)) * 0.1, "W")
        loss = gd.cross_entropy(gd.sigmoid(np.ones((4, 2)) @ W), np.array([0, 1, 2, 2]))
        latex = gd.explain(loss).latex

    parser = mathtext.MathTextParser("path")
    sides = [side.strip() for side in lines_of(latex) if side.strip()]
    assert len(sides) > 15
    for side in sides:
        if side.count("{") == side.count("}"):  # k = i below a sign is cut in two
            parser.parse(f"${side}$")


def test_a_long_derivation_is_cut_and_what_is_left_out_is_counted():
    x = y = leaf(1.0, "x")
    for _ in range(300):
        y = y + 1

    found = gd.explain(y, wrt=x)

    assert "... 270 more ..." in found.text
    assert len(found.text.splitlines()) < 100
    assert len(found.steps) == 300


def test_paths_beyond_a_few_are_counted():
    x = y = leaf(1.0, "x")
    for _ in range(10):
        y = y + y

    text = str(gd.explain(y, wrt=x))

    assert "Chain rule for x: 1,024 paths, added" in text
    assert "... and 1,018 more paths, which are not shown." in text


def test_names_in_other_scripts_and_with_signs_are_kept_apart_from_mathematics():
    x = leaf(2.0, "사과 $x_1$")

    found = gd.explain(x * 3, wrt=x)

    assert "d사과_$x_1$ = dL * 3" in found.text
    assert r"\text{사과\_\$x\_1\$}" in found.latex


def test_a_rule_without_a_formula_goes_by_its_name():
    own = gd.primitive("own", "{x} * 3", x=lambda g, y, x: gd.Tensor(np.asarray(g.raw) * 3))
    x = leaf([1.0, 2.0], "x")

    assert "dx  = rule_of_own(dh1, h1, x)" in str(gd.explain(own(x).sum()))


def test_only_the_last_of_several_parts_has_a_total():
    x = leaf(3.0, "x")

    totals = [step.total for step in gd.explain(x * x, wrt=x).steps]

    assert totals[0] is None
    assert totals[1].formula.text == "3 + 3"


def test_a_formula_that_is_too_long_goes_by_the_name_of_its_primitive():
    long = gd.primitive("long", " + ".join(["{x}"] * 50), x=lambda g, y, x: g * 50)

    assert "L = long(x) = long(2) = 100" in str(gd.explain(long(leaf(2.0, "x"))))


def test_a_wide_side_does_not_push_the_others_away():
    a, b = leaf(2.0, "a" * 30), leaf(3.0, "b" * 30)
    x = leaf(1.0, "x")
    near = x * 2
    text = str(gd.explain(near + a * b))

    assert "near = x * 2     = 1 * 2 = 2\n" in text


def test_in_markdown_a_name_is_not_read_as_a_sign():
    x = leaf(2.0, "w_1_of[0]")

    assert r"### Chain rule for w\_1\_of\[0\]: one path" in gd.explain(x * 3).markdown


def test_without_wrt_what_has_no_name_is_left_out_if_anything_has_one():
    named = leaf(2.0, "rate")

    found = gd.explain(named * leaf(3.0))

    assert [each.name for each in found.derivatives] == ["rate"]


def test_nan_and_infinity_are_told():
    x = leaf(0.0, "x")
    with np.errstate(all="ignore"):
        y = gd.log(x) * 0

    text = str(gd.explain(y))

    assert "log(0)   = -∞" in text
    assert "(-∞) * 0 = NaN" in text


def test_an_array_is_explained_with_the_gradient_that_arrived_there():
    x, W, b = leaf(np.ones((3, 2)), "x"), leaf(np.ones((2, 4)), "W"), leaf(np.zeros(4), "b")
    out = x @ W + b
    out.backward(np.arange(12.0).reshape(3, 4))

    text = str(gd.explain(out))

    assert "dL/dW = x.T @ dout\n" in text
    assert "dL/dx = dout @ W.T\n" in text
    assert "dL/db = sum(dout, axis=0)\n" in text
    assert "[12, 15, 18, 21]" in text


def test_a_leaf_alone_is_its_own_derivative():
    x = leaf(3.0, "x")

    assert str(gd.explain(x, wrt=x)).startswith("Backward\n  dx = 1\n")


def test_a_result_on_the_way_can_be_asked_for():
    x = leaf(3.0, "x")
    y = x * x

    text = str(gd.explain(y * y, wrt=y))

    assert "dy  = 9 + 9  = 18    (the 2 parts added)" in text
    assert "dx" not in text


def test_what_an_optimizer_writes_later_changes_nothing():
    w = leaf(2.0, "w")
    y = w * w
    y.backward()
    late, early = gd.explain(y), str(gd.explain(y))

    gd.optim.SGD([w], lr=1.0).step()

    assert w.item() == -2.0
    assert str(late) == early
    assert late.derivatives[0].value.text == "4"


def test_a_long_way_is_told_by_its_beginning_and_its_end():
    x = y = leaf(1.0, "x")
    for _ in range(100):
        y = y + 1

    text = gd.explain(y, wrt=x).text

    assert "h91 <- ... 81 more ..." in " ".join(text.split())


def test_a_long_path_is_walked_in_a_moment(monkeypatch):
    x = y = leaf(0.5, "x")
    for _ in range(30):
        y = gd.tanh(y)
    met = []
    monkeypatch.setattr(derivative, "plain_pulls", lambda *asked: met.append(asked))

    str(gd.explain(y, wrt=x))

    assert not met  # rules are read once for all graphs, not at every step


def test_names_of_others_making_steer_no_terminal():
    text = str(gd.explain(leaf(2.0, "a\x1b[31m\u202e\ud800") * leaf(3.0, "b" * 300)))

    assert "\x1b" not in text
    assert "\u202e" not in text
    assert text.encode("utf-8")
    assert "b" * 50 not in text


def test_two_paths_through_one_primitive_are_told_apart():
    x = leaf(3.0, "x")

    text = str(gd.explain(x * x))

    assert "path 1: L <- x (input 1)\n" in text
    assert "path 2: L <- x (input 2)\n" in text


def test_wrt_may_be_a_name():
    apple, tax, price = apples()

    assert gd.explain(price, wrt="apple").text == APPLES
    assert gd.explain(price, wrt=[tax, "amount"]).wrt[0] is tax
    assert gd.explain(price, wrt=("tax", "apple")).wrt == (tax, apple)


def test_a_name_that_formulas_write_otherwise_is_understood_too():
    x, dx, pear = leaf(1.0), leaf(2.0), leaf(3.0, "사과 가격")
    z = x * dx * pear

    assert gd.explain(z, wrt=["dx", "dx_2", "사과 가격", "사과_가격"]).wrt == (dx, pear)


@pytest.mark.parametrize("suffix", ["txt", "tex", "md"])
def test_it_becomes_a_file(tmp_path, suffix):
    found = gd.explain(apples()[2])

    found.save(tmp_path / f"why.{suffix}")

    form = {"txt": found.text, "tex": found.latex, "md": found.markdown}[suffix]
    assert (tmp_path / f"why.{suffix}").read_text(encoding="utf-8") == f"{form}\n"


# --- errors ---------------------------------------------------------------------------------
def test_only_one_number_is_explained():
    x = leaf([1.0, 2.0])
    with pytest.raises(ShapeError, match=r"explain: the Tensor has shape \(2,\).*\n.*y\.sum\(\)"):
        gd.explain(x * 2)


def test_something_must_require_a_gradient():
    with pytest.raises(NoGradientError, match=r"explain: nothing .* requires a gradient"):
        gd.explain(gd.Tensor(1.0) * 2)


def test_wrt_must_be_in_the_graph():
    _, _, price = apples()
    with pytest.raises(GraphError, match=r"'pear', is not in the graph .*\n.*are apple, tax\."):
        gd.explain(price, wrt=leaf(1.0, "pear"))


def test_wrt_must_get_a_gradient():
    apple, constant = leaf(1.0, "apple"), gd.Tensor(2.0, name="two")
    with pytest.raises(NoGradientError, match=r"wrt, two, gets no gradient here; .*\n.*apple"):
        gd.explain(apple * constant, wrt=constant)


def test_wrt_must_be_a_name_that_is_there():
    _, _, price = apples()
    for wrong in ("pear", ""):
        with pytest.raises(GraphError, match=rf"wrt is '{wrong}'; .* name of .*\n.*apple, tax\."):
            gd.explain(price, wrt=wrong)


def test_a_file_must_have_a_known_suffix(tmp_path):
    with pytest.raises(DataError, match=r"why\.docx': the suffix is \.docx; it must be \.txt.*\n"):
        gd.explain(apples()[2]).save(tmp_path / "why.docx")


@pytest.mark.parametrize(("loss", "wrt"), [(3.0, None), ("price", 3), ("price", [3])])
def test_tensors_are_explained_and_nothing_else(loss, wrt):
    _, _, price = apples()
    with pytest.raises(DtypeError, match=r"explain: .* must be a Tensor"):
        gd.explain(price if loss == "price" else loss, wrt=wrt)


def test_a_stale_graph_is_refused():
    apple, tax, price = apples()
    with gd.no_grad():
        tax.assign(1.2)

    with pytest.raises(StaleGraphError, match=r"'tax' .* was overwritten after multiply"):
        gd.explain(price, wrt=apple)
