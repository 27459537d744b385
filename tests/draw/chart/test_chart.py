"""Every drawing is written in one way, and every complaint names the function that was called."""

from __future__ import annotations

import sys

import numpy as np
import pytest

import gradatim as gd
from gradatim.draw.chart.chart import save
from gradatim.errors import BackendError, DataError, ShapeError


def bowl(x, y):
    return x**2 + y**2


WALK = {"walk": np.array([[1.0, 1.0], [0.5, 0.5]])}
ROWS = [{"step": 0, "test_loss": 2.3}, {"step": 9, "test_loss": 0.3}]
FOUND = gd.check.sweep(gd.exp, [1.0], steps=[1e-1, 1e-3, 1e-5], progress="none")
DRAWN = {"curves": (ROWS,), "descent": (bowl, WALK), "sweep": (FOUND,)}


@pytest.mark.parametrize("name", DRAWN)
def test_a_wrong_suffix_is_refused_in_the_name_of_what_was_called(name, tmp_path):
    for path, found in (("a.pdf", r"\.pdf"), ("a", "missing")):
        told = rf"^save_{name}: .*{path}: the suffix is {found}; .* Did you mean a\.svg\?$"
        with pytest.raises(DataError, match=told):
            getattr(gd.draw, f"save_{name}")(tmp_path / path, *DRAWN[name])
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("name", DRAWN)
@pytest.mark.parametrize("suffix", ["svg", "png", "PNG"])
def test_the_suffix_chooses_the_format_and_the_bytes_are_the_same_each_time(name, suffix, tmp_path):
    written = []
    for path in (tmp_path / f"a.{suffix}", tmp_path / f"b.{suffix}"):
        getattr(gd.draw, f"save_{name}")(path, *DRAWN[name])
        written.append(path.read_bytes())
    assert written[0] == written[1]
    assert written[0].startswith(b"<?xml" if suffix == "svg" else b"\x89PNG")
    assert b"gradatim" in written[0]


@pytest.mark.parametrize("name", DRAWN)
def test_without_matplotlib_it_says_who_needs_it(name, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(BackendError, match=rf"^draw_{name}: drawing needs matplotlib, .*plot"):
        getattr(gd.draw, f"draw_{name}")(*DRAWN[name])
    with pytest.raises(BackendError, match=rf"^save_{name}: drawing needs matplotlib, .*plot"):
        getattr(gd.draw, f"save_{name}")(tmp_path / "a.svg", *DRAWN[name])


@pytest.mark.parametrize("called", ["draw", "save"])
def test_what_cannot_be_drawn_is_refused_in_the_name_of_what_was_called(called, tmp_path):
    path = (tmp_path / "a.svg",) if called == "save" else ()
    descend, curves = (getattr(gd.draw, f"{called}_{name}") for name in ("descent", "curves"))
    with pytest.raises(DataError, match=f"^{called}_descent: there is no path"):
        descend(*path, bowl, {})
    with pytest.raises(ShapeError, match=f"^{called}_descent: the path 'a' has shape"):
        descend(*path, bowl, {"a": np.ones(3)})
    with pytest.raises(DataError, match=f"^{called}_descent: the path 'a' starts at"):
        descend(*path, bowl, {"a": np.array([[np.nan, 1.0]])})
    with pytest.raises(ShapeError, match=f"^{called}_curves: losses have shape"):
        curves(*path, ROWS, losses=np.ones((2, 2)))


def test_nothing_is_made_for_a_wrong_suffix(tmp_path):
    with pytest.raises(DataError, match=r"^mine: .*a\.txt: the suffix"):
        save(tmp_path / "a.txt", "mine", "", lambda: pytest.fail("made"))


def test_two_files_of_one_call_are_those_of_two_calls(tmp_path):
    names = ["a.svg", "a.png"]
    gd.draw.save_curves([tmp_path / name for name in names], ROWS)
    for name in names:
        gd.draw.save_curves(tmp_path / f"alone-{name}", ROWS)
    made = (tmp_path / "a.svg").read_bytes()
    assert made == (tmp_path / "alone-a.svg").read_bytes()
    assert (tmp_path / "a.png").read_bytes()[:4] == b"\x89PNG"


def test_nothing_is_written_if_one_of_several_suffixes_is_wrong(tmp_path):
    with pytest.raises(DataError, match=r"the suffix is \.pdf"):
        gd.draw.save_curves([tmp_path / "a.svg", tmp_path / "a.pdf"], ROWS)
    assert not any(tmp_path.iterdir())
