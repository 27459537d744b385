"""The check of a layer says right of right layers, and never touches what it is given."""

from __future__ import annotations

import copy
import re

import numpy as np
import pytest

import gradatim as gd
from check import book_layers
from gradatim import book
from gradatim.check import layer
from gradatim.errors import GradatimError

X = np.random.default_rng(3).normal(size=(5, 4))


# --- right ones ---------------------------------------------------------------------------------
@pytest.mark.parametrize("name", book_layers.SOURCES)
def test_every_layer_of_the_book_is_right(name):
    made, inputs = book_layers.layer(name)

    layer(made, *inputs).assert_passed()


@pytest.mark.parametrize(
    ("name", "inputs"),
    [
        ("MulLayer", (100, 2)),
        ("MulLayer", (200.0, 1.1)),
        ("AddLayer", (X[0], X[1])),
        ("Relu", (X[0],)),
        ("Sigmoid", ([[1, 2], [3, 4]],)),
        ("Sigmoid", (gd.Tensor(X),)),
        ("SoftmaxWithLoss", (X, np.eye(4)[[0, 2, 1, 3, 1]])),
        ("SoftmaxWithLoss", (X[:4], np.array([0, 2, 1, 3]))),
    ],
)
def test_inputs_of_any_kind_will_do(name, inputs):
    made, _ = book_layers.layer(name)

    layer(made, *inputs).assert_passed()


def test_an_affine_on_a_tensor_of_three_axes():
    made = book_layers.classes(book_layers.AFFINE)["Affine"](X[:, :3].repeat(3, 0)[:12], np.ones(3))

    check = layer(made, np.ones((2, 3, 4)))

    check.assert_passed()
    assert [(row.name, row.shape) for row in check.rows] == [
        ("dx", (2, 3, 4)),
        ("dW", (12, 3)),
        ("db", (3,)),
    ]


@pytest.mark.parametrize("name", ["MulLayer", "AddLayer", "Relu", "Sigmoid", "SoftmaxWithLoss"])
def test_the_layers_of_gradatim_book_are_right(name):
    _, inputs = book_layers.layer(name)

    layer(getattr(book, name), *inputs).assert_passed()


def test_the_affine_of_gradatim_book_is_right():
    layer(book.Affine(X[:4, :3].copy(), np.zeros(3)), X).assert_passed()


# --- kinks --------------------------------------------------------------------------------------
@pytest.mark.parametrize("at_zero", [0.0, 0.3, 1.0])
def test_any_slope_between_left_and_right_is_right_at_a_kink(at_zero):
    source = book_layers.spoilt(
        book_layers.RELU, "dx[self.mask] = 0", f"dx = dout * self.slope\n        ({at_zero})"
    ).replace(
        "        out = x.copy()",
        f"        self.slope = np.where(x == 0, {at_zero}, 1.0 * (x > 0))\n        out = x.copy()",
    )
    made, _ = book_layers.layer("Relu", source)

    check = layer(made, np.array([[0.0, 1.0], [-1.0, 0.0]]))

    check.assert_passed()
    assert any(remark.startswith("at a kink, such as relu at 0") for remark in check.remarks)


@pytest.mark.parametrize("at_zero", [-0.2, 1.2, 5.0])
def test_a_slope_beyond_them_is_wrong(at_zero):
    source = book_layers.RELU.replace(
        "        out = x.copy()", "        self.zero = (x == 0)\n        out = x.copy()"
    ).replace("return dx", f"dx[self.zero] = {at_zero} * dout[self.zero]; return dx")
    made, _ = book_layers.layer("Relu", source)

    (finding,) = layer(made, X).findings

    assert finding.kind == "partly"
    assert "It is wrong only at whole numbers and at equal numbers." in finding.evidence


@pytest.mark.parametrize("x", [np.zeros((4, 3)), np.full((4, 3), 1e-9), np.eye(4)])
def test_a_layer_is_right_where_everything_is_at_a_kink_or_beside_one(x):
    made, _ = book_layers.layer("Relu")

    layer(made, x).assert_passed()


def test_ties_in_a_pooling_layer_may_go_to_any_of_the_tied():
    made, _ = book_layers.layer("Pooling")

    layer(made, np.ones((1, 1, 4, 4))).assert_passed()


