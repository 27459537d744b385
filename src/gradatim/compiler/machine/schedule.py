"""Lines put together into kernels: loops over one space, and products with what follows them.

A line joins the first kernel, not before those that give it its inputs, that can take it; else
it begins one of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from gradatim.compiler.machine.expression import can_lower
from gradatim.compiler.machine.kernel import (
    Columns,
    Draw,
    Host,
    Kernel,
    Product,
    Rows,
    Spread,
    spread_of,
)
from gradatim.compiler.machine.pcg import Stream, streams
from gradatim.compiler.program import Line, Program, Value, origin
from gradatim.native.ir import element_of, has_code
from gradatim.primitives import bounds, effect, index, product, reduce, shape

REDUCTIONS = {
    reduce.sum_: "add",
    reduce.max_: "max",
    reduce.min_: "min",
    reduce.prod: "mul",
    reduce.all_: "and",
    reduce.any_: "or",
}
_SAME = (shape.reshape, bounds.within_)
_MOVED = (shape.cast, shape.cast_exact, shape.broadcast_to)


class Schedule(NamedTuple):
    """Kernels in their order.

    Parameters
    ----------
    kernels : tuple of Kernel
        What is done.
    same : mapping of Value to Value
        Values that are others in another shape: they share memory.
    checks : tuple of (Value, float, float)
        Arguments that must lie in a range, else memory would be read that is not theirs.
    streams : tuple of Stream
        Generators that kernels draw from.
    """

    kernels: tuple[Kernel, ...]
    same: Mapping[Value, Value]
    checks: tuple[tuple[Value, float, float], ...]
    streams: tuple[Stream, ...] = ()

    def root(self, value: Value) -> Value:
        """Return the value whose memory this one uses."""
        while value in self.same:
            value = self.same[value]
        return origin(value)


def schedule(program: Program, watched: Value | None = None) -> Schedule:
    """Put the lines of a program into kernels.

    Parameters
    ----------
    program : Program
        After all passes.
    watched : Value, optional
        A number after which the step may be left: what the program writes later than it, kernels
        write later too.
    """
    return _Scheduling(program, watched).run()


class _Scheduling:
    def __init__(self, program: Program, watched: Value | None) -> None:
        self.program, self._watched = program, watched
        self._turn = {line.output: i for i, line in enumerate(program.lines)}
        self.kernels: list[Kernel] = [Rows(())]  # single numbers, such as rates, come first
        self.same: dict[Value, Value] = {}
        self.turned: dict[Value, Value] = {}
        self.checks: list[tuple[Value, float, float]] = []
        self.streams = streams(program)
        self._where: dict[Value, int] = {}
        self._waiting: dict[Value, Line] = {}
        self._soonest: dict[Value, int] = {}
        self._last_read: dict[Value, int] = {}
        self._readers = program.readers()

    def run(self) -> Schedule:
        for line in self.program.lines:
            if self._is_free(line):
                continue
            if not line.writes and line.output.size > 1 and self._is_pointwise(line):
                self._waiting[line.output] = line  # until somebody needs it, and where he does
                self._soonest[line.output] = max(map(self._soon, line.inputs), default=0)
            else:
                self._place(line)
            if line.output is self._watched:
                self.kernels.append(Rows(()))  # and those that are written once it is known
        for value in self.program.results:
            self._fetch(self._source(value), 0)
        kernels = tuple(kernel for kernel in self.kernels if kernel.lines)
        return Schedule(kernels, self.same, tuple(self.checks), self.streams)

    def _is_free(self, line: Line) -> bool:
        """Whether a line is only another way to look at its input."""
        x = line.inputs[0] if line.inputs else None
        if x is not None and self._is_turned_only(line):
            self.turned[line.output] = x
            return True
        if x is None or line.primitive not in _SAME or line.output in self.program.results:
            return False
        if line.primitive is bounds.within_:
            if self._base(x) not in self.program.arguments:
                return False
            self.checks.append((self._base(x), line.settings["low"], line.settings["high"]))
        self.same[line.output] = x
        return True

    def _is_turned_only(self, line: Line) -> bool:
        """Whether it is a transposed matrix that only products read."""
        if line.primitive is not shape.transpose or line.settings["axes"] != (1, 0):
            return False
        readers = self._readers[line.output]
        return line.output not in self.program.results and all(map(_is_product, readers))

    def _base(self, value: Value) -> Value:
        while value in self.same:
            value = self.same[value]
        return value

    def _fetch(self, value: Value, hint: int) -> None:
        """Place what computes a value if it still waits, not before kernel ``hint``."""
        line = self._waiting.pop(value, None)
        if line is not None:
            self._place(line, hint)

    def _soon(self, value: Value) -> int:
        """The first kernel in which a value can be there, or is."""
        source = self._source(value)
        return self._where.get(source, self._soonest.get(source, 0))

    def _place(self, line: Line, hint: int = 0) -> None:
        sources = [self._source(value) for value in line.inputs]
        if line.writes:  # whoever wants the old numbers must have them now
            for waiting in list(self._waiting.values()):
                if sources[0] in map(self._source, waiting.inputs):
                    self._fetch(waiting.output, 0)
        first = max([hint, *map(self._soon, sources)])
        joinable = self._is_pointwise(line) and first < len(self.kernels)
        for source in sources:
            self._fetch(source, first if joinable else 0)
        first = max([hint, *(self._where.get(source, 0) for source in sources)])
        if line.writes:
            first = max(first, self._last_read.get(sources[0], 0), self._after_watched(line))
        for number in range(first, len(self.kernels)):
            if self._joins(line, self.kernels[number], number):
                break
        else:
            number = len(self.kernels)
            self.kernels.append(self._begun(line))
        self._where[line.output] = number
        for source in sources:
            self._last_read[source] = max(self._last_read.get(source, 0), number)

    def _after_watched(self, line: Line) -> int:
        """The first kernel that may write what the program writes after the watched number."""
        watched = self._watched
        if watched is None or self._turn[line.output] < self._turn.get(watched, len(self._turn)):
            return 0
        number = self._source(watched)
        self._fetch(number, 0)
        return self._where.get(number, -1) + 1

    def _source(self, value: Value) -> Value:
        value = self.turned.get(value, value)
        return self._base(value)

    # --- who takes what -------------------------------------------------------------------------
    def _joins(self, line: Line, kernel: Kernel, number: int) -> bool:
        if line.writes and not self._may_write(line, kernel, number):
            return False
        if isinstance(kernel, Rows):
            return self._joins_rows(line, kernel)
        if isinstance(kernel, (Product, Columns)) and self._is_pointwise(line):
            wanted = kernel.space if isinstance(kernel, Product) else kernel.space[-1:]
            if line.output.shape != wanted:
                return False
            if any(spread_of(v.shape, wanted) is None for v in line.inputs):
                return False
            if isinstance(kernel, Product) and self._is_closed(line, kernel):
                return False
            kernel.lines.append(line)
            return True
        return False

    def _is_closed(self, line: Line, kernel: Product) -> bool:
        """Whether a line needs the other half of a product, or writes what it is made of."""
        touches = line.writes and self._source(line.inputs[0]) in (kernel.left, kernel.right)
        return touches or kernel.crew is not None

    def _may_write(self, line: Line, kernel: Kernel, number: int) -> bool:
        """Whether every reading of the old numbers in this kernel is at the point of writing."""
        state = line.inputs[0]
        wanted = kernel.space[-1:] if isinstance(kernel, Columns) else kernel.space
        if line.primitive not in (effect.assign, effect.add_into, effect.subtract_from):
            return False
        return state.shape == wanted or self._last_read.get(self._source(state), -1) != number

    def _is_pointwise(self, line: Line) -> bool:
        if not _has_code(line):
            return False
        if line.primitive in _MOVED:
            return True
        kinds = tuple(element_of(value.dtype) for value in line.inputs)
        if line.writes:
            return line.primitive in (effect.assign, effect.add_into, effect.subtract_from)
        return can_lower(line.primitive, kinds) and line.primitive.kind == "pointwise"

    def _joins_rows(self, line: Line, kernel: Rows) -> bool:
        spread = self._spread_in(line, kernel)
        if spread is None:
            return False
        kernel.lines.append(line)
        kernel.spreads[line.output] = spread
        kernel.phases[line.output] = self._phase(line, kernel)
        return True

    def _phase(self, line: Line, kernel: Rows) -> int:
        """The first turn over the columns in which all inputs are there."""
        phase = 0
        for value in line.inputs:
            base = self._base(value)
            if base in kernel.phases:
                waits = kernel.spreads[base] == "column" and kernel.spreads[line.output] == "full"
                phase = max(phase, kernel.phases[base] + waits)
        return phase

    def _spread_in(self, line: Line, kernel: Rows) -> Spread | None:
        """How the output lies in the space of a kernel; None if it cannot take the line."""
        if not _has_code(line):
            return None
        inner = [self._base(v) in kernel.spreads for v in line.inputs]
        space = kernel.space
        if line.primitive in REDUCTIONS:
            x = line.inputs[0]
            if x.dtype.kind == "b" and line.primitive in (reduce.max_, reduce.min_):
                return None
            whole = line.settings["axis"] is None and space == (x.size,) and not kernel.lines
            ok = x.shape == space and _along_rows(line) and self._lies(x, kernel, "full")
            return "column" if ok or whole else None
        if line.primitive is index.one_hot:
            t = line.inputs[0]
            ok = line.output.shape == space and self._lies(t, kernel, "column")
            ok = ok and self._is_checked(t, space[-1])
            return "full" if ok and t.size == kernel.rows else None
        if line.primitive is index.take_along_axis:
            x, t = line.inputs
            ok = x.shape == space and line.settings["axis"] == len(space) - 1
            ok = ok and t.size == kernel.rows and self._lies(x, kernel, "full")
            ok = ok and self._is_checked(t, space[-1])
            return "column" if ok and self._lies(t, kernel, "column") else None
        if not self._is_pointwise(line):
            return None
        if line.output.shape == space:
            known = [self._known(v, kernel) for v in line.inputs]
            fits = all(k or spread_of(v.shape, space) for k, v in zip(known, line.inputs))
            agree = all(
                k is None or spread_of(v.shape, space) == k for k, v in zip(known, line.inputs)
            )
            return "full" if fits and agree else None
        if line.output.shape in (space[:-1], (*space[:-1], 1)) and any(inner) and space:
            fits = all(
                (v.size == 1 or v.shape == line.output.shape) and self._lies(v, kernel, "column")
                for v in line.inputs
            )
            return "column" if fits else None
        return None

    def _is_checked(self, positions: Value, count: int) -> bool:
        """Whether positions are known to lie in ``range(count)``."""
        base = self._base(positions)
        return any(v is base and low >= 0 and high < count for v, low, high in self.checks)

    def _known(self, value: Value, kernel: Rows) -> Spread | None:
        return kernel.spreads.get(self._base(value))

    def _lies(self, value: Value, kernel: Rows, spread: Spread) -> bool:
        return self._known(value, kernel) in (None, spread)

    def _begun(self, line: Line) -> Kernel:
        """A kernel that begins with a line."""
        kernel: Kernel | None = None
        if not _has_code(line):
            return Host(line.output.shape, [line])
        if line.primitive.kind == "chance":
            return self._draw(line)
        if _is_product(line):
            kernel = self._product(line)
        elif line.primitive is reduce.sum_ and _over_rows(line) and _is_float(line):
            kernel = Columns(line.inputs[0].shape, [line])
        else:
            kernel = self._rows(line)
        return kernel if kernel is not None else Host(line.output.shape, [line])

    def _draw(self, line: Line) -> Kernel:
        for stream in self.streams:
            if line in stream.before and line.output.size:
                return Draw(line.output.shape, [line], stream)
        return Host(line.output.shape, [line])

    def _product(self, line: Line) -> Product:
        left, right = line.inputs
        first, stop = line.settings.get("span", (0, left.shape[1]))
        return Product(
            line.output.shape,
            [line],
            left=self._source(left),
            right=self._source(right),
            left_turned=left in self.turned,
            right_turned=right in self.turned,
            depth=left.shape[1],
            first=first,
            inner=stop - first,
            crew=int(first > 0) if "span" in line.settings else None,
        )

    def _rows(self, line: Line) -> Rows | None:
        space = line.output.shape
        if line.primitive in REDUCTIONS or line.primitive is index.take_along_axis:
            space = line.inputs[0].shape
            if line.settings.get("axis", 0) is None:
                space = (line.inputs[0].size,)
        if 0 in space:
            return None
        kernel = Rows(space)
        return kernel if self._joins_rows(line, kernel) else None


def _has_code(line: Line) -> bool:
    """Whether machine code knows all the types of a line."""
    return all(has_code(value.dtype) for value in (line.output, *line.inputs))


def _is_product(line: Line) -> bool:
    """Whether a line multiplies two matrices of floats."""
    if line.primitive is not product.matmul or not _has_code(line):
        return False
    left, right = line.inputs
    sizes = (*left.shape, *right.shape)
    alike = left.dtype == right.dtype and left.dtype.kind == "f"
    return alike and len(left.shape) == len(right.shape) == 2 and 0 not in sizes


def _axes(line: Line) -> tuple[int, ...]:
    axis = line.settings["axis"]
    rank = len(line.inputs[0].shape)
    if axis is None:
        return tuple(range(rank))
    return tuple(a % rank for a in (axis if isinstance(axis, tuple) else (axis,)))


def _along_rows(line: Line) -> bool:
    rank = len(line.inputs[0].shape)
    return rank > 0 and (_axes(line) == (rank - 1,))


def _over_rows(line: Line) -> bool:
    x = line.inputs[0]
    rank = len(x.shape)
    keeps = line.settings["keepdims"]
    return rank > 1 and _axes(line) == tuple(range(rank - 1)) and not keeps and 0 not in x.shape


def _is_float(line: Line) -> bool:
    return line.output.dtype.kind == "f"


def needed(schedule: Schedule, program: Program) -> set[Value]:
    """Return the values that must lie in memory: read by other kernels, or results.

    Parameters
    ----------
    schedule : Schedule
        Of the program.
    program : Program
        The same.
    """
    found = {schedule.root(value) for value in program.results}
    for kernel in schedule.kernels:
        made = {schedule.root(value) for value in kernel.made()}
        for value in _read(kernel):
            root = schedule.root(value)
            if root not in made:
                found.add(root)
    return found


def _read(kernel: Kernel) -> Iterable[Value]:
    if isinstance(kernel, Product):
        yield kernel.left
        yield kernel.right
        lines = kernel.lines[1:]
    else:
        lines = kernel.lines
    for line in lines:
        yield from line.inputs
