"""The mail by which a safety assessor hears of a hazard, or, where a site has none, its leads."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from revlog.accounts.models import Membership, OrganizationKind, Role, User
from revlog.common.words import word
from revlog.storage.models import HazardCase
from revlog.storage.queries import hazards as queries


def assessors(case: HazardCase, *, at: datetime) -> list[User]:
    """Who is told: those who may assess at the site, else its leads."""
    rows = Membership.objects.in_force(at.date()).filter(
        Q(hub=case.hub) | Q(hub=None),
        organization__kind=OrganizationKind.OPERATOR, user__is_active=True,
    )  # fmt: skip
    for role in (Role.SAFETY_ASSESSOR, Role.LEAD):
        found = list(User.objects.filter(pk__in=rows.filter(role=role).values("user")).order_by("email"))
        if found:
            return found
    return []


def send_reported(case: HazardCase, *, at: datetime) -> int:
    """Raises OSError when the mail server doesn't take it; the reaction tries again."""
    people = assessors(case, at=at)
    for person in people:
        with translation.override(person.language):
            told = {
                "case": case,
                "danger": word(f"danger.{case.kind}"),
                "steps": queries.steps_for(case.hub, case.kind).lines,
                "frozen": case.units.count(),
                "link": settings.BASE_URL + reverse("hazard", args=[case.number]),
                "person": person.name,
                "issuer": settings.ISSUER,
            }
            subject = " ".join(render_to_string("storage/mail/hazard.subject.txt", told).split())
            text = render_to_string("storage/mail/hazard.txt", told)
            html = render_to_string("storage/mail/hazard.html", {**told, "subject": subject})
        mail = EmailMultiAlternatives(subject, text, to=[person.email])
        mail.attach_alternative(html, "text/html")
        mail.send()
    return len(people)
