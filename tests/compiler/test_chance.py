"""A compiled step draws what the step itself would draw; what no primitive drew is refused."""

from __future__ import annotations

import copy
import itertools
import random

import numpy as np
import pytest

import gradatim as gd
from compiler.twin import BACKENDS, Twins
from gradatim.compiler import compile
from gradatim.errors import RecordingError

X = np.random.default_rng(5).uniform(-1, 1, (12, 6, 4))
T = np.random.default_rng(6).integers(0, 3, (12, 6))
SOURCES = {
    "PCG64": np.random.default_rng,
    "PCG64DXSM": lambda seed: np.random.Generator(np.random.PCG64DXSM(seed)),
    "MT19937": lambda seed: np.random.Generator(np.random.MT19937(seed)),
    "Philox": lambda seed: np.random.Generator(np.random.Philox(seed)),
    "SFC64": lambda seed: np.random.Generator(np.random.SFC64(seed)),
    "legacy": np.random.RandomState,
}


@pytest.fixture(params=BACKENDS)
def backend(request):
    return request.param


def standing(rng):
    """Where a generator stands."""
    if isinstance(rng, np.random.RandomState):
        return repr(rng.get_state(legacy=False))
    return repr(rng.bit_generator.state)


def assert_same_stream(twins):
    assert standing(twins.eager.rng) == standing(twins.other.rng)


def batch(i):
    return X[i], T[i]


def network(world, source=np.random.default_rng, second=None, p=0.5):
    """A network with two Dropouts that share a generator, unless there is a second one."""
    world.rng, nn, f8 = source(3), gd.nn, np.float64
    rngs = [world.rng, world.rng if second is None else second(4)]
    world.drops = [nn.Dropout(p, rng=rng) for rng in rngs]
    layers = [nn.Linear(4, 7, rng=0, dtype=f8), nn.Linear(7, 3, rng=1, dtype=f8)]
    world.model = nn.Sequential(world.drops[0], layers[0], world.drops[1], layers[1])
    world.optimizer = gd.optim.SGD(world.model, lr=0.1)
    model, optimizer = world.model, world.optimizer

    def step(x, t):
        loss = gd.cross_entropy(model(x), t)
        loss.backward()
        optimizer.step()
        return loss

    return step


# --- compiled is eager --------------------------------------------------------------------------
@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_dropout_draws_what_it_draws_eagerly_whatever_the_generator(backend, source):
    twins = Twins(lambda world: network(world, source), backend)
    for i in range(6):
        twins.call(*batch(i))
        assert_same_stream(twins)
    assert twins.count == 1


def test_two_dropouts_with_a_generator_each(backend):
    twins = Twins(lambda world: network(world, second=np.random.default_rng), backend)
    twins.calls(5, batch)
    assert_same_stream(twins)
    eager, other = (standing(world.drops[1]._rng) for world in (twins.eager, twins.other))
    assert eager == other


def test_two_generators_of_one_stream(backend):
    def make(world):
        world.rng = np.random.default_rng(0)
        one, two = world.rng, np.random.Generator(world.rng.bit_generator)
        return lambda x: gd.uniform(size=x.shape, rng=one) + gd.uniform(size=x.shape, rng=two) * x

    twins = Twins(make, backend)
    twins.calls(5, lambda i: (X[i],))
    assert_same_stream(twins)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("draw", [gd.uniform, gd.normal])
def test_numbers_have_the_bits_of_numpy_and_leave_the_stream_where_numpy_would(
    draw, dtype, backend
):
    rng, numpys = np.random.default_rng(8), np.random.default_rng(8)
    method = numpys.random if draw is gd.uniform else numpys.standard_normal
    shapes = [(), (1,), (7,), (3, 5), (0, 2), (64, 33), (2, 3, 5), ()]
    step = lambda: [draw(size=shape, rng=rng, dtype=dtype) for shape in shapes]  # noqa: E731
    program = compile(step, backend=backend)
    for i in range(5):
        for shape, found in zip(shapes, program()):
            assert found.numpy().tobytes() == np.asarray(method(shape, dtype)).tobytes()
        for mine in (rng, numpys):
            mine.integers(1 << 30, size=i)
        assert standing(rng) == standing(numpys)


