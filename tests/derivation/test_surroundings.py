"""Names of Tensors in the frame that asks: the user's own variables, read and nothing more."""

from __future__ import annotations

import numpy as np

import gradatim as gd
from gradatim.derivation.surroundings import add_names, names_around

planet = gd.Tensor(1.0)


def test_local_and_global_variables_have_names():
    apple = gd.Tensor(1.0)
    _hidden = gd.Tensor(2.0)

    names = names_around()

    assert names[id(apple)] == "apple"
    assert names[id(planet)] == "planet"
    assert id(_hidden) not in names


def test_the_first_name_of_a_tensor_counts():
    apple = gd.Tensor(1.0)
    fruit = [apple, gd.Tensor(2.0)]
    params = {"W1": gd.Tensor(3.0), 2: gd.Tensor(4.0)}

    names = names_around()

    assert [names[id(x)] for x in fruit] == ["apple", "fruit[1]"]
    assert [names[id(x)] for x in params.values()] == ["W1", "params[2]"]


def test_parameters_of_models_are_named_by_their_paths():
    found = {}
    a, b = (gd.nn.Linear(2, 3, rng=np.random.default_rng(0)) for _ in range(2))

    add_names({"a": a, "b": b}, found)

    assert found[id(a)] == "a"
    assert found[id(a.weight)] == "weight"
    assert found[id(b.weight)] == "b.weight"
    assert a.weight.name is None
