"""Random numbers in machine code: the very bits that NumPy would draw.

A draw reads the state of the generator as it was when the step began, and leaps to the place of
its numbers; each thread leaps to its own. When all have drawn, the state is moved on once.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from gradatim.compiler.machine.kernel import Draw
from gradatim.compiler.machine.pcg import Stream, leap, words
from gradatim.compiler.machine.writer import SMALL, Writer
from gradatim.native.ir import Function, Index, Kind, Register, Variable

LANES = 4
"""Numbers that are made side by side: one multiplication need not wait for the one before."""

_WIDE, _WORD, _DOUBLE = Kind("i128"), Kind("i64"), Kind("double")


def write_draw(writer: Writer, kernel: Draw) -> None:
    """Write the code of a kernel.

    Parameters
    ----------
    writer : Writer
        Where it goes.
    kernel : Draw
        What it does.
    """
    f, line = writer.f, kernel.lines[0]
    count = line.output.size
    if not writer.in_memory(line.output):
        return  # nobody wants them; the state is moved on all the same
    shared = writer.threads > 1 and count >= SMALL
    with _alone(f, writer.threads > 1 and not shared):
        starts = _starts(count, writer.threads if shared else 1)
        low, high = writer.share(count, LANES) if shared else (0, count)
        state, step = _state(writer, kernel.stream)
        first = kernel.stream.before[line]
        states = [
            f.variable(_at(f, state, step, [first + start + i + 1 for start in starts]))
            for i in range(LANES)
        ]
        whole = count - count % LANES
        _turns(writer, kernel, states, step, (low, f.smaller(high, whole)))
        rest = states[: count - whole]
        last = isinstance(high, int) or not rest
        with nullcontext() if last else f.when(f.name_for(f"icmp eq i64 {high}, {count}")):
            for i, variable in enumerate(rest):
                _put(writer, kernel, variable.get(), whole + i)


def write_advance(writer: Writer, stream: Stream) -> None:
    """Write what moves the state of a generator on, past all that a step draws from it.

    Parameters
    ----------
    writer : Writer
        Where it goes, at a point where all threads have drawn.
    stream : Stream
        The generator.
    """
    f, places = writer.f, _places()
    with _alone(f, writer.threads > 1):
        state, step = _state(writer, stream)
        state = _at(f, state, step, [stream.count])
        high = f.op(f"lshr {state}, 64", _WIDE)
        for half, place in ((state, places[0]), (high, places[1])):
            word = f.op(f"trunc {half} to i64", _WORD)
            f.store(word, writer.memory[stream.value], place)


@contextmanager
def _alone(f: Function, alone: bool) -> Iterator[None]:
    first = f.name_for("icmp eq i64 %tid, 0") if alone else ""
    with f.when(first) if alone else nullcontext():
        yield


def _places() -> tuple[int, ...]:
    places = words()
    assert places is not None, "no stream is made where the state is not found"
    return places


def _starts(count: int, threads: int) -> list[int]:
    """Where each thread's share begins, as :meth:`Writer.share` has it."""
    grains = -(-count // LANES)
    return [thread * grains // threads * LANES for thread in range(threads)]


def _state(writer: Writer, stream: Stream) -> tuple[Register, Register]:
    """The state and the increment as they lie in memory."""
    f, memory = writer.f, writer.memory[stream.value]
    halves = [f.load(memory, place, _WORD) for place in _places()]
    wide = [f.op(f"zext {half} to i128", _WIDE) for half in halves]
    pairs = ((wide[0], wide[1]), (wide[2], wide[3]))
    both = []
    for low, high in pairs:
        shifted = f.op(f"shl {high}, 64", _WIDE)
        both.append(f.op(f"or {low}, {shifted.name}", _WIDE))
    return both[0], both[1]


def _at(f: Function, state: Register, step: Register, counts: list[int]) -> Register:
    """The state after so many draws; which of the numbers is meant, the thread decides."""
    a, b = zip(*map(leap, counts))
    return _moved(f, state, _chosen(f, a), _times(f, step, _chosen(f, b)))


def _chosen(f: Function, numbers: tuple[int, ...]) -> str:
    name = str(numbers[0])
    for thread, number in enumerate(numbers[1:], 1):
        mine = f.name_for(f"icmp eq i64 %tid, {thread}")
        name = f.name_for(f"select i1 {mine}, i128 {number}, i128 {name}")
    return name


def _times(f: Function, x: Register, factor: str) -> Register:
    return f.op(f"mul {x}, {factor}", _WIDE)


def _moved(f: Function, state: Register, factor: str, term: Register) -> Register:
    return f.op(f"add {_times(f, state, factor)}, {term.name}", _WIDE)


def _turns(
    writer: Writer,
    kernel: Draw,
    states: list[Variable],
    step: Register,
    between: tuple[Index, Index],
) -> None:
    """The loop over the numbers, as many at once as there are states."""
    f = writer.f
    a, b = leap(LANES)
    term = _times(f, step, str(b))
    if between == (0, 0):
        return
    with f.loop(*between, LANES) as i:
        for lane, variable in enumerate(states):
            state = variable.get()
            _put(writer, kernel, state, f.plus(i, lane))
            variable.set(_moved(f, state, str(a), term))


def _put(writer: Writer, kernel: Draw, state: Register, place: Index) -> None:
    """Mix a state down to 64 bits, and store the upper 53 as a float below 1."""
    f = writer.f
    upper = f.op(f"lshr {state}, 64", _WIDE)
    high, low = (f.op(f"trunc {x} to i64", _WORD) for x in (upper, state))
    mixed = f.op(f"xor {high}, {low.name}", _WORD)
    turn = f.op(f"lshr {high}, 58", _WORD)
    bits = f.intrinsic("fshr", mixed, mixed, turn)
    top = f.op(f"lshr {bits}, 11", _WORD)
    whole = f.op(f"sitofp {top} to double", _DOUBLE)
    number = f.op(f"fmul {whole}, {f.number(2.0**-53, _DOUBLE).name}", _DOUBLE)
    writer.store(kernel.lines[0].output, number, place)
