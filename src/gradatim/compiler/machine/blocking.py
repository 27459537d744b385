"""How a product of matrices is cut: into tiles that fit registers, and blocks that fit caches.

A tile is some rows times one strip of columns, a few vectors wide. A block of the left matrix, a
few tiles high, stays in the cache while all strips pass by.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from gradatim.compiler.machine.kernel import Product
from gradatim.native.ir import element_of

REGISTERS = {4: 16, 8: 16, 16: 32}
"""Vector registers of a processor with so many float32 lanes: SSE, AVX2, AVX-512."""

LATENCY = 4
"""Cycles until a sum can be added to again. In each, two products are begun and two vectors read;
so it is with the processors of these years."""

OVERHEAD = 0.05
"""Cycles that each instruction costs beside, on average."""

FAR = 0.1
"""Cycles for a vector of the right matrix, which comes from farther away than the left one."""

ASIDE = 0.9
"""Cycles for a vector of products in a column of the fringe, beside which there are few others."""

ENDED = 6.0
"""Cycles to finish an element of the fringe: its lanes are added up, and it is stored alone."""

TILES = 4
"""Tiles of a block: more use what lies in memory in a longer stride, fewer read it more often."""

LONGEST = 768
"""Turns of the inner axis that are made on all strips before the next ones, about."""

WALKED_BYTES = 1024
"""Walking down a matrix whose rows are longer than this uses few sets of the cache, many pages."""

WALKED_ROWS = 128
"""So many steps such a walk may have; a longer one is done in parts, or on a copy."""

BLOCK_BYTES = 1 << 16
"""Of the left matrix in a block, where a matrix in bands is written: the more, the longer are the
parts of a band that are written in one go."""

OWN_BYTES = 1 << 15
"""Of a copy that is so small that every thread makes one of its own, and waits for nobody."""

REUSES = 8
"""Tiles in a column from which on a copy of the right matrix pays."""


@dataclass(frozen=True)
class Run:
    """Strips of one size that follow each other.

    Parameters
    ----------
    first : int
        The first vector of the first strip.
    count : int
        How many strips.
    vectors : int
        How many vectors each has.
    """

    first: int
    count: int
    vectors: int


class Blocking(NamedTuple):
    """How a product is cut.

    Parameters
    ----------
    lanes : int
        Elements of a vector.
    runs : tuple of Run
        The strips; they differ by one vector at most.
    fringe : int
        Columns behind them that are too few for a vector.
    tall : int
        Rows of a tile.
    rows, inner : int
        Extent of a block of the left matrix: whole tiles, and a part of the inner axis.
    copies_left, copies_right : bool
        Whether a matrix is first copied into the order in which it is read.
    own_right : bool
        Whether every thread has a copy of the right matrix of its own.
    by_columns : bool
        Whether threads share the strips, as there are too few rows. Rows are better: half of each
        row lies in half of the sets of a cache.
    """

    lanes: int
    runs: tuple[Run, ...]
    fringe: int
    tall: int
    rows: int
    inner: int
    copies_left: bool
    copies_right: bool
    own_right: bool
    by_columns: bool

    @property
    def vectors(self) -> int:
        """Vectors of a row of the result."""
        return sum(run.count * run.vectors for run in self.runs)

    @classmethod
    def of(cls, kernel: Product, lanes: dict[str, int], threads: int) -> Blocking:
        """Cut a product.

        Parameters
        ----------
        kernel : Product
            The product.
        lanes : dict of str to int
            How many elements of each type a vector register holds.
        threads : int
            How many run it.
        """
        dtype = kernel.lines[0].output.dtype
        wide, size = lanes[element_of(dtype)], dtype.itemsize
        height, width = kernel.space
        vectors = -(-width // wide)
        least = 2 if width % wide and vectors > 1 else 1  # the last one overlaps its neighbour
        registers = REGISTERS[lanes["float"]]
        tall, runs = _best(height, vectors, least, registers)
        fringe = _fringe(kernel, wide, registers, _cycles(height, tall, runs))
        if fringe:
            tall, runs = _best(height, width // wide, 1, registers)
        tiles, strips = -(-height // tall), sum(run.count for run in runs)
        copies_right = kernel.right_turned or (
            strips > 1 and tiles > REUSES and not kernel.reads_bands
        )
        copied_bytes = vectors * wide * kernel.inner * size
        is_half = kernel.crew is not None  # half of the threads cannot wait for each other
        walks_right = not copies_right and not kernel.reads_bands and width * size > WALKED_BYTES
        walks_left = kernel.left_turned and height * size > WALKED_BYTES
        many = REUSES if walks_right else TILES
        if kernel.writes_bands:
            many = max(many, BLOCK_BYTES // (tall * kernel.inner * size))
        by_columns = threads > 1 and (tiles < 2 * threads or (is_half and copies_right))
        return cls(
            lanes=wide,
            runs=runs,
            fringe=fringe,
            tall=tall,
            rows=tall * min(tiles, many),
            inner=_part(kernel.inner, WALKED_ROWS if walks_right else LONGEST),
            copies_left=walks_left and strips > 1 and kernel.inner > WALKED_ROWS,
            copies_right=copies_right,
            own_right=copies_right and not by_columns and copied_bytes <= OWN_BYTES,
            by_columns=by_columns,
        )


def _fringe(kernel: Product, lanes: int, registers: int, cycles: float) -> int:
    """Columns that are better not put in a vector, which makes so many cycles a turn."""
    height, width = kernel.space
    count = width % lanes
    if kernel.left_turned and height < lanes:
        return 0
    tall, runs = _best(height, width // lanes, 1, registers)
    turn = ASIDE * height * count / lanes + ENDED * height * count / kernel.inner
    return count if _cycles(height, tall, runs) + turn < cycles else 0


def _part(inner: int, most: int) -> int:
    """Cut the inner axis in even parts, if it is so long that this pays."""
    if inner <= most + most // 2:
        return inner
    return -(-inner // -(-inner // most))


@cache
def _best(height: int, vectors: int, least: int, registers: int) -> tuple[int, tuple[Run, ...]]:
    """Rows of a tile, and strips, for which a turn of the inner axis takes the fewest cycles."""
    if vectors == 0:
        return 1, ()
    cuts = []
    for widest in range(least, registers):
        runs = runs_of(vectors, -(-vectors // widest))
        if runs[0].vectors < least:
            continue
        for tall in range(1, min(height, registers) + 1):
            held = min(tall, runs[-1].vectors) + 1  # beside the sums
            if tall * runs[-1].vectors + held <= registers:
                cuts.append((_cycles(height, tall, runs), tall, runs))
    return min(cuts, key=lambda cut: cut[0])[1:]


def runs_of(vectors: int, count: int) -> tuple[Run, ...]:
    """Cut vectors in strips as even as can be."""
    size, wider = divmod(vectors, count)
    narrow = count - wider
    runs = Run(0, narrow, size), Run(narrow * size, wider, size + 1)
    return tuple(run for run in runs if run.count)


def _cycles(height: int, tall: int, runs: tuple[Run, ...]) -> float:
    """Cycles of a turn of the inner axis for all tiles."""
    whole, rest = divmod(height, tall)
    kinds = len(runs) * (1 + (rest > 0))
    total = sum(
        run.count * (whole * _turn(tall, run.vectors) + _turn(rest, run.vectors)) for run in runs
    )
    return total * (1 + kinds / 100)  # each kind is code of its own


def _turn(rows: int, vectors: int) -> float:
    """Cycles of a turn for one tile: begun products, read vectors, or sums that wait."""
    if rows == 0:
        return 0.0
    products, reads = rows * vectors, rows + vectors
    least = max(products / 2, reads / 2, float(LATENCY))
    return least + OVERHEAD * (products + reads) + FAR * vectors
