"""Keeping bytes: by digest, within limits, photos re-encoded so that no place and no person travels in them."""

from __future__ import annotations

import contextlib
import hashlib
import io
import warnings
from collections.abc import Iterator
from datetime import date, datetime
from uuid import UUID

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _
from PIL import ExifTags, Image, ImageFile

from revlog.accounts.actors import Actor
from revlog.common import ids
from revlog.common.errors import BadInput, DomainError, Reason
from revlog.evidence.models import Artifact, Attachment

MOST_BYTES = {
    "report": 20 * 1024 * 1024,
    "photo": 15 * 1024 * 1024,
    "document": 50 * 1024 * 1024,
    "table": 25 * 1024 * 1024,
    "model": 100 * 1024 * 1024,
}
MOST_PIXELS = 40_000_000
LONGEST_SIDE = 2400
PHOTO_FORMATS = {"JPEG", "PNG", "WEBP", "MPO"}
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What turns a picture upright, by the number that the camera wrote for how it was held."""


class TooLarge(DomainError):
    status = 413
    code = "too_large"


class Gone(DomainError):
    """The bytes were erased; their tombstone says when and why."""

    status = 410
    code = "erased"


def keep(data: bytes, *, media_type: str, at: datetime, limit: str = "report") -> Artifact:
    """Store these bytes as they are, once; the same bytes again give the same artifact. Raises TooLarge."""
    most = MOST_BYTES[limit]
    if len(data) > most:
        raise TooLarge(_("That is larger than %(most)s MB.") % {"most": most // (1024 * 1024)})
    digest = hashlib.sha256(data).hexdigest()
    path = f"{digest[:2]}/{digest[2:4]}/{digest}"
    with transaction.atomic(savepoint=False):
        # Until the row is there for all to see, nobody who lets the same bytes go may take the file for an orphan.
        _lock(digest, shared=True)
        # The file first: a row without its bytes would be a lie, bytes without a row are only an orphan.
        if not default_storage.exists(path):
            default_storage.save(path, ContentFile(data))
        row, _made = Artifact.objects.get_or_create(
            digest=digest, defaults={"size": len(data), "media_type": media_type, "stored_as": path, "created_at": at}
        )
    return row


def _lock(digest: str, *, shared: bool = False) -> None:
    """Hold these bytes until the transaction ends: those who keep them side by side, who forgets their file alone."""
    name = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {name}(%s)", [int(digest[:15], 16)])


def start_of(artifact: Artifact, size: int) -> bytes:
    """The first bytes, for a glance at what it may be; none where they were erased or the store has lost them."""
    try:
        with default_storage.open(artifact.stored_as) as file:
            data: bytes = file.read(size)
    except OSError:
        return b""
    return data


def read(artifact: Artifact) -> bytes:
    """The bytes. Raises Gone when they were erased, ValueError when the store gives other bytes than were kept."""
    if artifact.erased_at is not None:
        raise Gone(_("These bytes were erased: %(why)s.") % {"why": artifact.erased_why})
    with default_storage.open(artifact.stored_as) as file:
        data: bytes = file.read()
    if hashlib.sha256(data).hexdigest() != artifact.digest:
        raise ValueError(f"The store gives other bytes than were kept as {artifact.digest}.")
    return data


def cleaned_photo(data: bytes) -> bytes:
    """The picture alone, as JPEG: turned upright, at most 2400 px, without place, camera or anything else that was written into it.

    Raises BadInput for what is no photo, and for pictures made to exhaust memory.
    """
    _demand_photo_size(len(data))
    try:
        with warnings.catch_warnings(), _strictly():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data)) as picture:
                if picture.format not in PHOTO_FORMATS:
                    raise BadInput(Reason("no_photo", _("A photo is a JPEG, PNG or WebP file."), "photo"))
                if picture.width * picture.height > MOST_PIXELS:
                    raise TooLarge(_("A photo has at most %(most)s megapixels.") % {"most": MOST_PIXELS // 1_000_000})
                upright = _turned(picture.convert("RGB"), _orientation(picture))
    except DomainError:
        raise
    except Exception as error:
        # A decoder falls over foreign bytes in more ways than it documents, and each means the same.
        raise BadInput(Reason("no_photo", _("This file is no photo that can be read."), "photo")) from error
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    bare = Image.new("RGB", upright.size)
    bare.paste(upright)
    out = io.BytesIO()
    bare.save(out, "JPEG", quality=82, optimize=True)
    return out.getvalue()


@contextlib.contextmanager
def _strictly() -> Iterator[None]:
    """Half a picture is no picture, also in a process where the PDF pipeline has told the decoder to be lenient."""
    lenient, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, False
    try:
        yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = lenient


def _orientation(picture: Image.Image) -> int | None:
    """How the camera was held, by its own word; None where it doesn't say, or says it in a garbled way."""
    try:
        found = picture.getexif().get(ExifTags.Base.Orientation)
    except Exception:
        return None
    return found if isinstance(found, int) else None


