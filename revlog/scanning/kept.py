"""Acts that carry a key are done once, in the order they were made, also when they waited on a tablet for the net (docs/offline.md).

A middleware and not a decorator: whatever a page of the floor posts may wait, and no view has a second door for it.
"""

from __future__ import annotations

import base64
import binascii
import json
import logging
import re
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.signals import got_request_exception
from django.db import DatabaseError, OperationalError, connection, transaction
from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from revlog.accounts import access
from revlog.accounts.gate import actor_for
from revlog.accounts.models import User
from revlog.common import clock
from revlog.common.errors import DomainError
from revlog.common.lateness import Late, late
from revlog.scanning import answers, conflicts, tablets
from revlog.scanning.answers import Answer
from revlog.scanning.models import Act, ActFile, Outcome

log = logging.getLogger(__name__)

FORM = 1
"""The version of what the floor's pages send. Raise it when fields change their meaning; see ``OLDEST``."""
OLDEST = 1
"""The oldest version that is still understood."""
LATE = timedelta(seconds=2)
"""What comes later than this was kept on the tablet: it happened when it was made, and others may have come between."""
KEY, SEQUENCE, MADE, OFFSET = "Idempotency-Key", "Act-Sequence", "Act-At", "Act-Offset"
FORM_HEADER, PERSON, HUB, LABEL, AGAIN, KEEP, PATH = (
    "Act-Form", "Act-Person", "Act-Hub", "Act-Label", "Act-Again", "Act-Keep", "Act-Path",
)  # fmt: skip
OUTCOME, CLOCK, NEXT = "Act-Outcome", "Act-Clock", "Act-Next"
AGAIN_HEADERS = ("Content-Type", "HX-Redirect", "HX-Location", "HX-Reswap")
MOST_BODY = 200_000
MOST_FILES, MOST_FIELDS, MOST_TOLD, MOST_PHOTO = 6, 100, 1_000_000, 15 * 1024 * 1024
_KEY = re.compile(r"[0-9A-Za-z-]{16,64}")
_PEN = "data:image/png;base64,"
_NO_ACTS = frozenset({access.PUBLIC, access.GUEST, access.STATION, access.PERSONAL})
"""Signing in, and what is one's own, is no work on the floor: a wrong PIN counts, though it is refused."""
_REFUSED = b'data-tone="refused"'
_LONGEST_OFFSET = 20 * 366 * 24 * 3600 * 1000


@dataclass
class Doing:
    """An act while it is done: what its headers said, and what is found out about it."""

    key: str
    tablet: str
    sequence: int
    told_at: datetime
    offset_ms: int | None
    made_at: datetime
    taken_at: datetime
    form: str
    label: str
    path: str
    again: str
    row: int = 0
    answer: Answer | None = None
    hand: dict[str, str] = field(default_factory=dict)
    """What lay in the person's hand after it."""
    hand_before: dict[str, str] = field(default_factory=dict)
    put_down: Callable[[], None] | None = None
    """Writes what lies in the hand: also after a refusal, of which nothing else is kept."""
    at: datetime = field(init=False)
    """When it happened: when it was made, of one that waited; else now. Never before what the same person did there before it."""

    def __post_init__(self) -> None:
        self.at = self.made_at if self.is_late else self.taken_at

    @property
    def is_late(self) -> bool:
        return self.taken_at - self.made_at > LATE

    @property
    def pending(self) -> int:
        """Seconds for which it waited on the tablet."""
        return int((self.taken_at - self.made_at).total_seconds()) if self.is_late else 0

    def follows(self, before: datetime) -> None:
        """The tablet's clock is measured anew with each answer, and may seem to run back between two acts."""
        self.at = min(max(self.at, before + timedelta(microseconds=1)), self.taken_at)


def of(request: HttpRequest) -> Doing | None:
    found: Doing | None = getattr(request, "act", None)
    return found


def tell(request: HttpRequest, error: DomainError) -> None:
    """A view that shows a refusal on a page of its own says it here too: whoever sent the act has no such page before them."""
    if (doing := of(request)) is not None:
        doing.answer = answers.refused(error.sentence)


