"""One step of the chain rule: from a result's gradient to the gradients of its inputs.

A rule speaks only the operators it is handed, so it can be handed Tensors, where the backward
pass is itself to be differentiated or listened to, or plain arrays, which is several times
faster. Rules that need more than arrays can do get Tensors in either case.
"""

from __future__ import annotations

import dis
from collections.abc import Callable
from functools import cache, partial
from types import CodeType, FunctionType
from typing import Any

import numpy as np

from gradatim.autograd.tensor import Tensor, bind, constant
from gradatim.errors import ShapeError
from gradatim.primitives import Primitive, reduce, shape
from gradatim.types import Raw, Rule, Shape

Pull = Callable[..., Any]

PULLS: dict[Primitive, tuple[Pull | None, ...]] = {}
"""Rules as functions of plain arrays, of the primitives met so far; not of variadic ones."""


def plain_pulls(primitive: Primitive, count: int) -> tuple[Pull | None, ...]:
    """Return the rules of a primitive for ``count`` inputs as functions of plain arrays."""
    pulls = tuple(
        rule if rule is None or _speaks_array(rule) else _through_tensors(rule)
        for rule in rules_for(primitive, count)
    )
    if not primitive.variadic:
        PULLS[primitive] = pulls
    return pulls


def rules_for(primitive: Primitive, count: int) -> tuple[Rule | None, ...]:
    """Return one rule for each of ``count`` inputs."""
    if not primitive.variadic:
        return primitive.rules
    *fixed, each = primitive.rules
    rest = range(len(fixed), count)
    return (*fixed, *(None if each is None else partial(each, position=i) for i in rest))


@cache
def reads(rule: Rule, position: int) -> bool:
    """Return whether a rule computes with the input at a position; True where that is not seen."""
    code = getattr(rule, "__code__", None)
    if not isinstance(code, CodeType) or position + 2 >= code.co_argcount:
        return True
    name = code.co_varnames[position + 2]  # after g and y
    return name in code.co_cellvars or any(
        step.argval == name for step in dis.get_instructions(code)
    )


def _speaks_array(rule: Rule, seen: frozenset[Any] = frozenset()) -> bool:
    """Whether all attributes that a rule (and what it calls) uses are those of an array too."""
    if not isinstance(rule, FunctionType):
        return False
    for step in dis.get_instructions(rule):
        if step.opname in ("LOAD_ATTR", "LOAD_METHOD"):
            if not hasattr(np.ndarray, step.argval):
                return False
        elif step.opname == "LOAD_GLOBAL":
            called = rule.__globals__.get(step.argval)
            if (
                isinstance(called, FunctionType)
                and called not in seen
                and not _speaks_array(called, seen | {rule})
            ):
                return False
    return True


def _through_tensors(rule: Rule) -> Pull:
    def pull(g: Raw, y: Raw, *inputs: Raw, **settings: Any) -> Raw:
        tensors = [constant(x) for x in inputs]
        return rule(constant(g), constant(y), *tensors, **settings).raw

    return pull


def fit(g: Raw, like: Raw) -> Raw:
    """Give ``g`` the shape and dtype of its input: broadcasting and promotion undone.

    Where the input is larger than ``g``, as after a sum, ``g`` is repeated to fill it.
    """
    if g.shape != like.shape:
        if g.ndim == 0:
            return np.full(like.shape, g, like.dtype)
        axes = _spread_axes(g.shape, like.shape)
        if axes:
            g = np.add.reduce(g, axis=axes, keepdims=True)
        if g.ndim > like.ndim:
            g = g.reshape(g.shape[g.ndim - like.ndim :])
        if g.shape != like.shape:
            _check_fits(g.shape, like.shape)
            g = shape.broadcast_to.forward(g, like.shape)
    return g if g.dtype == like.dtype else g.astype(like.dtype)


def fit_tensor(g: Tensor, like: Tensor) -> Tensor:
    """Do as :func:`fit`, in primitives."""
    if g.shape != like.shape:
        axes = _spread_axes(g.shape, like.shape)
        if axes:
            g = bind(reduce.sum_, g, axis=axes, keepdims=True)
        if g.ndim > like.ndim:
            g = bind(shape.reshape, g, shape=g.shape[g.ndim - like.ndim :])
        if g.shape != like.shape:
            _check_fits(g.shape, like.shape)
            g = bind(shape.broadcast_to, g, shape=like.shape)
    return g if g.dtype == like.dtype else bind(shape.cast, g, dtype=like.dtype)


def _check_fits(given: Shape, wanted: Shape) -> None:
    if any(n not in (1, w) for n, w in zip(reversed(given), reversed(wanted))):
        raise ShapeError(
            f"backward: a rule gave a gradient of shape {given} for an input of shape {wanted}; it "
            "must be that shape, or broadcast from or to it.\n  Try gd.check.gradient on the "
            "primitive whose rule it is."
        )


def _spread_axes(wide: Shape, narrow: Shape) -> tuple[int, ...]:
    """Axes along which ``narrow`` was repeated to give ``wide``."""
    lead = len(wide) - len(narrow)
    axes = tuple(range(lead))
    if 1 in narrow and lead >= 0:
        pairs = enumerate(zip(narrow, wide[lead:]), lead)
        axes += tuple([i for i, (n, w) in pairs if n == 1 and w != 1])
    return axes
