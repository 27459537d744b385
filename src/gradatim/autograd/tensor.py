"""Tensor, Parameter, and ``bind``, the one place through which every primitive runs."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from gradatim.autograd import modes
from gradatim.autograd.explain import explain
from gradatim.autograd.methods import Methods
from gradatim.autograd.numpy_call import numpy_call
from gradatim.autograd.place import Place, here
from gradatim.errors import DtypeError, GraphError, ShapeError
from gradatim.primitives import Primitive, shape
from gradatim.types import Array, Numbers, Raw, Settings, Shape

if TYPE_CHECKING:
    from numpy.typing import DTypeLike

Node = tuple[Primitive, tuple["Tensor", ...], Settings]
"""How a result was made: the primitive, its inputs, its settings."""

_NO_SETTINGS: Settings = {}
tick: Callable[[], int] = itertools.count(1).__next__
_local = modes._local


class Tensor(Methods["Tensor"]):
    """An array that remembers how it was made.

    Parameters
    ----------
    data : array_like
        Numbers of any shape; float, integer or boolean. Copied.
    requires_grad : bool
        Whether ``backward`` shall leave a gradient here. Floats only.
    dtype : dtype, optional
        Kept as it is if not given: Python floats become float64.
    name : str, optional
        Shown in programs, drawings and errors.

    Attributes
    ----------
    raw : ndarray or NumPy scalar
        As NumPy's operators gave it: a scalar where there are no axes, which is five times
        faster in Python. ``data`` is always an ndarray.
    grad : Tensor or None
        The gradient that ``backward`` left here.
    wanted : bool
        Whether a gradient is wanted: ``requires_grad`` without its checks.
    origin : tuple or None
        The primitive, the inputs and the settings of a result; None for a leaf.
    born : int
        Tick of the clock at which a result was made; 0 for a leaf.
    written : int
        Tick of the clock at which a leaf was last written in place; 0 if never.
    place : tuple or None
        Where in the user's program a leaf was last written, or a result made of a leaf. Other
        results have none: a place costs a quarter of an operation, and only a leaf goes stale.

    Raises
    ------
    DtypeError
        For complex numbers, strings and objects, and for integers that require a gradient.

    Examples
    --------
    >>> import gradatim as gd
    >>> x = gd.Tensor([1.0, 2.0], requires_grad=True)
    >>> (x * x).sum().backward()
    >>> x.grad
    Tensor([2., 4.])
    """

    __slots__ = (
        "__weakref__",
        "born",
        "grad",
        "name",
        "origin",
        "place",
        "raw",
        "wanted",
        "written",
    )

    raw: Raw
    grad: Tensor | None
    wanted: bool
    origin: Node | None
    born: int
    written: int
    place: Place | None
    name: str | None

    def __init__(
        self,
        data: Any,
        requires_grad: bool = False,
        *,
        dtype: DTypeLike | None = None,
        name: str | None = None,
    ) -> None:
        if isinstance(data, Tensor):
            _check_kept(data, "Tensor")
            data = data.raw
        self.raw = _numeric(_array(data, dtype))[()]
        self.grad = self.origin = self.place = None
        self.born = self.written = 0
        self.name = name
        self.wanted = False
        if requires_grad:
            if self.raw.dtype.kind == "f":
                self.wanted = True
            else:
                self.requires_grad = True  # says why not

    @property
    def data(self) -> Array:
        """The numbers, always as an ndarray; the live one, not a copy."""
        recorder = _local.modes.recorder
        if recorder is not None:
            recorder.see_reading(self)
        return array_of(self)

    @property
    def requires_grad(self) -> bool:
        """Whether a gradient with respect to this Tensor is wanted."""
        return self.wanted

    @requires_grad.setter
    def requires_grad(self, wanted: bool) -> None:
        if self.origin is not None and not wanted:
            raise GraphError(
                "requires_grad: this Tensor is a result, not a leaf; whether it requires a "
                "gradient follows from its inputs.\n  Try x.detach(), a Tensor without history."
            )
        if wanted and self.raw.dtype.kind != "f":
            raise DtypeError(
                f"requires_grad: a Tensor of {self.raw.dtype} cannot require a gradient; only "
                "floats can.\n  Try Tensor(data, dtype=float, requires_grad=True)."
            )
        self.wanted = wanted

    @property
    def shape(self) -> Shape:
        """Sizes of the axes."""
        return self.raw.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the elements."""
        return self.raw.dtype

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return self.raw.ndim

    @property
    def size(self) -> int:
        """Number of elements."""
        return self.raw.size

    @property
    def nbytes(self) -> int:
        """Memory of the elements in bytes."""
        return self.raw.nbytes

    @property
    def T(self) -> Tensor:
        """All axes in reverse order."""
        return bind(shape.transpose, self, axes=tuple(range(self.ndim))[::-1])

    @property
    def mT(self) -> Tensor:
        """The last two axes swapped."""
        if self.ndim < 2:
            raise ShapeError(f"mT: a matrix needs 2 axes, the shape is {self.shape}")
        axes = tuple(range(self.ndim))
        return bind(shape.transpose, self, axes=(*axes[:-2], axes[-1], axes[-2]))

    # --- reading values out ----------------------------------------------------------------
    def numpy(self) -> Array:
        """Return a copy of the numbers as a NumPy array, without history."""
        _note_reading(self)
        return np.array(self.raw)

    def item(self) -> float | int | bool:
        """Return the only element as a Python number."""
        if self.raw.size != 1:
            raise ShapeError(
                f"item: a Tensor of shape {self.shape} has {self.size} elements; one is needed.\n"
                "  Try .numpy() or .tolist()."
            )
        _note_reading(self)
        return self.raw.item()

    def tolist(self) -> Any:
        """Return the numbers as nested lists."""
        _note_reading(self)
        return self.raw.tolist()

    def detach(self) -> Tensor:
        """Return the same numbers (not a copy) without history."""
        return constant(self.raw)

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __index__(self) -> int:
        if self.raw.dtype.kind not in "iu":
            raise DtypeError(f"index: positions are integers, this Tensor is {self.raw.dtype}")
        return int(self.item())

    def __bool__(self) -> bool:
        if self.raw.size != 1:
            raise ShapeError(
                f"bool: a Tensor of shape {self.shape} is neither true nor false.\n"
                "  Try (a == b).all() or .any()."
            )
        _note_reading(self)
        return bool(self.raw.item())

    def __len__(self) -> int:
        if not self.raw.shape:
            raise DtypeError("len: a Tensor without axes has no length; try .item()")
        return int(self.raw.shape[0])

    def __iter__(self) -> Iterator[Tensor]:
        if not self.raw.shape:
            raise DtypeError("iter: a Tensor without axes has no rows; try .item()")
        return (self[i] for i in range(len(self)))

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if spec and self.raw.size == 1 else str(self)

    def __repr__(self) -> str:
        text = np.array2string(np.asarray(self.raw), separator=", ", prefix=f"{self._kind}(")
        dtype = "" if self.dtype in (np.float64, np.int64, np.bool_) else f", dtype={self.dtype}"
        marks = f", name={self.name!r}" if self.name else ""
        wanted = ", requires_grad=True" if self.wanted and self.origin is None else ""
        return f"{self._kind}({text}{dtype}{marks}{wanted})"

    @property
    def _kind(self) -> str:
        return type(self).__name__

    __hash__ = object.__hash__

    def __copy__(self) -> Tensor:
        return self.__deepcopy__({})

    def __deepcopy__(self, memo: dict[int, Any]) -> Tensor:
        if self.origin is not None:
            raise GraphError(
                "copy: only a leaf can be copied; this Tensor is a result.\n"
                "  Try copy.copy(x.detach())."
            )
        twin = type(self)(self.raw, name=self.name)
        twin.wanted = self.wanted
        memo[id(self)] = twin
        return twin

    def __reduce__(self) -> Any:
        if self.origin is not None:
            raise GraphError("pickle: only a leaf can be pickled; try x.detach()")
        return _restore, (type(self), self.data, self.wanted, self.name)

    # --- NumPy's own functions and operators arrive here ------------------------------------
    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        if self.wanted and _local.modes.taping:
            raise GraphError(
                "np.asarray: this Tensor requires a gradient, which NumPy would lose.\n"
                "  Try x.numpy() for its numbers, or gd.stop_gradient(x)."
            )
        _note_reading(self)
        return np.array(self.raw, dtype=dtype, copy=copy)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        return numpy_call(ufunc if method == "__call__" else getattr(ufunc, method), inputs, kwargs)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return numpy_call(func, args, kwargs)


