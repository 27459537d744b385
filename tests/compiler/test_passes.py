"""Each pass on small programs, and what none of them may change."""

from __future__ import annotations

import numpy as np
import pytest

from gradatim.compiler.emit.listing import listing, loaded
from gradatim.compiler.passes import PASSES, optimize
from gradatim.compiler.passes.dead import dead
from gradatim.compiler.passes.fold import fold
from gradatim.compiler.passes.plain import plain
from gradatim.compiler.passes.rewriting import call
from gradatim.compiler.passes.share import share
from gradatim.compiler.program import Line, Program, Value
from gradatim.compiler.spec import check
from gradatim.errors import GradatimError
from gradatim.primitives import bounds, chance, effect, fused, pointwise, reduce, shape

F4, F8, I8 = np.dtype(np.float32), np.dtype(np.float64), np.dtype(np.int64)
LIKE = Line(Value("", (), F8), pointwise.add, ())


class Draft:
    """A program that is being written."""

    def __init__(self):
        self.arguments, self.state, self.literals, self.lines = [], [], {}, []

    def argument(self, *sizes, dtype=F8):
        self.arguments.append(Value("x", sizes, dtype))
        return self.arguments[-1]

    def kept(self, *sizes, dtype=F8):
        self.state.append(Value("s", sizes, dtype))
        return self.state[-1]

    def literal(self, numbers, dtype=F8):
        array = np.array(numbers, dtype)
        value = Value("", array.shape, array.dtype)
        self.literals[value] = array
        return value

    def do(self, primitive, *inputs, **settings):
        self.lines.append(call(LIKE, primitive, *inputs, **settings))
        return self.lines[-1].output

    def write(self, primitive, state, value):
        home = state.home or state
        output = Value("s", home.shape, home.dtype, home)
        self.lines.append(Line(output, primitive, (state, value)))
        return output

    def done(self, *results):
        given = tuple(self.arguments), tuple(self.state), dict(self.literals)
        return check(Program(*given, tuple(self.lines), results))


@pytest.fixture
def draft():
    return Draft()


def names(program):
    return [line.primitive.name for line in program.lines]


def run(program, *given):
    text = listing(program, [f"x{i}" for i in range(len(program.arguments))]).text
    with np.errstate(all="ignore"):
        return loaded(text, "test")(*given)


# --- dead ---------------------------------------------------------------------------------------
def test_what_nobody_reads_is_left_out(draft):
    x = draft.argument(3)
    draft.do(pointwise.exp, draft.do(pointwise.tanh, x))
    y = draft.do(pointwise.sin, x)
    draft.literal(1.0)
    program = dead(draft.done(y))
    assert names(program) == ["sin"]
    assert not program.literals


def test_what_writes_and_what_checks_stays(draft):
    x, t, s = draft.argument(3), draft.argument(3, dtype=I8), draft.kept(3)
    draft.do(bounds.within_, t, low=0, high=9)
    draft.write(effect.assign, s, draft.do(pointwise.exp, x))
    assert names(dead(draft.done())) == ["within", "exp", "assign"]


# --- share --------------------------------------------------------------------------------------
def test_equal_lines_become_one(draft):
    x = draft.argument(3)
    one, two = (draft.do(pointwise.exp, draft.do(pointwise.sin, x)) for _ in range(2))
    program = check(share(draft.done(draft.do(pointwise.add, one, two))))
    assert names(program) == ["sin", "exp", "add"]


def test_other_settings_and_versions_are_not_equal(draft):
    x, s = draft.argument(3, 3), draft.kept(3, 3)
    a = draft.do(reduce.sum_, x, axis=0, keepdims=False)
    b = draft.do(reduce.sum_, x, axis=1, keepdims=False)
    c = draft.do(pointwise.exp, s)
    later = draft.write(effect.assign, s, x)
    d = draft.do(pointwise.exp, later)
    assert names(share(draft.done(a, b, c, d))) == ["sum", "sum", "exp", "assign", "exp"]


@pytest.mark.parametrize(("one", "two"), [(0.0, -0.0), (1.0, 2.0)])
def test_literals_are_joined_by_their_bits(draft, one, two):
    x = draft.argument(3)
    values = [draft.do(pointwise.multiply, x, draft.literal(n)) for n in (one, two, one)]
    assert len(share(draft.done(*values)).literals) == 2


# --- fold ---------------------------------------------------------------------------------------
def test_what_is_known_is_computed_beforehand_with_the_same_bits(draft):
    one, two = draft.literal([0.1, 0.2], F4), draft.literal(3.0, F4)
    y = draft.do(pointwise.exp, draft.do(pointwise.divide, one, two))
    program = fold(draft.done(y))
    assert names(program) == []
    found = program.literals[program.results[0]]
    expected = np.exp(np.array([0.1, 0.2], F4) / F4.type(3))
    assert found.dtype == F4
    assert found.tobytes() == expected.tobytes()


