"""Per-sample gradients: one for each sample, their mean that of the batch, nothing changed."""

from __future__ import annotations

import copy
import functools
import random
import threading

import numpy as np
import pytest

import gradatim as gd
from gradatim import nn
from gradatim.errors import DtypeError, NoGradientError, ShapeError

N = 12


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def batch(rng):
    return rng.standard_normal((N, 6)), rng.integers(0, 4, N)


def network(**settings):
    return nn.MLP([6, 5, 4], rng=0, dtype=np.float64, **settings)


def of_batch(model, loss, x, t):
    """What backward gives for the whole batch, on a model of its own."""
    twin = copy.deepcopy(model)
    loss(twin(x), t).backward()
    return {path: p.grad.numpy() for path, p in twin.named_parameters() if p.requires_grad}


def assert_mean_is(gradients, expected):
    assert list(gradients) == list(expected)
    for path, gradient in gradients.items():
        scale = np.abs(expected[path]).max()
        np.testing.assert_allclose(
            gradient.mean(axis=0), expected[path], rtol=0, atol=1e-15 * scale
        )


@pytest.mark.parametrize("activation", ["relu", "sigmoid", "tanh"])
def test_their_mean_is_the_gradient_of_the_batch(batch, activation):
    model = network(activation=activation)

    gradients = nn.per_sample_gradients(model, gd.cross_entropy, *batch)

    assert_mean_is(gradients, of_batch(model, gd.cross_entropy, *batch))


def test_their_mean_is_the_gradient_of_the_batch_in_the_size_of_the_book(rng):
    model = nn.MLP([784, 50, 10], init="normal:0.01", rng=0, dtype=np.float64)
    x, t = rng.random((100, 784)), rng.integers(0, 10, 100)

    gradients = nn.per_sample_gradients(model, gd.cross_entropy, x, t)

    assert_mean_is(gradients, of_batch(model, gd.cross_entropy, x, t))


def test_each_is_the_gradient_of_a_batch_of_one(batch):
    model, (x, t) = network(), batch

    gradients = nn.per_sample_gradients(model, gd.cross_entropy, x, t)

    for i in range(N):
        alone = of_batch(model, gd.cross_entropy, x[i : i + 1], t[i : i + 1])
        for path, gradient in alone.items():
            np.testing.assert_array_equal(gradients[path][i], gradient)


def test_they_are_what_one_calculates_on_paper():
    model = nn.Linear(2, 1, init="zeros", dtype=float)
    x, t = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1.0], [2.0]])

    gradients = nn.per_sample_gradients(model, gd.mse, x, t)

    # d (x w - t)^2 / d w = 2 (x w - t) x, and w is 0
    np.testing.assert_array_equal(gradients["weight"][:, :, 0], -2 * t * x)
    np.testing.assert_array_equal(gradients["bias"], -2 * t)


def test_the_sum_belongs_to_a_loss_that_is_a_sum(batch):
    model = network()
    loss = lambda y, t: gd.cross_entropy(y, t, reduction="sum")  # noqa: E731

    gradients = nn.per_sample_gradients(model, loss, *batch)

    for path, expected in of_batch(model, loss, *batch).items():
        np.testing.assert_allclose(gradients[path].sum(axis=0), expected, rtol=1e-13, atol=1e-14)


def test_one_hot_targets_and_images_keep_their_other_axes(rng):
    model = nn.Sequential(nn.Flatten(), nn.Linear(12, 3, rng=0, dtype=float))
    x, t = rng.random((5, 3, 4)), np.eye(3)[[0, 1, 2, 1, 0]]

    gradients = nn.per_sample_gradients(model, gd.cross_entropy, x, t)

    assert {path: g.shape for path, g in gradients.items()} == {
        "layers.1.weight": (5, 12, 3),
        "layers.1.bias": (5, 3),
    }
    assert_mean_is(gradients, of_batch(model, gd.cross_entropy, x, t))


def test_a_gradient_has_the_dtype_of_its_parameter(batch):
    model = nn.MLP([6, 5, 4], rng=0)
    x, t = batch

    gradients = nn.per_sample_gradients(model, gd.cross_entropy, x.astype(np.float32), t)

    assert {g.dtype for g in gradients.values()} == {np.dtype(np.float32)}


