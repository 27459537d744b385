"""Folding: what is known beforehand is computed beforehand, and what changes nothing is left out.

===========================  ================================================================
all inputs are literals      the result is a literal
a literal of equal numbers   one number, where broadcasting gives the same shape
astype to the same dtype     its input
reshape of reshape           one reshape; none if the shape is the same
transpose of transpose       one transpose; none if the order is the same
sum, then a reshape that     one sum without the axes
drops the axes of size 1
times 1, divided by 1        its input
===========================  ================================================================
"""

from __future__ import annotations

import numpy as np

from gradatim.compiler.passes.rewriting import Change, call, is_pure, literal, rewrite, written
from gradatim.compiler.program import Line, Program, Value
from gradatim.primitives import pointwise, reduce, shape
from gradatim.types import Array

MOST_ELEMENTS = 1 << 16
"""A literal larger than this is not made: memory is not cheaper than a loop."""


def fold(program: Program) -> Program:
    """Return the program with everything folded that the table above names."""
    folding = _Folding(program)
    changed = rewrite(program, folding.change)
    return changed.changed(literals=folding.literals)


class _Folding:
    def __init__(self, program: Program) -> None:
        self.literals: dict[Value, Array] = dict(program.literals)
        self._made: dict[Value, Line] = {}
        self._written = written(program)

    def change(self, line: Line) -> Change:
        if not is_pure(line) or line.output in self._written:
            return self._narrowed(line)
        known = self._known(line)
        if known is None:
            known = self._needless(line)
        if known is None:
            new = self._joined(line) or self._narrowed(line)
            self._made[new[-1].output if new else line.output] = new[-1] if new else line
            return new
        return known

    def _known(self, line: Line) -> Value | None:
        if not all(value in self.literals for value in line.inputs) or not line.inputs:
            return None
        if line.output.size > MOST_ELEMENTS:
            return None
        with np.errstate(all="ignore"):
            arrays = [self.literals[value][()] for value in line.inputs]
            result = np.array(line.primitive.forward(*arrays, **line.settings))
        value = literal(result)
        self.literals[value] = result
        return value

    def _needless(self, line: Line) -> Value | None:
        """The input of a line that gives the same numbers in the same shape."""
        x, y = line.inputs[0], line.output
        same = line.primitive in (shape.reshape, shape.cast, shape.broadcast_to)
        same = same or line.primitive in (pointwise.alias, pointwise.stop_gradient)
        if line.primitive is shape.transpose:
            same = line.settings["axes"] == tuple(range(len(x.shape)))
        if line.primitive in (pointwise.multiply, pointwise.divide):
            same = self._is_number(line.inputs[1], 1)
        if line.primitive is pointwise.multiply and not same and self._is_number(x, 1):
            x, same = line.inputs[1], True
        alike = (x.shape, x.dtype) == (y.shape, y.dtype)
        return x if same and alike and x not in self._written else None

    def _joined(self, line: Line) -> list[Line] | None:
        """Two changes of arrangement in one."""
        before = self._made.get(line.inputs[0]) if line.inputs else None
        if before is None or before.inputs[0] in self._written:
            return None
        if line.primitive is shape.reshape and before.primitive is shape.reshape:
            return [call(line, shape.reshape, before.inputs[0], **line.settings)]
        if line.primitive is shape.transpose and before.primitive is shape.transpose:
            axes = tuple(before.settings["axes"][axis] for axis in line.settings["axes"])
            return [call(line, shape.transpose, before.inputs[0], axes=axes)]
        if line.primitive is shape.reshape and before.primitive is reduce.sum_:
            x = before.inputs[0]
            axis = before.settings["axis"]
            if reduce.reduced(x.shape, axis) == line.settings["shape"]:
                return [call(line, reduce.sum_, x, axis=axis, keepdims=False)]
        return None

    def _narrowed(self, line: Line) -> list[Line] | None:
        """Literals of equal numbers as one number, where broadcasting gives the shape again."""
        if line.primitive.kind not in ("pointwise", "effect"):
            return None
        inputs = list(line.inputs)
        for i, value in enumerate(inputs):
            if value.shape and self._is_uniform(value) and not (line.writes and i == 0):
                others = [v.shape for j, v in enumerate(inputs) if j != i]
                if line.writes or np.broadcast_shapes((), *others) == line.output.shape:
                    inputs[i] = self._number(value)
        return None if tuple(inputs) == line.inputs else [line.reading(tuple(inputs))]

    def _is_uniform(self, value: Value) -> bool:
        array = self.literals.get(value)
        if array is None or not array.size:
            return False
        return array.tobytes() == array.reshape(-1)[:1].tobytes() * array.size

    def _is_number(self, value: Value, number: float) -> bool:
        return self._is_uniform(value) and bool(self.literals[value].ravel()[0] == number)

    def _number(self, value: Value) -> Value:
        array = np.array(self.literals[value].ravel()[0])
        for known, other in self.literals.items():
            same = other.shape == () and other.dtype == array.dtype
            if same and other.tobytes() == array.tobytes():  # 0 and -0 are two numbers
                return known
        new = literal(array)
        self.literals[new] = array
        return new
