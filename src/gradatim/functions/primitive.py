"""Primitives that a user adds."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from string import Formatter
from typing import Any

from gradatim.autograd.tensor import Tensor, bind
from gradatim.errors import GradatimError
from gradatim.primitives.primitive import Primitive, elementwise
from gradatim.types import Rule

# The cube root of float64's unit roundoff: truncation and round-off of a central difference
# are then of one size.
_STEP = 6e-6


def primitive(name: str, source: str, **rules: Rule | None) -> Callable[..., Tensor]:
    """Make a function of your own with a derivative of its own.

    The function treats every element on its own, and its inputs broadcast.

    Parameters
    ----------
    name : str
        What errors, programs and drawings call it.
    source : str
        A NumPy expression with the inputs in braces, such as ``"np.logaddexp({x}, 0)"``. It is
        evaluated as Python code.
    **rules : callable or None
        For each input by name its derivative rule ``rule(g, y, *inputs)``: ``g`` is the gradient
        arriving, ``y`` the result. Write it in operators and Tensor methods, since it is handed
        Tensors or, where operators suffice, arrays. None: no derivative. An input without a rule
        gets the central difference ``(f(x + h) - f(x - h)) / 2h``, and a warning.

    Returns
    -------
    callable
        Takes Tensors, arrays or numbers, returns a Tensor; :func:`gradatim.check.gradient`
        tests it.

    Raises
    ------
    GradatimError
        If the expression cannot be read or names no input, or if a rule is given for an input
        that it does not name or does not take ``g`` and ``y`` first.

    Warns
    -----
    UserWarning
        If an input has no rule.

    Examples
    --------
    >>> import gradatim as gd
    >>> softplus = gd.primitive(
    ...     "softplus", "np.logaddexp({x}, 0)", x=lambda g, y, x: g / (1 + (-x).exp())
    ... )
    >>> gd.grad(softplus)(0.0)
    Tensor(0.5)
    """
    inputs = _inputs(name, source)
    unknown = sorted(rules.keys() - set(inputs))
    if unknown:
        raise GradatimError(
            f"primitive: {name} has a rule for {unknown[0]!r}, which its expression does not "
            f"name; its inputs are {', '.join(inputs)}."
        )
    without = [x for x in inputs if x not in rules]
    if without:
        warnings.warn(
            f"primitive: {name} has no rule for {', '.join(without)}; a central difference "
            f"stands in, slow and exact to about 8 digits.\n  Try {without[0]}=lambda g, y, "
            f"{', '.join(inputs)}: ..., or {without[0]}=None for no derivative.",
            stacklevel=2,
        )
    plain = _build(name, source, dict.fromkeys(inputs))
    every = {x: rules[x] if x in rules else _difference(plain, i) for i, x in enumerate(inputs)}
    words = {x: _difference_words(name, inputs, x) for x in without}
    return _door(_build(name, source, every, words))


def _inputs(name: str, source: str) -> list[str]:
    """Names in braces, in the order in which they first appear."""
    fields = dict.fromkeys(field for _, field, _, _ in Formatter().parse(source) if field)
    if not fields:
        raise GradatimError(
            f"primitive: the expression of {name}, {source!r}, names no input; inputs stand in "
            'braces.\n  Try "np.exp({x})".'
        )
    return list(fields)


def _build(
    name: str, source: str, rules: dict[str, Rule | None], words: dict[str, str] | None = None
) -> Primitive:
    try:
        return elementwise(name, source, rules, words)
    except SyntaxError as error:
        raise GradatimError(
            f"primitive: the expression of {name}, {source!r}, is not Python: {error.msg}."
        ) from error


def _difference(plain: Primitive, position: int) -> Rule:
    """Central difference of a primitive with respect to one input, as a rule."""

    def rule(g: Any, y: Any, *inputs: Any) -> Any:
        x = inputs[position]
        step = (abs(x) + 1) * _STEP
        above = bind(plain, *inputs[:position], x + step, *inputs[position + 1 :])
        below = bind(plain, *inputs[:position], x - step, *inputs[position + 1 :])
        return g * (above - below) / (step * 2)

    return rule


def _difference_words(name: str, inputs: list[str], x: str) -> str:
    """The formula of a central difference with the step h."""
    called = name if name.isidentifier() else "f"
    above, below = (
        f"{called}({', '.join(f'{each} {sign} h' if each == x else each for each in inputs)})"
        for sign in "+-"
    )
    return f"g * ({above} - {below}) / (2 * h)"


def _door(made: Primitive) -> Callable[..., Tensor]:
    def function(*inputs: Any) -> Tensor:
        if len(inputs) != len(made.inputs):
            raise GradatimError(
                f"{made.name}: {len(inputs)} inputs arrived; it takes {len(made.inputs)}: "
                f"{', '.join(made.inputs)}."
            )
        return bind(made, *inputs)

    function.__name__ = function.__qualname__ = made.name
    function.__doc__ = f"``{made.source}``, a primitive made by :func:`gradatim.primitive`."
    return function
