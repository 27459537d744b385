"""Calls of modules: one that is watched, and where in a model a call failed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradatim.autograd.modes import Watcher
from gradatim.autograd.tree import Container, walk
from gradatim.errors import GradatimError


def watched(watcher: Watcher, module: Container, forward: Callable[[], Any], x: Any) -> Any:
    """Call ``forward`` and tell the watcher before and after."""
    watcher(module, "enter", x)
    output = forward()
    watcher(module, "leave", output)
    return output


def mark(error: GradatimError, module: Container) -> None:
    """Note on a passing error that it passed ``module``: the path grows from the inside out.

    The innermost module gives its kind; every outer one gives the path to the one inside it.
    """
    inner = vars(error).get("passed")
    vars(error)["passed"] = module
    if inner is module:
        return
    if inner is None:
        error.places = [type(module).__name__]
        return
    path = next((path for path, value in walk(module) if value is inner), None)
    if path is None:
        return
    if vars(error).setdefault("named", False):
        error.places.insert(0, path)
    else:
        error.places[0] = f"{path} ({error.places[0]})"
        vars(error)["named"] = True
