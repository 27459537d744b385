"""The sides: ours and the peers, each in the forms that suit it."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass

NETWORKS, GRAPHS = ("network",), ("scalars", "matrices")


@dataclass(frozen=True)
class Entry:
    """A side: what it is called, the file that makes it, in which form, and what that needs."""

    title: str
    module: str
    form: str
    needs: str
    kinds: tuple[str, ...] = NETWORKS
    peer: bool = True
    works: tuple[str, ...] = ()

    def does(self, kind: str, name: str) -> bool:
        return kind in self.kinds and (not self.works or name in self.works)

    @property
    def missing(self) -> bool:
        return importlib.util.find_spec(self.needs) is None


SIDES = {
    # ours
    "run": Entry("gradatim, a run a call", "by_gradatim", "run", "llvmlite", peer=False),
    "call": Entry(
        *("gradatim, a step a call", "by_gradatim", "call", "llvmlite"),
        kinds=NETWORKS + GRAPHS,
        peer=False,
    ),
    "printed": Entry(
        *("gradatim, printed NumPy", "by_gradatim", "printed", "gradatim"),
        kinds=NETWORKS + GRAPHS,
        peer=False,
    ),
    "eager": Entry(
        *("gradatim, eager", "by_gradatim", "eager", "gradatim"),
        kinds=NETWORKS + GRAPHS,
        peer=False,
    ),
    # peers
    "jax-scan": Entry("jax, scan over the run", "by_jax", "scan", "jax"),
    "jax-scan-u8": Entry("jax, scan, bytes", "by_jax", "scan-u8", "jax"),
    "jax": Entry("jax, jit a step", "by_jax", "jit", "jax", kinds=NETWORKS + GRAPHS),
    "jax-u8": Entry("jax, jit a step, bytes", "by_jax", "jit-u8", "jax"),
    "torch-compiled": Entry("torch, compiled step", "by_torch", "compiled", "torch"),
    "torch-compiled-u8": Entry("torch, compiled, bytes", "by_torch", "compiled-u8", "torch"),
    "torch": Entry("torch, eager", "by_torch", "eager", "torch", kinds=NETWORKS + GRAPHS),
    "torch-u8": Entry("torch, eager, bytes", "by_torch", "eager-u8", "torch"),
    "numpy": Entry("NumPy by hand, out=", "by_numpy", "out", "numpy"),
    "notebook": Entry("NumPy of the notebook, f64", "by_notebook", "", "numpy", works=("W1",)),
    "sklearn": Entry("scikit-learn", "by_sklearn", "", "sklearn"),
    "keras": Entry("Keras on jax, fit", "by_keras", "", "keras"),
    "autograd": Entry("autograd", "by_autograd", "", "autograd", kinds=NETWORKS + GRAPHS),
    "micrograd": Entry("micrograd", "by_micrograd", "", "micrograd", kinds=("scalars",)),
}
