"""A compiled step is the step: what changes between its calls takes effect, or is refused."""

from __future__ import annotations

import copy
import functools
import pickle
import threading
from contextlib import suppress
from types import SimpleNamespace

import numpy as np
import pytest

import gradatim as gd
from compiler.twin import BACKENDS, Twins, assert_alike
from gradatim.compiler import Compiled, compile
from gradatim.errors import DataError, RecordingError, ShapeError

RANDOM = np.random.default_rng(5)
X = RANDOM.uniform(-1, 1, (20, 6, 4))
T = RANDOM.integers(0, 3, (20, 6))
ALPHA = 1.0


@pytest.fixture(params=BACKENDS)
def backend(request):
    return request.param


def batch(i):
    return X[i], T[i]


def network(world, optimizer=gd.optim.SGD, **rates):
    world.model = gd.nn.MLP([4, 5, 3], rng=0, dtype=np.float64)
    world.optimizer = optimizer(world.model, lr=0.1, **rates)
    model, updates = world.model, world.optimizer

    def step(x, t):
        loss = gd.cross_entropy(model(x), t)
        loss.backward()
        updates.step()
        return loss

    return step


def test_a_network_learns_as_it_does_eagerly(backend):
    twins = Twins(network, backend)
    twins.calls(8, batch)
    assert twins.count == 1


# --- what changes between calls -----------------------------------------------------------------
def set_rate(world):
    world.optimizer.lr = 0.03


def freeze(world):
    world.model.layers[0].freeze()


def unfreeze(world):
    world.model.layers[0].unfreeze()


def load(world):
    world.model.load_state_dict(gd.nn.MLP([4, 5, 3], rng=9, dtype=np.float64).state_dict())


def load_optimizer(world):
    world.optimizer.load_state_dict({**world.optimizer.state_dict(), "lr": np.array(0.7)})


def assign(world):
    world.model.layers[0].bias.assign(np.arange(5.0))


def leave_a_gradient(world):
    bias = world.model.layers[0].bias
    bias.grad = gd.Tensor(np.ones(5))


def exchange_the_array(world):
    weight = world.model.layers[0].weight
    weight.raw = np.asfortranarray(weight.raw + 1)


def stride_the_array(world):
    weight = world.model.layers[0].weight
    wide = np.zeros((8, 10))
    wide[::2, ::2] = weight.raw
    weight.raw = wide[::2, ::2]


@pytest.mark.parametrize(
    "change",
    [
        set_rate,
        freeze,
        load,
        load_optimizer,
        assign,
        leave_a_gradient,
        exchange_the_array,
        stride_the_array,
    ],
)
@pytest.mark.parametrize("optimizer", [gd.optim.SGD, gd.optim.Momentum, gd.optim.Adam])
def test_a_change_between_calls_takes_effect(change, optimizer, backend):
    twins = Twins(functools.partial(network, optimizer=optimizer), backend)
    twins.calls(4, batch)
    twins.both(change)
    twins.calls(4, batch)
    assert twins.count <= 2


def test_frozen_and_learned_again_goes_back_to_the_first_program(backend):
    twins = Twins(network, backend)
    for change in (unfreeze, freeze, unfreeze, freeze):
        twins.both(change)
        twins.calls(4, batch)
    assert twins.count == 2
    assert "layers.0.weight is frozen now" in twins.program.explain()


def test_a_schedule_between_calls(backend):
    def make(world):
        step = network(world)
        world.schedule = gd.optim.StepLR(world.optimizer, step_size=1, gamma=0.5)
        return step

    twins = Twins(make, backend)
    for i in range(6):
        twins.call(*batch(i))
        twins.both(lambda world: world.schedule.step())
    assert twins.count == 1


def test_a_new_weight_decay_and_momentum(backend):
    twins = Twins(
        functools.partial(network, optimizer=gd.optim.Momentum, momentum=0.9, weight_decay=0.1),
        backend,
    )
    twins.calls(4, batch)

    def change(world):
        world.optimizer.momentum, world.optimizer.weight_decay = 0.5, 0.0

    twins.both(change)
    twins.calls(3, batch)
    assert twins.count == 1


def test_a_forward_that_one_object_is_given(backend):
    relu = gd.nn.ReLU()
    step = gd.compile(lambda x: relu(x), backend=backend)
    x = gd.Tensor([1.0, -1.0])
    for _ in range(4):
        assert step(x).numpy().tolist() == [1, 0]
    relu.forward = lambda x: x * 2
    for _ in range(4):
        assert step(x).numpy().tolist() == [2, -2]


def test_train_and_eval_are_two_programs(backend):
    class Louder(gd.nn.Module):
        def __init__(self):
            self.w = gd.Parameter(np.ones(4))

        def forward(self, x):
            return x * self.w * (2.0 if self.training else 1.0)

    def make(world):
        world.model = Louder()
        model = world.model
        return lambda x: model(x)

    twins = Twins(make, backend)
    for i in range(12):
        twins.both(lambda world, on=i % 2 == 0: world.model.train(on))
        twins.call(X[i])
    assert twins.count == 2


def test_dropout_runs_as_a_program_when_it_evaluates(backend):
    model = gd.nn.Sequential(gd.nn.Linear(4, 3, rng=0), gd.nn.Dropout(0.5, rng=0)).eval()
    program = compile(lambda x: model(x), backend=backend)
    for i in range(4):
        assert_alike(program(X[i].astype(np.float32)), model(X[i].astype(np.float32)))


# --- Python's own values ------------------------------------------------------------------------
def scaled_by_closure(world):
    scale = 2.0

    def step(x):
        return x * scale

    def set_scale(value):
        nonlocal scale
        scale = value

    world.set = set_scale
    return step


def scaled_by_list(world):
    scale = [2.0, 1]
    world.set = functools.partial(scale.__setitem__, 0)
    return lambda x: x * scale[0]


def scaled_by_dict(world):
    scale = {"of": {"x": 2.0}}
    world.set = functools.partial(scale["of"].__setitem__, "x")
    return lambda x: x * scale["of"]["x"]


