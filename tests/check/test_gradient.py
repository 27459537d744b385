"""The gradient check says right of right gradients, and wrong of wrong ones of every kind."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from cases.rows import every_case
from gradatim.check import gradient
from gradatim.errors import DtypeError, GradatimError, ShapeError
from gradatim.primitives import TABLE, Primitive
from gradatim.primitives.primitive import first_dtype, first_shape, promoted

X = np.linspace(-1.0, 1.2, 12).reshape(3, 4) ** 3 + 0.3


def square(rule, forward=lambda x: x * x):
    """A primitive that squares, with a derivative that may be wrong."""
    return Primitive("square", forward, "", ("x",), (rule,), first_shape, first_dtype, "structural")


# --- right ones pass --------------------------------------------------------------------------
def is_checked(case):
    """All but what computes in float32 on purpose, which is refused."""
    return case.samples and case.positions(case.samples[0]) and case.name != "sum in another dtype"


@every_case(is_checked)
def test_every_function_of_the_library_is_right(case):
    sample = case.samples[0]
    chosen = case.positions(sample)

    def f(*xs):
        inputs = list(sample.inputs)
        for i, x in zip(chosen, xs):
            inputs[i] = x
        return case.door(*inputs, **sample.settings)

    gradient(f, *(sample.inputs[i] for i in chosen)).assert_passed()


def test_a_right_rule_passes():
    assert gradient(square(lambda g, y, x: 2 * g * x), X)


def test_a_primitive_or_a_function_with_its_settings():
    assert gradient(TABLE["tanh"], X)
    assert gradient(TABLE["log_softmax"], X, axis=1)
    assert gradient(gd.softmax, X, axis=0)
    assert [row.name for row in gradient(TABLE["matmul"], X, X.T).rows] == ["a", "b"]
    assert [row.name for row in gradient(TABLE["concatenate"], X, X, axis=0).rows] == [
        f"{TABLE['concatenate'].inputs[0].rstrip('*')}.{i}" for i in range(2)
    ]


def test_every_argument_is_checked_by_name():
    check = gradient(lambda x, W, b: x @ W + b, X, np.ones((4, 2)), np.zeros(2))

    assert [(row.name, row.shape) for row in check.rows] == [
        ("x", (3, 4)),
        ("W", (4, 2)),
        ("b", (2,)),
    ]
    assert check


def test_trees_and_numbers_are_arguments_too():
    def f(p, *rest):
        return p["w"] * p["pair"][1] * rest[0] * rest[1]

    check = gradient(f, {"w": 2.0, "pair": (np.ones(2), 3.0)}, 4.0, gd.Tensor(5.0))

    assert [row.name for row in check.rows] == ["p.w", "p.pair.0", "p.pair.1", "rest.0", "rest.1"]
    assert check["p.w"].backprop == 60
    assert check["p.pair.0"].verdict == "zero"


def test_integers_booleans_and_words_are_handed_on_as_they_are():
    handed = []

    def f(x, labels, mask, word, nothing):
        handed.append((labels, mask, word, nothing))
        return x[labels].sum() * 2

    labels, mask = np.array([0, 2, 0]), np.array([True])
    check = gradient(f, X, labels, mask, "mean", None)

    assert [row.name for row in check.rows] == ["x"]
    assert check
    assert all(each[0] is labels and each[1] is mask for each in handed)
    assert handed[0][2:] == ("mean", None)


def test_views_of_the_argument_are_outputs_like_others():
    assert gradient(lambda x: x, X)
    assert gradient(lambda x: x.T, X)
    assert gradient(lambda x: x[1:], X)


def test_several_outputs_count_together():
    assert gradient(lambda x: {"a": x * x, "b": [x.sum(), x > 0]}, X)


def test_an_integer_part_of_the_output_does_not_count():
    check = gradient(lambda x: (x * 2.0, x.argmax()), [1.0, 3.0])

    assert check


def test_a_function_without_influence_is_right_to_have_no_gradient():
    assert gradient(gd.sign, [1.0, -2.0])["x"].verdict == "zero"


def test_a_gradient_of_nothing_but_rounding_is_zero():
    check = gradient(lambda x: gd.softmax(x).sum(), [1.0, 2.0, 3.0])

    assert check["x"].verdict == "zero"
    assert check


@pytest.mark.parametrize("x", [3.0, np.empty((0, 2)), X[::2, ::-2], np.asfortranarray(X)])
def test_any_layout(x):
    x = np.asarray(x)
    x.flags.writeable = False

    assert gradient(lambda x: (x**3).sum(), x)


def test_float32_is_checked_in_float64():
    x = X.astype(np.float32)
    check = gradient(lambda x: (x * x * x).sum(), gd.Tensor(x))

    assert check.rows[0].relative < 1e-7
    assert check.rows[0].backprop.dtype == np.float64


def test_a_function_may_add_in_place():
    def f(x):
        x += 1.0
        return (x * x).sum()

    assert gradient(f, X)


def test_inside_no_grad_it_works_too():
    with gd.no_grad():
        assert gradient(gd.tanh, X)


# --- wrong ones are caught --------------------------------------------------------------------
@pytest.mark.parametrize(
    "rule",
    [
        lambda g, y, x: g * x,
        lambda g, y, x: 4 * g * x,
        lambda g, y, x: -2 * g * x,
        lambda g, y, x: 2 * g * x * 1.0001,
        lambda g, y, x: 2 * g * x + 1e-3,
        lambda g, y, x: 2 * x + g * 0,
        lambda g, y, x: (2 * g * x).T,
        lambda g, y, x: (2 * g * x)[::-1],
        lambda g, y, x: 2 * g * abs(x),
        lambda g, y, x: (2 * g * x).mean() + g * 0,
        lambda g, y, x: 2 * g * y,
        None,
    ],
    ids=[
        "half", "twice", "sign", "a ten-thousandth off", "added", "g ignored", "transposed",
        "turned over", "absolute", "mean", "y for x", "none",
    ],
)  # fmt: skip
def test_a_wrong_rule_is_caught(rule):
    x = X.reshape(-1)[:9].reshape(3, 3) + 0.01
    check = gradient(square(rule), x)

    assert not check
    assert check["x"].verdict == "WRONG"


def test_one_wrong_element_of_ten_thousand_is_caught_and_named():
    def rule(g, y, x):
        slope = 2 * g * x
        slope[7077] *= 1.001
        return slope

    x = np.random.default_rng(0).uniform(0.5, 1, 10_000)
    check = gradient(square(rule), x)

    assert not check
    assert check["x"].worst == (7077,)
    assert "FAILED x at 7077: numerical" in str(check)


def test_a_gradient_that_misses_the_sum_over_the_batch_is_caught():
    def affine(rule):
        rules = (lambda g, y, x, b: g, rule)
        return Primitive(
            "affine", lambda x, b: x + b, "", ("x", "b"), rules, first_shape, promoted, "structural"
        )

    b = np.zeros(4)
    assert gradient(affine(lambda g, y, x, b: g.sum(0)), X, b)
    for wrong in (lambda g, y, x, b: g[0], lambda g, y, x, b: g.mean(0)):
        check = gradient(affine(wrong), X, b)
        assert (check["x"].verdict, check["b"].verdict) == ("ok", "WRONG")


@pytest.mark.parametrize(
    "f",
    [
        lambda x: x * x.detach(),
        lambda x: x * gd.stop_gradient(x),
        lambda x: x * gd.tanh(x.detach()),
        lambda x: x * float(x.numpy()[0, 0]),
        lambda x: np.sum(x.numpy() ** 2),
        gd.stop_gradient,
    ],
)
@pytest.mark.parametrize("size", [1, 7])
def test_a_branch_that_is_cut_off_is_caught(f, size):
    """With 588 numbers the primitives are replayed, and still it must be seen."""
    x = np.tile(X, (size, size)) + 1

    assert gradient(f, x)["x"].verdict == "WRONG"


def test_a_wrong_element_of_a_large_output_is_caught():
    """The random projection gives every element of the output a weight of its own."""

    def swapped(g, y, x):
        g = g.copy()
        g[[0, 1]] = g[[1, 0]]
        return g

    check = gradient(square(swapped, lambda x: +x), np.ones(50))

    assert check["x"].verdict == "WRONG"


# --- what is not finite -----------------------------------------------------------------------
def test_where_a_gradient_is_not_finite_is_told():
    nan = square(lambda g, y, x: np.where(np.arange(4) == 2, np.nan, 2 * g * x))
    check = gradient(nan, X)

    assert check["x"].verdict == "not finite"
    assert "FAILED x at (0, 2): numerical 0.0" in str(check)
    assert "backprop nan" in str(check)


def test_where_the_function_ends_within_h_narrower_steps_are_taken():
    check = gradient(lambda x: gd.log(x).sum(), [1.0, 5e-5])

    assert check["x"].verdict == "ok"
    assert "note: x at 1: not finite within h; the slope is from narrower steps" in str(check)


def test_where_the_function_itself_is_not_finite_is_told():
    with np.errstate(divide="ignore"):
        check = gradient(gd.reciprocal, [[1.0, 0.0]])

    assert not check
    assert "note: the function itself is inf here, at (0, 1)" in str(check)


# --- what cannot be checked -------------------------------------------------------------------
def test_a_function_that_does_not_repeat_itself_is_refused():
    random = np.random.default_rng(0)

    with pytest.raises(GradatimError, match=r"different numbers for the same arguments.*\n.*eval"):
        gradient(lambda x: x * random.random(), X)


def test_a_generator_that_is_handed_over_is_frozen_and_not_touched():
    random = np.random.default_rng(0)
    check = gradient(lambda x, rng: x * rng.random(x.shape), X, random)

    assert check
    assert "note: random numbers are frozen: every call drew the same ones" in str(check)
    assert random.random() == np.random.default_rng(0).random()


def test_a_shape_that_depends_on_the_numbers_is_refused():
    with pytest.raises(ShapeError, match=r"shapes \[\(1,\)\], and \[\(2,\)\] when one number was"):
        gradient(lambda x: x[x.data > 0], [5e-5, -5e-5][::-1])


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: gradient(3.0, X), GradatimError, r"first argument is float.*\n.*not f\(x\)"),
        (lambda: gradient(gd.tanh, [1, 2]), DtypeError, r"no argument is made of floats.*\n.*3\.0"),
        (lambda: gradient(gd.tanh, X, h=0), GradatimError, "h is 0; it must be a number above 0"),
        (lambda: gradient(gd.tanh, X, wrt="x"), GradatimError, "wrt is 'x'; it must be 'all'"),
        (lambda: gradient(lambda x: None, X), DtypeError, "None; did it forget to return"),
        (lambda: gradient(lambda x: x > 0, X), DtypeError, "returned bool; it must return floats"),
        (lambda: gradient(lambda x: [], X), DtypeError, "returned nothing; it must return floats"),
        (lambda: gradient(gd.tanh, X, loss=3), GradatimError, "loss is int; it must be a function"),
        (lambda: gradient(gd.tanh, loss=gd.mse), GradatimError, "a loss was given but no target"),
        (
            lambda: gradient(lambda x: x.astype(np.float32), X),
            DtypeError,
            "given float64 and returned float32",
        ),
    ],
)
def test_errors_teach(call, error, text):
    with pytest.raises(error, match=text):
        call()


# --- the caller's own -------------------------------------------------------------------------
def test_arguments_are_never_touched():
    x = gd.Tensor(X, requires_grad=True)
    y = x * 2
    gradient(lambda a, b, c: a * b * c, x, y, X)

    np.testing.assert_array_equal(x.data, X)
    assert x.grad is None
    assert x.requires_grad


# --- kinks ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("f", "x"),
    [
        (gd.relu, [0.0]),
        (gd.max, [1.0, 3.0, 3.0, 3.0]),
        (lambda x: gd.clip(x, 0.0, 1.0), [0.0, 1.0]),
        (lambda x: gd.relu(x @ np.ones((2, 3))).sum(), np.zeros((2, 2))),
    ],
    ids=["relu", "ties of max", "clip", "layer at rest"],
)
def test_at_a_kink_a_gradient_between_both_slopes_is_right(f, x):
    check = gradient(f, x)

    assert check.rows[0].verdict == "kink"
    assert check


def test_at_a_kink_the_mean_of_both_slopes_is_what_the_difference_gives():
    assert gradient(gd.maximum, [1.0, 2.0], [1.0, 3.0])
    assert gradient(gd.abs, [0.0, 1.0])


def test_the_slopes_at_a_kink_are_told():
    assert "note: x at 0: a kink, slopes 0 and 1, backprop 0" in str(gradient(gd.relu, [0.0]))
    assert "backprop 0.333333 (3 such)" in str(gradient(gd.max, [1.0, 3.0, 3.0, 3.0]))


@pytest.mark.parametrize("wrong", [-0.01, 1.001, 7.0])
def test_at_a_kink_a_gradient_beyond_both_slopes_is_wrong(wrong):
    rule = square(lambda g, y, x: g * wrong, lambda x: np.maximum(x, 0))

    assert gradient(rule, [0.0])["x"].verdict == "WRONG"


@pytest.mark.parametrize("x", [5e-5, -5e-5, 9e-5, 2e-6])
def test_a_kink_within_the_step_is_seen_for_what_it_is(x):
    """The central difference over h is far off there, and that is not backprop's fault."""
    check = gradient(gd.relu, [x])

    assert check
    assert check["x"].verdict in ("ok", "zero")
    assert check["x"].mean > 0.01


