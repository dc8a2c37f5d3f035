"""The OpenAPI document turned into what the docs page shows: chapters, operations, fields, and a call to copy.

The page is made on our side. The usual viewers write styles into the page and evaluate code, which our Content-Security-Policy refuses.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

METHODS = ("get", "post", "put", "patch", "delete")
PROBLEMS: Mapping[str, str] = {
    "already-known": "A unit with one of these names is here. Say that it arrived (again) instead of making a twin.",
    "ambiguous": "Several units answer to that name; tell the maker or scan the tag.",
    "bad-idempotency-key": "The header is no key: 1 to 200 printable ASCII characters.",
    "bad-input": "What was sent can't be used; each reason has a pointer to its field.",
    "busy": "Somebody else works on the same thing at this moment; send it again.",
    "csrf": "A session writes to the API with its CSRF token only. Keys need none.",
    "erased": "The bytes were erased; the tombstone says why.",
    "fault": "A fault of ours; nothing was half-written.",
    "idempotency-key-reused": "The key was used for another request; use a new one.",
    "in-progress": "The first request with this key has no answer yet; send it again.",
    "method-not-allowed": "This address doesn't take that method.",
    "not-acceptable": "The answer doesn't come in the form that was asked for.",
    "not-allowed": "The key or person may see the thing but not do this to it.",
    "not-authenticated": "No key, or one that is unknown, revoked or has ended.",
    "not-found": "There is no such thing, or it isn't yours to see: a stranger is told the same.",
    "refused": "The state of things forbids it; every reason is named.",
    "refused-by-guard": "A guard in the database stopped it; nothing was written.",
    "too-large": "What was sent is larger than is taken here.",
    "too-many": "Too many requests; Retry-After says when to come again.",
    "unable-to-move": "The unit can't make this move; every reason is named.",
    "unable-to-put": "The unit can't be put in that place: it is full, not in use, or not secured.",
    "unable-to-release": "The hold isn't open, or it is your own.",
    "unreadable": "The request can't be read; line and column are named where there are any.",
    "unsupported-media-type": "A form of content that isn't understood here.",
}
"""What the ``type`` of a problem leads to, by its last part. A code that is not among them has said all it has to say in its reasons."""


@dataclass(frozen=True)
class Field:
    """One line of a table. ``name`` has dots where it lies deeper."""

    name: str
    type: str
    required: bool
    told: list[tuple[bool, str]]
    choices: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Answer:
    status: str
    form: str
    fields: list[Field]
    told: str = ""


@dataclass(frozen=True)
class Operation:
    id: str
    method: str
    path: str
    summary: str
    paragraphs: list[list[tuple[bool, str]]]
    scope: str
    parameters: list[Field]
    body: list[Field]
    forms: list[str]
    answers: list[Answer]
    curl: str


@dataclass(frozen=True)
class Chapter:
    tag: str
    operations: list[Operation]


@dataclass(frozen=True)
class Reference:
    title: str
    version: str
    chapters: list[Chapter]
    scopes: list[tuple[str, str]]
    problems: list[tuple[str, str]]
    curl: str


def told(text: str) -> list[tuple[bool, str]]:
    """``text`` in pieces: (is it code, the piece). Backticks are all the markup there is."""
    return [(place % 2 == 1, piece) for place, piece in enumerate(text.split("`")) if piece]


class _Reader:
    def __init__(self, document: Mapping[str, Any], base: str) -> None:
        self.document = document
        self.base = base.rstrip("/")

    def whole(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """``schema`` with its reference followed."""
        seen = 0
        while "$ref" in schema and seen < 10:
            found: Any = self.document
            for part in schema["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            schema, seen = {**found, **{k: v for k, v in schema.items() if k != "$ref"}}, seen + 1
        if len(schema.get("allOf", [])) == 1:
            schema = {**self.whole(schema["allOf"][0]), **{k: v for k, v in schema.items() if k != "allOf"}}
        return schema

    def type_of(self, schema: Mapping[str, Any]) -> str:
        schema = self.whole(schema)
        if several := schema.get("oneOf") or schema.get("anyOf"):
            return " or ".join(dict.fromkeys(self.type_of(one) for one in several))
        kinds = schema.get("type", "any")
        kinds = [kinds] if isinstance(kinds, str) else list(kinds)
        name = " or ".join(kinds)
        if "array" in kinds:
            name = name.replace("array", f"list of {self.type_of(schema.get('items', {}))}")
        return f"{name} ({schema['format']})" if "format" in schema else name

    def choices(self, schema: Mapping[str, Any]) -> list[str]:
        schema = self.whole(schema)
        if "items" in schema:
            schema = self.whole(schema["items"])
        found = list(schema.get("enum", []))
        for one in [*schema.get("oneOf", []), *schema.get("anyOf", [])]:
            found += self.whole(one).get("enum", [])
        return [str(choice) for choice in found if choice not in {None, ""}]

    def fields(self, schema: Mapping[str, Any], above: str = "", depth: int = 0) -> Iterator[Field]:
        schema = self.whole(schema)
        if schema.get("type") == "array":
            yield from self.fields(schema.get("items", {}), f"{above}[]" if above else "[]", depth)
            return
        required = set(schema.get("required", []))
        for name, part in schema.get("properties", {}).items():
            shown = f"{above}.{name}" if above else name
            full = self.whole(part)
            yield Field(
                shown, self.type_of(part), name in required, told(full.get("description", "")), self.choices(part)
            )
            inner = self.whole(full.get("items", {})) if full.get("type") == "array" else full
            if depth < 3 and inner.get("properties"):
                yield from self.fields(inner, f"{shown}[]" if full.get("type") == "array" else shown, depth + 1)

    def parameters(self, operation: Mapping[str, Any]) -> list[Field]:
        found = []
        for one in operation.get("parameters", []):
            schema = one.get("schema", {})
            place = {"path": "in the address", "header": "header"}.get(one["in"], "query")
            found.append(
                Field(
                    one["name"],
                    f"{self.type_of(schema)}, {place}",
                    one.get("required", False),
                    told(one.get("description", "")),
                    self.choices(schema),
                )
            )
        return sorted(found, key=lambda each: (not each.required, each.name == "Idempotency-Key"))

    def example(self, schema: Mapping[str, Any], depth: int = 0) -> Any:  # noqa: ANN401 - any JSON
        schema = self.whole(schema)
        for name in ("example", "default"):
            if schema.get(name) not in (None, ""):
                return schema[name]
        if schema.get("examples"):
            return schema["examples"][0]
        if choices := self.choices(schema):
            return choices[0]
        kind = schema.get("type", "string")
        kind = kind if isinstance(kind, str) else kind[0]
        if kind == "object":
            wanted = set(schema.get("required", []))
            return {
                name: self.example(part, depth + 1)
                for name, part in schema.get("properties", {}).items()
                if depth < 4 and name in wanted
            }
        if kind == "array":
            return [self.example(schema.get("items", {}), depth + 1)]
        return {"integer": 1, "number": 1, "boolean": True}.get(kind, "…")

    def curl(self, method: str, path: str, operation: Mapping[str, Any]) -> str:
        lines = [f"curl {self.base}{path}" if method == "get" else f"curl -X {method.upper()} {self.base}{path}"]
        lines.append("-H 'Authorization: Bearer '\"$KEY\"")
        if method != "get":
            lines.append("-H 'Idempotency-Key: '\"$(uuidgen)\"")
        content = operation.get("requestBody", {}).get("content", {})
        if "application/json" in content:
            body = self.example(content["application/json"]["schema"])
            lines += ["-H 'Content-Type: application/json'", f"-d '{json.dumps(body, ensure_ascii=False)}'"]
        elif content:
            form = next(iter(content))
            lines += (
                ["-F file=@FILE"]
                if form.startswith("multipart/")
                else [f"-H 'Content-Type: {form}'", "--data-binary @FILE"]
            )
        return " \\\n  ".join(lines)

    def answers(self, operation: Mapping[str, Any]) -> list[Answer]:
        found = []
        for status, response in operation.get("responses", {}).items():
            if not str(status).startswith("2"):
                continue
            content = response.get("content", {})
            for form, one in content.items():
                found.append(
                    Answer(str(status), form, list(self.fields(one.get("schema", {}))), response.get("description", ""))
                )
            if not content:
                found.append(Answer(str(status), "", [], response.get("description", "")))
        return found

    def operation(self, method: str, path: str, operation: Mapping[str, Any]) -> Operation:
        paragraphs = [part.strip() for part in operation.get("description", "").split("\n\n") if part.strip()]
        scope = next((part for part in paragraphs if part.startswith("Scope: ")), "")
        content = operation.get("requestBody", {}).get("content", {})
        first: Mapping[str, Any] = content.get("application/json") or next(iter(content.values()), {})
        return Operation(
            id=operation["operationId"],
            method=method.upper(),
            path=path,
            summary=operation.get("summary", operation["operationId"]),
            paragraphs=[told(" ".join(part.split())) for part in paragraphs if part != scope],
            scope=scope.removeprefix("Scope: ").strip("`."),
            parameters=self.parameters(operation),
            body=list(self.fields(first.get("schema", {}))),
            forms=list(content),
            answers=self.answers(operation),
            curl=self.curl(method, path, operation),
        )


def of(document: Mapping[str, Any], *, base: str) -> Reference:
    """``document`` (OpenAPI 3.1) as the page shows it; ``base`` is where this install answers, for the calls to copy."""
    reader = _Reader(document, base)
    chapters: dict[str, list[Operation]] = {}
    for path, item in document.get("paths", {}).items():
        for method in METHODS:
            if method in item:
                found = reader.operation(method, path, item[method])
                chapters.setdefault(item[method].get("tags", ["api"])[0], []).append(found)
    info = document.get("info", {})
    return Reference(
        title=info.get("title", "API"),
        version=str(info.get("version", "")),
        chapters=[Chapter(tag, operations) for tag, operations in chapters.items()],
        scopes=list(document.get("x-scopes", {}).items()),
        problems=list(PROBLEMS.items()),
        curl=f"curl {base.rstrip('/')}/api/v1/devices/ -H 'Authorization: Bearer '\"$KEY\"",
    )
