"""Module: parts are found by walking, state is all or nothing, errors say where."""

from __future__ import annotations

import copy
import threading

import numpy as np
import pytest

import gradatim as gd
from gradatim import nn
from gradatim.errors import DtypeError, ShapeError, StateError


class Net(nn.Module):
    """Everything a model may be made of: modules, lists, dicts, a bare parameter, a buffer."""

    def __init__(self):
        self.scale = gd.Parameter(np.ones(2, np.float32))
        self.first = nn.Linear(3, 2, rng=0)
        self.rest = [nn.Linear(2, 2, rng=1), "relu", {"head": nn.Linear(2, 4, rng=2)}]
        self.seen = gd.Tensor(np.zeros(2, np.float32))
        self._scratch = gd.Tensor(np.zeros(9))

    def forward(self, x):
        h = self.first(x) * self.scale
        return self.rest[2]["head"](gd.relu(self.rest[0](h)))


NAMES = [
    "scale",
    "first.weight",
    "first.bias",
    "rest.0.weight",
    "rest.0.bias",
    "rest.2.head.weight",
    "rest.2.head.bias",
]


@pytest.fixture
def net():
    return Net()


@pytest.fixture
def x():
    return np.random.default_rng(0).standard_normal((5, 3)).astype(np.float32)


# --- finding --------------------------------------------------------------------------------------
def test_parameters_are_found_in_the_order_in_which_they_were_written(net):
    assert [name for name, _ in net.named_parameters()] == NAMES
    assert [p.shape for p in net.parameters()] == [(2,), (3, 2), (2,), (2, 2), (2,), (2, 4), (4,)]


def test_a_parameter_is_named_by_its_path_in_the_outermost_model(net):
    net.first.named_parameters()
    assert net.first.weight.name == "weight"

    net.named_parameters()
    assert net.first.weight.name == "first.weight"


def test_a_name_given_by_the_user_stays(net):
    net.scale = gd.Parameter([1.0, 1.0], name="gain")

    net.named_parameters()

    assert net.scale.name == "gain"


def test_modules_are_found_outer_before_inner(net):
    paths = [path for path, _ in net.named_modules()]

    assert paths == ["", "first", "rest.0", "rest.2.head"]
    assert net.modules()[0] is net


def test_tied_weights_are_one_parameter():
    class Tied(nn.Module):
        def __init__(self):
            self.encode = nn.Linear(3, 3, rng=0)
            self.decode = nn.Linear(3, 3, rng=1)
            self.decode.weight = self.encode.weight

    tied = Tied()

    assert [name for name, _ in tied.named_parameters()] == [
        "encode.weight", "encode.bias", "decode.bias",
    ]  # fmt: skip
    assert "decode.weight" not in tied.state_dict()


def test_a_module_that_knows_its_parent_is_no_endless_walk(net):
    net.first.parent = net

    assert [name for name, _ in net.named_parameters()] == NAMES


def test_a_module_inside_itself_can_be_shown():
    class Loop(nn.Module):
        def __init__(self):
            self.me = self

    assert repr(Loop()) == "Loop(\n  me: ...\n)"


def test_super_init_is_not_needed(net, x):
    assert net.training
    assert net(x).shape == (5, 4)


def test_calling_a_module_without_forward_says_what_to_write():
    class Empty(nn.Module):
        pass

    with pytest.raises(NotImplementedError, match=r"Empty: define forward\(self, x\)"):
        Empty()(1.0)


# --- switches -------------------------------------------------------------------------------------
def test_train_and_eval_reach_every_module(net):
    assert net.eval() is net
    assert not any(module.training for module in net.modules())

    net.train()
    assert all(module.training for module in net.modules())
    assert nn.Module.training, "the class itself is not touched"


def test_frozen_parameters_get_no_gradient(net, x):
    net.first.freeze()

    net(x).sum().backward()

    assert net.first.weight.grad is None
    assert net.scale.grad is not None
    assert net.first.unfreeze().weight.requires_grad


