"""The OpenAPI 3.1 document: what every operation shares is added here, so that no endpoint repeats it."""

from __future__ import annotations

import functools
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter
from typing_extensions import override

from revlog.accounts import access, permissions
from revlog.api import idempotency

REFUSALS = {
    "400": "The request can't be read: broken JSON, a bad header, an address that is none.",
    "401": "No key, or one that is unknown, revoked or has ended.",
    "403": "The key lacks the scope, or the act is not for its organization.",
    "404": "There is no such thing, or it isn't yours to see.",
    "409": "The state of things forbids it; `reasons` names every reason.",
    "413": "Larger than is taken here.",
    "415": "A form of content that isn't understood here.",
    "422": "What was sent can't be used; each reason has a `pointer` to its field.",
    "429": "Too many requests; `Retry-After` says when to come again.",
}
PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457 problem details.",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "One sentence that names every reason."},
        "code": {"type": "string", "description": "For programs; it doesn't change."},
        "reasons": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["code", "detail"],
                "properties": {
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                    "pointer": {"type": "string", "description": "JSON pointer to the field at fault."},
                },
            },
        },
    },
}


class Schema(AutoSchema):
    """One operation: its chapter, the scope it needs, and the header that writing ones take."""

    @override
    def get_tags(self) -> list[str]:
        return [getattr(self.view, "tag", "api")]

    @override
    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        found: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        if found is not None:
            found["description"] = f"{found.get('description', '')}\n\nScope: `{self.needs()}`.".strip()
        return found

    def needs(self) -> str:
        """The scope of this operation, as the access table has it."""
        row = access.row_of(type(self.view), None)
        needs = row.needs(self.method, getattr(self.view, "action", None)) if row else ()
        return " or ".join(needs) or "none"

    @override
    def get_override_parameters(self) -> list[Any]:
        found = list(super().get_override_parameters())
        if self.method in idempotency.WRITES:
            found.append(
                OpenApiParameter(
                    idempotency.HEADER,
                    str,
                    OpenApiParameter.HEADER,
                    description="Any text of your choosing: the same request with the same key has its effect once. Kept for 24 hours.",
                )
            )
        return found


class ByGateScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "revlog.api.authentication.ByGate"
    name = "key"

    @override
    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "description": "An API key: `Authorization: Bearer rl_...`."}


def finish(result: dict[str, Any], **_context: Any) -> dict[str, Any]:  # noqa: ANN401 - drf-spectacular's hook
    """Add the problems that every operation may answer, and the scopes with their sentences."""
    components = result.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = PROBLEM
    components["responses"] = {
        f"Problem{code}": {
            "description": sentence,
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for code, sentence in REFUSALS.items()
    }
    for item in result.get("paths", {}).values():
        for method, operation in item.items():
            if method not in {"get", "post", "put", "patch", "delete"}:
                continue
            writes = method != "get"
            named = "{" in next((path for path, other in result["paths"].items() if other is item), "")
            wanted = (
                ["401", "403", "429", "422", "400"]
                + (["404"] if named else [])
                + (["409", "413", "415"] if writes else [])
            )
            for code in sorted(wanted):
                operation["responses"].setdefault(code, {"$ref": f"#/components/responses/Problem{code}"})
    result["x-scopes"] = {name: str(permissions.sentence(name)) for name in permissions.SCOPES}
    result.setdefault("info", {})["license"] = {"name": "Apache-2.0", "identifier": "Apache-2.0"}
    return result


@functools.cache
def document() -> dict[str, Any]:
    """The whole document. It depends on the code alone, so it is made once a process."""
    found: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return found
