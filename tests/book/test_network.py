from __future__ import annotations

import numpy as np
import pytest

from gradatim import book
from gradatim.errors import DtypeError, ShapeError, StateError

X = np.random.default_rng(1).random((6, 8))
T = np.array([0, 2, 1, 1, 0, 2])
KEYS = ["W1", "b1", "W2", "b2"]


def small(**settings):
    return book.TwoLayerNet(8, 5, 3, weight_init_std=0.5, **settings)


def test_weights_are_drawn_as_in_the_notebook():
    net = book.TwoLayerNet(784, 50, 10)
    np.random.seed(0)
    expected = [0.01 * np.random.randn(784, 50), np.zeros(50), 0.01 * np.random.randn(50, 10)]
    for key, value in zip(KEYS, expected, strict=False):
        np.testing.assert_array_equal(net.params[key], value)
    assert list(net.layers) == ["Affine1", "Relu1", "Affine2"]


@pytest.mark.parametrize("t", [T, np.eye(3)[T]])
def test_backpropagation_gives_the_numerical_gradient(t):
    net = small()
    found, expected = net.gradient(X, t), net.numerical_gradient(X, t)
    assert list(found) == list(expected) == KEYS
    for key in KEYS:
        np.testing.assert_allclose(found[key], expected[key], atol=1e-8)


def test_the_books_epsilon_shows_in_the_check_a_thousandfold():
    t = np.zeros(6, int)  # of equal probabilities and balanced labels the differences cancel

    def worst(net):
        found, expected = net.gradient(X, t), net.numerical_gradient(X, t)
        return max(np.abs(found[key] - expected[key]).mean() for key in KEYS)

    np.random.seed(3)
    net = book.TwoLayerNet(8, 5, 3)
    np.random.seed(3)
    of_the_book = book.TwoLayerNet(8, 5, 3, book_epsilon=True)
    assert worst(net) < 1e-9
    assert worst(of_the_book) > 300 * worst(net)


UPDATES = {
    "in place": lambda params, key, step: params[key].__isub__(step),
    "minus equals": lambda params, key, step: params.__setitem__(key, params[key].__isub__(step)),
    "assigned": lambda params, key, step: params.__setitem__(key, params[key] - step),
    "loaded": lambda params, key, step: params.update({key: (params[key] - step).tolist()}),
}


@pytest.mark.parametrize("update", UPDATES.values(), ids=UPDATES)
def test_every_way_of_changing_a_parameter_trains(update):
    net = small()
    losses = []
    for _ in range(5):
        gradient = net.gradient(X, T)
        for key in KEYS:
            update(net.params, key, 0.1 * gradient[key])
        losses.append(float(net.loss(X, T)))
    np.random.seed(0)
    plain = small()
    expected = []
    for _ in range(5):
        gradient = plain.gradient(X, T)
        for key in KEYS:
            plain.params[key] -= 0.1 * gradient[key]
        expected.append(float(plain.loss(X, T)))
    assert losses == expected
    assert losses == sorted(losses, reverse=True)


def test_params_and_layers_are_one():
    net = small()
    net.layers["Affine1"].W = np.zeros((8, 5))
    assert (net.params["W1"] == 0).all()
    net.params["b2"][1] = 7
    assert net.layers["Affine2"].b[1] == 7


def test_assigning_all_parameters_loads_them():
    net, other = small(), small()
    net.params = other.params.copy()
    np.testing.assert_array_equal(net.predict(X), other.predict(X))
    assert net.layers["Affine1"].W is net.params["W1"]


def test_loading_what_does_not_fit_changes_nothing():
    net = small()
    before = net.params.copy()
    state = {key: value + 1 for key, value in before.items()}
    for fault in ({"b2": np.zeros(4)}, {"W3": 0}):
        with pytest.raises((ShapeError, StateError), match=r"a value of shape|there is no 'W3'"):
            net.params = state | fault
        for key in KEYS:
            np.testing.assert_array_equal(net.params[key], before[key])


def test_what_was_assigned_is_not_trained_along():
    net, mine = small(), np.ones((8, 5))
    net.params["W1"] = mine
    net.params["W1"] -= 1
    assert (mine == 1).all()
    assert (net.params["W1"] == 0).all()


def test_a_copy_of_the_parameters_stays_as_it_was():
    net = small()
    best = net.params.copy()
    before = best["W1"].copy()
    net.params["W1"] -= 1
    np.testing.assert_array_equal(best["W1"], before)


