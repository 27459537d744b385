"""The figures of the notebooks show the numbers of the notebooks."""

from __future__ import annotations

import numpy as np
import pytest

from gradatim.errors import DataError
from gradatim.notebooks.figure import FIGURES, figure


def gradients(name):
    return {leaf.name: leaf.grad.data for leaf in figure(name).flow.leaves if leaf.wanted}


def test_the_price_of_apples_and_oranges():
    assert gradients("apple") == pytest.approx({"apple": 2.2, "count": 110.0, "tax": 200.0})
    assert gradients("apples") == pytest.approx(
        {"apple": 2.2, "apples": 110.0, "orange": 3.3, "oranges": 165.0, "tax": 650.0}
    )


@pytest.mark.parametrize("name", ["affine", "batch"])
def test_the_bias_of_a_layer_gets_the_sum_over_the_samples(name):
    flow = figure(name).flow

    np.testing.assert_array_equal(gradients(name)["b"], flow.seed.sum(axis=0))


def test_softmax_with_loss_gives_y_minus_t():
    flow = figure("softmax").flow
    y = next(each.data for each in flow.tensors if each.name == "y")

    np.testing.assert_allclose(gradients("softmax")["a"], y - [0, 0, 1], rtol=1e-12)


def test_the_network_has_the_notebooks_names_and_shapes():
    shapes = {name: each.shape for name, each in gradients("layers").items()}

    assert shapes == {"W1": (784, 50), "b1": (50,), "W2": (50, 10), "b2": (10,)}


def test_what_a_layer_learns_looks_like_it():
    kinds = {n.lines[0]: n.kind for n in figure("affine").picture.nodes if n.is_leaf}

    assert kinds == {"x": "variable", "W": "parameter", "b": "parameter"}


def test_a_figure_can_be_opened_to_any_depth():
    boxes = [[n.kind for n in figure("layers", depth).picture.nodes] for depth in (0, None, "all")]

    assert [kinds.count("module") for kinds in boxes] == [1, 3, 0]
    assert [kinds.count("parameter") for kinds in boxes] == [0, 0, 4]


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_has_gradients_and_a_title(name):
    picture = figure(name).picture

    assert picture.title
    assert picture.note == ""
    assert any(edge.gradient for edge in picture.edges)


def test_the_figures_are_named_if_there_is_no_such_one():
    with pytest.raises(DataError, match="there is no figure pear; it must be one of apple, apples"):
        figure("pear")
