"""https on one's own network: a small certificate authority of this instance, and its certificate for this machine.

Cameras, offline pages and passkeys need a secure context on a tablet, and no public authority vouches for a name on somebody's own
network. So the instance makes an authority of its own once, under ``$REVLOG_VAR/keys/tls``; a tablet that trusts it trusts this machine.
The authority is held to what it is for: names of this machine and private addresses (name constraints, RFC 5280 4.2.1.10), so that
whoever steals its key cannot pose as a bank to the tablets that trust it.
"""

from __future__ import annotations

import hashlib
import ipaddress
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from revlog.embedded.places import write_private

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# Names that no public authority may vouch for: RFC 6762 (local), RFC 8375 (home.arpa), ICANN 2024 (internal), and what routers make up.
PRIVATE_NAMES = ("localhost", "local", "home.arpa", "internal", "lan", "home")
PRIVATE_NETWORKS = (
    "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10", "::1/128", "fc00::/7",
)  # fmt: skip
AUTHORITY_YEARS = 10
# Browsers refuse certificates of more than 398 days, those of one's own authority included on some of them.
CERTIFICATE_DAYS = 397
RENEW_DAYS = 30


@dataclass(frozen=True, slots=True)
class Served:
    """The files that a web process serves https with, and what a tablet must trust."""

    certificate: Path
    key: Path
    authority: Path


def provide(folder: Path, *, names: Sequence[str], addresses: Sequence[Address], at: datetime) -> Served:
    """The certificate of this machine for ``names`` and ``addresses``, made or renewed when it must be, in ``folder``.

    The authority stays the same, so that a tablet trusts it once, until it ends or is asked to vouch for a name that it must not.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    served = Served(certificate=folder / "machine.pem", key=folder / "machine.key", authority=folder / "authority.pem")
    names = [name.lower().rstrip(".") for name in names]
    authority = _read(served.authority, folder / "authority.key")
    if authority is None or not _lasts(authority[0], at) or not _may_vouch(authority[0], names, addresses):
        authority = _make_authority(names, addresses, at)
        _write(authority, served.authority, folder / "authority.key")
        served.certificate.unlink(missing_ok=True)
    machine = _read(served.certificate, served.key)
    if machine is None or not _lasts(machine[0], at) or _told(machine[0]) != (set(names), set(addresses)):
        _write(_certify(authority, names, addresses, at), served.certificate, served.key)
    return served


def fingerprint(certificate: Path) -> str:
    """SHA-256 of a certificate as people compare it: pairs of digits with colons between."""
    der = x509.load_pem_x509_certificate(certificate.read_bytes()).public_bytes(serialization.Encoding.DER)
    return hashlib.sha256(der).digest().hex(":").upper()


def of_this_machine() -> tuple[list[str], list[Address]]:
    """The names and addresses under which others on the network may reach this machine; the best of each first."""
    name = socket.gethostname().split(".")[0].lower() or "localhost"
    full = socket.getfqdn().lower()
    names = [*([full] if "." in full and not full.endswith(".arpa") else []), f"{name}.local", name, "localhost"]
    addresses: list[Address] = [*_outward(), ipaddress.ip_address("127.0.0.1")]
    return list(dict.fromkeys(names)), list(dict.fromkeys(addresses))


def resolves(name: str, address: Address) -> bool:
    """Does the network know ``name`` as ``address``? A QR code that leads nowhere is worse than one with digits."""
    try:
        found = {entry[4][0] for entry in socket.getaddrinfo(name, None)}
    except OSError:
        return False
    return str(address) in found


def _outward() -> list[Address]:
    """The address that this machine uses towards others. Choosing a route sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # an address for documentation (RFC 5737): nobody is there
            return [ipaddress.ip_address(probe.getsockname()[0])]
        except OSError:
            return []


def _make_authority(
    names: Sequence[str], addresses: Sequence[Address], at: datetime
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Revlog on {names[0]}"[:64])])
    networks = [ipaddress.ip_network(network) for network in PRIVATE_NETWORKS]
    own_networks = [
        ipaddress.ip_network(address)
        for address in addresses
        if not any(address in network for network in networks if network.version == address.version)
    ]
    permitted: list[x509.GeneralName] = [
        *(x509.DNSName(told) for told in dict.fromkeys([*PRIVATE_NAMES, *names])),
        *(x509.IPAddress(network) for network in [*networks, *own_networks]),
    ]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(days=1))
        .not_valid_after(at + timedelta(days=365 * AUTHORITY_YEARS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.NameConstraints(permitted_subtrees=permitted, excluded_subtrees=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return certificate, key


def _certify(
    authority: tuple[x509.Certificate, ec.EllipticCurvePrivateKey],
    names: Sequence[str],
    addresses: Sequence[Address],
    at: datetime,
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    above, signing = authority
    key = ec.generate_private_key(ec.SECP256R1())
    told: list[x509.GeneralName] = [
        *(x509.DNSName(name) for name in names),
        *(x509.IPAddress(one) for one in addresses),
    ]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0][:64])]))
        .issuer_name(above.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(days=1))
        .not_valid_after(min(at + timedelta(days=CERTIFICATE_DAYS - 1), above.not_valid_after_utc))
        .add_extension(x509.SubjectAlternativeName(told), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()), critical=False)
        .sign(signing, hashes.SHA256())
    )
    return certificate, key


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates, key_cert_sign=signs_certificates, crl_sign=signs_certificates,
        content_commitment=False, key_encipherment=False, data_encipherment=False, key_agreement=False, encipher_only=False,
        decipher_only=False,
    )  # fmt: skip


def _may_vouch(authority: x509.Certificate, names: Sequence[str], addresses: Sequence[Address]) -> bool:
    permitted = authority.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees or []
    domains = {tree.value for tree in permitted if isinstance(tree, x509.DNSName)}
    networks = [ipaddress.ip_network(tree.value) for tree in permitted if isinstance(tree, x509.IPAddress)]
    return all(any(name == domain or name.endswith(f".{domain}") for domain in domains) for name in names) and all(
        any(address in network for network in networks) for address in addresses
    )


def _told(certificate: x509.Certificate) -> tuple[set[str], set[Address]]:
    told = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    addresses = {ipaddress.ip_address(str(address)) for address in told.get_values_for_type(x509.IPAddress)}
    return set(told.get_values_for_type(x509.DNSName)), addresses


def _lasts(certificate: x509.Certificate, at: datetime) -> bool:
    return certificate.not_valid_before_utc <= at < certificate.not_valid_after_utc - timedelta(days=RENEW_DAYS)


def _read(certificate: Path, key: Path) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey] | None:
    """The pair, or None when it isn't there or its halves don't belong together (a start that was killed between the two)."""
    try:
        cert = x509.load_pem_x509_certificate(certificate.read_bytes())
        private = serialization.load_pem_private_key(key.read_bytes(), password=None)
    except (OSError, ValueError):
        return None
    if not isinstance(private, ec.EllipticCurvePrivateKey) or cert.public_key() != private.public_key():
        return None
    return cert, private


def _write(pair: tuple[x509.Certificate, ec.EllipticCurvePrivateKey], certificate: Path, key: Path) -> None:
    cert, private = pair
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    write_private(key, pem.decode())
    write_private(certificate, cert.public_bytes(serialization.Encoding.PEM).decode())
