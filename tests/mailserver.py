"""A mail server on loopback, for what really goes over the wire: it takes every mail and keeps it, and may be told to do so slowly."""

from __future__ import annotations

import contextlib
import email
import email.policy
import socketserver
import threading
from collections.abc import Callable, Iterator
from email.message import EmailMessage


class MailServer(socketserver.ThreadingTCPServer):
    """``letters`` holds what was taken, in order. ``on_letter`` is called with each before the sender is told that it was taken."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.letters: list[EmailMessage] = []
        self.on_letter: Callable[[EmailMessage], None] = lambda _letter: None

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.server_address[1]}"

    def take(self, raw: bytes) -> None:
        letter = email.message_from_bytes(raw, policy=email.policy.default)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)
        self.on_letter(letter)


class _Session(socketserver.StreamRequestHandler):
    """RFC 5321 as far as a client that only delivers needs it."""

    server: MailServer

    def handle(self) -> None:
        # The client may be killed in the middle of anything; that is what this is for.
        with contextlib.suppress(ConnectionError):
            self._talk()

    def _talk(self) -> None:
        self._say(220, "loopback")
        while line := self.rfile.readline():
            match line.split(b" ", 1)[0].strip().upper():
                case b"DATA":
                    self._say(354, "go on")
                    if (raw := self._letter()) is None:
                        return
                    self.server.take(raw)
                    self._say(250, "taken")
                case b"QUIT":
                    self._say(221, "bye")
                    return
                case b"EHLO" | b"HELO" | b"MAIL" | b"RCPT" | b"RSET" | b"NOOP":
                    self._say(250, "well")
                case _:
                    self._say(502, "unknown here")

    def _letter(self) -> bytes | None:
        """Everything up to the lone dot; None when the client went before it, so that nothing was sent."""
        raw = b""
        while line := self.rfile.readline():
            if line == b".\r\n":
                return raw
            raw += line[1:] if line.startswith(b".") else line
        return None

    def _say(self, code: int, text: str) -> None:
        self.wfile.write(f"{code} {text}\r\n".encode())


@contextlib.contextmanager
def mail_server() -> Iterator[MailServer]:
    with MailServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join(timeout=10)
