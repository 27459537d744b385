"""Programs as machine code for any number of threads and any width of vectors."""

from __future__ import annotations

import ctypes
import threading

import numpy as np

from gradatim.autograd.tensor import Tensor
from gradatim.compiler.agreement import agree
from gradatim.compiler.machine.guard import check_accesses
from gradatim.compiler.machine.module import write_module
from gradatim.compiler.machine.pcg import address
from gradatim.compiler.passes import optimize
from gradatim.compiler.recorder import Recording
from gradatim.native.engine import Code, host
from gradatim.native.ir import Function, Kind, element_of

WIDTHS = (128, 256, 512)


def recorded(step, *arrays):
    """The program of a step, and what its state stands for: recorded in two calls, optimized."""
    notes = []
    for _ in range(2):
        tensors = [Tensor(x) for x in arrays]
        note = Recording(tensors)
        note.run(lambda given=tensors: step(*given))
        notes.append(note)
    agreement = agree(*notes)
    return optimize(agreement.program)[0], agreement


def applied(how, *arrays, lanes=8):
    """What ``how(function, *registers)`` gives for every element of some flat arrays."""
    f = Function("apply", ", ".join(f"ptr %x{i}" for i in range(len(arrays) + 1)), {})
    count = -(-arrays[0].size // lanes) * lanes
    padded = [np.concatenate([x, np.ones(count - x.size, x.dtype)]) for x in arrays]
    with f.loop(0, count, lanes) as i:
        kinds = [Kind(element_of(x.dtype), lanes) for x in arrays]
        y = how(f, *(f.load(f"%x{j}", i, kind) for j, kind in enumerate(kinds)))
        f.store(y, f"%x{len(arrays)}", i)
    out = np.zeros(count, np.dtype(_DTYPES[y.kind.element]))
    text = "\n".join([*sorted(f.declarations), f.text(), "attributes #0 = { nounwind }"])
    code = Code(text)
    call = code.function("apply", *[ctypes.c_void_p] * (len(arrays) + 1))
    call(*(x.ctypes.data for x in (*padded, out)))
    return out[: arrays[0].size]


_DTYPES = {"float": "f4", "double": "f8", "i64": "i8", "i1": "?"}


class Crew:
    """Threads that run one program together; every access to memory is checked."""

    def __init__(self, program, threads=1, width=None, *, checked=True, run=None, watched=None):
        target = host(width)
        self.program, self.threads, self.checked = program, threads, checked
        self.module = write_module(
            program, target.lanes, threads, target.is_x86, run, checked, watched
        )
        assert all(isinstance(part, str) for part in self.module.parts), self.module.parts
        self.code = Code(self.module.text)
        layout = self.module.layout
        room = np.zeros(layout.size + 64, np.uint8)
        start = -room.ctypes.data % 64
        self.arena = room[start : start + layout.size]
        for value, array in program.literals.items():
            if value in layout.offsets:
                self.view(value)[...] = array

    def view(self, value):
        """The memory of a value in the arena."""
        root = self.module.schedule.root(value)
        at = self.module.layout.offsets[root]
        return self.arena[at : at + value.nbytes].view(value.dtype).reshape(value.shape)

    def __call__(self, *given):
        """Run on arguments and state; copies of the results."""
        outside = self.module.layout.outside
        assert len(given) == len(outside)
        for x, value in zip(given, outside):
            assert (x.shape, x.dtype) == (value.shape, value.dtype)
            assert x.flags.c_contiguous
        table = self._table(given)
        for part in self.module.parts:
            call = self.code.function(part, ctypes.c_void_p, ctypes.c_int64)
            self._together(lambda thread, call=call: call(table.ctypes.data, thread))
        return [self._result(value, given) for value in self.program.results]

    def run(self, given, feed, steps):
        """Run many steps; ``feed`` holds what :class:`Run` names, after the indices."""
        table = self._table(given)
        entries = [x.ctypes.data for x in feed] + [x.nbytes for x in feed]
        feed_table = np.array(entries, np.uintp)
        types = (ctypes.c_void_p, ctypes.c_int64, ctypes.c_void_p, ctypes.c_int64)
        call = self.code.function("run", *types)
        addresses = table.ctypes.data, feed_table.ctypes.data
        self._together(lambda thread: call(addresses[0], thread, addresses[1], steps))

    def _table(self, given):
        states = [address(stream.generator) for stream in self.module.schedule.streams]
        return np.array([*(x.ctypes.data for x in (*given, self.arena)), *states], np.uintp)

    def _result(self, value, given):
        root = self.module.schedule.root(value)
        outside = self.module.layout.outside
        if root in outside:
            return given[outside.index(root)].reshape(value.shape).copy()
        return self.view(value).copy()

    def _together(self, work):
        others = [threading.Thread(target=work, args=(i,)) for i in range(1, self.threads)]
        for other in others:
            other.start()
        work(0)
        for other in others:
            other.join()
        if self.checked:
            check_accesses(self.arena, self.module.accesses)
