"""Any picture of a digit is read, and prepared as MNIST prepared its own."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradatim.data import load_mnist
from gradatim.data.image import prepare_digit, read_image
from gradatim.errors import DataError, DtypeError, ShapeError

Image = pytest.importorskip("PIL.Image")

RAMP = np.arange(0, 240, 2, dtype=np.uint8).reshape(10, 12)


def saved(path, levels, mode=None, **options):
    image = levels if isinstance(levels, Image.Image) else Image.fromarray(levels)
    (image.convert(mode) if mode else image).save(path, **options)
    return path


# --- reading --------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", ["png", "bmp", "gif", "tif", "pgm", "webp"])
def test_grey_levels_of_lossless_formats_come_back(tmp_path, suffix):
    path = saved(tmp_path / f"a.{suffix}", RAMP, **({"lossless": True} if suffix == "webp" else {}))
    levels = read_image(path)
    assert levels.dtype == np.uint8
    assert levels.flags.writeable
    np.testing.assert_array_equal(levels, RAMP)


@pytest.mark.parametrize("mode", ["RGB", "CMYK", "YCbCr"])
def test_a_photograph_in_colour_becomes_luminance(tmp_path, mode):
    path = saved(tmp_path / "a.jpg", RAMP, mode, quality=100, subsampling=0)
    assert np.abs(read_image(path).astype(int) - RAMP).max() <= 6


def test_colours_weigh_as_the_eye_weighs_them(tmp_path):
    colours = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255]]], np.uint8)
    assert read_image(saved(tmp_path / "a.png", colours)).tolist() == [[76, 150, 29]]


def test_a_palette_and_a_bitmap_are_read(tmp_path):
    palette = Image.fromarray(RAMP).convert("RGB").quantize(128, dither=Image.Dither.NONE)
    assert np.abs(read_image(saved(tmp_path / "p.png", palette)).astype(int) - RAMP).max() <= 2
    bits = saved(tmp_path / "b.png", Image.fromarray(RAMP > 100))
    np.testing.assert_array_equal(read_image(bits), np.where(RAMP > 100, 255, 0))


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA"])
def test_transparency_is_laid_on_white(tmp_path, mode):
    pixels = np.zeros((2, 3, 4), np.uint8)
    pixels[0, :, 3] = 255
    image = Image.fromarray(pixels)
    if mode == "PA":
        image, path = image.quantize(4), tmp_path / "a.png"
    else:
        image, path = image.convert(mode), tmp_path / "a.png"
    assert read_image(saved(path, image)).tolist() == [[0] * 3, [255] * 3]


def test_half_transparent_ink_is_grey(tmp_path):
    pixels = np.array([[[0, 0, 0, 128], [0, 0, 0, 255]]], np.uint8)
    assert read_image(saved(tmp_path / "a.png", pixels)).tolist() == [[127, 0]]


def test_white_ink_on_a_transparent_ground_is_seen(tmp_path):
    pixels = np.full((1, 2, 4), 255, np.uint8)
    pixels[0, 0, 3] = 0
    assert read_image(saved(tmp_path / "a.png", pixels)).tolist() == [[0, 255]]


def test_the_orientation_of_the_camera_is_applied(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: show it rotated by a quarter
    path = saved(tmp_path / "a.png", RAMP, exif=exif)
    np.testing.assert_array_equal(read_image(path), np.rot90(RAMP, -1))


@pytest.mark.parametrize("dtype", ["<u2", ">u2", "<i4"])
def test_sixteen_bits_become_eight(tmp_path, dtype):
    deep = (RAMP.astype(np.uint32) * 257).astype(dtype)
    path = saved(tmp_path / "a.tif", deep)
    np.testing.assert_array_equal(read_image(path), RAMP)


def test_a_png_of_sixteen_bits_is_not_clipped(tmp_path):
    path = saved(tmp_path / "a.png", RAMP.astype(np.uint16) * 257)
    np.testing.assert_array_equal(read_image(path), RAMP)


def test_floating_levels_are_stretched_to_their_range(tmp_path):
    levels = np.array([[-1, 0, 1], [np.nan, 0, 1]], np.float32)
    path = saved(tmp_path / "a.tif", levels)
    assert read_image(path).tolist() == [[0, 128, 255], [128, 128, 255]]
    flat = saved(tmp_path / "flat.tif", np.full((2, 2), 3, np.float32))
    assert read_image(flat).tolist() == [[0, 0], [0, 0]]


def test_the_first_of_several_pictures_is_taken(tmp_path):
    first, second = Image.fromarray(RAMP), Image.fromarray(255 - RAMP)
    first.save(tmp_path / "a.gif", save_all=True, append_images=[second])
    np.testing.assert_array_equal(read_image(tmp_path / "a.gif"), RAMP)


def test_the_content_decides_and_not_the_suffix(tmp_path):
    saved(tmp_path / "a.png", RAMP).rename(tmp_path / "a.jpg")
    np.testing.assert_array_equal(read_image(str(tmp_path / "a.jpg")), RAMP)


def test_a_missing_file_and_a_folder_are_named(tmp_path):
    with pytest.raises(DataError, match=r"absent\.png: there is no such file; check the path"):
        read_image(tmp_path / "absent.png")
    with pytest.raises(DataError, match="this is a folder; name an image inside it"):
        read_image(tmp_path)


def test_a_file_that_may_not_be_read_is_one_sentence(tmp_path, monkeypatch):
    path = saved(tmp_path / "a.png", RAMP)

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("gradatim.data.image.open", refuse, raising=False)
    with pytest.raises(DataError, match="cannot be read: Permission denied; check its permis"):
        read_image(path)


@pytest.mark.parametrize("content", [b"", b"a letter", b"\xff" * 99, b"%!PS-Adobe-3.0 EPSF-3.0\n"])
def test_what_is_no_image_is_one_sentence(tmp_path, content):
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(DataError, match=r"not an image that can be read; .* Export a HEIC"):
        read_image(tmp_path / "a.png")


@pytest.mark.parametrize("suffix", ["png", "jpg", "gif", "bmp", "tif", "webp"])
def test_an_image_that_is_cut_short_is_one_sentence(tmp_path, suffix):
    noise = np.random.default_rng(0).integers(0, 255, (64, 64), dtype=np.uint8)
    path = saved(tmp_path / f"a.{suffix}", noise)
    whole = path.read_bytes()
    for part in (0.3, 0.6, 0.9):
        path.write_bytes(whole[: int(part * len(whole))])
        with pytest.raises(DataError, match=r"damaged or cut short|not an image"):
            read_image(path)


@pytest.mark.parametrize("side", [12_000, 30_000])
def test_a_small_file_of_countless_pixels_is_refused_before_it_is_unpacked(tmp_path, side):
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"")), (b"IEND", b"")]
    (tmp_path / "bomb.png").write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + b"".join(
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
            for kind, data in chunks
        )
    )
    with pytest.raises(DataError, match=r"more pixels than can be opened safely .* scale it down"):
        read_image(tmp_path / "bomb.png")


# --- preparing ------------------------------------------------------------------------------


def stroke(height=300, width=240, thick=28):
    """A 7 in white ink on black: a bar and a slanting leg."""
    ink = np.zeros((height, width), np.uint8)
    ink[40 : 40 + thick, 50:190] = 255
    for i, row in enumerate(range(40, 260)):
        left = 190 - thick - i // 2
        ink[row, left : left + thick] = 255
    return ink


def photograph(ink, noise=5.0, paper=200.0, slope=60.0, contrast=0.5):
    """Dark ink on paper under light that falls from one side."""
    rows, columns = np.indices(ink.shape) / max(ink.shape)
    light = paper - slope * rows - slope / 2 * columns
    grain = np.random.default_rng(0).normal(0, noise, ink.shape)
    return np.clip(light - contrast * ink + grain, 0, 255).astype(np.uint8)


def centre(image):
    rows, columns = np.indices(image.shape)
    return (image * rows).sum() / image.sum(), (image * columns).sum() / image.sum()


def box(image):
    rows, columns = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
    return int(np.ptp(rows)) + 1, int(np.ptp(columns)) + 1


def difference(a, b):
    """Mean absolute difference in grey levels, of 255."""
    return np.abs(a.astype(int) - b.astype(int)).mean()


def test_the_result_has_the_form_of_mnist():
    digit = prepare_digit(stroke())
    assert digit.dtype == np.uint8
    assert digit.shape == (28, 28)
    assert max(box(digit)) == 20
    assert digit.max() == 255
    assert digit.min() == 0
    assert np.abs(np.array(centre(digit)) - 14).max() <= 0.5


def test_the_aspect_is_kept():
    ink = np.zeros((200, 200), np.uint8)
    ink[20:180, 90:130] = 255
    assert box(prepare_digit(ink)) == (20, 5)
    assert box(prepare_digit(ink.T)) == (5, 20)


def test_edges_are_smooth():
    levels = np.unique(prepare_digit(stroke()))
    assert len(levels) > 10


def test_dark_ink_on_white_is_the_same_as_white_ink_on_black():
    np.testing.assert_array_equal(prepare_digit(255 - stroke()), prepare_digit(stroke()))


@pytest.mark.parametrize("ground", [30, 90, 160])
def test_weak_contrast_on_any_ground_gives_the_same_digit(ground):
    ink = stroke().astype(int) // 255
    for sign in (-25, 80):
        grey = (ground + sign * ink).astype(np.uint8)
        assert difference(prepare_digit(grey), prepare_digit(stroke())) < 1


def test_the_place_and_the_size_of_the_drawing_do_not_matter():
    expected = prepare_digit(stroke())
    moved = np.zeros((500, 400), np.uint8)
    moved[190:490, 5:245] = stroke()
    assert difference(prepare_digit(moved), expected) < 1
    assert difference(prepare_digit(np.kron(stroke(), np.ones((4, 4), np.uint8))), expected) < 4


def test_ink_may_reach_the_border():
    ink = stroke()
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    tight = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    assert difference(prepare_digit(tight), prepare_digit(ink)) < 1
    assert difference(prepare_digit(255 - tight), prepare_digit(ink)) < 1


@pytest.mark.parametrize("noise", [0, 5, 12])
@pytest.mark.parametrize("slope", [0, 60, -60])
def test_a_photograph_under_slanting_light_gives_the_same_digit(noise, slope):
    digit = prepare_digit(photograph(stroke(), noise, paper=190, slope=slope))
    assert difference(digit, prepare_digit(stroke())) < 6
    assert (digit == 0).mean() > 0.5


def test_a_large_photograph_is_taken():
    big = photograph(np.kron(stroke(), np.ones((8, 8), np.uint8)))
    assert difference(prepare_digit(big), prepare_digit(stroke())) < 6


def test_ruled_lines_and_specks_are_dropped():
    page = np.full((300, 240), 220, np.uint8)
    page[::40] = 200
    page[20:24, 10:14] = 40
    page = np.where(stroke() > 0, 50, page).astype(np.uint8)
    assert difference(prepare_digit(page), prepare_digit(stroke())) < 1


def test_a_digit_in_two_marks_keeps_both():
    ink = stroke()
    ink[68:98] = 0
    assert box(prepare_digit(ink)) == box(prepare_digit(stroke()))
    assert prepare_digit(ink).any(axis=1).sum() < 20


@pytest.mark.parametrize("thick", [2, 4, 8, 14])
def test_the_line_of_a_thin_pen_is_thickened_to_two_pixels(thick):
    ink = np.zeros((300, 240), np.uint8)
    ink[40:260, 120 : 120 + thick] = 255
    ink[150 : 150 + thick, 50:190] = 255
    digit = prepare_digit(ink)
    assert digit.max() == 255
    assert box(digit)[0] == 20
    for row in (7, 20):
        assert 1.5 <= digit[row].sum() / 255 <= 2.5


def test_the_line_of_a_thick_pen_is_left_as_it_is():
    ink = np.zeros((300, 240), np.uint8)
    ink[40:260, 100:140] = 255
    assert prepare_digit(ink)[14].sum() / 255 == pytest.approx(40 * 20 / 220, abs=0.5)


def test_a_heavy_corner_never_pushes_the_digit_out_of_the_field():
    ink = np.zeros((100, 100), np.uint8)
    ink[90:, :] = 255
    ink[:, 49:51] = 255
    digit = prepare_digit(ink)
    assert box(digit) == (20, 20)


def test_a_tiny_drawing_is_enlarged():
    ink = np.zeros((9, 9), np.uint8)
    ink[2:7, 4] = 255
    assert box(prepare_digit(ink))[0] == 20


# --- what has the form already --------------------------------------------------------------


def test_an_image_in_the_form_of_mnist_comes_out_unchanged_and_so_does_its_negative():
    digit = prepare_digit(stroke())
    before = digit.copy()
    again = prepare_digit(digit)
    np.testing.assert_array_equal(again, before)
    np.testing.assert_array_equal(prepare_digit(255 - digit), before)
    again[:] = 7
    np.testing.assert_array_equal(digit, before)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(10, 60), st.integers(10, 60), st.booleans())
def test_preparing_twice_is_preparing_once(seed, height, width, dark):
    rng = np.random.default_rng(seed)
    ink = np.zeros((height, width), np.uint8)
    row, column = rng.integers(1, height - 4), rng.integers(1, width - 4)
    for _ in range(40):
        ink[row : row + 3, column : column + 3] = 255
        row = int(np.clip(row + rng.integers(-2, 3), 1, height - 4))
        column = int(np.clip(column + rng.integers(-2, 3), 1, width - 4))
    once = prepare_digit(255 - ink if dark else ink)
    twice = prepare_digit(once)
    assert difference(once, twice) < 12
    assert once.shape == (28, 28)
    assert max(box(once)) <= 20


def test_digits_of_mnist_come_out_unchanged():
    (_, _), (images, _) = load_mnist(normalize=False, flatten=False)
    digits = np.asarray(images[:500]).reshape(-1, 28, 28).astype(np.uint8)
    for digit in digits:
        np.testing.assert_array_equal(prepare_digit(digit), digit)
        np.testing.assert_array_equal(prepare_digit(255 - digit), digit)


def test_digits_of_mnist_in_a_wider_field_differ_little_after_every_step():
    (_, _), (images, _) = load_mnist(normalize=False, flatten=False)
    digits = np.asarray(images[:500]).reshape(-1, 28, 28).astype(np.uint8)
    # 2.2 levels of 255; the largest are of digits with a stray pixel, which is dropped.
    differences = [difference(prepare_digit(np.pad(digit, 10)), digit) for digit in digits]
    assert np.mean(differences) < 3


# --- what cannot be prepared ----------------------------------------------------------------


@pytest.mark.parametrize("level", [0, 128, 255])
@pytest.mark.parametrize("shape", [(28, 28), (200, 150), (1, 1), (1, 40)])
def test_a_blank_image_is_refused(shape, level):
    with pytest.raises(DataError, match=r"the image is blank: .* Write with a darker pen"):
        prepare_digit(np.full(shape, level, np.uint8))


def test_a_blank_image_is_told_how_much_ink_it_needs():
    faint = np.full((60, 60), 255, np.uint8)
    faint[20:40, 20:40] = 250
    with pytest.raises(DataError, match=r"by 5 of 255 levels; it must differ by 16 or more\."):
        prepare_digit(faint)


def test_a_border_that_no_ink_could_surpass_is_named():
    chequered = np.indices((60, 60)).sum(axis=0) % 2 * np.uint8(255)
    with pytest.raises(DataError, match=r"border of the image varies by \d+ .* must be even"):
        prepare_digit(chequered.astype(np.uint8))


@pytest.mark.parametrize("noise", [2, 10])
def test_bare_paper_is_blank(noise):
    with pytest.raises(DataError, match="the image is blank"):
        prepare_digit(photograph(np.zeros((300, 240)), noise))


@pytest.mark.parametrize(
    ("image", "found"),
    [
        (np.zeros((28, 28, 3), np.uint8), r"\(28, 28, 3\)"),
        (np.zeros(784, np.uint8), r"\(784,\)"),
        (np.zeros((0, 5), np.uint8), r"\(0, 5\)"),
        ([[0, 1]], "list"),
    ],
)
def test_the_image_must_be_a_plane(image, found):
    with pytest.raises(ShapeError, match=rf"the image is {found}; it must be .* \(H, W\)"):
        prepare_digit(image)


@pytest.mark.parametrize("dtype", ["float32", "int64", "bool"])
def test_the_levels_must_be_bytes(dtype):
    with pytest.raises(DtypeError, match=rf"the image is {dtype}; it must be uint8"):
        prepare_digit(np.zeros((28, 28), dtype))


@pytest.mark.parametrize("order", ["strided", "fortran", "read-only"])
def test_any_memory_order_is_taken_and_nothing_is_mutated(order):
    image = {
        "strided": np.repeat(np.repeat(stroke(), 2, 0), 2, 1)[::2, ::2],
        "fortran": np.asfortranarray(stroke()),
        "read-only": stroke(),
    }[order]
    image.flags.writeable = False
    np.testing.assert_array_equal(prepare_digit(image), prepare_digit(stroke()))
    np.testing.assert_array_equal(image, stroke())
