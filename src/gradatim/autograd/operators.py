"""Python's operators on Tensors, each the primitive of its name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradatim.autograd.explain import explain
from gradatim.autograd.tensor import Tensor, bind, bind1, bind2, lift
from gradatim.errors import DtypeError
from gradatim.primitives import Primitive, pointwise, product, shape


def matmul(a: Any, b: Any) -> Tensor:
    """Matrix product; a 1-d operand is a row on the left and a column on the right."""
    if not (isinstance(a, Tensor) and isinstance(b, Tensor)):
        a, b = lift(a), lift(b)
    if a.raw.ndim > 1 < b.raw.ndim:
        return bind2(product.matmul, a, b)
    if a.raw.ndim == 0 or b.raw.ndim == 0 or a.shape[-1] != b.shape[0 if b.ndim == 1 else -2]:
        error = ValueError("matmul")
        raise explain(product.matmul, (a.raw, b.raw), {}, error)
    left = bind(shape.reshape, a, shape=(1, *a.shape)) if a.ndim == 1 else a
    right = bind(shape.reshape, b, shape=(*b.shape, 1)) if b.ndim == 1 else b
    whole = bind2(product.matmul, left, right)
    rows = () if a.ndim == 1 else (whole.shape[-2],)
    columns = () if b.ndim == 1 else (whole.shape[-1],)
    return bind(shape.reshape, whole, shape=(*whole.shape[:-2], *rows, *columns))


def power(a: Any, b: Any) -> Tensor:
    """``a ** b``; a square is a primitive of its own, as in NumPy exact and much faster."""
    if type(b) in (int, float) and b == 2:
        return bind1(pointwise.square, a)
    return bind2(pointwise.power, a, b)


def _boolean(x: Any) -> Tensor:
    t = lift(x)
    if t.raw.dtype.kind != "b":
        raise DtypeError(
            f"& | ^ ~: these join boolean Tensors, this one is {t.raw.dtype}.\n"
            "  Try a comparison first: (x > 0) & (x < 1)."
        )
    return t


def _forward(primitive: Primitive) -> Callable[[Tensor, Any], Tensor]:
    def operator(self: Tensor, other: Any) -> Tensor:
        return bind2(primitive, self, other)

    return operator


def _comparing(primitive: Primitive) -> Callable[[Tensor, Any], Any]:
    def operator(self: Tensor, other: Any) -> Any:
        # Nothing equals None; Python answers that itself.
        return NotImplemented if other is None else bind2(primitive, self, other)

    return operator


def _reflected(primitive: Primitive) -> Callable[[Tensor, Any], Tensor]:
    def operator(self: Tensor, other: Any) -> Tensor:
        return bind2(primitive, other, self)

    return operator


def _logical(primitive: Primitive) -> Callable[[Tensor, Any], Tensor]:
    def operator(self: Tensor, other: Any) -> Tensor:
        return bind2(primitive, _boolean(self), _boolean(other))

    return operator


_ARITHMETIC = {
    "add": pointwise.add,
    "sub": pointwise.subtract,
    "mul": pointwise.multiply,
    "truediv": pointwise.divide,
    "floordiv": pointwise.floor_divide,
    "mod": pointwise.remainder,
}
_COMPARISON = {
    "eq": pointwise.equal,
    "ne": pointwise.not_equal,
    "lt": pointwise.less,
    "le": pointwise.less_equal,
    "gt": pointwise.greater,
    "ge": pointwise.greater_equal,
}
_LOGIC = {
    "and": pointwise.logical_and,
    "or": pointwise.logical_or,
    "xor": pointwise.logical_xor,
}
_OPERATORS: dict[str, Callable[..., Any]] = {
    **{name: _forward(primitive) for name, primitive in _ARITHMETIC.items()},
    **{name: _comparing(primitive) for name, primitive in _COMPARISON.items()},
    **{f"r{name}": _reflected(primitive) for name, primitive in _ARITHMETIC.items()},
    **{name: _logical(primitive) for name, primitive in _LOGIC.items()},
    **{f"r{name}": _logical(primitive) for name, primitive in _LOGIC.items()},
    "pow": power,
    "rpow": lambda self, other: bind2(pointwise.power, other, self),
    "matmul": matmul,
    "rmatmul": lambda self, other: matmul(other, self),
    "neg": lambda self: bind1(pointwise.negative, self),
    "pos": lambda self: self,
    "abs": lambda self: bind1(pointwise.abs_, self),
    "invert": lambda self: bind1(pointwise.logical_not, _boolean(self)),
}
for _name, _operator in _OPERATORS.items():
    setattr(Tensor, f"__{_name}__", _operator)