def test_a_wrong_gradient_that_equals_the_difference_over_a_kink_is_caught():
    between = square(lambda g, y, x: g * 0.75, lambda x: np.maximum(x, 0))
    check = gradient(between, [5e-5])

    assert check["x"].mean < 1e-12
    assert check["x"].verdict == "WRONG"


def test_a_function_that_jumps_gets_no_verdict():
    check = gradient(gd.floor, [2.0])

    assert check.undecided
    assert "the function jumps here" in str(check)


# --- the budget -------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("f", "x"),
    [
        (lambda x: x + 1e8, 0.3),
        (lambda x: (x + 1e8) - 1e8, 0.3),
        (lambda x: x * x, 1e6),
        (lambda x: gd.exp(50 * x), 0.3),
        (lambda x: gd.sin(1e6 * x), 0.3),
        (gd.reciprocal, [1e-3, 2e-4]),
        (lambda x: x * np.array([1, 1e-9, 1e-12]), [0.3, 0.3, 0.3]),
        (lambda x: 1e-12 * x, 0.3),
        (np.linalg.inv, [[1.0, 1.0], [1.0, 1.0 + 1e-5]]),
        (np.linalg.inv, 1 / (np.arange(5)[:, None] + np.arange(5) + 1.0)),
    ],
    ids=[
        "large", "cancels", "large x", "steep", "quick", "pole near", "mixed", "tiny",
        "near a singular matrix", "Hilbert's matrix",
    ],
)  # fmt: skip
def test_a_right_gradient_of_an_awkward_function_is_right(f, x):
    assert gradient(f, x), gradient(f, x)


