"""Bytes of a file become pixels, the quick way and the long way alike."""

from __future__ import annotations

import io
import json
import struct
import subprocess
import sys
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradatim.data import decoder
from gradatim.data.decoder import Form, Unreadable, decode, is_grey, opened, pixels, serve

Image = pytest.importorskip("PIL.Image")

RAMP = np.arange(0, 240, 2, dtype=np.uint8).reshape(10, 12)
COLOURS = np.random.default_rng(0).integers(0, 256, (10, 12, 3), dtype=np.uint8)
GREY, RGB = Form("L", 10, 12), Form("RGB", 10, 12)


def packed(levels, format="PNG", mode=None, **options):
    """The bytes of an image file."""
    file = io.BytesIO()
    image = levels if isinstance(levels, Image.Image) else Image.fromarray(levels)
    (image.convert(mode) if mode else image).save(file, format, **options)
    return file.getvalue()


def chunk(name, content):
    return struct.pack(">I", len(content)) + name + content + struct.pack(
        ">I", zlib.crc32(name + content)
    )  # fmt: skip


def png(filters, levels):
    """A PNG whose rows say that they are filtered so; what that decodes to Pillow knows."""
    rows = b"".join(bytes([kind]) + row.tobytes() for kind, row in zip(filters, levels))
    head = struct.pack(">IIBBBBB", levels.shape[1], levels.shape[0], 8, 0, 0, 0, 0)
    pieces = chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(pieces)


def interlaced(levels):
    """A PNG in the seven passes of Adam7: coarse rows first, each unfiltered."""
    passes = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2)]
    rows = b"".join(
        b"\0" + row.tobytes()
        for top, left, down, right in [*passes, (1, 0, 2, 1)]
        for row in levels[top::down, left::right]
        if row.size
    )
    head = struct.pack(">IIBBBBB", levels.shape[1], levels.shape[0], 8, 0, 0, 0, 1)
    pieces = chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(pieces)


def as_array(content, form):
    return np.frombuffer(pixels(content, form), np.uint8).reshape(form.shape)


class TestQuickWay:
    """Plain PNG files skip most of the image library and must not be told from others."""

    @pytest.mark.parametrize("options", [{}, {"compress_level": 0}, {"optimize": True}])
    def test_grey_and_colour(self, options):
        np.testing.assert_array_equal(as_array(packed(RAMP, **options), GREY), RAMP)
        planes = np.moveaxis(COLOURS, -1, 0)
        np.testing.assert_array_equal(as_array(packed(COLOURS, **options), RGB), planes)

    def test_it_is_taken(self, monkeypatch):
        monkeypatch.setattr(decoder, "_any_pixels", None)

        for content, form in ((packed(RAMP), GREY), (packed(COLOURS), RGB)):
            pixels(content, form)

    @settings(max_examples=50)
    @given(st.lists(st.integers(0, 4), min_size=10, max_size=10), st.integers(0, 2**32 - 1))
    def test_every_filter_of_a_row(self, filters, seed):
        noise = np.random.default_rng(seed).integers(0, 256, (10, 12), dtype=np.uint8)
        content = png(filters, noise)

        np.testing.assert_array_equal(
            as_array(content, GREY), np.asarray(opened(io.BytesIO(content)))
        )

    def test_a_filter_that_does_not_exist_is_left_to_the_long_way(self):
        assert decoder._simple_png(png([0] * 9 + [5], RAMP), GREY) is None

    @pytest.mark.parametrize("rows", [9, 11, 10**4])
    def test_rows_too_few_or_too_many_are_left_to_the_long_way(self, rows):
        content = png([0] * rows, np.zeros((rows, 12), np.uint8))
        head = packed(RAMP)[:33]

        assert decoder._simple_png(head + content[33:], GREY) is None

    # One column has as many rows in the passes as without them, only in another order.
    @pytest.mark.parametrize("levels", [RAMP, RAMP[:, :1]])
    def test_an_interlaced_picture_takes_the_long_way(self, levels):
        content = interlaced(levels)
        np.testing.assert_array_equal(np.asarray(opened(io.BytesIO(content))), levels)

        np.testing.assert_array_equal(as_array(content, Form("L", *levels.shape)), levels)

    @settings(max_examples=300)
    @given(st.integers(0, 10**6), st.integers(0, 255))
    def test_a_damaged_byte_never_goes_unnoticed_where_the_long_way_sees_it(self, place, value):
        content = bytearray(packed(RAMP))
        content[place % len(content)] = value
        quick = decoder._simple_png(bytes(content), GREY)
        try:
            long_way = decoder._any_pixels(bytes(content), GREY)
        except Unreadable:
            long_way = None
        assert quick in (None, long_way)

    @settings(max_examples=60)
    @given(st.integers(0, 400))
    def test_a_file_cut_anywhere_is_left_to_the_long_way(self, length):
        content = packed(RAMP)[:length]
        if len(content) < len(packed(RAMP)):
            assert decoder._simple_png(content, GREY) is None

    @pytest.mark.parametrize(
        "content",
        [
            packed(RAMP.astype(np.uint16) * 257),
            packed(RAMP > 100),
            packed(RAMP, mode="P"),
            packed(RAMP, mode="LA"),
            packed(RAMP, transparency=4),
            packed(RAMP, "BMP"),
        ],
    )
    def test_what_is_not_plain_takes_the_long_way(self, content):
        assert decoder._simple_png(content, GREY) is None