def scaled_by_namespace(world):
    scale = SimpleNamespace(x=SimpleNamespace(scale=2.0))
    world.set = functools.partial(setattr, scale.x, "scale")
    return lambda x: x * scale.x.scale


def scaled_by_array(world):
    scale = np.full(4, 2.0)
    world.set = functools.partial(scale.__setitem__, slice(None))
    return lambda x: x * scale


def scaled_by_what_numpy_made_of_an_array(world):
    scale = np.full(4, 2.0)
    world.set = functools.partial(scale.__setitem__, slice(None))
    return lambda x: x * (scale * 3 + 1)


def scaled_by_a_row_of_an_array(world):
    scale = np.full((3, 4), 2.0)
    world.set = functools.partial(scale.__setitem__, slice(None))
    return lambda x: x * scale[1]


def scaled_by_tensor(world):
    scale = gd.Tensor(2.0)
    world.set = scale.assign
    return lambda x: x * scale


def scaled_by_default(world):
    def step(x, scale=2.0):
        return x * scale

    def set_scale(value):
        step.__defaults__ = (value,)

    world.set = set_scale
    return step


def scaled_by_named_default(world):
    def step(x, *, scale=2.0):
        return x * scale

    def set_scale(value):
        step.__kwdefaults__["scale"] = value

    world.set = set_scale
    return step


def scaled_by_global(world):
    def set_scale(value):
        global ALPHA
        ALPHA = value

    world.set = set_scale
    set_scale(2.0)
    return lambda x: x * ALPHA


def helper(x):
    return inner_helper(x)


def inner_helper(x):
    return x * ALPHA


def scaled_by_a_function_that_is_called(world):
    scaled_by_global(world)
    return lambda x: helper(x)


class Scaled(gd.nn.Module):
    factor = 2.0

    def __init__(self):
        self.scale = 2.0

    def forward(self, x):
        return x * self.scale


class Inherited(Scaled):
    def forward(self, x):
        return x * self.factor


class Property:
    def __init__(self):
        self._scale = 2.0

    @property
    def scale(self):
        return self._scale

    def __call__(self, x):
        return self.times(x)

    def times(self, x):
        return x * self.scale


class Slotted:
    __slots__ = ("scale",)

    def __init__(self):
        self.scale = 2.0


def scaled_by_module(world):
    world.model = Scaled()
    world.set = functools.partial(setattr, world.model, "scale")
    model = world.model
    return lambda x: model(x)


def scaled_by_module_that_is_not_called(world):
    world.set = functools.partial(setattr, model := Scaled(), "scale")
    return lambda x: x * model.scale


def scaled_by_a_module_in_a_list(world):
    models = [Scaled()]
    world.set = functools.partial(setattr, models[0], "scale")
    return lambda x: models[0](x)


def scaled_by_class(world):
    model = Inherited()
    Scaled.factor = 2.0
    world.set = functools.partial(setattr, Scaled, "factor")
    return lambda x: model(x)


def scaled_by_property(world):
    model = Property()
    world.set = functools.partial(setattr, model, "_scale")
    return lambda x: model(x)


def scaled_by_slot(world):
    model = Slotted()
    world.set = functools.partial(setattr, model, "scale")
    return lambda x: x * model.scale


def scaled_by_getattr(world):
    model = Property()
    world.set = functools.partial(setattr, model, "_scale")
    return lambda x: x * getattr(model, "_scale")  # noqa: B009


def scaled_by_partial(world):
    settings = {"scale": 2.0}
    world.set = functools.partial(settings.__setitem__, "scale")
    return functools.partial(lambda settings, x: x * settings["scale"], settings)


def scaled_by_method(world):
    model = Property()
    world.set = functools.partial(setattr, model, "_scale")
    return model.times


def scaled_inside_gradient(world):
    scale = [2.0]
    world.set = functools.partial(scale.__setitem__, 0)
    return gd.value_and_grad(lambda x: (x * x * scale[0]).sum())


def chosen_by_bool(world):
    double = [True]

    def choose(value):
        double[0] = value > 5

    world.set = choose
    return lambda x: x * 2 if double[0] else x * 3


def number_in_enough_of_a_recursion(world):
    depth = [1]

    def set_depth(value):
        depth[0] = int(value)

    world.set = set_depth

    def power(x, n):
        return x if n == 0 else x * power(x, n - 1)

    return lambda x: power(x, depth[0])


@pytest.mark.parametrize(
    "make",
    [
        scaled_by_closure,
        scaled_by_list,
        scaled_by_dict,
        scaled_by_namespace,
        scaled_by_array,
        scaled_by_what_numpy_made_of_an_array,
        scaled_by_a_row_of_an_array,
        scaled_by_tensor,
        scaled_by_default,
        scaled_by_named_default,
        scaled_by_global,
        scaled_by_a_function_that_is_called,
        scaled_by_module,
        scaled_by_module_that_is_not_called,
        scaled_by_a_module_in_a_list,
        scaled_by_class,
        scaled_by_property,
        scaled_by_slot,
        scaled_by_getattr,
        scaled_by_partial,
        scaled_by_method,
        scaled_inside_gradient,
        chosen_by_bool,
        number_in_enough_of_a_recursion,
    ],
)
def test_a_number_of_python_is_never_stale(make):
    twins = Twins(make, "numpy")
    twins.calls(4, lambda i: (X[i],))
    for value in (7.0, 3.0):
        for world in (twins.eager, twins.other):
            world.set(value)
        twins.calls(3, lambda i: (X[i],))


def test_what_the_code_does_not_name_may_change(backend):
    class Learner:
        def __init__(self):
            self.w = gd.Parameter(np.ones(4))
            self.steps, self.losses = 0, []

        @compile
        def step(self, x):
            return (x * self.w).sum()

        def fit(self, x):
            self.losses.append(self.step(x))
            self.steps += 1

    learner = Learner()
    for i in range(6):
        learner.fit(X[i])
    assert len(learner.step.programs) == 1


def test_zero_and_minus_zero_are_two_numbers():
    scale = [0.0]
    program = compile(lambda x: x * scale[0], backend="numpy")
    for number in (0.0, -0.0):
        scale[0] = number
        for _ in range(3):
            assert np.signbit(program(np.ones(2)).numpy()).all() == np.signbit(number)


