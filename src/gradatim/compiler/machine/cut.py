"""How a product that leaves out zeros is cut, so that what it reads again and again is near."""

from __future__ import annotations

from typing import NamedTuple

from gradatim.compiler.machine.blocking import Run, runs_of
from gradatim.compiler.machine.kernel import Product
from gradatim.compiler.machine.nonzeros import WORD, words_of
from gradatim.native.ir import element_of

WIDEST = 8
"""Vectors of a strip: as many sums as a processor adds to while it waits for the first."""

NEAR_BYTES = 1 << 20
"""Of a right matrix up to which it is read where it lies, for each row anew. Of a larger one a
strip at a time is copied and read for all rows. As much as the second cache of most processors."""

NEAREST_BYTES = 1 << 15
"""Of a right matrix that stay in the first cache. Of a larger one a block of so many bytes at most
is read for a group of rows of the result, whose sums are kept until the next block. One that is so
wide that a word tells of more is not cut in blocks."""

GROUP = 128
"""Rows of the result in a group."""

LINE_BYTES = 64


class Cut(NamedTuple):
    """How such a product is cut.

    Parameters
    ----------
    lanes : int
        Elements of a vector.
    runs : tuple of Run
        The strips.
    block : int
        Words of a row that are gone through at a time.
    group : int
        Rows that go through a block, if there are several, before the next one.
    is_far : bool
        Whether all rows are made of one strip before the next one, from a copy of it.
    by_columns : bool
        Whether threads share the strips.
    """

    lanes: int
    runs: tuple[Run, ...]
    block: int
    group: int
    is_far: bool
    by_columns: bool

    @classmethod
    def of(cls, kernel: Product, lanes: dict[str, int], threads: int) -> Cut:
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
        wide = lanes[element_of(dtype)]
        vectors = -(-kernel.columns // wide)
        runs = runs_of(vectors, -(-vectors // WIDEST))
        strips = sum(run.count for run in runs)
        nbytes = kernel.columns * dtype.itemsize
        is_far = strips > 1 and kernel.inner * nbytes > NEAR_BYTES
        block = NEAREST_BYTES // (WORD * nbytes)
        if is_far or not block or kernel.inner * nbytes <= NEAREST_BYTES:
            block = words_of(kernel)
        group = min(GROUP, kernel.rows)
        return cls(wide, runs, block, group, is_far, is_far and strips >= threads > 1)

    def room(self, kernel: Product) -> tuple[int, int]:
        """Return the bytes that each thread needs: for words, and for a strip or some sums."""
        itemsize = kernel.lines[0].output.dtype.itemsize
        words = words_of(kernel) * kernel.rows * WORD // 8
        elements = 0
        if self.is_far:
            elements = kernel.inner * self.runs[-1].vectors * self.lanes
        elif self.block < words_of(kernel):
            elements = self.group * self.pitch(kernel)
        return _lines(words), _lines(elements * itemsize)

    def pitch(self, kernel: Product) -> int:
        """Return how many elements lie from the sums of one row to those of the next."""
        return -(-kernel.columns // self.lanes) * self.lanes


def _lines(nbytes: int) -> int:
    return -(-nbytes // LINE_BYTES) * LINE_BYTES


def sparse_elements(kernel: Product, lanes: dict[str, int], threads: int) -> int:
    """Return how many elements of memory such a product needs beside its matrices.

    Parameters
    ----------
    kernel : Product
        The product.
    lanes : dict of str to int
        How many elements of each type a vector register holds.
    threads : int
        How many run it.
    """
    room = Cut.of(kernel, lanes, threads).room(kernel)
    return threads * sum(room) // kernel.lines[0].output.dtype.itemsize