def test_floats_of_both_sizes_from_one_generator(backend):
    """A float32 takes half of a draw; the other half waits for the next one."""
    rng, numpys = np.random.default_rng(8), np.random.default_rng(8)
    sizes = [(3, "f4"), (2, "f8"), (1, "f4"), (5, "f8")]
    step = lambda: [gd.uniform(size=n, rng=rng, dtype=kind) for n, kind in sizes]  # noqa: E731
    program = compile(step, backend=backend)
    for _ in range(5):
        for (n, kind), found in zip(sizes, program()):
            assert found.numpy().tobytes() == numpys.random(n, np.dtype(kind)).tobytes()
        assert standing(rng) == standing(numpys)


def test_dropout_called_twice_in_a_step_draws_twice(backend):
    def make(world):
        world.rng = np.random.default_rng(0)
        drop = gd.nn.Dropout(0.5, rng=world.rng)
        return lambda x: (drop(x), drop(x), drop(drop(x)))

    twins = Twins(make, backend)
    for i in range(5):
        one, two, _ = twins.call(X[i])
        assert (one.numpy() != two.numpy()).any()
    assert_same_stream(twins)


def test_a_draw_that_nobody_reads_is_drawn(backend):
    def make(world):
        world.rng = rng = np.random.default_rng(0)

        def step(x):
            gd.uniform(size=(5, 3), rng=rng)
            y = x * gd.uniform(size=x.shape, rng=rng)
            gd.normal(size=2, rng=rng)
            return y

        return step

    twins = Twins(make, backend)
    twins.calls(5, lambda i: (X[i],))
    assert_same_stream(twins)
    assert twins.program.source.count("rng.") == 3


def test_a_stream_passed_through_gradients(backend):
    """Noise with a learned scale: the reparameterisation of variational autoencoders."""

    def make(world):
        world.rng = rng = np.random.default_rng(0)
        world.scale = scale = gd.Parameter(np.ones(4))

        def step(x):
            loss = (gd.normal(x, scale, rng=rng) ** 2).sum()
            scale.grad = None
            loss.backward()
            return loss

        return step

    twins = Twins(make, backend)
    twins.calls(5, lambda i: (X[i],))
    assert_same_stream(twins)


# --- what changes between calls -----------------------------------------------------------------
def put_another(world):
    world.rng = np.random.default_rng(99)
    for drop in world.drops:
        drop._rng = world.rng


def set_the_state(world):
    world.rng.bit_generator.state = np.random.default_rng(98).bit_generator.state


def draw_in_between(world):
    world.rng.random(3, np.float32)  # leaves half of a draw behind


def evaluate(world):
    world.model.eval()


def raise_p(world):
    for drop in world.drops:
        drop.p = 0.9


def drop_nothing(world):
    for drop in world.drops:
        drop.p = 0


@pytest.mark.parametrize(
    ("change", "programs"),
    [
        (put_another, 2),
        (set_the_state, 1),
        (draw_in_between, 1),
        (evaluate, 2),
        (raise_p, 2),
        (drop_nothing, 2),
    ],
)
def test_a_change_between_calls_takes_effect(backend, change, programs):
    twins = Twins(network, backend)
    twins.calls(4, batch)
    twins.both(change)
    twins.calls(4, batch)
    assert_same_stream(twins)
    assert twins.count == programs


def test_evaluating_and_learning_again_goes_back_to_the_first_program(backend):
    twins = Twins(network, backend)
    for i in range(12):
        twins.both(lambda world, on=i % 2 == 0: world.model.train(on))
        twins.call(*batch(i))
    assert_same_stream(twins)
    assert twins.count == 2