@pytest.mark.parametrize(
    ("forward", "slope", "x"),
    [
        (lambda x: x + 1e8, lambda x: 1.0001 + 0 * x, [0.3]),
        (lambda x: x * x, lambda x: 2 * x * (1 + 1e-8), [0.7]),
        (lambda x: x * np.array([1, 1e-9]), lambda x: np.array([1, 2e-9]), [0.3, 0.3]),
        (lambda x: x * np.array([1, 1e-9]), lambda x: np.array([1, 0.0]), [0.3, 0.3]),
        (lambda x: 1 / x, lambda x: -1.0001 / x**2, [1e-3]),
        (lambda x: x + 0 * 1e14, lambda x: 0 * x, [0.3]),
    ],
    ids=["large", "a hundred-millionth", "tiny twice", "tiny none", "pole near", "none"],
)
def test_a_wrong_gradient_that_can_be_told_is_caught(forward, slope, x):
    check = gradient(square(lambda g, y, x: g * slope(x), forward), x)

    assert check["x"].verdict == "WRONG", check


@pytest.mark.parametrize("slope", [1.0, 1.001, 5.0])
def test_what_round_off_hides_gets_no_verdict(slope):
    check = gradient(square(lambda g, y, x: g * slope, lambda x: x + 1e14), [0.3])

    assert check.undecided
    assert not check
    assert "Try another h, or scale the function" in str(check)


