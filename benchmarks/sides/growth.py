"""How the time of a step grows with batch, width and depth."""

from __future__ import annotations

from sides.work import Work

BATCHES = (1, 4, 16, 64, 256, 1024, 4096)
WIDTHS = (16, 64, 256, 1024, 4096)
DEPTHS = (1, 2, 4, 8, 16)
PEERS = ("jax-scan", "jax-scan-u8", "torch", "numpy")
"""Without those that compile for ten seconds at each size; --peers asks for them too."""


def works(along: str) -> dict[str, Work]:
    """The sizes along one direction: what each is called, and its work."""
    if along == "batch":
        return {str(b): Work(f"batch {b}", sizes=(784, 50, 10), batch=b) for b in BATCHES}
    if along == "width":
        return {str(w): Work(f"width {w}", sizes=(784, w, 10), batch=100) for w in WIDTHS}
    if along == "depth":
        return {
            str(d): Work(f"depth {d}", sizes=(784, *[256] * d, 10), batch=100, rate=0.01)
            for d in DEPTHS
        }
    raise ValueError(f"--growth {along}: it must be batch, width or depth")


TITLES = {
    "batch": "Growth over batch, 784-50-10 relu, SGD",
    "width": "Growth over width, 784-width-10 relu, batch 100, SGD",
    "depth": "Growth over depth, 784-256-...-256-10 relu, batch 100, SGD",
}
