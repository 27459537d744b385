"""A program as plain data."""

from __future__ import annotations

import numpy as np

from gradatim.compiler.program import Line, Program, Value, origin
from gradatim.primitives import effect, pointwise

F4 = np.dtype(np.float32)
X, S = Value("x", (2, 3), F4), Value("s", (), F4)
Y, Z = Value("y", (2, 3), F4), Value("", (2, 3), F4)
NEW = Value("s", (), F4, S)
LINES = (
    Line(Y, pointwise.multiply, (X, X)),
    Line(Z, pointwise.add, (Y, S)),
    Line(NEW, effect.assign, (S, S)),
)
PROGRAM = Program((X,), (S,), {}, LINES, (Z,))


def test_sizes():
    assert (X.size, X.nbytes, S.size, S.nbytes) == (6, 24, 1, 4)
    assert repr(X) == "x[2, 3] float32"


def test_definitions_and_readers():
    assert PROGRAM.definitions()[Z] is LINES[1]
    readers = PROGRAM.readers()
    assert readers[X] == [LINES[0]]
    assert readers[S] == [LINES[1], LINES[2]]
    assert readers[Z] == []
    assert len(PROGRAM) == 3


def test_versions_of_a_state():
    assert origin(NEW) is S
    assert origin(Y) is Y
    assert [line.writes for line in LINES] == [False, False, True]


def test_the_same_call_on_other_values():
    assert LINES[0].reading((X, X)) is LINES[0]
    assert LINES[0].reading((X, Y)).inputs == (X, Y)
    assert PROGRAM.changed(results=()).results == ()


def test_the_text_names_every_line():
    assert str(PROGRAM).splitlines() == [
        "  x[2, 3] float32",
        "  s[] float32",
        "  y[2, 3] float32 = multiply(x, x)",
        "  v1[2, 3] float32 = add(y, s)",
        "  s[] float32 = assign(s, s)",
        "  -> v1",
    ]


def test_the_text_tells_numbers_as_such():
    tenth, no, rest = Value("", (), F4), Value("", (), np.dtype(bool)), Value("", (2, 3), F4)
    literals = {tenth: np.array(0.1, F4), no: np.array(False), rest: np.zeros((2, 3), F4)}
    lines = (Line(Z, pointwise.multiply, (rest, tenth)), Line(Y, pointwise.where, (no, Z, rest)))

    assert str(Program((), (), literals, lines, (Y,))).splitlines() == [
        "  v2[2, 3] float32 = multiply(v1, 0.1)",
        "  y[2, 3] float32 = where(False, v2, v1)",
        "  -> y",
    ]