# --- other objects under the same name ----------------------------------------------------------
def test_another_model_and_optimizer_under_the_same_name(backend):
    def make(world):
        def renew(seed):
            nonlocal model, optimizer
            model = world.model = gd.nn.MLP([4, 3], rng=seed, dtype=np.float64)
            optimizer = gd.optim.SGD(model, lr=0.1)

        model = optimizer = None
        renew(0)
        world.renew = renew

        def step(x, t):
            loss = gd.cross_entropy(model(x), t)
            loss.backward()
            optimizer.step()
            return loss

        return step

    twins = Twins(make, backend)
    twins.calls(4, batch)
    twins.both(lambda world: world.renew(1))
    twins.calls(4, batch)
    assert twins.count == 2
    assert "model is another one" in twins.program.explain()


def test_another_parameter_under_the_same_name(backend):
    def make(world):
        world.model = gd.nn.Linear(4, 3, rng=0, dtype=np.float64)
        model = world.model
        return lambda x: model(x)

    def replace(world):
        world.model.bias = gd.Parameter(np.ones(3))

    twins = Twins(make, backend)
    twins.calls(4, lambda i: (X[i],))
    twins.both(replace)
    twins.calls(4, lambda i: (X[i],))


def test_a_parameter_that_no_module_holds_is_replaced(backend):
    def make(world):
        world.weights = [gd.Parameter(np.ones(4))]
        weights = world.weights
        return lambda x: x * weights[0]

    def replace(world):
        world.weights[0] = gd.Parameter(np.full(4, 2.0))

    twins = Twins(make, backend)
    twins.calls(4, lambda i: (X[i],))
    twins.both(replace)
    twins.calls(4, lambda i: (X[i],))


def test_one_of_two_equal_parameters_is_chosen_by_the_number_of_the_call():
    experts = [gd.Parameter(np.zeros(4)), gd.Parameter(np.zeros(4))]
    calls = iter(range(9))
    program = compile(lambda x: x * experts[next(calls) % 2], backend="numpy")
    program(X[0])
    with pytest.raises(RecordingError, match="another Tensor"):
        program(X[1])


def test_a_parameter_that_first_learns_later(backend):
    """It was not in the loss when the step was noted, and has a gradient now."""

    def make(world):
        world.w, world.v = gd.Parameter(np.ones(4)), gd.Parameter(np.ones(4))
        optimizer = gd.optim.SGD([world.w, world.v], lr=0.1)
        w = world.w

        def step(x):
            (x * w).sum().backward()
            optimizer.step()

        return step

    twins = Twins(make, backend)
    twins.calls(3, lambda i: (X[i],))
    twins.both(lambda world: (world.v * 3).sum().backward())
    twins.calls(3, lambda i: (X[i],))


# --- gradients ----------------------------------------------------------------------------------
def test_gradients_are_accumulated_over_micro_batches(backend):
    def make(world):
        world.model = gd.nn.MLP([4, 5, 3], rng=0, dtype=np.float64)
        world.optimizer = gd.optim.SGD(world.model, lr=0.1)
        model = world.model

        def step(x, t):
            loss = gd.cross_entropy(model(x), t) / 3
            loss.backward()
            return loss

        return step

    twins = Twins(make, backend)
    for i in range(15):
        twins.call(*batch(i))
        if i % 3 == 2:
            twins.both(lambda world: world.optimizer.step())
    assert twins.count == 2


def test_two_micro_batches_in_turn_become_two_programs(backend):
    def make(world):
        world.w = gd.Parameter(np.ones(4))
        world.optimizer = gd.optim.SGD([world.w], lr=0.1)
        w = world.w
        return lambda x: (x * w).sum().backward()

    twins = Twins(make, backend)
    for i in range(10):
        twins.call(X[i])
        if i % 2:
            twins.both(lambda world: world.optimizer.step())
    assert twins.count == 2


def test_several_micro_batches_inside_one_step(backend):
    def make(world):
        network(world)
        model, optimizer = world.model, world.optimizer

        def step(xs, ts):
            for x, t in zip(xs, ts):
                (gd.cross_entropy(model(x), t) / 2).backward()
            optimizer.step()

        return step

    twins = Twins(make, backend)
    twins.calls(4, lambda i: ([X[i], X[i + 1]], [T[i], T[i + 1]]))
    assert twins.count == 1


def test_an_update_alone_uses_the_gradients_of_the_day(backend):
    def make(world):
        world.w = gd.Parameter(np.ones(4))
        optimizer = gd.optim.Adam([world.w], lr=0.1)
        return lambda: optimizer.step()

    twins = Twins(make, backend)
    for i in range(5):
        twins.both(lambda world, i=i: (world.w * X[i]).sum().backward())
        twins.call()
    assert twins.count == 1


def test_gradients_dropped_inside_the_step(backend):
    def make(world):
        network(world)
        model, optimizer = world.model, world.optimizer

        def step(x, t):
            optimizer.zero_grad()
            gd.cross_entropy(model(x), t).backward()

        return step

    twins = Twins(make, backend)
    twins.calls(6, batch)


@pytest.mark.parametrize("w", [gd.Tensor(np.ones(4)), 1.0], ids=["beside a Tensor", "alone"])
def test_the_gradient_of_an_argument_is_left_at_the_argument_of_the_day(backend, w):
    program = compile(lambda x: (x * x * w).sum().backward(), backend=backend)
    for i in range(4):
        x = gd.Tensor(X[i], requires_grad=True)
        program(x)
        np.testing.assert_allclose(x.grad.numpy(), 2 * X[i])
    for i in range(4):
        x.grad = gd.Tensor(X[i])
        program(x)
        np.testing.assert_allclose(x.grad.numpy(), 2 * x.numpy() + X[i])


def test_clip_by_norm_and_by_value(backend):
    def make(world):
        network(world)
        model, optimizer = world.model, world.optimizer

        def step(x, t):
            gd.cross_entropy(model(x), t).backward()
            norm = gd.optim.clip_by_norm(model, 0.1)
            gd.optim.clip_by_value(model, 0.05)
            optimizer.step()
            return norm

        return step

    twins = Twins(make, backend)
    twins.calls(5, batch)
    assert twins.count == 1


