"""Whole models as machine code: the same as eager, bit for rounding."""

from __future__ import annotations

import copy
import os

import numpy as np
import pytest

import gradatim as gd
from compiler.machine.crew import Crew, recorded
from gradatim.compiler import compile
from gradatim.compiler.machine import native as native_module
from gradatim.compiler.machine.native import Native
from gradatim.errors import GradatimError

LOOSE = {"float32": 3e-5, "float64": 1e-12}
ACTIVATIONS = ["identity", "relu", "sigmoid", "tanh", "softplus", "gelu", "silu", "elu"]
ACTIVATIONS += ["leaky_relu", "softmax", "log_softmax"]
OPTIMIZERS = [
    *(gd.optim.SGD, gd.optim.Momentum, gd.optim.Nesterov, gd.optim.AdaGrad),
    *(gd.optim.RMSProp, gd.optim.Adam, gd.optim.AdamW),
]


@pytest.fixture(params=["0", "1"], ids=["fast", "checked"])
def _both_ways(request, monkeypatch):
    monkeypatch.setenv("GRADATIM_CHECK_BOUNDS", request.param)


@pytest.fixture
def _checked(monkeypatch):
    monkeypatch.setenv("GRADATIM_CHECK_BOUNDS", "1")


def labels(batch, inputs, outputs, dtype):
    """Batches to classify."""

    def batch_of(seed):
        random = np.random.default_rng(seed)
        x = random.standard_normal((batch, inputs)).astype(dtype)
        return gd.Tensor(x), gd.Tensor(random.integers(0, outputs, batch))

    return batch_of


def numbers(batch, inputs, outputs, dtype):
    """Batches to fit, targets between 0 and 1."""

    def batch_of(seed):
        random = np.random.default_rng(seed)
        x = random.standard_normal((batch, inputs)).astype(dtype)
        return gd.Tensor(x), gd.Tensor(random.random((batch, outputs)).astype(dtype))

    return batch_of


def step_of(model, optimizer, loss):
    def step(x, t):
        y = loss(model(x), t)
        y.backward()
        optimizer.step()
        return y

    return step


def assert_same(model, optimizer_of, loss, batch_of, dtype, steps=6):
    """Train two copies, one eagerly and one as machine code."""
    twin = copy.deepcopy(model)
    eager = step_of(model, optimizer_of(model), loss)
    program = compile(step_of(twin, optimizer_of(twin), loss), backend="llvm")
    for seed in range(steps):
        expected, found = eager(*batch_of(seed)), program(*batch_of(seed))
        assert found.dtype == expected.dtype
        tolerance = LOOSE[dtype]
        np.testing.assert_allclose(found.data, expected.data, rtol=tolerance, atol=tolerance)
    assert len(program.programs) == 1
    for p, q in zip(model.parameters(), twin.parameters()):
        np.testing.assert_allclose(q.data, p.data, rtol=tolerance, atol=tolerance)
    return program


def mlp(sizes, dtype, activation="relu", **settings):
    return gd.nn.MLP(sizes, activation, rng=0, dtype=dtype, **settings)


def sgd(model):
    return gd.optim.SGD(model, lr=0.1)


single = pytest.param("float32", marks=pytest.mark.slow)  # float64 tells more: to 1e-12
both = pytest.mark.parametrize("dtype", [single, "float64"])
both_ways = pytest.mark.usefixtures("_both_ways")
checked = pytest.mark.usefixtures("_checked")


@both_ways
@both
@pytest.mark.parametrize("width", [1, 3, 7, 17, 50, 63, 64, 65])
def test_any_width(width, dtype):
    sizes, batch = [width + 2, width, width + 1], labels(10, width + 2, width + 1, dtype)
    assert_same(mlp(sizes, dtype), sgd, gd.cross_entropy, batch, dtype)


@both_ways
@both
@pytest.mark.parametrize("batch", [1, 2, 3, 10, 100, 257])
def test_any_batch(batch, dtype):
    batch_of = labels(batch, 20, 5, dtype)
    assert_same(mlp([20, 17, 5], dtype), sgd, gd.cross_entropy, batch_of, dtype)


@both_ways
@both
@pytest.mark.parametrize("depth", range(1, 7))
def test_any_depth(depth, dtype):
    sizes = [9, *[11] * (depth - 1), 4]
    assert_same(mlp(sizes, dtype), sgd, gd.cross_entropy, labels(13, 9, 4, dtype), dtype)


