"""Gradients of layers over time."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

import gradatim as gd
from draw.chart.seen import names, numbers, parts, plots, strokes, words
from gradatim.draw import gradient_flow
from gradatim.errors import DataError, DtypeError


def seen(**norms):
    steps = [10 * i for i in range(len(next(iter(norms.values()))))]
    return SimpleNamespace(steps=steps, norms={k.replace("_", "."): v for k, v in norms.items()})


def plot(norms, **options):
    return plots(gradient_flow(norms, **options))["size of the gradient"]


def test_each_weight_has_a_line_with_its_name_and_last_value():
    found = plot(seen(a_weight=[1.0, 0.5], a_bias=[1, 1], b_weight=[2, 3]))

    assert names(found) == ["a.weight 0.5", "b.weight 3"]
    one, other = (strokes(line)[0].look for line in parts(found, "line"))
    assert one.split("-")[2] != other.split("-")[2]
    assert numbers(found)[:3] == ["0.5", "1", "2"]  # logarithmic


def test_biases_are_drawn_where_they_are_wanted_or_nothing_else_is():
    both = seen(a_weight=[1.0], a_bias=[1.0])

    assert len(names(plot(both, biases=True))) == 2
    assert len(names(plot(seen(a_bias=[1.0])))) == 1


@pytest.mark.parametrize("odd", [0.0, np.nan, np.inf])
def test_what_a_logarithm_cannot_show_is_a_gap(odd):
    (line,) = parts(plot(seen(w=[1.0, 1.0, odd, 0.1])), "line")

    assert len(strokes(line)[0].path) == 1
    assert len(line.marks) == 1 + 3


def test_a_gradient_that_ended_in_infinity_says_so():
    assert names(plot(seen(w=[1.0, 2.0, np.inf]))) == ["w 2 (then diverged)"]


def test_gradients_of_nothing_are_drawn():
    assert "no finite values" in words(plot(seen(w=[0.0, 0.0])))


def test_what_saw_no_training_is_refused():
    with pytest.raises(DtypeError, match=r"^gradient_flow: it was given dict; [\s\S]*callbacks="):
        gradient_flow({})
    with pytest.raises(DataError, match=r"^gradient_flow: no gradient was taken down; .*Trainer"):
        gradient_flow(gd.train.GradientNorms())
