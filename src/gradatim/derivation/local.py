"""Names inside functions: what the user's own lines call the Tensors that they compute with.

When a function has returned, its variables are gone. The line that computed with them is still
there, and a result remembers which it was.
"""

from __future__ import annotations

import ast
import inspect
import linecache
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from types import CodeType

from gradatim.autograd.place import Place
from gradatim.autograd.tensor import Parameter, Tensor

_TARGET = re.compile(r"\s*(\w+)\s*=\s*")
_AFTER = re.compile(r"\s*(#.*)?")


def local_names(results: Sequence[Tensor], known: Mapping[int, str]) -> dict[int, str]:
    """Return names, by identity, of Tensors that only a line inside a function names.

    Parameters
    ----------
    results : sequence of Tensor
        A graph in the order of birth.
    known : mapping of int to str
        The names that are known already, by identity.

    Returns
    -------
    dict of int to str
        Leaves that want a gradient or have several elements, as the first line that reads them
        calls them; and results of such lines, if nothing else has that name. Nothing where the
        source cannot be read, and nothing of lines outside of functions, whose variables live on.

    Examples
    --------
    >>> import gradatim as gd
    >>> from gradatim.derivation.flow import flow_of
    >>> local_names(flow_of(gd.Tensor(2.0, requires_grad=True) * 3).results, {})
    {}
    """
    for file in {y.place[0].co_filename for y in results if y.place is not None}:
        linecache.checkcache(file)
    found: dict[int, str] = {}
    for y, operands, _ in _read(results):
        for x, name in _paired(y, operands):
            if name and x.origin is None and (x.wanted or x.size != 1):
                found.setdefault(id(x), name)
    taken = {*known.values(), *found.values()}
    for y, _, target in _read(results):
        if target and target not in taken:
            found[id(y)] = target
            taken.add(target)
    return {key: name for key, name in found.items() if key not in known}


Reading = tuple[tuple[str, ...], str]
"""What stands for each input in a line, ``""`` where it is no name; and what is assigned to."""


def _read(results: Sequence[Tensor]) -> Iterator[tuple[Tensor, tuple[str, ...], str]]:
    for y in results:
        if y.place is not None and y.place[0].co_flags & inspect.CO_OPTIMIZED:
            assert y.origin is not None
            yield y, *_reading(y.place, y.place[0].co_filename, y.origin[0].name)


def _paired(y: Tensor, operands: tuple[str, ...]) -> Iterator[tuple[Tensor, str]]:
    """The inputs of a result with what stands for them."""
    assert y.origin is not None
    inputs = y.origin[1]
    if len(operands) > len(inputs):  # x ** 2 may be a primitive of one input
        operands = tuple(name for name in operands if name)
    if len(operands) == len(inputs):
        yield from ((x, name) for x, name in zip(inputs, operands) if not _is_of_a_model(x))


def _is_of_a_model(x: Tensor) -> bool:
    """Whether a model names it; ``layer(x)`` reads the weight of the layer, not x alone."""
    return isinstance(x, Parameter)


@lru_cache(maxsize=4096)
def _reading(place: Place, file: str, primitive: str) -> Reading:
    """Read a line, once for each file: code of two files can be equal."""
    code = place[0]
    before, text, after = _text(place)
    try:
        (statement,) = ast.parse(text).body
    except (SyntaxError, ValueError):  # a file that has changed says anything
        return (), ""
    if isinstance(statement, ast.AugAssign):
        return _names(code, (statement.target, statement.value)), ""
    if not isinstance(statement, ast.Expr):
        return (), ""
    operands = _names(code, _operands(code, statement.value, primitive))
    target = _TARGET.fullmatch(before)
    whole = isinstance(statement.value, (ast.BinOp, ast.UnaryOp)) and _AFTER.fullmatch(
        after.strip()
    )
    return operands, target[1] if target and whole else ""


def _operands(code: CodeType, node: ast.expr, primitive: str) -> tuple[ast.expr, ...]:
    """The parts of an expression that stand for the inputs of the primitive it calls."""
    if isinstance(node, ast.BinOp):
        return node.left, node.right
    if isinstance(node, ast.UnaryOp):
        return (node.operand,)
    if isinstance(node, ast.Subscript):
        return (node.value,)
    if not isinstance(node, ast.Call) or node.keywords:
        return ()
    called = node.func
    if isinstance(called, ast.Attribute) and any(_names(code, (called.value,))):
        return (called.value, *node.args) if called.attr == primitive else (called.value,)
    is_door = isinstance(called, ast.Attribute) and called.attr == primitive
    return tuple(node.args) if is_door or len(node.args) == 1 else ()


def _names(code: CodeType, nodes: Sequence[ast.expr]) -> tuple[str, ...]:
    """The names of local variables, for all else none."""
    local = {*code.co_varnames, *code.co_cellvars, *code.co_freevars}
    return tuple(n.id if isinstance(n, ast.Name) and n.id in local else "" for n in nodes)


def _text(place: Place) -> tuple[str, str, str]:
    """What stands at a place: what comes before it in its line, it, and what comes after."""
    code, offset = place
    positions = list(code.co_positions())
    if not 0 <= offset // 2 < len(positions):
        return "", "", ""
    first, last, begin, end = positions[offset // 2]
    lines = [line.encode() for line in linecache.getlines(code.co_filename)]
    if first is None or last is None or begin is None or end is None or last > len(lines):
        return "", "", ""
    inside = lines[first - 1 : last]
    after = inside[-1][end:]
    inside[-1] = inside[-1][:end]
    before, inside[0] = inside[0][:begin], inside[0][begin:]
    parts = before, b"(" + b"".join(inside) + b")" if last > first else inside[0], after
    return tuple(part.decode(errors="replace") for part in parts)  # type: ignore[return-value]
