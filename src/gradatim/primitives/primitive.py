"""What a primitive is, and the five ways of making one.

A primitive is an operation with its own derivative: a NumPy expression, and for each of its
inputs a rule that gives this input's gradient from the gradient ``g`` of the output ``y``.
The engine calls a rule only for an input whose gradient somebody wants, and undoes broadcasting
and dtype promotion itself, so a rule is the formula of the textbook and nothing else.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from gradatim.errors import GradatimError
from gradatim.primitives.special import erf
from gradatim.types import Rule, Shape

ShapeRule = Callable[..., Shape]
"""``shape(*input_shapes, **settings)``: the shape of the output, without computing it."""

DtypeRule = Callable[..., "np.dtype[Any]"]
"""``dtype(*input_dtypes, **settings)``: the dtype of the output, without computing it."""

Wording = str | Callable[..., str]
"""A formula as text: an expression of Python in NumPy's functions, with ``g``, ``y``, the inputs
and the settings by their names. Or a function of the settings that returns one."""

Formulas = Mapping[str, Wording] | None
"""Formulas of a row: under ``y`` that of the value, under an input's name that of its rule."""

Kind = Literal["pointwise", "structural", "fused", "effect", "chance"]

TABLE: dict[str, Primitive] = {}
"""Every primitive of the library by its name, in the order in which the files were written."""


@dataclass(frozen=True, slots=True, eq=False)
class Primitive:
    """One row of the table.

    Attributes
    ----------
    name : str
        The name under which errors, programs and drawings speak of it.
    forward : callable
        ``forward(*arrays, **settings)`` gives the output.
    source : str
        The NumPy expression that it prints as, with ``{input}`` and ``{setting}`` in braces.
    inputs : tuple of str
        Names of the array arguments; the last one ends in ``*`` if any number may follow.
    rules : tuple of Rule or None
        One derivative for each input; ``None`` where there is none. The rule of inputs of any
        number is called with ``position=`` as well.
    shape, dtype : callable
        Shape and dtype of the output from those of the inputs.
    kind : str
        ``pointwise`` (every element on its own), ``structural``, ``fused`` (faster than its
        plain form, equal to it), ``effect`` (writes into its first input) or ``chance`` (draws
        from the generator that is its setting ``rng``).
    formulas : mapping of str to Wording
        What a person writes where that is simpler than what the computer does: under ``y`` the
        value, under an input's name its rule. Whatever is not here is read off ``source`` and
        off the rule itself.
    """

    name: str
    forward: Callable[..., Any]
    source: str
    inputs: tuple[str, ...]
    rules: tuple[Rule | None, ...]
    shape: ShapeRule
    dtype: DtypeRule
    kind: Kind
    formulas: Mapping[str, Wording] = field(default_factory=dict)

    @property
    def variadic(self) -> bool:
        """Whether any number of arrays may follow the named inputs."""
        return bool(self.inputs) and self.inputs[-1].endswith("*")

    def rule(self, position: int) -> Rule | None:
        """Return the derivative rule for the input at ``position``."""
        return self.rules[min(position, len(self.rules) - 1)]

    def __repr__(self) -> str:
        return f"<primitive {self.name}({', '.join(self.inputs)}): {self.source}>"


def pointwise(
    name: str, source: str, *, formulas: Formulas = None, **rules: Rule | None
) -> Primitive:
    """Make a primitive that treats every element on its own; inputs broadcast.

    ``source`` is a NumPy expression with the inputs in braces. It is the truth: eager
    evaluation, the printed program and the compiled loop all come from it.
    """
    return _enter(elementwise(name, source, rules, formulas))


def elementwise(
    name: str, source: str, rules: Mapping[str, Rule | None], formulas: Formulas = None
) -> Primitive:
    """Build a pointwise primitive without entering it into the table."""
    forward = eval(  # the text of a programmer, in the table or in a call of gd.primitive
        f"lambda {', '.join(rules)}: {source.format(**{name: name for name in rules})}",
        {"np": np, "erf": erf},
    )

    def dtype(*dtypes: np.dtype[Any]) -> np.dtype[Any]:
        with np.errstate(all="ignore"):
            return np.asarray(forward(*(np.ones((), d) for d in dtypes))).dtype

    inputs, derivatives, told = tuple(rules), tuple(rules.values()), formulas or {}
    kind: Kind = "pointwise"
    built = Primitive(name, forward, source, inputs, derivatives, _broadcast, dtype, kind, told)
    return _checked(built)


