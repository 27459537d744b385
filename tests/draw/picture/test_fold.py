"""Modules fold to one box for each call, down to a depth."""

from __future__ import annotations

import pytest

from gradatim.draw.picture.account import Call, Scope
from gradatim.draw.picture.fold import deepest, fold, level_of, scopes_called
from gradatim.errors import GraphError, ShapeError
from gradatim.primitives import TABLE


def calls(*paths):
    """One call of a primitive in each path, a text of letters; equal letters are one scope."""
    scopes = {}
    return [
        Call(
            i,
            TABLE["relu"],
            (),
            {},
            tuple(scopes.setdefault(path[: n + 1], Scope(path[n])) for n in range(len(path))),
        )
        for i, path in enumerate(paths)
    ]


def sizes(boxes):
    return [len(box.calls) for box in boxes]


def test_at_depth_0_a_model_is_one_box():
    boxes = fold(calls("mA", "mA", "mB", ""), 0)

    assert sizes(boxes) == [3, 1]
    assert [box.scope and box.scope.name for box in boxes] == ["m", None]


def test_at_depth_1_its_layers_are_boxes_that_stand_in_it():
    first, second, loss = fold(calls("mA", "mA", "mB", ""), 1)

    assert (first.scope.name, second.scope.name, loss.scope) == ("A", "B", None)
    assert [scope.name for scope in first.around] == ["m"]
    assert loss.around == ()


def test_a_layer_that_is_called_twice_is_two_boxes():
    twice = [*calls("mA"), *calls("mA")]

    assert sizes(fold(twice, 1)) == [1, 1]


def test_a_layer_goes_on_round_what_it_calls():
    assert sizes(fold(calls("mA", "mAx", "mA", "mB"), 1)) == [3, 1]


def test_at_depth_all_every_primitive_is_seen():
    given = calls("mA", "mAxy", "m", "")
    boxes = fold(given, "all")

    assert sizes(boxes) == [1, 1, 1, 1]
    assert [len(box.around) for box in boxes] == [2, 4, 1, 0]


def test_by_default_the_first_level_with_several_boxes_is_shown():
    assert level_of(calls("mA", "mB"), None) == 1
    assert level_of(calls("mwA", "mwB", ""), None) == 2
    assert level_of(calls("m", "m"), None) == 1
    assert level_of(calls("mA", "m"), None) == 1
    assert level_of(calls("", ""), None) == 0
    assert level_of([], None) == 0


def test_a_depth_beyond_the_deepest_is_the_deepest():
    assert deepest(calls("mAx", "")) == 3
    assert level_of(calls("mAx"), 99) == 3


def test_phases_hide_nothing():
    phase = Scope("forward", "phase")
    given = [Call(i, TABLE["relu"], (), {}, (phase,)) for i in range(2)]

    assert sizes(fold(given, 0)) == [1, 1]
    assert fold(given, 0)[0].around == (phase,)


def test_a_module_can_be_folded_by_its_name_or_class_at_any_depth():
    given = calls("mA", "mA", "mBx", "mBx", "")

    for name in "B", ["B"], ("B", "B"):
        boxes = fold(given, "all", folded=scopes_called(given, name, "fold"))
        assert [box.scope and box.scope.name for box in boxes] == [None, None, "B", None]
    named = [Call(0, TABLE["relu"], (), {}, (Scope("a", made="Linear(2, 3)"),))]
    assert sizes(fold(named, "all", folded=scopes_called(named, "Linear", "fold"))) == [1]


def test_a_module_can_be_opened_with_all_that_lies_in_it_and_round_it():
    given = calls("mA", "mA", "mBx", "mBxy", "n")
    boxes = fold(given, 0, opened=scopes_called(given, "B", "unfold"))

    assert [box.scope and box.scope.name for box in boxes] == ["A", None, None, "n"]
    assert [scope.name for scope in boxes[2].around] == ["m", "B", "x", "y"]


def test_what_is_folded_inside_of_what_is_opened_stays_folded():
    given = calls("mAx", "mAy", "mAy")
    scopes = [scopes_called(given, name, "fold") for name in ("y", "A")]

    assert sizes(fold(given, 0, *scopes)) == [1, 2]


def test_a_phase_is_folded_by_its_name_alone():
    phases = [Scope(name, "phase") for name in ("forward", "update")]
    given = [Call(i, TABLE["relu"], (), {}, (phases[i // 2],)) for i in range(4)]

    assert sizes(fold(given, 0, folded=scopes_called(given, "update", "fold"))) == [1, 1, 2]


@pytest.mark.parametrize(("name", "hint"), [("layers1", "layers.1"), (3, "layers.0")])
def test_a_name_that_nothing_has_is_refused(name, hint):
    scopes = [Scope(f"layers.{i}", made="ReLU") for i in range(2)]
    given = [Call(i, TABLE["relu"], (), {}, (scope,)) for i, scope in enumerate(scopes)]
    with pytest.raises(GraphError) as caught:
        scopes_called(given, name, "unfold")

    assert str(caught.value) == (
        f"draw: unfold names {name!r}, and no module here is called so; it must be the path or the "
        f"class of one: layers.0, ReLU, layers.1.\n  Did you mean {hint!r}?"
    )


def test_where_there_are_only_primitives_no_name_is_right():
    with pytest.raises(GraphError, match=r"there is none, only primitives\.\n  Try to leave fold"):
        scopes_called(calls(""), "Linear", "fold")


def test_an_error_lists_a_few_of_many_names():
    given = [Call(i, TABLE["relu"], (), {}, (Scope(f"a{i}"),)) for i in range(40)]
    with pytest.raises(GraphError, match=r"a10, a11, …\."):
        scopes_called(given, "zzz", "fold")


@pytest.mark.parametrize("depth", [-1, 1.5, True, "some"])
def test_any_other_depth_is_refused(depth):
    with pytest.raises(ShapeError) as caught:
        fold(calls("mA"), depth)

    message = str(caught.value)
    assert f"draw: depth is {depth!r}; it must be the number of levels" in message
    assert 'Try 0 for the whole model as one box, 1 for its layers, "all"' in message
