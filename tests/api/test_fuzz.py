"""Hostile input by the OpenAPI document itself: whatever is sent to whatever operation, the answer is never a fault of ours.

The values come from a seeded source, so that a failure can be repeated; each operation gets a bounded number of tries.
"""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.core.cache import cache

from revlog.api.schema import document
from revlog.common import clock
from revlog.custody.models import Entry
from revlog.devices.models import Device
from tests.api.callers import Caller, caller
from tests.cast import Cast
from tests.factories import devices as make
from tests.factories import terms

TRIES = 10  # tests/prove/test_fuzz.py sends thousands
FINE = frozenset({200, 201, 202, 400, 404, 405, 406, 409, 410, 413, 415, 422, 429})
HOSTILE: list[Any] = [
    # Numbers, text, times and shapes that have felled a program somewhere.
    None, True, False, 0, -1, 1, 2**31, 2**63, 2**70, -(2**63) - 1, 1.5, 1e308, "", " ", "\x00", "a\x00b",
    "\ud800", "0", "-1", "1e999",
    "NaN", "null", "x" * 5000, "Ω≈ç√∫", "🙂" * 50, "../../etc/passwd", "'; DROP TABLE devices_device; --",
    "%s%s%n", "{{7*7}}", "=cmd()",
    "<svg onload=alert(1)>", "2026-02-30T25:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00",
    "2026-01-01", str(uuid.UUID(int=0)),
    "RL-0000-0000", "490154203237518", [], {}, [[]], [None], {"a": {"b": {}}}, ["x"] * 300, [{}] * 50,
    {"$ne": 1}, "true", "\r\nX: y", "\\u0000",
]  # fmt: skip


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document()["paths"].items():
        for method, operation in item.items():
            if method in {"get", "post", "put", "patch", "delete"}:
                yield method, path, operation


OPERATIONS = list(operations())


class Maker:
    """Values for a schema: mostly right, so that the next check is reached, now and then hostile."""

    def __init__(self, seed: str, known: dict[str, list[Any]]) -> None:
        self.source = random.Random(seed)
        self.known = known

    def whole(self, schema: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in schema:
            found: Any = document()
            for part in schema["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            schema = found
        for several in ("allOf", "oneOf", "anyOf"):
            if schema.get(several):
                return self.whole(self.source.choice(schema[several]))
        return schema

    def value(self, schema: dict[str, Any], name: str = "") -> Any:
        if self.source.random() < 0.15:
            return self.source.choice(HOSTILE)
        if name in self.known and self.source.random() < 0.8:
            return self.source.choice(self.known[name])
        schema = self.whole(schema)
        if schema.get("enum"):
            return self.source.choice(schema["enum"])
        kind = schema.get("type", "string")
        kind = self.source.choice(kind) if isinstance(kind, list) else kind
        if kind == "object":
            needed = set(schema.get("required", []))
            made = {
                each: self.value(part, each)
                for each, part in schema.get("properties", {}).items()
                if each in needed or self.source.random() < 0.5
            }
            if self.source.random() < 0.05:
                made["surprise"] = self.source.choice(HOSTILE)
            return made
        if kind == "array":
            return [self.value(schema.get("items", {}), name) for _ in range(self.source.randint(0, 3))]
        if kind == "integer":
            return self.source.choice([schema.get("minimum", 0), 1, 2, 7, schema.get("maximum", 100)])
        if kind == "boolean":
            return self.source.random() < 0.5
        if kind == "null":
            return None
        if schema.get("format") == "date-time":
            return "2026-10-20T09:00:00Z"
        if schema.get("format") == "uuid":
            return str(uuid.UUID(int=self.source.getrandbits(128), version=4))
        return self.source.choice(
            ["x", "PF1ABCDE", "1.00", "rotterdam", "demo", "a" * int(schema.get("maxLength", 20))]
        )


def text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def tried(them: Caller, maker: Maker, method: str, path: str, operation: dict[str, Any]) -> tuple[int, str]:
    query, headers = {}, dict(them.headers)
    for one in operation.get("parameters", []):
        value = text(maker.value(one.get("schema", {}), one["name"]))
        if one["in"] == "path":
            filled = value.encode("utf-8", "replace").decode()[:300] or "x"
            path = path.replace("{" + one["name"] + "}", quote(filled, safe=""))
        elif one["in"] == "query" and maker.source.random() < 0.4:
            query[one["name"]] = value.encode("utf-8", "replace").decode()
        elif one["in"] == "header" and maker.source.random() < 0.3:
            headers[one["name"]] = "".join(letter for letter in value if 32 <= ord(letter) < 256)[:300]
    address = f"{path}?{urlencode(query)}" if query else path
    if method == "get":
        answer = them.client.get(address, headers=headers)
        if getattr(answer, "streaming", False):
            list(answer.streaming_content)
        return answer.status_code, address
    content = operation.get("requestBody", {}).get("content", {})
    form = maker.source.choice(list(content) or ["application/json"])
    body = maker.value(content[form].get("schema", {})) if form in content else {}
    raw = json.dumps(body).encode() if form == "application/json" else text(body).encode("utf-8", "replace")
    if maker.source.random() < 0.1:
        raw = raw[: maker.source.randint(0, max(1, len(raw)))]
    form = "multipart/form-data; boundary=b" if form.startswith("multipart/") else form
    answer = getattr(them.client, method)(address, data=raw, content_type=form, headers=headers)
    return answer.status_code, f"{address} {raw[:300]!r}"


def hammer(
    cast: Cast, method: str, path: str, operation: dict[str, Any], *, seed: str = "", tries: int = TRIES
) -> dict[int, int]:
    """Send that operation so many requests about things that are there; how often each status was answered."""
    cache.clear()
    device = make.triaged(cast)
    order = terms.order(cast, at=clock.now())
    them = caller(cast)
    rma = them.post("/rmas/", {"order": order.number, "lines": [{"order_line": 1, "reason": "CHANGED_MIND"}]}).json()
    unit = rma["lines"][0]["units"][0]["id"]
    ids = [str(device.id), device.tag] if "/devices/" in path else [rma["id"], rma["number"]]
    known = {
        "id": ids, "code": ["PF1ABCDE", device.tag], "order": [order.number], "order_line": [1], "unit": [unit, device.tag],
        "hub": ["rotterdam"], "owner": ["demo", "operator"], "seller": ["retailer"], "serial": ["PF1ABCDE", "OTHER123"],
        "reason": ["CHANGED_MIND", "because"],
    }  # fmt: skip
    maker = Maker(f"{method} {path}{seed}", known)
    seen: dict[int, int] = {}
    for _ in range(tries):
        status, sent = tried(them, maker, method, path, operation)
        seen[status] = seen.get(status, 0) + 1
        assert status in FINE, (status, sent)
    # What was refused half-way would leave a unit whose state its chain doesn't tell.
    for row in Device.objects.all():
        assert Entry.objects.filter(chain_id=row.id, sequence=row.state_sequence).exists()
    return seen


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS, ids=[f"{m} {p}" for m, p, _o in OPERATIONS])
def test_it_never_falls_over_whatever_is_sent(cast: Cast, method: str, path: str, operation: dict[str, Any]) -> None:
    assert sum(hammer(cast, method, path, operation).values()) == TRIES
