"""Settings for administrators: people and their roles, badges, API keys."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch, Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from revlog.accounts import gate, mails, permissions, queries
from revlog.accounts.access import allow
from revlog.accounts.forms import InvitationForm, KeyForm, PinForm, show
from revlog.accounts.models import AccessChange, ApiKey, Membership, Organization, User
from revlog.accounts.services import keys, people, stations
from revlog.accounts.views.sessions import wanted
from revlog.common import clock
from revlog.common.errors import DomainError

PAGE = 50
OVERLAP = timedelta(days=7)


@allow("accounts.manage", "accounts.badges", write="accounts.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def people_page(request: HttpRequest) -> HttpResponse:
    """Everybody with their roles; a POST invites somebody, or gives a known person one more role."""
    actor = gate.actor_for(request)
    may_invite = actor.may("accounts.manage")
    invited: people.Invitation | None = None
    link = ""
    form = InvitationForm(request.POST or None, actor=actor) if may_invite else None
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            invited = people.invite(**form.cleaned_data, by=actor, at=clock.now())
        except DomainError as refusal:
            show(form, refusal)
        else:
            form = InvitationForm(actor=actor)
            if invited.path:
                link = (settings.BASE_URL or request.build_absolute_uri("/").rstrip("/")) + invited.path
                mailed = mails.send_invitation(invited, link=link)
                link = "" if mailed else link
                if mailed:
                    messages.success(request, _("The invitation went to %(email)s.") % {"email": invited.user.email})
            else:
                messages.success(request, _("%(name)s has the role now.") % {"name": invited.user.name})
    text, code = request.GET.get("q", "").strip(), request.GET.get("organization", "")
    roles = (
        Membership.objects.visible_to(actor)
        .select_related("organization", "hub")
        .order_by("organization__name", "role")
    )
    users = (
        User.objects.visible_to(actor)
        .filter(is_active=True)
        .prefetch_related(Prefetch("memberships", queryset=roles))
        .select_related("badge")
    )
    if text:
        users = users.filter(Q(name__icontains=text) | Q(email__icontains=text))
    if code:
        users = users.filter(memberships__organization__code=code).distinct()
    context = {
        "page": Paginator(users.order_by("name"), PAGE).get_page(request.GET.get("page")),
        "form": form,
        "pin_form": PinForm(prefix=None) if actor.may("accounts.badges") else None,
        "invited": invited,
        "link": link,
        "days": settings.PASSWORD_RESET_TIMEOUT // 86400,
        "query": text,
        "organization": code,
        "organizations": Organization.objects.visible_to(actor),
        "may_invite": may_invite,
        "own": request.user,
        "changes": _changes(request) if may_invite else [],
    }
    return render(request, "accounts/people.html", context, status=422 if form is not None and form.errors else 200)


def _changes(request: HttpRequest) -> list[dict[str, object]]:
    """The newest changes to rights, with the names of those who made them and of those concerned."""
    owners = Organization.objects.visible_to(gate.actor_for(request))
    rows = list(AccessChange.objects.filter(organization__in=owners).select_related("organization")[:20])
    names = queries.names_of([row.by for row in rows] + [row.subject for row in rows])
    return [
        {
            "row": row,
            "by": names.get(row.by, row.by),
            "subject": names.get(row.subject, row.subject),
            "words": _act(row),
        }
        for row in rows
    ]


def _act(row: AccessChange) -> str:
    words = {
        "role.given": _("gave the role"),
        "role.taken": _("took the role"),
        "key.created": _("made the key"),
        "key.revoked": _("revoked the key"),
        "key.rotated": _("replaced the key"),
        "team.kept": _("set up the team"),
        "team.ended": _("ended the team"),
        "team.placed": _("put into a team"),
        "shift.kept": _("set up the shift"),
        "shift.ended": _("ended the shift"),
        "station.registered": _("registered the station"),
        "station.retired": _("retired the station"),
        "badge.issued": _("handed out a badge"),
        "pin.changed": _("changed the PIN"),
        "provider.added": _("added the service provider"),
        "organization.address": _("wrote the address or VAT number of"),
        "provider.engaged": _("engaged the service provider"),
        "calendar.made": _("made a calendar address for"),
        "calendar.revoked": _("revoked the calendar address of"),
        "provider.ended": _("ended the work of the service provider"),
    }
    return words[row.act]


@allow("accounts.manage")
@require_POST
def remove_role(request: HttpRequest) -> HttpResponse:
    actor = gate.actor_for(request)
    number = request.POST.get("membership", "")
    membership = get_object_or_404(
        Membership.objects.visible_to(actor).select_related("user", "hub"),
        pk=int(number) if number.isdecimal() and len(number) < 18 else 0,
    )
    try:
        people.remove(membership=membership, by=actor, at=clock.now())
    except DomainError as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(
            request,
            _("%(name)s is no longer %(role)s.")
            % {"name": membership.user.name, "role": membership.get_role_display()},
        )
    return HttpResponseRedirect(reverse("accounts_people"))


@allow("accounts.badges")
@sensitive_post_parameters("pin")
@require_POST
def issue_badge(request: HttpRequest) -> HttpResponse:
    """A new badge with a first PIN, which the holder changes on their own page."""
    actor = gate.actor_for(request)
    user = get_object_or_404(User.objects.visible_to(actor), pk=wanted(request.POST.get("person", "")), is_active=True)
    standing: queries.Standing = request.standing  # type: ignore[attr-defined]
    place = standing.place
    if place is None:
        return HttpResponse(status=404)
    try:
        badge = stations.issue_badge(
            user=user, pin=request.POST.get("pin", ""), organization=place.organization, by=actor, at=clock.now()
        )
    except DomainError as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, _("The badge of %(name)s is %(code)s.") % {"name": user.name, "code": badge.code})
    return HttpResponseRedirect(reverse("accounts_people"))


@allow("accounts.keys")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def keys_page(request: HttpRequest) -> HttpResponse:
    """API keys; a POST makes one and shows it, this once."""
    actor = gate.actor_for(request)
    form = KeyForm(request.POST or None, actor=actor)
    made: keys.NewKey | None = None
    if request.method == "POST" and form.is_valid():
        at = clock.now()
        last = form.cleaned_data["expires_on"]
        try:
            made = keys.create(
                organization=form.cleaned_data["organization"],
                scopes=form.cleaned_data["scopes"],
                name=form.cleaned_data["name"],
                expires_at=datetime.combine(last + timedelta(days=1), time(), UTC) if last else None,
                by=actor,
                at=at,
            )
        except DomainError as refusal:
            show(form, refusal)
        else:
            form = KeyForm(actor=actor)
    return _keys(request, form, made, status=422 if form.errors else 200)


def _keys(request: HttpRequest, form: KeyForm, made: keys.NewKey | None, status: int = 200) -> HttpResponse:
    actor, at = gate.actor_for(request), clock.now()
    rows = (
        ApiKey.objects.visible_to(actor)
        .select_related("organization", "hub")
        .order_by("organization__name", "-created_at")
    )
    live = set(ApiKey.objects.visible_to(actor).live(at).values_list("pk", flat=True))
    context = {
        "form": form,
        "made": made,
        "keys": [{"key": key, "live": key.pk in live, "scopes": ", ".join(key.scopes)} for key in rows],
        "scopes": [(scope, permissions.sentence(scope)) for scope in sorted(permissions.SCOPES)],
        "overlap": OVERLAP.days,
    }
    return render(request, "accounts/keys.html", context, status=status)


def _key(request: HttpRequest) -> ApiKey:
    visible = ApiKey.objects.visible_to(gate.actor_for(request)).select_related("organization")
    return get_object_or_404(visible, pk=wanted(request.POST.get("key", "")))


@allow("accounts.keys")
@require_POST
def revoke_key(request: HttpRequest) -> HttpResponse:
    try:
        key = keys.revoke(key=_key(request), by=gate.actor_for(request), at=clock.now())
    except DomainError as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, _("The key …%(hint)s is revoked.") % {"hint": key.hint})
    return HttpResponseRedirect(reverse("accounts_keys"))


@allow("accounts.keys")
@never_cache
@require_POST
def rotate_key(request: HttpRequest) -> HttpResponse:
    """A new key in place of an old one, which works for some days more."""
    actor = gate.actor_for(request)
    try:
        made = keys.rotate(key=_key(request), by=actor, at=clock.now(), overlap=OVERLAP)
    except DomainError as refusal:
        messages.error(request, refusal.sentence)
        return HttpResponseRedirect(reverse("accounts_keys"))
    return _keys(request, KeyForm(actor=actor), made)


@allow("accounts.manage")
@require_GET
def roles_page(request: HttpRequest) -> HttpResponse:
    """What each role may do, from the table itself."""
    roles = [
        {
            "label": role.label,
            "rights": [permissions.PERMISSIONS[name] for name in permissions.PERMISSIONS if name in held],
            "outside": role in permissions.OUTSIDE_ROLES,
        }
        for role, held in permissions.ROLES.items()
    ]
    return render(request, "accounts/roles.html", {"roles": roles})