def test_params_is_a_mapping_that_can_be_saved(tmp_path):
    net, other = small(), small()
    np.savez(tmp_path / "params.npz", **net.params)
    other.params.update(np.load(tmp_path / "params.npz"))
    np.testing.assert_array_equal(other.predict(X), net.predict(X))
    assert repr(net.params) == "Params(W1 (8, 5), b1 (5,), W2 (5, 3), b2 (3,))"


def test_a_parameter_of_another_shape_is_refused_and_nothing_changed():
    net = small()
    before = net.params.copy()
    with pytest.raises(ShapeError, match=r"\['W1'\]: a value of shape \(5, 8\).*\n.*value.T\?"):
        net.params["W1"] = np.zeros((5, 8))
    with pytest.raises(ShapeError, match=r"\['b1'\]: a value of shape \(\); it must be \(5,\)"):
        net.params["b1"] = 0.0
    for key in KEYS:
        np.testing.assert_array_equal(net.params[key], before[key])


def test_a_parameter_must_hold_numbers():
    with pytest.raises(DtypeError, match=r"params\['b2'\]: a value of dtype <U1; it must hold num"):
        small().params["b2"] = ["a", "b", "c"]


def test_an_unknown_parameter_is_refused_with_a_near_name():
    net = small()
    for use in (lambda: net.params["w1"], lambda: net.params.__setitem__("w1", 0)):
        with pytest.raises(StateError, match=r"there is no 'w1'; .* W1, b1, W2, b2.\n.*'W1'\?"):
            use()


def test_a_parameter_cannot_be_deleted():
    with pytest.raises(StateError, match="params: 'W1' cannot be deleted; its layer needs it"):
        del small().params["W1"]


def test_all_parameters_are_assigned_or_none():
    with pytest.raises(StateError, match=r"TwoLayerNet.params: W2, b2 missing; assign all"):
        small().params = {"W1": np.zeros((8, 5)), "b1": np.zeros(5)}


@pytest.mark.parametrize("hidden", [[], [5], [5, 4], [5, 4, 6]])
@pytest.mark.parametrize("activation", ["relu", "sigmoid"])
def test_any_depth_has_the_same_interface(hidden, activation):
    net = book.MultiLayerNet(8, hidden, 3, activation, weight_init_std=0.5)
    found, expected = net.gradient(X, T), net.numerical_gradient(X, T)
    depth = len(hidden) + 1
    assert list(net.params) == [f"{kind}{i}" for i in range(1, depth + 1) for kind in "Wb"]
    for key in net.params:
        np.testing.assert_allclose(found[key], expected[key], atol=1e-8)


@pytest.mark.parametrize(
    ("rule", "factor"), [("he", 2), ("relu", 2), ("xavier", 1), ("sigmoid", 1)]
)
def test_weights_begin_by_the_rule_of_a_name(rule, factor):
    W = book.MultiLayerNet(400, [300], 10, weight_init_std=rule).params["W1"]
    assert W.std() == pytest.approx(np.sqrt(factor / 400), rel=0.02)


def test_accuracy_takes_labels_rows_and_single_samples():
    net = small()
    best = net.predict(X).argmax(axis=1)
    assert net.accuracy(X, best) == net.accuracy(X, np.eye(3)[best]) == 1
    assert net.accuracy(X, (best + 1) % 3) == 0
    assert net.accuracy(X[0], int(best[0])) == 1
    with pytest.raises(ShapeError, match=r"TwoLayerNet.accuracy: the scores are"):
        net.accuracy(X, best[:3])


def test_one_sample_is_a_batch_of_one():
    net = small()
    assert net.predict(X[0]).shape == (3,)
    assert net.loss(X[0], T[0]) == net.loss(X[:1], T[:1])
    one, batch = net.gradient(X[0], T[0]), net.gradient(X[:1], T[:1])
    for key in KEYS:
        np.testing.assert_array_equal(one[key], batch[key])


def test_nothing_of_the_caller_is_changed():
    x, t = X.copy(), np.eye(3)[T]
    net = small()
    net.gradient(x, t)
    net.numerical_gradient(x, t)
    np.testing.assert_array_equal(x, X)
    np.testing.assert_array_equal(t, np.eye(3)[T])


@pytest.mark.parametrize("size", [0, -1, 2.5, True])
def test_sizes_must_be_positive_integers(size):
    with pytest.raises(ShapeError, match=f"TwoLayerNet: a size is {size}; each must be an integer"):
        book.TwoLayerNet(8, size, 3)


def test_names_must_be_known():
    with pytest.raises(StateError, match="there is no activation 'tanh'; try one of 'relu', 'sig"):
        book.MultiLayerNet(8, [5], 3, "tanh")
    with pytest.raises(StateError, match="there is no rule 'big' for the weights; try 'he'"):
        book.MultiLayerNet(8, [5], 3, weight_init_std="big")
