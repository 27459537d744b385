"""One forward and one backward of a copy of a layer: what came back, what was changed by it."""

from __future__ import annotations

import contextlib
import copy
import inspect
import io
import random
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from gradatim.chance import chance_kept, freeze_chance
from gradatim.check.layers.specimen import (
    MISSING,
    Place,
    copied,
    has_views,
    reach,
)
from gradatim.errors import GradatimError
from gradatim.types import Array

_OURS = Path(__file__).parents[1]


STOPS = (Exception, SystemExit)
"""What ends a learner's method; only Ctrl-C ends the check too."""


class Beyond(GradatimError):
    """Raised where forward takes the numbers of a point, and refuses others a step away."""


@dataclass(frozen=True)
class Raised:
    """An exception of the learner's code, and the line of it that failed."""

    error: BaseException
    where: str
    line: str

    @property
    def said(self) -> str:
        """The exception as Python would print it, in one line."""
        text = " ".join(str(self.error).split())
        return f"{type(self.error).__name__}: {text}" if text else type(self.error).__name__


@dataclass(eq=False)
class Call:
    """What came of one forward and one backward, and the layer as it was afterwards."""

    layer: Any
    output: Any = None
    dout: Any = None
    returned: Any = None
    raised: Raised | None = None
    stage: str = "forward"
    changed: list[tuple[str, str]] = field(default_factory=list)
    drew: bool = False


class LayerAtPoint:
    """A layer at one point, to be called again and again, each time on a copy."""

    def __init__(
        self, layer: Any, inputs: tuple[Any, ...], settings: dict[str, Any], seed: int
    ) -> None:
        self.layer, self.inputs, self.settings, self.seed = layer, inputs, settings, seed
        self.names = input_names(layer, len(inputs))
        self._copied = copied if has_views(layer) else copy.deepcopy

    def outputs(self, change: Callable[[Any, list[Any]], None]) -> Array:
        """Outputs of a copy in which something was changed."""
        layer, inputs = self._copied(self.layer), [fresh(x) for x in self.inputs]
        change(layer, inputs)
        freeze_chance(self.seed)
        return np.array(self._forward(layer, inputs), dtype=np.float64)

    def _forward(self, layer: Any, inputs: list[Any]) -> Any:
        try:
            return layer.forward(*inputs, **self.settings)
        except SystemExit as error:  # else a layer could end the program that checks it
            raise GradatimError(
                f"layer: {type(layer).__name__}.forward calls sys.exit({error.code!r}) at other "
                "numbers than the given ones; it must return there too."
            ) from error
        except Exception as error:
            raise Beyond(f"a step away forward raises {_raised(error).said}") from error

    def call(
        self, dout_of: Callable[[Any], Any], watched: Sequence[Place] = (), bare: bool = False
    ) -> Call:
        """Forward and backward on copies of everything; bare without handing dout over."""
        layer, inputs = self._copied(self.layer), [fresh(x) for x in self.inputs]
        call = Call(layer)
        freeze_chance(self.seed)
        state = _state()
        try:
            out = layer.forward(*inputs, **self.settings)
            call.drew = _state() != state
            self._note(call, inputs, watched)
            call.output, call.stage = fresh(out), "backward"
            call.dout = dout_of(call.output)
            handed = fresh(call.dout)
            returned = layer.backward() if bare else call_backward(layer, handed)
            call.returned = fresh(returned)
        except STOPS as error:
            call.raised = _raised(error)
            return call
        self._note(call, inputs, watched)
        for name, now, was in (("dout", handed, call.dout), ("output", out, call.output)):
            if not same(now, was):
                call.changed.append(("backward", name))
        return call

    def _note(self, call: Call, inputs: list[Any], watched: Sequence[Place]) -> None:
        """Note which inputs and parameters are not what they were."""
        known = {name for _, name in call.changed}
        found = [(name, x, was) for name, x, was in zip(self.names, inputs, self.inputs)]
        for place in watched:
            now, was = (reach(layer, place.path) for layer in (call.layer, self.layer))
            found.append((place.name, now, was))
        for name, now, was in found:
            if name not in known and not same(now, was):
                call.changed.append((call.stage, name))


def _state() -> tuple[bytes, int, int]:
    """Where NumPy's and Python's own random numbers have got to."""
    state: Any = np.random.get_state(legacy=False)
    return state["state"]["key"].tobytes(), int(state["state"]["pos"]), hash(random.getstate())


def call_backward(layer: Any, dout: Any) -> Any:
    """Call backward with dout, or with nothing if it takes nothing."""
    return layer.backward(dout) if takes_dout(layer) else layer.backward()


def dout_is_optional(layer: Any) -> bool:
    """Whether backward may be called with nothing, though it takes dout."""
    try:
        parameters = [*inspect.signature(layer.backward).parameters.values()]
    except (TypeError, ValueError):
        return False
    return bool(parameters) and parameters[0].default is not inspect.Parameter.empty


def takes_dout(layer: Any) -> bool:
    """Whether backward takes an argument."""
    try:
        parameters = inspect.signature(layer.backward).parameters.values()
    except (TypeError, ValueError):
        return True
    return any(p.kind not in (p.KEYWORD_ONLY, p.VAR_KEYWORD) for p in parameters)


def input_names(layer: Any, count: int) -> list[str]:
    """Names of forward's first arguments, as its author calls them."""
    try:
        parameters = list(inspect.signature(layer.forward).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    names = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return [*names, *(f"input{i}" for i in range(len(names), count))][:count]


def fresh(value: Any) -> Any:
    """Copy arrays, also those in a tuple or list; everything else is as it is."""
    if isinstance(value, np.ndarray):
        return value.copy()
    if type(value) in (tuple, list):
        return type(value)(fresh(each) for each in value)
    return value


def same(now: Any, was: Any) -> bool:
    """Whether a value is what it was, bit for bit."""
    if now is MISSING or was is MISSING:
        return now is was
    if isinstance(was, (np.ndarray, np.generic, float, int)):
        if now is None or np.shape(now) != np.shape(was):
            return False
        with contextlib.suppress(TypeError):
            return np.array_equal(now, was, equal_nan=True)
        return np.array_equal(now, was)
    return True


def _raised(error: BaseException) -> Raised:
    """The exception with the last line of it that is not NumPy's or Python's own."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if not _is_foreign(f.filename)] or frames
    last = own[-1]
    return Raised(error, f"{last.filename}:{last.lineno}", (last.line or "").strip())


def _is_foreign(filename: str) -> bool:
    """Whether a line is of an installed package, or of the check itself."""
    installed = any(part in filename for part in ("site-packages", "<__array_function"))
    return installed or Path(filename).is_relative_to(_OURS)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Let a learner's code, called so often, print, warn and draw without a trace."""
    with (
        chance_kept(),
        np.errstate(all="ignore"),
        warnings.catch_warnings(),
        contextlib.redirect_stdout(io.StringIO()),
    ):
        warnings.simplefilter("ignore")
        yield