class Parameter(Tensor):
    """A Tensor that a model learns: found by walking the model, changed by its optimizer.

    Parameters
    ----------
    data : array_like of float
        Initial value. Copied.
    requires_grad : bool
        False for a frozen parameter.
    dtype : dtype, optional
        Kept as it is if not given.
    name : str, optional
        Shown in programs, drawings and errors; its path in the model if not given.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.Parameter([0.5, -0.5])
    Parameter([ 0.5, -0.5], requires_grad=True)
    """

    __slots__ = ()

    def __init__(
        self,
        data: Any,
        requires_grad: bool = True,
        *,
        dtype: DTypeLike | None = None,
        name: str | None = None,
    ) -> None:
        super().__init__(data, requires_grad, dtype=dtype, name=name)


TensorLike = Tensor | Numbers
"""Whatever is taken where a Tensor is expected."""


# --- from numbers to Tensors ----------------------------------------------------------------
def constant(raw: Raw) -> Tensor:
    """Wrap what NumPy gave, without a copy, without a history."""
    t: Tensor = Tensor.__new__(Tensor)
    t.raw = raw
    t.grad = t.origin = t.name = t.place = None
    t.wanted = False
    t.born = t.written = 0
    return t


def array_of(x: Tensor) -> Array:
    """Return ``x.data``, which a recorder does not take for a reading of the user's."""
    raw = x.raw
    if type(raw) is not np.ndarray:
        raw = x.raw = np.asarray(raw)
    return raw