def test_a_matrix_too_near_a_singular_one_is_never_called_wrong():
    hilbert = 1 / (np.arange(9)[:, None] + np.arange(9) + 1.0)

    assert gradient(np.linalg.inv, hilbert)["a"].verdict == "unsure"


def test_truncation_is_predicted_and_richardson_removes_it():
    row = gradient(gd.exp, [0.3])["x"]

    assert row.truncation == pytest.approx(1e-8 / 6 * np.exp(0.3), rel=1e-3)
    assert row.mean == pytest.approx(row.truncation, rel=1e-2)
    assert row.richardson < 1e-12


def test_round_off_is_predicted_from_the_size_of_what_changes():
    row = gradient(lambda x: x * np.array([1.0, 1e8]), [1.0, 1.0])["x"]

    assert row.budget.round_off[1] / row.budget.round_off[0] == pytest.approx(1e8, rel=1)


def test_a_wide_step_of_ones_own_is_no_reason_to_call_it_wrong():
    check = gradient(gd.exp, [0.3, 1.0], h=1e-1)

    assert check
    assert check["x"].mean > 1e-3
    assert check.explanation.startswith("x is off by 0.003 because the step is wide")


def test_a_function_that_refuses_wide_steps_is_checked_over_narrow_ones():
    def strict(x):
        if (x.data <= 0).any():
            raise ValueError("log of nothing")
        return gd.log(x)

    assert gradient(strict, [1.0, 5e-5])