@both_ways
@pytest.mark.slow
@both
@pytest.mark.parametrize("optimizer", [gd.optim.SGD, gd.optim.Adam])
def test_what_exceeds_the_caches(optimizer, dtype):
    batch_of = labels(257, 784, 10, dtype)
    model = mlp([784, 513, 513, 10], dtype)
    loose = {"eps": 1e-4} if optimizer is gd.optim.Adam else {}
    assert_same(
        model, lambda m: optimizer(m, lr=0.001, **loose), gd.cross_entropy, batch_of, dtype, 3
    )


@checked
@both
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_any_activation(activation, dtype):
    model = mlp([12, 19, 5], dtype, activation)
    assert_same(model, sgd, gd.cross_entropy, labels(21, 12, 5, dtype), dtype)


@checked
@both
@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda kind: kind.__name__)
def test_any_optimizer(optimizer, dtype):
    batch_of = labels(21, 12, 5, dtype)
    assert_same(
        mlp([12, 19, 5], dtype, "tanh"),
        lambda model: optimizer(model, lr=0.01),
        gd.cross_entropy,
        batch_of,
        dtype,
    )


LOSSES = {
    "mse": gd.mse,
    "sse": gd.sse,
    "huber": gd.huber,
    "binary_cross_entropy": gd.binary_cross_entropy,
    "mse summed": lambda y, t: gd.mse(y, t, reduction="sum"),
    "soft targets": lambda y, t: gd.cross_entropy(y, t / t.sum(axis=1, keepdims=True)),
    "absolute": lambda y, t: abs(y - t).mean(),
}


@checked
@both
@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES.keys())
def test_any_loss_of_numbers(loss, dtype):
    model = mlp([12, 19, 5], dtype, "tanh")
    small = lambda m: gd.optim.SGD(m, lr=0.01)  # noqa: E731
    assert_same(model, small, loss, numbers(21, 12, 5, dtype), dtype)


@checked
@both
def test_likelihood_of_what_a_softmax_gives(dtype):
    model = mlp([12, 19, 5], dtype, last="log_softmax")
    assert_same(model, sgd, gd.nll, labels(21, 12, 5, dtype), dtype)


class Tied(gd.nn.Module):
    """What goes in comes out through the same weights."""

    def __init__(self, dtype):
        self.first = gd.nn.Linear(9, 4, rng=0, dtype=dtype)

    def forward(self, x):
        return gd.tanh(self.first(x)) @ self.first.weight.T


@both_ways
@both
def test_tied_weights(dtype):
    assert_same(Tied(dtype), sgd, gd.mse, numbers(10, 9, 9, dtype), dtype)


@checked
@both
def test_layers_that_are_one_layer(dtype):
    layer = gd.nn.Linear(8, 8, rng=0, dtype=dtype)
    model = gd.nn.Sequential(layer, gd.nn.Tanh(), layer)
    assert_same(model, sgd, gd.mse, numbers(10, 8, 8, dtype), dtype)


@both
@pytest.mark.parametrize("threads", [1, 2, pytest.param(3, marks=pytest.mark.slow)])
@pytest.mark.parametrize("bits", [pytest.param(128, marks=pytest.mark.slow), 256, 512])
def test_any_number_of_threads_and_any_width(threads, bits, dtype):
    batch_of = labels(50, 30, 5, dtype)
    model = mlp([30, 65, 5], dtype)
    losses = []
    eager = step_of(model, sgd(model), gd.cross_entropy)
    program, agreement = recorded(eager, *batch_of(0))
    state = [agreement.state[value].data.copy() for value in program.state]
    crew = Crew(program, threads, bits)
    for seed in range(5):
        x, t = batch_of(seed)
        losses.append((eager(x, t).item(), crew(x.data, t.data, *state)[0]))
    states = [(agreement.state[v].data, s) for v, s in zip(program.state, state)]
    for expected, found in [*losses, *states]:
        np.testing.assert_allclose(found, expected, rtol=LOOSE[dtype], atol=LOOSE[dtype])


