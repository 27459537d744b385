"""Each mistake that learners make is called wrong, and by its name."""

from __future__ import annotations

import numpy as np
import pytest

from check import book_layers
from gradatim.check import layer
from gradatim.check.layers.cause import _as_fraction

MISTAKES = [
    # layer, what is changed, into what; about, kind, words that must be there
    ("Relu", "dx[self.mask] = 0", "dx[~self.mask] = 0", "dx", "inverted mask", "wrong way round"),
    ("Relu", "return dx", "return dx * 2", "dx", "factor", "2 times what it should be"),
    ("Relu", "return dx", "return dx / 2", "dx", "factor", "1/2 of what it should be"),
    ("Relu", "return dx", "return -dx", "dx", "sign", "the wrong sign in every element"),
    ("Relu", "return dx", "return -0.3 * dx", "dx", "factor", "-3/10 of what it should be"),
    ("Relu", "return dx", "return dx / len(dx)", "dx", "averages", "1/5 of what it should be"),
    ("Relu", "return dx", "return dx / dx.size", "dx", "averages", "dout has 20 elements"),
    ("Relu", "return dx", "return 1.0 * (~self.mask)", "dx", "ignores dout", "ignores dout"),
    ("Relu", "dout.copy()", "np.clip(dout, -1, 1)", "dx", "partly", "only where dout is large"),
    (
        "Relu",
        "return dx",
        "dx[0, 1] *= 1.01; return dx",
        "dx",
        "partly",
        "in one element, at [0, 1]",
    ),
    (
        "Relu",
        "return dx",
        "dx[1:] *= 1.01; return dx",
        "dx",
        "partly",
        "in every row but the first",
    ),
    ("Relu", "return dx", "dx[:, 2] *= 2; return dx", "dx", "partly", "only in column 2"),
    ("Relu", "return dx", "return dx * np.nan", "dx", "not finite", "nan or inf"),
    (
        "Sigmoid",
        "(1.0 - self.out) * self.out",
        "(1.0 - self.out)",
        "dx",
        "half a sigmoid",
        "factor out is missing",
    ),
    ("Sigmoid", "(1.0 - self.out) * self.out", "self.out", "dx", "out for slope", "dout * out"),
    ("Sigmoid", "* (1.0 - self.out) * self.out", "", "dx", "passes dout on", "dout itself"),
    (
        "Sigmoid",
        "(1.0 - self.out) * self.out",
        "(self.out > 0.5)",
        "dx",
        "relu of another",
        "slope of relu",
    ),
    ("Sigmoid", "dout * (1.0", "(1.0", "dx", "ignores dout", "By the chain rule"),
    ("Sigmoid", "self.out = out", "self.out = x", "dx", "x in place of out", "uses the input"),
    ("Sigmoid", "sigmoid(x)", "np.tanh(x)", "dx", "sigmoid of another", "slope of a sigmoid"),
    ("Sigmoid", "(1.0 - self", "(1.0 + self", "dx", "other", "is not the slope of forward"),
    (
        "Sigmoid",
        "return dx",
        "return np.where(self.out < 0.5, 1.1, 1) * dx",
        "dx",
        "partly",
        "only where x is negative",
    ),
    (
        "Sigmoid",
        "return dx",
        "return np.where(self.out > 0.5, 1.1, 1) * dx",
        "dx",
        "partly",
        "only where x is positive",
    ),
    (
        "Affine",
        "np.sum(dout, axis=0)",
        "np.mean(dout, axis=0)",
        "db",
        "averages",
        "there are 5 samples: it averages",
    ),
    (
        "Affine",
        "np.dot(self.x.T, dout)",
        "np.dot(self.x.T, dout) / len(dout)",
        "dW",
        "averages",
        "dW is 1/5",
    ),
    (
        "Affine",
        "np.dot(self.x.T, dout)",
        "np.dot(self.x.T, np.ones_like(dout))",
        "dW",
        "ignores dout",
        "ignores dout",
    ),
    (
        "Affine",
        "np.dot(self.x.T, dout)",
        "np.dot(self.x.T, dout) + (0 if self.dW is None else self.dW)",
        "dW",
        "accumulates",
        "added to that of the call before",
    ),
    ("Affine", "np.sum(dout, axis=0)", "np.zeros(3)", "db", "zero", "0 everywhere"),
    (
        "Affine",
        "np.dot(dout, self.W.T)",
        "np.dot(dout, self.W.T) + 1e-3",
        "dx",
        "offset",
        "too large by 0.001 in every element",
    ),
    ("square Affine", "self.W.T)", "self.W)", "dx", "not transposed", "must be dout · Wᵀ"),
    (
        "square Affine",
        "np.dot(self.x.T, dout)",
        "np.dot(dout.T, self.x)",
        "dW",
        "transposed",
        "rows and columns",
    ),
    ("SoftmaxWithLoss", "return dx * dout", "return dx", "dx", "ignores dout", "ignores dout"),
    (
        "SoftmaxWithLoss",
        "dx = dx / batch_size",
        "pass",
        "dx",
        "sums",
        "sums over the batch where forward averages",
    ),
    (
        "SoftmaxWithLoss",
        "dx = dx / batch_size",
        "dx = dx / 4",
        "dx",
        "fixed divisor",
        "divided by 4, however many",
    ),
    (
        "SoftmaxWithLoss",
        "if self.t.size == self.y.size",
        "if True",
        "dx",
        "other targets",
        "for labels",
    ),
    (
        "SoftmaxWithLoss",
        "(self.y - self.t) / batch_size",
        "(self.y - self.t)",
        "dx",
        "other targets",
        "for one-hot rows",
    ),
    ("MulLayer", "dx, dy", "dy, dx", "dx", "swapped", "in each other's place"),
    (
        "MulLayer",
        "dx = dout * self.y",
        "dx = dout * self.x",
        "dx",
        "swapped",
        "dx is what dy should be.",
    ),
    ("MulLayer", "dx = dout * self.y", "dx = dout + self.y", "dx", "other", "not the slope"),
    ("AddLayer", "dx = dout * 1", "dx = dout * 0", "dx", "zero", "Is it never computed?"),
    ("Dropout", "dout * self.mask", "dout", "dx", "passes dout on", "dout itself"),
    (
        "Dropout",
        "return x * self.mask",
        "return x * self.mask / self.dropout_ratio",
        "dx",
        "factor",
        "1/2 of",
    ),
    (
        "BatchNormalization",
        "dx = dxc - dmu / self.batch_size",
        "dx = dxc",
        "dx",
        "other",
        "not the slope",
    ),
    ("BatchNormalization", "(2.0 / self", "(1.0 / self", "dx", "other", "not the slope"),
    ("BatchNormalization", "dxn = self.gamma * dout", "dxn = dout", "dx", "other", "not the slope"),
    (
        "BatchNormalization",
        "self.dbeta = dbeta",
        "self.dbeta = dbeta / len(dout)",
        "dbeta",
        "averages",
        "1/5",
    ),
    ("Pooling", "np.zeros((dout", "np.ones((dout", "dx", "partly", "elements that were looked at"),
]


