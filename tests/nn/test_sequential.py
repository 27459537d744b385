"""Sequential: one layer after the other, by position and by name."""

from __future__ import annotations

import pytest

from gradatim import nn
from gradatim.errors import ShapeError, StateError


def test_layers_are_called_one_after_the_other():
    model = nn.Sequential(lambda x: x + 1, lambda x: x * 10)

    assert model(2.0).item() == 30


def test_indexing_slicing_and_length():
    model = nn.Sequential(nn.Linear(2, 3, rng=0), "relu", nn.Linear(3, 1, rng=0))

    assert len(model) == 3
    assert model[0].n_out == 3
    assert model[-1] is list(model)[2]
    assert model["1"] is model[1]
    head = model[1:]
    assert isinstance(head, nn.Sequential)
    assert head[1] is model[2]


def test_a_dict_names_the_layers():
    model = nn.Sequential({"first": nn.Linear(2, 3, rng=0), "act": "relu"})

    assert [name for name, _ in model.named_parameters()] == [
        "layers.first.weight",
        "layers.first.bias",
    ]
    assert type(model["act"]) is nn.ReLU
    assert list(model[:1].state_dict()) == ["layers.first.weight", "layers.first.bias"]


def test_an_empty_sequence_passes_its_input_on():
    assert nn.Sequential()(3.0).item() == 3.0


@pytest.mark.parametrize("wrong", [3, [nn.ReLU()], None])
def test_what_is_no_layer_is_refused(wrong):
    with pytest.raises(ShapeError, match="with a star"):
        nn.Sequential(wrong)


def test_an_absent_name_is_a_key_error():
    with pytest.raises(KeyError):
        nn.Sequential()["head"]


def test_a_function_is_no_plain_data():
    with pytest.raises(StateError, match="holds a function"):
        nn.Sequential(lambda x: x).architecture()
