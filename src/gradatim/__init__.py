"""gradatim: backpropagation step by step.

Every gradient can be followed and checked. ``import gradatim as gd`` gives
Tensors and the functions on them; the rest is in ``gd.nn`` (layers), ``gd.optim`` (optimizers),
``gd.compile`` (steps as programs), ``gd.data``, ``gd.train``, ``gd.check`` (gradient checks),
``gd.store`` (files), ``gd.draw`` and ``gd.book`` (the book's own classes in plain NumPy).
"""

from typing import TYPE_CHECKING, Any

from gradatim import compiler, data, errors, functions, nn, optim
from gradatim.autograd import (
    Parameter,
    Tensor,
    backward,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    listen,
    no_grad,
    value_and_grad,
    vjp,
)
from gradatim.compiler import compile
from gradatim.functions import *  # noqa: F403 - its __all__ names them
from gradatim.opening import opened as _opened
from gradatim.threads import get_num_threads, set_num_threads

if TYPE_CHECKING:
    from gradatim import book, check, store, train
    from gradatim.derivation import explain
    from gradatim.draw.room import Room

    draw: Room

__version__ = "0.1.0"

__all__ = [
    "Parameter",
    "Tensor",
    "__version__",
    "backward",
    "book",
    "check",
    "compile",
    "compiler",
    "data",
    "draw",
    "errors",
    "explain",
    "get_num_threads",
    "grad",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "listen",
    "nn",
    "no_grad",
    "optim",
    "set_num_threads",
    "store",
    "train",
    "value_and_grad",
    "vjp",
]
__all__ += functions.__all__

_ROOMS = ("book", "check", "derivation", "draw", "store", "train")
"""What a training step does without. Each room is opened when it is first asked for."""


def __dir__() -> list[str]:
    """Return what is offered, whether its room is open or not."""
    own = (name for name, x in globals().items() if isinstance(x, type(errors)) or name[:2] == "__")
    return sorted({*own, *__all__, *_ROOMS})


if not TYPE_CHECKING:  # a type checker would take every name there is for one of ours

    def __getattr__(name):
        """Open the room that a name stands for."""
        if name in _ROOMS:
            return _opened(f"gradatim.{name}")
        if name == "explain":
            return _opened("gradatim.derivation").explain
        raise AttributeError(f"module 'gradatim' has no attribute {name!r}")


class _Draw:
    """The method `draw` until it is first asked for; the room of pictures puts its own there."""

    def __get__(self, owner: Any, kind: type) -> Any:
        return _opened("gradatim.draw").draw.__get__(owner, kind)


Tensor.draw = _Draw()  # type: ignore[method-assign, assignment]
nn.Module.draw = _Draw()  # type: ignore[method-assign, assignment]
compiler.Compiled.draw = _Draw()  # type: ignore[method-assign, assignment]
