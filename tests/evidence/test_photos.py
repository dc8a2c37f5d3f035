"""Photos: the picture alone is kept, whatever came with it; and whatever was sent as one, the answer is a picture or a sentence."""

from __future__ import annotations

import io
import random
import struct
import time
import zlib

import pytest
from PIL import ExifTags, Image, ImageFile

from revlog.common.errors import BadInput, DomainError
from revlog.evidence.services import artifacts

# Pillow says aloud what it skips in a damaged file.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")
SEED = 20261127
FUZZED = 400
PROVE_SECONDS = 120


def picture(form: str = "JPEG", *, orientation: int = 1, size: tuple[int, int] = (64, 32), mode: str = "RGB") -> bytes:
    """A made-up photo with the left half dark, and with everything that a phone writes into one."""
    shown = Image.new(mode, size)
    if mode == "RGB":
        shown.paste((250, 250, 250), (size[0] // 2, 0, *size))
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.Base.Make] = "Harbor Phones"
    exif[ExifTags.IFD.GPSInfo] = {1: "N", 2: (52.0, 22.0, 3.0)}
    out = io.BytesIO()
    shown.save(out, form, exif=exif)
    return out.getvalue()


def png(width: int, height: int, *extra: bytes) -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n" + head + b"".join(extra) + chunk(b"IDAT", zlib.compress(b"\0" * 30)) + chunk(b"IEND", b"")
    )


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(artifacts.cleaned_photo(data)))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_nothing_travels_in_a_photo_but_the_picture(form: str) -> None:
    sent = picture(form)
    assert b"Harbor Phones" in sent

    kept = artifacts.cleaned_photo(sent)

    assert opened(sent).format == "JPEG"
    assert not dict(opened(sent).getexif())
    assert b"Harbor Phones" not in kept
    assert b"Exif" not in kept


@pytest.mark.parametrize(
    ("orientation", "size", "dark"),
    [
        (1, (64, 32), (5, 5)),
        (3, (64, 32), (60, 5)),
        (6, (32, 64), (5, 5)),
        (8, (32, 64), (5, 60)),
        (99, (64, 32), (5, 5)),
    ],
)
def test_it_stands_upright_as_the_camera_says(orientation: int, size: tuple[int, int], dark: tuple[int, int]) -> None:
    kept = opened(picture(orientation=orientation))

    assert kept.size == size
    assert kept.convert("L").getpixel(dark) < 60  # type: ignore[operator] - one band gives a number
    assert kept.convert("L").getpixel((size[0] - 1 - dark[0], size[1] - 1 - dark[1])) > 200  # type: ignore[operator]


def test_a_script_that_hangs_on_a_picture_is_left_behind() -> None:
    for tail in (b"<script>alert(1)</script>", b"PK\x03\x04payload", b"<?php phpinfo();"):
        assert tail not in artifacts.cleaned_photo(picture() + tail)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"GIF89a" + bytes(40),
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 1 1\n",
        picture()[:200],
        png(0, 0),
        png(100_000, 100_000),
        png(8_000, 8_000),
        png(10, 10, chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(50_000_000), 9))),
        png(10, 10, chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(50_000_000), 9))),
    ],
)
@pytest.mark.parametrize("lenient", [False, True], ids=["alone", "beside the PDF pipeline"])
def test_what_is_no_photo_or_a_trap_is_refused_at_once_with_a_sentence(
    data: bytes, lenient: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", lenient)
    before = time.process_time()
    with pytest.raises(DomainError) as refused:
        artifacts.cleaned_photo(data)

    assert refused.value.sentence.endswith(".")
    assert time.process_time() - before < 1


def test_a_camera_that_garbles_its_own_words_takes_no_picture_away() -> None:
    sent = picture()
    # The orientation written as text, and as a number with nothing behind it.
    plain = struct.pack("<HHI", ExifTags.Base.Orientation, 3, 1)
    swapped = plain if plain in sent else struct.pack(">HHI", ExifTags.Base.Orientation, 3, 1)
    assert swapped in sent
    for kind, count in ((2, 1), (2, 9), (5, 1), (12, 4), (99, 2**31)):
        order = "<" if swapped == plain else ">"
        garbled = sent.replace(swapped, struct.pack(f"{order}HHI", ExifTags.Base.Orientation, kind, count))
        assert opened(garbled).size == (64, 32)


def fuzz(source: random.Random, originals: list[bytes]) -> None:
    data = bytearray(source.choice(originals))
    for _ in range(source.randrange(1, 12)):
        at = source.randrange(min(len(data), 400)) if source.random() < 0.7 else source.randrange(len(data))
        kind = source.random()
        if kind < 0.6:
            data[at] = source.randrange(256)
        elif kind < 0.75 and len(data) > 40:
            del data[at : at + source.randrange(1, 20)]
        elif kind < 0.9:
            data[at:at] = source.randbytes(source.randrange(1, 9))
        else:
            del data[max(at, 20) :]
    try:
        artifacts.cleaned_photo(bytes(data))
    except BadInput as refused:
        assert refused.sentence
    except artifacts.TooLarge:
        pass


ORIGINALS = [picture("JPEG"), picture("PNG"), picture("WEBP"), picture("PNG", mode="P"), picture("JPEG", mode="CMYK")]


def test_damaged_photos_are_pictures_or_refusals() -> None:
    source = random.Random(SEED)
    for _ in range(FUZZED):
        fuzz(source, ORIGINALS)


@pytest.mark.prove
def test_damaged_photos_are_pictures_or_refusals_for_long() -> None:
    source, until = random.Random(SEED + 1), time.monotonic() + PROVE_SECONDS
    while time.monotonic() < until:
        fuzz(source, ORIGINALS)
