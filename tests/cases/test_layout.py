"""Every row: how the inputs lie in memory changes nothing, and they are never written to."""

from __future__ import annotations

import numpy as np

from cases.rows import every_sample
from cases.trial import gradients, value


def strided(x):
    """Every second element of a larger array, from its end to its start."""
    room = np.full((*x.shape[:-1], 2 * x.shape[-1]), 99).astype(x.dtype)
    room[..., ::-2] = x
    return room[..., ::-2]


def transposed(x):
    return np.array(x.T, order="C").T


def fortran(x):
    return np.asfortranarray(np.array(x))


def protected(x):
    copy = np.array(x)
    copy.setflags(write=False)
    return copy


LAYOUTS = {
    "strided": strided,
    "transposed": transposed,
    "fortran": fortran,
    "protected": protected,
}


def floats(sample):
    return [x for x in sample.inputs if isinstance(x, np.ndarray)]


@every_sample(lambda case: case.layouts)
def test_layout_changes_nothing(case, sample):
    values, slopes = value(case, sample), gradients(case, sample)
    for name, layout in LAYOUTS.items():
        laid = sample.with_inputs(
            *(layout(x) if isinstance(x, np.ndarray) and x.ndim else x for x in sample.inputs)
        )
        for y, reference in zip(value(case, laid), values):
            np.testing.assert_allclose(y, reference, rtol=1e-12, atol=1e-12, err_msg=name)
        for gradient, reference in zip(gradients(case, laid), slopes):
            np.testing.assert_allclose(
                gradient.data,
                reference.data,
                rtol=0,
                atol=1e-12 * max(1.0, float(np.abs(reference.data).max(initial=0.0))),
                err_msg=name,
            )


@every_sample(kinks=True)
def test_inputs_are_never_written_to(case, sample):
    before = [x.copy() for x in floats(sample)]
    if case.positions(sample):
        for modes in ({}, {"create_graph": True}):
            with np.errstate(all="ignore"):  # a slope at a kink may be infinite
                gradients(case, sample, **modes)
    value(case, sample)

    for x, kept in zip(floats(sample), before):
        np.testing.assert_array_equal(x, kept)
