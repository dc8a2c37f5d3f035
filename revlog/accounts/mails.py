"""The one mail of this layer: an invitation. Everything else that is mailed starts from a fact."""

from __future__ import annotations

import logging

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation

from revlog.accounts.services.people import Invitation

log = logging.getLogger(__name__)


def send_invitation(invitation: Invitation, *, link: str) -> bool:
    """Mail ``link`` to the invited person in their language; False when the mail server took it not, and then somebody hands it over."""
    context = {
        "person": invitation.user.name,
        "organization": invitation.membership.organization.name,
        "role": invitation.membership.get_role_display(),
        "link": link,
        "days": settings.PASSWORD_RESET_TIMEOUT // 86400,
        "issuer": settings.ISSUER,
    }
    with translation.override(invitation.user.language):
        subject = " ".join(render_to_string("accounts/mail/invitation.subject.txt", context).split())
        text = render_to_string("accounts/mail/invitation.txt", context)
        html = render_to_string("accounts/mail/invitation.html", context)
    message = EmailMultiAlternatives(subject, text, to=[invitation.user.email])
    message.attach_alternative(html, "text/html")
    try:
        message.send()
    except OSError as error:  # SMTP's own errors are OSErrors
        log.warning("invitation not mailed: %s", type(error).__name__)
        return False
    return True
