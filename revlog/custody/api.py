"""Ledger entries over the API: the log in its one order, and the entries of one chain."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import F, Max, QuerySet
from django.http import StreamingHttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from typing_extensions import override

from revlog.accounts.actors import Actor
from revlog.accounts.endpoints import Endpoint
from revlog.common.shapes import LARGEST, Output
from revlog.common.words import Audience
from revlog.custody import digests, facts
from revlog.custody.models import Entry, LogPlace

USUAL, MOST = 200, 5000
LOOKED_THROUGH = 20_000
"""Places of the log that one request looks through at most: whose entries are few and far between gets an empty page and goes on."""


class LinesRenderer(BaseRenderer):
    """``application/x-ndjson``: one entry a line."""

    media_type = "application/x-ndjson"
    format = "ndjson"
    charset = "utf-8"

    @override
    def render(self, data: Any, accepted_media_type: Any = None, renderer_context: Any = None) -> bytes:
        # A list streams by itself; what comes here is a problem, and that is JSON.
        return JSONRenderer().render(data)


class EntryOut(Output):
    """One entry as it is hashed, with its place in the log and a sentence that says what it says."""

    position = serializers.IntegerField(
        allow_null=True, help_text="Place in the log; null for the second or so until the sequencer has placed it."
    )
    chain = serializers.CharField(help_text="The thing it is about, such as `unit:<uuid>`.")
    sequence = serializers.IntegerField(help_text="Its place in the chain, from 1.")
    kind = serializers.CharField(help_text="What was done, dotted and in the past tense, such as `devices.arrived`.")
    version = serializers.IntegerField()
    occurred_at = serializers.DateTimeField(help_text="When it happened in the world.")
    recorded_at = serializers.DateTimeField(help_text="When it was written down.")
    actor = serializers.CharField(help_text="Who did it: a reference, never a name.")
    key = serializers.CharField()
    payload = serializers.DictField(
        allow_null=True, help_text="What was said. Null where the entry is none of the caller's business."
    )
    previous = serializers.CharField(help_text="Digest of the entry before it; 64 zeros for the first.")
    digest = serializers.CharField(help_text="SHA-256 over the canonical JSON of all the above but `recorded_at`.")
    sentence = serializers.CharField(allow_null=True)


class EntryPage(Output):
    results = EntryOut(many=True)
    position = serializers.IntegerField(help_text="Ask for what comes `after` it.")
    next = serializers.URLField(allow_null=True, help_text="Null when the end was reached.")


def audience_of(actor: Actor) -> Audience:
    """In whose words an actor reads the ledger."""
    return Audience.STAFF if actor.is_operator else Audience.CLIENT


def shown(entry: Entry, *, actor: Actor) -> dict[str, Any]:
    """``entry`` as EntryOut has it. What was said for our own people alone is left out for others; digests stay, so that chains hold."""
    audience = audience_of(actor)
    sentence = entry.told_to(audience)
    return {
        "position": getattr(entry, "position", None),
        "chain": f"{entry.chain.kind}:{entry.chain_id}",
        "sequence": entry.sequence,
        "kind": entry.kind,
        "version": entry.version,
        "occurred_at": digests.utc_text(entry.occurred_at),
        "recorded_at": digests.utc_text(entry.recorded_at),
        "actor": entry.actor,
        "key": entry.key,
        "payload": entry.payload if actor.is_operator or sentence is not None else None,
        "previous": entry.previous,
        "digest": entry.digest,
        "sentence": sentence,
    }


def number(request: Request, name: str, *, usual: int, least: int = 0, most: int = LARGEST) -> int:
    """A whole number of the query. Raises a ValidationError naming the bounds."""
    text = request.query_params.get(name)
    if text is None or text == "":
        return usual
    if not text.isascii() or not text.isdigit() or len(text) > 16 or not least <= int(text) <= most:
        told = _("A whole number from %(least)s to %(most)s is wanted.") % {"least": least, "most": most}
        raise serializers.ValidationError({name: [told]})
    return int(text)


def only(request: Request, *names: str) -> None:
    """Refuse what else is asked by: a filter that is silently ignored gives the wrong rows."""
    unknown = [name for name in request.query_params if name not in names]
    if unknown:
        told = _("There is no such filter; there are %(known)s.") % {"known": ", ".join(sorted(names))}
        raise serializers.ValidationError({name[:60]: [told] for name in unknown[:20]}, code="unknown_filter")


def answered(
    request: Request, entries: Iterable[Entry], *, actor: Actor, position: int, more: bool, by: str = "after"
) -> Response | StreamingHttpResponse:
    """A page of entries, as JSON or one a line; ``position`` is where it ends, ``by`` what the next page is asked by."""
    address = replace_query_param(request.build_absolute_uri(), by, str(position)) if more else None
    if request.accepted_renderer.format == LinesRenderer.format:
        response = StreamingHttpResponse(_lines(entries, actor=actor), content_type="application/x-ndjson")
        response.headers["Revlog-Position"] = str(position)
        if address:
            response.headers["Link"] = f'<{address}>; rel="next"'
        return response
    results = [shown(entry, actor=actor) for entry in entries]
    return Response({"results": results, "position": position, "next": address})


def _lines(entries: Iterable[Entry], *, actor: Actor) -> Iterator[str]:
    for entry in entries:
        yield json.dumps(shown(entry, actor=actor), ensure_ascii=False, separators=(",", ":")) + "\n"


AFTER = OpenApiParameter("after", int, description="Begin behind this place; 0 is the very beginning.")
LIMIT = OpenApiParameter("limit", int, description=f"Entries a page, at most {MOST}.")


class EntriesEndpoint(mixins.ListModelMixin, Endpoint):
    """The log: every entry that the caller may read, in the one order in which they were placed, without a gap and without a change.

    Keep `position` and ask for what comes `after` it: nothing is ever inserted before a place that was given. With
    `Accept: application/x-ndjson` there is one entry a line, the position in `Revlog-Position`, the next address in `Link`.
    """

    scopes = {"read": "entries:read"}
    tag = "entries"
    queryset = Entry.objects.all()
    serializer_class = EntryPage
    renderer_classes = [JSONRenderer, LinesRenderer]
    filter_backends = []
    pagination_class = None

    @extend_schema(
        summary="Read the log on from a position",
        parameters=[AFTER, LIMIT, OpenApiParameter("kind", str, description="Only entries of this kind.")],
        responses={(200, "application/json"): EntryPage, (200, "application/x-ndjson"): EntryOut},
    )
    @override
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response | StreamingHttpResponse:  # type: ignore[override]
        only(request, "after", "limit", "kind")
        after = number(request, "after", usual=0)
        limit = number(request, "limit", usual=USUAL, least=1, most=MOST)
        end = LogPlace.objects.aggregate(end=Max("position"))["end"] or 0
        until = min(end, after + LOOKED_THROUGH)
        rows: QuerySet[Entry] = self.get_queryset().filter(place__position__gt=after, place__position__lte=until)
        if kind := request.query_params.get("kind"):
            if kind not in facts.kinds():
                raise serializers.ValidationError({"kind": [_("There is no such kind of entry.")]})
            rows = rows.filter(kind=kind)
        found = list(
            rows.annotate(position=F("place__position")).select_related("chain").order_by("place__position")[:limit]
        )
        position = found[-1].position if len(found) == limit else max(after, until)
        return answered(request, found, actor=self.actor, position=position, more=position < end)
