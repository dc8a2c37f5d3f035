"""The one module that touches pyHanko. Import it inside functions: it is for workers and for the moment of a check."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any, TypeVar

from asn1crypto import algos, cms, keys, parser
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from pyhanko.pdf_utils.decode_limits import DecodeLimits, DocumentDecodeBudget, StreamDecodeLimits
from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject, IndirectObject, StreamObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers import constants
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore
from typing_extensions import override

if TYPE_CHECKING:
    from revlog.evidence.pdf.sign import Signer

T = TypeVar("T")
FIELD = "Issuer"
MIB = 1024 * 1024
# A certificate holds a few megabytes at most; a file that unpacks to more is no certificate but an attack on the worker.
LIMITS = DecodeLimits(
    per_stream=StreamDecodeLimits(max_output_size=64 * MIB),
    document_budget=DocumentDecodeBudget(base_allowance=128 * MIB, max_ratio=20),
)
# Room in the file for the signature beyond its certificates: signed attributes, names and the signature value of RSA-4096.
CONTAINER_BYTES = 2048
NODES = 1000  # of the name tree of embedded files
DOCMDP_NO_CHANGES = 1
OCTET_STRING, SEQUENCE, SET, CONTEXT_0 = 0x04, 0x30, 0x31, 0xA0
VERSION_1 = b"\x02\x01\x01"


class NotSignable(Exception):
    """A sentence on why these bytes can't be signed."""


class _Writer(IncrementalPdfFileWriter):
    """An update that leaves the metadata as they were written.

    pyHanko would stamp the present time and its own name into Info and XMP: that reads the clock, and it replaces metadata that
    PDF/A has rules for.
    """

    @override
    def _update_meta(self) -> None:
        return


class _Signer(signers.PdfSigner):
    """Announces PAdES alone: for ECDSA pyHanko would raise the file to PDF 2.0, and PDF/A-3 is PDF 1.7."""

    @override
    def register_extensions(self, pdf_out: BasePdfFileWriter, *, md_algorithm: str) -> None:
        pdf_out.register_extension(constants.ESIC_EXTENSION_1)


def sign(pdf: bytes, *, signer: Signer, reason: str, location: str, at: datetime) -> bytes:
    try:
        return _run(_sign(pdf, signer=signer, reason=reason, location=location, at=at))
    except (
        SigningError,
        PdfError,
        ValueError,
        KeyError,
        TypeError,
        IndexError,
        AttributeError,
        RecursionError,
    ) as error:
        raise NotSignable(f"these bytes are not a PDF that can be signed ({type(error).__name__})") from error


async def _sign(pdf: bytes, *, signer: Signer, reason: str, location: str, at: datetime) -> bytes:
    writer = _Writer(BytesIO(pdf))
    if next(iter(writer.prev.embedded_signatures), None) is not None:
        raise NotSignable("the document is signed already, and the first signature allows no other")
    registry = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    # One that nothing in the file vouches for would be the only bytes that could be changed unnoticed, so it stays out.
    above = [_certificate(other) for other in signer.chain if any(_issued(other, issuer) for issuer in signer.chain)]
    registry.register_multiple(above)
    own = _certificate(signer.certificate)
    key = signer.key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    session = _Signer(
        signers.PdfSignatureMetadata(
            field_name=FIELD,
            md_algorithm="sha256",
            reason=reason or None,
            location=location or None,
            subfilter=fields.SigSeedSubFilter.PADES,
            certify=True,
            docmdp_permissions=fields.MDPPerm.NO_CHANGES,
        ),
        signer=signers.SimpleSigner(
            signing_cert=own, signing_key=keys.PrivateKeyInfo.load(key), cert_registry=registry
        ),
    ).init_signing_session(writer)
    session.system_time = at  # pyHanko offers no argument for it and would ask the clock
    # Sized from the certificates: pyHanko's own estimate makes a whole trial signature, which doubles the time.
    reserved = 2 * (CONTAINER_BYTES + sum(len(certificate.dump()) for certificate in (own, *above)))
    document = session.prepare_tbs_document(None, reserved)
    output = BytesIO()
    prepared, _ = document.digest_tbs_document(output=output)
    await document.perform_signature(
        document_digest=prepared.document_digest, pdf_cms_signed_attrs=PdfCMSSignedAttributes()
    )
    return output.getvalue()


