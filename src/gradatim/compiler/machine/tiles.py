"""Matrix products in register tiles, with pointwise lines on each tile before it is stored.

A tile of ``rows`` times ``vectors`` accumulators stays in registers while the inner axis runs:
each turn reads ``vectors`` vectors of the right matrix and spreads ``rows`` numbers of the left
one. Where the number of columns is no multiple of a vector, the last vector of a row begins
earlier and overlaps its neighbour, so that no lane is masked; all of a row is computed before any
of it is stored.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass

from gradatim.compiler.machine import arithmetic as on
from gradatim.compiler.machine.ir import Function, Index, Kind, Register, Variable, element_of
from gradatim.compiler.machine.schedule import Product, spread_of
from gradatim.compiler.machine.writer import Writer
from gradatim.compiler.program import Line, Value

REGISTERS = {4: 16, 8: 16, 16: 32}
"""Vector registers of a processor with so many float32 lanes: SSE, AVX2, AVX-512."""

WALKED_BYTES = 1024
"""A row longer than this is not walked down in place: its columns share few cache lines and fight
for the same sets of the cache; they are copied side by side first."""

BLOCK_BYTES = 1 << 18
"""As much of the left matrix is used on all columns before the next rows come: half of the second
level cache of common processors."""

Sums = list[list[Variable]]


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
    """Columns of the result that are computed together.

    Parameters
    ----------
    start : int or str
        The first column.
    offsets : tuple of int
        Where each vector begins, counted from there.
    panel : int or str
        The first vector in the copy of the right matrix.
    """

    start: Index
    offsets: tuple[int, ...]
    panel: Index


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
    shape = _Shape.of(kernel, lanes)
    right = shape.vectors * shape.lanes * kernel.inner if shape.copies_right else 0
    left = shape.block * kernel.inner * threads if shape.copies_left else 0
    return right + left


@dataclass(frozen=True)
class _Shape:
    """How a product is cut up."""

    lanes: int
    vectors: int
    registers: int
    runs: tuple[Run, ...]
    tall: int
    block: int
    copies_right: bool
    copies_left: bool

    @classmethod
    def of(cls, kernel: Product, lanes: dict[str, int]) -> _Shape:
        dtype = kernel.lines[0].output.dtype
        wide = lanes[element_of(dtype)]
        height, width = kernel.space
        vectors = -(-width // wide)
        registers = REGISTERS[lanes["float"]]
        runs = _runs(vectors, 3 if registers == 32 else 2, regular=width % wide == 0)
        tall = _tall(registers, runs[0].vectors)
        fits = max(1, BLOCK_BYTES // (kernel.inner * dtype.itemsize * tall)) * tall
        return cls(
            wide,
            vectors,
            registers,
            runs,
            tall,
            min(fits, -(-height // tall) * tall),
            kernel.right_turned or (width * dtype.itemsize > WALKED_BYTES and height > 2 * tall),
            kernel.left_turned and height * dtype.itemsize > 2 * WALKED_BYTES and vectors > 4,
        )


def _tall(registers: int, vectors: int) -> int:
    """Rows of a tile that the registers have room for beside the vectors it reads."""
    return max(1, min((registers - vectors - 1) // vectors, 14))


def _runs(vectors: int, best: int, regular: bool) -> tuple[Run, ...]:
    """Cut vectors in strips of ``best``; no vector is left alone if there are two."""
    if vectors <= best + 1:
        return (Run(0, 1, vectors),)
    strips, rest = divmod(vectors, best)
    wider = min(rest, strips)
    if not regular and not wider:
        wider = 1  # the last strip is written apart: its last vector overlaps
        return (Run(0, strips - 1, best), Run((strips - 1) * best, 1, best))
    even = strips - wider
    runs = [Run(0, even, best)] if even else []
    at = even * best
    for i in range(wider):
        size = best + (rest - i + wider - 1) // wider
        runs.append(Run(at, 1, size))
        at += size
    return tuple(runs)


class _Tiles:
    def __init__(self, writer: Writer, kernel: Product) -> None:
        self.w, self.f, self.kernel = writer, writer.f, kernel
        self.element = element_of(kernel.lines[0].output.dtype)
        self.cut = _Shape.of(kernel, self.f.lanes)
        self.lanes = self.cut.lanes
        self.height, self.width = kernel.space
        self.inner = kernel.inner
        self.kind = Kind(self.element, self.lanes)
        self.mask = self.f.first_lanes(self.width, self.lanes) if self.width < self.lanes else None
        self._left_panel: str | None = None
        self._left_origin: Index = 0

    def write(self) -> None:
        threads = self.w.threads
        by_rows = threads == 1 or self.height >= 2 * threads * self.cut.tall
        if self.cut.copies_right:
            self._copy_right(everything=not by_rows)
        if by_rows:
            self._blocks(*self.w.share(self.height, self.cut.tall), shared=False)
        else:
            self._blocks(0, self.height, shared=True)

    # --- loops ----------------------------------------------------------------------------------
    def _blocks(self, low: Index, high: Index, shared: bool) -> None:
        if isinstance(low, int) and isinstance(high, int) and high - low <= self.cut.block:
            self._block(low, high, shared)
            return
        with self.f.loop(low, high, self.cut.block) as start:
            self._block(start, self.f.smaller(self.f.plus(start, self.cut.block), high), shared)

    def _block(self, low: Index, high: Index, shared: bool) -> None:
        if self.cut.copies_left:
            self._copy_left(low, high)
        for strip in self._strips(shared):
            self._rows(strip, low, high)

    def _strips(self, shared: bool) -> Iterator[Strip]:
        """Every strip, or where the threads share them, those of this thread."""
        f = self.f
        for run in self.cut.runs:
            if run.count == 1:
                mine = "" if not shared else self._is_mine(run)
                with f.when(mine) if mine else nullcontext():
                    yield self._strip(run, 0)
                continue
            low, high = self.w.share(run.count) if shared else (0, run.count)
            with f.loop(low, high) as number:
                yield self._strip(run, number)

    def _is_mine(self, run: Run) -> str:
        owner = (run.first * self.w.threads) // self.cut.vectors
        return self.f.name_for(f"icmp eq i64 %tid, {owner}")

    def _strip(self, run: Run, number: Index) -> Strip:
        f = self.f
        first = f.plus(run.first, f.times(number, run.vectors))
        starts = [i * self.lanes for i in range(run.vectors)]
        if isinstance(first, int):
            last = max(0, self.width - self.lanes) - first * self.lanes
            starts = [min(start, last) for start in starts]
        return Strip(f.times(first, self.lanes), tuple(starts), first)

    def _rows(self, strip: Strip, low: Index, high: Index) -> None:
        """All rows of a strip, in tiles as tall as the registers allow."""
        tall = _tall(self.cut.registers, len(strip.offsets))
        if isinstance(low, int) and isinstance(high, int):
            whole: Index = low + (high - low) // tall * tall
            if whole != low:
                with self.f.loop(low, whole, tall) as row:
                    self._tile(strip, row, tall)
            if whole != high:
                assert isinstance(whole, int)
                self._tile(strip, whole, high - whole)
            return
        for size in dict.fromkeys((tall, max(1, tall // 2), 1)):
            tiles = self.f.name_for(f"sdiv i64 {self.f.minus(high, low)}, {size}")
            whole = self.f.plus(low, self.f.times(tiles, size))
            with self.f.loop(low, whole, size) as row:
                self._tile(strip, row, size)
            low = whole

    def _tile(self, strip: Strip, row: Index, tall: int) -> None:
        zero = self.f.number(0, self.kind)
        sums = [[self.f.variable(zero) for _ in strip.offsets] for _ in range(tall)]
        with self.f.loop(0, self.inner) as k:
            right = [self._right(k, strip, j) for j in range(len(strip.offsets))]
            for i, line in enumerate(sums):
                x = self.f.spread(self._left(self.f.plus(row, i), k), self.lanes)
                for j, total in enumerate(line):
                    total.set(on.fused(self.f, x, right[j], total.get()))
        for i in range(tall):
            self._finish(strip, self.f.plus(row, i), [v.get() for v in sums[i]])

    # --- the two matrices -----------------------------------------------------------------------
    def _left(self, row: Index, k: Index) -> Register:
        f, one = self.f, Kind(self.element)
        if self._left_panel is not None:
            offset = f.plus(f.times(k, self.cut.block), f.minus(row, self._left_origin))
            return f.load(self._left_panel, offset, one)
        if self.kernel.left_turned:
            offset = f.plus(f.times(k, self.height), row)
        else:
            offset = f.plus(f.times(row, self.inner), k)
        return self.w.load(self.kernel.left, offset, 1)

    def _right(self, k: Index, strip: Strip, j: int) -> Register:
        f = self.f
        if self.cut.copies_right:
            step = f.plus(f.times(k, len(strip.offsets)), j)
            return f.load(self._panel_of(strip), f.times(step, self.lanes), self.kind)
        offset = f.plus(f.plus(f.times(k, self.width), strip.start), strip.offsets[j])
        return self.w.load(self.kernel.right, offset, self.lanes, self.mask)

    def _panel_of(self, strip: Strip) -> str:
        before = self.f.times(strip.panel, self.lanes * self.inner)
        return self.f.at(self.w.panels[self.kernel], before, self.element)

    def _copy_right(self, everything: bool) -> None:
        """Copy the right matrix strip by strip, so that each is read from end to end."""
        f = self.f
        for strip in self._strips(shared=self.w.threads > 1):
            panel, count = self._panel_of(strip), len(strip.offsets)
            for j, offset in enumerate(strip.offsets):
                start = f.plus(strip.start, offset)
                if self.kernel.right_turned:
                    self._copy_turned(panel, start, j, count)
                    continue
                with f.loop(0, self.inner) as k:
                    at = f.plus(f.times(k, self.width), start)
                    x = self.w.load(self.kernel.right, at, self.lanes, self.mask)
                    f.store(x, panel, f.times(f.plus(f.times(k, count), j), self.lanes))
        if self.w.threads > 1 and not everything:
            self.w.wait()

    def _copy_turned(self, panel: str, start: Index, j: int, count: int) -> None:
        """Copy columns of a matrix that lies transposed: vectors are read along its rows."""
        f = self.f
        whole = self.inner - self.inner % self.lanes
        lines = [f.times(f.plus(start, i), self.inner) for i in range(min(self.lanes, self.width))]
        if whole:
            with f.loop(0, whole, self.lanes) as k:
                got = [self.w.load(self.kernel.right, f.plus(at, k), self.lanes) for at in lines]
                got += [f.number(0, self.kind)] * (self.lanes - len(got))
                for i, x in enumerate(transposed(f, got)):
                    step = f.plus(f.times(f.plus(k, i), count), j)
                    f.store(x, panel, f.times(step, self.lanes))
        for k in range(whole, self.inner):
            x = Register("zeroinitializer", self.kind)
            for lane, at in enumerate(lines):
                one = self.w.load(self.kernel.right, f.plus(at, k), 1)
                x = f.op(f"insertelement {x}, {one}, i32 {lane}", self.kind)
            f.store(x, panel, (k * count + j) * self.lanes)

    def _copy_left(self, low: Index, high: Index) -> None:
        """Copy a block of a left matrix that lies transposed, for this thread alone."""
        f = self.f
        right = self.cut.vectors * self.lanes * self.inner if self.cut.copies_right else 0
        mine = f.times("%tid" if self.w.threads > 1 else 0, self.cut.block * self.inner)
        panel = f.at(self.w.panels[self.kernel], f.plus(right, mine), self.element)
        count = f.minus(high, low)
        with f.loop(0, self.inner) as k:
            source = f.plus(f.times(k, self.height), low)
            target = f.times(k, self.cut.block)
            whole = count
            if not isinstance(count, int):
                whole = f.times(f.name_for(f"udiv i64 {count}, {self.lanes}"), self.lanes)
            else:
                whole = count - count % self.lanes
            with f.loop(0, whole, self.lanes) as i:
                x = self.w.load(self.kernel.left, f.plus(source, i), self.lanes)
                f.store(x, panel, f.plus(target, i))
            with f.loop(whole, count) as i:
                x = self.w.load(self.kernel.left, f.plus(source, i), 1)
                f.store(x, panel, f.plus(target, i))
        self._left_panel, self._left_origin = panel, low

    # --- what follows the product ---------------------------------------------------------------
    def _finish(self, strip: Strip, row: Index, sums: list[Register]) -> None:
        """Run the pointwise lines on a row of a tile, then store all of it."""
        stores = []
        for offset, total in zip(strip.offsets, sums):
            start = self.f.plus(strip.start, offset)
            body = _Body(self, row, start, total)
            stores += [(value, x, start) for value, x in body.run()]
        base = self.f.times(row, self.width)
        for value, x, start in stores:
            self.w.store(value, x, self.f.plus(base, start), self.mask)


class _Body:
    """The pointwise lines on one vector."""

    def __init__(self, tiles: _Tiles, row: Index, start: Index, total: Register) -> None:
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
        for known in (value, self.w.schedule.same.get(value)):
            if known is not None and known in self._here:
                return self._here[known]
        f, tiles = self.tiles.f, self.tiles
        spread = spread_of(value.shape, tiles.kernel.space)
        if spread == "full":
            offset = f.plus(f.times(self.row, tiles.width), self.start)
            return self.w.load(value, offset, tiles.lanes, tiles.mask)
        if spread == "row":
            return self.w.load(value, self.start, tiles.lanes, tiles.mask)
        return f.spread(self.w.load(value, self.row if spread == "column" else 0, 1), tiles.lanes)


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
