"""Results are called what the step calls them in its last return."""

from __future__ import annotations

import functools

from gradatim.compiler.recorder import Slot
from gradatim.compiler.wording import names_of_results


def simple(x):
    loss = x
    print(loss)
    return loss


def early(x):
    if x:
        first = x
        print(first)
        return first

    def inner(y):
        other = y
        print(other)
        return other

    total = inner(x)
    return (
        total,
        [x, None],
        x + 1,
    )


def decorated(function):
    @functools.wraps(function)
    def wrapper(*given):
        nothing = function(*given)
        print(nothing)
        return nothing

    return wrapper


@decorated
@decorated
def twice_decorated(x):
    error = x
    print(error)
    return error


class Job:
    def step(self, x):
        penalty = x
        print(penalty)
        return penalty

    @staticmethod
    def plain(x):
        return {"mean": x, "most": x}


def test_the_name_behind_the_last_return():
    assert names_of_results(simple, Slot(0)) == {0: "loss"}


def test_of_several_those_that_have_one():
    returned = (Slot(2), [Slot(0), None], Slot(1))
    assert names_of_results(early, returned) == {2: "total", 0: "x"}


def test_decorators_are_seen_through():
    assert names_of_results(twice_decorated, Slot(0)) == {0: "error"}


def test_methods_are_functions_too():
    assert names_of_results(Job().step, Slot(0)) == {0: "penalty"}


def test_a_dict_names_them_itself():
    assert names_of_results(Job.plain, {"mean": Slot(1), "most": Slot(0)}) == {1: "mean", 0: "most"}


def test_what_has_no_source_names_nothing():
    space = {}
    exec("def unwritten(x):\n    loss = x\n    return loss", space)
    for step in (space["unwritten"], len, lambda x: x, functools.partial(simple, 1), Job()):
        assert names_of_results(step, Slot(0)) == {}
