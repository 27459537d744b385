"""Book: a layer of the book inside a model, its gradients, its parameters, and what it refuses."""

from __future__ import annotations

import copy
import gc
import pickle
import weakref
from collections import namedtuple
from types import SimpleNamespace

import numpy as np
import pytest

import gradatim as gd
from check import book_layers
from gradatim import book
from gradatim.errors import DtypeError, GraphError, RecordingError, ShapeError, StateError
from gradatim.nn import Book, place

RNG = np.random.default_rng(5)
X = RNG.standard_normal((4, 3))
T = np.array([0, 1, 1, 0])
W = RNG.standard_normal((3, 2))
B = RNG.standard_normal(2)


class Affine:
    """As a learner writes it."""

    def __init__(self, W, b):
        self.W = W
        self.b = b
        self.dW = None
        self.db = None

    def forward(self, x):
        self.x = x
        return np.dot(x, self.W) + self.b

    def backward(self, dout):
        self.dW = np.dot(self.x.T, dout)
        self.db = np.sum(dout, axis=0)
        return np.dot(dout, self.W.T)


class Lists:
    """As the second volume has it: lists, and gradients written into arrays that are there."""

    def __init__(self, W, b):
        self.params = [W, b]
        self.grads = [np.zeros_like(W), np.zeros_like(b)]

    def forward(self, x):
        self.x = x
        W, b = self.params
        return x @ W + b

    def backward(self, dout):
        self.grads[0][...] = self.x.T @ dout
        self.grads[1][...] = dout.sum(axis=0)
        return dout @ self.params[0].T


class Dicts:
    """Both as dicts, the gradients made by backward."""

    def __init__(self, W, b):
        self.params = {"W": W, "b": b}

    def forward(self, x):
        self.x = x
        return x @ self.params["W"] + self.params["b"]

    def backward(self, dout):
        self.grads = {"W": self.x.T @ dout, "b": dout.sum(axis=0)}
        return dout @ self.params["W"].T


class Network:
    """A whole network of the first volume: params and layers share arrays."""

    def __init__(self, W, b):
        self.params = {"W1": W, "b1": b, "W2": np.ones((2, 2)), "b2": np.zeros(2)}
        self.layers = {
            "Affine1": Affine(self.params["W1"], self.params["b1"]),
            "Sigmoid1": book.Sigmoid(),
            "Affine2": Affine(self.params["W2"], self.params["b2"]),
        }

    def forward(self, x):
        for layer in self.layers.values():
            x = layer.forward(x)
        return x

    def backward(self, dout):
        for layer in reversed(self.layers.values()):
            dout = layer.backward(dout)
        return dout


class Relu:
    """The notebooks' own: backward writes into dout."""

    def forward(self, x):
        self.mask = x <= 0
        out = x
        out[self.mask] = 0
        return out

    def backward(self, dout):
        dout[self.mask] = 0
        return dout


KINDS = [Affine, Lists, Dicts, Network, book.Affine]


def loss(model, x=X):
    return gd.cross_entropy(model(x), T)


# --- gradients ----------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", KINDS)
def test_gradients_reach_the_input_and_every_parameter(kind):
    model = Book(kind(W, B))
    x = gd.Tensor(X, requires_grad=True)
    loss(model, x).backward()
    found = [x, *model.params.values()]
    assert all(each.grad is not None for each in found)
    for each in found:
        expected = book.numerical_gradient(lambda _: loss(model, x).item(), each.data)
        np.testing.assert_allclose(each.grad.numpy(), expected, atol=1e-8)


def test_it_learns_what_linear_learns():
    models = [gd.nn.Sequential(Book(kind(W, B))) for kind in (Affine, Lists, Dicts)]
    linear = gd.nn.Linear(3, 2, dtype=np.float64)
    linear.load_state_dict({"weight": W, "bias": B})
    for model in (*models, linear):
        optimizer = gd.optim.Adam(model.parameters(), lr=0.1)
        for _ in range(10):
            loss(model).backward()
            optimizer.step()
    for model in models:
        np.testing.assert_allclose(model(X).numpy(), linear(X).numpy(), atol=1e-12)


