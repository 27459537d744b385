"""Backend: who runs what could be machine code."""

from __future__ import annotations

import os
from typing import Literal

from gradatim.errors import BackendError
from gradatim.native import engine

Backend = Literal["llvm", "numpy"]

VARIABLE = "GRADATIM_BACKEND"
"""Environment variable that names the backend where the caller does not."""


def chosen(backend: str | None) -> Backend:
    """Return the backend that is meant.

    Parameters
    ----------
    backend : {"llvm", "numpy"} or None
        None for that of the environment variable GRADATIM_BACKEND; if there is none either,
        machine code where llvmlite is installed, else NumPy.

    Returns
    -------
    {"llvm", "numpy"}
        It can be had here.

    Raises
    ------
    BackendError
        If there is no such backend, or it was asked for and cannot be had here.

    Examples
    --------
    >>> chosen("numpy")
    'numpy'
    """
    wanted = backend or os.environ.get(VARIABLE) or None
    if wanted is None:
        return "llvm" if engine.is_there() else "numpy"
    if wanted not in ("llvm", "numpy"):
        raise BackendError(
            f"compile: backend is {wanted!r}; it must be 'llvm' (machine code) or 'numpy'."
        )
    if wanted == "llvm":
        engine.llvm()
        return "llvm"
    return "numpy"