def test_tensors_and_lists_serve_as_arrays_do(batch):
    model, (x, t) = network(), batch
    expected = nn.per_sample_gradients(model, gd.cross_entropy, x, t)

    for given in ((gd.Tensor(x), gd.Tensor(t)), (x.tolist(), t.tolist())):
        gradients = nn.per_sample_gradients(model, gd.cross_entropy, *given)
        for path in expected:
            np.testing.assert_array_equal(gradients[path], expected[path])


def test_a_model_is_given_tensors_where_tensors_arrived(batch):
    class Flat(nn.Module):
        def __init__(self):
            self.inner = network()

        def forward(self, x):
            kinds.add(type(x))
            return self.inner(x)

    kinds = set()
    nn.per_sample_gradients(Flat(), gd.cross_entropy, gd.Tensor(batch[0]), batch[1])

    assert kinds == {gd.Tensor}


def test_no_samples_have_no_gradients():
    gradients = nn.per_sample_gradients(network(), gd.cross_entropy, np.ones((0, 6)), [])

    assert gradients["layers.0.weight"].shape == (0, 6, 5)


# --- models of every kind ---------------------------------------------------------------------
def test_dropout_draws_for_each_sample_what_it_draws_for_the_batch(batch):
    model = nn.Sequential(
        nn.Dropout(0.2, rng=1), nn.Linear(6, 30, rng=0, dtype=float), "relu",
        nn.Dropout(0.5, rng=2), nn.Linear(30, 4, rng=0, dtype=float),
    )  # fmt: skip

    gradients = nn.per_sample_gradients(model, gd.cross_entropy, *batch)

    assert_mean_is(gradients, of_batch(model, gd.cross_entropy, *batch))
    # and the masks of the samples were not all the same
    assert len({(g != 0).tobytes() for g in gradients["layers.1.bias"]}) > 1


def test_dropout_passes_all_while_the_model_evaluates(batch):
    plain = network()
    model = nn.Sequential(nn.Dropout(0.5, rng=1), plain).eval()

    gradients = nn.per_sample_gradients(model, gd.cross_entropy, *batch)

    alone = nn.per_sample_gradients(plain, gd.cross_entropy, *batch)
    for path, gradient in alone.items():
        np.testing.assert_array_equal(gradients[f"layers.1.{path}"], gradient)


def test_a_parameter_used_twice_counts_once_with_both_uses(batch):
    class Tied(nn.Module):
        def __init__(self):
            self.first = nn.Linear(6, 6, rng=0, dtype=float)
            self.again = self.first

        def forward(self, x):
            return self.again(gd.tanh(self.first(x)))

    model = Tied()

    gradients = nn.per_sample_gradients(model, gd.cross_entropy, *batch)

    assert list(gradients) == ["first.weight", "first.bias"]
    assert_mean_is(gradients, of_batch(model, gd.cross_entropy, *batch))


def test_frozen_parameters_are_left_out(batch):
    model = network()
    model[0].freeze()

    gradients = nn.per_sample_gradients(model, gd.cross_entropy, *batch)

    assert list(gradients) == ["layers.2.weight", "layers.2.bias"]


def test_a_parameter_without_influence_has_gradients_of_zero(batch):
    model = network()
    model.spare = gd.Parameter([1.0, 2.0])

    gradients = nn.per_sample_gradients(model, gd.cross_entropy, *batch)

    np.testing.assert_array_equal(gradients["spare"], np.zeros((N, 2)))


def test_a_parameter_without_axes_has_one_number_for_each_sample():
    class Slope(nn.Module):
        def __init__(self):
            self.slope = gd.Parameter(2.0)

        def forward(self, x):
            return self.slope * x

    gradients = nn.per_sample_gradients(Slope(), gd.mse, [1.0, 3.0], [0.0, 0.0])

    assert gradients["slope"].tolist() == [4.0, 36.0]


def test_a_loss_with_parameters_of_its_own_is_taken_as_it_is(batch):
    class Scaled(nn.Module):
        def __init__(self):
            self.scale = gd.Parameter(3.0)

        def forward(self, y, t):
            return self.scale * gd.cross_entropy(y, t)

    model, loss = network(), Scaled()

    gradients = nn.per_sample_gradients(model, loss, *batch)

    assert_mean_is(gradients, of_batch(model, loss, *batch))


