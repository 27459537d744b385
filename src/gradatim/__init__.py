"""gradatim: backpropagation step by step.

Every gradient can be followed and checked. ``import gradatim as gd`` gives
Tensors and the functions on them; the rest is in ``gd.nn`` (layers), ``gd.optim`` (optimizers),
``gd.compile`` (steps as programs), ``gd.data``, ``gd.train``, ``gd.check`` (gradient checks),
``gd.store`` (files), ``gd.draw`` and ``gd.book`` (the book's own classes in plain NumPy).
"""

from gradatim import book, check, compiler, data, errors, functions, nn, optim, store, train
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
from gradatim.derivation import explain
from gradatim.draw import room as draw
from gradatim.functions import *  # noqa: F403 - its __all__ names them
from gradatim.threads import get_num_threads, set_num_threads

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