def test_zero_grad_drops_all_gradients(net, x):
    net(x).sum().backward()

    net.zero_grad()

    assert all(p.grad is None for p in net.parameters())


# --- attributes -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("wrong", "right"),
    [("weigth", "weight"), ("baseline", None), ("bais", "bias"), ("trainning", "training"),
     ("foward", "forward")],
)  # fmt: skip
def test_a_misspelt_attribute_warns(wrong, right):
    """The notebook set `self.weigths` in its update, and learned nothing from then on."""
    layer = nn.Linear(2, 2, rng=0)

    if right is None:
        setattr(layer, wrong, 1)
    else:
        with pytest.warns(nn.MisspeltAttributeWarning, match=f"Did you mean {right}"):
            setattr(layer, wrong, 1)


def test_names_like_each_other_are_welcome_in_init():
    class Alike(nn.Module):
        def __init__(self):
            self.layer = 1
            self.add()

        def add(self):
            self.layers = 2

    assert Alike().layers == 2


def test_replacing_a_parameter_by_a_result_is_refused():
    """`params[k] = params[k] - lr * g` trained nothing in the notebook, in silence."""
    layer = nn.Linear(2, 2, rng=0)

    with pytest.raises(StateError, match=r"Try model\.weight\.assign\(value\)"):
        layer.weight = layer.weight - 0.1
    with pytest.raises(StateError, match="replaced by ndarray"):
        layer.weight = np.zeros((2, 2))

    layer.weight = gd.Parameter(np.zeros((2, 2), np.float32))
    layer.bias = None
    assert layer([1.0, 1.0]).tolist() == [0.0, 0.0]


# --- state ----------------------------------------------------------------------------------------
def test_state_holds_parameters_and_kept_tensors_but_nothing_private(net):
    assert list(net.state_dict()) == [*NAMES, "seen"]


def test_state_leaves_out_results(net, x):
    net.latest = net(x)

    assert "latest" not in net.state_dict()


def test_state_is_a_copy(net):
    net.state_dict()["scale"][:] = 7

    assert net.scale.tolist() == [1, 1]


def test_loading_gives_back_what_was_saved(net, x):
    other = Net()
    for p in other.parameters():
        p.assign(p.numpy() + 1)

    difference = other.load_state_dict(net.state_dict())

    assert difference == ([], [])
    np.testing.assert_array_equal(other(x).numpy(), net(x).numpy())


def test_loading_keeps_the_objects_and_the_dtype_of_the_model(net):
    before = net.first.weight
    state = {name: array.astype(np.float64) + 1 for name, array in net.state_dict().items()}

    net.load_state_dict(state)

    assert net.first.weight is before
    assert before.dtype == np.float32


def test_a_state_that_does_not_fit_is_told_in_full_and_changes_nothing(net):
    before = net.state_dict()
    state = {name: array + 1 for name, array in before.items()}
    state["first.wieght"] = state.pop("first.weight")
    state["rest.2.head.weight"] = state["rest.2.head.weight"].T
    state["seen"] = np.array(["a", "b"])

    with pytest.raises(StateError) as caught:
        net.load_state_dict(state)

    message = str(caught.value)
    assert "Net.load_state_dict: the state does not fit; nothing was changed" in message
    assert "missing: first.weight (3, 2)" in message
    assert "unexpected: first.wieght (did you mean first.weight?)" in message
    assert "wrong shape: rest.2.head.weight is (4, 2) in the state, (2, 4) here" in message
    assert "transposed? try value.T" in message
    assert "wrong dtype: seen is <U1 in the state, float32 here" in message
    for name, array in net.state_dict().items():
        np.testing.assert_array_equal(array, before[name])


def test_without_strict_what_is_on_one_side_only_is_left_alone(net):
    difference = net.load_state_dict({"scale": [3.0, 4.0], "more": [1.0]}, strict=False)

    assert net.scale.tolist() == [3, 4]
    assert difference.unexpected == ["more"]
    assert difference.missing == [*NAMES[1:], "seen"]


