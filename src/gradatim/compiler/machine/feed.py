"""Many steps in one call: mini-batches are gathered from the data by machine code.

The function ``run(ptr table, i64 tid, ptr feed, i64 steps)`` reads from ``feed`` the pointers of

    the indices, int64 (steps, batch)
    the source of each argument, one row for each sample
    where the loss of each step goes

and, in bounds-checked code alone, then the bytes of each of these.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gradatim.compiler.machine import arithmetic as on
from gradatim.compiler.machine.guard import CheckedFunction
from gradatim.compiler.machine.ir import Function, Index, Kind, Register, element_of
from gradatim.compiler.machine.writer import Writer
from gradatim.compiler.program import Value

_UNSIGNED = {"uint8": "i8", "uint16": "i16"}


@dataclass(frozen=True)
class Feed:
    """Where an argument of a step comes from.

    Parameters
    ----------
    argument : Value
        The argument: its first axis is the batch.
    source : dtype
        Of the data.
    scale : float
        What the data is multiplied by.
    """

    argument: Value
    source: np.dtype[Any]
    scale: float = 1.0

    @property
    def row(self) -> int:
        """Elements of one sample."""
        return self.argument.size // self.argument.shape[0]


def write_run(
    f: Function, writer: Writer, feeds: tuple[Feed, ...], parts: list[str], loss: Value | None
) -> None:
    """Write the loop over steps.

    Parameters
    ----------
    f : Function
        ``run``.
    writer : Writer
        Knows where everything lies.
    feeds : tuple of Feed
        What is gathered.
    parts : list of str
        The functions of one step.
    loss : Value or None
        What is noted of each step.
    """
    pointers = [
        f.name_for(f"load ptr, ptr {f.at_pointer('%feed', i)}") for i in range(len(feeds) + 2)
    ]
    for i, pointer in enumerate(pointers):
        f.own(pointer, _extent(f, len(pointers) + i), f"array {i} of the feed")
    batch = feeds[0].argument.shape[0]
    with f.loop(0, "%steps") as step:
        base = f.times(step, batch)
        low, high = writer.share(batch)
        with f.loop(low, high) as sample:
            number = f.load(pointers[0], f.plus(base, sample), Kind("i64")).name
            for feed, source in zip(feeds, pointers[1:]):
                _gather(f, writer, feed, source, number, sample)
        writer.wait()
        for part in parts:
            f.do(f"call void @{part}(ptr %table, i64 %tid)")
        writer.wait()
        if loss is not None:
            _note(f, writer, loss, pointers[-1], step)


def _extent(f: Function, number: int) -> Index:
    """The bytes of an array that the caller hands over."""
    if not isinstance(f, CheckedFunction):
        return 0
    return f.name_for(f"load i64, ptr {f.at_pointer('%feed', number)}")


def _note(f: Function, writer: Writer, loss: Value, target: str, step: object) -> None:
    with f.when(f.name_for("icmp eq i64 %tid, 0")):
        x = on.convert(f, writer.load(loss, 0, 1), "double")
        f.store(x, target, step)  # type: ignore[arg-type]


def _gather(
    f: Function, writer: Writer, feed: Feed, source: str, number: str, sample: object
) -> None:
    """Copy one sample to its place in the batch, converted and scaled."""
    size = feed.row
    lanes = f.lanes["float"]
    here = f.times(number, size)
    there = f.times(sample, size)  # type: ignore[arg-type]
    whole = size - size % lanes
    for start, stop, wide in ((0, whole, lanes), (whole, size, 1)):
        if start == stop:
            continue
        with f.loop(start, stop, wide) as i:
            x = _read(f, feed, source, f.plus(here, i), wide)
            writer.store(feed.argument, x, f.plus(there, i))


def _read(f: Function, feed: Feed, source: str, offset: object, lanes: int) -> Register:
    element = element_of(feed.argument.dtype)
    narrow = _UNSIGNED.get(feed.source.name)
    if narrow is None:
        kind = Kind(element_of(feed.source), lanes)
        x = f.load(source, offset, kind)  # type: ignore[arg-type]
    else:
        kind = Kind(narrow, lanes)
        x = f.load(source, offset, kind)  # type: ignore[arg-type]
        wide = kind.of("i32")
        x = f.op(f"zext {x} to {wide}", wide)
    x = on.convert(f, x, element)
    if feed.scale != 1.0:
        x = on.multiply(f, x, f.number(feed.scale, x.kind))
    return x
