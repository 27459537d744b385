"""What all optimizers do: find parameters, use gradients up, keep state, refuse what is wrong."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from gradatim import nn, optim
from gradatim.errors import NoGradientError, ShapeError, StateError

KINDS = [
    optim.SGD, optim.Momentum, optim.Nesterov, optim.AdaGrad, optim.RMSProp, optim.Adam,
    optim.AdamW,
]  # fmt: skip
every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)


@pytest.fixture
def model():
    return nn.MLP([3, 4, 2], rng=0, dtype=np.float64)


def backward(model, seed=0):
    rng = np.random.default_rng(seed)
    loss = gd.cross_entropy(model(rng.standard_normal((5, 3))), rng.integers(0, 2, 5))
    loss.backward()
    return loss


def numbers(model):
    return [p.numpy() for p in model.parameters()]


def assert_same(before, after):
    for a, b in zip(before, after):
        np.testing.assert_array_equal(a, b)


# --- what is learned ------------------------------------------------------------------------------
@every_kind
def test_every_optimizer_makes_the_loss_smaller(kind, model):
    optimizer = kind(model, lr=0.01)
    first = backward(model).item()
    for _ in range(30):
        optimizer.step()
        last = backward(model).item()

    assert last < first


@pytest.mark.parametrize(
    "given",
    [
        lambda m: m,
        lambda m: m.parameters(),
        lambda m: iter(m.parameters()),
        lambda m: dict(m.named_parameters()),
        lambda m: m.named_parameters(),
        lambda m: {"inside": [m]},
    ],
)
def test_parameters_may_be_given_in_any_form(given, model):
    before = numbers(model)
    backward(model)

    optim.SGD(given(model), lr=0.1).step()

    assert all((a != b).any() for a, b in zip(before, numbers(model)))


def test_paths_are_those_of_the_model(model):
    assert list(optim.SGD(model).parameters) == [
        "layers.0.weight", "layers.0.bias", "layers.2.weight", "layers.2.bias",
    ]  # fmt: skip
    assert next(iter(optim.SGD(model.named_parameters()).parameters)) == "layers.0.weight"
    assert model[0].weight.name == "layers.0.weight"


def test_a_single_parameter_may_be_given():
    w = gd.Parameter(3.0)
    (w * w).backward()

    optim.SGD(w, lr=0.5).step()

    assert w.item() == 0.0


@every_kind
def test_tied_parameters_are_moved_once(kind):
    w = gd.Parameter([1.0, 2.0])
    (w * w).sum().backward()
    once = gd.Parameter([1.0, 2.0])
    (once * once).sum().backward()

    kind({"a": w, "b": w}, lr=0.1).step()
    kind([once], lr=0.1).step()

    assert_same([w.numpy()], [once.numpy()])


@every_kind
def test_frozen_parameters_stay(kind, model):
    model[0].freeze()
    before = numbers(model)
    optimizer = kind(model, lr=0.1, weight_decay=0.1)
    backward(model)
    optimizer.step()

    assert_same(before[:2], numbers(model)[:2])
    assert (before[2] != model[2].weight.numpy()).any()


def test_a_parameter_frozen_after_backward_stays(model):
    optimizer = optim.SGD(model, lr=0.1)
    backward(model)
    model[0].weight.requires_grad = False
    before = model[0].weight.numpy()

    optimizer.step()

    assert_same([before], [model[0].weight.numpy()])


def test_parameters_without_a_gradient_stay(model):
    used, unused = gd.Parameter(1.0), gd.Parameter(1.0)
    (used * 2).backward()

    optim.SGD([used, unused], lr=0.1, weight_decay=0.1).step()

    assert unused.item() == 1.0


@pytest.mark.parametrize("nothing", [[], {}, nn.ReLU(), [gd.Tensor(1.0)], 3])
def test_nothing_to_learn_is_an_error(nothing):
    with pytest.raises(StateError, match=r"SGD: there is nothing to learn.*\n.*SGD\(model\)"):
        optim.SGD(nothing)


# --- gradients ------------------------------------------------------------------------------------
@every_kind
def test_a_step_uses_the_gradients_up(kind, model):
    optimizer = kind(model)
    backward(model)
    optimizer.step()

    assert all(p.grad is None for p in model.parameters())
    with pytest.raises(NoGradientError, match=r"Try loss\.backward\(\) before it"):
        optimizer.step()


def test_all_frozen_is_an_error_of_its_own(model):
    optimizer = optim.SGD(model.freeze())

    with pytest.raises(NoGradientError, match=r"All are frozen; try model\.unfreeze\(\)"):
        optimizer.step()


def test_gradients_of_several_backwards_add_up(model):
    twice = nn.MLP([3, 4, 2], rng=0, dtype=np.float64)
    backward(model)
    backward(model)
    backward(twice)
    optim.SGD(model, lr=0.1).step()
    optim.SGD(twice, lr=0.2).step()

    for a, b in zip(numbers(model), numbers(twice)):
        np.testing.assert_allclose(a, b, rtol=1e-14)


@every_kind
def test_gradients_as_values_move_the_same(kind, model):
    other = nn.MLP([3, 4, 2], rng=0, dtype=np.float64)
    rng = np.random.default_rng(0)
    x, t = rng.standard_normal((5, 3)), rng.integers(0, 2, 5)
    _, grads = gd.value_and_grad(lambda m: gd.cross_entropy(m(x), t))(other)
    backward(model)

    kind(model).step()
    kind(other).step(grads)

    assert_same(numbers(model), numbers(other))
    assert all(p.grad is None for p in other.parameters())


def test_an_unknown_path_among_given_gradients_is_an_error(model):
    with pytest.raises(StateError, match=r"there are no parameters \['layers.1.weight'\]"):
        optim.SGD(model).step({"layers.1.weight": np.zeros((3, 4))})


def test_no_given_gradient_at_all_is_an_error(model):
    with pytest.raises(NoGradientError, match="no gradient was given"):
        optim.SGD(model).step({})


def test_a_gradient_of_another_shape_never_broadcasts(model):
    """The notebook took a bias's sums for a square weight, and NumPy spread them in silence."""
    square = gd.Parameter(np.ones((3, 3)))
    square.grad = gd.Tensor(np.ones(3))

    with pytest.raises(ShapeError, match=r"gradient of 0 is \(3,\); it must have .* \(3, 3\)"):
        optim.SGD([square]).step()
    with pytest.raises(ShapeError, match=r"gradient of layers\.0\.bias is \(3, 4\)"):
        optim.SGD(model).step({"layers.0.bias": np.ones((3, 4))})
    assert (square.numpy() == 1).all()


