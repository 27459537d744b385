"""Matrix products in register tiles, with pointwise lines on each tile before it is stored.

A tile of rows times vectors stays in registers while the inner axis runs: each turn reads the
vectors of the right matrix and spreads one number of the left one for each row. Where the number of
columns is no multiple of a vector, the last vector of a row begins earlier and overlaps its
neighbour, so that no lane is masked; all of a row is computed before any of it is stored.

A product that updates a matrix larger than a cache takes the last rows first: what the forward pass
has read last is still there then, and what is written last is what the next step reads first. Of a
matrix in bands it takes the last bands first, for the same reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import NamedTuple

from gradatim.compiler.machine.blocking import Blocking, Run
from gradatim.compiler.machine.epilogue import Epilogue
from gradatim.compiler.machine.fringe import Fringe
from gradatim.compiler.machine.kernel import Product
from gradatim.compiler.machine.panels import Panels, Room, Strip, multiple, right_element
from gradatim.compiler.machine.writer import Writer
from gradatim.native import arithmetic as on
from gradatim.native.ir import Index, Kind, Register, Variable, element_of

SHORT = 4
"""So many lines are written out for every row of a tile; more are a loop over its rows."""

LONG = 64
"""A sum of so many products takes long enough to fetch what the lines that follow will read; a
shorter one, if that lies in bands and is seen coming."""

CACHED = 1 << 19
"""Bytes that stay in the cache of a processor from one pass over them to the next, about."""

Sums = list[list[Variable]]
Read = Callable[[int], Register]


def write_product(writer: Writer, kernel: Product) -> None:
    """Write the code of a kernel.

    Parameters
    ----------
    writer : Writer
        Where it goes.
    kernel : Product
        What it does.
    """
    _Tiles(writer, kernel).write()


def panel_elements(kernel: Product, lanes: dict[str, int], threads: int) -> int:
    """Return how many elements of memory a product needs for its copies.

    Parameters
    ----------
    kernel : Product
        The product.
    lanes : dict of str to int
        How many elements of each type a vector register holds.
    threads : int
        How many run it.
    """
    return Room.of(kernel, Blocking.of(kernel, lanes, threads)).elements(threads)


@dataclass(frozen=True)
class Block:
    """Part of the left matrix: rows from ``low`` to ``high``, of them ``count`` from ``k``."""

    low: Index
    high: Index
    k: Index
    count: Index


class Factor(NamedTuple):
    """A matrix as a tile reads it: from pointers, ``pitch`` elements further in each turn.

    Parameters
    ----------
    places : tuple of (str, int), or Register
        Pointer and element of what is read in the first turn; or the only number there is.
    pitch : int
        Elements from one turn to the next.
    """

    places: tuple[tuple[str, int], ...] | Register
    pitch: int


class _Tiles:
    def __init__(self, writer: Writer, kernel: Product) -> None:
        self.w, self.f, self.kernel = writer, writer.f, kernel
        self.cut = Blocking.of(kernel, self.f.lanes, writer.threads)
        self.lanes, self.tall = self.cut.lanes, self.cut.tall
        self.height, self.width = kernel.space
        self.kind = Kind(element_of(kernel.lines[0].output.dtype), self.lanes)
        is_masked = self.width < self.lanes and not self.cut.fringe
        self.mask = self.f.first_lanes(self.width, self.lanes) if is_masked else None
        nbytes = self.height * self.width * kernel.lines[0].output.dtype.itemsize
        self.from_the_end = nbytes > CACHED and any(line.writes for line in kernel.lines)
        self.panels = Panels(writer, kernel, self.cut)
        self.epilogue = Epilogue(writer, kernel, self.lanes, self.mask)

    def write(self) -> None:
        shares_rows = self.w.threads > 1 and not self.cut.by_columns
        if self.cut.copies_right:
            shares_copy = self.w.threads > 1 and not self.cut.own_right
            self.panels.copy_right(self._strips(shared=shares_copy), self.mask)
            if shares_rows and shares_copy:
                self.w.wait()
        low, high = self.w.share(self.height, self.tall) if shares_rows else (0, self.height)
        for block in self._blocks(low, high):
            if self.cut.copies_left:
                self.panels.copy_left(block.low, block.high, block.k, block.count)
            for strip in self._strips(shared=self.cut.by_columns):
                self._rows(strip, block)
        if self.cut.fringe:
            if self.cut.by_columns:
                low, high = self.w.share(self.height)
            Fringe(self.w, self.kernel, self.cut, self.panels).write(low, high)

    # --- loops ----------------------------------------------------------------------------------
    def _blocks(self, low: Index, high: Index) -> Iterator[Block]:
        f, inner = self.f, self.kernel.inner
        with f.loop(low, high, self.cut.rows) as turn:
            start = self._backwards(low, high, turn) if self.from_the_end else turn
            stop = f.smaller(f.plus(start, self.cut.rows), high)
            with f.loop(0, inner, self.cut.inner) as k:
                count = f.smaller(f.minus(inner, k), self.cut.inner)
                yield Block(start, stop, k, count)

    def _backwards(self, low: Index, high: Index, turn: Index) -> Index:
        """The row that a block begins with, if the last one comes first."""
        f, rows = self.f, self.cut.rows
        last = f.plus(low, multiple(f, f.plus(f.minus(high, low), -1), rows))
        return f.minus(f.plus(last, low), turn)

    def _strips(self, shared: bool) -> Iterator[Strip]:
        """Every strip, or where the threads share them, those of this thread."""
        for run in self.cut.runs:
            if run.count == 1:
                with self._when_mine(run) if shared else nullcontext():
                    yield self._strip(run, 0)
                continue
            low, high = self.w.share(run.count) if shared else (0, run.count)
            with self.f.loop(low, high) as number:
                yield self._strip(run, self._last_band_first(low, high, number))

    def _last_band_first(self, low: Index, high: Index, number: Index) -> Index:
        """The strip of this turn: the last one first, if the matrix is updated and in bands."""
        if not (self.from_the_end and self.kernel.writes_bands):
            return number
        return self.f.minus(self.f.plus(self.f.plus(low, high), -1), number)

    @contextmanager
    def _when_mine(self, run: Run) -> Iterator[None]:
        owner = (run.first * self.w.threads) // self.cut.vectors
        with self.f.when(self.f.name_for(f"icmp eq i64 %tid, {owner}")):
            yield

    def _strip(self, run: Run, number: Index) -> Strip:
        is_last = run is self.cut.runs[-1] and self.mask is None
        return Strip.of(self.f, run, number, self.lanes, self.width, is_last)

    def _rows(self, strip: Strip, block: Block) -> None:
        """All rows of a block: whole tiles, and a lower one at the end of the matrix."""
        f = self.f
        whole = f.plus(block.low, multiple(f, f.minus(block.high, block.low), self.tall))
        if whole != block.low:
            with f.loop(block.low, whole, self.tall) as row:
                self._tile(strip, row, self.tall, block)
        rest = self.height % self.tall
        if not rest or whole == block.high:
            return
        is_known = isinstance(whole, int) and isinstance(block.high, int)
        with (
            nullcontext() if is_known else f.when(f.name_for(f"icmp ne i64 {whole}, {block.high}"))
        ):
            self._tile(strip, whole, rest, block)

    # --- a tile ---------------------------------------------------------------------------------
    def _tile(self, strip: Strip, row: Index, tall: int, block: Block) -> None:
        f = self.f
        if self.kernel.inner >= LONG or self.kernel.writes_bands:
            self.epilogue.fetch_early(row, tall, strip.columns)
        zero = f.number(0, self.kind)
        sums = [[f.variable(zero) for _ in strip.columns] for _ in range(tall)]
        if block.k == 0:
            self._sum_up(sums, strip, row, block)
            self._finish(sums, strip, row)
            return
        with f.when(f.name_for(f"icmp sgt i64 {block.k}, 0")):
            for total, at in self._unfinished(sums, strip, row, block):
                total.set(f.load(self.panels.sums(), at, self.kind))
        self._sum_up(sums, strip, row, block)
        end = f.plus(block.k, block.count)
        with f.when(f.name_for(f"icmp slt i64 {end}, {self.kernel.inner}")):
            for total, at in self._unfinished(sums, strip, row, block):
                f.store(total.get(), self.panels.sums(), at)
        with f.when(f.name_for(f"icmp eq i64 {end}, {self.kernel.inner}")):
            self._finish(sums, strip, row)

    def _unfinished(
        self, sums: Sums, strip: Strip, row: Index, block: Block
    ) -> Iterator[tuple[Variable, Index]]:
        """Where the sums of a tile wait for the next part of the inner axis."""
        f, wide = self.f, self.cut.vectors * self.lanes
        start = f.plus(f.times(f.minus(row, block.low), wide), f.times(strip.first, self.lanes))
        for i, line in enumerate(sums):
            for j, total in enumerate(line):
                yield total, f.plus(start, i * wide + j * self.lanes)

    def _sum_up(self, sums: Sums, strip: Strip, row: Index, block: Block) -> None:
        left, right = self._left(row, len(sums), block), self._right(strip, block)
        with self.f.loop(0, block.count) as k:
            far, here = self.f.times(k, left.pitch), self.f.times(k, right.pitch)
            self._turn(
                sums,
                lambda i: self.f.spread(self._read(left, i, far, 1), self.lanes),
                lambda j: self._read(right, j, here, self.lanes),
            )

    def _turn(self, sums: Sums, left: Read, right: Read) -> None:
        """Add the products of one number a row and one vector a column; hold the fewer of them."""
        if len(sums) < len(sums[0]):
            sums, left, right = [list(column) for column in zip(*sums)], right, left
        held = [right(j) for j in range(len(sums[0]))]
        for i, line in enumerate(sums):
            x = left(i)
            for y, total in zip(held, line):
                total.set(on.fused(self.f, x, y, total.get()))

    def _finish(self, sums: Sums, strip: Strip, row: Index) -> None:
        """Run the lines that follow on the sums, and store what they give."""
        f, wide = self.f, len(strip.columns)
        if len(self.kernel.lines) <= SHORT or len(sums) == 1:
            for n, line in enumerate(sums):
                self.epilogue.write_row(f.plus(row, n), strip.columns, [v.get() for v in line])
            return
        slot = f.slot(str(Kind(self.kind.element)), len(sums) * wide * self.lanes)
        for number, total in enumerate(v for line in sums for v in line):
            f.store(total.get(), slot, number * self.lanes)
        with f.loop(0, len(sums)) as i:
            places = [f.times(f.plus(f.times(i, wide), j), self.lanes) for j in range(wide)]
            again = [f.load(slot, at, self.kind) for at in places]
            self.epilogue.write_row(f.plus(row, i), strip.columns, again)

    # --- the two matrices -----------------------------------------------------------------------
    def _left(self, row: Index, tall: int, block: Block) -> Factor:
        f, value = self.f, self.kernel.left
        start: Index
        known = self.w.number(value)
        if known is not None:
            return Factor(known, 0)
        if self.cut.copies_left:
            at, pitch, step = self.panels.left(), self.cut.rows, 1
            start = f.minus(row, block.low)
        elif self.kernel.left_turned:
            at, pitch, step = self.w.place(value), self.height, 1
            start = f.plus(f.times(block.k, self.height), row)
        else:
            at, pitch, step = self.w.place(value), 1, self.kernel.depth
            start = f.plus(f.times(row, step), f.plus(block.k, self.kernel.first))
        pointer = f.at(at, start, self.kind.element)
        return Factor(tuple((pointer, i * step) for i in range(tall)), pitch)

    def _right(self, strip: Strip, block: Block) -> Factor:
        f, value = self.f, self.kernel.right
        known = self.w.number(value)
        if known is not None:
            return Factor(known, 0)
        if self.cut.copies_right:
            pointer = self.panels.right(strip, block.k)
            places = tuple((pointer, j * self.lanes) for j in range(len(strip.columns)))
            return Factor(places, len(strip.columns) * self.lanes)
        row, at = f.plus(block.k, self.kernel.first), self.w.place(value)
        begins = [right_element(self.w, self.kernel, row, column) for column in strip.columns]
        pointers = [f.at(at, begin, self.kind.element) for begin in begins]
        return Factor(tuple((pointer, 0) for pointer in pointers), self.w.pitch(value, self.width))

    def _read(self, factor: Factor, number: int, turned: Index, lanes: int) -> Register:
        f, kind = self.f, Kind(self.kind.element, lanes)
        if isinstance(factor.places, Register):
            return f.spread(factor.places, lanes)
        pointer, start = factor.places[number]
        offset = f.plus(turned, start)
        if self.mask is not None and lanes > 1 and not self.cut.copies_right:
            return f.load_masked(pointer, offset, kind, self.mask)
        return f.load(pointer, offset, kind)
