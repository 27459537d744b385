"""The front door offers every room, and opens those that a step does without when asked."""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import pickle
import subprocess
import sys

import pytest

import gradatim as gd

CLOSED = ["book", "check", "derivation", "draw", "store", "train"]
MOST_MODULES = 190
"""Of gradatim that `import gradatim` may load; with all rooms open there are more than twice."""


def answer(program):
    """What a program prints as JSON in a process of its own."""
    command = [sys.executable, "-P", "-c", f"import json, sys\nimport gradatim as gd\n{program}"]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


OPEN = "sorted({name.split('.')[1] for name in sys.modules if name.startswith('gradatim.')})"


def test_what_a_step_does_without_stays_closed():
    opened, count = answer(
        f"print(json.dumps([{OPEN}, sum(name.startswith('gradatim') for name in sys.modules)]))"
    )

    assert not {*opened} & {*CLOSED, "notebooks", "cli"}
    assert count <= MOST_MODULES


def test_a_closed_room_is_listed_and_opens_alone():
    listed, opened = answer(f"listed = dir(gd)\ngd.store\nprint(json.dumps([listed, {OPEN}]))")

    assert {*CLOSED, *gd.__all__} <= {*listed}
    assert {*opened} & {*CLOSED} == {"store"}


@pytest.mark.parametrize("closed", CLOSED)
def test_a_room_is_the_same_whichever_way_it_is_reached(closed):
    assert getattr(gd, closed) is importlib.import_module(f"gradatim.{closed}")


def test_explain_is_the_function_and_pickled_by_name():
    from gradatim import explain

    assert gd.explain is explain is gd.derivation.explain
    assert pickle.loads(pickle.dumps(gd.explain)) is gd.explain


METHODS = """
owner = {owner}
before = 'gradatim.draw' in sys.modules
same = getattr(owner, 'draw') is gd.draw.draw
print(json.dumps([before, same, vars(owner)['draw'] is gd.draw.draw]))
"""


@pytest.mark.parametrize("owner", ["gd.Tensor", "gd.nn.Module", "gd.compiler.Compiled"])
def test_the_method_draw_opens_the_room_and_is_its_function(owner):
    assert answer(METHODS.format(owner=owner)) == [False, True, True]
    assert "depth" in inspect.signature(gd.Tensor.draw).parameters


def test_the_method_draw_is_bound_the_first_time_as_ever_after():
    program = "x = gd.Tensor(2.0)\nprint(json.dumps([x.draw().text() for _ in range(2)]))"
    first, second = answer(program)

    assert first == second
    assert "x" in first


def test_the_method_draw_outlives_a_second_reading_of_the_front_door():
    program = "import importlib\ngd.draw\nimportlib.reload(gd)\nprint(json.dumps(%s))"

    assert answer(program % "gd.Tensor(2.0).draw().text()")


THREADS = """
import threading
asked = [lambda: gd.draw, lambda: gd.train, lambda: gd.explain, lambda: gd.check, lambda: gd.book,
         lambda: gd.store, lambda: gd.Tensor(1.0).draw, lambda: gd.draw.curves]
start, got = threading.Barrier(len(asked)), []

def ask(this):
    start.wait()
    got.append(this())

threads = [threading.Thread(target=ask, args=(this,)) for this in asked]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(json.dumps(len(got)))
"""


def test_threads_may_open_rooms_at_once():
    assert answer(THREADS) == 8


def test_a_name_that_is_nowhere_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'gradatim' has no attribute 'trian'"):
        gd.trian  # noqa: B018


def test_type_checkers_are_told_every_name(sources):
    nodes = [*ast.walk(sources["gradatim"].tree)]
    imports = [node for node in nodes if isinstance(node, ast.ImportFrom)]
    told = {alias.name for node in imports for alias in node.names}
    told |= {node.target.id for node in nodes if isinstance(node, ast.AnnAssign)}

    assert {*gd.__all__} - {*gd.functions.__all__} - {"__version__"} <= told
