"""The chain rule over a whole graph, from one result to all that it was computed from."""

from __future__ import annotations

from collections.abc import Iterable
from heapq import heappop, heappush
from typing import Any

from gradatim.autograd import modes
from gradatim.autograd.graph import ancestry, leading
from gradatim.autograd.place import line
from gradatim.autograd.pull import PULLS, Pull, fit, fit_tensor, plain_pulls, reads, rules_for
from gradatim.autograd.tensor import Tensor, constant
from gradatim.errors import StaleGraphError
from gradatim.types import Raw

Gradients = dict[Tensor, Tensor]

Ahead = list[tuple[int, Tensor]]
"""Heap of the results whose gradient waits to be passed on; the latest born comes first. A result
is born after its inputs, so its gradient is complete when its turn comes."""


def pull_back(
    output: Tensor,
    seed: Tensor,
    *,
    targets: Iterable[Tensor] | None = None,
    create_graph: bool = False,
    retain: bool = False,
) -> Gradients:
    """Gradients of ``output`` with respect to the leaves it was computed from.

    Parameters
    ----------
    output : Tensor of any shape
        A result.
    seed : Tensor of the same shape
        Gradient that arrives at ``output``.
    targets : iterable of Tensor, optional
        Compute only the gradients of these, leaves or results, and go no further than them.
    create_graph : bool
        Whether the gradients can be differentiated themselves.
    retain : bool
        Whether to return the gradients of the results on the way too.

    Returns
    -------
    dict of Tensor to Tensor
        The gradient of each leaf, or of each target; what has no influence is not in it.
    """
    ends = set(targets or ())
    on_the_way = None if targets is None else leading(ancestry(output, ends), ends)
    now = modes.current()
    with modes.phase("backward", taping=create_graph):
        if create_graph or now.listeners:
            try:
                return _pull_tensors(output, seed, on_the_way, ends, retain)
            finally:
                now.pulling = None
        plain = _pull_plain(output, seed.raw, on_the_way, ends, retain)
    return {x: constant(g) for x, g in plain.items()}


def _pull_plain(
    output: Tensor, seed: Raw, on_the_way: set[Tensor] | None, ends: set[Tensor], retain: bool
) -> dict[Tensor, Raw]:
    """Walk the graph backwards on plain arrays, always at the result that was born last.

    One or two inputs without settings, the commonest by far, are spelled out: a fifth less time.
    """
    kept, grads, ahead = {}, {output: seed}, _start(output, ends)
    while ahead:
        y = heappop(ahead)[1]
        g = grads.pop(y)
        if retain:
            kept[y] = g
        primitive, inputs, settings = y.origin  # type: ignore[misc]
        pulls = PULLS.get(primitive) or plain_pulls(primitive, len(inputs))
        if settings or len(inputs) > 2:
            _pull_many(y, g, pulls, grads, ahead, on_the_way, ends)
            continue
        if len(inputs) == 1:
            _pull_one(y, g, pulls[0], inputs[0], grads, ahead, ends)
            continue
        a, b = inputs
        raw_a, raw_b, value, born = a.raw, b.raw, y.raw, y.born
        if a.written > born or b.written > born:
            _check_fresh(y, on_the_way)
        alike = (
            primitive.kind == "pointwise"
            and raw_a.shape == raw_b.shape
            and raw_a.dtype is raw_b.dtype
        )
        for x, raw, pull in ((a, raw_a, pulls[0]), (b, raw_b, pulls[1])):
            if pull is None or not x.wanted or (on_the_way is not None and x not in on_the_way):
                continue
            part = pull(g, value, raw_a, raw_b)
            if not alike and (part.shape != raw.shape or part.dtype is not raw.dtype):
                part = fit(part, raw)
            before = grads.get(x)
            if before is not None:
                grads[x] = before + part
                continue
            grads[x] = part
            if x.origin is not None and x not in ends:
                heappush(ahead, (-x.born, x))
    return kept | grads