# --- losses that refer to the model -------------------------------------------------------------
class Decay:
    """Cross entropy and a penalty on large weights."""

    def __init__(self, model):
        self.model = model

    def of(self, y, t):
        return decayed(y, t, self.model)

    def __call__(self, y, t):
        return self.of(y, t)


class DecayModule(nn.Module):
    def __init__(self, model):
        self.model = model

    def forward(self, y, t):
        return decayed(y, t, self.model)


def decayed(y, t, model):
    return gd.cross_entropy(y, t) + 0.5 * sum((p**2).sum() for p in model.parameters())


def of_attribute(model):
    model.loss = lambda y, t: decayed(y, t, model)
    return model.loss


WAYS = {
    "closure": lambda model: lambda y, t: decayed(y, t, model),
    "lambda attribute": of_attribute,
    "bound method": lambda model: Decay(model).of,
    "object": Decay,
    "module": DecayModule,
    "partial": lambda model: functools.partial(decayed, model=model),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_loss_may_hold_the_weights_small(batch, way):
    model, (x, t) = network(), batch
    plain = nn.per_sample_gradients(model, gd.cross_entropy, x, t)

    gradients = nn.per_sample_gradients(model, WAYS[way](model), x, t)

    for path, p in model.named_parameters():
        expected = plain[path] + p.numpy()  # d (w^2 / 2) / d w = w, for each sample
        np.testing.assert_allclose(gradients[path], expected, rtol=1e-13, atol=1e-15)


def test_a_loss_may_look_at_what_a_layer_kept(batch):
    class Watched(nn.Module):
        def __init__(self):
            self.first, self.last = nn.Linear(6, 5, rng=0, dtype=float), nn.Linear(5, 4, rng=1)
            self.hidden = None

        def forward(self, x):
            self.hidden = gd.tanh(self.first(x))
            return self.last(self.hidden)

    def of(model):
        return lambda y, t: gd.cross_entropy(y, t) + (model.hidden**2).mean()

    model, alone = Watched(), Watched()
    of(alone)(alone(batch[0]), batch[1]).backward()

    gradients = nn.per_sample_gradients(model, of(model), *batch)

    expected = alone.first.weight.grad.numpy()
    np.testing.assert_allclose(gradients["first.weight"].mean(axis=0), expected, rtol=1e-12)
    assert model.hidden is None


def test_a_model_that_cannot_be_copied_serves(batch):
    class Locked(nn.Module):
        def __init__(self):
            self.inner, self.lock = network(), threading.Lock()

        def forward(self, x):
            with self.lock:
                return self.inner(x)

    assert len(nn.per_sample_gradients(Locked(), gd.cross_entropy, *batch)) == 4


# --- nothing of the caller's changes ------------------------------------------------------------
class Keeping(nn.Module):
    """Keeps all that a careless layer might keep."""

    def __init__(self):
        self.inner = network()
        self.dropout = nn.Dropout(0.5, rng=3)
        self.seen = gd.Tensor(0.0)
        self.calls = []
        self.last = None

    def forward(self, x):
        self.calls.append(len(x))
        with gd.no_grad():
            self.seen.assign(self.seen + 1)
        self.last = self.dropout(self.inner(x))
        return self.last


def test_nothing_of_the_model_changes(batch):
    model = Keeping()
    gd.cross_entropy(model(batch[0]), batch[1]).backward()
    kept, grads = model.last, [p.grad for p in model.parameters()]
    names = [p.name for p in model.parameters()]
    before, drawn = model.state_dict(), model.dropout._rng.bit_generator.state

    nn.per_sample_gradients(model, gd.cross_entropy, *batch)

    assert model.last is kept
    assert model.calls == [N]
    assert [p.name for p in model.parameters()] == names
    assert all(p.grad is grad for p, grad in zip(model.parameters(), grads))
    assert model.dropout._rng.bit_generator.state == drawn
    for path, array in model.state_dict().items():
        np.testing.assert_array_equal(array, before[path])


def test_nothing_of_the_model_changes_by_a_loss_that_fails(batch):
    def failing(y, t):
        model.eval()
        model.extra = 1
        if len(model.calls) == 4:
            model.inner[0].weight.assign(np.zeros((6, 5)))
            raise RuntimeError("enough")
        return gd.cross_entropy(y, t)

    model = Keeping()
    before, drawn = model.state_dict(), model.dropout._rng.bit_generator.state

    with pytest.raises(RuntimeError, match="enough"):
        nn.per_sample_gradients(model, failing, *batch)

    assert model.calls == []
    assert model.training
    assert model.dropout.training
    assert not hasattr(model, "extra")
    assert model.dropout._rng.bit_generator.state == drawn
    for path, array in model.state_dict().items():
        np.testing.assert_array_equal(array, before[path])


def test_a_graph_of_before_is_not_stale_after(batch):
    model = Keeping()
    value = gd.cross_entropy(model(batch[0]), batch[1])

    nn.per_sample_gradients(model, gd.cross_entropy, *batch)

    value.backward()
    assert model.inner[0].weight.grad is not None


def test_random_numbers_go_on_as_if_nothing_had_been(batch):
    class Noisy(nn.Module):
        def __init__(self):
            self.inner = network()

        def forward(self, x):
            return self.inner(x) * (1 + random.random()) + np.random.random()

    python, numpy = random.getstate(), np.random.get_state()[1].tobytes()

    nn.per_sample_gradients(Noisy(), gd.cross_entropy, *batch)

    assert random.getstate() == python
    assert np.random.get_state()[1].tobytes() == numpy


def test_samples_that_a_model_overwrites_are_the_callers_no_more(batch):
    class Careless(nn.Module):
        def __init__(self):
            self.inner = network()

        def forward(self, x):
            x *= 0.5
            return self.inner(x)

    x, t = batch
    before = x.copy()

    nn.per_sample_gradients(Careless(), gd.cross_entropy, x, t)

    np.testing.assert_array_equal(x, before)


def test_read_only_samples_serve(batch):
    x, t = batch
    x.flags.writeable = t.flags.writeable = False

    assert len(nn.per_sample_gradients(network(), gd.cross_entropy, x, t)) == 4


def test_it_works_where_the_tape_is_off(batch):
    model = network()

    with gd.no_grad():
        gradients = nn.per_sample_gradients(model, gd.cross_entropy, *batch)

    assert_mean_is(gradients, of_batch(model, gd.cross_entropy, *batch))


# --- what is refused ----------------------------------------------------------------------------
def test_a_function_is_no_model(batch):
    with pytest.raises(DtypeError, match="the model is function; it must be a") as refusal:
        nn.per_sample_gradients(lambda x: x, gd.cross_entropy, *batch)

    assert "Try a class that inherits from gd.nn.Module" in str(refusal.value)


def test_a_model_must_have_something_to_learn(batch):
    with pytest.raises(NoGradientError, match=r"no parameter of ReLU .* it has none at all"):
        nn.per_sample_gradients(nn.ReLU(), gd.cross_entropy, *batch)

    with pytest.raises(NoGradientError, match=r"all are frozen: layers\.0\.weight") as e:
        nn.per_sample_gradients(network().freeze(), gd.cross_entropy, *batch)
    assert "Try model.unfreeze()" in str(e.value)


def test_samples_and_targets_are_equally_many(batch):
    with pytest.raises(ShapeError, match=r"12 samples \(12, 6\) arrived with 3 targets \(3,\)"):
        nn.per_sample_gradients(network(), gd.cross_entropy, batch[0], batch[1][:3])


def test_a_single_target_without_axes_is_no_batch(batch):
    with pytest.raises(ShapeError, match=r"Try x\[None\] and t\[None\] for a single sample"):
        nn.per_sample_gradients(network(), gd.cross_entropy, batch[0][:1], 3)


@pytest.mark.parametrize(
    ("loss", "shown"),
    [(lambda y, t: y, r"shape \(1, 4\)"), (lambda y, t: 1.0, "float")],
    ids=["all outputs", "a number of Python"],
)
def test_the_loss_of_a_sample_is_one_number(batch, loss, shown):
    with pytest.raises(ShapeError, match=f"the loss of one sample is {shown}; it must be"):
        nn.per_sample_gradients(network(), loss, *batch)


def test_a_loss_cut_off_from_the_model_is_refused(batch):
    with pytest.raises(NoGradientError, match="depends on no parameter that requires a gradient"):
        nn.per_sample_gradients(network(), lambda y, t: y.detach().sum(), *batch)
