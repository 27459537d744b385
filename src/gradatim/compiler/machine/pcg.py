"""NumPy's usual source of random numbers, PCG64: where its state lies, and how it leaps ahead.

The state is a number of 128 bits; each draw makes ``state * MULTIPLIER + increment`` of it and
then mixes those bits down to 64. So k draws at once are one multiplication and one addition, and
machine code can begin anywhere in the stream.

Source: O'Neill, PCG: A family of simple fast space-efficient statistically good algorithms for
random number generation, 2014, sections 4.3.1 (leaping) and 6.3.2 (XSL RR).
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from gradatim.compiler.program import Line, Program, Value
from gradatim.primitives import chance

MULTIPLIER = 0x2360ED051FC65DA44385DF649FCCF645
_HALF, _WHOLE = 1 << 64, 1 << 128


@dataclass(frozen=True, eq=False)
class Stream:
    """A generator that machine code draws from.

    Parameters
    ----------
    value : Value
        Stands for the memory of its state.
    generator : Generator
        It itself.
    before : dict of Line to int
        How many numbers a step has drawn from it when each line draws.
    count : int
        How many a step draws in all.
    """

    value: Value
    generator: np.random.Generator
    before: dict[Line, int]
    count: int


def streams(program: Program) -> tuple[Stream, ...]:
    """Return the generators from which machine code can draw all that a program draws.

    That is where the numbers are float64, evenly distributed, and the generator is NumPy's usual
    one. From any other NumPy draws, and then all, so that the order stays.

    Parameters
    ----------
    program : Program
        After all passes.
    """
    drawn: dict[int, list[Line]] = {}
    for line in program.draws():
        rng = line.settings["rng"]
        drawn.setdefault(id(getattr(rng, "bit_generator", rng)), []).append(line)
    return tuple(_stream(lines) for lines in drawn.values() if all(map(_is_known, lines)))


def _is_known(line: Line) -> bool:
    rng = line.settings["rng"]
    usual = type(rng) is np.random.Generator and type(rng.bit_generator) is np.random.PCG64
    double = line.primitive is chance.random and line.output.dtype == np.float64
    return usual and double and words() is not None


def _stream(lines: list[Line]) -> Stream:
    before: dict[Line, int] = {}
    count = 0
    for line in lines:
        before[line] = count
        count += line.output.size
    state = Value("the state of a generator", (4,), np.dtype(np.uint64))
    return Stream(state, lines[0].settings["rng"], before, count)


def leap(count: int) -> tuple[int, int]:
    """Return a and b of ``state * a + increment * b``, the state after so many draws.

    Parameters
    ----------
    count : int
        0 or more. Cost: its number of bits.
    """
    a, b = 1, 0
    power, total = MULTIPLIER, 1
    while count:
        if count & 1:
            a, b = a * power % _WHOLE, (b * power + total) % _WHOLE
        total = total * (power + 1) % _WHOLE
        power = power * power % _WHOLE
        count >>= 1
    return a, b


def address(generator: np.random.Generator) -> int:
    """Return where the state of a PCG64 lies: four numbers of 64 bits, as long as it lives."""
    outer = generator.bit_generator.ctypes.state_address
    return ctypes.c_void_p.from_address(outer).value or 0


@cache
def words() -> tuple[int, ...] | None:
    """Return where in that memory the low and high half of state and increment are.

    It is looked up in a generator whose state is known. None if they are not found, or if the
    processor has no numbers of 64 bits.
    """
    probe = np.random.default_rng(20)
    state: Any = probe.bit_generator.state["state"]
    wanted = [half for key in ("state", "inc") for half in reversed(divmod(state[key], _HALF))]
    memory = list((ctypes.c_uint64 * 4).from_address(address(probe)))
    if sorted(memory) != sorted(wanted) or sys.maxsize < 1 << 62:
        return None
    return tuple(memory.index(half) for half in wanted)


@contextmanager
def held(found: Iterable[Stream]) -> Iterator[None]:
    """Let nobody else draw meanwhile; NumPy's own draws take the same locks."""
    locks = sorted((s.generator.bit_generator.lock for s in found), key=id)
    with ExitStack() as stack:
        for lock in locks:
            stack.enter_context(lock)
        yield