def test_several_losses_and_two_models(backend):
    def make(world):
        world.one = gd.nn.Linear(4, 3, rng=0, dtype=np.float64)
        world.two = gd.nn.Linear(3, 4, rng=1, dtype=np.float64)
        rules = [gd.optim.Adam(world.one), gd.optim.Momentum(world.two, lr=0.1)]
        one, two = world.one, world.two

        def step(x, t):
            code = one(x)
            wrong = gd.cross_entropy(code, t)
            wrong.backward()
            lost = gd.mse(two(one(x)), x)
            lost.backward()
            for rule in rules:
                rule.step()
            return {"wrong": wrong, "lost": lost}

        return step

    twins = Twins(make, backend)
    twins.calls(5, batch)
    assert twins.count == 1


def test_tied_weights_and_a_shared_layer(backend):
    class Tied(gd.nn.Module):
        def __init__(self):
            self.first = gd.nn.Linear(4, 4, rng=0, dtype=np.float64)
            self.again = self.first
            self.out = gd.nn.Linear(4, 4, bias=False, rng=1, dtype=np.float64)
            self.out.weight = self.first.weight

        def forward(self, x):
            return self.out(gd.tanh(self.again(gd.tanh(self.first(x)))))

    def make(world):
        world.model = Tied()
        model, optimizer = world.model, gd.optim.Momentum(world.model, lr=0.1)

        def step(x):
            loss = gd.mse(model(x), x)
            loss.backward()
            optimizer.step()
            return loss

        return step

    twins = Twins(make, backend)
    twins.calls(5, lambda i: (X[i],))
    assert twins.count == 1


def test_grad_and_value_and_grad_inside(backend):
    def make(world):
        network(world)
        model, optimizer = world.model, world.optimizer

        def loss(model, x, t):
            return gd.cross_entropy(model(x), t)

        def step(x, t):
            value, gradients = gd.value_and_grad(loss)(model, x, t)
            optimizer.step(gradients)
            slope = gd.grad(lambda x: gd.tanh(x).sum())(x)
            return value, slope

        return step

    twins = Twins(make, backend)
    twins.calls(5, batch)
    assert twins.count == 1


def test_a_gradient_of_a_gradient_inside(backend):
    def make(world):
        world.w = gd.Parameter(np.full(4, 0.5))
        w = world.w

        def step(x):
            slope = gd.grad(lambda x: gd.tanh(x * w).sum())(x)
            penalty = (slope * slope).sum()
            penalty.backward()
            curve = gd.grad(lambda s: gd.grad(lambda s: s**3)(s))(2.0)
            return penalty, curve

        return step

    twins = Twins(make, backend)
    twins.calls(5, lambda i: (X[i],))


def test_no_grad_inside_and_outside(backend):
    def make(world):
        network(world)
        model = world.model

        def step(x, t):
            with gd.no_grad():
                target = gd.softmax(model(x))
            loss = gd.cross_entropy(model(x), target) + gd.cross_entropy(model(x), t)
            if loss.requires_grad:
                loss.backward()
            return loss

        return step

    twins = Twins(make, backend)
    twins.calls(4, batch)
    with gd.no_grad():
        twins.calls(4, batch)
    assert twins.count >= 2


# --- arguments ----------------------------------------------------------------------------------
def test_arguments_in_lists_dicts_and_by_name(backend):
    def make(world):
        return lambda a, b, *rest, scale, **more: (
            a["x"] + b[0] * scale + (b[1] - 1) + sum(rest) + more["y"]["z"]
        )

    twins = Twins(make, backend)
    for i in range(4):
        twins.call({"x": X[i]}, [X[i], X[i + 1]], X[3], X[4], scale=2.0, y={"z": X[i]})
    assert twins.count == 1


def test_the_form_of_arguments_counts():
    """The same arrays in another arrangement are another call."""

    def step(one, two):
        return sum(one) - sum(two)

    program = compile(step, backend="numpy")
    a, b, c = X[:3]
    for _ in range(3):
        assert_alike(program([a, b], [c]), gd.Tensor(a + b - c))
    for _ in range(3):
        assert_alike(program([a], [b, c]), gd.Tensor(a - (b + c)))


def test_the_keys_of_a_dict_count():
    program = compile(lambda parts: parts.get("a", 0) - parts.get("b", 0), backend="numpy")
    for _ in range(3):
        assert_alike(program({"a": X[0]}), gd.Tensor(X[0]))
    for _ in range(3):
        assert_alike(program({"b": X[0]}), gd.Tensor(-X[0]))


@pytest.mark.parametrize("values", [(1, True, 1.0), (2, 2.0), (0.0, -0.0), (None, "a")])
def test_numbers_that_are_equal_but_not_alike(values):
    def step(x, n):
        return x * (n if isinstance(n, (int, float)) else 3), repr(n)

    program = compile(step, backend="numpy")
    for value in values:
        for _ in range(3):
            found, told = program(np.arange(3), value)
            expected, text = step(gd.Tensor(np.arange(3)), value)
            assert_alike(found, expected)
            assert told == text


def test_lists_of_numbers(backend):
    program = compile(lambda x: gd.sum(x), backend=backend)
    for i in range(4):
        assert_alike(program([1.0, 2.0, float(i)]), gd.sum([1.0, 2.0, float(i)]))


def test_the_same_tensor_twice_and_two_of_its_shape(backend):
    def step(a, b):
        return a * 2 + b

    program = compile(step, backend=backend)
    x, y = gd.Tensor(X[0]), gd.Tensor(X[1])
    for a, b in [(x, x)] * 3 + [(x, y)] * 3 + [(y, y)] * 2:
        assert_alike(program(a, b), step(a, b))


