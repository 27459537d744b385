"""Nonzeros: where the rows of a left matrix are not zero, as words of 64 bits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from gradatim.compiler.machine.kernel import Product
from gradatim.compiler.machine.writer import Writer
from gradatim.native.conversion import fetch_early
from gradatim.native.ir import Index, Kind, Register, Variable, element_of

WORD = 64
"""Turns of the inner axis that a word tells of, a bit each."""

SIDES = {"i8": (32, 8), "float": (8, 32), "double": (8, 32)}
"""Where rows lie across: how many are looked at together, and how many bits of each are made at a
time, so that these are as wide as what is looked at."""

AHEAD = 16
"""How many samples before its turn one is asked for, that stays where the data is."""

_WORD = Kind("i64")


class Nonzeros:
    """The words of one product, each thread's own: the first of all rows, then the second.

    Parameters
    ----------
    writer : Writer
        Where instructions go.
    kernel : Product
        The product: its left matrix is what is looked at.
    words : str
        Where this thread's words begin.
    """

    def __init__(self, writer: Writer, kernel: Product, words: str) -> None:
        self._w, self._f, self._kernel, self._words = writer, writer.f, kernel, words
        self._left = writer.root(kernel.left)
        self._is_stored = self._left in writer.stored
        element = "i8" if self._is_stored else element_of(kernel.lines[0].output.dtype)
        self._element = element
        self._side, self._part = SIDES[element]

    # --- reading --------------------------------------------------------------------------------
    def word(self, row: Index, number: Index) -> Register:
        """Return a word of a row."""
        return self._f.load(self._words, self._at(row, number), _WORD)

    @contextmanager
    def each(self, word: Register, number: Index) -> Iterator[Index]:
        """Write a loop over the bits of a word that are set, and give the turn of each."""
        f = self._f
        left = f.variable(word)
        with f.loop(0, f.intrinsic("ctpop", word).name):
            bits = left.get()
            f.declarations.add("declare i64 @llvm.cttz.i64(i64, i1)")
            bit = f.name_for(f"call i64 @llvm.cttz.i64({bits}, i1 true)")
            fewer = f.op(f"add {bits}, -1", _WORD)
            left.set(f.op(f"and {bits}, {fewer.name}", _WORD))
            yield f.plus(f.times(number, WORD), bit)

    def _at(self, row: Index, number: Index) -> Index:
        return self._f.plus(self._f.times(number, self._kernel.rows), row)

    # --- writing --------------------------------------------------------------------------------
    def write(self, low: Index, high: Index, every: Register) -> None:
        """Make the words of some rows.

        Parameters
        ----------
        low, high : int or str
            The rows.
        every : Register
            An i64: all bits, if zeros count as well, else none.
        """
        whole, rest = divmod(self._kernel.inner, WORD)
        down = self._kernel.left_turned
        if self._is_stored and not down:
            with self._f.loop(low, self._f.smaller(self._f.plus(low, AHEAD), high)) as row:
                self._fetch_early(row)
        with self._f.loop(low, high, self._side if down else 1) as row:
            if self._is_stored and not down:
                self._fetch_early(self._f.smaller(self._f.plus(row, AHEAD), self._f.plus(high, -1)))
            if whole:
                with self._f.loop(0, whole) as number:
                    self._write(row, number, WORD, every)
            if rest:
                self._write(row, whole, rest, every)

    def _write(self, row: Index, number: Index, count: int, every: Register) -> None:
        f = self._f
        if self._kernel.left_turned:
            row, lanes = f.smaller(row, self._kernel.rows - self._side), self._side
            bits = self._of_rows(row, number, count)
        else:
            bits, lanes = self._of_row(row, number, count), 1
        kind = Kind("i64", lanes)
        bits = f.op(f"or {bits}, {f.spread(every, lanes).name}", kind)
        if count < WORD:
            bits = f.op(f"and {bits}, {f.number((1 << count) - 1, kind).name}", kind)
        f.store(bits, self._words, self._at(row, number))

    def _of_row(self, row: Index, number: Index, count: int) -> Register:
        """The word of a row that lies in one piece; the last one is read with what lies before."""
        f, kernel = self._f, self._kernel
        gone = WORD - count
        start = f.plus(f.times(number, WORD), kernel.first - gone)
        x = self._load(row, start, WORD)
        bits = f.op(f"bitcast <{WORD} x i1> {self._not_zero(x)} to i64", _WORD)
        return f.op(f"lshr {bits}, {gone}", _WORD) if gone else bits

    def _of_rows(self, row: Index, number: Index, count: int) -> Register:
        """The words of some rows: what lies side by side is of different rows."""
        f, word = self._f, self._f.variable(self._f.number(0, Kind("i64", self._side)))
        start = f.plus(f.times(number, WORD), self._kernel.first)
        whole = count - count % self._part
        with f.loop(0, whole, self._part) as begin:
            self._put_part(word, row, start, begin, self._part)
        if count > whole:
            self._put_part(word, row, start, whole, count - whole)
        return word.get()

    def _put_part(self, word: Variable, row: Index, start: Index, begin: Index, count: int) -> None:
        """Put some bits of each row to their place in its word."""
        f, kind = self._f, word.get().kind
        bits = self._part_of_rows(row, f.plus(start, begin), count)
        wide = f.op(f"zext {bits} to {kind}", kind)
        place = f.spread(Register(str(begin), _WORD), self._side)
        there = f.op(f"shl {wide}, {place.name}", kind)
        word.set(f.op(f"or {word.get()}, {there.name}", kind))

    def _part_of_rows(self, row: Index, start: Index, count: int) -> Register:
        f, kind = self._f, Kind(f"i{self._part}", self._side)
        bits, bit = f.variable(f.number(0, kind)), f.variable(f.number(1, kind))
        with f.loop(0, count) as i:
            hit = self._not_zero(self._load(f.plus(start, i), row, self._side))
            one = bit.get()
            here = f.op(f"select <{self._side} x i1> {hit}, {one}, {f.number(0, kind)}", kind)
            bits.set(f.op(f"or {bits.get()}, {here.name}", kind))
            bit.set(f.op(f"add {one}, {one.name}", kind))
        return bits.get()

    def _load(self, i: Index, j: Index, lanes: int) -> Register:
        """Numbers of the left matrix as it lies: some of row i, from column j on."""
        f, kernel = self._f, self._kernel
        kind = Kind(self._element, lanes)
        if self._is_stored:
            return f.load(self._w.sample(self._left, i), j, kind)
        width = kernel.rows if kernel.left_turned else kernel.depth
        return f.load(self._w.place(self._left), f.plus(f.times(i, width), j), kind)

    def _fetch_early(self, row: Index) -> None:
        kernel = self._kernel
        fetch_early(self._f, self._w.sample(self._left, row), kernel.first, kernel.inner)

    def _not_zero(self, x: Register) -> str:
        compare = "fcmp une" if x.kind.is_float else "icmp ne"
        return self._f.name_for(f"{compare} {x}, {self._f.number(0, x.kind).name}")


def words_of(kernel: Product) -> int:
    """Return how many words tell of a row."""
    return -(-kernel.inner // WORD)
