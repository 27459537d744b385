"""Of a layer with a mode for training and one for evaluation both are checked, or it is said so."""

from __future__ import annotations

import numpy as np
import pytest

from check import book_layers
from gradatim.check import layer

X = np.random.default_rng(3).normal(size=(5, 4))
NOT_CHECKED = "evaluation (train_flg=False)"
STALE = f"{NOT_CHECKED} was not checked: backward hangs on what an earlier call has left."


class Dropout:
    """In evaluation the mask is what the layer multiplies by, if ``mask`` is."""

    def __init__(self, mask=0.5, ratio=0.5):
        self.evaluated, self.ratio = mask, ratio

    def forward(self, x, train_flg=True):
        if train_flg:
            self.mask = np.random.rand(*x.shape) > self.ratio
            return x * self.mask
        self.mask = self.evaluated
        return x * 0.5

    def backward(self, dout):
        return dout * self.mask


class Norm:
    """Batch normalization with a backward of its own for evaluation."""

    factor = 1.0

    def __init__(self):
        self.gamma, self.training = np.array([1.0, 2.0, -0.5, 0.3]), True
        self.running_mean, self.running_std = np.zeros(4), np.ones(4)

    def forward(self, x):
        if self.training:
            self.xc, self.std = x - x.mean(axis=0), np.sqrt(x.var(axis=0) + 1e-5)
            self.running_mean = 0.9 * self.running_mean + 0.1 * x.mean(axis=0)
            self.running_std = 0.9 * self.running_std + 0.1 * self.std
        else:
            self.xc, self.std = x - self.running_mean, self.running_std
        self.xn = self.xc / self.std
        return self.gamma * self.xn

    def backward(self, dout):
        self.dgamma = (dout * self.xn).sum(axis=0)
        dxn = dout * self.gamma
        if not self.training:
            return self.factor * dxn / self.std
        straight = dxn - dxn.mean(axis=0) - self.xn * (dxn * self.xn).mean(axis=0)
        return straight / self.std


@pytest.mark.parametrize("name", ["Dropout", "BatchNormalization"])
def test_the_layers_of_the_book_have_no_backward_in_evaluation(name):
    made, inputs = book_layers.layer(name)

    check = layer(made, *inputs)

    check.assert_passed()
    assert check.unchecked == (NOT_CHECKED,)
    assert STALE in check.remarks
    assert f"is right in what was checked.\n  NOT checked: {NOT_CHECKED}." in str(check)


@pytest.mark.parametrize("ratio", [0.0, 0.01, 0.999, 1.0])
def test_a_mask_of_ones_by_chance_excuses_nothing_and_accuses_of_nothing(ratio):
    source = book_layers.spoilt(book_layers.DROPOUT, "=0.5", f"={ratio}")
    made, inputs = book_layers.layer("Dropout", source)

    layer(made, *inputs).assert_passed()


def test_an_evaluation_with_a_right_backward_is_right():
    check = layer(Dropout(), X)

    check.assert_passed()
    assert check.unchecked == ()
    assert f"in {NOT_CHECKED} it is right, too." in check.remarks


@pytest.mark.parametrize("given", [(), (True,)])
def test_one_with_a_wrong_backward_is_wrong(given):
    (finding,) = layer(Dropout(mask=1.0), X, *given).findings

    assert finding.what.startswith(f"In {NOT_CHECKED}: dx is 2 times what it should be")


def test_a_wrong_training_is_found_from_evaluation():
    class Wrong(Dropout):
        def backward(self, dout):
            return dout * (self.mask if np.ndim(self.mask) == 0 else ~self.mask)

    (finding,) = layer(Wrong(), X, train_flg=False).findings

    assert finding.what.startswith("In training (train_flg=True): dx is")


@pytest.mark.parametrize(("factor", "right"), [(1.0, True), (1.1, False)])
def test_statistics_of_earlier_calls_belong_to_forward(factor, right):
    check = layer(type("Norm", (Norm,), {"factor": factor})(), X)

    assert check.passed == right
    assert check.unchecked == ()
    told = check.remarks if right else [check.findings[0].what]
    assert any("evaluation (training=False)" in each for each in told)


def test_a_switch_without_effect_is_no_mode():
    made, inputs = book_layers.layer("Sigmoid")
    made.training = True

    assert layer(made, *inputs).remarks == ()


def test_a_mode_that_raises_is_not_judged():
    source = book_layers.spoilt(book_layers.DROPOUT, "return x * (1.0", "raise OSError; return (1")
    made, inputs = book_layers.layer("Dropout", source)

    assert f"{NOT_CHECKED} was not checked: forward raises OSError." in layer(made, *inputs).remarks
