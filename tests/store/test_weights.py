"""Weights come back as they went in, and a bad file is one clear sentence."""

from __future__ import annotations

import io
import json
import pickle
import zipfile
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gradatim.errors import DataError, DtypeError
from gradatim.store.weights import ORDER, load_weights, save_weights

FORMATS = (".safetensors", ".npz")
DTYPES = ("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
FLOATS = ("float16", "float32", "float64")
every_format = pytest.mark.parametrize("suffix", FORMATS)


@pytest.fixture
def file(tmp_path):
    return lambda suffix: tmp_path / f"model{suffix}"


def returned(path, arrays, metadata=None):
    save_weights(path, arrays, metadata)
    return load_weights(path)


@every_format
@pytest.mark.parametrize("dtype", DTYPES + FLOATS)
def test_values_shapes_and_dtypes_come_back(file, suffix, dtype):
    arrays = {
        "matrix": np.arange(6).reshape(2, 3).astype(dtype),
        "scalar": np.asarray(1, dtype),
        "empty": np.zeros((0, 3), dtype),
    }
    loaded, metadata = returned(file(suffix), arrays)
    assert metadata == {}
    assert list(loaded) == list(arrays)
    for name, array in arrays.items():
        assert loaded[name].dtype == array.dtype
        assert loaded[name].shape == array.shape
        assert isinstance(loaded[name], np.ndarray)
        np.testing.assert_array_equal(loaded[name], array)


@every_format
def test_special_values_come_back_bit_for_bit(file, suffix):
    array = np.array([np.nan, np.inf, -np.inf, -0.0, 5e-324, 1 / 3])
    loaded, _ = returned(file(suffix), {"x": array})
    assert loaded["x"].tobytes() == array.tobytes()


@every_format
def test_the_order_of_names_is_kept(file, suffix):
    names = ["z.weight", "a.bias", "m", "first.weight", "b"]
    arrays = {name: np.zeros(i + 1, FLOATS[i % 3]) for i, name in enumerate(names)}
    assert list(returned(file(suffix), arrays)[0]) == names


@every_format
def test_any_memory_order_is_taken_and_nothing_is_mutated(file, suffix):
    base = np.arange(24.0).reshape(4, 6)
    frozen = base.copy()
    frozen.flags.writeable = False
    arrays = {
        "fortran": np.asfortranarray(base),
        "strided": base[::2, ::-3],
        "broadcast": np.broadcast_to(base[0], (3, 6)),
        "big_endian": base.astype(">f8"),
        "read_only": frozen,
    }
    kept = {name: array.copy() for name, array in arrays.items()}
    loaded, _ = returned(file(suffix), arrays)
    for name, array in kept.items():
        np.testing.assert_array_equal(loaded[name], array)
        np.testing.assert_array_equal(arrays[name], array)
        assert loaded[name].flags.writeable
    assert loaded["big_endian"].dtype == np.float64
    assert not frozen.flags.writeable


@every_format
def test_metadata_comes_back(file, suffix):
    metadata = {"architecture": json.dumps({"layers": [784, 50]}), "제목": "숫자 ✓", "empty": ""}
    assert returned(file(suffix), {"w": np.ones(1)}, metadata)[1] == metadata


@every_format
def test_no_arrays_at_all_is_a_file_too(file, suffix):
    assert returned(file(suffix), {}, {"a": "b"}) == ({}, {"a": "b"})


@every_format
def test_awkward_names_come_back(file, suffix):
    arrays = {
        name: np.array(i)
        for i, name in enumerate(["file", "a", "a.npy", "", "a/b", "../up", "층.무게", "arr_0"])
    }
    loaded, _ = returned(file(suffix), arrays)
    assert {name: int(array) for name, array in loaded.items()} == {
        name: int(array) for name, array in arrays.items()
    }


@every_format
def test_the_same_weights_make_the_same_bytes(tmp_path, suffix):
    for name in "ab":
        save_weights(tmp_path / f"{name}{suffix}", {"w": np.eye(3)}, dict.fromkeys("zyxk", "v"))
    assert (tmp_path / f"a{suffix}").read_bytes() == (tmp_path / f"b{suffix}").read_bytes()


@every_format
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8),
        st.tuples(st.sampled_from(DTYPES + FLOATS), st.lists(st.integers(0, 3), max_size=3)),
        max_size=5,
    )
)
def test_whatever_is_saved_comes_back(file, suffix, layout):
    arrays = {name: np.ones(shape, dtype) for name, (dtype, shape) in layout.items()}
    loaded, _ = returned(file(suffix), arrays)
    assert [(n, a.dtype, a.shape) for n, a in loaded.items()] == [
        (n, a.dtype, a.shape) for n, a in arrays.items()
    ]


