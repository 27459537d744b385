"""What a program is made of as machine code: loops over one space, and products of matrices.

=========  =====================================================================================
`Rows`     a loop over rows and columns: pointwise lines, and reductions along each row
`Columns`  sums over all rows, one for each column, and pointwise lines on them
`Product`  a product of two matrices, and pointwise lines on its result
`Draw`     random numbers
`Host`     one line that NumPy does
=========  =====================================================================================
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import prod
from typing import Literal

from gradatim.compiler.machine.pcg import Stream
from gradatim.compiler.program import Line, Value
from gradatim.types import Shape

Spread = Literal["full", "row", "column", "one"]
"""How an operand lies in a space of rows and columns: an element for each point, for each column
(one row), for each row (one column), or one for all."""


@dataclass(eq=False)
class Kernel:
    """Some lines that run together.

    Parameters
    ----------
    space : tuple of int
        The shape that it loops over.
    lines : list of Line
        What it does, in order.
    """

    space: Shape
    lines: list[Line] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """Number of rows: all axes but the last."""
        return prod(self.space[:-1])

    @property
    def columns(self) -> int:
        """Size of the last axis."""
        return self.space[-1] if self.space else 1

    def made(self) -> set[Value]:
        """Return what its lines define."""
        return {line.output for line in self.lines}

    def used(self) -> set[Value]:
        """Return all that its lines read and define."""
        return self.made() | {value for line in self.lines for value in line.inputs}


@dataclass(eq=False)
class Rows(Kernel):
    """A loop over rows, and over the columns of each, once for each phase.

    A reduction along a row ends a phase: what needs its result waits for the next one.
    """

    phases: dict[Value, int] = field(default_factory=dict)
    spreads: dict[Value, Spread] = field(default_factory=dict)


@dataclass(eq=False)
class Columns(Kernel):
    """Sums over the rows, one for each column."""


@dataclass(eq=False)
class Product(Kernel):
    """``left @ right`` and pointwise lines on the result.

    Parameters
    ----------
    left, right : Value
        As they lie in memory.
    left_turned, right_turned : bool
        Whether they are to be read transposed.
    depth : int
        The size that both have in common.
    first, inner : int
        Where the part of it begins that is added up here, and its size: all of it, or half.
    crew : int or None
        The half of the threads that makes it; None for all of them.
    reads_bands, writes_bands : bool
        Whether the right matrix lies in bands, and what its lines write.
    is_sparse : bool
        Whether zeros of the left matrix are left out.
    """

    left: Value = None  # type: ignore[assignment]
    right: Value = None  # type: ignore[assignment]
    left_turned: bool = False
    right_turned: bool = False
    depth: int = 0
    first: int = 0
    inner: int = 0
    crew: int | None = None
    reads_bands: bool = False
    writes_bands: bool = False
    is_sparse: bool = False

    def used(self) -> set[Value]:
        """Return all that its lines read and define."""
        return super().used() | {self.left, self.right}


@dataclass(eq=False)
class Draw(Kernel):
    """Random numbers.

    Parameters
    ----------
    stream : Stream
        What they are drawn from.
    """

    stream: Stream = None  # type: ignore[assignment]

    def used(self) -> set[Value]:
        """Return all that its lines read and define."""
        return super().used() | {self.stream.value}


@dataclass(eq=False)
class Host(Kernel):
    """A line that NumPy does."""


def spread_of(sizes: Shape, space: Shape) -> Spread | None:
    """Return how an operand of some shape lies in a space; None if in no way that is known."""
    padded = (1,) * (len(space) - len(sizes)) + sizes
    if len(sizes) > len(space):
        return None
    if prod(sizes) == 1:
        return "one" if prod(space) != 1 else "full"
    if padded == space:
        return "full"
    if padded[-1] == space[-1] and prod(padded[:-1]) == 1:
        return "row"
    if padded[-1] == 1 and padded[:-1] == space[:-1]:
        return "column"
    return None
