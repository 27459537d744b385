"""What a program must be: each way of breaking it is found."""

from __future__ import annotations

import numpy as np
import pytest

from gradatim.compiler.program import Line, Program, Value
from gradatim.compiler.spec import check
from gradatim.errors import GradatimError
from gradatim.primitives import chance, effect, pointwise

F8 = np.dtype(np.float64)
X, S = Value("x", (2,), F8), Value("s", (2,), F8)
Y = Value("y", (2,), F8)


def program(*lines, results=()):
    return Program((X,), (S,), {}, tuple(lines), tuple(results))


def written(state=S):
    return Line(Value("s", (2,), F8, S), effect.assign, (state, X))


WRITE = written()
EXP = Line(Y, pointwise.exp, (X,))


def test_a_sound_program_is_returned():
    sound = program(EXP, WRITE, Line(Value("", (2,), F8), pointwise.add, (Y, WRITE.output)))
    assert check(sound) is sound


@pytest.mark.parametrize(
    ("lines", "results", "text"),
    [
        (
            [Line(Value("", (2,), F8), pointwise.exp, (Y,)), EXP],
            [],
            r"exp reads y.* before it is d",
        ),
        ([EXP, EXP], [], "defined twice"),
        ([], [Y], "nothing defines the results"),
        ([WRITE, Line(Y, pointwise.exp, (S,))], [], "after it was overwritten"),
        (
            [WRITE, written(WRITE.output), Line(Y, pointwise.exp, (WRITE.output,))],
            [],
            "overwritten",
        ),
        ([Line(Value("", (2,), F8), effect.assign, (S, X))], [], "a version of a state"),
        ([Line(Value("", (2,), F8, S), pointwise.exp, (X,))], [], "a version of a state"),
        ([Line(Value("", (2,), F8, S), effect.assign, (X, X))], [], "into another state"),
        ([Line(Value("", (3,), F8), pointwise.exp, (X,))], [], r"gives \(2,\) float64"),
        ([Line(Value("", (2,), np.dtype("f4")), pointwise.exp, (X,))], [], "gives"),
    ],
)
def test_a_broken_program_is_refused(lines, results, text):
    with pytest.raises(GradatimError, match=f"program after folding: .*{text}"):
        check(program(*lines, results=results), "folding")


ONE, OTHER = np.random.default_rng(0), np.random.default_rng(0)


def draw(rng, size=2, primitive=chance.random):
    settings = {"rng": rng, "shape": (size,), "dtype": F8}
    return Line(Value("", (size,), F8), primitive, (), settings)


def test_generators_are_those_that_are_drawn_from_each_once():
    drawing = check(program(draw(OTHER), draw(ONE), EXP, draw(OTHER)))
    assert drawing.generators() == [OTHER, ONE]


@pytest.mark.parametrize(
    "lines",
    [
        [draw(ONE)],
        [draw(ONE), draw(ONE)],
        [draw(OTHER), draw(ONE)],
        [draw(ONE), draw(OTHER, 3)],
        [draw(ONE), draw(OTHER, primitive=chance.standard_normal)],
        [draw(ONE), draw(OTHER), draw(OTHER)],
    ],
    ids=["dropped", "merged", "exchanged", "longer", "of another kind", "added"],
)
def test_a_pass_must_keep_every_draw(lines):
    before = program(draw(ONE), EXP, draw(OTHER))
    check(program(EXP, draw(ONE), draw(OTHER)), "folding", before)
    with pytest.raises(GradatimError, match="program after folding: it draws other random numb"):
        check(program(*lines), "folding", before)
