"""Sums over all rows, one for each column, and pointwise lines on them."""

from __future__ import annotations

from gradatim.compiler.machine.kernel import Columns, spread_of
from gradatim.compiler.machine.writer import Writer
from gradatim.compiler.program import Value
from gradatim.native import arithmetic as on
from gradatim.native.ir import Index, Kind, Register, element_of


def write_columns(writer: Writer, kernel: Columns) -> None:
    """Write the code of a kernel.

    Parameters
    ----------
    writer : Writer
        Where it goes.
    kernel : Columns
        What it does.
    """
    f = writer.f
    lanes = writer.lanes(kernel)
    columns = kernel.columns
    whole = columns - columns % lanes
    body = _Body(writer, kernel, lanes)
    low, high = writer.share(columns, lanes)
    if whole:
        with f.loop(low, f.smaller(high, whole), lanes) as column:
            body.write(column, None)
    if columns > whole:
        mask = f.first_lanes(columns - whole, lanes)
        if isinstance(high, int):
            body.write(whole, mask)
        else:
            with f.when(f.name_for(f"icmp eq i64 {high}, {columns}")):
                body.write(whole, mask)


class _Body:
    """One vector of columns."""

    def __init__(self, writer: Writer, kernel: Columns, lanes: int) -> None:
        self.w, self.kernel, self.lanes = writer, kernel, lanes
        self._here: dict[Value, Register] = {}

    def write(self, column: Index, mask: Register | None) -> None:
        f, first = self.w.f, self.kernel.lines[0]
        self._at, self._mask = column, mask
        kind = Kind(element_of(first.output.dtype), self.lanes)
        total = f.variable(f.number(0, kind))
        with f.loop(0, self.kernel.rows) as row:
            offset = f.plus(f.times(row, self.kernel.columns), column)
            x = self.w.load(first.inputs[0], offset, self.lanes, mask)
            total.set(on.add(f, total.get(), on.convert(f, f.spread(x, self.lanes), kind.element)))
        self._here = {}
        self._keep(first.output, total.get())
        for line in self.kernel.lines[1:]:
            self._keep(line.output, self.w.result(line, self._operand, self.lanes))

    def _keep(self, value: Value, x: Register) -> None:
        self._here[value] = x
        if self.w.in_memory(value):
            self.w.store(value, x, self._at, self._mask)

    def _operand(self, value: Value) -> Register:
        for known in (value, self.w.root(value)):
            if known in self._here:
                return self._here[known]
        if spread_of(value.shape, self.kernel.space[-1:]) == "full":
            return self.w.load(value, self._at, self.lanes, self._mask)
        return self.w.f.spread(self.w.load(value, 0, 1), self.lanes)