class TestLongWay:
    @pytest.mark.parametrize("format", ["BMP", "GIF", "TIFF", "PPM"])
    def test_lossless_formats(self, format):
        np.testing.assert_array_equal(as_array(packed(RAMP, format), GREY), RAMP)

    def test_a_photograph(self):
        content = packed(RAMP, "JPEG", quality=100)
        assert np.abs(as_array(content, GREY).astype(int) - RAMP).max() <= 3

    def test_sixteen_bits_become_eight_in_both_modes(self):
        content = packed(RAMP.astype(np.uint16) * 257)

        np.testing.assert_array_equal(as_array(content, GREY), RAMP)
        np.testing.assert_array_equal(as_array(content, RGB), np.stack([RAMP] * 3))

    @pytest.mark.parametrize("form", [GREY, RGB])
    def test_transparency_is_laid_on_white(self, form):
        clear = Image.new("RGBA", (12, 10), (0, 0, 0, 0))
        clear.paste((0, 0, 0, 255), (0, 0, 6, 10))
        found = as_array(packed(clear), form).reshape(-1, 10, 12)

        assert (found[..., :6] == 0).all()
        assert (found[..., 6:] == 255).all()

    def test_the_orientation_of_a_camera_is_applied(self):
        image = Image.fromarray(RAMP.T.copy())
        exif = image.getexif()
        exif[0x0112] = 5  # mirrored at the diagonal

        content = packed(image, "PNG", exif=exif)

        np.testing.assert_array_equal(as_array(content, GREY), RAMP)

    def test_the_first_of_several_pictures_is_taken(self):
        frames = [Image.fromarray(RAMP), Image.fromarray(255 - RAMP)]
        content = packed(frames[0], "GIF", save_all=True, append_images=frames[1:])

        np.testing.assert_array_equal(as_array(content, GREY), RAMP)

    def test_a_size_is_scaled_to_only_where_asked(self):
        content = packed(np.full((20, 24), 90, np.uint8))

        with pytest.raises(Unreadable) as caught:
            pixels(content, GREY)
        assert (caught.value.kind, caught.value.detail) == (decoder.OTHER_SIZE, "20 x 24")
        assert (as_array(content, GREY._replace(fit=True)) == 90).all()

    @pytest.mark.parametrize(
        ("image", "expected"),
        [
            (Image.fromarray(RAMP), True),
            (Image.fromarray(RAMP).convert("P"), True),
            (Image.fromarray(RAMP).convert("LA"), True),
            (Image.fromarray(RAMP.astype(np.uint16)), True),
            (Image.fromarray(RAMP > 9), True),
            (Image.fromarray(COLOURS), False),
            (Image.fromarray(COLOURS).quantize(8), False),
            (Image.fromarray(COLOURS).convert("CMYK"), False),
        ],
    )
    def test_what_is_grey(self, image, expected):
        assert is_grey(image) is expected

    def test_colours_are_a_fault_only_where_grey_must_be(self):
        strict = GREY._replace(strict=True)
        with pytest.raises(Unreadable) as caught:
            pixels(packed(COLOURS), strict)

        assert caught.value.kind == decoder.COLOUR
        assert len(pixels(packed(COLOURS), GREY)) == len(pixels(packed(RAMP), strict)) == 120


