"""Pictures: sizes, orientation, metadata, and files made to hurt."""

import io
import struct
import zlib

import pytest
from PIL import Image

from federation import pictures
from schema.errors import Invalid


def encoded(image: Image.Image, kind: str, **more: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **more)
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def a_png_header(width: int, height: int) -> bytes:
    """A PNG that promises many pixels and has none."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    size = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_each_allowed_format_becomes_webp_in_two_sizes(kind: str) -> None:
    made = pictures.prepare(encoded(Image.new("RGB", (3000, 1500), "red"), kind))
    assert (made.width, made.height) == (1600, 800)
    full, small = opened(made.full), opened(made.small)
    assert (full.format, full.size) == ("WEBP", (1600, 800))
    assert (small.format, small.size) == ("WEBP", (400, 200))


def test_small_pictures_are_not_blown_up() -> None:
    made = pictures.prepare(encoded(Image.new("RGB", (30, 20), "red"), "PNG"))
    assert opened(made.full).size == opened(made.small).size == (30, 20)


def test_what_the_camera_wrote_is_gone_and_the_picture_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # lying on its side
    exif[0x010F] = "SecretCamera"
    exif.get_ifd(0x8825)[1] = "N"
    made = pictures.prepare(
        encoded(Image.new("RGB", (80, 40), "red"), "JPEG", exif=exif, comment=b"at home")
    )
    assert (made.width, made.height) == (40, 80)
    for data in (made.full, made.small):
        assert not opened(data).getexif()
        for secret in (b"SecretCamera", b"EXIF", b"XMP ", b"ICCP", b"at home"):
            assert secret not in data


def test_see_through_parts_stay() -> None:
    made = pictures.prepare(encoded(Image.new("RGBA", (10, 10), (0, 0, 0, 0)), "PNG"))
    assert opened(made.full).convert("RGBA").getpixel((5, 5))[3] == 0  # type: ignore[index]


@pytest.mark.parametrize("size", [(13_000, 13_000), (40_000_001, 1), (100_000, 100_000)])
def test_too_many_pixels_are_refused_before_they_are_decoded(size: tuple[int, int]) -> None:
    with pytest.raises(Invalid):
        pictures.prepare(a_png_header(*size))


def test_too_many_frames_are_refused() -> None:
    frames = [Image.new("P", (2, 2), n % 250) for n in range(260)]
    for n, frame in enumerate(frames):
        frame.putpalette([n % 256] * 768)
    moving = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    with pytest.raises(Invalid):
        pictures.prepare(moving)


def test_a_moving_picture_keeps_its_first_frame() -> None:
    frames = [Image.new("RGB", (20, 10), colour) for colour in ("red", "blue")]
    moving = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    made = opened(pictures.prepare(moving).full).convert("RGB")
    red, _, blue = made.getpixel((5, 5))  # type: ignore[misc]
    assert red > 200 and blue < 60


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%!PS-Adobe-3.0 EPSF-3.0\n",
        b"\x89PNG\r\n\x1a\n" + b"\x00" * 100,
        b"RIFF\xff\xff\xff\xffWEBPVP8X",
    ],
)
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(Invalid):
        pictures.prepare(data)


@pytest.mark.parametrize("kind", ["BMP", "TIFF", "ICO", "PPM", "TGA"])
def test_other_formats_are_refused(kind: str) -> None:
    with pytest.raises(Invalid):
        pictures.prepare(encoded(Image.new("RGB", (20, 20)), kind))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_broken_files_are_refused_or_read_and_nothing_else(kind: str) -> None:
    whole = bytearray(encoded(Image.effect_noise((64, 64), 50).convert("RGB"), kind))
    for at in range(0, len(whole), max(1, len(whole) // 150)):
        broken = bytearray(whole)
        broken[at] ^= 0xFF
        for data in (bytes(broken), bytes(whole[:at])):
            try:
                pictures.prepare(data)
            except Invalid:
                pass
