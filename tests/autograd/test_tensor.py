"""What a Tensor is, what it takes, and how its numbers come out."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

import gradatim as gd
from gradatim.errors import DtypeError, GraphError, ShapeError


class TestMaking:
    def test_copies_what_it_is_given(self) -> None:
        mine = np.array([1.0, 2.0])
        gd.Tensor(mine).assign([5.0, 6.0])
        assert mine.tolist() == [1.0, 2.0]

    def test_an_array_of_another_class_is_its_numbers(self) -> None:
        odd = np.ma.masked_array([1.0, 2.0], [False, True])  # who counts what is masked?
        assert gd.multiply(odd, odd).tolist() == gd.Tensor([1.0, 4.0]).tolist()
        assert type(gd.multiply(odd, odd).raw) is np.ndarray

    @pytest.mark.parametrize(
        ("given", "dtype"),
        [
            (3.0, np.float64),
            (3, np.int64),
            (True, np.bool_),
            ([1.0, 2.0], np.float64),
            (np.float32(2), np.float32),
            (np.arange(3, dtype=np.int8), np.int8),
            (np.ones(2, np.float16), np.float16),
        ],
    )
    def test_keeps_the_dtype_numpy_gives(self, given: object, dtype: type) -> None:
        assert gd.Tensor(given).dtype == dtype

    def test_takes_a_dtype(self) -> None:
        assert gd.Tensor([1, 2], dtype=np.float32).dtype == np.float32

    @pytest.mark.parametrize("given", [1j, "text", [None], [object()], np.array(["a"])])
    def test_refuses_what_has_no_gradient(self, given: object) -> None:
        with pytest.raises(DtypeError, match="must be float, integer or boolean"):
            gd.Tensor(given)

    @pytest.mark.parametrize("given", [3, True, np.arange(3)])
    def test_integers_cannot_require_a_gradient(self, given: object) -> None:
        with pytest.raises(DtypeError, match="cannot require a gradient; only floats can"):
            gd.Tensor(given, requires_grad=True)

    def test_nothing_is_no_number(self) -> None:
        for make in (gd.Tensor, gd.exp):
            with pytest.raises(DtypeError, match="cannot hold object"):
                make(None)
        assert (gd.Tensor(1.0) == None) is False  # noqa: E711
        assert (gd.Tensor(1.0) != None) is True  # noqa: E711

    def test_unequal_rows_are_told(self) -> None:
        with pytest.raises(ShapeError, match="Rows must be equally long"):
            gd.Tensor([[1.0, 2.0], [3.0]])

    def test_a_list_of_tensors_is_not_an_array(self) -> None:
        with pytest.raises(DtypeError, match=r"gd\.stack"):
            gd.add([gd.Tensor(1.0)], 1.0)


class TestReading:
    def test_data_is_always_an_array(self) -> None:
        x = gd.Tensor(2.0)
        for t in (x, x * x, x.sum()):
            assert type(t.data) is np.ndarray
            assert t.data.shape == ()
            assert t.data is t.data

    def test_data_is_live_and_numpy_is_a_copy(self) -> None:
        x = gd.Tensor([1.0, 2.0])
        x.data[0] = 7.0
        x.numpy()[1] = 9.0
        assert x.tolist() == [7.0, 2.0]

    def test_writing_to_the_data_of_a_number_is_seen(self) -> None:
        x = gd.Tensor(1.0)
        x.data[...] = 4.0
        assert float(x * 1.0) == 4.0

    def test_shape_size_and_bytes(self) -> None:
        x = gd.Tensor(np.zeros((2, 3), np.float32))
        assert (x.shape, x.ndim, x.size, x.nbytes, len(x)) == ((2, 3), 2, 6, 24, 2)

    def test_one_element_becomes_a_python_number(self) -> None:
        assert gd.Tensor([[2.5]]).item() == 2.5
        assert float(gd.Tensor(2.5)) == 2.5
        assert int(gd.Tensor(2)) == 2
        assert [10, 20, 30][gd.Tensor(1)] == 20

    def test_several_elements_do_not(self) -> None:
        with pytest.raises(ShapeError, match="has 2 elements; one is needed"):
            gd.Tensor([1.0, 2.0]).item()

    def test_a_float_is_no_index(self) -> None:
        with pytest.raises(DtypeError, match="positions are integers"):
            [1, 2, 3][gd.Tensor(1.0)]  # type: ignore[call-overload]

    def test_several_elements_are_neither_true_nor_false(self) -> None:
        assert bool(gd.Tensor(1.0) > 0)
        with pytest.raises(ShapeError, match="neither true nor false"):
            bool(gd.Tensor([1.0, 2.0]) > 0)

    def test_a_number_has_no_length(self) -> None:
        with pytest.raises(TypeError, match="without axes has no length"):
            len(gd.Tensor(1.0))
        with pytest.raises(TypeError, match="without axes has no rows"):
            iter(gd.Tensor(1.0))

    def test_iterates_over_the_first_axis(self) -> None:
        rows = list(gd.Tensor([[1.0, 2.0], [3.0, 4.0]]))
        assert [row.tolist() for row in rows] == [[1.0, 2.0], [3.0, 4.0]]

    @pytest.mark.parametrize(
        ("tensor", "text"),
        [
            (gd.Tensor(2.2), "Tensor(2.2)"),
            (gd.Tensor([1.0, 2.0]), "Tensor([1., 2.])"),
            (gd.Tensor([1, 2]), "Tensor([1, 2])"),
            (gd.Tensor(np.float32(1.5)), "Tensor(1.5, dtype=float32)"),
            (gd.Tensor(1.0, name="apple"), "Tensor(1., name='apple')"),
            (gd.Tensor(1.0, requires_grad=True), "Tensor(1., requires_grad=True)"),
            (gd.Parameter([1.0]), "Parameter([1.], requires_grad=True)"),
        ],
    )
    def test_shows_itself(self, tensor: gd.Tensor, text: str) -> None:
        assert repr(tensor) == text

    def test_formats_as_a_number(self) -> None:
        assert f"{gd.Tensor(2.25):.1f}" == "2.2"
        assert f"{gd.Tensor([1.0])}" == "Tensor([1.])"


class TestIdentity:
    def test_equality_is_elementwise_and_hash_is_identity(self) -> None:
        a, b = gd.Tensor([1.0, 2.0]), gd.Tensor([1.0, 3.0])
        assert (a == b).tolist() == [True, False]
        assert (a != b).tolist() == [False, True]
        assert {a: "a", b: "b"}[a] == "a"

    def test_a_leaf_can_be_copied(self) -> None:
        p = gd.Parameter([1.0], name="w")
        twin = copy.deepcopy(p)
        twin.assign([2.0])
        assert (type(twin), twin.name, twin.requires_grad) == (gd.Parameter, "w", True)
        assert p.tolist() == [1.0]
        assert copy.copy(p).tolist() == [1.0]

    def test_a_leaf_can_be_pickled(self) -> None:
        back = pickle.loads(pickle.dumps(gd.Parameter([1.0], requires_grad=False)))
        assert (type(back), back.tolist(), back.requires_grad) == (gd.Parameter, [1.0], False)

    def test_a_result_can_be_neither(self) -> None:
        y = gd.Parameter([1.0]) * 2
        with pytest.raises(GraphError, match="only a leaf can be copied"):
            copy.deepcopy(y)
        with pytest.raises(GraphError, match="only a leaf can be pickled"):
            pickle.dumps(y)

    def test_detach_keeps_the_numbers_and_drops_the_history(self) -> None:
        y = gd.Parameter([1.0]) * 2
        assert y.detach().tolist() == [2.0]
        assert not y.detach().requires_grad


class TestRequiringAGradient:
    def test_a_result_requires_one_if_an_input_does(self) -> None:
        x, c = gd.Tensor(1.0, requires_grad=True), gd.Tensor(1.0)
        assert (x + c).requires_grad
        assert not (c + c).requires_grad

    def test_a_comparison_does_not(self) -> None:
        assert not (gd.Tensor(1.0, requires_grad=True) > 0).requires_grad

    def test_a_leaf_can_be_frozen_and_thawed(self) -> None:
        p = gd.Parameter([1.0])
        p.requires_grad = False
        assert not (p * 2).requires_grad
        p.requires_grad = True
        assert (p * 2).requires_grad

    def test_a_result_cannot_be_frozen(self) -> None:
        y = gd.Parameter([1.0]) * 2
        with pytest.raises(GraphError, match=r"Try x\.detach\(\)"):
            y.requires_grad = False