def test_a_smooth_function_has_no_kink_to_excuse_it():
    """The slope of elu at 0 is 1; a mask that forgets 0 is wrong there and nowhere else."""

    class Elu:
        def forward(self, x):
            self.x = x
            return np.where(x > 0, x, np.exp(np.minimum(x, 0)) - 1)

        def backward(self, dout):
            slope = np.zeros_like(self.x)
            slope[self.x > 0] = 1
            slope[self.x < 0] = np.exp(self.x[self.x < 0])
            return dout * slope

    check = layer(Elu(), X)

    assert not check
    assert check.findings[0].what == "dx is wrong only where x is 0."


# --- nothing is touched -------------------------------------------------------------------------
def test_nothing_of_the_callers_is_touched():
    made, (x,) = book_layers.layer("Affine")
    before, kept = copy.deepcopy(vars(made)), x.copy()

    layer(made, x)

    assert vars(made).keys() == before.keys()
    assert np.array_equal(made.W, before["W"])
    assert made.dW is None
    assert np.array_equal(x, kept)


def test_nothing_is_touched_by_a_layer_that_writes_everywhere_and_fails():
    class Vandal:
        def __init__(self):
            self.W = np.ones((4, 4))

        def forward(self, x):
            x *= 2
            self.W += 1
            return x @ self.W

        def backward(self, dout):
            dout[...] = 0
            raise RuntimeError("no")

    made, x = Vandal(), np.ones((5, 4))

    check = layer(made, x)

    assert not check
    assert (x == 1).all()
    assert (made.W == 1).all()


def test_the_callers_random_numbers_go_on_as_if_nothing_had_been():
    made, inputs = book_layers.layer("Dropout")
    np.random.seed(4)
    expected = np.random.rand(2)
    np.random.seed(4)
    first = np.random.rand()

    layer(made, *inputs)

    assert [first, np.random.rand()] == expected.tolist()


def test_a_layer_that_prints_is_silent(capsys):
    source = book_layers.spoilt(book_layers.RELU, "dx = dout.copy()", "dx = dout.copy(); print(dx)")
    made, inputs = book_layers.layer("Relu", source)

    layer(made, *inputs)

    assert capsys.readouterr().out == ""


def test_the_same_seed_gives_the_same_report():
    made, inputs = book_layers.layer("Affine", book_layers.AFFINE.replace("np.sum(", "np.mean("))

    assert str(layer(made, *inputs, seed=5)) == str(layer(made, *inputs, seed=5))
    assert str(layer(made, *inputs, seed=5)) != str(layer(made, *inputs, seed=6))


# --- ways to hand a layer over ------------------------------------------------------------------
def test_a_class_or_a_function_may_make_the_layer():
    cls = book_layers.classes(book_layers.RELU)["Relu"]

    assert layer(cls, X)
    assert layer(lambda: cls(), X)


def test_settings_go_to_forward():
    made, (x,) = book_layers.layer("Dropout")
    made.mask = 0.5

    layer(made, x, train_flg=False).assert_passed()
    check = layer(made, x * 0 + 1, train_flg=False, seed=1)
    assert check.remarks == ("in training (train_flg=True) it is right, too.",)


@pytest.mark.parametrize(("name", "near"), [("train_flag", "train_flg"), ("sed", "seed")])
def test_a_misspelt_setting_is_no_setting(name, near):
    made, (x,) = book_layers.layer("Dropout")

    with pytest.raises(GradatimError) as caught:
        layer(made, x, **{name: 0})

    assert str(caught.value) == (
        f"layer: {name}=0 is a setting that nobody takes.\n"
        "  Dropout.forward takes x, train_flg, and the check itself takes seed. "
        f"Did you mean {near}=...?"
    )


def test_a_forward_that_takes_any_setting_is_handed_any():
    class Scaled:
        def forward(self, x, **settings):
            self.factor = settings["factor"]
            return self.factor * x

        def backward(self, dout):
            return self.factor * dout

    layer(Scaled(), X, factor=3.0).assert_passed()


