"""Why a primitive failed, in words. Runs only after it has."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gradatim.errors import DtypeError, GradatimError, GraphError, ShapeError
from gradatim.primitives import Primitive
from gradatim.types import Raw, Settings


def explain(
    primitive: Primitive, raws: tuple[Raw, ...], settings: Settings, error: Exception
) -> Exception:
    """Turn the failure of a primitive into an error that teaches; others pass unchanged."""
    if isinstance(error, GradatimError):
        return error
    if isinstance(error, np.linalg.LinAlgError):
        told = _NO_SOLUTION.get(primitive.name, f"{error}.")
        return GraphError(f"{primitive.name}: {_arrived(primitive, raws)}: {told}")
    if isinstance(error, TypeError):
        return DtypeError(f"{primitive.name}: {_arrived(primitive, raws, True)}: {error}.")
    if isinstance(error, IndexError):
        return ShapeError(f"{primitive.name}: {_arrived(primitive, raws)}: {_outside(error)}")
    if not isinstance(error, ValueError):
        return error
    detail = _DETAILS.get(primitive.name)
    if detail is None and primitive.kind in ("pointwise", "effect"):
        detail = _broadcast
    text = detail(raws, settings) if detail else f"{error}."
    return ShapeError(f"{primitive.name}: {_arrived(primitive, raws)}: {text}")


def _outside(error: IndexError) -> str:
    text = str(error).rstrip(".")
    if "scalar" in text:
        return "too many indices: a Tensor without axes has one element, x[()]."
    if "out of bounds" in text:
        return f"{text}.\n  Positions count from 0, or from the end as -1, -2 and so on."
    return f"{text}."


def _arrived(primitive: Primitive, raws: tuple[Raw, ...], dtypes: bool = False) -> str:
    names = [n for n in primitive.inputs if not n.endswith("*")]
    names += [f"input {i}" for i in range(len(names), len(raws))]
    told = (f"{name} is {_tell(raw, dtypes)}" for name, raw in zip(names, raws))
    return ", ".join(told)


def _tell(raw: Raw, dtype: bool) -> str:
    return f"{raw.dtype}{raw.shape}" if dtype else str(raw.shape)


def _broadcast(raws: tuple[Raw, ...], settings: Settings) -> str:
    shapes = [r.shape for r in raws]
    rule = "sizes must be equal or 1, counted from the last axis."
    if len(shapes) == 2 and len(shapes[0]) != len(shapes[1]):
        short, long = sorted(shapes, key=len)
        if short and short[0] == long[0]:
            return f"{rule}\n  Did you mean x[:, None] for the one of shape {short}?"
    return rule


def _matmul(raws: tuple[Raw, ...], settings: Settings) -> str:
    a, b = raws[0].shape, raws[1].shape
    if not a or not b:
        return "both need at least one axis.\n  Did you mean a * b?"
    rows = b[0] if len(b) == 1 else b[-2]
    if a[-1] == rows:
        return "the leading (batch) axes must be equal or 1."
    where = "only axis" if len(b) == 1 else "second to last"
    hint = ""
    if len(b) > 1 and a[-1] == b[-1]:
        hint = "\n  Did you mean a @ b.mT?"
    elif len(a) > 1 and a[-2] == rows:
        hint = "\n  Did you mean a.mT @ b?"
    return (
        f"inner sizes differ.\n  The last axis of a ({a[-1]}) must equal the {where} "
        f"of b ({rows}).{hint}"
    )


def _reshape(raws: tuple[Raw, ...], settings: Settings) -> str:
    wanted = settings["shape"]
    product = int(np.prod(wanted))
    return f"{raws[0].size} elements cannot be arranged as {wanted}, which holds {product}."


def _concatenate(raws: tuple[Raw, ...], settings: Settings) -> str:
    return f"all sizes but those of axis {settings['axis']} must be equal."


_SINGULAR = (
    "the matrix is singular (its determinant is 0), so it has no inverse.\n"
    "  Try gd.linalg.pinv, or add a small multiple of the identity."
)
_NO_SOLUTION = {
    "inv": _SINGULAR,
    "solve": _SINGULAR,
    "cholesky": (
        "the matrix is not positive definite; all its eigenvalues must be above 0.\n"
        "  Try adding a small multiple of the identity, or gd.linalg.eigh."
    ),
    "eigh": "the eigenvalues were not found; are there NaN or infinite elements?",
    "svd": "the singular values were not found; are there NaN or infinite elements?",
    "pinv": "the singular values were not found; are there NaN or infinite elements?",
}
_DETAILS: dict[str, Callable[[tuple[Raw, ...], Settings], str]] = {
    "matmul": _matmul,
    "reshape": _reshape,
    "concatenate": _concatenate,
}
