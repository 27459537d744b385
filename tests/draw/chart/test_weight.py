"""The weights of the first layer, a picture for each unit."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from gradatim.draw import weights
from gradatim.errors import DataError, DtypeError, ShapeError

pytest.importorskip("matplotlib")


def drawn(chart):
    """Pictures by the names of their units."""
    axes = chart.figure.axes[0]
    return {text.get_text(): image for text, image in zip(axes.texts, axes.images, strict=True)}


def test_each_unit_is_the_picture_of_its_column():
    model = gd.nn.MLP([16, 3, 2], rng=0)
    weight = model.layers[0].weight.data

    found = drawn(weights(model))

    assert list(found) == ["0", "1", "2"]
    for unit, image in found.items():
        np.testing.assert_allclose(image.get_array(), weight[:, int(unit)].reshape(4, 4))


def test_all_have_one_scale_with_white_at_0():
    limits = {image.get_clim() for image in drawn(weights(gd.nn.MLP([16, 3, 2], rng=0))).values()}

    assert len(limits) == 1
    low, high = limits.pop()
    assert low == -high < 0


def test_of_many_units_the_first_are_shown_and_the_count_is_said():
    axes = weights(gd.nn.MLP([4, 100, 2], rng=0)).figure.axes[0]

    assert len(axes.images) == 60
    assert axes.get_title(loc="left") == "layers.0.weight: 4 inputs, 60 of 100 units"


def test_colours_are_averaged():
    model = gd.nn.MLP([12, 2], rng=0)
    image = drawn(weights(model, units=[1]))["1"]

    whole = model.layers[0].weight.data[:, 1].reshape(2, 2, 3)
    np.testing.assert_allclose(image.get_array(), whole.mean(axis=2), rtol=1e-6)


def test_weights_of_nothing_are_drawn():
    assert len(drawn(weights(gd.nn.MLP([4, 2], init="zeros")))) == 2


def test_weights_that_are_not_finite_say_so():
    model = gd.nn.MLP([4, 2], rng=0)
    state = model.state_dict()
    state["layers.0.weight"][:, 1] = np.nan
    model.load_state_dict(state)

    texts = [text.get_text() for text in weights(model).figure.axes[0].texts]
    assert texts == ["0", "NaN", "1"]


def test_the_folder_of_a_run_stands_for_its_model(tmp_path):
    model = gd.nn.MLP([4, 2], rng=0)
    run = gd.store.RunFolder.create(tmp_path / "run")
    run.save_model(model.state_dict(), model.architecture())

    assert weights(run).svg() == weights(str(run.path)).svg() == weights(model).svg()


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(DtypeError, match=r"^weights: the model is ndarray; it must be a Module"):
        weights(np.eye(2))
    with pytest.raises(DataError, match=r"^weights: the model has no parameter of two axes; .*Lin"):
        weights(gd.nn.ReLU())
    with pytest.raises(DataError, match=r"units is \[3\]; the layer has the units 0 to 2"):
        weights(gd.nn.MLP([4, 3]), units=[3])
    with pytest.raises(ShapeError, match=r"^weights: 2 numbers are no square"):
        weights(gd.nn.MLP([2, 3]))
