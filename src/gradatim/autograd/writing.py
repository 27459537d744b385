"""Writing into a leaf, and the clock that tells what has become stale by it."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradatim.autograd import modes
from gradatim.autograd.explain import explain
from gradatim.autograd.key import parse_key
from gradatim.autograd.place import here
from gradatim.autograd.tensor import Parameter, Tensor, array_of, bind2, lift, tick
from gradatim.errors import DtypeError, GraphError
from gradatim.primitives import Primitive, effect, pointwise


def write(
    primitive: Primitive, target: Tensor, value: Any, *arrays: Any, **settings: Any
) -> Tensor:
    """Run an effect: write into a leaf and stamp it with the clock."""
    if target.origin is not None:
        raise GraphError(
            f"{primitive.name}: this Tensor is a result of {target.origin[0].name}; only a leaf "
            "can be written in place.\n  Try computing a new Tensor, e.g. with gd.where."
        )
    if not array_of(target).flags.writeable:
        raise GraphError(
            f"{primitive.name}: the array of this Tensor is read-only.\n  Try t.raw = t.raw.copy()."
        )
    new = lift(value, target)
    if new.wanted and modes.current().taping:
        raise GraphError(
            f"{primitive.name}: the value requires a gradient, which would be lost by writing it "
            "into a leaf.\n  Try gd.stack or gd.where for a new Tensor, or value.detach()."
        )
    if new.raw.dtype != target.raw.dtype and not np.can_cast(
        new.raw.dtype, target.raw.dtype, "same_kind"
    ):
        raise DtypeError(
            f"{primitive.name}: {new.raw.dtype} does not fit into {target.raw.dtype}.\n"
            "  Try value.astype(...) first."
        )
    inputs = (target, new, *(lift(a) for a in arrays))
    raws = [array_of(target), *(x.raw for x in inputs[1:])]
    recorder = modes.current().recorder
    if recorder is not None:
        recorder.see_target(target)
    try:
        primitive.forward(*raws, **settings)
    except Exception as error:
        raise explain(primitive, tuple(raws), settings, error) from error
    target.written = tick()
    target.place = here(2)
    for see in modes.current().listeners:
        see(primitive, inputs, settings, target)
    return target


def assign(self: Tensor, value: Any) -> Tensor:
    """Overwrite the elements of a leaf; what was computed from it before becomes stale.

    Parameters
    ----------
    value : Tensor or array_like
        New numbers, of a shape that broadcasts to that of the leaf.
    """
    return write(effect.assign, self, value)


def _set_item(self: Tensor, key: Any, value: Any) -> None:
    parts, arrays = parse_key(key)
    write(effect.put, self, value, *arrays, key=parts)


def _add_in_place(self: Tensor, other: Any) -> Tensor:
    return _in_place(self, "+=", effect.add_into, pointwise.add, other)


def _subtract_in_place(self: Tensor, other: Any) -> Tensor:
    return _in_place(self, "-=", effect.subtract_from, pointwise.subtract, other)


def _multiply_in_place(self: Tensor, other: Any) -> Tensor:
    return _in_place(self, "*=", None, pointwise.multiply, other)


def _divide_in_place(self: Tensor, other: Any) -> Tensor:
    return _in_place(self, "/=", None, pointwise.divide, other)


def _raise_in_place(self: Tensor, other: Any) -> Tensor:
    return _in_place(self, "**=", None, pointwise.power, other)


def _in_place(
    x: Tensor, sign: str, writing: Primitive | None, making: Primitive, other: Any
) -> Tensor:
    """``w -= s`` writes into a leaf that learns, and makes a new Tensor of any other."""
    if x.origin is not None or not (x.wanted or isinstance(x, Parameter)):
        return bind2(making, x, other)
    now = modes.current()
    if now.taping and now.depth and not isinstance(x, Parameter):
        return bind2(making, x, other)  # the argument of a function that gd.grad differentiates
    if now.taping:
        raise GraphError(
            f"{sign}: a leaf that learns cannot be changed in place while the tape is on.\n"
            f"  Try: with gd.no_grad(): p {sign} step"
        )
    if writing is None:
        return write(effect.assign, x, bind2(making, x, other))
    return write(writing, x, other)


for _name, _method in {
    "assign": assign,
    "__setitem__": _set_item,
    "__iadd__": _add_in_place,
    "__isub__": _subtract_in_place,
    "__imul__": _multiply_in_place,
    "__itruediv__": _divide_in_place,
    "__ipow__": _raise_in_place,
}.items():
    setattr(Tensor, _name, _method)