def test_without_strict_a_wrong_shape_is_still_an_error(net):
    with pytest.raises(StateError, match=r"scale is \(3,\) in the state, \(2,\) here"):
        net.load_state_dict({"scale": [1.0, 2.0, 3.0]}, strict=False)


def test_a_state_must_be_a_dict(net):
    with pytest.raises(StateError, match="a state is a dict from name to array, this is list"):
        net.load_state_dict([1, 2])


def test_loading_between_forward_and_backward_is_noticed(net, x):
    loss = net(x).sum()
    net.load_state_dict(net.state_dict())

    with pytest.raises(gd.errors.StaleGraphError):
        loss.backward()


def test_astype_makes_a_copy_of_another_precision(net, x):
    double = net.astype(np.float64)

    assert {p.dtype for p in double.parameters()} == {np.dtype("f8")}
    assert {p.dtype for p in net.parameters()} == {np.dtype("f4")}
    np.testing.assert_allclose(double(x).numpy(), net(x).numpy(), rtol=1e-5)
    double.scale.assign([9.0, 9.0])
    assert net.scale.tolist() == [1, 1]


def test_astype_keeps_ties():
    pair = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    pair[1].weight = pair[0].weight

    double = pair.astype(np.float64)

    assert double[1].weight is double[0].weight


def test_astype_wants_a_float(net):
    with pytest.raises(DtypeError, match="parameters cannot be int64"):
        net.astype(int)


def test_a_deep_copy_shares_nothing(net):
    twin = copy.deepcopy(net)
    twin.scale.assign([5.0, 5.0])

    assert net.scale.tolist() == [1, 1]


# --- errors that say where ------------------------------------------------------------------------
def test_an_error_names_the_path_to_the_failing_module(net):
    with pytest.raises(ShapeError) as caught:
        net(np.zeros((5, 4)))

    assert str(caught.value).endswith("in first (Linear)")


def test_the_path_grows_through_every_level():
    class Outer(nn.Module):
        def __init__(self):
            self.model = nn.MLP([3, 2, 1], rng=0)

        def forward(self, x):
            return self.model(x)

    with pytest.raises(ShapeError) as caught:
        Outer()(np.zeros((1, 4)))

    assert caught.value.places == ["model", "layers.0 (Linear)"]
    assert str(caught.value).endswith("in model.layers.0 (Linear)")


def test_a_module_alone_gives_its_kind():
    with pytest.raises(ShapeError) as caught:
        nn.Linear(3, 2)(np.zeros((1, 4)))

    assert str(caught.value).endswith("in Linear")


def test_a_primitive_that_fails_inside_forward_is_placed_too():
    class Wrong(nn.Module):
        def forward(self, x):
            return x @ np.zeros((7, 7))

    with pytest.raises(ShapeError) as caught:
        nn.Sequential("relu", Wrong())(np.zeros((2, 3)))

    assert str(caught.value).endswith("in layers.1 (Wrong)")


# --- showing --------------------------------------------------------------------------------------
def test_repr_is_nested_and_ordered(net):
    net.first.weight.requires_grad = False

    assert repr(net) == (
        "Net(\n"
        "  scale: Parameter (2,) float32\n"
        "  first: Linear(3, 2)\n"
        "  rest.0: Linear(2, 2)\n"
        "  rest.2.head: Linear(2, 4)\n"
        ")"
    )


def test_repr_shows_frozen_parameters():
    class Bare(nn.Module):
        def __init__(self):
            self.w = gd.Parameter([1.0], requires_grad=False)

    assert repr(Bare()) == "Bare(\n  w: Parameter (1,) float64, frozen\n)"


def test_two_threads_can_call_one_model(net, x):
    found = []
    threads = [threading.Thread(target=lambda: found.append(net(x).numpy())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 4
    for each in found:
        np.testing.assert_array_equal(each, found[0])
