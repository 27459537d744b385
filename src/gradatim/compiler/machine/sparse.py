"""Products whose left matrix is mostly zeros: what is multiplied with a zero is left out.

Words of bits tell where each row of the left matrix is not zero, see :mod:`nonzeros`. A row of the
result adds up as many rows of the right matrix, some vectors of them at a time, which stay in
registers; of a larger matrix block by block, and the sums are kept in between, see :mod:`cut`. Each
is made in the order of the inner axis: to the bits that tiles make of it with zeros, but for the
sign of a zero; where those have a fringe, it adds up in another order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from gradatim.compiler.machine.cut import Cut
from gradatim.compiler.machine.epilogue import Epilogue
from gradatim.compiler.machine.finite import Finite
from gradatim.compiler.machine.halves import GRAIN
from gradatim.compiler.machine.kernel import Product
from gradatim.compiler.machine.nonzeros import Nonzeros, words_of
from gradatim.compiler.machine.panels import Strip, right_element
from gradatim.compiler.machine.sparsity import watched_matrices
from gradatim.compiler.machine.stored import look_up
from gradatim.compiler.machine.writer import Writer
from gradatim.compiler.program import Value
from gradatim.native import arithmetic as on
from gradatim.native.ir import Index, Kind, Register, Variable, element_of

Sums = list[Variable]
"""Of a row of a strip, a vector each."""

Words = tuple[Index, Index]
"""Some words of a row: the first, and the one after the last."""


def write_sparse(writer: Writer, kernel: Product) -> None:
    """Write the code of a kernel.

    Parameters
    ----------
    writer : Writer
        Where it goes.
    kernel : Product
        What it does.
    """
    _Sparse(writer, kernel).write()


class _Sparse:
    def __init__(self, writer: Writer, kernel: Product) -> None:
        self.w, self.f, self.kernel = writer, writer.f, kernel
        self.cut = Cut.of(kernel, self.f.lanes, writer.threads)
        self.kind = Kind(element_of(kernel.lines[0].output.dtype), self.cut.lanes)
        self.words_bytes, self.beside_bytes = self.cut.room(kernel)
        self.nonzeros = Nonzeros(writer, kernel, self._mine(0))
        self.finite = Finite(writer)
        written = {writer.root(line.output) for line in kernel.lines if line.writes}
        self._watched = written & watched_matrices(writer.schedule)
        self._total = self.f.variable(self.f.number(0, self.kind))
        self.epilogue = Epilogue(writer, kernel, self.cut.lanes, None, self._look)

    def _mine(self, offset: int) -> str:
        """Where something begins in the memory of this thread."""
        f, thread = self.f, "%tid" if self.w.threads > 1 else 0
        before = f.times(thread, self.words_bytes + self.beside_bytes)
        return f.at(self.w.panels[self.kernel], f.plus(before, offset), "i8")

    def write(self) -> None:
        shares_rows = self.w.threads > 1 and not self.cut.by_columns
        rows = self.kernel.rows  # in grains: of a gradient those of the half that a crew reads
        low, high = self.w.share(rows, GRAIN) if shares_rows else (0, rows)
        self.nonzeros.write(low, high, self._every())
        if self.cut.is_far:
            self._strip_by_strip(low, high)
        elif self.cut.block < words_of(self.kernel):
            self._block_by_block(low, high)
        else:
            self._row_by_row(low, high)
        if self._watched:
            self.finite.note(self._total.get())

    def _every(self) -> Register:
        """All bits, if zeros must not be left out, as the right matrix may not be finite."""
        right = self.kernel.right
        if self.w.root(right) in watched_matrices(self.w.schedule):
            return self.finite.known()
        return self.finite.of_all(right)

    def _look(self, stored: list[tuple[Value, Register]]) -> None:
        """Add up what is written to a matrix that must be known to be finite."""
        xs = [x for value, x in stored if self.w.root(value) in self._watched]
        if not xs:
            return
        while len(xs) > 1:  # in pairs: they do not wait for each other
            pairs = zip(xs[::2], xs[1::2])
            xs = [on.add(self.f, a, b) for a, b in pairs] + xs[len(xs) & ~1 :]
        self._total.set(on.add(self.f, self._total.get(), xs[0]))

    # --- loops ----------------------------------------------------------------------------------
    def _row_by_row(self, low: Index, high: Index) -> None:
        changes = self.epilogue.changes_by_zero()
        with self.f.loop(low, high) as row, self._unless_idle(row, changes):
            for strip in self._strips():
                self._row(strip, row)

    def _block_by_block(self, low: Index, high: Index) -> None:
        f, words = self.f, words_of(self.kernel)
        changes = self.epilogue.changes_by_zero()
        with f.loop(low, high, self.cut.group) as first:
            last = f.smaller(f.plus(first, self.cut.group), high)
            with f.loop(first, last) as row:
                for strip in self._strips():
                    self._keep(f.minus(row, first), strip, self._none(strip))
            with f.loop(0, words, self.cut.block) as begin:
                end = f.smaller(f.plus(begin, self.cut.block), words)
                with f.loop(first, last) as row:
                    for strip in self._strips():
                        sums = self._kept(f.minus(row, first), strip)
                        self._add(strip, row, (begin, end), sums)
                        self._keep(f.minus(row, first), strip, sums)
            with f.loop(first, last) as row, self._unless_idle(row, changes):
                for strip in self._strips():
                    sums = self._kept(f.minus(row, first), strip)
                    self._finish(strip, row, sums)

    def _strip_by_strip(self, low: Index, high: Index) -> None:
        for strip in self._strips():
            self._copy(strip)
            with self.f.loop(low, high) as row:
                self._row(strip, row)

    def _strips(self) -> Iterator[Strip]:
        for run in self.cut.runs:
            low, high = self.w.share(run.count) if self.cut.by_columns else (0, run.count)
            with self.f.loop(low, high) as number:
                is_last = run is self.cut.runs[-1]
                yield Strip.of(self.f, run, number, self.cut.lanes, self.kernel.columns, is_last)

    @contextmanager
    def _unless_idle(self, row: Index, changes: str) -> Iterator[None]:
        """Do nothing for a row of zeros, where that would change nothing."""
        f = self.f
        if changes == "true":
            yield
            return
        some = f.variable(f.number(0, Kind("i64")))
        with f.loop(0, words_of(self.kernel)) as number:
            word = self.nonzeros.word(row, number)
            some.set(f.op(f"or {some.get()}, {word.name}", word.kind))
        found = f.name_for(f"icmp ne {some.get()}, 0")
        with f.when(f.name_for(f"or i1 {found}, {changes}")):
            yield

    def _copy(self, strip: Strip) -> None:
        """Copy a strip, so that it is read from end to end."""
        f, kernel, lanes = self.f, self.kernel, self.cut.lanes
        panel, wide = self._mine(self.words_bytes), len(strip.columns) * lanes
        with f.loop(0, kernel.inner) as k:
            for j, column in enumerate(strip.columns):
                at = right_element(self.w, kernel, f.plus(k, kernel.first), column)
                x = self.w.load(kernel.right, at, lanes)
                f.store(x, panel, f.plus(f.times(k, wide), j * lanes))

    # --- a row of a strip -----------------------------------------------------------------------
    def _row(self, strip: Strip, row: Index) -> None:
        sums = self._none(strip)
        self._add(strip, row, (0, words_of(self.kernel)), sums)
        self._finish(strip, row, sums)

    def _none(self, strip: Strip) -> Sums:
        return [self.f.variable(self.f.number(0, self.kind)) for _ in strip.columns]

    def _add(self, strip: Strip, row: Index, words: Words, sums: Sums) -> None:
        """Add up what some words tell of."""
        f, kind = self.f, self.kind
        number_at = self._numbers(row)
        rights, step = self._rights(strip)
        with f.loop(*words) as number:
            word = self.nonzeros.word(row, number)
            with self.nonzeros.each(word, number) as k:
                x = f.spread(number_at(k), kind.lanes)
                far = f.times(k, step)
                for right, total in zip(rights, sums):
                    total.set(on.fused(f, x, f.load(right, far, kind), total.get()))

    def _finish(self, strip: Strip, row: Index, sums: Sums) -> None:
        self.epilogue.write_row(row, strip.columns, [total.get() for total in sums])

    def _numbers(self, row: Index) -> Callable[[Index], Register]:
        """A function that reads a number of a row of the left matrix."""
        f, w, kernel = self.f, self.w, self.kernel
        value, kind = w.root(kernel.left), Kind(self.kind.element)
        if value not in w.stored:
            across = kernel.left_turned
            first = f.times(kernel.first, kernel.rows) if across else f.times(row, kernel.depth)
            begin = f.plus(first, row if across else kernel.first)
            left, pitch = f.at(w.place(value), begin, kind.element), kernel.rows if across else 1
            return lambda k: f.load(left, f.times(k, pitch), kind)
        if kernel.left_turned:
            return lambda k: look_up(w, value, w.sample(value, f.plus(k, kernel.first)), row)
        sample = w.sample(value, row)
        return lambda k: look_up(w, value, sample, f.plus(k, kernel.first))

    def _rights(self, strip: Strip) -> tuple[list[str], int]:
        """Where the vectors of a strip lie in turn 0, and how far those of the next turn are."""
        f, kernel, lanes = self.f, self.kernel, self.cut.lanes
        begins: list[Index] = [j * lanes for j in range(len(strip.columns))]
        place, step = self._mine(self.words_bytes), len(strip.columns) * lanes
        if not self.cut.is_far:
            begins = [right_element(self.w, kernel, kernel.first, c) for c in strip.columns]
            place, step = self.w.place(kernel.right), self.w.pitch(kernel.right, kernel.columns)
        return [f.at(place, at, self.kind.element) for at in begins], step

    # --- sums that are kept ---------------------------------------------------------------------
    def _kept(self, number: Index, strip: Strip) -> Sums:
        """The sums of a row of the group, as they were left."""
        f, place = self.f, self._mine(self.words_bytes)
        places = self._places(number, strip)
        return [f.variable(f.load(place, at, self.kind)) for at in places]

    def _keep(self, number: Index, strip: Strip, sums: Sums) -> None:
        place = self._mine(self.words_bytes)
        for at, total in zip(self._places(number, strip), sums):
            self.f.store(total.get(), place, at)

    def _places(self, number: Index, strip: Strip) -> list[Index]:
        before = self.f.times(number, self.cut.pitch(self.kernel))
        return [self.f.plus(before, column) for column in strip.columns]