def test_a_tensor_given_twice_keeps_its_gradient_to_itself(backend):
    def step(a, b):
        loss = (a * b).sum()
        loss.backward()
        return loss

    def called(function, is_twice):
        a, b = gd.Parameter(np.floor(X[0] * 9)), gd.Parameter(np.floor(X[1] * 9))
        given = (a, a) if is_twice else (a, b)
        return function(*given).item(), *[x.grad.tolist() for x in given]

    program = compile(step, backend=backend)
    for is_twice in [True] * 4 + [False] * 4 + [True]:
        assert called(program, is_twice) == called(step, is_twice)


def test_what_shares_its_numbers_with_another_has_a_gradient_of_its_own(backend):
    def step(a, b):
        loss = (a * b).sum()
        loss.backward()
        return loss

    program = compile(step, backend=backend)
    a, b = gd.Parameter([1.0, 2.0]), gd.Parameter([3.0, 4.0])
    b.raw = a.raw
    for given in [(a, a)] * 3 + [(a, b)] * 3:
        a.grad = b.grad = None
        program(*given)
    assert a.grad.tolist() == b.grad.tolist() == [1, 2]


def test_what_shares_its_numbers_with_a_parameter_is_not_it(backend):
    w, other = gd.Parameter([1.0, 2.0]), gd.Parameter([3.0, 4.0])
    other.raw = w.raw

    def step(x):
        loss = (x * w).sum()
        loss.backward()
        return loss

    program = compile(step, backend=backend)
    for given in [w] * 3 + [other] * 3:
        w.grad = other.grad = None
        program(given)
    assert w.grad.tolist() == other.grad.tolist() == [1, 2]


def test_one_array_twice_and_one_tensor_twice(backend):
    program = compile(lambda a, b: a * 2 + b, backend=backend)
    for x in (X[0], gd.Tensor(X[1]), X[2], gd.Tensor(X[3])):
        assert_alike(program(x, x), gd.Tensor(x) * 3)


class Backwards(np.ndarray):
    """Computes in a way of its own, as `numpy.matrix` does."""

    def __mul__(self, other):
        return np.asarray(self)[::-1] * other


def test_an_array_of_another_class_is_its_numbers(backend):
    program = compile(lambda x, y: x * y, backend=backend)
    for i in range(5):
        assert_alike(program(X[i].view(Backwards), X[0]), gd.Tensor(X[i] * X[0]))


def test_bytes_in_the_order_of_other_processors(backend):
    program = compile(lambda x: (x * 2).sum(), backend=backend)
    x = X[0].astype(X.dtype.newbyteorder())
    for _ in range(5):
        assert_alike(program(x), (gd.Tensor(X[0]) * 2).sum())


def test_an_argument_that_the_step_sees_anyway(backend):
    def make(world):
        world.w = gd.Parameter(np.ones(4))
        w = world.w
        return lambda x: x * w

    twins = Twins(make, backend)
    for _ in range(3):
        assert_alike(twins.program(twins.other.w), gd.Tensor(np.ones(4)))
    for i in range(3):
        twins.call(X[i, 0])
    twins.both(lambda world: world.w.assign(3.0))
    for _ in range(3):
        assert_alike(twins.program(twins.other.w), gd.Tensor(np.full(4, 9.0)))
        assert_alike(twins.program(twins.other.w.data), gd.Tensor(np.full(4, 9.0)))


def test_a_last_partial_batch_is_a_second_program(backend):
    twins = Twins(network, backend)
    for i in range(9):
        count = 4 if i % 3 == 2 else 6
        twins.call(X[i][:count], T[i][:count])
    assert twins.count == 2


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.float16])
def test_each_dtype_has_a_program(dtype, backend):
    program = compile(lambda x: gd.tanh(x * 2).sum(), backend=backend)
    for i in range(4):
        x = gd.Tensor(X[i].astype(dtype))
        assert_alike(program(x), gd.tanh(x * 2).sum())
        assert program(x).dtype == dtype


@pytest.mark.parametrize(
    "x",
    [
        np.asfortranarray(X[0]),
        X[0][::-1, ::2],
        np.broadcast_to(X[0][0], (6, 4)),
        X[0].astype(">f8"),
        np.frombuffer(b"\0" + X[0].tobytes(), np.float64, offset=1).reshape(6, 4),
        np.array(2.0),
        np.float64(2.0),
        np.zeros((0, 4)),
        np.array([[np.nan, np.inf, -np.inf, -0.0]]),
    ],
    ids=[
        "fortran",
        "strided",
        "broadcast",
        "big-endian",
        "misaligned",
        "0-d",
        "scalar",
        "empty",
        "special",
    ],
)
def test_arrays_of_every_kind(x, backend):
    def step(x):
        y = gd.tanh(x) * 2 + x
        return y, y.sum(), gd.relu(x), gd.minimum(x, 0.5)

    if isinstance(x, np.ndarray):
        x.flags.writeable = False
    program = compile(step, backend=backend)
    with np.errstate(all="ignore"):
        for _ in range(4):
            assert_alike(program(x), step(gd.Tensor(x)))


def test_a_step_without_arguments_that_only_writes(backend):
    def make(world):
        world.w = gd.Parameter(np.ones((3, 4)))
        w = world.w

        def step():
            with gd.no_grad():
                w.assign(w * 2)
                w[0] = w[1] + 1

        return step

    twins = Twins(make, backend)
    for _ in range(5):
        assert twins.call() is None


def test_a_step_that_does_nothing(backend):
    program = compile(lambda: None, backend=backend)
    assert [program() for _ in range(4)] == [None] * 4


def test_writing_into_an_argument(backend):
    def step(x, y):
        with gd.no_grad():
            x.assign(x + y)
        return x * 2

    program = compile(step, backend=backend)
    for i in range(4):
        x = gd.Tensor(X[i])
        assert_alike(program(x, X[1]), gd.Tensor((X[i] + X[1]) * 2))
        np.testing.assert_allclose(x.numpy(), X[i] + X[1])


def test_writing_into_a_tensor_made_inside(backend):
    def step(x):
        table = gd.Tensor(np.zeros((6, 4)))
        table[1:3] = x[1:3]
        table.assign(table + 1)
        return table

    program = compile(step, backend=backend)
    for i in range(4):
        assert_alike(program(X[i]), step(gd.Tensor(X[i])))


