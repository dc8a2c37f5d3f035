"""What is done on a unit's media page: each POST is one call into a verb, and its refusal is shown where the button was."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from itad.models import SanitizationJob, SetAside, SupervisedException
from itad.services import crediting, custody, destruction, leaving, sanitization, supervision
from itad.services.sanitization import Photo
from itad.views.units import show, unit_of
from revlog.accounts import gate
from revlog.accounts.access import allow
from revlog.accounts.actors import Actor
from revlog.accounts.models import Organization
from revlog.common import clock, guards
from revlog.common.errors import BadInput, DomainError, Reason
from revlog.devices.models import Device, Location, Medium
from revlog.evidence.services import artifacts

Act = Callable[[HttpRequest, Device, Actor, datetime], str]


def act(*, permission: tuple[str, ...]) -> Callable[[Act], Callable[..., HttpResponse]]:
    """A POST on a unit: the decorated function makes the call and gives the sentence that says what happened."""

    def declare(function: Act) -> Callable[..., HttpResponse]:
        @allow(*permission)
        @require_POST
        @wraps(function)
        def view(request: HttpRequest, tag: str) -> HttpResponse:
            actor, at = gate.actor_for(request), clock.now()
            device = unit_of(tag, actor)
            try:
                said = function(request, device, actor, at)
            except DomainError as error:
                return _refused(request, device, actor, error)
            except IntegrityError as error:
                refusal = guards.refusal(error)
                if refusal is None:
                    raise
                return _refused(request, device, actor, refusal)
            messages.success(request, said)
            return HttpResponseRedirect(reverse("itad_unit", args=[device.tag]))

        return view

    return declare


def _refused(request: HttpRequest, device: Device, actor: Actor, error: DomainError) -> HttpResponse:
    sentences = [reason.sentence for reason in error.reasons]
    many = len(sentences) > 1
    title = _("That can't be done now") if many else sentences[0][:1].upper() + sentences[0][1:]
    return show(
        request, unit_of(device.tag, actor), problem=title, reasons=sentences if many else [], status=error.status
    )


def _text(request: HttpRequest, name: str) -> str:
    return request.POST.get(name, "").strip()


def _uuid(request: HttpRequest, name: str) -> UUID:
    try:
        return UUID(_text(request, name))
    except ValueError:
        raise Http404 from None


def _job(request: HttpRequest, device: Device) -> SanitizationJob:
    job = SanitizationJob.objects.filter(pk=_uuid(request, "job"), device=device).first()
    if job is None:
        raise Http404
    return job


def _medium(request: HttpRequest, device: Device) -> Medium:
    medium = Medium.objects.select_related("device").filter(pk=_uuid(request, "medium"), device=device).first()
    if medium is None:
        raise Http404
    return medium


def _photo(
    request: HttpRequest, device: Device, name: str, *, caption: str, use: str, by: Actor, at: datetime
) -> Photo:
    """A photo that was sent: kept without place and person, noted on the unit."""
    sent = request.FILES.get(name)
    if not isinstance(sent, UploadedFile):
        raise BadInput(Reason("no_photo", _("The photo is missing: %(caption)s.") % {"caption": caption}, name))
    artifact = artifacts.keep_upload(sent, at=at)
    artifacts.attach(artifact, chain=device.id, use=use, name=sent.name or caption, audience="client", by=by, at=at)
    return Photo(digest=artifact.digest, caption=caption)


# Wiping ---------------------------------------------------------------------------------------------------------------------------


@act(permission=("itad.sanitize",))
def begin(request: HttpRequest, device: Device, by: Actor, at: datetime) -> str:
    technique = _text(request, "technique") or "overwrite"
    sanitization.begin(medium=_medium(request, device), technique=technique, by=by, at=at)
    return _("Begun. When it is done, bring in the log of the tool.") if technique == "overwrite" else _("Begun.")


@act(permission=("itad.sanitize",))
def reset(request: HttpRequest, device: Device, by: Actor, at: datetime) -> str:
    job = _job(request, device)
    photo = _photo(request, device, "photo", caption=_("first set-up, no account"), use="photo_reset", by=by, at=at)
    sanitization.record_reset(
        job=job, tool=_text(request, "tool"), tool_version=_text(request, "version"), photos=[photo], by=by, at=at
    )
    return _("Recorded. A second person verifies it.")


@act(permission=("itad.sanitize",))
def give_up(request: HttpRequest, device: Device, by: Actor, at: datetime) -> str:
    sanitization.give_up(job=_job(request, device), reason=_text(request, "reason"), by=by, at=at)
    return _("Noted as failed.")


@act(permission=("itad.verify",))
def verify(request: HttpRequest, device: Device, by: Actor, at: datetime) -> str:
    sanitization.verify(job=_job(request, device), by=by, at=at)
    return _("Verified.")


@act(permission=("itad.verify",))
def reject(request: HttpRequest, device: Device, by: Actor, at: datetime) -> str:
    sanitization.reject(job=_job(request, device), reason=_text(request, "reason"), by=by, at=at)
    return _("Rejected: the attempt has failed.")


@act(permission=("itad.sanitize",))
def retry(request: HttpRequest, device: Device, by: Actor, at: datetime) -> str:
    sanitization.retry(job=_job(request, device), by=by, at=at)
    return _("To be wiped again.")


@act(permission=("itad.sanitize",))
def escalate(request: HttpRequest, device: Device, by: Actor, at: datetime) -> str:
    sanitization.escalate(job=_job(request, device), reason=_text(request, "reason"), by=by, at=at)
    return _("Escalated.")


# Destroying -------------------------------------------------------------------------------------------------------------------------


@act(permission=("itad.destroy",))
def destroy(request: HttpRequest, device: Device, by: Actor, at: datetime) -> str:
    grams = _text(request, "grams")
    if grams and not grams.isdecimal():
        raise BadInput(Reason("grams", _("The weight is whole grams, such as 1450."), "grams"))
    how = destruction.Destruction(
        technique=_text(request, "technique"),
        equipment=_text(request, "equipment"),
        equipment_serial=_text(request, "equipment_serial"),
        particle_mm=_text(request, "particle_mm").replace(",", "."),
        particle_class=_text(request, "particle_class").upper(),
        grams=int(grams[:12]) if grams else None,
    )
    media = [_medium(request, device)] if _text(request, "medium") else []
    photos = [
        _photo(request, device, "before", caption=_("before, label readable"), use="photo_destruction", by=by, at=at),
        _photo(request, device, "after", caption=_("what is left"), use="photo_destruction", by=by, at=at),
    ]
    destruction.record(unit=device, media=media, how=how, photos=photos, by=by, at=at)
    return _("Recorded. Somebody else witnesses it.")


@act(permission=("itad.witness",))
def witness(request: HttpRequest, device: Device, by: Actor, at: datetime) -> str:
    destruction.witness(unit=device, by=by, at=at)
    return _("Witnessed.")


@act(permission=("itad.destroy",))
def order_destruction(request: HttpRequest, device: Device, by: Actor, at: datetime) -> str:
    destruction.order(unit=device, reason=_text(request, "reason"), by=by, at=at)
    return _("It goes to destruction.")


# Supervised work --------------------------------------------------------------------------------------------------------------------


@act(permission=("itad.except",))
def request_exception(request: HttpRequest, device: Device, by: Actor, at: datetime) -> str:
    place = Location.objects.filter(hub=device.hub, code=_text(request, "place")).first()
    medium = _medium(request, device) if _text(request, "medium") else None
    supervision.request(
        unit=device,
        kind=_text(request, "kind"),
        reason=_text(request, "reason"),
        place=place,
        medium=medium if _text(request, "kind") == "remove_medium" else None,
        by=by,
        at=at,
    )
    return _("Asked for. Another data technician or lead allows it.")


def _exception(request: HttpRequest, device: Device) -> SupervisedException:
    row = SupervisedException.objects.filter(pk=_uuid(request, "exception"), device=device).first()
    if row is None:
        raise Http404
    return row


@act(permission=("itad.except",))
def allow_exception(request: HttpRequest, device: Device, by: Actor, at: datetime) -> str:
    supervision.allow(row=_exception(request, device), by=by, at=at)
    return _("Allowed.")


@act(permission=("itad.except",))
def refuse_exception(request: HttpRequest, device: Device, by: Actor, at: datetime) -> str:
    supervision.refuse(row=_exception(request, device), reason=_text(request, "reason"), by=by, at=at)
    return _("Refused.")


@act(permission=("itad.except",))
def remove_medium(request: HttpRequest, device: Device, by: Actor, at: datetime) -> str:
    photo = _photo(request, device, "photo", caption=_("empty bay"), use="photo_bay", by=by, at=at)
    drive = supervision.remove_medium(row=_exception(request, device), photo=photo, by=by, at=at)
    return _("Taken out. The drive is %(tag)s now.") % {"tag": drive.tag}


# Logs set aside, reports, ways out ---------------------------------------------------------------------------------------------------


def _aside(request: HttpRequest, device: Device) -> SetAside:
    row = SetAside.objects.filter(pk=_uuid(request, "row"), device=device).first()
    if row is None:
        raise Http404
    return row


@act(permission=("itad.sanitize", "itad.verify"))
def reconsider(request: HttpRequest, device: Device, by: Actor, at: datetime) -> str:
    result = crediting.reconsider(row=_aside(request, device), by=by, at=at)
    return (
        _("Weighed again, and credited.")
        if result.recorded or result.failed
        else _("Weighed again: it still proves nothing.")
    )


@act(permission=("exceptions.resolve", "itad.verify"))
def settle(request: HttpRequest, device: Device, by: Actor, at: datetime) -> str:
    crediting.settle(row=_aside(request, device), why=_text(request, "why"), by=by, at=at)
    return _("Settled.")


@act(permission=("documents.view",))
def custody_report(request: HttpRequest, device: Device, by: Actor, at: datetime) -> str:
    custody.ask(unit=device, language=get_language() or "en", by=by, at=at)
    return _("The report is being made; it appears among the documents in a moment.")


@act(permission=("itad.donate",))
def donate(request: HttpRequest, device: Device, by: Actor, at: datetime) -> str:
    organization = Organization.objects.visible_to(by).filter(code=_text(request, "organization")).first()
    leaving.donate(
        unit=device,
        to=_text(request, "to"),
        organization=organization,
        reference=_text(request, "reference"),
        by=by,
        at=at,
    )
    return _("Donated.")


@act(permission=("itad.deploy",))
def deploy(request: HttpRequest, device: Device, by: Actor, at: datetime) -> str:
    leaving.deploy(unit=device, site=_text(request, "site"), reference=_text(request, "reference"), by=by, at=at)
    return _("Deployed.")
