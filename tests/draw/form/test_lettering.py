"""Widths are estimated without a font, and never too small."""

from __future__ import annotations

import pytest

from gradatim.draw.form.lettering import width_of

TEXTS = [
    "0123456789", "-1.25e-7", "[0.01821  0.2452  -0.2634]", "softmax", "Linear(784, 50)",
    "WWW mmm iii", "×", "αβσΣ∂√∞…→", "layers.0.weight", "axis=1",
]  # fmt: skip


@pytest.mark.parametrize("bold", [False, True])
@pytest.mark.parametrize("text", TEXTS)
def test_no_text_is_wider_than_estimated(text, bold):
    manager = pytest.importorskip("matplotlib.font_manager")
    drawn = pytest.importorskip("matplotlib.textpath")
    font = manager.FontProperties(family="DejaVu Sans", weight="bold" if bold else "normal")
    path = drawn.TextPath((0, 0), text, size=100, prop=font)
    width = path.get_extents().x1
    estimated = width_of(text, 100, bold=bold)
    assert width <= estimated * 1.01
    assert estimated < 1.5 * width + 20


def test_letters_of_korean_and_japanese_are_wide():
    assert width_of("사과りんご林檎", 10) >= 7 * 10


def test_combining_marks_take_no_room():
    assert width_of("e\u0301", 10) == width_of("e", 10)


def test_letters_of_one_width_are_all_alike():
    assert width_of("iii", 10, mono=True) == width_of("WWW", 10, mono=True)
