"""What the user's own variables are called: Tensors in the frame that asks about a graph."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from sys import _getframe
from types import FrameType
from typing import Any

import numpy as np

from gradatim.autograd.tensor import Tensor
from gradatim.autograd.tree import Container, tensors

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_OF_A_SHELL = {"In", "Out", "exit", "quit", "get_ipython"}
_MOST = 1000
"""Members of a list or dict that are looked at."""


def names_around() -> dict[int, str]:
    """Return the names of Tensors and models, by identity, as the nearest user's code has them.

    Local variables come before global ones. Plain names come before members of lists and dicts,
    and these before the parameters of models, which are named by their paths. What begins with
    an underscore is not looked at. Nothing is called or computed.
    """
    frame: FrameType | None = _getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        frame = frame.f_back
    if frame is None:
        return {}
    scopes = [frame.f_locals] if frame.f_locals is frame.f_globals else [
        frame.f_locals, frame.f_globals
    ]  # fmt: skip
    found: dict[int, str] = {}
    for variables in scopes:
        add_names(variables, found)
    return found


def add_names(variables: Mapping[str, Any], found: dict[int, str]) -> None:
    """Add the names that variables give to Tensors and models that have none in ``found``."""
    for name, value in [*_plain(variables), *_members(variables), *_inside(variables)]:
        found.setdefault(id(value), name)


def _plain(variables: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in list(variables.items()):
        if _is_the_users(name) and isinstance(value, (Tensor, Container, np.ndarray)):
            yield name, value


def _is_the_users(name: str) -> bool:
    """Whether a person chose a name: tools that rewrite code choose names that nobody can type."""
    return name.isidentifier() and not name.startswith("_") and name not in _OF_A_SHELL


def _members(variables: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Tensors in lists, tuples and dicts: a key that is a word is a name of its own."""
    for name, value in list(variables.items()):
        if not _is_the_users(name):
            continue
        if type(value) is dict and len(value) <= _MOST:
            for key, member in list(value.items()):
                if isinstance(member, Tensor):
                    yield (key if isinstance(key, str) else f"{name}[{key!r}]"), member
        elif type(value) in (list, tuple) and len(value) <= _MOST:
            for i, member in enumerate(list(value)):
                if isinstance(member, Tensor):
                    yield f"{name}[{i}]", member


def _inside(variables: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Tensors inside models: ``first.weight``, and ``b.first.weight`` where that is taken."""
    taken: set[str] = set()
    for name, value in _plain(variables):
        if isinstance(value, Container):
            inner = tensors(value)
            prefix = f"{name}." if taken & inner.keys() else ""
            taken |= inner.keys()
            yield from ((f"{prefix}{path}", tensor) for path, tensor in inner.items())