def test_a_replaced_parameter_is_noticed(model):
    """An optimizer that goes on moving the old array would train nothing, in silence."""
    optimizer = optim.SGD(model, lr=0.1)
    model[0].weight = gd.Parameter(model[0].weight.numpy())
    backward(model)

    with pytest.raises(StateError, match=r"layers\.0\.weight was replaced by another Tensor"):
        optimizer.step()


def test_loading_weights_does_not_part_model_and_optimizer(model):
    optimizer = optim.SGD(model, lr=0.1)
    model.load_state_dict({k: v * 0 for k, v in model.state_dict().items()})
    backward(model)
    optimizer.step()

    assert model[2].bias.numpy().any()


@every_kind
def test_the_gradient_itself_is_not_written_into(kind, model):
    backward(model)
    grads = [p.grad for p in model.parameters()]
    before = [g.numpy() for g in grads]

    kind(model, lr=0.1, weight_decay=0.1).step()

    assert_same(before, [g.numpy() for g in grads])


@every_kind
def test_float32_stays_float32(kind):
    model = nn.MLP([3, 4, 2], rng=0)
    optimizer = kind(model, weight_decay=0.1)
    backward(model)
    optimizer.step()

    assert {p.dtype for p in model.parameters()} == {np.dtype("f4")}
    assert {t.dtype for kept in optimizer.slot_tensors.values() for t in kept} <= {np.dtype("f4")}


def test_parameters_of_two_precisions_keep_theirs():
    single, double = gd.Parameter(np.ones(2, np.float32)), gd.Parameter(np.ones(2))
    (single * double).sum().backward()
    optimizer = optim.Adam([single, double], lr=0.1)
    optimizer.lr = 0.2
    optimizer.step()

    assert (single.dtype, double.dtype) == (np.float32, np.float64)
    np.testing.assert_allclose(single.numpy(), 0.8, rtol=1e-6)
    np.testing.assert_allclose(double.numpy(), 0.8, rtol=1e-6)