def lift(x: Any, partner: Tensor | None = None) -> Tensor:
    """Make a Tensor of whatever is taken where a Tensor is expected.

    A Python number takes the dtype that NumPy would compute with beside ``partner``: a float
    beside float32 is float32.
    """
    if isinstance(x, Tensor):
        return x
    if type(x) in (float, int) and partner is not None:
        dtype = partner.raw.dtype
        return constant((dtype if dtype.kind == "f" else np.result_type(dtype, x)).type(x))
    if isinstance(x, (list, tuple)) and any(isinstance(part, Tensor) for part in x):
        raise DtypeError(
            "Tensor: a list of Tensors is not an array.\n  Try gd.stack(list) or gd.concatenate."
        )
    array = _numeric(np.asarray(x) if isinstance(x, np.ndarray) else _array(x))
    return constant(array if array.ndim else array[()])


def _array(x: Any, dtype: DTypeLike | None = None) -> Raw:
    """Copy where a dtype or a list asks for it; say of unequal rows that they are."""
    try:
        return np.array(x, dtype=dtype)
    except ValueError as error:
        raise ShapeError(
            f"Tensor: the numbers do not form an array: {error}.\n"
            "  Rows must be equally long; try a list of Tensors instead."
        ) from error


def _check_kept(x: Tensor, called: str) -> None:
    """A number taken out of the graph would silently lose its part of the gradient."""
    if x.wanted and _local.modes.taping:
        raise GraphError(
            f"{called}: the Tensor given requires a gradient, which would be lost here.\n"
            "  Try the Tensor itself, x.detach() if it shall be lost, or gd.stack and gd.where "
            "to put Tensors together."
        )


