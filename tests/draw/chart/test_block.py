"""Layers as blocks with the shapes between them."""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

import gradatim as gd
from gradatim.draw import architecture
from gradatim.draw.form.mark import Frame
from gradatim.errors import BackendError, DataError, DtypeError


def texts(sketch):
    root = ElementTree.fromstring(sketch.svg())
    return [node.text for node in root.iter("{http://www.w3.org/2000/svg}text")]


def frames(sketch):
    return [mark for part in sketch.scene.parts for mark in part.marks if isinstance(mark, Frame)]


def test_layers_stand_in_their_order_with_shapes_and_parameters():
    found = texts(architecture(gd.nn.MLP([784, 50, 10])))

    for word in ("input", "784", "Linear", "39,250 parameters", "50", "ReLU", "10", "output"):
        assert word in found
    assert "39,760 parameters in all" in found


def test_more_numbers_make_a_higher_block():
    heights = [frame.height for frame in frames(architecture(gd.nn.MLP([784, 50, 10])))]

    assert heights == sorted(heights, reverse=True)
    assert heights[0] > heights[-1]


def test_blocks_neither_touch_nor_leave_the_sheet():
    sketch = architecture(gd.nn.MLP([9, 8, 7, 6, 5, 4, 3, 2]))
    found = frames(sketch)

    for frame in found:
        assert 0 < frame.left < frame.left + frame.width < sketch.scene.width
        assert 0 < frame.top < frame.top + frame.height < sketch.scene.height
    for i, one in enumerate(found):
        for other in found[:i]:
            beside = one.left > other.left + other.width or other.left > one.left + one.width
            assert beside or one.top > other.top + other.height
    assert len({frame.top + frame.height / 2 for frame in found}) == 2  # two lines


def test_an_input_may_be_given_or_only_its_name():
    assert "4 × 4" in texts(architecture(gd.nn.MLP([16, 2]), image_shape=(4, 4)))
    assert "3 × 16" in texts(architecture(gd.nn.MLP([16, 2]), np.ones((1, 3, 16))))


def test_names_are_escaped_and_the_same_model_gives_the_same_bytes():
    one, two = (architecture(gd.nn.MLP([2, 2]), title="<script> 신경망") for _ in range(2))

    assert "<script> 신경망" in texts(one)
    assert one.svg() == two.svg() == one._repr_svg_()


def test_the_model_is_left_as_it_was():
    model = gd.nn.MLP([4, 3, 2])
    architecture(model)

    assert model.training


def test_png_alone_needs_matplotlib(tmp_path, monkeypatch):
    sketch = architecture(gd.nn.MLP([4, 3, 2]))
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    sketch.save(tmp_path / "net.svg")
    with pytest.raises(BackendError, match="matplotlib"):
        sketch.save(tmp_path / "net.png")
    with pytest.raises(DataError, match=r"^architecture: .*net\.pdf: the suffix is \.pdf; it must"):
        sketch.save(tmp_path / "net.pdf")
    assert [path.name for path in tmp_path.iterdir()] == ["net.svg"]


def test_light_and_dark_png_differ():
    pytest.importorskip("matplotlib")
    sketch = architecture(gd.nn.MLP([2, 2]))

    assert sketch.png()[:4] == sketch.png(dark=True)[:4] == b"\x89PNG"
    assert sketch.png() != sketch.png(dark=True)


class Skip(gd.nn.Module):
    """A layer and what goes around it."""

    def __init__(self):
        self.one, self.bend = gd.nn.Linear(4, 4), gd.nn.ReLU()

    def forward(self, x):
        return x + self.bend(self.one(x))


class Plain(Skip):
    """The same without it."""

    def forward(self, x):
        return self.bend(self.one(x))


def test_a_model_that_is_no_chain_says_so():
    note = "what joins them is not shown"
    inner = gd.nn.Sequential(gd.nn.Linear(4, 4), gd.nn.Dropout(0.5))
    chain = gd.nn.Sequential(gd.nn.Linear(4, 4), inner, Plain())

    assert note in architecture(Skip()).svg()
    assert note in architecture(gd.nn.Sequential(Skip(), gd.nn.ReLU())).svg()
    assert note not in architecture(Plain()).svg()
    assert note not in architecture(chain).svg()
    assert chain.training


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(DtypeError, match=r"^architecture: the model is int; it must be a Module"):
        architecture(3)
    with pytest.raises(DataError, match="absent: there is no such folder"):
        architecture("absent")
    with pytest.raises(DataError, match=r"^architecture: what the model takes cannot be told"):
        architecture(gd.nn.ReLU())
    with pytest.raises(
        DataError, match=r"cannot be run on an input of shape \(1, 3\): [\s\S]*odel, x"
    ):
        architecture(gd.nn.MLP([2, 2]), np.ones((1, 3)))
