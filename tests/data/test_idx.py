from __future__ import annotations

import gzip
import lzma
import os
import threading
import tracemalloc
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from gradatim.data import read_idx, write_idx
from gradatim.data.idx import DTYPES, idx_header
from gradatim.errors import DataError, DtypeError


def gz(content: bytes) -> bytes:
    return gzip.compress(content, compresslevel=1)


def xz(content: bytes) -> bytes:
    return lzma.compress(content, preset=0)  # a small dictionary, so that memory can be judged


PACKINGS = {"": bytes, ".gz": gz, ".xz": xz}
CUBE = np.arange(24, dtype=np.int16).reshape(2, 3, 4)


def content_of(array: np.ndarray) -> bytes:
    return idx_header(array) + array.astype(array.dtype.newbyteorder(">")).tobytes()


def header(code: int, *sizes: int) -> bytes:
    return bytes((0, 0, code, len(sizes))) + b"".join(n.to_bytes(4, "big") for n in sizes)


@pytest.fixture(params=PACKINGS)
def packed(request, tmp_path):
    """Write bytes to a file, packed one way; return its path."""

    def write(content: bytes) -> Path:
        path = tmp_path / f"a.idx{request.param}"
        path.write_bytes(PACKINGS[request.param](content))
        return path

    return write


def peak_bytes_of(function) -> int:
    tracemalloc.start()
    try:
        function()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


class TestFormat:
    def test_the_bytes_are_those_of_the_format(self, tmp_path):
        write_idx(tmp_path / "a", np.array([[1, 2, 3], [4, 5, -6]], dtype=np.int16))
        assert (tmp_path / "a").read_bytes() == bytes.fromhex(
            "00000b02 00000002 00000003 0001 0002 0003 0004 0005 fffa"
        )

    @pytest.mark.parametrize(
        ("code", "dtype"),
        [(8, "u1"), (9, "i1"), (0x0B, "i2"), (0x0C, "i4"), (0x0D, "f4"), (0x0E, "f8")],
    )
    def test_each_dtype_has_its_code(self, code, dtype):
        assert idx_header(np.zeros(1, dtype))[2] == code
        assert DTYPES[code].newbyteorder("=") == np.dtype(dtype)

    @settings(max_examples=60, deadline=None)
    @given(
        array=hnp.arrays(
            st.sampled_from(["u1", "i1", "<i2", ">i2", "<i4", ">i4", "<f4", ">f4", "<f8", ">f8"]),
            hnp.array_shapes(min_dims=1, max_dims=8, min_side=0, max_side=4),
        ),
        suffix=st.sampled_from(list(PACKINGS)),
    )
    def test_what_is_written_is_read_back(self, tmp_path_factory, array, suffix):
        path = tmp_path_factory.mktemp("idx") / f"a{suffix}"
        write_idx(path, array)
        back = read_idx(path)
        assert back.dtype == array.dtype.newbyteorder("=")
        assert back.dtype.isnative
        np.testing.assert_array_equal(back, array)

    def test_special_floats_survive_bit_for_bit(self, tmp_path):
        array = np.array([np.nan, -0.0, np.inf, 5e-324, -1.5])
        write_idx(tmp_path / "a", array)
        assert read_idx(tmp_path / "a").tobytes() == array.tobytes()

    @pytest.mark.parametrize(
        "array",
        [CUBE.T, CUBE[:, ::-1, ::2], np.asfortranarray(CUBE), np.broadcast_to(CUBE, (5, 2, 3, 4))],
    )
    def test_any_layout_is_written(self, tmp_path, array):
        write_idx(tmp_path / "a", array)
        np.testing.assert_array_equal(read_idx(tmp_path / "a"), array)

    def test_an_array_of_many_pieces_is_read_back(self, packed):
        array = np.arange(200 * 999, dtype=np.int32).reshape(200, 999) // 7
        np.testing.assert_array_equal(read_idx(packed(content_of(array))), array)

    def test_many_pieces_are_written(self, tmp_path):
        array = np.arange(200 * 999, dtype=np.int32).reshape(200, 999) // 7
        write_idx(tmp_path / "a.gz", array)
        assert gzip.decompress((tmp_path / "a.gz").read_bytes()) == content_of(array)