def _note_reading(x: Tensor) -> None:
    """Remember that a differentiated function, or a recorded one, took a value out of the graph."""
    now = _local.modes
    if x.wanted:
        now.has_read = True
    if now.recorder is not None:
        now.recorder.see_reading(x)


def _numeric(array: Raw) -> Raw:
    if array.dtype.kind not in "fiub":
        raise DtypeError(
            f"Tensor: cannot hold {array.dtype}; it must be float, integer or boolean.\n"
            "  Complex numbers, strings and objects have no gradient here."
        )
    return array


def _restore(kind: type[Tensor], data: Array, wanted: bool, name: str | None) -> Tensor:
    return kind(data, wanted, name=name)


# --- the choke point: one way in, split by arity because that takes a third off its cost -----
def bind1(primitive: Primitive, x: Any) -> Tensor:
    """Run a primitive of one input without settings."""
    if not isinstance(x, Tensor):
        x = lift(x)
    try:
        raw = primitive.forward(x.raw)
    except Exception as error:
        raise explain(primitive, (x.raw,), _NO_SETTINGS, error) from error
    return _result(primitive, (x,), _NO_SETTINGS, raw, x.wanted and primitive.rules[0] is not None)


def bind2(primitive: Primitive, a: Any, b: Any) -> Tensor:
    """Run a primitive of two inputs without settings."""
    if not isinstance(a, Tensor):
        if isinstance(a, (float, int)) and not isinstance(b, Tensor):
            b = lift(b)  # a Python number takes the dtype of an array, whichever comes first
        a = lift(a, b if isinstance(b, Tensor) else None)
    if not isinstance(b, Tensor):
        b = lift(b, a)
    try:
        raw = primitive.forward(a.raw, b.raw)
    except Exception as error:
        raise explain(primitive, (a.raw, b.raw), _NO_SETTINGS, error) from error
    y: Tensor = _new(Tensor)  # as _result does, spelled out: a tenth less time
    y.raw = raw
    y.grad = y.name = y.place = None
    y.written = y.born = 0
    now = _local.modes
    rules = primitive.rules
    if now.taping and ((a.wanted and rules[0] is not None) or (b.wanted and rules[1] is not None)):
        y.wanted = True
        y.origin = (primitive, (a, b), _NO_SETTINGS)
        y.born = tick()
        if a.origin is None or b.origin is None:
            y.place = here(3)
    else:
        y.wanted = False
        y.origin = None
    if now.listeners:
        for see in now.listeners:
            see(primitive, (a, b), _NO_SETTINGS, y)
    return y


def bind(primitive: Primitive, *inputs: Any, **settings: Any) -> Tensor:
    """Run a primitive: arrays by position, settings by keyword."""
    xs = tuple([x if isinstance(x, Tensor) else lift(x) for x in inputs])
    raws = [x.raw for x in xs]
    try:
        raw = primitive.forward(*raws, **settings)
    except Exception as error:
        raise explain(primitive, tuple(raws), settings, error) from error
    rules = primitive.rules
    last = len(rules) - 1
    wanted = False
    for i, x in enumerate(xs):
        if x.wanted and rules[i if i < last else last] is not None:
            wanted = True
            break
    return _result(primitive, xs, settings, raw, wanted)


_new = Tensor.__new__


def _result(
    primitive: Primitive, inputs: tuple[Tensor, ...], settings: Settings, raw: Raw, wanted: bool
) -> Tensor:
    """Wrap what a primitive gave, remember how it was made, tell the listeners."""
    y: Tensor = _new(Tensor)
    y.raw = raw
    y.grad = y.name = y.place = None
    y.written = y.born = 0
    now = _local.modes
    if wanted and now.taping:
        y.wanted = True
        y.origin = (primitive, inputs, settings)
        y.born = tick()
        for x in inputs:
            if x.origin is None:
                y.place = here(4)
                break
    else:
        y.wanted = False
        y.origin = None
    if now.listeners:
        for see in now.listeners:
            see(primitive, inputs, settings, y)
    return y