def test_a_copy_of_the_model_has_a_stream_of_its_own(backend):
    def make(world):
        world.rng = np.random.default_rng(1)
        world.model = gd.nn.Sequential(gd.nn.Dropout(0.5, rng=world.rng), gd.nn.ReLU())
        return lambda x: world.model(x)

    twins = Twins(make, backend)
    twins.calls(4, lambda i: (X[i],))
    before = standing(twins.other.rng)
    twins.both(lambda world: setattr(world, "model", copy.deepcopy(world.model)))
    twins.calls(4, lambda i: (X[i],))
    assert standing(twins.other.rng) == before
    assert standing(twins.other.model[0]._rng) == standing(twins.eager.model[0]._rng) != before


def test_a_generator_as_an_argument(backend):
    program = compile(lambda x, rng: x * gd.uniform(size=x.shape, rng=rng), backend=backend)
    rngs, numpys = ([np.random.default_rng(i) for i in (1, 2)] for _ in range(2))
    for i in range(10):
        found = program(X[i], rngs[i % 2]).numpy()
        assert found.tobytes() == (X[i] * numpys[i % 2].random(X[i].shape)).tobytes()
    assert len(program.programs) == 2


# --- the source ---------------------------------------------------------------------------------
def test_the_source_draws_from_a_named_generator_and_runs_by_itself():
    rng = np.random.default_rng(0)
    program = compile(
        lambda x: (x + gd.uniform(size=(90, 80), rng=rng), gd.normal(size=3, rng=rng)),
        backend="numpy",
    )
    x = np.ones((90, 80))
    for _ in range(2):
        program(x)
    assert "def step(x, rng):" in program.source
    assert "rng.random(out=random)" in program.source
    assert "rng.standard_normal((3,))" in program.source
    space = {}
    exec(program.source, space)
    alone = copy.deepcopy(rng)
    for _ in range(3):
        for one, other in zip(space["step"](x, alone), program(x)):
            assert one.tobytes() == other.numpy().tobytes()
    assert standing(alone) == standing(rng)


def test_a_generator_has_no_name_of_something_else():
    source = np.random.default_rng(0)
    program = compile(lambda rng: rng + gd.uniform(size=3, rng=source), backend="numpy")
    for _ in range(2):
        program(np.ones(3))
    assert "def step(rng, rng_2):" in program.source


# --- what is refused ----------------------------------------------------------------------------
GENERATOR = np.random.default_rng(0)
LEGACY = np.random.RandomState(0)


@pytest.mark.parametrize(
    "draw",
    [
        random.random,
        np.random.rand,
        lambda: np.random.rand(312)[0],  # the position is as before
        lambda: GENERATOR.random(),
        lambda: GENERATOR.integers(3),
        lambda: LEGACY.rand(),
        lambda: gd.uniform(rng=GENERATOR) + GENERATOR.random(),
    ],
)
def test_what_no_primitive_drew_is_refused(draw):
    program = compile(lambda x: x * (gd.Tensor(0.0) + draw() > -1), backend="numpy")
    with pytest.raises(RecordingError, match=r"no primitive drew(.|\n)*Try gd\.uniform"):
        program(X[0])


def test_a_generator_made_inside_the_step_is_refused():
    def step(x):
        return x * gd.uniform(size=4, rng=np.random.default_rng(0))

    with pytest.raises(RecordingError, match=r"random at test_chance\.py:\d+ draws from a gene"):
        compile(step, backend="numpy")(X[0])


def test_a_generator_that_changes_by_itself_is_refused():
    rngs, turn = [np.random.default_rng(i) for i in range(2)], itertools.count()
    program = compile(lambda x: x * gd.uniform(size=4, rng=rngs[next(turn) % 2]), backend="numpy")
    program(X[0])
    with pytest.raises(RecordingError, match=r"did not do the same: first random of .*Generator"):
        program(X[1])


def test_a_listener_sees_what_dropout_draws():
    seen = []
    with gd.listen(lambda primitive, *call: seen.append(primitive.kind)):
        gd.nn.Dropout(0.5, rng=0)(X[0])
    assert seen == ["chance", "pointwise", "pointwise", "pointwise"]
