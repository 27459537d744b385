"""A model goes through JSON and comes back, without pickle."""

from __future__ import annotations

import json

import numpy as np
import pytest

import gradatim as gd
from gradatim import nn
from gradatim.errors import StateError

MODELS = [
    nn.MLP([4, 3, 2], rng=0),
    nn.MLP([4, 3, 3, 2], ["tanh", nn.LeakyReLU(0.2)], "softmax", init="normal:0.01", bias=False),
    nn.MLP([4, 2], dtype=np.float64, init="he_uniform"),
    nn.Sequential(nn.Flatten(), nn.Linear(4, 3, flatten=True), nn.Dropout(0.25), "gelu"),
    nn.Sequential({"body": nn.Sequential(nn.Linear(4, 2)), "end": nn.Softmax(axis=0)}),
    nn.Sequential(nn.Linear(4, 2, bias=False, dtype=np.float64), nn.ELU(0.5), nn.SiLU()),
    nn.Linear(4, 2),
]


@pytest.mark.parametrize("model", MODELS, ids=lambda m: repr(m).split("(")[0])
def test_a_model_comes_back_from_json(model):
    text = json.dumps(model.architecture())
    twin = nn.from_architecture(json.loads(text))
    twin.load_state_dict(model.state_dict())

    assert repr(twin) == repr(model)
    assert twin.architecture() == model.architecture()
    x = np.random.default_rng(0).standard_normal((3, 4))
    np.testing.assert_array_equal(twin.eval()(x).numpy(), model.eval()(x).numpy())
    assert [p.dtype for p in twin.parameters()] == [p.dtype for p in model.parameters()]


def test_it_is_short_and_readable():
    assert nn.MLP([784, 50, 10], init="normal:0.01").architecture() == {
        "layer": "MLP",
        "sizes": [784, 50, 10],
        "activation": ["ReLU"],
        "last": None,
        "bias": True,
        "dtype": "float32",
        "init": "normal:0.01",
    }


def test_it_tells_no_weights():
    model = nn.MLP([30, 20, 10], rng=0)

    assert len(json.dumps(model.architecture())) < 200


class Mine(nn.Module):
    def forward(self, x):
        return x


class Linear(nn.Linear):
    """Bears the name of a layer of the library, and is another."""


@pytest.mark.parametrize("model", [Mine(), nn.Sequential(Mine()), Linear(2, 2)])
def test_a_module_of_ones_own_says_that_only_its_weights_can_be_saved(model):
    with pytest.raises(StateError) as caught:
        model.architecture()
    assert "is not a layer of gradatim" in str(caught.value)
    assert "only its weights can be saved" in str(caught.value)
    assert "model.state_dict()" in str(caught.value)


@pytest.mark.parametrize(
    ("plain", "text"),
    [
        ({"layer": "Transformer"}, "there is no layer named 'Transformer'; known are"),
        ({"layer": ["Linear"]}, "there is no layer named ['Linear']"),
        ({"layer": "os.system"}, "there is no layer named 'os.system'"),
        ({"sizes": [1, 2]}, "a layer is a dict with its name under 'layer'"),
        ([1, 2], "a layer is a dict with its name under 'layer', this is [1, 2]"),
        ({"layer": "Linear", "n_in": 3}, "Linear cannot be made of {'n_in': 3}"),
        ({"layer": "Linear", "n_in": 0, "n_out": 2}, "n_in is 0; it must be an integer"),
        ({"layer": "Linear", "n_in": 2, "n_out": 2, "dtype": "text"}, "Linear cannot be made of"),
        ({"layer": "Function", "function": "print"}, "'print' is not a function"),
        ({"layer": "Dropout", "p": "half"}, "Dropout cannot be made of"),
        ({"layer": "MLP", "sizes": [3, 2, 1], "activation": ["x"]}, "there is none named 'x'"),
        ({"layer": "Sequential", "layers": [{"layer": "Nope"}]}, "no layer named 'Nope'"),
        ({"layer": "Sequential", "layers": 3}, "Sequential cannot be made of"),
        (
            {"layer": "Sequential", "layers": [{"layer": "ReLU"}], "names": ["a", "b"]},
            "each layer must have a name of its own",
        ),
    ],
)
def test_plain_data_that_describes_no_model_is_refused(plain, text):
    with pytest.raises(StateError) as caught:
        nn.from_architecture(plain)
    assert text in str(caught.value)


def test_layers_nested_without_end_are_refused():
    plain: dict = {"layer": "ReLU"}
    for _ in range(5000):
        plain = {"layer": "Sequential", "layers": [plain]}

    with pytest.raises(StateError, match="more than 64 levels deep"):
        nn.from_architecture(plain)


def test_settings_of_an_initialiser_that_is_a_function_are_left_out():
    model = nn.MLP([3, 2], init=lambda shape, rng, dtype: np.ones(shape))

    twin = nn.from_architecture(model.architecture())

    assert twin(gd.Tensor(np.zeros(3))).shape == (2,)
