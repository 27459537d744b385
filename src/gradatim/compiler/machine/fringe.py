"""The last columns of a product, where they fill only a small part of a vector.

Instead of a vector of mostly nothing for every row, vectors run the other way: along the inner
axis, whose lanes are added up at the end, or where the left matrix lies transposed, down the rows.
"""

from __future__ import annotations

from gradatim.compiler.machine.blocking import REGISTERS, Blocking
from gradatim.compiler.machine.epilogue import Epilogue
from gradatim.compiler.machine.kernel import Product
from gradatim.compiler.machine.panels import Panels, multiple, right_element
from gradatim.compiler.machine.writer import Writer
from gradatim.native import arithmetic as on
from gradatim.native.ir import Index, Kind, Register, Variable, element_of


class Fringe:
    """Writes the last columns of a product.

    Parameters
    ----------
    writer : Writer
        Where instructions go.
    kernel : Product
        The product.
    cut : Blocking
        How it is cut.
    panels : Panels
        Its copies.
    """

    def __init__(self, writer: Writer, kernel: Product, cut: Blocking, panels: Panels) -> None:
        self.w, self.f, self.kernel, self.cut = writer, writer.f, kernel, cut
        self.panels = panels
        self.count, self.first = cut.fringe, kernel.columns - cut.fringe
        self.kind = Kind(element_of(kernel.lines[0].output.dtype), cut.lanes)
        together = self.count if self.count & (self.count - 1) == 0 else 1
        self.epilogue = Epilogue(writer, kernel, together, None)
        self.together = together
        self.registers = REGISTERS[self.f.lanes["float"]] - 1 - self.count

    def write(self, low: Index, high: Index) -> None:
        """Write the code for some rows."""
        if self.kernel.left_turned:
            self._down_the_rows(low, high)
        else:
            self._along_the_inner_axis(low, high)

    def _finish(self, row: Index, sums: list[Register]) -> None:
        """Run the lines that follow on one row."""
        if self.together > 1:
            sums = [self.f.joined(sums)]
        columns = range(self.first, self.kernel.columns, self.together)
        self.epilogue.write_row(row, tuple(columns), sums)

    # --- vectors along the inner axis -------------------------------------------------------------
    def _along_the_inner_axis(self, low: Index, high: Index) -> None:
        f, tall = self.f, max(1, min(self.registers // self.count, self.kernel.rows))
        self.panels.copy_fringe()
        whole = f.plus(low, multiple(f, f.minus(high, low), tall))
        with f.loop(low, whole, tall) as row:
            self._rows(row, tall)
        if whole != high:
            with f.loop(whole, high) as row:
                self._rows(row, 1)

    def _rows(self, row: Index, tall: int) -> None:
        f, lanes, inner = self.f, self.kind.lanes, self.kernel.inner
        zero = f.number(0, self.kind)
        sums = [[f.variable(zero) for _ in range(self.count)] for _ in range(tall)]
        whole = inner - inner % lanes
        if whole:
            with f.loop(0, whole, lanes) as k:
                self._dot(sums, row, k, None)
        if whole < inner:
            self._dot(sums, row, whole, f.first_lanes(inner - whole, lanes))
        for i, line in enumerate(sums):
            self._finish(f.plus(row, i), [f.across("add", total.get()) for total in line])

    def _dot(self, sums: list[list[Variable]], row: Index, k: Index, mask: Register | None) -> None:
        f, kernel, lanes = self.f, self.kernel, self.kind.lanes
        place, inner = self.panels.fringe(), kernel.inner
        columns = [f.plus(k, j * inner) for j in range(self.count)]
        if mask is None:
            held = [f.load(place, at, self.kind) for at in columns]
        else:
            held = [f.load_masked(place, at, self.kind, mask) for at in columns]
        inside = f.plus(kernel.first, k)
        for i, line in enumerate(sums):
            at = f.plus(f.times(f.plus(row, i), kernel.depth), inside)
            x = self.w.load(kernel.left, at, lanes, mask)
            for y, total in zip(held, line):
                total.set(on.fused(f, x, y, total.get()))

    # --- vectors down the rows --------------------------------------------------------------------
    def _down_the_rows(self, low: Index, high: Index) -> None:
        f, lanes, rows = self.f, self.kind.lanes, self.kernel.rows
        count = max(1, min(self.registers // (self.count + 1), rows // lanes))
        slot = f.slot(self.kind.element, self.count * count * lanes)
        with f.loop(low, high, count * lanes) as row:
            start = f.smaller(row, rows - count * lanes)
            self._sum_up(start, count, slot)
            with f.loop(row, f.smaller(f.plus(row, count * lanes), high)) as i:
                at, one = f.minus(i, start), Kind(self.kind.element)
                sums = [f.plus(at, j * count * lanes) for j in range(self.count)]
                self._finish(i, [f.load(slot, where, one) for where in sums])

    def _sum_up(self, start: Index, count: int, slot: str) -> None:
        f, kernel, lanes = self.f, self.kernel, self.kind.lanes
        zero = f.number(0, self.kind)
        sums = [[f.variable(zero) for _ in range(count)] for _ in range(self.count)]
        with f.loop(0, kernel.inner) as turn:
            k = f.plus(turn, kernel.first)
            at = f.plus(f.times(k, kernel.rows), start)
            held = [self.w.load(kernel.left, f.plus(at, i * lanes), lanes) for i in range(count)]
            for j, line in enumerate(sums):
                place = right_element(self.w, kernel, k, self.first + j)
                y = f.spread(self.w.load(kernel.right, place, 1), lanes)
                for x, total in zip(held, line):
                    total.set(on.fused(f, x, y, total.get()))
        for number, total in enumerate(total for line in sums for total in line):
            f.store(total.get(), slot, number * lanes)
