"""Every primitive that a row runs, forward and backward, does what its row of the table says."""

from __future__ import annotations

import numpy as np

from cases.rows import every_case, every_sample
from cases.trial import gradients
from gradatim.autograd import listen
from gradatim.primitives.special import erf


def calls_of(case, sample):
    """Every primitive that runs in the door and in its backward pass, with what it was given."""
    calls = []

    def see(primitive, inputs, settings, output):
        calls.append((primitive, [x.data for x in inputs], settings, output.data))

    with listen(see):
        if case.positions(sample):
            with np.errstate(all="ignore"):  # a slope at a kink may be infinite
                gradients(case, sample)
        else:
            case.door(*sample.inputs, **sample.settings)
    return calls


@every_sample(kinks=True)
def test_shape_and_dtype_are_foretold(case, sample):
    for primitive, inputs, settings, output in calls_of(case, sample):
        shape = primitive.shape(*(x.shape for x in inputs), **settings)
        dtype = primitive.dtype(*(x.dtype for x in inputs), **settings)

        assert (primitive.name, shape) == (primitive.name, output.shape)
        assert (primitive.name, dtype) == (primitive.name, output.dtype)


def printed(primitive, count, settings):
    """The expression of a primitive with names ``x0 x1 ...`` for its inputs."""
    named = [n for n in primitive.inputs if not n.endswith("*")]
    words = {name: f"x{i}" for i, name in enumerate(named)}
    if primitive.variadic:
        rest = "".join(f"x{i}, " for i in range(len(named), count))
        words[primitive.inputs[-1].rstrip("*")] = rest
    # A dtype prints as its name and subscripts as their letters; all else as Python shows it.
    plain = {k: v if isinstance(v, (str, np.dtype)) else repr(v) for k, v in settings.items()}
    return primitive.source.format(**words, **plain)


def can_be_evaluated(primitive):
    """Whether an expression needs nothing but NumPy and ``erf``, and gives the same again."""
    if primitive.kind == "chance":
        return False
    return primitive.kind == "pointwise" or "np." in primitive.source or "@" in primitive.source


@every_sample()
def test_printed_expression_gives_the_value(case, sample):
    for primitive, inputs, settings, output in calls_of(case, sample):
        if can_be_evaluated(primitive):
            text = printed(primitive, len(inputs), settings)
            names = {f"x{i}": x for i, x in enumerate(inputs)}
            found = eval(text, {"np": np, "erf": erf}, names)

            np.testing.assert_allclose(found, output, rtol=1e-13, atol=1e-13, err_msg=text)


@every_sample(lambda case: case.wrt)
def test_backward_on_arrays_is_bit_equal_to_backward_on_tensors(case, sample):
    plain = gradients(case, sample)
    for gradient, reference in zip(gradients(case, sample, create_graph=True), plain):
        np.testing.assert_array_equal(gradient.data, reference.data)
        assert gradient.dtype == reference.dtype
    with listen(lambda *call: None):
        for gradient, reference in zip(gradients(case, sample), plain):
            np.testing.assert_array_equal(gradient.data, reference.data)


@every_case(lambda case: case.primitive is not None)
def test_the_row_runs_its_primitive(case):
    for sample in case.samples:
        seen = []
        with listen(lambda primitive, *call, seen=seen: seen.append(primitive.name)):
            case.door(*sample.inputs, **sample.settings)

        assert case.primitive in seen, sample