def seldom(mistakes):
    """Every fourth of them quickly, the others among the slow tests: each takes half a second."""
    return [
        pytest.param(*row, marks=[] if i % 4 == 0 else pytest.mark.slow)
        for i, row in enumerate(mistakes)
    ]


@pytest.mark.parametrize(("name", "old", "new", "about", "kind", "words"), seldom(MISTAKES))
def test_a_mistake_is_named(name, old, new, about, kind, words):
    square, name = name.startswith("square"), name.removeprefix("square ")
    source = book_layers.spoilt(book_layers.SOURCES[name], old, new)
    made, inputs = book_layers.layer(name, source, square)
    if kind == "other targets" and "labels" in words:
        inputs = (inputs[0], np.eye(4)[inputs[1]])

    check = layer(made, *inputs)

    assert not check
    assert check[about].verdict == "WRONG"
    finding = next(each for each in check.findings if each.about == about)
    assert finding.kind == kind
    assert words in finding.what
    assert finding.fix
    assert finding.evidence[0].startswith(f"{about}[")


def test_what_is_right_beside_a_mistake_is_called_right():
    source = book_layers.spoilt(book_layers.AFFINE, "np.sum(dout", "np.mean(dout")
    made, inputs = book_layers.layer("Affine", source)

    check = layer(made, *inputs)

    assert [row.verdict for row in check.rows] == ["right", "right", "WRONG"]
    assert len(check.findings) == 1
    assert check.findings[0].fix == "self.db = np.sum(dout, axis=0)"


