"""Copies of the factors of a product, in the order in which tiles read them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from gradatim.compiler.machine.blocking import Blocking, Run
from gradatim.compiler.machine.kernel import Product
from gradatim.compiler.machine.writer import Writer
from gradatim.native.ir import Function, Index, Kind, Register, element_of


class Strip(NamedTuple):
    """Columns of the result that are computed together.

    Parameters
    ----------
    first : int or str
        The first vector.
    columns : tuple of int or str
        Where each vector begins; the last one of all may overlap its neighbour.
    """

    first: Index
    columns: tuple[Index, ...]

    @classmethod
    def of(
        cls, f: Function, run: Run, number: Index, lanes: int, width: int, is_last: bool
    ) -> Strip:
        """Return a strip of a run.

        Parameters
        ----------
        f : Function
            What is being written.
        run : Run
            Strips of one size.
        number : int or str
            Which of them.
        lanes : int
            Elements of a vector.
        width : int
            Columns of the result.
        is_last : bool
            Whether the last vector of the last one must begin earlier, not to go beyond.
        """
        first = f.plus(run.first, f.times(number, run.vectors))
        columns = [f.plus(f.times(first, lanes), i * lanes) for i in range(run.vectors)]
        if is_last:
            columns[-1] = f.smaller(columns[-1], width - lanes)
        return cls(first, tuple(columns))


class Room(NamedTuple):
    """How many elements of memory a product needs for its copies, by what they are of.

    Parameters
    ----------
    right : int
        The right matrix, strip by strip, for all threads.
    own : int
        The same, for each thread.
    left : int
        A block of the left matrix, for each thread.
    sums : int
        Sums of a block that are not yet complete, for each thread.
    fringe : int
        The last columns of the right matrix, for each thread.
    """

    right: int
    own: int
    left: int
    sums: int
    fringe: int

    @classmethod
    def of(cls, kernel: Product, cut: Blocking) -> Room:
        """Return what a product needs."""
        wide = cut.vectors * cut.lanes
        return cls(
            wide * kernel.inner if cut.copies_right and not cut.own_right else 0,
            wide * kernel.inner if cut.own_right else 0,
            cut.rows * cut.inner if cut.copies_left else 0,
            cut.rows * wide if cut.inner < kernel.inner else 0,
            0 if kernel.left_turned else cut.fringe * kernel.inner,
        )

    @property
    def mine(self) -> int:
        """What each thread needs."""
        return self.own + self.left + self.sums + self.fringe

    def elements(self, threads: int) -> int:
        """Return all of it."""
        return self.right + threads * self.mine


class Panels:
    """Writes the copies of one product.

    Parameters
    ----------
    writer : Writer
        Where instructions go.
    kernel : Product
        The product.
    cut : Blocking
        How it is cut.
    """

    def __init__(self, writer: Writer, kernel: Product, cut: Blocking) -> None:
        self._w, self._f, self._kernel, self._cut = writer, writer.f, kernel, cut
        self._element = element_of(kernel.lines[0].output.dtype)
        self._kind = Kind(self._element, cut.lanes)
        self._room = Room.of(kernel, cut)

    def right(self, strip: Strip, k: Index) -> str:
        """Return where the copy of a strip has row ``k``."""
        f, lanes = self._f, self._cut.lanes
        before = f.times(strip.first, lanes * self._kernel.inner)
        if self._cut.own_right:
            before = f.plus(self._mine(0), before)
        return self._at(f.plus(before, f.times(k, len(strip.columns) * lanes)))

    def left(self) -> str:
        """Return where this thread's copy of a block of the left matrix begins."""
        return self._at(self._mine(self._room.own))

    def sums(self) -> str:
        """Return where this thread's unfinished sums begin."""
        return self._at(self._mine(self._room.own + self._room.left))

    def fringe(self) -> str:
        """Return where this thread's copy of the last columns begins, one after the other."""
        return self._at(self._mine(self._room.own + self._room.left + self._room.sums))

    def _mine(self, offset: int) -> Index:
        thread: Index = "%tid" if self._w.threads > 1 else 0
        return self._f.plus(self._room.right + offset, self._f.times(thread, self._room.mine))

    def _at(self, offset: Index) -> str:
        return self._f.at(self._w.panels[self._kernel], offset, self._element)

    # --- the right matrix -----------------------------------------------------------------------
    def copy_right(self, strips: Iterable[Strip], mask: Register | None) -> None:
        """Copy strips, so that each is read from end to end."""
        for strip in strips:
            panel = self.right(strip, 0)
            if self._kernel.right_turned:
                self._copy_turned(strip, panel)
                continue
            with self._f.loop(0, self._kernel.inner) as k:
                self._copy_row(strip, panel, k, mask)

    def _copy_row(self, strip: Strip, panel: str, k: Index, mask: Register | None) -> None:
        f, lanes = self._f, self._cut.lanes
        row = f.plus(k, self._kernel.first)
        target = f.times(k, len(strip.columns) * lanes)
        for j, column in enumerate(strip.columns):
            at = right_element(self._w, self._kernel, row, column)
            x = self._w.load(self._kernel.right, at, lanes, mask)
            f.store(x, panel, f.plus(target, j * lanes))

    def _copy_turned(self, strip: Strip, panel: str) -> None:
        """Copy columns of a matrix that lies transposed, in squares; the last ones overlap."""
        f, lanes, inner = self._f, self._cut.lanes, self._kernel.inner
        count = len(strip.columns)
        with f.loop(0, count) as j:
            start = f.times(f.plus(strip.first, j), lanes)
            column = f.smaller(start, max(0, self._kernel.space[1] - lanes))
            with f.loop(0, inner, lanes) as turn:
                k = f.smaller(turn, max(0, inner - lanes))
                target = f.plus(f.times(k, count), j)
                self._copy_square(
                    column, k, f.at(panel, f.times(target, lanes), self._element), count
                )

    def _copy_square(self, column: Index, k: Index, panel: str, count: int) -> None:
        """Read vectors along the lines of the matrix, and write them down the copy."""
        f, lanes, inner = self._f, self._cut.lanes, self._kernel.inner
        mask = f.first_lanes(inner, lanes) if inner < lanes else None
        got = []
        for i in range(min(lanes, self._kernel.space[1])):
            at = right_element(self._w, self._kernel, k, f.plus(column, i))
            got.append(self._w.load(self._kernel.right, at, lanes, mask))
        got += [f.number(0, self._kind)] * (lanes - len(got))
        for i, x in enumerate(transposed(f, got)[:inner]):
            f.store(x, panel, i * count * lanes)

    def copy_fringe(self) -> None:
        """Copy the last columns, so that each is read from end to end, for this thread alone."""
        f, kernel, count = self._f, self._kernel, self._cut.fringe
        first, panel = kernel.columns - count, self.fringe()
        with f.loop(0, kernel.inner) as turn:
            k = f.plus(turn, kernel.first)
            for j in range(count):
                at = right_element(self._w, kernel, k, first + j)
                f.store(self._w.load(kernel.right, at, 1), panel, f.plus(turn, j * kernel.inner))

    # --- the left matrix ------------------------------------------------------------------------
    def copy_left(self, low: Index, high: Index, k: Index, count: Index) -> None:
        """Copy a block of a left matrix that lies transposed, for this thread alone."""
        f, panel = self._f, self.left()
        rows = f.minus(high, low)
        whole = multiple(f, rows, self._cut.lanes)
        with f.loop(0, count) as i:
            source = f.plus(f.times(f.plus(k, i), self._kernel.space[0]), low)
            target = f.times(i, self._cut.rows)
            for start, stop, wide in ((0, whole, self._cut.lanes), (whole, rows, 1)):
                if start == stop:
                    continue
                with f.loop(start, stop, wide) as at:
                    x = self._w.load(self._kernel.left, f.plus(source, at), wide)
                    f.store(x, panel, f.plus(target, at))


