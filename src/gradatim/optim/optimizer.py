"""Optimizer: what all of them do; each adds its slots and its rule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np

from gradatim.autograd.modes import phase
from gradatim.autograd.state import read_state, write_state
from gradatim.autograd.tensor import Parameter, Tensor, constant, lift
from gradatim.autograd.tree import Container, tensors
from gradatim.autograd.writing import write
from gradatim.errors import DtypeError, NoGradientError, ShapeError, StateError
from gradatim.optim.rate import Rate
from gradatim.primitives import effect
from gradatim.types import Array

Pace = SimpleNamespace
"""The rates of one step as Tensors of the parameters' dtype, by their names."""


class Optimizer:
    """Base of the optimizers: moves parameters against their gradients.

    A subclass names its ``slots`` (Tensors kept for each parameter, beginning at 0), its rates
    (attributes of class :class:`Rate`) and its :meth:`rule`.

    Parameters
    ----------
    parameters : Module, dict, or iterable of Parameter
        What to learn. One that is reached twice is learned once; frozen ones are passed over.
    **rates : float
        A number for each Rate of the class.

    Attributes
    ----------
    slots : tuple of str
        Names of the Tensors kept for each parameter.
    lr : float
        Learning rate; may be set between steps, and moves inside a compiled step too.
    rate_tensors : dict of str to Tensor
        The rates, 0-d float64.
    slot_tensors : dict of str to tuple of Tensor
        The slots of each parameter, by its path.
    parameters : dict of str to Tensor
        What is learned, by path.
    switched_on : set of str
        Rates that may be left out and were not.

    Raises
    ------
    StateError
        If there is nothing to learn, or a rate is out of its range.

    Examples
    --------
    >>> import gradatim as gd
    >>> class SignDescent(gd.optim.Optimizer):
    ...     def rule(self, p, g, pace):
    ...         return pace.lr * gd.sign(g), ()
    >>> w = gd.Parameter([1.0, -2.0])
    >>> (w * w).sum().backward()
    >>> SignDescent([w], lr=0.5).step()
    >>> w
    Parameter([ 0.5, -1.5], requires_grad=True)
    """

    slots: ClassVar[tuple[str, ...]] = ()
    lr = Rate()

    def __init__(self, parameters: Any, **rates: float) -> None:
        self._source = _source(parameters)
        self.parameters = _found(self._source, type(self).__name__)
        known = _rates(type(self))
        self.switched_on = {n for n, r in known.items() if r.switch and rates.get(n)}
        self.rate_tensors = {
            name: _named(name, np.array(rate.checked(self, rates[name]), np.float64))
            for name, rate in known.items()
        }
        self.slot_tensors = {
            path: tuple(_named(f"{path}_{slot}", np.zeros_like(p.raw)) for slot in self.slots)
            for path, p in self.parameters.items()
        }
        self._count = _named("step_count", np.zeros((), np.int64))
        self._paces = {p.dtype: self._pace(p.dtype) for p in self.parameters.values()}

    @property
    def step_count(self) -> int:
        """Number of steps done."""
        return int(self._count.item())

    def rule(self, p: Tensor, g: Tensor, pace: Pace, *slots: Tensor) -> tuple[Tensor, Any]:
        """Return what is taken off a parameter, and the new slots; written by each class.

        Parameters
        ----------
        p : Tensor
            The parameter.
        g : Tensor of the same shape
            Its gradient.
        pace : namespace
            Each rate, and what :meth:`once` returned, as 0-d Tensors of the parameter's dtype.
        *slots : Tensor of the same shape
            In the order of ``slots``.
        """
        raise NotImplementedError(f"{type(self).__name__}: define rule(self, p, g, pace, *slots)")

    def once(self, count: Tensor) -> dict[str, Tensor]:
        """Return what a step needs once for all parameters, as 0-d Tensors by name.

        Parameters
        ----------
        count : Tensor
            The number of this step, beginning at 1.
        """
        return {}

    def step(self, grads: Mapping[str, Any] | None = None) -> None:
        """Move every parameter that has a gradient, and use the gradients up.

        Parameters
        ----------
        grads : mapping of str to Tensor, optional
            Gradients by path, as ``gd.value_and_grad`` gives them; those in ``grad`` of the
            parameters if not given, which are set to None afterwards.

        Raises
        ------
        NoGradientError
            If no parameter has a gradient.
        ShapeError
            If a gradient has not the shape of its parameter.
        StateError
            If a parameter of the model was replaced by another or has another dtype, or a path is
            unknown.
        """
        todo = self._todo() if grads is None else self._given(grads)
        paces = [self._pace_of(path, p) for path, p, _ in todo]
        with phase("update", taping=False):
            write(effect.add_into, self._count, 1)
            for name, t in self.once(self._count).items():
                for dtype, pace in self._paces.items():
                    setattr(pace, name, t if t.dtype == dtype else t.astype(dtype))
            for (path, p, g), pace in zip(todo, paces):
                self._move(path, p, g, pace)
        if grads is None:
            for _, p, _ in todo:
                p.grad = None

    def _pace_of(self, path: str, p: Tensor) -> Pace:
        try:
            return self._paces[p.dtype]
        except KeyError:
            known = ", ".join(map(str, self._paces))
            raise StateError(
                f"{type(self).__name__}.step: {path} has become {p.dtype}; the optimizer was made "
                f"for {known}.\n  Try to make the optimizer after the model has its dtype."
            ) from None

    def _move(self, path: str, p: Tensor, g: Tensor, pace: Pace) -> None:
        slots = self.slot_tensors[path]
        decrease, renewed = self.rule(p, g, pace, *slots)
        for slot, value in zip(slots, renewed):
            write(effect.assign, slot, value)
        write(effect.subtract_from, p, decrease)

    def _todo(self) -> list[tuple[str, Tensor, Tensor]]:
        """Parameters with their gradients; frozen ones and those without are passed over."""
        todo = []
        lacking = False
        for path, p in self.parameters.items():
            if p.wanted:
                if p.grad is None:
                    lacking = True
                else:
                    todo.append((path, p, _checked(path, p, p.grad)))
        if lacking:
            self._check_replaced()
        if not todo:
            raise NoGradientError(
                f"{type(self).__name__}.step: no parameter has a gradient.\n  "
                + (_CALL_BACKWARD if lacking else "All are frozen; try model.unfreeze().")
            )
        return todo

    def _check_replaced(self) -> None:
        """A parameter that was replaced in the model gets no gradient, and nobody would learn."""
        now = tensors(self._source)
        for path, p in self.parameters.items():
            other = now.get(path)
            if other is not p and isinstance(other, Tensor):
                raise StateError(
                    f"{type(self).__name__}.step: {path} was replaced by another Tensor after the "
                    "optimizer was made, which would never learn.\n  Try p.assign(value) instead "
                    "of a new Parameter, or make the optimizer afterwards."
                )

    def _given(self, grads: Mapping[str, Any]) -> list[tuple[str, Tensor, Tensor]]:
        unknown = [path for path in grads if path not in self.parameters]
        if unknown:
            raise StateError(
                f"{type(self).__name__}.step: there are no parameters {unknown}; known are "
                f"{list(self.parameters)}.\n  Try the gradients of gd.value_and_grad(loss)(model)."
            )
        todo = [
            (path, p, _checked(path, p, grads[path]))
            for path, p in self.parameters.items()
            if path in grads and p.wanted
        ]
        if not todo:
            raise NoGradientError(f"{type(self).__name__}.step: no gradient was given.")
        return todo

    def zero_grad(self) -> None:
        """Drop all gradients; :meth:`step` does it by itself."""
        for p in self.parameters.values():
            p.grad = None

    def cast_rates(self, name: str) -> list[Tensor]:
        """Return the copies of a rate in the dtypes of the parameters other than float64.

        Parameters
        ----------
        name : str
            Of the rate.
        """
        return [vars(pace)[name] for dtype, pace in self._paces.items() if dtype != np.float64]

    def _pace(self, dtype: np.dtype[Any]) -> Pace:
        """Rates in a dtype, kept: a cast in every step costs as much as a small update."""
        whole = self.rate_tensors.items()
        return Pace(
            **{n: t if t.dtype == dtype else _named(n, t.data.astype(dtype)) for n, t in whole}
        )

    def state_dict(self) -> dict[str, Array]:
        """Return a copy of the step count, the rates and every slot (``velocity.first.weight``).

        Returns
        -------
        dict of str to array
            Ready for ``gd.store.save_weights``.
        """
        return read_state(self._state())

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a saved state.

        Parameters
        ----------
        state : mapping of str to array
            As :meth:`state_dict` gives it.

        Raises
        ------
        StateError
            If something does not fit; the message lists all of it, and nothing was changed.
        """
        for name, rate in _rates(type(self)).items():
            if isinstance(state, Mapping) and np.shape(state.get(name, [])) == ():
                rate.checked(self, state[name])
        write_state(self._state(), state, True, f"{type(self).__name__}.load_state_dict")
        for name, t in self.rate_tensors.items():
            setattr(self, name, t.item())

    def _state(self) -> dict[str, Tensor]:
        slots = {
            f"{slot}.{path}": t
            for path, kept in self.slot_tensors.items()
            for slot, t in zip(self.slots, kept)
        }
        return {"step": self._count, **self.rate_tensors, **slots}

    def __repr__(self) -> str:
        rates = ", ".join(f"{name}={getattr(self, name):g}" for name in self.rate_tensors)
        count = len(self.parameters)
        return f"{type(self).__name__}({count} parameter{'s' * (count != 1)}, {rates})"


_CALL_BACKWARD = (
    "Try loss.backward() before it, once for each step: a step uses the gradients up.\n"
    "  Was the loss computed from this model, outside gd.no_grad()?"
)


def _named(name: str, numbers: Array) -> Tensor:
    """A Tensor of the optimizer's own, with the name that programs print."""
    t = constant(numbers)
    t.name = name
    return t


