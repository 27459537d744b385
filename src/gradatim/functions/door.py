"""Entering a public function everywhere it shall be found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from gradatim.autograd.numpy_call import DOORS
from gradatim.autograd.tensor import Tensor

Function = TypeVar("Function", bound=Callable[..., Any])


def door(*numpy_functions: Any, method: bool | str = False) -> Callable[[Function], Function]:
    """Enter a function as the door of NumPy functions, and as a method of Tensor.

    Parameters
    ----------
    *numpy_functions : NumPy functions
        Called on a Tensor, these arrive at the decorated function.
    method : bool or str
        Whether Tensor gets it as a method of the same name, or of the name given; its signature
        is declared in ``autograd/methods.py``.
    """

    def enter(function: Function) -> Function:
        for numpy_function in numpy_functions:
            DOORS[numpy_function] = function
        if method:
            setattr(Tensor, function.__name__ if method is True else method, function)
        return function

    return enter