@dataclass(frozen=True, slots=True)
class Inspection:
    """What is true of the only signature of a file."""

    digest_holds: bool
    exact: bool
    trusted: bool
    reaches_end: bool
    last_revision: bool
    forbids_changes: bool
    signer: str
    signed_at: datetime | None


class NotOneSignature(Exception):
    """The file carries none, or several."""

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(number)


def inspect(pdf: bytes, *, trusted: Sequence[x509.Certificate]) -> Inspection:
    """Look at the signature of ``pdf``. Raises ``NotOneSignature``, and anything pyHanko raises on a broken file."""
    return _run(_inspect(pdf, trusted=trusted))


async def _inspect(pdf: bytes, *, trusted: Sequence[x509.Certificate]) -> Inspection:
    reader = PdfFileReader(BytesIO(pdf), decode_limits=LIMITS)
    found = list(reader.embedded_signatures)
    if len(found) != 1:
        raise NotOneSignature(len(found))
    signature: EmbeddedPdfSignature = found[0]
    # There is no proof of another time in a B-B signature. What the signer could backdate with an old key, the ledger's
    # checkpoints can't be made to agree with.
    moment = signature.self_reported_timestamp
    context = ValidationContext(
        trust_roots=[_certificate(certificate) for certificate in trusted],
        moment=moment,
        best_signature_time=moment,
        allow_fetching=False,
    )
    status = await async_validate_pdf_signature(
        signature,
        signer_validation_context=context,
        key_usage_settings=KeyUsageConstraints(key_usage={"non_repudiation", "digital_signature"}),
        skip_diff=True,  # no later revision is acceptable, so there is nothing to compare
    )
    own = _readable(signature.signer_cert)
    # pyHanko looks for an authority above a certificate that is not self-signed, even where that very one is trusted.
    known = own in trusted and moment is not None and own.not_valid_before_utc <= moment <= own.not_valid_after_utc
    start, first, second, length = (int(value) for value in signature.byte_range)
    return Inspection(
        digest_holds=bool(status.intact and status.valid),
        exact=_is_as_we_write(signature, pdf[first:second]),
        trusted=(known or bool(status.trusted))
        and _vouched_for([_readable(certificate) for certificate in signature.other_embedded_certs], by=trusted),
        reaches_end=start == 0 and first < second and second + length == len(pdf),
        last_revision=int(signature.signed_revision) == int(reader.xrefs.total_revisions) - 1,
        forbids_changes=signature.docmdp_level is not None and signature.docmdp_level.value == DOCMDP_NO_CHANGES,
        signer=_common_name(signature.signer_cert),
        signed_at=moment,
    )


def _common_name(certificate: asn1_x509.Certificate) -> str:
    """A certificate of somebody else may say anything, so only what prints is repeated."""
    name = certificate.subject.native.get("common_name", "") or certificate.subject.human_friendly
    return "".join(character for character in str(name) if character.isprintable())[:80] or "an unnamed signer"


def _vouched_for(others: Sequence[x509.Certificate], *, by: Sequence[x509.Certificate]) -> bool:
    """Whether each certificate that came along is known or signed by one that is there: nothing else protects its bytes."""
    return all(other in by or any(_issued(other, issuer) for issuer in (*others, *by)) for other in others)


def _readable(certificate: asn1_x509.Certificate) -> x509.Certificate:
    return x509.load_der_x509_certificate(certificate.dump())


