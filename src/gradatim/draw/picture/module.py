"""What a picture says of a module: its path, its class with sizes, and what belongs to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gradatim.autograd.tensor import Parameter, Tensor
from gradatim.autograd.tree import walk
from gradatim.draw.picture.account import Scope

_LONGEST_LABEL = 24


def scope_of(module: Any, root: Any, names: Mapping[int, str]) -> Scope:
    """Return what is said of one call of a module.

    Parameters
    ----------
    module : Module
        What was called.
    root : Module
        The outermost module that is being called, in which the path begins.
    names : mapping of int to str
        What models are called, by identity.
    """
    own = frozenset(part for _, part in walk(module) if isinstance(part, Tensor))
    parameters = [part for part in own if isinstance(part, Parameter)]
    count = sum(part.size for part in parameters)
    note = f"{count:,} parameters in {len(parameters)} arrays" if parameters else "no parameters"
    if module is root:
        path = names.get(id(root), "")
    else:
        path = next((path for path, part in walk(root) if part is module), "")
    return Scope(path, "module", made_text(module), own, note)


def made_text(module: Any) -> str:
    """Return the class of a module, with its sizes where they are short.

    Examples
    --------
    >>> import gradatim as gd
    >>> made_text(gd.nn.Linear(784, 50)), made_text(gd.nn.MLP([2, 3, 1]))
    ('Linear(784, 50)', 'MLP')
    """
    kind = type(module).__name__
    label = module._label() if hasattr(module, "_label") else ""
    return f"{kind}({label})" if label and len(label) <= _LONGEST_LABEL else kind
