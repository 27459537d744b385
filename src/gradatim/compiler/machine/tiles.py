"""Matrix products in register tiles, with pointwise lines on each tile before it is stored.

A tile of ``rows`` times ``vectors`` accumulators stays in registers while the inner axis runs:
each turn reads ``vectors`` vectors of the right matrix and spreads ``rows`` numbers of the left
one. Where the number of columns is no multiple of a vector, the last vector of a row begins
earlier and overlaps its neighbour, so that no lane is masked; all of a row is computed before any
of it is stored.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gradatim.compiler.machine import arithmetic as on
from gradatim.compiler.machine.ir import Index, Kind, Register, Variable, element_of
from gradatim.compiler.machine.schedule import Product, spread_of
from gradatim.compiler.machine.writer import Writer
from gradatim.compiler.program import Line, Value

REGISTERS = {4: 16, 8: 16, 16: 32}
"""Vector registers of a processor with so many float32 lanes: SSE, AVX2, AVX-512."""

PACK_BYTES = 1024
"""A row longer than this is not walked down in place: its columns share few cache lines and fight
for the same sets of the cache; a panel of them is copied first."""


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


@dataclass(frozen=True)
class Strip:
    """Some columns of the result that are computed together: where each vector begins."""

    starts: tuple[int, ...]


class _Tiles:
    def __init__(self, writer: Writer, kernel: Product) -> None:
        self.w, self.f, self.kernel = writer, writer.f, kernel
        self.element = element_of(kernel.lines[0].output.dtype)
        self.lanes = self.f.lanes[self.element]
        self.height, self.width = kernel.space
        self.inner = kernel.inner
        self.masked = self.width < self.lanes
        registers = REGISTERS[self.f.lanes["float"]]
        self.strips = _strips(self.width, self.lanes, registers)
        self._registers = registers

    def write(self) -> None:
        by_rows = self.height >= self.w.threads * 2 * self._tall(self.strips[0])
        if self.w.threads > 1 and not by_rows and len(self.strips) >= self.w.threads:
            self._by_strips()
            return
        low, high = self.w.share(self.height) if by_rows else self._all_by_first()
        for strip in self.strips:
            self._strip(strip, low, high)

    def _all_by_first(self) -> tuple[Index, Index]:
        """All rows for the first thread, none for the others."""
        if self.w.threads == 1:
            return 0, self.height
        mine = self.f.name_for("icmp eq i64 %tid, 0")
        return 0, self.f.name_for(f"select i1 {mine}, i64 {self.height}, i64 0")

    def _by_strips(self) -> None:
        """Strips shared out among the threads."""
        count = len(self.strips)
        for thread in range(self.w.threads):
            mine = self.strips[
                count * thread // self.w.threads : count * (thread + 1) // self.w.threads
            ]
            with self.f.when(self.f.name_for(f"icmp eq i64 %tid, {thread}")):
                for strip in mine:
                    self._strip(strip, 0, self.height)

    def _tall(self, strip: Strip) -> int:
        """Rows of a tile that its registers have room for."""
        vectors = len(strip.starts)
        return max(1, min((self._registers - vectors - 1) // vectors, 14))

    def _strip(self, strip: Strip, low: Index, high: Index) -> None:
        tall = self._tall(strip)
        if isinstance(low, int) and isinstance(high, int):
            whole: Index = low + (high - low) // tall * tall
            if whole != low:
                with self.f.loop(low, whole, tall) as row:
                    self._tile(strip, row, tall)
            if whole != high:
                assert isinstance(whole, int)
                self._tile(strip, whole, high - whole)
            return
        count = self.f.minus(high, low)
        tiles = self.f.name_for(f"udiv i64 {count}, {tall}")
        whole = self.f.plus(low, self.f.times(tiles, tall))
        with self.f.loop(low, whole, tall) as row:
            self._tile(strip, row, tall)
        with self.f.loop(whole, high) as row:
            self._tile(strip, row, 1)

    def _tile(self, strip: Strip, row: Index, tall: int) -> None:
        kind = Kind(self.element, self.lanes)
        zero = self.f.number(0, kind)
        sums = [[self.f.variable(zero) for _ in strip.starts] for _ in range(tall)]
        with self.f.loop(0, self.inner) as k:
            self._turn(sums, strip, row, k)
        for i in range(tall):
            self._finish(strip, self.f.plus(row, i), [v.get() for v in sums[i]])

    def _turn(self, sums: list[list[Variable]], strip: Strip, row: Index, k: Index) -> None:
        right = [self._right(k, start) for start in strip.starts]
        for i, line in enumerate(sums):
            x = self.f.spread(self._left(self.f.plus(row, i), k), self.lanes)
            for j, total in enumerate(line):
                total.set(on.fused(self.f, x, right[j], total.get()))

    def _left(self, row: Index, k: Index) -> Register:
        kernel = self.kernel
        f = self.f
        if kernel.left_turned:
            offset = f.plus(f.times(k, self.height), row)
        else:
            offset = f.plus(f.times(row, self.inner), k)
        return self.w.load(kernel.left, offset, 1)

    def _right(self, k: Index, start: int) -> Register:
        f = self.f
        if self.kernel.right_turned:
            return self._gathered(k, start)
        offset = f.plus(f.times(k, self.width), start)
        return self.w.load(self.kernel.right, offset, self.lanes, self._mask())

    def _gathered(self, k: Index, start: int) -> Register:
        """A vector down a column of a matrix that is to be read transposed."""
        f = self.f
        x = Register("zeroinitializer", Kind(self.element, self.lanes))
        for lane in range(min(self.lanes, self.width)):
            offset = f.plus(k, (start + lane) * self.inner)
            one = self.w.load(self.kernel.right, offset, 1)
            x = f.op(f"insertelement {x}, {one}, i32 {lane}", x.kind)
        return x

    def _mask(self) -> Register | None:
        return self.f.first_lanes(self.width, self.lanes) if self.masked else None

    # --- what follows the product ---------------------------------------------------------------
    def _finish(self, strip: Strip, row: Index, sums: list[Register]) -> None:
        """Run the pointwise lines on a row of a tile, then store all of it."""
        stores = []
        for start, total in zip(strip.starts, sums):
            body = _Body(self, row, start, total)
            stores += [(value, x, start) for value, x in body.run()]
        base = self.f.times(row, self.width)
        for value, x, start in stores:
            self.w.store(value, x, self.f.plus(base, start), self._mask())


class _Body:
    """The pointwise lines on one vector."""

    def __init__(self, tiles: _Tiles, row: Index, start: int, total: Register) -> None:
        self.tiles, self.w = tiles, tiles.w
        self.row, self.start = row, start
        self._here: dict[Value, Register] = {tiles.kernel.lines[0].output: total}

    def run(self) -> Iterator[tuple[Value, Register]]:
        lines = self.tiles.kernel.lines
        for line in lines[1:]:
            self._here[line.output] = self.w.result(line, self._operand, self.tiles.lanes)
        last: dict[Value, Line] = {}
        for line in lines:
            if self.w.in_memory(line.output):
                last[self.w.root(line.output)] = line  # the latest version of a state
        for line in last.values():
            yield line.output, self._here[line.output]

    def _operand(self, value: Value) -> Register:
        for known in (value, self.tiles.w.schedule.same.get(value)):
            if known is not None and known in self._here:
                return self._here[known]
        f, tiles = self.tiles.f, self.tiles
        spread = spread_of(value.shape, tiles.kernel.space)
        if spread == "full":
            offset = f.plus(f.times(self.row, tiles.width), self.start)
            return self.w.load(value, offset, tiles.lanes, tiles._mask())
        if spread == "row":
            return self.w.load(value, self.start, tiles.lanes, tiles._mask())
        return f.spread(self.w.load(value, self.row if spread == "column" else 0, 1), tiles.lanes)


def _strips(width: int, lanes: int, registers: int) -> list[Strip]:
    """Columns in strips of a few vectors each, as many as keep the registers busy."""
    starts = [start for start in range(0, width - lanes + 1, lanes)]
    if width % lanes:
        starts.append(max(0, width - lanes))
    best = 3 if registers == 32 else 2
    sizes = _sizes(len(starts), best)
    strips, at = [], 0
    for size in sizes:
        strips.append(Strip(tuple(starts[at : at + size])))
        at += size
    return strips


def _sizes(count: int, best: int) -> list[int]:
    """Cut a number of vectors in parts of ``best``; the last ones take one more, not one alone."""
    if count <= best + 1:
        return [count]
    parts, rest = divmod(count, best)
    sizes = [best] * parts
    for i in range(rest):
        sizes[-1 - i % parts] += 1
    return sizes
