"""The ways from the end of a graph back to one Tensor: counted, and a few of them walked."""

from __future__ import annotations

from collections.abc import Iterator

from gradatim.autograd.tensor import Tensor
from gradatim.derivation.flow import Flow, Part

Path = tuple[Part, ...]
"""Parts from the output to a Tensor: each goes into the result that the next one comes from."""


def count_paths(flow: Flow, x: Tensor) -> int:
    """Return how many ways lead from the output of a graph to ``x``, without walking them.

    Parameters
    ----------
    flow : Flow
        The graph.
    x : Tensor
        Where they end.

    Returns
    -------
    int
        A Tensor that is used twice by one primitive is reached in two ways. O(parts) time.

    Examples
    --------
    >>> import gradatim as gd
    >>> from gradatim.derivation.flow import flow_of
    >>> x = y = gd.Tensor(1.0, requires_grad=True)
    >>> for _ in range(100):
    ...     y = y + y
    >>> count_paths(flow_of(y), x) == 2**100
    True
    """
    ways = {flow.output: 1}
    for part in flow.parts:
        ways[part.into] = ways.get(part.into, 0) + ways[part.result]
    return ways.get(x, 0)


def walk_paths(flow: Flow, x: Tensor) -> Iterator[Path]:
    """Yield the ways from the output to ``x``, at each fork in the order of the inputs."""
    useful = leading_to(flow, (x,))
    stack: list[tuple[Tensor, Path]] = [(flow.output, ())]
    while stack:
        here, path = stack.pop()
        if here is x:
            yield path
            continue
        onward = [part for part in flow.parts_from(here) if part.into in useful]
        stack += [(part.into, (*path, part)) for part in reversed(onward)]


def leading_to(flow: Flow, ends: tuple[Tensor, ...]) -> set[Tensor]:
    """Return the Tensors on the ways from the output to any of ``ends``, these included."""
    found = set(ends)
    for part in reversed(flow.parts):
        if part.into in found:
            found.add(part.result)
    return found