def test_a_large_literal_is_not_made(draft):
    y = draft.do(shape.broadcast_to, draft.literal([1.0, 2.0]), shape=(100_000, 2))
    assert names(fold(draft.done(y))) == ["broadcast_to"]


@pytest.mark.parametrize(
    ("primitive", "settings"),
    [
        (shape.reshape, {"shape": (2, 3)}),
        (shape.cast, {"dtype": F8}),
        (shape.broadcast_to, {"shape": (2, 3)}),
        (shape.transpose, {"axes": (0, 1)}),
        (pointwise.alias, {}),
        (pointwise.stop_gradient, {}),
    ],
)
def test_what_changes_nothing_is_left_out(draft, primitive, settings):
    x = draft.argument(2, 3)
    y = draft.do(pointwise.exp, draft.do(primitive, x, **settings))
    assert names(fold(draft.done(y))) == ["exp"]


@pytest.mark.parametrize(
    ("primitive", "swapped"), [("multiply", False), ("multiply", True), ("divide", False)]
)
def test_one_times_is_left_out(draft, primitive, swapped):
    x, one = draft.argument(2, 3), draft.literal(np.ones(3))
    pair = (one, x) if swapped else (x, one)
    y = draft.do(getattr(pointwise, primitive), *pair)
    assert names(fold(draft.done(draft.do(pointwise.exp, y)))) == ["exp"]


def test_one_divided_by_is_not(draft):
    x = draft.argument(2)
    y = draft.do(pointwise.divide, draft.literal(1.0), x)
    assert names(fold(draft.done(y))) == ["divide"]


@pytest.mark.parametrize("number", [0.0, -0.0])
def test_nothing_is_said_of_adding_zero(draft, number):
    """-0.0 + 0.0 is 0.0, and NaN times 0 is NaN: neither is folded."""
    x = draft.argument(2)
    y = draft.do(pointwise.add, x, draft.literal(number))
    z = draft.do(pointwise.multiply, x, draft.literal(number))
    assert names(fold(draft.done(y, z))) == ["add", "multiply"]


def test_a_factor_of_one_that_changes_dtype_or_shape_stays(draft):
    x = draft.argument(3, dtype=F4)
    wider = draft.do(pointwise.multiply, x, draft.literal(1.0, F8))
    larger = draft.do(pointwise.multiply, x, draft.literal(np.ones((2, 1)), F4))
    program = fold(draft.done(wider, larger))
    assert [v.dtype for v in program.results] == [F8, F4]
    assert [v.shape for v in program.results] == [(3,), (2, 3)]


def test_a_copy_of_what_is_written_later_stays(draft):
    s, x = draft.kept(3), draft.argument(3)
    old = draft.do(pointwise.multiply, s, draft.literal(1.0))
    draft.write(effect.assign, s, x)
    program = check(fold(draft.done(old)))
    assert names(program) == ["multiply", "assign"]
    assert run(program, np.ones(3), np.zeros(3))[0].tolist() == [0, 0, 0]


def test_changes_of_arrangement_are_joined(draft):
    x = draft.argument(2, 3, 4)
    turned = draft.do(shape.transpose, draft.do(shape.transpose, x, axes=(1, 2, 0)), axes=(2, 1, 0))
    again = draft.do(shape.reshape, draft.do(shape.reshape, x, shape=(6, 4)), shape=(24,))
    summed = draft.do(reduce.sum_, x, axis=(1,), keepdims=True)
    summed = draft.do(shape.reshape, summed, shape=(2, 4))
    program = dead(check(fold(draft.done(turned, again, summed))))
    assert names(program) == ["transpose", "reshape", "sum"]
    array = np.arange(24.0).reshape(2, 3, 4)
    results = run(program, array)
    expected = array.transpose(1, 2, 0).transpose(2, 1, 0), array.reshape(-1), array.sum(1)
    for one, other in zip(results, expected):
        np.testing.assert_array_equal(one, other)


def test_arrangements_are_not_joined_across_a_write(draft):
    s, x = draft.kept(2, 3), draft.argument(2, 3)
    total = draft.do(reduce.sum_, s, axis=(1,), keepdims=True)
    draft.write(effect.assign, s, x)
    y = draft.do(shape.reshape, total, shape=(2,))
    program = check(fold(draft.done(y)))
    assert run(program, np.ones((2, 3)), np.zeros((2, 3)))[0].tolist() == [0, 0]