def test_the_same_bits_every_time():
    def trained(threads):
        model = mlp([30, 65, 5], "float32")
        batch_of = labels(50, 30, 5, "float32")
        program, agreement = recorded(step_of(model, sgd(model), gd.cross_entropy), *batch_of(0))
        state = [agreement.state[value].data.copy() for value in program.state]
        crew = Crew(program, threads)
        for seed in range(5):
            crew(*(x.data for x in batch_of(seed)), *state)
        return b"".join(x.tobytes() for x in state)

    for threads in (1, 2, 3):
        assert trained(threads) == trained(threads)
    assert trained(1) == trained(2), "no sum of this model is split between threads"


@both_ways
@both
def test_forward_alone(dtype):
    model = mlp([20, 33, 7], dtype)
    predict = compile(lambda x: gd.softmax(model(x)), backend="llvm")
    for seed in range(3):
        x, _ = labels(11, 20, 7, dtype)(seed)
        found, expected = predict(x), gd.softmax(model(x))
        np.testing.assert_allclose(found.data, expected.data, rtol=1e-5, atol=LOOSE[dtype])


def trained_by_calls(dtype="float32", calls=6):
    model = mlp([30, 65, 5], dtype)
    step = compile(step_of(model, sgd(model), gd.cross_entropy), backend="llvm")
    losses = [step(*labels(50, 30, 5, dtype)(seed)).item() for seed in range(calls)]
    return losses, [p.data.copy() for p in model.parameters()], step


@pytest.mark.parametrize("threads", [2, 3])
def test_threads_share_a_call_that_is_long_enough(threads, monkeypatch):
    monkeypatch.setenv("GRADATIM_NUM_THREADS", str(threads))
    losses, weights, alone = trained_by_calls()
    monkeypatch.setattr(native_module, "WORK_OF_A_THREAD", 1000)
    again, same, shared = trained_by_calls()
    assert "threads" not in alone.explain()
    assert f"float32, {threads} threads" in shared.explain()
    assert losses == again
    for found, expected in zip(same, weights):
        np.testing.assert_array_equal(found, expected)


def test_numpy_in_the_middle_is_done_once_by_one_of_them(monkeypatch):
    monkeypatch.setenv("GRADATIM_NUM_THREADS", "2")
    monkeypatch.setattr(native_module, "WORK_OF_A_THREAD", 1000)
    x = np.random.default_rng(0).standard_normal((40, 30))

    def step(x):
        return gd.sort(x @ x.T, axis=1) @ x

    program, _ = recorded(step, x)
    native = Native(program)
    assert native.threads == 2
    assert any(not isinstance(part, str) for part in native.module.parts)
    np.testing.assert_allclose(native(x)[0], np.sort(x @ x.T, axis=1) @ x, rtol=1e-12)


def test_a_fork_has_threads_of_its_own(monkeypatch):
    monkeypatch.setenv("GRADATIM_NUM_THREADS", "2")
    monkeypatch.setattr(native_module, "WORK_OF_A_THREAD", 1000)
    x = np.ones((40, 30))
    native = Native(recorded(lambda x: x @ x.T, x)[0])
    native(x)
    monkeypatch.setattr(os, "getpid", lambda: -1)  # as it is in a fork
    before = native.module
    np.testing.assert_array_equal(native(x)[0], x @ x.T)
    assert native.module is not before


@both_ways
def test_scattered_arguments_are_copied_and_written_back():
    def step(x):
        return x * 2.0

    program, _ = recorded(step, np.ones((4, 3)))
    native = Native(program)
    turned = np.arange(12.0).reshape(3, 4).T
    np.testing.assert_array_equal(native(turned)[0], turned * 2)
    again = np.arange(24.0).reshape(4, 6)[:, ::2]
    np.testing.assert_array_equal(native(again)[0], again * 2)


@pytest.mark.parametrize("wrong", [np.ones((4, 2)), np.ones((4, 3), "f4")])
def test_an_array_of_another_kind_is_refused(wrong):
    program, _ = recorded(lambda x: x * 2.0, np.ones((4, 3)))
    with pytest.raises(GradatimError, match=r"must be float64\[4, 3\]"):
        Native(program)(wrong)


def test_labels_outside_the_classes_never_reach_the_code():
    model = mlp([4, 3], "float32")
    program = compile(lambda x, t: gd.cross_entropy(model(x), t), backend="llvm")
    x = gd.Tensor(np.ones((2, 4), "f4"))
    for _ in range(3):
        program(x, gd.Tensor([0, 2]))
    for bad in ([0, 3], [-1, 0]):
        with pytest.raises(GradatimError):
            program(x, gd.Tensor(bad))
