"""The signing key, and signatures."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from io import BytesIO
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from cryptography.x509.oid import NameOID
from pypdf import PdfReader

from revlog.evidence.pdf import contexts
from revlog.evidence.pdf.render import AttachedFile, render
from revlog.evidence.pdf.sign import (
    KEY_FILE,
    TRUSTED,
    Signer,
    UnableToSign,
    load_signer,
    make_signer,
    sign,
    trusted_certificates,
)
from revlog.evidence.pdf.validate import holds, validate
from tests.evidence import pdf_samples as samples

AT = datetime(2026, 3, 4, 14, 21, 9, tzinfo=UTC)


@lru_cache(maxsize=1)
def unsigned() -> bytes:
    record = samples.of_sanitization(media=1)
    return render(
        template=record.TEMPLATE,
        context=contexts.context_of(record),
        attachments=[AttachedFile("ledger.json", b'{"entries":[]}' * 200)],
        title="Certificate",
        language="en",
        created_at=AT,
        identifier="x",
    )


def signed(signer: Signer, *, at: datetime = AT) -> bytes:
    return sign(unsigned(), signer=signer, reason="Certificate issued", location="Rotterdam", at=at)


def test_it_makes_a_key_that_only_the_account_can_read(tmp_path: Path) -> None:
    signer = load_signer(keys=tmp_path / "keys", issuer="Vega Recycling B.V.", environment={}, at=AT)
    certificate = signer.certificate

    assert (tmp_path / "keys" / KEY_FILE).stat().st_mode & 0o777 == 0o600
    assert isinstance(signer.key, ec.EllipticCurvePrivateKey)
    assert signer.key.curve.name == "secp256r1"
    assert certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value == "Vega Recycling B.V."
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    assert (usage.content_commitment, usage.digital_signature, usage.key_cert_sign) == (True, True, False)
    assert certificate.not_valid_after_utc - certificate.not_valid_before_utc == timedelta(days=3652)
    assert certificate.not_valid_before_utc <= AT
    assert sorted(path.name for path in (tmp_path / "keys").iterdir()) == [KEY_FILE, TRUSTED], (
        "no drafts are left lying about"
    )


def test_it_gives_the_same_key_at_the_next_start(tmp_path: Path) -> None:
    first = load_signer(keys=tmp_path, issuer="Vega", environment={}, at=AT)
    later = load_signer(keys=tmp_path, issuer="Vega with a new name", environment={}, at=AT + timedelta(days=40))
    assert later.certificate == first.certificate


def test_processes_that_start_at_once_share_one_key(tmp_path: Path) -> None:
    code = (
        "import sys, time; from datetime import UTC, datetime; from pathlib import Path;"
        "from cryptography.hazmat.primitives import hashes;"
        "from revlog.evidence.pdf.sign import load_signer;"
        "sys.stdin.readline();"
        "signer = load_signer(keys=Path(sys.argv[1]), issuer='Vega', environment={}, at=datetime(2026, 3, 4, tzinfo=UTC));"
        "print(signer.certificate.fingerprint(hashes.SHA256()).hex())"
    )
    root = Path(__file__).resolve().parents[2]
    started = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path / "keys")],
            cwd=root,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for process in started:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    prints = {process.communicate(timeout=60)[0].strip() for process in started}
    assert len(prints) == 1
    assert len(prints.pop()) == 64
    assert len(list((tmp_path / "keys" / TRUSTED).iterdir())) == 1


def test_a_signed_document_validates_and_says_when_where_and_why(tmp_path: Path) -> None:
    signer = load_signer(keys=tmp_path, issuer="Vega Recycling B.V.", environment={}, at=AT)
    pdf = signed(signer)

    assert pdf.startswith(unsigned()), "the signature is added as an update, and nothing before it moves"
    assert holds(validate(pdf, trusted=trusted_certificates(tmp_path)))
    field = PdfReader(BytesIO(pdf)).trailer["/Root"]["/AcroForm"]["/Fields"][0].get_object()["/V"]
    assert (field["/SubFilter"], field["/Reason"], field["/Location"]) == (
        "/ETSI.CAdES.detached",
        "Certificate issued",
        "Rotterdam",
    )
    assert field["/M"].startswith("D:20260304142109")
    assert field["/Reference"][0].get_object()["/TransformParams"]["/P"] == 1


def test_a_signature_leaves_the_archive_format_as_it_was(tmp_path: Path) -> None:
    before, after = (
        PdfReader(BytesIO(unsigned())),
        PdfReader(BytesIO(signed(make_signer(issuer="Vega", valid_from=AT)))),
    )
    for key in ("/Metadata", "/OutputIntents", "/AF"):
        numbers = [str(reader.trailer["/Root"].raw_get(key)) for reader in (before, after)]
        assert re.sub(r", \d{6,}", "", numbers[0]) == re.sub(r", \d{6,}", "", numbers[1])
    assert after.trailer["/Root"]["/Metadata"].get_data() == before.trailer["/Root"]["/Metadata"].get_data()
    assert "/Version" not in after.trailer["/Root"], "PDF/A-3 is PDF 1.7"
    assert after.metadata == before.metadata
    assert after.attachments == before.attachments
    widget = after.pages[0]["/Annots"][0].get_object()
    assert widget["/F"] & 0b110 == 0b100, "printed, not hidden: an annotation of an archived page may not hide"


def test_documents_of_a_former_key_still_validate(tmp_path: Path) -> None:
    former = load_signer(keys=tmp_path, issuer="Vega", environment={}, at=AT)
    old = signed(former)
    (tmp_path / KEY_FILE).unlink()
    present = load_signer(keys=tmp_path, issuer="Vega", environment={}, at=AT)

    assert present.certificate != former.certificate
    for pdf in (old, signed(present)):
        assert holds(validate(pdf, trusted=trusted_certificates(tmp_path)))


def test_a_document_still_validates_after_its_certificate_has_run_out() -> None:
    then = datetime(2009, 1, 5, tzinfo=UTC)
    signer = make_signer(issuer="Vega", valid_from=then)
    assert holds(validate(signed(signer, at=then + timedelta(days=2)), trusted=[signer.certificate]))


def test_it_refuses_to_sign_outside_the_validity_of_the_certificate() -> None:
    signer = make_signer(issuer="Vega", valid_from=AT)
    for when in (AT - timedelta(days=2), AT + timedelta(days=3653)):
        with pytest.raises(UnableToSign, match="valid from 2026-03-04"):
            signed(signer, at=when)


def test_it_refuses_what_is_no_pdf_and_what_is_signed_already() -> None:
    signer = make_signer(issuer="Vega", valid_from=AT)
    for data in (b"", b"%PDF-1.7 no more", b"hello" * 99, unsigned()[:5000]):
        with pytest.raises(UnableToSign, match="not a PDF"):
            sign(data, signer=signer, reason="", location="", at=AT)
    with pytest.raises(UnableToSign, match="signed already"):
        sign(signed(signer), signer=signer, reason="", location="", at=AT)
    with pytest.raises(UnableToSign, match="needs a zone"):
        sign(unsigned(), signer=signer, reason="", location="", at=datetime(2026, 3, 4))  # noqa: DTZ001


def issued(by: Signer | None, *, name: str, key: object, ca: bool) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    usage = {
        "key_encipherment": False,
        "data_encipherment": False,
        "key_agreement": False,
        "crl_sign": ca,
        "encipher_only": False,
        "decipher_only": False,
    }
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.certificate.subject if by else subject)
        .public_key(key.public_key())  # type: ignore[attr-defined]
        .serial_number(x509.random_serial_number())
        .not_valid_before(AT - timedelta(days=9))
        .not_valid_after(AT + timedelta(days=900))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(digital_signature=not ca, content_commitment=not ca, key_cert_sign=ca, **usage), critical=True
        )
        .sign(by.key if by else key, hashes.SHA256())  # type: ignore[arg-type]
    )


@pytest.mark.parametrize("kind", ["ecdsa", "rsa"])
def test_an_operators_own_pkcs12_replaces_the_key(tmp_path: Path, kind: str) -> None:
    root_key = ec.generate_private_key(ec.SECP256R1())
    root = Signer(key=root_key, certificate=issued(None, name="Root", key=root_key, ca=True))
    key = ec.generate_private_key(ec.SECP256R1()) if kind == "ecdsa" else rsa.generate_private_key(65537, 2048)
    leaf = issued(root, name="Vega Documents", key=key, ca=False)
    path = tmp_path / "own.p12"
    path.write_bytes(
        pkcs12.serialize_key_and_certificates(b"own", key, leaf, [root.certificate], BestAvailableEncryption(b"secret"))
    )
    environment = {"REVLOG_SIGNING_P12": str(path), "REVLOG_SIGNING_P12_PASSWORD": "secret"}

    signer = load_signer(keys=tmp_path / "keys", issuer="Vega", environment=environment, at=AT)
    pdf = signed(signer)

    assert not (tmp_path / "keys" / KEY_FILE).exists()
    assert signer.certificate == leaf
    # Both ways hold: the very certificate is known, as it is after load_signer, or the authority above it is.
    assert not [check for check in validate(pdf, trusted=[root.certificate]) if not check.ok]
    stranger = make_signer(issuer="Somebody", valid_from=AT)
    assert [check.name for check in validate(pdf, trusted=[stranger.certificate]) if not check.ok] == ["trusted"]
    assert not [check for check in validate(pdf, trusted=[*trusted_certificates(tmp_path / "keys")]) if not check.ok]


def test_it_says_what_is_wrong_with_a_pkcs12_file(tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = issued(None, name="X", key=key, ca=False)
    good, rubbish, odd, bare = (tmp_path / name for name in ("good.p12", "rubbish.p12", "odd.p12", "bare.p12"))
    good.write_bytes(
        pkcs12.serialize_key_and_certificates(b"x", key, certificate, None, BestAvailableEncryption(b"secret"))
    )
    rubbish.write_bytes(b"not at all")
    other = ed25519.Ed25519PrivateKey.generate()
    odd.write_bytes(
        pkcs12.serialize_key_and_certificates(
            b"x", other, _ed25519_certificate(other), None, BestAvailableEncryption(b"secret")
        )
    )
    bare.write_bytes(
        pkcs12.serialize_key_and_certificates(b"x", None, None, [certificate], BestAvailableEncryption(b"secret"))
    )
    for path, password, sentence in (
        (tmp_path / "missing.p12", "", "can't be read"),
        (good, "wrong", "does not open it"),
        (rubbish, "secret", "not a PKCS#12 file"),
        (odd, "secret", "neither ECDSA nor RSA"),
        (bare, "secret", "no private key"),
    ):
        environment = {"REVLOG_SIGNING_P12": str(path), "REVLOG_SIGNING_P12_PASSWORD": password}
        with pytest.raises(UnableToSign, match=sentence):
            load_signer(keys=tmp_path / "keys", issuer="Vega", environment=environment, at=AT)


def _ed25519_certificate(key: ed25519.Ed25519PrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "odd")])
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(AT)
        .not_valid_after(AT + timedelta(days=1))
        .sign(key, None)
    )


def test_it_refuses_a_damaged_key_file_instead_of_making_another(tmp_path: Path) -> None:
    (tmp_path / KEY_FILE).write_bytes(b"-----BEGIN PRIVATE KEY-----\nnonsense\n-----END PRIVATE KEY-----\n")
    with pytest.raises(UnableToSign, match="does not hold a key"):
        load_signer(keys=tmp_path, issuer="Vega", environment={}, at=AT)
