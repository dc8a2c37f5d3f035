"""Reads reports in a child process with narrow limits, since their bytes are a stranger's.

A child is plain Python: no Django, no database, no network, no files to write. It serves many reports, one after the other,
and is replaced after RENEW_AFTER of them and whenever it breaks a limit. Every process has its own children (a forked worker
forgets its parent's), and a thread takes a child for itself for the length of one report.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import select
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO

from triage.reports import encode
from triage.reports.normal import Report, UnreadableReport
from triage.reports.sniff import LARGEST_BYTES

RENEW_AFTER = 500
SECONDS = 20.0
MEMORY_BYTES = 1024 * 1024 * 1024
_IDLE_AT_MOST = 4
_ANSWER_AT_MOST = 64 * 1024 * 1024
_HEADER = struct.Struct("!QQd")
_LENGTH = struct.Struct("!Q")
_ROOT = Path(__file__).resolve().parents[2]
_START = "import sys; sys.path[:0] = [sys.argv[1]]; from triage.reports.childs_side import serve; serve()"


class _ChildError(Exception):
    """The child ended, or would not answer in time."""


class _Child:
    def __init__(self) -> None:
        # The list is fixed and holds no word from outside.
        self.process = subprocess.Popen(
            [sys.executable, "-B", "-E", "-c", _START, str(_ROOT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
            bufsize=0,
        )
        self.reports = 0
        for pipe in (self._pipe(self.process.stdin), self._pipe(self.process.stdout)):
            os.set_blocking(pipe, False)

    @staticmethod
    def _pipe(stream: IO[bytes] | None) -> int:
        if stream is None:
            raise _ChildError
        return stream.fileno()

    def ask(self, data: bytes, *, seconds: float, memory_bytes: int) -> bytes:
        """The child's answer. Raises _ChildError when there is none within the time (a little more than the child gives itself)."""
        until = time.monotonic() + seconds
        self.reports += 1
        self._write(_HEADER.pack(len(data), memory_bytes, seconds), until)
        self._write(data, until)
        (length,) = _LENGTH.unpack(self._read(_LENGTH.size, until))
        if length > _ANSWER_AT_MOST:
            raise _ChildError
        return self._read(length, until)

    def _wait(self, pipe: int, event: int, until: float) -> None:
        poll = select.poll()
        poll.register(pipe, event)
        left = until - time.monotonic()
        if left <= 0 or not poll.poll(left * 1000):
            raise _ChildError

    def _write(self, data: bytes, until: float) -> None:
        pipe = self._pipe(self.process.stdin)
        rest = memoryview(data)
        while rest:
            self._wait(pipe, select.POLLOUT, until)
            try:
                rest = rest[os.write(pipe, rest[: 1 << 20]) :]
            except BlockingIOError:
                continue
            except OSError:
                raise _ChildError from None

    def _read(self, length: int, until: float) -> bytes:
        pipe = self._pipe(self.process.stdout)
        found = bytearray()
        while len(found) < length:
            self._wait(pipe, select.POLLIN, until)
            try:
                part = os.read(pipe, min(length - len(found), 1 << 20))
            except BlockingIOError:
                continue
            if not part:
                raise _ChildError
            found += part
        return bytes(found)

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        self.forget()

    def forget(self) -> None:
        """Close our ends of the pipes; the child ends by itself when the last one is closed."""
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()


class _Pool:
    """The idle children of this process."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.idle: list[_Child] = []

    def take(self) -> tuple[_Child, bool]:
        with self.lock:
            if self.idle:
                return self.idle.pop(), False
        return _Child(), True

    def give_back(self, child: _Child) -> None:
        with self.lock:
            if child.reports < RENEW_AFTER and len(self.idle) < _IDLE_AT_MOST:
                self.idle.append(child)
                return
        child.end()

    def end(self) -> None:
        with self.lock:
            children, self.idle = self.idle, []
        for child in children:
            child.end()

    def forget(self) -> None:
        self.lock = threading.Lock()
        children, self.idle = self.idle, []
        for child in children:
            child.forget()
            # Not our child any more: its end is the parent's to wait for.
            child.process.returncode = 0


_pool = _Pool()
os.register_at_fork(after_in_child=_pool.forget)
atexit.register(_pool.end)


def read_bounded(data: bytes, *, seconds: float = SECONDS, memory_bytes: int = MEMORY_BYTES) -> Report:
    """The report in the bytes, read by a child within ``seconds`` (wall and processor) and ``memory_bytes`` of address space.

    Raises UnreadableReport; a child that crashed or broke a limit is PARSER_LIMIT, and the next report gets a new one.
    """
    if len(data) > LARGEST_BYTES:
        raise UnreadableReport("TOO_LARGE", f"The file has {len(data)} bytes; at most {LARGEST_BYTES} are read.")
    until = time.monotonic() + seconds
    while True:
        child, fresh = _pool.take()
        try:
            answer = child.ask(data, seconds=until - time.monotonic(), memory_bytes=memory_bytes)
        except _ChildError:
            idle_death = not fresh and child.process.poll() is not None and time.monotonic() < until - seconds / 2
            child.end()
            if idle_death:
                # It may have been ended while idle (a signal, the out-of-memory killer): a new one gets its chance.
                continue
            late = time.monotonic() >= until - 0.01
            sentence = (
                f"Reading the file takes more than {seconds:g} seconds." if late else "The file broke its reader."
            )
            raise UnreadableReport("PARSER_LIMIT", sentence) from None
        except BaseException:
            child.end()
            raise
        return _open(answer, child)


def _open(answer: bytes, child: _Child) -> Report:
    try:
        plain = json.loads(answer)
        if "report" in plain:
            report = encode.decode(plain["report"])
            _pool.give_back(child)
            return report
        refusal = UnreadableReport(
            str(plain["code"]), str(plain["sentence"]), plain["position"], kind=plain.get("kind")
        )
    except (ValueError, KeyError, TypeError):
        child.end()
        raise UnreadableReport("PARSER_LIMIT", "The file could not be read.") from None
    if refusal.code == "PARSER_LIMIT":
        child.end()
    else:
        _pool.give_back(child)
    raise refusal
