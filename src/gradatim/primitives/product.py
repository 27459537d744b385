"""Primitives that multiply and add: matrix products and Einstein sums."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradatim.primitives.primitive import structural
from gradatim.types import Shape


def _product(a: Any, b: Any) -> Any:
    # dot takes half of matmul's time on small matrices and calls the same BLAS routine.
    return a.dot(b) if a.ndim == 2 and b.ndim == 2 else a @ b


def matmul_shape(a: Shape, b: Shape) -> Shape:
    """(..., n, k) @ (..., k, m) -> (..., n, m)."""
    return (*np.broadcast_shapes(a[:-2], b[:-2]), a[-2], b[-1])


def _einsum_shape(*shapes: Shape, subscripts: str, optimize: bool) -> Shape:
    terms, result = subscripts.split("->")
    sizes: dict[str, int] = {}
    for term, shape in zip(terms.split(","), shapes):
        for letter, size in zip(term, shape):
            sizes[letter] = size if sizes.get(letter, 1) == 1 else sizes[letter]
    return tuple(sizes[letter] for letter in result)


def _einsum_rule(g: Any, y: Any, *xs: Any, subscripts: str, optimize: bool, position: int) -> Any:
    """Swap the input's term with the result's; what only this input sums over is spread again."""
    terms, result = subscripts.split("->")
    inputs = terms.split(",")
    mine = inputs[position]
    inputs[position] = result
    known = set("".join(inputs))
    present = "".join(letter for letter in mine if letter in known)
    operands = [*xs[:position], g, *xs[position + 1 :]]
    part = operands[0].einsum(f"{','.join(inputs)}->{present}", *operands[1:])
    sizes = dict(zip(present, part.shape))
    spread = part.reshape(tuple(sizes.get(letter, 1) for letter in mine))
    full = tuple(
        n if n != 1 else sizes.get(letter, 1) for letter, n in zip(mine, xs[position].shape)
    )
    return spread if spread.shape == full else spread.broadcast_to(full)


matmul = structural(
    "matmul",
    _product,
    "{a} @ {b}",
    shape=matmul_shape,
    a=lambda g, y, a, b: _product(g, b.mT),
    b=lambda g, y, a, b: _product(a.mT, g),
)
einsum = structural(
    "einsum",
    lambda *xs, subscripts, optimize: np.einsum(subscripts, *xs, optimize=optimize),
    'np.einsum("{subscripts}", *({xs}), optimize={optimize})',
    shape=_einsum_shape,
    xs_=_einsum_rule,
    formulas={"y": lambda subscripts, optimize: f"einsum({subscripts!r}, *xs)"},
)