def _pull_one(
    y: Tensor,
    g: Raw,
    pull: Any,
    x: Tensor,
    grads: dict[Tensor, Raw],
    ahead: Ahead,
    ends: set[Tensor],
) -> None:
    """Add the gradient of the only input of a result; it is wanted, or the result were not."""
    if x.written > y.born:
        raise stale_error(y, x)
    part = fit(pull(g, y.raw, x.raw), x.raw)
    before = grads.get(x)
    if before is not None:
        grads[x] = before + part
        return
    grads[x] = part
    if x.origin is not None and x not in ends:
        heappush(ahead, (-x.born, x))


def _pull_many(
    y: Tensor,
    g: Raw,
    pulls: tuple[Pull | None, ...],
    grads: dict[Tensor, Raw],
    ahead: Ahead,
    on_the_way: set[Tensor] | None,
    ends: set[Tensor],
) -> None:
    """Add the gradients of the inputs of one result, however many and with what settings."""
    _, inputs, settings = y.origin  # type: ignore[misc]
    raws = [x.raw for x in inputs]
    _check_fresh(y, on_the_way)
    for x, raw, pull in zip(inputs, raws, pulls):
        if pull is None or not x.wanted or (on_the_way is not None and x not in on_the_way):
            continue
        part = fit(pull(g, y.raw, *raws, **settings), raw)
        before = grads.get(x)
        grads[x] = part if before is None else before + part
        if before is None and x.origin is not None and x not in ends:
            heappush(ahead, (-x.born, x))


def _pull_tensors(
    output: Tensor, seed: Tensor, on_the_way: set[Tensor] | None, ends: set[Tensor], retain: bool
) -> Gradients:
    """Walk the graph backwards in primitives, for a tape or a listener to see."""
    kept, grads = {}, {output: seed}
    ahead, now = _start(output, ends), modes.current()
    recorder = now.recorder
    while ahead:
        y = now.pulling = heappop(ahead)[1]
        g = grads.pop(y)
        if retain:
            kept[y] = g
        if recorder is not None:
            recorder.see_gradient(y, g)
        primitive, inputs, settings = y.origin  # type: ignore[misc]
        _check_fresh(y, on_the_way)
        for x, rule in zip(inputs, rules_for(primitive, len(inputs))):
            if rule is None or not x.wanted or (on_the_way is not None and x not in on_the_way):
                continue
            part = fit_tensor(rule(g, y, *inputs, **settings), x)
            before = grads.get(x)
            grads[x] = part if before is None else before + part
            if before is None and x.origin is not None and x not in ends:
                heappush(ahead, (-x.born, x))
    return kept | grads


def _start(output: Tensor, ends: set[Tensor]) -> Ahead:
    return [] if output.origin is None or output in ends else [(-output.born, output)]


def _check_fresh(y: Tensor, on_the_way: set[Tensor] | None) -> None:
    """See that no number has been overwritten that a rule of ``y`` is about to compute with."""
    primitive, inputs, _ = y.origin  # type: ignore[misc]
    stale = [j for j, x in enumerate(inputs) if x.written > y.born]
    if not stale:
        return
    for i, (x, rule) in enumerate(zip(inputs, rules_for(primitive, len(inputs)))):
        if rule is None or not x.wanted or (on_the_way is not None and x not in on_the_way):
            continue
        for j in stale:
            if i == j or reads(rule, j):
                raise stale_error(y, inputs[j])


def stale_error(y: Tensor, x: Tensor) -> StaleGraphError:
    """Return the error that says where the input ``x`` of ``y`` was overwritten too early."""
    assert y.origin is not None
    name = f"{x.name!r} " if x.name else ""
    return StaleGraphError(
        f"backward: an input {name}of shape {x.shape} was overwritten after "
        f"{y.origin[0].name} had used it.\n"
        f"  Used at {line(y.place)}, overwritten at {line(x.place)}; the gradient would be that "
        "of other numbers.\n  Try calling backward before the update, or computing again after it."
    )
