"""Book: a layer written in the style of the book, inside an ordinary model."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any
from weakref import WeakValueDictionary

import numpy as np

from gradatim.autograd.modes import no_grad
from gradatim.autograd.tensor import Parameter, Tensor, TensorLike, bind, lift
from gradatim.errors import DtypeError, GradatimError, GraphError, RecordingError, ShapeError
from gradatim.nn.foreign import Others, weights
from gradatim.nn.module import Module
from gradatim.nn.place import attributes
from gradatim.primitives import Primitive
from gradatim.types import Array, Raw, Shape

_STANDING: WeakValueDictionary[int, Book] = WeakValueDictionary()
"""The Book in which each layer stands, by the id of the layer that it keeps alive."""


class Book(Module):
    """A layer with ``forward(x)`` and ``backward(dout)``, as in the book, as a layer of a model.

    The tape calls the layer's own ``backward``; nothing is derived. What it learns is found
    inside it: attributes with a gradient beside them (``W`` and ``dW``, ``b`` and ``db``), lists or
    dicts ``params`` and ``grads``, also in layers inside the layer. It knows the same names as
    `gradatim.check.layer`; a gradient from which nothing would learn is an error.

    Parameters
    ----------
    layer : object
        Any object with ``forward`` and ``backward``. It is handed over: from now on its arrays
        are those of the parameters, so it can be looked at (``book.layer.dW``) and learns along.
        The arrays it was made with are not changed. A ``forward`` with several inputs is called
        with several; ``backward`` then returns one gradient for each, or that of the first.

    Attributes
    ----------
    params : dict of str to Parameter
        What it learns. These own the numbers: before each call the layer gets their arrays. If an
        array was assigned in the layer meanwhile (``layer.W = ...``), its numbers are taken over.

    Raises
    ------
    GraphError
        If the layer has no ``forward`` or ``backward``, stands in another Book, or leaves no
        gradient; if a second derivative is asked for, which it does not give; or if a random
        layer is to go back through a call that is not its last.
    ShapeError
        If a gradient has not the shape of what it belongs to.
    DtypeError
        If ``forward`` or ``backward`` returns no array.

    Notes
    -----
    Layers of the book remember their last call only. One that stands in two places of a model, or
    was called in between, computes its forward again before it goes back, so its gradients are
    right in both. Inputs and gradients are handed to it as copies, so it may write into them. A
    ``train_flg`` that its forward takes is given by ``training``.

    Examples
    --------
    >>> import gradatim as gd
    >>> layer = gd.book.Affine(np.ones((3, 2)), np.zeros(2))
    >>> model = gd.nn.Sequential(gd.nn.Book(layer), "relu")
    >>> [name for name, _ in model.named_parameters()]
    ['layers.0.params.W', 'layers.0.params.b']
    >>> model(np.ones((4, 3))).sum().backward()
    >>> model[0].params["b"].grad
    Tensor([4., 4.])
    """

    def __init__(self, layer: Any) -> None:
        _check_layer(layer)
        self.layer = layer
        self._weights = weights(layer)
        self.params = {each.name: _parameter(each.shown) for each in self._weights}
        self._takes_flag = _takes_flag(layer.forward)
        self._trace: tuple[Raw, dict[str, Any]] | None = None
        self._answer: tuple[tuple[Raw, ...], list[Any]] | None = None
        self._others: Others | None = Others(layer, self._weights)
        self._show_own()
        _STANDING[id(layer)] = self

    def forward(self, *inputs: TensorLike) -> Tensor:
        """Return the layer's ``forward`` of the ``inputs``."""
        self._take_over()
        xs = [lift(x) for x in inputs]
        return bind(_LAYER, *xs, *self.params.values(), book=self, training=self.training)

    def _label(self) -> str:
        learned = [f"{name} {parameter.shape}" for name, parameter in self.params.items()]
        return ", ".join([type(self.layer).__name__, *learned])

    def __getstate__(self) -> dict[str, Any]:
        # A copy has not called its layer yet.
        return {**vars(self), "_trace": None, "_answer": None}

    # --- the layer's numbers --------------------------------------------------------------------
    def _take_over(self) -> None:
        for weight, parameter in zip(self._weights, self.params.values()):
            new = weight.replacement()
            if new is not None:
                with no_grad():
                    parameter.assign(_same_shape(self, weight.name, np.asarray(new), parameter))
        self._show_own()

    def _show_own(self) -> None:
        self._show([parameter.data for parameter in self.params.values()])

    def _show(self, arrays: list[Any]) -> None:
        for weight, array in zip(self._weights, arrays):
            weight.show(array)

    # --- calls of the layer ---------------------------------------------------------------------
    def _run(self, arrays: tuple[Raw, ...], training: bool) -> Raw:
        """Call ``forward`` on arrays: inputs first, then the numbers of the parameters."""
        count = len(arrays) - len(self.params)
        flag = {"train_flg": training} if self._takes_flag else {}
        self._show(list(arrays[count:]))
        try:
            out = self.layer.forward(*(_copied(x) for x in arrays[:count]), **flag)
        except (TypeError, ValueError, IndexError) as error:
            raise self._failed("forward", arrays[:count], error) from error
        finally:
            replaced = [w.name for w in self._weights if w.replacement() is not None]
            self._show_own()
        if replaced:
            raise GraphError(
                f"{self._name}.forward: it put another array into {replaced[0]}, which is a "
                "parameter and so belongs to the optimizer.\n  Try another name for what is "
                "computed from it."
            )
        y = self._array("forward", out)[()]
        self._trace, self._answer = (y, attributes(self.layer)), None
        return y

    def _pull(self, g: Raw, y: Raw, arrays: tuple[Raw, ...], training: bool) -> list[Any]:
        """Call ``backward`` once for all inputs and return their gradients."""
        asked = (g, y, *arrays)
        if self._answer is not None and _are_same(self._answer[0], asked):
            return self._answer[1]
        self._go_back_to(y, arrays, training)
        count = len(arrays) - len(self.params)
        self._show(list(arrays[count:]))
        if self._others is not None:
            self._others.look()
        try:
            dx = self._backward(g)
            found = [*self._inputs(dx, arrays[:count]), *self._learned(arrays[count:])]
        finally:
            self._show_own()
        self._look_over({np.shape(each) for each in (g, y, *arrays[:count])})
        # Going back may use up what the layer remembers; another gradient needs another forward.
        self._trace, self._answer = None, (asked, found)
        return found

    def _backward(self, g: Raw) -> Any:
        try:
            return self.layer.backward(_copied(g))
        except (TypeError, ValueError, IndexError) as error:
            raise self._failed("backward", (g,), error) from error

    def _failed(self, called: str, given: tuple[Raw, ...], error: Exception) -> Exception:
        """Say what a failing method of the layer was called with; its own line stands above."""
        if isinstance(error, GradatimError):
            return error
        kind = DtypeError if isinstance(error, TypeError) else ShapeError
        shapes = ", ".join(f"{np.shape(x)} {x.dtype}" for x in given)
        learned = [f"{name} {parameter.shape}" for name, parameter in self.params.items()]
        holds = f"; the layer holds {', '.join(learned)}" if learned else ""
        return kind(f"{self._name}.{called}: called with {shapes}{holds}: {error}.")

    def _go_back_to(self, y: Raw, arrays: tuple[Raw, ...], training: bool) -> None:
        """Bring the layer into the state in which it computed ``y``."""
        if self._trace is not None and self._trace[0] is y:
            now, then = attributes(self.layer), self._trace[1]
            if now.keys() == then.keys() and all(now[name] is then[name] for name in now):
                return
        again = self._run(arrays, training)
        if np.shape(again) != np.shape(y) or not np.allclose(again, y, 1e-5, 1e-7, equal_nan=True):
            raise GraphError(
                f"{self._name}.backward: the layer was called since, and computing its forward "
                "again gives other numbers; so it is random, and what it remembered is lost.\n"
                "  Try a layer of its own for each place in the model."
            )

    def _inputs(self, dx: Any, xs: tuple[Raw, ...]) -> list[Any]:
        """Gradients of the inputs, as ``backward`` returned them."""
        parts = list(dx) if isinstance(dx, (tuple, list)) else [dx]
        if len(parts) > len(xs):
            raise GraphError(
                f"{self._name}.backward: it returned {len(parts)} gradients for {len(xs)} inputs; "
                "there must be one for each."
            )
        parts = [self._array("backward", part) for part in parts]
        for i, (part, x) in enumerate(zip(parts, xs)):
            if part.shape != np.shape(x):
                raise ShapeError(
                    f"{self._name}.backward: the gradient it returned for input {i} has shape "
                    f"{part.shape}; the input has {np.shape(x)}, and they must be equal."
                )
        return parts + [None] * (len(xs) - len(parts))

    def _learned(self, arrays: tuple[Raw, ...]) -> list[Any]:
        """Gradients of the parameters, as ``backward`` left them; None where it left none."""
        found = []
        for weight, array in zip(self._weights, arrays):
            gradient = weight.gradient()
            if gradient is not None:
                gradient = np.array(gradient)
                if gradient.shape != np.shape(array):
                    raise ShapeError(
                        f"{self._name}.backward: the gradient it left for {weight.name} has shape "
                        f"{gradient.shape}; {weight.name} has {np.shape(array)}, and they must be "
                        "equal."
                    )
            found.append(gradient)
        return found

    def _look_over(self, passing: set[Shape]) -> None:
        """After the first backward, say if it left a gradient for something not learned."""
        found = self._others.overlooked(passing) if self._others is not None else None
        if found is None:
            self._others = None
            return
        if found.certain:
            raise GraphError(
                f"{self._name}.backward: it left a gradient {found.gradient}, but {found.name} is "
                f"not among the parameters, for there was no {found.remedy} when the Book was made."
                f"\n  Try self.{found.remedy} = None in its __init__."
            )
        raise GraphError(
            f"{self._name}.backward: it left {found.gradient}, of the shape of {found.name}, which "
            "is not among the parameters; what is learned must have a gradient named after it.\n"
            f"  Try self.{found.remedy} = None in __init__, and the gradient there in backward; if "
            f"{found.name} is not to be learned, keep {found.gradient} in a local variable."
        )

    def _missing(self, position: int, count: int) -> GraphError:
        if position < count:
            return GraphError(
                f"{self._name}.backward: it returned no gradient for input {position}, which needs "
                f"one; it must return {count}, one for each input.\n"
                "  Try x.detach() if that input has none."
            )
        name = self._weights[position - count].name
        last = name.rpartition(".")[2]
        return GraphError(
            f"{self._name}.backward: it left no gradient for {name}; looked for d{last} and grads."
            f"\n  Set self.d{last} in backward, or params[{name!r}].requires_grad = False if it is "
            "not to be learned."
        )

    def _array(self, called: str, value: Any) -> Array:
        array = np.array(value) if value is not None else None
        if array is None or array.dtype.kind not in "fiub":
            kind = "None" if array is None else f"{type(value).__name__} of dtype {array.dtype}"
            hint = f"\n  Does {called} end without return?" if array is None else ""
            raise DtypeError(
                f"{self._name}.{called}: it returned {kind}; it must return an array.{hint}"
            )
        return array

    @property
    def _name(self) -> str:
        return f"Book({type(self.layer).__name__})"