class TestManyFiles:
    @pytest.fixture
    def names(self, tmp_path):
        for number in range(130):
            (tmp_path / f"{number}.png").write_bytes(packed(RAMP + np.uint8(number % 16)))
        (tmp_path / "7.png").write_bytes(b"?")
        (tmp_path / "9.png").unlink()
        return [f"{number}.png" for number in range(130)]

    def test_each_file_has_its_place_and_faults_are_numbered(self, tmp_path, names):
        batch = decode(str(tmp_path), names, GREY)

        levels = np.frombuffer(batch.pixels, np.uint8).reshape(130, 10, 12)
        for number in set(range(130)) - {7, 9}:
            np.testing.assert_array_equal(levels[number], RAMP + number % 16)
        assert [(fault.number, fault.kind) for fault in batch.faults] == [
            (7, decoder.FOREIGN),
            (9, decoder.UNOPENED),
        ]
        assert len(batch.digests) == 130 * 32
        assert batch.digests[:32] == batch.digests[16 * 32 : 17 * 32]

    @settings(max_examples=30)
    @given(filters=st.lists(st.integers(0, 4), min_size=20, max_size=20), seed=st.integers(0, 99))
    def test_no_picture_shows_in_the_next_one(self, tmp_path_factory, filters, seed):
        noise = np.random.default_rng(seed).integers(0, 256, (3, 10, 12), dtype=np.uint8)
        folder = tmp_path_factory.mktemp("pictures")
        contents = [
            png(filters[:10], noise[0]),
            packed(noise[1], "BMP"),
            png(filters[10:], noise[2]),
        ]
        for number, content in enumerate(contents):
            (folder / str(number)).write_bytes(content)

        batch = decode(str(folder), ["0", "1", "2"], GREY)

        assert batch.pixels == b"".join(decoder._any_pixels(each, GREY) for each in contents)

    def test_colours_among_each_other(self, tmp_path):
        pictures = [COLOURS, 255 - COLOURS, COLOURS[::-1]]
        for number, picture in enumerate(pictures):
            (tmp_path / str(number)).write_bytes(packed(picture))

        batch = decode(str(tmp_path), ["0", "1", "2"], RGB)

        planes = np.moveaxis(np.stack(pictures), -1, 1)
        assert bytes(batch.pixels) == planes.tobytes()

    def test_large_ones_are_decoded_few_at_a_time(self, tmp_path, names, monkeypatch):
        expected = decode(str(tmp_path), names, GREY)
        monkeypatch.setattr(decoder, "_PIXELS_AT_ONCE", 250)
        counts = []
        whole = decoder._PlainPngs.pixels
        monkeypatch.setattr(
            decoder._PlainPngs, "pixels", lambda *a: counts.append(len(a[1])) or whole(*a)
        )

        assert decode(str(tmp_path), names, GREY) == expected
        assert max(counts) == 2

    def test_a_file_larger_than_one_reading(self, tmp_path):
        content = bytes(range(256)) * 1000
        (tmp_path / "x").write_bytes(content)

        assert decoder._read(str(tmp_path / "x")) == content

    def test_a_worker_answers_each_line(self, tmp_path, names):
        task = json.dumps({"root": str(tmp_path), "names": names[:8], "form": GREY}).encode()
        answers = io.BytesIO()

        serve(io.BytesIO(task + b"\n" + task + b"\n"), answers)

        answers.seek(0)
        for _ in range(2):
            head = json.loads(answers.readline())
            assert answers.read(8 * 120) == decode(str(tmp_path), names[:8], GREY).pixels
            assert head["faults"] == [[7, "foreign", ""]]
        assert answers.read() == b""

    def test_a_worker_loads_nothing_of_ours(self):
        probe = "import sys, runpy; runpy.run_path(sys.argv[1]); print('gradatim' in sys.modules)"
        done = subprocess.run(
            [sys.executable, "-c", probe, decoder.__file__], capture_output=True, text=True
        )

        assert (done.stdout, done.stderr) == ("False\n", "")
