"""Every primitive has a sign, and says those settings that change what it does."""

from __future__ import annotations

import numpy as np

import gradatim as gd
from gradatim.draw.picture.sign import INFIX, SIGNS, settings_text, sign_of
from gradatim.primitives import TABLE


def test_signs_are_those_of_primitives_that_there_are():
    assert set(SIGNS) | set(INFIX) <= set(TABLE)


def test_what_has_no_sign_goes_by_its_name():
    assert sign_of(TABLE["take_along_axis"]) == "take along axis"


def test_a_primitive_of_the_users_own_goes_by_its_name():
    cube = gd.primitive("cube", "{x} ** 3", x=lambda g, y, x: 3 * g * x * x)
    x = gd.Tensor(2.0, requires_grad=True)

    assert [node.lines for node in gd.draw(cube(x)).picture.nodes][1] == ("cube",)


def test_settings_that_the_shape_tells_are_not_said():
    assert settings_text(TABLE["sum"], {"axis": None, "keepdims": True}) == ""
    assert settings_text(TABLE["reshape"], {"shape": (2, 3)}) == ""
    assert settings_text(TABLE["transpose"], {"axes": (1, 0)}) == ""


def test_settings_are_written_as_in_python():
    assert settings_text(TABLE["astype"], {"dtype": np.dtype("float32")}) == "dtype=float32"
    assert settings_text(TABLE["sum"], {"axis": (0, 2), "keepdims": False}) == "axis=(0, 2)"
    key = (slice(None), slice(1, None, 2), ...)
    assert settings_text(TABLE["index"], {"key": key}) == "key=(:, 1::2, …)"


def test_long_settings_are_cut():
    assert len(settings_text(TABLE["index"], {"key": tuple(range(50))})) == 24