class TestRead:
    def test_packing_is_known_by_content_not_by_name(self, tmp_path):
        for name, pack in PACKINGS.items():
            for other in PACKINGS:
                path = tmp_path / f"a{name}_as{other}"
                path.write_bytes(pack(content_of(CUBE)))
                np.testing.assert_array_equal(read_idx(path), CUBE)

    def test_a_str_names_a_file_too(self, packed):
        np.testing.assert_array_equal(read_idx(str(packed(content_of(CUBE)))), CUBE)

    def test_the_array_is_the_callers_to_change(self, packed):
        path = packed(content_of(CUBE))
        read_idx(path)[:] = 7
        np.testing.assert_array_equal(read_idx(path), CUBE)

    def test_streams_may_follow_one_another(self, tmp_path):
        content = content_of(CUBE)
        for pack in (gz, xz):
            (tmp_path / "a").write_bytes(pack(content[:20]) + pack(content[20:]))
            np.testing.assert_array_equal(read_idx(tmp_path / "a"), CUBE)

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
    def test_a_pipe_is_read_although_it_has_no_size(self, tmp_path):
        os.mkfifo(tmp_path / "pipe")
        writer = threading.Thread(target=(tmp_path / "pipe").write_bytes, args=[content_of(CUBE)])
        writer.start()
        np.testing.assert_array_equal(read_idx(tmp_path / "pipe"), CUBE)
        writer.join()

    def test_a_missing_file_is_an_os_error(self, tmp_path):
        with pytest.raises(FileNotFoundError, match=r"nowhere\.idx"):
            read_idx(tmp_path / "nowhere.idx")


