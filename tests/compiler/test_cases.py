"""Every row of every primitive and function, compiled: the same as eager, forward and backward."""

from __future__ import annotations

import numpy as np
import pytest

from cases.rows import every_case, every_sample
from cases.trial import parts, weights
from gradatim.autograd.backward import backward
from gradatim.autograd.tensor import Tensor
from gradatim.compiler import compile
from gradatim.errors import RecordingError
from gradatim.primitives import TABLE

TIGHT = 1e-12
NOT_HERE = {n for n, primitive in TABLE.items() if primitive.kind in ("effect", "chance")}


def step_of(case, sample):
    """A step that returns every output of a row, and leaves gradients at its inputs."""
    positions = case.positions(sample)
    learning = {i: Tensor(sample.inputs[i], requires_grad=True) for i in positions}

    def step(*arrays):
        supply = iter(arrays)
        inputs = [
            learning[i] if i in learning else next(supply) if is_data(x) else x
            for i, x in enumerate(sample.inputs)
        ]
        outputs = parts(case.door(*inputs, **sample.settings))
        for y, w in zip(outputs, weights(outputs)):
            if w is not None and y.requires_grad:
                backward(y, w)
        return outputs

    arrays = [x for i, x in enumerate(sample.inputs) if i not in learning and is_data(x)]
    return step, arrays, learning


def is_data(x):
    return isinstance(x, np.ndarray) and x.dtype.kind != "b" and x.ndim > 0


def taken(learning):
    """The gradients that were left, which are taken away."""
    found = [None if t.grad is None else t.grad.numpy() for t in learning.values()]
    for t in learning.values():
        t.grad = None
    return found


def compiles(case):
    return case.primitive not in NOT_HERE


BACKENDS = pytest.mark.parametrize("backend", ["numpy", "llvm"])


@BACKENDS
@every_case(compiles)
def test_compiled_equals_eager(case, backend):
    assert_compiled_is_eager(case, [*case.samples, *case.kinks][0], backend)


@pytest.mark.slow
@BACKENDS
@every_sample(compiles, kinks=True)
def test_compiled_equals_eager_for_every_sample(case, sample, backend):
    assert_compiled_is_eager(case, sample, backend)


def assert_compiled_is_eager(case, sample, backend):
    step, arrays, learning = step_of(case, sample)
    with np.errstate(all="ignore"):
        outputs = [y.numpy() for y in step(*arrays)]
        gradients = taken(learning)
        program = compile(step, backend=backend)
        try:
            for _ in range(2):
                program(*arrays)
                taken(learning)
        except RecordingError:
            pytest.skip("the function looks at the numbers to choose what to do")
        found = [y.numpy() for y in program(*arrays)]
    assert len(program.programs) == 1
    for y, expected in zip([*found, *taken(learning)], [*outputs, *gradients]):
        if expected is None:
            assert y is None
            continue
        assert (y.shape, y.dtype) == (expected.shape, expected.dtype)
        if y.dtype.kind == "f":
            scale = max(1.0, float(np.abs(expected[np.isfinite(expected)]).max(initial=0)))
            tolerance = TIGHT if y.dtype == np.float64 else 1e-6
            np.testing.assert_allclose(y, expected, rtol=tolerance, atol=tolerance * scale)
        else:
            np.testing.assert_array_equal(y, expected)