# --- rates ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_rate_reads_as_what_was_set_and_acts_at_once(dtype):
    w = gd.Parameter(np.zeros(1, dtype))
    optimizer = optim.SGD([w], lr=0.1)
    assert optimizer.lr == 0.1

    optimizer.lr = 0.3
    w.sum().backward()
    optimizer.step()

    assert optimizer.lr == 0.3
    assert w.tolist() == [dtype(-0.3)]


def test_no_number_of_a_step_is_a_setting_or_a_fresh_constant(model):
    """Rates and counts are Tensors that stay, so a compiled step reads the number of the day."""
    for dtype in (np.float32, np.float64):
        model = model.astype(dtype)
        optimizer = optim.Adam(model, weight_decay=0.1)
        seen = []
        for lr in (0.1, 0.2):
            optimizer.lr = lr
            backward(model)
            made = set()
            literals = []

            def see(primitive, inputs, settings, y, made=made, literals=literals):
                for x in inputs:
                    if id(x) not in made and x.origin is None and x.ndim == 0:
                        literals.append(float(x))
                made.add(id(y))
                literals.append(y)  # keeps its id from being used again

            with gd.listen(see):
                optimizer.step()
            seen.append([x for x in literals if isinstance(x, float)])
        known = {0.1, 0.2, 0.9, 0.999, 1e-8, 1.0, 2.0, *(float(np.float32(x)) for x in
                 (0.1, 0.2, 0.9, 0.999, 1e-8))}  # fmt: skip
        assert set(seen[0]) | set(seen[1]) <= known
        assert len(seen[0]) == len(seen[1])


def test_updates_are_made_by_effects_in_the_phase_of_updating(model):
    optimizer = optim.Momentum(model, lr=0.1)
    backward(model)
    written, phases = [], set()

    def see(primitive, inputs, settings, y):
        phases.add(gd.autograd.modes.current().phase)
        if primitive.kind == "effect":
            written.append((primitive.name, y.name))

    with gd.listen(see):
        optimizer.step()

    assert phases == {"update"}
    assert ("subtract_from", "layers.0.weight") in written
    assert [name for name, _ in written].count("subtract_from") == 4
    assert [name for name, _ in written].count("assign") == 4
    assert [name for name, _ in written].count("add_into") == 1


@pytest.mark.parametrize(
    ("kind", "rates", "text"),
    [
        (optim.SGD, {"lr": -0.1}, "SGD: lr is -0.1; it must be finite and 0 or more"),
        (optim.SGD, {"lr": float("nan")}, "lr is nan"),
        (optim.SGD, {"lr": "fast"}, "lr is 'fast'"),
        (optim.SGD, {"weight_decay": -1}, "weight_decay is -1"),
        (optim.Momentum, {"momentum": 1.0}, "momentum is 1.0; it must be in [0, 1)"),
        (optim.RMSProp, {"alpha": 1.5}, "alpha is 1.5; it must be in [0, 1)"),
        (optim.Adam, {"beta2": 1}, "beta2 is 1; it must be in [0, 1)"),
        (optim.Adam, {"eps": float("inf")}, "eps is inf"),
    ],
)
def test_rates_out_of_range_are_refused(kind, rates, text):
    with pytest.raises(StateError) as caught:
        kind([gd.Parameter(1.0)], **rates)
    assert text in str(caught.value)


def test_a_rate_out_of_range_cannot_be_set_later(model):
    optimizer = optim.SGD(model, lr=0.1)

    with pytest.raises(StateError, match="lr is -1"):
        optimizer.lr = -1

    assert optimizer.lr == 0.1


def test_weight_decay_that_was_left_out_cannot_come_back(model):
    optimizer = optim.SGD(model)

    with pytest.raises(StateError, match=r"weight_decay was 0 when the optimizer was made.*"):
        optimizer.weight_decay = 0.1
    optimizer.weight_decay = 0

    decaying = optim.SGD(model, weight_decay=0.1)
    decaying.weight_decay = 0
    decaying.weight_decay = 0.2
    assert decaying.weight_decay == 0.2


