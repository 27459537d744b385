"""Matrices that lie in bands while many steps run: columns side by side, one band after another.

In a wide matrix a product reads a few vectors of each row, one row after the other: far apart, in
few sets of the cache, where no processor sees what comes next. In a band as wide as what is read
they follow each other. A run copies such matrices once, works on the copies, and writes back at its
end what it has changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from gradatim.compiler.machine.kernel import Kernel, Product
from gradatim.compiler.machine.schedule import Schedule
from gradatim.compiler.machine.writer import Writer
from gradatim.compiler.program import Program, Value
from gradatim.native.ir import Kind, element_of

VECTORS, LINE_BYTES = 2, 64
"""Of a row of a band: as many vectors as strips of a product mostly have, and a line of the cache
at least."""

WIDEST_BYTES = 1024
"""A row up to this size needs no bands."""

MOST_ROWS = 48
"""Where a larger batch is multiplied with a matrix, copying it in each step costs little."""


def banded(program: Program, plan: Schedule, lanes: Mapping[str, int]) -> dict[Value, int]:
    """Return the matrices that are better laid in bands, and how many columns a band has.

    Parameters
    ----------
    program : Program
        What runs many times in one call.
    plan : Schedule
        Its kernels.
    lanes : mapping of str to int
        How many elements of each type a vector register holds.
    """
    shown = {plan.root(value) for value in program.results}
    factors: dict[Value, list[Product]] = {}
    for kernel in plan.kernels:
        if isinstance(kernel, Product) and not kernel.right_turned:
            factors.setdefault(plan.root(kernel.right), []).append(kernel)
    found: dict[Value, int] = {}
    for value in program.state:
        columns = _columns(value, factors.get(value, ()), lanes)
        if columns == 0 or value in shown:
            continue
        if all(_finds_it(kernel, value, plan) for kernel in plan.kernels):
            found[value] = columns
    return found


def _columns(value: Value, products: Iterable[Product], lanes: Mapping[str, int]) -> int:
    """Columns of a band of a matrix; 0 if it stays as it is."""
    few = [kernel for kernel in products if kernel.rows <= MOST_ROWS]
    if not few or len(value.shape) != 2:
        return 0
    size, width = value.dtype.itemsize, value.shape[1]
    wide = VECTORS * lanes[element_of(value.dtype)]
    columns = width if any(k.is_sparse for k in few) else max(wide, LINE_BYTES // size)
    fits = width * size > WIDEST_BYTES and width % columns == 0 and width % wide == 0
    return columns if fits else 0


def _finds_it(kernel: Kernel, value: Value, plan: Schedule) -> bool:
    """Whether a kernel finds the elements of a matrix in bands, if it uses it at all."""
    if value not in map(plan.root, kernel.used()):
        return True
    if not isinstance(kernel, Product) or plan.root(kernel.left) is value:
        return False
    shape = kernel.depth, kernel.columns
    as_it_lies = shape[::-1] if kernel.right_turned else shape
    if plan.root(kernel.right) is value and value.shape != as_it_lies:
        return False
    beside = {v for line in kernel.lines[1:] for v in (line.output, *line.inputs)}
    return all(v.shape == kernel.space for v in beside if plan.root(v) is value)


def write_copies(writer: Writer, value: Value, outside: str, *, back: bool) -> None:
    """Write a loop that copies a matrix into its bands, or back, each thread its rows.

    Parameters
    ----------
    writer : Writer
        Knows where the bands are.
    value : Value
        The matrix.
    outside : str
        The pointer of its owner's memory.
    back : bool
        Whether it goes back there.
    """
    f, element = writer.f, element_of(value.dtype)
    kind = Kind(element, f.lanes[element])
    rows, columns = value.shape
    low, high = writer.share(rows)
    with f.loop(low, high) as row, f.loop(0, columns, kind.lanes) as column:
        flat = f.plus(f.times(row, columns), column)
        inside = writer.element(value, row, column, columns)
        if back:
            f.store(f.load(writer.place(value), inside, kind), outside, flat)
        else:
            f.store(f.load(outside, flat, kind), writer.place(value), inside)
