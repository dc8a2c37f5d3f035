"""Writing to people outside: a trio of templates becomes a row and then a mail, each once or, after an accident, the same mail again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.utils import translation

from revlog.accounts.models import Organization
from revlog.common import ids
from revlog.terms.models import Contact, Message


def write(
    *,
    key: str,
    template: str,
    contact: Contact | None = None,
    to: str = "",
    organization: Organization,
    thing: str,
    context: Mapping[str, Any],
    at: datetime,
) -> Message | None:
    """The mail for a fact, as a row: rendered once, in the customer's language. None when there is nobody (any more) to write to.

    It goes to a customer (``contact``), or to the mailbox of a company (``to``), in the language of the install.

    ``key`` names fact and mail (``<digest of the entry>:<template>``); the same key again gives the mail that was written.
    ``template`` is the trio ``<template>.subject.txt``, ``.txt`` and ``.html``.
    """
    known = Message.objects.filter(key=key).first()
    if known is not None:
        return known
    if contact is not None:
        to = contact.email if contact.erased_at is None else ""
    if not to:
        return None
    wanted = contact.language if contact is not None else ""
    language = wanted if wanted in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
    told = {**context, "issuer": {**settings.ISSUER, "name": organization.name}, "contact": contact}
    with translation.override(language):
        subject = " ".join(render_to_string(f"{template}.subject.txt", told).split())
        text = render_to_string(f"{template}.txt", told)
        html = render_to_string(f"{template}.html", {**told, "subject": subject})
    row = Message(
        id=ids.new(at),
        key=key,
        kind=template,
        thing=thing,
        organization=organization,
        contact=contact,
        to=to,
        language=language,
        subject=subject[:300],
        text=text,
        html=html,
        message_id=message_id(key),
        created_at=at,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        # Another worker wrote it in the meantime.
        return Message.objects.get(key=key)
    return row


def message_id(key: str) -> str:
    """The Message-ID of a key: the same for ever, so that a mail that goes twice is seen as one."""
    host = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">") or "revlog.invalid"
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@{host}>"


def send(
    message: Message, *, pictures: Mapping[str, bytes] | None = None, papers: Mapping[str, bytes] | None = None
) -> None:
    """Hand the mail over, with PNG ``pictures`` and PDF ``papers`` by file name.

    Raises OSError when the server doesn't take it; the reaction tries again.
    """
    if message.sent_at is not None or not message.to:
        return
    mail = EmailMultiAlternatives(
        message.subject, message.text, to=[message.to], headers={"Message-ID": message.message_id}
    )
    mail.attach_alternative(message.html, "text/html")
    for name, data in (pictures or {}).items():
        mail.attach(name, data, "image/png")
    for name, data in (papers or {}).items():
        mail.attach(name, data, "application/pdf")
    mail.send()


def sent(message: Message, *, at: datetime) -> None:
    Message.objects.filter(pk=message.pk, sent_at=None).update(sent_at=at)
