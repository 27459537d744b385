"""Module: a model is a plain object, and its parts are found by walking it."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any
from weakref import ref

import numpy as np

from gradatim.autograd.modes import current
from gradatim.autograd.state import Difference, read_state, write_state
from gradatim.autograd.tensor import Parameter, Tensor, tick
from gradatim.autograd.tree import Container, children, walk
from gradatim.errors import DtypeError, GradatimError, StateError
from gradatim.nn.architecture import architecture
from gradatim.nn.call import mark, watched
from gradatim.nn.spelling import MisspeltAttributeWarning, misspelt
from gradatim.nn.summary import Summary, summarize
from gradatim.types import Array

if TYPE_CHECKING:
    from typing import Self

    from numpy.typing import DTypeLike


class Module(Container):
    """A part of a model, or a whole one: parameters, other modules, and ``forward``.

    Attributes are set as in any Python class, in ``__init__`` or elsewhere; parameters and
    modules are found among them, also inside lists, tuples and dicts, in the order in which they
    were written. What is reached twice (tied weights) counts once, under its first path.
    ``super().__init__()`` is not needed. A Tensor that is no Parameter belongs to the saved state
    too, unless it is a result of a computation or its attribute begins with an underscore.

    Attributes
    ----------
    training : bool
        Whether the module learns just now; Dropout and its like ask for it. See :meth:`train`.

    Raises
    ------
    StateError
        If a Parameter is replaced by something that would not be learned.

    Examples
    --------
    >>> import gradatim as gd
    >>> class Line(gd.nn.Module):
    ...     def __init__(self):
    ...         self.slope = gd.Parameter(2.0)
    ...         self.offset = gd.Parameter(1.0)
    ...
    ...     def forward(self, x):
    ...         return self.slope * x + self.offset
    >>> line = Line()
    >>> line(3.0)
    Tensor(7.)
    >>> [name for name, _ in line.named_parameters()]
    ['slope', 'offset']
    """

    training: bool = True

    def _forward(self, *inputs: Any, **settings: Any) -> Any:
        """Return the output for ``inputs`` and ``settings``; written by each class."""
        raise NotImplementedError(f"{type(self).__name__}: define forward(self, x) in this class")

    forward: Callable[..., Any] = _forward

    def __call__(self, *inputs: Any, **settings: Any) -> Any:
        """Return ``forward`` of the ``inputs`` and ``settings``; an error names the module."""
        try:
            now = current()
            watcher = now.watcher
            if watcher is None:
                if not now.taping:
                    return self.forward(*inputs, **settings)
                began = tick()
                output = self.forward(*inputs, **settings)
                now.calls.append((ref(self), began, tick()))
                return output
            # Not inside of a lambda: variables that it shares cost every call a tenth of its time.
            return watched(watcher, self, partial(self.forward, *inputs, **settings), inputs)
        except GradatimError as error:
            mark(error, self)
            raise

    def __setattr__(self, name: str, value: Any) -> None:
        own = vars(self)
        if name not in own:
            if not hasattr(type(self), name):
                self._check_spelling(name)
        elif isinstance(own[name], Parameter) and not isinstance(value, (Parameter, type(None))):
            raise StateError(
                f"{type(self).__name__}.{name}: a Parameter would be replaced by "
                f"{type(value).__name__}, which no optimizer learns.\n"
                f"  Try model.{name}.assign(value) to change its numbers, or "
                "gd.Parameter(value) for a new one."
            )
        object.__setattr__(self, name, value)

    def _check_spelling(self, name: str) -> None:
        known = [*vars(self), *dir(type(self))]
        old = misspelt(self, name, known)
        if old is not None:
            warnings.warn(
                f"{type(self).__name__}.{name} is new, and nearly {old}, which is there.\n"
                f"  Did you mean {old}? Set {name} in __init__ if both are meant.",
                MisspeltAttributeWarning,
                stacklevel=3,
            )

    # --- walking ------------------------------------------------------------------------------
    def named_parameters(self) -> list[tuple[str, Parameter]]:
        """Return path and Parameter of each, as written; a nameless one is named by its path."""
        found = [(path, part) for path, part in walk(self) if isinstance(part, Parameter)]
        for path, parameter in found:
            if parameter.name is None or path.endswith(f".{parameter.name}"):
                parameter.name = path
        return found

    def parameters(self) -> list[Parameter]:
        """Return every Parameter inside once, in the order in which they were written."""
        return [parameter for _, parameter in self.named_parameters()]

    def named_modules(self) -> list[tuple[str, Module]]:
        """Return path and module of this one (path "") and every one inside, outer before inner."""
        return [(path, part) for path, part in walk(self) if isinstance(part, Module)]

    def modules(self) -> list[Module]:
        """Return this module and every one inside, outer before inner."""
        return [module for _, module in self.named_modules()]

    # --- switches -----------------------------------------------------------------------------
    def train(self, training: bool = True) -> Self:
        """Set ``training`` here and in every module inside; return the module itself."""
        for module in self.modules():
            module.training = training
        return self

    def eval(self) -> Self:
        """Set ``training`` to False here and in every module inside; return the module itself."""
        return self.train(False)

    def freeze(self) -> Self:
        """Let no parameter inside require a gradient; return the module itself."""
        return self._want(False)

    def unfreeze(self) -> Self:
        """Let every parameter inside require a gradient; return the module itself."""
        return self._want(True)

    def _want(self, wanted: bool) -> Self:
        for parameter in self.parameters():
            parameter.requires_grad = wanted
            parameter.grad = None
        return self

    def zero_grad(self) -> None:
        """Drop the gradients of all parameters; an optimizer's step does it by itself."""
        for parameter in self.parameters():
            parameter.grad = None

    # --- state --------------------------------------------------------------------------------
    def _state(self) -> dict[str, Tensor]:
        return {
            path: part
            for path, part in walk(self)
            if isinstance(part, Tensor) and (isinstance(part, Parameter) or _is_kept(path, part))
        }

    def state_dict(self) -> dict[str, Array]:
        """Return a copy of every parameter, and of Tensors that are kept, by path.

        Returns
        -------
        dict of str to array
            Ready for ``gd.store.save_weights``.
        """
        return read_state(self._state())

    def load_state_dict(self, state: Mapping[str, Any], strict: bool = True) -> Difference:
        """Overwrite parameters, and Tensors that are kept, by path; all of them or none.

        Parameters
        ----------
        state : mapping of str to array
            As :meth:`state_dict` gives it. The dtype of the model stays.
        strict : bool
            Whether both sides must have the same paths. A wrong shape is always an error.

        Returns
        -------
        Difference
            The paths ``missing`` in the state, and those it has ``unexpected``.

        Raises
        ------
        StateError
            If something does not fit; the message lists all of it, and nothing was changed.
        """
        return write_state(self._state(), state, strict, f"{type(self).__name__}.load_state_dict")

    def astype(self, dtype: DTypeLike) -> Self:
        """Return a copy of the module whose parameters are of another float dtype.

        Parameters
        ----------
        dtype : dtype
            ``np.float64`` for a gradient check, for example.

        Raises
        ------
        DtypeError
            If it is not a float dtype.
        """
        wanted = np.dtype(dtype)
        if wanted.kind != "f":
            raise DtypeError(
                f"astype: parameters cannot be {wanted}; they must be floats to be learned.\n"
                "  Try np.float32 or np.float64."
            )
        twin = copy.deepcopy(self)
        for _, part in walk(twin):
            if isinstance(part, Tensor) and part.dtype.kind == "f":
                part.raw = part.raw.astype(wanted)
        return twin

    # --- plain data ---------------------------------------------------------------------------
    def settings(self) -> dict[str, Any]:
        """Return the arguments of the constructor as what JSON can hold, without the weights."""
        return {}

    @classmethod
    def from_settings(cls, settings: dict[str, Any]) -> Module:
        """Make a layer from its ``settings``."""
        return cls(**settings)

    def architecture(self) -> dict[str, Any]:
        """Return layers and settings as what JSON can hold; see ``gd.nn.from_architecture``.

        Raises
        ------
        StateError
            If a class is not of the library; then only the weights can be saved.
        """
        return architecture(self)

    # --- showing ------------------------------------------------------------------------------
    if TYPE_CHECKING:

        def draw(self, *inputs: Any, **settings: Any) -> Any:
            """Draw what the module does to its inputs; filled in by ``draw/door.py``."""

    def summary(self, *inputs: Any) -> Summary:
        """Run the module once on ``inputs`` and return what it did as a table.

        The tape is off and the module evaluates; ``inputs`` are what it is called with.
        """
        return summarize(self, inputs)

    def _label(self) -> str:
        """What stands in the brackets of ``repr`` when there are no parts to show."""
        return ""

    @recursive_repr()
    def __repr__(self) -> str:
        kind, label = type(self).__name__, self._label()
        parts = [] if label else [f"{path}: {_shown(part)}" for path, part in _parts(self)]
        if not parts:
            return f"{kind}({label})"
        body = "\n".join(parts).replace("\n", "\n  ")
        return f"{kind}(\n  {body}\n)"


def _is_kept(path: str, part: Tensor) -> bool:
    return part.origin is None and not any(name.startswith("_") for name in path.split("."))


def _parts(node: Any, path: str = "") -> Iterator[tuple[str, Module | Parameter]]:
    """Modules and parameters that an object holds itself, not those inside other modules."""
    for name, part in children(node):
        whole = f"{path}.{name}" if path else name
        if isinstance(part, (Module, Parameter)):
            yield whole, part
        elif isinstance(part, (list, tuple, dict)):
            yield from _parts(part, whole)


def _shown(part: Module | Parameter) -> str:
    if isinstance(part, Module):
        return repr(part)
    frozen = "" if part.requires_grad else ", frozen"
    return f"Parameter {part.shape} {part.dtype}{frozen}"