class OnceOnly:
    """Middleware, after the gate: POSTs with ``Idempotency-Key``, ``Act-Device`` and ``Act-Sequence`` are done once."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        if request.method != "POST" or not isinstance(request.user, User) or request.path.startswith("/api/"):
            return None
        row = access.row_of(view, request.resolver_match.url_name if request.resolver_match else None)
        if row is None or _NO_ACTS.intersection(row.write):
            return None
        doing = _read(request)
        if doing is None:
            return None
        response = _once(request, request.user, doing, lambda: view(request, *args, **kwargs))
        response.headers[CLOCK] = str(int(clock.now().timestamp() * 1000))
        return response


def _read(request: HttpRequest) -> Doing | None:
    told = request.headers
    key, tablet, sequence = told.get(KEY, ""), told.get(tablets.HEADER, ""), told.get(SEQUENCE, "")
    if not _KEY.fullmatch(key) or not tablets.SHAPE.fullmatch(tablet) or not re.fullmatch(r"[0-9]{1,15}", sequence):
        return None
    now = clock.now()
    try:
        made = parse_datetime(told.get(MADE, "")[:40])
    except ValueError:
        made = None
    if made is None or made.tzinfo is None:
        made = now
    offset = int(told[OFFSET]) if re.fullmatch(r"-?[0-9]{1,15}", told.get(OFFSET, "")) else None
    if offset is not None and abs(offset) > _LONGEST_OFFSET:
        offset = None
    try:
        corrected = made + timedelta(milliseconds=offset or 0)
    except OverflowError:
        corrected = now
    return Doing(
        key=key,
        tablet=tablet,
        sequence=int(sequence),
        told_at=made,
        offset_ms=offset,
        made_at=min(corrected, now),
        taken_at=now,
        form=_printable(told.get(FORM_HEADER, ""), 40),
        label=_printable(request.POST.get("act_label", ""), 200),
        path=request.path[:300],
        again=told.get(AGAIN, "")[:64],
    )


def _printable(text: str, most: int) -> str:
    return "".join(letter for letter in text[: most * 4] if letter.isprintable())[:most]


def _version(form: str) -> int:
    number = form.partition("-")[0]
    return int(number) if re.fullmatch(r"[0-9]{1,6}", number) else 0


def _once(request: HttpRequest, person: User, doing: Doing, act: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    place = request.standing.place if getattr(request, "standing", None) else None  # type: ignore[attr-defined]
    hub = place.hub if place is not None else None
    if request.headers.get(PERSON, "") != str(person.pk):
        return _later(request, "other-person", _("This was done by another person. It waits until they sign in here."))
    if (site := request.headers.get(HUB, "")) and (hub is None or site != str(hub.pk)):
        return _later(request, "other-site", _("This was done at another site. It waits until you choose that site."))
    try:
        with transaction.atomic():
            earlier = _claim(person, hub.pk if hub is not None else None, doing)
            if earlier is not None:
                return _repeated(earlier)
            rows = Act.objects.filter(person=person, tablet=doing.tablet).exclude(pk=doing.row)
            before = rows.aggregate(last=Max("sequence"), at=Max("made_at"))
            last = before["last"]
            if last is not None and doing.sequence > last + 1:
                transaction.set_rollback(True)
                waits = _later(request, "wait", _("What was done before it has not come yet."), status=425)
                waits.headers[NEXT] = str(last + 1)
                return waits
            if before["at"] is not None:
                doing.follows(before["at"])
            response = _do(request, doing, act)
            if transaction.get_rollback():
                # The ledger moved under it, and nothing of this may be kept: it comes again.
                return _later(request, "wait", _("Somebody else acted at the same moment."), status=503)
            return response
    except OperationalError:
        log.warning("an act met a lock or a lost connection, and comes again", exc_info=True)
        return _later(request, "wait", _("The platform is busy."), status=503)
    except Http404:
        # What it was about isn't there any more, or not for this person: no fault, and nothing was done.
        return _taken_back(request, person, hub.pk if hub is not None else None, doing, "gone")
    except Exception:
        got_request_exception.send(sender=OnceOnly, request=request)
        log.exception("an act of the floor broke: %s", doing.path)
        return _taken_back(request, person, hub.pk if hub is not None else None, doing, "broken")


def _claim(person: User, hub: Any, doing: Doing) -> Act | None:  # noqa: ANN401 - whatever the hub's key is
    """Write the act's row; the earlier one of the same key where there is one. A twin waits until the first is through."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO scanning_act (person_id, key, tablet, sequence, hub_id, form, url, label, told_at, offset_ms, made_at,"
            " taken_at, outcome, status, body, headers, hand, fields, story, settled_by, settled_how, settled_why)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 0, '', '{}', '{}', '{}', '{}', '', '', '')"
            " ON CONFLICT (person_id, key) DO NOTHING RETURNING id",
            [
                person.pk, doing.key, doing.tablet, doing.sequence, hub, doing.form, doing.path, doing.label, doing.told_at,
                doing.offset_ms, doing.made_at, doing.taken_at, Outcome.ACCEPTED.value,
            ],
        )  # fmt: skip
        made = cursor.fetchone()
    if made is None:
        return Act.objects.get(person=person, key=doing.key)
    doing.row = made[0]
    return None


