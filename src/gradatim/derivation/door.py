"""``gd.explain``: the derivation of a graph's gradients."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from gradatim.autograd.tensor import Tensor
from gradatim.derivation.explanation import Explanation
from gradatim.derivation.flow import Flow, flow_of
from gradatim.derivation.label import names_of
from gradatim.derivation.ledger import Ledger
from gradatim.derivation.local import local_names
from gradatim.derivation.surroundings import add_names, names_around
from gradatim.derivation.wording import printable
from gradatim.errors import DtypeError, GraphError, NoGradientError, ShapeError


def explain(
    loss: Tensor,
    wrt: Tensor | str | Sequence[Tensor | str] | None = None,
    *,
    names: Mapping[str, Any] | None = None,
) -> Explanation:
    """Derive the gradients of a loss: each rule as a formula, with numbers, and the chain rule.

    Nothing is computed again and nothing is changed; ``backward`` need not have been called.

    Parameters
    ----------
    loss : Tensor of one element
        The end of the computation. Of several elements if ``backward`` was called with the
        gradient that arrives there.
    wrt : Tensor, its name, or a sequence of them, optional
        What to differentiate by; by default everything that has a name and wants a gradient, or
        everything that wants one if nothing has a name.
    names : mapping of str to Tensor or Module, optional
        What Tensors are called that have no name. By default they are called as your variables,
        and parameters by their path in the model.

    Returns
    -------
    Explanation
        ``print`` it, or use ``.text``, ``.latex``, ``.markdown`` and ``.steps``.

    Raises
    ------
    ShapeError
        If ``loss`` has several elements and ``backward`` was not called on it.
    NoGradientError
        If nothing that it was computed from requires a gradient, or ``wrt`` gets none.
    GraphError
        If ``wrt`` is not in its graph, or nothing there is called so.
    StaleGraphError
        If an input was overwritten after it was used.
    DtypeError
        If something else than a Tensor is given.

    Notes
    -----
    Cost: one backward pass, and for the printed chain rule one more along each path shown.

    Examples
    --------
    >>> import gradatim as gd
    >>> apple = gd.Tensor(100.0, requires_grad=True)
    >>> tax = gd.Tensor(1.1, requires_grad=True)
    >>> cost = apple * 2
    >>> price = cost * tax
    >>> print(gd.explain(price, wrt=apple))
    Forward
      cost  = apple * 2  = 100 * 2   = 200
      price = cost * tax = 200 * 1.1 = 220
    <BLANKLINE>
    Backward
      dprice = 1
      dcost  = dprice * tax = 1 * 1.1 = 1.1
      dapple = dcost * 2    = 1.1 * 2 = 2.2
    <BLANKLINE>
    Chain rule for apple: one path
      price <- cost <- apple
      dprice/dapple = dprice/dcost * dcost/dapple
                    = tax * 2
                    = 1.1 * 2
                    = 2.2
    """
    around = {id(x): name for name, x in (names or {}).items()}
    add_names(names or {}, around)
    return explanation_of(loss, wrt, names_around() | around)


def explanation_of(loss: Any, wrt: Any, around: Mapping[int, str]) -> Explanation:
    """Do as :func:`explain`, with names of Tensors by their identity."""
    _check_loss(loss)
    flow = flow_of(loss, np.ones(loss.shape) if loss.size == 1 else None)
    if flow.stale is not None:
        raise flow.stale
    around = local_names(flow.results, around) | dict(around)
    called = names_of(flow, around)
    given = [wrt] if isinstance(wrt, Tensor | str) or not isinstance(wrt, Iterable) else wrt
    own = {name: t for t in flow.tensors if (name := t.name or around.get(id(t)))}
    by_name = own | {name: t for t, name in called.items()}
    wanted = _named(flow, around) if wrt is None else [
        _checked(by_name.get(x, x) if isinstance(x, str) else x, flow, called) for x in given
    ]  # fmt: skip
    return Explanation(Ledger(flow, called), tuple(dict.fromkeys(wanted)))


def _check_loss(loss: Any) -> None:
    if not isinstance(loss, Tensor):
        raise DtypeError(
            f"explain: {type(loss).__name__} arrived; it must be a Tensor, the loss.\n"
            "  Try loss = model(x).sum() and gd.explain(loss)."
        )
    if not loss.wanted:
        raise NoGradientError(
            "explain: nothing that this Tensor was computed from requires a gradient.\n"
            "  Try Tensor(data, requires_grad=True) for an input, and look for gd.no_grad(), "
            ".detach(), .numpy() or a comparison on the way."
        )
    if loss.size != 1 and (loss.grad is None or loss.origin is None):
        raise ShapeError(
            f"explain: the Tensor has shape {loss.shape}; a derivation begins at one number.\n"
            "  Try gd.explain(y.sum()), or y.backward(seed) first, with what arrives at y."
        )


def _named(flow: Flow, around: Mapping[int, str]) -> list[Tensor]:
    """Leaves that get a gradient and that somebody has named; all of them if nobody has."""
    leaves = [t for t in flow.leaves if t in flow.gradients]
    return [t for t in leaves if t.name or id(t) in around] or leaves


def _checked(x: Any, flow: Flow, names: Mapping[Tensor, str]) -> Tensor:
    if isinstance(x, str):
        raise GraphError(
            f"explain: wrt is {printable(x)!r}; it must be the name of something in this graph, "
            f"or a Tensor of it.\n  Its variables are {_listed(flow, names)}."
        )
    if not isinstance(x, Tensor):
        raise DtypeError(
            f"explain: wrt is {type(x).__name__}; it must be a Tensor of the graph or its name, "
            "or several.\n"
            f"  Its variables are {_listed(flow, names)}."
        )
    if x not in set(flow.tensors):
        called = f"{x.name!r}" if x.name else f"of shape {x.shape}"
        raise GraphError(
            f"explain: wrt, the Tensor {called}, is not in the graph of this loss; it must be "
            f"what the loss was computed from.\n  Its variables are {_listed(flow, names)}. Was it "
            "made anew, or copied, after the loss was computed?"
        )
    if x not in flow.gradients:
        raise NoGradientError(
            f"explain: wrt, {names.get(x, 'a constant')}, gets no gradient here; it must require "
            "one, and have influence on the loss through differentiable primitives.\n"
            f"  Try Tensor(data, requires_grad=True). Its variables are {_listed(flow, names)}."
        )
    return x


def _listed(flow: Flow, names: Mapping[Tensor, str]) -> str:
    found = [names[t] for t in flow.leaves if t in flow.gradients and t in names]
    more = f" and {len(found) - 8} more" if len(found) > 8 else ""
    return ", ".join(found[:8]) + more
