"""Einstein sums: the sum of products that a few letters describe."""

from __future__ import annotations

from collections import Counter
from math import prod
from string import ascii_letters

import numpy as np

from gradatim.autograd.tensor import Tensor, TensorLike, bind, lift
from gradatim.errors import ShapeError
from gradatim.functions.door import door
from gradatim.primitives import product
from gradatim.primitives import shape as shapes

# From so many products on, finding an order of contraction and BLAS pay: at 4 x 4 times 4 x 4
# NumPy takes 2.6 us without and 19 us with them, at 128 x 128 it is 580 us and 170 us.
MANY = 50_000


@door(np.einsum)
def einsum(subscripts: str, /, *operands: TensorLike, optimize: bool | str | None = None) -> Tensor:
    """Multiply arrays whose axes have letters, and sum over letters not in the result.

    ``einsum("ij,jk->ik", a, b)`` is ``a @ b``; ``"ii"`` is the trace, ``"ij->ji"`` the transpose.

    Parameters
    ----------
    subscripts : str
        Letters of the axes of each operand, separated by commas; then, optionally, an arrow and
        those of the result (else all that come once, in alphabetical order). ``...`` stands for
        leading axes that broadcast.
    *operands : Tensor or array_like
        One for each group of letters.
    optimize : bool or str, optional
        Whether to look for a cheap order of contraction (how, is NumPy's choice); if not given,
        where it pays.

    Returns
    -------
    Tensor
        Gradient: an Einstein sum of ``g`` with the other operands.

    Raises
    ------
    ShapeError
        If letters and axes do not fit, sizes of a letter differ, or the text cannot be read.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.einsum("ij,j->i", [[1.0, 2.0], [3.0, 4.0]], [1.0, 1.0])
    Tensor([3., 7.])
    """
    if not isinstance(subscripts, str):
        raise ShapeError(
            "einsum: the first argument must be the letters, as text.\n"
            '  Try gd.einsum("ij,jk->ik", a, b); lists of axis numbers are not read here.'
        )
    xs = [lift(x) for x in operands]
    terms, result = _terms(subscripts, xs)
    sizes = _sizes(terms, xs, subscripts)
    for i, term in enumerate(terms):
        xs[i], terms[i] = _without_twins(xs[i], term)
    worth = len(xs) > 2 or (len(xs) == 2 and prod(sizes.values()) > MANY)
    return bind(
        product.einsum,
        *xs,
        subscripts=f"{','.join(terms)}->{result}",
        optimize=worth if optimize is None else bool(optimize),
    )


@door(method="einsum")
def _einsum_method(self: Tensor, subscripts: str, *others: TensorLike) -> Tensor:
    """Einstein sum of this Tensor and ``others`` by ``subscripts``; see :func:`einsum`."""
    return einsum(subscripts, self, *others)


def _terms(subscripts: str, xs: list[Tensor]) -> tuple[list[str], str]:
    """Letters of each operand and of the result, all written out."""
    text = subscripts.replace(" ", "")
    left, arrow, result = text.partition("->")
    terms = left.split(",")
    if len(terms) != len(xs):
        raise ShapeError(
            f'einsum: "{subscripts}" speaks of {len(terms)} operands, {len(xs)} arrived.'
        )
    bare = [term.replace("...", "", 1) for term in (*terms, result)]
    used = set("".join(bare))
    if not used <= set(ascii_letters):
        raise ShapeError(
            f'einsum: "{subscripts}" cannot be read: axes are letters, ... stands for the '
            'leading ones, "," separates operands and "->" comes before the result.'
        )
    spare = [letter for letter in ascii_letters if letter not in used]
    widths = [_hidden(term, x, subscripts) for term, x in zip(terms, xs)]
    dots = "".join(spare[: max(widths, default=0)])
    terms = [t.replace("...", dots[len(dots) - n :]) for t, n in zip(terms, widths)]
    if not arrow:
        counts = Counter("".join(bare))
        result = dots + "".join(sorted(letter for letter, n in counts.items() if n == 1))
    result = result.replace("...", dots)
    _check_result(subscripts, terms, result, dots)
    return terms, result


def _hidden(term: str, x: Tensor, subscripts: str) -> int:
    """How many axes the dots of a term stand for."""
    letters = term.replace("...", "")
    left = x.ndim - len(letters)
    if left < 0 or (left and "..." not in term):
        raise ShapeError(
            f'einsum: "{term}" in "{subscripts}" names {len(letters)} axes, the operand of shape '
            f"{x.shape} has {x.ndim}.\n  Try one letter for each axis, or ... for leading ones."
        )
    return left


def _check_result(subscripts: str, terms: list[str], result: str, dots: str) -> None:
    unknown = set(result) - set("".join(terms))
    if unknown or len(set(result)) < len(result):
        raise ShapeError(
            f'einsum: the result of "{subscripts}" must name letters of the operands, each once.'
        )
    if not set(dots) <= set(result):
        raise ShapeError(
            f'einsum: the result of "{subscripts}" must have the axes of ... as well.\n'
            '  Try "...ij->...": give letters to those that shall be summed.'
        )


def _sizes(terms: list[str], xs: list[Tensor], subscripts: str) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for term, x in zip(terms, xs):
        for letter, size in zip(term, x.shape):
            known = sizes.get(letter, 1)
            if size != known and 1 not in (size, known):
                told = ", ".join(str(x.shape) for x in xs)
                raise ShapeError(
                    f'einsum: "{subscripts}" on shapes {told}: the letter {letter!r} would have '
                    f"sizes {known} and {size}; they must be equal."
                )
            sizes[letter] = size if known == 1 else known
    return sizes


def _without_twins(x: Tensor, term: str) -> tuple[Tensor, str]:
    """Replace axes with the same letter by their diagonal."""
    while len(set(term)) < len(term):
        letter = next(letter for letter in term if term.count(letter) > 1)
        first = term.index(letter)
        second = term.index(letter, first + 1)
        if x.shape[first] != x.shape[second]:
            raise ShapeError(
                f"einsum: the letter {letter!r} stands for two axes of an operand of shape "
                f"{x.shape}; their sizes must be equal."
            )
        x = bind(shapes.diagonal, x, offset=0, axis1=first, axis2=second)
        term = "".join(c for i, c in enumerate(term) if i not in (first, second)) + letter
    return x, term
