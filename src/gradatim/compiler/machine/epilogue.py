"""The pointwise lines that follow a product, on the sums of a tile."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from gradatim.compiler.machine.kernel import Product, Spread, spread_of
from gradatim.compiler.machine.writer import Get, Writer
from gradatim.compiler.program import Line, Value
from gradatim.native import arithmetic as on
from gradatim.native.ir import Index, Kind, Register, element_of, stored
from gradatim.primitives import effect

Look = Callable[[list[tuple[Value, Register]]], None]


class Epilogue:
    """Writes the lines that follow a product.

    Parameters
    ----------
    writer : Writer
        Where instructions go.
    kernel : Product
        The product.
    lanes : int
        Elements of a vector.
    mask : Register, optional
        Which of them there are, if a row is shorter than a vector.
    look : callable, optional
        Is shown what is stored of a row.
    """

    def __init__(
        self,
        writer: Writer,
        kernel: Product,
        lanes: int,
        mask: Register | None,
        look: Look | None = None,
    ) -> None:
        self._w, self._f, self._kernel = writer, writer.f, kernel
        self._lanes, self._mask, self._look = lanes, mask, look
        made = {line.output for line in kernel.lines}
        read = dict.fromkeys(v for line in kernel.lines[1:] for v in line.inputs if v not in made)
        self.from_memory = [v for v in read if self._spread(v) == "full" and writer.in_memory(v)]
        """Operands that have an element for each of the result."""

    def _spread(self, value: Value) -> Spread | None:
        return spread_of(value.shape, self._kernel.space)

    def _at(self, value: Value, row: Index, column: Index) -> Index:
        """Where a value has an element of the space."""
        return self._w.element(value, row, column, self._kernel.columns)

    def write_row(self, row: Index, columns: tuple[Index, ...], sums: list[Register]) -> None:
        """Run the lines on a row of a tile, then store all of it.

        Parameters
        ----------
        row : int or str
            Of the result.
        columns : tuple of int or str
            Where each vector begins.
        sums : list of Register
            The product there.
        """
        stores = [
            (value, x, column)
            for column, total in zip(columns, sums)
            for value, x in self._results(row, column, total)
        ]
        if self._look is not None:
            self._look([(value, x) for value, x, _ in stores])
        for value, x, column in stores:
            self._w.store(value, x, self._at(value, row, column), self._mask)

    def changes_by_zero(self) -> str:
        """Write a test and return its i1: whether sums of 0 may change what is in memory."""
        f, lines = self._f, self._kernel.lines
        here = {lines[0].output: f.number(0, Kind(element_of(lines[0].output.dtype)))}
        changes = "true" if self._w.in_memory(lines[0].output) else "false"
        for line in lines[1:]:
            added = line.primitive in (effect.add_into, effect.subtract_from)
            given = line.inputs[1:] if added else line.inputs
            if any(v not in here and v.size > 1 for v in given):
                return "true"
            get = self._single(here)
            if added:
                x = on.convert(f, get(given[0]), element_of(line.output.dtype))
                differs = f.name_for(f"fcmp une {x}, {f.number(0, x.kind).name}")
                changes = f.name_for(f"or i1 {changes}, {differs}")
            elif self._w.in_memory(line.output):
                return "true"
            else:
                here[line.output] = self._w.result(line, get, 1)
        return changes

    def _single(self, here: dict[Value, Register]) -> Get:
        """A function that returns a number that is the same for all elements."""
        return lambda value: here[value] if value in here else self._w.load(value, 0, 1)

    def fetch_early(self, row: Index, tall: int, columns: tuple[Index, ...]) -> None:
        """Ask for what the lines will read, while the sums are made.

        Parameters
        ----------
        row, tall : int or str
            The first row of a tile, and how many it has.
        columns : tuple of int or str
            Where each vector begins.
        """
        f = self._f
        self._f.declarations.add("declare void @llvm.prefetch.p0(ptr, i32, i32, i32)")
        for value in self.from_memory:
            element = stored(element_of(value.dtype))
            for i in range(tall):
                offset = self._at(value, f.plus(row, i), columns[0])
                at = f.name_for(
                    f"getelementptr {element}, ptr {self._w.place(value)}, i64 {offset}"
                )
                f.do(f"call void @llvm.prefetch.p0(ptr {at}, i32 0, i32 3, i32 1)")

    def _results(
        self, row: Index, column: Index, total: Register
    ) -> Iterator[tuple[Value, Register]]:
        """All that goes to memory of one vector: of a state the latest version."""
        lines = self._kernel.lines
        here = {lines[0].output: total}

        def operand(value: Value) -> Register:
            for known in (value, self._w.schedule.same.get(value)):
                if known is not None and known in here:
                    return here[known]
            return self._outside(value, row, column)

        for line in lines[1:]:
            here[line.output] = self._w.result(line, operand, self._lanes)
        last: dict[Value, Line] = {}
        for line in lines:
            if self._w.in_memory(line.output):
                last[self._w.root(line.output)] = line
        for line in last.values():
            yield line.output, here[line.output]

    def _outside(self, value: Value, row: Index, column: Index) -> Register:
        spread = self._spread(value)
        if spread == "full":
            return self._w.load(value, self._at(value, row, column), self._lanes, self._mask)
        if spread == "row":
            return self._w.load(value, column, self._lanes, self._mask)
        one = self._w.load(value, row if spread == "column" else 0, 1)
        return self._f.spread(one, self._lanes)