# --- the two primitives -------------------------------------------------------------------------
def _call(*arrays: Raw, book: Book, training: bool) -> Raw:
    return book._run(arrays, training)


def _go_back(g: Raw, y: Raw, *arrays: Raw, book: Book, training: bool, position: int) -> Raw:
    gradient = book._pull(g, y, arrays, training)[position]
    if gradient is None:
        raise book._missing(position, len(arrays) - len(book.params))
    return gradient[()]


def _rule(g: Any, y: Any, *inputs: Any, book: Book, training: bool, position: int) -> Any:
    return bind(_BACKWARD, g, y, *inputs, book=book, training=training, of=position)


def _refuse(g: Any, y: Any, *inputs: Any, book: Book, **_: Any) -> Any:
    raise GraphError(
        f"{book._name}: a second derivative was asked for; a layer of the book gives the first "
        "alone, by its backward.\n  Try a layer of gd.nn, or the same formula in Tensor operators."
    )


def _unknown(*_: Any, book: Book, **__: Any) -> Any:
    raise RecordingError(
        f"{book._name}: what a layer of the book returns is not known before it has run."
    )


def _words(method: str, given: str) -> Callable[..., str]:
    """Return what an explanation prints: the layer's own method, for only that knows more."""
    return lambda book, **_: f"{type(book.layer).__name__}.{method}({given})"


