"""The key that signs documents, and signing.

Without a key of the operator's own, one is made at the first start: ECDSA P-256 with a self-signed certificate, in one file under
``<var>/keys/`` that nobody but the account can read. ``REVLOG_SIGNING_P12`` (a PKCS#12 file) and ``REVLOG_SIGNING_P12_PASSWORD``
replace it. Every certificate that ever signed here is kept under ``<var>/keys/trusted/``, so that old documents go on validating
after a change of key.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from revlog.common.errors import DomainError

KEY_FILE = "documents.pem"
TRUSTED = "trusted"
VALIDITY = timedelta(days=3652)  # ten years
LONGEST_NAME = 64  # characters a common name may have (X.520)

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


class UnableToSign(DomainError):
    """There is no key to sign with, or the document can't take a signature."""

    code = "unable_to_sign"


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key, its certificate and the certificates above it."""

    key: Key = field(repr=False)
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...] = ()


def load_signer(
    *, keys: Path, issuer: str, environment: Mapping[str, str], at: datetime, valid_from: datetime | None = None
) -> Signer:
    """The signer of this installation: from PKCS#12 when the environment names one, else the one under ``keys``, made when absent.

    ``keys`` is ``$REVLOG_VAR/keys``, ``issuer`` the name a new certificate carries, ``valid_from`` the start of its validity (a day
    before ``at`` by default). Of several processes that start at once, all get the same key. Raises ``UnableToSign``.
    """
    keys.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path := environment.get("REVLOG_SIGNING_P12"):
        signer = from_pkcs12(Path(path), password=environment.get("REVLOG_SIGNING_P12_PASSWORD", ""))
    else:
        signer = _made_once(keys / KEY_FILE, issuer=issuer, at=at, valid_from=valid_from)
    _remember(keys / TRUSTED, signer)
    return signer


def from_pkcs12(path: Path, *, password: str) -> Signer:
    """The signer in a PKCS#12 file. Raises ``UnableToSign`` that says what is wrong with the file."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnableToSign(f"REVLOG_SIGNING_P12 names {path}, which can't be read ({error.strerror})") from None
    try:
        key, certificate, others = pkcs12.load_key_and_certificates(data, password.encode() or None)
    except ValueError:
        raise UnableToSign(f"{path} is not a PKCS#12 file, or REVLOG_SIGNING_P12_PASSWORD does not open it") from None
    if certificate is None or key is None:
        raise UnableToSign(f"{path} holds no private key with its certificate")
    if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise UnableToSign(f"the key in {path} is neither ECDSA nor RSA, which is what PDF readers validate")
    return Signer(key=key, certificate=certificate, chain=tuple(others))


def make_signer(*, issuer: str, valid_from: datetime) -> Signer:
    """A new ECDSA P-256 key with a self-signed certificate for ``issuer``, valid for ten years from ``valid_from``."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = issuer.strip()[:LONGEST_NAME] or "Revlog"
    subject = x509.Name(
        [x509.NameAttribute(NameOID.COMMON_NAME, name), x509.NameAttribute(NameOID.ORGANIZATION_NAME, name)]
    )
    start = valid_from.astimezone(UTC).replace(microsecond=0)
    usage = dict.fromkeys(
        [
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "key_cert_sign",
            "crl_sign",
            "encipher_only",
            "decipher_only",
        ],
        False,
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + VALIDITY)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(digital_signature=True, content_commitment=True, **usage), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return Signer(key=key, certificate=certificate)


def trusted_certificates(keys: Path) -> list[x509.Certificate]:
    """Every certificate under ``<keys>/trusted/``: ours, former ones, and those an operator put there (PEM)."""
    found: list[x509.Certificate] = []
    for path in sorted((keys / TRUSTED).glob("*.pem")):
        try:
            found.extend(x509.load_pem_x509_certificates(path.read_bytes()))
        except ValueError:
            raise UnableToSign(f"{path} is not a certificate in PEM") from None
    return found


def sign(pdf: bytes, *, signer: Signer, reason: str, location: str, at: datetime) -> bytes:
    """``pdf`` with a PAdES B-B certification signature that allows no later change, added as an incremental update.

    ``at`` becomes the claimed time of signing; nothing reads the clock. Raises ``UnableToSign`` for bytes that are not a PDF, for
    one that is signed already, and for a time outside the certificate's validity.
    """
    # Imported here, because pyHanko costs a web worker more memory than it may have.
    from revlog.evidence.pdf import pades  # noqa: PLC0415

    if at.tzinfo is None:
        raise UnableToSign("the time of a signature needs a zone")
    certificate = signer.certificate
    if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
        raise UnableToSign(
            f"the signing certificate is valid from {certificate.not_valid_before_utc:%Y-%m-%d} to "
            f"{certificate.not_valid_after_utc:%Y-%m-%d}, and the document would be signed on {at:%Y-%m-%d}",
        )
    try:
        return pades.sign(pdf, signer=signer, reason=reason, location=location, at=at)
    except pades.NotSignable as error:
        raise UnableToSign(str(error)) from error


def _made_once(path: Path, *, issuer: str, at: datetime, valid_from: datetime | None) -> Signer:
    if not path.exists():
        signer = make_signer(issuer=issuer, valid_from=valid_from or at - timedelta(days=1))
        # Key and certificate are one file, so that no process ever sees one without the other; ``_place`` lets the first win.
        _place(
            path,
            signer.key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + signer.certificate.public_bytes(serialization.Encoding.PEM),
            mode=0o600,
        )
    data = path.read_bytes()
    try:
        key = serialization.load_pem_private_key(data, password=None)
        certificates = x509.load_pem_x509_certificates(data)
    except ValueError:
        raise UnableToSign(f"{path} does not hold a key and its certificate") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise UnableToSign(f"the key in {path} is neither ECDSA nor RSA")
    if certificates[0].public_key() != key.public_key():
        raise UnableToSign(f"the certificate in {path} belongs to another key")
    return Signer(key=key, certificate=certificates[0], chain=tuple(certificates[1:]))


def _remember(folder: Path, signer: Signer) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = signer.certificate.fingerprint(hashes.SHA256()).hex()[:32]
    path = folder / f"{name}.pem"
    if not path.exists():
        _place(path, signer.certificate.public_bytes(serialization.Encoding.PEM), mode=0o644)


def _place(path: Path, data: bytes, *, mode: int) -> None:
    """Put ``data`` at ``path`` whole, or leave what somebody else put there first: a link, unlike a rename, never replaces."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            return
    finally:
        draft.unlink(missing_ok=True)
