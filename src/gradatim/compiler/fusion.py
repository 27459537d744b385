"""Why a kernel is one of its own and not part of an earlier one whose results it reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gradatim.compiler.machine.kernel import Columns, Draw, Host, Kernel, Product, Rows
from gradatim.compiler.machine.schedule import REDUCTIONS, Schedule
from gradatim.compiler.program import Value
from gradatim.primitives import index


def reasons(schedule: Schedule, names: Mapping[Value, str]) -> list[str]:
    """Return for each kernel why it is apart from the latest one that it reads from.

    Parameters
    ----------
    schedule : Schedule
        Of a program.
    names : mapping of Value to str
        What its values are called.

    Returns
    -------
    list of str
        One for each kernel; empty where it reads nothing that another kernel has made.
    """
    makers: dict[Value, int] = {}
    rows = []
    for number, kernel in enumerate(schedule.kernels):
        earlier = [value for value in _read(kernel, schedule) if value in makers]
        rows.append(_reason(kernel, earlier, schedule, makers, names))
        makers |= {schedule.root(value): number for value in kernel.made()}
    return rows


def _read(kernel: Kernel, schedule: Schedule) -> list[Value]:
    """What it reads, in the order of its lines."""
    values = [value for line in kernel.lines for value in line.inputs]
    if isinstance(kernel, Product):
        values[:2] = [kernel.left, kernel.right]
    made = {schedule.root(value) for value in kernel.made() if value.home is None}
    return [r for r in dict.fromkeys(map(schedule.root, values)) if r not in made]


def _reason(
    kernel: Kernel,
    earlier: Sequence[Value],
    schedule: Schedule,
    makers: Mapping[Value, int],
    names: Mapping[Value, str],
) -> str:
    """The latest of what it reads decides: it could not begin before that."""
    found = [value for value in earlier if value.size > 1 or kernel.space == ()]
    if not found or isinstance(kernel, (Draw, Host)):
        return ""
    value = max(found, key=makers.__getitem__)
    name = names.get(value, "half of a sum")
    return f"apart from {name}: {_why(kernel, schedule.kernels[makers[value]])}"


def _why(kernel: Kernel, maker: Kernel) -> str:
    if isinstance(maker, Host):
        return "NumPy makes it"
    if isinstance(kernel, Product):
        return "a product reads whole rows and columns, over and over"
    if isinstance(kernel, Columns):
        return "a sum over rows needs all of them"
    if isinstance(maker, Product) and maker.crew is not None:
        return "both halves of a product must be there"
    if kernel.space != maker.space:
        here, there = ("x".join(map(str, each.space)) or "1" for each in (kernel, maker))
        return f"loops of {here} and of {there} do not fit into each other"
    if isinstance(kernel, Rows) and _looks_along(kernel):
        return "its rows are looked along, and must be whole"
    return "it writes what is still read there, or in another order"


def _looks_along(kernel: Kernel) -> bool:
    along = (*REDUCTIONS, index.take_along_axis)
    return any(line.primitive in along for line in kernel.lines)