def test_a_network_inside_learns_as_one():
    model = Book(Network(W, B))
    optimizer = gd.optim.SGD(model.parameters(), lr=0.5)
    losses = []
    for _ in range(20):
        value = loss(model)
        value.backward()
        optimizer.step()
        losses.append(value.item())
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] < 0.9 * losses[0]
    layers, params = model.layer.layers, model.layer.params
    assert layers["Affine1"].W is params["W1"] is model.params["W1"].data


@pytest.mark.parametrize("kind", [Affine, Lists, Dicts])
def test_a_layer_in_two_places_has_the_gradient_of_both(kind):
    square = Book(kind(RNG.standard_normal((3, 3)), np.array([0.3, 0.2, -0.1])))
    relu = Book(book.Relu())
    model = gd.nn.Sequential(square, relu, square, relu, square)
    x = gd.Tensor(X, requires_grad=True)
    (model(x) ** 2).sum().backward()
    for each in (x, *model.parameters()):
        expected = book.numerical_gradient(lambda _: (model(x) ** 2).sum().item(), each.data)
        np.testing.assert_allclose(each.grad.numpy(), expected, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("between", [
    lambda model: model(-X),
    lambda model: model.layer.forward(-X),
    lambda model: copy.deepcopy(model)(-X),
], ids=["a prediction", "a call of the layer itself", "a call of a copy"])  # fmt: skip
def test_calls_in_between_do_not_change_the_gradient(between):
    model = Book(Affine(W, B))
    value = (model(X) ** 2).sum()
    between(model)
    value.backward()
    expected = X.T @ (2 * (X @ W + B))
    np.testing.assert_allclose(model.params["W"].grad.numpy(), expected, rtol=1e-12)


def test_one_forward_serves_many_backwards():
    class Consuming(book.Sigmoid):
        def backward(self, dout):
            self.out *= 1 - self.out
            return dout * self.out

    for kind in (Consuming, book.Sigmoid, book.Relu):
        model = Book(kind())
        model(-X)
        jacobian = gd.jacobian(model)(X[0]).numpy()
        slope = gd.grad(lambda x, model=model: model(x).sum())(X[0]).numpy()
        np.testing.assert_allclose(jacobian, np.diag(slope), atol=1e-15)
        y, pull = gd.vjp(model, X)
        first, second = (pull(v * np.ones(y.shape))[0].numpy() for v in (1.0, 3.0))
        np.testing.assert_allclose(second, 3 * first, atol=1e-15)


def test_one_backward_serves_all_inputs():
    class Counting(Affine):
        calls = 0

        def backward(self, dout):
            self.calls += 1
            return super().backward(dout)

    model = Book(Counting(W, B))
    loss(model, gd.Tensor(X, requires_grad=True)).backward()
    assert model.layer.calls == 1


def test_a_layer_may_write_into_what_it_is_given():
    x = gd.Tensor(X, requires_grad=True)
    inner = x * 1.0
    y = Book(Relu())(inner)
    (y.sum() + inner.sum()).backward()
    np.testing.assert_array_equal(inner.numpy(), X)
    np.testing.assert_array_equal(x.grad.numpy(), 1.0 + (X > 0))
    other = gd.Tensor(X, requires_grad=True)
    (Book(Relu())(x) + other).sum().backward()  # both are handed one and the same gradient
    assert (other.grad.numpy() == 1).all()


def test_several_inputs_have_a_gradient_each():
    apple, number = (gd.Tensor(v, requires_grad=True) for v in (100.0, 2.0))
    price, total = Book(book.MulLayer()), Book(book.MulLayer())
    total(price(apple, number), 1.1).backward()
    assert (apple.grad.item(), number.grad.item()) == (2.2, 110.00000000000001)


def test_a_loss_layer_takes_its_labels():
    scores = gd.Tensor(X, requires_grad=True)
    value = Book(book.SoftmaxWithLoss())(scores, T)
    (2 * value).backward()
    assert value.shape == ()
    expected = gd.grad(lambda x: 2 * gd.cross_entropy(x, T))(X)
    np.testing.assert_allclose(scores.grad.numpy(), expected.numpy(), atol=1e-15)


def test_gd_grad_and_the_check_and_a_listener_go_through_it():
    model = gd.nn.Sequential(Book(Affine(W, B)), Book(book.Sigmoid()))
    np.testing.assert_allclose(
        gd.grad(lambda x: model(x).sum())(X).numpy(),
        gd.grad(lambda x: gd.sigmoid(x @ W + B).sum())(X).numpy(),
        atol=1e-14,
    )
    gd.check.gradient(loss, model).assert_passed()
    names = []
    value = loss(model)
    with gd.listen(lambda primitive, *_: names.append(primitive.name)):
        value.backward()
    assert names.count("book_backward") == 3  # W, b and the input of the sigmoid
    assert model[0].params["W"].grad is not None


def test_without_the_tape_it_predicts():
    with gd.no_grad():
        y = Book(Affine(W, B))(X)
    assert not y.requires_grad
    np.testing.assert_array_equal(y.numpy(), X @ W + B)


def test_training_is_told_to_layers_that_ask():
    class Dropout:
        def forward(self, x, train_flg=True):
            self.mask = np.random.rand(*x.shape) > 0.5 if train_flg else np.ones(x.shape, bool)
            return x * self.mask

        def backward(self, dout):
            return dout * self.mask

    layer = Book(Dropout())
    x = gd.Tensor(np.ones((20, 20)), requires_grad=True)
    y = layer(x)
    y.sum().backward()
    assert 0.3 < y.numpy().mean() < 0.7
    np.testing.assert_array_equal(x.grad.numpy(), y.numpy())  # the mask of the call, not a new one
    assert (layer.eval()(x).numpy() == 1).all()

    twice = layer.train()(layer(x))
    with pytest.raises(
        GraphError, match=r"Book\(Dropout\).backward: .* so it is random, .*\n  Try"
    ):
        twice.sum().backward()


# --- parameters ---------------------------------------------------------------------------------
def test_parameters_have_names_and_are_counted():
    names = {
        kind.__name__: [name for name, _ in Book(kind(W, B)).named_parameters()]
        for kind in (Affine, Lists, Dicts, Network)
    }
    assert names["Affine"] == names["Dicts"] == ["params.W", "params.b"]
    assert names["Lists"] == ["params.0", "params.1"]
    assert names["Network"] == ["params.W1", "params.b1", "params.W2", "params.b2"]
    model = gd.nn.Sequential(Book(Affine(W, B)), Book(book.Relu()))
    assert [row.parameters for row in model.summary(X).rows] == [8, 0]
    assert repr(model) == (
        "Sequential(\n  layers.0: Book(Affine, W (3, 2), b (2,))\n  layers.1: Book(Relu)\n)"
    )


@pytest.mark.parametrize("kind", KINDS)
def test_the_arrays_that_it_was_made_with_are_not_changed(kind):
    w, b = W.copy(), B.copy()
    model = Book(kind(w, b))
    loss(model).backward()
    gd.optim.SGD(model.parameters(), lr=1.0).step()
    np.testing.assert_array_equal(w, W)
    np.testing.assert_array_equal(b, B)


# --- whatever it calls its parameters -----------------------------------------------------------
Pair = namedtuple("Pair", "W b")


class Spelt:
    """Affine; where it keeps W and b and their gradients is for ``WAYS`` to say."""

    def __init__(self, way):
        make, self.read, self.keep = WAYS[way]
        make(self)

    def forward(self, x):
        self.x = x
        W, b = self.read(self)
        return x @ W + b

    def backward(self, dout):
        self.keep(self, self.x.T @ dout, dout.sum(axis=0))
        return dout @ self.read(self)[0].T


def named(weight, bias, weight_gradient, bias_gradient):
    def make(s):
        vars(s).update({weight: W.copy(), bias: B.copy()})

    def keep(s, dW, db):
        vars(s).update({weight_gradient: dW, bias_gradient: db})

    return make, lambda s: (getattr(s, weight), getattr(s, bias)), keep


def kept(holder, gradients, make=lambda: [W.copy(), B.copy()], grads=lambda dW, db: [dW, db]):
    def read(s):
        held = getattr(s, holder)
        return list(held.values()) if isinstance(held, dict) else held

    return (
        lambda s: vars(s).update({holder: make()}),
        read,
        lambda s, dW, db: vars(s).update({gradients: grads(dW, db)}),
    )


def in_both_dicts():
    return {"W": W.copy(), "b": B.copy()}


WAYS = {
    "capital B": named("W", "B", "dW", "dB"),
    "Wx": named("Wx", "Wh", "dWx", "dWh"),
    "weights": named("weights", "bias", "dweights", "dbias"),
    "d_W": named("W", "b", "d_W", "d_b"),
    "grad_W": named("W", "b", "grad_W", "grad_b"),
    "W_grad": named("W", "b", "W_grad", "b_grad"),
    "Wgrad": named("W", "b", "Wgrad", "bgrad"),
    "attributes and grads": (
        lambda s: vars(s).update(in_both_dicts()),
        lambda s: (s.W, s.b),
        lambda s, dW, db: vars(s).update(grads={"W": dW, "db": db}),
    ),
    "parameters": kept("parameters", "gradients"),
    "param": kept("param", "grad"),
    "tuple": kept("params", "grads", lambda: (W.copy(), B.copy())),
    "namedtuple": kept("params", "grads", lambda: Pair(W.copy(), B.copy())),
    "tuple of tuples": (
        lambda s: vars(s).update(params=((W.copy(), B.copy()),)),
        lambda s: s.params[0],
        lambda s, dW, db: vars(s).update(grads=((dW, db),)),
    ),
    "tuple of layers": (
        lambda s: vars(s).update(layers=(SimpleNamespace(**in_both_dicts()),)),
        lambda s: (s.layers[0].W, s.layers[0].b),
        lambda s, dW, db: vars(s.layers[0]).update(dW=dW, db=db),
    ),
    "dict and attributes": (
        lambda s: vars(s).update(params=in_both_dicts()),
        lambda s: list(s.params.values()),
        lambda s, dW, db: vars(s).update(dW=dW, db=db),
    ),
    "dict of d": kept("params", "grads", in_both_dicts, lambda dW, db: {"dW": dW, "db": db}),
    "store": kept("store", "dstore", in_both_dicts, lambda dW, db: {"W": dW, "b": db}),
}


@pytest.mark.parametrize("way", WAYS)
def test_parameters_are_found_whatever_they_are_called(way):
    if way != "tuple of tuples":  # deeper than the check looks for gradients
        gd.check.layer(Spelt(way), X).assert_passed()
    model, plain = Book(Spelt(way)), gd.nn.Linear(3, 2, dtype=float)
    plain.weight.assign(W)
    plain.bias.assign(B)
    for each in (model, plain):
        for _ in range(3):
            loss(each).backward()
            optimizer = gd.optim.SGD(each.parameters(), lr=0.5)
            optimizer.step()
            optimizer.zero_grad()
    for mine, theirs in zip(model.parameters(), plain.parameters(), strict=True):
        np.testing.assert_allclose(mine.numpy(), theirs.numpy(), rtol=1e-12)
    for mine, theirs in zip(model.layer.read(model.layer), plain.parameters(), strict=True):
        np.testing.assert_allclose(mine, theirs.numpy(), rtol=1e-12)


@pytest.mark.parametrize("name", book_layers.SOURCES)
def test_what_the_check_calls_a_parameter_is_learned(name):
    layer, inputs = book_layers.layer(name)
    rows = [row.name for row in gd.check.layer(layer, *inputs).rows]
    gradients = [row[1:] for row in rows if row not in ("dx", "dy")]
    assert list(Book(layer).params) == gradients


@pytest.mark.parametrize("how", ["own", "inner", "one name", "hidden"])
def test_slots_are_looked_into(how):
    slots = {"own": ("W", "dW"), "inner": (), "one name": "W", "hidden": ("__W", "dW")}[how]

    class Slotted:
        __slots__ = slots

    class Layer(SimpleNamespace if how == "inner" else Slotted):
        def forward(self, x):
            return x

        def backward(self, dout):
            return dout

    holder = layer = Layer()
    if how == "inner":
        holder = layer.inner = type("Inner", (), {"__slots__": ("W",)})()
    name = "_Slotted__W" if how == "hidden" else "W"
    setattr(holder, name, W)
    if how == "hidden":
        layer.d_Slotted__W = None
    (found,) = Book(layer).params.values()
    assert getattr(holder, name) is found.data


def test_a_tuple_in_two_places_is_replaced_in_both():
    layer = SimpleNamespace(params=(W, B), forward=lambda x: x, backward=lambda dout: dout)
    layer.mine = layer.params
    model = Book(layer)
    model.load_state_dict({"params.0": W + 1, "params.1": B})
    model._show_own()
    for held in (layer.params, layer.mine):
        np.testing.assert_array_equal(held[0], W + 1)
        assert held[1] is model.params["1"].data


def test_a_random_layer_with_a_tuple_goes_back_through_its_last_call():
    class Noisy(Spelt):
        def forward(self, x):
            return super().forward(x) + np.random.default_rng().normal()

    loss(Book(Noisy("tuple"))).backward()


def test_a_number_among_parameters_is_learned():
    class Scale:
        def __init__(self):
            self.params = {"a": 2.0, "c": np.float32(1)}

        def forward(self, x):
            self.x = x
            return x * self.params["a"] + self.params["c"]

        def backward(self, dout):
            self.grads = {"a": (dout * self.x).sum(), "c": dout.sum()}
            return dout * self.params["a"]

    model = Book(Scale())
    model(X).sum().backward()
    assert model.params["a"].grad.item() == pytest.approx(X.sum())
    assert model.params["c"].grad.item() == X.size


def test_parameters_of_one_name_are_told_apart():
    layer = Dicts(W, B)
    layer.W = W.copy()
    assert list(Book(layer).params) == ["W", "params.W", "b"]


def test_a_layer_is_walked_as_often_for_many_parameters_as_for_few(monkeypatch):
    def walks(count):
        asked = []
        monkeypatch.setattr(place, "_children", lambda node: asked.append(node) or children(node))
        layer = Lists(W, B)
        layer.params += [np.zeros(2) for _ in range(count)]
        Book(layer)
        return len(asked)

    children = place._children
    assert walks(1) == walks(50)


def test_the_layer_learns_along():
    layer = Affine(W, B)
    model = Book(layer)
    for _ in range(2):
        loss(model).backward()
        gd.optim.SGD(model.parameters(), lr=1.0).step()
    assert not np.array_equal(layer.W, W)
    np.testing.assert_array_equal(layer.forward(X), model(X).numpy())
    model.load_state_dict({"params.W": W, "params.b": B})
    np.testing.assert_array_equal(layer.W, W)


def test_an_array_assigned_in_the_layer_is_taken_over():
    model = Book(Affine(W, B))
    mine = np.ones((3, 2))
    model.layer.W = mine
    np.testing.assert_array_equal(model(X).numpy(), X @ mine + B)
    assert (model.params["W"].numpy() == 1).all()
    loss(model).backward()
    gd.optim.SGD(model.parameters(), lr=1.0).step()
    assert (mine == 1).all()


def test_an_array_of_another_shape_assigned_in_the_layer_is_refused():
    model = Book(Affine(W, B))
    model.layer.b = np.ones(3)
    with pytest.raises(ShapeError, match=r"b was set to an array of shape \(3,\); it must stay"):
        model(X)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("how", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_a_copy_is_on_its_own(kind, how):
    model = Book(kind(W, B))
    loss(model).backward()
    twin = how(model)
    before = model(X).numpy()
    np.testing.assert_array_equal(twin(X).numpy(), before)
    for parameter in twin.parameters():
        parameter.assign(np.zeros(parameter.shape))
    assert (twin(X).numpy() == 0).all()
    np.testing.assert_array_equal(model(X).numpy(), before)
    loss(twin).backward()
    assert all(parameter.grad is not None for parameter in twin.parameters())


def test_another_dtype_reaches_the_layer():
    model = Book(Affine(W, B)).astype(np.float32)
    y = model(X.astype(np.float32))
    y.sum().backward()
    assert y.dtype == model.layer.W.dtype == model.params["W"].grad.dtype == np.float32


def test_integers_become_floats_and_numbers_parameters():
    class Scale:
        def __init__(self):
            self.w, self.dw, self.steps = 2.0, None, np.array([1, 2])

        def forward(self, x):
            self.x = x
            return x * self.w

        def backward(self, dout):
            self.dw = np.sum(dout * self.x)
            return dout * self.w

    model = Book(Scale())
    model(X).sum().backward()
    assert list(model.params) == ["w"]
    assert model.params["w"].grad.item() == pytest.approx(X.sum())
    assert Book(Affine(np.ones((3, 2), int), B)).params["W"].dtype == np.float64


def test_a_frozen_parameter_stays():
    model = Book(Affine(W, B))
    model.params["W"].requires_grad = False
    loss(model).backward()
    assert model.params["W"].grad is None
    assert model.params["b"].grad is not None


def test_a_copy_does_not_carry_the_last_batch():
    class Pass:
        def forward(self, x):
            return x

        def backward(self, dout):
            return dout

    model = Book(Pass())
    gd.grad(lambda x: model(x).sum())(np.ones(100_000))
    assert model._answer is not None
    for how in (copy.deepcopy, copy.copy):
        assert how(model)._trace is how(model)._answer is None


def test_a_model_with_it_is_freed():
    model = Book(Affine(W, B))
    loss(model).backward()
    alive = weakref.ref(model)
    del model
    gc.collect()
    assert alive() is None


def test_it_cannot_be_saved_as_plain_data():
    with pytest.raises(
        StateError, match="Book is not a layer of gradatim, so it cannot be rebuilt"
    ):
        gd.nn.Sequential(Book(book.Relu())).architecture()


# --- what it refuses ----------------------------------------------------------------------------
def test_a_second_derivative_is_refused_and_not_zero():
    model = Book(Affine(W, B))
    for second in (
        lambda: gd.hessian(lambda x: gd.sum(model(x) ** 2))(X),
        lambda: gd.grad(lambda x: gd.sum(gd.grad(lambda z: gd.sum(model(z) ** 2))(x)))(X),
        lambda: gd.jvp(model, (X,), (X,)),
    ):
        with pytest.raises(
            GraphError, match=r"Book\(Affine\): a second derivative was asked for; "
        ):
            second()


def test_a_layer_needs_forward_and_backward():
    class Half:
        def forward(self, x):
            return x

    with pytest.raises(GraphError, match="Book: Half has no backward; a layer of the book has for"):
        Book(Half())
    with pytest.raises(GraphError, match="Book: function has no forward and no backward"):
        Book(lambda x: x)


def test_a_class_is_no_layer():
    with pytest.raises(GraphError, match=r"Book: Relu is a class; .*\n  Try Book\(Relu\(...\)\)"):
        Book(Relu)


def test_a_module_needs_no_book():
    with pytest.raises(GraphError, match="Book: Linear is a Module of gradatim already"):
        Book(gd.nn.Linear(2, 2))


def test_a_layer_stands_in_one_book_at_a_time():
    layer = Affine(W, B)
    first = Book(layer)
    with pytest.raises(
        GraphError, match=r"this Affine stands in another Book already; .*\n  Try the"
    ):
        Book(layer)
    del first
    gc.collect()
    Book(layer)


def wrong(**changes):
    """A learner's Affine with a fault."""
    return type("Affine", (Affine,), changes)(W, B)


def test_a_forgotten_return_is_named():
    for called, layer in (
        ("forward", wrong(forward=lambda self, x: None)),
        ("backward", wrong(backward=lambda self, dout: None)),
    ):
        with pytest.raises(
            DtypeError, match=rf"\(Affine\).{called}: it returned None; .*\n.*return"
        ):
            loss(Book(layer), gd.Tensor(X, requires_grad=True)).backward()


def test_what_is_no_array_is_refused():
    with pytest.raises(DtypeError, match=r"forward: it returned str of dtype <U1; it must return"):
        Book(wrong(forward=lambda self, x: "a"))(X)


def test_a_parameter_that_forward_replaces_is_refused():
    def forward(self, x):
        self.W = self.W / np.abs(self.W).max()
        return Affine.forward(self, x)

    with pytest.raises(GraphError, match=r"forward: it put another array into W, which is a param"):
        Book(wrong(forward=forward))(X)


def test_a_gradient_of_another_shape_than_the_input_is_refused():
    def backward(self, dout):
        Affine.backward(self, dout)
        return dout

    with pytest.raises(ShapeError, match=r"for input 0 has shape \(4, 2\); the input has \(4, 3\)"):
        loss(Book(wrong(backward=backward)), gd.Tensor(X, requires_grad=True)).backward()


def test_a_gradient_of_another_shape_than_the_parameter_is_refused():
    def backward(self, dout):
        dx = Affine.backward(self, dout)
        self.db = dout
        return dx

    with pytest.raises(
        ShapeError, match=r"it left for b has shape \(4, 2\); b has \(2,\), and they"
    ):
        loss(Book(wrong(backward=backward))).backward()


def test_a_gradient_that_is_not_left_is_missed():
    def backward(self, dout):
        self.dW = self.x.T @ dout
        return dout @ self.W.T

    model = Book(wrong(backward=backward))
    with pytest.raises(
        GraphError, match=r"it left no gradient for b; looked for db and grads.\n  S"
    ):
        loss(model).backward()
    model.params["b"].requires_grad = False
    loss(model).backward()


def test_a_gradient_for_something_unknown_is_named():
    class Kernel:
        def __init__(self):
            self.K = np.ones((3, 2))

        def forward(self, x):
            self.x = x
            return x @ self.K

        def backward(self, dout):
            self.dK = self.x.T @ dout
            return dout @ self.K.T

    model = Book(Kernel())
    for _ in range(2):
        with pytest.raises(
            GraphError, match=r"it left a gradient dK, but K is not among .*\n.*= None"
        ):
            loss(model, gd.Tensor(X, requires_grad=True)).backward()


class Odd:
    """A layer whose names tell nothing."""

    def __init__(self, **held):
        self.K = np.ones((3, 2))
        vars(self).update(held)

    def forward(self, x):
        self.x = x
        return x @ self.K

    def backward(self, dout):
        self.leave(self.x.T @ dout)
        return dout @ self.K.T

    def leave(self, slope):
        self.slope = slope


def go_back(layer):
    gd.grad(lambda x: Book(layer)(x).sum())(X)


def test_a_gradient_of_no_known_name_is_noticed_by_its_shape():
    left = (
        r"backward: it left {}, of the shape of K, which is not among .*\n  Try self.dK = None in"
    )
    with pytest.raises(GraphError, match=left.format("slope")):
        go_back(Odd())

    class Filled(Odd):
        def leave(self, slope):
            self.slopes[0][...] = slope

    with pytest.raises(GraphError, match=left.format(r"slopes\[0\]")):
        go_back(Filled(slopes=[np.zeros((3, 2))]))


def test_a_gradient_beside_a_list_of_no_known_name_is_named():
    class Listed(Odd):
        def forward(self, x):
            self.x = x
            return x @ self.kernels[0]

        def leave(self, slope):
            self.dkernels = [slope]

    layer = Listed(kernels=[np.ones((3, 2))])
    del layer.K
    layer.backward = lambda dout: Listed.leave(layer, layer.x.T @ dout) or dout @ np.ones((2, 3))
    with pytest.raises(
        GraphError,
        match=r"left a gradient dkernels\[0\], but kernels\[0\] is .*\n.*self.dkernels = ",
    ):
        go_back(layer)


def test_what_is_of_the_shape_of_something_known_is_no_gradient():
    class Local(Odd):
        def leave(self, slope):
            self.note, self.again = np.ones((4, 2)), np.zeros(5)

    go_back(Local(table=np.ones((4, 2)), W=None))  # the shape of the output
    model = Book(Odd(W=np.ones((3, 2)), dW=np.ones((3, 2))))
    model(X).sum().backward()  # the shape of a parameter


def test_what_forward_changes_is_not_missed():
    class Running(Odd):
        def forward(self, x):
            self.mean *= 0.9
            self.mean += 0.1 * x.mean(axis=0)
            self.x = x
            return x - self.mean

        def backward(self, dout):
            self.back = dout.sum(axis=0)
            return dout

    layer = Running(mean=np.zeros(3))
    go_back(layer)


def test_passing_values_are_not_taken_for_parameters():
    class Recurrent:
        def __init__(self):
            self.h = self.dh = self.out = None

        def forward(self, x):
            self.x = self.h = self.out = x * 2
            return self.out

        def backward(self, dout):
            self.dh = self.dout = self.dx = dout * 2
            return self.dx

    model = Book(Recurrent())
    for _ in range(2):
        gd.grad(lambda x: model(x).sum())(X)
    assert model.params == {}


def test_a_view_of_a_parameter_is_refused():
    layer = Affine(W, B)
    layer.turned = layer.W.T
    with pytest.raises(
        GraphError, match=r"Book: Affine holds turned, a view of W; .*\n  Try making"
    ):
        Book(layer)


def test_gradients_must_be_as_many_as_the_inputs():
    class Many(book.MulLayer):
        def backward(self, dout):
            return [*super().backward(dout), dout]

    class One(book.MulLayer):
        def backward(self, dout):
            return super().backward(dout)[0]

    a, b = (gd.Tensor(v, requires_grad=True) for v in (2.0, 3.0))
    with pytest.raises(GraphError, match="it returned 3 gradients for 2 inputs"):
        Book(Many())(a, b).backward()
    with pytest.raises(GraphError, match=r"it returned no gradient for input 1, .*\n.*x.detach"):
        Book(One())(a, b).backward()
    Book(One())(a, 3.0).backward()


def test_a_failure_inside_the_layer_says_what_it_was_called_with():
    model = gd.nn.Sequential(Book(Affine(W, B)))
    told = r"Book\(Affine\).forward: called with \(4, 9\) float64; the layer holds W \(3, 2\), b "
    with pytest.raises(
        ShapeError, match=rf"(?s){told}.*not aligned.*in layers.0 \(Book\)"
    ) as caught:
        model(np.ones((4, 9)))
    assert isinstance(caught.value.__cause__, ValueError)

    def backward(self, dout):
        return dout @ np.ones((5, 5))

    with pytest.raises(ShapeError, match=r"Book\(Affine\).backward: called with \(4, 2\) float64"):
        loss(Book(wrong(backward=backward))).backward()
    with pytest.raises(
        DtypeError, match=r"Book\(Affine\).forward: called with .*: .* 2 were given"
    ):
        Book(wrong(forward=lambda self: 0))(X)


def test_an_error_of_the_librarys_own_is_passed_on():
    with pytest.raises(ShapeError, match=r"Affine.forward: the input has shape \(4, 9\)"):
        Book(book.Affine(W, B))(np.ones((4, 9)))


def test_its_shape_is_not_known_beforehand():
    from gradatim.nn.book import _LAYER

    with pytest.raises(RecordingError, match=r"Book\(Relu\): what a layer of the book returns is"):
        _LAYER.shape((3,), book=Book(book.Relu()), training=True)