def _do(request: HttpRequest, doing: Doing, act: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    if why := request.headers.get(KEEP, ""):
        doing.path = _printable(request.headers.get(PATH, ""), 300) or doing.path
        said = conflicts.HELD.get(why, conflicts.HELD["refused"])
        return _aside(request, doing, Outcome.HELD, {"said": str(said)})
    if _version(doing.form) < OLDEST:
        return _aside(
            request,
            doing,
            Outcome.TOO_OLD,
            {"said": _("The tablet's page was older than what is understood here. Load it anew.")},
        )
    hours = int((doing.taken_at - doing.made_at).total_seconds() // 3600)
    if hours >= settings.ACT_HOURS:
        told = ngettext(
            "It was made %s hour ago, which is too long.", "It was made %s hours ago, which is too long.", hours
        )
        return _aside(request, doing, Outcome.CONFLICT, {"said": told % hours})
    told_late = Late(doing.made_at, actor_for(request).reference)
    request.act = doing  # type: ignore[attr-defined]
    with late(told_late) if doing.is_late else nullcontext():
        response, went_wrong = _tried(doing, act)
    if transaction.get_rollback() or not isinstance(response, HttpResponse):
        return response
    if doing.put_down is not None:
        doing.put_down()
    if doing.is_late and went_wrong:
        story = {"said": _said(doing, response), "theirs": told_late.story or conflicts.others(doing, told_late)}
        return _aside(request, doing, Outcome.CONFLICT, story)
    return _done(request, doing, response, Outcome.REFUSED if went_wrong else Outcome.ACCEPTED)


def _tried(doing: Doing, act: Callable[[], HttpResponseBase]) -> tuple[HttpResponseBase, bool]:
    """What the view answers, and whether it refuses: then nothing stays of what it did before it saw that it can't be done."""
    with transaction.atomic():
        response = act()
        moved, went_wrong = transaction.get_rollback(), _refuses(doing, response)
        if went_wrong:
            transaction.set_rollback(True)
    if moved:
        transaction.set_rollback(True)
    return response, went_wrong


def _refuses(doing: Doing, response: HttpResponseBase) -> bool:
    if response.status_code >= 400 or not isinstance(response, HttpResponse):
        return response.status_code >= 400
    if doing.answer is not None:
        return doing.answer.get("tone") == "refused" and not doing.answer.get("stands", False)
    return _REFUSED in response.content


def _said(doing: Doing, response: HttpResponse) -> str:
    if doing.answer is None:
        return _("It is refused now.")
    title, text = doing.answer.get("title", ""), doing.answer.get("text", "")
    return f"{title}: {text}" if title and text else title or text


def _done(request: HttpRequest, doing: Doing, response: HttpResponse, outcome: Outcome) -> HttpResponse:
    """The answer, kept for whoever sends the act again; a page that it leads to is told instead of followed."""
    if 300 <= response.status_code < 400 and "Location" in response.headers:
        followed = HttpResponse()
        followed.headers["HX-Redirect"] = response.headers["Location"]
        followed.cookies = response.cookies
        response = followed
    elif response.content.lstrip()[:9].lower() == b"<!doctype":
        said: Answer = doing.answer or answers.refused(_("That can't be done. Open the page again and look."))
        response = render(request, "floor/_answer.html", {"answer": said}, status=response.status_code)
    body = response.content.decode("utf-8", "replace")
    Act.objects.filter(pk=doing.row).update(
        outcome=outcome,
        status=response.status_code,
        body=body if len(body) <= MOST_BODY else "",
        headers={name: response.headers[name] for name in AGAIN_HEADERS if name in response.headers},
        hand=doing.hand,
        made_at=doing.at,
    )
    if doing.again and outcome == Outcome.ACCEPTED:
        conflicts.done_again(doing.again, person=request.user, by=actor_for(request), at=doing.taken_at)
    response.headers[OUTCOME] = outcome.value
    return response


def _aside(request: HttpRequest, doing: Doing, outcome: Outcome, story: dict[str, Any]) -> HttpResponse:
    """It isn't done, and all of it is kept: for the person, who reads both stories, and for a lead, who reads no outsider's."""
    kept = [one for one in request.POST.lists() if one[0] not in {"csrfmiddlewaretoken", "key", "act_label"}]
    fields = {_holdable(name): [_holdable(value) for value in values] for name, values in kept[:MOST_FIELDS]}
    drawn = [one for name in list(fields) if (one := _drawn(doing.row, name, fields)) is not None][:MOST_FILES]
    if not actor_for(request).is_operator:
        fields, drawn = {}, []
    elif len(json.dumps(fields)) > MOST_TOLD:
        fields = {}
    Act.objects.filter(pk=doing.row).update(
        outcome=outcome,
        status=409,
        made_at=doing.at,
        fields=fields,
        story={**story, "about": conflicts.about(doing.hand_before)},
        hand=doing.hand_before,
        url=doing.path,
    )
    ActFile.objects.bulk_create([*_files(request, doing.row), *drawn])
    if doing.again:  # this one stands for it now
        conflicts.done_again(doing.again, person=request.user, by=actor_for(request), at=doing.taken_at)
    return conflicts.shown(request, Act.objects.get(pk=doing.row), OUTCOME)


def _drawn(row: int, name: str, fields: dict[str, list[Any]]) -> ActFile | None:
    """A signature comes as a field, and is looked at as a picture; it is a field no more."""
    told = str(fields[name][-1]) if fields[name] else ""
    try:
        content = base64.b64decode(told.removeprefix(_PEN), validate=True) if told.startswith(_PEN) else b""
    except binascii.Error:
        return None
    if not content:
        return None
    del fields[name]
    return ActFile(act_id=row, field=name[:60], name=f"{name[:60]}.png", kind="image/png", content=content)


def _files(request: HttpRequest, row: int) -> list[ActFile]:
    """What a lead can look at: the photos that a page takes at once, of people who work at a site. Nobody reads an outsider's."""
    if not actor_for(request).is_operator:
        return []
    uploads = [(name, one) for name, some in request.FILES.lists() for one in some]
    found = []
    for name, upload in uploads[:MOST_FILES]:
        if (upload.size or 0) > MOST_PHOTO:
            continue
        upload.seek(0)
        found.append(
            ActFile(act_id=row, field=_printable(name, 60), name=_printable(upload.name or "", 200),
                    kind=_printable(upload.content_type or "", 80), content=upload.read())
        )  # fmt: skip
    return found


def _holdable(text: str) -> str:
    """Without the characters that no database holds: or the act could never be kept, and all behind it would wait for it."""
    return text.replace("\0", "").encode("utf-8", "ignore").decode()


def _taken_back(request: HttpRequest, person: User, hub: Any, doing: Doing, why: str) -> HttpResponse:  # noqa: ANN401 - as above
    """What was done is rolled back, and the act kept for a lead with ``why``."""
    try:
        with transaction.atomic():
            earlier = _claim(person, hub, doing)
            if earlier is not None:
                return _repeated(earlier)
            response = _aside(request, doing, Outcome.HELD, {"said": str(conflicts.HELD[why])})
    except DatabaseError:
        log.exception("an act that broke could not be kept either")
        return _later(request, "wait", _("The platform is busy."), status=503)
    return response


def _repeated(first: Act) -> HttpResponse:
    """What was answered the first time."""
    if first.outcome in {Outcome.CONFLICT, Outcome.TOO_OLD, Outcome.HELD}:
        return conflicts.shown(None, first, OUTCOME)
    response = HttpResponse(first.body, status=first.status or 200)
    for name, value in first.headers.items():
        response.headers[name] = value
    response.headers[OUTCOME] = "repeated"
    return response


def _later(request: HttpRequest, outcome: str, sentence: str, *, status: int = 409) -> HttpResponse:
    """It isn't taken, and stays on the tablet."""
    answer: Answer = {"tone": "attention", "title": _("Kept on this tablet"), "text": sentence}
    response = render(request, "floor/_answer.html", {"answer": answer}, status=status)
    response.headers[OUTCOME] = outcome
    return response
