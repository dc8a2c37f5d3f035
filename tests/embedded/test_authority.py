"""The certificate for this machine: what browsers ask of one, made once, renewed in time, held to private names."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from revlog.embedded import authority

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
NAMES = ["depot.local", "depot", "localhost"]
ADDRESSES = [ipaddress.ip_address("192.168.7.20"), ipaddress.ip_address("127.0.0.1")]


def made(folder: Path, **changed: object) -> authority.Served:
    told: dict[str, object] = {"names": NAMES, "addresses": ADDRESSES, "at": NOW} | changed
    return authority.provide(folder, **told)  # type: ignore[arg-type]


def trusts(served: authority.Served, subject: x509.GeneralName, *, at: datetime = NOW) -> bool:
    """Whether whoever trusts the authority takes the machine's certificate for ``subject``, by the rules of browsers."""
    store = Store([x509.load_pem_x509_certificate(served.authority.read_bytes())])
    verifier = PolicyBuilder().store(store).time(at).build_server_verifier(subject)  # type: ignore[arg-type]
    try:
        verifier.verify(x509.load_pem_x509_certificate(served.certificate.read_bytes()), [])
    except VerificationError:
        return False
    return True


def test_whoever_trusts_the_authority_trusts_this_machine_by_each_of_its_names(tmp_path: Path) -> None:
    served = made(tmp_path / "tls")

    for name in NAMES:
        assert trusts(served, x509.DNSName(name)), name
    for address in ADDRESSES:
        assert trusts(served, x509.IPAddress(address)), address
    assert not trusts(served, x509.DNSName("bank.example"))


def test_nobody_but_the_account_can_read_the_keys(tmp_path: Path) -> None:
    made(tmp_path / "tls")

    assert {path.name: path.stat().st_mode & 0o077 for path in (tmp_path / "tls").glob("*.key")} == {
        "authority.key": 0,
        "machine.key": 0,
    }


def test_a_second_start_changes_nothing(tmp_path: Path) -> None:
    first = {path.name: path.read_bytes() for path in made(tmp_path / "tls").certificate.parent.iterdir()}
    second = {path.name: path.read_bytes() for path in made(tmp_path / "tls").certificate.parent.iterdir()}

    assert first == second


def test_it_is_renewed_a_month_before_its_end_under_the_same_authority(tmp_path: Path) -> None:
    first = made(tmp_path / "tls")
    before, trusted = first.certificate.read_bytes(), first.authority.read_bytes()
    later = NOW + timedelta(days=authority.CERTIFICATE_DAYS - 10)

    second = made(tmp_path / "tls", at=later)

    assert second.certificate.read_bytes() != before
    assert second.authority.read_bytes() == trusted
    assert trusts(second, x509.DNSName("depot.local"), at=later)


def test_a_new_address_asks_for_no_new_trust(tmp_path: Path) -> None:
    trusted = made(tmp_path / "tls").authority.read_bytes()
    moved = made(tmp_path / "tls", addresses=[ipaddress.ip_address("10.1.2.3")])

    assert moved.authority.read_bytes() == trusted
    assert trusts(moved, x509.IPAddress(ipaddress.ip_address("10.1.2.3")))
    assert not trusts(moved, x509.IPAddress(ADDRESSES[0]))


def test_a_name_that_the_authority_must_not_vouch_for_gets_an_authority_that_may(tmp_path: Path) -> None:
    trusted = made(tmp_path / "tls").authority.read_bytes()
    renamed = made(tmp_path / "tls", names=["depot.example.com"])

    assert renamed.authority.read_bytes() != trusted
    assert trusts(renamed, x509.DNSName("depot.example.com"))


@pytest.mark.parametrize("lost", ["machine.key", "machine.pem", "authority.key", "authority.pem"])
def test_a_start_killed_between_two_files_is_mended_by_the_next(tmp_path: Path, lost: str) -> None:
    served = made(tmp_path / "tls")
    (served.certificate.parent / lost).write_text("half a f")

    assert trusts(made(tmp_path / "tls"), x509.DNSName("depot"))


def test_a_client_that_trusts_the_authority_shakes_hands_and_another_does_not(tmp_path: Path) -> None:
    served = made(tmp_path / "tls", at=datetime.now(UTC))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(served.certificate, served.key)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            for _ in range(2):
                connection, _address = listening.accept()
                try:
                    with context.wrap_socket(connection, server_side=True) as secured:
                        secured.sendall(b"well")
                except OSError:
                    connection.close()

        threading.Thread(target=serve, daemon=True).start()

        def said(client: ssl.SSLContext) -> bytes:
            with (
                socket.create_connection(listening.getsockname(), timeout=10) as plain,
                client.wrap_socket(plain, server_hostname="127.0.0.1") as secured,
            ):
                return secured.recv(10)

        assert said(ssl.create_default_context(cafile=str(served.authority))) == b"well"
        with pytest.raises(ssl.SSLCertVerificationError):
            said(ssl.create_default_context())
