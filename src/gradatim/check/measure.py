"""The measuring of a gradient: a central difference each, a closer look where it leaves doubt."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from gradatim.autograd.double import Variable
from gradatim.autograd.tensor import Tensor
from gradatim.check.comparison import Budget, Comparison
from gradatim.check.course import OUTSIDE, SHARP, Course, direction, number
from gradatim.check.grain import Grain
from gradatim.check.ladder import BOTTOM, EPS, ROUNDINGS, STILL, Slope
from gradatim.check.numeric import check_step
from gradatim.check.progress import Progress
from gradatim.check.projection import Projection
from gradatim.check.record import Record, compared
from gradatim.check.replay import Replay, equal
from gradatim.check.subject import Subject
from gradatim.check.tie import Shift, breach
from gradatim.types import Array, Raw

FEW = 500
"""Numbers below which a replay is not worth its trials."""

BLOCK = 64
"""Numbers without a gradient that are moved together, to see that they change nothing."""

SAMPLE = 100
"""Numbers of each array whose truncation is measured, whether or not there is doubt."""

FAINT = 200
"""Numbers of each array that are looked at closely because they are small beside round-off."""

ENOUGH = 3
"""Wrong numbers after which an array needs no closer look."""

UNREST = 256.0
"""How many times farther than a nudge has moved it backprop may be off."""

Evaluate = Callable[[], list[Raw]]


class Measurement:
    """Numerical slopes of a subject's outputs, each with an error budget."""

    def __init__(
        self,
        subject: Subject,
        outputs: list[Tensor],
        projection: Projection,
        h: float,
        unrest: dict[str, Array],
    ) -> None:
        self._unrest = unrest
        self._subject, self._projection, self._h = subject, projection, h
        self._variables = list(subject.variables.values())
        for v in self._variables:
            check_step("gradient", v.numbers, h)
        self._middle = apart([y.raw for y in outputs])
        self._whole = _length(self._middle, projection.weights)
        self._replay: Replay | None = None
        self._grain = Grain(subject.run)
        if sum(v.numbers.size for v in self._variables) >= FEW:
            replay = Replay(subject.run)
            if replay.agrees(subject.run, self._variables, h):
                self._replay = replay

    # --- one array ---------------------------------------------------------------------------

    def of_variable(
        self, name: str, backprop: Array, picked: Array | None, progress: Progress
    ) -> Comparison:
        """Compare the gradient of one variable, at all numbers or at those picked."""
        v = self._subject.variables[name]
        evaluate = self.evaluation([v])
        at = np.arange(v.numbers.size) if picked is None else np.sort(picked)
        found = self._first_look(name, v, np.ravel(backprop), at, evaluate, progress)
        doubtful = self._doubtful(found, at)
        progress.expect(7 * len(doubtful))
        courses = ((i, self.course(v, i, evaluate)) for i in doubtful)
        _study(found, courses, at, lambda: progress.advance(7, name))
        self._ties(v, found, evaluate)
        evaluate()  # with everything back in its place: the next one's replay starts from there
        return compared(name, found, v.numbers.shape)

    def _ties(self, v: Variable, found: Record, evaluate: Evaluate) -> None:
        """Whether backprop of numbers that share a kink adds up to one slope."""
        gaps = {i: s.high - s.low for i, s in found.studied.items() if s.kind == "kink"}
        if len(gaps) < 2:
            return
        flat, middle = v.numbers.reshape(-1), v.numbers.reshape(-1).copy()

        def value(shift: Shift) -> float:
            flat[:] = middle
            flat[list(shift)] += list(shift.values())
            try:
                return self._projection.difference(evaluate(), self._middle)
            except OUTSIDE:
                return np.nan
            finally:
                flat[:] = middle

        got = {i: float(found.backprop[i]) for i in gaps}
        found.breach = breach(value, gaps, got, 1.0)
        if found.breach:
            found.share()

    def _first_look(
        self,
        name: str,
        v: Variable,
        backprop: Array,
        at: Array,
        evaluate: Evaluate,
        progress: Progress,
    ) -> Record:
        """Central differences, and how far rounding can have moved them."""
        flat, h = v.numbers.reshape(-1), self._h
        numerical, scale = np.full(flat.shape, np.nan), np.zeros(flat.shape)
        difference, measure = self._projection.difference, self._projection.scale
        progress.expect(at.size)
        idle = self._idle(flat, at[backprop[at] == 0], evaluate)
        numerical[idle] = 0.0
        progress.advance(idle.size, name)
        for done, i in enumerate(np.setdiff1d(at, idle, assume_unique=True).tolist(), 1):
            middle = float(flat[i])
            try:
                flat[i] = middle + h
                above = evaluate()
                flat[i] = middle - h
                below = evaluate()
            except OUTSIDE:
                continue  # stays NaN; narrower steps may stay inside
            finally:
                flat[i] = middle
            numerical[i] = difference(above, below) / (2 * h)
            scale[i] = np.nan_to_num(measure(above, below), posinf=np.inf)
            if not done & 15:
                progress.advance(16, name)
        unrest = UNREST * np.ravel(self._unrest[name])
        budget = self._budget(flat, numerical, scale, backprop, unrest)
        places = np.arange(flat.size)
        return Record(numerical, backprop, budget, np.isin(places, at), np.isin(places, idle))

    def _budget(
        self, flat: Array, numerical: Array, scale: Array, backprop: Array, unrest: Array
    ) -> Budget:
        sloped = np.abs(np.nan_to_num(numerical, posinf=0.0, neginf=0.0))
        round_off = EPS / self._h * (scale + np.abs(flat) * sloped)
        slack = _slack(scale, sloped, backprop)
        return Budget(
            low=numerical.copy(),
            high=numerical.copy(),
            error=ROUNDINGS * round_off + slack + unrest,
            truncation=np.full(flat.shape, np.nan),
            round_off=round_off,
            resting=np.full(flat.shape, 4 * EPS * self._whole + STILL),
            unrest=unrest,
        )

    def _idle(self, flat: Array, zeros: Array, evaluate: Evaluate) -> Array:
        """Numbers that change nothing, not a single bit, when a block of them is moved."""
        random = np.random.default_rng(0)
        idle: list[Array] = []
        for start in range(0, zeros.size if zeros.size >= BLOCK else 0, BLOCK):
            block = zeros[start : start + BLOCK]
            way = self._h * random.uniform(0.5, 1.5, block.size)
            way *= random.choice([-1.0, 1.0], block.size)
            if self._rests(flat, block, way, evaluate):
                idle.append(block)
        return np.concatenate(idle) if idle else np.zeros(0, dtype=int)

    def _rests(self, flat: Array, block: Array, way: Array, evaluate: Evaluate) -> bool:
        """Whether nothing changes when a block of numbers is moved, neither one way nor back."""
        before = flat[block]
        try:
            for sign in (1, -1):
                flat[block] = before + sign * way
                if not equal(evaluate(), self._middle):
                    return False
        except OUTSIDE:
            return False  # each number by itself will tell which of them leads outside
        finally:
            flat[block] = before
        return True

    def _doubtful(self, found: Record, at: Array) -> list[int]:
        """Numbers to be looked at closely: those that seem wrong first, the worst of them first."""
        backprop, budget = found.backprop[at], found.budget
        apart = np.abs(found.numerical[at] - backprop)
        error = budget.error[at]
        size = np.maximum(np.abs(found.numerical[at]), np.abs(backprop))
        excess = np.where(np.isnan(apart), np.inf, apart / np.maximum(error, 1e-300))
        seeming = np.isfinite(backprop) & (excess > 1)
        moved = budget.round_off[at] > 0
        faint = np.flatnonzero(~seeming & moved & (error > SHARP * size))
        faint = faint[np.argsort(-size[faint], kind="stable")][:FAINT]
        live = np.flatnonzero(~seeming & np.isfinite(size) & ~found.idle[at])
        if live.size > SAMPLE:
            live = np.random.default_rng(0).choice(live, SAMPLE, replace=False)
        first = np.flatnonzero(seeming)
        first = first[np.argsort(-excess[first], kind="stable")]
        return list(dict.fromkeys(at[np.concatenate([first, live, faint])].tolist()))

    # --- lines -------------------------------------------------------------------------------

    def courses(self, name: str, at: Array) -> Iterator[tuple[int, Course]]:
        """Some numbers of one variable, each moved on its own."""
        v = self._subject.variables[name]
        evaluate = self.evaluation([v])
        for i in at.tolist():
            yield i, self.course(v, i, evaluate)
        evaluate()  # with everything back in its place: the next one's replay starts from there

    def course(self, v: Variable, i: int, evaluate: Evaluate) -> Course:
        """One number of a variable, moved."""
        move, at = number(v.numbers, i), float(v.numbers.reshape(-1)[i])
        size = abs(at) or float(np.abs(v.numbers).max(initial=0.0))
        known = (self._projection, self._middle, self._h)
        return Course(move, evaluate, *known, at, size, self._grain)

    def of_directions(self, gradients: list[Array], count: int, seed: int) -> Comparison:
        """Compare slopes along random directions, in each of which every number moves by h."""
        arrays = [v.numbers for v in self._variables]
        evaluate = self.evaluation(self._variables)
        random = np.random.default_rng(seed)
        found = self._nothing_yet(count)
        courses = {}
        for k in range(count):
            ways = [random.choice([-1.0, 1.0], array.shape) for array in arrays]
            found.backprop[k] = sum(float((g * w).sum()) for g, w in zip(gradients, ways))
            course = Course(
                direction(arrays, ways), evaluate, self._projection, self._middle, self._h
            )
            rung = course.rung(self._h)
            courses[k] = course
            found.numerical[k] = rung.central
            moved = sum(float((np.abs(g * a)).sum()) for g, a in zip(gradients, arrays))
            found.budget.round_off[k] = EPS / self._h * (rung.scale + moved)
            found.budget.error[k] = ROUNDINGS * found.budget.round_off[k]
        _study(found, courses.items(), np.arange(count), lambda: None)
        evaluate()
        return compared("random directions", found, (count,))

    def _nothing_yet(self, count: int) -> Record:
        low, high, error, round_off, resting, unrest = (np.zeros(count) for _ in range(6))
        budget = Budget(low, high, error, np.full(count, np.nan), round_off, resting, unrest)
        every = np.ones(count, dtype=bool)
        return Record(np.zeros(count), np.zeros(count), budget, every, ~every)

    def evaluation(self, variables: list[Variable]) -> Evaluate:
        """Return what computes the outputs after some variables have been moved."""
        if self._replay is None:
            return lambda: apart([y.raw for y in self._subject.run()])
        again, values = self._replay.after(variables), self._replay.values

        def evaluate() -> list[Raw]:
            again()
            return apart(values())

        return evaluate


