"""What a person calls the results of a step: the names in its last ``return``."""

from __future__ import annotations

import ast
import inspect
import linecache
import textwrap
from collections.abc import Callable, Iterator
from typing import Any

from gradatim.compiler.recorder import Slot


def names_of_results(step: Callable[..., Any], returned: Any) -> dict[int, str]:
    """Return a name for each result that has one, by its position.

    Parameters
    ----------
    step : callable
        What was recorded.
    returned : object
        What it returned, with :class:`Slot` for Tensors.
    """
    names: dict[int, str] = {}
    for name, position in _pairs(_last_return(step), returned):
        names.setdefault(position, name)
    return names


def _pairs(node: ast.expr | None, returned: Any) -> Iterator[tuple[str, int]]:
    if isinstance(returned, Slot):
        if isinstance(node, ast.Name):
            yield node.id, returned.position
    elif isinstance(returned, dict):
        for key, part in returned.items():
            if isinstance(part, Slot):
                yield str(key), part.position
    elif isinstance(returned, (tuple, list)):
        fields = getattr(returned, "_fields", None)
        nodes = node.elts if isinstance(node, (ast.Tuple, ast.List)) else [None] * len(returned)
        for i, part in enumerate(returned):
            if fields and isinstance(part, Slot):
                yield fields[i], part.position
            elif i < len(nodes):
                yield from _pairs(nodes[i], part)


def _last_return(step: Callable[..., Any]) -> ast.expr | None:
    """The expression behind the last ``return``; None where the source cannot be read."""
    try:
        tree = ast.parse(_source(step))
    except (AttributeError, TypeError, SyntaxError, ValueError):
        return None
    function = tree.body[0] if tree.body else None
    if not isinstance(function, ast.FunctionDef):
        return None
    last = function.body[-1]
    return last.value if isinstance(last, ast.Return) else None


def _source(step: Callable[..., Any]) -> str:
    """The text of a function: what inspect.getsource gives, which reads it token by token."""
    plain: Any = inspect.unwrap(step)
    plain = getattr(plain, "__func__", plain)
    code = plain.__code__
    last = max(end or 0 for _, end, _, _ in code.co_positions())
    lines = linecache.getlines(code.co_filename, plain.__globals__)
    return textwrap.dedent("".join(lines[code.co_firstlineno - 1 : last]))
