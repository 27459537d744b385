"""`gradatim explain`: why gradients are what they are, step by step."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

from gradatim.atomic import writing
from gradatim.autograd import Tensor
from gradatim.cli import script
from gradatim.cli.subject import last_result, named_in, own_variables
from gradatim.derivation import Explanation
from gradatim.derivation import explain as explained
from gradatim.derivation.explanation import FORMS
from gradatim.errors import DataError, GradatimError
from gradatim.nn import Module
from gradatim.notebooks.figure import FIGURES, figure

Form = Literal["text", "latex", "markdown"]


def explain(
    target: str,
    /,
    *,
    wrt: tuple[str, ...] | None = None,
    as_: Form | None = None,
    out: Path | None = None,
) -> int:
    """Derive the gradients of a loss: each rule as a formula and with numbers, and the chain rule.

    Nothing need be prepared in your file: backward need not have been called.

    Parameters
    ----------
    target
        A figure of the notebooks: apple, apples, affine, batch, softmax or layers; FILE.py, or
        FILE.py:NAME of a Tensor or of a function without arguments that returns one.
    wrt
        Name of what to differentiate by; once for each. [default: everything that has a name]
    as_
        Form of the derivation: text, latex or markdown. [default: by the file's suffix, or text]
    out
        File to write: .txt, .tex or .md.
    """
    form = as_ or _form(out)
    loss, names = _loss(target)
    found = _explanation(loss, names, wrt)
    written = getattr(found, form)
    if out is None:
        print(written)
    else:
        with writing(out, "w") as file:
            file.write(f"{written}\n")
        print(f"Wrote {out}")
    return 0


def _form(out: Path | None) -> Form:
    if out is None:
        return "text"
    if out.suffix.lower() not in FORMS:
        raise DataError(
            f"--out {out}: the file must be named .txt, .tex or .md; or say --as text, --as latex "
            "or --as markdown."
        )
    return FORMS[out.suffix.lower()]


def _explanation(
    loss: Tensor, names: Mapping[str, Any], wrt: tuple[str, ...] | None
) -> Explanation:
    whole = explained(loss, names=names)
    if wrt is None:
        return whole
    called = {name: x for x, name in whole.names.items()}
    return explained(loss, [_variable(name, called) for name in wrt], names=names)


def _variable(name: str, called: Mapping[str, Tensor]) -> Tensor:
    if name in called:
        return called[name]
    near = get_close_matches(name, called, n=1)
    tip = f"did you mean {near[0]}?" if near else f"it has {', '.join([*called][:8])}."
    raise DataError(f"--wrt {name}: there is no {name} in this computation; {tip}")


def _loss(target: str) -> tuple[Tensor, dict[str, Any]]:
    """What is to be explained, and what the user calls the Tensors round it."""
    if target in FIGURES:
        flow = figure(target).flow
        assert flow is not None
        return flow.output, {}
    path, name = script.split_target(target)
    if path.suffix != ".py" and name is None and not path.exists():
        near = get_close_matches(target, FIGURES, n=1)
        tip = f"did you mean {near[0]}?" if near else f"the figures are {', '.join(FIGURES)}."
        raise DataError(f"explain: {target}: there is no such figure or file; {tip}")
    if path.is_dir():
        raise DataError(
            f"explain: {target}: this is a folder; what is explained is a loss in a file of "
            "Python, or a figure: did you mean layers, a network like that of a run?"
        )
    module = script.run(path)
    known = own_variables(module)
    value = last_result(path, known) if name is None else named_in(path, module, name)
    if callable(value) and not isinstance(value, Module) and not inspect.isclass(value):
        value = _called(path, value)
    if not isinstance(value, Tensor):
        raise DataError(
            f"explain: {path}: {name} is of type {type(value).__name__}; it must be a Tensor, or a "
            "function without arguments that returns one."
        )
    return value, {key: each for key, each in known.items() if isinstance(each, (Tensor, Module))}


def _called(path: Path, function: Any) -> Any:
    try:
        return function()
    except GradatimError:
        raise
    except Exception as error:
        place, line = script.place_of(error, path)
        told = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        where = f"\nin {line}" if line else ""
        raise DataError(f"explain: {place}: {told}{where}") from error