def test_memory_that_comes_to_be_shared_is_refused_as_well(backend):
    a, b = gd.Parameter(np.ones((4, 4))), gd.Parameter(np.ones((2, 2)))
    optimizer = gd.optim.SGD([a, b], lr=0.1)

    def learn(x):
        loss = (x @ a).sum() + (x[:, :2] @ b).sum()
        loss.backward()
        optimizer.step()
        return loss

    step = compile(learn, backend=backend)
    x = gd.Tensor(np.ones((3, 4)))
    for _ in range(4):
        step(x)
    b.raw = a.raw[:2, :2]
    before = a.numpy().copy()
    with pytest.raises(RecordingError, match=r"shares memory with .* now; a program keeps them"):
        step(x)
    np.testing.assert_array_equal(a.numpy(), before)
    b.raw = b.raw.copy()
    step(x)
    assert (a.numpy() != before).all()


def test_writing_where_memory_is_shared_is_refused():
    memory = np.ones(6)
    a, b = gd.Tensor(0.0), gd.Tensor(0.0)
    a.raw, b.raw = memory[:4], memory[2:]

    def step():
        a.assign(b * 2)
        return b * 1.0

    program = compile(step, backend="numpy")
    program()
    with pytest.raises(RecordingError, match="shares memory"):
        program()


def test_a_read_only_parameter_is_not_written(backend):
    def make(world):
        world.w = gd.Parameter(np.ones(4))
        optimizer = gd.optim.SGD([world.w], lr=0.1)
        w = world.w

        def step(x):
            (w * x).sum().backward()
            optimizer.step()

        return step

    twins = Twins(make, backend)
    twins.calls(3, lambda i: (X[i],))
    array = np.ones(4)
    array.flags.writeable = False
    twins.other.w.raw = array
    with pytest.raises(ShapeError, match=r"w: its array is read-only(.|\n)*copy|read-only"):
        twins.program(X[0])
    np.testing.assert_array_equal(array, np.ones(4))


@pytest.mark.parametrize(
    "view",
    [
        lambda w: w.T,
        lambda w: w.reshape(-1),
        lambda w: w[1:],
        lambda w: w.detach(),
        lambda w: w.T.reshape((2, 2, 3))[0],
        lambda w: gd.flip(w),
    ],
    ids=["T", "reshape", "slice", "detach", "chain", "flip"],
)
def test_a_view_of_a_parameter_used_after_it_was_written(view, backend):
    def make(world):
        world.w = gd.Parameter(np.arange(12.0).reshape(3, 4))
        w = world.w

        def step(x):
            with gd.no_grad():
                seen = view(w)
                before = seen * 2
                w.assign(w + x)
                after = seen * 2
            return before, after, seen

        return step

    twins = Twins(make, backend)
    twins.calls(5, lambda i: (X[i][:3],))


# --- results ------------------------------------------------------------------------------------
def test_what_a_step_returns_has_its_form(backend):
    w = gd.Parameter(np.ones(4))

    def step(x):
        y = x * w
        return {"y": y, "again": [y, (y, None), (y, x), (y,)], "x": x, "w": w, "n": 3, "s": "text"}

    program = compile(step, backend=backend)
    for i in range(4):
        x = gd.Tensor(X[i])
        found = program(x)
        assert_alike(found, step(x))
        assert not np.shares_memory(found["w"].data, w.data)
        assert not np.shares_memory(found["x"].data, x.data)
    assert found["again"][0] is found["y"]


def test_a_result_is_not_overwritten_by_the_next_call(backend):
    def step(x):
        y = gd.tanh(x)
        return y, y.T, y.reshape(-1), (y * 2)[1:], x.T, y.sum()

    program = compile(step, backend=backend)
    wide = RANDOM.uniform(-1, 1, (5, 100, 90))
    kept = [program(x.copy()) for x in wide]
    for x, found in zip(wide, kept):
        assert_alike(found, step(gd.Tensor(x)))


def test_a_named_tuple_stays_one():
    from collections import namedtuple

    Pair = namedtuple("Pair", "loss hits")
    program = compile(lambda x: Pair(x.sum(), x * 2), backend="numpy")
    found = [program(X[i]) for i in range(4)][-1]
    assert isinstance(found, Pair)
    assert_alike(found.loss, gd.Tensor(X[3]).sum())


@pytest.mark.parametrize("result", [lambda x: x.shape[0] * np.ones(3), lambda x: np.float64(2)])
def test_numpy_results_are_refused(result):
    with pytest.raises(RecordingError, match=r"NumPy array(.|\n)*Return the Tensor itself"):
        compile(lambda x: result(x), backend="numpy")(X[0])


def test_an_object_with_tensors_inside_is_refused():
    program = compile(lambda x: SimpleNamespace(loss=x.sum()), backend="numpy")
    program(X[0])
    with pytest.raises(RecordingError, match=r"did not do the same(.|\n)*returned"):
        program(X[1])


def test_a_number_returned_that_differs_is_refused():
    numbers = iter(range(9))
    program = compile(lambda x: (x, next(numbers)), backend="numpy")
    program(X[0])
    with pytest.raises(RecordingError, match="did not do the same"):
        program(X[1])


def test_a_tensor_returned_that_was_made_of_other_numbers_is_refused():
    numbers = iter(range(9))
    program = compile(lambda: gd.Tensor(float(next(numbers))), backend="numpy")
    program()
    with pytest.raises(RecordingError, match="what the step returns was given numbers"):
        program()


# --- what a program cannot do -------------------------------------------------------------------
@pytest.mark.parametrize(
    "read",
    [
        float,
        bool,
        int,
        lambda loss: loss.item(),
        lambda loss: loss.numpy(),
        lambda loss: loss.tolist(),
        lambda loss: np.asarray(loss.detach()),
        lambda loss: 1 if loss > 0 else 2,
        lambda loss: f"{loss:.3f}",
    ],
    ids=["float", "bool", "int", "item", "numpy", "tolist", "asarray", "if", "format"],
)
def test_reading_a_value_names_the_line_and_the_remedy(read):
    def step(x):
        loss = (x * x).sum()
        read(loss)
        return loss

    with pytest.raises(RecordingError, match=r"test_compiled\.py:\d+ reads(.|\n)*Try gd\.where"):
        compile(step, backend="numpy")(X[0])