def structural(
    name: str,
    forward: Callable[..., Any],
    source: str,
    *,
    shape: ShapeRule,
    dtype: DtypeRule | None = None,
    formulas: Formulas = None,
    **rules: Rule | None,
) -> Primitive:
    """Make a primitive that moves, selects or combines elements.

    An input whose name ends in ``_`` stands for any number of inputs; its rule is called with
    ``position=``, the index of the input whose gradient is asked for.
    """
    made = _build(name, forward, source, shape, dtype or promoted, rules, "structural", formulas)
    return _enter(made)


def fused(
    name: str,
    forward: Callable[..., Any],
    source: str,
    *,
    shape: ShapeRule,
    dtype: DtypeRule | None = None,
    formulas: Formulas = None,
    **rules: Rule | None,
) -> Primitive:
    """Make a primitive that does at once what a few others do, because it pays."""
    made = _build(name, forward, source, shape, dtype or promoted, rules, "fused", formulas)
    return _enter(made)


def effect(
    name: str,
    forward: Callable[..., Any],
    source: str,
    *inputs: str,
    formulas: Formulas = None,
) -> Primitive:
    """Make a primitive that writes into its first input and has no derivative."""
    rules = dict.fromkeys(inputs)
    made = _build(name, forward, source, first_shape, first_dtype, rules, "effect", formulas)
    return _enter(made)


def chance(name: str, forward: Callable[..., Any], source: str) -> Primitive:
    """Make a primitive without inputs that draws random numbers.

    Its settings are ``rng``, the generator that each call moves on, ``shape`` and ``dtype``.
    """
    return _enter(_build(name, forward, source, _set_shape, _set_dtype, {}, "chance"))


def _build(
    name: str,
    forward: Callable[..., Any],
    source: str,
    shape: ShapeRule,
    dtype: DtypeRule,
    rules: dict[str, Rule | None],
    kind: Kind,
    formulas: Formulas = None,
) -> Primitive:
    inputs = tuple(n[:-1] + "*" if n.endswith("_") else n for n in rules)
    derivatives, told = tuple(rules.values()), formulas or {}
    return Primitive(name, forward, source, inputs, derivatives, shape, dtype, kind, told)


def _enter(primitive: Primitive) -> Primitive:
    if primitive.name in TABLE:
        raise GradatimError(f"primitive: the name {primitive.name!r} is taken; choose another")
    TABLE[primitive.name] = _checked(primitive)
    return primitive


def _checked(primitive: Primitive) -> Primitive:
    for position, rule in enumerate(primitive.rules):
        if rule is not None:
            _check_rule(primitive, position, rule)
    return primitive


def _check_rule(primitive: Primitive, position: int, rule: Rule) -> None:
    """A rule begins with g and y: a misspelt row fails when it is written, not when it is used."""
    code = getattr(rule, "__code__", None)
    if code is not None and code.co_varnames[: code.co_argcount][:2] == ("g", "y"):
        return  # as nearly all do, and inspect is slow
    letters = list(inspect.signature(rule).parameters)[:2]
    if letters != ["g", "y"]:
        raise GradatimError(
            f"primitive: the rule of {primitive.name} for {primitive.inputs[position]} takes "
            f"{letters}; it must take g (the gradient arriving) and y (the result) first, "
            f"then the inputs {primitive.inputs}"
        )


def _broadcast(*shapes: Shape) -> Shape:
    return np.broadcast_shapes(*shapes)


def _set_shape(*, shape: Shape, **_: Any) -> Shape:
    return shape


def _set_dtype(*, dtype: np.dtype[Any], **_: Any) -> np.dtype[Any]:
    return dtype


def first_shape(shape: Shape, *_: Shape, **__: Any) -> Shape:
    """Shape of the first input."""
    return shape


def first_dtype(dtype: np.dtype[Any], *_: np.dtype[Any], **__: Any) -> np.dtype[Any]:
    """Dtype of the first input."""
    return dtype


def promoted(*dtypes: np.dtype[Any], **_: Any) -> np.dtype[Any]:
    """Dtype that NumPy promotes all inputs to."""
    return np.result_type(*dtypes)


def inexact(*dtypes: np.dtype[Any], **_: Any) -> np.dtype[Any]:
    """Dtype that NumPy promotes all inputs to; float64 where that is an integer or boolean."""
    dtype = np.result_type(*dtypes)
    return dtype if dtype.kind == "f" else np.dtype(np.float64)


def index_dtype(*_: np.dtype[Any], **__: Any) -> np.dtype[Any]:
    """Dtype of positions in an array."""
    return np.dtype(np.intp)
