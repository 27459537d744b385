"""What an explanation says, chapter by chapter, before it is set as text, LaTeX or Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from gradatim.autograd.tensor import Tensor
from gradatim.derivation.counted import added
from gradatim.derivation.derivative import Derivative, Way
from gradatim.derivation.label import Formula
from gradatim.derivation.ledger import Ledger
from gradatim.derivation.step import Turn

MOST_ROWS = 30
"""Rows of a table; of more the first and the last are printed, and those between counted."""

NOTHING = Formula("", "")


@dataclass(frozen=True, slots=True)
class Row:
    """A line of equal sides, aligned with its neighbours.

    Parameters
    ----------
    sides : tuple of Formula
        From left to right; the first is empty where the row continues the one above.
    note : str
        What is said behind it.
    sign : str
        What stands after the first side: ``=``, or ``+=`` for a part that is added.
    exact : bool
        Whether the last side is what the one before it says, else ``≈`` stands between them.
    """

    sides: tuple[Formula, ...]
    note: str = ""
    sign: str = "="
    exact: bool = True


Block = str | tuple[Row, ...]
"""A sentence, or rows one under another."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """A heading with what stands under it.

    Parameters
    ----------
    title : str
        The heading, in words.
    blocks : tuple of Block
        Sentences and tables, in order.
    """

    title: str
    blocks: tuple[Block, ...]


def forward_chapter(ledger: Ledger) -> Chapter:
    """Return how the values came about."""
    rows = [partial(_value_row, ledger, y) for y in ledger.flow.results]
    return Chapter("Forward", tuple(_cut(rows)))


def backward_chapter(ledger: Ledger, turns: Sequence[Turn]) -> Chapter:
    """Return how the gradients came about, with what was added where paths meet."""
    rows = [partial(Row, ledger.seed().sides)]
    for turn in turns:
        rows.append(partial(_turn_row, ledger, turn))
        if turn.is_last_of_several:
            rows.append(partial(_total_row, ledger, turn))
    return Chapter("Backward", tuple(_cut(rows)))


def _value_row(ledger: Ledger, y: Tensor) -> Row:
    equation = ledger.value(y)
    return Row(equation.sides, exact=equation.exact)


def _turn_row(ledger: Ledger, turn: Turn) -> Row:
    equation = ledger.part(turn.part)
    if turn.count == 1:
        return Row(equation.sides, exact=equation.exact)
    sign = "=" if turn.number == 1 else "+="
    return Row(equation.sides, f"part {turn.number} of {turn.count}", sign, equation.exact)


def _total_row(ledger: Ledger, turn: Turn) -> Row:
    equation = ledger.total(turn.part.into)
    return Row(equation.sides, f"the {turn.count} parts added", exact=equation.exact)


def chain_chapter(derivative: Derivative) -> Chapter:
    """Return the chain rule for one Tensor, path by path."""
    count, shown = derivative.count, derivative.ways
    title = f"Chain rule for {derivative.name}: {_paths(count)}"
    blocks: list[Block] = []
    for number, way in enumerate(shown, 1):
        which = "" if count == 1 else f"path {number}: "
        blocks += [which + _stations(way.stations), tuple(_way_rows(derivative, way))]
    if len(shown) < count:
        blocks.append(f"... and {count - len(shown):,} more paths, which are not shown.")
    if count > 1:
        blocks.append(tuple(_sum_rows(derivative)))
    return Chapter(title, tuple(block for block in blocks if block))


def _stations(names: Sequence[str]) -> str:
    """The way by name, of a long one its beginning and its end."""
    if len(names) > MOST_ROWS:
        half = MOST_ROWS // 3
        between = f"... {len(names) - 2 * half:,} more ..."
        names = [*names[:half], between, *names[-half:]]
    return " <- ".join(names)


def _paths(count: int) -> str:
    return "one path" if count == 1 else f"{count:,} paths, added"


def _way_rows(derivative: Derivative, way: Way) -> Iterator[Row]:
    """The factors by name, in formulas, in numbers, and what comes out.

    Of one path one under another; where there are several, each in a line.
    """
    product, alone = way.product, derivative.count == 1
    if way.factors:
        columns = zip(*((f.left, f.formula, f.numbers) for f in way.factors))
        sides = [_product(column) for column in columns]
    elif product is not None:
        sides = [product.formula, product.numbers]
    else:
        left = derivative.symbol if alone else Formula("its part", r"\text{its part}")
        yield Row((left, way.value), "by the steps above; its formula is long")
        return
    fresh: dict[str, Formula] = {}
    for side in (*sides, way.value):
        if side.text != derivative.symbol.text or not alone:
            fresh.setdefault(side.text, side)
    told = way.factors or (product,)
    exact = all(equation.exact for equation in told if equation is not None)
    if not alone:
        yield Row(tuple(fresh.values()), exact=exact)
        return
    *most, last = fresh.values()
    for number, side in enumerate(most):
        yield Row((NOTHING if number else derivative.symbol, side))
    yield Row((NOTHING if most else derivative.symbol, last), exact=exact)


def _sum_rows(derivative: Derivative) -> Iterator[Row]:
    if len(derivative.ways) == derivative.count:
        whole, exact = added([way.amount for way in derivative.ways], derivative.amount)
        yield Row((derivative.symbol, whole))
        yield Row((NOTHING, derivative.value), exact=exact)
    else:
        yield Row((derivative.symbol, derivative.value), f"the sum over {derivative.count:,} paths")


def _product(formulas: Iterable[Formula]) -> Formula:
    """A product; factors that are sums, or negative and not the first, in parentheses."""
    parts = list(formulas)
    if len(parts) == 1:
        return parts[0]
    texts, marks = [], []
    for number, part in enumerate(parts):
        held = _is_loose(part.text, number)
        texts.append(f"({part.text})" if held else part.text)
        marks.append(rf"\left({part.latex}\right)" if held else part.latex)
    return Formula(" * ".join(texts), r" \cdot ".join(marks))


def _is_loose(text: str, number: int) -> bool:
    """Whether a factor is a sum, or begins with a sign and is not the first."""
    depth = 0
    for place, letter in enumerate(text):
        depth += (letter in "([") - (letter in ")]")
        if not depth and letter in "+-" and text[place - 1 : place] != "e" and (place or number):
            return True
    return False


def _cut(rows: Sequence[Callable[[], Row]]) -> Iterator[Block]:
    """Rows as one table, or the first and the last with a count of what is not written between."""
    if len(rows) <= MOST_ROWS and rows:
        yield tuple(row() for row in rows)
    if len(rows) <= MOST_ROWS:
        return
    half = MOST_ROWS // 2
    yield tuple(row() for row in rows[:half])
    yield f"... {len(rows) - 2 * half:,} more ..."
    yield tuple(row() for row in rows[-half:])