# --- large ones -------------------------------------------------------------------------------
def wrong_at(*places):
    def rule(g, y, x):
        slope = 2 * g * x
        slope[list(places)] *= 1.01
        return slope

    return square(rule)


def test_a_sample_of_coordinates():
    x = np.random.default_rng(0).uniform(0.5, 1, 1000)
    row = gradient(wrong_at(), x, sample=30)["x"]

    assert (row.count, row.shape, row.verdict) == (30, (1000,), "ok")
    assert np.isnan(row.numerical).sum() == 970


def test_a_sample_follows_its_seed():
    x = np.random.default_rng(0).uniform(0.5, 1, 100)

    def chosen(seed):
        return gradient(wrong_at(), x, sample=10, seed=seed)["x"].checked.tolist()

    assert chosen(0) == chosen(0) != chosen(1)


def test_a_sample_larger_than_the_array_is_all_of_it():
    assert gradient(gd.tanh, X, sample=1000).rows[0].count == X.size


def test_random_directions_see_a_single_wrong_element():
    x = np.random.default_rng(0).uniform(0.5, 1, 1000)

    assert gradient(wrong_at(), x, directions=3)["random directions"].verdict == "ok"
    assert gradient(wrong_at(77), x, directions=3)["random directions"].verdict == "WRONG"


def test_directions_alone_or_beside_a_sample():
    def names(**settings):
        return [row.name for row in gradient(gd.multiply, X, X + 1, **settings).rows]

    assert names(directions=2) == ["random directions"]
    assert names(directions=2, sample=2) == ["a", "b", "random directions"]


@pytest.mark.parametrize("settings", [{"sample": 0}, {"directions": 0}, {"sample": 0.5}])
def test_a_count_must_be_one(settings):
    with pytest.raises(GradatimError, match="it must be a whole number above 0, or None"):
        gradient(gd.tanh, X, **settings)


def test_what_backprop_says_does_not_matter_is_looked_at_too():
    """Numbers without a gradient are moved in blocks; one that matters all the same is found."""
    x = np.zeros(1000)
    picked = np.array([3, 500])

    assert gradient(lambda x: (x[picked] * [1.0, 2.0]).sum(), x)
    check = gradient(lambda x: (x[picked] * [1.0, 2.0]).sum() + x.detach()[777] * 1e-6, x)
    assert check["x"].worst == (777,)
    assert not check
