"""Pictures: what came in becomes two WebP files without anything the camera wrote into it."""

import asyncio
import io
import warnings
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

from schema.errors import Invalid
from schema.words import N_

LARGEST_PIXELS: Final = 40_000_000
MOST_FRAMES: Final = 200
FULL: Final = 1600  # px
PREVIEW: Final = 800  # px, of a heavy picture of another server
SMALL: Final = 400  # px
HEAVY: Final = 1_000_000  # bytes; above it another server's picture becomes a preview
LARGEST_FOREIGN: Final = 8_000_000  # bytes that are fetched of another server's picture, at most
FORMATS: Final = ("PNG", "JPEG", "WEBP", "GIF")


@dataclass(frozen=True, slots=True)
class Prepared:
    """WebP in two sizes; width and height of the full one in pixels."""

    full: bytes
    small: bytes
    width: int
    height: int


async def prepare_in_thread(data: bytes, field: str = "picture", full: int = FULL) -> Prepared:
    """`prepare` beside the event loop; Invalid names the form's `field`."""
    return await asyncio.to_thread(prepare, data, field, full)


def prepare(data: bytes, field: str = "picture", full: int = FULL) -> Prepared:
    """PNG, JPEG, WebP or GIF (its first frame) into WebP, upright and without metadata.

    Size and frames are read from the header, before anything is decoded. Invalid for all else.
    `full` is the longer side of the larger of the two in pixels, at most.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns where we refuse
            return _prepare(data, field, full)
    except (
        UnidentifiedImageError,
        Image.DecompressionBombError,
        OSError,
        ValueError,
        SyntaxError,
        EOFError,
        MemoryError,
        OverflowError,
        ArithmeticError,
        LookupError,
        TypeError,
    ) as error:  # what its decoders raise for broken files
        raise Invalid(
            {field: N_("This picture cannot be read. Please give a PNG, JPEG, WebP or GIF.")}
        ) from error


def _prepare(data: bytes, field: str, full: int) -> Prepared:
    with Image.open(io.BytesIO(data), formats=FORMATS) as image:
        width, height = image.size
        if width * height > LARGEST_PIXELS or width < 1 or height < 1:
            raise Invalid({field: N_("This picture has too many pixels; 40 million is the most.")})
        if _frames(data, image) > MOST_FRAMES:
            raise Invalid({field: N_("This picture moves for too long.")})
        image.draft("RGB", (2 * full, 2 * full))  # a large JPEG is decoded smaller at once
        upright = ImageOps.exif_transpose(image)
        plain = upright.convert("RGBA" if _has_alpha(upright) else "RGB")
    plain.info.clear()
    plain.thumbnail((full, full), Image.Resampling.LANCZOS)
    small = plain.copy()
    small.thumbnail((SMALL, SMALL), Image.Resampling.LANCZOS)
    return Prepared(_webp(plain), _webp(small), plain.width, plain.height)


def _frames(data: bytes, image: Image.Image) -> int:
    """GIF's frames are counted by their separators: Pillow would decode each to count them."""
    if image.format == "GIF":
        return data.count(b"\x21\xf9\x04") or 1
    return int(getattr(image, "n_frames", 1))


def _has_alpha(image: Image.Image) -> bool:
    return "A" in image.getbands() or "transparency" in image.info


def _webp(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "WEBP", quality=80, method=4)
    return out.getvalue()
