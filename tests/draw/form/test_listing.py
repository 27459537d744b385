"""A picture as text: read downwards it is the computation, upwards the way of the gradient."""

from __future__ import annotations

import unicodedata

import numpy as np

import gradatim as gd
from gradatim.draw.form.listing import listing
from gradatim.draw.form.table import columns
from gradatim.draw.picture.picture import Group, Node, Picture, Quantity


def leaf(value, **about):
    return gd.Tensor(value, requires_grad=True, **about)


def test_the_apples_of_the_book():
    apple, number, tax = leaf(100.0), leaf(2.0), leaf(1.1)
    total = apple * number
    price = total * tax
    price.backward()

    assert gd.draw(price).text().splitlines() == [
        "price                   value  gradient",
        "───────────────────────────────────────",
        "apple                     100       2.2",
        "number                      2       110",
        "total = apple × number    200       1.1",
        "tax                       1.1       200",
        "price = total × tax       220         1",
    ]


def test_what_is_added_where_paths_meet_is_said():
    x = leaf(2.0)
    y = x * x + 3 * x
    y.backward()

    assert "  7 = 2 + 2 + 3" in gd.draw(y).text()


def test_what_is_negative_is_taken_off():
    x = leaf(2.0)
    y = x * x - 3 * x
    y.backward()

    assert "  1 = 2 + 2 - 3" in gd.draw(y).text()


def test_a_sum_of_many_parts_is_told_by_its_total_alone():
    x = leaf(1.0)
    y = sum((x for _ in range(12)), start=x * 0)
    y.backward()

    assert gd.draw(y).text().splitlines()[2].split() == ["x", "1", "12"]


def test_the_part_from_inside_a_folded_module_is_in_the_sum():
    class Pair(gd.nn.Module):
        def forward(self, x):
            h = x * 2
            return h, h * h

    pair, x = Pair(), leaf(3.0)
    h, s = pair(x)
    y = h + h * s
    y.backward()

    assert "109 = 36 + 1 + 72 inside" in gd.draw(y, depth=0).text()


def test_results_without_a_name_are_called_as_in_explanations():
    x = leaf(2.0)
    text = gd.draw((x * 2).exp()).text()

    assert "h1 = x × 2" in text
    assert "L = exp(h1)" in text


def test_two_tensors_of_one_name_are_told_apart():
    rows = gd.draw(leaf(1.0, name="w") * leaf(2.0, name="w")).text().splitlines()

    assert [row.split()[0] for row in rows[2:5]] == ["w", "w_2", "L"]


def test_settings_are_written_in_the_call():
    x = leaf(np.ones((2, 3)))

    assert "= sum(x, axis=0)" in gd.draw(x.sum(axis=0)).text()


def test_modules_are_headings_and_layers_are_calls():
    model = gd.nn.MLP([2, 3, 1], rng=0)
    folded = gd.draw(model, np.ones((1, 2))).text().splitlines()
    opened = gd.draw(model, np.ones((1, 2)), depth="all").text().splitlines()

    assert folded[3] == "model: MLP"
    assert folded[4].startswith("  h2 = Linear(2, 3)(x)")
    assert "  layers.0: Linear(2, 3)" in opened
    assert any(row.startswith("    h1 = x @ layers.0.weight") for row in opened)


def test_below_a_folded_module_stands_what_it_learns():
    model = gd.nn.MLP([2, 3, 1], rng=0)
    x, t = np.ones((1, 2)), np.zeros((1, 1))
    loss = ((model(x) - t) ** 2).sum()
    loss.backward()
    lines = gd.draw(loss).text(120).splitlines()
    at = next(i for i, line in enumerate(lines) if "= Linear(2, 3)(x)" in line)

    assert [line.strip().split("  ")[0] for line in lines if "layers." in line] == [
        "layers.0.weight", "layers.0.bias", "layers.2.weight", "layers.2.bias"
    ]  # fmt: skip
    first = lines[at + 1]
    assert first.startswith("    layers.0.weight")
    assert "(2, 3)" in first
    assert first.count("[") == 2  # its value, and its gradient


def test_what_a_layer_learns_is_told_once_and_not_without_end():
    layer = gd.nn.Linear(2, 2, rng=0)
    twice = gd.draw(gd.nn.Sequential(layer, layer), np.ones((1, 2))).text()
    deep = gd.draw(gd.nn.MLP([1] * 7, rng=0), np.ones((1, 1)), depth=0).text()

    assert twice.count("weight") == twice.count("bias") == 1
    assert deep.count("weight") + deep.count("bias") == 8
    assert "… and 4 more parameters" in deep


def test_a_frame_that_goes_on_after_something_else_is_named_again():
    nodes = (
        Node("n0", "parameter", ("w",), "t0", group="g0"),
        Node("n1", "input", ("x",), "t1"),
        Node("n2", "parameter", ("b",), "t2", group="g0"),
    )
    quantities = tuple(Quantity(f"t{i}", name, (), "", alias=name) for i, name in enumerate("wxb"))
    rows = listing(Picture(nodes, (), quantities, (Group("g0", "layer"),))).splitlines()

    assert rows[2:] == ["layer", "  w", "x", "layer", "  b"]


def test_it_fits_eighty_columns_whatever_the_names():
    값 = {"가나다라마바사아자차카타파하" * 2: leaf(np.random.default_rng(0).normal(size=(50, 20)))}
    (名,) = 값.values()
    y = ((名 * 1e-5) @ leaf(np.ones((20, 5)), name="重み" * 20)).sum()
    y.backward()
    lines = gd.draw(y, names=값).text().splitlines()

    assert max(map(columns, lines)) <= 80
    assert all(columns(line) <= 120 for line in gd.draw(y, names=값).text(120).splitlines())


def test_no_name_can_steer_the_terminal():
    text = gd.draw(leaf(1.0, name="a\x1b[2J\r\nb\x07\u202e") * 2).text()

    assert not [c for c in text if unicodedata.category(c).startswith("C") and c != "\n"]


def test_a_cut_is_told_with_its_number():
    y = leaf(0.5)
    for _ in range(300):
        y = y.tanh()
    lines = gd.draw(y, nodes=10).text().splitlines()

    assert "… 291 left out" in "\n".join(lines)
    assert "291 primitives are left out; nodes=None shows all." in lines


def test_a_single_tensor_is_a_line():
    assert gd.draw(gd.Tensor(3.0, name="x")).text().splitlines()[2:] == [
        "x      3",
        "no gradient: nothing here requires one",
    ]
