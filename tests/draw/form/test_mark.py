"""Marks move as a whole."""

from __future__ import annotations

import pytest

from gradatim.draw.form.mark import Circle, Curve, Frame, Shape, Words, moved


@pytest.mark.parametrize(
    ("mark", "there"),
    [
        (Circle(1, 2, 3, "dot"), Circle(11, 22, 3, "dot")),
        (Frame(1, 2, 3, 4, "rest", 5, 0.5), Frame(11, 22, 3, 4, "rest", 5, 0.5)),
        (Words(1, 2, "a", 9, "name", True, False), Words(11, 22, "a", 9, "name", True, False)),
        (Shape(((1, 2), (3, 4)), "head"), Shape(((11, 22), (13, 24)), "head")),
        (Curve((((1, 2), (3, 4)),), "forward"), Curve((((11, 22), (13, 24)),), "forward")),
    ],
)
def test_a_mark_is_moved_and_else_stays_as_it_is(mark, there):
    assert moved(mark, 10, 20) == there
