"""The subject of a check: a function with its arguments, all of it doubled so that it can move."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Mapping
from functools import partial
from types import MethodType
from typing import Any, Literal

import numpy as np

from gradatim.autograd.double import Variable, double_array, double_model, variable
from gradatim.autograd.tensor import Parameter, Tensor, bind, constant, lift
from gradatim.autograd.tree import Container, map_leaves, tensors, walk
from gradatim.check.numeric import check_digits
from gradatim.errors import DtypeError, GradatimError
from gradatim.primitives import Primitive

Choice = Literal["all", "parameters", "inputs"]


class Subject:
    """A function, model or primitive at one point, and the variables that can be moved there."""

    def __init__(
        self,
        f: Any,
        inputs: tuple[Any, ...],
        loss: Callable[..., Any] | None,
        wrt: Choice | None,
        settings: Mapping[str, Any],
    ) -> None:
        _check_callable(f, inputs, loss)
        memo: dict[int, Any] = {}
        owner = getattr(f, "__self__", f)
        model = double_model(owner, memo) if isinstance(owner, Container) else None
        self.f = _callable(f, model)
        self.loss = double_model(loss, memo) if isinstance(loss, Container) else loss
        self.target = inputs[len(inputs) - 1 :] if loss is not None else ()
        given = inputs[: len(inputs) - len(self.target)]
        self.arguments = [map_leaves(lambda leaf: _doubled(leaf, memo), x) for x in given]
        self.settings = dict(settings)
        named = dict(zip(_names(f, len(given)), self.arguments))
        choice = wrt or ("parameters" if model is not None and loss is not None else "all")
        held = [model, named, {"loss": self.loss}]
        self.variables, self.frozen = _variables(held, choice)
        self._generators = [part for _, part in walk(held) if isinstance(part, np.random.Generator)]
        self._states: list[Any] = []

    def run(self) -> list[Tensor]:
        """Compute every output that is made of floats."""
        for generator, state in zip(self._generators, self._states):
            generator.bit_generator.state = state
        result = self.f(*self.arguments, **self.settings)
        if self.loss is not None:
            result = self.loss(result, *self.target)
        if type(result) is Tensor and result.raw.dtype == np.float64:
            return [result]
        return _outputs(result)

    def freeze_chance(self) -> None:
        """Let every later run draw the same random numbers."""
        self._states = [generator.bit_generator.state for generator in self._generators]

    def drew(self) -> bool:
        """Whether random numbers were drawn since they were frozen; if not, forget about them."""
        now = [generator.bit_generator.state for generator in self._generators]
        moved = [i for i, state in enumerate(now) if str(state) != str(self._states[i])]
        self._generators = [self._generators[i] for i in moved]
        self._states = [self._states[i] for i in moved]
        return bool(moved)


def _check_callable(f: Any, inputs: tuple[Any, ...], loss: Any) -> None:
    if not (callable(f) or isinstance(f, Primitive)):
        raise GradatimError(
            f"gradient: the first argument is {type(f).__name__}; it must be a function, a model "
            "or a primitive.\n  Try gd.check.gradient(f, x) with f itself, not f(x)."
        )
    if loss is not None and not callable(loss):
        raise GradatimError(
            f"gradient: loss is {type(loss).__name__}; it must be a function of output and target, "
            "such as gd.cross_entropy."
        )
    if loss is not None and not inputs:
        raise GradatimError(
            "gradient: a loss was given but no target.\n"
            "  Try gd.check.gradient(model, x, t, loss=gd.cross_entropy)."
        )


def _callable(f: Any, model: Container | None) -> Callable[..., Any]:
    """What to call in place of f: the double of a model, a method of the double, or f itself."""
    if isinstance(f, Primitive):
        return partial(bind, f)
    if model is None:
        return f
    return MethodType(f.__func__, model) if hasattr(f, "__self__") else model  # type: ignore[return-value]


def _names(f: Any, count: int) -> list[str]:
    """Names of the positional arguments as f itself calls them."""
    if isinstance(f, Primitive):
        names = [name.rstrip("*") for name in f.inputs]
        many = f.inputs[-1:] if f.variadic else ()
    else:
        try:
            parameters = inspect.signature(getattr(f, "forward", f)).parameters.values()
        except (TypeError, ValueError):
            return [f"argument.{i}" for i in range(count)]  # a function in C that does not tell
        names = [
            p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
        ]
        many = tuple(p.name for p in parameters if p.kind is p.VAR_POSITIONAL)
    rest = many[0].rstrip("*") if many else "argument"
    fixed = names[:-1] if isinstance(f, Primitive) and many else names
    return [*fixed, *(f"{rest}.{i}" for i in range(max(0, count - len(fixed))))][:count]


def _doubled(leaf: Any, memo: dict[int, Any]) -> Any:
    """What f gets in place of an argument: floats and models doubled, all else as it is."""
    if isinstance(leaf, Container):
        return double_model(leaf, memo)
    if isinstance(leaf, np.random.Generator):
        return copy.deepcopy(leaf)
    if isinstance(leaf, (Tensor, np.ndarray, np.generic, float, list, tuple)):
        kind = leaf.dtype.kind if isinstance(leaf, Tensor) else np.asarray(leaf).dtype.kind
        if kind == "f":
            double = constant(double_array("gradient", leaf))
            double.wanted = True
            double.name = leaf.name if isinstance(leaf, Tensor) else None
            return double
    return leaf


def _variables(nodes: list[Any], choice: Choice) -> tuple[dict[str, Variable], list[str]]:
    """Variables of a choice by name, and the names of parameters that are frozen."""
    if choice not in ("all", "parameters", "inputs"):
        raise GradatimError(
            f"gradient: wrt is {choice!r}; it must be 'all', 'parameters' or 'inputs'."
        )
    models = [part for _, part in walk(nodes) if isinstance(part, Container)]
    held = {id(t) for model in models for t in tensors(model).values()}
    found: dict[str, Tensor] = {}
    frozen = []
    seen: set[int] = set()
    for path, t in [pair for node in nodes for pair in tensors(node).items()]:
        if id(t) in seen:
            continue
        seen.add(id(t))
        if choice != "all" and (id(t) in held) != (choice == "parameters"):
            t.wanted = False
        elif t.wanted:
            found[path if path not in found else f"input {path}"] = t
        elif isinstance(t, Parameter):
            frozen.append(path)
    if not found:
        _refuse_nothing(frozen)
    return {name: variable(t) for name, t in found.items()}, frozen


def _refuse_nothing(frozen: list[str]) -> None:
    if frozen:
        raise GradatimError(
            f"gradient: all parameters are frozen ({', '.join(frozen)}), there is nothing to "
            "check.\n  Try model.unfreeze()."
        )
    raise DtypeError(
        "gradient: no argument is made of floats, and no model is there; there is nothing to "
        "check.\n  Try a float: 3.0, or x.astype(float)."
    )


def _outputs(result: Any) -> list[Tensor]:
    found: list[Tensor] = []
    map_leaves(lambda leaf: found.append(_output(leaf)), result)
    floats = [y for y in found if y.raw.dtype.kind == "f"]
    for y in floats:
        check_digits("gradient", y.dtype)
    if not floats:
        kinds = ", ".join(str(y.dtype) for y in found) or "nothing"
        raise DtypeError(
            f"gradient: the function returned {kinds}; it must return floats, or there is no slope."
        )
    return floats


def _output(leaf: Any) -> Tensor:
    if leaf is None:
        raise DtypeError("gradient: the function returned None; did it forget to return?")
    return lift(leaf)
