"""A loop over rows: pointwise lines and reductions along each row."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from gradatim.compiler.machine.kernel import Rows, Spread, spread_of
from gradatim.compiler.machine.schedule import REDUCTIONS
from gradatim.compiler.machine.writer import SMALL, Writer
from gradatim.compiler.program import Line, Value
from gradatim.native import arithmetic as on
from gradatim.native.ir import Index, Kind, Register, Variable, element_of
from gradatim.primitives import index

_NEUTRAL = {"add": 0.0, "mul": 1.0, "max": float("-inf"), "min": float("inf"), "and": 1, "or": 0}
_LEAST, _MOST = -(1 << 63), (1 << 63) - 1


def write_rows(writer: Writer, kernel: Rows) -> None:
    """Write the code of a kernel.

    Parameters
    ----------
    writer : Writer
        Where it goes.
    kernel : Rows
        What it does.
    """
    _Rows(writer, kernel).write()


class _Rows:
    def __init__(self, writer: Writer, kernel: Rows) -> None:
        self.w, self.f, self.kernel = writer, writer.f, kernel
        self.flat = self._is_flat()
        self.rows = 1 if self.flat else kernel.rows
        self.columns = kernel.rows * kernel.columns if self.flat else kernel.columns
        self.lanes = writer.lanes(kernel) if self.columns > 1 else 1
        self.last_phase = max(kernel.phases.values(), default=0)
        self.made = {writer.root(line.output): line for line in kernel.lines}
        self._wanted = self._last_phases()
        self._slots: dict[Value, str] = {}
        self._column: dict[Value, Register] = {}
        self._here: dict[Value, Register] = {}
        self._row: Index = 0

    def _last_phases(self) -> dict[Value, int]:
        """The last phase in which each value is read."""
        last = dict.fromkeys(self.made, -1)
        for line in self.kernel.lines:
            for root in map(self.w.root, line.inputs):
                if root in last:
                    last[root] = max(last[root], self.kernel.phases[line.output])
        return last

    def _is_flat(self) -> bool:
        """Whether rows do not matter: all elements are treated alike."""
        if any(spread != "full" for spread in self.kernel.spreads.values()):
            return False
        if any(line.primitive is index.one_hot for line in self.kernel.lines):
            return False
        return all(
            spread_of(v.shape, self.kernel.space) in ("full", "one")
            for line in self.kernel.lines
            for v in line.inputs
        )

    def write(self) -> None:
        work = self.rows * self.columns * len(self.kernel.lines)
        parallel = work >= SMALL and self.w.threads > 1
        with self._alone(not parallel and self.w.threads > 1):
            low, high = self.w.share(self.rows) if parallel and not self.flat else (0, self.rows)
            with self.f.loop(low, high) as row:
                self._row = row
                self._column = {}
                for phase in range(self.last_phase + 1):
                    self._phase(phase, parallel and self.flat)

    @contextmanager
    def _alone(self, alone: bool) -> Iterator[None]:
        first = self.f.name_for("icmp eq i64 %tid, 0") if alone else ""
        with self.f.when(first) if alone else nullcontext():
            yield

    def _phase(self, phase: int, shared: bool) -> None:
        lines = [line for line in self.kernel.lines if self.kernel.phases[line.output] == phase]
        full = [line for line in lines if self._loops(line)]
        sums = {
            self.w.root(line.output): self.f.variable(self._neutral(line))
            for line in full
            if self._reduces(line)
        }
        if full:
            low, high = self.w.share(self.columns, self.lanes) if shared else (0, self.columns)
            self._turns(full, sums, low, high)
        for line in full:
            if self._reduces(line):
                self._finish(line, sums[self.w.root(line.output)])
        for line in lines:
            if not self._loops(line):
                self._once(line)

    def _loops(self, line: Line) -> bool:
        return self._reduces(line) or self.kernel.spreads[line.output] == "full"

    def _reduces(self, line: Line) -> bool:
        return line.primitive in REDUCTIONS or line.primitive is index.take_along_axis

    def _turns(
        self, lines: list[Line], sums: dict[Value, Variable], low: Index, high: Index
    ) -> None:
        """The loop over columns, in whole vectors and a rest."""
        whole = self.columns - self.columns % self.lanes
        if whole:
            with self.f.loop(low, self.f.smaller(high, whole), self.lanes) as column:
                self._turn(lines, sums, column, None)
        rest = self.columns - whole
        if rest:
            mask = self.f.first_lanes(rest, self.lanes)
            if isinstance(high, int):
                self._turn(lines, sums, whole, mask)
            else:
                last = self.f.name_for(f"icmp eq i64 {high}, {self.columns}")
                with self.f.when(last):
                    self._turn(lines, sums, whole, mask)

    def _turn(
        self,
        lines: list[Line],
        sums: dict[Value, Variable],
        column: Index,
        mask: Register | None,
    ) -> None:
        self._here = {}
        self._at, self._mask = column, mask
        for line in lines:
            if self._reduces(line):
                self._accumulate(line, sums[self.w.root(line.output)])
                continue
            if line.primitive is index.one_hot:
                y = self._one_hot(line)
            else:
                y = self.w.result(line, self._full, self.lanes)
            root = self.w.root(line.output)
            self._here[root] = y
            if self.w.in_memory(line.output):
                self.w.store(line.output, y, self._offset(), mask)
            elif self._waits(root):
                self.f.store(y, self._slot(line.output), column)

    def _offset(self) -> Index:
        return self.f.plus(self.f.times(self._row, self.columns), self._at)

    def _waits(self, root: Value) -> bool:
        """Whether a later phase wants a value of this one."""
        return self._wanted[root] > self.kernel.phases[self.made[root].output]

    def _slot(self, value: Value) -> str:
        root = self.w.root(value)
        if root not in self._slots:
            kind = Kind(element_of(value.dtype))
            memory = "i8" if kind.element == "i1" else kind
            self._slots[root] = self.f.slot(memory, self.columns + self.lanes)
        return self._slots[root]

    # --- operands -------------------------------------------------------------------------------
    def _full(self, value: Value) -> Register:
        """An operand for the elements of this turn."""
        root = self.w.root(value)
        if root in self._here:
            return self._here[root]
        line = self.made.get(root)
        reads_old = line is not None and line.writes and value is not line.output
        if line is not None and not reads_old:
            if self.kernel.spreads[line.output] == "column":
                return self.f.spread(self._column[root], self.lanes)
            kind = Kind(element_of(value.dtype), self.lanes)
            if self.w.in_memory(value):
                return self.w.load(value, self._offset(), self.lanes, self._mask)
            return self.f.load(self._slot(value), self._at, kind)
        whole = self.rows == 1 and value.size == self.columns
        spread = "full" if whole else self._spread(value)
        return self._outside(value, spread)

    def _spread(self, value: Value) -> Spread:
        return spread_of(value.shape, self.kernel.space) or "column"

    def _outside(self, value: Value, spread: Spread) -> Register:
        if spread == "full":
            return self.w.load(value, self._offset(), self.lanes, self._mask)
        if spread == "row":
            return self.w.load(value, self._at, self.lanes, self._mask)
        return self.f.spread(self._single(value, spread), self.lanes)

    def _single(self, value: Value, spread: Spread) -> Register:
        return self.w.load(value, self._row if spread == "column" else 0, 1)

    def _of_row(self, value: Value) -> Register:
        """An operand of which a row has one."""
        root = self.w.root(value)
        line = self.made.get(root)
        if root in self._column and (line is None or not line.writes or value is line.output):
            return self._column[root]
        return self._single(value, "one" if value.size == 1 else "column")

    # --- what is more than pointwise ------------------------------------------------------------
    def _once(self, line: Line) -> None:
        y = self.w.result(line, self._of_row, 1)
        self._keep_column(line, y)

    def _keep_column(self, line: Line, y: Register) -> None:
        self._column[self.w.root(line.output)] = y
        if self.w.in_memory(line.output):
            self.w.store(line.output, y, self._row)

    def _one_hot(self, line: Line) -> Register:
        label = self.f.spread(self._of_row(line.inputs[0]), self.lanes)
        hit = on.compare(self.f, "==", self.f.counting(self._at, self.lanes), label)
        return on.convert(self.f, hit, element_of(line.output.dtype))

    def _how(self, line: Line) -> str:
        return REDUCTIONS.get(line.primitive, "add")

    def _neutral(self, line: Line) -> Register:
        kind = Kind(element_of(line.output.dtype), self.lanes)
        value = _NEUTRAL[self._how(line)]
        if not kind.is_float and self._how(line) in ("max", "min"):
            value = _LEAST if self._how(line) == "max" else _MOST
        return self.f.number(value, kind)

    def _accumulate(self, line: Line, sums: Variable) -> None:
        x = on.convert(self.f, self._full(line.inputs[0]), element_of(line.output.dtype))
        x = self.f.spread(x, self.lanes)
        neutral = self._neutral(line)
        if line.primitive is index.take_along_axis:
            label = self.f.spread(self._of_row(line.inputs[1]), self.lanes)
            hit = on.compare(self.f, "==", self.f.counting(self._at, self.lanes), label)
            x = on.where(self.f, hit, x, neutral)
        if self._mask is not None:
            x = on.where(self.f, self._mask, x, neutral)
        sums.set(self._join(self._how(line), sums.get(), x))

    def _join(self, how: str, a: Register, b: Register) -> Register:
        ways = {
            "add": on.add,
            "mul": on.multiply,
            "max": on.maximum,
            "min": on.minimum,
            "and": on.both,
            "or": on.either,
        }
        return ways[how](self.f, a, b)

    def _finish(self, line: Line, sums: Variable) -> None:
        self._keep_column(line, self.f.across(self._how(line), sums.get()))
