"""A compiled training step beside the same step run eagerly, by PyTorch and by JAX.

Every side gets the same weights, the same batches of float32 images (gathered beforehand, so that
only the step is timed) and one call a step. Blocks of steps are interleaved (A B C A B C ...);
medians of the time per step are quoted, and their ratio to each peer. Peers that are not installed
are said so.

    python benchmarks/compiled.py [--rounds 9] [--block 50] [--threads 1] [--only W1]
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

_parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
_parser.add_argument("--rounds", type=int, default=9)
_parser.add_argument("--block", type=int, default=50)
_parser.add_argument("--threads", type=int, default=1, help="of the matrix libraries")
_parser.add_argument("--only", help="one of the works, such as W1")
ARGS = _parser.parse_args()
for _name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ[_name] = str(ARGS.threads)
if ARGS.threads == 1:
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"

import numpy as np  # noqa: E402

import gradatim as gd  # noqa: E402

Block = Callable[[int], float]
"""Makes so many steps and returns the seconds that they took."""


@dataclass(frozen=True)
class Work:
    """A network and how it is trained."""

    name: str
    sizes: tuple[int, ...]
    batch: int
    activation: str = "relu"
    optimizer: str = "SGD"
    rate: float = 0.1


WORKS = (
    Work("W1", (784, 50, 10), 100),
    Work("W5", (784, 50, 10), 100, activation="sigmoid"),
    Work("W2", (784, 512, 10), 10),
    Work("W3", (784, 1024, 1024, 10), 256, optimizer="Adam", rate=1e-3),
)
BATCHES = 32


def batches(work: Work) -> list[tuple[np.ndarray, np.ndarray]]:
    """The first batches of MNIST."""
    train, _ = gd.data.mnist()
    loader = gd.data.Loader(train.flatten(), batch_size=work.batch, seed=1)
    return [(x, t.astype(np.int64)) for _, x, t in loader.batches(stop=BATCHES)]


def network(work: Work) -> gd.nn.MLP:
    return gd.nn.MLP(work.sizes, work.activation, rng=0)


def timed(step: Callable[[int], object], done: Callable[[], object] = lambda: None) -> Block:
    """A block that calls a step for batch after batch, from where it stopped."""
    at = 0

    def block(steps: int) -> float:
        nonlocal at
        start = time.perf_counter()
        for _ in range(steps):
            step(at % BATCHES)
            at += 1
        done()
        return time.perf_counter() - start

    return block


# --- ours ---------------------------------------------------------------------------------------
def ours(work: Work, backend: str | None) -> Block:
    model, data = network(work), batches(work)
    optimizer = getattr(gd.optim, work.optimizer)(model, lr=work.rate)

    def step(x, t):
        loss = gd.cross_entropy(model(x), t)
        loss.backward()
        optimizer.step()
        return loss

    run = step if backend is None else gd.compile(step, backend=backend)
    return timed(lambda i: run(*data[i]))


# --- peers --------------------------------------------------------------------------------------
def torch_eager(work: Work) -> Block:
    import torch

    torch.set_num_threads(ARGS.threads)
    layers = []
    parameters = network(work).parameters()
    for i, (n_in, n_out) in enumerate(zip(work.sizes, work.sizes[1:])):
        layer = torch.nn.Linear(n_in, n_out)
        with torch.no_grad():
            layer.weight.copy_(torch.tensor(parameters[2 * i].data.T))
            layer.bias.copy_(torch.tensor(parameters[2 * i + 1].data))
        layers += [layer, {"relu": torch.nn.ReLU, "sigmoid": torch.nn.Sigmoid}[work.activation]()]
    model = torch.nn.Sequential(*layers[:-1])
    optimizer = getattr(torch.optim, work.optimizer)(model.parameters(), lr=work.rate)
    data = [(torch.tensor(x), torch.tensor(t)) for x, t in batches(work)]

    def step(i: int) -> None:
        x, t = data[i]
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(x), t).backward()
        optimizer.step()

    return timed(step)


def jax_jit(work: Work) -> Block:
    import jax
    import jax.numpy as jnp

    act = {"relu": jax.nn.relu, "sigmoid": jax.nn.sigmoid}[work.activation]
    weights = [jnp.array(p.data) for p in network(work).parameters()]
    data = [(jnp.array(x), jnp.array(t)) for x, t in batches(work)]

    def loss(weights, x, t):
        for w, b in zip(weights[:-2:2], weights[1:-2:2]):
            x = act(x @ w + b)
        logits = jax.nn.log_softmax(x @ weights[-2] + weights[-1])
        return -jnp.mean(jnp.take_along_axis(logits, t[:, None], 1))

    def updated(state, g):
        if work.optimizer == "SGD":
            return [(p - work.rate * d,) for (p,), d in zip(state, g)]
        new = []
        for (p, m, v, n), d in zip(state, g):
            m, v, n = 0.9 * m + 0.1 * d, 0.999 * v + 0.001 * d * d, n + 1
            scale = work.rate / (1 - 0.9**n)
            new.append((p - scale * m / (jnp.sqrt(v / (1 - 0.999**n)) + 1e-8), m, v, n))
        return new

    @jax.jit
    def step(state, x, t):
        value, g = jax.value_and_grad(loss)([s[0] for s in state], x, t)
        return updated(state, g), value

    extra = () if work.optimizer == "SGD" else (0.0,)
    state = [(w,) if not extra else (w, jnp.zeros_like(w), jnp.zeros_like(w), 0.0) for w in weights]
    kept = {"state": state}

    def one(i: int) -> None:
        kept["state"], _ = step(kept["state"], *data[i])

    return timed(one, lambda: jax.block_until_ready(kept["state"]))


SIDES: dict[str, Callable[[Work], Block]] = {
    "compiled, machine code": lambda work: ours(work, "llvm"),
    "compiled, NumPy": lambda work: ours(work, "numpy"),
    "eager": lambda work: ours(work, None),
    "torch eager": torch_eager,
    "jax jit": jax_jit,
}
NEEDS = {"compiled, machine code": "llvmlite", "torch eager": "torch", "jax jit": "jax"}


def main() -> None:
    missing = {s for s, name in NEEDS.items() if importlib.util.find_spec(name) is None}
    for side in sorted(missing):
        print(f"{side}: not measured, {NEEDS[side]} is not installed")
    for work in WORKS:
        if ARGS.only in (None, work.name):
            measure(work, [side for side in SIDES if side not in missing])


def measure(work: Work, sides: list[str]) -> None:
    steps = ARGS.block if work.name != "W3" else max(2, ARGS.block // 20)
    blocks = {side: SIDES[side](work) for side in sides}
    for block in blocks.values():
        block(3)  # notes, compiles, warms up
    seconds: dict[str, list[float]] = {side: [] for side in sides}
    for _ in range(ARGS.rounds):
        for side, block in blocks.items():
            seconds[side].append(block(steps) / steps)
    medians = {side: statistics.median(s) * 1e6 for side, s in seconds.items()}
    best = medians[sides[0]]
    sizes = "-".join(map(str, work.sizes))
    print(f"\n{work.name}: {sizes} {work.activation}, batch {work.batch}, {work.optimizer}")
    for side in sides:
        ratio = "" if side == sides[0] else f"   {sides[0]} takes {best / medians[side]:.2f} of it"
        print(f"  {side:24}{medians[side]:10.0f} us a step{ratio}")


if __name__ == "__main__":
    main()