@pytest.mark.parametrize(
    "step",
    [
        lambda x: x * gd.Tensor(np.sign(x.data)),
        lambda x: x if x.data.max() < 0.9 else -x,
        lambda x: np.add(x.data, 1, out=x.data),
        lambda x: gd.tanh(x) * (x * 2).data,
    ],
)
def test_numbers_that_numpy_computed_of_data_are_refused(step):
    """The same batch twice would not show that they change."""
    with pytest.raises(RecordingError, match=r"test_compiled\.py:\d+ reads(.|\n)*Try gd\.where"):
        compile(step, backend="numpy")(X[0])


def write_raw(x, w):
    w.raw = w.raw - 0.1
    return x


@pytest.mark.parametrize("step", [lambda x, w: x * float(w.raw[0]), write_raw])
def test_the_raw_array_of_a_tensor_is_refused(step):
    w = gd.Parameter(np.ones(4))
    with pytest.raises(RecordingError, match=r"test_compiled\.py:\d+ reaches for(.|\n)*assign"):
        compile(lambda x: step(x, w), backend="numpy")(X[0])


def test_raw_of_something_else_is_followed(backend):
    sound = SimpleNamespace(raw=2.0)
    program = compile(lambda x: x * sound.raw, backend=backend)
    for number in (2.0, 3.0):
        sound.raw = number
        for i in range(3):
            assert_alike(program(X[i]), gd.Tensor(X[i] * number))


def test_shapes_lengths_and_dtypes_may_be_read(backend):
    program = compile(lambda x: x * (len(x) + x.shape[1] + x.size + x.ndim), backend=backend)
    for i in range(4):
        assert_alike(program(X[i]), gd.Tensor(X[i]) * 36)


def test_a_branch_that_differs_between_calls_is_refused():
    flags = iter([True, False])
    program = compile(lambda x: gd.exp(x) if next(flags) else gd.tanh(x), backend="numpy")
    program(X[0])
    with pytest.raises(
        RecordingError, match=r"exp of \(6, 4\) at test_compiled\.py:\d+, then tanh(.|\n)*gd\.where"
    ):
        program(X[1])


def test_more_lines_in_the_second_call_are_refused():
    counts = iter([1, 2])
    program = compile(lambda x: sum(x * 2 for _ in range(next(counts))), backend="numpy")
    program(X[0])
    with pytest.raises(RecordingError, match="did not do the same"):
        program(X[1])


def test_numbers_that_differ_between_calls_are_refused():
    numbers = iter([0.5, 0.25])
    program = compile(lambda x: x * next(numbers), backend="numpy")
    program(X[0])
    with pytest.raises(RecordingError, match=r"multiply at .*0\.5 in one call and 0\.25(.|\n)*arg"):
        program(X[1])


def test_a_counter_in_the_step_is_refused():
    class Counting(gd.nn.Module):
        def __init__(self):
            self.calls = 0

        def forward(self, x):
            self.calls += 1
            return x * 2 if self.calls < 100 else x * 3

    model = Counting()
    program = compile(lambda x: model(x), backend="numpy")
    program(X[0])
    with pytest.raises(RecordingError, match="changes what it sees: calls of Counting is 2 now"):
        program(X[1])


def test_a_result_kept_in_an_attribute_or_a_list_is_refused():
    class Keeping(gd.nn.Module):
        def forward(self, x):
            self.last = x * 2
            return self.last

    losses = []

    def listing(x):
        losses.append(x.sum())
        return x

    model = Keeping()
    for step in (lambda x: model(x), listing):
        program = compile(step, backend="numpy")
        program(X[0])
        with pytest.raises(RecordingError, match=r"changes what it sees(.|\n)*return it"):
            program(X[1])


def test_what_is_made_once_may_be_kept(backend):
    class Lazy(gd.nn.Module):
        table = None

        def forward(self, x):
            if self.table is None:
                self.table = gd.Tensor(np.arange(4.0))
            return x * self.table

    model = Lazy()
    program = compile(lambda x: model(x), backend=backend)
    for i in range(5):
        assert_alike(program(X[i]), gd.Tensor(X[i] * np.arange(4.0)))


def test_a_mask_whose_count_depends_on_the_numbers(backend):
    program = compile(lambda x: x[x > 0].sum(), backend=backend)
    for i in range(2):
        found = None
        with suppress(RecordingError):
            found = program(X[i])
        assert found is None or np.isclose(found.item(), X[i][X[i] > 0].sum())


# --- failures -----------------------------------------------------------------------------------
@pytest.mark.parametrize("failing", range(5))
@pytest.mark.parametrize("label", [3, -1])
@pytest.mark.parametrize("returning", [True, False])
def test_labels_out_of_range_leave_the_weights_alone(failing, label, returning, backend):
    def make(world):
        step = network(world)
        return step if returning else lambda x, t: (step(x, t), None)[1]

    twins = Twins(make, backend)
    twins.calls(failing, batch)
    before = twins.other.model.state_dict()
    wrong = T[0].copy()
    wrong[2] = label
    for step in (twins.program, twins.eager.step):
        with pytest.raises(DataError, match=rf"element\[2\] is {label}; it must lie in 0\.\.2"):
            step(X[0], wrong)
    for name, array in twins.other.model.state_dict().items():
        np.testing.assert_array_equal(array, before[name])
    twins.calls(4, batch)


@pytest.mark.parametrize("failing", [0, 1, 2, 3])
def test_an_exception_inside_leaves_everything_sound(failing, backend):
    fails = [False]

    def make(world):
        step = network(world)
        world.fails = fails

        def careful(x, t):
            if fails[0]:
                raise KeyError("mine")
            return step(x, t)

        return careful

    twins = Twins(make, backend)
    twins.calls(failing, batch)
    fails[0] = True
    with pytest.raises(KeyError, match="mine"):
        twins.program(*batch(0))
    fails[0] = False
    twins.calls(4, batch)
    gd.Tensor(1.0).item()  # nothing is recorded any more