_LAYER = Primitive(
    "book", _call, "{book}.forward({inputs})", ("inputs*",), (_rule,), _unknown, _unknown,
    "structural", {"y": _words("forward", "*inputs"), "inputs": _words("backward", "g")},
)  # fmt: skip
_BACKWARD = Primitive(
    "book_backward", lambda *a, of, **s: _go_back(*a, position=of, **s),
    "{book}.backward({inputs})", ("inputs*",), (_refuse,), _unknown, _unknown, "structural",
)  # fmt: skip


# --- checks -------------------------------------------------------------------------------------
def _check_layer(layer: Any) -> None:
    kind = layer.__name__ if isinstance(layer, type) else type(layer).__name__
    if isinstance(layer, type):
        raise GraphError(f"Book: {kind} is a class; it must be a layer.\n  Try Book({kind}(...)).")
    if isinstance(layer, Module):
        raise GraphError(
            f"Book: {kind} is a Module of gradatim already; put it into the model as it is."
        )
    lacking = [name for name in ("forward", "backward") if not callable(getattr(layer, name, None))]
    if lacking:
        raise GraphError(
            f"Book: {kind} has no {' and no '.join(lacking)}; a layer of the book has forward(x), "
            "which returns the output, and backward(dout), which returns the gradient of x."
        )
    if id(layer) in _STANDING:
        raise GraphError(
            f"Book: this {kind} stands in another Book already; two would each write their numbers "
            "into it.\n  Try the same Book in both places, or copy.deepcopy(layer)."
        )


def _takes_flag(forward: Any) -> bool:
    """Whether a forward asks for the book's ``train_flg``."""
    try:
        return "train_flg" in inspect.signature(forward).parameters
    except (TypeError, ValueError):  # compiled code does not say
        return False


def _parameter(value: Any) -> Parameter:
    array = np.array(value)
    return Parameter(array if array.dtype.kind == "f" else array.astype(np.float64))


def _same_shape(book: Book, name: str, new: Array, parameter: Parameter) -> Array:
    if new.shape != parameter.shape:
        raise ShapeError(
            f"{book._name}: {name} was set to an array of shape {new.shape}; it must stay "
            f"{parameter.shape}."
        )
    return new


def _copied(x: Raw) -> Raw:
    return np.array(x)[()]


def _are_same(a: tuple[Raw, ...], b: tuple[Raw, ...]) -> bool:
    return len(a) == len(b) and all(x is y for x, y in zip(a, b))
