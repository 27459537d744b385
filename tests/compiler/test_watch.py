"""The quick look says that nothing is different only where nothing is."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

import gradatim as gd
from gradatim.compiler.reach import Reach
from gradatim.compiler.surroundings import Leaves, Surroundings
from gradatim.compiler.watch import FIRST_PATIENCE, Watch


def sight():
    """Something of everything that a step can see."""
    world = SimpleNamespace(
        w=gd.Parameter([1.0, 2.0], name="w"),
        kept=gd.Parameter([1.0]),
        array=np.zeros(3),
        row=[1, 2],
        names={"a"},
        table={"x": 1.5, 2: "two"},
        model=gd.nn.Linear(2, 1, rng=0),
        scale=2.0,
    )
    world.kept.grad = gd.Tensor([0.5])
    scale = 3.0

    def step(x, y=1.0):
        seen = world.w, world.kept, world.array, world.row, world.names, world.table, world.model
        return seen, x * world.scale * scale * y

    def rescale():
        nonlocal scale
        scale = 4.0

    world.step, world.rescale = step, rescale
    return world


def watch_of(world):
    reach = Reach([("step", world.step)])
    watch = Watch(Leaves(reach), Surroundings(reach))
    for _ in range(FIRST_PATIENCE):
        assert not watch.holds()
        assert watch.change() is None
    assert watch.holds()
    return watch


CHANGES = {
    "array of a Tensor": lambda s: setattr(s.w, "raw", np.array([[1.0, 2.0]])),
    "frozen": lambda s: setattr(s.w, "wanted", False),
    "a gradient": lambda s: setattr(s.w, "grad", gd.Tensor([1.0, 1.0])),
    "no gradient": lambda s: setattr(s.kept, "grad", None),
    "a wider gradient": lambda s: setattr(s.kept, "grad", gd.Tensor([1.0, 2.0])),
    "a gradient of another dtype": lambda s: setattr(s.kept, "grad", gd.Tensor([1], dtype="f4")),
    "another Tensor": lambda s: setattr(s, "w", gd.Parameter([1.0, 2.0])),
    "numbers of an array": lambda s: s.array.__setitem__(1, 5.0),
    "an element": lambda s: s.row.__setitem__(0, 7),
    "a longer list": lambda s: s.row.append(3),
    "another set": lambda s: s.names.add("b"),
    "an entry": lambda s: s.table.__setitem__("x", 2.5),
    "an entry under a number": lambda s: s.table.__setitem__(2, "three"),
    "a new entry": lambda s: s.table.__setitem__("y", 1),
    "a lost entry": lambda s: s.table.pop("x"),
    "a number": lambda s: setattr(s, "scale", 2.5),
    "a lost attribute": lambda s: delattr(s, "scale"),
    "evaluating": lambda s: s.model.eval(),
    "a variable of the function": lambda s: s.rescale(),
    "a default": lambda s: setattr(s.step, "__defaults__", (2.0,)),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_every_change_is_noticed(change):
    world = sight()
    watch = watch_of(world)
    change(world)
    assert not watch.holds()
    assert watch.change() is not None


def test_an_array_of_the_same_form_is_no_change_but_wants_a_slow_look():
    world = sight()
    watch = watch_of(world)
    world.w.raw = np.array([3.0, 4.0])
    assert not watch.holds()
    assert watch.change() is None
    for _ in range(4 * FIRST_PATIENCE):
        watch.change()
    assert watch.holds()
    assert id(world.w.raw) in watch.identities


def test_a_mapping_that_makes_what_is_not_there_is_not_touched():
    from collections import defaultdict

    world = sight()
    world.table = defaultdict(int, x=1)
    watch = watch_of(world)
    del world.table["x"]
    assert not watch.holds()
    assert not world.table
