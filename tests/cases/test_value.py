"""Every row: the value is that of plain NumPy, whatever the dtype, the size and the number."""

from __future__ import annotations

import numpy as np

from cases.rows import every_case, every_sample
from cases.trial import expected, parts, value
from gradatim.autograd.tensor import Tensor


def assert_equal_parts(found, wanted, tolerance):
    assert len(found) == len(wanted)
    for y, reference in zip(found, wanted):
        assert y.shape == reference.shape
        np.testing.assert_allclose(y, reference, rtol=tolerance, atol=tolerance)


@every_sample(kinks=True)
def test_value_is_that_of_numpy(case, sample):
    found, wanted = value(case, sample), expected(case, sample)

    assert_equal_parts(found, wanted, case.tolerance)
    assert [y.dtype for y in found] == [y.dtype for y in wanted]


@every_sample(lambda case: case.pointwise)
def test_value_of_one_element_without_axes(case, sample):
    single = sample.with_inputs(
        *(x.reshape(-1)[0] if isinstance(x, np.ndarray) else x for x in sample.inputs)
    )

    assert_equal_parts(value(case, single), expected(case, single), case.tolerance)
    wrapped = single.with_inputs(
        *(Tensor(x) if isinstance(x, np.generic) else x for x in single.inputs)
    )
    assert_equal_parts(value(case, wrapped), expected(case, single), case.tolerance)


@every_case(lambda case: case.pointwise)
def test_value_of_no_elements(case):
    sample = case.samples[0]
    for shape in ((0,), (2, 0)):
        empty = sample.with_inputs(
            *(np.empty(shape, x.dtype) if isinstance(x, np.ndarray) else x for x in sample.inputs)
        )

        assert_equal_parts(value(case, empty), expected(case, empty), 0)


@every_sample(lambda case: case.float32)
def test_float32_stays_float32(case, sample):
    single = sample.with_inputs(
        *(
            x.astype(np.float32) if isinstance(x, np.ndarray) and x.dtype.kind == "f" else x
            for x in sample.inputs
        )
    )
    for y, reference in zip(value(case, single), expected(case, sample)):
        wanted = np.float32 if reference.dtype.kind == "f" else reference.dtype
        assert y.dtype == wanted
        scale = max(1.0, float(np.abs(reference).max(initial=0.0)))
        np.testing.assert_allclose(y, reference, rtol=0, atol=1e-4 * scale)


@every_case()
def test_tensors_give_what_arrays_give(case):
    for sample in (*case.samples, *case.kinks):
        assert_tensors_give_the_same(case, sample)


def assert_tensors_give_the_same(case, sample):
    wrapped = sample.with_inputs(
        *(Tensor(x) if isinstance(x, np.ndarray) else x for x in sample.inputs)
    )
    for y, reference in zip(
        parts(case.door(*wrapped.inputs, **sample.settings)), value(case, sample)
    ):
        np.testing.assert_array_equal(y.numpy(), reference)