def test_suffixes_are_read_without_regard_to_case(tmp_path):
    assert list(returned(tmp_path / "MODEL.NPZ", {"w": np.ones(1)})[0]) == ["w"]


def test_a_file_of_another_program_is_read(tmp_path):
    from safetensors.numpy import save_file

    save_file({"w": np.ones(2), "b": np.zeros(1)}, tmp_path / "a.safetensors")
    np.savez(tmp_path / "a.npz", w=np.ones(2), b=np.zeros(1))
    np.savez_compressed(tmp_path / "b.npz", w=np.ones(2), b=np.zeros(1))
    for name in ("a.safetensors", "a.npz", "b.npz"):
        arrays, metadata = load_weights(tmp_path / name)
        assert sorted(arrays) == ["b", "w"]
        assert metadata == {}


def test_another_program_reads_ours(tmp_path):
    from safetensors.numpy import load_file

    arrays = {"w": np.arange(6.0).reshape(2, 3).T}
    save_weights(tmp_path / "a.safetensors", arrays)
    save_weights(tmp_path / "a.npz", arrays)
    np.testing.assert_array_equal(load_file(tmp_path / "a.safetensors")["w"], arrays["w"])
    with np.load(tmp_path / "a.npz", allow_pickle=False) as archive:
        np.testing.assert_array_equal(archive["w"], arrays["w"])


@pytest.mark.parametrize("order", ["not json", "3", '["b", "gone"]', '[["w"]]'])
def test_an_order_that_another_program_spoiled_loses_no_array(tmp_path, order):
    from safetensors.numpy import save_file

    save_file({"w": np.ones(2), "b": np.zeros(1)}, tmp_path / "a.safetensors", {ORDER: order})
    assert sorted(load_weights(tmp_path / "a.safetensors")[0]) == ["b", "w"]


@pytest.mark.parametrize("call", [lambda p: save_weights(p, {}), load_weights])
@pytest.mark.parametrize(("name", "shown"), [("model.pt", r"\.pt"), ("model", "missing")])
def test_another_suffix_names_the_two(tmp_path, call, name, shown):
    expected = rf"suffix is {shown}; it must be \.safetensors or \.npz. Did you mean model\.safet"
    with pytest.raises(DataError, match=expected):
        call(tmp_path / name)


@every_format
@pytest.mark.parametrize(
    "value", [np.ones(2, complex), np.array([None]), np.array(["a"]), np.array(["2020"], "M8[D]")]
)
def test_a_dtype_that_cannot_be_saved_is_named_with_its_entry(file, suffix, value):
    with pytest.raises(DtypeError, match=r"'first\.weight' has dtype .*; it must be bool"):
        save_weights(file(suffix), {"fine": np.ones(1), "first.weight": value})
    assert not file(suffix).exists()


def test_names_and_metadata_must_be_text(file):
    with pytest.raises(DtypeError, match=r"a name is 3 \(int\)"):
        save_weights(file(".npz"), {3: np.ones(1)})
    with pytest.raises(DtypeError, match=r"metadata 'seed' is int; .*json\.dumps"):
        save_weights(file(".npz"), {}, {"seed": 3})


@pytest.mark.parametrize("name", ["__metadata__", "a\0b"])
def test_names_that_the_formats_keep_are_refused(file, name):
    with pytest.raises(DataError, match="choose another name"):
        save_weights(file(".npz"), {name: np.ones(1)})


