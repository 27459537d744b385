"""Formulas read off rules: a rule is called, and what it does is noted primitive by primitive."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

import numpy as np

from gradatim.autograd import modes
from gradatim.autograd.pull import rules_for
from gradatim.autograd.tensor import Tensor, constant
from gradatim.derivation.expression import (
    called_expression,
    filled,
    input_names,
    number,
    parsed,
    replaced,
    worded,
)
from gradatim.primitives import Primitive
from gradatim.types import Raw, Settings, Shape

Made = dict[Tensor, tuple[Primitive, tuple[Tensor, ...], Settings]]


def rule_expression(
    primitive: Primitive,
    position: int,
    g: Raw,
    y: Raw,
    inputs: Sequence[Raw],
    settings: Settings,
) -> ast.expr | None:
    """Return the formula of the rule for one input.

    Parameters
    ----------
    primitive : Primitive
        Of the table, or a user's own.
    position : int
        Which input's gradient is asked for.
    g, y : array or NumPy scalar
        The gradient that arrives and the result, of one shape.
    inputs : sequence of array or NumPy scalar
        What the primitive was given; formulas may depend on shapes.
    settings : dict
        Its settings, which are put in.

    Returns
    -------
    ast.expr or None
        In the names ``g``, ``y`` and those of the inputs. None where there is no rule, or where
        it leaves the primitives, so that nobody can see what it does.

    Examples
    --------
    >>> import ast
    >>> import numpy as np
    >>> from gradatim.primitives import TABLE
    >>> ast.unparse(rule_expression(TABLE["tanh"], 0, np.ones(2), np.ones(2), [np.ones(2)], {}))
    'g * (1 - y * y)'
    """
    told = _rule(primitive, position, g, y, inputs, settings)
    return None if told is None else told[0]


def fitted_expression(
    primitive: Primitive,
    position: int,
    g: Raw,
    y: Raw,
    inputs: Sequence[Raw],
    settings: Settings,
) -> ast.expr | None:
    """Return the formula of a rule and of what the engine does after it: broadcasting undone.

    Takes what :func:`rule_expression` takes. Where an input was repeated along axes, its gradient
    is the sum along them; where it was summed, the gradient of the sum is repeated.
    """
    told = _rule(primitive, position, g, y, inputs, settings)
    if told is None:
        return None
    expression, shape = told
    like = inputs[position].shape
    lead = len(shape) - len(like)
    axes = [i for i, n in enumerate(shape) if i < lead or (like[i - lead] == 1 != n)]
    if lead < 0 or (not axes and shape != like):
        return replaced(parsed(f"broadcast_to(g, {like})"), {"g": expression})
    if not axes:
        return expression
    key = str(axes[0]) if len(axes) == 1 else str(tuple(axes))
    usual = "" if len(axes) == lead else ", keepdims=True"
    whole = parsed(f"sum(g, axis={key}{usual})" if like else "sum(g)")
    return replaced(whole, {"g": expression})


def _rule(
    primitive: Primitive,
    position: int,
    g: Raw,
    y: Raw,
    inputs: Sequence[Raw],
    settings: Settings,
) -> tuple[ast.expr, Shape] | None:
    """The formula of a rule, and the shape of what it gives."""
    rule = rules_for(primitive, len(inputs))[position]
    if rule is None:
        return None
    last = len(primitive.inputs) - 1
    key = primitive.inputs[min(position, last)].rstrip("*")
    written = worded(primitive, key, settings)
    if written is not None:
        like = y if primitive.kind == "pointwise" else inputs[position]
        return filled(parsed(written), settings, {}), like.shape
    names = input_names(primitive, len(inputs))
    given = {constant(g): "g", constant(y): "y"}
    given |= {constant(x): name for x, name in zip(inputs, names)}
    made: Made = {}
    try:
        result = _watched(rule, given, settings, made)
    except Exception:
        return None  # a rule of the user's that speaks arrays alone
    told = _told(result, given, made)
    return None if told is None else (told, np.shape(getattr(result, "raw", result)))


def _watched(rule: Any, given: dict[Tensor, str], settings: Settings, made: Made) -> Any:
    def see(primitive: Primitive, inputs: Any, settings: Settings, output: Any) -> None:
        made[output] = (primitive, inputs, settings)

    alone, quiet = modes.unheard(), np.errstate(all="ignore")
    with modes.phase("backward", taping=False), alone, modes.listen(see), quiet:
        return rule(*given, **settings)


def _told(x: Any, given: dict[Tensor, str], made: Made) -> ast.expr | None:
    """The formula of a Tensor that came about while the rule was watched."""
    if not isinstance(x, Tensor):
        return number(x) if np.ndim(x) == 0 else None
    if x in given:
        return ast.Name(given[x])
    if x not in made:
        return number(x.raw) if x.ndim == 0 else None
    primitive, inputs, settings = made[x]
    parts = [_told(part, given, made) for part in inputs]
    if any(part is None for part in parts):
        return None
    known = [part for part in parts if part is not None]
    if _changes_nothing(primitive, inputs[0], x):
        return known[0]
    if primitive.name == "reshape" and (key := _new_axes(inputs[0].shape, x.shape)):
        return replaced(parsed(f"g[{key}]"), {"g": known[0]})
    whole = called_expression(primitive, len(inputs), settings)
    return replaced(whole, dict(zip(input_names(primitive, len(inputs)), known)))


def _changes_nothing(primitive: Primitive, x: Tensor, y: Tensor) -> bool:
    """Whether a step is there for the computer alone: True and False count as 1 and 0."""
    if primitive.name in ("reshape", "broadcast_to"):
        return x.shape == y.shape
    return primitive.name == "astype" and (x.dtype == y.dtype or x.dtype.kind == "b")


def _new_axes(old: Shape, new: Shape) -> str:
    """The key that puts in axes of size 1: ``:, None`` from (3,) to (3, 1); else nothing."""
    left, parts = list(old), []
    for size in new:
        if left and left[0] == size:
            parts.append(":")
            left.pop(0)
        elif size == 1:
            parts.append("None")
        else:
            return ""
    return "" if left else ", ".join(parts)
