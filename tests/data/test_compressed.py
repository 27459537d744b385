from __future__ import annotations

import gzip
import io
import lzma

import pytest

from gradatim.data.compressed import packing, unpacked

TEXT = b"step by step " * 100_000


def opened(content: bytes) -> io.BufferedReader:
    return io.BufferedReader(io.BytesIO(content))


class TestUnpacked:
    @pytest.mark.parametrize("pack", [gzip.compress, lzma.compress])
    def test_a_packed_stream_is_unpacked_in_pieces_of_any_size(self, pack):
        for size in (-1, 1_000, 3_000_000):
            stream = unpacked(opened(pack(TEXT)))
            pieces = list(iter(lambda stream=stream, size=size: stream.read(size), b""))
            assert b"".join(pieces) == TEXT

    def test_a_plain_stream_is_returned_as_it_is(self):
        for content in (b"", b"\x1f", TEXT):
            file = opened(content)
            assert unpacked(file) is file
            assert file.read() == content

    @pytest.mark.parametrize("pack", [gzip.compress, lzma.compress])
    def test_the_end_stays_the_end(self, pack):
        stream = unpacked(opened(pack(b"digits")))
        assert stream.read() == b"digits"
        assert [stream.read(1) for _ in range(3)] == [b"", b"", b""]

    def test_an_xz_stream_that_stops_short_is_an_error(self):
        with pytest.raises(EOFError, match="before its end marker"):
            unpacked(opened(lzma.compress(TEXT)[:-1])).read()


class TestPacking:
    @pytest.mark.parametrize(
        ("suffix", "undo"), [(".gz", gzip.decompress), (".xz", lzma.decompress), (".idx", bytes)]
    )
    def test_it_packs_as_the_suffix_says_and_leaves_the_file_open(self, suffix, undo):
        file = io.BytesIO()
        with packing(file, suffix) as stream:
            stream.write(TEXT)
        assert not file.closed
        assert undo(file.getvalue()) == TEXT