def test_equal_numbers_become_one_where_the_shape_stays(draft):
    x = draft.argument(2, 3)
    y = draft.do(pointwise.multiply, x, draft.literal(np.full((2, 3), 0.5)))
    z = draft.do(pointwise.multiply, draft.argument(3), draft.literal(np.full((2, 1), 0.5)))
    program = check(fold(draft.done(y, z)))
    assert [line.inputs[1].shape for line in program.lines] == [(), (2, 1)]


def test_zero_and_minus_zero_are_not_equal_numbers(draft):
    x = draft.argument(2)
    y = draft.do(pointwise.divide, x, draft.literal([0.0, -0.0]))
    z = draft.do(pointwise.divide, x, draft.literal(0.0))
    w = draft.do(pointwise.divide, x, draft.literal([-0.0, -0.0]))
    program = fold(draft.done(y, z, w))
    found = run(program, np.ones(2))
    assert [a.tolist() for a in found] == [[np.inf, -np.inf], [np.inf] * 2, [-np.inf] * 2]


# --- plain --------------------------------------------------------------------------------------
@pytest.mark.parametrize("dtype", [F4, F8])
@pytest.mark.parametrize(
    ("primitive", "settings"),
    [
        (fused.softmax, {"axis": 1}),
        (fused.log_softmax, {"axis": 0}),
        (fused.logsumexp, {"axis": 1, "keepdims": False}),
        (fused.logsumexp, {"axis": (0, 1), "keepdims": True}),
    ],
)
def test_fused_primitives_taken_apart_give_the_same(draft, primitive, settings, dtype):
    x = draft.argument(3, 4, dtype=dtype)
    program = check(plain(draft.done(draft.do(primitive, x, **settings))))
    assert primitive.name not in names(program)
    for array in (
        np.arange(12.0).reshape(3, 4),
        np.full((3, 4), 1e4),
        np.where(np.eye(3, 4) > 0, -np.inf, 1),
    ):
        with np.errstate(all="ignore"):
            expected = primitive.forward(array.astype(dtype), **settings)
        found = run(program, array.astype(dtype))[0]
        assert found.dtype == dtype
        np.testing.assert_allclose(found, expected, rtol=1e-6 if dtype == F4 else 1e-14)


def test_the_parts_of_cross_entropy_check_the_labels(draft):
    x, t = draft.argument(3, 4), draft.argument(3, dtype=I8)
    program = check(plain(draft.done(draft.do(fused.cross_entropy, x, t))))
    assert "within" in names(program)
    array, labels = np.arange(12.0).reshape(3, 4), np.array([0, 3, 1])
    expected = fused.cross_entropy.forward(array, labels)
    np.testing.assert_allclose(run(program, array, labels)[0], expected, rtol=1e-14)


# --- all together -------------------------------------------------------------------------------
def test_all_passes_are_checked_and_tell_what_they_did(draft):
    x = draft.argument(3, 4)
    y = draft.do(fused.softmax, x, axis=1)
    z = draft.do(pointwise.subtract, y, draft.do(fused.softmax, x, axis=1))
    program, efforts = optimize(draft.done(z))
    assert {e.name for e in efforts} == {p.__name__ for p in PASSES}
    assert efforts[-1].after == len(program)
    assert names(program).count("exp") == 1


def test_a_name_goes_to_what_stands_in_its_place(draft):
    x = draft.argument(2, 3)
    line = call(LIKE, shape.reshape, draft.do(pointwise.exp, x), shape=(2, 3))
    named = Value("loss", (2, 3), F8)
    draft.lines.append(Line(named, line.primitive, line.inputs, line.settings))
    program, _ = optimize(draft.done(named))
    assert program.results[0].name == "loss"


@pytest.mark.parametrize("improve", PASSES)
def test_equal_draws_stay_two_and_one_that_nobody_reads_stays(draft, improve):
    rng = np.random.default_rng(0)
    x = draft.argument(3)
    draws = [draft.do(chance.random, rng=rng, shape=(3,), dtype=F8) for _ in range(3)]
    y = draft.do(pointwise.add, draft.do(pointwise.add, draws[0], draws[1]), x)
    program = draft.done(y)
    improved = check(improve(program), improve.__name__, program)
    assert names(improved).count("random") == 3


def test_a_pass_that_drops_a_draw_is_found_out(draft, monkeypatch):
    def careless(program):
        return program.changed(lines=program.lines[1:])

    rng = np.random.default_rng(0)
    x = draft.argument(3)
    draft.do(chance.random, rng=rng, shape=(3,), dtype=F8)
    program = draft.done(draft.do(pointwise.exp, x))
    monkeypatch.setattr("gradatim.compiler.passes.PASSES", (careless,))
    with pytest.raises(GradatimError, match="program after careless: it draws other"):
        optimize(program)