def _study(
    found: Record,
    courses: Iterable[tuple[int, Course]],
    at: Array,
    advance: Callable[[], None],
) -> None:
    """Look closely, and write what is found into the budget."""
    budget, wrong = found.budget, 0
    sloped = np.abs(found.backprop[at])
    floor = 1e-12 * float(sloped[np.isfinite(sloped)].max(initial=0.0))
    for i, course in courses:
        if wrong >= ENOUGH:
            break
        backprop = float(found.backprop[i])
        slope = course.slope(backprop, floor)
        found.studied[i] = slope
        slack = STILL + floor + 64 * EPS * (abs(slope.low) + budget.round_off[i] * course.h / EPS)
        slack += budget.unrest[i] + _blindness(slope, backprop, float(budget.unrest[i]))
        budget.low[i], budget.high[i] = slope.low, slope.high
        budget.error[i] = slope.error + slack
        budget.truncation[i] = course.truncation((slope.low + slope.high) / 2)
        if not np.isfinite(found.numerical[i]):
            found.numerical[i] = slope.low
            found.patched.append(i)
        wrong += not slope.holds(backprop, slack)
        advance()


def _blindness(slope: Slope, backprop: float, unrest: float) -> float:
    """What no step can see: a slope that turns within the narrowest of them."""
    size = max(abs(backprop), abs(slope.low))
    turned = BOTTOM / EPS * unrest / (4 * UNREST)
    return 100 * turned if turned > 0.01 * size else 0.0


def _slack(scale: Array, sloped: Array, backprop: Array) -> Array:
    """What rounding inside backprop itself can make."""
    largest = np.abs(backprop[np.isfinite(backprop)]).max(initial=0.0)
    slack: Array = 64 * EPS * (sloped + scale) + 1e-12 * largest + STILL
    return slack


def apart(values: list[Raw]) -> list[Raw]:
    """Outputs that stay as they are: an output may be a view of what is moved next."""
    return [np.array(y) if type(y) is np.ndarray else y for y in values]


def _length(outputs: list[Raw], weights: list[Array]) -> float:
    """How large the outputs are that are summed, as far as they are finite."""
    squares = [np.asarray(np.square(w * y)) for w, y in zip(weights, outputs)]
    return float(np.sqrt(sum(s[np.isfinite(s)].sum() for s in squares)))