def _turned(picture: Image.Image, orientation: int | None) -> Image.Image:
    turn = _TURNS.get(orientation or 1)
    return picture if turn is None else picture.transpose(turn)


def _demand_photo_size(size: int) -> None:
    if size > MOST_BYTES["photo"]:
        raise TooLarge(_("A photo has at most %(most)s MB.") % {"most": MOST_BYTES["photo"] // (1024 * 1024)})


def keep_upload(upload: File[bytes], *, at: datetime) -> Artifact:
    """`keep_photo` for a file that somebody sent; what is too large isn't even read into memory."""
    _demand_photo_size(upload.size)
    return keep_photo(upload.read(), at=at)


def keep_photo(data: bytes, *, at: datetime) -> Artifact:
    return keep(cleaned_photo(data), media_type="image/jpeg", at=at, limit="photo")


def attach(
    artifact: Artifact,
    *,
    chain: UUID,
    use: str,
    by: Actor,
    at: datetime,
    name: str = "",
    audience: str = "staff",
    keep_until: date | None = None,
) -> Attachment:
    """Note what the bytes are for, on whose chain, and who may look. The same use of the same bytes is noted once."""
    known = Attachment.objects.filter(artifact=artifact, chain_id=chain, use=use).first()
    if known is not None:
        return known
    clean = "".join(letter for letter in name if letter.isprintable() and letter not in '/\\:*?"<>|')[-200:]
    return Attachment.objects.create(
        id=ids.new(at),
        artifact=artifact,
        chain_id=chain,
        use=use,
        name=clean,
        audience=audience,
        keep_until=keep_until,
        added_by=by.reference,
        added_at=at,
    )


def discard(artifact: Artifact) -> bool:
    """Remove bytes that came to nothing, as if they had never been sent; whether they went. What anything refers to stays."""
    try:
        with transaction.atomic():
            Artifact.objects.filter(pk=artifact.pk).delete()
            connection.check_constraints()  # a reference that came this moment is found now, not at the end
    except (ProtectedError, IntegrityError):
        return False
    # The file goes once that is sure, and only if nobody sent the same bytes meanwhile.
    digest, stored_as = artifact.digest, artifact.stored_as
    transaction.on_commit(lambda: _forget(digest, stored_as))
    return True


def _forget(digest: str, stored_as: str) -> None:
    with transaction.atomic():
        _lock(digest)
        if not Artifact.objects.filter(digest=digest).exists():
            default_storage.delete(stored_as)


def erase(artifact: Artifact, *, why: str, at: datetime) -> Artifact:
    """Remove the bytes and leave the tombstone; every digest that cites them stays true."""
    if artifact.erased_at is None:
        artifact.erased_at, artifact.erased_why = at, why[:200]
        artifact.save(update_fields=["erased_at", "erased_why"])
        default_storage.delete(artifact.stored_as)
    return artifact