def _is_as_we_write(signature: EmbeddedPdfSignature, gap: bytes) -> bool:
    """Whether the signature's container is, to the byte, what its signed parts make.

    The digest covers the file except this container, and the signature covers only parts of the container: version numbers,
    algorithm lists, padding and the case of hexadecimal digits could be changed unnoticed. So the container is built again from
    the parts that are protected, and compared.
    """
    content = bytes(signature.pkcs7_content)
    length = int(parser.peek(content))
    message, padding = content[:length], content[length:]
    if gap != b"<" + content.hex().upper().encode() + b">" or any(padding):
        return False
    one, tbs = signature.signer_info, signature.signer_cert["tbs_certificate"]
    digest_algorithm = algos.DigestAlgorithm({"algorithm": one["digest_algorithm"]["algorithm"].native}).dump()
    signature_algorithm = algos.SignedDigestAlgorithm(
        {"algorithm": one["signature_algorithm"]["algorithm"].native}
    ).dump()
    certificates = [choice.chosen.dump() for choice in signature.signed_data["certificates"]]
    signer_info = _der(
        SEQUENCE,
        VERSION_1,
        _der(SEQUENCE, tbs["issuer"].dump(), tbs["serial_number"].dump()),
        digest_algorithm,
        _der(CONTEXT_0, one["signed_attrs"].contents),
        signature_algorithm,
        _der(OCTET_STRING, one["signature"].native),
    )
    signed_data = _der(
        SEQUENCE,
        VERSION_1,
        _der(SET, digest_algorithm),
        _der(SEQUENCE, cms.ContentType("data").dump()),
        _der(CONTEXT_0, *certificates),
        _der(SET, signer_info),
    )
    return _der(SEQUENCE, cms.ContentType("signed_data").dump(), _der(CONTEXT_0, signed_data)) == message


def _der(tag: int, *parts: bytes) -> bytes:
    """One value in DER. Written out here, because asn1crypto takes 50 ms to do the same from Python values."""
    body = b"".join(parts)
    if len(body) < 128:
        return bytes([tag, len(body)]) + body
    size = len(body).to_bytes((len(body).bit_length() + 7) // 8)
    return bytes([tag, 128 + len(size)]) + size + body


def embedded_files(pdf: bytes) -> dict[str, bytes]:
    """The files in the catalog's name tree, by name; raises whatever pyHanko raises on a broken file."""
    reader = PdfFileReader(BytesIO(pdf), decode_limits=LIMITS)
    files: dict[str, bytes] = {}
    for specification in _leaves(_at(_at(reader.root, "/Names"), "/EmbeddedFiles")):
        stream = _at(_at(specification, "/EF"), "/F")
        if isinstance(stream, StreamObject):
            files[str(_at(specification, "/UF") or _at(specification, "/F") or "")] = bytes(stream.data)
    return files


def _leaves(tree: object) -> Iterator[object]:
    waiting = [tree]
    seen = 0
    while waiting:
        node = waiting.pop()
        seen += 1
        if seen > NODES:
            raise PdfError("the list of embedded files is too long")
        pairs = _at(node, "/Names")
        if isinstance(pairs, ArrayObject):
            yield from (_resolved(value) for value in list(pairs)[1::2])
        kids = _at(node, "/Kids")
        if isinstance(kids, ArrayObject):
            waiting.extend(_resolved(kid) for kid in kids)


def _at(node: object, key: str) -> object:
    """What ``node`` holds under ``key``, if it is a dictionary that does."""
    return _resolved(node.get(key)) if isinstance(node, DictionaryObject) else None


def _resolved(value: object) -> object:
    return value.get_object() if isinstance(value, IndirectObject) else value  # type: ignore[no-untyped-call]


def _run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Wait for ``coroutine``, also where an event loop is running already, as under ASGI."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(coroutine)
    with ThreadPoolExecutor(max_workers=1) as other:
        return other.submit(asyncio.run, coroutine).result()


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _certificate(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))
