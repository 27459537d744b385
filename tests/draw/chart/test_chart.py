"""Every chart shows itself and is written in one way, and complaints name what was called."""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

import gradatim as gd
from gradatim.errors import BackendError, DataError

pytest.importorskip("matplotlib")

WALK = {"walk": np.array([[1.0, 1.0], [0.5, 0.5]])}


def bowl(x, y):
    return x**2 + y**2


def found():
    return gd.check.sweep(gd.exp, [1.0], steps=[1e-1, 1e-3, 1e-5], progress="none")


DRAWN = {
    "descent": lambda: gd.draw.descent(bowl, WALK),
    "sweep": lambda: gd.draw.sweep(found()),
}


@pytest.fixture(scope="module", params=DRAWN)
def name(request):
    return request.param


@pytest.fixture(scope="module")
def chart(name):
    return DRAWN[name]()


def test_a_notebook_shows_it(chart):
    assert ElementTree.fromstring(chart._repr_svg_()).tag.endswith("svg")


def test_a_wrong_suffix_is_refused_in_the_name_of_what_was_called(chart, name, tmp_path):
    for path, shown in (("a.pdf", r"\.pdf"), ("a", "missing")):
        told = rf"^{name}: .*{path}: the suffix is {shown}; it must be \.svg, \.png or \.html\. "
        with pytest.raises(DataError, match=rf"{told}Did you mean a\.svg\?"):
            chart.save(tmp_path / "a.svg", tmp_path / path)
    assert not any(tmp_path.iterdir())


def test_the_suffix_chooses_the_format_and_the_bytes_are_the_same_each_time(chart, name, tmp_path):
    again = DRAWN[name]()
    chart.save(tmp_path / "a.svg", tmp_path / "a.PNG")
    again.save(tmp_path / "b.PNG")
    again.save(tmp_path / "b.svg")
    for suffix, begin in (("svg", b"<?xml"), ("PNG", b"\x89PNG")):
        written = (tmp_path / f"a.{suffix}").read_bytes()
        assert written == (tmp_path / f"b.{suffix}").read_bytes()
        assert written.startswith(begin)
        assert b"gradatim" in written


def test_without_matplotlib_it_says_who_needs_it(name, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(
        BackendError, match=rf'^{name}: drawing needs .*pip install "grad.*\[plot\]'
    ):
        DRAWN[name]()


def test_a_missing_folder_is_one_sentence(chart, tmp_path):
    with pytest.raises(DataError, match="does not exist; make the folder first"):
        chart.save(tmp_path / "absent" / "chart.svg")


def test_a_figure_may_be_changed_before_it_is_written():
    chart = gd.draw.descent(bowl, WALK)
    chart.figure.axes[0].set_title("mine", loc="left")
    assert ">mine<" in chart.svg()