def test_the_metadata_key_of_the_order_is_refused(file):
    with pytest.raises(DataError, match="choose another key"):
        save_weights(file(".npz"), {}, {ORDER: "x"})


@every_format
def test_a_missing_file_and_a_folder_are_named(tmp_path, suffix):
    with pytest.raises(DataError, match="there is no such file; check the path, the current"):
        load_weights(tmp_path / f"absent{suffix}")
    (tmp_path / f"folder{suffix}").mkdir()
    with pytest.raises(DataError, match="this is a folder; name a file inside it"):
        load_weights(tmp_path / f"folder{suffix}")


@every_format
def test_every_way_of_cutting_a_file_short_is_a_data_error(file, suffix):
    save_weights(file(suffix), {"w": np.eye(4), "b": np.zeros(3, "f4")}, {"k": "v"})
    whole = file(suffix).read_bytes()
    for length in range(0, len(whole), 7):
        file(suffix).write_bytes(whole[:length])
        with pytest.raises(DataError, match=r"not a readable .* file: .*Copy or save it again"):
            load_weights(file(suffix))


@every_format
def test_no_damaged_byte_escapes_as_another_exception(file, suffix):
    save_weights(file(suffix), {"w": np.eye(2)}, {"k": "v"})
    whole = bytearray(file(suffix).read_bytes())
    for place in range(len(whole)):
        damaged = whole.copy()
        damaged[place] ^= 0xFF
        file(suffix).write_bytes(damaged)
        with suppress(DataError):  # or the change is of a value, which no reader can see
            load_weights(file(suffix))


@pytest.mark.parametrize(
    ("suffix", "content", "looks"),
    [
        (".safetensors", b"", "an empty file"),
        (".npz", b"", "an empty file"),
        (".safetensors", b"PK\x03\x04" + bytes(60), "zip archive"),
        (".safetensors", pickle.dumps({"w": 1}), "a pickle, which could run code"),
        (".npz", pickle.dumps({"w": 1}), "a pickle, which could run code"),
        (".npz", b"version https://git-lfs.github.com/spec/v1\n", "git lfs pull"),
        (".safetensors", b"<!doctype html><title>404</title>", "a web page"),
        (".safetensors", b"\xff" * 64, "damaged or cut short"),
        (".npz", b"PK\x03\x04" + bytes(60), "damaged or cut short"),
    ],
)
def test_what_a_wrong_file_looks_like_is_said(file, suffix, content, looks):
    file(suffix).write_bytes(content)
    with pytest.raises(DataError, match=looks):
        load_weights(file(suffix))


class Bomb:
    def __reduce__(self):
        return exec, ("raise SystemExit('code ran')",)


def test_a_pickle_inside_an_npz_is_not_opened(file):
    np.savez(file(".npz"), w=np.array([Bomb()], object))
    with pytest.raises(DataError, match="allow_pickle=False"):
        load_weights(file(".npz"))


def test_an_absurd_header_is_a_data_error(file):
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": "<f8", "fortran_order": False, "shape": (2**40, 2**20)}
    )
    with zipfile.ZipFile(file(".npz"), "w") as archive:
        archive.writestr("w.npy", header.getvalue())
    with pytest.raises(DataError, match="damaged or cut short"):
        load_weights(file(".npz"))


def test_a_dtype_that_numpy_lacks_is_named(file):
    header = json.dumps({"w": {"dtype": "BF16", "shape": [1], "data_offsets": [0, 2]}}).encode()
    file(".safetensors").write_bytes(len(header).to_bytes(8, "little") + header + b"\0\0")
    with pytest.raises(DataError, match=r"'w' is stored as BF16, .* convert it to F32"):
        load_weights(file(".safetensors"))


@every_format
def test_a_failed_save_leaves_the_earlier_file(file, suffix, monkeypatch):
    save_weights(file(suffix), {"w": np.ones(1)})

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("gradatim.atomic.os.fsync", fail)
    with pytest.raises(DataError, match="no space left"):
        save_weights(file(suffix), {"w": np.zeros(5)})
    assert load_weights(file(suffix))[0]["w"].tolist() == [1.0]
    assert len(list(file(suffix).parent.iterdir())) == 1
