"""Gradients of layers over time."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

import gradatim as gd
from gradatim.draw import gradient_flow
from gradatim.errors import DataError, DtypeError

pytest.importorskip("matplotlib")


def seen(**norms):
    steps = [10 * i for i in range(len(next(iter(norms.values()))))]
    return SimpleNamespace(steps=steps, norms={k.replace("_", "."): v for k, v in norms.items()})


def test_each_weight_has_a_line_with_its_name_and_last_value():
    axes = gradient_flow(seen(a_weight=[1.0, 0.5], a_bias=[1, 1], b_weight=[2, 3])).figure.axes[0]

    assert [text.get_text() for text in axes.texts] == ["a.weight 0.5", "b.weight 3"]
    assert axes.lines[0].get_linestyle() != axes.lines[1].get_linestyle()
    assert axes.get_yscale() == "log"


def test_biases_are_drawn_where_they_are_wanted_or_nothing_else_is():
    both = seen(a_weight=[1.0], a_bias=[1.0])

    assert len(gradient_flow(both, biases=True).figure.axes[0].lines) == 2
    assert len(gradient_flow(seen(a_bias=[1.0])).figure.axes[0].lines) == 1


@pytest.mark.parametrize("odd", [0.0, np.nan, np.inf])
def test_what_a_logarithm_cannot_show_is_a_gap(odd):
    axes = gradient_flow(seen(w=[1.0, odd, 0.1])).figure.axes[0]

    assert np.isnan(axes.lines[0].get_ydata()).tolist() == [False, True, False]


def test_a_gradient_that_ended_in_infinity_says_so():
    axes = gradient_flow(seen(w=[1.0, 2.0, np.inf])).figure.axes[0]

    assert axes.texts[0].get_text() == "w 2 (then diverged)"


def test_gradients_of_nothing_are_drawn():
    assert len(gradient_flow(seen(w=[0.0, 0.0])).svg()) > 1000


def test_what_saw_no_training_is_refused():
    with pytest.raises(DtypeError, match=r"^gradient_flow: it was given dict; [\s\S]*callbacks="):
        gradient_flow({})
    with pytest.raises(DataError, match=r"^gradient_flow: no gradient was taken down; .*Trainer"):
        gradient_flow(gd.train.GradientNorms())
