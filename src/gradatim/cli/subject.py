"""What in a user's file is meant: a variable by its name, or the last result."""

from __future__ import annotations

import types
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from gradatim.autograd import Tensor
from gradatim.autograd.graph import ancestry
from gradatim.errors import DataError


def own_variables(module: types.ModuleType) -> dict[str, Any]:
    """Return the variables of a file that its author sees, by name."""
    return {key: each for key, each in vars(module).items() if not key.startswith("_")}


def named_in(path: Path, module: types.ModuleType, name: str) -> Any:
    """Return what a name in a file stands for."""
    if name in vars(module):
        return vars(module)[name]
    near = get_close_matches(name, own_variables(module), n=1)
    tip = f"did you mean {near[0]}?" if near else "check the name."
    raise DataError(f"file: {path}: there is no {name} in this file; {tip}")


def last_result(path: Path, known: Mapping[str, Any]) -> Tensor:
    """Return the last Tensor of a file that was computed, and from which no other was."""
    results = {key: each for key, each in known.items() if isinstance(each, Tensor) and each.origin}
    used = {x for each in results.values() for x in ancestry(each)[1:]}
    ends = [each for each in results.values() if each not in used]
    if not ends:
        raise DataError(
            f"file: {path}: no variable in this file is a computed Tensor; name a function that "
            f"returns one: {path}:NAME."
        )
    return ends[-1]