class TestRefusals:
    def refused(self, *arguments):
        with pytest.raises(GradatimError) as caught:
            layer(*arguments)
        return str(caught.value)

    def test_no_backward(self):
        assert self.refused(gd.nn.ReLU(), X) == (
            "layer: ReLU has no backward; a layer has forward(x) and backward(dout). For a model "
            "of gradatim there is gd.check.gradient(model, x)."
        )

    def test_no_input(self):
        made, _ = book_layers.layer("Relu")

        assert self.refused(made).startswith("layer: no input was given; forward of Relu needs one")

    def test_a_class_that_wants_arguments(self):
        cls = book_layers.classes(book_layers.AFFINE)["Affine"]

        told = self.refused(cls, X)

        assert told.startswith("layer: Affine cannot be made without arguments: ")
        assert "Try gd.check.layer(Affine(W, b), x)" in told

    def test_forward_raises(self):
        made, _ = book_layers.layer("Affine")

        told = self.refused(made, np.ones((5, 9)))

        assert told.startswith("layer: Affine.forward raises ValueError: shapes (5,9) and (4,3)")
        assert "layers.py:" in told

    def test_forward_returns_nothing(self):
        source = book_layers.spoilt(book_layers.RELU, "        return out\n", "")
        made, inputs = book_layers.layer("Relu", source)

        assert "Relu.forward returned nothing; did it forget to return?" in self.refused(
            made, *inputs
        )

    def test_forward_gives_nan(self):
        class Log:
            def forward(self, x):
                return np.log(x)

            def backward(self, dout):
                return dout

        assert "Log.forward gives nan or inf at [1] for these inputs" in self.refused(
            Log(), np.array([1.0, -1.0])
        )

    def test_forward_is_never_the_same(self):
        class Noise:
            def forward(self, x):
                return x + np.random.default_rng().normal(size=x.shape)

            def backward(self, dout):
                return dout

        assert "Try self.rng = np.random.default_rng(0) in __init__" in self.refused(Noise(), X)

    def test_forward_calls_exit(self):
        source = book_layers.spoilt(book_layers.RELU, "out = x.copy()", "raise SystemExit(0)")
        made, inputs = book_layers.layer("Relu", source)

        assert self.refused(made, *inputs).startswith("layer: Relu.forward raises SystemExit: 0")

    def test_a_function_that_calls_exit(self):
        def make():
            raise SystemExit(0)

        assert self.refused(make, X) == (
            "layer: make calls sys.exit(0) when it is made; it must make a layer.\n"
            "  Try without sys.exit."
        )

    def test_a_layer_that_cannot_be_copied(self):
        made, inputs = book_layers.layer("Relu")
        made.file = (i for i in range(3))

        assert "layer: Relu cannot be copied (" in self.refused(made, *inputs)


@pytest.mark.parametrize("where", ["if True", "if (dout < 0).any()", "if len(dout) == 1"])
def test_a_backward_that_calls_exit_is_wrong(where):
    source = book_layers.spoilt(
        book_layers.RELU,
        "dx = dout.copy()",
        f"dx = dout.copy()\n        {where}: raise SystemExit(0)",
    )
    made, inputs = book_layers.layer("Relu", source)

    check = layer(made, *inputs)

    assert check.findings[0].what.startswith("backward raises SystemExit: 0")


def test_a_forward_that_calls_exit_a_step_away_is_refused():
    class Exit:
        def forward(self, x):
            if (x != X).any():
                raise SystemExit(0)
            return x

        def backward(self, dout):
            return dout

    with pytest.raises(GradatimError, match=r"forward calls sys.exit\(0\)"):
        layer(Exit(), X)


def test_noise_from_a_generator_of_its_own_is_frozen():
    class Noise:
        def __init__(self):
            self.rng = np.random.default_rng(0)

        def forward(self, x):
            self.noise = self.rng.normal(size=x.shape)
            return x * self.noise

        def backward(self, dout):
            return dout * self.noise

    check = layer(Noise(), X)

    check.assert_passed()
    assert check.remarks == ("the layer draws random numbers; every call drew the same ones.",)


def test_a_layer_that_computes_in_float32_is_checked_as_far_as_it_goes():
    class Half:
        def __init__(self, factor):
            self.factor = factor

        def forward(self, x):
            self.x = np.array(x, dtype=np.float32)
            return self.x * self.x

        def backward(self, dout):
            return self.factor * dout * self.x

    assert layer(Half(2), X).remarks == (
        "forward computes in float32: only 3 digits could be checked.",
    )
    assert not layer(Half(1.9), X)


def test_a_log_is_checked_where_it_can_be():
    class Log:
        def forward(self, x):
            self.x = x
            return np.log(x)

        def backward(self, dout):
            return dout / self.x

    check = layer(Log(), np.array([[1.0, 2.0, 0.5]]))

    check.assert_passed()
    assert {"as given", "at random numbers", "at small numbers"} <= set(check.points)
    assert "not checked at whole numbers, at equal numbers: forward gives nan or inf." in (
        check.remarks
    )