# --- state ----------------------------------------------------------------------------------------
@every_kind
def test_a_run_that_is_interrupted_goes_on_as_if_it_were_not(kind):
    whole, parted = (nn.MLP([3, 4, 2], rng=0, dtype=np.float64) for _ in range(2))
    one = kind(whole, lr=0.01, weight_decay=0.01)
    two = kind(parted, lr=0.01, weight_decay=0.01)
    for seed in range(3):
        for model, optimizer in ((whole, one), (parted, two)):
            backward(model, seed)
            optimizer.step()
    resumed = nn.MLP([3, 4, 2], rng=5, dtype=np.float64)
    resumed.load_state_dict(parted.state_dict())
    three = kind(resumed, lr=0.5, weight_decay=0.5)
    three.load_state_dict(two.state_dict())
    for seed in range(3, 6):
        for model, optimizer in ((whole, one), (resumed, three)):
            backward(model, seed)
            optimizer.step()

    assert_same(numbers(whole), numbers(resumed))
    assert three.lr == 0.01
    assert three.step_count == 6


def test_a_loaded_rate_reaches_float32_parameters():
    w = gd.Parameter(np.zeros(1, np.float32))
    optimizer = optim.SGD([w], lr=0.1)
    optimizer.load_state_dict({**optimizer.state_dict(), "lr": 0.5})
    w.sum().backward()
    optimizer.step()

    assert w.tolist() == [-0.5]


def test_state_is_named_by_slot_and_path_and_is_a_copy(model):
    optimizer = optim.Adam(model)
    state = optimizer.state_dict()

    assert list(state)[:2] == ["step", "lr"]
    assert "mean.layers.0.weight" in state
    assert "squares.layers.2.bias" in state
    assert all(isinstance(array, np.ndarray) for array in state.values())
    state["lr"][...] = 7
    assert optimizer.lr == 0.001


def test_a_state_of_another_optimizer_is_refused_and_changes_nothing(model):
    optimizer = optim.Momentum(model, lr=0.1)
    state = optim.Adam(model).state_dict()

    with pytest.raises(StateError) as caught:
        optimizer.load_state_dict(state)

    assert "missing: velocity.layers.0.weight (3, 4)" in str(caught.value)
    assert "unexpected: beta1" in str(caught.value)
    assert optimizer.lr == 0.1


@pytest.mark.parametrize("wrong", [float("nan"), -1.0])
def test_a_state_with_a_rate_out_of_range_is_refused(model, wrong):
    optimizer = optim.SGD(model, lr=0.1)

    with pytest.raises(StateError, match="lr is"):
        optimizer.load_state_dict({**optimizer.state_dict(), "lr": np.array(wrong)})

    assert optimizer.lr == 0.1


def test_repr_shows_the_rates(model):
    optimizer = optim.Momentum(model, lr=0.1)

    assert repr(optimizer) == "Momentum(4 parameters, lr=0.1, weight_decay=0, momentum=0.9)"


def test_zero_grad_drops_gradients(model):
    optimizer = optim.SGD(model)
    backward(model)
    optimizer.zero_grad()

    assert all(p.grad is None for p in model.parameters())


def test_a_rule_of_ones_own_needs_nothing_else():
    class Lion(optim.Optimizer):
        slots = ("mean",)
        beta = optim.Rate(1.0)

        def rule(self, p, g, pace, *slots):
            return pace.lr * gd.sign(slots[0] + g), (pace.beta * slots[0] + g,)

    w = gd.Parameter([1.0, -1.0])
    (w * w).sum().backward()
    optimizer = Lion([w], lr=0.25, beta=0.5)
    optimizer.step()

    assert w.tolist() == [0.75, -0.75]
    assert optimizer.state_dict()["mean.0"].tolist() == [2.0, -2.0]


def test_a_rule_that_is_not_written_says_so():
    w = gd.Parameter(1.0)
    (w * 1).backward()

    with pytest.raises(NotImplementedError, match="define rule"):
        optim.Optimizer([w], lr=0.1).step()


def test_a_parameter_of_another_dtype_is_named_and_nothing_has_moved(model):
    optimizer = optim.SGD(model, lr=0.1)
    backward(model)
    before = {path: p.numpy() for path, p in optimizer.parameters.items()}
    last = list(optimizer.parameters.values())[-1]
    last.raw, last.grad = last.raw.astype("f4"), last.grad.astype("f4")
    with pytest.raises(StateError, match=r"layers\.2\.bias has become float32; .* for float64"):
        optimizer.step()
    assert all((p.numpy() == before[path]).all() for path, p in optimizer.parameters.items())
