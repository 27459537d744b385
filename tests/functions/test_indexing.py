"""Indexing is NumPy's, whatever stands between the brackets; its gradient adds up."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import gradatim as gd
from gradatim.errors import DtypeError, ShapeError

SHAPES = arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)
GROUND = np.arange(12.0).reshape(3, 4)


def numbered(shape):
    """Every element is its own position, row by row."""
    return np.arange(float(np.prod(shape, dtype=int))).reshape(shape)


@st.composite
def mixed_index(draw):
    """A shape and an index of slices, numbers, arrays, masks, None and an ellipsis for it."""
    shape = draw(SHAPES)
    common = draw(arrays.array_shapes(min_dims=0, max_dims=2, max_side=3))
    parts = []
    axis = 0
    while axis < len(shape) and draw(st.booleans()):
        size = shape[axis]
        kinds = ["slice", "slice", "none", "mask"]
        kinds += ["number", "array", "array", "list"] if size else []
        kinds += [] if Ellipsis in [p for p in parts if not isinstance(p, np.ndarray)] else ["dots"]
        kind = draw(st.sampled_from(kinds))
        if kind == "slice":
            parts.append(draw(st.slices(size)))
        elif kind == "number":
            parts.append(draw(st.integers(-size, size - 1)))
        elif kind in ("array", "list"):
            narrow = tuple(draw(st.sampled_from([1, n])) for n in common)
            places = arrays.arrays(np.intp, narrow, elements=st.integers(-size, size - 1))
            found = draw(places)
            parts.append(found.tolist() if kind == "list" and found.ndim else found)
        elif kind == "mask":
            parts.append(draw(arrays.arrays(bool, (size,))))
        else:
            parts.append(None if kind == "none" else ...)
        axis += kind not in ("none", "dots")
        if kind == "dots":
            axis = draw(st.integers(axis, len(shape)))
    return shape, tuple(parts)


def assert_indexing_is_numpys(shape, key):
    x = numbered(shape)
    try:
        wanted = x[key]
    except IndexError:
        with pytest.raises(ShapeError):
            gd.Tensor(x)[key]
        return
    leaf = gd.Tensor(x, requires_grad=True)
    found = leaf[key]

    assert found.shape == wanted.shape
    np.testing.assert_array_equal(found.numpy(), wanted)
    weights = 1.0 + np.arange(wanted.size).reshape(wanted.shape)
    found.backward(weights)
    slopes = np.zeros(x.size)
    for place, weight in zip(np.ravel(wanted).astype(int), weights.ravel()):
        slopes[place] += weight
    np.testing.assert_array_equal(leaf.grad.numpy(), slopes.reshape(shape))


@settings(deadline=None)
@given(st.data())
def test_slices_and_numbers(data):
    shape = data.draw(SHAPES)
    key = data.draw(arrays.basic_indices(shape, allow_newaxis=True))

    assert_indexing_is_numpys(shape, key)


@settings(deadline=None)
@given(st.data())
def test_arrays_of_positions(data):
    shape = data.draw(arrays.array_shapes(max_dims=3, max_side=4))
    key = data.draw(arrays.integer_array_indices(shape))

    assert_indexing_is_numpys(shape, key)


@settings(deadline=None, max_examples=300)
@given(mixed_index())
def test_everything_mixed(shape_and_key):
    _, key = shape_and_key
    assume(not any(isinstance(part, np.ndarray) and part.size == 0 for part in key))
    assert_indexing_is_numpys(*shape_and_key)


def test_an_empty_mask_must_have_the_size_of_its_axis():
    assert_indexing_is_numpys((0, 3), np.zeros(0, bool))
    # NumPy lets it choose nothing from an axis of size 1 as well.
    with pytest.raises(ShapeError, match=r"the mask has shape \(0,\), but axis 1"):
        gd.Tensor(np.ones((2, 1)))[:, np.zeros(0, bool)]


@settings(deadline=None)
@given(st.data())
def test_masks_of_several_axes(data):
    shape = data.draw(SHAPES)
    axes = data.draw(st.integers(0, len(shape)))
    mask = data.draw(arrays.arrays(bool, shape[:axes]))
    before = data.draw(st.sampled_from([(), (None,)]))

    assert_indexing_is_numpys(shape, (*before, mask, ...))


@pytest.mark.parametrize(
    "key",
    [
        [],
        ([], 0),
        ([0, 2], None, [1, 1]),
        (1, [0, 0]),
        ([0, 0], 1),
        (True, [0, 1]),
        (..., True, None, False),
        (np.array([True, False, True]), [1, 3]),
        (slice(None), np.array([[0, 1], [3, 3]])),
    ],
    ids=repr,
)
def test_indices_that_are_easily_got_wrong(key):
    assert_indexing_is_numpys((3, 4), key)


@pytest.mark.parametrize(
    "key",
    [
        (slice(None), [0, 2, 0], slice(None), [1, 1, 2]),
        (slice(1), [0, 2], None, [1, 1]),
        (slice(None), [[0], [2]], ..., [1, 0]),
        (..., [0, 2], slice(None, None, -1), 1),
        (slice(None), [0, 2], [1, 1], slice(None)),
        (None, 1, slice(None), [1, 1]),
    ],
    ids=repr,
)
def test_arrays_apart_and_arrays_together(key):
    assert_indexing_is_numpys((2, 3, 2, 3), key)


def test_tensors_are_indices_too():
    x = gd.Tensor(GROUND)
    places = gd.Tensor([2, 0, 2])

    assert x[places].tolist() == GROUND[[2, 0, 2]].tolist()
    assert x[places, gd.Tensor(1)].tolist() == [9.0, 1.0, 9.0]
    assert x[x > 9].tolist() == [10.0, 11.0]
    assert x[gd.Tensor(1) : gd.Tensor(2)].tolist() == [[4.0, 5.0, 6.0, 7.0]]


def test_a_position_that_comes_twice_gets_both_gradients():
    x = gd.Tensor(GROUND, requires_grad=True)
    x[[0, 2, 0], [1, 1, 1]].backward([1.0, 10.0, 100.0])

    assert x.grad[0, 1].item() == 101.0
    assert x.grad[2, 1].item() == 10.0
    assert x.grad.numpy().sum() == 111.0


def test_rows_that_come_twice_get_both_gradients():
    x = gd.Tensor(np.zeros((5, 3)), requires_grad=True)
    g = np.arange(12.0).reshape(4, 3)
    x[[4, 1, 4, -1]].backward(g)

    assert x.grad.tolist() == [
        [0.0] * 3,
        g[1].tolist(),
        [0.0] * 3,
        [0.0] * 3,
        (g[0] + g[2] + g[3]).tolist(),
    ]


def test_many_positions_are_added_like_few():
    rng = np.random.default_rng(0)
    rows, columns = rng.integers(-7, 7, 2000), rng.integers(0, 5, 2000)
    x = gd.Tensor(np.zeros((7, 5)), requires_grad=True)
    g = rng.normal(size=2000)
    x[rows, columns].backward(g)

    wanted = np.zeros((7, 5))
    np.add.at(wanted, (rows, columns), g)
    np.testing.assert_allclose(x.grad.numpy(), wanted, rtol=1e-12, atol=1e-12)


def test_the_gradient_of_an_index_can_be_differentiated():
    def twice(x):
        return gd.grad(lambda x: (x[[0, 0, 2]] ** 3).sum())(x).sum()

    assert gd.grad(twice)([1.0, 2.0, 3.0]).tolist() == [12.0, 0.0, 18.0]


@pytest.mark.parametrize(
    "use",
    [
        lambda x: x[1:],
        lambda x: x[::-1] * 2,
        lambda x: x.reshape(4, 3),
        lambda x: x.T,
        lambda x: gd.broadcast_to(x, (2, 3, 4)),
        lambda x: gd.diagonal(x),
        lambda x: gd.einsum("ij->ji", x),
        lambda x: gd.concatenate(gd.split(x, 3)),
    ],
)
def test_what_may_share_memory_is_never_written_to(use):
    data = GROUND.copy()
    x = gd.Tensor(data, requires_grad=True)
    y = use(x)
    loss = (y * y).sum()
    loss.backward()
    kept = y.numpy()
    x.grad += 1

    assert x.tolist() == GROUND.tolist()
    assert data.tolist() == GROUND.tolist()
    assert y.tolist() == kept.tolist()


# --- errors ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("key", "error", "told"),
    [
        (3, ShapeError, "index 3 is out of bounds for axis 0 with size 3.\n  Positions count"),
        ((0, -5), ShapeError, "index -5 is out of bounds for axis 1 with size 4"),
        ((0, [0, 4]), ShapeError, "index 4 is out of bounds for axis 1 with size 4"),
        ((0, 0, 0), ShapeError, "too many indices"),
        (([0, 1], [0, 1, 2]), ShapeError, "(2,) (3,)"),
        ([True, False], ShapeError, "the mask has shape (2,), but axis 0 of the Tensor of shape"),
        (
            (slice(None), [True] * 3),
            ShapeError,
            "but axis 1 of the Tensor of shape (3, 4) has (4,)",
        ),
        (
            np.ones((3, 3), bool),
            ShapeError,
            "axes 0 to 1 of the Tensor of shape (3, 4) have (3, 4)",
        ),
        (1.0, DtypeError, "positions are integers or booleans, not float64"),
        (np.array([0.0]), DtypeError, "Try .astype(int) on the index"),
        ((0, np.array([])), DtypeError, "positions are integers or booleans, not float64"),
    ],
    ids=repr,
)
def test_a_bad_index_teaches(key, error, told):
    with pytest.raises(error) as caught:
        gd.Tensor(GROUND)[key]

    assert told in str(caught.value)


def test_a_tensor_without_axes_has_no_positions():
    with pytest.raises(ShapeError, match="too many indices"):
        gd.Tensor(1.0)[0]