def test_the_evidence_says_where_and_how_much():
    class Cube:
        def forward(self, x):
            self.x = x
            return x**3

        def backward(self, dout):
            return dout * 3 * self.x**2 * np.where(self.x == 2.0, 1.5, 1.0)

    (finding,) = layer(Cube(), np.array([[1.0, 2.0]])).findings

    assert finding.evidence[0].startswith("dx[0, 1]: backward gives ")
    told = finding.evidence[0].split()
    assert float(told[4].rstrip(",")) / float(told[8]) == pytest.approx(1.5, rel=1e-4)


def test_a_mistake_at_some_points_only_names_them():
    source = book_layers.spoilt(
        book_layers.SIGMOID, "* self.out\n", "* np.minimum(self.out, 0.999)\n"
    )
    made, inputs = book_layers.layer("Sigmoid", source)

    (finding,) = layer(made, *inputs).findings

    assert finding.evidence[1] == "It is wrong only at large numbers."
    assert finding.evidence[0].endswith(", at large numbers")


@pytest.mark.parametrize(
    ("number", "text"), [(2.0, "2"), (0.5, "1/2"), (-1.5, "-3/2"), (0.123, "0.123"), (0.75, "3/4")]
)
def test_a_factor_is_told_as_a_fraction_where_it_is_one(number, text):
    assert _as_fraction(number) == text


CRUTCH = ("np.log(picked)", "np.log(picked + 1e-7)")


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ("return dx * dout", "return -dx * dout", "sign"),
        ("dx = dx / batch_size", "pass", "sums"),
        ("dx = dx / batch_size", "dx = dx / batch_size**2", "averages"),
        ("dx = dx / batch_size", "dx = 3 * dx / batch_size", "factor"),
    ],
)
def test_a_factor_is_seen_though_the_loss_adds_to_what_it_takes_the_log_of(old, new, kind):
    source = book_layers.spoilt(book_layers.LOSS, *CRUTCH)
    made, inputs = book_layers.layer("SoftmaxWithLoss", book_layers.spoilt(source, old, new))

    assert [each.kind for each in layer(made, *inputs).findings] == [kind]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("return dx * dout", "return dx", "For dout = 1 it is right, for any other it is wrong."),
        ("return dx * dout", "return -dx", "is wrong, too: dx has the wrong sign"),
        ("return dx * dout", "return dx * batch_size", "too: dx is 3 times"),
    ],
)
@pytest.mark.parametrize("crutch", [False, True])
def test_what_ignores_dout_is_looked_at_for_dout_1(old, new, told, crutch):
    source = book_layers.spoilt(book_layers.LOSS, *CRUTCH) if crutch else book_layers.LOSS
    made, (x, t) = book_layers.layer("SoftmaxWithLoss", book_layers.spoilt(source, old, new))

    (finding,) = layer(made, x[:3], t[:3]).findings

    assert finding.kind == "ignores dout"
    assert told in finding.what


def test_a_mean_over_pixels_that_backward_does_not_divide_by():
    class GlobalAveragePool:
        def forward(self, x):
            self.shape = x.shape
            return x.mean(axis=(2, 3))

        def backward(self, dout):
            return np.ones(self.shape) * dout[:, :, None, None]

    (finding,) = layer(
        GlobalAveragePool(), np.random.default_rng(0).normal(size=(2, 3, 4, 4))
    ).findings

    assert finding.kind == "spreads"
    assert "dx is 16 times what it should be, and there are 16 elements" in finding.what


def test_kinks_are_not_explained_below_what_is_wrong():
    class Wrong:
        def forward(self, x):
            self.x = x
            return np.maximum(x, 0)

        def backward(self, dout):
            return 2 * dout * (self.x > 0)

    check = layer(Wrong(), np.array([[0.0, 1.0], [-1.0, 2.0]]))

    assert not check
    assert not any("kink" in remark for remark in check.remarks)
