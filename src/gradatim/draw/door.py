"""``gd.draw``: a Tensor, a model or a compiled step becomes a drawing."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from gradatim.autograd.tensor import Tensor
from gradatim.compiler.compiled import Compiled
from gradatim.derivation.flow import Flow, flow_of
from gradatim.derivation.local import local_names
from gradatim.derivation.surroundings import names_around
from gradatim.derivation.wording import printable
from gradatim.draw.drawing import Drawing
from gradatim.draw.picture.cut import MOST_NODES
from gradatim.draw.picture.fold import Depth, Names
from gradatim.draw.picture.model import Run
from gradatim.draw.picture.module import made_text
from gradatim.draw.picture.passage import passages
from gradatim.draw.picture.program import Written
from gradatim.draw.picture.trace import Traced
from gradatim.draw.picture.view import View
from gradatim.errors import DtypeError
from gradatim.nn.module import Module


def draw(
    subject: Any,
    *inputs: Any,
    depth: Depth = None,
    fold: Names = (),
    unfold: Names = (),
    nodes: int | None = MOST_NODES,
    names: Mapping[str, Any] | None = None,
    gradients: bool | None = None,
    note: str = "",
) -> Drawing:
    """Draw a computation: values above the lines, gradients below them.

    Nothing is computed again and nothing of yours is changed; only a model or a function that is
    given with ``inputs`` is run, once, and is left as it was.

    Parameters
    ----------
    subject : Tensor, Module, callable or compiled step
        A result: the graph behind it. A model or a function: what it does to ``inputs``. A step
        of ``gd.compile``: its latest program.
    *inputs
        What a model or a function is called with.
    depth : int, "all" or None
        How many levels of modules are opened: 0 shows a model as one box, 1 its layers, "all"
        every primitive. By default the first that shows more than one box.
    fold, unfold : str or several
        Modules that are one box, and modules that are opened with all in them, at any depth: by
        path as in the picture (``"layers.0"``) or by class (``"Linear"``); of a step also phases
        (``"update"``).
    nodes : int or None
        Most primitives and boxes that are shown, those nearest to the result and to the leaves;
        one more says how many were left out. None for all.
    names : mapping of str to Tensor, optional
        What Tensors are called that have no name. By default they are called as your variables.
    gradients : bool, optional
        Whether gradients are shown; True even if ``backward`` was not called, and then they are
        computed for the drawing alone. By default as soon as it was.
    note : str
        A sentence to stand below the picture.

    Returns
    -------
    Drawing
        Shows itself in a notebook; ``.save("graph.svg")`` and its like write files.

    Raises
    ------
    DtypeError
        If the subject is nothing of these.
    ShapeError
        If ``depth`` or ``nodes`` is out of range.
    GraphError
        If ``fold`` or ``unfold`` names what is not there.

    Notes
    -----
    Cost: one backward pass for a result that wants a gradient. The drawing keeps the graph alive.

    Examples
    --------
    >>> import gradatim as gd
    >>> apple = gd.Tensor(100.0, requires_grad=True)
    >>> tax = gd.Tensor(1.1, requires_grad=True)
    >>> price = apple * 2 * tax
    >>> price.backward()
    >>> print(gd.draw(price).mermaid().splitlines()[1])
      n0("apple")
    """
    called = names_around() | _given(names)
    said = printable(str(note))
    view = partial(View, depth=depth, most=nodes, folded=fold, opened=unfold, note=said)
    if isinstance(subject, Tensor) and not inputs:
        return _graph(subject, called, view, gradients)
    if isinstance(subject, Compiled) and not inputs:
        return Drawing(view(Written(subject), title=f"program of {subject.__name__}"))
    if inputs and callable(subject) and not isinstance(subject, (Compiled, type)):
        return Drawing(view(Run(subject, inputs, called), title=_title(subject, called)))
    raise DtypeError(f"draw: {_refused(subject, inputs)}")


Tensor.draw = draw  # type: ignore[method-assign, assignment]
Module.draw = draw  # type: ignore[method-assign, assignment]
Compiled.draw = draw  # type: ignore[method-assign, assignment]


def _given(names: Any) -> dict[int, str]:
    """The names that were given, by identity."""
    if names is None:
        return {}
    if not isinstance(names, Mapping) or not all(isinstance(name, str) for name in names):
        odd = type(names).__name__
        if isinstance(names, Mapping):
            odd = f"a mapping of {next(type(n).__name__ for n in names if not isinstance(n, str))}"
        raise DtypeError(
            f"draw: names is {odd}; it must be a mapping of names to Tensors.\n"
            '  Try names={"price": y}, or Tensor(data, name="price").'
        )
    return {id(x): name for name, x in names.items()}


def _refused(subject: Any, inputs: tuple[Any, ...]) -> str:
    """Why something cannot be drawn, and what to try."""
    kind = type(subject).__name__
    if isinstance(subject, Module):
        return (
            f"{kind} is a model and was given without inputs; it must be given what it is called "
            "with.\n  Try gd.draw(model, x)."
        )
    if isinstance(subject, Tensor):
        return (
            f"{len(inputs) + 1} things were given, the first of them a Tensor; a Tensor is drawn "
            "by itself, with all that it was computed from.\n"
            "  Try gd.draw(a) and gd.draw(b), or gd.draw(a + b) for both in one picture."
        )
    if isinstance(subject, Compiled):
        return (
            f"the step {subject.__name__} was given with inputs; it must be given alone, for its "
            "latest program is drawn.\n  Try step(x), then step.draw()."
        )
    if isinstance(subject, type):
        return (
            f"{subject.__name__} is a class; it must be a model made of it.\n"
            f"  Try gd.draw({subject.__name__}(...), x)."
        )
    if callable(subject):
        return (
            f"{getattr(subject, '__name__', kind)} is a function and was given without inputs; it "
            "must be given what it is called with.\n  Try gd.draw(f, x), or gd.draw(f())."
        )
    return (
        f"{kind} cannot be drawn; it must be a Tensor, a model or a function with its inputs, or "
        "a step of gd.compile.\n  Try gd.draw(loss), gd.draw(model, x) or step.draw()."
    )


def _graph(
    output: Tensor,
    names: Mapping[int, str],
    view: partial[View],
    gradients: bool | None,
) -> Drawing:
    flow = flow_of(output)
    told = flow.has_gradients if gradients is None else gradients
    passed = passages(flow.results, names)
    known = passed.names | dict(names)
    account = Traced(flow, local_names(flow.results, known) | known, passed.scopes, told)
    lack = _overwritten(account, flow) or ("" if gradients is False else _missing(flow, told))
    other = _other_gradient(account, flow) if told and not lack else ""
    note = "; ".join(filter(None, [view.keywords["note"], lack or other]))
    return Drawing(view(account, title=account.name(output), note=note), flow)


def _title(subject: Any, names: Mapping[int, str]) -> str:
    made = made_text(subject) if isinstance(subject, Module) else ""
    name = names.get(id(subject), "") or getattr(subject, "__name__", "")
    return ": ".join(part for part in (name, made) if part)


def _overwritten(account: Traced, flow: Flow) -> str:
    """What no longer holds the numbers that were computed with, if anything."""
    if not flow.overwritten:
        return ""
    first, *others = (
        account.alias(x) or "a constant" for x in flow.overwritten if x.origin is None
    )
    more = f" and {len(others)} more were" if others else " was"
    return f"{first}{more} overwritten after use: no value, no gradients; draw before the update"


def _other_gradient(account: Traced, flow: Flow) -> str:
    """Which leaf holds another gradient than this graph gives, if one does."""
    for x in flow.leaves:
        if x.grad is not None and x in flow.gradients and flow.has_gradients:
            given = np.asarray(flow.gradients[x])
            size = float(np.abs(given[np.isfinite(given)]).max(initial=0.0))
            if not np.allclose(x.grad.raw, given, 1e-4, 1e-6 * size, equal_nan=True):
                return (
                    f"{account.alias(x)}.grad holds something else than is shown: there was "
                    "another backward, or numbers were changed since"
                )
    return ""


def _missing(flow: Flow, told: bool) -> str:
    """Why there is no gradient, if there is none."""
    if not flow.output.wanted:
        return "no gradient: nothing here requires one"
    if not told:
        return "no gradient yet: backward was not called"
    if flow.seed is None:
        return "no gradient: the result has several elements, and no gradient arrives there"
    return ""
