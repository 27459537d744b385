"""Stretch: a step taken over many batches of some data, in one call."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from gradatim.autograd.tensor import Tensor
from gradatim.compiler.machine.feed import Feed, Run
from gradatim.compiler.machine.rota import Rota
from gradatim.compiler.machine.runner import Runner
from gradatim.compiler.machine.team import Team
from gradatim.compiler.plan import Plan
from gradatim.compiler.program import Value
from gradatim.compiler.signals import SignalsHeld
from gradatim.errors import RecordingError
from gradatim.native.conversion import READABLE
from gradatim.native.ir import has_code
from gradatim.primitives.bounds import within
from gradatim.types import Array

BRIEF = 3
"""Steps of a call up to which it does not pay to lay weights anew for it."""

GATHERED_BYTES = 1 << 22
"""Of batches that NumPy gathers beforehand, where machine code cannot read the data."""


@dataclass(frozen=True, eq=False)
class Source:
    """Data that batches of one argument are taken from.

    Parameters
    ----------
    array : array of shape (N, ...)
        As it is stored.
    factor : float
        What it is multiplied by on the way.
    divisor : int, optional
        What it is divided by instead.
    is_sparse : bool
        Whether most of it is zeros, which are better left out.
    """

    array: Array
    factor: float = 1.0
    divisor: int | None = None
    is_sparse: bool = False

    def is_readable(self) -> bool:
        """Whether machine code can read it where it lies."""
        array = self.array
        plain = array.flags.c_contiguous and array.dtype.isnative
        return plain and array.dtype.name in READABLE

    def feed(self, argument: Value) -> Feed:
        """Return how machine code makes an argument of it."""
        return Feed(argument, self.array.dtype, self.factor, self.divisor, self.is_sparse)


@dataclass(frozen=True, eq=False)
class Supply:
    """All data of a step, one source for each argument, and how NumPy would make a batch of it.

    Parameters
    ----------
    sources : tuple of Source
        In the order of the arguments.
    gather : callable
        ``gather(rows)`` returns the arrays of the arguments for these samples.
    """

    sources: tuple[Source, ...]
    gather: Callable[[Array], Sequence[Array]]

    def feeds(self, arguments: Sequence[Value]) -> tuple[Feed, ...]:
        """Return how machine code makes arguments of it; where it cannot, of what NumPy gathers."""
        if self.is_readable():
            return tuple(source.feed(value) for source, value in zip(self.sources, arguments))
        return tuple(Feed(value, value.dtype) for value in arguments)

    def is_readable(self) -> bool:
        """Whether machine code can read all of it."""
        return all(source.is_readable() for source in self.sources)


class Stretch:
    """A program that goes through batches of some data by itself.

    Parameters
    ----------
    plan : Plan
        The program, made for machine code; its first axis of each argument is the batch.
    feeds : tuple of Feed
        How its arguments are made of the data, as a :class:`Supply` tells.
    paced : sequence of Tensor
        State of one element that is another number in each step.
    team : Team
        The threads.
    longest : int, optional
        Most steps that a run may have; unknown if not given.
    watched : bool
        Whether the first result must be finite: if it is not, the steps end before any state is
        written that is written after it.

    Raises
    ------
    RecordingError
        If the step leaves gradients behind, which only its last one would; or machine code does
        not know the type of the number that is watched.
    """

    def __init__(
        self,
        plan: Plan,
        feeds: tuple[Feed, ...],
        paced: Sequence[Tensor],
        team: Team,
        *,
        longest: int | None = None,
        watched: bool = True,
    ) -> None:
        self.plan, self._watched = plan, watched
        if not plan.is_repeatable():
            raise RecordingError(
                "compile: the step leaves gradients in grad, so it cannot run on by itself.\n"
                "  Try optimizer.step(), which uses them up, or zero_grad() in the step."
            )
        program = plan.program
        place = dict(zip(plan.tensors, program.state))
        self._paced = [(i, t) for i, t in enumerate(paced) if t in place]
        paces = tuple(place[t] for _, t in self._paced)
        is_brief = longest is not None and longest <= BRIEF
        spec = Run(feeds, paces, program.results, is_brief)
        number = program.results[0] if watched else None
        if number is not None and not has_code(number.dtype):
            raise RecordingError(
                f"compile: the loss is {number.dtype}, which machine code cannot look at.\n"
                "  Try float32: model.astype('float32'), and then its optimizer."
            )
        with SignalsHeld():  # whatever raises inside of llvmlite is lost, or leaves it in pieces
            self._rota = Rota(team, lambda team: self._runner(Runner(program, spec, number, team)))
        self._checked: list[Supply] = []

    def _runner(self, runner: Runner) -> Runner:
        self.plan.runners.add(runner)
        return runner

    def _check(self, supply: Supply, rows: Array) -> None:
        """See that data holds nothing that a batch must not, such as a label out of range.

        All of it is looked at the first time. Its owner may write into it, so later what is taken.
        """
        known = any(supply is each for each in self._checked)
        for value, low, high in self._rota.whole.module.schedule.checks:
            array = supply.sources[self.plan.program.arguments.index(value)].array
            within(array[rows.ravel()] if known and rows.size < len(array) else array, low, high)
        if not known:
            self._checked.append(supply)

    def run(self, supply: Supply, rows: Array, paces: Sequence[Array] = ()) -> list[Array]:
        """Go through batches; end early at the first whose watched result is not finite.

        Parameters
        ----------
        supply : Supply
            The data, of the form that the feeds were made for.
        rows : array of shape (steps, batch), int64
            Which samples make up each.
        paces : sequence of array of shape (steps,)
            For each of the paced Tensors its number in each step.

        Returns
        -------
        list of array
            Each result of all steps, shape (steps, ...); 0 for steps that were not reached.

        Raises
        ------
        DataError
            If the data holds what a batch must not: a label out of range.
        """
        paces = [np.ascontiguousarray(paces[i], t.dtype) for i, t in self._paced]
        rows = np.ascontiguousarray(rows, np.int64)
        self._check(supply, rows)
        return _joined(self._pieces(supply, rows, paces), len(rows), self._watched)

    def _pieces(self, supply: Supply, rows: Array, paces: list[Array]) -> Iterator[list[Array]]:
        """The results of as many steps at a time as the same threads take."""
        first = 0
        while first < max(1, len(rows)):
            with SignalsHeld():  # it may compile
                runner, steps = self._rota.next(len(rows) - first)
            some = slice(first, first + steps)
            begun = perf_counter()
            yield self._piece(runner, supply, rows[some], [x[some] for x in paces])
            self._rota.look(runner, max(1, steps), perf_counter() - begun)
            first += max(1, steps)

    def _piece(
        self, runner: Runner, supply: Supply, rows: Array, paces: list[Array]
    ) -> list[Array]:
        with SignalsHeld():  # threads wait for each other, and state is half written meanwhile
            state = self.plan.memory(runner.arguments)
            copied = runner.bind(state)
            try:
                return _taken(runner, supply, rows, paces, self._watched)
            finally:
                runner.give_back(copied, state)
                self.plan.note_steps()


def _taken(
    runner: Runner, supply: Supply, rows: Array, paces: list[Array], watched: bool
) -> list[Array]:
    if runner.is_whole and supply.is_readable():
        return runner.run(rows, [source.array for source in supply.sources], paces)
    way = _gathered if runner.is_whole else _one_by_one
    return _joined(way(runner, supply, rows, paces), len(rows), watched)


def _gathered(
    runner: Runner, supply: Supply, rows: Array, paces: list[Array]
) -> Iterator[list[Array]]:
    """Steps on batches that NumPy gathers, several at a time."""
    nbytes = sum(x.nbytes for x in runner.arguments)
    many = max(1, GATHERED_BYTES // max(1, nbytes))
    for first in range(0, len(rows), many):
        some = rows[first : first + many]
        arrays = supply.gather(some.ravel())
        order = np.arange(some.size).reshape(some.shape)
        yield runner.run(order, arrays, [x[first : first + many] for x in paces])


def _one_by_one(
    runner: Runner, supply: Supply, rows: Array, paces: list[Array]
) -> Iterator[list[Array]]:
    """Steps of which NumPy does a part."""
    for number, some in enumerate(rows):
        for mine, x in zip(runner.arguments, supply.gather(some)):
            mine[...] = x
        yield [x[None] for x in runner.step([x[number] for x in paces])]


def _joined(pieces: Iterator[list[Array]], steps: int, watched: bool) -> list[Array]:
    """Results of pieces one after another, up to the first that ended early."""
    taken: list[list[Array]] = []
    for piece in pieces:
        taken.append(piece)
        if watched and not np.isfinite(piece[0]).all():
            break
    return [_whole(parts, steps) for parts in zip(*taken)]


def _whole(parts: Sequence[Array], steps: int) -> Array:
    """Parts one after another, and 0 for steps that were not reached."""
    first, reached = parts[0], sum(map(len, parts))
    if len(parts) == 1 and reached == steps:
        return first
    rest = np.zeros((steps - reached, *first.shape[1:]), first.dtype)
    return np.concatenate([*parts, rest])
