"""Layers and inputs are made by the names of their arguments."""

from __future__ import annotations

import numpy as np
import pytest

from gradatim.check.layers.point import TARGETS
from gradatim.cli.attempt import attempt, attempts
from gradatim.errors import DataError


def layer(forward, init=lambda self: None, name="Layer"):
    return type(name, (), {"__init__": init, "forward": forward, "backward": lambda s, d: d})


def test_one_input_is_a_batch():
    assert attempt("A", layer(lambda self, x: x * 2), []).inputs[0].shape == (5, 4)


def test_two_inputs_are_of_one_shape():
    found = attempt("A", layer(lambda self, x, y: x * y), [])

    assert [x.shape for x in found.inputs] == [(5, 4), (5, 4)]
    assert found.words == "x (5, 4), y (5, 4)"


def test_a_loss_gets_one_hot_rows_and_labels_where_those_fail():
    rows = attempt("A", layer(lambda self, x, t: (x * t).sum()), []).inputs[1]
    labels = attempt("A", layer(lambda self, x, t: x[np.arange(len(t)), t].sum()), []).inputs[1]

    assert rows.shape == (5, 4)
    assert labels.shape == (5,)


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_what_the_check_takes_for_a_target_is_made_as_one(name):
    """Labels here, for one-hot rows are no indices."""
    names = {}
    exec(f"def forward(self, x, {name}): return x[{name}]", names)
    found = attempt("A", layer(names["forward"]), [])

    assert found.inputs[1].shape == (5,)
    assert found.words == "x (5, 4), t labels"


def test_parameters_are_made_by_name():
    def init(self, W, b, stride, dropout_ratio=0.2):
        self.given = (W.shape, b.shape, stride, dropout_ratio)

    found = attempt("A", layer(lambda self, x: x, init), [])

    assert found.layer.given == ((4, 3), (3,), 1, 0.2)
    assert found.words == "W (4, 3), b (3,), stride 1; x (5, 4)"


@pytest.mark.parametrize("name", ["Convolution", "Layer"])
def test_images_are_tried_first_or_last(name):
    def forward(self, x):
        assert x.ndim == 4
        return x

    def init(self, W):
        self.W = W

    found = attempt(name, layer(forward, init), [])

    assert found.inputs[0].shape == (2, 2, 4, 4)
    assert found.layer.W.shape == (3, 2, 2, 2)


def test_an_argument_without_a_known_name_is_refused():
    with pytest.raises(DataError, match="wants an argument whatever, and nobody knows"):
        attempt("A", layer(lambda self, x: x, lambda self, whatever: None), [])


def test_a_constructor_that_raises_is_refused():
    def init(self):
        raise ValueError("no")

    with pytest.raises(DataError, match=r"A\(\.\.\.\) raises ValueError: no"):
        attempt("A", layer(lambda self, x: x, init), [])


def test_an_optional_flag_of_forward_is_left_alone():
    found = attempt("A", layer(lambda self, x, train_flg=True: x), [])

    assert len(found.inputs) == 1


def test_a_loss_is_offered_targets_of_every_kind_that_forward_takes():
    every = attempts("A", layer(lambda self, x, t: x.sum()), [])
    told = [each.words for each in every if each.has_target]

    assert told[:2] == ["x (5, 4), t one-hot", "x (5, 4), t labels"]
    assert "x (5,), t of 0 and 1" in told


@pytest.mark.parametrize("shape", [(5,), (5, 1)])
def test_where_each_sample_has_one_number_the_target_is_0_or_1(shape):
    found = attempt("A", layer(lambda self, x, t: x.sum()), [shape])

    assert found.inputs[1].tolist() == np.reshape([1, 1, 0, 1, 1], shape).tolist()


def test_a_layer_without_a_target_has_none():
    assert not attempt("A", layer(lambda self, x, y: x * y), []).has_target


def test_whole_numbers_are_tried_last():
    def init(self, W):
        self.W = W

    found = attempt("A", layer(lambda self, idx: self.W[idx], init), [])

    assert found.inputs[0].tolist() == [0, 1, 2, 3, 0]
    assert found.words == "W (4, 3); idx (5,) whole"


def test_what_wants_inputs_that_cannot_be_guessed_is_sent_to_python():
    def forward(self, x):
        raise IndexError("arrays used as indices must be of integer type")

    with pytest.raises(DataError, match=r"of integer type.\nFrom Python any input can be given"):
        attempt("A", layer(forward), [])


@pytest.mark.parametrize(("each", "size"), [("channel", 4), ("number", 36)])
def test_gamma_fits_the_images_that_are_wanted(each, size):
    def init(self, gamma):
        self.gamma = gamma

    def forward(self, x):
        if each == "channel":
            return x * self.gamma.reshape(-1, 1, 1)
        return x.reshape(len(x), -1) * self.gamma

    assert attempt("A", layer(forward, init), [(2, 4, 3, 3)]).layer.gamma.shape == (size,)


def test_filters_have_the_channels_of_the_images_that_are_wanted():
    def init(self, W, b):
        self.shapes = (W.shape, b.shape)

    found = attempt("Conv", layer(lambda self, x: x, init), [(2, 5, 6, 6)])

    assert found.layer.shapes == ((3, 5, 2, 2), (3,))