# --- digits -------------------------------------------------------------------------------------
class Tanh:
    def __init__(self, off=0.0, dtype=np.float64):
        self.off, self.dtype = off, dtype

    def forward(self, x):
        self.y = np.tanh(x)
        return self.y.astype(self.dtype)

    def backward(self, dout):
        return (1 + self.off) * dout * (1 - self.y**2)


@pytest.mark.parametrize(
    ("off", "dtype", "right"),
    [(0.0, float, True), (1e-6, float, False), (-1e-6, float, False),
     (0.0, np.float32, True), (1e-4, np.float32, True), (3e-3, np.float32, False)],
)  # fmt: skip
def test_a_small_error_is_an_error(off, dtype, right):
    check = layer(Tanh(off, dtype), X)

    assert check.passed == right
    if abs(off) == 1e-6:  # the digits that differ are told
        got, slope = re.findall(r"-?\d+\.\d+", check.findings[0].evidence[0])
        assert float(got) / float(slope) - 1 == pytest.approx(off, rel=0.01)


def test_a_backward_in_float32_is_right_as_far_as_it_goes():
    class Rounded(Tanh):
        def backward(self, dout):
            return (dout.astype(np.float32) * (1 - self.y**2)).astype(np.float32)

    check = layer(Rounded(), X)

    check.assert_passed()
    assert check.remarks == ("backward computes in float32: only 5 digits could be checked.",)
    assert not layer(
        type("Wrong", (Rounded,), {"backward": lambda s, d: 1.0001 * Rounded.backward(s, d)}), X
    )


# --- far out ------------------------------------------------------------------------------------
class Saturating:
    """1 - y is 0 from about 37 on."""

    def forward(self, x):
        self.y = 1 / (1 + np.exp(-x))
        return self.y

    def backward(self, dout):
        return dout * self.y * (1 - self.y) + 0 * dout / (1 - self.y)


class Clip:
    def __init__(self, most, factor=0.0):
        self.most, self.factor = most, factor

    def forward(self, x):
        self.x = x
        return np.clip(x, 0, self.most)

    def backward(self, dout):
        return dout * (self.x > 0) * np.where(self.x > self.most, self.factor, 1.0)


@pytest.mark.parametrize("wrong", [Saturating(), Clip(30, 1.0), Clip(500, 1.0)])
def test_what_goes_wrong_far_out_only_is_wrong(wrong):
    check = layer(wrong, X)

    assert not check
    assert "far out" in str(check)


def test_what_is_right_far_out_stays_right():
    check = layer(Clip(30), X)

    check.assert_passed()
    assert {"far out", "very far out"} <= set(check.points)


def test_an_overflow_of_forward_is_no_mistake_of_backward():
    class Exp:
        def forward(self, x):
            self.y = np.exp(x)
            return self.y

        def backward(self, dout):
            return dout * self.y

    check = layer(Exp(), X)

    check.assert_passed()
    assert "very far out" not in check.points
    assert check.remarks == ("forward gives nan or inf for inputs around 1000: it is not stable.",)


# --- much ---------------------------------------------------------------------------------------
class Chunked:
    """The bias of the first twenty samples alone is summed up."""

    def __init__(self, most=20):
        self.W, self.b, self.most = X[:4, :3].copy(), X[0, :3].copy(), most

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout):
        self.dW = self.x.T @ dout
        self.db = dout[: self.most].sum(axis=0)
        return dout @ self.W.T


class Tiring:
    def __init__(self, calls):
        self.calls, self.n = calls, 0

    def forward(self, x):
        self.n += 1
        return 2 * x

    def backward(self, dout):
        return 2 * dout if self.n <= self.calls else 3 * dout


def test_what_goes_wrong_in_a_large_batch_only_is_wrong():
    check = layer(Chunked, X)

    assert [row.name for row in check.rows if row.verdict == "WRONG"] == ["db"]
    assert "with 64 samples" in str(check)
    layer(Chunked(1000), X).assert_passed()


def test_what_goes_wrong_on_a_fourth_call_only_is_wrong():
    check = layer(Tiring(3), X)

    assert not check
    assert "on a fourth call" in str(check)
    layer(Tiring(4), X).assert_passed()