def _rates(kind: type[Optimizer]) -> dict[str, Rate]:
    """Rates of a class, those of its ancestors first."""
    found: dict[str, Rate] = {}
    for ancestor in reversed(kind.__mro__):
        found.update((n, r) for n, r in vars(ancestor).items() if isinstance(r, Rate))
    return found


def _source(parameters: Any) -> Any:
    """Whatever holds the parameters, as something that can be walked more than once."""
    if isinstance(parameters, Tensor):
        return [parameters]
    if isinstance(parameters, (Container, dict)) or not isinstance(parameters, Iterable):
        return parameters
    listed = list(parameters)
    pairs = all(isinstance(p, tuple) and len(p) == 2 and isinstance(p[0], str) for p in listed)
    return dict(listed) if listed and pairs else listed


def _found(source: Any, kind: str) -> dict[str, Tensor]:
    found = {
        path: t
        for path, t in tensors(source).items()
        if t.origin is None and (isinstance(t, Parameter) or t.wanted)
    }
    if not found:
        raise StateError(
            f"{kind}: there is nothing to learn in {type(source).__name__}: no Parameter inside.\n"
            f"  Try {kind}(model) or {kind}(model.parameters())."
        )
    if isinstance(source, (Container, dict)):
        for path, p in found.items():
            p.name = p.name or path
    return found


def _checked(path: str, p: Tensor, g: Any) -> Tensor:
    """A gradient of another shape would broadcast in silence and move the wrong elements."""
    t = lift(g, p)
    if t.raw.shape != p.raw.shape:
        raise ShapeError(
            f"step: the gradient of {path} is {t.shape}; it must have the shape of the parameter, "
            f"{p.shape}."
        )
    if t.raw.dtype.kind != "f":
        raise DtypeError(f"step: the gradient of {path} is {t.dtype}; it must be a float.")
    return t
