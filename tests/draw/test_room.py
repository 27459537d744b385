"""The room is a module that can be called."""

from __future__ import annotations

import ast
import importlib
import inspect
import pickle
import subprocess
import sys

import pytest

import gradatim as gd
import gradatim.draw as room
from gradatim.draw.room import Room


def test_it_is_called_and_holds_the_charts():
    x = gd.Tensor(3.0, requires_grad=True)

    assert gd.draw(x * x).picture.nodes
    assert callable(gd.draw.curves)


def test_it_is_the_module_however_it_is_imported():
    from gradatim import draw
    from gradatim.draw import Drawing
    from gradatim.draw import draw as function

    assert draw is gd.draw is room is sys.modules["gradatim.draw"]
    assert isinstance(function(gd.Tensor(1.0)), Drawing)


def test_its_functions_are_pickled_by_name():
    assert pickle.loads(pickle.dumps(gd.draw.digit_text)) is gd.draw.digit_text


def test_it_can_be_called_after_it_was_reloaded():
    try:
        assert importlib.reload(room) is gd.draw
        assert gd.draw(gd.Tensor(1.0)).text()
    finally:
        importlib.reload(room)


def test_type_checkers_are_told_every_function():
    offered = [name for name in room.__all__ if inspect.isfunction(getattr(room, name))]
    with open(sys.modules[Room.__module__].__file__, encoding="utf-8") as file:
        source = file.read()
    missing = [name for name in offered if f"        {name} = " not in source]

    assert not missing, f"Room says nothing of {missing}: add them where it repeats the names"


def test_a_call_of_the_room_takes_what_the_function_takes():
    _, *called = inspect.signature(Room.__call__).parameters.values()

    assert called == [*inspect.signature(room.draw).parameters.values()]


def test_names_are_told_type_checkers_where_they_are_opened():
    with open(room.__file__, encoding="utf-8") as file:
        nodes = ast.walk(ast.parse(file.read()))
    imports = [node for node in nodes if isinstance(node, ast.ImportFrom)]
    told = {alias.name: f"{node.module}" for node in imports for alias in node.names}

    assert {*room._FILES} == {*room.__all__}
    assert {name: f"gradatim.draw.{file}" for name, file in room._FILES.items()}.items() <= (
        told.items()
    )


ALONE = """
import sys, gradatim.draw as room
before = [name for name in sys.modules if name.startswith("gradatim.draw.")]
room.curves
opened = [name for name in {rooms} if name in sys.modules]
print(before, opened, "curves" in vars(room))
"""


def test_a_name_is_opened_alone_when_it_is_first_asked_for():
    rooms = ["gradatim.check", "gradatim.derivation", "gradatim.draw.drawing"]
    rooms += ["gradatim.draw.layout.sheet", "webbrowser"]
    command = [sys.executable, "-c", ALONE.format(rooms=rooms)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)

    assert done.stdout == "['gradatim.draw.room'] [] True\n"


def test_a_name_that_is_nowhere_is_an_attribute_error():
    with pytest.raises(AttributeError, match=r"module 'gradatim\.draw' has no attribute 'curve'"):
        room.curve  # noqa: B018


@pytest.mark.slow
def test_a_program_that_calls_it_passes_a_strict_type_checker(tmp_path):
    pytest.importorskip("mypy")
    program = tmp_path / "program.py"
    program.write_text(
        "import gradatim as gd\n"
        "from gradatim import draw\n"
        "from gradatim.draw import Drawing, curves\n"
        "drawing: Drawing = gd.draw(gd.Tensor(1.0), depth='all')\n"
        "text: str = draw(gd.Tensor(1.0)).text()\n"
        "bars: str = gd.draw.bars([0.5])\n"
        "gd.draw(gd.Tensor(1.0), detph=1)\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--config-file=", str(program)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    faults = [
        line for line in done.stdout.splitlines() if "program.py" in line and ": error:" in line
    ]

    assert len(faults) == 1, done.stdout
    assert 'Unexpected keyword argument "detph"' in faults[0]


def test_only_what_it_offers_is_listed():
    shown = [name for name in dir(room) if not name.startswith("__")]

    assert shown == sorted(room.__all__)
    assert "__doc__" in dir(room)
