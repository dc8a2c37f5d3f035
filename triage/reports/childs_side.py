"""What runs in the child: limits first, then one report after the other from stdin, one answer each to stdout."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import struct
import sys
from pathlib import Path
from typing import Any, NoReturn

from triage.reports import encode, registry
from triage.reports.normal import UnreadableReport

_HEADER = struct.Struct("!QQd")
_LENGTH = struct.Struct("!Q")
_CLONE_NEWNET = 0x40000000
_FORBIDDEN = (
    "socket.",
    "subprocess.",
    "os.system",
    "os.exec",
    "os.fork",
    "os.posix_spawn",
    "os.spawn",
    "os.remove",
    "os.rename",
    "os.mkdir",
    "os.rmdir",
    "os.chmod",
    "os.chown",
    "os.link",
    "os.symlink",
    "os.truncate",
    "os.kill",
    "shutil.",
    "ctypes.",
    "pty.",
)
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def _guard(event: str, args: tuple[Any, ...]) -> None:
    if event == "open":
        flags = args[2] if len(args) > 2 and isinstance(args[2], int) else 0
        if flags & _WRITES:
            raise PermissionError("this process writes no files")
    elif event.startswith(_FORBIDDEN):
        raise PermissionError(f"this process may not {event}")


def _confine() -> None:
    for kind in registry.KINDS:
        registry.format_of(kind)
    # Works where we have the right to it (root, some containers); the guard below holds everywhere.
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).unshare(_CLONE_NEWNET)
    for limit, most in ((resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0), (resource.RLIMIT_NOFILE, 64)):
        _set(limit, most)
    sys.addaudithook(_guard)


def _set(limit: int, most: int) -> None:
    """Set the soft limit, never above the hard one that the service manager may have given us."""
    hard = resource.getrlimit(limit)[1]
    resource.setrlimit(limit, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def _limit(memory_bytes: int, seconds: float) -> None:
    """Narrow this report's memory and processor time; the soft limits move with each report, as the clock runs on."""
    _set(resource.RLIMIT_AS, memory_bytes)
    used = resource.getrusage(resource.RUSAGE_SELF)
    most = int(used.ru_utime + used.ru_stime + seconds) + 1
    _set(resource.RLIMIT_CPU, most)


def _answer(data: bytes) -> dict[str, Any]:
    try:
        return {"report": encode.encode(registry.read(data))}
    except UnreadableReport as refusal:
        return {
            "code": refusal.code,
            "sentence": refusal.sentence,
            "position": refusal.position,
            "kind": refusal.kind,
        }
    except MemoryError:
        return {
            "code": "PARSER_LIMIT",
            "sentence": "Reading the file takes more memory than allowed.",
            "position": None,
        }
    except Exception as error:  # a parser's own fault must still be an answer, with a word to find it by
        return {
            "code": "PARSER_FAULT",
            "sentence": f"The file could not be read: {type(error).__name__} in its reader.",
            "position": _where(error),
        }


def _where(error: Exception) -> str | None:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return None if trace is None else f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"


def _read(length: int) -> bytes:
    data = sys.stdin.buffer.read(length)
    if len(data) < length:
        sys.exit(0)
    return data


def serve() -> NoReturn:
    _confine()
    out = sys.stdout.buffer
    while True:
        length, memory_bytes, seconds = _HEADER.unpack(_read(_HEADER.size))
        data = _read(length)
        _limit(memory_bytes, seconds)
        plain = _answer(data)
        del data
        body = json.dumps(plain).encode()
        out.write(_LENGTH.pack(len(body)) + body)
        out.flush()