class TestDamage:
    @pytest.mark.parametrize(
        "magic",
        [
            "",
            "00",
            "000008",
            "01000801",
            "00010801",
            "00000701",
            "00000a01",
            "00000f01",
            "00000800",
        ],
    )
    def test_a_wrong_magic_number_asks_whether_this_is_idx(self, packed, magic):
        path = packed(bytes.fromhex(magic) + (bytes(8) if len(magic) == 8 else b""))
        with pytest.raises(DataError) as caught:
            read_idx(path)
        assert f"read_idx: {path.name}: the magic number is 0x{magic or '(nothing)'}." in str(
            caught.value
        )
        assert "two zero bytes, a dtype code (0x08, 0x09, 0x0b, 0x0c, 0x0d, 0x0e)" in str(
            caught.value
        )
        assert "is this an IDX file?" in str(caught.value)

    def test_a_picture_is_not_idx(self, tmp_path):
        (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n")
        with pytest.raises(DataError, match=r"a\.png: the magic number is 0x89504e47"):
            read_idx(tmp_path / "a.png")

    def test_more_than_eight_axes_are_refused(self, packed):
        with pytest.raises(DataError, match=r"claims 9 axes.*\n.*At most 8"):
            read_idx(packed(header(8, *[1] * 9) + b"\0"))

    def test_a_truncation_anywhere_in_the_header_is_found(self, packed):
        for length in range(4):
            with pytest.raises(DataError, match="the magic number is"):
                read_idx(packed(content_of(CUBE)[:length]))
        for length in range(4, 16):
            found = rf"header ends after {length} bytes.*\n.*3 axes need 16"
            with pytest.raises(DataError, match=found):
                read_idx(packed(content_of(CUBE)[:length]))

    def test_a_truncation_anywhere_in_the_numbers_is_found(self, packed):
        for length in range(48):
            found = rf"is truncated: {length} bytes.*\n.*\(2, 3, 4\) needs exactly 48"
            with pytest.raises(DataError, match=found):
                read_idx(packed(content_of(CUBE)[: 16 + length]))

    def test_every_truncation_of_a_packed_stream_is_found(self, tmp_path):
        for pack in (gz, xz):
            whole = pack(content_of(CUBE))
            for length in range(len(whole)):
                (tmp_path / "a").write_bytes(whole[:length])
                with pytest.raises(DataError, match="read_idx: a: "):
                    read_idx(tmp_path / "a")

    def test_trailing_bytes_are_found(self, packed):
        with pytest.raises(DataError, match="has trailing bytes: more than 48 bytes"):
            read_idx(packed(content_of(CUBE) + b"\0"))

    @pytest.mark.parametrize("pack", [gz, xz])
    def test_rubbish_after_a_packed_stream_is_found(self, tmp_path, pack):
        (tmp_path / "a").write_bytes(pack(content_of(CUBE)) + b"rubbish")
        with pytest.raises(DataError, match="compressed stream is damaged"):
            read_idx(tmp_path / "a")

    @pytest.mark.parametrize("pack", [gz, xz])
    def test_a_flipped_bit_in_a_packed_stream_is_never_read_as_data(self, tmp_path, pack):
        whole = pack(content_of(CUBE))
        # The last bytes are checks over the content; the first are looked at by name.
        for at in (len(whole) // 2, len(whole) - 6):
            bent = bytearray(whole)
            bent[at] ^= 0x10
            (tmp_path / "a").write_bytes(bent)
            with pytest.raises(DataError, match=r"read_idx: a: .*\n"):
                read_idx(tmp_path / "a")


class TestMemory:
    @pytest.mark.parametrize(
        "sizes",
        [
            (2**32 - 1,),
            (2**31, 2**31),
            (60000, 28, 2**20),
            (0, 2**32 - 1, 2**32 - 1, 2**32 - 1),
            (2**32 - 1,) * 8,
        ],
    )
    def test_an_absurd_header_is_refused_before_memory_is_taken(self, packed, sizes):
        path = packed(header(0x0E, *sizes))
        with pytest.raises(DataError, match=r"claims shape (?s:.*)At most 4,294,967,296 are read"):
            read_idx(path)
        assert peak_bytes_of(lambda: refused(path)) < 2 * 2**20

    def test_a_header_within_the_limit_takes_no_memory_that_no_data_fills(self, packed):
        path = packed(header(8, 3 * 2**30) + bytes(100))
        with pytest.raises(DataError, match=r"is truncated: 100 bytes.*\n.*3,221,225,472"):
            read_idx(path)
        assert peak_bytes_of(lambda: refused(path)) < 2 * 2**20

    @pytest.mark.parametrize("pack", [gz, xz])
    def test_a_bomb_is_defused_after_one_piece(self, tmp_path, pack):
        path = tmp_path / "bomb"
        path.write_bytes(pack(header(8, 100) + bytes(32 * 2**20)))
        assert path.stat().st_size < 2**18
        with pytest.raises(DataError, match="trailing bytes: more than 100"):
            read_idx(path)
        assert peak_bytes_of(lambda: refused(path)) < 2 * 2**20

    def test_xz_may_not_ask_for_a_huge_dictionary(self, tmp_path):
        # Packing with a dictionary of 1 GiB would take the memory here, so it is written into a
        # small stream: block header of 12 bytes at 12, filter LZMA2 (0x21) with one byte of
        # settings, which 37 makes 1 GiB; crc32 at its end.
        raw = bytearray(xz(content_of(CUBE)))
        assert raw[12] == 2
        assert raw[14:16] == b"\x21\x01"
        raw[16] = 37
        raw[20:24] = zlib.crc32(raw[12:20]).to_bytes(4, "little")
        (tmp_path / "a.xz").write_bytes(raw)
        with pytest.raises(DataError, match="Memory usage limit"):
            read_idx(tmp_path / "a.xz")

    def test_the_strongest_preset_of_xz_is_read(self, tmp_path):
        (tmp_path / "a.xz").write_bytes(lzma.compress(content_of(CUBE), preset=9))
        np.testing.assert_array_equal(read_idx(tmp_path / "a.xz"), CUBE)

    def test_max_bytes_is_the_callers_to_choose(self, packed):
        path = packed(content_of(CUBE))
        np.testing.assert_array_equal(read_idx(path, max_bytes=48), CUBE)
        with pytest.raises(DataError, match=r"At most 47 are read\..*max_bytes=48 meant\?"):
            read_idx(path, max_bytes=47)

    def test_reading_takes_little_more_than_the_array(self, packed):
        path = packed(content_of(np.zeros(2**21, dtype=np.float32)))
        assert peak_bytes_of(lambda: read_idx(path)) < 1.2 * 2**23 + 2 * 2**20

    def test_writing_a_converted_copy_never_takes_the_whole(self, tmp_path):
        array = np.zeros((2**12, 2**9), dtype=np.float32)
        assert peak_bytes_of(lambda: write_idx(tmp_path / "a", array)) < 2**21


def refused(path: Path) -> None:
    try:
        read_idx(path)
    except DataError:
        return
    raise AssertionError("was read")


class TestWrite:
    @pytest.mark.parametrize("dtype", ["i8", "u2", "u4", "f2", "?", "c8", "U3", "O"])
    def test_a_dtype_without_a_code_is_refused_by_name(self, tmp_path, dtype):
        with pytest.raises(DtypeError, match=r"write_idx: the array is .*\n.*Try array\.astype"):
            write_idx(tmp_path / "a", np.zeros(3, dtype=dtype))
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("ndim", [0, 9])
    def test_zero_or_nine_axes_are_refused(self, tmp_path, ndim):
        with pytest.raises(DataError, match=rf"has {ndim} axes.*\n.*1 to 8 axes"):
            write_idx(tmp_path / "a", np.zeros((1,) * ndim, dtype=np.uint8))

    def test_an_axis_that_four_bytes_cannot_count_is_refused(self, tmp_path):
        endless = np.broadcast_to(np.zeros(1, dtype=np.uint8), (2**32,))
        with pytest.raises(DataError, match=r"axis of 4294967296.*\n.*2\*\*32 - 1"):
            write_idx(tmp_path / "a", endless)

    @pytest.mark.parametrize(
        ("suffix", "magic"), [(".gz", b"\x1f\x8b"), (".XZ", b"\xfd7zXZ"), ("", b"\0\0\x0b")]
    )
    def test_the_suffix_chooses_the_packing(self, tmp_path, suffix, magic):
        write_idx(tmp_path / f"a{suffix}", CUBE)
        assert (tmp_path / f"a{suffix}").read_bytes().startswith(magic)

    @pytest.mark.parametrize("suffix", PACKINGS)
    def test_the_same_array_gives_the_same_bytes(self, tmp_path, suffix, monkeypatch):
        write_idx(tmp_path / f"a{suffix}", CUBE)
        monkeypatch.setattr("time.time", lambda: 2e9)
        write_idx(tmp_path / f"b{suffix}", CUBE)
        assert (tmp_path / f"a{suffix}").read_bytes() == (tmp_path / f"b{suffix}").read_bytes()

    @pytest.mark.parametrize("suffix", PACKINGS)
    def test_a_failed_write_keeps_the_old_file_and_leaves_no_other(
        self, tmp_path, suffix, monkeypatch
    ):
        path = tmp_path / f"a{suffix}"
        write_idx(path, CUBE)
        before = path.read_bytes()

        def fail(*_):
            raise OSError("disk full")

        monkeypatch.setattr("os.replace", fail)
        with pytest.raises(DataError, match="disk full"):
            write_idx(path, CUBE + 1)
        assert path.read_bytes() == before
        assert list(tmp_path.iterdir()) == [path]

    def test_the_array_is_left_alone(self, tmp_path):
        array = CUBE.copy()
        array.flags.writeable = False
        write_idx(tmp_path / "a", array)
        np.testing.assert_array_equal(array, CUBE)

    def test_a_missing_folder_is_an_error(self, tmp_path):
        with pytest.raises(DataError, match="make the folder first"):
            write_idx(tmp_path / "none" / "a", CUBE)
