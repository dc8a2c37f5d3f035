"""The plain address beside https: the certificate, the page that explains it, and nothing else."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from http.server import ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from django.test import Client, override_settings

from revlog.embedded import authority, trusting


@pytest.fixture
def served(tmp_path: Path) -> authority.Served:
    return authority.provide(
        tmp_path / "tls", names=["depot.local"], addresses=[ip_address("127.0.0.1")], at=datetime.now(UTC)
    )


@pytest.fixture
def plain(served: authority.Served) -> Iterator[http.client.HTTPConnection]:
    handler = partial(trusting.Handler, authority=served.authority, base="https://depot.local:8000")
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    connection = http.client.HTTPConnection("127.0.0.1", server.server_address[1], timeout=10)
    yield connection
    connection.close()
    server.shutdown()
    server.server_close()


def test_a_tablet_gets_the_certificate_and_the_fingerprint_to_compare(
    plain: http.client.HTTPConnection, served: authority.Served
) -> None:
    plain.request("GET", "/")
    page = plain.getresponse().read().decode()
    plain.request("GET", trusting.CERTIFICATE)
    answer = plain.getresponse()

    certificate = x509.load_der_x509_certificate(answer.read())
    assert answer.headers["Content-Type"] == "application/x-x509-ca-cert"
    assert certificate == x509.load_pem_x509_certificate(served.authority.read_bytes())
    assert authority.fingerprint(served.authority) in page
    assert 'href="https://depot.local:8000/"' in page


@pytest.mark.parametrize(
    ("asked", "led"),
    [
        ("/verify/42/", "https://depot.local:8000/verify/42/"),
        ("//elsewhere.example/x", "https://depot.local:8000/elsewhere.example/x"),
        ("/machine.key", "https://depot.local:8000/machine.key"),
    ],
)
def test_everything_else_is_led_to_the_encrypted_address(
    plain: http.client.HTTPConnection, asked: str, led: str
) -> None:
    plain.request("GET", asked)
    answer = plain.getresponse()

    assert (answer.status, answer.headers["Location"], answer.read()) == (302, led, b"")


def test_the_page_says_how_a_tablet_comes_to_trust_it(client: Client, served: authority.Served, db: None) -> None:
    with override_settings(
        TLS_AUTHORITY=str(served.authority), TRUST_URL="http://192.168.7.20:8001/", BASE_URL="https://192.168.7.20:8000"
    ):
        page = client.get("/connection/", secure=True).content.decode()

    assert authority.fingerprint(served.authority) in page
    assert "http://192.168.7.20:8001/" in page
    assert "This connection allows everything" in page


def test_the_page_says_what_plain_http_lacks_and_how_to_get_it(client: Client, db: None) -> None:
    page = client.get("/connection/", headers={"host": "192.168.7.20:8000"}).content.decode()

    assert "This connection isn't encrypted" in page
    assert "make run TLS=1" in page
