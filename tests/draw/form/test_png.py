"""PNG shows the same scene, in any size, in any script, and without touching matplotlib."""

from __future__ import annotations

import io
import logging

import numpy as np
import pytest

from draw.form.figures import apple, network, without_gradient
from gradatim.draw.form.mark import Frame, Part, Scene, Words
from gradatim.draw.form.paint import DRAWING, Look, Paint
from gradatim.draw.form.png import png_of
from gradatim.draw.form.scene import scene_of
from gradatim.errors import BackendError, ShapeError

matplotlib = pytest.importorskip("matplotlib")
image = pytest.importorskip("PIL.Image")


def pixels(content):
    with image.open(io.BytesIO(content)) as opened:
        assert opened.format == "PNG"
        return np.asarray(opened.convert("RGB")).astype(int)


def near(found, colour):
    wanted = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return int((np.abs(found - wanted).max(axis=-1) < 12).sum())


def test_values_are_blue_and_gradients_red_on_white():
    found = pixels(png_of(scene_of(apple())))
    assert near(found, "#0a56b0") > 500
    assert near(found, "#b3261e") > 200
    assert near(found, "#ffffff") > found.shape[0] * found.shape[1] // 2


def test_dark_paper_is_dark():
    found = pixels(png_of(scene_of(apple()), dark=True))
    assert near(found, "#14171c") > found.shape[0] * found.shape[1] // 2


@pytest.mark.parametrize("scale", [0.5, 1.0, 3.0])
def test_the_scale_is_that_of_the_pixels(scale):
    scene = scene_of(apple())
    height, width, _ = pixels(png_of(scene, scale=scale)).shape
    assert width == pytest.approx(scene.width * scale, abs=1.5)
    assert height == pytest.approx(scene.height * scale, abs=1.5)


def test_no_picture_is_too_large_to_be_shown():
    _, width, _ = pixels(png_of(Scene(40_000, 20, ()))).shape
    assert width == pytest.approx(16_000, abs=1)


def test_marks_stand_where_the_scene_says():
    scene = Scene(200, 100, (Part(("x",), {}, (Words(150, 80, "x", 30, "value"),)),))
    found = pixels(png_of(scene, scale=1))
    there = np.argwhere((found < 128).any(axis=-1))
    assert there[:, 1].mean() == pytest.approx(150, abs=2)
    assert there[:, 0].max() == pytest.approx(79, abs=2)


def test_words_may_end_where_they_stand():
    words = Words(150, 80, "wide", 30, "value", ending=True)
    found = pixels(png_of(Scene(200, 100, (Part(("x",), {}, (words,)),)), scale=1))
    there = np.argwhere((found < 128).any(axis=-1))
    assert there[:, 1].max() == pytest.approx(149, abs=2)


def test_a_scene_may_have_its_own_paint():
    paint = Paint({**DRAWING.colours, "sea": ("#004488", "#ddeeff")}, {"wave": Look("sea")})
    scene = Scene(20, 10, (Part(("x",), {}, (Frame(0, 0, 20, 5, "wave"),)),), paint=paint)
    assert near(pixels(png_of(scene, scale=1)), "#004488") == 100
    assert near(pixels(png_of(scene, scale=1, dark=True)), "#ddeeff") == 100


def test_korean_and_japanese_give_no_warning(caplog):
    with caplog.at_level(logging.WARNING):
        png_of(scene_of(without_gradient()))
    assert caplog.records == []


def test_frames_maps_and_modules_are_painted():
    found = pixels(png_of(scene_of(network("all", (2, 3, 2)))))
    assert near(found, "#fdf0cf") > 100
    assert near(found, "#f7f8fa") > 1000


def test_the_same_scene_gives_the_same_bytes_whatever_the_users_settings():
    scene = scene_of(apple())
    plain = png_of(scene)
    with matplotlib.rc_context({"font.size": 30, "path.simplify": False, "lines.linewidth": 9}):
        before = dict(matplotlib.rcParams)
        assert png_of(scene) == plain
        assert dict(matplotlib.rcParams) == before


@pytest.mark.parametrize("scale", [0, -1.0, float("nan")])
def test_a_scale_that_is_not_positive_is_refused(scale):
    with pytest.raises(ShapeError) as caught:
        png_of(Scene(9, 9, ()), scale=scale)
    assert str(caught.value) == (
        f"png_of: scale is {scale}; it must be positive, the pixels for each unit of the drawing. "
        "Try scale=2."
    )


def test_without_matplotlib_it_is_said_what_is_missing(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "matplotlib", None)
    with pytest.raises(BackendError, match="png_of: drawing needs matplotlib"):
        png_of(Scene(9, 9, ()))