def right_element(writer: Writer, kernel: Product, k: Index, column: Index) -> Index:
    """Return where the right matrix of a product has an element, turned or not.

    Parameters
    ----------
    writer : Writer
        Knows how the matrix lies.
    kernel : Product
        The product.
    k, column : int or str
        Turn of the inner axis, counted from the first of the matrix, and column of the result.
    """
    if kernel.right_turned:
        return writer.element(kernel.right, column, k, kernel.depth)
    return writer.element(kernel.right, k, column, kernel.columns)


def multiple(f: Function, count: Index, size: int) -> Index:
    """Return the largest multiple of ``size`` that is not above ``count``.

    Parameters
    ----------
    f : Function
        What is being written.
    count : int or str
        Not negative.
    size : int
        At least 1.
    """
    return f.times(f.quotient(count, size), size)


def transposed(f: Function, vectors: list[Register]) -> list[Register]:
    """Return the columns of a square of lanes: as many vectors as each has lanes.

    Parameters
    ----------
    f : Function
        What is being written.
    vectors : list of Register
        The rows.
    """
    kind = vectors[0].kind
    block = 1
    while block < kind.lanes:
        vectors = _swapped(f, vectors, block)
        block *= 2
    return vectors


def _swapped(f: Function, vectors: list[Register], block: int) -> list[Register]:
    """Swap blocks off the diagonal between vectors that are ``block`` apart."""
    kind, result = vectors[0].kind, list(vectors)
    lanes = kind.lanes
    for i in range(lanes):
        if i & block:
            continue
        a, b = vectors[i], vectors[i | block]
        low = [lanes + n - block if n & block else n for n in range(lanes)]
        high = [lanes + n if n & block else n + block for n in range(lanes)]
        for target, order in ((i, low), (i | block, high)):
            picks = ", ".join(f"i32 {n}" for n in order)
            result[target] = f.op(f"shufflevector {a}, {b}, <{lanes} x i32> <{picks}>", kind)
    return result
