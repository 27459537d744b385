"""Halves: long sums in two parts, one for each half of the threads, whoever adds them up."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from compiler.machine.crew import Crew, recorded
from gradatim.compiler.machine.feed import Feed, Run
from gradatim.compiler.machine.halves import SHORTEST, in_halves
from gradatim.compiler.machine.kernel import Product
from gradatim.compiler.machine.schedule import schedule
from gradatim.primitives import product


def step_of(inner, width, learns=True):
    """A step that multiplies a batch with a matrix, and writes that matrix if it learns."""
    layer = gd.nn.Linear(inner, width, bias=False, rng=0)
    optimizer = gd.optim.SGD(layer, lr=0.5)

    def step(x):
        loss = (layer(x) ** 2).mean()
        if learns:
            loss.backward()
            optimizer.step()
        return loss

    return step


def halves(program):
    spans = [line.settings.get("span") for line in in_halves(program).lines]
    return [span for span in spans if span]


def recorded_step(height, inner, width, learns=True):
    return recorded(step_of(inner, width, learns), np.ones((height, inner), "f4"))


def test_the_halves_of_a_product_with_a_matrix_that_learns():
    program, _ = recorded_step(100, 784, 50)
    assert halves(program) == [(0, 392), (392, 784)]


@pytest.mark.parametrize(
    ("sizes", "learns", "why"),
    [
        ((100, SHORTEST - 1, 50), True, "the sum is short"),
        ((256, 784, 1024), True, "the result is larger than what stays in place"),
        ((100, 784, 50), False, "nobody writes the matrix"),
    ],
)
def test_what_stays_whole(sizes, learns, why):
    program, _ = recorded_step(*sizes, learns)
    assert halves(program) == [], why
    assert any(line.primitive is product.matmul for line in program.lines)


def test_lines_that_follow_wait_for_both():
    program, _ = recorded_step(100, 784, 50)
    kernels = schedule(in_halves(program)).kernels
    first, second = (k for k in kernels if isinstance(k, Product) and k.crew is not None)
    assert (first.crew, second.crew) == (0, 1)
    assert len(first.lines) == len(second.lines) == 1
    assert kernels.index(second) == kernels.index(first) + 1


def test_one_half_does_not_wait_for_the_other():
    program, _ = recorded_step(100, 784, 50)
    module = Crew(program, 2, checked=False).module
    crews = [getattr(kernel, "crew", None) for kernel in module.schedule.kernels]
    first, second = crews.index(0), crews.index(1)
    part = module.text[module.text.index("@part0(") :]
    between = part[part.index(f"@kernel{first}(") : part.index(f"@kernel{second}(")]
    assert "icmp eq" in between, "each is the work of one crew"
    assert "@barrier" not in between


@pytest.mark.parametrize("checked", [False, True])
@pytest.mark.parametrize("sizes", [(10, 300, 50), (100, 784, 50), (7, 784, 3)])
def test_any_number_of_threads_gives_the_same_bits(sizes, checked):
    height, inner, width = sizes
    random = np.random.default_rng(1)
    data = random.integers(0, 256, (40, inner), dtype="u1")
    rows = random.integers(0, 40, (5, height))
    step = step_of(inner, width)
    program, agreement = recorded(step, np.ones((height, inner), "f4"))
    assert halves(program)
    begun = [agreement.state[value].data.copy() for value in program.state]
    run = Run((Feed(program.arguments[0], data.dtype, divisor=255),), notes=program.results)
    found = []
    for threads in (1, 2, 3, 4, 6):
        state, losses = [x.copy() for x in begun], np.zeros(5, "f4")
        x = np.zeros((height, inner), "f4")
        crew = Crew(program, threads, run=run, checked=checked)
        crew.run([x, *state], [rows, data, losses], 5)
        found.append((losses.tobytes(), *(each.tobytes() for each in state)))
        np.testing.assert_array_equal(x, data[rows[-1]] / np.float32(255))
    assert all(each == found[0] for each in found)
    expected = [step(gd.Tensor(data[some] / np.float32(255))).item() for some in rows]
    np.testing.assert_allclose(np.frombuffer(found[0][0], "f4"), expected, rtol=1e-5)