def test_nothing_is_recorded_after_a_refusal():
    with pytest.raises(RecordingError):
        compile(lambda x: float(x.sum()), backend="numpy")(X[0])
    assert gd.Tensor(1.0).item() == 1.0


def test_an_unknown_backend_and_one_from_the_environment(monkeypatch):
    with pytest.raises(gd.errors.BackendError, match="backend is 'cuda'; it must be 'llvm'"):
        compile(lambda x: x, backend="cuda")
    monkeypatch.setenv("GRADATIM_BACKEND", "numpy")
    assert compile(lambda x: x).backend == "numpy"
    assert compile(backend="numpy")(lambda x: x).backend == "numpy"


def test_asking_for_the_source_too_early():
    with pytest.raises(RecordingError, match=r"no program yet(.|\n)*Try calling it twice"):
        compile(lambda x: x, backend="numpy").source  # noqa: B018


# --- where it is called -------------------------------------------------------------------------
def test_listeners_see_the_primitives(backend):
    program = compile(lambda x: gd.tanh(x), backend=backend)
    for _ in range(3):
        program(X[0])
    names = []
    with gd.listen(lambda primitive, inputs, settings, output: names.append(primitive.name)):
        program(X[0])
    assert names == ["tanh"]


def test_gradients_go_through_a_compiled_function(backend):
    program = compile(lambda x: gd.tanh(x).sum(), backend=backend)
    for _ in range(3):
        program(X[0])
    expected = 1 - np.tanh(X[0]) ** 2
    np.testing.assert_allclose(gd.grad(program)(X[0]).numpy(), expected)
    w = gd.Parameter(X[0])
    program(w * 1).backward()
    np.testing.assert_allclose(w.grad.numpy(), expected)


def test_one_compiled_step_inside_another(backend):
    def make(world):
        world.w = gd.Parameter(np.ones(4))
        w = world.w
        inner = compile(lambda x: gd.tanh(x * w), backend=backend)
        for i in range(3):
            inner(X[i])
        if world.is_eager:
            inner = inner.__wrapped__

        def step(x):
            loss = inner(x).sum()
            loss.backward()
            return loss

        return step

    twins = Twins(make, backend)
    twins.calls(4, lambda i: (X[i],))
    assert twins.count == 1


def test_two_threads_train_two_models(backend):
    found = {}

    def train(seed):
        twins = Twins(network, backend)
        twins.calls(12, batch)
        found[seed] = twins.count

    threads = [threading.Thread(target=train, args=(seed,)) for seed in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert found == {0: 1, 1: 1, 2: 1, 3: 1}


def test_two_threads_use_one_program(backend):
    def step(x):
        return gd.tanh(x @ x.T).sum(axis=0)

    program = compile(step, backend=backend)
    for _ in range(3):
        program(X[0])
    wrong = []

    def use(i):
        expected = step(gd.Tensor(X[i])).numpy()
        for _ in range(50):
            wrong.extend([i] * (not np.allclose(program(X[i]).numpy(), expected, rtol=1e-12)))

    threads = [threading.Thread(target=use, args=(i,)) for i in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not wrong


# --- methods and copies -------------------------------------------------------------------------
class Learner:
    def __init__(self, scale):
        self.scale = scale
        self.w = gd.Parameter(np.full(4, scale))

    @compile(backend="numpy")
    def step(self, x):
        """Say what it does."""
        loss = (x * self.w * self.scale).sum()
        loss.backward()
        return loss


@compile(backend="numpy")
def doubled(x):
    return x * 2


def test_a_method_has_programs_for_each_object():
    one, two = Learner(1.0), Learner(2.0)
    for i in range(4):
        for learner in (one, two):
            learner.w.grad = None
            expected = (X[i] * learner.scale**2).sum()
            np.testing.assert_allclose(learner.step(X[i]).item(), expected)
    assert one.step is not two.step
    assert isinstance(Learner.step, Compiled)
    assert Learner.step.__doc__ == "Say what it does."


def test_a_method_of_a_module_is_no_part_of_its_state():
    class Net(gd.nn.Module):
        def __init__(self):
            self.w = gd.Parameter(np.ones(4))

        @compile(backend="numpy")
        def double(self, x):
            return x * self.w * 2

    net = Net()
    for i in range(4):
        net.double(X[i])
    twin = copy.deepcopy(net)
    twin.w.assign(5.0)
    for i in range(4):
        assert_alike(twin.double(X[i]), gd.Tensor(X[i] * 10))
        assert_alike(net.double(X[i]), gd.Tensor(X[i] * 2))
    assert list(net.state_dict()) == ["w"]


def test_copies_begin_anew_and_functions_are_pickled_by_name():
    for i in range(3):
        doubled(X[i])
    twin = copy.copy(doubled)
    with pytest.raises(RecordingError, match="no program yet"):
        twin.source  # noqa: B018
    assert_alike(copy.deepcopy(doubled)(X[0]), gd.Tensor(X[0] * 2))
    assert Compiled.__reduce__(doubled) == "doubled"
    learner = Learner(3.0)
    find, (owner, name) = Compiled.__reduce__(learner.step)
    assert find(owner, name) is learner.step
    with pytest.raises((pickle.PicklingError, AttributeError)):
        pickle.dumps(compile(lambda x: x, backend="numpy"))


def test_partials_callables_and_functions_of_the_library():
    affine = functools.partial(lambda a, x, b: a * x + b, 2.0, b=1.0)
    layer = gd.nn.Linear(4, 2, rng=0, dtype=np.float64)
    for step in (affine, layer, gd.tanh, functools.partial(gd.sum, axis=0)):
        program = compile(step, backend="numpy")
        for i in range(4):
            assert_alike(program(X[i]), step(gd.Tensor(X[i])).detach())


def test_recursion_through_its_own_name(backend):
    @compile(backend=backend)
    def power(x, n):
        return x if n == 0 else x * power(x, n - 1)

    for i in range(4):
        assert_alike(power(X[i], 3), gd.Tensor(X[i] * (X[i] * (X[i] * X[i]))))
