"""The chain rule over a whole graph, from one result to all that it was computed from."""

from __future__ import annotations

from collections.abc import Iterable

from gradatim.autograd import modes
from gradatim.autograd.graph import ancestry, leading
from gradatim.autograd.place import line
from gradatim.autograd.pull import fit, fit_tensor, plain_pulls
from gradatim.autograd.tensor import Tensor, constant
from gradatim.errors import StaleGraphError
from gradatim.types import Raw

Gradients = dict[Tensor, Tensor]


def pull_back(
    output: Tensor,
    seed: Tensor,
    *,
    targets: Iterable[Tensor] | None = None,
    create_graph: bool = False,
) -> Gradients:
    """Gradients of ``output`` with respect to everything it was computed from.

    Parameters
    ----------
    output : Tensor of any shape
        A result.
    seed : Tensor of the same shape
        Gradient that arrives at ``output``.
    targets : iterable of Tensor, optional
        Compute only what leads to these, and go no further than them.
    create_graph : bool
        Whether the gradients can be differentiated themselves.

    Returns
    -------
    dict of Tensor to Tensor
        The gradient of each result on the way and of each leaf.
    """
    ends = set(targets or ())
    order = ancestry(output, ends)
    on_the_way = leading(order, ends) if targets is not None else None
    now = modes.current()
    with modes.taping(create_graph), modes.phase("backward"):
        if create_graph or now.listeners:
            return _pull_tensors(order, {output: seed}, on_the_way)
        plain = _pull_plain(order, {output: seed.raw}, on_the_way)
    return {x: constant(g) for x, g in plain.items()}


def _pull_plain(
    order: list[Tensor], grads: dict[Tensor, Raw], on_the_way: set[Tensor] | None
) -> dict[Tensor, Raw]:
    """Walk the graph backwards on plain arrays."""
    for y in order:
        g = grads.get(y)
        if g is None:
            continue
        assert y.origin is not None
        primitive, inputs, settings = y.origin
        raws = [x.raw for x in inputs]
        pulls = plain_pulls(primitive)
        last = len(pulls) - 1
        for i, x in enumerate(inputs):
            if not x.wanted or (on_the_way is not None and x not in on_the_way):
                continue
            pull = pulls[i if i < last else last]
            if pull is None:
                continue
            if x.written > y.born:
                raise _stale(y, x)
            if i >= last and primitive.variadic:
                part = pull(g, y.raw, *raws, **settings, position=i)
            else:
                part = pull(g, y.raw, *raws, **settings)
            part = fit(part, x.raw)
            before = grads.get(x)
            grads[x] = part if before is None else before + part
    return grads


def _pull_tensors(
    order: list[Tensor], grads: Gradients, on_the_way: set[Tensor] | None
) -> Gradients:
    """Walk the graph backwards in primitives, for a tape or a listener to see."""
    for y in order:
        g = grads.get(y)
        if g is None:
            continue
        assert y.origin is not None
        primitive, inputs, settings = y.origin
        last = len(primitive.rules) - 1
        for i, x in enumerate(inputs):
            rule = primitive.rules[i if i < last else last]
            if rule is None or not x.wanted or (on_the_way is not None and x not in on_the_way):
                continue
            if x.written > y.born:
                raise _stale(y, x)
            extra = {"position": i} if i >= last and primitive.variadic else {}
            part = fit_tensor(rule(g, y, *inputs, **settings, **extra), x)
            before = grads.get(x)
            grads[x] = part if before is None else before + part
    return grads


def _stale(y: Tensor, x: Tensor) -> StaleGraphError:
    assert y.origin is not None
    name = f"{x.name!r} " if x.name else ""
    return StaleGraphError(
        f"backward: an input {name}of shape {x.shape} was overwritten after "
        f"{y.origin[0].name} had used it.\n"
        f"  Used at {line(y.place)}, overwritten at {line(x.place)}; the gradient would be that "
        "of other numbers.\n  Try calling backward before the update, or computing again after it."
    )
